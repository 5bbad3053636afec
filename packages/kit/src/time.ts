// Injectable clock, random source and waiting, with system defaults; and signals that abort later than the caller's.
import type { Environment } from '@anydrive/core'
import { delay, onAbort, type RawResult } from '@anydrive/core/adapter'

export { delay, neverAborted, onAbort } from '@anydrive/core/adapter'

export interface Timers {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** In `[0, 1)`. */
  readonly random: () => number
  /** Resolves after `ms`, or as soon as the signal aborts. */
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>
}

export const timersOf = (environment: Pick<Environment, 'now' | 'random' | 'delay'> = {}): Timers => ({
  now: environment.now ?? Date.now,
  random: environment.random ?? Math.random,
  delay: environment.delay ?? delay,
})

/** Milliseconds that a started step is given to finish, to be looked up or to be rolled back after the caller aborted. */
export const gracePeriod = 10_000

/**
 * Runs with a signal that aborts `ms` milliseconds after the caller's, so that a step that was started can finish, be looked up or be
 * rolled back. The timer keeps no process alive.
 */
export const withGracePeriod =
  <A>(signal: AbortSignal, run: (later: AbortSignal) => RawResult<A>, ms: number = gracePeriod): RawResult<A> =>
  async () => {
    const controller = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const forget = onAbort(signal, () => {
      timer = setTimeout(() => controller.abort(), ms).unref()
    })
    try {
      return await run(controller.signal)()
    } finally {
      forget()
      clearTimeout(timer)
    }
  }

const zone = /(?:[a-z]|[+-]\d{2}:?\d{2})$/i
const day = /^\d{4}-\d{2}-\d{2}$/

/** A date of HTTP or ISO 8601. One without a zone (asctime, for example) is UTC; undefined where the text is no date. */
export const dateIn = (text: string | undefined): Date | undefined => {
  const trimmed = text?.trim() ?? ''
  const suffix = zone.test(trimmed) || day.test(trimmed) ? '' : /^\d{4}-/.test(trimmed) ? 'Z' : ' GMT'
  const date = new Date(/[a-z]|^\d{4}-/i.test(trimmed) ? trimmed + suffix : Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}
