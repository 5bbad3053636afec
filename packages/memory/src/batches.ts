// Batches: the items are done one after another, in the order of the request, whatever became of those before.
import * as E from 'fp-ts/Either'
import type { BatchOutcome, BatchSettled, DrivePath, Fault, Operation } from '@anydrive/core'
import { locate } from '@anydrive/core/adapter'
import type { Call } from './call'

export interface Steps<I, A> {
  readonly operation: Operation
  readonly placeOf: (item: I, fault: Fault) => DrivePath | undefined
  /** What is refused without a look at the drive. */
  readonly refused: (item: I) => Fault | undefined
  readonly run: (item: I) => E.Either<Fault, A>
}

/** Left only if the call must end before the first item; later, items not tried carry the reason. */
export const inOrder = async <I, A>(
  call: Call,
  items: ReadonlyArray<I>,
  steps: Steps<I, A>,
): Promise<E.Either<Fault, BatchSettled<I, A>>> => {
  const outcomes: Array<BatchOutcome<I, A>> = []
  let touched = false
  const fail = (item: I, fault: Fault, attempted: boolean): void => {
    const path = steps.placeOf(item, fault)
    const where = { vendor: 'memory', operation: steps.operation, ...(path === undefined ? {} : { path }) }
    outcomes.push({ status: 'failed', item, error: locate(where)(fault), attempted })
  }
  for (const item of items) {
    const refused = steps.refused(item)
    if (refused !== undefined) {
      fail(item, refused, false)
      continue
    }
    const stopped = await call.pause()
    if (stopped !== undefined) {
      if (!touched) return E.left(stopped)
      fail(item, stopped, false)
      continue
    }
    touched = true
    const answer = steps.run(item)
    if (E.isLeft(answer)) fail(item, answer.left, true)
    else outcomes.push({ status: 'done', item, ...answer.right })
  }
  return E.right({ outcomes })
}
