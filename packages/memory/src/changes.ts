// What may be done to a tree: every change happens as a whole, or not at all.
import * as E from 'fp-ts/Either'
import {
  relativeTo,
  under,
  type Checksums,
  type DirEntry,
  type DrivePath,
  type Fault,
  type Made,
  type Naming,
  type Placed,
  type SizedFile,
} from '@anydrive/core'
import { nestedTarget, notFound, preconditionFailed, wrongKind } from '@anydrive/core/adapter'
import { keptName, placeFault } from './names'
import { bytesOf, dirEntry, fileEntry, pathOf, subtree, type DirNode, type FileNode, type Node } from './nodes'
import { newDir, placedAs, roomFor, settle, spotFor, type How, type Spot, type Times } from './spots'
import { attach, detach, find, next, record, type Answer, type Tree } from './tree'

export interface Content {
  readonly bytes: Uint8Array
  readonly checksums: Checksums
  readonly contentType: string | undefined
}

export const makeDir = (tree: Tree, path: DrivePath, how: How, times: Times): Answer<Made<DirEntry>> =>
  E.map((spot: Spot) => {
    const made = newDir(tree, spot.name, times)
    settle(tree, spot, made, how.now)
    return { ...dirEntry(made), how: spot.how, replaced: false }
  })(spotFor(tree, path, 'directory', how))

/** Whether a file of this size could be put there now; changes nothing. */
export const canPut = (tree: Tree, path: DrivePath, size: number, how: How): Answer<unknown> =>
  E.flatMap((spot: Spot) => roomFor(tree, spot, size, how))(spotFor(tree, path, 'file', how))

/** The history of a file whose content is replaced. */
const historyWith = ({ content, checksums, contentType, version, modifiedAt, history }: FileNode) => [
  { content, checksums, contentType, version, modifiedAt },
  ...history,
]

/** The file with an old content as its current one. */
export const restoreContent = (tree: Tree, file: FileNode, version: string, now: number): Answer<FileNode> => {
  const old = file.history.find((one) => one.version === version)
  if (old === undefined) return file.version === version ? E.right(file) : E.left(notFound({ what: 'version' }))
  const { parent } = file
  const history = historyWith(file).filter((one) => one !== old)
  const restored: FileNode = { ...file, ...old, history, parent: undefined }
  detach(tree, file)
  if (parent !== undefined) attach(tree, parent, restored)
  record(tree, 'modified', restored, now)
  return E.right(restored)
}

/** Puts a subtree that was taken out back into the tree. */
export const putBack = (tree: Tree, node: Node, to: DrivePath, how: How): Answer<Placed> =>
  E.map((spot: Spot) => {
    node.name = keptName(tree.same, spot.name)
    settle(tree, spot, node, how.now)
    return placedAs(node, spot)
  })(E.flatMap((spot: Spot) => roomFor(tree, spot, bytesOf(node), how))(spotOfTransfer(tree, node, to, how, undefined)))

export const putFile = (
  tree: Tree,
  path: DrivePath,
  { bytes, checksums, contentType }: Content,
  how: How,
  times: Times,
): Answer<Made<SizedFile>> =>
  E.map((spot: Spot) => {
    const name = keptName(tree.same, spot.name)
    const ids = { id: next(tree), version: next(tree) }
    const made: FileNode = {
      kind: 'file',
      ...ids,
      name,
      parent: undefined,
      ...times,
      content: bytes,
      checksums,
      contentType,
      history: how.keepsVersions && spot.replaces !== undefined ? historyWith(spot.replaces) : [],
    }
    settle(tree, spot, made, how.now)
    return { ...fileEntry(made), how: spot.how, replaced: spot.replaces !== undefined }
  })(E.flatMap((spot: Spot) => roomFor(tree, spot, bytes.byteLength, how))(spotFor(tree, path, 'file', how)))

