// What the parts of one run share.
import * as E from 'fp-ts/Either'
import { retryAdvice, type DriveError, type DrivePath, type DriveProvider, type Result } from '@anydrive/core'
import type { Control } from './control'
import type { Emit } from './events'
import type { Journal, JournalError } from './journal'
import type { Names } from './names/names-for'
import type { Limits, MigrateOptions, Policy, Verify } from './options'
import type { Bystanders } from './reconcile'
import type { Tally } from './tally'
import type { Throttle } from './throttle'

export interface Run {
  readonly from: { readonly drive: DriveProvider }
  readonly to: { readonly drive: DriveProvider }
  readonly policy: Policy
  readonly names: Names
  /** Where an entry goes that lies in a directory placed there. */
  readonly below: (dir: DrivePath, name: string) => E.Either<DriveError, DrivePath>
  readonly verify: Verify
  readonly removeSource: boolean
  readonly journal: Journal
  readonly tally: Tally
  readonly bystanders: Bystanders
  readonly emit: Emit
  /** Bytes of this file sent so far. */
  readonly progress: (path: DrivePath, bytes: number) => void
  readonly signal: AbortSignal
  /** Nothing new is to be begun, whether or not what is under way is aborted. */
  readonly ending: () => boolean
  readonly delay: NonNullable<MigrateOptions['delay']>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Ends the run: no new work, and what is under way is aborted. The first cause counts. */
  readonly stop: (cause: DriveError | JournalError) => void
  /** Nothing new is begun; what is under way is finished. */
  readonly drain: Control['drain']
  readonly limits: Limits
  readonly throttle: Throttle | undefined
}

const firstWait = 1000
/** Of one call, beside the transport's own retries. */
export const retries = 3

/** Before the `n`th repetition, counted from 1. */
export const waitBefore = (n: number, error: DriveError): number =>
  Math.max(firstWait * 4 ** (n - 1), error._tag === 'RateLimited' ? (error.retryAfterMs ?? 0) : 0)

/** Repeats what may be repeated. */
export const patiently = async <A>(run: Run, task: Result<A>): Promise<E.Either<DriveError, A>> => {
  for (let n = 1; ; n++) {
    const answer = await task()
    if (E.isRight(answer) || run.signal.aborted || n > retries || retryAdvice(answer.left) !== 'later') return answer
    await run.delay(waitBefore(n, answer.left), run.signal)
  }
}
