// What a law rests on: the section of the contract that promises it, and why the drive's author believes that the vendor keeps it.
import type { Basis } from '@anydrive/core'
import type { Law } from './law'

const contract = 'https://github.com/anydrive/anydrive/blob/main/docs/contract.md'
const wire = 'https://github.com/anydrive/anydrive/tree/main/docs/wire'

/** The heading as the address of its section. */
const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll('.', '').replaceAll(' ', '-')

const beliefs: Readonly<Record<Basis, string>> = {
  documented: `a document of the vendor says so (${wire} names it), and this service does otherwise`,
  inferred: 'no document says so: the adapter infers it, and this service shows that the inference is wrong',
  probed: 'a server was asked, and this one does otherwise',
}

/** Sentences. The basis is the weakest of those that the drive declares for what the law needs. */
export const groundsOf = ({ promise, needs }: Law, basis: Basis | undefined): ReadonlyArray<string> => {
  const declared = needs.filter((feature) => feature.startsWith('conflict.'))
  return [
    `the contract promises it in ${promise}: ${contract}#${anchorOf(promise)}`,
    ...(basis === undefined ? [] : [`the drive declares ${declared.join(' and ')}: ${beliefs[basis]}`]),
  ]
}
