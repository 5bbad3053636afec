// Names that are taken at the destination: what a program is asked, and what it may decide.
import type { ConflictStrategy, DrivePath, Entry } from '@anydrive/core'

/** `skip` leaves what stands; `renameTo` is a name in the same directory. */
export type Decision = ConflictStrategy | 'skip' | { readonly renameTo: string }

/** A name that is taken. Two directories never clash: the one is merged into the other. */
export interface Clash {
  readonly source: Entry
  readonly existing: Entry
  /** Where the source was to go. */
  readonly to: DrivePath
}
export type Policy = ConflictStrategy | 'skip' | ((clash: Clash) => Decision | Promise<Decision>)
