// Upload sources of every kind, and reading a content whole.
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import { once } from 'node:events'
import { defined } from '../contract/decode'
import type { SizedFile } from '../contract/entry'
import { aborted, limitExceeded, sourceFailed, type DriveError, type Fault } from '../contract/errors'
import { DriveException, faultOf, withCause } from '../contract/exception'
import { locate } from '../contract/explain'
import { streamOfBytes } from '../contract/held'
import type { CallOptions, DriveProvider } from '../contract/provider'
import type { FileContent, UploadSource } from '../contract/source'
import { onAbort } from '../contract/time'
import { beginScope, stoppedFault } from '../define/scope'
import { createTempFile, type TempFile } from './temp-file'
import { fromWeb, isWebStream, type BlobLike, type WebStream } from './web'

export const here = locate({ vendor: 'anydrive', operation: 'source' })
export const unreadable = (error: unknown): DriveError => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined
  return here(withCause(sourceFailed({ reason: 'unreadable', ...defined({ code }) }), error))
}

/** Text is taken as UTF-8. The bytes are not copied: leave them alone until the upload has ended. */
export const fromBytes = (content: Uint8Array | string): UploadSource => {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return {
    size: bytes.byteLength,
    open:
      ({ start, end }) =>
      () =>
        Promise.resolve(E.right(streamOfBytes(bytes.subarray(start, end)))),
  }
}

const openFile =
  (file: string): UploadSource['open'] =>
  ({ start, end }) =>
  async () => {
    if (start >= end) return E.right(Readable.from([]))
    const stream = createReadStream(file, { start, end: end - 1, highWaterMark: 256 * 1024 })
    try {
      await once(stream, 'open')
      return E.right(stream)
    } catch (error) {
      return E.left(unreadable(error))
    }
  }

/** A file of this machine, as large as it is now; `SourceFailed` if it cannot be read, or is no file. */
export const fromFile =
  (file: string): TaskEither<DriveError, UploadSource> =>
  async () => {
    try {
      const found = await stat(file)
      return found.isFile() ? E.right({ size: found.size, open: openFile(file) }) : E.left(unreadable(undefined))
    } catch (error) {
      return E.left(unreadable(error))
    }
  }

/** A `Blob` or `File`; its ranges are read without copying the rest. */
export const fromBlob = (blob: BlobLike): UploadSource => ({
  size: blob.size,
  open:
    ({ start, end }) =>
    () =>
      Promise.resolve(E.right(start >= end ? Readable.from([]) : fromWeb(blob.slice(start, end).stream()))),
})

/** A file of a drive; if it has versions, `PreconditionFailed` once it has changed. One of unknown size is read by `spooled` first. */
export const fromEntry = (drive: Pick<DriveProvider, 'readFile'>, file: SizedFile): UploadSource => ({
  size: file.size,
  checksums: file.checksums,
  open: (range, signal) => async () => {
    // An empty file is read too: its drive finds whether it is empty.
    if (range.start >= range.end && file.size > 0) return E.right(Readable.from([]))
    const content = await drive.readFile(file.path, { range, signal, ifVersion: file.version })()
    return E.map(({ stream }: FileContent) => stream)(content)
  },
})

export interface Spooled extends UploadSource {
  /** Removes what was spooled to disk; call it when the upload has ended, however it did. */
  readonly dispose: () => Promise<void>
}

export interface SpoolOptions extends CallOptions {
  /** Bytes that are kept in memory; 8 MiB unless given. */
  readonly memory?: number | undefined
  /** Where the temporary file is created; the system's directory for such files unless given. */
  readonly dir?: string | undefined
  /** Bytes that the stream must yield; it is read no further than the first piece past them. */
  readonly size?: number | undefined
}

