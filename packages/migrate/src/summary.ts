// The summary of a migration.
import type { DriveError, DrivePath } from '@anydrive/core'
import type { KeptBecause } from './journal'
import type { Arrival, Proof } from './proof'

export interface Failure {
  /** Of an entry whose name no path can hold: the directory it lies in. */
  readonly path: DrivePath
  readonly error: DriveError
  readonly remedy: string
}
/** Why a sync removed nothing: something failed, was skipped or could not be listed, or there was more than `maxDelete`. */
export type NotRemoved = 'failures' | 'max-delete'

/** Exact numbers; of each list the first ten thousand. */
export interface Summary {
  /** Transferred, and proven as `arrivals` says. */
  readonly files: number
  readonly bytes: number
  /** Of those, what earlier runs of the same migration transferred. */
  readonly earlier: { readonly files: number; readonly bytes: number }
  readonly directories: number
  /** Directories that already existed. */
  readonly merged: number
  readonly skipped: number
  /** Of those skipped, the ones whose checksums say that they are the same. */
  readonly identical: number
  /** Of those skipped, the ones equal to the source, by what they were compared: a checksum, `content`, `time` (with the size) or `size`. */
  readonly same: { readonly [by: string]: number }
  /** Of those skipped, the ones that `newer` kept although they are not known to be equal. */
  readonly kept: { readonly [W in KeptBecause]?: number }
  /** Below a directory that failed. */
  readonly blocked: number
  /** Everything that was not transferred and that nobody excluded or decided to skip, but for `blocked`; `others` are among them. */
  readonly failures: number
  readonly renames: number
  /** Entries that no drive can take over: links, special files, names that no path can hold. */
  readonly others: number
  /** Removed from the source, of a move. */
  readonly removed: number
  /** Of a sync: entries that only the target has. `renamed`: of those, files that were moved to the path that they have at the source. `found` is 0 where they were not counted. */
  readonly extra?: {
    readonly found: number
    readonly removed: number
    readonly renamed: number
    readonly notRemoved?: NotRemoved
  }
  /** Files that the destination held already and took over without their bytes, and what that saved. */
  readonly instant: { readonly files: number; readonly bytes: number }
  /** How it is known that files arrived as they left: files by evidence. */
  readonly arrivals: { readonly [A in Arrival]?: number }
  /** By what the bytes read were compared with the source's own report. */
  readonly departures: { readonly [D in Proof['departure']]?: number }
  /** Under another spelling of their names, by the policy on names. */
  readonly encodings: number
  readonly encoded: ReadonlyArray<{ readonly from: DrivePath; readonly to: DrivePath }>
  readonly renamed: ReadonlyArray<{ readonly from: DrivePath; readonly to: DrivePath }>
  readonly failed: ReadonlyArray<Failure>
  /** The `others`, which are in `failed` as well. */
  readonly notCarried: ReadonlyArray<{ readonly path: string; readonly what: string }>
  /** Milliseconds. */
  readonly duration: number
}
