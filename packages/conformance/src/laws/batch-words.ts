// What the laws of batchMove and batchCopy share.
import type { ConflictStrategy, CopyItem, Feature } from '@anydrive/core'
import type { Harness, Law } from '../law'
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
  harness: Harness,
  ...all: ReadonlyArray<readonly [string, string, ConflictStrategy?]>
): ReadonlyArray<CopyItem> =>
  all.map(([from, to, conflict]) => ({
    from: harness.at(from),
    to: harness.at(to),
    ...(conflict === undefined ? {} : { conflict }),
  }))
export const files = async (harness: Harness, ...names: ReadonlyArray<string>): Promise<void> => {
  await inParallel(names, 4, async (name) => {
    await harness.makeFile(name)
  })
}

/** A vendor may say of a space that nobody has that it is not there, or not for us. */
export const checkNoSpace = async (harness: Harness, verb: Verb): Promise<void> => {
  await files(harness, 'a')
  const item = { from: harness.at('a'), to: harness.at('b'), fromSpace: 'nobody-has-this' }
  const error = failureOf(only(await harness.right(harness.drive[verb]([item]))))
  harness.holds(
    ['NotFound', 'Forbidden'].includes(error._tag),
    `NotFound or Forbidden was promised, got ${error._tag}: ${error.message}`,
  )
  harness.same(await harness.tree(), ['a'], 'the tree')
}

export const checkSpaceRefused = async (harness: Harness, verb: Verb, feature: Feature): Promise<void> => {
  if (!harness.drive.capabilities.operations[verb]) harness.notApplicable(`operations.${verb} is not declared`)
  await files(harness, 'a')
  const item = { from: harness.at('a'), to: harness.at('b'), fromSpace: 'elsewhere' }
  const batch = await harness.right(harness.drive[verb]([item]))
  const error = failureOf(only(batch))
  harness.same(
    [words(batch), error._tag === 'Unsupported' && error.feature, await harness.tree()],
    [['Unsupported'], feature, ['a']],
    'the outcome and the tree',
  )
}
