// Digest authentication (RFC 7616): MD5, SHA-256 and SHA-512-256, with and without -sess, qop=auth and the older form without qop.
import { reveal, secret, type Secret } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { createHash, randomBytes } from 'node:crypto'
import type { HttpRequest, HttpResponse, Wrapper } from './request'
import { targetOf, urlOf } from './url'

export interface DigestCredentials {
  readonly user: string
  readonly password: Secret
}

interface Scheme {
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

const piece = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+))?/g
const unquoted = (text: string): string => (text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text)

/** Every scheme of a `WWW-Authenticate` header, or of several that were joined. */
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
  /** As the server sent it, to be repeated. */
  readonly algorithm: string | undefined
  readonly qop: boolean
  readonly stale: boolean
  readonly userhash: boolean
  /** `charset=UTF-8`: the server understands `username*`. */
  readonly utf8: boolean
}

const nameOf = (algorithm: string | undefined): string => (algorithm ?? 'MD5').toUpperCase().replace(/-SESS$/, '')

/** The challenge of a `WWW-Authenticate` header with the strongest algorithm that is supported here. */
export const challengeIn = (header: string | undefined): Challenge | undefined =>
  schemesIn(header ?? '')
    .flatMap(({ scheme, parameters: p }): ReadonlyArray<Challenge> => {
      const { realm, nonce, opaque, algorithm, qop, stale, userhash, charset } = p
      const words = qop?.split(',').map((word) => word.trim().toLowerCase())
      const answerable = words === undefined || words.includes('auth')
      if (scheme !== 'digest' || realm === undefined || nonce === undefined) return []
      if (!answerable || hashes[nameOf(algorithm)] === undefined) return []
      const is = (word: string | undefined) => word?.toLowerCase() === 'true'
      const flags = { stale: is(stale), userhash: is(userhash), utf8: charset?.toLowerCase() === 'utf-8' }
      return [{ realm, nonce, opaque, algorithm, qop: words !== undefined, ...flags }]
    })
    .sort((a, b) => preference.indexOf(nameOf(a.algorithm)) - preference.indexOf(nameOf(b.algorithm)))[0]

export interface Signing {
  readonly method: string
  readonly uri: string
  readonly count: number
  readonly cnonce: string
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
/** One character a byte, as Node reads and writes headers. */
const bytesOf = (text: string): string => Buffer.from(text).toString('latin1')

/** Without `charset` in the challenge, servers take a user name outside ASCII as UTF-8 in quotes, as curl sends it. */
const userField = (user: string, { userhash, utf8 }: Challenge, hashed: string): string => {
  if (userhash) return `username=${quoted(hashed)}`
  return !utf8 || /^[\x20-\x7e]*$/.test(user)
    ? `username=${quoted(bytesOf(user))}`
    : `username*=UTF-8''${encodeURIComponent(user)}`
}

/** The value of `Authorization`, one character a byte. */
export const authorization = (credentials: DigestCredentials, challenge: Challenge, signing: Signing): string => {
  const { realm, nonce, opaque, algorithm, qop, userhash } = challenge
  const { method, uri, count, cnonce } = signing
  const h = (bytes: string) =>
    createHash(hashes[nameOf(algorithm)] ?? 'md5')
      .update(bytes, 'latin1')
      .digest('hex')
  const user = bytesOf(credentials.user)
  const plain = h(`${user}:${realm}:${bytesOf(reveal(credentials.password))}`)
  const session = /-sess$/i.test(algorithm ?? '')
  const a1 = session ? h(`${plain}:${nonce}:${cnonce}`) : plain
  const a2 = h(`${method}:${uri}`)
  const nc = count.toString(16).padStart(8, '0')
  const response = qop ? h(`${a1}:${nonce}:${nc}:${cnonce}:auth:${a2}`) : h(`${a1}:${nonce}:${a2}`)
  const fields = [
    userField(credentials.user, challenge, h(`${user}:${realm}`)),
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

interface Session {
  readonly challenge: Challenge
  count: number
  accepted: boolean
}

const streams = ({ body }: HttpRequest): boolean => body !== undefined && 'stream' in body

/** The same address without the body, so that no body is sent before a challenge is known. */
const withoutBody = ({ body: _, headers: __, ...request }: HttpRequest): HttpRequest => ({
  ...request,
  endpoint: 'challenge',
  method: 'OPTIONS',
  answer: 'text',
  kind: 'read',
})

/**
 * Belongs between `withRetry` and `withLimits`, so that each attempt has a count of its own. One challenge serves all requests. A further
 * challenge is answered once, if it says `stale` or if the server had accepted the previous nonce; any other 401 is the result.
 */
export const withDigest =
  (credentials: DigestCredentials): Wrapper =>
  (next) => {
    let current: Session | undefined
    const signed = (request: HttpRequest, by: Session): HttpRequest => {
      by.count += 1
      const signing = {
        method: request.method,
        uri: targetOf(urlOf(request)),
        count: by.count,
        cnonce: randomBytes(16).toString('hex'),
      }
      const value = secret(authorization(credentials, by.challenge, signing))
      return { ...request, headers: { ...request.headers, authorization: value } }
    }
    const learn = (response: HttpResponse): Session | undefined => {
      const challenge = challengeIn(response.header('www-authenticate'))
      return challenge === undefined ? undefined : (current = { challenge, count: 0, accepted: false })
    }
    const accepted = (by: Session, response: HttpResponse): void => {
      by.accepted = true
      const info = response.header('authentication-info')
      const following = info === undefined ? undefined : schemesIn(`Digest ${info}`)[0]?.parameters['nextnonce']
      if (following !== undefined && current === by)
        current = { challenge: { ...by.challenge, nonce: following }, count: 0, accepted: true }
    }
    return (request) => async () => {
      if (current === undefined && streams(request)) {
        const first = await next(withoutBody(request))()
        if (E.isLeft(first)) return first
        if (first.right.status === 401) learn(first.right)
      }
      const by = current
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
