// Names: which are refused, which count as the same, and the free one that `rename` picks.
import { nameOf, segments, type DrivePath, type Fault, type Naming } from '@anydrive/core'
import { invalidPath, limitExceeded } from '@anydrive/core/adapter'

/** When two spellings are one name. */
export interface SameNames {
  readonly case: 'sensitive' | 'insensitive'
  readonly normalisation: 'as-is' | 'nfc' | 'nfd'
}

/** The spelling that is kept. */
export const keptName = (same: SameNames, name: string): string => {
  if (same.normalisation === 'nfc') return name.normalize('NFC')
  return same.normalisation === 'nfd' ? name.normalize('NFD') : name
}

/** Equal for two spellings of one name. */
export const keyOf = (same: SameNames, name: string): string => {
  const kept = keptName(same, name)
  return same.case === 'insensitive' ? kept.toLowerCase() : kept
}

const measure = (text: string, unit: Naming['lengthUnit']): number => {
  switch (unit) {
    case 'bytes':
      return Buffer.byteLength(text, 'utf8')
    case 'utf16':
      return text.length
    case 'codepoints':
      return Array.from(text).length
  }
}

/** What is wrong with creating this name: its length first, then its characters, then the name as a whole. */
const nameFault = (naming: Naming, name: string): Fault | undefined => {
  if (measure(name, naming.lengthUnit) > naming.maxLength)
    return limitExceeded({ limit: 'name', max: naming.maxLength })
  for (const character of name)
    if (naming.forbidden.includes(character))
      return invalidPath({ reason: `a name may not hold ${JSON.stringify(character)}` })
  if (naming.reserved.includes(name)) return invalidPath({ reason: `the name ${JSON.stringify(name)} is reserved` })
  return undefined
}

/** What is wrong with the length of this path, or with its depth: a file may lie in the deepest directory. */
export const placeFault = (naming: Naming, path: DrivePath, kind: 'directory' | 'file'): Fault | undefined => {
  const directories = segments(path).length - (kind === 'file' ? 1 : 0)
  if (naming.maxDepth !== undefined && directories > naming.maxDepth)
    return limitExceeded({ limit: 'depth', max: naming.maxDepth })
  if (naming.maxPath !== undefined && measure(path, naming.lengthUnit) > naming.maxPath)
    return limitExceeded({ limit: 'path', max: naming.maxPath })
  return undefined
}

/** Both of the above, for a path that an operation would create. */
export const creationFault = (naming: Naming, path: DrivePath, kind: 'directory' | 'file'): Fault | undefined =>
  nameFault(naming, nameOf(path)) ?? placeFault(naming, path, kind)

/** Before the last dot that is not first; a directory's name is never split. */
const split = (name: string, kind: 'directory' | 'file'): readonly [stem: string, extension: string] => {
  const dot = name.lastIndexOf('.')
  return kind === 'directory' || dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)]
}

const cutTo = (text: string, length: number, unit: Naming['lengthUnit']): string => {
  let kept = ''
  let used = 0
  for (const character of text) {
    used += measure(character, unit)
    if (used > length) break
    kept += character
  }
  return kept
}

/** ` (1)`, ` (2)` … : the first that is free. A stem too long for it is cut by whole characters. */
export const freeName = (
  naming: Naming,
  name: string,
  kind: 'directory' | 'file',
  isTaken: (name: string) => boolean,
): string => {
  for (let n = 1; ; n++) {
    const mark = ` (${n})`
    const [stem, extension] = split(name, kind)
    const room = naming.maxLength - measure(mark + extension, naming.lengthUnit)
    const candidate =
      room > 0
        ? cutTo(stem, room, naming.lengthUnit) + mark + extension
        : cutTo(name, naming.maxLength - mark.length, naming.lengthUnit) + mark
    if (!isTaken(candidate)) return candidate
  }
}
