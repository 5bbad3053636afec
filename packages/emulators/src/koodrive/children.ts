// What one folder (or one recycle bin) holds: by name, and in every order that has been asked for.
import { makeOrdered, type Ordered } from '../common/ordered'
import { type Node, isFolder } from './nodes'
import { type NameRules, nameKey } from './names'
import { compareNodes, isAfter, type Order, type Place } from './ordering'

/** Which of the children a list is about. */
export type View = Readonly<{ order: Order; fileType?: string }>

const isListed = (node: Node, view: View): boolean =>
  node.pending === undefined && (view.fileType === undefined || node.fileType === view.fileType)

const viewKey = (view: View): string =>
  `${view.order.sortType}${view.order.descending ? '-' : '+'}${view.fileType ?? ''}`

/** An order is built when first asked for and kept from then on, so a page never costs more than its own length. */
export class Children {
  readonly #rules: NameRules
  readonly #byName = new Map<string, Array<Node>>()
  readonly #views = new Map<string, Readonly<{ view: View; list: Ordered<Node> }>>()
  #size = 0

  constructor(rules: NameRules) {
    this.#rules = rules
  }

  /** Pending uploads included. */
  get size(): number {
    return this.#size
  }

  add(node: Node): void {
    const key = this.#key(node)
    const namesakes = this.#byName.get(key)
    if (namesakes === undefined) this.#byName.set(key, [node])
    else namesakes.push(node)
    this.#size += 1
    for (const { view, list } of this.#views.values()) if (isListed(node, view)) list.insert(node)
  }

  remove(node: Node): void {
    const key = this.#key(node)
    const rest = (this.#byName.get(key) ?? []).filter((other) => other.id !== node.id)
    if (rest.length === 0) this.#byName.delete(key)
    else this.#byName.set(key, rest)
    this.#size -= 1
    for (const { view, list } of this.#views.values()) if (isListed(node, view)) list.remove(node)
  }

  /** Everything that has this name, pending uploads included. */
  named(name: string, folder: boolean): ReadonlyArray<Node> {
    return this.#byName.get(nameKey(name, folder, this.#rules)) ?? []
  }

  /** All children, pending uploads included, in no order. */
  *all(): Generator<Node> {
    for (const namesakes of this.#byName.values()) yield* namesakes
  }

  /** The listed children in order, from the first or from the one after `place`. */
  after(view: View, place: Place | undefined): Iterable<Node> {
    return this.#list(view).from((node) => place === undefined || isAfter(node, place, view.order))
  }

  #list(view: View): Ordered<Node> {
    const key = viewKey(view)
    const known = this.#views.get(key)
    if (known !== undefined) return known.list
    const list = makeOrdered(compareNodes(view.order))
    const listed = [...this.all()].filter((node) => isListed(node, view))
    for (const node of listed.sort(compareNodes(view.order))) list.insert(node)
    this.#views.set(key, { view, list })
    return list
  }

  #key(node: Node): string {
    return nameKey(node.name, isFolder(node), this.#rules)
  }
}
