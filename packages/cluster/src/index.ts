export { attempt, clusterError, openDatabase, type ClusterError, type Database, type Query } from './database'
export { openClusterJournal, type ClusterJournalOptions, type ClusterRun } from './journal'
export { takeLease, type Lease } from './lease'
export {
  createMigrations,
  driveDifferences,
  readMigrations,
  type ClusterMigration,
  type DriveIdentity,
  type Migrations,
  type MigrationState,
  type Submission,
} from './migrations'
export { clusterMissing, clusterProblems, clusterRecords, clusterSummary, type ClusterProblem } from './records'
export { openQueue, type Queue } from './queue'
export { checkSchema, schemaVersion, updateSchema } from './schema'
export type { Opened, WorkerEvent, WorkerOptions } from './session'
export {
  clusterSamples,
  clusterStatus,
  clusterWorkers,
  samplesAfter,
  type ClusterStatus,
  type ClusterWorker,
  type WorkerShare,
} from './status'
export { runWorker } from './worker'
