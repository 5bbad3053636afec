// The state of a migration as the page shows it, from what its journal says.
import type { MigrationStatus } from '@anydrive/migrate'
import type { LiveState } from '@anydrive/report'
import type * as E from 'fp-ts/Either'
import { exits, type Problem } from '../problem'
import { remedyFor } from '../remedies'
import type { Pace } from './pace'

/** Of records that cannot be read to their end. */
export const ofUnreadable = ({ message }: { readonly message: string }): Problem => ({ exit: exits.partly, message })

/** The present state; a left is passing, such as a database that restarts, or final. */
export type ReadState = () => Promise<E.Either<Problem, LiveState>>

type Shown = 'totals' | 'settled' | 'found' | 'timeLeft' | 'series' | 'underWay' | 'begun' | 'failures'

/** `nameOf`: what a worker is called. */
export const figuresOf = (
  status: MigrationStatus,
  pace: Pace,
  nameOf: (worker: string) => string | undefined,
): Pick<LiveState, Shown> => {
  const { carried, bytes, directories, merged, skipped, others, failures, blocked, settled, found } = status
  return {
    totals: { files: carried, bytes, directories, merged, skipped, others, failures, blocked },
    settled,
    found,
    timeLeft: pace.timeLeft(status),
    series: pace.points(),
    underWay: status.underWay.map(({ path, kind, size, worker }) => ({
      path: `/${path}`,
      bytes: kind === 'file' ? size : undefined,
      worker: worker === undefined ? undefined : nameOf(worker),
    })),
    begun: status.claimed,
    failures: status.reasons.map(({ reason, count, examples }) => ({
      reason,
      count,
      remedy: examples[0] === undefined ? '' : remedyFor(examples[0].error),
      examples: examples.map(({ path, error }) => ({ path: `/${path}`, why: error.message })),
    })),
  }
}

/** Milliseconds. */
const shortest = 1000
const quick = 200

/**
 * Caches the result, so that pages that are open do not slow a large migration down: the work is repeated after ten times as long as it took, at once where the key
 * is another. While slow work is repeated, the previous result is given, unless that is old.
 */
export const seldom = <A>(work: () => Promise<E.Either<Problem, A>>) => {
  let answer: Promise<E.Either<Problem, A>> | undefined
  let known: string | undefined
  let took = 0
  let next = 0
  const again = async (): Promise<E.Either<Problem, A>> => {
    next = Infinity
    const begun = performance.now()
    const done = await work()
    took = performance.now() - begun
    next = performance.now() + Math.max(shortest, 10 * took)
    return done
  }
  return (key: string): Promise<E.Either<Problem, A>> => {
    if (answer === undefined || key !== known) {
      known = key
      return (answer = again())
    }
    const late = performance.now() - next
    if (late < 0) return answer
    const fresh = again()
    if (took < quick || late > 10 * took) return (answer = fresh)
    void fresh.then(() => {
      if (key === known) answer = fresh
    })
    return answer
  }
}
