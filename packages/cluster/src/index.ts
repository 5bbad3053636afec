export { attempt, clusterError, openDatabase, type ClusterError, type Database } from './database'
export { openClusterJournal, type ClusterJournalOptions, type ClusterRun } from './journal'
export { takeLease, type Lease } from './lease'
export {
  createMigrations,
  driveDifferences,
  type ClusterMigration,
  type DriveIdentity,
  type Migrations,
  type MigrationState,
  type Submission,
} from './migrations'
export {
  clusterMissing,
  clusterRecords,
  clusterSamples,
  clusterStatus,
  clusterSummary,
  liveWorkers,
  type ClusterStatus,
  type ClusterWorker,
} from './records'
export { openQueue, type Queue } from './queue'
export { checkSchema, schemaVersion, updateSchema } from './schema'
export type { Opened, WorkerEvent, WorkerOptions } from './session'
export { runWorker } from './worker'
