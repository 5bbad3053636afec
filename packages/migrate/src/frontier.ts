// Where an earlier run's walk stood, opened again.
import * as E from 'fp-ts/Either'
import type { DirEntry } from '@anydrive/core'
import type { Frontier } from './journal'
import { nodeOf, type Listed, type Node, type Walk } from './tree'

/** From the top to the innermost; undefined where the source is no longer what it was, and the walk begins at its top. */
export const reopened = async (
  walk: Walk,
  top: Node,
  frontier: Frontier,
): Promise<ReadonlyArray<Listed> | undefined> => {
  const [first, ...below] = frontier
  if (first?.path !== top.entry.path) return undefined
  const open: Array<Listed> = [{ node: top, cursor: first.cursor }]
  for (const { path, cursor } of below) {
    const parent = open.at(-1)?.node
    const found = await walk.drive.stat(path, { signal: walk.signal })()
    if (parent === undefined || E.isLeft(found) || found.right.kind !== 'directory') return undefined
    const node = nodeOf(walk, parent, found.right satisfies DirEntry)
    if (node === undefined) return undefined
    open.push({ node, cursor })
  }
  return open
}
