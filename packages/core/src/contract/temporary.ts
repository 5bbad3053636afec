// Names that a composed operation uses until it has ended: recognizable after a crash, hidden from listings.
import { createHash } from 'node:crypto'
import type { DrivePath } from './path'
import { nameOf } from './path'

/**
 * `new`: content that is being written; `old`: the entry that had the name before; `move`: an entry between two parents; `aside`: an entry that made room for one of another kind, until
 * a sync removes it.
 */
export type TemporaryUse = 'new' | 'old' | 'move' | 'aside'
export const temporaryUses: ReadonlyArray<TemporaryUse> = ['new', 'old', 'move', 'aside']

const pattern = /^(.*)\.anydrive-([0-9a-f]{6})([0-9a-f]{6})$/s
const longestStem = 200

const sixHex = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 6)
const seedOf = (target: DrivePath, use: TemporaryUse): string => `${use}\0${target}`

/** The beginning of the name, of at most 200 UTF-16 units, that a temporary name begins with. */
export const temporaryStem = (target: DrivePath): string => {
  let stem = ''
  for (const point of Array.from(nameOf(target))) {
    if (stem.length + point.length > longestStem) break
    stem += point
  }
  return stem
}

/** `<stem>.anydrive-<12 hex>`: six of the seed, and six of these that show that anydrive chose the name. */
export const temporaryWith = (stem: string, seed: string): string => {
  const id = sixHex(seed)
  return `${stem}.anydrive-${id}${sixHex(id)}`
}

/** The same for the same target and use. */
export const temporaryName = (target: DrivePath, use: TemporaryUse, stem = temporaryStem(target)): string =>
  temporaryWith(stem, seedOf(target, use))

interface Parts {
  readonly stem: string
  readonly id: string
}
const partsOf = (name: string): Parts | undefined => {
  const [, stem, id, check] = pattern.exec(name) ?? []
  return stem === undefined || id === undefined || check !== sixHex(id) ? undefined : { stem, id }
}

/** False of a name that somebody else chose, also where it looks like one of these. */
export const isTemporary = (name: string): boolean => partsOf(name) !== undefined

/** The final name of a temporary, or its beginning if it is too long. */
export const stemOf = (name: string): string | undefined => partsOf(name)?.stem

/** What `name` was for, if it is a temporary of this target, however much of the target's name it holds. */
export const useOf = (name: string, target: DrivePath): TemporaryUse | undefined => {
  const id = partsOf(name)?.id
  return temporaryUses.find((use) => sixHex(seedOf(target, use)) === id)
}
