// Reading queries and bodies: forgiving as the documents say the service is, or to the letter when strict.
import { Refusal } from './errors'

/** The value, or a refusal. `strict`: exactly the documented type. */
export type Reader<T> = (value: unknown, strict: boolean) => T

/** One reader for each field of an object. */
export type Fields<T extends object> = { readonly [K in keyof T]: Reader<T[K]> }

const invalid = (): Refusal => new Refusal('invalidParameters')

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A text of at most `max` characters; tolerant: a number will do. */
export const text =
  (max = Number.POSITIVE_INFINITY): Reader<string> =>
  (value, strict) => {
    const read = typeof value === 'number' && !strict ? String(value) : value
    if (typeof read !== 'string' || read.length > max) throw invalid()
    return read
  }

/** A text that is not empty. */
export const filled =
  (max?: number): Reader<string> =>
  (value, strict) => {
    const read = text(max)(value, strict)
    if (read === '') throw invalid()
    return read
  }

/** A whole number within bounds; tolerant: its digits as text will do. */
export const integer =
  (min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Reader<number> =>
  (value, strict) => {
    const read = typeof value === 'string' && !strict && /^-?\d+$/.test(value) ? Number(value) : value
    if (typeof read !== 'number' || !Number.isSafeInteger(read) || read < min || read > max) throw invalid()
    return read
  }

/** The digits of a whole number, as queries carry them. */
export const digits =
  (min: number, max: number): Reader<number> =>
  (value) =>
    integer(min, max)(value, false)

export const flag: Reader<boolean> = (value, strict) => {
  if (!strict && (value === 'true' || value === 'false')) return value === 'true'
  if (typeof value !== 'boolean') throw invalid()
  return value
}

/** A boolean as queries carry it. */
export const queryFlag: Reader<boolean> = (value) => flag(value, false)

/** One of the values; tolerant: of the other of number and text as well. */
export const oneOf =
  <T extends string | number>(...values: ReadonlyArray<T>): Reader<T> =>
  (value, strict) => {
    const found = values.find((each) => each === value || (!strict && String(each) === String(value)))
    if (found === undefined) throw invalid()
    return found
  }

export const list =
  <T>(item: Reader<T>, max = Number.POSITIVE_INFINITY): Reader<ReadonlyArray<T>> =>
  (value, strict) => {
    if (!Array.isArray(value) || value.length > max) throw invalid()
    return value.map((each: unknown) => item(each, strict))
  }

export const anything: Reader<unknown> = (value) => value

/** May be absent; tolerant: or null, or an empty text. */
export const optional =
  <T>(reader: Reader<T>): Reader<T | undefined> =>
  (value, strict) => {
    if (value === undefined || (!strict && (value === null || value === ''))) return undefined
    return reader(value, strict)
  }

/** May be absent or an empty text, which some examples send; tolerant: or null. */
export const maybeEmpty =
  <T>(reader: Reader<T>): Reader<T | undefined> =>
  (value, strict) =>
    value === '' ? undefined : optional(reader)(value, strict)

/** Needed when strict. */
export const expected =
  <T>(reader: Reader<T>): Reader<T | undefined> =>
  (value, strict) =>
    strict ? reader(value, strict) : optional(reader)(value, strict)

/** A moment in any of the forms that the pages show. */
export const moment: Reader<number> = (value) => {
  const written = typeof value === 'string' ? value : ''
  const at = Date.parse(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(written) ? `${written.replace(' ', 'T')}Z` : written)
  if (Number.isNaN(at)) throw invalid()
  return at
}

/** An object with these fields; strict: and no others. */
export const record =
  <T extends object>(fields: Fields<T>): Reader<Readonly<T>> =>
  (value, strict) => {
    if (!isRecord(value)) throw invalid()
    if (strict && Object.keys(value).some((key) => !Object.hasOwn(fields, key))) throw invalid()
    const readers = Object.entries<Reader<unknown>>(fields)
    return Object.fromEntries(readers.map(([key, reader]) => [key, reader(value[key], strict)])) as T
  }
