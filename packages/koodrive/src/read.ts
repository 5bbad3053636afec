// readFile: links are requested together, contents are read from the object store.
import type { ByteRange, DrivePath } from '@anydrive/core'
import {
  aborted,
  notFound,
  preconditionFailed,
  wrongKind,
  type RawResult,
  type Call,
  type Opened,
} from '@anydrive/core/adapter'
import { onAbort, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import type { Readable } from 'node:stream'
import type { Context, Signal } from './client'
import { current } from './entries'
import { codes, faultOfCode } from './errors'
import type { Download } from './wire'

type Outcome = E.Either<Failure, string>

/** The presigned URL of a file's content: a secret. Links requested within one tick share a request. */
export type Links = (fileId: string, signal: Signal) => RawResult<string>

const idsPerRequest = 100

const linkIn = (downloads: ReadonlyArray<Download>, fileId: string): Outcome => {
  const found = downloads.find((download) => download.fileId === fileId)
  if (found === undefined) return E.left(notFound({ what: 'source', code: codes.notFound }))
  return found.url !== undefined && (found.code ?? '0') === '0'
    ? E.right(found.url)
    : E.left(faultOfCode(found.code, found.msg))
}

interface LinkRequest {
  readonly fileId: string
  readonly signal: Signal
  readonly resolve: (outcome: Outcome) => void
}

export const createLinks = (api: Context['api']): Links => {
  let waiting: Array<LinkRequest> = []

  /** Ends when all who wait for it have aborted. */
  const fetch = async (requests: ReadonlyArray<LinkRequest>): Promise<void> => {
    const controller = new AbortController()
    let left = requests.length
    const forgetAll = requests.map(({ signal }) =>
      onAbort(signal, () => {
        left -= 1
        if (left === 0) controller.abort()
      }),
    )
    const ids = [...new Set(requests.map(({ fileId }) => fileId))]
    const result = await api.downloadLinks(ids, controller.signal)()
    for (const forget of forgetAll) forget()
    for (const { fileId, resolve } of requests)
      resolve(E.isLeft(result) ? result : linkIn(result.right.downloads, fileId))
  }

  const flush = (): void => {
    const requests = waiting
    waiting = []
    for (let i = 0; i < requests.length; i += idsPerRequest) void fetch(requests.slice(i, i + idsPerRequest))
  }

  return (fileId, signal) => () =>
    new Promise((resolve) => {
      const forget = onAbort(signal, () => {
        resolve(E.left(aborted({ effect: 'none' })))
      })
      if (waiting.length === 0) setImmediate(flush)
      waiting.push({
        fileId,
        signal,
        resolve: (outcome) => {
          forget()
          resolve(outcome)
        },
      })
    })
}

/** A link that the object store refuses has expired: another is requested, once. */
const contentOf = (
  context: Context,
  links: Links,
  file: { readonly id: string; readonly link: string },
  range: ByteRange,
) => {
  let { link } = file
  return (start: number, signal: Signal): RawResult<Readable> =>
    async () => {
      const read = (): Promise<E.Either<Failure, Readable>> =>
        context.api.getContent(link, { start, end: range.end }, signal)()
      const first = await read()
      if (E.isRight(first) || first.left.http !== 403) return first
      const renewed = await links(file.id, signal)()
      if (E.isLeft(renewed)) return renewed
      link = renewed.right
      return read()
    }
}

export const readFile =
  (context: Context, links: Links) =>
  (
    path: DrivePath,
    { range, ifVersion }: { readonly range: ByteRange; readonly ifVersion?: string | undefined },
    { signal }: Call,
  ): RawResult<Opened> =>
  () =>
    context.ids.retrying([path], async () => {
      const found = await current(context, path, ifVersion !== undefined, signal)
      if (E.isLeft(found)) return found
      const entry = found.right
      if (entry.kind !== 'file') return E.left(wrongKind({ expected: 'file' }))
      if (ifVersion !== undefined && entry.version !== ifVersion) return E.left(preconditionFailed())
      const id = entry.id ?? ''
      const link = await links(id, signal)()
      return E.isLeft(link)
        ? link
        : E.right({ entry, open: contentOf(context, links, { id, link: link.right }, range) })
    })
