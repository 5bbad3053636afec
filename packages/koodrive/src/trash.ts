// listTrash, restore, purge and emptyTrash: the recycle bin of a space.
import {
  nameOf,
  parsePath,
  type ConflictStrategy,
  type DrivePath,
  type Entry,
  type Page,
  type Placed,
  type Purged,
  type TrashEntry,
} from '@anydrive/core'
import {
  defined,
  nameConflict,
  notFound,
  type Call,
  type RawOutcome,
  type RawPage,
  type RawResult,
} from '@anydrive/core/adapter'
import { attempt, mapLimit, unknownOutcome, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { concurrency, incomplete, type Context, type Settled, type Signal } from './client'
import { isGone } from './errors'
import { removeToTrash, whetherGone } from './remove'
import type { ItemOutcomes } from './tasks'
import { failed } from './transfer'
import { pathOfNames, toFilePage, toTrashEntry } from './translate'
import type { File } from './wire'

const notInBin = notFound({ what: 'trash' })

/** Where an entry was, KooDrive's bin does not show. */
export const listTrash =
  ({ api }: Context) =>
  ({ cursor, limit }: RawPage, { signal }: Pick<Call, 'signal'>): RawResult<Page<TrashEntry>> =>
    pipe(
      api.listBin({ cursor, pageSize: limit }, signal),
      TE.flatMapEither(toFilePage(cursor, () => true)),
      TE.map(({ files, next }) => ({ items: files.map(toTrashEntry), ...defined({ next }) })),
    )

/** An item of the bin, by its details. */
const itemOf = async ({ api }: Context, id: string, signal: Signal): Settled<File> => {
  const seen = await api.detail(id, signal)()
  if (E.isLeft(seen)) return isGone(seen.left) ? E.left(notInBin) : seen
  return seen.right.recycled === true ? seen : E.left(notInBin)
}

/** What is in a folder that items come back to. A folder that is gone has nothing: the service creates it anew. */
const entriesIn = async (
  { api, cache, ids }: Context,
  parent: string | undefined,
  signal: Signal,
): Settled<ReadonlyArray<Entry>> => {
  if (parent === undefined) return E.right([])
  const full = await api.path(parent, signal)()
  if (E.isLeft(full)) return isGone(full.left) ? E.right([]) : full
  const path = parsePath(pathOfNames(full.right.namePath))
  if (E.isLeft(path)) return E.right([])
  const entry = { kind: 'directory', path: path.right, name: nameOf(path.right), id: parent } as const
  cache.changed()
  const found = await ids.children({ id: parent, entry }, signal)
  return E.isLeft(found) && isGone(found.left) ? E.right([]) : found
}

/** The visible sibling that has the name of an item where it comes back to; each folder is read once. */
const siblingsOf = (context: Context, signal: Signal) => {
  const folders = new Map<string | undefined, ReturnType<typeof entriesIn>>()
  return async ({ fileName, parentFolder }: File): Settled<Entry | undefined> => {
    const parent = parentFolder?.[0]
    const listed = folders.get(parent) ?? entriesIn(context, parent, signal)
    folders.set(parent, listed)
    return E.map((entries: ReadonlyArray<Entry>) => entries.find(({ name }) => name === fileName))(await listed)
  }
}

interface Now {
  readonly path: DrivePath
  /** The chain of ids. */
  readonly idPath: string
}

const placeOf = async ({ api }: Context, id: string, signal: Signal): Settled<Now> => {
  const full = await api.path(id, signal)()
  if (E.isLeft(full)) return full
  const path = parsePath(pathOfNames(full.right.namePath))
  return E.isLeft(path) ? path : E.right({ path: path.right, idPath: full.right.fileIdPath })
}

/** A name that was taken after all goes back to the bin under `ask`. */
const settleName = async (
  context: Context,
  { id, fileName }: File,
  conflict: ConflictStrategy,
  signal: Signal,
): Promise<RawOutcome<Placed>> => {
  const now = await placeOf(context, id, signal)
  const check = `the restored entry ${fileName}`
  if (E.isLeft(now)) return failed(unknownOutcome(check, now.left, { likely: 'done' }))
  const { path, idPath } = now.right
  if (nameOf(path) === fileName) return { status: 'done', path, how: 'as-asked' }
  if (conflict === 'rename') return { status: 'done', path, how: 'renamed' }
  const undone = whetherGone(await removeToTrash(context, [{ fileId: id, filePath: idPath }], signal), id)
  return failed(E.isRight(undone) ? nameConflict({}) : incomplete(path, 'restored under another name', undone.left))
}

const failing = (fault: Failure): ReturnType<ItemOutcomes> => ({ status: 'failed', fault })

/** After a job whose outcome is unknown: an entry that is no longer in the bin, where this call had seen it, was restored. */
const restoredItem = async (
  context: Context,
  item: File,
  outcome: ReturnType<ItemOutcomes>,
  conflict: ConflictStrategy,
  signal: Signal,
): Promise<RawOutcome<Placed>> => {
  if (outcome.status === 'done') return settleName(context, item, conflict, signal)
  if (outcome.fault._tag !== 'Indeterminate' || signal.aborted) return failed(outcome.fault)
  const now = await context.api.detail(item.id, signal)()
  if (E.isRight(now) && now.right.recycled !== true) return settleName(context, item, conflict, signal)
  return failed(unknownOutcome(`the recycle bin, for ${item.fileName}`, outcome.fault))
}

/** One job for all. KooDrive appends a timestamp to a taken name; under `ask` it is looked for first, and the item goes back where one was taken meanwhile. */
export const restore =
  (context: Context) =>
  (
    ids: ReadonlyArray<string>,
    { conflict }: { readonly conflict: ConflictStrategy },
    { signal }: Pick<Call, 'signal'>,
  ): RawResult<ReadonlyArray<RawOutcome<Placed>>> =>
  async () => {
    const { jobs } = context
    const siblingOf = siblingsOf(context, signal)
    const prepared = await mapLimit(ids, concurrency, async (id): Promise<E.Either<RawOutcome<Placed>, File>> => {
      const item = await itemOf(context, id, signal)
      if (E.isLeft(item)) return E.left(failed(item.left, false))
      const taken = conflict === 'ask' ? await siblingOf(item.right) : E.right(undefined)
      if (E.isLeft(taken)) return E.left(failed(taken.left, false))
      return taken.right === undefined ? item : E.left(failed(nameConflict({ existing: taken.right }), false))
    })
    const items = prepared.flatMap((one) => (E.isRight(one) ? [one.right] : []))
    const done =
      items.length === 0
        ? E.left(notInBin)
        : await jobs.run({ taskType: 4, items: items.map(({ id }) => ({ fileId: id })) }, signal)
    context.cache.changed()
    return E.right(
      await mapLimit(prepared, concurrency, (one) =>
        E.isLeft(one)
          ? Promise.resolve(one.left)
          : restoredItem(
              context,
              one.right,
              E.isRight(done) ? done.right(one.right.id) : failing(done.left),
              conflict,
              signal,
            ),
      ),
    )
  }

/** Only what is in the bin: the job would erase any other entry as well. */
export const purge =
  (context: Context) =>
  (ids: ReadonlyArray<string>, { signal }: Pick<Call, 'signal'>): RawResult<ReadonlyArray<RawOutcome<Purged>>> =>
  async () => {
    const found = await mapLimit(ids, concurrency, (id) => itemOf(context, id, signal))
    const items = found.flatMap((one) => (E.isRight(one) ? [{ fileId: one.right.id }] : []))
    const done =
      items.length === 0 ? E.left(notInBin) : await context.jobs.run({ taskType: 2, actionType: 202, items }, signal)
    return E.right(
      found.map((one): RawOutcome<Purged> => {
        if (E.isLeft(one)) return failed(one.left, false)
        const gone = whetherGone(done, one.right.id)
        return E.isRight(gone) ? { status: 'done', how: 'erased' } : failed(gone.left)
      }),
    )
  }

export const emptyTrash =
  ({ api, timers }: Context) =>
  ({ signal }: Pick<Call, 'signal'>): RawResult<void> => {
    const send = () =>
      pipe(
        api.emptyBin(signal),
        TE.map(() => undefined),
      )
    return attempt<undefined>({ send, repeat: 'always', check: 'the recycle bin', signal, timers })
  }
