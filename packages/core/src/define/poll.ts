// Looking at a task until it has ended.
import * as E from 'fp-ts/Either'
import { indeterminate, retryAdvice, type DriveError, type Fault } from '../contract/errors'
import type { Background, RawTaskState } from './operations'
import { settle } from './scope'
import type { Json, TaskOperation, TaskRef } from '../contract/task'

export interface Polling {
  readonly task: Background['task']
  readonly now: () => number
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>
  /** Milliseconds. */
  readonly taskTimeout: number
}
type Settled = Extract<RawTaskState, { readonly status: 'settled' }>['result']

const firstWait = 300
const longestWait = 5000

/** The first look is at once. A passing fault of a look is looked past; any other, an abort, or the end of patience leaves the task's fate unknown. */
export const poll = async (
  polling: Polling,
  operation: TaskOperation,
  state: Json,
  ref: TaskRef,
  signal: AbortSignal,
): Promise<E.Either<Fault | DriveError, Settled>> => {
  const deadline = polling.now() + polling.taskTimeout
  const unknown = (fault?: Fault | DriveError) =>
    E.left(
      indeterminate({
        task: ref,
        check: 'the task',
        ...(fault?.said === undefined ? {} : { said: fault.said }),
        ...(fault?.code === undefined ? {} : { code: fault.code }),
        ...(fault?.http === undefined ? {} : { http: fault.http }),
      }),
    )
  for (let wait = firstWait; ; wait = Math.min(longestWait, wait * 1.5)) {
    const looked = await settle(polling.task(operation, state, { signal, wait: true }))
    if (E.isRight(looked)) {
      if (looked.right.status === 'settled') return E.right(looked.right.result)
      if (looked.right.status === 'failed') return E.left(looked.right.fault)
    } else if (!signal.aborted && retryAdvice(looked.left) !== 'later') return unknown(looked.left)
    if (signal.aborted || polling.now() >= deadline) return unknown()
    await polling.delay(wait, signal)
  }
}
