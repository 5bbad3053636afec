// batchRemove: one job for all, to the bin or for good; the job's reference, and what has become of it.
import {
  aborted,
  indeterminate,
  notFound,
  parentOf,
  type Answered,
  type Call,
  type DrivePath,
  type Json,
  type RawOutcome,
  type RawTaskState,
  type Removed,
  type ResolvedRemoval,
  type Started,
  type TaskOperation,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { topOf } from './cache'
import { idPathOf, purge, trash } from './changes'
import type { Bad, Context } from './context'
import type { ItemOutcomes } from './jobs'
import { groupBy } from './parallel'
import { codes, isGone, pathOfNames } from './translate'

type Signal = AbortSignal
type Outcome = RawOutcome<Removed>

interface Doomed {
  readonly path: DrivePath
  readonly fileId: string
  readonly filePath: string
}

const failed = (fault: Bad, attempted = true): Outcome => ({ status: 'failed', fault, attempted })

/** What a reference keeps: the job, and where its items were. */
const RemovalState = t.strict({
  job: t.string,
  items: t.readonlyArray(t.strict({ path: t.string, fileId: t.string })),
})
type RemovalState = t.TypeOf<typeof RemovalState>

/** The chains of ids of siblings: asked for once, since they share all but the last. */
const chains = async (
  context: Context,
  siblings: ReadonlyArray<{ readonly path: DrivePath; readonly id: string }>,
  signal: Signal,
): Promise<E.Either<Bad, ReadonlyArray<Doomed>>> => {
  const [first] = siblings
  if (first === undefined) return E.right([])
  const chain = await idPathOf(context, first, (names) => pathOfNames(names) === first.path, signal)()
  return E.map((idPath: string) => {
    const parent = idPath.slice(0, idPath.lastIndexOf('/'))
    return siblings.map(({ path, id }) => ({ path, fileId: id, filePath: `${parent}/${id}` }))
  })(chain)
}

interface Prepared {
  readonly doomed: ReadonlyArray<Doomed>
  readonly outcomes: ReadonlyMap<DrivePath, Outcome>
}

const find = async (context: Context, paths: ReadonlyArray<DrivePath>, signal: Signal): Promise<Prepared> => {
  const outcomes = new Map<DrivePath, Outcome>()
  const found: Array<{ readonly path: DrivePath; readonly id: string }> = []
  context.ids.refresh(paths)
  for (const path of paths) {
    const node = await context.ids.find(path, signal)()
    if (E.isRight(node)) found.push({ path, id: node.right.id })
    else outcomes.set(path, failed(node.left, false))
  }
  const doomed: Array<Doomed> = []
  for (const siblings of groupBy(found, ({ path }) => parentOf(path))) {
    const chained = await chains(context, siblings, signal)
    if (E.isRight(chained)) doomed.push(...chained.right)
    else for (const { path } of siblings) outcomes.set(path, failed(chained.left, false))
  }
  return { doomed, outcomes }
}

const removed = (context: Context, path: DrivePath, how: Removed['how']): Outcome => {
  context.cache.changed()
  context.cache.forget(path)
  return { status: 'done', path, how }
}

const erase = (
  context: Context,
  doomed: ReadonlyArray<Doomed>,
  permanent: boolean,
  signal: Signal,
): Answered<ItemOutcomes> =>
  permanent
    ? purge(context, doomed, signal)
    : trash(
        context,
        doomed.map(({ fileId, filePath }) => ({ fileId, filePath })),
        signal,
      )

/** Left only where nothing was sent that could have changed anything. */
const attempt = async (
  context: Context,
  paths: ReadonlyArray<DrivePath>,
  permanent: boolean,
  signal: Signal,
): Promise<E.Either<Bad, ReadonlyMap<DrivePath, Outcome>>> => {
  const prepared = await find(context, paths, signal)
  const outcomes = new Map(prepared.outcomes)
  if (prepared.doomed.length === 0) return E.right(outcomes)
  if (signal.aborted) return E.left(aborted({ effect: 'none' }))
  const done = await erase(context, prepared.doomed, permanent, signal)()
  context.cache.changed()
  for (const { path, fileId } of prepared.doomed) {
    const outcome = E.isRight(done)
      ? done.right(fileId)
      : ({ status: 'failed', fault: done.left, code: undefined } as const)
    if (outcome.status === 'done') outcomes.set(path, removed(context, path, permanent ? 'erased' : 'trashed'))
    else {
      context.cache.forget(path)
      outcomes.set(path, failed(outcome.fault))
    }
  }
  return E.right(outcomes)
}

const settled = async (
  context: Context,
  paths: ReadonlyArray<DrivePath>,
  permanent: boolean,
  signal: Signal,
): Promise<E.Either<Bad, ReadonlyArray<Outcome>>> => {
  const first = await attempt(context, paths, permanent, signal)
  if (E.isLeft(first)) return first
  const outcomes = new Map(first.right)
  const stale = paths.filter((path) => {
    const outcome = outcomes.get(path)
    return outcome?.status === 'failed' && isGone(outcome.fault)
  })
  if (stale.length > 0 && !signal.aborted) {
    for (const path of stale) context.cache.forget(topOf(path))
    const second = await attempt(context, stale, permanent, signal)
    if (E.isRight(second)) for (const [path, outcome] of second.right) outcomes.set(path, outcome)
  }
  return E.right(paths.map((path) => outcomes.get(path) ?? failed(indeterminate({ check: `/${path}` }))))
}

/** Answers as soon as the job is created, if one job is all there is to do. */
const startOnly = async (
  context: Context,
  paths: ReadonlyArray<DrivePath>,
  signal: Signal,
): Promise<E.Either<Bad, ReadonlyArray<Outcome> | Started>> => {
  const prepared = await find(context, paths, signal)
  if (prepared.outcomes.size > 0) return settled(context, paths, false, signal)
  const items = prepared.doomed
  const started = await context.jobs.start(
    { taskType: 2, actionType: 201, items: items.map(({ fileId, filePath }) => ({ fileId, filePath })) },
    signal,
  )()
  context.cache.changed()
  for (const { path } of items) context.cache.forget(path)
  return E.map((job: string): Started => ({
    state: { job, items: items.map(({ path, fileId }) => ({ path, fileId })) },
  }))(started)
}

export const batchRemove =
  (context: Context) =>
  (
    items: ReadonlyArray<ResolvedRemoval>,
    { permanent }: { readonly permanent: boolean },
    { signal, wait }: Call,
  ): Answered<ReadonlyArray<Outcome> | Started> => {
    const paths = items.map(({ path }) => path)
    // Erasing may take a second job, for what the service erases from the bin only.
    const inOneJob = !wait && !permanent
    return () => (inOneJob ? startOnly(context, paths, signal) : settled(context, paths, permanent, signal))
  }

const resultOf = (state: RemovalState, outcomes: ItemOutcomes): RawTaskState => ({
  status: 'settled',
  result: state.items.map(({ path, fileId }): Outcome => {
    const outcome = outcomes(fileId)
    return outcome.status === 'done'
      ? { status: 'done', path: path as DrivePath, how: 'trashed' }
      : failed(outcome.fault)
  }),
})

/** Only removals are ever left to a job alone. A job that KooDrive no longer knows is `NotFound('task')`. */
export const task =
  (context: Context) =>
  (operation: TaskOperation, state: Json, { signal }: Call): Answered<RawTaskState> =>
  async () => {
    const decoded = RemovalState.decode(state)
    if (operation !== 'batchRemove' || E.isLeft(decoded)) return E.left(notFound({ what: 'task' }))
    const seen = await context.jobs.look(decoded.right.job, signal)()
    if (E.isLeft(seen))
      return seen.left._tag === 'NotFound'
        ? E.left(notFound({ what: 'task', code: seen.left.code ?? codes.notFound }))
        : seen
    const { right } = seen
    return E.right(
      right.status === 'running'
        ? { status: 'running', done: right.done, total: right.total }
        : resultOf(decoded.right, right.outcomes),
    )
  }
