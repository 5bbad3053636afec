// Directories at the destination: each made once, before anything in it, and what stood there before.
import * as E from 'fp-ts/Either'
import {
  aborted,
  child,
  entries,
  locate,
  nameOf,
  parentOf,
  type DirEntry,
  type DriveError,
  type DrivePath,
  type Entry,
} from '@anydrive/core'
import { decide } from './decide'
import type { Lease } from './journal'
import { isMadeOf } from './names/made-of'
import { patiently, type Run } from './run'

export interface Placed {
  readonly path: DrivePath
  readonly status: 'made' | 'merged'
  readonly how: 'as-asked' | 'renamed'
  /** What stands under this name: known without a look where the directory is new, else from one listing. */
  readonly standing: (name: string) => Promise<Entry | undefined>
}
/** `undefined`: left out by decision. Runs once, however often it is asked for. */
export type Place = () => Promise<E.Either<DriveError, Placed | undefined>>

/** Names kept of one directory; beyond them each name is looked for on its own. */
const mostNames = 100_000

export const once = <A>(task: () => Promise<A>): (() => Promise<A>) => {
  let running: Promise<A> | undefined
  return () => (running ??= task())
}

const standingIn = (run: Run, dir: DrivePath): Placed['standing'] => {
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

/** Nothing stands in it but what this migration put there. */
export const fresh = (path: DrivePath, how: Placed['how']): Placed => ({
  path,
  status: 'made',
  how,
  standing: () => Promise.resolve(undefined),
})
export const merged = (run: Run, path: DrivePath, how: Placed['how'] = 'as-asked'): Placed => ({
  path,
  status: 'merged',
  how,
  standing: standingIn(run, path),
})

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
}
type Made = E.Either<DriveError, Placed | undefined>

const make = async (run: Run, entry: DirEntry, to: DrivePath, conflict: 'ask' | 'rename'): Promise<Made> =>
  E.map((dir: { readonly path: DrivePath; readonly how: Placed['how'] }) => fresh(dir.path, dir.how))(
    await patiently(run, run.to.drive.createDir(to, { conflict, ...timesOf(run, entry), signal: run.signal })),
  )

/** What stands in the way of a `NameConflict`: told with it, or looked for. */
export const inTheWay = async (run: Run, to: DrivePath, error: DriveError): Promise<Entry | undefined> => {
  if (error._tag !== 'NameConflict') return undefined
  if (error.existing !== undefined) return error.existing
  const looked = await run.to.drive.stat(to, { signal: run.signal })()
  return E.isRight(looked) ? looked.right : undefined
}

/** Directories beside it whose names may be free names for it. */
const madeOf = async (run: Run, wanted: DrivePath): Promise<E.Either<DriveError, ReadonlyArray<string>>> => {
  const names: Array<string> = []
  for await (const entry of entries(run.to.drive, parentOf(wanted), { signal: run.signal })) {
    if (E.isLeft(entry)) return entry
    const { kind, name } = entry.right
    if (kind === 'directory' && isMadeOf(nameOf(wanted), name)) names.push(name)
  }
  return E.right(names)
}

/** Under a free name. What an interrupted attempt made, which nothing was put in yet, is taken up again. */
const renamed = async (run: Run, entry: DirEntry, to: DrivePath, lease: Lease): Promise<Made> => {
  if (!run.journal.durable) return make(run, entry, to, 'rename')
  const standing = await madeOf(run, to)
  if (E.isLeft(standing)) return standing
  const { before } = lease
  const own = standing.right.find((name) => before?.includes(name) === false)
  if (own !== undefined) return E.map((path: DrivePath) => fresh(path, 'renamed'))(child(parentOf(to), own))
  const noted = await run.journal.note(lease, { before: standing.right })()
  if (E.isRight(noted)) return make(run, entry, to, 'rename')
  run.stop(noted.left)
  return E.left(
    locate({ vendor: run.to.drive.vendor, operation: 'createDir', path: to })(
      aborted({ effect: 'none', said: noted.left.message }),
    ),
  )
}

/** Made, or merged into a directory that stands there; anything else in the way is decided on, a new name only once. */
const placeAt = async (run: Run, entry: DirEntry, { to, wanted }: Target, lease: Lease): Promise<Made> => {
  const made = await make(run, entry, to, 'ask')
  if (E.isRight(made)) return to === wanted ? made : E.right(fresh(to, 'renamed'))
  const existing = await inTheWay(run, to, made.left)
  if (existing === undefined) return made
  if (existing.kind === 'directory')
    return E.right(merged(run, existing.path, existing.path === wanted ? 'as-asked' : 'renamed'))
  if (to !== wanted) return made
  const decision = await decide(run, { source: entry, existing, to })
  if (E.isLeft(decision)) return decision
  if (decision.right === 'skip') return E.right(undefined)
  if (decision.right === 'rename') return renamed(run, entry, to, lease)
  if (typeof decision.right === 'string') return made
  const beside = child(parentOf(to), decision.right.renameTo)
  return E.isLeft(beside) ? beside : placeAt(run, entry, { to: beside.right, wanted }, lease)
}

/** The directory at this path, or where the decision on what stands there puts it; `undefined` where it is to be left out. */
export const place = (run: Run, entry: DirEntry, to: DrivePath, lease: Lease): Promise<Made> =>
  placeAt(run, entry, { to, wanted: to }, lease)
