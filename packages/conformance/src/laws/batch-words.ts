// What the laws of batchMove and batchCopy share.
import type { ConflictStrategy, CopyItem, Feature } from '@anydrive/core'
import type { Bench, Law } from '../law'
import { inParallel } from '../words'

export type Verb = 'batchMove' | 'batchCopy'
const rowOf = { batchMove: 'moveFile', batchCopy: 'copyFile' } as const
export const needs = (verb: Verb, strategy: ConflictStrategy = 'ask'): ReadonlyArray<Feature> => [
  `operations.${verb}`,
  `conflict.${rowOf[verb]}.${strategy}`,
]

export const law = (verb: Verb, name: string, check: Law['check'], promise = '2.4 Batches'): Law => ({
  name: `${verb}: ${name}`,
  operation: verb,
  promise,
  needs: needs(verb),
  check,
})
export const pairs = (
  bench: Bench,
  ...all: ReadonlyArray<readonly [string, string, ConflictStrategy?]>
): ReadonlyArray<CopyItem> =>
  all.map(([from, to, conflict]) => ({
    from: bench.at(from),
    to: bench.at(to),
    ...(conflict === undefined ? {} : { conflict }),
  }))
export const files = async (bench: Bench, ...names: ReadonlyArray<string>): Promise<void> => {
  await inParallel(names, 4, async (name) => {
    await bench.makeFile(name)
  })
}
