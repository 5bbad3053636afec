// Names that a drive takes for one, although they are written otherwise.
import type { Naming } from '@anydrive/core'
import type { FindingName } from './issues'

export interface OneName {
  /** The same for names that the drive may take for one. Undefined where it tells all names apart. */
  readonly key: ((name: string) => string) | undefined
  /** Whether it surely takes them for one. */
  readonly isSure: (a: string, b: string) => boolean
}

const folded = (name: string): string => name.toLowerCase().toUpperCase().toLowerCase()

/** By what is declared; where that is unknown, it may be so. */
export const oneName = ({ case: letters, normalisation }: Naming): OneName => {
  const fold = (byCase: boolean, byForm: boolean) => (name: string) => {
    const form = byForm ? name.normalize('NFC') : name
    return byCase ? folded(form) : form
  }
  const sure = fold(letters === 'insensitive', normalisation === 'nfc' || normalisation === 'nfd')
  const isExact = letters === 'sensitive' && normalisation === 'as-is'
  return {
    key: isExact ? undefined : fold(letters !== 'sensitive', normalisation !== 'as-is'),
    isSure: (a, b) => sure(a) === sure(b),
  }
}

/** In what two such names differ. */
export const differsIn = (a: string, b: string): Extract<FindingName, 'case' | 'normalisation' | 'one-name'> => {
  if (a === b) return 'one-name'
  return a.normalize('NFC') === b.normalize('NFC') ? 'normalisation' : 'case'
}
