// A gateway for each test, and requests to it that no client library has a say in.
import { type DriveProvider } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
import { serveWebdav, type ServeOptions, type Serving } from '@anydrive/webdav-server'
import * as E from 'fp-ts/Either'
import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { connect } from 'node:net'

export interface Got {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}
export type Ask = (method: string, path: string, headers?: OutgoingHttpHeaders, body?: string | Buffer) => Promise<Got>

export const asking =
  (url: string): Ask =>
  (method, path, headers = {}, body) =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(url)
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
      const sent = request(
        { hostname, port, method, path, headers: { ...length, ...headers }, agent: false },
        (answer) => {
          const chunks: Array<Buffer> = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.once('error', reject)
          answer.once('end', () => {
            const whole = Buffer.concat(chunks)
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: whole, text: whole.toString() })
          })
        },
      )
      sent.once('error', reject)
      sent.end(body)
    })

/** A PUT whose length is not announced. */
export const askChunked = async (
  url: string,
  path: string,
  body: Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number }> =>
  fetch(new URL(path, url), { method: 'PUT', headers, body: new Blob([body]).stream(), duplex: 'half' })

export interface Gateway {
  readonly url: string
  readonly ask: Ask
  readonly drive: DriveProvider
  readonly close: Serving['close']
}

const open = new Set<Serving>()
afterEach(async () => {
  await Promise.all([...open].map((it) => it.close(0)))
  open.clear()
})

/** Ends with the test. */
export const serve = async (options: Partial<ServeOptions> = {}): Promise<Gateway> => {
  const drive = options.drive ?? openMemory()
  const serving = await serveWebdav({ ...options, drive })()
  if (E.isLeft(serving)) throw new Error(serving.left.message)
  open.add(serving.right)
  return { ...serving.right, drive, ask: asking(serving.right.url) }
}

/** Bytes as they are, and all that comes back until the connection ends. */
export const raw = (url: string, text: string): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname, () => socket.write(text))
    let got = ''
    socket.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')))
    socket.on('error', () => resolve(got))
    socket.on('close', () => resolve(got))
  })

export const lockInfo = (scope: 'exclusive' | 'shared' = 'exclusive', owner = ''): string =>
  `<?xml version="1.0"?><lockinfo xmlns="DAV:"><lockscope><${scope}/></lockscope><locktype><write/></locktype>${owner}</lockinfo>`

export const tokenOf = ({ headers }: Got): string => String(headers['lock-token'])

/** Every `href` of a multistatus. */
export const hrefsIn = ({ text }: Got): ReadonlyArray<string> =>
  [...text.matchAll(/<D:response><D:href>([^<]*)<\/D:href>/g)].map(([, href]) => href ?? '')
