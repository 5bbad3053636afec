// The life of one call: the caller's signal and the time-out, joined without leaking listeners.
import * as E from 'fp-ts/Either'
import {
  aborted,
  indeterminate,
  locate,
  timeout,
  unexpectedResponse,
  withoutEffect,
  type DriveError,
  type Fault,
  type Where,
} from '../contract/errors'
import type { CallOptions, Result } from '../contract/provider'

export interface Scope {
  readonly signal: AbortSignal
  /** Why the signal aborted. */
  readonly cause: () => 'abort' | 'timeout' | undefined
  /** The answer is there: the time-out no longer counts. */
  readonly answered: () => void
  readonly release: () => void
  /** Ends whatever still runs under this scope. */
  readonly end: () => void
}

export const beginScope = (options: CallOptions | undefined): Scope => {
  const controller = new AbortController()
  const outer = options?.signal
  let cause: 'abort' | 'timeout' | undefined
  const stop = (why: 'abort' | 'timeout') => () => {
    cause ??= why
    controller.abort()
  }
  const onAbort = stop('abort')
  if (outer?.aborted === true) onAbort()
  else outer?.addEventListener('abort', onAbort, { once: true })
  const timer = options?.timeout === undefined ? undefined : setTimeout(stop('timeout'), options.timeout)
  const answered = () => {
    clearTimeout(timer)
  }
  const release = () => {
    answered()
    outer?.removeEventListener('abort', onAbort)
  }
  return {
    signal: controller.signal,
    cause: () => cause,
    answered,
    release,
    end: () => {
      release()
      controller.abort()
    },
  }
}

const passing: ReadonlyArray<string> = ['Aborted', 'Network', 'Timeout']

/** What the caller is told of a fault under this scope: an abort or a time-out explains faults of the transport. */
export const explained = (scope: Scope, changes: boolean, where: Where, fault: Fault | DriveError): DriveError => {
  const cause = scope.cause()
  if (cause === undefined || !passing.includes(fault._tag)) return locate(where)(changes ? fault : withoutEffect(fault))
  const effect = !changes || (fault._tag === 'Aborted' && fault.effect === 'none') ? 'none' : 'unknown'
  if (cause === 'abort') return locate(where)(aborted({ effect }))
  return locate(where)(
    effect === 'none'
      ? timeout({ effect })
      : indeterminate({ check: 'the path: the call timed out after something was sent' }),
  )
}

/** A thrown exception is a defect of the adapter; its text may hold anything, so only its name is told. */
const defect = (u: unknown): Fault =>
  unexpectedResponse({
    effect: 'unknown',
    issues: [{ at: 'adapter', expected: 'an answer', got: 'exception' }],
    ...(u instanceof Error ? { said: u.name } : {}),
  })

export const settle = async <A>(
  run: () => Promise<E.Either<Fault | DriveError, A>>,
): Promise<E.Either<Fault | DriveError, A>> => {
  try {
    return await run()
  } catch (u) {
    return E.left(defect(u))
  }
}

const whenAborted = (
  signal: AbortSignal,
): { readonly promise: Promise<E.Either<Fault, never>>; readonly forget: () => void } => {
  let forget = (): void => undefined
  const promise = new Promise<E.Either<Fault, never>>((resolve) => {
    const onAbort = () => {
      resolve(E.left(aborted({ effect: 'none' })))
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    forget = () => {
      signal.removeEventListener('abort', onAbort)
    }
  })
  return { promise, forget }
}

export interface Running {
  readonly where: Where
  /** A call that changes something is waited for even after an abort, so that what stands is known. */
  readonly changes: boolean
  readonly options: CallOptions | undefined
}

/** Runs a body within the caller's signal and time-out; never rejects. */
export const within =
  <A>(running: Running, body: (scope: Scope) => Promise<E.Either<Fault | DriveError, A>>): Result<A> =>
  async () => {
    const { where, changes, options } = running
    if (options?.signal?.aborted === true) return E.left(locate(where)(aborted({ effect: 'none' })))
    const scope = beginScope(options)
    const stop = whenAborted(scope.signal)
    try {
      const work = settle(() => body(scope))
      const answer = await (changes ? work : Promise.race([work, stop.promise]))
      return E.mapLeft((fault: Fault | DriveError) => explained(scope, changes, where, fault))(answer)
    } finally {
      stop.forget()
      scope.release()
    }
  }
