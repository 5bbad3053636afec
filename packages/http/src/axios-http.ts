// axios made safe: one function that sends a request once and answers with any status, or with a fault.
import { aborted, invalidPath, network, timeout, type Effect } from '@anydrive/core'
import axios, { type AxiosInstance, type AxiosResponse } from 'axios'
import * as E from 'fp-ts/Either'
import http from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { rootCertificates } from 'node:tls'
import { guardedStream, readText } from './answer'
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

interface Transport {
  readonly client: AxiosInstance
  readonly times: Times
  readonly now: () => number
}

/** The body of a response: a stream, or text that has been read to its end. */
const received = async (
  { data, headers: given, status }: AxiosResponse<Readable>,
  request: HttpRequest,
  exchange: Exchange,
  seen: Pick<HttpResponse, 'sentAt' | 'receivedAt'> & { readonly fault: (error: unknown) => HttpFault },
): Promise<E.Either<HttpFault, HttpResponse>> => {
  const { fault, ...times } = seen
  const header = (name: string): string | undefined => {
    const value: unknown = given[name.toLowerCase()]
    return typeof value === 'string' ? value : Array.isArray(value) ? value.join(', ') : undefined
  }
  const common = { status, header, attempts: request.attempt ?? 1, effect: effectOf(request, status), ...times }
  if (request.answer === 'stream' && status >= 200 && status < 300) {
    const length = lengthOf(request, header('content-length'))
    return E.right(
      responseOf({ ...common, text: '', stream: guardedStream(data, { exchange, length, faultOf: fault }) }),
    )
  }
  return E.map((text: string) => responseOf({ ...common, text }))(
    await readText(data, request.kind === 'read' ? 'none' : 'unknown', fault),
  )
}

const send = async (
  { client, times, now }: Transport,
  request: HttpRequest,
): Promise<E.Either<HttpFault, HttpResponse>> => {
  if (request.signal.aborted) return E.left(aborted({ effect: 'none' }))
  const sendsStream = request.body !== undefined && 'stream' in request.body
  const exchange = startExchange(request.signal, times, request.answer !== 'stream' && !sendsStream)
  const opened = await openBody(request.body, exchange.signal)
  if (E.isLeft(opened)) {
    exchange.close()
    return E.left(
      exchange.ending() === undefined
        ? { ...opened.left, effect: 'none' }
        : faultOf(request, exchange, undefined)(undefined),
    )
  }
  const body = opened.right
  const fault = faultOf(request, exchange, body)
  let keepsStream = false
  try {
    if (sendsStream) exchange.transfer(() => (body.finished() ? 'waiting' : 'moving'))
    const headers = checked(headersOf(request, body))
    if (E.isLeft(headers)) return headers
    const url = urlOf(request)
    const sentAt = now()
    const response = await client.request<Readable>({
      url,
      method: request.method,
      headers: headers.right,
      data: body.data,
      decompress: request.answer !== 'stream',
      signal: exchange.signal,
      transport: transportOf(url, exchange),
    })
    const result = await received(response, request, exchange, { sentAt, receivedAt: now(), fault })
    keepsStream = E.isRight(result) && result.right.stream !== undefined
    return result
  } catch (error) {
    return E.left(fault(error))
  } finally {
    if (!body.finished()) exchange.request()?.destroy()
    body.destroy()
    if (!keepsStream) exchange.close()
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
    const result = await send({ client, times, now }, request)
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
