// What has become of a task of SMH. Reads only.
import type { Fault, Json, Placed, Removed } from '@anydrive/core'
import {
  defined,
  notFound,
  taskFailed,
  unavailable,
  type RawResult,
  type TaskOperations,
  type RawOutcome,
  type RawTaskState,
} from '@anydrive/core/adapter'
import { mapLimit, reconcileRefusals, unknownOutcome, type Failure, type Outcomes } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type * as t from 'io-ts'
import { sentEarlier, type Smh } from './client'
import { lookup } from './entries'
import { answerIn } from './errors'
import {
  PlacingTask,
  RemovingTask,
  RestoringTask,
  checkItem,
  failed,
  lookups,
  namedExactly,
  placedOutcomes,
  removedOutcomes,
  restoredOutcomes,
  type SmhItem,
  type SmhPlaced,
} from './outcomes'
import { removeProof, removedTo } from './remove'
import { copyProof, lookupEnds, moveProof } from './transfer'
import { taskIdOf, toPlaced } from './translate'
import { checkRestoring, lookupRestored, restoreProof } from './trash'
import type { BatchItem, Task } from './wire'

type State = Promise<E.Either<Failure, RawTaskState>>

const unknownTask = notFound({ what: 'task' })
// The faults of this adapter are not located yet; core does that.
const ended = (fault: Failure): RawTaskState => ({ status: 'failed', fault: fault })
const settled = (result: Placed | Outcomes<Placed | Removed>): RawTaskState => ({ status: 'settled', result })

/** A task that SMH does not know is missing in the array, or refused. */
const query = (smh: Smh, id: string, signal: AbortSignal): RawResult<Task> =>
  pipe(
    smh.api.task(id, signal),
    TE.mapLeft((fault) =>
      fault.http === 404 || fault.http === 400 ? notFound({ ...answerIn(fault), what: 'task' }) : fault,
    ),
    TE.flatMapEither((tasks) => {
      const [only, ...more] = tasks
      const unnamed = only !== undefined && more.length === 0 && taskIdOf(only) === undefined ? only : undefined
      return E.fromNullable<Fault>(unknownTask)(tasks.find((task) => taskIdOf(task) === id) ?? unnamed)
    }),
  )

const resultsIn = ({ result }: Task): ReadonlyArray<BatchItem> | undefined =>
  Array.isArray(result) && result.length > 0 && result.every((item: object) => 'status' in item)
    ? (result as ReadonlyArray<BatchItem>)
    : undefined

/** Documented for a batch that is done completely and has nothing to return; 200 and 207 come with results. */
const isAllDone = ({ status, result }: Task): boolean => status === 204 && (result === undefined || result === null)

/** A task that ended without results: nothing is at work any more, so an item of which nothing is seen was not done. */
const unreported = <A>(items: ReadonlyArray<unknown>, { status: http }: Task): Outcomes<A> =>
  items.map(() => failed(unavailable({ effect: 'none', http, said: 'the task ended without doing this item' })))

const placing = async (
  smh: Smh,
  operation: 'batchMove' | 'batchCopy',
  { items, repeated }: t.TypeOf<typeof PlacingTask>,
  task: Task,
  signal: AbortSignal,
): State => {
  const results = resultsIn(task) ?? (isAllDone(task) ? items.map(() => ({ status: 204 })) : undefined)
  const outcomes = results === undefined ? unreported<SmhPlaced>(items, task) : placedOutcomes(items, results)
  const how = {
    items,
    lookup: (item: SmhItem, its: AbortSignal) => lookupEnds(smh, item, its),
    proof: operation === 'batchMove' ? moveProof() : copyProof(smh),
    checkItem,
  }
  const inDoubt = results === undefined || repeated === true
  const reconciled = inDoubt ? await reconcileRefusals(how, outcomes, sentEarlier, signal) : outcomes
  return E.right(settled(await namedExactly(smh, items, reconciled, signal)))
}

const removing = async (
  smh: Smh,
  { paths, permanent, repeated }: t.TypeOf<typeof RemovingTask>,
  task: Task,
  signal: AbortSignal,
): State => {
  if (isAllDone(task)) {
    const removed = await mapLimit(paths, lookups, removedTo(smh, permanent, signal))
    const done = (value: Removed): RawOutcome<Removed> => ({ status: 'done', ...value })
    return E.map(settled)(E.sequenceArray(removed.map(E.map(done))))
  }
  const results = resultsIn(task)
  const outcomes = results === undefined ? unreported<Removed>(paths, task) : removedOutcomes(paths, results)
  if (results !== undefined && repeated !== true) return E.right(settled(outcomes))
  const how = {
    items: paths,
    lookup: (path: (typeof paths)[number], its: AbortSignal) => lookup(smh, path, its),
    proof: removeProof(smh, permanent, signal),
    checkItem: (path: string) => `/${path}`,
  }
  return E.right(settled(await reconcileRefusals(how, outcomes, sentEarlier, signal)))
}

