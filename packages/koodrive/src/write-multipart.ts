// The bytes of an upload: parts one after another, hashed as they pass, fresh URLs where the old ones have expired.
import type { Fault, UploadSource } from '@anydrive/core'
import { checksumMismatch, defined, notFound, sourceFailed, type RawResult } from '@anydrive/core/adapter'
import { attempt, passThrough, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { createHash, type Hash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { NewPart } from './api'
import type { Context, Settled, Signal } from './client'
import type { File, Part } from './wire'

const mib = 1024 * 1024
export const partLimits = { min: 5 * mib, max: 5 * 1024 * mib, count: 10_000 } as const
/** URLs requested at once; they expire after an hour. */
const urlsPerRequest = 100
const urlLife = 50 * 60_000

/** One part up to 32 MiB; else at least 16 MiB each, and never more than 10,000. */
export const partSizeFor = (size: number, wanted?: number): number => {
  const inBounds = (n: number): number => Math.min(partLimits.max, Math.max(partLimits.min, n))
  const least = Math.ceil(size / partLimits.count / mib) * mib
  if (wanted !== undefined) return inBounds(Math.max(wanted, least))
  return size <= 32 * mib ? Math.max(size, partLimits.min) : inBounds(Math.max(16 * mib, least))
}

/** Numbered from 1; an empty file is one empty part. */
export const partsOf = (size: number, partSize: number): ReadonlyArray<NewPart> =>
  Array.from({ length: Math.max(1, Math.ceil(size / partSize)) }, (_, i) => ({
    partNumber: i + 1,
    partSize: Math.min(partSize, size - i * partSize),
  }))

export interface Upload {
  readonly fileId: string
  readonly source: UploadSource
  readonly partSize: number
  /** Parts that were sent before. */
  readonly sent: number
  readonly urls: ReadonlyArray<Part>
  readonly onProgress: (bytes: number) => void
  /** After each part. */
  readonly onPart: (sent: number) => RawResult<void>
}

/** Reads the beginning of the source to hash it: what was sent before, or all of it beforehand. */
const hashStretch =
  (source: UploadSource, end: number, hash: Hash, signal: Signal): RawResult<void> =>
  async () => {
    const opened = await source.open({ start: 0, end }, signal)()
    if (E.isLeft(opened)) return opened
    const read = async (): Promise<void> => {
      for await (const chunk of opened.right as AsyncIterable<Uint8Array>) hash.update(chunk)
    }
    return TE.tryCatch(read, (): Fault => sourceFailed({ reason: 'unreadable' }))()
  }

export const sha256Of = (source: UploadSource, signal: Signal): RawResult<string> => {
  const hash = createHash('sha256')
  return async () => E.map(() => hash.digest('hex'))(await hashStretch(source, source.size, hash, signal)())
}

interface Urls {
  readonly of: (part: NewPart, signal: Signal) => Settled<string>
  /** A fresh one, whether or not one is known. */
  readonly renewed: (part: NewPart, signal: Signal) => Settled<string>
}

const createUrls = ({ api, timers }: Context, upload: Upload, parts: ReadonlyArray<NewPart>): Urls => {
  let known = upload.urls
  let obtainedAt = timers.now()
  const urlOf = ({ partNumber }: NewPart): string | undefined =>
    known.find((part) => part.partNumber === partNumber)?.uploadUrl
  const renewed: Urls['renewed'] = async (part, signal) => {
    const multiParts = parts.slice(part.partNumber - 1, part.partNumber - 1 + urlsPerRequest)
    const answer = await api.uploadUrls({ fileId: upload.fileId, multiParts }, signal)()
    if (E.isLeft(answer)) return answer
    known = answer.right.multiParts
    obtainedAt = timers.now()
    return E.fromNullable(notFound({ what: 'upload' }))(urlOf(part))
  }
  return {
    of: async (part, signal) => {
      const url = timers.now() - obtainedAt < urlLife ? urlOf(part) : undefined
      return url === undefined ? renewed(part, signal) : E.right(url)
    },
    renewed,
  }
}

/** Whether the object store refuses the URL, so that a fresh one may help. */
const isExpired = (fault: Failure): boolean => fault.http === 403 || fault.http === 401

/** Answers with the digest of all bytes. The bytes of a part count once, however often it was sent. */
export const sendParts = async (context: Context, upload: Upload, signal: Signal): Settled<string> => {
  const { api, timers } = context
  const { source, partSize, onProgress } = upload
  const parts = partsOf(source.size, partSize)
  const urls = createUrls(context, upload, parts)
  let hash = createHash('sha256')
  if (upload.sent > 0) {
    const before = Math.min(source.size, upload.sent * partSize)
    const hashed = await hashStretch(source, before, hash, signal)()
    if (E.isLeft(hashed)) return hashed
  }

  const send = async (part: NewPart): Settled<void> => {
    const start = (part.partNumber - 1) * partSize
    let passing = hash
    const open = (inner: Signal) => {
      const own = (passing = hash.copy())
      const observe = (stream: Readable): Readable =>
        passThrough(stream, {
          onChunk: (chunk) => own.update(chunk),
          onProgress: (bytes) => onProgress(start + bytes),
        })
      return TE.map(observe)(source.open({ start, end: start + part.partSize }, inner))
    }
    const put = async (url: E.Either<Failure, string>): Settled<void> => {
      if (E.isLeft(url)) return url
      const body = { stream: open, size: part.partSize, type: false } as const
      const check = `part ${part.partNumber} of the upload`
      return attempt({ send: () => api.putPart(url.right, body, signal), repeat: 'always', check, signal, timers })()
    }
    const url = await urls.of(part, signal)
    const first = await put(url)
    const isStale = E.isRight(url) && E.isLeft(first) && isExpired(first.left)
    const sent = isStale ? await put(await urls.renewed(part, signal)) : first
    hash = passing
    return sent
  }

  for (const part of parts.slice(upload.sent)) {
    const sent = await send(part)
    if (E.isLeft(sent)) return E.left(sent.left.http === 404 ? notFound({ what: 'upload', http: 404 }) : sent.left)
    const noted = await upload.onPart(part.partNumber)()
    if (E.isLeft(noted)) return noted
  }
  const digest = hash.digest('hex')
  const declared = source.checksums?.sha256
  return declared === undefined || declared === digest
    ? E.right(digest)
    : E.left(checksumMismatch({ algorithm: 'sha256', said: 'the source does not have its declared checksum' }))
}

/** Has the service join the parts and check the digest. After a lost response the details show whether it did: before, they know nothing of the id. */
export const completeUpload = (
  { api, timers }: Context,
  upload: { readonly fileId: string; readonly sha256?: string; readonly size?: number },
  check: string,
  signal: Signal,
): RawResult<unknown> => {
  const { fileId, sha256, size } = upload
  return attempt<unknown, File | undefined>({
    send: () => api.completeFile({ fileId, ...defined({ sha256 }) }, signal),
    repeat: 'if-not-done',
    lookup: (its) => async () => {
      const seen = await api.detail(fileId, its)()
      return E.isLeft(seen) && seen.left._tag === 'NotFound' ? E.right(undefined) : seen
    },
    proof: (file) => {
      if (file === undefined) return { is: 'not-done' }
      return size === undefined || (file.size ?? size) === size ? { is: 'done', value: file } : { is: 'unproven' }
    },
    check,
    signal,
    timers,
  })
}

export const firstUrls = (size: number, partSize: number): ReadonlyArray<NewPart> =>
  partsOf(size, partSize).slice(0, urlsPerRequest)
