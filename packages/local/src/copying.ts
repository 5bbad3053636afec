// Copies under a temporary name: of a file, or of a directory with everything below it.
import * as E from 'fp-ts/Either'
import { constants, type BigIntStats } from 'node:fs'
import {
  copyFile,
  lutimes,
  mkdir,
  open,
  opendir,
  readlink,
  symlink,
  utimes,
  chmod,
  type FileHandle,
} from 'node:fs/promises'
import { under, type DrivePath } from '@anydrive/core'
import { aborted, wrongKind } from '@anydrive/core/adapter'
import { openChild, type Dir } from './directories'
import { lookup } from './entries'
import type { Result } from './errors'
import { decoded, type Name } from './directories'
import type { Location } from './place'
import { flushDir } from './directories'
import { settableTime } from './times'

export interface Copying {
  readonly signal: AbortSignal
  readonly fsync: boolean
}
const stopped = E.left(aborted({ effect: 'none' }))
const done = E.right(undefined)
const chunk = 1024 * 1024

export const writeAll = async (handle: FileHandle, bytes: Uint8Array): Promise<void> => {
  for (let at = 0; at < bytes.byteLength;) at += (await handle.write(bytes, at, bytes.byteLength - at)).bytesWritten
}

const copyBytes = async (from: FileHandle, to: FileHandle, signal: AbortSignal): Result<void> => {
  const buffer = Buffer.allocUnsafe(chunk)
  for (;;) {
    if (signal.aborted) return stopped
    const { bytesRead } = await from.read(buffer, 0, chunk)
    if (bytesRead === 0) return done
    await writeAll(to, buffer.subarray(0, bytesRead))
  }
}

/** A clone that shares the blocks, where the file system has such; it cannot be distinguished from a copy, and takes no time. */
const cloned = async (source: FileHandle, to: Location): Promise<boolean> => {
  if (process.platform !== 'linux') return false
  const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE
  const cloning = copyFile(`/proc/self/fd/${source.fd}`, to.dir.at(to.name), mode)
  return cloning.then(
    () => true,
    () => false,
  )
}

const writable = constants.O_WRONLY | constants.O_CREAT

const copyFileTo = async (
  from: Location,
  to: Location,
  stats: BigIntStats,
  { signal, fsync }: Copying,
): Result<void> => {
  const source = await open(from.dir.at(from.name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const flags = (await cloned(source, to)) ? constants.O_WRONLY : writable | constants.O_EXCL
    const target = await open(to.dir.at(to.name), flags | constants.O_NOFOLLOW, 0o600)
    try {
      const copied = flags === constants.O_WRONLY ? done : await copyBytes(source, target, signal)
      if (E.isLeft(copied)) return copied
      await target.chmod(Number(stats.mode & 0o777n))
      await target.utimes(settableTime(stats.atimeNs), settableTime(stats.mtimeNs))
      if (fsync) await target.sync()
      return done
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

const copyLink = async (from: Location, to: Location, stats: BigIntStats): Promise<void> => {
  const target = to.dir.at(to.name)
  await symlink(await readlink(from.dir.at(from.name), { encoding: 'buffer' }), target)
  await lutimes(target, settableTime(stats.atimeNs), settableTime(stats.mtimeNs))
}

/** The names of a directory in the order of the system, as bytes where they are no UTF-8. */
export async function* namesIn(dir: Dir): AsyncGenerator<Name, void> {
  // Node takes 'buffer' here, its types do not know it.
  const entries = await opendir(dir.self, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 })
  for await (const entry of entries) yield decoded(entry.name as unknown as Buffer)
}

const copyInside = async (from: Dir, to: Dir, path: DrivePath, how: Copying): Result<void> => {
  for await (const name of namesIn(from)) {
    if (how.signal.aborted) return stopped
    const stats = await lookup(from, name)
    if (stats === undefined) continue
    const inner = under(path, name.toString() as DrivePath)
    const copied = await copyTo({ dir: from, name }, { dir: to, name }, { stats, path: inner }, how)
    if (E.isLeft(copied)) return copied
  }
  await flushDir(to, how.fsync)
  return done
}

/** Both directories of one level are open while what is below is copied, and no longer. */
const copyDirTo = async (from: Location, to: Location, { stats, path }: Source, how: Copying): Result<void> => {
  const source = await openChild(from.dir, from.name)
  if (E.isLeft(source)) return E.left(wrongKind({ expected: 'directory', at: path }))
  try {
    await mkdir(to.dir.at(to.name), 0o700)
    const target = await openChild(to.dir, to.name)
    if (E.isLeft(target)) return E.left(wrongKind({ expected: 'directory', at: path }))
    try {
      const copied = await copyInside(source.right, target.right, path, how)
      if (E.isLeft(copied)) return copied
      await chmod(target.right.self, Number(stats.mode & 0o777n))
      await utimes(target.right.self, settableTime(stats.atimeNs), settableTime(stats.mtimeNs))
      return done
    } finally {
      await target.right.close()
    }
  } finally {
    await source.right.close()
  }
}

export interface Source {
  readonly stats: BigIntStats
  /** As the drive knows it; of a fault inside it. */
  readonly path: DrivePath
}

/** Links are copied as they are. What is neither file, directory nor link cannot be copied: `WrongKind` naming it. */
export const copyTo = async (from: Location, to: Location, source: Source, how: Copying): Result<void> => {
  if (source.stats.isDirectory()) return copyDirTo(from, to, source, how)
  if (source.stats.isFile()) return copyFileTo(from, to, source.stats, how)
  if (!source.stats.isSymbolicLink()) return E.left(wrongKind({ expected: 'file', at: source.path }))
  await copyLink(from, to, source.stats)
  return done
}
