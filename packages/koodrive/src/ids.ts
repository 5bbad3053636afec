// From paths to ids: KooDrive finds nothing by path, so folders are listed level by level, and what was seen is kept for a while.
import {
  ambiguous,
  ancestorsOf,
  child,
  nameOf,
  notFound,
  parentOf,
  root,
  wrongKind,
  type Answered,
  type DriveError,
  type DrivePath,
  type Entry,
  type Fault,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Api } from './api'
import { topOf, type Cache, type Known } from './cache'
import { createFlights } from './flights'
import { groupBy } from './parallel'
import { idsOfPath, isGone, pathOfNames, sameCursor, toEntry, toFilePage } from './translate'
import type { File } from './wire'

type Bad = Fault | DriveError

/** Something that has an id; the root's is an alias. */
export interface Node {
  readonly id: string
  readonly entry: Entry
}

export interface Ids {
  /** `NotFound('source')`, also where something above it is missing; `Ambiguous` where two bear the name. */
  readonly find: (path: DrivePath, signal: AbortSignal) => Answered<Node>
  /** As `find`, of a folder to put something in: `NotFound('parent')` with the first that is missing, `WrongKind` of what is none. */
  readonly folder: (path: DrivePath, signal: AbortSignal) => Answered<Node>
  /** All entries of a folder, each id once; of one moment only if nobody changes it meanwhile. */
  readonly children: (folder: Node, signal: AbortSignal) => Answered<ReadonlyArray<Entry>>
  /** The visible entry of this name in a folder, if there is one. */
  readonly look: (folder: Node, name: string, signal: AbortSignal) => Answered<Entry | undefined>
  /** Forgets entries that would each have to be confirmed, where listing their folder costs fewer requests. */
  readonly refresh: (paths: ReadonlyArray<DrivePath>) => void
  /** Once more after an answer that an id leads nowhere, all that was known of these paths forgotten. */
  readonly retrying: <A>(paths: ReadonlyArray<DrivePath>, run: () => Answered<A>) => Answered<A>
  /** Long id of the root, where an answer has shown it. */
  readonly rootId: () => string | undefined
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

/** Of the path itself, or of something above it. */
const missing = (path: DrivePath, asked: DrivePath): Fault =>
  notFound(path === asked ? { what: 'source' } : { what: 'source', at: path })

export const createIds = ({ api, cache, now, idTrust }: IdsOptions): Ids => {
  const listings = createFlights<ReadonlyArray<File>>()
  let rootId: string | undefined

  const listAll =
    (folderId: string) =>
    (signal: AbortSignal): Answered<ReadonlyArray<File>> =>
    async () => {
      const files = new Map<string, File>()
      const cursors = new Set<string>()
      for (let cursor: string | undefined; ;) {
        const listed = await api.list({ parentFileId: folderId, cursor, pageSize }, signal)()
        const page = E.flatMap(toFilePage(cursor))(listed)
        if (E.isLeft(page)) return page
        for (const file of page.right.files) files.set(file.id, file)
        cursor = page.right.next
        if (cursor === undefined) return E.right([...files.values()])
        if (cursors.has(cursor)) return E.left(sameCursor)
        cursors.add(cursor)
      }
    }

  /** Keeps what was seen, unless this drive has changed something since; of namesakes nothing is kept. */
  const keep = (entries: ReadonlyArray<Entry>, seen: { readonly at: number; readonly generation: number }): void => {
    if (seen.generation !== cache.generation()) return
    const count = new Map<string, number>()
    for (const { path } of entries) count.set(path, (count.get(path) ?? 0) + 1)
    for (const entry of entries) {
      const known = cache.get(entry.path)
      if (count.get(entry.path) !== 1 || (known !== undefined && known.id !== entry.id)) cache.forget(entry.path)
      if (count.get(entry.path) === 1) cache.put(entry, seen.at)
    }
  }

  const children: Ids['children'] = (folder, signal) => async () => {
    const seen = { at: now(), generation: cache.generation() }
    const listed = await listings.join(`${seen.generation} ${folder.id}`, signal, listAll(folder.id))()
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
  const confirm = async (chain: ReadonlyArray<Known>, signal: AbortSignal): Promise<E.Either<Bad, boolean>> => {
    const last = chain[chain.length - 1]
    const oldest = Math.min(...chain.map(({ seenAt }) => seenAt))
    if (last === undefined || now() - oldest <= idTrust) return E.right(true)
    const at = now()
    const answer = await api.path(last.id, signal)()
    if (E.isLeft(answer) && !isGone(answer.left)) return answer
    const { path } = last.entry
    const ids = chain.map(({ id }) => id).join('/')
    const holds =
      E.isRight(answer) &&
      idsOfPath(answer.right.fileIdPath).join('/') === ids &&
      pathOfNames(answer.right.namePath) === path
    if (holds) for (const { entry } of chain) cache.put(entry, at)
    else cache.forget(topOf(path))
    return E.right(holds)
  }

  /** The deepest known folder of the chain that may be trusted. */
  const known = async (path: DrivePath, signal: AbortSignal): Promise<E.Either<Bad, ReadonlyArray<Known>>> => {
    for (;;) {
      const chain = cache.chain(path)
      const confirmed = await confirm(chain, signal)
      if (E.isLeft(confirmed)) return confirmed
      if (confirmed.right) return E.right(chain)
    }
  }

  const walkDown = async (path: DrivePath, signal: AbortSignal): Promise<E.Either<Bad, Node>> => {
    const chain = await known(path, signal)
    if (E.isLeft(chain)) return chain
    let node: Node = chain.right[chain.right.length - 1] ?? rootNode
    const steps = [...ancestorsOf(path).slice(1), path].slice(chain.right.length)
    for (const step of steps) {
      if (node.entry.kind !== 'directory') return E.left(wrongKind({ expected: 'directory', at: node.entry.path }))
      const listed = await children(node, signal)()
      if (E.isLeft(listed)) return listed
      const named = listed.right.filter((entry) => entry.name === nameOf(step))
      const [only] = named
      if (only?.id === undefined) return E.left(missing(step, path))
      if (named.length > 1) return E.left(ambiguous({ said: `${named.length} entries bear the name` }))
      node = { id: only.id, entry: only }
    }
    return E.right(node)
  }

  const retrying: Ids['retrying'] = (paths, run) => async () => {
    const first = await run()()
    if (E.isRight(first) || !isGone(first.left)) return first
    for (const path of paths) if (path !== root) cache.forget(topOf(path))
    return run()()
  }

  const found = (path: DrivePath, signal: AbortSignal): Answered<Node> =>
    path === root ? () => Promise.resolve(E.right(rootNode)) : retrying([path], () => () => walkDown(path, signal))

  const refresh: Ids['refresh'] = (paths) => {
    const stale = paths.filter((path) => {
      const known = cache.get(path)
      return known !== undefined && now() - known.seenAt > idTrust
    })
    for (const siblings of groupBy(stale, parentOf)) {
      const [first] = siblings
      if (first === undefined || siblings.length <= Math.ceil(cache.countIn(parentOf(first)) / pageSize)) continue
      for (const path of siblings) cache.forget(path)
    }
  }

  return {
    refresh,
    find: (path, signal) => async () => {
      const answer = await found(path, signal)()
      if (E.isRight(answer)) return answer
      const { left } = answer
      if (left._tag === 'WrongKind') return E.left(missing(left.at ?? path, path))
      return left._tag === 'NotFound' && left.what === 'parent' ? E.left({ ...left, what: 'source' }) : answer
    },
    folder: (path, signal) => async () => {
      const seen = await found(path, signal)()
      const isFolder = E.isRight(seen) ? seen.right.entry.kind === 'directory' : seen.left._tag !== 'WrongKind'
      // What is no folder may have been known for a while: it is looked at again before anybody is told.
      if (!isFolder) cache.forget(topOf(path))
      const answer = isFolder ? seen : await found(path, signal)()
      if (E.isRight(answer))
        return answer.right.entry.kind === 'directory' ? answer : E.left(wrongKind({ expected: 'directory', at: path }))
      const { left } = answer
      return left._tag === 'NotFound' && left.what === 'source'
        ? E.left({ ...left, what: 'parent', at: left.at ?? path })
        : answer
    },
    children,
    look: (folder, name, signal) => async () =>
      E.map((entries: ReadonlyArray<Entry>) => entries.find((entry) => entry.name === name))(
        await children(folder, signal)(),
      ),
    retrying,
    rootId: () => rootId,
  }
}
