// listTrash, restore, purge and emptyTrash: the recycle bin of a space.
import type { ConflictStrategy, Page, Placed, Purged, TrashEntry } from '@anydrive/core'
import {
  notFound,
  type OptionalOperations,
  type RawOutcome,
  type RawResult,
  type Started,
} from '@anydrive/core/adapter'
import { attempt, attemptItems, mapLimit, type Failure, type Finding, type Outcomes } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Smh } from './client'
import { lookup } from './entries'
import { failed, lookups, restoredOutcomes, startedTask, type Restoring } from './outcomes'
import { bounds } from './settings'
import { fileWord, toCursor, toDate, toPath, toPlaced, toTrashEntry, type Seen } from './translate'
import type { BatchAnswer, RecycledItem, RecycledPage } from './wire'

const missing: RawOutcome<never> = { status: 'failed', attempted: false, fault: notFound({ what: 'trash' }) }
/** What no item of the bin can be called is not sent. */
const isId = (id: string): boolean => /^\d{1,15}$/.test(id)

export const listTrash =
  (smh: Smh): OptionalOperations['listTrash'] =>
  ({ cursor, limit }, { signal }) =>
    pipe(
      smh.api.listRecycled({ marker: cursor, limit }, signal),
      TE.map(({ contents, nextMarker }: RecycledPage): Page<TrashEntry> => {
        const next = toCursor(nextMarker)
        const items = contents.map((item) => toTrashEntry(item, smh.timers.now()))
        return next === undefined ? { items } : { items, next }
      }),
    )

/** What the bin says of these items, newest first, read no further than to the last of them. */
const inBin = async (
  smh: Smh,
  ids: ReadonlyArray<string>,
  signal: AbortSignal,
): Promise<E.Either<Failure, ReadonlyMap<string, RecycledItem>>> => {
  const wanted = new Set(ids.filter(isId))
  const found = new Map<string, RecycledItem>()
  for (let marker: string | undefined; found.size < wanted.size;) {
    const page = await smh.api.listRecycled({ marker, limit: bounds.page }, signal)()
    if (E.isLeft(page)) return page
    for (const item of page.right.contents) {
      const id = String(item.recycledItemId)
      if (wanted.has(id)) found.set(id, item)
    }
    marker = toCursor(page.right.nextMarker)
    if (marker === undefined) break
  }
  return E.right(found)
}

export interface Looked {
  readonly inBin: boolean
  readonly there: Seen | undefined
}

/** Whether the item is still in the bin, and what exists where it was. */
export const lookupRestored =
  (smh: Smh, { id, path }: Restoring, signal: AbortSignal): RawResult<Looked> =>
  async () => {
    const info = await smh.api.recycledInfo(id, signal)()
    if (E.isRight(info)) return E.right({ inBin: true, there: undefined })
    if (info.left._tag !== 'NotFound') return info
    const there = path === undefined ? E.right(undefined) : await lookup(smh, path, signal)()
    return E.map((seen: Seen | undefined): Looked => ({ inBin: false, there: seen }))(there)
  }

/** An entry that left the bin, and is where it was with the service's own time of its creation, was restored there. */
export const restoreProof = ({ path, item }: Restoring, { inBin: still, there }: Looked): Finding<Placed> => {
  if (still) return { is: 'not-done' }
  const created = toDate(item?.creationTime)?.getTime()
  const isIt = path !== undefined && created !== undefined && there?.created?.getTime() === created
  return isIt
    ? { is: 'done', value: { path, how: 'as-asked' } }
    : { is: 'unproven', likely: 'done', ...(there === undefined ? {} : { found: there.entry }) }
}

export const checkRestoring = ({ id, path }: Restoring): string =>
  path === undefined ? `the item ${id} of the recycle bin` : `/${path}, and the recycle bin`

