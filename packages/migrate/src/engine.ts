// What another engine needs to run migrations of its own, such as one that spreads them over machines: the journal's rules and the worker's parts.
export { control, type Control } from './control'
export { identityFor } from './create-run'
export {
  countsOf,
  failedOf,
  failureIn,
  mostExamples,
  mostUnderWay,
  reasonsOf,
  type CountedRow,
  type FailedRow,
} from './entry-counts'
export { entryOf } from './entry-lines'
export {
  createJobs,
  type DirectoryPlace,
  type FoundDirectory,
  type FoundPage,
  type Job,
  type JobControl,
  type Jobs,
  type Move,
  type MoveControl,
} from './job'
export { differences, type LabeledIdentity } from './journal-identity'
export { claimOf, createCounts, releasedEntry, settledEntry, storedOf, type Session } from './journal-claims'
export { KeptCheckpoint, KeptIdentity, KeptSample, read, readEntry, type KeptEntry } from './journal-codecs'
export { lastSamples, samplesOf } from './journal-samples'
export { stopReasons } from './migrate'
export type { ByteLimit } from './run'
export { createStats, type Stats } from './stats'
export { watchFor } from './systemic'
