// Names that a composed operation uses until it has ended: recognizable after a crash, hidden from listings.
import { createHash } from 'node:crypto'
import type { DrivePath } from './path'
import { nameOf } from './path'

/** `new`: content that is being written; `old`: the entry that had the name before; `move`: an entry between two parents. */
export type TemporaryUse = 'new' | 'old' | 'move'
export const temporaryUses: ReadonlyArray<TemporaryUse> = ['new', 'old', 'move']

const pattern = /^(.*)\.anydrive-([0-9a-f]{12})$/s
const longestStem = 200

const tagOf = (target: DrivePath, use: TemporaryUse): string =>
  createHash('sha256').update(`${use}\0${target}`).digest('hex').slice(0, 12)

const cut = (name: string): string => {
  const points = Array.from(name)
  let stem = ''
  for (const point of points) {
    if (stem.length + point.length > longestStem) break
    stem += point
  }
  return stem
}

/** `<stem of at most 200 UTF-16 units>.anydrive-<12 hex of target and use>`: the same for the same target and use. */
export const temporaryName = (target: DrivePath, use: TemporaryUse): string =>
  `${cut(nameOf(target))}.anydrive-${tagOf(target, use)}`

export const isTemporary = (name: string): boolean => pattern.test(name)

/** The final name of a temporary, cut to 200 units if it is longer. */
export const stemOf = (name: string): string | undefined => pattern.exec(name)?.[1]

/** What `name` was for, if it is a temporary of this target, however much of the target's name it holds. */
export const useOf = (name: string, target: DrivePath): TemporaryUse | undefined => {
  const tag = pattern.exec(name)?.[2]
  return temporaryUses.find((use) => tagOf(target, use) === tag)
}
