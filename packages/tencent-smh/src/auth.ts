// Access tokens: given, fetched by the program, or made with the library's secret; and the transport that carries them.
import { secret, unauthenticated, type Fault, type Secret, type Surroundings } from '@anydrive/core'
import { createHttp, withToken, type Http, type HttpResponse } from '@anydrive/http'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { tokenApi, type Asked } from './api'
import { answerOf } from './faults'
import type { TencentSmhSettings } from './settings'

const commas = (words: string | ReadonlyArray<string>): string => (typeof words === 'string' ? words : words.join(','))

/** A concurrent operation on the same path was refused before it did anything. */
const isPathConflict = (response: HttpResponse): boolean =>
  response.status === 409 && answerOf(response).code === 'PathConflict'
const transient: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

/** The documents say 403; SDKs also expect 401. A space or library that the token is not for is no reason to fetch another. */
const isRefused = (response: HttpResponse): boolean =>
  response.status === 401 ||
  (response.status === 403 &&
    ['InvalidAccessToken', 'AccessTokenVersionNotMatch'].includes(answerOf(response).code ?? ''))

export interface Transport {
  /** To SMH, with a token. */
  readonly smh: Http<Fault>
  /** To the object store: never with a token of SMH. */
  readonly store: Http
  /** Extends the token in use to its full period; answers with seconds. */
  readonly renewToken: (signal: AbortSignal) => Asked<{ readonly expiresIn: number }>
}

export const transportOf = (settings: TencentSmhSettings, surroundings: Surroundings): Transport => {
  const plain = createHttp(settings.http, surroundings, {
    again: (response) => transient.has(response.status) || isPathConflict(response),
    unprocessed: (response) => response.status === 429 || isPathConflict(response),
  })
  const tokens = tokenApi(settings, plain)
  const { auth, libraryId, spaceId = '-', userId } = settings
  let latest: Secret | undefined

  const made = (): ((signal: AbortSignal) => Asked<Secret>) => {
    if (auth.kind === 'token') return () => TE.right(auth.accessToken)
    const spaceIds = auth.spaceIds ?? (spaceId === '-' ? [] : [spaceId])
    const query = {
      library_id: libraryId,
      library_secret: auth.librarySecret,
      space_id: spaceIds.length === 0 ? undefined : spaceIds.join(','),
      user_id: userId,
      period: auth.period,
      grant: commas(auth.grant ?? 'space_admin'),
    }
    return (signal) =>
      pipe(
        tokens.create(query, signal),
        TE.map((token) => token.accessToken),
      )
  }
  const given = (getToken: () => Promise<string>) => (): Asked<Secret> =>
    pipe(
      TE.tryCatch(getToken, (): Fault => unauthenticated({ said: 'getToken gave no token' })),
      TE.filterOrElse(
        (token) => typeof token === 'string' && token !== '',
        (): Fault => unauthenticated({ said: 'getToken gave no token' }),
      ),
      TE.map(secret),
    )
  const fetchToken = surroundings.getToken === undefined ? made() : given(surroundings.getToken)
  /** The one in use, unless it was refused. */
  const token = (signal: AbortSignal, refused?: Secret): Asked<Secret> =>
    latest !== undefined && latest !== refused
      ? TE.right(latest)
      : pipe(
          fetchToken(signal),
          TE.map((fetched) => (latest = fetched)),
        )

  return {
    smh: withToken<Fault>({
      token,
      put: (its) => (request) => ({ ...request, query: { ...request.query, access_token: its } }),
      refused: isRefused,
      said: answerOf,
    })(plain),
    store: plain,
    renewToken: (signal) =>
      pipe(
        token(signal),
        TE.flatMap((current) => tokens.renew(current, signal)),
        TE.map(({ expiresIn }) => ({ expiresIn })),
      ),
  }
}
