// Where a strategy puts an entry: the parents above it, the name it gets, what it replaces.
import * as E from 'fp-ts/Either'
import { ancestorsOf, nameOf, type ConflictStrategy, type DrivePath, type Naming, type Placed } from '@anydrive/core'
import { nameConflict, notFound, quotaExceeded, wrongKind } from '@anydrive/core/adapter'
import { creationFault, freeName, keptName } from './names'
import { entryOf, pathOf, type DirNode, type FileNode, type Node } from './nodes'
import { attach, childOf, detach, next, record, type Answer, type Tree } from './tree'

/** How an operation places what it makes. */
export interface How {
  readonly conflict: ConflictStrategy
  readonly parents: 'create' | 'require'
  readonly naming: Naming
  /** Bytes that the whole tree may hold. */
  readonly capacity: number | undefined
  /** Whether a file that is replaced leaves its content in the history. */
  readonly keepsVersions: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
}
export interface Times {
  readonly createdAt: number
  readonly modifiedAt: number
}
/** The nearest ancestor that exists, and the directories missing between it and the path. */
interface Above {
  readonly dir: DirNode
  readonly missing: ReadonlyArray<DrivePath>
}

const above = (tree: Tree, path: DrivePath, how: How): Answer<Above> => {
  let dir = tree.root
  const missing: Array<DrivePath> = []
  for (const ancestor of ancestorsOf(path).slice(1)) {
    const node = missing.length > 0 ? undefined : childOf(tree, dir, nameOf(ancestor))
    if (node === undefined) missing.push(ancestor)
    else if (node.kind === 'directory') dir = node
    else return E.left(wrongKind({ expected: 'directory', at: ancestor }))
  }
  const [first] = missing
  if (first === undefined) return E.right({ dir, missing })
  if (how.parents === 'require') return E.left(notFound({ what: 'parent', at: first }))
  const refused = missing
    .map((ancestor) => creationFault(how.naming, ancestor, 'directory'))
    .find((f) => f !== undefined)
  return refused === undefined ? E.right({ dir, missing }) : E.left(refused)
}

export const newDir = (tree: Tree, name: string, times: Times): DirNode => ({
  kind: 'directory',
  id: next(tree),
  name: keptName(tree.same, name),
  parent: undefined,
  ...times,
  children: new Map(),
  sorted: undefined,
})

const makeMissing = (tree: Tree, { dir, missing }: Above, now: number): DirNode => {
  let parent = dir
  for (const path of missing) {
    const made = newDir(tree, nameOf(path), { createdAt: now, modifiedAt: now })
    attach(tree, parent, made)
    record(tree, 'created', made, now)
    parent = made
  }
  return parent
}

export interface Spot {
  readonly above: Above
  readonly name: string
  readonly how: Placed['how']
  readonly replaces: FileNode | undefined
}

/** Where the strategy puts an entry of this kind. `own` is the entry on its way, which is never in its own way. */
export const spotFor = (tree: Tree, path: DrivePath, kind: Node['kind'], how: How, own?: Node): Answer<Spot> =>
  E.flatMap((over: Above): Answer<Spot> => {
    const name = nameOf(path)
    const taken = over.missing.length > 0 ? undefined : childOf(tree, over.dir, name)
    if (taken === undefined || taken === own)
      return E.right({ above: over, name, how: 'as-asked', replaces: undefined })
    if (how.conflict === 'rename') {
      const isTaken = (candidate: string) => childOf(tree, over.dir, candidate) !== undefined
      const free = freeName(how.naming, name, kind === 'directory' ? 'directory' : 'file', isTaken)
      return E.right({ above: over, name: free, how: 'renamed', replaces: undefined })
    }
    return how.conflict === 'overwrite' && kind === 'file' && taken.kind === 'file'
      ? E.right({ above: over, name, how: 'as-asked', replaces: taken })
      : E.left(nameConflict({ existing: entryOf(taken) }))
  })(above(tree, path, how))

export const placedAs = (node: Node, spot: Spot): Placed => ({
  path: pathOf(node),
  how: spot.how,
  replaced: spot.replaces !== undefined,
})

/** Makes the missing parents, takes out what is replaced, puts the node there. `moved`: it was elsewhere in the tree. */
export const settle = (tree: Tree, spot: Spot, node: Node, now: number, moved?: 'moved'): void => {
  if (spot.replaces !== undefined) detach(tree, spot.replaces)
  attach(tree, makeMissing(tree, spot.above, now), node)
  record(tree, moved ?? (spot.replaces === undefined ? 'created' : 'modified'), node, now)
}

export const roomFor = (tree: Tree, spot: Spot, bytes: number, how: How): Answer<Spot> => {
  const freed = spot.replaces?.content.byteLength ?? 0
  return how.capacity !== undefined && tree.used - freed + bytes > how.capacity
    ? E.left(quotaExceeded())
    : E.right(spot)
}
