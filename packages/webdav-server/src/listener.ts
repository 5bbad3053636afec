// From a request to its answer: who asks, by which name, for what; then the method.
import { parentOf } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { addressOf, addressOfUrl, rootHref, type Refusal } from './address'
import type { Authenticate } from './auth'
import { decodedUtf8, header, type Answer, type Exchange, type Gateway } from './gateway'
import { methods } from './methods'
import { allow, changing } from './methods/options'
import { originsOf, type IsTrusted, type Origin, type PublicUrl } from './origin'
import { empty, plain, send, type Reply } from './reply'

export interface Listening {
  readonly gateway: Gateway
  readonly authenticate?: Authenticate | undefined
  /** Without passwords only requests for these hosts are answered: a page of the web that calls this machine by a name of its own is refused. */
  readonly hosts?: ReadonlySet<string> | undefined
  readonly isTrusted: IsTrusted
  readonly publicUrl?: PublicUrl | undefined
  /** Settles when requests can be answered. */
  readonly ready: () => Promise<void>
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

const statusOf = ({ kind }: Refusal, url: string): number => {
  if (kind === 'malformed') return 400
  return url.startsWith('/') ? 404 : 421
}

const addressIn = (gateway: Gateway, { url = '/', method }: IncomingMessage, origins: ReadonlyArray<Origin>) => {
  const named = method === 'OPTIONS' && url === '*' ? rootHref(gateway.prefix) : url
  const address = named.startsWith('/') ? addressOf(gateway, named) : addressOfUrl(gateway, named, origins)
  return E.mapLeft((refusal: Refusal) => plain(statusOf(refusal, named), refusal.why))(address)
}

/** What makes the bytes or the names of a request other than they look. */
const unreadable = ({ headers, headersDistinct }: IncomingMessage): Reply | undefined => {
  for (const name of ['destination', 'if'] as const) {
    const value = headers[name]
    if (typeof value === 'string' && decodedUtf8(value) === undefined)
      return plain(400, `the header ${name} is neither encoded by percent signs nor UTF-8`)
  }
  for (const name of ['Host', 'Destination'])
    if ((headersDistinct[name.toLowerCase()]?.length ?? 0) > 1) return plain(400, `there is more than one ${name}`)
  const codings = [headers['content-encoding'] ?? '', headers['transfer-encoding'] ?? ''].map((it) =>
    it.trim().toLowerCase(),
  )
  const [content = '', transfer = ''] = codings
  if (content !== '' && content !== 'identity')
    return plain(415, 'a body with a Content-Encoding is not accepted; send it without', {
      'Accept-Encoding': 'identity',
    })
  return transfer === '' || transfer === 'chunked' || transfer === 'identity'
    ? undefined
    : plain(501, 'the only Transfer-Encoding is chunked')
}

/** The directories in which a request may leave something when the process is killed. */
const touchedBy = ({
  gateway,
  request,
  method,
  path,
  origins,
}: Pick<Exchange, 'gateway' | 'request' | 'method' | 'path' | 'origins'>) => {
  if (!changing.has(method)) return []
  const destination = header({ request }, 'destination')
  const to = destination === undefined ? undefined : addressOfUrl(gateway, destination, origins)
  const paths = [path, ...(to !== undefined && E.isRight(to) ? [to.right.path] : [])]
  return [...new Set(paths.map((it) => (it === gateway.base ? it : parentOf(it))))]
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
  const bad = unreadable(request)
  if (bad !== undefined) return E.left(bad)
  const origins = originsOf(request, listening.isTrusted, listening.publicUrl)
  const address = addressIn(gateway, request, origins)
  if (E.isLeft(address)) return address
  const exchange: Exchange = {
    gateway,
    ...arrived,
    method,
    origins,
    ...address.right,
    principal: principal.right,
    signal: signalOf(response, underWay),
  }
  await listening.ready()
  const ended = gateway.state.begin(touchedBy(exchange))
  return handler(exchange).finally(ended)
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