/** An entry that is neither file nor directory; nothing in the contract makes one, but drives hold them. */
export const putOther = (tree: Tree, path: DrivePath, what: string, how: How): Answer<Placed> =>
  E.map((spot: Spot) => {
    const times = { createdAt: how.now, modifiedAt: how.now }
    const made: Node = { kind: 'other', id: next(tree), name: spot.name, parent: undefined, ...times, what }
    settle(tree, spot, made, how.now)
    return placedAs(made, spot)
  })(spotFor(tree, path, 'other', how))

/** What a subtree would break at its new place: a directory too deep, a path too long. */
const subtreeFault = (naming: Naming, node: Node, to: DrivePath): Fault | undefined => {
  const from = pathOf(node)
  for (const inner of subtree(node)) {
    const path = under(to, relativeTo(from, pathOf(inner)))
    const refused = placeFault(naming, path, inner.kind === 'directory' ? 'directory' : 'file')
    if (refused !== undefined) return refused
  }
  return undefined
}

const isWithin = (dir: Node, node: Node | undefined): boolean =>
  node !== undefined && (node === dir || isWithin(dir, node.parent))

const spotOfTransfer = (tree: Tree, node: Node, to: DrivePath, how: How, own: Node | undefined): Answer<Spot> => {
  const refused = subtreeFault(how.naming, node, to)
  if (refused !== undefined) return E.left(refused)
  return E.flatMap((spot: Spot) => (isWithin(node, spot.above.dir) ? E.left(nestedTarget()) : E.right(spot)))(
    spotFor(tree, to, node.kind, how, own),
  )
}

/** With everything below it; keeps id, version and times. */
export const move = (tree: Tree, from: DrivePath, to: DrivePath, how: How): Answer<Placed> =>
  E.flatMap((node: Node): Answer<Placed> => {
    if (from === to) return E.right({ path: pathOf(node), how: 'as-asked', replaced: false })
    return E.map((spot: Spot) => {
      detach(tree, node)
      node.name = keptName(tree.same, spot.name)
      settle(tree, spot, node, how.now, 'moved')
      return placedAs(node, spot)
    })(spotOfTransfer(tree, node, to, how, node))
  })(find(tree, from))

const cloned = (tree: Tree, node: Node, name: string, now: number): Node => {
  const own = { id: next(tree), name: keptName(tree.same, name), parent: undefined, createdAt: now }
  if (node.kind === 'file') return { ...node, ...own, version: next(tree), history: [] }
  if (node.kind === 'other') return { ...node, ...own }
  const copy: DirNode = { ...node, ...own, children: new Map(), sorted: undefined }
  for (const [key, inner] of node.children) {
    const twin = cloned(tree, inner, inner.name, now)
    twin.parent = copy
    copy.children.set(key, twin)
  }
  return copy
}

/** With everything below it; the copy has ids, versions and a creation time of its own, and keeps the time of modification. */
export const copy = (tree: Tree, from: DrivePath, to: DrivePath, how: How, only?: 'directory'): Answer<Placed> =>
  E.flatMap((node: Node): Answer<Placed> => {
    if (only !== undefined && node.kind !== only) return E.left(wrongKind({ expected: only }))
    const itself = E.exists((there: Node) => there === node)(find(tree, to))
    const strategy = itself && how.conflict === 'overwrite' ? 'ask' : how.conflict
    const spot = E.flatMap((found: Spot) => roomFor(tree, found, bytesOf(node), how))(
      spotOfTransfer(tree, node, to, { ...how, conflict: strategy }, undefined),
    )
    return E.map((found: Spot) => {
      const twin = cloned(tree, node, found.name, how.now)
      settle(tree, found, twin, how.now)
      return placedAs(twin, found)
    })(spot)
  })(find(tree, from))

/** With everything below it; answers what was taken out. */
export const remove = (tree: Tree, path: DrivePath, ifVersion: string | undefined, now: number): Answer<Node> =>
  E.flatMap((node: Node): Answer<Node> => {
    if (ifVersion !== undefined && (node.kind !== 'file' || node.version !== ifVersion))
      return E.left(preconditionFailed())
    record(tree, 'removed', node, now)
    detach(tree, node)
    return E.right(node)
  })(find(tree, path))
