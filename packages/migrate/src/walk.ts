// The walk of the source: each entry with the directory it lies in, a directory before its children, one page of each level in memory.
import {
  pages,
  type Cursor,
  type DirEntry,
  type DriveError,
  type DriveProvider,
  type Entry,
  type FileEntry,
  type OtherEntry,
  type Page,
} from '@anydrive/core'
import { isTemporary } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { WalkCheckpoint } from './journal'
import type { MigrateOptions } from './options'
import type { OwnFiles } from './own-files'
import type { Place } from './worker'

/** A directory of the source, and where it goes. */
export interface Node {
  readonly entry: DirEntry
  readonly place: Place
  /** It is created with the first entry in it. */
  readonly ifUsed: boolean
}
export type Found =
  | { readonly kind: 'directory'; readonly node: Node }
  | { readonly kind: 'file'; readonly file: FileEntry; readonly parent: Node }
  | { readonly kind: 'other'; readonly entry: OtherEntry; readonly parent: Node }
  /** A name that cannot be a path segment. */
  | { readonly kind: 'unnameable'; readonly name: string; readonly parent: Node }
  | { readonly kind: 'unreadable'; readonly error: DriveError; readonly node: Node }

export interface Walk {
  readonly drive: Pick<DriveProvider, 'list' | 'stat' | 'vendor'>
  readonly include: NonNullable<MigrateOptions['include']>
  readonly signal: AbortSignal
  readonly own: OwnFiles
  readonly placeBelow: (parent: Node, entry: DirEntry) => Place
  /**
   * Called for each temporary entry; true ends the walk, and otherwise the entry is found as neither a file nor a directory. Temporary entries are not listed unless this is
   * given.
   */
  readonly onTemporary?: ((entry: Entry) => Promise<boolean>) | undefined
}

/** What tells which entries are found. */
export type FoundBy = Pick<Walk, 'include' | 'own' | 'placeBelow'>

/** A directory that is being listed, from the page at `cursor` on. */
export interface Listed {
  readonly node: Node
  readonly cursor?: Cursor | undefined
}

/** Undefined where it is excluded. */
const nodeOf = (walk: FoundBy, parent: Node, entry: DirEntry): Node | undefined => {
  const included = walk.include(entry)
  return included === false
    ? undefined
    : { entry, place: walk.placeBelow(parent, entry), ifUsed: included === 'if-used' }
}

const foundIn = (walk: FoundBy, parent: Node, entry: Entry): Found | undefined => {
  if (walk.own(entry.path)) return undefined
  if (entry.kind === 'directory') {
    const node = nodeOf(walk, parent, entry)
    return node === undefined ? undefined : { kind: 'directory', node }
  }
  if (walk.include(entry) === false) return undefined
  return entry.kind === 'file' ? { kind: 'file', file: entry, parent } : { kind: 'other', entry, parent }
}

interface Open {
  readonly node: Node
  /** Of the page that is being read. */
  cursor: Cursor | undefined
  readonly all: AsyncGenerator<Found, void>
}

/** A temporary entry is not transferred, but a move must not lose sight of it: it keeps its directory. */
const leftOver = ({ path, name }: Entry): OtherEntry => ({
  kind: 'other',
  path,
  name,
  what: 'temporary file of anydrive',
})

/** What is found on a page of the listing of a directory. */
export function* foundOn(walk: FoundBy, node: Node, { items, skipped = [] }: Page<Entry>): Generator<Found, void> {
  for (const entry of items) {
    const found = foundIn(walk, node, entry)
    if (found !== undefined) yield found
  }
  for (const name of skipped) yield { kind: 'unnameable', name, parent: node }
}

/** The page as the walk goes on with it; undefined where `onTemporary` ends the walk. */
export const walkedPage = async (
  page: Page<Entry>,
  onTemporary: Walk['onTemporary'],
): Promise<Page<Entry> | undefined> => {
  const isLeftOver = ({ name }: Entry): boolean => onTemporary !== undefined && isTemporary(name)
  // Before anything beside it: a walk that comes to the target would go on for ever below it.
  for (const entry of page.items) if (isLeftOver(entry) && (await onTemporary?.(entry)) === true) return undefined
  return { ...page, items: page.items.map((entry) => (isLeftOver(entry) ? leftOver(entry) : entry)) }
}

async function* foundBelow(
  walk: Walk,
  node: Node,
  from: Cursor | undefined,
  onPage: (page: Cursor | undefined) => void,
): AsyncGenerator<Found, void> {
  const { drive, signal, onTemporary } = walk
  const temporaries = onTemporary === undefined ? 'hide' : 'show'
  onPage(from)
  for await (const page of pages(drive, node.entry.path, { signal, cursor: from, temporaries })) {
    if (E.isLeft(page)) {
      yield { kind: 'unreadable', error: page.left, node }
      return
    }
    const walked = await walkedPage(page.right, onTemporary)
    if (walked === undefined) return
    yield* foundOn(walk, node, walked)
    if (page.right.next !== undefined) onPage(page.right.next)
  }
}

/**
 * Everything below the innermost of the directories in `start`, then of the one around it, and so on. A directory that cannot be listed is reported, and the walk
 * goes on. `onPage` is called whenever a page is about to be read.
 */
export async function* walkTree(
  walk: Walk,
  start: ReadonlyArray<Listed>,
  onPage: (checkpoint: WalkCheckpoint) => void,
): AsyncGenerator<Found, void> {
  const open: Array<Open> = []
  const checkpoint = (): WalkCheckpoint =>
    open.map(({ node, cursor }) => ({ path: node.entry.path, ...(cursor === undefined ? {} : { cursor }) }))
  const add = ({ node, cursor }: Listed): void => {
    const it: Open = {
      node,
      cursor,
      all: foundBelow(walk, node, cursor, (page) => {
        it.cursor = page
        onPage(checkpoint())
      }),
    }
    open.push(it)
  }
  for (const listed of start) add(listed)
  for (let deepest = open.at(-1); deepest !== undefined; deepest = open.at(-1)) {
    const next = await deepest.all.next()
    if (walk.signal.aborted) return
    if (next.done === true) {
      open.pop()
      continue
    }
    yield next.value
    if (next.value.kind === 'directory') add({ node: next.value.node })
  }
}

/** The directories of a checkpoint, from the top to the innermost; undefined where the source has changed so that they are no longer there. */
export const reopened = async (
  walk: Walk,
  top: Node,
  checkpoint: WalkCheckpoint,
): Promise<ReadonlyArray<Listed> | undefined> => {
  const [first, ...below] = checkpoint
  if (first?.path !== top.entry.path) return undefined
  const open: Array<Listed> = [{ node: top, cursor: first.cursor }]
  for (const { path, cursor } of below) {
    const parent = open.at(-1)?.node
    const found = await walk.drive.stat(path, { signal: walk.signal })()
    if (parent === undefined || E.isLeft(found) || found.right.kind !== 'directory') return undefined
    const node = nodeOf(walk, parent, found.right)
    if (node === undefined) return undefined
    open.push({ node, cursor })
  }
  return open
}