/** Items that a task without results left in the bin. */
const restoring = async (
  smh: Smh,
  { restoring: items, repeated }: t.TypeOf<typeof RestoringTask>,
  task: Task,
  signal: AbortSignal,
): State => {
  const results = resultsIn(task)
  const outcomes = results === undefined ? unreported<Placed>(items, task) : restoredOutcomes(items, results)
  if (results !== undefined && repeated !== true) return E.right(settled(outcomes))
  const how = {
    items,
    lookup: (item: (typeof items)[number], its: AbortSignal) => lookupRestored(smh, item, its),
    proof: restoreProof,
    checkItem: checkRestoring,
  }
  return E.right(settled(await reconcileRefusals(how, outcomes, sentEarlier, signal)))
}

/** The task of one directory. What exists at the target may be a part of the copy, unless SMH chose another name. */
const copyFailed = async (
  smh: Smh,
  item: SmhItem,
  {
    fault,
    path,
    repeated,
  }: { readonly fault: Failure; readonly path: SmhItem['to'] | undefined; readonly repeated: boolean },
  signal: AbortSignal,
): State => {
  const found = item.conflict === 'rename' ? E.right(undefined) : await lookup(smh, item.to, signal)()
  if (E.isLeft(found)) return found
  const partial = path ?? found.right?.entry.path
  if (fault._tag === 'NameConflict' && repeated)
    return E.right(ended(unknownOutcome(checkItem(item), fault, { found: found.right?.entry })))
  const isRefusal = fault._tag === 'NameConflict' || (fault._tag !== 'TaskFailed' && partial === undefined)
  return E.right(ended(isRefusal ? fault : taskFailed({ ...answerIn(fault), ...defined({ partial }) })))
}

/** The result is an object; where a service answers as for batches, its only item counts. */
const copiedDir = async (smh: Smh, item: SmhItem, repeated: boolean, task: Task, signal: AbortSignal): State => {
  const { status, result } = task
  const results = resultsIn(task)
  const [only] = results === undefined ? [] : placedOutcomes([item], results)
  if (only?.status === 'failed') return copyFailed(smh, item, { fault: only.fault, path: undefined, repeated }, signal)
  const [first] = [results ?? result].flat()
  const placed = toPlaced(item.to, item.conflict, first?.path)
  const isDone = status === 200 || status === 204
  if (!isDone && status < 207) return E.right(ended(unknownOutcome(checkItem(item), taskFailed({ http: status }))))
  if (!isDone) {
    const path = first?.path !== undefined && E.isRight(placed) ? placed.right.path : undefined
    return copyFailed(smh, item, { fault: taskFailed({ http: status }), path, repeated }, signal)
  }
  return E.right(
    E.isRight(placed) ? settled(placed.right) : ended(unknownOutcome(checkItem(item), placed.left, { likely: 'done' })),
  )
}

export const task =
  (smh: Smh): TaskOperations['task'] =>
  (operation, state: Json, { signal }) => {
    const read = <A extends { readonly task: string }>(
      codec: t.Decoder<unknown, A>,
      run: (state: A, its: Task) => State,
    ): RawResult<RawTaskState> =>
      pipe(
        TE.fromEither(E.mapLeft((): Failure => unknownTask)(codec.decode(state))),
        TE.flatMap((known) => async (): State => {
          const its = await query(smh, known.task, signal)()
          if (E.isLeft(its)) return its
          return its.right.status === 202 ? E.right({ status: 'running' }) : run(known, its.right)
        }),
      )
    if (operation === 'batchRemove') return read(RemovingTask, (known, its) => removing(smh, known, its, signal))
    if (operation === 'restore') return read(RestoringTask, (known, its) => restoring(smh, known, its, signal))
    if (operation === 'purge') return TE.left(unknownTask)
    return read(PlacingTask, async (known, its) => {
      const [item] = known.items
      if (operation !== 'copyDir') return placing(smh, operation, known, its, signal)
      return item === undefined ? E.left(unknownTask) : copiedDir(smh, item, known.repeated === true, its, signal)
    })
  }
