// Giving an entry its name: the one asked for if it is free, else what the strategy says; never over anything else.
import {
  nameConflict,
  nameOf,
  parentOf,
  unavailable,
  wordFor,
  type Answered,
  type ConflictStrategy,
  type DrivePath,
  type Placed,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { dialect } from './capabilities'
import type { Dav } from './context'
import { mayPass, type Bad } from './faults'
import { numbered } from './names'
import type { Tried } from './tries'

export interface Target {
  readonly path: DrivePath
  readonly conflict: ConflictStrategy
  readonly kind: 'directory' | 'file'
}

export interface Means {
  /** Takes the name only if it is free. */
  readonly take: (name: DrivePath) => Answered<Tried>
  /** Puts the entry in the place of a file. */
  readonly replace: (name: DrivePath) => Answered<Placed>
}

/** Names tried one by one before the directory is listed; names tried in all. */
const few = 4
const most = 1000
/** Times that a name is taken, and free again a moment later, before that is told. */
const patience = 5

export const wordOf = ({ kind, conflict }: Pick<Target, 'kind' | 'conflict'>) =>
  wordFor(kind === 'directory' ? dialect.directory : dialect.file, conflict)

const asAsked = (path: DrivePath): Placed => ({ path, how: 'as-asked', replaced: false })

const namesIn = async (dav: Dav, dir: DrivePath, signal: AbortSignal): Promise<E.Either<Bad, ReadonlySet<string>>> => {
  const names = new Set<string>()
  let cursor: string | undefined
  do {
    const page = await dav.listings.page(dir, { cursor, limit: 1000 }, signal)()
    if (E.isLeft(page)) return page
    for (const { name } of page.right.items) names.add(name)
    cursor = page.right.next
  } while (cursor !== undefined)
  return E.right(names)
}

const underFreeName = async (dav: Dav, { path, kind }: Target, means: Means, signal: AbortSignal) => {
  let taken: ReadonlySet<string> = new Set()
  for (let n = 1, tries = 0; tries < most; n++) {
    const free = numbered(path, kind, n)
    if (taken.has(nameOf(free))) continue
    const tried = await means.take(free)()
    if (E.isLeft(tried)) return tried
    if (tried.right === 'done') return E.right<Bad, Placed>({ path: free, how: 'renamed', replaced: false })
    tries += 1
    if (tries !== few) continue
    const names = await namesIn(dav, parentOf(path), signal)
    if (E.isLeft(names)) return names
    taken = names.right
  }
  return E.left(nameConflict({ said: 'no free name was found' }))
}

export const place =
  (dav: Dav, target: Target, means: Means, signal: AbortSignal): Answered<Placed> =>
  async (): Promise<E.Either<Bad, Placed>> => {
    const { path } = target
    for (let tries = 1; ; tries++) {
      const tried = await means.take(path)()
      const word = wordOf(target)
      if (E.isLeft(tried)) return word === 'replace' && mayPass(tried.left) ? means.replace(path)() : tried
      if (tried.right === 'done') return E.right(asAsked(path))
      if (word === 'number') return underFreeName(dav, target, means, signal)
      if (word === 'replace') return means.replace(path)()
      const existing = await dav.looks.find(path, signal)()
      if (E.isLeft(existing)) return E.left(nameConflict())
      if (existing.right !== undefined) return E.left(nameConflict({ existing: existing.right }))
      if (tries >= patience) return E.left(unavailable({ said: 'the name is taken, but nothing is seen there' }))
    }
  }
