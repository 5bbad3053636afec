// From SMH's answer for each item of a batch to an outcome, named as exactly as a few looks allow.
import {
  notFound,
  parentOf,
  type DrivePath,
  type Fault,
  type Placed,
  type RawOutcome,
  type Removed,
  type ResolvedItem,
} from '@anydrive/core'
import { redact } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Asked } from './api'
import type { Smh } from './context'
import { faultOf, type Missing } from './faults'
import { answerIn } from './looks'
import { mayBeOurs } from './once'
import { placedAt, type Verdict } from './verdicts'
import type { BatchItem, Segments } from './wire'

/** The target's `moveAuthority`, echoed, where that was asked for. */
export type Echoed = Placed & { readonly moveAuthority?: boolean }

const succeeded = ({ status }: BatchItem): boolean => status >= 200 && status < 300
const keyOf = (path: Segments | null | undefined): string | undefined => path?.join('/')

const failure = ({ status, code, message }: BatchItem, missing: Missing): RawOutcome<never> => ({
  status: 'failed',
  attempted: true,
  fault: faultOf(
    {
      http: status,
      ...(code === null || code === undefined ? {} : { code }),
      ...(message === null || message === undefined ? {} : { said: redact(message) }),
    },
    missing,
  ),
})

/** All examples answer in request order, none promises it: where every answer echoes its path, that decides. */
const inOrder = (
  answers: ReadonlyArray<BatchItem>,
  keys: ReadonlyArray<string>,
  echoOf: (answer: BatchItem) => string | undefined,
): ReadonlyArray<BatchItem | undefined> => {
  const echoed = new Map(answers.map((answer) => [echoOf(answer), answer] as const))
  const complete = echoed.size === answers.length && keys.length === answers.length && keys.every((k) => echoed.has(k))
  return complete ? keys.map((key) => echoed.get(key)) : keys.map((_, i) => answers[i])
}

const unanswered: RawOutcome<never> = {
  status: 'failed',
  attempted: true,
  fault: { _tag: 'Indeterminate', check: 'source and target of this item: the service answered for fewer items' },
}

export const placedOutcomes = (
  items: ReadonlyArray<ResolvedItem>,
  answers: ReadonlyArray<BatchItem>,
  echo: boolean,
): ReadonlyArray<RawOutcome<Echoed>> => {
  const ordered = inOrder(
    answers,
    items.map(({ to }) => to),
    ({ to }) => keyOf(to),
  )
  return items.map(({ to }, i): RawOutcome<Echoed> => {
    const answer = ordered[i]
    if (answer === undefined) return unanswered
    if (!succeeded(answer)) return failure(answer, 'parent')
    const placed = placedAt(to, answer.path)
    if (E.isLeft(placed)) return { status: 'failed', attempted: true, fault: placed.left }
    const { moveAuthority } = answer
    return { status: 'done', ...placed.right, ...(echo && typeof moveAuthority === 'boolean' ? { moveAuthority } : {}) }
  })
}

/** 200 with an id of the bin: recoverable; 204: gone (docs/wire/tencent-smh.md, batches). */
const removedHow = ({ status, recycledItemId }: BatchItem): Removed['how'] =>
  recycledItemId !== null && recycledItemId !== undefined ? 'trashed' : status === 200 ? 'trashed' : 'erased'

export const removedOutcomes = (
  paths: ReadonlyArray<DrivePath>,
  answers: ReadonlyArray<BatchItem>,
): ReadonlyArray<RawOutcome<Removed>> => {
  const ordered = inOrder(answers, paths, ({ path }) => keyOf(path))
  return paths.map((path, i): RawOutcome<Removed> => {
    const answer = ordered[i]
    if (answer === undefined) return unanswered
    return succeeded(answer) ? { status: 'done', path, how: removedHow(answer) } : failure(answer, 'source')
  })
}

/** A bounded number at once, in order; the first fault ends it. */
export const eachOf =
  <A, B>(items: ReadonlyArray<A>, look: (item: A, index: number) => Asked<B>): Asked<ReadonlyArray<B>> =>
  async () => {
    const atOnce = 8
    const results: Array<B> = []
    for (let at = 0; at < items.length; at += atOnce) {
      const answers = await Promise.all(items.slice(at, at + atOnce).map((item, i) => look(item, at + i)()))
      for (const answer of answers) {
        if (E.isLeft(answer)) return answer
        results.push(answer.right)
      }
    }
    return E.right(results)
  }

/** After a repetition: a name taken or a source gone may be the first call's work, and then the item is done. */
export const claimed = <I, A>(
  items: ReadonlyArray<I>,
  outcomes: ReadonlyArray<RawOutcome<A>>,
  verdictOf: (item: I) => Asked<Verdict<A>>,
): Asked<ReadonlyArray<RawOutcome<A>>> =>
  eachOf(outcomes, (outcome, i) => {
    const item = items[i]
    if (item === undefined || outcome.status === 'done' || !mayBeOurs(outcome.fault)) return TE.right(outcome)
    return pipe(
      verdictOf(item),
      TE.map((verdict) => (typeof verdict !== 'string' && verdict.status === 'done' ? verdict : outcome)),
    )
  })

/**
 * An item's 409 may be a file among the parents, and its 404, where no code comes with it, the source or the target's
 * parent: one look a distinct parent, or one at the source.
 */
export const namedExactly =
  (smh: Smh, items: ReadonlyArray<ResolvedItem>, signal: AbortSignal) =>
  (outcomes: ReadonlyArray<RawOutcome<Echoed>>): Asked<ReadonlyArray<RawOutcome<Echoed>>> => {
    const blockers = new Map<DrivePath, Promise<E.Either<Fault, Fault | undefined>>>()
    const blockerOf = (to: DrivePath) => {
      const known = blockers.get(parentOf(to)) ?? smh.looks.blocker(to, signal)()
      blockers.set(parentOf(to), known)
      return known
    }
    return eachOf(outcomes, (outcome, i) => async () => {
      const item = items[i]
      if (outcome.status === 'done' || item === undefined) return E.right(outcome)
      const { fault } = outcome
      if (fault._tag === 'NameConflict') {
        const blocking = await blockerOf(item.to)
        return E.right(
          E.isRight(blocking) && blocking.right !== undefined ? { ...outcome, fault: blocking.right } : outcome,
        )
      }
      if (fault._tag === 'NotFound' && fault.what === 'parent' && fault.code === undefined) {
        const source = await smh.looks.find(item.from, signal, item.fromSpace)()
        const gone = E.isRight(source) && source.right === undefined
        return E.right(gone ? { ...outcome, fault: notFound({ ...answerIn(fault), what: 'source' }) } : outcome)
      }
      return E.right(outcome)
    })
  }
