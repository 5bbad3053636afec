// readFile: where the bytes are, and how to read them from any offset, as long as the file is the same.
import { verifier } from '@anydrive/checksums'
import {
  network,
  preconditionFailed,
  reveal,
  unexpectedResponse,
  wrongKind,
  type Always,
  type Answered,
  type ByteRange,
  type DrivePath,
  type Fault,
  type FileEntry,
  type Opened,
  type Secret,
} from '@anydrive/core'
import type { HttpResponse } from '@anydrive/http'
import type { Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Readable } from 'node:stream'
import type { Smh } from './client'
import { lookup } from './entries'
import { answerIn, isExpired, isMissing, toStoreFault } from './errors'
import { toCrc64, toEntry } from './translate'

interface Located {
  readonly entry: FileEntry
  readonly url: Secret
}

const notAFile: Fault = wrongKind({ expected: 'file' })

/** A 404 for a directory is `WrongKind`, which costs one lookup. */
const locate = (smh: Smh, path: DrivePath, signal: AbortSignal): Answered<Located> =>
  pipe(
    smh.api.download(path, signal),
    TE.flatMapEither((file) =>
      pipe(
        toEntry(path, file.type, file),
        E.flatMap((entry) =>
          entry.kind === 'file' ? E.right({ entry, url: file.cosUrl }) : E.left<Fault, Located>(notAFile),
        ),
      ),
    ),
    TE.orElse((fault) =>
      isMissing(fault)
        ? pipe(
            lookup(smh, path, signal),
            TE.flatMap((found) =>
              TE.left<Failure, Located>(
                found === undefined || found.entry.kind === 'file' ? fault : { ...notAFile, ...answerIn(fault) },
              ),
            ),
          )
        : TE.left(fault),
    ),
  )

const isHttp = (url: Secret): boolean => /^https?:\/\//.test(reveal(url))

export const readFile =
  (smh: Smh): Always['readFile'] =>
  (path, { range, ifVersion }, { signal }): Answered<Opened> =>
    pipe(
      locate(smh, path, signal),
      TE.filterOrElse(
        ({ entry }) => ifVersion === undefined || entry.version === ifVersion,
        (): Fault => preconditionFailed(),
      ),
      TE.map((located) => openedAt(smh, path, range, located)),
    )

const openedAt = (smh: Smh, path: DrivePath, range: ByteRange, first: Located): Opened => {
  const { entry } = first
  const end = Math.min(entry.size, range.end ?? entry.size)
  const { crc64xz } = entry.checksums
  let url = first.url
  let tag: string | undefined

  /** Whether the store's checksum and tag are those of the object that was opened first; otherwise the file has changed. */
  const isSame = (response: HttpResponse): boolean => {
    const crc64 = toCrc64(response.header('x-cos-hash-crc64ecma'))
    const its = response.header('etag')
    if (crc64 !== undefined && crc64xz !== undefined && crc64 !== crc64xz) return false
    if (tag !== undefined && its !== undefined && its !== tag) return false
    tag ??= its
    return true
  }
  const read = (start: number, signal: AbortSignal): Answered<HttpResponse> =>
    smh.store({
      endpoint: 'get object',
      method: 'GET',
      base: url,
      answer: 'stream',
      repeat: 'safe',
      signal,
      headers: start === 0 && end === entry.size ? {} : { range: `bytes=${start}-${end - 1}` },
    })
  /** The URL expires after two hours: a new one must lead to the same version. */
  const relocated = (signal: AbortSignal): Answered<void> =>
    pipe(
      locate(smh, path, signal),
      TE.mapLeft((fault) => (fault._tag === 'NotFound' ? preconditionFailed() : fault)),
      TE.flatMapEither((again): E.Either<Fault, void> => {
        if (again.entry.version !== entry.version) return E.left(preconditionFailed())
        url = again.url
        return E.right(undefined)
      }),
    )
  const streamOf =
    (start: number) =>
    (response: HttpResponse): E.Either<Fault, Readable> => {
      const { status, stream } = response
      if (status < 200 || status > 299) return E.left(toStoreFault(response))
      if (stream === undefined) return E.left(network({ effect: 'none', http: status }))
      const whole = start === 0 && end === entry.size
      const expected = whole ? status === 200 || status === 206 : status === 206
      if (expected && isSame(response)) return E.right(stream)
      stream.destroy()
      return E.left(
        expected
          ? preconditionFailed()
          : unexpectedResponse({
              effect: 'none',
              http: status,
              issues: [{ at: 'status', expected: '206', got: 'number' }],
            }),
      )
    }
  const open = (start: number, signal: AbortSignal): Answered<Readable> =>
    isHttp(url)
      ? pipe(
          read(start, signal),
          TE.flatMap((response) =>
            isExpired(response)
              ? pipe(
                  relocated(signal),
                  TE.flatMap(() => read(start, signal)),
                )
              : TE.right(response),
          ),
          TE.flatMapEither(streamOf(start)),
        )
      : TE.left(unexpectedResponse({ effect: 'none', issues: [{ at: 'cosUrl', expected: 'a URL', got: 'string' }] }))
  return { entry, open, verifier: crc64xz === undefined ? undefined : () => verifier('crc64xz', crc64xz) }
}
