// Reading a file: opened anew for each stream, and only while it is the version that was found.
import * as E from 'fp-ts/Either'
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import {
  notFound,
  preconditionFailed,
  wrongKind,
  root as drive,
  type ByteRange,
  type DrivePath,
  type Opened,
} from '@anydrive/core'
import { withSource } from './directories'
import { fileEntry, look, versionOf } from './entries'
import { attempt, trying, type Answer } from './faults'

const chunk = 256 * 1024
// A fifo put there between our look and our opening it would block for ever.
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** The handle is closed with the stream, which may fail before anybody reads it. */
const streamOf = (handle: FileHandle, start: number, end: number, signal: AbortSignal): Readable =>
  handle.createReadStream({ start, end: end - 1, highWaterMark: chunk, signal }).on('error', () => undefined)

/** An open file of this version; `PreconditionFailed` if another stands there now. */
const openVersion = (root: string, path: DrivePath, version: string | undefined): Answer<FileHandle> =>
  attempt(() =>
    withSource(root, path, async (dir, name) => {
      const opened = await trying(open(dir.at(name), flags), 'ENOENT', 'ELOOP', 'ENXIO')
      if (E.isLeft(opened)) return E.left(preconditionFailed({ code: opened.left }))
      const stats = await opened.right.stat({ bigint: true })
      if (stats.isFile() && (version === undefined || versionOf(stats) === version)) return E.right(opened.right)
      await opened.right.close()
      return E.left(preconditionFailed())
    }),
  )

export const readFile = (
  root: string,
  path: DrivePath,
  { range, ifVersion }: { readonly range: ByteRange; readonly ifVersion?: string | undefined },
): Answer<Opened> =>
  attempt(async () => {
    if (path === drive) return E.left(wrongKind({ expected: 'file' }))
    return withSource(root, path, async (dir, name) => {
      const stats = await look(dir, name)
      if (stats === undefined) return E.left(notFound({ what: 'source' }))
      if (!stats.isFile()) return E.left(wrongKind({ expected: 'file' }))
      const entry = fileEntry(path, stats)
      if (ifVersion !== undefined && entry.version !== ifVersion) return E.left(preconditionFailed())
      const end = Math.min(range.end ?? entry.size, entry.size)
      return E.right({
        entry,
        open: (start, signal) => async () =>
          start >= end
            ? E.right(Readable.from([]))
            : E.map((file: FileHandle) => streamOf(file, start, end, signal))(
                await openVersion(root, path, entry.version),
              ),
      })
    })
  })
