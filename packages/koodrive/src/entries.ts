// stat, list, and what reading a file needs to know about it.
import { parentOf, root, type Cursor, type DrivePath, type Entry, type Page } from '@anydrive/core'
import { notFound, wrongKind, type RawResult, type Call } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { Context, Settled, Signal } from './client'
import { codes, isGone } from './errors'
import { rootNode, type Node } from './ids'
import { isStillAt, toEntry, toFilePage, toPage } from './translate'

const entryOf = E.map(({ entry }: Node) => entry)

/** One request where the id is known: its details show whether it is still there. */
const detailed = async (context: Context, path: DrivePath, id: string, signal: Signal): Settled<Entry> => {
  const { api, cache, timers, ids } = context
  const seenAt = timers.now()
  const folder = await ids.find(parentOf(path), signal)
  if (E.isLeft(folder)) return folder
  const file = await api.detail(id, signal)()
  if (E.isLeft(file)) return file
  if (!isStillAt(file.right, path, folder.right.id)) return E.left(notFound({ what: 'source', code: codes.notFound }))
  const entry = toEntry(path, file.right)
  cache.put(entry, seenAt)
  return E.right(entry)
}

/** Of the root one request, which proves reach, credentials and space. */
export const stat =
  (context: Context) =>
  (path: DrivePath, { signal }: Pick<Call, 'signal'>): RawResult<Entry> =>
  async () => {
    const { api, cache, ids } = context
    if (path === root) {
      const page = E.flatMap(toFilePage(undefined))(
        await api.list({ parentFileId: rootNode.id, pageSize: 1 }, signal)(),
      )
      return E.map(() => rootNode.entry)(page)
    }
    const known = cache.get(path)
    if (known === undefined) return entryOf(await ids.find(path, signal))
    const seen = await detailed(context, path, known.id, signal)
    if (E.isRight(seen) || !isGone(seen.left)) return seen
    cache.forget(path)
    return entryOf(await ids.find(path, signal))
  }

/** The id and what is known of the file, no older than ids are trusted. `complete`: with its times and version. */
export const current = async (context: Context, path: DrivePath, complete: boolean, signal: Signal): Settled<Entry> => {
  const { cache, timers, settings, ids } = context
  const known = cache.get(path)
  const isFresh = known !== undefined && timers.now() - known.seenAt <= settings.idTrust
  const suffices = isFresh && (!complete || (known.entry.kind === 'file' && known.entry.version !== undefined))
  return suffices ? entryOf(await ids.find(path, signal)) : stat(context)(path, { signal })()
}

/** A cursor is KooDrive's own. For a file: `WrongKind`. */
export const list =
  (context: Context) =>
  (
    path: DrivePath,
    { cursor, limit }: { readonly cursor?: Cursor | undefined; readonly limit: number },
    { signal }: Pick<Call, 'signal'>,
  ): RawResult<Page<Entry>> => {
    const { api, cache, timers, ids } = context
    return () =>
      ids.retrying([path], async () => {
        const folder = await ids.find(path, signal)
        if (E.isLeft(folder)) return folder
        if (folder.right.entry.kind !== 'directory') return E.left(wrongKind({ expected: 'directory' }))
        const seen = { at: timers.now(), generation: cache.generation() }
        const listed = await api.list({ parentFileId: folder.right.id, cursor, pageSize: limit }, signal)()
        const page = E.map(toPage(path))(E.flatMap(toFilePage(cursor))(listed))
        if (E.isRight(page)) ids.keep(page.right.items, seen)
        return page
      })
  }
