// Who is signed in: access tokens that slide, sessions that refresh them, the carrier edition's refresh tokens.
import { type Journal } from '../common/journal'
import { type Random } from '../common/random'
import { Unauthenticated } from './errors'
import { newToken } from './ids'

export type Session = Readonly<{
  token: string
  userId: string
  /** Standard edition: what `x-session-id` must be. Carrier edition: the refresh token. */
  renewal: string
  carrier: boolean
  /** When the session began; refreshing keeps it. */
  startedAt: number
  usedAt: number
}>

export type SessionRules = Readonly<{
  tokenLifeMs: number
  carrierTokenLifeMs: number
  sessionLifeMs: number
  refreshRevokesOldToken: boolean
}>

/** A slid expiry is told to the journal this often, not at every request. */
const JOURNAL_EVERY_MS = 60_000

export class Sessions {
  readonly #random: Random
  readonly #journal: Journal
  readonly #byToken = new Map<string, Session>()
  readonly #journaledAt = new Map<string, number>()

  constructor(random: Random, journal: Journal) {
    this.#random = random
    this.#journal = journal
  }

  open(userId: string, carrier: boolean, at: number, given: Partial<Session> = {}): Session {
    const session: Session = {
      token: given.token ?? newToken(this.#random),
      userId,
      renewal: given.renewal ?? newToken(this.#random),
      carrier,
      startedAt: given.startedAt ?? at,
      usedAt: at,
    }
    this.#keep(session)
    return session
  }

  load(session: Session): void {
    this.#byToken.set(session.token, session)
    this.#journaledAt.set(session.token, session.usedAt)
  }

  /** The user of a living token. A standard token lives on from this moment, a carrier token does not. */
  use(token: string, at: number, rules: SessionRules): string {
    const session = this.#byToken.get(token)
    if (session === undefined || !isAlive(session, at, rules)) throw new Unauthenticated()
    if (!session.carrier) {
      const slid = { ...session, usedAt: at }
      this.#byToken.set(token, slid)
      if (at - (this.#journaledAt.get(token) ?? 0) >= JOURNAL_EVERY_MS) this.#keep(slid)
    }
    return session.userId
  }

  /** A new token for a session, even if its token has expired or was replaced already. */
  refresh(renewal: string, at: number, rules: SessionRules): Session {
    const sessions = [...this.#byToken.values()].filter((session) => session.renewal === renewal)
    const old = sessions[0]
    if (old === undefined || at - old.startedAt > rules.sessionLifeMs) throw new Unauthenticated()
    if (rules.refreshRevokesOldToken || old.carrier) for (const { token } of sessions) this.close(token)
    // A carrier's refresh token is spent with its use; a standard session keeps its id.
    return this.open(old.userId, old.carrier, at, {
      startedAt: old.startedAt,
      ...(old.carrier ? {} : { renewal: old.renewal }),
    })
  }

  close(token: string): void {
    this.#byToken.delete(token)
    this.#journaledAt.delete(token)
    this.#journal.remove('session', token)
  }

  /** Ends the life of a token now; its session can still be refreshed. */
  expire(token: string): void {
    const session = this.#byToken.get(token)
    if (session !== undefined) this.#keep({ ...session, usedAt: Number.MIN_SAFE_INTEGER })
  }

  #keep(session: Session): void {
    this.load(session)
    this.#journal.put('session', session.token, () => session)
  }
}

const isAlive = (session: Session, at: number, rules: SessionRules): boolean =>
  at - session.usedAt < (session.carrier ? rules.carrierTokenLifeMs : rules.tokenLifeMs)

/**
 * The token in an Authorization header. The documented `+` is an encoded space (docs/wire/koodrive.md, Access token):
 * `Bearer `, `Bearer+`, `Bearer%20`, `AT `, `AT+` and the bare token are all taken, or only those with a scheme.
 */
export const tokenIn = (header: string | undefined, schemeNeeded: boolean): string | undefined => {
  if (header === undefined) return undefined
  const match = /^(?:bearer|at)(?: |\+|%20)+([^ +].*)$/i.exec(header.trim())
  if (match?.[1] !== undefined) return match[1].trim()
  return schemeNeeded || header.trim() === '' ? undefined : header.trim()
}
