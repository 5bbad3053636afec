// search, and the URL of a file for a browser.
import {
  parsePath,
  root,
  secret,
  type DownloadUrl,
  type DrivePath,
  type Entry,
  type Page,
  type SearchQuery,
} from '@anydrive/core'
import { defined, wrongKind, type Call, type RawPage, type RawResult } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { Context, Settled, Signal } from './client'
import type { Links } from './read'
import { hitEntry, pathOfNames, sameCursor, signedUntil } from './translate'
import { folderType, type Hits } from './wire'

/** Characters of a keyword. */
const longestWord = 80

/** A hit without a usable path, or in another space, is skipped by its name. */
const toPage = ({ files, nextPageCursor: next }: Hits): Page<Entry> => {
  const items = new Map<string, Entry>()
  const skipped: Array<string> = []
  for (const hit of files) {
    const path = hit.namePath === undefined ? undefined : parsePath(pathOfNames(hit.namePath))
    if (path !== undefined && E.isRight(path)) items.set(hit.id, hitEntry(path.right, hit))
    else skipped.push(hit.fileName)
  }
  return { items: [...items.values()], ...defined({ next, skipped: skipped.length === 0 ? undefined : skipped }) }
}

const searchIn = async (
  { api, ids }: Context,
  { below = root, name, kind }: SearchQuery,
  { cursor, limit }: RawPage,
  signal: Signal,
): Settled<Page<Entry>> => {
  const folder = await ids.find(below, signal)
  if (E.isLeft(folder)) return folder
  if (folder.right.entry.kind !== 'directory') return E.left(wrongKind({ expected: 'directory' }))
  const keyWord = name === undefined || name === '' ? undefined : Array.from(name).slice(0, longestWord).join('')
  const hits = await api.search(
    {
      ...defined({ keyWord, cursor }),
      parentFolder: folder.right.id,
      fileType: kind === 'directory' ? folderType : undefined,
      pageSize: limit,
    },
    signal,
  )()
  if (E.isLeft(hits)) return hits
  return cursor !== undefined && hits.right.nextPageCursor === cursor ? E.left(sameCursor) : E.right(toPage(hits.right))
}

export const search =
  (context: Context) =>
  (query: SearchQuery, page: RawPage, { signal }: Pick<Call, 'signal'>): RawResult<Page<Entry>> =>
  () =>
    context.ids.retrying([query.below ?? root], () => searchIn(context, query, page, signal))

/** No page states how long it is valid: a URL that is signed in the form of S3 says so itself. */
export const downloadUrl =
  ({ ids }: Context, links: Links) =>
  (path: DrivePath, _: unknown, { signal }: Pick<Call, 'signal'>): RawResult<DownloadUrl> =>
  () =>
    ids.retrying([path], async () => {
      const file = await ids.find(path, signal)
      if (E.isLeft(file)) return file
      if (file.right.entry.kind !== 'file') return E.left(wrongKind({ expected: 'file' }))
      return E.map((url: string): DownloadUrl => ({ url: secret(url), ...defined({ expiresAt: signedUntil(url) }) }))(
        await links(file.right.id, signal)(),
      )
    })
