// Directories at the target: each created once, before anything in it, or merged into one that already existed.
import * as E from 'fp-ts/Either'
import {
  child,
  entries,
  nameOf,
  parentOf,
  type DirEntry,
  type DriveError,
  type DrivePath,
  type Entry,
} from '@anydrive/core'
import { aborted, locate, nameConflict } from '@anydrive/core/adapter'
import { decide } from './decide'
import type { Lease, Outcome } from './journal'
import { isDerivedName } from './names/derived-from'
import { withRetry, type Run } from './run'

export interface Placed {
  readonly path: DrivePath
  readonly status: 'made' | 'merged'
  readonly how: 'as-asked' | 'renamed'
  /** The entry of this name: nothing in a new directory, else as one listing of the directory shows. */
  readonly existing: (name: string) => Promise<Entry | undefined>
}
/** `undefined`: skipped by decision. */
export type Directory = E.Either<DriveError, Placed | undefined>

/** Names kept of one directory; beyond them each name is looked up on its own. */
const mostNames = 100_000

export const once = <A>(task: () => Promise<A>): (() => Promise<A>) => {
  let running: Promise<A> | undefined
  return () => (running ??= task())
}

const existingIn = (run: Run, dir: DrivePath): Placed['existing'] => {
  const { drive } = run.to
  const names = once(async () => {
    const known = new Map<string, Entry>()
    for await (const entry of entries(drive, dir, { signal: run.signal })) {
      if (E.isLeft(entry) || known.size >= mostNames) return { known, all: false }
      known.set(entry.right.name, entry.right)
    }
    return { known, all: true }
  })
  return async (name) => {
    const { known, all } = await names()
    const found = known.get(name)
    const path = child(dir, name)
    if (found !== undefined || all || E.isLeft(path)) return found
    const looked = await drive.stat(path.right, { signal: run.signal })()
    return E.isRight(looked) ? looked.right : undefined
  }
}

/** It holds nothing but what this migration put there. */
const created = (path: DrivePath, how: Placed['how']): Placed => ({
  path,
  status: 'made',
  how,
  existing: () => Promise.resolve(undefined),
})
export const merged = (run: Run, path: DrivePath, how: Placed['how'] = 'as-asked'): Placed => ({
  path,
  status: 'merged',
  how,
  existing: existingIn(run, path),
})

/** Where an earlier run put it. What exists in one that it created shows when a name turns out to be taken, without listing all that was transferred. */
export const placedBefore = (
  run: Run,
  { status, to, how }: Extract<Outcome, { readonly status: Placed['status'] }>,
): Placed => (status === 'made' ? created(to, how) : merged(run, to, how))

const timesOf = (run: Run, entry: DirEntry) => {
  const kept = run.to.drive.capabilities.times.directory
  return {
    createdAt: kept.createdAt === 'kept' ? entry.createdAt : undefined,
    modifiedAt: kept.modifiedAt === 'kept' ? entry.modifiedAt : undefined,
  }
}

interface Target {
  readonly to: DrivePath
  /** Before any decision. */
  readonly wanted: DrivePath
  /** An entry that is known to exist there. */
  readonly known?: Entry | undefined
}
const create = async (run: Run, entry: DirEntry, to: DrivePath, conflict: 'ask' | 'rename'): Promise<Directory> =>
  E.map((dir: { readonly path: DrivePath; readonly how: Placed['how'] }) => created(dir.path, dir.how))(
    await withRetry(run, run.to.drive.createDir(to, { conflict, ...timesOf(run, entry), signal: run.signal })),
  )

/** The entry behind a `NameConflict`: reported with it, or looked up. */
export const inTheWay = async (run: Run, to: DrivePath, error: DriveError): Promise<Entry | undefined> => {
  if (error._tag !== 'NameConflict') return undefined
  if (error.existing !== undefined) return error.existing
  const looked = await run.to.drive.stat(to, { signal: run.signal })()
  return E.isRight(looked) ? looked.right : undefined
}

/** Sibling directories whose names may be free names derived from it. */
const derivedFrom = async (run: Run, wanted: DrivePath): Promise<E.Either<DriveError, ReadonlyArray<string>>> => {
  const names: Array<string> = []
  for await (const entry of entries(run.to.drive, parentOf(wanted), { signal: run.signal })) {
    if (E.isLeft(entry)) return entry
    const { kind, name } = entry.right
    if (kind === 'directory' && isDerivedName(nameOf(wanted), name)) names.push(name)
  }
  return E.right(names)
}

/** Under a free name. A directory that an interrupted attempt created, and that is still empty, is used. */
const renamed = async (run: Run, entry: DirEntry, to: DrivePath, lease: Lease): Promise<Directory> => {
  if (!run.journal.durable) return create(run, entry, to, 'rename')
  const siblings = await derivedFrom(run, to)
  if (E.isLeft(siblings)) return siblings
  const { before } = lease
  const own = siblings.right.find((name) => before?.includes(name) === false)
  if (own !== undefined) return E.map((path: DrivePath) => created(path, 'renamed'))(child(parentOf(to), own))
  const noted = await run.journal.note(lease, { before: siblings.right })()
  if (E.isRight(noted)) return create(run, entry, to, 'rename')
  run.stop(noted.left)
  return E.left(
    locate({ vendor: run.to.drive.vendor, operation: 'createDir', path: to })(
      aborted({ effect: 'none', said: noted.left.message }),
    ),
  )
}

/** Creates it, or merges it into an existing directory; anything else of that name is decided on, a new name only once. */
const createAt = async (run: Run, entry: DirEntry, { to, wanted, known }: Target, lease: Lease): Promise<Directory> => {
  const made: Directory =
    known === undefined
      ? await create(run, entry, to, 'ask')
      : E.left(
          locate({ vendor: run.to.drive.vendor, operation: 'createDir', path: to })(nameConflict({ existing: known })),
        )
  if (E.isRight(made)) return to === wanted ? made : E.right(created(to, 'renamed'))
  const existing = await inTheWay(run, to, made.left)
  if (existing === undefined) return made
  if (existing.kind === 'directory')
    return E.right(merged(run, existing.path, existing.path === wanted ? 'as-asked' : 'renamed'))
  if (to !== wanted) return made
  const decision = await decide(run, { source: entry, existing, to })
  if (E.isLeft(decision)) return decision
  if (decision.right === 'skip') return E.right(undefined)
  if (decision.right === 'rename') return renamed(run, entry, to, lease)
  if (decision.right === 'different' && run.makeRoom !== undefined && existing.name === nameOf(to)) {
    const room = await run.makeRoom(entry, existing)
    if (E.isLeft(room)) return room
    const placed = await createAt(run, entry, { to, wanted }, lease)
    if (E.isLeft(placed)) await room.right()
    return placed
  }
  if (typeof decision.right === 'string') return made
  const beside = child(parentOf(to), decision.right.renameTo)
  return E.isLeft(beside) ? beside : createAt(run, entry, { to: beside.right, wanted }, lease)
}

/** Strategies that compare send no request that changes anything for what exists already. */
export const comparesFirst = ({ policy }: Pick<Run, 'policy'>): boolean => policy === 'different' || policy === 'newer'

/**
 * The directory at this path, or where the decision on an existing entry puts it; `undefined` where it is to be skipped. `known`: an entry that is known to exist there; without it, that
 * shows when the directory is created.
 */
export const createDirectory = (
  run: Run,
  entry: DirEntry,
  to: DrivePath,
  lease: Lease,
  known?: Entry,
): Promise<Directory> => createAt(run, entry, { to, wanted: to, known }, lease)
