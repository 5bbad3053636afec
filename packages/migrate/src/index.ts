export { compareTrees } from './compare'
export type { CompareOptions, Comparison } from './comparison'
export { createSorter, type Scratch, type Sorter, type SortOptions } from './external-sort'
export type { ScratchError } from './temp-file'
export type { Events, Progress } from './events'
export {
  memoryJournal,
  noTotals,
  type Before,
  type Claim,
  type Copy,
  type Identity,
  type Item,
  type Journal,
  type KeptBecause,
  type JournalError,
  type Lease,
  type Outcome,
  type Sample,
  type Totals,
  type WalkCheckpoint,
} from './journal'
export { migrate, type MigrateError, type Migration } from './migrate'
export { isOtherKind } from './make-room'
export { sync, type SyncOptions } from './sync'
export { encoder, namesFor, type Encoder, type Names, type NamesOnTheirWay } from './names/names-for'
export type { NameProblem } from './names/encode'
export type { Clash, CompareBy, Decision, Incremental, Policy } from './conflict'
export type { End, MigrateOptions, RemoveExtra } from './options'
export type { Arrival, Proof, Verify } from './proof'
export { compareCapabilities, type Loss } from './losses'
export { remedyOf } from './remedy'
export { journalRecords, type JournalRecord, type JournalRecords } from './journal-records'
export type { EntryCounts, FailureGroup, MigrationStatus } from './entry-counts'
export { journalSamples, journalStatus, type JournalStatus, type NumberedSample } from './journal-status'
export { createSeries, type Series, type SeriesPoint } from './series'
export { createEstimate, type Estimate } from './time-left'
export { isSkippedName } from './skipped'
export { companionsOf as journalFiles } from './sqlite-file'
export { sqliteJournal, type SqliteJournal, type SqliteJournalOptions } from './sqlite-journal'
export type { NotRemoved, Failure, Summary } from './summary'
export * from './plan'
