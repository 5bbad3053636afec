// Names that a drive refuses, made into ones that it takes; what they were is lost.
import type { Naming } from '@anydrive/core'
import { nameFault, nameLength } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { createHash } from 'node:crypto'
import { isLone, isName, type NameProblem } from './encode'

const substitute = '_'
const longestExtension = 16
/** Not that of a temporary name, which core hides. */
const mark = /~[0-9a-f]{12}(?:\.[^.]*)?$/s

const markOf = (name: string): string => `~${createHash('sha256').update(name, 'utf16le').digest('hex').slice(0, 12)}`

/** Before the last dot that is neither first nor last. */
const split = (name: string): readonly [stem: string, extension: string] => {
  const dot = name.lastIndexOf('.')
  const isNone = dot <= 0 || dot === name.length - 1 || Array.from(name.slice(dot)).length > longestExtension
  return isNone ? [name, ''] : [name.slice(0, dot), name.slice(dot)]
}

const cutTo = (text: string, length: number, unit: Naming['lengthUnit']): string => {
  let kept = ''
  let used = 0
  for (const point of text) {
    used += nameLength(point, unit)
    if (used > length) break
    kept += point
  }
  return kept
}

const cleaned = (naming: Naming, name: string): string => {
  const points = Array.from(name)
  const isRefused = (c: string, i: number): boolean =>
    c === '/' ||
    c === '\0' ||
    isLone(c) ||
    naming.forbidden.includes(c) ||
    (i === 0 && naming.forbiddenFirst?.includes(c) === true) ||
    (i === points.length - 1 && naming.forbiddenLast?.includes(c) === true)
  return points.map((c, i) => (isRefused(c, i) ? substitute : c)).join('')
}

const marked = (naming: Naming, name: string): string => {
  const [stem, extension] = split(cleaned(naming, name))
  const tag = markOf(name)
  const room = naming.maxLength - nameLength(tag + extension, naming.lengthUnit)
  if (room > 0) return cutTo(stem, room, naming.lengthUnit) + tag + extension
  return cutTo(stem, naming.maxLength - tag.length, naming.lengthUnit) + tag
}

/**
 * The name itself where the drive takes it. Otherwise what is refused becomes `_`, the stem is cut by whole code points, and twelve hex digits of the
 * name's own SHA-256 stand before its extension; so they do where a name looks as if it had been replaced, so that a replaced one never meets
 * another. A left only where the drive takes not even that.
 */
export const replaceName =
  (naming: Naming) =>
  (name: string): E.Either<NameProblem, string> => {
    const stays =
      isName(name) && nameFault(naming, name) === undefined && cleaned(naming, name) === name && !mark.test(name)
    if (stays) return E.right(name)
    const replaced = marked(naming, name)
    const wrong = nameFault(naming, replaced)
    return wrong === undefined ? E.right(replaced) : E.left(wrong)
  }
