// Who sends: a token that is renewed once after a refusal, or an application's signature on every request.
import {
  reveal,
  secret,
  type Environment,
  type Fault,
  type Secret,
  type SessionTokens,
  type TokenStore,
} from '@anydrive/core'
import { aborted, defined, unauthenticated } from '@anydrive/core/adapter'
import { encodeSegment, withToken, type Http, type HttpFault, type HttpRequest, type Wrapper } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type * as t from 'io-ts'
import { createHash, createHmac } from 'node:crypto'
import { answered, envelopeOf, isUnauthenticated } from './errors'
import type { Auth, Complete } from './settings'
import { bareToken } from './translate'
import { RefreshedCarrierSession, RefreshedSession } from './wire'

type TokenAuth = Extract<Auth, { readonly kind: 'token' }>
type Obtain = (signal: AbortSignal, refused: Secret | undefined) => TE.TaskEither<Fault, Secret>

/** Of a request: raw segments, lower-case header names, the body as it is sent (docs/wire/koodrive.md, App authentication). */
export interface Signable {
  readonly method: string
  readonly segments: ReadonlyArray<string>
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const namesOf = (headers: Signable['headers']): ReadonlyArray<string> => Object.keys(headers).sort(byCodeUnits)

/** The path ends in `/` here, whatever is sent. */
export const canonicalRequest = ({ method, segments, query, headers, body }: Signable): string => {
  const names = namesOf(headers)
  return [
    method.toUpperCase(),
    `/${segments.map((segment) => `${encodeSegment(segment)}/`).join('')}`,
    query
      .map(([name, value]) => `${encodeSegment(name)}=${encodeSegment(value)}`)
      .sort(byCodeUnits)
      .join('&'),
    names.map((name) => `${name}:${(headers[name] ?? '').trim()}\n`).join(''),
    names.join(';'),
    sha256(body),
  ].join('\n')
}

/** Two lines: the published formula has none for the date. The secret itself is the key. */
export const signatureOf = (request: Signable, appSecret: string): string =>
  createHmac('sha256', appSecret)
    .update(`HMAC-SHA256\n${sha256(canonicalRequest(request))}`)
    .digest('hex')

export const authorizationOf = (
  request: Signable,
  app: { readonly appId: string; readonly appSecret: string },
): string =>
  `HMAC-SHA256 AppId=${app.appId},SignedHeaders=${namesOf(request.headers).join(';')},Signature=${signatureOf(request, app.appSecret)}`

/** `yyyyMMddTHHmmssZ`. */
export const signingDate = (now: number): string => `${new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`

/** Reveals the secret for the one call that signs. */
const signed =
  ({ appId, appSecret, userId }: Extract<Auth, { readonly kind: 'app' }>, baseUrl: string, now: () => number) =>
  (request: HttpRequest): HttpRequest => {
    const date = signingDate(now())
    const body = request.body !== undefined && 'text' in request.body ? request.body.text : ''
    const query = Object.entries(request.query ?? {}).flatMap(
      ([name, value]): ReadonlyArray<readonly [string, string]> =>
        typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    )
    const base = new URL(baseUrl)
    const prefix = base.pathname.split('/').filter((segment) => segment !== '')
    const segments = [...prefix.map(decodeURIComponent), ...(request.segments ?? [])]
    const headers = { host: base.host, 'x-date': date, 'x-user-id': userId }
    const signable = { method: request.method, segments, query, headers, body }
    const authorization = authorizationOf(signable, { appId, appSecret: reveal(appSecret) })
    return {
      ...request,
      headers: { ...request.headers, 'X-User-Id': userId, 'X-Date': date, Authorization: secret(authorization) },
    }
  }

/** Signs every attempt, since a signature is valid for 15 minutes only. Belongs directly around what sends. */
export const withSignature =
  ({ auth, baseUrl }: Complete, now: () => number): Wrapper =>
  (next) =>
    auth.kind === 'app' ? (request) => next(signed(auth, baseUrl, now)(request)) : next

/** The calls that renew a token. They carry the old token themselves, and go through a transport without authorization. */
const sessionApi = ({ baseUrl, authScheme }: Complete, http: Http, now: () => number) => {
  const send = <A>(
    codec: t.Decoder<unknown, A>,
    token: Secret,
    request: Pick<HttpRequest, 'endpoint' | 'segments' | 'headers' | 'body' | 'signal'>,
  ): TE.TaskEither<Fault, A> => {
    const headers = { Authorization: secret(`${authScheme}${reveal(token)}`), ...request.headers }
    return pipe(
      http({ ...request, method: 'POST', base: baseUrl, headers, answer: 'text', kind: 'change' }),
      answered(codec, now),
    )
  }
  const v1 = ['koodrive', 'ose', 'v1']
  return {
    refresh: (token: Secret, sessionId: Secret, signal: AbortSignal) =>
      send(RefreshedSession, token, {
        endpoint: 'refreshSession',
        segments: [...v1, 'session', 'refresh'],
        headers: { 'x-session-id': sessionId },
        body: { json: {} },
        signal,
      }),
    refreshCarrier: (token: Secret, refreshToken: Secret, signal: AbortSignal) => {
      const segments = [...v1, 'auth', 'refreshToken']
      const request = { endpoint: 'refreshCarrierSession', segments, body: { json: { refreshToken } }, signal }
      return pipe(
        send(RefreshedCarrierSession, token, request),
        TE.map(({ data }) => ('sessionInfo' in data ? data.sessionInfo : data)),
      )
    },
  }
}

const bare = (text: string): TE.TaskEither<Fault, Secret> => {
  const token = bareToken(text)
  return token === '' ? TE.left(unauthenticated({ said: 'there is no access token' })) : TE.right(secret(token))
}

const fromCallback =
  (getToken: () => Promise<string>): Obtain =>
  (_, refused) =>
    pipe(
      TE.tryCatch(getToken, (): Fault => unauthenticated({ said: 'getToken failed' })),
      TE.flatMap(bare),
      TE.map((token) => (refused !== undefined && reveal(token) === reveal(refused) ? refused : token)),
    )

/** Identifies the session in a store, without revealing it. */
const sessionKey = ({ baseUrl }: Complete, { sessionId, refreshToken }: TokenAuth): string | undefined => {
  const session = sessionId ?? refreshToken
  return session === undefined ? undefined : sha256(JSON.stringify([baseUrl, reveal(session)]))
}

type Renewed = E.Either<Fault, SessionTokens>

const renewWith =
  ({ sessionId }: TokenAuth, sessions: ReturnType<typeof sessionApi>) =>
  async ({ accessToken, refreshToken }: SessionTokens, signal: AbortSignal): Promise<Renewed> => {
    const next = async (text: string, itsRefreshToken?: Secret): Promise<Renewed> =>
      E.map((token: Secret) => ({ accessToken: token, ...defined({ refreshToken: itsRefreshToken }) }))(
        await bare(text)(),
      )
    if (sessionId !== undefined) {
      const renewed = await sessions.refresh(accessToken, sessionId, signal)()
      return E.isLeft(renewed) ? renewed : next(renewed.right.accessToken)
    }
    if (refreshToken === undefined) return E.left(unauthenticated({ said: 'there is no refresh token' }))
    const renewed = await sessions.refreshCarrier(accessToken, refreshToken, signal)()
    if (E.isLeft(renewed)) return renewed
    const { refreshToken: following } = renewed.right
    return next(renewed.right.accessToken, following === undefined ? refreshToken : secret(following))
  }

/**
 * The documents do not say whether a renewal revokes the earlier token, and a carrier's refresh token can be used once. So a session is renewed by one
 * process at a time, and only if no other has renewed it since.
 */
const fromSession = (
  settings: Complete,
  auth: TokenAuth,
  sessions: ReturnType<typeof sessionApi>,
  store: TokenStore | undefined,
): Obtain => {
  const key = sessionKey(settings, auth)
  const renewal = renewWith(auth, sessions)
  let latest: SessionTokens = auth
  return (signal, refused) => async () => {
    const isRefused = (token: Secret): boolean => refused !== undefined && reveal(token) === reveal(refused)
    if (key === undefined) return refused === undefined ? bare(reveal(auth.accessToken))() : E.right(refused)
    let result: E.Either<Fault, Secret> | undefined
    const renew = async (stored: SessionTokens | undefined): Promise<SessionTokens | undefined> => {
      const known = stored ?? latest
      const current = await bare(reveal(known.accessToken))()
      if (E.isLeft(current) || !isRefused(current.right)) {
        result = current
        return undefined
      }
      const renewed = await renewal({ ...known, accessToken: current.right }, signal)
      // After another sign-in the settings have a newer token than the store.
      const given = await bare(reveal(auth.accessToken))()
      const isGiven = E.isLeft(renewed) && E.isRight(given) && !isRefused(given.right)
      const tokens: Renewed = isGiven ? E.right({ ...auth, accessToken: given.right }) : renewed
      result = E.map(({ accessToken }: SessionTokens) => accessToken)(tokens)
      if (E.isLeft(tokens)) return undefined
      latest = tokens.right
      return latest
    }
    if (refused === undefined) {
      const { accessToken } = (await store?.read(key)) ?? latest
      return bare(reveal(accessToken))()
    }
    try {
      await store?.update(key, signal, renew)
    } catch {
      // Without a place to store it, the session is renewed for this process alone.
    }
    if (result === undefined && !signal.aborted) await renew(undefined)
    return result ?? E.left(aborted({ effect: 'none' }))
  }
}

/** A refused renewal is `Unauthenticated`, whatever the reason; one that did not reach the service keeps its fault. */
const orUnauthenticated = (fault: Fault): Fault =>
  fault._tag === 'NotFound' || fault._tag === 'UnexpectedResponse' || fault._tag === 'Forbidden'
    ? unauthenticated({ said: 'the session could not be renewed', ...defined({ code: fault.code }) })
    : fault

/** Belongs around what retries. `plain` is the same transport without authorization. */
export const withAuthorization = (
  settings: Complete,
  plain: Http,
  now: () => number,
  { getToken, tokens }: Pick<Environment, 'getToken' | 'tokens'>,
): ((next: Http) => Http<HttpFault | Fault>) => {
  const { auth, authScheme } = settings
  if (auth.kind === 'app') return (next) => next
  const obtain =
    getToken === undefined
      ? fromSession(settings, auth, sessionApi(settings, plain, now), tokens)
      : fromCallback(getToken)
  return withToken<Fault>({
    token: (signal, refused) => pipe(obtain(signal, refused), TE.mapLeft(orUnauthenticated)),
    put: (token) => (request) => ({
      ...request,
      headers: { ...request.headers, Authorization: secret(`${authScheme}${reveal(token)}`) },
    }),
    refused: isUnauthenticated,
    said: ({ status, text }) => {
      const { code, error_code } = envelopeOf(text)
      return { http: status, ...defined({ code: code ?? error_code }) }
    },
  })
}
