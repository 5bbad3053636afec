// Serves the page of a migration to browsers of this machine: GET and HEAD of the page and of its events, nothing else.
import { liveFragments, livePage, type LiveState } from '@anydrive/report'
import * as E from 'fp-ts/Either'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { codeOf } from '../error-code'
import { usage, type Problem } from '../problem'
import type { Feed } from './feed'

export interface Dashboard {
  readonly url: string
  /** Ends the streams, and every connection. */
  readonly close: () => Promise<void>
}

const address = '127.0.0.1'
/** A page of the web that has this address under a name of its own is not answered. */
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i
const mostStreams = 100
/** Milliseconds after which a stream says that it is still there, and that a client has to take the end of it. */
const silence = 15_000
const patience = 500

const headers = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
}

const plain = (response: ServerResponse, status: number, text: string, more: Readonly<Record<string, string>> = {}) => {
  response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8', ...more })
  response.end(response.req.method === 'HEAD' ? undefined : `${text}\n`)
}

const sendPage = (response: ServerResponse, state: LiveState): void => {
  const { html, policy } = livePage(state)
  response.writeHead(200, {
    ...headers,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy,
  })
  response.end(response.req.method === 'HEAD' ? undefined : html)
}

/** What each client lacks is sent to it; one that takes nothing gets the latest state once it does. */
const createStreams = (feed: Feed) => {
  const open = new Set<ServerResponse>()
  let known: { readonly state: LiveState; readonly fragments: ReadonlyMap<string, string> } | undefined
  const fragmentsOf = (state: LiveState): ReadonlyMap<string, string> => {
    if (known?.state !== state) known = { state, fragments: liveFragments(state) }
    return known.fragments
  }
  return {
    add: (response: ServerResponse): void => {
      const sent = new Map<string, string>()
      let latest: LiveState | undefined
      const send = (): void => {
        if (latest === undefined || response.writableNeedDrain || response.writableEnded) return
        const changed = [...fragmentsOf(latest)].filter(([id, html]) => sent.get(id) !== html)
        for (const [id, html] of changed) sent.set(id, html)
        if (changed.length > 0) response.write(`data: ${JSON.stringify(Object.fromEntries(changed))}\n\n`)
      }
      const beat = setInterval(() => {
        if (!response.writableNeedDrain) response.write(':\n\n')
      }, silence)
      response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream' })
      response.write('retry: 2000\n\n')
      response.on('drain', send)
      open.add(response)
      const stop = feed.follow((state) => {
        latest = state
        send()
      })
      response.once('close', () => {
        clearInterval(beat)
        stop()
        open.delete(response)
      })
    },
    size: () => open.size,
    end: (): void => {
      for (const response of open) response.end()
    },
  }
}

/** `port`: 0 is a free one. A left: nothing listens. */
export const serveDashboard = async (feed: Feed, port: number): Promise<E.Either<Problem, Dashboard>> => {
  const streams = createStreams(feed)
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request
    if (!loopback.test(request.headers.host ?? '')) {
      plain(response, 421, 'this server is not known by that name')
      return
    }
    if (method !== 'GET' && method !== 'HEAD') {
      plain(response, 405, 'this page can only be read', { Allow: 'GET, HEAD' })
      return
    }
    const [path] = url.split('?')
    if (path === '/') sendPage(response, await feed.current())
    else if (path !== '/events') plain(response, 404, 'there is only one page here: /')
    else if (method === 'HEAD') response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream' }).end()
    else if (streams.size() >= mostStreams) plain(response, 503, 'too many pages follow this migration')
    else streams.add(response)
  }
  const server = createServer((request, response) => {
    request.resume()
    answer(request, response).catch(() => {
      response.destroy()
    })
  })
  try {
    server.listen(port, address)
    await once(server, 'listening')
  } catch (u) {
    const isTaken = codeOf(u) === 'EADDRINUSE'
    return E.left(
      usage(
        `port ${port} of ${address} ${isTaken ? 'is in use' : `cannot be used (${codeOf(u) ?? 'unknown'})`}`,
        'Choose another --port, or leave it out: then a free one is taken.',
      ),
    )
  }
  const bound = server.address()
  return E.right({
    url: `http://${address}:${typeof bound === 'object' && bound !== null ? bound.port : port}/`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      streams.end()
      const late = setTimeout(() => {
        server.closeAllConnections()
      }, patience)
      await closed
      clearTimeout(late)
    },
  })
}
