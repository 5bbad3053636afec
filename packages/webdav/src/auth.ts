// The transport of a drive: who sends, by the settings' way of proving it.
import { reveal, secret, unauthenticated, type Fault, type Secret, type Surroundings } from '@anydrive/core'
import {
  axiosHttp,
  createHttp,
  withLimits,
  withRetry,
  withToken,
  type Http,
  type HttpFault,
  type HttpRequest,
  type HttpResponse,
} from '@anydrive/http'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { withDigest } from './digest'
import { answerOf } from './faults'
import type { WebDavSettings } from './settings'

export type Transport = Http<HttpFault | Fault>

const authorized =
  (value: Secret) =>
  (request: HttpRequest): HttpRequest => ({ ...request, headers: { ...request.headers, authorization: value } })

/** Nothing was done while the resource is locked (RFC 4918, 11.3); servers in Go lock for the length of each request. */
const unprocessed = ({ status }: HttpResponse): boolean => status === 429 || status === 423

const withBearer = (token: Secret | undefined, surroundings: Surroundings, http: Http): Transport =>
  withToken<Fault>({
    token: (_, refused) => {
      const { getToken } = surroundings
      if (getToken === undefined) return token === undefined ? TE.left(unauthenticated()) : TE.right(token)
      return pipe(
        TE.tryCatch(getToken, (): Fault => unauthenticated({ said: 'getToken failed' })),
        TE.map((text) => (refused !== undefined && reveal(refused) === text ? refused : secret(text))),
      )
    },
    put: (bearer) => authorized(secret(`Bearer ${reveal(bearer)}`)),
    refused: ({ status }) => status === 401,
    said: answerOf,
  })(http)

/** A user and a password are sent with every request, unasked; a digest is made for each attempt. Redirects are never followed to another place. */
export const transportOf = ({ auth, http = {} }: WebDavSettings, surroundings: Surroundings): Transport => {
  const usual = () => createHttp(http, surroundings, { unprocessed })
  if (auth?.kind === 'bearer' || (auth === undefined && surroundings.getToken !== undefined))
    return withBearer(auth?.token, surroundings, usual())
  if (auth === undefined) return usual()
  if (auth.kind === 'digest')
    return pipe(
      axiosHttp(http, surroundings),
      withLimits(http, surroundings),
      withDigest(auth),
      withRetry({ ...http, unprocessed }, surroundings),
    )
  const basic = secret(`Basic ${Buffer.from(`${auth.user}:${reveal(auth.password)}`).toString('base64')}`)
  const send = usual()
  return (request) => send(authorized(basic)(request))
}
