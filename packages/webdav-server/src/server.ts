// serveWebdav: a drive behind a port of this machine.
import { root, type DrivePath, type DriveProvider } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { removeAbandoned } from './body-store'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { tmpdir } from 'node:os'
import type { Duplex } from 'node:stream'
import { createAuthenticate, type Users } from './auth'
import { createConnections } from './connections'
import { openProperties, type Properties } from './dead-properties'
import type { Gateway } from './gateway'
import { createListener, type Listener } from './listener'
import { createLocks } from './locks'
import { readPublicUrl, readTrustedProxies, type IsTrusted, type PublicUrl } from './origin'
import { recover } from './recover'
import { rootHref } from './address'
import { openJournal, openState, withoutState, type Served, type State } from './state'

export interface WebdavOptions {
  readonly drive: DriveProvider
  /** The directory to be served as `/`; the root of the drive unless given. */
  readonly path?: DrivePath | undefined
  readonly readOnly?: boolean | undefined
  /** Who may come in, see `readHtpasswd` and `plainCredential`; everybody unless given. */
  readonly users?: Users | undefined
  /** The file of the properties that clients set; in memory unless given. */
  readonly store?: string | undefined
  /** Names by which this server may be called where there are no users; unless given, those of this machine if it listens there only. */
  readonly hosts?: ReadonlyArray<string> | undefined
  /**
   * The URL of the root where a proxy is in front of this server. Its path comes before every path here, which the proxy passes unchanged; its host is one of
   * this server's.
   */
  readonly publicUrl?: string | undefined
  /** Addresses and networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-Proto` and `X-Forwarded-Host` are used; none unless given. */
  readonly trustedProxies?: ReadonlyArray<string> | undefined
  /** The file of the locks, and of the directories in which something is being changed; unless given, both end with the process. */
  readonly state?: string | undefined
  /** Without `state`: the file of the directories alone. It is ignored where it cannot be used, and removed when the process ends in order. */
  readonly journal?: string | undefined
  /** Where bodies wait that a drive cannot take as they come: beyond `memory` bytes (8 MiB) in `dir` (the system's temporary directory). */
  readonly spool?: { readonly memory?: number | undefined; readonly dir?: string | undefined } | undefined
  readonly now?: (() => number) | undefined
  readonly log?: ((text: string) => void) | undefined
}
export interface ServeOptions extends WebdavOptions {
  /** `127.0.0.1` unless given. */
  readonly host?: string | undefined
  /** A free one unless given. */
  readonly port?: number | undefined
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined
}

export interface ServeError {
  readonly _tag: 'StoreUnusable' | 'StateUnusable' | 'InvalidSetting' | 'CannotListen'
  readonly message: string
}

export interface WebdavListener {
  /** The path of the root's URL; `/` unless there is a public URL. */
  readonly root: string
  readonly requestListener: RequestListener
  /** For the server's event `checkContinue`: a request that is refused is refused before its body is sent. */
  readonly checkContinue: RequestListener
  /** For the server's event `clientError`: requests before what cannot be read are answered first. */
  readonly clientError: (error: Error, socket: Duplex) => void
  /** Removes what a killed process left; the first request waits for it, and starts it otherwise. */
  readonly ready: () => Promise<void>
  /** Ends what is under way and closes the store. */
  readonly close: () => void
}
export interface Serving {
  readonly url: string
  /** No new request is taken; those under way have `grace` milliseconds (5,000) to end. */
  readonly close: (grace?: number) => Promise<void>
}

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]', '::1'])

interface Opened {
  readonly publicUrl: PublicUrl | undefined
  readonly isTrusted: IsTrusted
  readonly state: State
  readonly properties: Properties
}

const hostsFor = ({ hosts }: WebdavOptions, publicUrl: PublicUrl | undefined): ReadonlySet<string> | undefined =>
  hosts === undefined
    ? undefined
    : new Set([...hosts, ...(publicUrl === undefined ? [] : [publicUrl.hostname])].map((host) => host.toLowerCase()))

