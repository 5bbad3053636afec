// The source as it is walked: each entry with the directory it lies in, a directory before its children, a page a level in memory.
import * as E from 'fp-ts/Either'
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
import type { Frontier } from './journal'
import type { Place } from './place'
import type { MigrateOptions } from './options'

/** A directory of the source, and where it goes. */
export interface Node {
  readonly entry: DirEntry
  readonly place: Place
  /** It is made with the first entry in it. */
  readonly ifUsed: boolean
}
export type Found =
  | { readonly kind: 'directory'; readonly node: Node }
  | { readonly kind: 'file'; readonly file: FileEntry; readonly parent: Node }
  | { readonly kind: 'other'; readonly entry: OtherEntry; readonly parent: Node }
  /** A name that no path can hold. */
  | { readonly kind: 'unnameable'; readonly name: string; readonly parent: Node }
  | { readonly kind: 'unreadable'; readonly error: DriveError; readonly node: Node }

export interface Walk {
  readonly drive: Pick<DriveProvider, 'list' | 'stat' | 'vendor'>
  readonly include: NonNullable<MigrateOptions['include']>
  readonly signal: AbortSignal
  readonly placeBelow: (parent: Node, entry: DirEntry) => Place
  /** Whenever a page is about to be read. */
  readonly onPage?: ((frontier: Frontier) => void) | undefined
}

/** A directory that is being listed, from the page at `cursor` on. */
export interface Listed {
  readonly node: Node
  readonly cursor?: Cursor | undefined
}

/** Undefined where it is left out. */
export const nodeOf = (walk: Walk, parent: Node, entry: DirEntry): Node | undefined => {
  const included = walk.include(entry)
  return included === false
    ? undefined
    : { entry, place: walk.placeBelow(parent, entry), ifUsed: included === 'if-used' }
}

const foundIn = (walk: Walk, parent: Node, entry: Entry): Found | undefined => {
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

const frontierOf = (open: ReadonlyArray<Open>): Frontier =>
  open.map(({ node, cursor }) => ({ path: node.entry.path, ...(cursor === undefined ? {} : { cursor }) }))

async function* foundBelow(walk: Walk, node: Node, from: Cursor | undefined, turn: (page: Cursor | undefined) => void) {
  const listing: AsyncIterable<E.Either<DriveError, Page<Entry>>> = pages(walk.drive, node.entry.path, {
    signal: walk.signal,
    cursor: from,
  })
  turn(from)
  for await (const page of listing) {
    if (E.isLeft(page)) {
      yield { kind: 'unreadable', error: page.left, node } satisfies Found
      return
    }
    for (const entry of page.right.items) {
      const found = foundIn(walk, node, entry)
      if (found !== undefined) yield found
    }
    for (const name of page.right.skipped ?? []) yield { kind: 'unnameable', name, parent: node } satisfies Found
    if (page.right.next !== undefined) turn(page.right.next)
  }
}

/** Everything below the innermost of the directories that are open, then of the one around it, and so on. An unreadable directory is told, and the walk goes on. */
export async function* walkTree(walk: Walk, start: ReadonlyArray<Listed>): AsyncGenerator<Found, void> {
  const open: Array<Open> = []
  const add = ({ node, cursor }: Listed): void => {
    const it: Open = {
      node,
      cursor,
      all: foundBelow(walk, node, cursor, (page) => {
        it.cursor = page
        walk.onPage?.(frontierOf(open))
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
