// A request that carries many items: what `attempt` does for one change, done for each of them.
import { mayHaveHappened } from '@anydrive/core'
import type { RawResult, RawOutcome, Started } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { attempt, unknownOutcome, type Attempt, type Failure, type Finding, type Repeat, type Sent } from './attempt'
import { mapLimit } from './concurrency'

export type Outcomes<A> = ReadonlyArray<RawOutcome<A>>

export interface ItemsAttempt<I, A, S> extends Pick<
  Attempt<unknown, unknown>,
  'check' | 'signal' | 'timers' | 'attempts'
> {
  readonly items: ReadonlyArray<I>
  /** One outcome an item, in the order of the items; or a task of the service. */
  readonly send: (sent: Sent) => RawResult<Outcomes<A> | Started>
  readonly repeat: (item: I) => Repeat
  readonly lookup: (item: I, signal: AbortSignal) => RawResult<S>
  readonly proof: (item: I, seen: S, sent: Sent) => Finding<A> | Promise<Finding<A>>
  /** For the reader of an item's `Indeterminate`. */
  readonly checkItem: (item: I) => string
  /** Lookups at once; 8 unless given. */
  readonly lookups?: number | undefined
}

type Reconciling<I, A, S> = Pick<ItemsAttempt<I, A, S>, 'items' | 'lookup' | 'proof' | 'checkItem' | 'lookups'>

const findingOf = async <I, A, S>(
  { proof }: Reconciling<I, A, S>,
  item: I,
  seen: E.Either<Failure, S> | undefined,
  sent: Sent,
): Promise<Finding<A>> => (seen === undefined || E.isLeft(seen) ? { is: 'unproven' } : proof(item, seen.right, sent))

const failed = (fault: Failure): RawOutcome<never> => ({ status: 'failed', attempted: true, fault })

const outcomeOf = <A extends object>(check: string, fault: Failure | undefined, finding: Finding<A>): RawOutcome<A> => {
  switch (finding.is) {
    case 'done':
      return { status: 'done', ...finding.value }
    case 'refused':
      return failed(finding.fault)
    case 'not-done':
      return failed(unknownOutcome(check, fault, { likely: 'not-done' }))
    case 'unproven':
      return failed(unknownOutcome(check, fault, finding))
  }
}

/**
 * The outcomes of a request, or of its task, that was sent after the outcome of an earlier one was unknown: an item that was refused may have been
 * done by the earlier request. It is looked up, and is done, refused, or `Indeterminate`.
 */
export const reconcileRefusals = <I, A extends object, S>(
  reconciling: Reconciling<I, A, S>,
  outcomes: Outcomes<A>,
  sent: Sent,
  signal: AbortSignal,
): Promise<Outcomes<A>> =>
  mapLimit(reconciling.items, reconciling.lookups ?? 8, async (item, i): Promise<RawOutcome<A>> => {
    const outcome = outcomes[i] ?? failed(unknownOutcome(reconciling.checkItem(item)))
    if (!sent.unknown || outcome.status === 'done' || mayHaveHappened(outcome.fault)) return outcome
    const finding = await findingOf(reconciling, item, await reconciling.lookup(item, signal)(), sent)
    return finding.is === 'not-done' ? outcome : outcomeOf(reconciling.checkItem(item), outcome.fault, finding)
  })

/**
 * As `attempt`, for each item of one request. Left: no item can have been changed. Where the outcome is unknown, each item is looked up: if none
 * was done and all may be repeated, the request is sent again; otherwise each item is done, refused, or `Indeterminate`.
 */
export const attemptItems = <I, A extends object, S>(
  options: ItemsAttempt<I, A, S>,
): RawResult<Outcomes<A> | Started> => {
  const { items, send, repeat, checkItem, check, signal, timers, attempts, lookups = 8 } = options
  const settled =
    (sent: Sent): RawResult<Outcomes<A> | Started> =>
    async () => {
      const result = await send(sent)()
      return E.isLeft(result) || !Array.isArray(result.right)
        ? result
        : E.right(await reconcileRefusals(options, result.right as Outcomes<A>, sent, signal))
    }
  return attempt<Outcomes<A> | Started, ReadonlyArray<E.Either<Failure, S>>>({
    send: settled,
    repeat: items.some((item) => repeat(item) === 'never') ? 'never' : 'if-not-done',
    lookup: (its) => async () => E.right(await mapLimit(items, lookups, (item) => options.lookup(item, its)())),
    proof: async (seen, sent): Promise<Finding<Outcomes<A> | Started>> => {
      const findings = await mapLimit(items, lookups, (item, i) => findingOf(options, item, seen[i], sent))
      const repeatable = findings.every(({ is }) => is === 'not-done' || is === 'refused')
      if (repeatable && findings.some(({ is }) => is === 'not-done')) return { is: 'not-done' }
      return {
        is: 'done',
        value: items.map((item, i) => outcomeOf(checkItem(item), undefined, findings[i] ?? { is: 'unproven' })),
      }
    },
    check,
    signal,
    timers,
    attempts,
  })
}
