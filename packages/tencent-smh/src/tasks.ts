// What has become of a task of SMH's: looks only, changes nothing.
import {
  indeterminate,
  notFound,
  taskFailed,
  type Background,
  type Fault,
  type Json,
  type Placed,
  type RawOutcome,
  type RawTaskState,
  type Removed,
  type ResolvedItem,
  type TaskOperation,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Asked } from './api'
import type { Smh } from './context'
import { answerIn } from './looks'
import { claimed, eachOf, namedExactly, placedOutcomes, removedOutcomes, type Echoed } from './outcomes'
import { removalVerdicts } from './removal'
import { CopyDirTask, PlacingTask, RemovingTask, taskIdOf } from './task-state'
import { copyVerdict, hasNumbered, moveVerdict, placedAt, type Verdict } from './verdicts'
import type { BatchItem, PlacedOrTask, Task } from './wire'

const running: RawTaskState = { status: 'running' }
const failed = (fault: Fault): RawTaskState => ({ status: 'failed', fault })
const unknownTask = notFound({ what: 'task' })

/** One that SMH does not know is left out of the array, or refused. */
const ask = (smh: Smh, id: string, signal: AbortSignal): Asked<Task> =>
  pipe(
    smh.api.task(id, signal),
    TE.mapLeft((fault) =>
      fault.http === 404 || fault.http === 400 ? notFound({ ...answerIn(fault), what: 'task' }) : fault,
    ),
    TE.flatMapEither((tasks) => {
      const [only, ...more] = tasks
      const named = tasks.find((task) => taskIdOf(task) === id)
      const found =
        named ?? (only !== undefined && more.length === 0 && taskIdOf(only) === undefined ? only : undefined)
      return E.fromNullable<Fault>(unknownTask)(found)
    }),
  )

const isList = (result: Task['result']): result is ReadonlyArray<BatchItem> =>
  Array.isArray(result) && result.every((item: object) => 'status' in item)
/** Where the only result is a path. */
const pathIn = (result: Task['result']) => {
  const only: PlacedOrTask | null | undefined = Array.isArray(result)
    ? (result as ReadonlyArray<PlacedOrTask>)[0]
    : (result as PlacedOrTask | null | undefined)
  return only?.path ?? undefined
}

/** A task that ended without telling of its items: nothing runs any more, so the ends of each tell. */
const byLooking = <I, A>(
  items: ReadonlyArray<I>,
  verdictOf: (item: I) => Asked<Verdict<A>>,
  ended: 'well' | 'badly',
): Asked<ReadonlyArray<RawOutcome<A>>> =>
  eachOf(items, (item) =>
    pipe(
      verdictOf(item),
      TE.map((verdict): RawOutcome<A> => {
        if (typeof verdict !== 'string') return verdict
        const fault =
          verdict === 'absent' && ended === 'badly'
            ? taskFailed()
            : indeterminate({ check: 'source and target of this item' })
        return { status: 'failed', attempted: true, fault }
      }),
    ),
  )

const settled = (result: ReadonlyArray<RawOutcome<Echoed | Removed>>): RawTaskState => ({ status: 'settled', result })
const endOf = ({ status }: Task): 'well' | 'badly' => (status < 400 ? 'well' : 'badly')

const placing = (
  smh: Smh,
  operation: 'batchMove' | 'batchCopy',
  state: Json,
  signal: AbortSignal,
): Asked<RawTaskState> =>
  pipe(
    TE.fromEither(E.mapLeft(() => unknownTask)(PlacingTask.decode(state))),
    TE.flatMap(({ task: id, items, echo = false, repeated = false }) =>
      pipe(
        ask(smh, id, signal),
        TE.flatMap((task): Asked<RawTaskState> => {
          if (task.status === 202) return TE.right(running)
          const verdictOf = (item: ResolvedItem) =>
            operation === 'batchMove' ? moveVerdict(smh, item, signal) : copyVerdict(smh, item, signal)
          if (isList(task.result))
            return pipe(
              placedOutcomes(items, task.result, echo),
              namedExactly(smh, items, signal),
              TE.flatMap((outcomes) => (repeated ? claimed(items, outcomes, verdictOf) : TE.right(outcomes))),
              TE.map(settled),
            )
          return pipe(byLooking(items, verdictOf, endOf(task)), TE.map(settled))
        }),
      ),
    ),
  )

