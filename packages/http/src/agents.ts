// Connections: kept for reuse, through a proxy where one is named, with the certificates that are trusted, and guarded against private addresses.
import { secret, type Secret } from '@anydrive/core'
import { network } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { HttpProxyAgent } from 'http-proxy-agent'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import tls from 'node:tls'
import { guardedLookup } from './addresses'
import { endsEarly } from './exchange'
import { proxyOfEnvironment } from './proxy'
import type { HttpFault } from './request'
import type { HttpSettings } from './settings'

/** An unused connection is closed after this long, in milliseconds, before a server does it: Node.js and Apache wait 5 s. It never keeps the process alive. */
const keptFor = 4000
/** As axios sets it on every socket: another value would be set anew, twice for each request. */
const keepAliveMsecs = 60_000

/** Node adds these to its own unless certificates are given. */
const extraCertificates = (): ReadonlyArray<string> => {
  const file = process.env['NODE_EXTRA_CA_CERTS'] ?? ''
  try {
    return file === '' ? [] : [readFileSync(file, 'utf8')]
  } catch {
    return []
  }
}

/** What Node trusts when no certificates are given, the system's included if it is configured so; Node 20 has no function for it. */
const usualCertificates = (): ReadonlyArray<string> => {
  const { getCACertificates } = tls as { readonly getCACertificates?: (type: 'default') => ReadonlyArray<string> }
  return getCACertificates?.('default') ?? [...tls.rootCertificates, ...extraCertificates()]
}

interface Connection {
  /** The URL is named by a service, and must not lead to a private address. */
  readonly guarded: boolean
  /** Not one that was kept. */
  readonly fresh: boolean
}

/** Ends the connection to a proxy with the request that waits for it: until the proxy has answered, the request has no socket that it could destroy. */
const endsWithRequest = (agent: HttpsProxyAgent<string>): HttpsProxyAgent<string> => {
  const connect = agent.connect.bind(agent)
  agent.connect = (request, options) => {
    const { connectOpts } = agent
    const controller = new AbortController()
    request.once(endsEarly, () => controller.abort())
    agent.connectOpts = { ...connectOpts, signal: controller.signal }
    const connecting = connect(request, options)
    agent.connectOpts = connectOpts
    return connecting
  }
  return agent
}

const isLoopbackHost = (url: string): boolean => /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname)

/** Scheme, host and port, as they are written. */
const originOf = (url: string): string => /^\w+:\/\/[^/?#]*/.exec(url)?.[0] ?? url
/** Services name few hosts; one that names many has the proxy of each looked up for each request. */
const mostOrigins = 1000

const unusableProxy: HttpFault = network({
  effect: 'none',
  code: 'ERR_INVALID_PROXY',
  said: 'the proxy that the environment names is no http or https URL; correct HTTP_PROXY, HTTPS_PROXY or ALL_PROXY',
})

export interface Agents {
  /** Left: the environment names a proxy that cannot be used. */
  readonly of: (url: string, connection: Connection) => E.Either<HttpFault, http.Agent>
  /** After one kept connection turned out to be closed by the other side, the others are not tried. */
  readonly closeIdle: () => void
}

export const createAgents = ({ ca, proxy = 'environment' }: Pick<HttpSettings, 'ca' | 'proxy'>): Agents => {
  const trusted = ca === undefined ? {} : { ca: [...usualCertificates(), ca] }
  const made = new Map<string, http.Agent>()
  /** So that no message shows the password of a proxy. */
  const passwords: Array<Secret> = []

  const ofOrigins = new Map<string, http.Agent>()

  const proxyFor = (url: string): E.Either<'invalid', string> => {
    if (proxy === 'none' || !URL.canParse(url)) return E.right('')
    if (proxy !== 'environment') return E.right(proxy)
    return isLoopbackHost(url) ? E.right('') : proxyOfEnvironment(url)
  }
  const create = (isTls: boolean, through: string, { guarded, fresh }: Connection): http.Agent => {
    const options = {
      ...(fresh ? { keepAlive: false } : { keepAlive: true, keepAliveMsecs, timeout: keptFor }),
      ...(isTls || through.startsWith('https:') ? trusted : {}),
    }
    if (through === '') {
      const looking = guarded ? { ...options, lookup: guardedLookup } : options
      return isTls ? new https.Agent(looking) : new http.Agent(looking)
    }
    const { password } = new URL(through)
    if (password !== '') passwords.push(secret(decodeURIComponent(password)))
    if (!isTls) return new HttpProxyAgent(through, options)
    const agent = endsWithRequest(new HttpsProxyAgent(through, options))
    // It uses its options for the connection to the proxy alone; these are for the one through it.
    Object.assign(agent.options, trusted)
    return agent
  }
  return {
    of: (url, connection) => {
      const { guarded, fresh } = connection
      const origin = `${guarded ? 'guarded ' : ''}${fresh ? 'fresh ' : ''}${originOf(url)}`
      const known = ofOrigins.get(origin)
      if (known !== undefined) return E.right(known)
      const isTls = url.startsWith('https:')
      const named = proxyFor(url)
      if (E.isLeft(named)) return E.left(unusableProxy)
      const through = named.right
      const key = [isTls, guarded, fresh, through].join(' ')
      const agent = made.get(key) ?? create(isTls, through, connection)
      made.set(key, agent)
      if (ofOrigins.size < mostOrigins) ofOrigins.set(origin, agent)
      return E.right(agent)
    },
    closeIdle: () => {
      for (const agent of made.values()) for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy()
    },
  }
}
