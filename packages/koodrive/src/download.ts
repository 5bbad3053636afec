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
  type FileEntry,
  type Opened,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Readable } from 'node:stream'
import type { Bad, Context } from './context'
import { unlessAborted } from './flights'
import { current } from './look'
import { codes, faultOfCode, isGone } from './translate'
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
const contentOf =
  (context: Context, links: Links, id: string, range: ByteRange) =>
  (start: number, signal: Signal): Answered<Readable> =>
  async () => {
    const read = async (): Promise<E.Either<Bad, Readable>> => {
      const link = await links(id, signal)()
      if (E.isLeft(link)) return link
      return context.api.getContent(link.right, { start, end: range.end }, signal)()
    }
    const first = await read()
    return E.isLeft(first) && first.left.http === 403 ? read() : first
  }

export const readFile =
  (context: Context, links: Links) =>
  (
    path: DrivePath,
    { range, ifVersion }: { readonly range: ByteRange; readonly ifVersion?: string | undefined },
    { signal }: Call,
  ): Answered<Opened> =>
  async () => {
    const found = await current(context, path, ifVersion !== undefined, signal)()
    if (E.isLeft(found)) return found
    const entry = found.right
    if (entry.kind !== 'file') return E.left(wrongKind({ expected: 'file' }))
    if (ifVersion !== undefined && entry.version !== ifVersion) return E.left(preconditionFailed())
    return E.right(opened(context, links, entry, range))
  }

const opened = (context: Context, links: Links, entry: FileEntry, range: ByteRange): Opened => {
  const read = contentOf(context, links, entry.id ?? '', range)
  return {
    entry,
    // Gone between the look and the link: forgotten, so that the next call looks again.
    open: (start, signal) => async () => {
      const stream = await read(start, signal)()
      if (E.isLeft(stream) && isGone(stream.left)) context.cache.forget(entry.path)
      return stream
    },
  }
}
