// What a comparison of two trees reports, and its options.
import type { ChecksumAlgorithm, DrivePath, Entry } from '@anydrive/core'
import type { Scratch } from './external-sort'

interface Met {
  /** Below either end; of two spellings that of `a`. */
  readonly path: DrivePath
  readonly a: Entry
  readonly b: Entry
}
/** Two entries of one relative path, or the one that has no counterpart; `renamed`: two files of the same bytes, each without counterpart. */
export type Comparison =
  | { readonly status: 'missing'; readonly path: DrivePath; readonly a: Entry }
  | { readonly status: 'extra'; readonly path: DrivePath; readonly b: Entry }
  | (Met & {
      readonly status: 'different' | 'same'
      /** `size`: nothing more is known of the two files, or was asked for. */
      readonly by: 'kind' | 'size' | ChecksumAlgorithm | 'content'
    })
  | (Met & { readonly status: 'renamed'; readonly to: DrivePath; readonly by: ChecksumAlgorithm })
  /** Not compared: a name that no path can hold, or what is neither file nor directory on both sides. */
  | {
      readonly status: 'skipped'
      readonly path: string
      readonly side: 'source' | 'target' | 'both'
      readonly reason: string
    }

export interface CompareOptions {
  /** Both files are read, whatever is reported of them. */
  readonly content?: boolean | undefined
  /** Only the sizes count, whatever checksums are reported; `content` goes before it. */
  readonly sizeOnly?: boolean | undefined
  /** What is the same is told as well. */
  readonly same?: boolean | undefined
  /** What is extra is not told. */
  readonly oneWay?: boolean | undefined
  /**
   * A file that is missing and one that is extra are told as one that was renamed, if both report the same checksum, and are not empty. Those are told last, with the
   * files that might have been.
   */
  readonly renames?: boolean | undefined
  /** By which name one of each side is compared: that of a copy decoded, say. Its own unless given. */
  readonly namesOf?:
    | {
        readonly a?: ((name: string) => string) | undefined
        readonly b?: ((name: string) => string) | undefined
      }
    | undefined
  /**
   * `false` leaves an entry out, on either side; a directory with all below it. `if-used`: a directory is not compared itself, and what is below it is. `path` is relative to
   * both ends.
   */
  readonly include?: ((entry: Entry, path: DrivePath) => boolean | 'if-used') | undefined
  /** Files read at once, on each side; 4. */
  readonly concurrency?: number | undefined
  /** Files of this machine, such as a journal or a report, that are not compared. */
  readonly ownFiles?: ReadonlyArray<string> | undefined
  /** Where what is too much for memory is sorted, and how much is. */
  readonly scratch?: Scratch | undefined
  readonly signal?: AbortSignal | undefined
}
