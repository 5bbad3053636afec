// What has become of a task of SMH. Reads only.
import {
  defined,
  notFound,
  taskFailed,
  type Answered,
  type Background,
  type Fault,
  type Json,
  type Placed,
  type RawOutcome,
  type RawTaskState,
  type Removed,
} from '@anydrive/core'
import {
  mapLimit,
  reconcileRefusals,
  unknownOutcome,
  type Failure,
  type Finding,
  type Outcomes,
  type Sent,
} from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type * as t from 'io-ts'
import { sentEarlier, type Smh } from './client'
import { lookup } from './entries'
import { answerIn } from './errors'
import {
  CopyDirTask,
  PlacingTask,
  RemovingTask,
  checkItem,
  lookups,
  namedExactly,
  placedOutcomes,
  removedOutcomes,
  type SmhItem,
} from './outcomes'
import { removeProof, removedTo } from './remove'
import { copyProof, lookupEnds, moveProof } from './transfer'
import { taskIdOf, toPlaced } from './translate'
import type { BatchItem, Task } from './wire'

type State = Promise<E.Either<Failure, RawTaskState>>

const unknownTask = notFound({ what: 'task' })
// The faults of this adapter are not located yet; core does that.
const failed = (fault: Failure): RawTaskState => ({ status: 'failed', fault: fault as Fault })
const settled = (result: Placed | Outcomes<Placed | Removed>): RawTaskState => ({ status: 'settled', result })

/** Documented for a task that is done completely. A finished batch says 200 or 207, and then which items failed. */
const allDone: ReadonlySet<number> = new Set([201, 204])

/** A task that SMH does not know is missing in the array, or refused. */
const query = (smh: Smh, id: string, signal: AbortSignal): Answered<Task> =>
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
  Array.isArray(result) && result.every((item: object) => 'status' in item)
    ? (result as ReadonlyArray<BatchItem>)
    : undefined

interface Lookups<I, A, S> {
  readonly items: ReadonlyArray<I>
  readonly lookup: (item: I, signal: AbortSignal) => Answered<S>
  readonly proof: (item: I, seen: S, sent: Sent) => Finding<A> | Promise<Finding<A>>
  readonly checkItem: (item: I) => string
}

/** A task that ended without results: nothing is at work any more, so each item is what a lookup proves. */
const lookedUp = <I, A extends object, S>(
  { items, lookup: find, proof, checkItem: check }: Lookups<I, A, S>,
  { status }: Task,
  signal: AbortSignal,
): Promise<Outcomes<A>> =>
  mapLimit(items, lookups, async (item): Promise<RawOutcome<A>> => {
    const seen = await find(item, signal)()
    const finding: Finding<A> = E.isLeft(seen) ? { is: 'unproven' } : await proof(item, seen.right, sentEarlier)
    const outcome = (fault: Failure): RawOutcome<A> => ({ status: 'failed', attempted: true, fault })
    switch (finding.is) {
      case 'done':
        return { status: 'done', ...finding.value }
      case 'refused':
        return outcome(finding.fault)
      case 'not-done':
        return outcome(
          status === 200
            ? unknownOutcome(check(item), undefined, { likely: 'not-done' })
            : taskFailed({ http: status }),
        )
      case 'unproven':
        return outcome(unknownOutcome(check(item), undefined, finding))
    }
  })

const placing = async (
  smh: Smh,
  operation: 'batchMove' | 'batchCopy',
  { task: id, items, repeated }: t.TypeOf<typeof PlacingTask>,
  signal: AbortSignal,
): State => {
  const task = await query(smh, id, signal)()
  if (E.isLeft(task)) return task
  const { status } = task.right
  if (status === 202) return E.right({ status: 'running' })
  const how = {
    items,
    lookup: (item: SmhItem, its: AbortSignal) => lookupEnds(smh, item, its),
    proof: operation === 'batchMove' ? moveProof() : copyProof(smh, signal),
    checkItem,
  }
  const results = resultsIn(task.right)
  if (results === undefined && !allDone.has(status)) return E.right(settled(await lookedUp(how, task.right, signal)))
  const outcomes = placedOutcomes(items, results ?? items.map(() => ({ status })))
  const reconciled = repeated === true ? await reconcileRefusals(how, outcomes, sentEarlier, signal) : outcomes
  return E.right(settled(await namedExactly(smh, items, reconciled, signal)))
}

