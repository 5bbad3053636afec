// Secrets: values that print as [secret] by every route.
import * as t from 'io-ts'

const printed = '[secret]'
const values = new WeakMap<object, string>()
declare const secretBrand: unique symbol
/** Holds a token or a password; JSON, templates, `inspect` and errors show `[secret]`. */
export interface Secret {
  readonly [secretBrand]: true
}

const always = { value: () => printed }
const prototype = Object.freeze(
  Object.create(null, {
    toString: always,
    toJSON: always,
    valueOf: always,
    toLocaleString: always,
    [Symbol.toPrimitive]: always,
    [Symbol.toStringTag]: { value: 'Secret' },
    [Symbol.for('nodejs.util.inspect.custom')]: always,
  }) as object,
)

export const secret = (value: string): Secret => {
  const it = Object.freeze(Object.create(prototype) as object) as Secret
  values.set(it, value)
  return it
}

/** Only where a request is sent or signed. Throws `TypeError` for a Secret of another copy of this package. */
export const reveal = (s: Secret): string => {
  const value = values.get(s)
  if (value === undefined) throw new TypeError('not a Secret of this copy of @anydrive/core')
  return value
}

export const isSecret = (u: unknown): u is Secret => typeof u === 'object' && u !== null && values.has(u)

// A failure shows the type of what was given, never the value.
const placeholders: { readonly [type: string]: unknown } = { string: '', number: 0, boolean: false, object: {} }

/** Decodes a non-empty string, or a Secret; the failure never holds the value. */
export const Secret: t.Type<Secret, string> = new t.Type<Secret, string>(
  'Secret',
  isSecret,
  (u, context) =>
    isSecret(u)
      ? t.success(u)
      : typeof u === 'string' && u !== ''
        ? t.success(secret(u))
        : t.failure(placeholders[typeof u], context),
  () => printed,
)
