// What the operations share: the service's endpoints behind an authenticated transport, its clock, and the timers.
import { reveal, secret, type Environment, type Fault, type Secret } from '@anydrive/core'
import { unauthenticated } from '@anydrive/core/adapter'
import { createHttp, withToken, type HttpRequest, type TokenOptions } from '@anydrive/http'
import { serviceClock, timersOf, type ServiceClock, type Timers } from '@anydrive/kit'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { boxApi, type BoxApi } from './api'
import type { BoxSettings } from './settings'

export interface Client {
  readonly api: BoxApi
  readonly clock: ServiceClock
  readonly timers: Timers
}

/** The only place where the token is revealed; it is a secret again at once. */
const putToken =
  (token: Secret) =>
  (request: HttpRequest): HttpRequest => ({
    ...request,
    headers: { ...request.headers, authorization: secret(`Bearer ${reveal(token)}`) },
  })

/** The token of the settings, or the program's own. Giving the refused one again says that there is no other. */
const tokenOf =
  (fixed: Secret, { getToken }: Environment): TokenOptions<Fault>['token'] =>
  (_, refused) =>
    getToken === undefined
      ? TE.right(fixed)
      : pipe(
          TE.tryCatch(getToken, (): Fault => unauthenticated({ said: 'getToken failed' })),
          TE.map((text) => (refused !== undefined && reveal(refused) === text ? refused : secret(text))),
        )

/** Sends nothing. */
export const createClient = ({ url, token, http = {} }: BoxSettings, environment: Environment): Client => {
  const clock = serviceClock()
  const send = pipe(
    createHttp(http, environment),
    withToken<Fault>({
      token: tokenOf(token, environment),
      put: putToken,
      refused: ({ status }) => status === 401,
    }),
  )
  return { api: boxApi(send, url, clock), clock, timers: timersOf(environment) }
}