const removing = (smh: Smh, state: Json, signal: AbortSignal): Asked<RawTaskState> =>
  pipe(
    TE.fromEither(E.mapLeft(() => unknownTask)(RemovingTask.decode(state))),
    TE.flatMap(({ task: id, paths, permanent, repeated = false }) =>
      pipe(
        ask(smh, id, signal),
        TE.flatMap((task): Asked<RawTaskState> => {
          if (task.status === 202) return TE.right(running)
          const verdictOf = removalVerdicts(smh, permanent, signal)
          if (!isList(task.result)) return pipe(byLooking(paths, verdictOf, endOf(task)), TE.map(settled))
          const outcomes = removedOutcomes(paths, task.result)
          return pipe(repeated ? claimed(paths, outcomes, verdictOf) : TE.right(outcomes), TE.map(settled))
        }),
      ),
    ),
  )

/** The result is an object; should a service answer as for batches, the first item is meant. */
const copiedDir = (smh: Smh, state: Json, signal: AbortSignal): Asked<RawTaskState> =>
  pipe(
    TE.fromEither(E.mapLeft(() => unknownTask)(CopyDirTask.decode(state))),
    TE.flatMap(({ task: id, item, repeated = false }) =>
      pipe(
        ask(smh, id, signal),
        TE.flatMap((task): Asked<RawTaskState> => {
          if (task.status === 202) return TE.right(running)
          const [first] = isList(task.result) ? placedOutcomes([item], task.result, false) : []
          const fault = first?.status === 'failed' ? first.fault : undefined
          if (task.status >= 300 || fault !== undefined) return copyFailed(smh, item, { fault, repeated }, signal)
          if (first?.status === 'done') return TE.right(settledAt({ path: first.path, how: first.how }))
          const path = pathIn(task.result)
          return path === undefined && item.conflict === 'rename'
            ? unnamed(smh, item, signal)
            : TE.fromEither(pipe(placedAt(item.to, path), E.map(settledAt)))
        }),
      ),
    ),
  )

const settledAt = (result: Placed): RawTaskState => ({ status: 'settled', result })

/** Done under a name that nobody tells: the one asked for, unless a numbered one stands beside it. */
const unnamed = (smh: Smh, { to }: ResolvedItem, signal: AbortSignal): Asked<RawTaskState> =>
  pipe(
    () => hasNumbered(smh, to, signal).then((numbered) => E.right(numbered)),
    TE.map((numbered) =>
      numbered
        ? failed(indeterminate({ check: `the directory of /${to} for a copy under another name` }))
        : settledAt({ path: to, how: 'as-asked' }),
    ),
  )

interface Failing {
  readonly fault: Fault | undefined
  readonly repeated: boolean
}

/** What stands at the target is what was done, unless the vendor chose another name; after a repetition it may be the first call's. */
const copyFailed = (
  smh: Smh,
  item: ResolvedItem,
  { fault, repeated }: Failing,
  signal: AbortSignal,
): Asked<RawTaskState> =>
  pipe(
    repeated ? copyVerdict(smh, item, signal) : TE.right('unknown' as const),
    TE.flatMap((verdict): Asked<RawTaskState> => {
      if (typeof verdict !== 'string' && verdict.status === 'done')
        return TE.right({ status: 'settled', result: { path: verdict.path, how: verdict.how } })
      return pipe(
        item.conflict === 'rename' ? TE.right(undefined) : smh.looks.find(item.to, signal),
        TE.map((found) => {
          if (fault !== undefined && (found === undefined || fault._tag === 'NameConflict')) return failed(fault)
          const said = fault === undefined ? {} : answerIn(fault)
          return failed(taskFailed({ ...said, ...(found === undefined ? {} : { partial: item.to }) }))
        }),
      )
    }),
  )

export const task =
  (smh: Smh): Background['task'] =>
  (operation: TaskOperation, state, { signal }) => {
    if (operation === 'copyDir') return copiedDir(smh, state, signal)
    return operation === 'batchRemove' ? removing(smh, state, signal) : placing(smh, operation, state, signal)
  }
