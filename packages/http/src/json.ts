// JSON both ways: long integers are read without loss, secrets are written in the clear only here.
import { isSecret, reveal } from '@anydrive/core'
import * as E from 'fp-ts/Either'

const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs
const longInteger = /^-?\d{16,}$/

/** An integer that a number cannot hold becomes a string of its digits. Left: it is not JSON. */
export const parseJson = (text: string): E.Either<'malformed', unknown> => {
  const exact = /\d{16}/.test(text)
    ? text.replace(stringOrNumber, (token) =>
        longInteger.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
      )
    : text
  return E.tryCatch(
    () => JSON.parse(exact) as unknown,
    () => 'malformed' as const,
  )
}

/** With secrets revealed: for sending only. */
export const printJson = (value: unknown): string =>
  JSON.stringify(
    isSecret(value) ? reveal(value) : value,
    function (this: Record<string, unknown>, name, printed: unknown) {
      const raw = this[name]
      return isSecret(raw) ? reveal(raw) : printed
    },
  )
