// From the results of a batch, or of its task, to an outcome for each item; and what the reference of a task keeps for that.
import {
  ConflictStrategy,
  DrivePath,
  defined,
  indeterminate,
  notFound,
  parentOf,
  type Fault,
  type Json,
  type Placed,
  type RawOutcome,
  type Removed,
  type ResolvedItem,
} from '@anydrive/core'
import { redact } from '@anydrive/http'
import { mapLimit, unknownOutcome, type Failure, type Outcomes, type Sent } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import type { Smh } from './client'
import { fileAmongParents, lookup } from './entries'
import { answerIn, faultOf, type Missing } from './errors'
import { toPlaced } from './translate'
import type { BatchItem, Segments } from './wire'

/** An item of a move or copy; `moveAuthority` says whether the permissions of a folder move along. */
export interface SmhItem extends ResolvedItem {
  readonly moveAuthority?: boolean | undefined
}
/** `moveAuthority` as SMH repeats it, for an item that has one. */
export type SmhPlaced = Placed & { readonly moveAuthority?: boolean }

/** Requests at once, where outcomes are looked up. */
export const lookups = 8

export const checkItem = ({ from, to, fromSpace }: SmhItem): string =>
  `/${from}${fromSpace === undefined ? '' : ` of space ${fromSpace}`} and /${to}`

/** One spelling for both sides: SMH may repeat a path with other slashes, or in another Unicode form. */
const spelled = (path: string | Segments): string =>
  (typeof path === 'string' ? path.split('/') : path)
    .filter((segment) => segment !== '')
    .join('/')
    .normalize('NFC')

type Echo = Segments | string | null | undefined

/**
 * The result for each item: the one that repeats the item's paths, each result once. Only where no result repeats a path do they go by
 * position, if there are as many of them. Undefined: the service said nothing of this item.
 */
export const resultsOf = (
  items: ReadonlyArray<ReadonlyArray<DrivePath>>,
  results: ReadonlyArray<BatchItem>,
  echoOf: (result: BatchItem) => ReadonlyArray<Echo>,
): ReadonlyArray<BatchItem | undefined> => {
  const wanted = items.map((paths) => paths.map(spelled))
  const echoes = results.map((result) =>
    echoOf(result).map((path) => (path === null || path === undefined ? undefined : spelled(path))),
  )
  if (echoes.every((echo) => echo.every((path) => path === undefined)))
    return results.length === items.length ? results : items.map(() => undefined)
  const matched: Array<BatchItem | undefined> = items.map(() => undefined)
  echoes.forEach((echo, n) => {
    if (echo.every((path) => path === undefined)) return
    const fits = (i: number): boolean =>
      matched[i] === undefined && echo.every((path, k) => path === undefined || path === wanted[i]?.[k])
    const i = n < items.length && fits(n) ? n : items.findIndex((_, at) => fits(at))
    if (i >= 0) matched[i] = results[n]
  })
  return matched
}

/** Statuses that the documents list for an item that was done. */
const done: ReadonlySet<number> = new Set([200, 201, 204])

const failed = (fault: Failure): RawOutcome<never> => ({ status: 'failed', attempted: true, fault })

/** An item that was not done, or of which it is not known. */
const failure = (result: BatchItem | undefined, check: string, missing: Missing): RawOutcome<never> => {
  if (result === undefined) return failed(unknownOutcome(check))
  const { status, code, message } = result
  const said = {
    http: status,
    ...defined({
      code: code ?? undefined,
      said: typeof message === 'string' ? redact(message) : undefined,
    }),
  }
  if (status < 400) return failed(unknownOutcome(check, { _tag: 'Indeterminate', check, ...said }))
  return failed(faultOf({ ...said, effect: status >= 500 || status === 408 ? 'unknown' : 'none' }, missing))
}

