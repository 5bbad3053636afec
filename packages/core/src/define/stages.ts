// Which items of a batch may be sent together: those whose paths conflict go in successive stages, in request order.
import { nameOf, parentOf, root, type DrivePath } from '../contract/path'

/** A path that an item reads or changes. Reading twice is harmless; changing anything above, at or below is not. */
export interface ConflictKey {
  /** Of `keyPath`. */
  readonly path: string
  readonly writes: boolean
}

/** A path of a space, comparable with those of every other space; no space is the drive's own. */
export const keyPath = (path: DrivePath, space = ''): string =>
  path === root ? encodeURIComponent(space) : `${encodeURIComponent(space)}/${path}`

interface Node {
  /** One more than the last stage that did so; 0: none. */
  read: number
  write: number
  readBelow: number
  writeBelow: number
}

// Two names that differ only in case or Unicode form may be one to the service.
const fold = (path: string): string => path.normalize('NFC').toLowerCase()

const mark = / ?\(\d{1,15}\)$|_\d{8}_\d{6}$/

/** The name without extension and without what services append when they choose a free one. */
const familyOf = (name: string): string => {
  const dot = name.lastIndexOf('.')
  const base = dot > 0 ? name.slice(0, dot) : name
  let family = base
  // One mark at a time: an expression for several would take quadratic time on names of marks.
  for (let match = mark.exec(family); match !== null; match = mark.exec(family)) family = family.slice(0, match.index)
  return family
}

/** A free name is chosen among a family of names, so placing under `rename` conflicts with all of them. */
export const familyKey = (to: DrivePath, renames: boolean): ConflictKey => ({
  path: `${keyPath(parentOf(to))}/\0${familyOf(nameOf(to))}`,
  writes: renames,
})

const ancestors = (path: string): ReadonlyArray<string> =>
  path
    .split('/')
    .map((_, i, all) => all.slice(0, i).join('/'))
    .slice(1)

/** The stage of each item, counted from 0. */
export const stagesOf = (items: ReadonlyArray<ReadonlyArray<ConflictKey>>): ReadonlyArray<number> => {
  const nodes = new Map<string, Node>()
  const nodeAt = (path: string): Node => {
    const known = nodes.get(path)
    if (known !== undefined) return known
    const created: Node = { read: 0, write: 0, readBelow: 0, writeBelow: 0 }
    nodes.set(path, created)
    return created
  }

  const earliest = ({ path, writes }: ConflictKey): number => {
    const at = fold(path)
    const here = nodes.get(at)
    let stage = Math.max(
      here?.write ?? 0,
      here?.writeBelow ?? 0,
      writes ? Math.max(here?.read ?? 0, here?.readBelow ?? 0) : 0,
    )
    for (const ancestor of ancestors(at)) {
      const node = nodes.get(ancestor)
      if (node !== undefined) stage = Math.max(stage, node.write, writes ? node.read : 0)
    }
    return stage
  }
  const record = ({ path, writes }: ConflictKey, stage: number): void => {
    const at = fold(path)
    const [own, below] = writes ? (['write', 'writeBelow'] as const) : (['read', 'readBelow'] as const)
    const here = nodeAt(at)
    here[own] = Math.max(here[own], stage + 1)
    for (const ancestor of ancestors(at)) {
      const node = nodeAt(ancestor)
      node[below] = Math.max(node[below], stage + 1)
    }
  }

  return items.map((keys) => {
    const stage = Math.max(0, ...keys.map(earliest))
    for (const key of keys) record(key, stage)
    return stage
  })
}
