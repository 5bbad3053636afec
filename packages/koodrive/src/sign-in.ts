// How a program gets a token before it opens a drive: signing in, in both editions.
import { secret, type Environment, type Result, type Secret } from '@anydrive/core'
import { defined, locate, neverAborted, type RawResult } from '@anydrive/core/adapter'
import { axiosHttp, withLimits, withRetry, type HttpSettings } from '@anydrive/http'
import { timersOf } from '@anydrive/kit'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { signInApi } from './api'
import { vendor } from './client'

/** What the settings of a drive hold under `auth`. */
export interface KooDriveSession {
  readonly accessToken: Secret
  /** Renews the token (standard edition). */
  readonly sessionId?: Secret
  /** Renews the token (carrier edition). */
  readonly refreshToken?: Secret
}

export interface SignInSettings {
  /** As that of a drive. */
  readonly baseUrl: string
  readonly http?: HttpSettings | undefined
}

interface Signalled {
  readonly signal?: AbortSignal | undefined
}

export interface KooDriveSignIn {
  /** The page at which the user signs in (standard edition), which sends them back to `domain` with a code for `withCode`. */
  readonly url: (domain: string, options?: Signalled) => Result<string>
  readonly withCode: (
    code: string,
    options?: Signalled & { readonly domain?: string | undefined },
  ) => Result<KooDriveSession>
  /** With an account of the carrier edition; `agentName` is the operator's name. */
  readonly withPassword: (
    account: { readonly account: string; readonly password: string; readonly agentName: string },
    options?: Signalled,
  ) => Result<KooDriveSession>
}

interface Answered {
  readonly accessToken: string
  readonly sessionId?: string | undefined
  readonly refreshToken?: string | undefined
}

const toSession = ({ accessToken, sessionId, refreshToken }: Answered): KooDriveSession => ({
  accessToken: secret(accessToken),
  ...defined({
    sessionId: sessionId === undefined ? undefined : secret(sessionId),
    refreshToken: refreshToken === undefined ? undefined : secret(refreshToken),
  }),
})

/** Sends nothing by itself. A refusal is `Unauthenticated`. */
export const kooDriveSignIn = (
  { baseUrl, http: given = {} }: SignInSettings,
  environment: Environment = {},
): KooDriveSignIn => {
  const http = pipe(axiosHttp(given, environment), withLimits(given, environment), withRetry(given, environment))
  const api = signInApi({ baseUrl, http, now: timersOf(environment).now })
  const located = <A>(call: RawResult<A>): Result<A> => pipe(call, TE.mapLeft(locate({ vendor, operation: 'token' })))
  return {
    url: (domain, { signal = neverAborted } = {}) => located(api.signInUrl(domain, signal)),
    withCode: (code, { signal = neverAborted, domain } = {}) =>
      located(pipe(api.createSession({ code, ...defined({ domain }) }, signal), TE.map(toSession))),
    withPassword: (account, { signal = neverAborted } = {}) =>
      located(pipe(api.login(account, signal), TE.map(toSession))),
  }
}
