// Makes a target equal to its source.
import { migrate, type Migration } from './migrate'
import type { MigrateOptions, RemoveExtra } from './options'

export interface SyncOptions
  extends Omit<MigrateOptions, 'conflict' | 'removeSource' | 'removeRoot' | 'removeExtra'>, RemoveExtra {}

/**
 * A migration with the strategy `different` that removes at its end what only the target has. The source is a directory; one that does not exist is `NotFound`, and nothing is
 * removed. `summary.extra` says what was removed, or why nothing was.
 */
export const sync = ({ maxDelete, backupDir, trackRenames, ...options }: SyncOptions): Migration =>
  migrate({ ...options, conflict: 'different', removeExtra: { maxDelete, backupDir, trackRenames } })
