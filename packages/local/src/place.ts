// Gives an entry its name: never over anything that the strategy does not allow to be replaced, whatever other programs do.
import * as E from 'fp-ts/Either'
import type { BigIntStats } from 'node:fs'
import { link, mkdir, open, rename, rmdir, unlink } from 'node:fs/promises'
import {
  nameOf,
  parentOf,
  root,
  under,
  type ConflictStrategy,
  type DrivePath,
  type Fault,
  type Placed,
} from '@anydrive/core'
import { nameConflict, vendorValueFor } from '@anydrive/core/adapter'
import { numberedName, temporaryFor, uniqueTemporary, type NameLimit } from '@anydrive/kit'
import type { Dir, Name } from './directories'
import { lookup, toEntry } from './entries'
import { longestName, quietly, trying, type Result } from './errors'
import { dialect } from './settings'

/** What the operations of one drive share. */
export interface Context {
  /** Absolute. */
  readonly root: string
  readonly fsync: boolean
  /** One task at a time for each path, so that a check and the change that relies on it are not separated. */
  readonly exclusively: <A>(path: DrivePath, run: () => Result<A>) => Result<A>
}

const nameLimit: NameLimit = { max: longestName, unit: 'bytes' }

/** For content that is being written to this path: the same each time, so that what a killed process has left is found by its target. */
export const temporaryOf = (path: DrivePath): string => temporaryFor(path, 'new', nameLimit)

/** Unlike any other. It does not contain the name of its target: a temporary without such a name is known to be an unfinished copy, so that it can be cleaned up. */
export const newTemporary = (): string => uniqueTemporary(root, nameLimit)

/** An entry, known by its directory. */
export interface Location {
  readonly dir: Dir
  readonly name: Name
}
export type Kind = 'directory' | 'file' | 'other'
export const kindOf = (stats: BigIntStats): Kind => {
  if (stats.isDirectory()) return 'directory'
  return stats.isFile() ? 'file' : 'other'
}
const at = ({ dir, name }: Location): string | Buffer => dir.at(name)

export type Tried = 'done' | 'taken'

/** An empty file of ours holds the name until the entry takes its place: for file systems without hard links. */
const behindPlaceholder = async (from: Location, to: Location): Promise<Tried> => {
  const held = await trying(open(at(to), 'wx'), 'EEXIST')
  if (E.isLeft(held)) return 'taken'
  await held.right.close()
  let moved = false
  try {
    await rename(at(from), at(to))
    moved = true
    return 'done'
  } finally {
    if (!moved) await quietly(unlink(at(to)))
  }
}

