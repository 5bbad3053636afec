// readFile: the file is found, then read; every piece is of the version that was found.
import {
  preconditionFailed,
  unexpectedResponse,
  wrongKind,
  type Always,
  type Answered,
  type FileEntry,
  type Opened,
} from '@anydrive/core'
import type { HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { createHash } from 'node:crypto'
import { pipeline, Transform, type Readable } from 'node:stream'
import { checksumMismatch, type Verifier } from '@anydrive/core'
import type { Dav } from './context'
import type { Bad } from './faults'
import { isFile, versionOf } from './translate'

const verifierOf = ({ checksums }: FileEntry): (() => Verifier) | undefined => {
  const algorithm = (['sha256', 'sha1', 'md5'] as const).find((name) => checksums[name] !== undefined)
  if (algorithm === undefined) return undefined
  return () => {
    const hash = createHash(algorithm)
    return {
      update: (bytes) => {
        hash.update(bytes)
      },
      verdict: () => (hash.digest('hex') === checksums[algorithm] ? undefined : checksumMismatch({ algorithm })),
    }
  }
}

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

/** Where an answer with a range begins. */
const startIn = (response: HttpResponse): number | undefined => {
  const start = /^bytes\s+(\d+)-/i.exec(response.header('content-range') ?? '')?.[1]
  return start === undefined ? undefined : Number(start)
}

/** A server may answer with the whole file (RFC 9110, 14.2): then the range is cut out here. */
const piece = (response: HttpResponse, start: number, end: number): E.Either<Bad, Readable> => {
  const { status, stream } = response
  const refuse = (expected: string): E.Either<Bad, never> => {
    stream?.destroy()
    return E.left(
      unexpectedResponse({ http: status, issues: [{ at: 'content-range', expected, got: 'something else' }] }),
    )
  }
  if (stream === undefined) return refuse('content')
  if (status === 206) return startIn(response) === start ? E.right(stream) : refuse('the range asked for')
  return E.right(start === 0 ? stream : sliceOf(stream, start, end))
}

const open =
  (dav: Dav, entry: FileEntry, rangeEnd: number) =>
  (start: number, signal: AbortSignal): Answered<Readable> =>
  async () => {
    const end = Math.min(rangeEnd, entry.size)
    const whole = start === 0 && end === entry.size
    const got = await dav.api.get(entry.path, whole ? undefined : `bytes=${start}-${end - 1}`, signal)()
    if (E.isLeft(got)) return got.left.http === 416 ? E.left(preconditionFailed()) : got
    const { version } = entry
    const told = versionOf(got.right.header('etag'))
    if (version === undefined || told === undefined || told === version) return piece(got.right, start, end)
    // Some servers tag a file differently here and in its properties: what they say there counts.
    const now = await dav.looks.find(entry.path, signal)()
    if (E.isRight(now) && now.right?.kind === 'file' && now.right.version === version)
      return piece(got.right, start, end)
    got.right.stream?.destroy()
    return E.isLeft(now) ? now : E.left(preconditionFailed())
  }

export const readFile =
  (dav: Dav): Always['readFile'] =>
  (path, { range, ifVersion }, { signal }) =>
    pipe(
      dav.looks.stat(path, signal),
      TE.filterOrElse(isFile, (): Bad => wrongKind({ expected: 'file' })),
      TE.filterOrElse(
        ({ version }): boolean => ifVersion === undefined || version === ifVersion,
        (): Bad => preconditionFailed(),
      ),
      TE.map((entry): Opened => ({
        entry,
        open: open(dav, entry, range.end ?? entry.size),
        verifier: verifierOf(entry),
      })),
    )
