// search: by the newer call, or by the classic one where the library has not been given the newer. changes: the feed of what happened.
import type { Changes, Entry, Page, SearchQuery } from '@anydrive/core'
import {
  defined,
  notFound,
  unsupported,
  type OptionalOperations,
  type RawPage,
  type RawResult,
} from '@anydrive/core/adapter'
import { mapLimit, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Smh } from './client'
import { answerIn, isMissing } from './errors'
import { lookups } from './outcomes'
import { toChange, toCursor, toEntry, toPath } from './translate'
import type { ClassicHits, ClassicSearchBody, Hit, SearchBody } from './wire'

type Found = E.Either<Failure, Page<Entry>>

/** Times are not sent: SMH knows only its own, and an entry has those that its caller gave. */
const bodyOf = ({ below, name, size }: SearchQuery): SearchBody => ({
  type: 'filename',
  ...defined({
    keywords: name === undefined || name === '' ? undefined : [name],
    scope: below === undefined || below === '' ? undefined : below,
    minFileSize: size?.min === undefined ? undefined : Math.ceil(size.min),
    maxFileSize: size?.max === undefined || size.max > Number.MAX_SAFE_INTEGER ? undefined : Math.floor(size.max),
  }),
})

const classicBodyOf = ({ kind, ...query }: SearchQuery): ClassicSearchBody => {
  const { type: _, keywords, ...body } = bodyOf(query)
  const type = kind === 'directory' ? 'dir' : undefined
  return { ...body, ...defined({ keyword: keywords?.join(' '), type }) }
}

/** The path that the service names, or where the entry of this id is now. */
const pathOf = async (smh: Smh, { path, inode }: Hit, signal: AbortSignal) => {
  if (path !== undefined && path !== null) return toPath(path)
  if (typeof inode !== 'string') return E.left(notFound({ what: 'source' }))
  const found = await smh.api.byInode(inode, signal)()
  if (E.isLeft(found)) return found
  return found.right.path === null ? E.left(notFound({ what: 'source' })) : toPath(found.right.path)
}

/** Of an index that lags behind some are gone; what has no usable path or size is skipped by its name. */
const pageOf = async (
  smh: Smh,
  hits: ReadonlyArray<Hit>,
  next: string | undefined,
  signal: AbortSignal,
): Promise<Found> => {
  const items: Array<Entry> = []
  const skipped: Array<string> = []
  const paths = await mapLimit(hits, lookups, (hit) => pathOf(smh, hit, signal))
  for (const [i, hit] of hits.entries()) {
    const path = paths[i]
    if (path === undefined || E.isLeft(path)) {
      const fault = path?.left
      if (fault !== undefined && !isMissing(fault) && fault._tag !== 'UnexpectedResponse') return E.left(fault)
      if (fault?.code === undefined) skipped.push(hit.name)
      continue
    }
    const entry = toEntry(path.right, hit.type, hit)
    if (E.isRight(entry)) items.push(entry.right)
    else skipped.push(hit.name)
  }
  return E.right({ items, ...defined({ next, skipped: skipped.length === 0 ? undefined : skipped }) })
}

const pause = 500

/** Waits while SMH still looks and has nothing to show. The results are freed after the last page. */
const classic = async (smh: Smh, first: ClassicHits, id: string, signal: AbortSignal): Promise<Found> => {
  let page = first
  while (page.searchFinished === false && page.contents.length === 0 && !signal.aborted) {
    await smh.timers.delay(pause, signal)
    const more = await smh.api.continueSearch(id, toCursor(page.nextMarker), signal)()
    if (E.isLeft(more)) return more
    page = more.right
  }
  const hasMore = page.hasMore === true || page.searchFinished === false
  if (!hasMore) await smh.api.endSearch(id, signal)()
  const next = hasMore ? `classic ${id} ${toCursor(page.nextMarker) ?? ''}` : undefined
  return pageOf(smh, page.contents, next, signal)
}

const classicPage =
  (smh: Smh, query: SearchQuery, signal: AbortSignal): RawResult<Page<Entry>> =>
  async () => {
    const first = await smh.api.startSearch(classicBodyOf(query), signal)()
    return E.isLeft(first) ? first : classic(smh, first.right, String(first.right.searchId ?? ''), signal)
  }

const nextClassicPage =
  (smh: Smh, cursor: string, signal: AbortSignal): RawResult<Page<Entry>> =>
  async () => {
    const [id = '', marker = ''] = cursor.split(' ').slice(1)
    const page = await smh.api.continueSearch(id, marker === '' ? undefined : marker, signal)()
    return E.isLeft(page) ? page : classic(smh, page.right, id, signal)
  }

const newerPage = (smh: Smh, query: SearchQuery, { cursor, limit }: RawPage, signal: AbortSignal) =>
  pipe(
    smh.api.searchFs(bodyOf(query), { marker: cursor?.slice('fs '.length), limit }, signal),
    TE.flatMap(({ contents, nextMarker }) => () => {
      const next = toCursor(nextMarker)
      return pageOf(smh, contents, next === undefined ? undefined : `fs ${next}`, signal)
    }),
  )

const isDenied = (fault: Failure): boolean => fault._tag === 'Unsupported' || fault.code === 'RouteNotFound'

export const search = (smh: Smh): OptionalOperations['search'] => {
  let hasNewer = true
  return (query, page, { signal }) => {
    const { cursor } = page
    if (cursor?.startsWith('classic ') === true) return nextClassicPage(smh, cursor, signal)
    if (cursor !== undefined && !cursor.startsWith('fs ')) return TE.left(notFound({ what: 'cursor' }))
    if (!hasNewer && cursor === undefined) return classicPage(smh, query, signal)
    return pipe(
      newerPage(smh, query, page, signal),
      TE.orElse((fault) => {
        if (!isDenied(fault) || cursor !== undefined) return TE.left(fault)
        hasNewer = false
        return classicPage(smh, query, signal)
      }),
    )
  }
}

/** What refuses the cursor: its code, or any refusal of a request in which nothing else is the caller's. */
const feedFault = (cursor: string | undefined, fault: Failure): Failure => {
  if (isMissing(fault)) return unsupported({ ...answerIn(fault), feature: 'operations.changes' })
  return fault.http === 400 && cursor !== undefined ? notFound({ ...answerIn(fault), what: 'cursor' }) : fault
}

export const changes =
  ({ api }: Smh): OptionalOperations['changes'] =>
  ({ cursor, limit }, { signal }) =>
    pipe(
      cursor === undefined
        ? pipe(
            api.changeCursor(signal),
            TE.map((now): Changes => ({ items: [], cursor: now.cursor, more: false })),
          )
        : pipe(
            api.changes(cursor, limit, signal),
            TE.map(({ contents, cursor: next, hasMore }): Changes => ({
              ...{ items: contents.map(toChange), cursor: next, more: hasMore },
            })),
          ),
      TE.mapLeft((fault) => feedFault(cursor, fault)),
    )
