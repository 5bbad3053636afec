// axios made safe: one function that sends a request once and answers with any status, or with a fault.
import { aborted, invalidPath, network, timeout, type Effect } from '@anydrive/core'
import axios, { type AxiosInstance, type AxiosResponse } from 'axios'
import * as E from 'fp-ts/Either'
import http, { type Agent } from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { isPrivateUrl, namedUrlFault, privateAddressCode, privateAddressRefused } from './addresses'
import { createAgents, type Agents } from './agents'
import { guardedStream, longestTexts, readText } from './answer'
import { openBody, type SentBody } from './body'
import { timersOf } from '@anydrive/kit'
import { startExchange, type Exchange, type Times } from './exchange'
import type { Http, HttpFault, HttpRequest, HttpResponse, HttpSurroundings } from './request'
import { responseOf } from './response'
import { defaults, type HttpSettings } from './settings'
import { revealed, targetOf, urlOf } from './url'

const client: AxiosInstance = axios.create({
  adapter: 'http',
  maxRedirects: 0,
  maxBodyLength: -1,
  maxContentLength: -1,
  proxy: false,
  responseType: 'stream',
  transformRequest: [(data: unknown) => data],
  transformResponse: [(data: unknown) => data],
  validateStatus: null,
})

/** Sends the path as we wrote it (axios resolves dot segments and re-encodes), and shows us the request. */
const transportOf = (url: string, exchange: Exchange) => ({
  request: (options: http.RequestOptions, onResponse: (response: http.IncomingMessage) => void): http.ClientRequest => {
    const target = targetOf(url)
    const exact = /^[\x21-\x7e]+$/.test(target) ? Object.assign(options, { path: target }) : options
    const request = url.startsWith('https:') ? https.request(exact, onResponse) : http.request(exact, onResponse)
    exchange.attach(request)
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
    : E.left(invalidPath({ reason: `the header "${wrong[0]}" would hold characters that a header cannot carry` }))
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
    return network({ effect, ...(code === undefined ? {} : { code }) })
  }

/**
 * What a response of this status says of the request's effect: 4xx is the service's refusal; after 408, 5xx, a redirect, or a 2xx that does not
 * decode, the change may have happened.
 */
const effectOf = (request: HttpRequest, status: number): Effect =>
  request.kind === 'read' || (status >= 400 && status < 500 && status !== 408) ? 'none' : 'unknown'

const lengthOf = (request: HttpRequest, response: AxiosResponse<Readable>): number | undefined => {
  const length: unknown = response.headers['content-length']
  return request.method === 'HEAD' || typeof length !== 'string' ? undefined : Number(length)
}

interface Sending {
  readonly agent: Agent
  readonly request: HttpRequest
  readonly exchange: Exchange
  readonly body: SentBody
}

const receive = async ({ agent, request, exchange, body }: Sending): Promise<E.Either<HttpFault, HttpResponse>> => {
  const fault = faultOf(request, exchange, body)
  const streams = request.answer === 'stream'
  const url = urlOf(request)
  if (request.body !== undefined && 'stream' in request.body)
    exchange.transfer(() => (body.finished() ? 'waiting' : 'moving'))
  const headers = checked(headersOf(request, body))
  if (E.isLeft(headers)) return headers
  const response = await client.request<Readable>({
    url,
    method: request.method,
    headers: headers.right,
    data: body.data,
    decompress: !streams,
    httpAgent: agent,
    httpsAgent: agent,
    signal: exchange.signal,
    transport: transportOf(url, exchange),
  })
  const { status } = response
  const header = (name: string): string | undefined => {
    const value: unknown = response.headers[name.toLowerCase()]
    return typeof value === 'string' ? value : Array.isArray(value) ? value.join(', ') : undefined
  }
  const common = { status, header, attempts: request.attempt ?? 1, effect: effectOf(request, status) }
  if (streams && status >= 200 && status < 300) {
    const length = lengthOf(request, response)
    return E.right(
      responseOf({ ...common, text: '', stream: guardedStream(response.data, { exchange, length, faultOf: fault }) }),
    )
  }
  const isSuccess = status >= 200 && status < 300
  const text = await readText(response.data, {
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

const attempt = async (agent: Agent, times: Times, request: HttpRequest): Promise<Attempt> => {
  const unsent = (fault: HttpFault): Attempt => ({ result: E.left(fault), stale: false })
  if (request.signal.aborted) return unsent(aborted({ effect: 'none' }))
  const streaming = request.answer === 'stream' || (request.body !== undefined && 'stream' in request.body)
  const exchange = startExchange(request.signal, times, !streaming)
  const body = await openBody(request.body, exchange.signal)
  if (E.isLeft(body)) {
    exchange.close()
    return unsent(
      exchange.ending() === undefined
        ? { ...body.left, effect: 'none' }
        : faultOf(request, exchange, undefined)(undefined),
    )
  }
  let kept = false
  try {
    const result = await receive({ agent, request, exchange, body: body.right })
    kept = E.isRight(result) && result.right.stream !== undefined
    return { result, stale: false }
  } catch (error) {
    const fault = faultOf(request, exchange, body.right)(error)
    const stale = fault._tag === 'Network' && resets.has(fault.code ?? '') && exchange.unansweredOnKept()
    return { result: E.left(fault), stale }
  } finally {
    if (!body.right.finished()) exchange.request()?.destroy()
    body.right.destroy()
    if (!kept) exchange.close()
  }
}

const resets: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])

/** Where the other side has closed a kept connection, a read is sent once more on a new one, and the other kept ones are closed. */
const send = async (
  agents: Agents,
  times: Times,
  { privateAddresses = false }: HttpSettings,
  request: HttpRequest,
): Promise<E.Either<HttpFault, HttpResponse>> => {
  const url = urlOf(request)
  const { namedBy } = request
  const mayBePrivate = namedBy === undefined || privateAddresses || (await isPrivateUrl(namedBy))
  const refused = namedBy === undefined ? undefined : namedUrlFault(url, namedBy, mayBePrivate)
  if (refused !== undefined) return E.left(refused)
  const agentFor = (fresh: boolean) => agents.of(url, { guarded: !mayBePrivate, fresh })
  const first = await attempt(agentFor(false), times, request)
  if (!first.stale) return first.result
  agents.closeIdle()
  return request.kind === 'read' ? (await attempt(agentFor(true), times, request)).result : first.result
}

/** Sends a request once. Redirects are answers; so is every status. Opening sends nothing, and nothing has to be closed. */
export const axiosHttp = (settings: HttpSettings = {}, environment: HttpSurroundings = {}): Http => {
  const agents = createAgents(settings)
  const { now } = timersOf(environment)
  const times: Times = {
    idleTimeout: settings.idleTimeout ?? defaults.idleTimeout,
    totalTimeout: settings.totalTimeout ?? defaults.totalTimeout,
    minimumRate: settings.minimumRate ?? defaults.minimumRate,
  }
  return (request) => async () => {
    const started = now()
    const result = await send(agents, times, settings, request)
    environment.log?.({
      name: 'request',
      endpoint: request.endpoint,
      method: request.method,
      status: E.isRight(result) ? result.right.status : undefined,
      fault: E.isLeft(result) ? result.left._tag : undefined,
      ms: now() - started,
      attempt: request.attempt ?? 1,
    })
    return result
  }
}
