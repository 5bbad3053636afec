// Digest authentication (RFC 7616): MD5, SHA-256 and SHA-512-256, with and without -sess, qop=auth and the older form without qop.
import { reveal, secret, type Secret } from '@anydrive/core'
import { urlOf, type HttpRequest, type HttpResponse, type Wrapper } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { createHash, randomBytes } from 'node:crypto'

export interface Credentials {
  readonly user: string
  readonly password: Secret
}

interface Scheme {
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

const token = "[\\w!#$%&'*+.^`|~-]+"
const piece = new RegExp(`(${token})(?:\\s*=\\s*("(?:[^"\\\\]|\\\\.)*"|[^\\s,"]+))?`, 'g')
const unquoted = (text: string): string => (text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text)

/** Every scheme of a `WWW-Authenticate`, several headers joined. */
const schemesIn = (header: string): ReadonlyArray<Scheme> => {
  const found: Array<{ scheme: string; parameters: Record<string, string> }> = []
  for (const [, name = '', value] of header.matchAll(piece)) {
    if (value === undefined) found.push({ scheme: name.toLowerCase(), parameters: {} })
    else Object.assign(found.at(-1)?.parameters ?? {}, { [name.toLowerCase()]: unquoted(value) })
  }
  return found
}

const hashes: Readonly<Record<string, string>> = { 'SHA-512-256': 'sha512-256', 'SHA-256': 'sha256', MD5: 'md5' }
const preference = Object.keys(hashes)

export interface Challenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | undefined
  /** As sent; absent where it was. */
  readonly algorithm: string | undefined
  readonly qop: boolean
  readonly stale: boolean
  readonly userhash: boolean
}

const nameOf = (algorithm: string | undefined): string => (algorithm ?? 'MD5').toUpperCase().replace(/-SESS$/, '')

/** The strongest that we can answer. */
export const challengeIn = (header: string | undefined): Challenge | undefined =>
  schemesIn(header ?? '')
    .flatMap(({ scheme, parameters: p }): ReadonlyArray<Challenge> => {
      const { realm, nonce, opaque, algorithm, qop, stale, userhash } = p
      const words = qop?.split(',').map((word) => word.trim().toLowerCase())
      const answerable = words === undefined || words.includes('auth')
      if (scheme !== 'digest' || realm === undefined || nonce === undefined) return []
      if (!answerable || hashes[nameOf(algorithm)] === undefined) return []
      const is = (word: string | undefined) => word?.toLowerCase() === 'true'
      return [{ realm, nonce, opaque, algorithm, qop: words !== undefined, stale: is(stale), userhash: is(userhash) }]
    })
    .sort((a, b) => preference.indexOf(nameOf(a.algorithm)) - preference.indexOf(nameOf(b.algorithm)))[0]

export interface Signing {
  readonly method: string
  readonly uri: string
  readonly count: number
  readonly cnonce: string
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
const userField = (user: string, userhash: boolean, hashed: string): string => {
  if (userhash) return `username=${quoted(hashed)}`
  return /^[\x20-\x7e]*$/.test(user) ? `username=${quoted(user)}` : `username*=UTF-8''${encodeURIComponent(user)}`
}

/** What stands in `Authorization`. */
export const authorization = (credentials: Credentials, challenge: Challenge, signing: Signing): string => {
  const { realm, nonce, opaque, algorithm, qop, userhash } = challenge
  const { method, uri, count, cnonce } = signing
  const h = (text: string) =>
    createHash(hashes[nameOf(algorithm)] ?? 'md5')
      .update(text)
      .digest('hex')
  const plain = h(`${credentials.user}:${realm}:${reveal(credentials.password)}`)
  const session = /-sess$/i.test(algorithm ?? '')
  const a1 = session ? h(`${plain}:${nonce}:${cnonce}`) : plain
  const a2 = h(`${method}:${uri}`)
  const nc = count.toString(16).padStart(8, '0')
  const response = qop ? h(`${a1}:${nonce}:${nc}:${cnonce}:auth:${a2}`) : h(`${a1}:${nonce}:${a2}`)
  const fields = [
    userField(credentials.user, userhash, h(`${credentials.user}:${realm}`)),
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${response}"`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ...(qop ? ['qop=auth', `nc=${nc}`] : []),
    ...(qop || session ? [`cnonce="${cnonce}"`] : []),
    ...(userhash ? ['userhash=true'] : []),
  ]
  return `Digest ${fields.join(', ')}`
}

interface Standing {
  readonly challenge: Challenge
  count: number
  accepted: boolean
}

const streams = ({ body }: HttpRequest): boolean => body !== undefined && 'stream' in body
const uriOf = (request: HttpRequest): string => urlOf(request).replace(/^https?:\/\/[^/]*/i, '') || '/'

/** Costs nothing but the refusal: a body is not sent before a challenge is known. */
const asking = ({ body: _, headers: __, ...request }: HttpRequest): HttpRequest => ({
  ...request,
  endpoint: 'challenge',
  method: 'OPTIONS',
  answer: 'text',
  repeat: 'safe',
})

/**
 * Between `withRetry` and `withLimits`, so that each attempt counts up. One challenge serves all requests; another one is answered once
 * where it says `stale`, or where the old nonce had been accepted before. What is refused beyond that is handed on.
 */
export const withDigest =
  (credentials: Credentials): Wrapper =>
  (next) => {
    let standing: Standing | undefined
    const signed = (request: HttpRequest, by: Standing): HttpRequest => {
      by.count += 1
      const signing = {
        method: request.method,
        uri: uriOf(request),
        count: by.count,
        cnonce: randomBytes(16).toString('hex'),
      }
      const value = secret(authorization(credentials, by.challenge, signing))
      return { ...request, headers: { ...request.headers, authorization: value } }
    }
    const learn = (response: HttpResponse): Standing | undefined => {
      const challenge = challengeIn(response.header('www-authenticate'))
      return challenge === undefined ? undefined : (standing = { challenge, count: 0, accepted: false })
    }
    const accepted = (by: Standing, response: HttpResponse): void => {
      by.accepted = true
      const info = response.header('authentication-info')
      const following = info === undefined ? undefined : schemesIn(`Digest ${info}`)[0]?.parameters['nextnonce']
      if (following !== undefined && standing === by)
        standing = { challenge: { ...by.challenge, nonce: following }, count: 0, accepted: true }
    }
    return (request) => async () => {
      if (standing === undefined && streams(request)) {
        const first = await next(asking(request))()
        if (E.isLeft(first)) return first
        if (first.right.status === 401) learn(first.right)
      }
      const by = standing
      const answer = await next(by === undefined ? request : signed(request, by))()
      if (E.isLeft(answer)) return answer
      if (answer.right.status !== 401) {
        if (by !== undefined) accepted(by, answer.right)
        return answer
      }
      const renewed = learn(answer.right)
      const hopeless = by !== undefined && !by.accepted && renewed?.challenge.stale !== true
      if (renewed === undefined || hopeless) return answer
      const again = await next(signed(request, renewed))()
      if (E.isRight(again) && again.right.status !== 401) accepted(renewed, again.right)
      return again
    }
  }
