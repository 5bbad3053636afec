// stat, list, and what reading a file needs to know of it.
import {
  nameOf,
  notFound,
  parentOf,
  root,
  wrongKind,
  type Answered,
  type Call,
  type Cursor,
  type DrivePath,
  type Entry,
  type Page,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Bad, Context } from './context'
import { rootNode, type Node } from './ids'
import { codes, isGone, sameFolder, toEntry, toFilePage, toPage } from './translate'
import type { File } from './wire'

type Signal = Call['signal']

/** Proves reach, credentials and space. */
const statRoot = ({ api }: Context, signal: Signal): Answered<Entry> =>
  pipe(
    api.list({ parentFileId: rootNode.id, pageSize: 1 }, signal),
    TE.flatMapEither((list): E.Either<Bad, unknown> => toFilePage(undefined)(list)),
    TE.map(() => rootNode.entry),
  )

const isStillAt = (path: DrivePath, folder: Node, file: File): boolean =>
  file.recycled !== true && file.fileName === nameOf(path) && sameFolder(file.parentFolder?.[0] ?? folder.id, folder.id)

/** One request where the id is known: its details tell whether it is still there. */
const detailed = (context: Context, path: DrivePath, id: string, signal: Signal): Answered<Entry> => {
  const { api, cache, clock, ids } = context
  const seenAt = clock.now()
  const gone = notFound({ what: 'source', code: codes.notFound })
  return pipe(
    ids.find(parentOf(path), signal),
    TE.flatMap((folder) =>
      pipe(
        api.detail(id, signal),
        TE.flatMapEither((file) => (isStillAt(path, folder, file) ? E.right(toEntry(path, file)) : E.left(gone))),
      ),
    ),
    TE.tapIO((entry) => () => cache.put(entry, seenAt)),
  )
}

export const stat =
  (context: Context) =>
  (path: DrivePath, { signal }: { readonly signal: Signal }): Answered<Entry> => {
    if (path === root) return statRoot(context, signal)
    const { cache, ids } = context
    const found = pipe(
      ids.find(path, signal),
      TE.map(({ entry }) => entry),
    )
    return async () => {
      const known = cache.get(path)
      if (known === undefined) return found()
      const seen = await detailed(context, path, known.id, signal)()
      if (E.isRight(seen) || !isGone(seen.left)) return seen
      cache.forget(path)
      return found()
    }
  }

/** The id and what is known of the file, not older than ids are trusted; the times only if they were seen. */
export const current = (context: Context, path: DrivePath, complete: boolean, signal: Signal): Answered<Entry> => {
  const { cache, clock, settings, ids } = context
  return async () => {
    const known = cache.get(path)
    const isFresh = known !== undefined && clock.now() - known.seenAt <= settings.idTrust
    const suffices = isFresh && (!complete || (known.entry.kind === 'file' && known.entry.version !== undefined))
    if (!suffices) return stat(context)(path, { signal })()
    return E.map(({ entry }: Node) => entry)(await ids.find(path, signal)())
  }
}

/** A cursor is KooDrive's own. Of a file: `WrongKind`. */
export const list =
  (context: Context) =>
  (
    path: DrivePath,
    { cursor, limit }: { readonly cursor?: Cursor | undefined; readonly limit: number },
    { signal }: { readonly signal: Signal },
  ): Answered<Page<Entry>> => {
    const { api, cache, clock, ids } = context
    return ids.retrying([path], () =>
      pipe(
        ids.find(path, signal),
        TE.flatMap((folder): Answered<Page<Entry>> => {
          if (folder.entry.kind !== 'directory') return TE.left(wrongKind({ expected: 'directory' }))
          const seen = { at: clock.now(), generation: cache.generation() }
          return pipe(
            api.list({ parentFileId: folder.id, cursor, pageSize: limit }, signal),
            TE.flatMapEither((answer): E.Either<Bad, Page<Entry>> => E.map(toPage(path))(toFilePage(cursor)(answer))),
            TE.tapIO((page) => () => {
              if (seen.generation !== cache.generation()) return
              const names = page.items.map((entry) => entry.name)
              const isAlone = (name: string) => names.indexOf(name) === names.lastIndexOf(name)
              for (const entry of page.items) {
                if (isAlone(entry.name)) cache.put(entry, seen.at)
                else cache.forget(entry.path)
              }
            }),
          )
        }),
      ),
    )
  }
