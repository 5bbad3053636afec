// The lifetime of one call: the caller's signal and the time-out, joined without leaking listeners.
import * as E from 'fp-ts/Either'
import { setMaxListeners } from 'node:events'
import { defined } from '../contract/decode'
import {
  aborted,
  indeterminate,
  mayHaveHappened,
  timeout,
  unavailable,
  unexpectedResponse,
  withoutEffect,
  type DriveError,
  type Fault,
} from '../contract/errors'
import { locate } from '../contract/explain'
import type { DrivePath } from '../contract/path'
import type { CallOptions, ConflictOptions, Result } from '../contract/provider'
import { longestTimer, onAbort } from '../contract/time'
import type { RawResult, VendorCall, Verb } from './context'
import { verbs } from './members'
import { isDuration, isSignal, validated, type Failure } from './rules'

export interface Scope {
  readonly signal: AbortSignal
  /** Why the signal aborted. */
  readonly cause: () => 'abort' | 'timeout' | undefined
  /** The result is there: the time-out no longer counts. */
  readonly answered: () => void
  readonly release: () => void
  /** Ends whatever still runs under this scope. */
  readonly end: () => void
}

/** A reason of its own: Node would create an exception with a stack for each call. */
const over = new Error('the call is over')

/** Options that are no signal or no duration count as not given: whoever begins the scope refuses them. */
export const beginScope = (options: CallOptions | undefined): Scope => {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  let cause: 'abort' | 'timeout' | undefined
  const stop = (why: 'abort' | 'timeout') => () => {
    cause ??= why
    controller.abort()
  }
  const { signal, timeout: ms } = options ?? {}
  const forget = isSignal(signal) ? onAbort(signal, stop('abort')) : () => undefined
  const timed = isDuration(ms) && ms !== Infinity
  const timer = timed ? setTimeout(stop('timeout'), Math.min(ms, longestTimer)) : undefined
  const answered = () => {
    clearTimeout(timer)
  }
  const release = () => {
    answered()
    forget()
  }
  return {
    signal: controller.signal,
    cause: () => cause,
    answered,
    release,
    end: () => {
      release()
      controller.abort(over)
    },
  }
}

/** What ends a call of which nothing was sent, or whose requests changed nothing. */
export const stoppedFault = (scope: Scope): Fault | undefined => {
  const cause = scope.cause()
  if (cause === undefined) return undefined
  return cause === 'timeout' ? timeout({ effect: 'none' }) : aborted({ effect: 'none' })
}

const endedByScope: ReadonlyArray<string> = ['Aborted', 'Network', 'Timeout']

/** The fault as the caller sees it: where the scope has ended, that explains faults of the transport. */
export const explained = (scope: Scope, changes: boolean, fault: Failure): Failure => {
  const stopped = stoppedFault(scope)
  if (stopped === undefined || !endedByScope.includes(fault._tag)) return changes ? fault : withoutEffect(fault)
  if (!changes || !mayHaveHappened(fault)) return stopped
  return stopped._tag === 'Aborted'
    ? aborted({ effect: 'unknown' })
    : indeterminate({ check: 'the path: the call timed out after something was sent' })
}

/** Nothing of the request left this machine. */
export const wasNotSent = (fault: Failure): boolean =>
  ['Aborted', 'Network', 'Timeout'].includes(fault._tag) && !mayHaveHappened(fault)

/** What items that were never sent carry, after `fault` ended the batch. */
export const unsentFault = (fault: Failure, scope: Scope): Failure =>
  stoppedFault(scope) ??
  (fault._tag === 'Indeterminate' || fault._tag === 'TaskFailed'
    ? unavailable({
        effect: 'none',
        said: 'not sent, because the outcome of an earlier request of this batch is unknown',
      })
    : withoutEffect(fault))

/** A thrown exception is a defect of the adapter; its text may contain anything, so only its name is reported. */
const defect = (u: unknown): Fault =>
  unexpectedResponse({
    effect: 'unknown',
    issues: [{ at: 'adapter', expected: 'a result', got: 'exception' }],
    ...defined({ said: u instanceof Error ? u.name : undefined }),
  })

/** The result of what `run` gives; an exception becomes an `UnexpectedResponse`. */
export const catchDefects = async <A>(run: () => RawResult<A>): Promise<E.Either<Failure, A>> => {
  try {
    return await run()()
  } catch (u) {
    return E.left(defect(u))
  }
}

/** One call: its verb, its arguments by name, and the path that an error of it is about. */
export interface Running<I extends { readonly options: CallOptions }> {
  readonly vendor: string
  readonly verb: Verb | VendorCall
  readonly inputs: I
  readonly errorPath?: ((inputs: I, fault: Failure) => DrivePath | undefined) | undefined
}

/**
 * Checks the arguments, then runs the body within the caller's signal and time-out; never rejects. A call that may change something is waited
 * for even after an abort, so that its outcome is known.
 */
export const runScoped =
  <I extends { readonly options: CallOptions }, A>(
    { vendor, verb, inputs, errorPath }: Running<I>,
    body: (inputs: I, scope: Scope) => Promise<E.Either<Failure, A>>,
  ): Result<A> =>
  async () => {
    const scope = beginScope(inputs.options)
    const own = typeof verb === 'string' ? undefined : verb
    const valid = validated(typeof verb === 'string' ? verb : 'vendorCall', inputs)
    const { operation, changes } = own ?? { operation: verb as Verb, changes: verbs[verb as Verb].changes }
    const left = (raw: Failure): E.Either<DriveError, never> => {
      const fault = explained(scope, changes, raw)
      const path = E.isRight(valid) ? errorPath?.(valid.right, fault) : undefined
      const { conflict } = inputs.options as ConflictOptions
      return E.left(locate({ vendor, operation, ...defined({ path }) }, conflict)(fault))
    }
    let forget = (): void => undefined
    try {
      const stopped = stoppedFault(scope)
      if (stopped !== undefined) return left(stopped)
      if (E.isLeft(valid)) return left(valid.left)
      const work = catchDefects(() => () => body(valid.right, scope))
      const ended = new Promise<E.Either<Failure, never>>((resolve) => {
        forget = onAbort(scope.signal, () => resolve(E.left(aborted({ effect: 'none' }))))
      })
      const result = await (changes ? work : Promise.race([work, ended]))
      return E.isLeft(result) ? left(result.left) : result
    } finally {
      forget()
      scope.release()
    }
  }
