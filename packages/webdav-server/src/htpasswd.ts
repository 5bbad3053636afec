// A password file as Apache's htpasswd writes it: bcrypt, MD5 (apr1) and SHA-1 entries.
import * as bcrypt from 'bcryptjs'
import * as E from 'fp-ts/Either'
import { createHash, timingSafeEqual } from 'node:crypto'

export interface Credential {
  readonly matches: (password: string) => Promise<boolean>
}

const md5 = (...parts: ReadonlyArray<string | Uint8Array>): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('md5')).digest()

const equal = (a: string, b: string): boolean => {
  const [x, y] = [a, b].map((text) => createHash('sha256').update(text).digest()) as [Buffer, Buffer]
  return timingSafeEqual(x, y)
}

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const to64 = (value: number, length: number): string =>
  Array.from({ length }, (_, i) => alphabet[(value >> (6 * i)) & 0x3f] ?? '').join('')

const repeated = (digest: Buffer, length: number): Buffer => Buffer.alloc(length, digest)

const apr1Start = (password: Buffer, salt: string): Buffer => {
  const parts: Array<string | Uint8Array> = [password, '$apr1$', salt]
  parts.push(repeated(md5(password, salt, password), password.length))
  for (let i = password.length; i > 0; i >>= 1) parts.push((i & 1) === 1 ? Buffer.of(0) : password.subarray(0, 1))
  return md5(...parts)
}

const apr1Round = (password: Buffer, salt: string, before: Buffer, round: number): Buffer => {
  const odd = (round & 1) === 1
  return md5(
    odd ? password : before,
    round % 3 === 0 ? '' : salt,
    round % 7 === 0 ? '' : password,
    odd ? before : password,
  )
}

const order = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const

/** Apache's variant of MD5-crypt. */
export const apr1 = (text: string, salt: string): string => {
  const password = Buffer.from(text)
  let digest = apr1Start(password, salt)
  for (let round = 0; round < 1000; round += 1) digest = apr1Round(password, salt, digest, round)
  const at = (i: number) => digest[i] ?? 0
  const coded = order.map(([a, b, c]) => to64((at(a) << 16) | (at(b) << 8) | at(c), 4)).join('')
  return `$apr1$${salt}$${coded}${to64(at(11), 2)}`
}

const credentialOf = (hash: string): Credential | undefined => {
  if (/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash))
    return { matches: (password) => bcrypt.compare(password, hash.replace(/^\$2y/, '$2b')) }
  const salt = /^\$apr1\$([^$]{1,8})\$[./A-Za-z0-9]{22}$/.exec(hash)?.[1]
  if (salt !== undefined) return { matches: (password) => Promise.resolve(equal(apr1(password, salt), hash)) }
  if (/^\{SHA\}[A-Za-z0-9+/]{27}=$/.test(hash))
    return {
      matches: (password) =>
        Promise.resolve(equal(`{SHA}${createHash('sha1').update(password).digest('base64')}`, hash)),
    }
  return undefined
}

/** A password as it is typed. */
export const plainCredential = (expected: string): Credential => ({
  matches: (password) => Promise.resolve(equal(password, expected)),
})

/** Names and their credentials; a left names the line that is of another form, and never what stands in it. */
export const readHtpasswd = (text: string): E.Either<string, ReadonlyMap<string, Credential>> => {
  const users = new Map<string, Credential>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [, name, hash] = /^([^:]+):([^:]+)/.exec(line.trim()) ?? []
    const credential = hash === undefined ? undefined : credentialOf(hash)
    if (name === undefined || credential === undefined)
      return E.left(`line ${index + 1} is no NAME:HASH with a bcrypt, apr1 or {SHA} hash`)
    users.set(name, credential)
  }
  return users.size === 0 ? E.left('it names nobody') : E.right(users)
}
