// The nodes of a tree, and how they are seen from outside.
import type { Checksums, DirEntry, DrivePath, Entry, OtherEntry, SizedFile } from '@anydrive/core'

interface NodeBase {
  readonly id: string
  name: string
  parent: DirNode | undefined
  /** Milliseconds since the epoch, as all times here: a `Date` could be changed by who holds it. */
  createdAt: number
  modifiedAt: number
}
export interface DirNode extends NodeBase {
  readonly kind: 'directory'
  /** By `keyOf` the name. */
  readonly children: Map<string, Node>
  /** The children in the order of listing; dropped by every change. */
  sorted: ReadonlyArray<Node> | undefined
  /** Names that another client left and that cannot be a segment. */
  skipped?: ReadonlyArray<string>
}
/** What a file held before. */
export type OldContent = Pick<FileNode, 'content' | 'checksums' | 'contentType' | 'version' | 'modifiedAt'>
export interface FileNode extends NodeBase {
  readonly kind: 'file'
  /** Never changed in place, so a reader keeps what it opened. */
  readonly content: Uint8Array
  readonly checksums: Checksums
  readonly contentType: string | undefined
  readonly version: string
  /** The newest first. */
  readonly history: ReadonlyArray<OldContent>
}
interface OtherNode extends NodeBase {
  readonly kind: 'other'
  readonly what: string
}
export type Node = DirNode | FileNode | OtherNode

export const pathOf = (node: Node): DrivePath => {
  const names: Array<string> = []
  for (let at: Node = node; at.parent !== undefined; at = at.parent) names.unshift(at.name)
  return names.join('/') as DrivePath
}

const common = (node: Node, path: DrivePath) => ({
  path,
  name: node.name,
  id: node.id,
  createdAt: new Date(node.createdAt),
  modifiedAt: new Date(node.modifiedAt),
})

export const dirEntry = (node: DirNode, path = pathOf(node)): DirEntry => ({ kind: 'directory', ...common(node, path) })

export const fileEntry = (node: FileNode, path = pathOf(node)): SizedFile => ({
  kind: 'file',
  ...common(node, path),
  size: node.content.byteLength,
  checksums: { ...node.checksums },
  version: node.version,
  ...(node.contentType === undefined ? {} : { contentType: node.contentType }),
})

const otherEntry = (node: OtherNode, path: DrivePath): OtherEntry => ({
  kind: 'other',
  ...common(node, path),
  what: node.what,
})

export const entryOf = (node: Node, path = pathOf(node)): Entry => {
  if (node.kind === 'directory') return dirEntry(node, path)
  return node.kind === 'file' ? fileEntry(node, path) : otherEntry(node, path)
}

/** The node itself and everything below it, a directory before its children. */
export function* subtree(node: Node): Generator<Node, void> {
  yield node
  if (node.kind === 'directory') for (const inner of node.children.values()) yield* subtree(inner)
}

/** Bytes of all files of a subtree. */
export const bytesOf = (node: Node): number => {
  let bytes = 0
  for (const inner of subtree(node)) if (inner.kind === 'file') bytes += inner.content.byteLength
  return bytes
}
