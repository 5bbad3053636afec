// HTTP: reads a request, lets faults and limits have their say, asks the vendor's handler, commits, answers.
import { AsyncLocalStorage } from 'node:async_hooks'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { setTimeout as delay } from 'node:timers/promises'
import { type Digest } from './blobs'
import { type EmulatorOptions } from './emulator'
import { type FaultKind } from './faults'
import { readJson } from './body'
import { maskQuery } from './requests'
import { Refusal, type Call, type Reply, type Route, type Trouble } from './route'
import { type Stage } from './stage'
import { makeTls, type Tls } from './tls'

export interface Vendor {
  readonly routes: ReadonlyArray<Route>
  /** Words a trouble the vendor's way. `path` is the request's, so that an object store may speak XML. */
  readonly trouble: (trouble: Trouble, path: string) => Reply
  /** Called before each handler, so that work of the vendor's own that is due by now is done. */
  readonly settle?: () => void
  /** Replaces secrets in the path; those in the query are replaced already. */
  readonly maskPath?: (path: string) => string
}

export interface Served {
  readonly url: string
  /** `127.0.0.1:8443` */
  readonly host: string
  readonly caFile?: string
  readonly close: () => Promise<void>
}

const methods = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'] as const

/** The address by which a request came. One for all servers: every promise of the process pays for each storage. */
const calledBy = new AsyncLocalStorage<string | undefined>()

const noBytes = new Uint8Array()

const callOf = (request: FastifyRequest): Call => {
  const url = request.raw.url ?? '/'
  const mark = url.indexOf('?')
  const query = new Map<string, string>()
  const repeated: Array<string> = []
  for (const [key, value] of new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)))
    if (query.has(key)) repeated.push(key)
    else query.set(key, value)
  const params = request.params as Readonly<Record<string, string | undefined>>
  const { method, headers, raw: stream } = request
  return {
    method,
    url,
    params,
    rest: params['*'] ?? '',
    query,
    repeated,
    headers,
    body: undefined,
    raw: noBytes,
    stream,
  }
}

const hasBody = ({ headers }: Call): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

const replyOf = (vendor: Vendor, cause: unknown, path: string): Reply =>
  cause instanceof Refusal ? cause.reply : vendor.trouble({ kind: 'internal', error: cause }, path)

const gate = <D extends Digest>(
  stage: Stage<D>,
  endpoint: string,
  retryAfter: number | undefined,
): { readonly fault?: FaultKind; readonly trouble: Trouble } | undefined => {
  const limited = { kind: 'rate-limited', ...(retryAfter === undefined ? {} : { retryAfter }) } as const
  if (stage.faults.exceedsRate(stage.now())) return { trouble: limited }
  if (stage.faults.strikes(endpoint, '429')) return { fault: '429', trouble: limited }
  if (stage.faults.strikes(endpoint, '5xx')) return { fault: '5xx', trouble: { kind: 'unavailable' } }
  return undefined
}

const send = async (reply: FastifyReply, answer: Reply, now: number): Promise<FastifyReply> => {
  reply.code(answer.status)
  // By the clock that the entries' times are from, which need not be the machine's.
  reply.header('date', new Date(now).toUTCString())
  if (answer.json !== undefined) reply.header('content-type', 'application/json; charset=utf-8')
  for (const [key, value] of Object.entries(answer.headers ?? {})) reply.header(key, value)
  return reply.send(answer.json === undefined ? answer.body : JSON.stringify(answer.json))
}

