// Pages of a directory: in ascending order of names, so that a cursor holds whatever is created or removed between two pages.
import * as E from 'fp-ts/Either'
import { under, type DrivePath, type Entry, type Fault, type ListOptions, type Page } from '@anydrive/core'
import { isTemporary, notFound } from '@anydrive/core/adapter'
import { entryOf, pathOf, type DirNode, type Node } from './nodes'

import { sortedChildren } from './tree'

/** The name that the page before ended with; a cursor of another directory is none. */
const lastOf = (dir: DirNode, cursor: string): string | undefined => {
  const mark = `${dir.id}:`
  return cursor.startsWith(mark) ? cursor.slice(mark.length) : undefined
}

const firstAfter = (children: ReadonlyArray<Node>, name: string): number => {
  let low = 0
  let high = children.length
  while (low < high) {
    const middle = (low + high) >> 1
    const at = children[middle]
    if (at !== undefined && at.name <= name) low = middle + 1
    else high = middle
  }
  return low
}

export const pageOf = (dir: DirNode, options: ListOptions, most: number): E.Either<Fault, Page<Entry>> => {
  const { cursor, limit = most, temporaries = 'hide' } = options
  const last = cursor === undefined ? undefined : lastOf(dir, cursor)
  if (cursor !== undefined && last === undefined) return E.left(notFound({ what: 'cursor' }))
  const children = sortedChildren(dir)
  const start = last === undefined ? 0 : firstAfter(children, last)
  const size = Math.max(1, Math.min(most, Number.isNaN(limit) ? most : Math.floor(limit)))
  const slice = children.slice(start, start + size)
  const end = slice.at(-1)
  const above = pathOf(dir)
  const seen = temporaries === 'show' ? slice : slice.filter((node) => !isTemporary(node.name))
  return E.right({
    items: seen.map((node) => entryOf(node, under(above, node.name as DrivePath))),
    ...(end !== undefined && start + size < children.length ? { next: `${dir.id}:${end.name}` } : {}),
    ...(dir.skipped !== undefined && cursor === undefined ? { skipped: dir.skipped } : {}),
  })
}
