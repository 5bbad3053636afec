// Who sends: a token that is renewed once when it is refused, or an application's signature on every attempt.
import { reveal, secret, unauthenticated, type Fault, type Secret, type Surroundings } from '@anydrive/core'
import { withToken, type Http, type HttpFault, type HttpRequest, type Wrapper } from '@anydrive/http'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { SessionApi } from './session-api'
import type { Auth, Complete } from './settings'
import { authorizationOf, signingDate } from './signature'
import { bareToken, envelopeOf, isUnauthenticated } from './translate'

type TokenAuth = Extract<Auth, { readonly kind: 'token' }>
type AppAuth = Extract<Auth, { readonly kind: 'app' }>
type Obtain = (signal: AbortSignal, refused: Secret | undefined) => TE.TaskEither<Fault, Secret>

/** Reveals the secret for the one call that signs. */
const signed =
  ({ appId, appSecret, userId }: AppAuth, baseUrl: string, now: () => number) =>
  (request: HttpRequest): HttpRequest => {
    const date = signingDate(now())
    const body = request.body !== undefined && 'text' in request.body ? request.body.text : ''
    const query = Object.entries(request.query ?? {}).flatMap(
      ([name, value]): ReadonlyArray<readonly [string, string]> =>
        typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    )
    const base = new URL(baseUrl)
    const segments = [
      ...base.pathname
        .split('/')
        .filter((s) => s !== '')
        .map(decodeURIComponent),
      ...(request.segments ?? []),
    ]
    const headers = { host: base.host, 'x-date': date, 'x-user-id': userId }
    const authorization = authorizationOf(
      { method: request.method, segments, query, headers, body },
      { appId, appSecret: reveal(appSecret) },
    )
    return {
      ...request,
      headers: { ...request.headers, 'X-User-Id': userId, 'X-Date': date, Authorization: secret(authorization) },
    }
  }

/** Signs each attempt anew, since a signature is good for 15 minutes only; to be put directly around what sends. */
export const withSignature =
  ({ auth, baseUrl }: Pick<Complete, 'auth' | 'baseUrl'>, now: () => number): Wrapper =>
  (next) =>
    auth.kind === 'app' ? (request) => next(signed(auth, baseUrl, now)(request)) : next

const bare = (text: string): TE.TaskEither<Fault, Secret> => {
  const token = bareToken(text)
  return token === '' ? TE.left(unauthenticated({ said: 'there is no access token' })) : TE.right(secret(token))
}

const asked = (getToken: () => Promise<string>): Obtain => {
  return (_, refused) =>
    pipe(
      TE.tryCatch(getToken, (): Fault => unauthenticated({ said: 'getToken failed' })),
      TE.flatMap(bare),
      TE.map((token) => (refused !== undefined && reveal(token) === reveal(refused) ? refused : token)),
    )
}

/** A carrier's refresh token is spent with its use, so the next one is kept. */
const renewed = (auth: TokenAuth, sessions: SessionApi): Obtain => {
  let { refreshToken } = auth
  return (signal, refused) => {
    if (refused === undefined) return bare(reveal(auth.accessToken))
    if (auth.sessionId !== undefined)
      return pipe(
        sessions.refreshSession({ token: refused, sessionId: auth.sessionId }, signal),
        TE.flatMap(({ accessToken }) => bare(accessToken)),
      )
    if (refreshToken === undefined) return TE.right(refused)
    return pipe(
      sessions.refreshCarrierSession({ token: refused, refreshToken }, signal),
      TE.flatMap((session) => {
        if (session.refreshToken !== undefined) refreshToken = secret(session.refreshToken)
        return bare(session.accessToken)
      }),
    )
  }
}

/** A renewal that is refused, for whatever reason, leaves nobody signed in; one that did not get through says so. */
const orUnauthenticated = (fault: Fault): Fault =>
  fault._tag === 'NotFound' || fault._tag === 'UnexpectedResponse' || fault._tag === 'Forbidden'
    ? unauthenticated({
        said: 'the session could not be renewed',
        ...(fault.code === undefined ? {} : { code: fault.code }),
      })
    : fault

/** To be put around what retries. */
export const withAuthorization = (
  settings: Pick<Complete, 'auth' | 'authScheme'>,
  sessions: SessionApi,
  { getToken }: Surroundings,
): ((next: Http) => Http<HttpFault | Fault>) => {
  const { auth, authScheme } = settings
  if (auth.kind === 'app') return (next) => next
  const obtain = getToken === undefined ? renewed(auth, sessions) : asked(getToken)
  return withToken<Fault>({
    token: (signal, refused) => pipe(obtain(signal, refused), TE.mapLeft(orUnauthenticated)),
    put: (token) => (request) => ({
      ...request,
      headers: { ...request.headers, Authorization: secret(`${authScheme}${reveal(token)}`) },
    }),
    refused: isUnauthenticated,
    said: ({ status, text }) => {
      const { code, error_code } = envelopeOf(text)
      const word = code ?? error_code
      return { http: status, ...(word === undefined ? {} : { code: word }) }
    },
  })
}
