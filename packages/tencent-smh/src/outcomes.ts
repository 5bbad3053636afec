// From the results of a batch, or of its task, to an outcome for each item; and what the reference of a task keeps for that.
import { ConflictStrategy, DrivePath, parentOf, type Fault, type Placed, type Removed } from '@anydrive/core'
import {
  defined,
  indeterminate,
  notFound,
  type RawOutcome,
  type ResolvedItem,
  type Started,
} from '@anydrive/core/adapter'
import { redact } from '@anydrive/http'
import { mapLimit, unknownOutcome, type Failure, type Outcomes, type Sent } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import type { Smh } from './client'
import { fileAmongParents, lookup } from './entries'
import { answerIn, faultOf, type Missing } from './errors'
import { taskIdOf, toPath, toPlaced } from './translate'
import type { BatchItem, RecycledItem, Segments, StartedTask } from './wire'

/** An item of a move or copy; `moveAuthority` says whether the permissions of a folder move along. */
export interface SmhItem extends ResolvedItem {
  readonly moveAuthority?: boolean | undefined
}
/** `moveAuthority` as SMH repeats it, for an item that has one. */
export type SmhPlaced = Placed & { readonly moveAuthority?: boolean }

/** Lookups at once. */
export const lookups = 8

export const checkItem = ({ from, to, fromSpace }: SmhItem): string =>
  `/${from}${fromSpace === undefined ? '' : ` of space ${fromSpace}`} and /${to}`

type Echo = Segments | string | null | undefined

/** One spelling for both sides: SMH may repeat a path with other slashes, or in another Unicode form. */
const spelled = (path: Echo): string | undefined => {
  if (path === null || path === undefined) return undefined
  const names = typeof path === 'string' ? path.split('/') : path
  return names
    .filter((name) => name !== '')
    .join('/')
    .normalize('NFC')
}

/**
 * The result for each item: the one that repeats the item's paths, each result once. Only where no result repeats a path do they go by
 * position, if there are as many of them. Undefined: the service said nothing of this item, or one thing and its contrary.
 */
const resultsOf = (
  items: ReadonlyArray<ReadonlyArray<DrivePath>>,
  results: ReadonlyArray<BatchItem>,
  echoOf: (result: BatchItem) => ReadonlyArray<Echo>,
): ReadonlyArray<BatchItem | undefined> => {
  const wanted = items.map((paths) => paths.map(spelled))
  const echoes = results.map((result) => echoOf(result).map(spelled))
  const isSilent = (echo: ReadonlyArray<string | undefined>): boolean => echo.every((path) => path === undefined)
  if (echoes.every(isSilent)) return results.length === items.length ? results : items.map(() => undefined)
  const matched: Array<BatchItem | undefined> = items.map(() => undefined)
  const contrary = new Set<number>()
  echoes.forEach((echo, n) => {
    if (isSilent(echo)) return
    const fits = (i: number): boolean => echo.every((path, k) => path === undefined || path === wanted[i]?.[k])
    const isFree = (i: number): boolean => matched[i] === undefined && fits(i)
    const i = n < items.length && isFree(n) ? n : items.findIndex((_, at) => isFree(at))
    if (i >= 0) matched[i] = results[n]
    else for (const at of items.keys()) if (fits(at) && isDone(matched[at]) !== isDone(results[n])) contrary.add(at)
  })
  return matched.map((result, i) => (contrary.has(i) ? undefined : result))
}

export const failed = (fault: Failure): RawOutcome<never> => ({ status: 'failed', attempted: true, fault })

/** Statuses that the documents list for an item that was done. */
const done: ReadonlySet<number> = new Set([200, 201, 204])
const isDone = (result: BatchItem | undefined): result is BatchItem => result !== undefined && done.has(result.status)

/** An item that was not done, or of which it is not known. */
const failure = (result: BatchItem | undefined, check: string, missing: Missing): RawOutcome<never> => {
  if (result === undefined) return failed(unknownOutcome(check))
  const { status: http, code, message } = result
  const said = typeof message === 'string' ? redact(message) : undefined
  const answer = { http, ...defined({ code: code ?? undefined, said }) }
  return failed(
    http < 400
      ? indeterminate({ check, ...answer })
      : faultOf({ ...answer, effect: http >= 500 || http === 408 ? 'unknown' : 'none' }, missing),
  )
}

export const placedOutcomes = (
  items: ReadonlyArray<SmhItem>,
  results: ReadonlyArray<BatchItem>,
): Outcomes<SmhPlaced> => {
  const paths = items.map(({ from, to }) => [from, to])
  const matched = resultsOf(paths, results, ({ from, copyFrom, to }) => [from ?? copyFrom, to])
  return items.map((item, i): RawOutcome<SmhPlaced> => {
    const result = matched[i]
    if (!isDone(result)) return failure(result, checkItem(item), 'parent')
    const placed = toPlaced(item.to, item.conflict, result.path)
    if (E.isLeft(placed)) return failed(unknownOutcome(checkItem(item), placed.left, { likely: 'done' }))
    const { moveAuthority } = result
    const isRepeated = item.moveAuthority !== undefined && typeof moveAuthority === 'boolean'
    return { status: 'done', ...placed.right, ...(isRepeated ? { moveAuthority } : {}) }
  })
}

