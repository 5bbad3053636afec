// JSON both ways: long integers are read without loss, secrets are written in the clear only here.
import { isSecret, reveal } from '@anydrive/core'
import * as E from 'fp-ts/Either'

const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
/** Of a number: digits, sign, point and exponent. */
const isOfNumber = (code: number): boolean =>
  isDigit(code) || code === minus || code === 0x2b || code === 0x2e || code === 0x45 || code === 0x65
const longInteger = /^-?\d{16,}$/

/** The index after the closing quote of the string that begins at `start`, or the end of the text. */
const endOfString = (text: string, start: number): number => {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === backslash) i++
    else if (code === quote) return i + 1
  }
  return text.length
}

const endOfNumber = (text: string, start: number): number => {
  let i = start
  while (i < text.length && isOfNumber(text.charCodeAt(i))) i++
  return i
}

/** Puts quotes around integers that a number cannot hold, in one pass over the text, whatever it holds. */
const quoteLongIntegers = (text: string): string => {
  const pieces: Array<string> = []
  let copied = 0
  for (let i = 0; i < text.length;) {
    const code = text.charCodeAt(i)
    if (code === quote) i = endOfString(text, i)
    else if (isDigit(code) || code === minus) {
      const end = endOfNumber(text, i)
      const token = text.slice(i, end)
      if (longInteger.test(token) && !Number.isSafeInteger(Number(token))) {
        pieces.push(text.slice(copied, i), '"', token, '"')
        copied = end
      }
      i = end
    } else i++
  }
  return pieces.length === 0 ? text : pieces.join('') + text.slice(copied)
}

/** An integer that a number cannot hold becomes a string of its digits. Left: it is not JSON. Takes time in proportion to the text. */
export const parseJson = (text: string): E.Either<'malformed', unknown> =>
  E.tryCatch(
    () => JSON.parse(/\d{16}/.test(text) ? quoteLongIntegers(text) : text) as unknown,
    () => 'malformed' as const,
  )

/** With secrets revealed: for sending only. */
export const printJson = (value: unknown): string =>
  JSON.stringify(
    isSecret(value) ? reveal(value) : value,
    function (this: Record<string, unknown>, name, printed: unknown) {
      const raw = this[name]
      return isSecret(raw) ? reveal(raw) : printed
    },
  )
