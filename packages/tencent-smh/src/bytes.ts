// The bytes of an upload: hashed as they come from the source, and sent to the object store.
import { createDigests } from '@anydrive/checksums'
import type { ByteSpan, Fault, UploadSource } from '@anydrive/core'
import { aborted, defined, sourceFailed, withoutEffect, type RawResult } from '@anydrive/core/adapter'
import type { HttpResponse } from '@anydrive/http'
import { passThrough, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { createHash } from 'node:crypto'
import type { Smh } from './client'
import { isExpired, toStoreFault } from './errors'
import { toCrc64 } from './translate'
import type { SignedHeaders, UploadTarget } from './wire'

export const blockSize = 1024 * 1024

/** `H0 = SHA-256(block 0)`, `Hi = SHA-256(H(i-1) ‖ block i)`; the last block may be short. */
export const createChainedHash = () => {
  let block = createHash('sha256')
  let room = blockSize
  let first: Buffer | undefined
  let last: Buffer | undefined
  const close = (): Buffer => {
    const hash = block.digest()
    first ??= hash
    last = hash
    block = createHash('sha256').update(hash)
    room = blockSize
    return hash
  }
  return {
    update: (bytes: Uint8Array): void => {
      for (let at = 0; at < bytes.length;) {
        const piece = bytes.subarray(at, at + room)
        block.update(piece)
        at += piece.length
        room -= piece.length
        if (room === 0) close()
      }
    },
    /** After the last byte: lower-case hex. */
    digest: () => {
      const full = room < blockSize || last === undefined ? close() : last
      return { beginningHash: (first ?? full).toString('hex'), fullHash: full.toString('hex') }
    },
  }
}

const unreadable = (error: unknown): Fault => {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return sourceFailed({ reason: 'unreadable', ...defined({ code: typeof code === 'string' ? code : undefined }) })
}

/** Reads a span of the source to its end; `beginningHash` is that of its first block, `crc64` 16 hex digits. */
export const hashesOf = async (
  source: UploadSource,
  span: ByteSpan,
  signal: AbortSignal,
): Promise<E.Either<Failure, { beginningHash: string; fullHash: string; crc64: string }>> => {
  const opened = await source.open(span, signal)()
  if (E.isLeft(opened)) return opened
  const chained = createChainedHash()
  const digests = createDigests(['crc64xz'])
  try {
    for await (const chunk of opened.right as AsyncIterable<Uint8Array>) {
      if (signal.aborted) return E.left(aborted({ effect: 'none' }))
      chained.update(chunk)
      digests.update(chunk)
    }
    return E.right({ ...chained.digest(), crc64: digests.digest().crc64xz })
  } catch (error) {
    return E.left(signal.aborted ? aborted({ effect: 'none' }) : unreadable(error))
  } finally {
    opened.right.destroy()
  }
}

// Sending

/** Until an upload is confirmed nothing of it is visible, whatever was sent. */
export const invisible = <A>(step: RawResult<A>): RawResult<A> =>
  pipe(
    step,
    TE.mapLeft((fault) => withoutEffect(fault)),
  )

/** `corrupted`: the store reports the checksum of other bytes than were sent. */
export type Stored =
  { readonly status: 'stored'; readonly crc64: string } | { readonly status: 'expired' | 'corrupted' }

/** Where one object or part is sent, with its headers. */
export interface Destination extends Pick<UploadTarget, 'domain' | 'path' | 'uploadId'> {
  readonly headers: SignedHeaders
}

export interface Sending {
  readonly target: Destination
  readonly source: UploadSource
  readonly span: ByteSpan
  /** Absent for a whole object. */
  readonly part?: number
  /** Bytes that this attempt has sent. */
  readonly onBytes: (bytes: number) => void
  readonly signal: AbortSignal
}

/** The documents show the path with a leading slash, and once without (docs/wire/tencent-smh.md, uploads). */
export const urlOf = (smh: Smh, { domain, path }: Pick<UploadTarget, 'domain' | 'path'>): string =>
  `${smh.settings.uploadScheme ?? 'https'}://${domain}/${path.replace(/^\//, '')}`

/** SMH names the host; the scheme is a setting. */
const namedBy = ({ settings: { baseUrl, uploadScheme } }: Smh): string =>
  uploadScheme === 'http' ? baseUrl.replace(/^https:/, 'http:') : baseUrl

/** Exactly the headers that SMH returned, and never its token. A part or object that is sent again replaces itself. */
export const sendBytes = (smh: Smh, { target, source, span, part, onBytes, signal }: Sending): RawResult<Stored> => {
  let digests = createDigests(['crc64xz'])
  const open = (its: AbortSignal) =>
    pipe(
      source.open(span, its),
      TE.map((stream) => {
        digests = createDigests(['crc64xz'])
        return passThrough(stream, { onChunk: digests.update, onProgress: onBytes })
      }),
    )
  const put = pipe(
    smh.store({
      endpoint: part === undefined ? 'put object' : 'put part',
      method: 'PUT',
      base: urlOf(smh, target),
      namedBy: namedBy(smh),
      query: part === undefined ? {} : { uploadId: target.uploadId ?? undefined, partNumber: part },
      headers: target.headers,
      body: { stream: open, size: span.end - span.start, type: false },
      answer: 'text',
      kind: 'change',
      signal,
    }),
    TE.flatMapEither((response: HttpResponse): E.Either<Failure, Stored> => {
      if (isExpired(response)) return E.right({ status: 'expired' })
      if (response.status < 200 || response.status > 299) return E.left(toStoreFault(response))
      const { crc64xz: crc64 } = digests.digest()
      const theirs = toCrc64(response.header('x-cos-hash-crc64ecma'))
      return E.right(theirs === undefined || theirs === crc64 ? { status: 'stored', crc64 } : { status: 'corrupted' })
    }),
  )
  return invisible(smh.repeated(signal, put))
}