const removing = async (
  smh: Smh,
  { task: id, paths, permanent, repeated }: t.TypeOf<typeof RemovingTask>,
  signal: AbortSignal,
): State => {
  const task = await query(smh, id, signal)()
  if (E.isLeft(task)) return task
  const { status } = task.right
  if (status === 202) return E.right({ status: 'running' })
  const results = resultsIn(task.right)
  if (results === undefined && allDone.has(status)) {
    const to = removedTo(smh, permanent, signal)
    const removed = await mapLimit(paths, lookups, (path) => to(path))
    return E.map(settled)(
      E.sequenceArray(removed.map(E.map((value): RawOutcome<Removed> => ({ status: 'done', ...value })))),
    )
  }
  const how = {
    items: paths,
    lookup: (path: (typeof paths)[number], its: AbortSignal) => lookup(smh, path, its),
    proof: removeProof(smh, permanent, signal),
    checkItem: (path: string) => `/${path}`,
  }
  if (results === undefined) return E.right(settled(await lookedUp(how, task.right, signal)))
  const outcomes = removedOutcomes(paths, results)
  return E.right(settled(repeated === true ? await reconcileRefusals(how, outcomes, sentEarlier, signal) : outcomes))
}

/** The task of one directory: it failed, or in part. What exists at the target may be part of the copy, unless SMH chose another name. */
const copyFailed = async (smh: Smh, item: SmhItem, fault: Failure, repeated: boolean, signal: AbortSignal): State => {
  const found = item.conflict === 'rename' ? E.right(undefined) : await lookup(smh, item.to, signal)()
  if (E.isLeft(found)) return found
  const conflict = fault._tag === 'NameConflict'
  if (repeated && conflict)
    return E.right(failed(unknownOutcome(checkItem(item), fault, { found: found.right?.entry })))
  if (conflict || (found.right === undefined && fault._tag !== 'TaskFailed')) return E.right(failed(fault))
  const known = fault._tag === 'TaskFailed' ? fault.partial : undefined
  const partial = known ?? (found.right === undefined ? undefined : item.to)
  return E.right(failed(taskFailed({ ...answerIn(fault), ...defined({ partial }) })))
}

/** The result is an object; where a service answers as for batches, its only item counts. */
const copiedDir = async (
  smh: Smh,
  { task: id, item, repeated = false }: t.TypeOf<typeof CopyDirTask>,
  signal: AbortSignal,
): State => {
  const task = await query(smh, id, signal)()
  if (E.isLeft(task)) return task
  const { status, result } = task.right
  if (status === 202) return E.right({ status: 'running' })
  const results = resultsIn(task.right)
  const [only] = results === undefined ? [] : placedOutcomes([item], results)
  if (only?.status === 'failed') return copyFailed(smh, item, only.fault, repeated, signal)
  const paths = results ?? (Array.isArray(result) ? result : [result])
  const placed = toPlaced(
    item.to,
    item.conflict,
    (paths as ReadonlyArray<{ path?: ReadonlyArray<string> | null } | null | undefined>)[0]?.path,
  )
  if (status >= 300 || status === 207) {
    const partial = E.isRight(placed) && item.conflict === 'rename' ? placed.right.path : undefined
    return copyFailed(smh, item, taskFailed({ http: status, ...defined({ partial }) }), repeated, signal)
  }
  return E.right(
    E.isRight(placed)
      ? settled(placed.right)
      : failed(unknownOutcome(checkItem(item), placed.left, { likely: 'done' })),
  )
}

export const task =
  (smh: Smh): Background['task'] =>
  (operation, state: Json, { signal }) => {
    const read = <A>(codec: t.Decoder<unknown, A>, run: (state: A) => State): Answered<RawTaskState> =>
      pipe(
        TE.fromEither(E.mapLeft((): Failure => unknownTask)(codec.decode(state))),
        TE.flatMap((known) => () => run(known)),
      )
    if (operation === 'copyDir') return read(CopyDirTask, (its) => copiedDir(smh, its, signal))
    return operation === 'batchRemove'
      ? read(RemovingTask, (its) => removing(smh, its, signal))
      : read(PlacingTask, (its) => placing(smh, operation, its, signal))
  }
