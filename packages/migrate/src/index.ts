export { compareTrees, type CompareOptions, type Comparison } from './compare'
export type { Events, Progress } from './events'
export {
  memoryJournal,
  type Claim,
  type Item,
  type Journal,
  type JournalError,
  type Lease,
  type Outcome,
} from './journal'
export { migrate, type MigrateError, type Migration } from './migrate'
export type { Clash, Decision, End, MigrateOptions, Policy, Verify } from './options'
export type { Arrival, Proof } from './proof'
export { remedyOf } from './remedy'
export type { Failure, Summary } from './tally'
