// Names that are taken at the destination: what a program is asked, and what it may decide.
import type { ConflictStrategy, DrivePath, Entry } from '@anydrive/core'

/**
 * For an existing file that is not equal to the source: `different` overwrites it, `newer` only if the source was modified later. Equal files are kept, and nothing is
 * sent. A directory in a file's place, or the reverse, stays a conflict.
 */
export type Incremental = 'newer' | 'different'
/**
 * How `newer` and `different` find out whether two files of one size are equal. `time`: by the modification time, if the target keeps it. `checksum`: by one that both report, and else by
 * reading the side that reports none. `content`: both are read.
 */
export type CompareBy = 'size' | 'time' | 'checksum' | 'content'

/** `skip` keeps the existing entry; `renameTo` is a name in the same directory. */
export type Decision = ConflictStrategy | 'skip' | Incremental | { readonly renameTo: string }

/** A name that is taken. Two directories never clash: the one is merged into the other. */
export interface Clash {
  readonly source: Entry
  readonly existing: Entry
  /** Where the source was to go. */
  readonly to: DrivePath
}
export type Policy = ConflictStrategy | 'skip' | Incremental | ((clash: Clash) => Decision | Promise<Decision>)