const listenerOn = (options: WebdavOptions, opened: Opened): WebdavListener => {
  const { publicUrl, isTrusted, state, properties } = opened
  const { drive, users, spool, now = Date.now } = options
  const gateway: Gateway = {
    drive,
    base: options.path ?? root,
    prefix: publicUrl?.prefix ?? [],
    readOnly: options.readOnly === true,
    locks: createLocks(now, state),
    properties,
    state,
    spool: { memory: spool?.memory ?? 8 * 1024 * 1024, dir: spool?.dir ?? tmpdir() },
    log: options.log ?? (() => undefined),
  }
  let cleaned: Promise<unknown> | undefined
  const ready = async (): Promise<void> => {
    cleaned ??= Promise.all([removeAbandoned(gateway.spool.dir), recover(gateway)])
    await cleaned
  }
  const underWay = new Set<AbortController>()
  const connections = createConnections()
  const listener: Listener = createListener({
    gateway,
    authenticate: users === undefined ? undefined : createAuthenticate(users, now),
    hosts: hostsFor(options, publicUrl),
    isTrusted,
    publicUrl,
    ready,
    underWay,
  })
  return {
    root: rootHref(gateway.prefix),
    ready,
    requestListener: (request, response) => {
      connections.add(request, response)
      listener(request, response)
    },
    clientError: connections.clientError,
    checkContinue: (request, response) => {
      connections.add(request, response)
      listener(request, response, true)
    },
    close: () => {
      for (const controller of underWay) controller.abort()
      properties.close()
      state.close()
    },
  }
}

const failed = (tag: ServeError['_tag'], message: string): E.Either<ServeError, never> => E.left({ _tag: tag, message })

const stateFor = ({ state, journal }: WebdavOptions, served: Served, log: (text: string) => void) => {
  if (state !== undefined) return openState(state, served, log)
  return E.right(journal === undefined ? withoutState : openJournal(journal, served))
}

const openedFor = (options: WebdavOptions): E.Either<ServeError, Opened> => {
  const { drive, path = root, log = () => undefined, trustedProxies = [] } = options
  const publicUrl = options.publicUrl === undefined ? E.right(undefined) : readPublicUrl(options.publicUrl)
  if (E.isLeft(publicUrl)) return failed('InvalidSetting', publicUrl.left)
  const isTrusted = readTrustedProxies(trustedProxies)
  if (E.isLeft(isTrusted)) return failed('InvalidSetting', isTrusted.left)
  const properties = openProperties(options.store)
  if (E.isLeft(properties)) return failed('StoreUnusable', `the properties cannot be kept: ${properties.left}`)
  const state = stateFor(options, { vendor: drive.vendor, path }, log)
  if (E.isLeft(state)) {
    properties.right.close()
    return failed('StateUnusable', `the state file ${options.state ?? ''} cannot be used: ${state.left}`)
  }
  return E.right({
    publicUrl: publicUrl.right,
    isTrusted: isTrusted.right,
    state: state.right,
    properties: properties.right,
  })
}

/** For a server of one's own, mounted at its root. */
export const webdavListener = (options: WebdavOptions): E.Either<ServeError, WebdavListener> =>
  E.map((opened: Opened) => listenerOn(options, opened))(openedFor(options))

const listening = (server: Server, port: number, host: string): Promise<E.Either<ServeError, number>> =>
  new Promise((resolve) => {
    server.once('error', (error) => {
      resolve(E.left({ _tag: 'CannotListen', message: error.message }))
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(E.right(typeof address === 'object' && address !== null ? address.port : port))
    })
  })

const closed = async (server: Server, listener: WebdavListener, grace: number): Promise<void> => {
  const ended = new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
  })
  const timer = setTimeout(() => {
    server.closeAllConnections()
  }, grace)
  await ended
  clearTimeout(timer)
  listener.close()
}

/** Uploads may take as long as they take; a client that sends no headers may not. */
const patient = { requestTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 30_000 } as const

/** Answers once what a killed process left is removed, and requests are taken. */
export const serveWebdav =
  (options: ServeOptions): TaskEither<ServeError, Serving> =>
  async () => {
    const { host = '127.0.0.1', port = 0, tls } = options
    const name = host.includes(':') ? `[${host}]` : host
    const hosts = options.hosts ?? (loopback.has(host) ? [...loopback, name] : undefined)
    const listener = webdavListener({ ...options, hosts })
    if (E.isLeft(listener)) return listener
    const { requestListener } = listener.right
    const started = E.tryCatch(
      () =>
        tls === undefined
          ? createServer(patient, requestListener)
          : createTlsServer({ ...patient, ...tls }, requestListener),
      (u): ServeError => ({
        _tag: 'CannotListen',
        message: u instanceof Error ? u.message : 'the certificate is unusable',
      }),
    )
    const bound = E.isLeft(started) ? started : await listening(started.right, port, host)
    if (E.isLeft(started) || E.isLeft(bound)) {
      listener.right.close()
      return E.isLeft(started) ? started : (bound as E.Either<ServeError, never>)
    }
    const server = started.right
    server.on('checkContinue', listener.right.checkContinue)
    server.on('clientError', listener.right.clientError)
    // Not before the port is taken: another gateway that has it may be changing the same directories.
    await listener.right.ready()
    return E.right({
      url: `${tls === undefined ? 'http' : 'https'}://${name}:${bound.right}${listener.right.root}`,
      close: (grace = 5000) => closed(server, listener.right, grace),
    })
  }
