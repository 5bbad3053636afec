// The tree's nodes: directories and what is not one.
import { makeOrdered, type Ordered, type Segment } from '../common'

/** The bytes of a file, shared by its copies. */
export interface Content {
  readonly id: string
  readonly size: number
  /** Unsigned decimal. */
  readonly crc64: string
  readonly eTag: string
  readonly segments: ReadonlyArray<Segment>
  /** Chained SHA-256 of the first block and of all (docs/wire/tencent-smh.md, instant upload); made when first asked for. */
  hashes?: { readonly beginning: string; readonly full: string }
}

/** What a caller may say about an entry. */
export interface Attributes {
  localCreationTime?: string
  localModificationTime?: string
  contentType?: string
  /** Keys without the `x-smh-meta-` prefix. */
  metaData?: Readonly<Record<string, string>>
}

interface NodeBase {
  readonly inode: string
  name: string
  parent: Directory | undefined
  userId: string
  createdAt: number
  modifiedAt: number
  attributes: Attributes
}

export interface Directory extends NodeBase {
  readonly kind: 'dir'
  readonly children: Map<string, Node>
  readonly directories: Ordered<Node>
  readonly files: Ordered<Node>
  /** Grows with every change of a direct child; 0 before the first. */
  eTag: number
  /** Sorted copies for orders other than by name, dropped with every change. */
  readonly views: Map<string, ReadonlyArray<Node>>
}

interface Version {
  readonly id: number
  readonly version: number
  readonly content: Content
  readonly createdAt: number
  readonly userId: string
}

export interface File extends NodeBase {
  readonly kind: 'file' | 'symlink' | 'virtual'
  content: Content | undefined
  versionId: number
  /** Changes with the content. */
  cas: string
  /** Of a virtual file. */
  size?: number
  /** Inode of a symlink's next target. */
  linkTo?: string
  /** Earlier contents, oldest first; only where the library keeps history. */
  history: ReadonlyArray<Version>
}

export type Node = Directory | File

const byName = (a: Node, b: Node): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

type DirectoryBase = NodeBase & Pick<Directory, 'eTag'>

/** The indexes are made when first asked for: most directories of a large tree stay empty. */
class IndexedDirectory implements Directory {
  readonly kind = 'dir'
  readonly inode: string
  name: string
  parent: Directory | undefined
  userId: string
  createdAt: number
  modifiedAt: number
  attributes: Attributes
  eTag: number
  private byChild: Map<string, Node> | undefined
  private sortedDirectories: Ordered<Node> | undefined
  private sortedFiles: Ordered<Node> | undefined
  private sortedViews: Map<string, ReadonlyArray<Node>> | undefined

  constructor(base: DirectoryBase) {
    this.inode = base.inode
    this.name = base.name
    this.parent = base.parent
    this.userId = base.userId
    this.createdAt = base.createdAt
    this.modifiedAt = base.modifiedAt
    this.attributes = base.attributes
    this.eTag = base.eTag
  }
  get children(): Map<string, Node> {
    return (this.byChild ??= new Map<string, Node>())
  }
  get directories(): Ordered<Node> {
    return (this.sortedDirectories ??= makeOrdered(byName))
  }
  get files(): Ordered<Node> {
    return (this.sortedFiles ??= makeOrdered(byName))
  }
  get views(): Map<string, ReadonlyArray<Node>> {
    return (this.sortedViews ??= new Map<string, ReadonlyArray<Node>>())
  }
}

export const makeDirectory = (base: DirectoryBase): Directory => new IndexedDirectory(base)

export const isDirectory = (node: Node | undefined): node is Directory => node?.kind === 'dir'

export const isFile = (node: Node | undefined): node is File => node !== undefined && node.kind !== 'dir'

export const sizeOf = (node: File): number => node.content?.size ?? node.size ?? 0

export const pathOf = (node: Node): ReadonlyArray<string> => {
  const path: Array<string> = []
  for (let at: Node = node; at.parent !== undefined; at = at.parent) path.push(at.name)
  return path.reverse()
}

/** Depth first, each node before its children; the node itself is the first. */
export function* subtree(node: Node): Generator<Node> {
  const stack: Array<Iterator<Node>> = [[node].values()]
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.next()
    if (next.done === true) stack.pop()
    else {
      yield next.value
      if (next.value.kind === 'dir') stack.push(next.value.children.values())
    }
  }
}

/** How many nodes, but no more than `limit`: a look at a huge tree must not cost as much as its copy. */
export const countNodes = (node: Node, limit: number): number => {
  let count = 0
  for (const _ of subtree(node)) if ((count += 1) >= limit) break
  return count
}
