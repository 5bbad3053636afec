// Which items of a batch may be sent together: those that touch each other's paths go in successive waves, in request order.
import { nameOf, parentOf, segments, type DrivePath } from '../contract/path'

/** A path that an item reads or changes. Reading twice is harmless; changing anything above, at or below is not. */
export interface Touch {
  readonly path: DrivePath
  readonly writes: boolean
}

interface Node {
  /** One more than the last wave that did so; 0: none. */
  read: number
  write: number
  readBelow: number
  writeBelow: number
}

// Two names that differ only in case or Unicode form may be one to the vendor.
const fold = (path: string): string => path.normalize('NFC').toLowerCase()

/** The name without extension and without what vendors append when they pick a free one. */
const familyOf = (name: string): string => {
  const dot = name.lastIndexOf('.')
  const base = dot > 0 ? name.slice(0, dot) : name
  return base.replace(/( ?\(\d+\)|_\d{8}_\d{6})+$/, '')
}

/** A free name is picked among a family of names, so that placing under `rename` touches them all. */
export const familyTouch = (to: DrivePath, renames: boolean): Touch => ({
  path: `${parentOf(to)}/\0${familyOf(nameOf(to))}` as DrivePath,
  writes: renames,
})

/** The wave of each item, counted from 0. */
export const wavesOf = (items: ReadonlyArray<ReadonlyArray<Touch>>): ReadonlyArray<number> => {
  const nodes = new Map<string, Node>()
  const nodeAt = (path: string): Node => {
    const known = nodes.get(path)
    if (known !== undefined) return known
    const made: Node = { read: 0, write: 0, readBelow: 0, writeBelow: 0 }
    nodes.set(path, made)
    return made
  }
  const above = (path: string): ReadonlyArray<string> =>
    segments(path as DrivePath).map((_, i, all) => all.slice(0, i).join('/'))

  const earliest = ({ path, writes }: Touch): number => {
    const at = fold(path)
    const here = nodes.get(at)
    let wave = Math.max(
      here?.write ?? 0,
      here?.writeBelow ?? 0,
      writes ? Math.max(here?.read ?? 0, here?.readBelow ?? 0) : 0,
    )
    for (const ancestor of above(at)) {
      const node = nodes.get(ancestor)
      if (node !== undefined) wave = Math.max(wave, node.write, writes ? node.read : 0)
    }
    return wave
  }
  const record = ({ path, writes }: Touch, wave: number): void => {
    const at = fold(path)
    const here = nodeAt(at)
    if (writes) here.write = Math.max(here.write, wave + 1)
    else here.read = Math.max(here.read, wave + 1)
    for (const ancestor of above(at)) {
      const node = nodeAt(ancestor)
      if (writes) node.writeBelow = Math.max(node.writeBelow, wave + 1)
      else node.readBelow = Math.max(node.readBelow, wave + 1)
    }
  }

  return items.map((touches) => {
    const wave = Math.max(0, ...touches.map(earliest))
    for (const touch of touches) record(touch, wave)
    return wave
  })
}
