// Builds the URL of a request ourselves: what axios builds changes spaces, dot segments and `#`.
import { isSecret, reveal, type Secret } from '@anydrive/core'
import type { Flag, HttpRequest, QueryValue } from './request'

const alsoEncoded: Readonly<Record<string, string>> = { '!': '%21', "'": '%27', '(': '%28', ')': '%29', '*': '%2A' }

/** Not `.` and `..`, which begin with what is allowed further on only. */
const unreserved = /^[\w-][\w.-]*$/

/** Everything but the unreserved characters of RFC 3986; half a surrogate pair becomes U+FFFD, as it does in UTF-8. */
export const encodeSegment = (text: string): string => {
  if (unreserved.test(text)) return text
  const wellFormed = Buffer.from(text).toString()
  if (wellFormed === '.' || wellFormed === '..') return wellFormed.replaceAll('.', '%2E')
  return encodeURIComponent(wellFormed).replace(/[!'()*]/g, (c) => alsoEncoded[c] ?? c)
}

export const revealed = (value: string | Secret): string => (isSecret(value) ? reveal(value) : value)

const isFlag = (value: QueryValue): value is Flag => typeof value === 'object' && !isSecret(value) && 'flag' in value

const pair = (name: string, value: Exclude<QueryValue, undefined>): string =>
  isFlag(value)
    ? encodeSegment(name)
    : `${encodeSegment(name)}=${encodeSegment(isSecret(value) ? reveal(value) : String(value))}`

/** Reveals secrets: for sending only; for a log, `redact` what it gives. */
export const urlOf = ({
  base,
  segments = [],
  query = {},
}: Pick<HttpRequest, 'base' | 'segments' | 'query'>): string => {
  const [address, given] = splitOnce(revealed(base), '?')
  const path = segments.length === 0 ? address : [address.replace(/\/$/, ''), ...segments.map(encodeSegment)].join('/')
  const pairs = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [pair(name, value)]))
  const all = given === undefined || given === '' ? pairs : [given, ...pairs]
  return all.length === 0 ? path : `${path}?${all.join('&')}`
}

const splitOnce = (text: string, at: string): readonly [string, string?] => {
  const i = text.indexOf(at)
  return i < 0 ? [text] : [text.slice(0, i), text.slice(i + 1)]
}

/** What stands on the first line of a request: all that follows the host, as it was written. */
export const targetOf = (url: string): string => {
  const [target = ''] = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').split('#', 1)
  return target.startsWith('/') ? target : `/${target}`
}
