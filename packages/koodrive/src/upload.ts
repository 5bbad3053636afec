// The bytes of a file on their way: parts one after another, hashed as they pass, new URLs where the old ones have expired.
import {
  checksumMismatch,
  notFound,
  sourceFailed,
  type Answered,
  type DriveError,
  type Fault,
  type UploadSource,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { createHash, type Hash } from 'node:crypto'
import { pipeline, Transform, type Readable } from 'node:stream'
import type { NewPart } from './api'
import { lookedFor, type Bad, type Context } from './context'
import type { Part } from './wire'

type Signal = AbortSignal
type Settled<A> = Promise<E.Either<Bad, A>>

const mib = 1024 * 1024
export const partLimits = { min: 5 * mib, max: 5 * 1024 * mib, count: 10_000 } as const
/** URLs asked for in one request; they expire after an hour. */
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
  /** Parts that have arrived before. */
  readonly sent: number
  readonly urls: ReadonlyArray<Part>
  readonly onProgress: (bytes: number) => void
  /** After each part. */
  readonly onPart: (sent: number) => Answered<void>
}

/** Passes bytes on, and tells of them. */
const observed = (stream: Readable, see: (bytes: Uint8Array) => void): Readable => {
  const through = new Transform({
    transform: (chunk: Uint8Array, _encoding, next) => {
      see(chunk)
      next(null, chunk)
    },
  })
  pipeline(stream, through, () => undefined)
  return through
}

/** Reads a stretch of the source to hash it: what was sent before, or all of it beforehand. */
const hashStretch =
  (source: UploadSource, end: number, hash: Hash, signal: Signal): Answered<void> =>
  async () => {
    const opened = await source.open({ start: 0, end }, signal)()
    if (E.isLeft(opened)) return opened
    const read = async (): Promise<void> => {
      for await (const chunk of opened.right as AsyncIterable<Uint8Array>) hash.update(chunk)
    }
    return TE.tryCatch(read, (): Fault => sourceFailed({ reason: 'unreadable' }))()
  }

export const sha256Of = (source: UploadSource, signal: Signal): Answered<string> => {
  const hash = createHash('sha256')
  return async () => E.map(() => hash.digest('hex'))(await hashStretch(source, source.size, hash, signal)())
}

interface Urls {
  readonly of: (part: NewPart, signal: Signal) => Settled<string>
  /** A new one, whether or not one is known. */
  readonly renewed: (part: NewPart, signal: Signal) => Settled<string>
}

const createUrls = ({ api, clock }: Context, upload: Upload, parts: ReadonlyArray<NewPart>): Urls => {
  let known = upload.urls
  let obtainedAt = clock.now()
  const urlOf = ({ partNumber }: NewPart): string | undefined =>
    known.find((part) => part.partNumber === partNumber)?.uploadUrl
  const renewed: Urls['renewed'] = async (part, signal) => {
    const multiParts = parts.slice(part.partNumber - 1, part.partNumber - 1 + urlsPerRequest)
    const answer = await api.uploadUrls({ fileId: upload.fileId, multiParts }, signal)()
    if (E.isLeft(answer)) return answer
    known = answer.right.multiParts
    obtainedAt = clock.now()
    return E.fromNullable(notFound({ what: 'upload' }))(urlOf(part))
  }
  return {
    of: async (part, signal) => {
      const url = clock.now() - obtainedAt < urlLife ? urlOf(part) : undefined
      return url === undefined ? renewed(part, signal) : E.right(url)
    },
    renewed,
  }
}

/** Whether the object store refuses the URL, which a new one may mend. */
const isExpired = (fault: Bad): boolean => fault.http === 403 || fault.http === 401

/** The digest of all bytes. The hash of a part counts once, however often the part had to be sent. */
export const sendParts =
  (context: Context, upload: Upload, signal: Signal): Answered<string> =>
  async () => {
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
      const open = (inner: Signal): TE.TaskEither<DriveError | Fault<'SourceFailed' | 'Aborted'>, Readable> => {
        const attempt = hash.copy()
        let count = 0
        passing = attempt
        return TE.map((stream: Readable) =>
          observed(stream, (bytes) => {
            attempt.update(bytes)
            count += bytes.byteLength
            onProgress(start + count)
          }),
        )(source.open({ start, end: start + part.partSize }, inner))
      }
      const put = async (url: E.Either<Bad, string>): Settled<void> =>
        E.isLeft(url)
          ? url
          : context.api.putPart(url.right, { stream: open, size: part.partSize, type: false }, signal)()
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
      : E.left(checksumMismatch({ algorithm: 'sha256', said: 'the source is not what its checksum says' }))
  }

/** The service joins the parts and checks the digest. Whether a lost answer was a success, the details tell. */
export const completeUpload = (
  { api, clock }: Context,
  upload: { readonly fileId: string; readonly sha256: string },
  check: string,
  signal: Signal,
): Answered<void> =>
  TE.map(() => undefined)(
    lookedFor<object>(clock, {
      call: api.completeFile(upload, signal),
      look: async () => {
        const seen = await api.detail(upload.fileId, signal)()
        if (E.isRight(seen)) return E.right({})
        return seen.left._tag === 'NotFound' ? E.right('absent' as const) : seen
      },
      check,
      signal,
    }),
  )

export const firstUrls = (size: number, partSize: number): ReadonlyArray<NewPart> =>
  partsOf(size, partSize).slice(0, urlsPerRequest)
