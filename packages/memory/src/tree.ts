// The state of a drive, and looking things up in it: no clock, no I/O.
import * as E from 'fp-ts/Either'
import { segments, type Change, type DrivePath, type Fault } from '@anydrive/core'
import { notFound, wrongKind } from '@anydrive/core/adapter'
import { keyOf, type SameNames } from './names'
import { bytesOf, pathOf, type DirNode, type FileNode, type Node } from './nodes'

export type Answer<A> = E.Either<Fault, A>

export interface Tree {
  readonly root: DirNode
  readonly same: SameNames
  /** Bytes of all files. */
  used: number
  /** The last number given to an id or a version. */
  last: number
  /** The latest changes, in order: at most twice as many as the feed keeps. */
  readonly feed: Array<Change>
  readonly feedKeeps: number
  /** How many changes there were before the first of `feed`. */
  forgotten: number
}

export const createTree = (same: SameNames, now: number, feedKeeps: number): Tree => ({
  root: {
    kind: 'directory',
    id: '0',
    name: '',
    parent: undefined,
    createdAt: now,
    modifiedAt: now,
    children: new Map(),
    sorted: undefined,
  },
  same,
  used: 0,
  last: 0,
  feed: [],
  feedKeeps,
  forgotten: 0,
})

/** To be called while the node is where the change is reported: of what goes, before. */
export const record = (tree: Tree, what: Change['what'], node: Node, now: number): void => {
  if (tree.feedKeeps === 0) return
  tree.feed.push({ what, path: pathOf(node), id: node.id, at: new Date(now) })
  if (tree.feed.length > 2 * tree.feedKeeps) tree.forgotten += tree.feed.splice(0, tree.feedKeeps).length
}

/** For ids and versions. */
export const next = (tree: Tree): string => String(++tree.last)

export const childOf = (tree: Tree, dir: DirNode, name: string): Node | undefined =>
  dir.children.get(keyOf(tree.same, name))

export const attach = (tree: Tree, dir: DirNode, node: Node): void => {
  node.parent = dir
  dir.children.set(keyOf(tree.same, node.name), node)
  dir.sorted = undefined
  tree.used += bytesOf(node)
}

export const detach = (tree: Tree, node: Node): void => {
  if (node.parent === undefined) return
  node.parent.children.delete(keyOf(tree.same, node.name))
  node.parent.sorted = undefined
  node.parent = undefined
  tree.used -= bytesOf(node)
}

export const find = (tree: Tree, path: DrivePath): Answer<Node> => {
  let node: Node | undefined = tree.root
  for (const name of segments(path)) node = node?.kind === 'directory' ? childOf(tree, node, name) : undefined
  return node === undefined ? E.left(notFound({ what: 'source' })) : E.right(node)
}

export const findDir = (tree: Tree, path: DrivePath): Answer<DirNode> =>
  E.flatMap((node: Node) => (node.kind === 'directory' ? E.right(node) : E.left(wrongKind({ expected: 'directory' }))))(
    find(tree, path),
  )

export const findFile = (tree: Tree, path: DrivePath): Answer<FileNode> =>
  E.flatMap((node: Node) => (node.kind === 'file' ? E.right(node) : E.left(wrongKind({ expected: 'file' }))))(
    find(tree, path),
  )

/** In ascending order of names, by UTF-16 code units. */
export const sortedChildren = (dir: DirNode): ReadonlyArray<Node> =>
  (dir.sorted ??= [...dir.children.values()].sort((a, b) => (a.name < b.name ? -1 : 1)))
