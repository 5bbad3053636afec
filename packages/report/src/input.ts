// What a report is made of.
import type { Either } from 'fp-ts/Either'

/** What became of an entry. `pending`: begun, and not settled; `blocked`: a directory above it failed; `other`: neither file nor directory. */
export type ReportStatus = 'carried' | 'made' | 'merged' | 'skipped' | 'other' | 'failed' | 'blocked' | 'pending'

/** One entry of the source. Everything here comes from outside, and is shown as text whatever it holds. */
export interface ReportRecord {
  readonly path: string
  /** Its path at the target; absent if it is not there. */
  readonly to?: string | undefined
  readonly kind: string
  readonly status: ReportStatus
  readonly bytes?: number | undefined
  /** `renamed`: its name was taken, and it has a free one; `encoded`: the target refuses its name, which is spelt otherwise there. */
  readonly how?: 'as-asked' | 'renamed' | 'encoded' | undefined
  /** The target held the bytes already: none were sent. */
  readonly instant?: boolean | undefined
  /** How it is known that it arrived: `read-back`, `checksum:<algorithm>`, `vendor-checked:<algorithm>` or `size`. */
  readonly evidence?: string | undefined
  /** The checksum of the source that the bytes read from it have, or `none`. */
  readonly departure?: string | undefined
  /** By this failures are put together, such as the tag of an error; by `why` where it is left out. */
  readonly reason?: string | undefined
  readonly why?: string | undefined
  readonly remedy?: string | undefined
}

/** How far the migration was at a moment. */
export interface ReportSample {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Since the beginning, over all runs. */
  readonly bytes: number
  readonly files: number
  readonly failures: number
  /** Which run it is of: a change of it is a gap in the plot, as a long silence is. */
  readonly run?: string | undefined
}

/** Exact, over all entries, however many of them the page holds. */
export interface ReportTotals {
  readonly files: number
  readonly bytes: number
  readonly directories: number
  readonly merged: number
  readonly skipped: number
  readonly identical: number
  readonly blocked: number
  readonly failures: number
  readonly renames: number
  readonly encodings: number
  readonly others: number
  readonly removed: number
  readonly instantFiles?: number | undefined
  readonly instantBytes?: number | undefined
}

export interface ReportInput<F> {
  readonly title: string
  readonly from: string
  readonly to: string
  /** Milliseconds since the epoch, as `endedAt`. */
  readonly startedAt: number
  readonly endedAt: number
  readonly state: 'complete' | 'stopped'
  /** Why it stopped, in a sentence. */
  readonly stopped?: string | undefined
  /** Of a migration that was stopped: files that have no outcome yet; `atLeast` where there may be more. */
  readonly remaining?: { readonly files: number; readonly atLeast: boolean } | undefined
  readonly options: { readonly [name: string]: string }
  readonly totals: ReportTotals
  /** Files by evidence, as in the records. */
  readonly arrivals: { readonly [evidence: string]: number | undefined }
  readonly departures: { readonly [departure: string]: number | undefined }
  readonly series: ReadonlyArray<ReportSample>
  /** Read once, one at a time; a left ends the writing, and no page stands. */
  readonly records: Iterable<Either<F, ReportRecord>> | AsyncIterable<Either<F, ReportRecord>>
}

export interface ReportOptions {
  /** Entries that went as asked, of which the page holds no more than these; 100,000. */
  readonly plain?: number | undefined
  /** Of those that did not, or stand under another name; 100,000. */
  readonly notable?: number | undefined
}

/** `ReportFull`: no room for it; `ReportRefused`: the place cannot be written to, or holds something other than a report; `ReportFailed`: anything else. What was there before is unchanged. */
export interface ReportError {
  readonly _tag: 'ReportFull' | 'ReportRefused' | 'ReportFailed'
  readonly file: string
  /** The system's code. */
  readonly code?: string
  readonly message: string
}
