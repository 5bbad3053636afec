// Names that adapters choose: free ones beside a taken name, and temporary ones.
import { parentOf, under, type DrivePath } from '@anydrive/core'
import { temporaryName, temporaryStem, temporaryWith, type TemporaryUse } from '@anydrive/core/adapter'
import { randomBytes } from 'node:crypto'

/** How long a name may be, in the unit that the service counts in. */
export interface NameLimit {
  readonly max: number
  readonly unit: 'bytes' | 'utf16' | 'codepoints'
}

const measures: { readonly [U in NameLimit['unit']]: (text: string) => number } = {
  bytes: (text) => Buffer.byteLength(text),
  utf16: (text) => text.length,
  codepoints: (text) => Array.from(text).length,
}

/** The longest beginning of `text` of at most `max` units that splits no character. */
export const cutToLength = (text: string, { max, unit }: NameLimit): string => {
  const measure = measures[unit]
  let kept = ''
  let used = 0
  for (const character of text) {
    used += measure(character)
    if (used > max) break
    kept += character
  }
  return kept
}

/** The path of a sibling. */
export const beside = (path: DrivePath, name: string): DrivePath => under(parentOf(path), name as DrivePath)

/**
 * `name (n).ext`, before the last dot that is not first; a directory's name is not split. The stem, and if need be the extension, is cut so
 * that the name fits.
 */
export const numberedName = (name: string, kind: 'directory' | 'file', n: number, limit: NameLimit): string => {
  const mark = ` (${n})`
  const dot = name.lastIndexOf('.')
  const extension = kind === 'directory' || dot <= 0 ? '' : name.slice(dot)
  const measure = measures[limit.unit]
  const room = limit.max - measure(mark + extension)
  return room > 0
    ? cutToLength(name.slice(0, name.length - extension.length), { ...limit, max: room }) + mark + extension
    : cutToLength(name, { ...limit, max: limit.max - measure(mark) }) + mark
}

const tagLength = '.anydrive-'.length + 12

const stemFor = (target: DrivePath, { max, unit }: NameLimit): string =>
  cutToLength(temporaryStem(target), { max: max - tagLength, unit })

/**
 * The temporary name for this target and use, cut to the limit. Without `salt` it is the same each time, so that `leftovers` can tell what it was
 * for; with one it is another name for the same purpose.
 */
export const temporaryFor = (target: DrivePath, use: TemporaryUse, limit: NameLimit, salt?: string): string => {
  const stem = stemFor(target, limit)
  return salt === undefined ? temporaryName(target, use, stem) : temporaryWith(stem, `${salt}\0${use}\0${target}`)
}

/** A temporary name unlike that of any other writer. */
export const uniqueTemporary = (target: DrivePath, limit: NameLimit): string =>
  temporaryWith(stemFor(target, limit), randomBytes(8).toString('hex'))