/** What the stream has yielded so far: in memory, then in a temporary file. */
const createSpool = (memory: number, dir: string) => {
  const kept: Array<Uint8Array> = []
  let size = 0
  let file: TempFile | undefined
  return {
    size: () => size,
    add: async (bytes: Uint8Array): Promise<void> => {
      size += bytes.byteLength
      kept.push(bytes)
      if (size <= memory) return
      file ??= await createTempFile(dir)
      for (const piece of kept.splice(0)) await file.append(piece)
    },
    source: (): UploadSource =>
      file === undefined ? fromBytes(Buffer.concat(kept)) : { size, open: openFile(file.path) },
    dispose: async (): Promise<void> => file?.dispose(),
  }
}

/** A chunk of a stream as bytes; throws a `TypeError` for what is neither bytes nor text. */
export const bytesOf = (chunk: unknown): Uint8Array => {
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
  if (!(bytes instanceof Uint8Array)) throw new TypeError('the stream yields neither bytes nor text')
  return bytes
}

/**
 * A source of any stream, which is read to its end now: kept in memory up to `memory` bytes, beyond that in a temporary file. `signal` and `timeout`
 * end the reading (`Aborted`, `Timeout`). After a failure the stream is destroyed and nothing is left on disk.
 */
export const spooled =
  (stream: Readable | WebStream, options: SpoolOptions = {}): TaskEither<DriveError, Spooled> =>
  async () => {
    const readable = isWebStream(stream) ? fromWeb(stream) : stream
    const { memory = 8 * 1024 * 1024, dir = tmpdir(), size } = options
    const scope = beginScope(options)
    const spool = createSpool(memory, dir)
    const fail = async (fault: Fault | DriveError): Promise<E.Either<DriveError, never>> => {
      readable.destroy()
      await spool.dispose()
      return E.left(here(fault))
    }
    const forget = onAbort(scope.signal, () => readable.destroy())
    try {
      for await (const chunk of readable as AsyncIterable<unknown>) {
        if (scope.cause() !== undefined) break
        await spool.add(bytesOf(chunk))
        if (size !== undefined && spool.size() > size) return await fail(sourceFailed({ reason: 'longer' }))
      }
      const stopped = stoppedFault(scope)
      if (stopped !== undefined) return await fail(stopped)
      if (size !== undefined && spool.size() < size) return await fail(sourceFailed({ reason: 'shorter' }))
      return E.right({ ...spool.source(), dispose: spool.dispose })
    } catch (error) {
      return await fail(stoppedFault(scope) ?? (DriveException.is(error) ? error.error : unreadable(error)))
    } finally {
      forget()
      scope.release()
    }
  }

/** The whole content; `LimitExceeded('size')` beyond `limit` bytes (64 MiB). */
export const readBytes =
  (content: FileContent, limit = 64 * 1024 * 1024): TaskEither<DriveError, Uint8Array> =>
  async () => {
    const fail = (fault: Fault | DriveError): E.Either<DriveError, never> => {
      content.stream.destroy()
      return E.left(locate({ vendor: 'anydrive', operation: 'readFile', path: content.entry.path })(fault))
    }
    const { start, end = start } = content.range
    const tooLong = (): E.Either<DriveError, never> => fail(limitExceeded({ limit: 'size', max: limit }))
    if (end - start > limit) return tooLong()
    const chunks: Array<Uint8Array> = []
    let length = 0
    try {
      for await (const chunk of content.stream as AsyncIterable<Uint8Array>) {
        length += chunk.byteLength
        if (length > limit) return tooLong()
        chunks.push(chunk)
      }
      if (content.stream.destroyed && !content.stream.readableEnded) return fail(aborted({ effect: 'none' }))
      return E.right(Buffer.concat(chunks))
    } catch (error) {
      return fail(faultOf(error))
    }
  }

/** As `readBytes`, decoded as UTF-8. */
export const readText =
  (content: FileContent, limit?: number): TaskEither<DriveError, string> =>
  async () =>
    E.map((bytes: Uint8Array) => Buffer.from(bytes).toString('utf8'))(await readBytes(content, limit)())
