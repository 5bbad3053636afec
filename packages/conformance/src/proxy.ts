// A reverse proxy for tests of HTTP adapters: it records requests, and a test decides what becomes of each.
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'

/** A request as the adapter sent it. Headers and bodies may hold secrets: messages name the method and the path only. */
export interface ProxiedRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface ProxyResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | ReadonlyArray<string>>> | undefined
  readonly body?: Buffer | string | undefined
}

/** What the client gets: a response, a response that is cut off after some bytes of its body, or the end of its connection. */
export type ProxyAnswer = ProxyResponse | { readonly cut: ProxyResponse; readonly after: number } | 'drop'

/**
 * Decides what becomes of one request. `forward` sends it to the server, changed if a request is given, and may be
 * called any number of times, also later. A promise that never resolves leaves the client without an answer.
 */
export type Interceptor = (
  request: ProxiedRequest,
  forward: (changed?: ProxiedRequest) => Promise<ProxyResponse>,
) => Promise<ProxyAnswer>

export interface FaultProxy {
  /** The server's URL with the proxy's host and port in place of the server's own. */
  readonly url: string
  /** What arrived so far, in order, whatever became of it. */
  readonly requests: ReadonlyArray<ProxiedRequest>
  /** Every request from now on meets this interceptor; without one all are forwarded. */
  readonly intercept: (interceptor?: Interceptor) => void
  /** Resolves once the server has answered everything that was forwarded so far. */
  readonly idle: () => Promise<void>
  /** Ends every connection, and forwards nothing more; resolves once the server has answered what was forwarded. */
  readonly close: () => Promise<void>
}

export interface FaultProxyOptions {
  /**
   * The `Host` header that the server gets. `preserve`, the default, is the client's own, so that signatures hold and a
   * server that names its own address names the proxy's. `target` is the server's, for servers that know one name only;
   * the proxy then translates `Destination` and `Location`.
   */
  readonly host?: 'preserve' | 'target' | undefined
}

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'expect',
  'proxy-connection',
])

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const endToEnd = (headers: IncomingHttpHeaders): Record<string, string | ReadonlyArray<string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || hopByHop.has(name) ? [] : [[name, value] as const],
    ),
  )

const renamed = (
  headers: Record<string, string | ReadonlyArray<string>>,
  names: ReadonlyArray<string>,
  from: string,
  to: string,
): Record<string, string | ReadonlyArray<string>> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      names.includes(name) && typeof value === 'string' ? value.replace(`//${from}`, `//${to}`) : value,
    ]),
  )

const bytesOf = ({ body }: ProxyResponse): Buffer =>
  typeof body === 'string' ? Buffer.from(body) : (body ?? Buffer.alloc(0))

const write = (response: ServerResponse, answer: ProxyAnswer, method: string): void => {
  if (answer === 'drop') return void response.destroy()
  const isCut = 'cut' in answer
  const whole = isCut ? answer.cut : answer
  const body = bytesOf(whole)
  // A response to HEAD, 204 and 304 have no body, and the first states the length of one that is not sent.
  const bodiless = method === 'HEAD' || whole.status === 204 || whole.status === 304
  response.writeHead(whole.status, {
    ...(whole.headers as Record<string, string | Array<string>> | undefined),
    ...(bodiless ? {} : { 'content-length': String(body.length) }),
  })
  if (!isCut) return void response.end(bodiless ? undefined : body)
  response.write(body.subarray(0, answer.after), () => response.destroy())
  response.flushHeaders()
}

/** Listens on a free port of 127.0.0.1 and forwards to the server at `target`, an `http:` or `https:` URL. */
export const startFaultProxy = async (
  target: string,
  { host = 'preserve' }: FaultProxyOptions = {},
): Promise<FaultProxy> => {
  const server = new URL(target)
  const secure = server.protocol === 'https:'
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new Agent({ keepAlive: true })
  const requests: Array<ProxiedRequest> = []
  const onTheirWay = new Set<Promise<unknown>>()
  let interceptor: Interceptor = (_, forward) => forward()
  let own = ''
  let isClosed = false

  const send = ({ method, target: path, headers, body }: ProxiedRequest): Promise<ProxyResponse> =>
    new Promise((resolve, reject) => {
      const kept = endToEnd(headers)
      const outgoing =
        host === 'preserve' ? kept : { ...renamed(kept, ['destination'], own, server.host), host: server.host }
      const hasBody = body.length > 0 || headers['content-length'] !== undefined
      const sent = (secure ? httpsRequest : httpRequest)(
        {
          host: server.hostname,
          port: server.port,
          method,
          path,
          agent,
          headers: {
            ...(outgoing as Record<string, string | Array<string>>),
            ...(hasBody ? { 'content-length': String(body.length) } : {}),
          },
        },
        (response) => {
          bodyOf(response).then((bytes) => {
            const received = endToEnd(response.headers)
            const back = host === 'preserve' ? received : renamed(received, ['location'], server.host, own)
            const length = response.headers['content-length']
            resolve({
              status: response.statusCode ?? 502,
              headers: method === 'HEAD' && length !== undefined ? { ...back, 'content-length': length } : back,
              body: bytes,
            })
          }, reject)
        },
      )
      sent.once('error', reject)
      sent.end(body)
    })

  const forward = (request: ProxiedRequest): Promise<ProxyResponse> => {
    if (isClosed) return Promise.reject(new Error('the proxy is closed'))
    const sent = send(request)
    const settled = sent.catch(() => undefined).finally(() => onTheirWay.delete(settled))
    onTheirWay.add(settled)
    return sent
  }

  const idle = async (): Promise<void> => {
    while (onTheirWay.size > 0) await Promise.all(onTheirWay)
  }

  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = message.method ?? 'GET'
    const body = await bodyOf(message)
    const request: ProxiedRequest = { method, target: message.url ?? '/', headers: message.headers, body }
    requests.push(request)
    const answer = await interceptor(request, (changed = request) => forward(changed))
    if (!response.destroyed) write(response, answer, method)
  }

  const listener = createServer((message, response) => {
    // A client or a server that went away ends the exchange as a lost connection would.
    serve(message, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  own = `127.0.0.1:${(listener.address() as AddressInfo).port}`
  return {
    url: `http://${own}${server.pathname === '/' && !target.endsWith('/') ? '' : server.pathname}`,
    requests,
    intercept: (next) => {
      interceptor = next ?? ((_, pass) => pass())
    },
    idle,
    close: async () => {
      isClosed = true
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()))
      listener.closeAllConnections()
      await closed
      await idle()
      agent.destroy()
    },
  }
}
