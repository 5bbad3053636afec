// From paths to ids: KooDrive finds nothing by path, so folders are listed level by level, and what was seen is trusted for a while.
import { ancestorsOf, child, isInside, nameOf, parentOf, root, type DrivePath, type Entry } from '@anydrive/core'
import { ambiguous, defined, notFound, wrongKind, type RawResult } from '@anydrive/core/adapter'
import { groupBy, singleFlight, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { LRUCache } from 'lru-cache'
import type { Api } from './api'
import { isGone } from './errors'
import { idsOfPath, pathOfNames, sameCursor, toEntry, toFilePage } from './translate'
import type { File } from './wire'

type Signal = AbortSignal
type Settled<A> = Promise<E.Either<Failure, A>>

/** An entry that was seen under its path. What an operation of this drive created is known without its times. */
export interface Known {
  readonly id: string
  readonly entry: Entry
  /** Milliseconds since the epoch. */
  readonly seenAt: number
}

/** Keeps at most `max` entries, each id under one path; the least recently used go first. */
export const createCache = (max: number) => {
  const paths = new Map<string, DrivePath>()
  const entries = new LRUCache<DrivePath, Known>({
    // Not `max`, for which room is made at once: most drives never see so many entries.
    maxSize: max,
    sizeCalculation: () => 1,
    dispose: ({ id }, path) => {
      if (paths.get(id) === path) paths.delete(id)
    },
  })
  let generation = 0
  /** With all below it. */
  const forget = (path: DrivePath): void => {
    const known = entries.peek(path)
    entries.delete(path)
    if (known?.entry.kind === 'file') return
    for (const key of [...entries.keys()]) if (isInside(path, key)) entries.delete(key)
  }
  return {
    /** Grows with every change that this drive makes. */
    generation: (): number => generation,
    /**
     * To be called after this drive has changed something, or may have. Discards listings that began before, and forgets the paths of these ids.
     */
    changed: (...ids: ReadonlyArray<string>): void => {
      generation += 1
      for (const id of ids) {
        const path = paths.get(id)
        if (path !== undefined) forget(path)
      }
    },
    forget,
    get: (path: DrivePath): Known | undefined => entries.get(path),
    /** The path and its ancestors below the root, from the top, as far as they are known without a gap. */
    chain: (path: DrivePath): ReadonlyArray<Known> => {
      const chain: Array<Known> = []
      for (const step of path === root ? [] : [...ancestorsOf(path).slice(1), path]) {
        const known = entries.get(step)
        if (known === undefined) break
        chain.push(known)
      }
      return chain
    },
    put: (entry: Entry, seenAt: number): void => {
      const { id, path } = entry
      if (id === undefined) return
      const before = paths.get(id)
      if (before !== undefined && before !== path) forget(before)
      entries.set(path, { id, entry, seenAt })
      paths.set(id, path)
    },
    /** How many entries of a folder are known. */
    countIn: (folder: DrivePath): number => [...entries.keys()].filter((key) => parentOf(key) === folder).length,
  }
}
export type Cache = ReturnType<typeof createCache>

/** The same entry, moved or renamed: its times and version are no longer known. */
export const movedTo = (entry: Entry, path: DrivePath): Entry => {
  const base = { path, name: nameOf(path), ...defined({ id: entry.id }) }
  if (entry.kind === 'file') {
    const { size, checksums, contentType } = entry
    return { kind: 'file', ...base, checksums, ...defined({ size, contentType }) }
  }
  return entry.kind === 'directory' ? { kind: 'directory', ...base } : { kind: 'other', what: entry.what, ...base }
}

/** The top of the tree that a path lies in. */
export const topOf = (path: DrivePath): DrivePath => {
  let top = path
  while (parentOf(top) !== root) top = parentOf(top)
  return top
}

/** An entry with its id; the root's is an alias. */
export interface Node {
  readonly id: string
  readonly entry: Entry
}

export interface IdsOptions {
  readonly api: Pick<Api, 'list' | 'path'>
  readonly cache: Cache
  readonly now: () => number
  /** Milliseconds. */
  readonly idTrust: number
}

export const rootNode: Node = { id: 'root', entry: { kind: 'directory', path: root, name: '', id: 'root' } }
const pageSize = 100

export const createIds = ({ api, cache, now, idTrust }: IdsOptions) => {
  const listings = singleFlight<ReadonlyArray<File>>()
  let rootId: string | undefined

  const listAll =
    (folderId: string) =>
    (signal: Signal): RawResult<ReadonlyArray<File>> =>
    async () => {
      const files = new Map<string, File>()
      const cursors = new Set<string>()
      for (let cursor: string | undefined; ;) {
        const page = E.flatMap(toFilePage(cursor))(
          await api.list({ parentFileId: folderId, cursor, pageSize }, signal)(),
        )
        if (E.isLeft(page)) return page
        for (const file of page.right.files) files.set(file.id, file)
        cursor = page.right.next
        if (cursor === undefined) return E.right([...files.values()])
        if (cursors.has(cursor)) return E.left(sameCursor)
        cursors.add(cursor)
      }
    }

  /** Keeps what was seen, unless this drive has changed something since. Nothing is kept of siblings with one name. */
  const keep = (entries: ReadonlyArray<Entry>, seen: { readonly at: number; readonly generation: number }): void => {
    if (seen.generation !== cache.generation()) return
    for (const namesakes of groupBy(entries, ({ path }) => path)) {
      const [entry] = namesakes
      if (entry === undefined) continue
      const known = cache.get(entry.path)
      if (namesakes.length > 1 || (known !== undefined && known.id !== entry.id)) cache.forget(entry.path)
      if (namesakes.length === 1) cache.put(entry, seen.at)
    }
  }

  const children = async (folder: Node, signal: Signal): Settled<ReadonlyArray<Entry>> => {
    const seen = { at: now(), generation: cache.generation() }
    const listed = await listings(`${seen.generation} ${folder.id}`, signal, listAll(folder.id))()
    if (E.isLeft(listed)) return listed
    if (folder.id === rootNode.id)
      rootId = listed.right.find((f) => f.parentFolder?.[0] !== undefined)?.parentFolder?.[0] ?? rootId
    const entries = listed.right.flatMap((file) => {
      const path = child(folder.entry.path, file.fileName)
      return E.isRight(path) ? [toEntry(path.right, file)] : []
    })
    keep(entries, seen)
    return E.right(entries)
  }

  /** One request for the whole chain; forgets the tree if somebody has changed it. */
  const confirm = async (chain: ReadonlyArray<Known>, signal: Signal): Settled<boolean> => {
    const last = chain[chain.length - 1]
    const oldest = Math.min(...chain.map(({ seenAt }) => seenAt))
    if (last === undefined || now() - oldest <= idTrust) return E.right(true)
    const at = now()
    const full = await api.path(last.id, signal)()
    if (E.isLeft(full) && !isGone(full.left)) return full
    const { path } = last.entry
    const ids = chain.map(({ id }) => id).join('/')
    const holds =
      E.isRight(full) && idsOfPath(full.right.fileIdPath).join('/') === ids && pathOfNames(full.right.namePath) === path
    if (holds) for (const { entry } of chain) cache.put(entry, at)
    else cache.forget(topOf(path))
    return E.right(holds)
  }

  /** From the deepest known folder of the chain that may be trusted. Of what is missing the left names the path, unless it is the one asked for. */
  const walkDown = async (path: DrivePath, signal: Signal): Settled<Node> => {
    let chain = cache.chain(path)
    for (;;) {
      const confirmed = await confirm(chain, signal)
      if (E.isLeft(confirmed)) return confirmed
      if (confirmed.right) break
      chain = cache.chain(path)
    }
    let node: Node = chain[chain.length - 1] ?? rootNode
    for (const step of [...ancestorsOf(path).slice(1), path].slice(chain.length)) {
      if (node.entry.kind !== 'directory') return E.left(wrongKind({ expected: 'directory', at: node.entry.path }))
      const listed = await children(node, signal)
      if (E.isLeft(listed)) return listed
      const named = listed.right.filter((entry) => entry.name === nameOf(step))
      const [only] = named
      if (only?.id === undefined)
        return E.left(notFound({ what: 'source', ...defined({ at: step === path ? undefined : step }) }))
      if (named.length > 1) return E.left(ambiguous({ said: `${named.length} entries have the name` }))
      node = { id: only.id, entry: only }
    }
    return E.right(node)
  }

  /** Runs again, with nothing known of these paths, after a response that an id leads nowhere. */
  const retrying = async <A>(paths: ReadonlyArray<DrivePath>, run: () => Settled<A>): Settled<A> => {
    const first = await run()
    if (E.isRight(first) || !isGone(first.left)) return first
    for (const path of paths) if (path !== root) cache.forget(topOf(path))
    return run()
  }

  const resolve = async (path: DrivePath, signal: Signal): Settled<Node> =>
    path === root ? E.right(rootNode) : retrying([path], () => walkDown(path, signal))

  return {
    retrying,
    keep,
    /** All entries of a folder, each id once. Not a snapshot if somebody changes the folder meanwhile. */
    children,
    /** Long id of the root, if a response has shown it. */
    rootId: (): string | undefined => rootId,
    /** The visible entry of this name in a folder, if there is one, by a listing that begins now. */
    lookup: async (folder: Node, name: string, signal: Signal): Settled<Entry | undefined> => {
      cache.changed()
      const listed = await children(folder, signal)
      return E.isLeft(listed) ? listed : E.right(listed.right.find((entry) => entry.name === name))
    },
    /** Forgets entries that would each have to be confirmed, where listing their folder takes fewer requests. */
    refresh: (paths: ReadonlyArray<DrivePath>): void => {
      const stale = paths.filter((path) => now() - (cache.get(path)?.seenAt ?? Infinity) > idTrust)
      for (const siblings of groupBy(stale, parentOf)) {
        const pages = Math.ceil(cache.countIn(parentOf(siblings[0] ?? root)) / pageSize)
        if (siblings.length > pages) for (const path of siblings) cache.forget(path)
      }
    },
    /** `NotFound('source')`, also where an ancestor is missing; `Ambiguous` where two siblings have the name. */
    find: async (path: DrivePath, signal: Signal): Settled<Node> => {
      const found = await resolve(path, signal)
      if (E.isRight(found)) return found
      const { left } = found
      if (left._tag === 'WrongKind')
        return E.left(notFound({ what: 'source', ...defined({ at: left.at === path ? undefined : left.at }) }))
      return left._tag === 'NotFound' && left.what === 'parent' ? E.left({ ...left, what: 'source' }) : found
    },
    /** As `find`, for a folder to put something in: `NotFound('parent')` with the first missing one, `WrongKind` if it is no folder. */
    folder: async (path: DrivePath, signal: Signal): Settled<Node> => {
      const known = await resolve(path, signal)
      const isFolder = E.isRight(known) ? known.right.entry.kind === 'directory' : known.left._tag !== 'WrongKind'
      // An entry that is no folder may have been known for a while: it is looked up again before that is reported.
      if (!isFolder) cache.forget(topOf(path))
      const found = isFolder ? known : await resolve(path, signal)
      if (E.isRight(found))
        return found.right.entry.kind === 'directory' ? found : E.left(wrongKind({ expected: 'directory', at: path }))
      const { left } = found
      return left._tag === 'NotFound' && left.what === 'source'
        ? E.left({ ...left, what: 'parent', at: left.at ?? path })
        : found
    },
  }
}
export type Ids = ReturnType<typeof createIds>
