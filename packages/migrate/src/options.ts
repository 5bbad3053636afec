// The options of a migration.
import type { DriveProvider, DrivePath, Entry } from '@anydrive/core'
import type { CompareBy, Policy } from './conflict'
import type { Journal } from './journal'
import type { Names } from './names/names-for'
import type { CheckedPlan } from './plan/file'
import type { Verify } from './proof'

/** A place in a drive; the root unless `path` is given. */
export interface End {
  readonly drive: DriveProvider
  readonly path?: DrivePath | undefined
}

/** What ends a run before its end: nothing new is begun, and what is under way is finished. */
export interface Limits {
  /** Entries that failed. */
  readonly maxErrors?: number | undefined
  /** A file that would take the bytes carried beyond this is not begun. */
  readonly maxBytes?: number | undefined
  /** Milliseconds. */
  readonly maxDuration?: number | undefined
}

/** Of a sync: what happens to entries of the target that the source has not. */
export interface RemoveExtra {
  /** Entries; where there are more nothing is removed. */
  readonly maxDelete?: number | undefined
  /** A directory of the target's drive, outside the target: what is replaced or removed is moved there, under its relative path. */
  readonly backupDir?: DrivePath | undefined
  /** An extra file that is the only one equal to a missing one is moved there instead of being transferred. */
  readonly trackRenames?: boolean | undefined
}

export interface MigrateOptions {
  readonly from: End
  /** Where the source itself ends up: what is below a directory goes below it. A file goes to exactly this path; without one, to the root under its own name. */
  readonly to: End
  /** `ask`, which fails the item, unless given. */
  readonly conflict?: Policy | undefined
  /**
   * For `newer` and `different`. Unless given: by a checksum that both report, else by the modification time where the target keeps it, else by size, which is not enough
   * to keep a file under `newer` if the source was modified later.
   */
  readonly compare?: CompareBy | undefined
  /** Of a name that the destination refuses; `refuse`, which fails the item, unless given. The ends' own names are taken as they are. */
  readonly names?: Names | undefined
  /** `stream` unless given. */
  readonly verify?: Verify | undefined
  /** False leaves the entry out, a directory with all below it; `if-used` makes a directory only once something in it is carried. */
  readonly include?: ((entry: Entry) => boolean | 'if-used') | undefined
  /** Files under way at once; 8. */
  readonly concurrency?: number | undefined
  /** Bytes a second, of all files together; unlimited unless given. A function answers what holds at the moment. */
  readonly bandwidth?: number | (() => number) | undefined
  /** Bytes of buffers that the files under way may need together, by estimate; 256 MiB. One file is always let through. */
  readonly memory?: number | undefined
  readonly limits?: Limits | undefined
  /** Carried out instead of what a walk would find: exactly its lines. `conflict`, `names` and `include` were decided when it was made. */
  readonly plan?: CheckedPlan | undefined
  /** Where the state is kept; in memory unless given. */
  readonly journal?: Journal | undefined
  /**
   * Makes it a move: each file is removed from the source once its copy is proven by more than its size, and at the end each directory that the migration created or merged at the
   * target, if a fresh listing shows it empty. Everything else stays.
   */
  readonly removeSource?: boolean | undefined
  /** With `removeSource`: the directory at the source itself is removed as well, if it is empty; false unless given. */
  readonly removeRoot?: boolean | undefined
  /**
   * Makes it a sync: entries that only the target has are removed at the end, to the trash where the drive has one. Only if everything arrived, nothing was skipped that no filter
   * excludes, and all of the source could be listed. The source is a directory. Not together with `removeSource`.
   */
  readonly removeExtra?: RemoveExtra | undefined
  /**
   * Paths on this machine of files that the caller keeps for this migration, such as a report: never transferred, replaced or removed. The files of the journal and of the plan
   * are known and need not be given.
   */
  readonly ownFiles?: ReadonlyArray<string> | undefined
  readonly signal?: AbortSignal | undefined
  /** Resolves after `ms`, or as soon as the signal aborts; tests replace it. */
  readonly delay?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined
}
