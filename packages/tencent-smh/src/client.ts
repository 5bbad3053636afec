// What the operations of one drive share: the transport with its access token, the service's clock, and how a change is attempted.
import { secret, type Environment, type LogEvent, type Secret } from '@anydrive/core'
import { forbidden, unauthenticated, withoutEffect, type RawResult } from '@anydrive/core/adapter'
import { createHttp, withToken, type Http, type HttpResponse } from '@anydrive/http'
import {
  attempt,
  serviceClock,
  timersOf,
  type Attempt,
  type Failure,
  type Sent,
  type ServiceClock,
  type Timers,
} from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { smhApi, tokenApi, type SmhApi } from './api'
import { deploymentOf, type Deployment } from './deployment'
import { answerOf, isTokenCode } from './errors'
import type { TencentSmhSettings } from './settings'

/** Of a request that another process may have sent, by another clock: no time is after it. */
export const sentEarlier: Sent = { at: Number.NaN, unknown: true }

type How = Pick<Attempt<unknown, unknown>, 'signal' | 'timers' | 'attempts'>

export interface Smh {
  readonly settings: TencentSmhSettings
  readonly api: SmhApi
  readonly deployment: Deployment
  /** To the object store, never with a token of SMH. */
  readonly store: Http
  /** What the `Date` headers of SMH's responses showed. */
  readonly clock: ServiceClock
  readonly timers: Timers
  readonly log: (event: LogEvent) => void
  /** How a change under this signal is attempted. */
  readonly how: (signal: AbortSignal) => How
  /** Carries out a change that may be done twice. */
  readonly repeated: <A>(signal: AbortSignal, send: RawResult<A>) => RawResult<A>
  /** Extends the token in use to its full period; `expiresIn` in seconds. */
  readonly renewToken: (signal: AbortSignal) => RawResult<{ readonly expiresIn: number }>
  /** Makes the token in use invalid. */
  readonly revokeToken: (signal: AbortSignal) => RawResult<unknown>
  /** Makes all tokens of a business user invalid, with the secret of the library. */
  readonly revokeTokensOf: (userId: string, signal: AbortSignal) => RawResult<unknown>
}

/** A concurrent operation on the same path was refused before anything was done. */
const isPathConflict = (response: HttpResponse): boolean =>
  response.status === 409 && answerOf(response).code === 'PathConflict'
const transient: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

/** The documents say 403; SDKs also expect 401. A token for another space or library is not replaced. */
const isRefused = (response: HttpResponse): boolean =>
  response.status === 401 || (response.status === 403 && isTokenCode(answerOf(response).code))

type FetchToken = (signal: AbortSignal) => RawResult<Secret>

const callersToken =
  (getToken: () => Promise<string>): FetchToken =>
  () =>
  async () => {
    const token: unknown = await Promise.resolve()
      .then(getToken)
      .catch(() => undefined)
    return typeof token === 'string' && token !== ''
      ? E.right(secret(token))
      : E.left(unauthenticated({ said: 'getToken returned no token' }))
  }

/** A token is replaced this long before it expires, in milliseconds, or after three quarters of a life of less than 20 minutes. */
const longestMargin = 300_000
/** After a failure to replace it, the token in use is kept for so long, in milliseconds. */
const untilNextTry = 60_000

/** `onLife`: for how many seconds the token is valid. */
const ownToken = (
  { auth, libraryId, spaceId = '-', userId }: TencentSmhSettings,
  create: ReturnType<typeof tokenApi>['create'],
  onLife: (seconds: number) => void,
): FetchToken => {
  if (auth.kind === 'token') return () => TE.right(auth.accessToken)
  const { grant = 'space_admin', spaceIds = spaceId === '-' ? [] : [spaceId] } = auth
  const query = {
    library_id: libraryId,
    library_secret: auth.librarySecret,
    space_id: spaceIds.length === 0 ? undefined : spaceIds.join(','),
    user_id: userId,
    period: auth.period,
    grant: typeof grant === 'string' ? grant : grant.join(','),
  }
  return (signal) =>
    pipe(
      create(query, signal),
      TE.map(({ accessToken, expiresIn }) => {
        onLife(expiresIn)
        return accessToken
      }),
    )
}

export const clientOf = (settings: TencentSmhSettings, environment: Environment): Smh => {
  const timers = timersOf(environment)
  const clock = serviceClock()
  const how: Smh['how'] = (signal) => ({ signal, timers, attempts: settings.http?.attempts })
  const repeated: Smh['repeated'] = (signal, send) =>
    attempt({ ...how(signal), send: () => send, repeat: 'always', check: 'the result' })

  const plain = createHttp(settings.http, environment, {
    again: (response) => transient.has(response.status) || isPathConflict(response),
    unprocessed: (response) => response.status === 429 || isPathConflict(response),
  })
  const tokens = tokenApi(settings, plain)
  const deployment = deploymentOf(settings)
  let replaceAt = Infinity
  const onLife = (seconds: number): void => {
    replaceAt = seconds > 0 ? timers.now() + seconds * 1000 - Math.min(longestMargin, seconds * 250) : Infinity
  }
  const fetchToken =
    environment.getToken === undefined ? ownToken(settings, tokens.create, onLife) : callersToken(environment.getToken)
  let latest: Secret | undefined
  /** Use extends a token of the public service; that of a private deployment may expire however much it is used. */
  const isAging = (): boolean => timers.now() >= replaceAt && deployment.known('parts') !== 'public'
  /** The token in use, or a new one if it was refused or ages. A failure says nothing of the request that the token is for. */
  const token =
    (signal: AbortSignal, refused?: Secret): RawResult<Secret> =>
    async () => {
      const current = latest === refused ? undefined : latest
      if (current !== undefined && !isAging()) return E.right(current)
      const fetched = await repeated(signal, fetchToken(signal))()
      if (E.isRight(fetched)) latest = fetched.right
      else if (current !== undefined) {
        replaceAt = timers.now() + untilNextTry
        return E.right(current)
      }
      return E.mapLeft((fault: Failure) => withoutEffect(fault))(fetched)
    }
  const authenticated = () =>
    withToken<Failure>({
      token,
      put: (its) => (request) => ({ ...request, query: { ...request.query, access_token: its } }),
      refused: isRefused,
      said: answerOf,
    })(plain)
  let current = authenticated()
  let agedAt = Infinity
  /** A token that ages is requested again; requests already sent keep theirs. */
  const http: Http<Failure> = (request) => {
    if (isAging() && agedAt !== replaceAt) {
      agedAt = replaceAt
      current = authenticated()
    }
    return current(request)
  }

  return {
    settings,
    api: smhApi(settings, http, clock),
    deployment,
    store: plain,
    clock,
    timers,
    log: environment.log ?? (() => undefined),
    how,
    repeated,
    renewToken: (signal) =>
      pipe(
        latest === undefined ? token(signal) : TE.right(latest),
        TE.flatMap((its) => repeated(signal, tokens.renew(its, signal))),
        TE.map(({ expiresIn }) => {
          onLife(expiresIn)
          return { expiresIn }
        }),
      ),
    revokeToken: (signal) =>
      latest === undefined
        ? TE.right(undefined)
        : pipe(
            tokens.revoke(latest, signal),
            TE.map(() => {
              latest = undefined
              return undefined
            }),
          ),
    revokeTokensOf: (user, signal) =>
      settings.auth.kind === 'secret'
        ? tokens.revokeOf(user, settings.auth.librarySecret, signal)
        : TE.left(forbidden({ said: 'only the secret of the library revokes the tokens of a user' })),
  }
}
