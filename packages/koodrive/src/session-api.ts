// The calls that renew a token, one function per endpoint; they carry the old token themselves.
import { reveal, secret, type Fault, type Secret } from '@anydrive/core'
import type { Http, HttpRequest } from '@anydrive/http'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { answered } from './answered'
import type { Complete } from './settings'
import { RefreshedCarrierSession, RefreshedSession } from './wire'

export interface SessionApi {
  readonly refreshSession: (
    session: { readonly token: Secret; readonly sessionId: Secret },
    signal: AbortSignal,
  ) => TE.TaskEither<Fault, { readonly accessToken: string }>
  readonly refreshCarrierSession: (
    session: { readonly token: Secret; readonly refreshToken: Secret },
    signal: AbortSignal,
  ) => TE.TaskEither<Fault, { readonly accessToken: string; readonly refreshToken?: string | undefined }>
}

export const sessionApi = (
  { baseUrl, authScheme }: Pick<Complete, 'baseUrl' | 'authScheme'>,
  http: Http,
  now: () => number,
): SessionApi => {
  const common = (token: Secret) =>
    ({
      method: 'POST',
      base: baseUrl,
      headers: { Authorization: secret(`${authScheme}${reveal(token)}`) },
      answer: 'text',
      repeat: 'guarded',
    }) as const satisfies Partial<HttpRequest>
  return {
    refreshSession: ({ token, sessionId }, signal) => {
      const request = common(token)
      return pipe(
        http({
          ...request,
          endpoint: 'refreshSession',
          segments: ['koodrive', 'ose', 'v1', 'session', 'refresh'],
          headers: { ...request.headers, 'x-session-id': sessionId },
          body: { json: {} },
          signal,
        }),
        answered(RefreshedSession, now),
      )
    },
    refreshCarrierSession: ({ token, refreshToken }, signal) =>
      pipe(
        http({
          ...common(token),
          endpoint: 'refreshCarrierSession',
          segments: ['koodrive', 'ose', 'v1', 'auth', 'refreshToken'],
          body: { json: { refreshToken } },
          signal,
        }),
        answered(RefreshedCarrierSession, now),
        TE.map(({ data }) => ('sessionInfo' in data ? data.sessionInfo : data)),
      ),
  }
}