const makeHandler =
  <D extends Digest>(stage: Stage<D>, vendor: Vendor, retryAfter: number | undefined) =>
  (routeOf: (method: string) => Route) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const route = routeOf(request.method)
    const at = stage.now()
    const { socket } = request.raw
    let call = callOf(request)
    let endpoint = 'unknown'
    let fault: FaultKind | undefined
    const [path = '', query] = call.url.split(/(?=\?)/, 2)
    const log = (status: number): void =>
      stage.requests.add({
        at,
        method: call.method,
        path: maskQuery((vendor.maskPath?.(path) ?? path) + (query ?? '')),
        endpoint,
        status,
        ...(fault === undefined ? {} : { fault }),
      })
    const vanish = (kind: FaultKind | undefined): unknown => {
      fault = kind
      log(0)
      reply.hijack()
      socket.destroy()
      return undefined
    }
    const decide = async (): Promise<Reply | undefined> => {
      if (route.body !== 'stream' && hasBody(call)) {
        const read = await readJson(call.stream)
        if ('trouble' in read) return vendor.trouble(read.trouble, path)
        call = { ...call, body: read.value, raw: read.raw }
      }
      endpoint = typeof route.name === 'string' ? route.name : route.name(call)
      const latency = stage.faults.latency()
      if (latency > 0) await delay(latency)
      if (stage.faults.strikes(endpoint, 'cut')) return undefined
      const stopped = gate(stage, endpoint, retryAfter)
      fault = stopped?.fault
      if (stopped !== undefined) return vendor.trouble(stopped.trouble, path)
      vendor.settle?.()
      return await calledBy.run(call.headers.host, () => route.handle(call, endpoint))
    }
    const answer = await decide().catch((cause: unknown) => replyOf(vendor, cause, path))
    if (answer === undefined) return vanish('cut')
    stage.commit()
    // The handler broke the body off, or the sender went away.
    if (socket.destroyed) return vanish(stage.faults.last(endpoint) === 'put' ? 'put' : undefined)
    if (fault === undefined && stage.faults.strikes(endpoint, 'lost')) return vanish('lost')
    const late = fault === undefined && stage.faults.strikes(endpoint, '5xx-late')
    if (late) fault = '5xx-late'
    const final = late ? vendor.trouble({ kind: 'unavailable' }, path) : answer
    log(final.status)
    return send(reply, final, stage.now())
  }

/** Every path gets every method, so that a wrong one is told from an unknown path. */
const addRoutes = (
  app: FastifyInstance,
  vendor: Vendor,
  handler: (routeOf: (method: string) => Route) => ReturnType<ReturnType<typeof makeHandler>>,
): void => {
  const refuse = (kind: 'no-route' | 'wrong-method'): Route => ({
    name: kind,
    method: [],
    path: '',
    body: 'stream',
    handle: (call) => vendor.trouble({ kind }, call.url),
  })
  const urls = new Map<string, Map<string, Route>>()
  for (const route of vendor.routes)
    for (const url of route.path.endsWith('/*') ? [route.path.slice(0, -2), route.path] : [route.path]) {
      const byMethod = urls.get(url) ?? new Map<string, Route>()
      urls.set(url, byMethod)
      for (const method of [route.method].flat()) byMethod.set(method, route)
    }
  const [wrongMethod, noRoute] = [refuse('wrong-method'), refuse('no-route')]
  // One route for all methods of a URL: what fastify does for each route is most of an emulator's start.
  for (const [url, byMethod] of urls)
    app.route({ method: [...methods], url, handler: handler((method) => byMethod.get(method) ?? wrongMethod) })
  app.setNotFoundHandler(handler(() => noRoute))
}

const tlsOf = (options: EmulatorOptions, directory: string): Tls | undefined =>
  options.tls === true ? makeTls(directory) : options.tls

const makeApp = (tls: Tls | undefined, now: () => number, badUrl: (url: string) => Reply): FastifyInstance => {
  const common = {
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    bodyLimit: Number.MAX_SAFE_INTEGER,
    routerOptions: { maxParamLength: 100_000 },
    requestTimeout: 0,
    keepAliveTimeout: 60_000,
    frameworkErrors: (_error: unknown, request: FastifyRequest, reply: FastifyReply): void =>
      void send(reply, badUrl(request.raw.url ?? ''), now()),
  }
  const app = (tls === undefined ? fastify(common) : fastify({ ...common, https: tls })) as unknown as FastifyInstance
  app.removeAllContentTypeParsers()
  // Bodies are read by the handler: a route decides itself whether it wants JSON or the stream.
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  return app
}

/**
 * `vendor` is made after the port is known, since some answers name the server's own address: the one by which the
 * request reached it, so that whoever comes through a proxy is sent back through it.
 */
export const serve = async <D extends Digest>(
  stage: Stage<D>,
  options: EmulatorOptions,
  makeVendor: (host: () => string) => Vendor,
): Promise<Served> => {
  const tls = tlsOf(options, `${stage.directory}/tls`)
  let host = ''
  const vendor = makeVendor(() => calledBy.getStore() ?? host)
  const app = makeApp(tls, stage.now, (path) => vendor.trouble({ kind: 'bad-url' }, path))
  const handler = makeHandler(stage, vendor, options.retryAfter)
  addRoutes(app, vendor, handler)
  const url = await app
    .listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })
    .catch((cause: unknown) => {
      stage.close()
      throw cause
    })
  host = new URL(url).host
  const close = async (): Promise<void> => {
    await app.close()
    stage.close()
  }
  return { url, host, close, ...(tls?.caFile === undefined ? {} : { caFile: tls.caFile }) }
}