export const placedOutcomes = (
  items: ReadonlyArray<SmhItem>,
  results: ReadonlyArray<BatchItem>,
): Outcomes<SmhPlaced> => {
  const paths = items.map(({ from, to }) => [from, to])
  const matched = resultsOf(paths, results, ({ from, copyFrom, to }) => [from ?? copyFrom, to])
  return items.map((item, i): RawOutcome<SmhPlaced> => {
    const result = matched[i]
    const check = checkItem(item)
    if (result === undefined || !done.has(result.status)) return failure(result, check, 'parent')
    const placed = toPlaced(item.to, item.conflict, result.path)
    if (E.isLeft(placed)) return failed(unknownOutcome(check, placed.left, { likely: 'done' }))
    const { moveAuthority } = result
    const repeated = item.moveAuthority !== undefined && typeof moveAuthority === 'boolean'
    return { status: 'done', ...placed.right, ...(repeated ? { moveAuthority } : {}) }
  })
}

/** 200 with an id of the bin: recoverable; 204: erased (docs/wire/tencent-smh.md, batches). */
export const removedOutcomes = (
  paths: ReadonlyArray<DrivePath>,
  results: ReadonlyArray<BatchItem>,
): Outcomes<Removed> => {
  const matched = resultsOf(
    paths.map((path) => [path]),
    results,
    ({ path }) => [path],
  )
  return paths.map((path, i): RawOutcome<Removed> => {
    const result = matched[i]
    if (result === undefined || !done.has(result.status)) return failure(result, `/${path}`, 'source')
    const trashed = result.status === 200 || (result.recycledItemId !== null && result.recycledItemId !== undefined)
    return { status: 'done', path, how: trashed ? 'trashed' : 'erased' }
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
  const blocking = new Map<DrivePath, Promise<E.Either<Failure, Failure | undefined>>>()
  const blockingOf = (to: DrivePath) => {
    const found = blocking.get(parentOf(to)) ?? fileAmongParents(smh, to, signal)()
    blocking.set(parentOf(to), found)
    return found
  }
  const exactly = async (fault: Failure, { from, to, fromSpace }: SmhItem): Promise<Failure> => {
    if (fault._tag === 'NameConflict' && fault.existing === undefined) {
      const blocked = await blockingOf(to)
      return (E.isRight(blocked) ? blocked.right : undefined) ?? fault
    }
    if (fault._tag === 'NotFound' && fault.what === 'parent') {
      const source = await lookup(smh, from, signal, fromSpace)()
      const gone = E.isRight(source) && source.right === undefined
      return gone ? notFound({ ...answerIn(fault), what: 'source' }) : fault
    }
    return fault
  }
  return mapLimit(outcomes, lookups, async (outcome, i) => {
    const item = items[i]
    return outcome.status === 'done' || item === undefined
      ? outcome
      : { ...outcome, fault: await exactly(outcome.fault, item) }
  })
}

// Tasks

const Item = t.exact(
  t.intersection([
    t.type({ from: DrivePath, to: DrivePath, conflict: ConflictStrategy }),
    t.partial({ fromSpace: t.string, moveAuthority: t.boolean }),
  ]),
)
/** `repeated`: the outcome of an earlier request was unknown, so what the task was refused may be that request's work. */
const Common = t.intersection([t.type({ task: t.string }), t.partial({ repeated: t.boolean })])
export const CopyDirTask = t.exact(t.intersection([Common, t.type({ item: Item })]))
export const PlacingTask = t.exact(t.intersection([Common, t.type({ items: t.readonlyArray(Item) })]))
export const RemovingTask = t.exact(
  t.intersection([Common, t.type({ paths: t.readonlyArray(DrivePath), permanent: t.boolean })]),
)

const noted = (task: string, { unknown }: Sent) => ({ task, ...(unknown ? { repeated: true } : {}) })

export const copyDirTask = (task: string, item: SmhItem, sent: Sent): Json =>
  CopyDirTask.encode({ ...noted(task, sent), item: defined(item) }) as Json
export const placingTask = (task: string, items: ReadonlyArray<SmhItem>, sent: Sent): Json =>
  PlacingTask.encode({ ...noted(task, sent), items: items.map((item) => defined(item)) }) as Json
export const removingTask = (task: string, paths: ReadonlyArray<DrivePath>, permanent: boolean, sent: Sent): Json => ({
  ...noted(task, sent),
  paths,
  permanent,
})

/** Work that was accepted without naming its task may happen at any time. */
export const acceptedUnnamed = (check: string): Fault<'Indeterminate'> =>
  indeterminate({ check, http: 202, said: 'the service accepted the work without naming its task' })
