// Names that a drive refuses, written so that it takes them, and read back.
import { child, root, type Fault, type Naming } from '@anydrive/core'
import { invalidPath, limitExceeded, nameFault, nameLength } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'

/** Why no name stands for another at a drive: it would be too long, or the drive refuses what would stand for it. */
export type NameProblem = Fault<'InvalidPath' | 'LimitExceeded'>

/** Stands before each character that was written in another way, and before itself. */
const quote = '\u201b'

const written = /\u201b(?:\u201b|[\uff01-\uff5e]|[\u2400-\u2421]|[0-9A-F]{4})|[^\u201b]/gy

/** Full width for what is visible in ASCII, a control picture for space and controls. */
const formOf = (code: number): string | undefined => {
  if (code >= 0x21 && code <= 0x7e) return String.fromCharCode(code + 0xfee0)
  if (code <= 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '\u2421' : undefined
}

const characterOf = (form: string): string => {
  if (form.length === 4) return String.fromCharCode(parseInt(form, 16))
  const code = form.charCodeAt(0)
  if (code >= 0xff01) return String.fromCharCode(code - 0xfee0)
  if (code === 0x2421) return '\x7f'
  return code >= 0x2400 ? String.fromCharCode(code - 0x2400) : form
}

const unitsOf = (character: string): string =>
  character
    .split('')
    .map((unit) => quote + unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0'))
    .join('')

const quoted = (naming: Naming, character: string, isLast: boolean): string => {
  if (character === quote) return quote + quote
  const form = formOf(character.charCodeAt(0))
  const taken = form !== undefined && !naming.forbidden.includes(form)
  return taken && !(isLast && naming.forbiddenLast?.includes(form) === true) ? quote + form : unitsOf(character)
}

/** Half of a pair: UTF-8 has nothing for it, so it would come back as another character wherever it passes as bytes. */
export const isLone = (character: string): boolean => /^[\ud800-\udfff]$/.test(character)

/** Whether a path can lead to it at all. */
export const isName = (text: string): boolean => E.isRight(child(root, text))

const spelled = (naming: Naming, name: string): string => {
  const points = Array.from(name)
  const isReserved = naming.reserved.includes(name)
  const refused = (c: string, i: number): boolean =>
    c === quote ||
    isLone(c) ||
    naming.forbidden.includes(c) ||
    (i === 0 && (isReserved || naming.forbiddenFirst?.includes(c) === true)) ||
    (i === points.length - 1 && naming.forbiddenLast?.includes(c) === true)
  return points.map((c, i) => (refused(c, i) ? quoted(naming, c, i === points.length - 1) : c)).join('')
}

/** The name itself where the drive takes it and it holds no quote; never cut. Two names never become one. */
export const encodeName =
  (naming: Naming) =>
  (name: string): E.Either<NameProblem, string> => {
    if (!isName(name)) return E.left(invalidPath({ reason: `${JSON.stringify(name)} is no name` }))
    const encoded = spelled(naming, name)
    const wrong = nameFault(naming, encoded)
    if (wrong === undefined) return E.right(encoded)
    if (wrong._tag === 'InvalidPath' || encoded === name) return E.left(wrong)
    const said = `encoded it has ${nameLength(encoded, naming.lengthUnit)} ${naming.lengthUnit}`
    return E.left(limitExceeded({ limit: 'name', max: naming.maxLength, said }))
  }

/**
 * What was encoded for any drive; no rules are needed, for whatever was changed is marked in the name. A name in which a quote stands for nothing was not
 * encoded, and stays as it is; so does one that would lead elsewhere (`..`, or with a `/`), which no encoder writes.
 */
export const decodeName = (name: string): string => {
  const parts = name.match(written) ?? []
  const decoded = parts.map((part) => (part.startsWith(quote) ? characterOf(part.slice(1)) : part)).join('')
  return parts.join('') === name && isName(decoded) ? decoded : name
}
