// What becomes of names on their way from one drive to another.
import type { Naming } from '@anydrive/core'
import { nameFault } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { decodeName, encodeName, type NameProblem } from './encode'
import { replaceName } from './replace'

/**
 * Of a name that the destination does not take. `refuse`: it is not carried. `encode`: it is written in another way, which `decode` reads on the way
 * back. `replace`: it becomes another, for good.
 */
export type Names = 'refuse' | 'encode' | 'replace' | 'decode'

export interface Encoder {
  readonly encode: (name: string) => E.Either<NameProblem, string>
  readonly decode: (name: string) => string
}
/** For a drive with these rules. `decode` after `encode` gives the name back, whatever name it is. */
export const encoder = (naming: Naming): Encoder => ({ encode: encodeName(naming), decode: decodeName })

export interface NamesOnTheirWay {
  /** The name at the destination, valid by its rules; the same for the same name. */
  readonly toDestination: (name: string) => E.Either<NameProblem, string>
}

/** Of one name: lengths of paths, depth, and names that the drive takes for one (case, Unicode form) are not judged here. */
export const namesFor = (names: Names, naming: Naming): NamesOnTheirWay => {
  if (names === 'encode') return { toDestination: encodeName(naming) }
  if (names === 'replace') return { toDestination: replaceName(naming) }
  const judged = (name: string): E.Either<NameProblem, string> => {
    const wrong = nameFault(naming, name)
    return wrong === undefined ? E.right(name) : E.left(wrong)
  }
  return { toDestination: names === 'refuse' ? judged : (name) => judged(decodeName(name)) }
}
