// The samples of a journal: how fast its runs were.
import * as E from 'fp-ts/Either'
import { noTotals, type Totals } from './journal'
import { KeptSample, read } from './journal-codecs'

export const samplesOf = (texts: ReadonlyArray<string | undefined>): ReadonlyArray<KeptSample> =>
  texts.flatMap((text) => {
    const sample = read(KeptSample, text)
    return E.isRight(sample) && sample.right !== undefined ? [sample.right] : []
  })

/** Those of the latest run. `texts`: newest first. */
export const lastSamples = (texts: ReadonlyArray<string>): Pick<Totals, 'found' | 'samples'> => {
  const all = samplesOf(texts)
  const [last] = all
  return last === undefined
    ? { found: noTotals.found, samples: [] }
    : { found: last.found, samples: all.filter(({ run }) => run === last.run).reverse() }
}
