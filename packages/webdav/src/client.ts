// What all operations of one drive share: the transport with its authentication and redirects, and the drive's traits, clock and locks.
import { reveal, secret } from '@anydrive/core'
import { unauthenticated, unexpectedResponse, type RawResult } from '@anydrive/core/adapter'
import type { DrivePath, Fault, LogEvent, Secret, Environment } from '@anydrive/core'
import { createHttp, urlOf, withDigest, withToken } from '@anydrive/http'
import type { Http, HttpRequest, HttpResponse } from '@anydrive/http'
import { keyedMutex, serviceClock, timersOf, type ServiceClock, type Timers } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { davApi, type DavApi, type Transport } from './api'
import { answerOf, withoutQuery } from './errors'
import type { ServerTraits, WebDavSettings } from './settings'

export interface Dav {
  readonly api: DavApi
  readonly server: ServerTraits
  readonly timers: Timers
  readonly clock: ServiceClock
  /** One task at a time for each name, among all drives of this process on one server. */
  readonly exclusively: <A>(path: DrivePath, task: RawResult<A>) => RawResult<A>
  readonly log: (event: LogEvent) => void
}

const authorized =
  (value: Secret) =>
  (request: HttpRequest): HttpRequest => ({ ...request, headers: { ...request.headers, authorization: value } })

/** Nothing was done while the resource is locked (RFC 4918, 11.3); servers in Go lock it during each request. */
const unprocessed = ({ status }: HttpResponse): boolean => status === 429 || status === 423

const withBearer = (token: Secret | undefined, { getToken }: Environment, http: Http): Transport =>
  withToken<Fault>({
    token: (_, refused) => {
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

/** A user and a password are sent with every request; a digest is computed for each attempt. */
const authenticating = ({ auth, http = {} }: WebDavSettings, environment: Environment): Transport => {
  const usual = createHttp(http, environment, { unprocessed })
  if (auth?.kind === 'bearer' || (auth === undefined && environment.getToken !== undefined))
    return withBearer(auth?.token, environment, usual)
  if (auth === undefined) return usual
  if (auth.kind === 'digest') return createHttp(http, environment, { unprocessed, authenticate: withDigest(auth) })
  const basic = secret(`Basic ${Buffer.from(`${auth.user}:${reveal(auth.password)}`).toString('base64')}`)
  return (request) => usual(authorized(basic)(request))
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const mostRedirects = 5
const credentialHeaders = /^(authorization|cookie)$/i

/** Node reads a header as one character a byte; a server that does not encode its Location sends UTF-8. */
const targetOf = (location: string, from: string): URL | undefined => {
  const text = Buffer.from(location, 'latin1').toString()
  return URL.canParse(text, from) ? new URL(text, from) : undefined
}

/**
 * Follows up to five redirects of GET and HEAD, as servers in front of an object storage need it. What is on another origin gets no
 * credentials and no cookies, from then on; nothing that began with https goes on without.
 */
export const withRedirects =
  (own: Transport, foreign: Transport): Transport =>
  (first) =>
  async () => {
    let request = first
    let send = own
    for (let hops = 0; ; hops++) {
      const result = await send(request)()
      const location = E.isRight(result) ? result.right.header('location') : undefined
      if ((first.method !== 'GET' && first.method !== 'HEAD') || E.isLeft(result)) return result
      if (location === undefined || !redirects.has(result.right.status)) return result
      const from = new URL(urlOf(request))
      const to = targetOf(location, from.href)
      const refused =
        to === undefined || !/^https?:$/.test(to.protocol) || (from.protocol === 'https:' && to.protocol === 'http:')
      if (refused || hops === mostRedirects) {
        const said = `the redirect to ${withoutQuery(to?.href ?? location)} is not followed${refused ? '' : `: it is the ${hops + 1}th`}`
        const issues = [{ at: 'location', expected: 'a response', got: 'a redirect' }]
        return E.left(unexpectedResponse({ effect: 'none', http: result.right.status, said, issues }))
      }
      Object.assign(to, { username: '', password: '', hash: '' })
      if (to.origin !== from.origin) send = foreign
      const headers = Object.entries(request.headers ?? {}).filter(
        ([name]) => send === own || !credentialHeaders.test(name),
      )
      request = {
        ...request,
        ...{
          base: secret(to.href),
          namedBy: urlOf(first),
          segments: undefined,
          query: undefined,
          headers: Object.fromEntries(headers),
        },
      }
    }
  }

/** The URL as it is sent: what is not ASCII percent-encoded, what is encoded left as it is, and a path that begins like a host with one slash. */
const encodedUrl = (url: string): string =>
  URL.canParse(url) ? new URL(url).href.replace(/^(https?:\/\/[^/]+)\/+/, '$1/') : url

const mutex = keyedMutex()

export const davOf = (settings: WebDavSettings, environment: Environment): Dav => {
  const clock = serviceClock()
  const base = encodedUrl(settings.url)
  const authenticated = authenticating(settings, environment)
  const own: Transport = (request) =>
    pipe(
      authenticated(request),
      TE.tapIO((response) => () => clock.observe(response)),
    )
  const foreign = createHttp(settings.http, environment)
  const key = base.replace(/\/$/, '')
  return {
    api: davApi(withRedirects(own, foreign), base),
    server: settings.server ?? {},
    timers: timersOf(environment),
    clock,
    exclusively: (path, task) => mutex(`${key}/${path}`, task),
    log: environment.log ?? (() => undefined),
  }
}
