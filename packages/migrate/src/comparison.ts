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
  /** Reads both files, whatever their drives report. */
  readonly content?: boolean | undefined
  /** Compares sizes only, whatever checksums are reported. `content` takes precedence. */
  readonly sizeOnly?: boolean | undefined
  /** Also reports entries that are equal. */
  readonly same?: boolean | undefined
  /** Does not report extra entries. */
  readonly oneWay?: boolean | undefined
  /**
   * Reports a missing and an extra file as one renamed file if both report the same checksum and are not empty. Renamed files come last, together with the missing and
   * extra files that could have been renamed.
   */
  readonly renames?: boolean | undefined
  /** Maps the name of an entry of each side to the name under which it is compared, for example a decoded one. Without it, the entry’s own name. */
  readonly namesOf?:
    | {
        readonly a?: ((name: string) => string) | undefined
        readonly b?: ((name: string) => string) | undefined
      }
    | undefined
  /**
   * `false` excludes an entry on both sides, a directory with its whole content. `if-used` excludes a directory but not its content. `path` is relative to both ends.
   */
  readonly include?: ((entry: Entry, path: DrivePath) => boolean | 'if-used') | undefined
  /** Files read at once, on each side; 4. */
  readonly concurrency?: number | undefined
  /** Files of this machine, such as a journal or a report, that are not compared. */
  readonly ownFiles?: ReadonlyArray<string> | undefined
  /** The directory for sorting what does not fit into memory, and the limit of memory. */
  readonly scratch?: Scratch | undefined
  readonly signal?: AbortSignal | undefined
}
