// Taking a name by the conflict strategy: the requested name if it is free, otherwise what the strategy says; never over anything else.
import { nameOf, parentOf, type ConflictStrategy, type DrivePath, type Entry, type Placed } from '@anydrive/core'
import { nameConflict, unavailable, vendorValueFor, type RawResult } from '@anydrive/core/adapter'
import {
  beside,
  numberedName,
  replaceFile,
  temporaryFor,
  uniqueTemporary,
  type Failure,
  type NameLimit,
} from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { dialect, longestName } from './capabilities'
import { moveTo, type Known } from './changes'
import type { Dav } from './client'
import { find } from './entries'
import { namesIn } from './listing'
import { removeTemporary } from './remove'

export interface Target {
  readonly path: DrivePath
  readonly conflict: ConflictStrategy
  readonly kind: 'directory' | 'file'
}

export interface Steps {
  /** Takes the name only if it is free, otherwise `NameConflict`. */
  readonly take: (name: DrivePath) => RawResult<unknown>
  /** Replaces the file that has the name. */
  readonly replace: (name: DrivePath) => RawResult<Placed>
}

const limit: NameLimit = { max: longestName, unit: 'bytes' }

/** Names that are tried before the directory is listed, and names that are tried in all. */
const triesBeforeListing = 4
const mostTries = 1000
/** Times that a name is found taken, and free again a moment later. */
const mostLostRaces = 5

export const temporaryBeside = (target: DrivePath): DrivePath => beside(target, uniqueTemporary(target, limit))

export const wordOf = ({ kind, conflict }: Pick<Target, 'kind' | 'conflict'>) =>
  vendorValueFor(kind === 'directory' ? dialect.directory : dialect.file, conflict)

/** A directory replaces nothing. */
export const neverReplace = (): RawResult<Placed> => () => Promise.resolve(E.left(nameConflict()))

type Result = Promise<E.Either<Failure, Placed>>

/** Where a server ignores `Overwrite: F`, the name is looked up first. */
const takeFree = (dav: Dav, name: DrivePath, take: Steps['take'], signal: AbortSignal): RawResult<unknown> =>
  dav.exclusively(
    name,
    dav.server.overwriteRefuses !== false
      ? take(name)
      : pipe(
          find(dav, name, signal),
          TE.flatMap((existing) => (existing === undefined ? take(name) : TE.left(nameConflict({ existing })))),
        ),
  )

const underFreeName = async (dav: Dav, { path, kind }: Target, take: Steps['take'], signal: AbortSignal): Result => {
  let taken: ReadonlySet<string> = new Set()
  for (let n = 1, tries = 0; tries < mostTries; n++) {
    const name = beside(path, numberedName(nameOf(path), kind, n, limit))
    if (taken.has(nameOf(name))) continue
    const tried = await takeFree(dav, name, take, signal)()
    if (E.isRight(tried)) return E.right({ path: name, how: 'renamed', replaced: false })
    if (tried.left._tag !== 'NameConflict') return tried
    tries += 1
    if (tries !== triesBeforeListing) continue
    const names = await namesIn(dav, parentOf(path), signal)()
    if (E.isLeft(names)) return names
    taken = names.right
  }
  return E.left(nameConflict({ said: 'no free name was found' }))
}

export const place =
  (dav: Dav, target: Target, { take, replace }: Steps, signal: AbortSignal): RawResult<Placed> =>
  async (): Result => {
    const { path } = target
    const word = wordOf(target)
    for (let n = 1; ; n++) {
      const tried = await takeFree(dav, path, take, signal)()
      if (E.isRight(tried)) return E.right({ path, how: 'as-asked', replaced: false })
      if (tried.left._tag !== 'NameConflict') return tried
      if (word === 'number') return underFreeName(dav, target, take, signal)
      if (word === 'replace') return dav.exclusively(path, replace(path))()
      if (tried.left.existing !== undefined || n === mostLostRaces) return tried
    }
  }

/** The old file under its temporary name. A directory that took the name meanwhile is moved back. */
const setAside =
  (dav: Dav, path: DrivePath, aside: DrivePath, old: Known, signal: AbortSignal): RawResult<unknown> =>
  async () => {
    const moved = await moveTo(dav, { path, directory: false }, aside, old, signal)()
    if (E.isLeft(moved)) return moved
    const found = await find(dav, aside, signal)()
    if (E.isLeft(found) || found.right === undefined || found.right.kind === 'file') return moved
    const existing: Entry = { ...found.right, path, name: nameOf(path) }
    const back = { path: aside, directory: found.right.kind === 'directory' }
    const undone = await moveTo(dav, back, path, found.right, signal)()
    return E.isLeft(undone) ? undone : E.left(nameConflict({ existing }))
  }

/**
 * Replaces the file at `target` by renames (RFC 4918, 9.9.3: MOVE with `Overwrite: T` would first delete what exists there, even a directory with all its
 * content, and lose it if it failed after that).
 */
export const replaceBy = (
  dav: Dav,
  incoming: { readonly path: DrivePath; readonly handle: Known },
  target: DrivePath,
  signal: AbortSignal,
): RawResult<Placed> =>
  replaceFile<Known>(
    {
      existing: (later) => async () =>
        E.map((entry: Entry | undefined) => (entry === undefined ? undefined : { handle: entry, entry }))(
          await find(dav, target, later)(),
        ),
      rename: (handle, from, to, later) =>
        from === target
          ? setAside(dav, from, to, handle, later)
          : moveTo(dav, { path: from, directory: false }, to, handle, later),
      remove: (_, path, later) => async () =>
        (await removeTemporary(dav, path, later))
          ? E.right(undefined)
          : E.left(unavailable({ effect: 'none', said: 'the old file could not be removed' })),
    },
    {
      incoming,
      target,
      temporaryNames: [
        temporaryFor(target, 'old', limit),
        uniqueTemporary(target, limit),
        uniqueTemporary(target, limit),
      ],
      signal,
    },
  )
