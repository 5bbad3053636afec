// Writing a file: under a temporary name beside its target until every byte is on the disk.
import * as E from 'fp-ts/Either'
import { constants } from 'node:fs'
import { chmod, open, rename, type FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { DriveException, nameOf, type DrivePath, type Placed, type UploadSource, type Written } from '@anydrive/core'
import { aborted, bytesHeld, preconditionFailed, sourceFailed, type Call, type WriteHow } from '@anydrive/core/adapter'
import type { Failure } from '@anydrive/kit'
import { writeAll } from './copying'
import { flushDir, withTarget, type Dir } from './directories'
import { fileEntry, lookup, versionOf } from './entries'
import { catching, trying, type Result } from './errors'
import {
  earlyConflict,
  newTemporary,
  place,
  temporaryOf,
  toFreeName,
  type Context,
  type Location,
  type Target,
} from './place'
import { discard } from './removing'
import { settableDate } from './times'

interface Writing {
  readonly source: UploadSource
  readonly how: WriteHow
  readonly call: Call
}

/** Of the source's own failure core knows more than its stream tells. */
const sourceFault = (error: unknown, signal: AbortSignal): Failure => {
  if (signal.aborted) return aborted({ effect: 'none' })
  return DriveException.is(error) ? error.error : sourceFailed({ reason: 'unreadable' })
}

const pour = async (stream: Readable, handle: FileHandle, { how, call }: Writing): Result<void> => {
  const destroy = () => stream.destroy()
  let written = 0
  stream.on('error', () => undefined)
  call.signal.addEventListener('abort', destroy, { once: true })
  const held = bytesHeld(stream)
  const chunks = held === undefined ? (stream as AsyncIterable<Uint8Array>) : [held]
  try {
    for await (const chunk of chunks) {
      const kept = await catching(() => writeAll(handle, chunk).then(() => E.right(undefined)))
      if (E.isLeft(kept)) return kept
      written += chunk.byteLength
      how.onProgress(written)
    }
    return call.signal.aborted ? E.left(aborted({ effect: 'none' })) : E.right(undefined)
  } catch (error) {
    return E.left(sourceFault(error, call.signal))
  } finally {
    call.signal.removeEventListener('abort', destroy)
    destroy()
  }
}

interface Opened {
  readonly temporary: Location
  readonly handle: FileHandle
}

/** Another writer to this path may have the first name. */
const openTemporary = async (dir: Dir, path: DrivePath): Promise<Opened> => {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const name = temporaryOf(path)
  const opened = await trying(open(dir.at(name), flags, 0o666), 'EEXIST')
  if (E.isRight(opened)) return { temporary: { dir, name }, handle: opened.right }
  const other = newTemporary()
  return { temporary: { dir, name: other }, handle: await open(dir.at(other), flags, 0o666) }
}

const fill = async (handle: FileHandle, writing: Writing, fsync: boolean): Result<void> => {
  const { source, how, call } = writing
  try {
    const opened = await source.open({ start: 0, end: source.size }, call.signal)()
    if (E.isLeft(opened)) return opened
    const poured = await pour(opened.right, handle, writing)
    if (E.isLeft(poured)) return poured
    if (how.modifiedAt !== undefined) {
      const time = settableDate(how.modifiedAt)
      await handle.utimes(time, time)
    }
    if (fsync) await handle.sync()
    return E.right(undefined)
  } finally {
    await handle.close()
  }
}

/** The file to be replaced still has this version; one that is missing has none. */
const versionHolds = async (dir: Dir, name: string, ifVersion: string | undefined): Promise<boolean> => {
  if (ifVersion === undefined) return true
  const stats = await lookup(dir, name)
  return stats?.isFile() === true && versionOf(stats) === ifVersion
}

/** A file that takes another's place has its permissions. */
const putInPlace = (temporary: Location, target: Target): Result<Placed> =>
  place(target, {
    kind: 'file',
    take: (name) => toFreeName(temporary, { dir: target.dir, name }, 'file'),
    replace: async (name, old) => {
      const own = temporary.dir.at(temporary.name)
      await chmod(own, Number(old.mode & 0o777n))
      await rename(own, target.dir.at(name))
    },
  })

const written = async (dir: Dir, placed: Placed): Result<Written> => {
  const stats = await lookup(dir, nameOf(placed.path))
  // Gone again, or become something else: another program was at it meanwhile.
  if (stats?.isFile() !== true) return E.left(preconditionFailed())
  const replaced = placed.replaced === true
  return E.right({ ...fileEntry(placed.path, stats), how: placed.how, replaced, evidence: 'size' })
}

export const writeFile = ({ root, fsync, exclusively }: Context, path: DrivePath, writing: Writing): Result<Written> =>
  catching(() =>
    withTarget(root, path, async (dir, name) => {
      const { how } = writing
      const target: Target = { dir, path, conflict: how.conflict }
      if (!(await versionHolds(dir, name, how.ifVersion))) return E.left(preconditionFailed())
      const early = await earlyConflict(target, 'file')
      if (early !== undefined) return E.left(early)
      const opened = await catching(async () => E.right(await openTemporary(dir, path)), 'parent')
      if (E.isLeft(opened)) return opened
      const { temporary, handle } = opened.right
      const work = async (): Result<Written> => {
        const filled = await fill(handle, writing, fsync)
        if (E.isLeft(filled)) return filled
        return exclusively(path, async (): Result<Written> => {
          if (!(await versionHolds(dir, name, how.ifVersion))) return E.left(preconditionFailed())
          const placed = await putInPlace(temporary, target)
          if (E.isLeft(placed)) return placed
          await flushDir(dir, fsync)
          return written(dir, placed.right)
        })
      }
      let isWritten = false
      try {
        const result = await catching(work, 'parent')
        isWritten = E.isRight(result)
        return result
      } finally {
        if (!isWritten) await discard(temporary)
      }
    }),
  )
