// Basic authentication: who asks, verified once and then remembered for a while.
import { createHmac, randomBytes } from 'node:crypto'
import type { Credential } from './htpasswd'

export type Users = ReadonlyMap<string, Credential>

/** The name of the user whose password this is; nothing for anybody else. */
export type Authenticate = (authorization: string | undefined) => Promise<string | undefined>

const remembered = 5 * 60_000
const mostRemembered = 1000

const credentialsIn = (authorization: string | undefined): readonly [string, string] | undefined => {
  const [, coded] = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization ?? '') ?? []
  if (coded === undefined) return undefined
  const text = Buffer.from(coded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : [text.slice(0, colon), text.slice(colon + 1)]
}

/**
 * What was verified is remembered by a keyed hash, no password is kept. A name that nobody bears costs as much as a wrong password; verifications run
 * one after another, so that guessing takes no more than one core's time.
 */
export const createAuthenticate = (users: Users, now: () => number = Date.now): Authenticate => {
  const key = randomBytes(32)
  const known = new Map<string, number>()
  const flying = new Map<string, Promise<boolean>>()
  const anybody = [...users.values()][0]
  let turn: Promise<unknown> = Promise.resolve()

  const verify = (name: string, password: string): Promise<boolean> => {
    const credential = users.get(name)
    const verdict = turn.then(async () => {
      const matches = (await (credential ?? anybody)?.matches(password)) ?? false
      return credential !== undefined && matches
    })
    turn = verdict.catch(() => undefined)
    return verdict
  }

  const remember = (mark: string): void => {
    known.set(mark, now() + remembered)
    for (const old of [...known.keys()].slice(0, Math.max(0, known.size - mostRemembered))) known.delete(old)
  }

  return async (authorization) => {
    const credentials = credentialsIn(authorization)
    if (credentials === undefined) return undefined
    const [name, password] = credentials
    const mark = createHmac('sha256', key).update(JSON.stringify(credentials)).digest('hex')
    if ((known.get(mark) ?? 0) > now()) return name
    const verdict = flying.get(mark) ?? verify(name, password).finally(() => flying.delete(mark))
    flying.set(mark, verdict)
    if (!(await verdict)) return undefined
    remember(mark)
    return name
  }
}
