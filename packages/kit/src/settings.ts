// Codecs for the settings of adapters, each named for what it expects.
import * as t from 'io-ts'

/** A codec that accepts what `codec` accepts and `holds` confirms; `name` completes "expected …". */
export const refined = <A>(name: string, codec: t.Type<A, A>, holds: (a: A) => boolean): t.Type<A, A> =>
  new t.Type<A, A>(
    name,
    (u): u is A => codec.is(u) && holds(u),
    (u, context) => (codec.is(u) && holds(u) ? t.success(u) : t.failure(u, context)),
    (a) => a,
  )

/** A whole number of at least `min` and at most `max`; `what` names its unit: `bytes`, `milliseconds`. */
export const Integer = (what: string, min: number, max: number = Number.MAX_SAFE_INTEGER): t.Type<number> =>
  refined(
    `a whole number${what === '' ? '' : ` of ${what}`}, ${max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`}`,
    t.number,
    (n) => Number.isSafeInteger(n) && n >= min && n <= max,
  )

export const NonEmpty = (what: string): t.Type<string> =>
  refined(`${what}, not empty`, t.string, (text) => text.trim() !== '')

/** With a host, without query and fragment. */
export const HttpUrl: t.Type<string> = refined(
  'an http or https URL',
  t.string,
  (text) => /^https?:\/\/[^\s/?#][^\s?#]*$/.test(text) && URL.canParse(text),
)

/** What can be one segment of a URL. */
export const Id: t.Type<string> = refined('an id', t.string, (text) => /^[^/?#\s]+$/.test(text))
