// readFile: the file is looked up, then read; every part belongs to the version that was found. Also the decoding of compressed bodies.
import { verifier } from '@anydrive/checksums'
import type { DrivePath, FileEntry } from '@anydrive/core'
import {
  defined,
  preconditionFailed,
  rangeNotSatisfiable,
  unexpectedResponse,
  wrongKind,
  type RequiredOperations,
  type RawResult,
  type Opened,
} from '@anydrive/core/adapter'
import type { HttpResponse } from '@anydrive/http'
import { withGracePeriod, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { pipeline, Transform, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { Dav } from './client'
import { find, lookup } from './entries'
import { sizeIn, versionOf } from './translate'

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

const verifierOf = ({ checksums }: FileEntry): Opened['verifier'] =>
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

/** Where the range of a response begins, and how long the whole is; `NaN` where that is not said. */
const rangeIn = (response: HttpResponse): { readonly from: number; readonly total: number } => {
  const [, from, total] = /^bytes\s+(\d+)-\d+\/(\d+|\*)/i.exec(response.header('content-range') ?? '') ?? []
  return { from: Number(from), total: Number(total) }
}

const isCoded = (coding: string | undefined): boolean => !['', 'identity'].includes(coding?.trim().toLowerCase() ?? '')

/** Bytes of a response, without its content coding. */
const lengthIn = (response: HttpResponse): number | undefined =>
  isCoded(response.header('content-encoding')) ? undefined : sizeIn(response.header('content-length'))

/** Whether a response says that the file has another size. Of a part that is encoded, the total is that of the encoded bytes. */
const hasOtherSize = (response: HttpResponse, { size }: FileEntry): boolean => {
  const told = response.status === 206 ? rangeIn(response).total : lengthIn(response)
  return size !== undefined && told !== undefined && !Number.isNaN(told) && told !== size
}

/** The bytes from `start` to `end` of a response, which may be that of the whole file (RFC 9110, 14.2). */
const part = (response: HttpResponse, start: number, end: number, entry: FileEntry): E.Either<Failure, Readable> => {
  const { status, stream } = response
  const refuse = (expected: string): E.Either<Failure, never> => {
    stream?.destroy()
    return E.left(unexpectedContent(expected, status))
  }
  if (stream === undefined) return refuse('content')
  const isPart = status === 206
  if (isPart && rangeIn(response).from !== start) return refuse('the range that was requested')
  if (!isPart && status !== 200 && status !== 203) return refuse('status 200 or 206')
  if (hasOtherSize(response, entry)) return refuse('the stated size')
  const coding = response.header('content-encoding')
  if (isPart && entry.size === undefined && isCoded(coding)) return refuse('a part that is not encoded')
  const length = isPart ? end - start : (entry.size ?? Infinity)
  // A file that is stored compressed may be labelled so: then its length is that of the stored bytes.
  const isStored = response.header('content-length') === String(length)
  const plain = isStored ? stream : plainBody(stream, coding)
  return E.right(isPart || (start === 0 && end === length) ? plain : sliceOf(plain, start, end))
}

const open =
  (dav: Dav, entry: FileEntry, rangeEnd: number) =>
  (start: number, signal: AbortSignal): RawResult<Readable> =>
  async () => {
    const { version, size } = entry
    const end = Math.min(rangeEnd, size ?? Infinity)
    const isWhole = start === 0 && end === (size ?? Infinity)
    const range = isWhole ? undefined : `bytes=${start}-${end === Infinity ? '' : end - 1}`
    const got = await dav.api.get(entry.path, range, signal)()
    if (E.isLeft(got) && got.left.http === 416)
      return E.left(size === undefined ? rangeNotSatisfiable({}) : preconditionFailed())
    if (E.isLeft(got)) return got
    const received = versionOf(got.right.header('etag'))
    const isOther = version !== undefined && received !== undefined && received !== version
    if (!isOther && !hasOtherSize(got.right, entry)) return part(got.right, start, end, entry)
    // Some servers tag a file differently in its properties, and so do those that redirect: the properties count.
    const now = await find(dav, entry.path, signal)()
    if (E.isRight(now) && now.right?.kind === 'file' && now.right.version === version && now.right.size === size)
      return part(got.right, start, end, entry)
    got.right.stream?.destroy()
    return E.isLeft(now) ? now : E.left(preconditionFailed())
  }

/** The length of a file that has none in its properties, as a download states it. */
export const lengthOf = async (dav: Dav, path: DrivePath, signal: AbortSignal): Promise<number | undefined> => {
  const got = await withGracePeriod(signal, (later) => dav.api.get(path, undefined, later))()
  if (E.isLeft(got)) return undefined
  got.right.stream?.destroy()
  return got.right.status === 200 ? lengthIn(got.right) : undefined
}

export const readFile =
  (dav: Dav): RequiredOperations['readFile'] =>
  (path, { range, ifVersion }, { signal }) =>
    pipe(
      lookup(dav, path, signal),
      TE.filterOrElse(
        (entry) => entry.kind === 'file',
        (): Failure => wrongKind({ expected: 'file' }),
      ),
      TE.filterOrElse(
        ({ version }): boolean => ifVersion === undefined || version === ifVersion,
        (): Failure => preconditionFailed(),
      ),
      TE.map((entry): Opened => ({
        entry,
        open: open(dav, entry, range.end ?? Infinity),
        verifier: verifierOf(entry),
      })),
    )
