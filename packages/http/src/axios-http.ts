// axios made safe: one function that sends a request once and answers with any status, or with a fault.
import type { Effect } from '@anydrive/core'
import { aborted, invalidPath, network, timeout, unexpectedResponse } from '@anydrive/core/adapter'
import axios, { AxiosHeaders, type AxiosResponse } from 'axios'
import * as E from 'fp-ts/Either'
import http, { type Agent } from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { isPrivateUrl, namedUrlFault, privateAddressCode, privateAddressRefused } from './addresses'
import { createAgents } from './agents'
import { guardedStream, longestTexts, readText } from './answer'
import { openBody, type SentBody } from './body'
import { timersOf } from '@anydrive/kit'
import { startExchange, type Exchange, type Times } from './exchange'
import type { Http, HttpFault, HttpRequest, HttpResponse, HttpSurroundings } from './request'
import { responseOf } from './response'
import { defaults, type HttpSettings } from './settings'
import { revealed, targetOf, urlOf } from './url'

/** The adapter alone: merging defaults, interceptors and transforms for each request would cost as much as the request itself. */
const sendByAxios = axios.getAdapter('http')
const unchanging = {
  maxRedirects: 0,
  maxBodyLength: -1,
  maxContentLength: -1,
  proxy: false,
  responseType: 'stream',
  validateStatus: null,
} as const

const printable = /^[\x21-\x7e]+$/
const upgradeCode = 'UPGRADE'

/** Sends the path as we wrote it (axios resolves dot segments and re-encodes), and shows us the request. */
const transportOf = (url: string, exchange: Exchange) => ({
  request: (options: http.RequestOptions, onResponse: (response: http.IncomingMessage) => void): http.ClientRequest => {
    const target = targetOf(url)
    const exact = printable.test(target) ? Object.assign(options, { path: target }) : options
    const request = url.startsWith('https:') ? https.request(exact, onResponse) : http.request(exact, onResponse)
    exchange.attach(request)
    // No request asks for another protocol. Without this listener it would end with neither a response nor an error.
    request.once('upgrade', (_, socket) => {
      socket.destroy()
      request.emit('error', Object.assign(new Error('another protocol'), { code: upgradeCode }))
    })
    return request
  },
})

const headersOf = (request: HttpRequest, body: SentBody): Record<string, string | false> => {
  const given = Object.entries(request.headers ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), revealed(value)] as const],
  )
  return {
    accept: '*/*',
    'accept-encoding': request.answer === 'stream' ? 'identity' : 'gzip, deflate, br',
    'user-agent': 'anydrive',
    'content-type': body.type,
    ...Object.fromEntries(given),
    ...(body.length === undefined ? {} : { 'content-length': String(body.length) }),
  }
}

/** Node's rule: one character a byte, no control characters but the tab. axios would leave out any other character without an error. */
const sendable = /^[\t\x20-\x7e\x80-\xff]*$/

/** `InvalidPath`, which names the header, where a value cannot be sent. Nothing has been sent then. */
const checked = (headers: Record<string, string | false>): E.Either<HttpFault, Record<string, string | false>> => {
  const wrong = Object.entries(headers).find(([, value]) => value !== false && !sendable.test(value))
  return wrong === undefined
    ? E.right(headers)
    : E.left(invalidPath({ reason: `the header "${wrong[0]}" would hold characters that cannot be sent in a header` }))
}

const codeOf = (error: unknown): string | undefined => {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } }
  const found = typeof code === 'string' ? code : cause?.code
  return typeof found === 'string' ? found : undefined
}

/** The one place where an error of axios or Node becomes a fault; nothing of the error is kept but its code. */
const faultOf =
  (request: HttpRequest, exchange: Exchange, body: SentBody | undefined) =>
  (error: unknown): HttpFault => {
    const effect = request.kind === 'read' || !exchange.sent() ? 'none' : 'unknown'
    const ending = exchange.ending()
    if (ending === 'aborted') return aborted({ effect })
    if (ending !== undefined) return timeout({ effect, code: ending })
    const failure = body?.failure()
    if (failure !== undefined) return { ...failure, effect: failure._tag === 'Aborted' ? failure.effect : effect }
    const code = codeOf(error)
    if (code === privateAddressCode) return privateAddressRefused
    if (code === upgradeCode)
      return unexpectedResponse({ effect, http: 101, issues: [{ at: 'status', expected: 'a response', got: '101' }] })
    return network({ effect, ...(code === undefined ? {} : { code }) })
  }

/**
 * What a response of this status says of the request's effect: 4xx is the service's refusal; after 408, 5xx, a redirect, or a 2xx that does not
 * decode, the change may have happened.
 */
const effectOf = (request: HttpRequest, status: number): Effect =>
  request.kind === 'read' || (status >= 400 && status < 500 && status !== 408) ? 'none' : 'unknown'

const lengthOf = (request: HttpRequest, length: string | undefined): number | undefined =>
  request.method === 'HEAD' || length === undefined ? undefined : Number(length)

interface Seen extends Pick<HttpResponse, 'sentAt' | 'receivedAt'> {
  readonly fault: (error: unknown) => HttpFault
}

