// Moving and copying one entry to its place.
import * as E from 'fp-ts/Either'
import type { BigIntStats } from 'node:fs'
import { rename } from 'node:fs/promises'
import type { ConflictStrategy, DrivePath, Placed } from '@anydrive/core'
import { aborted, nestedTarget, notFound, taskFailed, wrongKind, type Call } from '@anydrive/core/adapter'
import type { Failure } from '@anydrive/kit'
import { copyTo } from './copying'
import { flushDir, withSource, withTarget, type Dir } from './directories'
import { lookup } from './entries'
import { catching, trying, type Result } from './errors'
import {
  earlyConflict,
  kindOf,
  movesOf,
  newTemporary,
  place,
  toFreeName,
  type Context,
  type Location,
  type Target,
} from './place'
import { discard, removeTree } from './removing'

export interface Transfer {
  readonly from: DrivePath
  readonly to: DrivePath
  readonly conflict: ConflictStrategy
}
export interface Found {
  readonly from: Location
  readonly stats: BigIntStats
  readonly target: Target
}

/** The source first, then the directories that the target lies in. */
const between = (
  { root, exclusively }: Context,
  { from, to, conflict }: Transfer,
  { signal }: Call,
  use: (found: Found) => Result<Placed>,
  only?: 'directory',
): Result<Placed> =>
  withSource(root, from, async (source, name) => {
    const stats = await lookup(source, name)
    if (stats === undefined) return E.left(notFound({ what: 'source' }))
    if (only !== undefined && kindOf(stats) !== only) return E.left(wrongKind({ expected: only }))
    if (signal.aborted) return E.left(aborted({ effect: 'none' }))
    return withTarget(root, to, (dir) =>
      exclusively(to, () => use({ from: { dir: source, name }, stats, target: { dir, path: to, conflict } })),
    )
  })

/** Removes an unfinished copy; if that fails, the fault says where it is. */
const tidied = async (temporary: Location, path: DrivePath, fault: Failure): Promise<E.Either<Failure, never>> =>
  (await discard(temporary)) ? E.left(fault) : E.left(taskFailed({ partial: path, said: fault._tag }))

/** Built under a temporary name beside its target, then given its name at once. */
const copyInto = async (
  { fsync }: Context,
  { from, stats, target }: Found,
  path: DrivePath,
  { signal }: Call,
): Result<Placed> => {
  const kind = kindOf(stats)
  const early = await earlyConflict(target, kind)
  if (early !== undefined) return E.left(early)
  const temporary: Location = { dir: target.dir, name: newTemporary() }
  const work = async (): Result<Placed> => {
    const copied = await copyTo(from, temporary, { stats, path }, { signal, fsync })
    if (E.isLeft(copied)) return copied
    return place(target, {
      kind,
      take: (name) => toFreeName(temporary, { dir: target.dir, name }, kind),
      replace: (name) => rename(temporary.dir.at(temporary.name), target.dir.at(name)),
    })
  }
  const placed = await catching(work)
  if (E.isLeft(placed)) return tidied(temporary, target.path, placed.left)
  await flushDir(target.dir, fsync)
  return placed
}

/** To another file system: a copy is created and renamed, then the original is removed. */
const moveByCopying = async (context: Context, found: Found, path: DrivePath, call: Call): Result<Placed> => {
  const placed = await copyInto(context, found, path, call)
  if (E.isLeft(placed)) return placed
  const removed = await removeTree(found.from, path, new AbortController().signal)
  await flushDir(found.from.dir, context.fsync)
  return E.isRight(removed)
    ? placed
    : E.left(taskFailed({ partial: placed.right.path, said: 'the original could not be removed' }))
}

/** By names alone where both lie on one file system. */
export const moveFound = async (context: Context, found: Found, path: DrivePath, call: Call): Result<Placed> => {
  const { from, stats, target } = found
  const moved = await trying(place(target, movesOf(from, stats, target.dir)), 'EXDEV', 'EINVAL')
  if (E.isRight(moved)) {
    if (E.isRight(moved.right)) await syncBoth(from.dir, target.dir, context.fsync)
    return moved.right
  }
  // rename(2)'s word for a directory into itself, which core cannot see where the file system folds names
  if (moved.left === 'EINVAL') return E.left(nestedTarget({ code: moved.left }))
  return moveByCopying(context, found, path, call)
}

/** With everything below it. */
export const moveOne = (context: Context, item: Transfer, call: Call): Result<Placed> =>
  catching(() => between(context, item, call, (found) => moveFound(context, found, item.from, call)))

const syncBoth = async (from: Dir, to: Dir, fsync: boolean): Promise<void> => {
  await flushDir(to, fsync)
  await flushDir(from, fsync)
}

/** `only`: what is of another kind is `WrongKind`. */
export const copyOne = (context: Context, item: Transfer, call: Call, only?: 'directory'): Result<Placed> =>
  catching(() => between(context, item, call, (found) => copyInto(context, found, item.from, call), only))
