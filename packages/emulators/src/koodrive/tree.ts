// All files and folders of all spaces: who lies where, and what that makes of paths, depth, quota and the recycle bin.
import { type Journal } from '../common/journal'
import { Children } from './children'
import { rootId, safeBoxId } from './ids'
import { type NameRules } from './names'
import { isFolder, isRoot, type Node, rootNode } from './nodes'

const binOf = (containerId: string): string => `bin:${containerId}`

/** Under which key a node is listed: its folder, or the bin of its space. */
const shelfOf = (node: Node): string => (node.trashed === undefined ? node.parentId : binOf(node.containerId))

export class Tree {
  readonly #rules: NameRules
  readonly #journal: Journal
  readonly #nodes = new Map<string, Node>()
  readonly #shelves = new Map<string, Children>()
  readonly #used = new Map<string, number>()

  constructor(rules: NameRules, journal: Journal) {
    this.#rules = rules
    this.#journal = journal
  }

  /** Makes the roots of a space. */
  addSpace(containerId: string): void {
    for (const root of [rootNode(containerId), rootNode(containerId, safeBoxId(containerId), `sbox${containerId}`)]) {
      this.#nodes.set(root.id, root)
    }
  }

  get(id: string): Node | undefined {
    return this.#nodes.get(id)
  }

  root(containerId: string): Node {
    return this.#nodes.get(rootId(containerId)) ?? rootNode(containerId)
  }

  /** Adds a node, or replaces the one of the same id, wherever it lay. */
  put(node: Node): void {
    this.load(node)
    this.#journal.put('node', node.id, () => node)
  }

  /** As `put`, for a node that is already kept. */
  load(node: Node): void {
    const before = this.#nodes.get(node.id)
    if (before !== undefined) this.#unshelve(before)
    this.#nodes.set(node.id, node)
    this.#shelf(shelfOf(node)).add(node)
    this.#count(node.containerId, node.size)
  }

  /** Removes one node; what lies in it is the caller's affair. */
  drop(node: Node): void {
    this.#unshelve(node)
    this.#nodes.delete(node.id)
    this.#shelves.delete(node.id)
    this.#journal.remove('node', node.id)
  }

  children(folderId: string): Children {
    return this.#shelf(folderId)
  }

  /** What was put into the recycle bin of a space, without what lies inside it. */
  bin(containerId: string): Children {
    return this.#shelf(binOf(containerId))
  }

  /** Bytes of a space's files: those in the bin and those being uploaded too. */
  used(containerId: string): number {
    return this.#used.get(containerId) ?? 0
  }

  /** The node and the folders around it, outwards. */
  *outwards(node: Node): Generator<Node> {
    for (let at: Node | undefined = node; at !== undefined; at = this.#nodes.get(at.parentId)) yield at
  }

  /** The node and everything in it, folders before their contents; pending uploads included. */
  *inwards(node: Node): Generator<Node> {
    yield node
    if (!isFolder(node)) return
    for (const child of [...(this.#shelves.get(node.id)?.all() ?? [])]) yield* this.inwards(child)
  }

  /** The root is 0, what lies in it 1. */
  depth(node: Node): number {
    return [...this.outwards(node)].length - 1
  }

  /** Levels of folders from this one downwards, itself included; 0 for a file. */
  height(node: Node): number {
    if (!isFolder(node)) return 0
    let deepest = 0
    for (const child of this.#shelves.get(node.id)?.all() ?? []) deepest = Math.max(deepest, this.height(child))
    return deepest + 1
  }

  /** The node itself or a folder around it lies in the recycle bin. */
  isRecycled(node: Node): boolean {
    for (const at of this.outwards(node)) if (at.trashed !== undefined) return true
    return false
  }

  contains(folder: Node, node: Node): boolean {
    for (const at of this.outwards(node)) if (at.id === folder.id) return true
    return false
  }

  /** `/<root>/…/<id>`, and the same with names. */
  paths(node: Node): Readonly<{ ids: string; names: string }> {
    const chain = [...this.outwards(node)].reverse()
    return {
      ids: chain.map((at) => `/${at.id}`).join(''),
      names: chain.map((at) => `/${at.name}`).join(''),
    }
  }

  /** The ids and names of the folders around a node, from the outermost below the root. */
  foldersAround(node: Node): ReadonlyArray<Readonly<{ id: string; name: string }>> {
    return [...this.outwards(node)]
      .slice(1)
      .filter((at) => !isRoot(at))
      .map(({ id, name }) => ({ id, name }))
      .reverse()
  }

  #shelf(key: string): Children {
    const known = this.#shelves.get(key)
    if (known !== undefined) return known
    const made = new Children(this.#rules)
    this.#shelves.set(key, made)
    return made
  }

  #unshelve(node: Node): void {
    const key = shelfOf(node)
    const shelf = this.#shelves.get(key)
    shelf?.remove(node)
    if (shelf?.size === 0) this.#shelves.delete(key)
    this.#count(node.containerId, -node.size)
  }

  #count(containerId: string, bytes: number): void {
    if (bytes !== 0) this.#used.set(containerId, this.used(containerId) + bytes)
  }
}
