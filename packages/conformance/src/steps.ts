// The steps of a random program: data, so that a failing program can be shrunk and printed.
import { has, type Capabilities, type ConflictStrategy } from '@anydrive/core'
import * as fc from 'fast-check'
import { contentOf, strategies } from './words'

/** A path of the program's small universe, or the n-th entry that stands when its turn comes. */
export type Spot = string | number
export interface Pair {
  readonly from: Spot
  readonly to: string
  readonly conflict: ConflictStrategy
}
export type Step =
  | {
      readonly do: 'createDir'
      readonly at: string
      readonly conflict: ConflictStrategy
      readonly parents: 'create' | 'require'
    }
  | {
      readonly do: 'writeFile'
      readonly at: string
      readonly conflict: ConflictStrategy
      readonly parents: 'create' | 'require'
    }
  | { readonly do: 'copyDir'; readonly from: Spot; readonly to: string; readonly conflict: ConflictStrategy }
  | {
      readonly do: 'batchMove' | 'batchCopy'
      readonly items: ReadonlyArray<Pair>
      readonly parents: 'create' | 'require'
    }
  | { readonly do: 'batchRemove'; readonly items: ReadonlyArray<Spot> }
  | { readonly do: 'stat' | 'list' | 'readFile'; readonly at: Spot }

const name = fc.constantFrom('a', 'b', 'c.txt')
const universe = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
const spot: fc.Arbitrary<Spot> = fc.oneof(
  { weight: 2, arbitrary: universe },
  { weight: 3, arbitrary: fc.nat({ max: 11 }) },
)
type Conflict = fc.Arbitrary<ConflictStrategy>
/** The strategies that all of these rows declare. */
const conflictOf = (capabilities: Capabilities, ...rows: ReadonlyArray<keyof Capabilities['conflict']>): Conflict =>
  fc.constantFrom(
    ...strategies.filter((strategy) => rows.every((row) => has(capabilities, `conflict.${row}.${strategy}`))),
  )
const parents = fc.constantFrom<'create' | 'require'>('create', 'create', 'create', 'require')
const pairs = (conflict: Conflict) =>
  fc.array(fc.record({ from: spot, to: universe, conflict }), { minLength: 1, maxLength: 3 })

/** Only what the capabilities declare. */
export const stepOf = (capabilities: Capabilities): fc.Arbitrary<Step> => {
  const of = (...rows: ReadonlyArray<keyof Capabilities['conflict']>) => conflictOf(capabilities, ...rows)
  const [dirs, written] = [of('createDir'), of('writeFile')]
  const kinds: Array<{ readonly weight: number; readonly arbitrary: fc.Arbitrary<Step> }> = [
    { weight: 4, arbitrary: fc.record({ do: fc.constant('createDir'), at: universe, conflict: dirs, parents }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('writeFile'), at: universe, conflict: written, parents }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('stat', 'list', 'readFile'), at: spot }) },
  ]
  if (has(capabilities, 'operations.copyDir')) {
    const conflict = of('copyDir')
    kinds.push({ weight: 2, arbitrary: fc.record({ do: fc.constant('copyDir'), from: spot, to: universe, conflict }) })
  }
  if (has(capabilities, 'operations.batchMove')) {
    const items = pairs(of('moveFile', 'moveDir'))
    kinds.push({ weight: 4, arbitrary: fc.record({ do: fc.constant('batchMove'), items, parents }) })
  }
  if (has(capabilities, 'operations.batchCopy') && has(capabilities, 'features.copyDirInBatch')) {
    const items = pairs(of('copyFile', 'copyDir'))
    kinds.push({ weight: 3, arbitrary: fc.record({ do: fc.constant('batchCopy'), items, parents }) })
  }
  if (has(capabilities, 'operations.batchRemove')) {
    const items = fc.array(spot, { minLength: 1, maxLength: 3 })
    kinds.push({ weight: 2, arbitrary: fc.record({ do: fc.constant('batchRemove'), items }) })
  }
  return fc.oneof(...kinds)
}

const text = (value: unknown): string =>
  JSON.stringify(value)
    .replace(/"(\w+)":/g, ' $1: ')
    .replace(/\}/g, ' }')

/** The steps as a TypeScript program, with every path resolved as it was when it ran. */
export const programOf = (steps: ReadonlyArray<Step>): string =>
  steps
    .map((step, i) => {
      switch (step.do) {
        case 'createDir':
          return `await drive.createDir(${text(step.at)}, {${text({ conflict: step.conflict, parents: step.parents }).slice(1)})`
        case 'writeFile':
          return `await drive.writeFile(${text(step.at)}, ${text(contentOf(i + 1))}, {${text({ conflict: step.conflict, parents: step.parents }).slice(1)})`
        case 'copyDir':
          return `await drive.copyDir(${text(step.from)}, ${text(step.to)}, {${text({ conflict: step.conflict }).slice(1)})`
        case 'batchMove':
        case 'batchCopy':
          return `await drive.${step.do}(${text(step.items)}, {${text({ parents: step.parents }).slice(1)})`
        case 'batchRemove':
          return `await drive.batchRemove(${text(step.items)})`
        default:
          return `await drive.${step.do}(${text(step.at)})`
      }
    })
    .join('\n')
