// A plain server that notes what it is asked, byte for byte, and answers what the test wrote down.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { openTencentSmh, type TencentSmhDrive, type TencentSmhInput } from '../src'

interface Seen {
  readonly line: string
  readonly body: string
  readonly headers: IncomingMessage['headers']
}
export type Reply = readonly [
  status: number,
  body?: object | string | undefined,
  headers?: Readonly<Record<string, string>>,
]

export interface Recorder {
  /** Host and port. */
  readonly host: string
  readonly seen: () => ReadonlyArray<Seen>
  /** Method, path, query and body of each request. */
  readonly lines: () => ReadonlyArray<string>
  /** Forgets what was seen, and answers with these in turn. */
  readonly script: (...replies: ReadonlyArray<Reply>) => void
  readonly open: (settings?: Partial<TencentSmhInput>) => TencentSmhDrive
  readonly close: () => Promise<void>
}

export const startRecorder = async (): Promise<Recorder> => {
  let seen: Array<Seen> = []
  let replies: Array<Reply> = []
  const server = createServer((request, reply) => {
    void buffer(request).then((body) => {
      const line = `${request.method ?? ''} ${request.url ?? ''}`
      seen.push({ line, body: body.toString(), headers: request.headers })
      const [status, answer, headers = {}] = replies.shift() ?? [418, { code: 'NothingScripted' }]
      reply.writeHead(status, { 'content-type': 'application/json', ...headers })
      reply.end(answer === undefined ? undefined : typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    seen: () => seen,
    lines: () => seen.map(({ line, body }) => (body === '' ? line : `${line} ${body}`)),
    script: (...next) => {
      seen = []
      replies = [...next]
    },
    open: (settings = {}) =>
      openTencentSmh(
        {
          baseUrl: `http://${host}`,
          libraryId: 'smhxxxxxxxxxxxx',
          spaceId: 'space04fzo07fdq61b',
          uploadScheme: 'http',
          auth: { kind: 'token', accessToken: 'acctk01f7af' },
          ...settings,
        },
        { delay: () => Promise.resolve(), random: () => 0 },
      ),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
