// What the page of a migration under way is made of.
import type { ReportInput, ReportSample, ReportTotals } from './input'

interface FilesAndBytes {
  readonly files: number
  readonly bytes: number
}

export interface LiveWorker {
  readonly id: string
  readonly name: string
  /** Files that it transfers at once. */
  readonly concurrency: number
  /** Transferred by it. */
  readonly done: FilesAndBytes
  /** Entries that it works on. */
  readonly underWay: number
  /** Milliseconds since its last sign of life. */
  readonly silence: number
  readonly isAlive: boolean
  /** Why it does not work. */
  readonly refusal?: string | undefined
}
export interface LiveFailures {
  /** By the tag of the error, or another short text. */
  readonly reason: string
  readonly remedy: string
  readonly count: number
  /** The first of them. */
  readonly examples: ReadonlyArray<{ readonly path: string; readonly why: string }>
}

/** A migration at a moment. Everything here comes from outside, and is shown as text whatever it holds. */
export interface LiveState {
  readonly title: string
  /** `waiting`: no worker is there. */
  readonly state: 'running' | 'waiting' | 'paused' | 'ended'
  /** Sentences about the state, such as why it is paused. */
  readonly remarks: ReadonlyArray<string>
  /** Milliseconds since the epoch, as `at`. */
  readonly startedAt: number
  /** The moment of these figures; of a migration that has ended, its end. */
  readonly at: number
  readonly totals: Pick<
    ReportTotals,
    'files' | 'bytes' | 'directories' | 'merged' | 'skipped' | 'others' | 'failures' | 'blocked'
  >
  /** Files that have an outcome, and files that are known. */
  readonly settled: FilesAndBytes
  readonly found: FilesAndBytes & { readonly walked: boolean }
  /** Milliseconds; undefined while it cannot be known. */
  readonly timeLeft?: number | undefined
  readonly series: ReadonlyArray<ReportSample>
  /** Some of the `begun` entries that are being worked on. */
  readonly underWay: ReadonlyArray<{
    readonly path: string
    readonly bytes?: number | undefined
    readonly worker?: string | undefined
  }>
  readonly begun: number
  /** The most frequent first. */
  readonly failures: ReadonlyArray<LiveFailures>
  /** Of a migration on many machines. */
  readonly workers?: ReadonlyArray<LiveWorker> | undefined
  /** Of a migration that has ended: what its report is made of. */
  readonly ended?: Omit<ReportInput<unknown>, 'records'> | undefined
  /** Why there are no newer figures. */
  readonly problem?: string | undefined
}