const unlinkable = ['EPERM', 'EACCES', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'] as const

/** link(2) takes a name only while it is free; the old name goes after. */
const fileToFreeName = async (from: Location, to: Location, kind: Kind): Promise<Tried> => {
  if (kind === 'other' && process.platform !== 'linux') return behindPlaceholder(from, to)
  const linked = await trying(link(at(from), at(to)), 'EEXIST', ...unlinkable)
  if (E.isLeft(linked)) return linked.left === 'EEXIST' ? 'taken' : behindPlaceholder(from, to)
  let moved = false
  try {
    await unlink(at(from))
    moved = true
    return 'done'
  } finally {
    if (!moved) await quietly(unlink(at(to)))
  }
}

/** rename(2) replaces an empty directory without a word, so the name is taken by an empty directory of ours first. */
const directoryToFreeName = async (from: Location, to: Location): Promise<Tried> => {
  const windows = process.platform === 'win32'
  if (!windows && E.isLeft(await trying(mkdir(at(to)), 'EEXIST'))) return 'taken'
  let moved = false
  try {
    const renamed = await trying(rename(at(from), at(to)), 'ENOTEMPTY', 'EEXIST', ...(windows ? ['EPERM'] : []))
    moved = E.isRight(renamed)
    return moved ? 'done' : 'taken'
  } finally {
    if (!moved && !windows) await quietly(rmdir(at(to)))
  }
}

/** Moves an entry to a name only if that is free. Both on one file system. */
export const toFreeName = (from: Location, to: Location, kind: Kind): Promise<Tried> =>
  kind === 'directory' ? directoryToFreeName(from, to) : fileToFreeName(from, to, kind)

export interface Target {
  readonly dir: Dir
  readonly path: DrivePath
  readonly conflict: ConflictStrategy
}

type Means = 'refuse' | 'number' | 'replace'
/** An entry of another kind replaces nothing. */
const meansFor = (kind: Kind, conflict: ConflictStrategy): Means =>
  vendorValueFor(kind === 'file' ? dialect.file : dialect.directory, conflict)

/** The conflict with what exists there. */
const conflictWith = (path: DrivePath, stats: BigIntStats | undefined): Fault =>
  nameConflict(stats === undefined ? {} : { existing: toEntry(path, stats) })

/** A conflict that can be known before any work is done. */
export const earlyConflict = async ({ dir, path, conflict }: Target, kind: Kind): Promise<Fault | undefined> => {
  const means = meansFor(kind, conflict)
  if (means === 'number') return undefined
  const stats = await lookup(dir, nameOf(path))
  return stats === undefined || (means === 'replace' && stats.isFile()) ? undefined : conflictWith(path, stats)
}

export interface Moves {
  readonly kind: Kind
  /** Takes the name only if it is free. */
  readonly take: (name: string) => Promise<Tried>
  /** Puts the entry in the place of a file. */
  readonly replace: (name: string, old: BigIntStats) => Promise<void>
}

const triesToReplace = 10

/** The name asked for if it is free, else what the strategy says. */
export const place = async ({ dir, path, conflict }: Target, { kind, take, replace }: Moves): Result<Placed> => {
  const name = nameOf(path)
  const means = meansFor(kind, conflict)
  for (let tries = 0; ; tries++) {
    if ((await take(name)) === 'done') return E.right({ path, how: 'as-asked', replaced: false })
    if (means === 'number') break
    const old = await lookup(dir, name)
    // Taken, and free again a moment later: someone else is at it too.
    if (old === undefined && tries < triesToReplace) continue
    if (means === 'refuse' || old?.isFile() !== true) return E.left(conflictWith(path, old))
    const replaced = await trying(replace(name, old), 'EISDIR', 'ENOTEMPTY')
    return E.isRight(replaced)
      ? E.right({ path, how: 'as-asked', replaced: true })
      : E.left(conflictWith(path, await lookup(dir, name)))
  }
  for (let n = 1; ; n++) {
    const free = numberedName(name, kind === 'directory' ? 'directory' : 'file', n, nameLimit)
    if ((await take(free)) === 'done')
      return E.right({ path: under(parentOf(path), free as DrivePath), how: 'renamed', replaced: false })
  }
}

/** Two names of one file: rename(2) leaves both alone, and says that it is done. */
const sameFile = (a: BigIntStats, b: BigIntStats): boolean => a.ino === b.ino && a.dev === b.dev

/** How an entry that lies in `from` is moved by names alone. */
export const movesOf = (from: Location, stats: BigIntStats, dir: Dir): Moves => {
  const kind = kindOf(stats)
  return {
    kind,
    take: async (name) => {
      const to = { dir, name }
      const tried = await toFreeName(from, to, kind)
      if (tried === 'done') return tried
      const there = await lookup(dir, name)
      const respelled = there !== undefined && sameFile(there, stats) && (kind === 'directory' || stats.nlink === 1n)
      if (!respelled || name === from.name) return tried
      await rename(at(from), at(to))
      return 'done'
    },
    replace: async (name, old) => {
      if (sameFile(old, stats)) await unlink(at(from))
      else await rename(at(from), dir.at(name))
    },
  }
}
