// Upload sources of every kind, and reading a content whole.
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { once } from 'node:events'
import type { FileEntry } from '../contract/entry'
import { aborted, limitExceeded, sourceFailed, type DriveError, type Fault } from '../contract/errors'
import { locate } from '../contract/explain'
import { DriveException, faultOf } from '../contract/exception'
import type { DriveProvider } from '../contract/provider'
import type { FileContent, UploadSource } from '../contract/source'

const here = locate({ vendor: 'anydrive', operation: 'source' })
const unreadable = (error: unknown): DriveError =>
  here(
    sourceFailed({
      reason: 'unreadable',
      ...(typeof error === 'object' && error !== null && 'code' in error ? { code: String(error.code) } : {}),
    }),
  )

/** Text is taken as UTF-8. The bytes are not copied: leave them alone until the upload has ended. */
export const fromBytes = (content: Uint8Array | string): UploadSource => {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return {
    size: bytes.byteLength,
    open:
      ({ start, end }) =>
      () => {
        const part = bytes.subarray(start, end)
        return Promise.resolve(E.right(Readable.from(part.byteLength === 0 ? [] : [part], { objectMode: false })))
      },
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

/** A file of a drive; if it has versions, `PreconditionFailed` once it has changed. */
export const fromEntry = (drive: Pick<DriveProvider, 'readFile'>, file: FileEntry): UploadSource => ({
  size: file.size,
  checksums: file.checksums,
  open: (range, signal) => async () => {
    if (range.start >= range.end) return E.right(Readable.from([]))
    const content = await drive.readFile(file.path, { range, signal, ifVersion: file.version })()
    return E.map(({ stream }: FileContent) => stream)(content)
  },
})

export interface Spooled extends UploadSource {
  /** Removes what was spooled to disk; call it when the upload has ended, however it did. */
  readonly dispose: () => Promise<void>
}

const writeChunk = async (stream: ReturnType<typeof createWriteStream>, chunk: Uint8Array): Promise<void> => {
  if (!stream.write(chunk)) await once(stream, 'drain')
}

/** A source made of any stream: read to its end now, kept in memory up to `memory` bytes (8 MiB), beyond that in a temporary file below `dir`. */
export const spooled =
  (
    readable: Readable,
    { memory = 8 * 1024 * 1024, dir = tmpdir() }: { readonly memory?: number; readonly dir?: string } = {},
  ): TaskEither<DriveError, Spooled> =>
  async () => {
    const kept: Array<Uint8Array> = []
    let size = 0
    let spool:
      { readonly dir: string; readonly file: string; readonly stream: ReturnType<typeof createWriteStream> } | undefined
    const dispose = async (): Promise<void> => {
      if (spool === undefined) return
      spool.stream.destroy()
      await rm(spool.dir, { recursive: true, force: true })
    }
    try {
      for await (const chunk of readable as AsyncIterable<Uint8Array | string>) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
        size += bytes.byteLength
        if (spool === undefined && size > memory) {
          const made = await mkdtemp(join(dir, 'anydrive-spool-'))
          const file = join(made, 'content')
          spool = { dir: made, file, stream: createWriteStream(file, { mode: 0o600 }) }
          for (const piece of kept.splice(0)) await writeChunk(spool.stream, piece)
        }
        if (spool === undefined) kept.push(bytes)
        else await writeChunk(spool.stream, bytes)
      }
      if (spool === undefined) return E.right({ ...fromBytes(Buffer.concat(kept)), dispose })
      spool.stream.end()
      await once(spool.stream, 'finish')
      return E.right({ size, open: openFile(spool.file), dispose })
    } catch (error) {
      await dispose()
      return E.left(DriveException.is(error) ? error.error : unreadable(error))
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
    const { start, end } = content.range
    if (end - start > limit) return fail(limitExceeded({ limit: 'size', max: limit }))
    const chunks: Array<Uint8Array> = []
    try {
      for await (const chunk of content.stream as AsyncIterable<Uint8Array>) chunks.push(chunk)
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
