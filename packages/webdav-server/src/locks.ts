// Write locks: exclusive and shared, of one entry or of a whole tree, each with a time after which it ends.
import { ancestorsOf, isInside, type DrivePath, type EntryKind } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'

export interface LockRequest {
  readonly root: DrivePath
  readonly kind: EntryKind
  readonly depth: '0' | 'infinity'
  readonly scope: 'exclusive' | 'shared'
  /** The `owner` element as the client wrote it. */
  readonly owner?: string | undefined
  /** Who holds it; empty where nobody has to say who they are. */
  readonly principal: string
  readonly seconds: number
}
export interface Lock extends LockRequest {
  readonly token: string
  /** By the clock of `createLocks`. */
  readonly expiresAt: number
}

export interface Locks {
  /** Those that hold for this very path: its own, and those of trees that it lies in. */
  readonly covering: (path: DrivePath) => ReadonlyArray<Lock>
  /** Those whose roots lie below it. */
  readonly below: (path: DrivePath) => ReadonlyArray<Lock>
  readonly byToken: (token: string) => Lock | undefined
  /** Or the locks that stand in its way; none of them where there are too many of all. */
  readonly grant: (request: LockRequest) => E.Either<ReadonlyArray<Lock>, Lock>
  readonly refresh: (token: string, seconds: number) => Lock | undefined
  readonly release: (token: string) => void
  /** The entry is gone, and all below it; with `keepRoot` another one took its place. */
  readonly forget: (path: DrivePath, keepRoot?: boolean) => void
}

const mostLocks = 10_000

/** Where locks are kept beyond the process: those of the one before, and how to keep those of this one. */
export interface LockStore {
  readonly locks: ReadonlyArray<Lock>
  readonly saveLocks: (locks: () => ReadonlyArray<Lock>) => void
}

const inMemory: LockStore = { locks: [], saveLocks: () => undefined }

export const createLocks = (now: () => number, store: LockStore = inMemory): Locks => {
  const tokens = new Map<string, Lock>()
  const roots = new Map<DrivePath, Set<string>>()

  const drop = (token: string): void => {
    const lock = tokens.get(token)
    if (lock === undefined) return
    tokens.delete(token)
    const here = roots.get(lock.root)
    here?.delete(token)
    if (here?.size === 0) roots.delete(lock.root)
  }

  const byToken = (token: string): Lock | undefined => {
    const lock = tokens.get(token)
    if (lock === undefined || lock.expiresAt > now()) return lock
    drop(token)
    return undefined
  }

  const add = (lock: Lock): void => {
    tokens.set(lock.token, lock)
    roots.set(lock.root, (roots.get(lock.root) ?? new Set()).add(lock.token))
  }
  for (const lock of store.locks) add(lock)

  const save = (): void => {
    store.saveLocks(() => [...tokens.keys()].flatMap((token) => byToken(token) ?? []))
  }
  const put = (lock: Lock): Lock => {
    add(lock)
    save()
    return lock
  }

  const rootedAt = (path: DrivePath): ReadonlyArray<Lock> =>
    [...(roots.get(path) ?? [])].flatMap((token) => byToken(token) ?? [])

  const covering = (path: DrivePath): ReadonlyArray<Lock> =>
    tokens.size === 0
      ? []
      : [
          ...ancestorsOf(path).flatMap((above) => rootedAt(above).filter(({ depth }) => depth === 'infinity')),
          ...rootedAt(path),
        ]

  const below = (path: DrivePath): ReadonlyArray<Lock> =>
    [...roots.keys()].filter((root) => root !== path && isInside(path, root)).flatMap(rootedAt)

  return {
    covering,
    below,
    byToken,
    release: (token) => {
      drop(token)
      save()
    },
    grant: (request) => {
      // Those that have ended are dropped as they are met, and all of them before there are too many.
      if (tokens.size >= mostLocks) for (const token of [...tokens.keys()]) byToken(token)
      if (tokens.size >= mostLocks) return E.left([])
      const near = [...covering(request.root), ...(request.depth === 'infinity' ? below(request.root) : [])]
      const inTheWay = near.filter(({ scope }) => scope === 'exclusive' || request.scope === 'exclusive')
      return inTheWay.length > 0
        ? E.left(inTheWay)
        : E.right(put({ ...request, token: `urn:uuid:${randomUUID()}`, expiresAt: now() + request.seconds * 1000 }))
    },
    refresh: (token, seconds) => {
      const lock = byToken(token)
      return lock === undefined ? undefined : put({ ...lock, seconds, expiresAt: now() + seconds * 1000 })
    },
    forget: (path, keepRoot = false) => {
      const gone = [...below(path), ...(keepRoot ? [] : rootedAt(path))]
      for (const { token } of gone) drop(token)
      if (gone.length > 0) save()
    },
  }
}
