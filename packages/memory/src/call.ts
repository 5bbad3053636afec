// One call: the caller's signal and time-out joined, the drive's latency, faults located, and no exception past it.
import * as E from 'fp-ts/Either'
import { setMaxListeners } from 'node:events'
import type { CallOptions, DriveError, Fault, Result, Where } from '@anydrive/core'
import { aborted, locate, timeout, unexpectedResponse } from '@anydrive/core/adapter'

export type Bad = Fault | DriveError

export interface Call {
  /** Aborts with the caller's signal and with the time-out. */
  readonly signal: AbortSignal
  /** Why the call must end; nothing was changed, since whoever asks this asks before its change. */
  readonly stopped: () => Fault | undefined
  /** Lets the drive's latency pass; then as `stopped`. */
  readonly pause: () => Promise<Fault | undefined>
  /** The promise's answer, or as soon as the call must end, why. */
  readonly until: <A>(promise: Promise<E.Either<Bad, A>>) => Promise<E.Either<Bad, A>>
}

export interface Clock {
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>
  /** Milliseconds. */
  readonly latency: number
}

interface Begun extends Call {
  /** The answer is there, so the time-out no longer counts; the caller's signal still does. */
  readonly answered: () => void
  readonly release: () => void
}

/** Joins without `AbortSignal.any`, whose sources keep what depends on them. */
export const beginCall = (clock: Clock, options: CallOptions): Begun => {
  const controller = new AbortController()
  let why: Fault | undefined
  const stop = (fault: Fault) => () => {
    why ??= fault
    controller.abort()
  }
  const onAbort = stop(aborted({ effect: 'none' }))
  if (options.signal !== undefined) {
    // Any number of calls may share a signal without Node's warning.
    setMaxListeners(0, options.signal)
    options.signal.addEventListener('abort', onAbort, { once: true })
    if (options.signal.aborted) onAbort()
  }
  const timer =
    options.timeout === undefined ? undefined : setTimeout(stop(timeout({ effect: 'none' })), options.timeout)
  const { signal } = controller
  const answered = () => {
    clearTimeout(timer)
  }
  return {
    signal,
    stopped: () => why,
    pause: async () => {
      if (clock.latency > 0 && !signal.aborted) await clock.delay(clock.latency, signal)
      return why
    },
    until: (promise) =>
      new Promise((resolve, reject) => {
        const end = () => {
          if (why !== undefined) resolve(E.left(why))
        }
        signal.addEventListener('abort', end, { once: true })
        void promise.then(resolve, reject).finally(() => {
          signal.removeEventListener('abort', end)
        })
        end()
      }),
    answered,
    release: () => {
      answered()
      options.signal?.removeEventListener('abort', onAbort)
    },
  }
}

/** Only the name of what was thrown is told: its text may hold anything. */
export const thrown = (error: unknown): Fault =>
  unexpectedResponse({
    effect: 'unknown',
    issues: [{ at: 'memory', expected: 'an answer', got: 'exception' }],
    ...(error instanceof Error ? { said: error.name } : {}),
  })

/** Where each fault of an operation is told to have happened. */
export type Located = (fault: Bad) => Where

export const runCall =
  <A>(
    clock: Clock,
    located: Located,
    options: CallOptions,
    body: (call: Call) => Promise<E.Either<Bad, A>>,
  ): Result<A> =>
  async () => {
    const call = beginCall(clock, options)
    const left = (fault: Bad): E.Either<DriveError, A> => E.left(locate(located(fault))(fault))
    try {
      const stopped = call.stopped()
      if (stopped !== undefined) return left(stopped)
      const answer = await body(call)
      return E.isLeft(answer) ? left(answer.left) : answer
    } catch (error) {
      return left(thrown(error))
    } finally {
      call.release()
    }
  }
