// Reading a file: held open while it is read, and the same version before the first byte and after the last.
import * as E from 'fp-ts/Either'
import { constants, type BigIntStats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { DriveException, root as drive, type ByteRange, type DrivePath } from '@anydrive/core'
import {
  locate,
  mostHeld,
  notFound,
  preconditionFailed,
  streamOfBytes,
  wrongKind,
  unexpectedResponse,
  type Call,
  type Opened,
} from '@anydrive/core/adapter'
import { openFileStraight, withSource } from './directories'
import { fileEntry, lookup, versionOf } from './entries'
import { catching, trying, type Result } from './errors'

const chunk = 256 * 1024
// A fifo put there between our lookup and our opening it would block for ever.
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

interface Stretch {
  readonly path: DrivePath
  /** Of the open file, before the first byte. */
  readonly before: BigIntStats
  readonly start: number
  readonly end: number
}

const changed = (path: DrivePath) =>
  new DriveException(locate({ vendor: 'local', operation: 'readFile', path })(preconditionFailed({ code: 'CHANGED' })))

const longer = (path: DrivePath): DriveException => {
  const issues = [{ at: 'content', expected: 'the stated size', got: 'more bytes' }]
  return new DriveException(
    locate({ vendor: 'local', operation: 'readFile', path })(unexpectedResponse({ effect: 'none', issues })),
  )
}

/** A file that was replaced meanwhile has lost a name, which changes its change time, but none of its bytes. */
const isUnchanged = (before: BigIntStats, after: BigIntStats): boolean =>
  after.size === before.size &&
  after.mtimeNs === before.mtimeNs &&
  (after.ctimeNs === before.ctimeNs || after.nlink < before.nlink)

/**
 * The bytes from `start` to `end`, and `PreconditionFailed` instead of the end if the file's size, modification or change time has changed once the last byte was
 * read. The handle is closed with the stream, which may fail before anybody reads it.
 */
const streamOf = (handle: FileHandle, { path, before, start, end }: Stretch, signal: AbortSignal): Readable => {
  let at = start
  const next = async (): Promise<Buffer | null> => {
    const size = Math.min(chunk, end - at)
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(size), 0, size, at)
    at += bytesRead
    if (bytesRead > 0) return buffer.subarray(0, bytesRead)
    if (!isUnchanged(before, await handle.stat({ bigint: true }))) throw changed(path)
    // Some files hold more than their size says: those of /proc are of size 0.
    if (BigInt(end) === before.size && (await handle.read(Buffer.allocUnsafe(1), 0, 1, end)).bytesRead > 0)
      throw longer(path)
    return null
  }
  const stream = new Readable({
    highWaterMark: chunk,
    signal,
    read: () => {
      next().then(
        (bytes) => stream.push(bytes),
        (error: unknown) => stream.destroy(error instanceof Error ? error : changed(path)),
      )
    },
    destroy: (error, done) => {
      handle.close().then(
        () => {
          done(error)
        },
        () => {
          done(error)
        },
      )
    },
  })
  return stream.on('error', () => undefined)
}

/** As `streamOf`; the bytes of a small file are read and checked at once. */
const contentOf = async (handle: FileHandle, stretch: Stretch, signal: AbortSignal): Promise<Readable> => {
  const { before, start, end } = stretch
  const size = end - start
  if (size > mostHeld || size < 0) return streamOf(handle, stretch, signal)
  // One byte more than there should be, where the file should end.
  const asked = BigInt(end) === before.size ? size + 1 : size
  const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(asked), 0, asked, start)
  if (bytesRead !== size || !isUnchanged(before, await handle.stat({ bigint: true })))
    return streamOf(handle, stretch, signal)
  await handle.close()
  return streamOfBytes(buffer.subarray(0, size))
}

/** An open file of this version; `PreconditionFailed` if another stands there now. */
const openVersion = (root: string, path: DrivePath, version: string | undefined): Result<FileHandle> =>
  catching(() =>
    withSource(root, path, async (dir, name) => {
      const opened = await trying(open(dir.at(name), flags), 'ENOENT', 'ELOOP', 'ENXIO')
      if (E.isLeft(opened)) return E.left(preconditionFailed({ code: opened.left }))
      const stats = await opened.right.stat({ bigint: true })
      if (stats.isFile() && (version === undefined || versionOf(stats) === version)) return E.right(opened.right)
      await opened.right.close()
      return E.left(preconditionFailed())
    }),
  )

/** The file found is held for the first stream, so that it is the same file even if its name goes to another meanwhile. */
const holding = (found: FileHandle, signal: AbortSignal): (() => FileHandle | undefined) => {
  let held: FileHandle | undefined = found
  const take = () => {
    const handle = held
    held = undefined
    return handle
  }
  const drop = () => {
    void take()?.close()
  }
  signal.addEventListener('abort', drop, { once: true })
  if (signal.aborted) drop()
  return take
}

/** With a version, a regular file has been seen under this path; else a look comes first, because opening a device can have effects. */
const openFile = async (root: string, path: DrivePath, ifVersion: string | undefined): Result<FileHandle> => {
  const straight = ifVersion === undefined ? undefined : await openFileStraight(root, path, flags)
  if (straight !== undefined) return E.right(straight)
  return withSource(root, path, async (dir, name): Result<FileHandle> => {
    const seen = await lookup(dir, name)
    if (seen === undefined) return E.left(notFound({ what: 'source' }))
    const opened = seen.isFile() ? await trying(open(dir.at(name), flags), 'ELOOP', 'ENXIO') : E.left('ELOOP' as const)
    return E.mapLeft(() => wrongKind({ expected: 'file' }))(opened)
  })
}

/** Core aborts the call's signal when the content is closed or was never made, which ends what is held. */
export const readFile = (
  root: string,
  path: DrivePath,
  { range, ifVersion }: { readonly range: ByteRange; readonly ifVersion?: string | undefined },
  call: Call,
): Result<Opened> =>
  catching(async () => {
    if (path === drive) return E.left(wrongKind({ expected: 'file' }))
    const opened = await openFile(root, path, ifVersion)
    if (E.isLeft(opened)) return opened
    const handle = opened.right
    const stats = await handle.stat({ bigint: true })
    const entry = fileEntry(path, stats)
    const isWanted = stats.isFile() && (ifVersion === undefined || entry.version === ifVersion)
    if (!isWanted) {
      await handle.close()
      return E.left(stats.isFile() ? preconditionFailed() : wrongKind({ expected: 'file' }))
    }
    const end = Math.min(range.end ?? entry.size, entry.size)
    const take = holding(handle, call.signal)
    const openAt = async (start: number, signal: AbortSignal): Result<Readable> => {
      const held = take()
      if (held !== undefined) return E.right(await contentOf(held, { path, before: stats, start, end }, signal))
      const again = await openVersion(root, path, versionOf(stats))
      return E.map((file: FileHandle) => streamOf(file, { path, before: stats, start, end }, signal))(again)
    }
    return E.right({ entry, open: (start, signal) => () => openAt(start, signal) })
  })