/** 200 with an id of the bin: recoverable; 204: erased (docs/wire/tencent-smh.md, batches). */
export const removedOutcomes = (
  paths: ReadonlyArray<DrivePath>,
  results: ReadonlyArray<BatchItem>,
): Outcomes<Removed> => {
  const items = paths.map((path) => [path])
  const matched = resultsOf(items, results, ({ path }) => [path])
  return paths.map((path, i): RawOutcome<Removed> => {
    const result = matched[i]
    if (!isDone(result)) return failure(result, `/${path}`, 'source')
    const trashId = taskIdOf({ id: result.recycledItemId })
    const how = result.status === 200 || trashId !== undefined ? 'trashed' : 'erased'
    return { status: 'done', path, how, ...defined({ trashId }) }
  })
}

/**
 * An item's 409 may be about a file among the parents, and its 404 about the source or about the target's parent: one lookup per distinct
 * parent, or one of the source.
 */
export const namedExactly = async (
  smh: Smh,
  items: ReadonlyArray<SmhItem>,
  outcomes: Outcomes<SmhPlaced>,
  signal: AbortSignal,
): Promise<Outcomes<SmhPlaced>> => {
  const known = new Map<DrivePath, Promise<Failure | undefined>>()
  const blocking = (to: DrivePath): Promise<Failure | undefined> => {
    const found = known.get(parentOf(to)) ?? fileAmongParents(smh, to, signal)
    known.set(parentOf(to), found)
    return found
  }
  return mapLimit(outcomes, lookups, async (outcome, i) => {
    const item = items[i]
    if (outcome.status === 'done' || item === undefined) return outcome
    const { fault } = outcome
    if (fault._tag === 'NameConflict' && fault.existing === undefined)
      return { ...outcome, fault: (await blocking(item.to)) ?? fault }
    if (fault._tag !== 'NotFound' || fault.what !== 'parent') return outcome
    const source = await lookup(smh, item.from, signal, item.fromSpace)()
    const isGone = E.isRight(source) && source.right === undefined
    return isGone ? { ...outcome, fault: notFound({ ...answerIn(fault), what: 'source' }) } : outcome
  })
}

/** An item of the bin, and where it was. */
export interface Restoring {
  readonly id: string
  readonly path?: DrivePath | undefined
  /** As the bin shows it. */
  readonly item?: RecycledItem | undefined
}

/** Each result repeats the id of its item. One thing and its contrary say nothing. */
export const restoredOutcomes = (
  items: ReadonlyArray<Restoring>,
  results: ReadonlyArray<BatchItem>,
): Outcomes<Placed> =>
  items.map(({ id, path }): RawOutcome<Placed> => {
    const check = `the item ${id} of the recycle bin`
    const [first, ...more] = results.filter(({ recycledItemId }) => String(recycledItemId ?? '') === id)
    const result = more.every((other) => isDone(other) === isDone(first)) ? first : undefined
    if (!isDone(result)) return failure(result, check, 'parent')
    if (result.path === undefined || result.path === null)
      return failed(unknownOutcome(check, undefined, { likely: 'done' }))
    const final = toPath(result.path)
    if (E.isLeft(final)) return failed(unknownOutcome(check, final.left, { likely: 'done' }))
    const how = path === undefined || final.right === path ? 'as-asked' : 'renamed'
    return { status: 'done', path: final.right, how }
  })

// Tasks

const Item = t.exact(
  t.intersection([
    t.type({ from: DrivePath, to: DrivePath, conflict: ConflictStrategy }),
    t.partial({ fromSpace: t.string, moveAuthority: t.boolean }),
  ]),
)
/** `repeated`: the outcome of an earlier request was unknown, so what the task was refused may be that request's work. */
const Common = t.intersection([t.type({ task: t.string }), t.partial({ repeated: t.boolean })])
export const PlacingTask = t.exact(t.intersection([Common, t.type({ items: t.readonlyArray(Item) })]))
export const RemovingTask = t.exact(
  t.intersection([Common, t.type({ paths: t.readonlyArray(DrivePath), permanent: t.boolean })]),
)

export const RestoringTask = t.exact(
  t.intersection([
    Common,
    t.type({
      restoring: t.readonlyArray(t.exact(t.intersection([t.type({ id: t.string }), t.partial({ path: DrivePath })]))),
    }),
  ]),
)

export const itemOf = ({ from, to, conflict, fromSpace, moveAuthority }: SmhItem): t.TypeOf<typeof Item> => ({
  ...{ from, to, conflict },
  ...defined({ fromSpace, moveAuthority }),
})

/** The task that SMH started. Work that it accepted without naming its task may happen at any time. */
export const startedTask = (
  answer: StartedTask,
  state:
    | Omit<t.TypeOf<typeof PlacingTask>, 'task'>
    | Omit<t.TypeOf<typeof RemovingTask>, 'task'>
    | Omit<t.TypeOf<typeof RestoringTask>, 'task'>,
  { unknown }: Sent,
  check: string,
): E.Either<Fault, Started> => {
  const task = taskIdOf(answer)
  const said = 'the service accepted the work without naming its task'
  return task === undefined
    ? E.left(indeterminate({ check, http: 202, said }))
    : E.right({ state: { ...state, task, ...(unknown ? { repeated: true } : {}) } })
}
