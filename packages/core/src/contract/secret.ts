// Secrets: values that print as [secret] by every route.
import * as t from 'io-ts'
import { needlesOf, withhold, type Needles } from './withhold'

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

/** The secrets that are in use, by value; one is forgotten once nothing holds it. */
const known = new Map<string, { readonly holder: WeakRef<Secret>; needles?: Needles }>()
const forgotten = new FinalizationRegistry((value: string) => {
  if (known.get(value)?.holder.deref() === undefined) known.delete(value)
})
/** Signed URLs are many and short-lived: of these the latest are known, by the values in them that sign. */
const latestSignatures = new Map<string, Needles | undefined>()
const mostSignatures = 256
const signs = /sign|token|credential|key|secret|auth/i
const shortestSignature = 8

/** The values of the parameters of a URL whose names say that they sign or authenticate. */
const signaturesIn = (url: string): ReadonlyArray<string> =>
  url.split(/[?&#]/).flatMap((pair) => {
    const [name = '', ...value] = pair.split('=')
    const text = value.join('=')
    return signs.test(name) && text.length >= shortestSignature ? [text] : []
  })

const remember = (value: string, holder: Secret): void => {
  if (!/^https?:/i.test(value)) {
    known.set(value, { holder: new WeakRef(holder) })
    forgotten.register(holder, value)
    return
  }
  for (const signature of signaturesIn(value)) {
    if (latestSignatures.has(signature)) continue
    latestSignatures.set(signature, undefined)
    const [oldest] = latestSignatures.keys()
    if (latestSignatures.size > mostSignatures && oldest !== undefined) latestSignatures.delete(oldest)
  }
}

function* knownNeedles(): Generator<Needles> {
  for (const [value, entry] of known) yield (entry.needles ??= needlesOf(value))
  for (const [value, known] of latestSignatures) {
    const needles = known ?? needlesOf(value)
    latestSignatures.set(value, needles)
    yield needles
  }
}

/**
 * A text with `[secret]` in place of every secret of this process that is in use: as it is, in upper or lower case, percent-encoded, escaped as in
 * JSON or XML, in base64 or hexadecimal. Secrets below 4 bytes are not looked for, those below 8 only as whole words and not encoded.
 */
export const withoutSecrets = (text: string): string => withhold(text, knownNeedles(), printed)

export const secret = (value: string): Secret => {
  const it = Object.freeze(Object.create(prototype) as object) as Secret
  values.set(it, value)
  remember(value, it)
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
