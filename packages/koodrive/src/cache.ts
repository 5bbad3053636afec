// What is known of paths without asking: ids, and when they were last seen to be right.
import { ancestorsOf, isInside, nameOf, parentOf, root, type DrivePath, type Entry } from '@anydrive/core'
import { LRUCache } from 'lru-cache'

/** An entry that was seen under its path. What an operation of ours made is known without its times. */
export interface Known {
  readonly id: string
  readonly entry: Entry
  /** Milliseconds since the epoch. */
  readonly seenAt: number
}

export interface Cache {
  /** Grows with every change that this drive makes. */
  readonly generation: () => number
  readonly get: (path: DrivePath) => Known | undefined
  /** Of the path and its ancestors below the root, from the top, as far as they are known without a gap. */
  readonly chain: (path: DrivePath) => ReadonlyArray<Known>
  readonly put: (entry: Entry, seenAt: number) => void
  /** With all below it. */
  readonly forget: (path: DrivePath) => void
  /** How many entries of a folder are known. */
  readonly countIn: (folder: DrivePath) => number
  /** This drive changed something: what was read before may no longer be kept. */
  readonly changed: () => void
}

/** Kept at most `max` entries; those not used for longest go first. */
export const createCache = (max: number): Cache => {
  const entries = new LRUCache<DrivePath, Known>({ max })
  let generation = 0
  const get: Cache['get'] = (path) => entries.get(path)
  return {
    generation: () => generation,
    get,
    chain: (path) => {
      const chain: Array<Known> = []
      for (const step of path === root ? [] : [...ancestorsOf(path).slice(1), path]) {
        const known = entries.get(step)
        if (known === undefined) break
        chain.push(known)
      }
      return chain
    },
    put: (entry, seenAt) => {
      if (entry.id !== undefined) entries.set(entry.path, { id: entry.id, entry, seenAt })
    },
    forget: (path) => {
      const known = entries.peek(path)
      entries.delete(path)
      if (known?.entry.kind === 'file') return
      for (const key of [...entries.keys()]) if (isInside(path, key)) entries.delete(key)
    },
    countIn: (folder) => [...entries.keys()].filter((key) => parentOf(key) === folder).length,
    changed: () => {
      generation += 1
    },
  }
}

/** The entry under another path: the same thing moved or renamed, its times and version no longer known. */
export const movedTo = (entry: Entry, path: DrivePath): Entry => {
  const base = { path, name: nameOf(path), ...(entry.id === undefined ? {} : { id: entry.id }) }
  if (entry.kind === 'file') {
    const { size, checksums, contentType } = entry
    return { kind: 'file', ...base, size, checksums, ...(contentType === undefined ? {} : { contentType }) }
  }
  return entry.kind === 'directory' ? { kind: 'directory', ...base } : { kind: 'other', what: entry.what, ...base }
}

/** The top of the tree that a path lies in. */
export const topOf = (path: DrivePath): DrivePath => {
  let top = path
  while (parentOf(top) !== root) top = parentOf(top)
  return top
}
