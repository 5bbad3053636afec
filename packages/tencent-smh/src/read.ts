// readFile: where the bytes are, and how to read them from any offset, as long as the file is the same.
import { verifier } from '@anydrive/checksums'
import {
  reveal,
  isSized,
  type ByteRange,
  type DrivePath,
  type Fault,
  type Secret,
  type SizedFile,
} from '@anydrive/core'
import {
  defined,
  network,
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
import type { Readable } from 'node:stream'
import type { Smh } from './client'
import { lookup } from './entries'
import { answerIn, isExpired, isMissing, toStoreFault } from './errors'
import { toCrc64, toEntry } from './translate'

interface Located {
  readonly entry: SizedFile
  readonly url: Secret
}

/** A 404 for a directory is `WrongKind`, which costs one lookup. */
const locate = async (
  smh: Smh,
  path: DrivePath,
  historyId: string | undefined,
  signal: AbortSignal,
): Promise<E.Either<Failure, Located>> => {
  const file = await smh.api.download(path, signal, { historyId })()
  if (E.isLeft(file)) {
    const found = isMissing(file.left) ? await lookup(smh, path, signal)() : file
    return E.isRight(found) && found.right !== undefined && found.right.entry.kind !== 'file'
      ? E.left(wrongKind({ ...answerIn(file.left), expected: 'file' }))
      : file
  }
  const { type, cosUrl: url } = file.right
  if (!/^https?:\/\//.test(reveal(url))) return E.left(unexpected('cosUrl', 'a URL', 'string'))
  const entry = toEntry(path, type, file.right)
  if (E.isLeft(entry)) return entry
  return entry.right.kind === 'file' && isSized(entry.right)
    ? E.right({ entry: entry.right, url })
    : E.left(wrongKind({ expected: 'file' }))
}

export const unexpected = (at: string, expected: string, got: string, http?: number): Fault =>
  unexpectedResponse({ effect: 'none', issues: [{ at, expected, got }], ...defined({ http }) })

export const readFile =
  (smh: Smh): RequiredOperations['readFile'] =>
  (path, { range, ifVersion, version: historyId }, { signal }) =>
  async () => {
    const located = await locate(smh, path, historyId, signal)
    if (E.isLeft(located)) return located
    const { version } = located.right.entry
    return ifVersion === undefined || version === ifVersion
      ? E.right(openedAt(smh, { path, historyId }, range, located.right))
      : E.left(preconditionFailed())
  }

const openedAt = (
  smh: Smh,
  { path, historyId }: { readonly path: DrivePath; readonly historyId: string | undefined },
  range: ByteRange,
  first: Located,
): Opened => {
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
  const get = (start: number, signal: AbortSignal): RawResult<HttpResponse> =>
    smh.store({
      ...{ endpoint: 'get object', method: 'GET', base: url, answer: 'stream', kind: 'read', signal },
      namedBy: smh.settings.baseUrl,
      headers: {
        ...(start === 0 && end === entry.size ? {} : { range: `bytes=${start}-${end - 1}` }),
        ...defined({ 'if-match': tag }),
      },
    })
  /** The URL expires after two hours: a new one must lead to the same version. */
  const getAgain = async (start: number, signal: AbortSignal): Promise<E.Either<Failure, HttpResponse>> => {
    const again = await locate(smh, path, historyId, signal)
    if (E.isLeft(again)) return again.left._tag === 'NotFound' ? E.left(preconditionFailed()) : again
    if (again.right.entry.version !== entry.version) return E.left(preconditionFailed())
    url = again.right.url
    return get(start, signal)()
  }
  const open = (start: number, signal: AbortSignal) => async (): Promise<E.Either<Failure, Readable>> => {
    const once = await get(start, signal)()
    // The object is gone where the file was replaced after its URL was issued.
    const isStale = E.isRight(once) && (isExpired(once.right) || once.right.status === 404)
    const response = isStale ? await getAgain(start, signal) : once
    if (E.isLeft(response)) return response
    const { status, stream } = response.right
    if (status < 200 || status > 299) return E.left(toStoreFault(response.right))
    if (stream === undefined) return E.left(network({ effect: 'none', http: status }))
    const isWhole = start === 0 && end === entry.size
    const isExpected = status === 206 || (isWhole && status === 200)
    if (isExpected && isSame(response.right)) return E.right(stream)
    stream.destroy()
    return E.left(isExpected ? preconditionFailed() : unexpected('status', '206', 'number', status))
  }
  return { entry, open, verifier: crc64xz === undefined ? undefined : () => verifier('crc64xz', crc64xz) }
}
