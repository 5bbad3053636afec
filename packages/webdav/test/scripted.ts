// A server that does what a test says, and remembers what it was asked.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
export interface Said {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Iterable<string>
  /** The connection is cut after the body, or nothing more comes. */
  readonly ending?: 'cut' | 'silence'
}

export interface Scripted {
  readonly url: string
  readonly asked: Array<Asked>
  readonly close: () => Promise<void>
}

export const scripted = async (script: (asked: Asked, nth: number) => Said): Promise<Scripted> => {
  const asked: Array<Asked> = []
  const server = createServer((req, res) => {
    const chunks: Array<Buffer> = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const one = {
        method: req.method ?? '',
        target: req.url ?? '',
        headers: req.headers,
        body: Buffer.concat(chunks).toString(),
      }
      asked.push(one)
      const { status, headers = {}, body = '', ending } = script(one, asked.length - 1)
      res.writeHead(status, headers)
      if (typeof body === 'string' && ending === undefined) {
        res.end(body)
        return
      }
      const pieces = (typeof body === 'string' ? [body] : body)[Symbol.iterator]()
      const end = () => {
        if (ending === 'cut') setTimeout(() => res.destroy(), 50)
        else if (ending === undefined) res.end()
      }
      const write = (): void => {
        for (;;) {
          const next = pieces.next()
          if (next.done === true) return void end()
          if (!res.write(next.value)) return void res.once('drain', write)
        }
      }
      write()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export interface Shown {
  readonly href: string
  readonly size?: number
  readonly etag?: string
  readonly more?: string
}

/** One with a size is a file. */
export const shown = ({ href, size, etag, more = '' }: Shown): string =>
  `<D:response><D:href>${href}</D:href><D:propstat><D:prop>${
    size === undefined
      ? '<D:resourcetype><D:collection/></D:resourcetype>'
      : `<D:resourcetype/><D:getcontentlength>${size}</D:getcontentlength>`
  }${etag === undefined ? '' : `<D:getetag>${etag}</D:getetag>`}${more}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`

export const opening = '<?xml version="1.0"?><D:multistatus xmlns:D="DAV:" xmlns:oc="http://owncloud.org/ns">'
export const closing = '</D:multistatus>'
export const multistatus = (...entries: ReadonlyArray<Shown>): Said => ({
  status: 207,
  headers: { 'content-type': 'application/xml' },
  body: opening + entries.map(shown).join('') + closing,
})
export const missing: Said = { status: 404 }