/** One by one, since a batch knows no strategy but `rename`. */
const restoreEach = (
  smh: Smh,
  items: ReadonlyArray<Restoring>,
  conflict: ConflictStrategy,
  signal: AbortSignal,
): RawResult<Outcomes<Placed>> =>
  TE.rightTask(() =>
    mapLimit(items, lookups, async (one): Promise<RawOutcome<Placed>> => {
      const restored = await attempt<Placed, Looked>({
        ...smh.how(signal),
        send: () =>
          pipe(
            smh.api.restoreRecycled(one.id, fileWord(conflict), 'originalPath', signal),
            TE.flatMapEither(({ path }) =>
              one.path === undefined
                ? E.map((final: Placed['path']): Placed => ({ path: final, how: 'as-asked' }))(toPath(path))
                : toPlaced(one.path, conflict, path),
            ),
          ),
        // An item leaves the bin once.
        repeat: 'if-not-done',
        lookup: (its) => lookupRestored(smh, one, its),
        proof: (seen) => restoreProof(one, seen),
        check: checkRestoring(one),
      })()
      return E.isRight(restored) ? { status: 'done', ...restored.right } : failed(restored.left)
    }),
  )

const restoreTogether = (
  smh: Smh,
  items: ReadonlyArray<Restoring>,
  signal: AbortSignal,
): RawResult<Outcomes<Placed> | Started> => {
  const check = 'which of the items are still in the recycle bin'
  const restoring = items.map(({ id, path }) => ({ id, ...(path === undefined ? {} : { path }) }))
  return attemptItems<Restoring, Placed, Looked>({
    ...smh.how(signal),
    items,
    send: (sent) =>
      pipe(
        smh.api.restoreManyRecycled(
          items.map(({ id }) => Number(id)),
          'originalPath',
          signal,
        ),
        TE.flatMapEither((answer: BatchAnswer): E.Either<Failure, Outcomes<Placed> | Started> =>
          answer.result === undefined
            ? startedTask(answer, { restoring }, sent, check)
            : E.right(restoredOutcomes(items, answer.result)),
        ),
      ),
    repeat: () => 'if-not-done',
    lookup: (one, its) => lookupRestored(smh, one, its),
    proof: restoreProof,
    check,
    checkItem: checkRestoring,
    lookups,
  })
}

const restoringOf = (id: string, item: RecycledItem): Restoring => {
  const path = item.originalPath === null || item.originalPath === undefined ? undefined : toPath(item.originalPath)
  return { id, path: path !== undefined && E.isRight(path) ? path.right : undefined, item }
}

/** The bin is read first: it tells where the items were, and which ids are none of its own. */
export const restore =
  (smh: Smh): OptionalOperations['restore'] =>
  (ids, { conflict }, { signal }) =>
  async () => {
    const bin = await inBin(smh, ids, signal)
    if (E.isLeft(bin)) return bin
    const items = ids.flatMap((id): ReadonlyArray<Restoring> => {
      const item = bin.right.get(id)
      return item === undefined ? [] : [restoringOf(id, item)]
    })
    if (items.length === 0) return E.right(ids.map(() => missing))
    const send = conflict === 'rename' ? restoreTogether(smh, items, signal) : restoreEach(smh, items, conflict, signal)
    const sent = await send()
    if (E.isLeft(sent) || !Array.isArray(sent.right)) return sent
    const results = sent.right as Outcomes<Placed>
    const outcomes = new Map(items.map(({ id }, i) => [id, results[i]]))
    return E.right(ids.map((id) => outcomes.get(id) ?? missing))
  }

/** SMH does not say which ids it did not know. */
export const purge =
  (smh: Smh): OptionalOperations['purge'] =>
  (ids, { signal }) => {
    const numbers = ids.filter(isId).map(Number)
    const outcomes = ids.map((id): RawOutcome<Purged> => (isId(id) ? { status: 'done', how: 'erased' } : missing))
    if (numbers.length === 0) return TE.right(outcomes)
    return pipe(
      smh.repeated(signal, smh.api.deleteManyRecycled(numbers, signal)),
      TE.map(() => outcomes),
    )
  }

export const emptyTrash =
  (smh: Smh): OptionalOperations['emptyTrash'] =>
  ({ signal }) =>
    pipe(
      smh.repeated(signal, smh.api.emptyRecycled(signal)),
      TE.map(() => undefined),
    )
