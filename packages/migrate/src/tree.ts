// The source as it is walked: each entry with the directory it lies in, a directory before its children, a page a level in memory.
import * as E from 'fp-ts/Either'
import {
  pages,
  type DirEntry,
  type DriveError,
  type DriveProvider,
  type Entry,
  type FileEntry,
  type OtherEntry,
  type Page,
} from '@anydrive/core'
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

interface Walk {
  readonly drive: Pick<DriveProvider, 'list' | 'vendor'>
  readonly include: NonNullable<MigrateOptions['include']>
  readonly signal: AbortSignal
  readonly placeBelow: (parent: Node, entry: DirEntry) => Place
}

const foundIn = (walk: Walk, parent: Node, entry: Entry): Found | undefined => {
  const included = walk.include(entry)
  if (included === false) return undefined
  if (entry.kind === 'file') return { kind: 'file', file: entry, parent }
  if (entry.kind === 'other') return { kind: 'other', entry, parent }
  const node: Node = { entry, place: walk.placeBelow(parent, entry), ifUsed: included === 'if-used' }
  return { kind: 'directory', node }
}

async function* foundBelow(walk: Walk, node: Node): AsyncGenerator<Found, void> {
  const listing: AsyncIterable<E.Either<DriveError, Page<Entry>>> = pages(walk.drive, node.entry.path, {
    signal: walk.signal,
  })
  for await (const page of listing) {
    if (E.isLeft(page)) {
      yield { kind: 'unreadable', error: page.left, node }
      return
    }
    for (const entry of page.right.items) {
      const found = foundIn(walk, node, entry)
      if (found !== undefined) yield found
    }
    for (const name of page.right.skipped ?? []) yield { kind: 'unnameable', name, parent: node }
  }
}

/** Everything below the directory. An unreadable directory is told, and the walk goes on. */
export async function* walkTree(walk: Walk, top: Node): AsyncGenerator<Found, void> {
  const open = [foundBelow(walk, top)]
  for (let deepest = open.at(-1); deepest !== undefined; deepest = open.at(-1)) {
    const next = await deepest.next()
    if (walk.signal.aborted) return
    if (next.done === true) {
      open.pop()
      continue
    }
    yield next.value
    if (next.value.kind === 'directory') open.push(foundBelow(walk, next.value.node))
  }
}
