// Bytes to the object store: one object or one part, with its CRC-64 computed in passing.
import { createDigests } from '@anydrive/checksums'
import { aborted, type ByteSpan, type Fault, type UploadSource } from '@anydrive/core'
import type { HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { pipeline, Transform } from 'node:stream'
import type { Asked } from './api'
import type { Smh } from './context'
import { isExpired, toStoreFault } from './faults'
import { toCrc64 } from './translate'
import type { UploadTarget } from './wire'

/** `spoiled`: the store tells of other bytes than were sent. */
export type Sent =
  { readonly status: 'sent'; readonly crc64: string } | { readonly status: 'expired' } | { readonly status: 'spoiled' }

export interface Sending {
  readonly target: Pick<UploadTarget, 'domain' | 'path' | 'headers' | 'uploadId'>
  readonly source: UploadSource
  readonly span: ByteSpan
  /** Absent for a whole object. */
  readonly part?: number
  /** Bytes that have gone out in this attempt. */
  readonly onBytes: (bytes: number) => void
  readonly signal: AbortSignal
}

/** The documents show the path with a leading slash, and once without (docs/wire/tencent-smh.md, uploads). */
const urlOf = (smh: Smh, { domain, path }: Sending['target']): string =>
  `${smh.settings.uploadScheme ?? 'https'}://${domain}/${path.replace(/^\//, '')}`

/** Exactly the headers that SMH returned, and never its token. Sent again, a part or an object replaces itself. */
export const sendBytes = (smh: Smh, sending: Sending): Asked<Sent> => {
  const { target, source, span, part, onBytes, signal } = sending
  let digests = createDigests(['crc64xz'])
  const open = (its: AbortSignal) =>
    pipe(
      source.open(span, its),
      TE.map((stream) => {
        const passing = createDigests(['crc64xz'])
        let bytes = 0
        digests = passing
        const counted = new Transform({
          transform: (chunk: Buffer, _encoding, done) => {
            passing.update(chunk)
            bytes += chunk.length
            onBytes(bytes)
            done(null, chunk)
          },
        })
        return pipeline(stream, counted, () => undefined)
      }),
    )
  return pipe(
    smh.transport.store({
      endpoint: part === undefined ? 'put object' : 'put part',
      method: 'PUT',
      base: urlOf(smh, target),
      query: part === undefined ? {} : { uploadId: target.uploadId ?? undefined, partNumber: part },
      headers: target.headers,
      body: { stream: open, size: span.end - span.start, type: false },
      answer: 'text',
      repeat: 'idempotent',
      signal,
    }),
    TE.flatMapEither((response: HttpResponse): E.Either<Fault, Sent> => {
      if (response.status < 300) {
        const { crc64xz: crc64 } = digests.digest()
        const told = toCrc64(response.header('x-cos-hash-crc64ecma'))
        return E.right(told === undefined || told === crc64 ? { status: 'sent', crc64 } : { status: 'spoiled' })
      }
      return isExpired(response) ? E.right({ status: 'expired' }) : E.left(toStoreFault(response))
    }),
  )
}

/** Until an upload is confirmed nothing of it shows, whatever was sent. */
export const invisible = <A>(sending: Asked<A>): Asked<A> =>
  pipe(
    sending,
    TE.mapLeft((fault): Fault => (fault._tag === 'Aborted' ? aborted({ effect: 'none' }) : fault)),
  )
