// The one place that decides whether a change happened: send, classify the failure, look up, prove.
import { mayHaveHappened, type DriveError, type Entry, type Fault } from '@anydrive/core'
import { aborted, defined, indeterminate, withoutEffect, type RawResult } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { withGracePeriod, type Timers } from './time'

export type Failure = Fault | DriveError

/** What a lookup proves of a change whose outcome is unknown. */
export type Finding<A> =
  /** It happened, and it was this call: an identity known before, or a creation after the request was sent. */
  | { readonly is: 'done'; readonly value: A }
  /** It has not happened. Where the service may still be at work, it may happen later. */
  | { readonly is: 'not-done' }
  /** It cannot have happened: what exists there existed before the request. */
  | { readonly is: 'refused'; readonly fault: Failure }
  /** Nothing is proved. `found`: an entry that exists where the effect would be. */
  | { readonly is: 'unproven'; readonly found?: Entry | undefined; readonly likely?: 'done' | 'not-done' | undefined }

/**
 * Whether the request may be sent again after its outcome was unknown. `always`: doing it twice changes no more than doing it once.
 * `if-not-done`: the service lets only one of two win (`ask`, `overwrite`), so a lookup that shows no effect permits it. `if-answered`: a second
 * request would have an effect of its own, but not if the service itself has answered (500, 503) and a lookup shows no effect. `never`: nothing
 * shows whether the first had one (`rename`).
 */
export type Repeat = 'always' | 'if-not-done' | 'if-answered' | 'never'

/** What is known of the requests of this attempt so far. */
export interface Sent {
  /** Milliseconds since the epoch by the local clock, right before the first request. */
  readonly at: number
  /** The outcome of an earlier request is unknown, so its effect may exist or come later. */
  readonly unknown: boolean
}

export interface Attempt<A, S> {
  /** Sends the request once. A right must rest on fields of the response that prove the effect. */
  readonly send: (sent: Sent) => RawResult<A>
  readonly repeat: Repeat
  /** What the service shows of source and target. Not needed where `repeat` is `always` and a refusal of a repetition is an answer. */
  readonly lookup?: ((signal: AbortSignal) => RawResult<S>) | undefined
  readonly proof?: ((seen: S, sent: Sent) => Finding<A> | Promise<Finding<A>>) | undefined
  /** For the reader of an `Indeterminate`: the paths to check. */
  readonly check: string
  readonly signal: AbortSignal
  readonly timers: Timers
  /** Requests, the first included; 3 unless given. */
  readonly attempts?: number | undefined
}

const firstPause = 500

/** A proxy or the client gave up, while the service may still be at work. */
const mayStillCome = (fault: Failure): boolean =>
  fault._tag === 'Timeout' ||
  fault._tag === 'Aborted' ||
  fault._tag === 'Network' ||
  fault.http === 408 ||
  fault.http === 502 ||
  fault.http === 504

/** `Indeterminate` for a change that ended with this fault, with what the service said. */
export const unknownOutcome = (
  check: string,
  fault?: Failure,
  finding: { readonly found?: Entry | undefined; readonly likely?: 'done' | 'not-done' | undefined } = {},
): Fault<'Indeterminate'> =>
  indeterminate({
    check: fault?._tag === 'Indeterminate' && fault.check !== check ? `${check}; ${fault.check}` : check,
    ...defined({
      task: fault?._tag === 'Indeterminate' ? fault.task : undefined,
      found: finding.found,
      likely: finding.likely,
      http: fault?.http,
      code: fault?.code,
      said: fault?.said,
      requestId: fault?.requestId,
      attempts: fault?.attempts,
    }),
  })

/**
 * Carries out one change. Right: it happened once, with proof. Left: a refusal, or a fault without effect, means that it did not happen;
 * `Indeterminate` (and `Aborted`, `Network`, … with effect `unknown`) means that it may have. A refusal is final: a lookup turns it into
 * success only if the outcome of an earlier request of the same attempt was unknown. After the caller's signal aborts, nothing more is sent but
 * lookups, for the grace period.
 */
export const attempt =
  <A, S = never>(options: Attempt<A, S>): RawResult<A> =>
  async () => {
    const { send, repeat, lookup, proof, check, signal, timers, attempts = 3 } = options
    const at = timers.now()
    let unknown = false
    let pending = false
    for (let n = 1; ; n++) {
      if (n > 1 && signal.aborted) return E.left(aborted({ effect: unknown ? 'unknown' : 'none' }))
      const result = await send({ at, unknown })()
      if (E.isRight(result)) return result
      const fault = result.left
      // The step has looked by itself.
      if (fault._tag === 'Indeterminate' || fault._tag === 'TaskFailed') return result
      const inDoubt = mayHaveHappened(fault)
      if (!inDoubt && !unknown) return result
      unknown = true
      pending ||= inDoubt && mayStillCome(fault)
      const mayRepeat = inDoubt && n < attempts && !signal.aborted
      if (repeat === 'always' && (mayRepeat || lookup === undefined)) {
        if (!mayRepeat) return result
      } else {
        if (lookup === undefined || proof === undefined) return E.left(unknownOutcome(check, fault))
        const seen = await withGracePeriod(signal, lookup)()
        if (E.isLeft(seen)) return E.left(unknownOutcome(check, fault))
        const finding = await proof(seen.right, { at, unknown })
        if (finding.is === 'done') return E.right(finding.value)
        if (finding.is === 'refused') return E.left(finding.fault)
        if (finding.is === 'unproven') return E.left(unknownOutcome(check, fault, finding))
        if (signal.aborted) return E.left(aborted({ effect: pending ? 'unknown' : 'none' }))
        if (!mayRepeat || repeat === 'never' || (repeat === 'if-answered' && pending))
          return E.left(
            pending || (inDoubt && repeat === 'never')
              ? unknownOutcome(check, fault, { likely: 'not-done' })
              : withoutEffect(fault),
          )
      }
      await timers.delay(firstPause * 2 ** (n - 1) * timers.random(), signal)
    }
  }
