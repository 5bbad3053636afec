// readFile: links asked for together, contents read from the object store.
import {
  notFound,
  preconditionFailed,
  wrongKind,
  type Answered,
  type ByteRange,
  type Call,
  type DrivePath,
  type Fault,
  type Opened,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Readable } from 'node:stream'
import type { Bad, Context } from './context'
import { unlessAborted } from './flights'
import { current } from './look'
import { codes, faultOfCode } from './translate'
import type { Download } from './wire'

type Outcome = E.Either<Bad, string>
type Signal = AbortSignal

/** The presigned URL of a file's content: a secret. Those asked for within one tick share a request. */
export type Links = (fileId: string, signal: Signal) => Answered<string>

const idsPerRequest = 100

const linkIn = (downloads: ReadonlyArray<Download>, fileId: string): Outcome => {
  const found = downloads.find((d) => d.fileId === fileId)
  if (found?.url !== undefined && (found.code ?? '0') === '0') return E.right(found.url)
  return E.left(
    found === undefined
      ? notFound({ what: 'source', code: codes.notFound })
      : (faultOfCode(found.code, found.msg) satisfies Fault),
  )
}

interface Wish {
  readonly fileId: string
  readonly signal: Signal
  readonly grant: (outcome: Outcome) => void
}

export const createLinks = (api: Context['api']): Links => {
  let wishes: Array<Wish> = []

  const fetch = async (some: ReadonlyArray<Wish>): Promise<void> => {
    const controller = new AbortController()
    let waiting = some.length
    const leave = () => {
      waiting -= 1
      if (waiting === 0) controller.abort()
    }
    for (const { signal } of some) {
      if (signal.aborted) leave()
      else signal.addEventListener('abort', leave, { once: true })
    }
    const ids = [...new Set(some.map(({ fileId }) => fileId))]
    const answer = await api.downloadLinks(ids, controller.signal)()
    for (const { fileId, signal, grant } of some) {
      signal.removeEventListener('abort', leave)
      grant(
        E.flatMap(({ downloads }: { readonly downloads: ReadonlyArray<Download> }) => linkIn(downloads, fileId))(
          answer,
        ),
      )
    }
  }

  const flush = (): void => {
    const all = wishes
    wishes = []
    for (let i = 0; i < all.length; i += idsPerRequest) void fetch(all.slice(i, i + idsPerRequest))
  }

  return (fileId, signal) => () => {
    const granted = new Promise<Outcome>((grant) => {
      if (wishes.length === 0) setImmediate(flush)
      wishes.push({ fileId, signal, grant })
    })
    return unlessAborted(signal, granted)
  }
}

/** A link that the object store refuses has expired: another is asked for, once. */
const contentOf = (
  context: Context,
  links: Links,
  file: { readonly id: string; readonly link: string },
  range: ByteRange,
) => {
  let { link } = file
  return (start: number, signal: Signal): Answered<Readable> =>
    async () => {
      const read = (): Promise<E.Either<Bad, Readable>> =>
        context.api.getContent(link, { start, end: range.end }, signal)()
      const first = await read()
      if (E.isRight(first) || first.left.http !== 403) return first
      const renewed = await links(file.id, signal)()
      if (E.isLeft(renewed)) return renewed
      link = renewed.right
      return read()
    }
}

interface Reading {
  readonly range: ByteRange
  readonly ifVersion?: string | undefined
}

const opened = (
  context: Context,
  links: Links,
  path: DrivePath,
  reading: Reading,
  signal: Signal,
): Answered<Opened> => {
  const { range, ifVersion } = reading
  return async () => {
    const found = await current(context, path, ifVersion !== undefined, signal)()
    if (E.isLeft(found)) return found
    const entry = found.right
    if (entry.kind !== 'file') return E.left(wrongKind({ expected: 'file' }))
    if (ifVersion !== undefined && entry.version !== ifVersion) return E.left(preconditionFailed())
    const id = entry.id ?? ''
    return E.map((link: string): Opened => ({ entry, open: contentOf(context, links, { id, link }, range) }))(
      await links(id, signal)(),
    )
  }
}

export const readFile =
  (context: Context, links: Links) =>
  (path: DrivePath, reading: Reading, { signal }: Call): Answered<Opened> =>
    context.ids.retrying([path], () => opened(context, links, path, reading, signal))
