// What the system tells of an entry, as an entry of the drive.
import * as E from 'fp-ts/Either'
import type { BigIntStats } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { nameOf, type DirEntry, type DrivePath, type Entry, type OtherEntry, type SizedFile } from '@anydrive/core'
import type { Dir } from './directories'
import { trying } from './errors'
import type { Name } from './directories'

/** The inode and when it was last changed in any way: a file of the same bytes may have several, other bytes never the same. */
export const versionOf = (stats: BigIntStats): string =>
  [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].map((n) => n.toString(36)).join('-')

// Times are set by way of a double of seconds, so a millisecond comes back some nanoseconds off.
const dateOf = (ns: bigint): Date => new Date(Math.round(Number(ns) / 1e6))

const common = (path: DrivePath, stats: BigIntStats) => ({
  path,
  name: nameOf(path),
  id: `${stats.dev.toString(36)}-${stats.ino.toString(36)}`,
  ...(stats.birthtimeNs > 0n ? { createdAt: dateOf(stats.birthtimeNs) } : {}),
  modifiedAt: dateOf(stats.mtimeNs),
})

export const dirEntry = (path: DrivePath, stats: BigIntStats): DirEntry => ({
  kind: 'directory',
  ...common(path, stats),
})

export const fileEntry = (path: DrivePath, stats: BigIntStats): SizedFile => ({
  kind: 'file',
  ...common(path, stats),
  size: Number(stats.size),
  checksums: {},
  version: versionOf(stats),
})

const otherEntry = (path: DrivePath, stats: BigIntStats): OtherEntry => ({
  kind: 'other',
  ...common(path, stats),
  what: whatOf(stats),
})

const whatOf = (stats: BigIntStats): string => {
  if (stats.isSymbolicLink()) return 'symlink'
  if (stats.isFIFO()) return 'fifo'
  if (stats.isSocket()) return 'socket'
  return stats.isBlockDevice() ? 'block-device' : 'character-device'
}

export const toEntry = (path: DrivePath, stats: BigIntStats): Entry => {
  if (stats.isDirectory()) return dirEntry(path, stats)
  return stats.isFile() ? fileEntry(path, stats) : otherEntry(path, stats)
}

/** Of the entry itself, never of what a link points at; undefined where there is none. */
export const lookup = async (dir: Dir, name: Name): Promise<BigIntStats | undefined> => {
  const found = await trying(lstat(dir.at(name), { bigint: true }), 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG')
  return E.isRight(found) ? found.right : undefined
}
