// axios made safe: one function that sends a request once and answers with any status, or with a fault.
import { aborted, invalidPath, network, timeout, type Effect } from '@anydrive/core'
import axios, { type AxiosInstance, type AxiosResponse } from 'axios'
import * as E from 'fp-ts/Either'
import http from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { rootCertificates } from 'node:tls'
import { guardedStream, longestTexts, readText } from './answer'
import { openBody, type SentBody } from './body'
import { timersOf } from '@anydrive/kit'
import { startExchange, type Exchange, type Times } from './exchange'
import type { Http, HttpFault, HttpRequest, HttpResponse, HttpSurroundings } from './request'
import { responseOf } from './response'
import { defaults, type HttpSettings } from './settings'
import { revealed, targetOf, urlOf } from './url'

/** An unused connection is closed after this long, in milliseconds; it never keeps the process alive. */
const keptFor = 15_000

const clientOf = (settings: HttpSettings): AxiosInstance => {
  const kept = { keepAlive: true, timeout: keptFor }
  const trusted = settings.ca === undefined ? {} : { ca: [...rootCertificates, settings.ca] }
  return axios.create({
    adapter: 'http',
    httpAgent: new http.Agent(kept),
    httpsAgent: new https.Agent({ ...kept, ...trusted }),
    maxRedirects: 0,
    maxBodyLength: -1,
    maxContentLength: -1,
    proxy: false,
    responseType: 'stream',
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
    validateStatus: null,
  })
}

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
  readonly client: AxiosInstance
  readonly request: HttpRequest
  readonly exchange: Exchange
  readonly body: SentBody
}

const receive = async ({ client, request, exchange, body }: Sending): Promise<E.Either<HttpFault, HttpResponse>> => {
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

const attempt = async (
  client: AxiosInstance,
  times: Times,
  request: HttpRequest,
): Promise<E.Either<HttpFault, HttpResponse>> => {
  if (request.signal.aborted) return E.left(aborted({ effect: 'none' }))
  const streaming = request.answer === 'stream' || (request.body !== undefined && 'stream' in request.body)
  const exchange = startExchange(request.signal, times, !streaming)
  const body = await openBody(request.body, exchange.signal)
  if (E.isLeft(body)) {
    exchange.close()
    return E.left(
      exchange.ending() === undefined
        ? { ...body.left, effect: 'none' }
        : faultOf(request, exchange, undefined)(undefined),
    )
  }
  let kept = false
  try {
    const result = await receive({ client, request, exchange, body: body.right })
    kept = E.isRight(result) && result.right.stream !== undefined
    return result
  } catch (error) {
    return E.left(faultOf(request, exchange, body.right)(error))
  } finally {
    if (!body.right.finished()) exchange.request()?.destroy()
    body.right.destroy()
    if (!kept) exchange.close()
  }
}

/** Sends a request once. Redirects are answers; so is every status. Opening sends nothing, and nothing has to be closed. */
export const axiosHttp = (settings: HttpSettings = {}, environment: HttpSurroundings = {}): Http => {
  const client = clientOf(settings)
  const { now } = timersOf(environment)
  const times: Times = {
    idleTimeout: settings.idleTimeout ?? defaults.idleTimeout,
    totalTimeout: settings.totalTimeout ?? defaults.totalTimeout,
    minimumRate: settings.minimumRate ?? defaults.minimumRate,
  }
  return (request) => async () => {
    const started = now()
    const result = await attempt(client, times, request)
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