/** The body of a response: a stream, or text that has been read to its end. */
const received = async (
  { data, headers, status }: AxiosResponse<Readable>,
  request: HttpRequest,
  exchange: Exchange,
  { fault, ...times }: Seen,
): Promise<E.Either<HttpFault, HttpResponse>> => {
  const header = (name: string): string | undefined => {
    const value: unknown = headers[name.toLowerCase()]
    return typeof value === 'string' ? value : Array.isArray(value) ? value.join(', ') : undefined
  }
  const common = { status, header, attempts: request.attempt ?? 1, effect: effectOf(request, status), ...times }
  const isSuccess = status >= 200 && status < 300
  if (request.answer === 'stream' && isSuccess) {
    const length = lengthOf(request, header('content-length'))
    return E.right(
      responseOf({ ...common, text: '', stream: guardedStream(data, { exchange, length, faultOf: fault }) }),
    )
  }
  const text = await readText(data, {
    effect: request.kind === 'read' ? 'none' : 'unknown',
    longest: longestTexts[isSuccess ? (request.expects ?? 'small') : 'refusal'],
    cut: !isSuccess,
    faultOf: fault,
  })
  return E.map((its: string) => responseOf({ ...common, text: its }))(text)
}

interface Attempt {
  readonly result: E.Either<HttpFault, HttpResponse>
  /** The connection had been kept, and was reset before a byte of a response came. */
  readonly stale: boolean
}

const resets: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])

/** Rejects when the exchange ends early. A request that is destroyed before it has a connection, for example through a proxy, emits no event. */
const endingOf = (exchange: Exchange): Promise<never> =>
  new Promise((_, reject) => {
    exchange.onEnding(() => reject(new Error('ended early')))
  })

const attempt = async (
  request: HttpRequest,
  url: string,
  { agent, times, now }: { readonly agent: Agent; readonly times: Times; readonly now: () => number },
): Promise<Attempt> => {
  const ended = (result: Attempt['result'], stale = false): Attempt => ({ result, stale })
  if (request.signal.aborted) return ended(E.left(aborted({ effect: 'none' })))
  const sendsStream = request.body !== undefined && 'stream' in request.body
  const exchange = startExchange(request.signal, times, !sendsStream)
  // A source may take its time to open; the clocks measure the service.
  exchange.transfer(() => 'paused')
  const opened = await openBody(request.body, exchange)
  if (E.isLeft(opened)) {
    exchange.close()
    return ended(
      E.left(
        exchange.ending() === undefined
          ? { ...opened.left, effect: 'none' }
          : faultOf(request, exchange, undefined)(undefined),
      ),
    )
  }
  const body = opened.right
  const fault = faultOf(request, exchange, body)
  let keepsStream = false
  try {
    exchange.transfer(() => (body.finished() ? 'waiting' : 'moving'))
    const headers = checked(headersOf(request, body))
    if (E.isLeft(headers)) return ended(headers)
    if (exchange.ending() !== undefined) return ended(E.left(fault(undefined)))
    const sentAt = now()
    const sending = sendByAxios({
      ...unchanging,
      url,
      method: request.method,
      headers: AxiosHeaders.from(headers.right),
      data: body.data,
      decompress: request.answer !== 'stream',
      httpAgent: agent,
      httpsAgent: agent,
      transport: transportOf(url, exchange),
    })
    const response = (await Promise.race([sending, endingOf(exchange)])) as AxiosResponse<Readable>
    const result = await received(response, request, exchange, { sentAt, receivedAt: now(), fault })
    keepsStream = E.isRight(result) && result.right.stream !== undefined
    return ended(result)
  } catch (error) {
    const failure = fault(error)
    const reset = failure._tag === 'Network' && resets.has(failure.code ?? '')
    return ended(E.left(failure), reset && exchange.unansweredOnKept())
  } finally {
    if (!body.finished()) exchange.request()?.destroy()
    body.destroy()
    if (!keepsStream) exchange.close()
  }
}

/**
 * Sends a request once. Redirects are answers; so is every status. Opening sends nothing, and nothing has to be closed. Where the other side has
 * closed a kept connection, a read is sent once more on a new one, and the other kept ones are closed.
 */
export const axiosHttp = (settings: HttpSettings = {}, environment: HttpSurroundings = {}): Http => {
  const agents = createAgents(settings)
  const { privateAddresses = false } = settings
  const { now } = timersOf(environment)
  const times: Times = {
    idleTimeout: settings.idleTimeout ?? defaults.idleTimeout,
    totalTimeout: settings.totalTimeout ?? defaults.totalTimeout,
    minimumRate: settings.minimumRate ?? defaults.minimumRate,
  }
  const log = (request: HttpRequest, started: number, result: Attempt['result']): void =>
    environment.log?.({
      name: 'request',
      endpoint: request.endpoint,
      method: request.method,
      status: E.isRight(result) ? result.right.status : undefined,
      fault: E.isLeft(result) ? result.left._tag : undefined,
      date: E.isRight(result) ? result.right.header('date') : undefined,
      ms: now() - started,
      attempt: request.attempt ?? 1,
    })
  return (request) => async () => {
    const started = now()
    const url = urlOf(request)
    const { namedBy } = request
    const mayBePrivate = namedBy === undefined || privateAddresses || (await isPrivateUrl(namedBy))
    const refused = namedBy === undefined ? undefined : namedUrlFault(url, namedBy, mayBePrivate)
    const once = async (fresh: boolean): Promise<Attempt> => {
      const agent = agents.of(url, { guarded: !mayBePrivate, fresh })
      return E.isLeft(agent)
        ? { result: agent, stale: false }
        : attempt(request, url, { agent: agent.right, times, now })
    }
    const first = refused === undefined ? await once(false) : { result: E.left(refused), stale: false }
    if (first.stale) agents.closeIdle()
    const { result } = first.stale && request.kind === 'read' ? await once(true) : first
    log(request, started, result)
    return result
  }
}
