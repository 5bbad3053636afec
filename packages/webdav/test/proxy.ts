// A proxy that loses requests and answers, between a drive and a real server.
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { randomOf } from '../../core/test/random'

/** Shares of requests: cut before they are forwarded, answered 503 instead, forwarded with the answer lost, forwarded and answered 500. */
interface Faults {
  readonly cut: number
  readonly busy: number
  readonly lost: number
  readonly late: number
}
const nothing: Faults = { cut: 0, busy: 0, lost: 0, late: 0 }

export interface Proxy {
  readonly url: string
  readonly set: (faults: Faults | undefined) => void
  readonly seen: Array<{
    readonly method: string
    readonly target: string
    readonly headers: IncomingMessage['headers']
  }>
  readonly close: () => Promise<void>
}

type Fate = keyof Faults | 'none'
const fateOf = (faults: Faults, at: number): Fate => {
  let sum = 0
  for (const fate of ['cut', 'busy', 'lost', 'late'] as const) {
    sum += faults[fate]
    if (at < sum) return fate
  }
  return 'none'
}

const answer = (res: ServerResponse, from: IncomingMessage, fate: Fate): void => {
  if (fate === 'none') {
    res.writeHead(from.statusCode ?? 500, from.rawHeaders)
    from.pipe(res)
    return
  }
  from.resume()
  from.once('end', () => {
    if (fate === 'lost') res.destroy()
    else res.writeHead(500, { 'content-length': '0' }).end()
  })
}

/** `Destination` and `Host` name the server behind, as a proxy in use would have it. */
export const startProxy = async (target: string, seed: number): Promise<Proxy> => {
  const random = randomOf(seed)
  const { host, hostname, port } = new URL(target)
  let faults = nothing
  const seen: Proxy['seen'] = []
  const server: Server = createServer((req, res) => {
    seen.push({ method: req.method ?? '', target: req.url ?? '', headers: req.headers })
    const fate = fateOf(faults, random())
    if (fate === 'cut') return void res.destroy()
    if (fate === 'busy') {
      req.resume()
      return void res.writeHead(503, { 'content-length': '0' }).end()
    }
    const destination = req.headers['destination']
    const headers = { ...req.headers, host }
    if (typeof destination === 'string')
      Object.assign(headers, { destination: destination.replace(/^http:\/\/[^/]+/, `http://${host}`) })
    const onward = request({ host: hostname, port, method: req.method, path: req.url, headers }, (from) =>
      answer(res, from, fate),
    )
    onward.once('error', () => res.destroy())
    res.once('close', () => onward.destroy())
    req.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    set: (now) => {
      faults = now ?? nothing
    },
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
