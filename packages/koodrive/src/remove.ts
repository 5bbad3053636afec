// batchRemove: one job for all items, to the bin or for good; its task; and the removals that other operations need.
import { mayHaveHappened, parentOf, type DrivePath, type Json, type Removed, type TaskOperation } from '@anydrive/core'
import {
  aborted,
  defined,
  notFound,
  taskFailed,
  type RawResult,
  type Call,
  type RawOutcome,
  type RawTaskState,
  type ResolvedRemoval,
  type Started,
} from '@anydrive/core/adapter'
import { groupBy, mapLimit, unknownOutcome, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import type { Api } from './api'
import { at, concurrency, type Context, type Settled, type Signal } from './client'
import { codes, isGone, wasSent } from './errors'
import type { ItemOutcome, ItemOutcomes } from './tasks'
import { failed, retryStale } from './transfer'
import { pathOfNames } from './translate'

type Outcome = RawOutcome<Removed>

export interface Removal {
  readonly fileId: string
  /** The chain of ids from the root, which trashing needs. */
  readonly filePath: string
}

/** The chain of ids down to the entry, which the path must still lead to; otherwise `NotFound('source')`. */
export const idPathOf = async (
  api: Api,
  { id, path }: { readonly id: string; readonly path: DrivePath },
  isStillAt: (namePath: string) => boolean,
  signal: Signal,
): Settled<string> => {
  const full = await api.path(id, signal)()
  if (E.isLeft(full)) return full
  return isStillAt(full.right.namePath)
    ? E.right(full.right.fileIdPath)
    : E.left(notFound({ what: 'source', code: codes.notFound, said: `no longer at /${path}` }))
}

export const removeToTrash = (
  { jobs }: Context,
  items: ReadonlyArray<Removal>,
  signal: Signal,
): Settled<ItemOutcomes> =>
  jobs.run({ taskType: 2, actionType: 201, items: items.map(({ fileId, filePath }) => ({ fileId, filePath })) }, signal)

const erase = ({ jobs }: Context, items: ReadonlyArray<Removal>, signal: Signal): Settled<ItemOutcomes> =>
  jobs.run({ taskType: 2, actionType: 202, items: items.map(({ fileId }) => ({ fileId })) }, signal)

const failing = (fault: Failure): ItemOutcome => ({ status: 'failed', fault, code: fault.code })

const inBin = (path: string, fault: Failure): Failure =>
  fault._tag === 'Indeterminate'
    ? fault
    : taskFailed({
        said: `${path}: in the recycle bin, not erased: ${fault.said ?? fault._tag}`,
        ...defined({ code: fault.code }),
      })

/** Whether the entry is gone; one that was gone before counts. */
export const whetherGone = (outcomes: E.Either<Failure, ItemOutcomes>, fileId: string): E.Either<Failure, void> => {
  if (E.isLeft(outcomes)) return outcomes
  const outcome = outcomes.right(fileId)
  return outcome.status === 'done' || isGone(outcome.fault) ? E.right(undefined) : E.left(outcome.fault)
}

/** Whether an entry that is not in the bin can be erased, no page says: where it cannot, it goes to the bin first. */
export const removeForGood = async (
  context: Context,
  items: ReadonlyArray<Removal>,
  signal: Signal,
): Settled<ItemOutcomes> => {
  const first = await erase(context, items, signal)
  if (E.isLeft(first)) return first
  const living = items.filter(({ fileId }) => {
    const outcome = first.right(fileId)
    return outcome.status === 'failed' && outcome.code === codes.notRecycled
  })
  if (living.length === 0) return first
  const trashed = await removeToTrash(context, living, signal)
  const outcomes = new Map<string, ItemOutcome>()
  for (const { fileId } of living)
    outcomes.set(fileId, E.isRight(trashed) ? trashed.right(fileId) : failing(trashed.left))
  const binned = living.filter(({ fileId }) => outcomes.get(fileId)?.status === 'done')
  const second = binned.length === 0 ? first : await erase(context, binned, signal)
  for (const { fileId, filePath } of binned) {
    const erased = E.isRight(second) ? second.right(fileId) : failing(second.left)
    outcomes.set(fileId, erased.status === 'done' ? erased : failing(inBin(filePath, erased.fault)))
  }
  return E.right((fileId) => outcomes.get(fileId) ?? first.right(fileId))
}

/** Erases one file of this drive's own making, in the bin or not. */
export const discard = async (context: Context, fileId: string, signal: Signal): Settled<void> =>
  whetherGone(await removeForGood(context, [{ fileId, filePath: `/${fileId}` }], signal), fileId)

// batchRemove

interface Found extends Removal {
  readonly path: DrivePath
  /** The service has shown the entry within this call. */
  readonly seen: boolean
}

/** What is in the bin keeps its id. */
const removed = ({ path, fileId }: Pick<Found, 'path' | 'fileId'>, how: Removed['how']): Outcome => ({
  ...{ status: 'done', path, how },
  ...defined({ trashId: how === 'trashed' ? fileId : undefined }),
})

/** What a reference keeps: the job, and the paths of its items. */
const RemovalState = t.strict({
  job: t.string,
  items: t.readonlyArray(t.strict({ path: t.string, fileId: t.string })),
})

/** Resolves the paths. The chain of ids is asked for once for siblings, since theirs differ in the last id only. */
const prepare = async (context: Context, paths: ReadonlyArray<DrivePath>, signal: Signal) => {
  const { api, cache, ids, timers } = context
  const outcomes = new Map<DrivePath, Outcome>()
  const resolved: Array<{ readonly path: DrivePath; readonly id: string }> = []
  const begun = timers.now()
  ids.refresh(paths)
  for (const path of paths) {
    const node = await ids.find(path, signal)
    if (E.isRight(node)) resolved.push({ path, id: node.right.id })
    else outcomes.set(path, failed(node.left, false))
  }
  const found: Array<Found> = []
  for (const siblings of groupBy(resolved, ({ path }) => parentOf(path))) {
    const [first] = siblings
    if (first === undefined) continue
    const chain = await idPathOf(api, first, (names) => pathOfNames(names) === first.path, signal)
    if (E.isLeft(chain)) {
      for (const { path } of siblings) outcomes.set(path, failed(chain.left, false))
      continue
    }
    const parent = chain.right.slice(0, chain.right.lastIndexOf('/'))
    for (const { path, id } of siblings) {
      const seen = path === first.path || (cache.get(path)?.seenAt ?? 0) >= begun
      found.push({ path, fileId: id, filePath: `${parent}/${id}`, seen })
    }
  }
  return { found, outcomes }
}

/** After a job whose outcome is unknown: an entry that is gone, and that this call had seen, was removed. */
const reconciled = async (
  { api }: Context,
  { path, fileId, seen }: Found,
  how: Removed['how'],
  fault: Failure,
  signal: Signal,
): Promise<Outcome> => {
  const now = await api.detail(fileId, signal)()
  const gone = E.isLeft(now) ? now.left._tag === 'NotFound' : now.right.recycled === true && how === 'trashed'
  if (gone && seen) return removed({ path, fileId }, how)
  const likely = gone ? 'done' : E.isRight(now) ? 'not-done' : undefined
  return failed(unknownOutcome(at(path), fault, { likely }))
}

const removeAll = async (
  context: Context,
  paths: ReadonlyArray<DrivePath>,
  permanent: boolean,
  signal: Signal,
): Promise<ReadonlyMap<DrivePath, Outcome>> => {
  const { found, outcomes } = await prepare(context, paths, signal)
  if (found.length === 0) return outcomes
  const how = permanent ? 'erased' : 'trashed'
  const done = signal.aborted
    ? E.left(aborted({ effect: 'none' }))
    : await (permanent ? removeForGood : removeToTrash)(context, found, signal)
  const each = await mapLimit(found, concurrency, async (item): Promise<readonly [DrivePath, Outcome]> => {
    const outcome = E.isRight(done) ? done.right(item.fileId) : failing(done.left)
    if (outcome.status === 'done') return [item.path, removed(item, how)]
    return outcome.fault._tag === 'Indeterminate' && !signal.aborted
      ? [item.path, await reconciled(context, item, how, outcome.fault, signal)]
      : [item.path, failed(outcome.fault, E.isRight(done) || wasSent(done.left))]
  })
  return new Map([...outcomes, ...each])
}

/** With `wait: false` it answers as soon as the job is created, if one job is all there is to do: erasing may take a second one. */
export const batchRemove =
  (context: Context) =>
  (
    items: ReadonlyArray<ResolvedRemoval>,
    { permanent }: { readonly permanent: boolean },
    { signal, wait }: Call,
  ): RawResult<ReadonlyArray<Outcome> | Started> =>
  async () => {
    const paths = items.map(({ path }) => path)
    const run = (some: ReadonlyArray<DrivePath>) => removeAll(context, some, permanent, signal)
    const settle = async () => E.right(await retryStale(context, paths, (path) => [path], run, signal))
    if (wait || permanent) return settle()
    const { found, outcomes } = await prepare(context, paths, signal)
    if (outcomes.size > 0) return settle()
    const removals = found.map(({ fileId, filePath }) => ({ fileId, filePath }))
    const job = await context.jobs.start({ taskType: 2, actionType: 201, items: removals }, signal)
    if (E.isRight(job))
      return E.right({ state: { job: job.right, items: found.map(({ path, fileId }) => ({ path, fileId })) } })
    const { left } = job
    if (!wasSent(left)) return job
    return E.right(found.map(({ path }) => failed(mayHaveHappened(left) ? unknownOutcome(at(path), left) : left)))
  }

/** Only removals are ever left to a job alone. A job that KooDrive no longer knows is `NotFound('task')`. */
export const task =
  ({ jobs }: Context) =>
  (operation: TaskOperation, state: Json, { signal }: Call): RawResult<RawTaskState> =>
  async () => {
    const decoded = RemovalState.decode(state)
    if (operation !== 'batchRemove' || E.isLeft(decoded)) return E.left(notFound({ what: 'task' }))
    const seen = await jobs.state(decoded.right.job, signal)
    if (E.isLeft(seen))
      return seen.left._tag === 'NotFound'
        ? E.left(notFound({ what: 'task', ...defined({ code: seen.left.code }) }))
        : seen
    if (seen.right.status === 'running') return E.right(seen.right)
    const { outcomes } = seen.right
    const result = decoded.right.items.map(({ path, fileId }): Outcome => {
      const outcome = outcomes(fileId)
      return outcome.status === 'done' ? removed({ path: path as DrivePath, fileId }, 'trashed') : failed(outcome.fault)
    })
    return E.right({ status: 'settled', result })
  }
