// Between a drive and the emulator: each response can be replaced, cut or dropped, before or after the request has had its effect.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Bench } from './bench'

interface Reply {
  readonly status: number
  readonly body: string
}
/** Given what the emulator does with the request when it is called. `drop` closes the connection; a `cut` body is shorter than announced. */
export type Script = (forward: () => Promise<Reply>) => Promise<Reply | 'drop' | { readonly cut: string }>

export interface Proxy {
  readonly url: string
  /** The next requests whose path matches take these scripts, one each. */
  readonly next: (path: RegExp, ...scripts: ReadonlyArray<Script>) => void
  /** Paths of all requests so far, in order. */
  readonly paths: () => ReadonlyArray<string>
  readonly close: () => Promise<void>
}

/** Not executed: this is the response. */
export const instead =
  (status: number, body: unknown): Script =>
  () =>
    Promise.resolve({ status, body: typeof body === 'string' ? body : JSON.stringify(body) })
/** Executed, but this is the response. */
export const after =
  (status: number, body: unknown): Script =>
  async (forward) => {
    await forward()
    return { status, body: typeof body === 'string' ? body : JSON.stringify(body) }
  }
/** Executed, and its response is lost. */
export const lost: Script = async (forward) => {
  await forward()
  return 'drop'
}
/** Executed, and its response ends within the JSON. */
export const cut: Script = async (forward) => ({ cut: (await forward()).body.slice(0, -5) })
/** Lost before anything happened. */
export const dropped: Script = () => Promise.resolve('drop')

export const startProxy = async ({ emulator }: Bench): Promise<Proxy> => {
  const plans: Array<{ readonly path: RegExp; readonly scripts: Array<Script> }> = []
  const paths: Array<string> = []
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? ''
    paths.push(path)
    const body = await buffer(request)
    const dates: Array<string> = []
    const forward = async (): Promise<Reply> => {
      const headers = Object.entries(request.headers).flatMap(([name, value]) =>
        typeof value === 'string' && !['host', 'connection', 'content-length'].includes(name) ? [[name, value]] : [],
      )
      const { method = 'GET' } = request
      const answer = await fetch(emulator.url + path, {
        method,
        headers: Object.fromEntries(headers) as Record<string, string>,
        ...(body.length === 0 ? {} : { body }),
      })
      dates.push(answer.headers.get('date') ?? '')
      return { status: answer.status, body: await answer.text() }
    }
    const script = plans.find((plan) => plan.path.test(path) && plan.scripts.length > 0)?.scripts.shift()
    const reply = await (script === undefined ? forward() : script(forward))
    if (reply === 'drop') {
      request.socket.destroy()
      return
    }
    response.setHeader('content-type', 'application/json')
    for (const date of dates) response.setHeader('date', date)
    if ('cut' in reply) response.writeHead(200).end(reply.cut)
    else response.writeHead(reply.status).end(reply.body)
  }
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: (path, ...scripts) => void plans.push({ path, scripts: [...scripts] }),
    paths: () => [...paths],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
