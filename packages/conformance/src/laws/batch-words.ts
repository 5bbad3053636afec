// What the laws of batchMove and batchCopy share.
import type { ConflictStrategy, CopyItem, Feature } from '@anydrive/core'
import type { Bench, Law } from '../law'
import { failureOf, inParallel, only, words } from '../words'

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

/** A vendor may say of a space that nobody has that it is not there, or not for us. */
export const checkNoSpace = async (bench: Bench, verb: Verb): Promise<void> => {
  await files(bench, 'a')
  const item = { from: bench.at('a'), to: bench.at('b'), fromSpace: 'nobody-has-this' }
  const error = failureOf(only(await bench.right(bench.drive[verb]([item]))))
  bench.holds(
    ['NotFound', 'Forbidden'].includes(error._tag),
    `NotFound or Forbidden was promised, got ${error._tag}: ${error.message}`,
  )
  bench.same(await bench.tree(), ['a'], 'the tree')
}

export const checkSpaceRefused = async (bench: Bench, verb: Verb, feature: Feature): Promise<void> => {
  if (!bench.drive.capabilities.operations[verb]) bench.moot(`operations.${verb} is not declared`)
  await files(bench, 'a')
  const item = { from: bench.at('a'), to: bench.at('b'), fromSpace: 'elsewhere' }
  const batch = await bench.right(bench.drive[verb]([item]))
  const error = failureOf(only(batch))
  bench.same(
    [words(batch), error._tag === 'Unsupported' && error.feature, await bench.tree()],
    [['Unsupported'], feature, ['a']],
    'the outcome and the tree',
  )
}
