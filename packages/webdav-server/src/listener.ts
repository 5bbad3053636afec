// From a request to its answer: who asks, by which name, for what; then the method.
import * as E from 'fp-ts/Either'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { addressOf, addressOfUrl } from './address'
import type { Authenticate } from './auth'
import type { Answer, Exchange, Gateway } from './gateway'
import { methods } from './methods'
import { allow, changing } from './methods/options'
import { empty, plain, send, type Reply } from './reply'

export interface Listening {
  readonly gateway: Gateway
  readonly authenticate?: Authenticate | undefined
  /** Without passwords only requests for these hosts are answered: a page of the web that calls this machine by a name of its own is refused. */
  readonly hosts?: ReadonlySet<string> | undefined
  /** One for each request that is being answered. */
  readonly underWay: Set<AbortController>
}

const unauthorized = plain(401, 'say who you are', { 'WWW-Authenticate': 'Basic realm="anydrive", charset="UTF-8"' })

const hostOf = (host: string): string => host.toLowerCase().replace(/:\d+$/, '')

/** The signal of one exchange: nobody waits any more once the connection has closed before the end of the answer. */
const signalOf = (response: ServerResponse, underWay: Set<AbortController>): AbortSignal => {
  const controller = new AbortController()
  underWay.add(controller)
  response.once('close', () => {
    underWay.delete(controller)
    if (!response.writableFinished) controller.abort()
  })
  return controller.signal
}

const principalOf = async (listening: Listening, request: IncomingMessage): Answer<string> => {
  const { authenticate, hosts } = listening
  if (authenticate !== undefined) {
    const name = await authenticate(request.headers.authorization)
    return name === undefined ? E.left(unauthorized) : E.right(name)
  }
  const host = request.headers.host
  const known = hosts === undefined || (host !== undefined && hosts.has(hostOf(host)))
  return known ? E.right('') : E.left(plain(421, 'this server is not known by that name'))
}

const addressIn = (gateway: Gateway, { url = '/', method, headers }: IncomingMessage) => {
  if (method === 'OPTIONS' && url === '*') return addressOf(gateway.base, '/')
  return url.startsWith('/') ? addressOf(gateway.base, url) : addressOfUrl(gateway.base, url, headers.host)
}

interface Arrived {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly proceed: () => void
}

const answer = async (listening: Listening, arrived: Arrived): Answer<Reply> => {
  const { gateway, underWay } = listening
  const { request, response } = arrived
  const principal = await principalOf(listening, request)
  if (E.isLeft(principal)) return principal
  const method = request.method ?? ''
  const handler = methods.get(method)
  const refused = { Allow: allow(gateway.readOnly) }
  if (handler === undefined) return E.left(empty(405, refused))
  if (gateway.readOnly && changing.has(method)) return E.left(plain(403, 'this drive is served to be read', refused))
  const address = addressIn(gateway, request)
  if (E.isLeft(address)) return address
  const exchange: Exchange = {
    gateway,
    ...arrived,
    method,
    ...address.right,
    principal: principal.right,
    signal: signalOf(response, underWay),
  }
  return handler(exchange)
}

/** `held`: the client waits for `100 Continue`, which nobody has sent yet. */
export type Listener = (request: IncomingMessage, response: ServerResponse, held?: boolean) => void

/** Takes the requests of any server of Node's. */
export const createListener =
  (listening: Listening): Listener =>
  (request, response, held = false) => {
    let waits = held
    const proceed = () => {
      if (waits) response.writeContinue()
      waits = false
    }
    const respond = async (): Promise<void> => {
      const reply = E.toUnion(await answer(listening, { request, response, proceed }))
      await send(response, reply, request.method === 'HEAD')
    }
    respond().catch((u: unknown) => {
      listening.gateway.log(`a request failed unexpectedly: ${u instanceof Error ? u.message : 'no reason is known'}`)
      if (response.headersSent) response.destroy()
      else void send(response, plain(500, 'an unexpected failure'), false)
    })
  }
