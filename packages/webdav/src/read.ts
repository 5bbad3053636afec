// readFile: the file is looked up, then read; every part belongs to the version that was found. Also the decoding of compressed bodies.
import { verifier } from '@anydrive/checksums'
import type { SizedFile } from '@anydrive/core'
import {
  defined,
  preconditionFailed,
  unexpectedResponse,
  wrongKind,
  type RequiredOperations,
  type RawResult,
  type Opened,
} from '@anydrive/core/adapter'
import type { HttpResponse } from '@anydrive/http'
import type { Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { pipeline, Transform, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { Dav } from './client'
import { find, lookup } from './entries'
import { isFile, versionOf } from './translate'

const decoders: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])
const unexpectedContent = (expected: string, http?: number): Failure =>
  unexpectedResponse({ effect: 'none', issues: [{ at: 'content', expected, got: 'others' }], ...defined({ http }) })

/**
 * A body without its content coding, for servers that compress although `identity` was requested. It is decoded as fast as it is read, so its reader
 * bounds its length.
 */
export const plainBody = (body: Readable, coding: string | undefined): Readable => {
  const create = decoders.get(coding?.trim().toLowerCase() ?? '')
  if (create === undefined) return body
  const decoder = create()
  decoder.once('error', (error) => {
    if (!('fault' in error)) Object.assign(error, { fault: unexpectedContent(`bytes encoded with ${coding ?? ''}`) })
  })
  return pipeline(body, decoder, () => undefined)
}

const verifierOf = ({ checksums }: SizedFile): Opened['verifier'] =>
  (['sha256', 'sha1', 'md5'] as const).flatMap((name) => {
    const expected = checksums[name]
    return expected === undefined ? [] : [() => verifier(name, expected)]
  })[0]

/** The bytes `[start, end)` of a stream. */
const sliceOf = (whole: Readable, start: number, end: number): Readable => {
  let at = 0
  const slice = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      const from = Math.max(0, start - at)
      const to = Math.min(chunk.length, end - at)
      at += chunk.length
      if (to > from) slice.push(chunk.subarray(from, to))
      if (at >= end) slice.push(null)
      done()
    },
  })
  return pipeline(whole, slice, () => undefined)
}

/** Where the range of a response begins. */
const startIn = (response: HttpResponse): number | undefined => {
  const start = /^bytes\s+(\d+)-/i.exec(response.header('content-range') ?? '')?.[1]
  return start === undefined ? undefined : Number(start)
}

/** The bytes from `start` to `end` of a response, which may be that of the whole file (RFC 9110, 14.2). */
const part = (response: HttpResponse, start: number, end: number, size: number): E.Either<Failure, Readable> => {
  const { status, stream } = response
  const refuse = (expected: string): E.Either<Failure, never> => {
    stream?.destroy()
    return E.left(unexpectedContent(expected, status))
  }
  if (stream === undefined) return refuse('content')
  if (status === 206 && startIn(response) !== start) return refuse('the range that was requested')
  if (status !== 206 && status !== 200 && status !== 203) return refuse('status 200 or 206')
  const length = status === 206 ? end - start : size
  // A file that is stored compressed may be labelled so: then its length is that of the stored bytes.
  const isStored = response.header('content-length') === String(length)
  const plain = isStored ? stream : plainBody(stream, response.header('content-encoding'))
  return E.right(length === end - start ? plain : sliceOf(plain, start, end))
}

const open =
  (dav: Dav, entry: SizedFile, rangeEnd: number) =>
  (start: number, signal: AbortSignal): RawResult<Readable> =>
  async () => {
    const end = Math.min(rangeEnd, entry.size)
    const isWhole = start === 0 && end === entry.size
    const got = await dav.api.get(entry.path, isWhole ? undefined : `bytes=${start}-${end - 1}`, signal)()
    if (E.isLeft(got)) return got.left.http === 416 ? E.left(preconditionFailed()) : got
    const { version } = entry
    const received = versionOf(got.right.header('etag'))
    if (version === undefined || received === undefined || received === version)
      return part(got.right, start, end, entry.size)
    // Some servers tag a file differently in its properties, and so do those that redirect: the properties count.
    const now = await find(dav, entry.path, signal)()
    if (E.isRight(now) && now.right?.kind === 'file' && now.right.version === version)
      return part(got.right, start, end, entry.size)
    got.right.stream?.destroy()
    return E.isLeft(now) ? now : E.left(preconditionFailed())
  }

export const readFile =
  (dav: Dav): RequiredOperations['readFile'] =>
  (path, { range, ifVersion }, { signal }) =>
    pipe(
      lookup(dav, path, signal),
      TE.filterOrElse(isFile, (): Failure => wrongKind({ expected: 'file' })),
      TE.filterOrElse(
        ({ version }): boolean => ifVersion === undefined || version === ifVersion,
        (): Failure => preconditionFailed(),
      ),
      TE.map((entry): Opened => ({
        entry,
        open: open(dav, entry, range.end ?? entry.size),
        verifier: verifierOf(entry),
      })),
    )
