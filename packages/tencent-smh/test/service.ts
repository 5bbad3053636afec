// A small HTTP service for uploads: each kind of request is answered in turn by what the test scripted for it, and recorded.
import { createDigests } from '@anydrive/checksums'
import { fromBytes, type UploadSource, type WriteOptions } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { openTencentSmh, type TencentSmhInput } from '../src'
import { at } from './harness'
import type { Reply } from './recorder'

type Kind = 'begin' | 'put' | 'confirm' | 'status' | 'renew' | 'abort' | 'find'
export type Script = Readonly<Partial<Record<Kind, ReadonlyArray<Reply>>>>

export const crcOf = (content: string): string => {
  const digests = createDigests(['crc64xz'])
  digests.update(Buffer.from(content))
  return digests.digest().crc64xz
}
/** As SMH prints it. */
export const decimal = (content: string): string => String(BigInt(`0x${crcOf(content)}`))
export const times = <A>(count: number, value: A): ReadonlyArray<A> => Array.from({ length: count }, () => value)

const kindOf = (method: string, url: URL): Kind => {
  const has = (name: string) => url.searchParams.has(name)
  if (url.pathname.startsWith('/o')) return 'put'
  if (has('confirm')) return 'confirm'
  if (has('renew')) return 'renew'
  if (has('upload')) return method === 'DELETE' ? 'abort' : 'status'
  return has('info') ? 'find' : 'begin'
}

export interface Service {
  /** Where SMH says that the bytes go. */
  readonly target: (expiresInSeconds?: number) => object
  /** Writes `text` at `d/f`. The requests are `kind` with the key of the upload, or the part and its bytes. */
  readonly write: (
    script: Script,
    text: string,
    options?: WriteOptions & {
      readonly state?: object
      readonly upload?: TencentSmhInput['upload']
      readonly source?: UploadSource
      readonly now?: () => number
    },
  ) => Promise<Ended>
  readonly close: () => Promise<void>
}
interface Ended {
  readonly answer: E.Either<object, object>
  readonly requests: ReadonlyArray<string>
  readonly states: ReadonlyArray<unknown>
  readonly progress: ReadonlyArray<number>
  readonly logged: ReadonlyArray<object>
}

export const startService = async (): Promise<Service> => {
  let requests: Array<string> = []
  let script: Script = {}
  const turns = new Map<Kind, number>()
  const server = createServer((request, reply) => {
    void buffer(request).then((bytes) => {
      const url = new URL(request.url ?? '', 'http://localhost')
      const kind = kindOf(request.method ?? '', url)
      const { searchParams: query, pathname } = url
      const part = query.has('partNumber') ? ` ${query.get('partNumber') ?? ''} of ${query.get('uploadId') ?? ''}` : ''
      const key =
        kind === 'put' ? `${part} ${bytes.toString()}` : kind === 'begin' ? '' : ` ${pathname.split('/').pop() ?? ''}`
      requests.push(kind + key)
      const turn = turns.get(kind) ?? 0
      turns.set(kind, turn + 1)
      const [status, body, headers = {}] = script[kind]?.[turn] ?? [418, { code: 'NothingScripted' }]
      reply.writeHead(status, { 'content-type': 'application/json', ...headers })
      reply.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    target: (expiresInSeconds = 10_000) => ({
      ...{ domain: host, path: 'o', headers: { a: 'b' }, uploadId: 'U', confirmKey: 'k' },
      expiration: new Date(expiresInSeconds * 1000).toISOString(),
    }),
    write: async (given, text, { state, upload, source, now = () => 0, ...options } = {}) => {
      requests = []
      script = { abort: times(9, [204]), ...given }
      turns.clear()
      const states: Array<unknown> = []
      const progress: Array<number> = []
      const logged: Array<object> = []
      const drive = openTencentSmh(
        {
          ...{ baseUrl: `http://${host}`, libraryId: 'smhx', uploadScheme: 'http' },
          ...{ auth: { kind: 'token', accessToken: 'acctk' } },
          upload: { singleUpTo: 3, partSize: 1024 * 1024, parallel: 1, instant: false, ...upload },
        },
        {
          ...{ now, random: () => 0, delay: () => Promise.resolve() },
          log: (event) => event.name !== 'request' && logged.push(event),
        },
      )
      const answer = await drive.writeFile(at('d/f'), source ?? fromBytes(text), {
        ...(state === undefined ? {} : { resume: { vendor: 'tencent-smh', state: state as never } }),
        onProgress: (bytes) => progress.push(bytes),
        ...options,
        onCheckpoint:
          options.onCheckpoint ??
          ((ref) => () => {
            states.push(ref.state)
            return Promise.resolve(E.right(undefined))
          }),
      })()
      return { answer, requests, states, progress, logged }
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
