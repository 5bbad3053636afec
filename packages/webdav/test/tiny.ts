// A small WebDAV server in memory, which can misbehave at any request and knows what really happened.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { closing, opening } from './scripted'

export const misbehaviours = [
  'lost before',
  'lost after',
  '500 before',
  '500 after',
  '502 before',
  '503 before',
  '504 after',
  '504 with a late effect',
  'page before',
  'page after',
  'accepted only',
  'redirected away',
] as const
export type Misbehaviour = (typeof misbehaviours)[number]

interface Resource {
  /** Undefined: a collection. */
  readonly body: string | undefined
  readonly id: number
  readonly changed: number
}

export interface Tiny {
  readonly url: string
  /** Paths without slashes at their ends, and contents; a collection is `null`. */
  readonly tree: () => Readonly<Record<string, string | null>>
  readonly put: (path: string, body: string | null) => void
  /** Of the changing requests from now on, the one with this number. */
  readonly misbehaveAt: (n: number, how: Misbehaviour) => void
  /** Changing requests since `misbehaveAt`. */
  readonly changes: () => number
  /** Carries out what is late. */
  readonly settle: () => void
  readonly close: () => Promise<void>
}

interface Identities {
  /** `oc:fileid`, `getetag` and `creationdate`; the modification time is always there. */
  readonly ids: boolean
  readonly etags: boolean
  readonly created: boolean
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
const pathIn = (address: string): string =>
  decodeURIComponent(new URL(address, 'http://host').pathname).replace(/^\/|\/$/g, '')

export const tiny = async ({ ids, etags, created }: Identities): Promise<Tiny> => {
  const resources = new Map<string, Resource>([['', { body: undefined, id: 0, changed: 0 }]])
  let lastId = 0
  let count = 0
  let planned: { readonly n: number; readonly how: Misbehaviour } | undefined
  let late: Array<() => void> = []

  const set = (path: string, body: string | undefined, { id, changed }: Partial<Resource> = {}) => {
    resources.set(path, { body, id: id ?? ++lastId, changed: changed ?? Date.now() })
  }
  const below = (path: string) => [...resources.keys()].filter((one) => one === path || one.startsWith(`${path}/`))
  const respelled = (path: string, from: string, to: string) => to + path.slice(from.length)

  const shown = (path: string): string => {
    const { body, id, changed } = resources.get(path) ?? { body: undefined, id: 0, changed: 0 }
    const href = `/${path.split('/').map(encodeURIComponent).join('/')}${body === undefined && path !== '' ? '/' : ''}`
    const kind =
      body === undefined
        ? '<D:resourcetype><D:collection/></D:resourcetype>'
        : `<D:resourcetype/><D:getcontentlength>${Buffer.byteLength(body)}</D:getcontentlength>`
    const at = new Date(changed)
    const more = [
      `<D:getlastmodified>${at.toUTCString()}</D:getlastmodified>`,
      created ? `<D:creationdate>${at.toISOString()}</D:creationdate>` : '',
      ids ? `<oc:fileid>${id}</oc:fileid>` : '',
      etags && body !== undefined ? `<D:getetag>"${id}-${body.length}"</D:getetag>` : '',
    ]
    return `<D:response><D:href>${href}</D:href><D:propstat><D:prop>${kind}${more.join('')}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`
  }

  const change = (
    method: string,
    path: string,
    to: string,
    conditions: IncomingMessage['headers'],
    body: string,
  ): number => {
    const there = resources.get(path)
    if (method === 'MKCOL' || method === 'PUT') {
      if (resources.get(parentOf(path))?.body !== undefined || !resources.has(parentOf(path))) return 409
      if (method === 'MKCOL' && there !== undefined) return 405
      if (there !== undefined && there.body === undefined) return 405
      if (conditions['if-none-match'] === '*' && there !== undefined) return 412
      set(path, method === 'PUT' ? body : undefined)
      return there === undefined ? 201 : 204
    }
    if (there === undefined) return 404
    if (method === 'DELETE') {
      for (const one of below(path)) resources.delete(one)
      return 204
    }
    if (resources.has(to)) return 412
    if (!resources.has(parentOf(to))) return 409
    for (const one of below(path)) {
      const resource = resources.get(one)
      if (resource === undefined) continue
      if (method === 'MOVE') resources.delete(one)
      set(respelled(one, path, to), resource.body, method === 'MOVE' ? resource : {})
    }
    return 201
  }

  const changing = (req: IncomingMessage, res: ServerResponse, apply: () => number) => {
    count += 1
    const how = planned?.n === count ? planned.how : undefined
    const answer = (status: number, text = '', headers = {}) => void res.writeHead(status, headers).end(text)
    const page = () => answer(200, '<!doctype html><title>Log in</title>', { 'content-type': 'text/html' })
    switch (how) {
      case undefined:
        return answer(apply())
      case 'lost before':
        return void req.socket.destroy()
      case 'lost after':
        apply()
        return void req.socket.destroy()
      case 'page before':
        return page()
      case 'page after':
        apply()
        return page()
      case 'accepted only':
        return answer(202)
      case 'redirected away':
        return answer(302, '', { location: 'https://login.example/?next=secret' })
      case '504 with a late effect':
        late.push(apply)
        return answer(504)
      default:
        if (how.endsWith('after')) apply()
        return answer(Number(how.slice(0, 3)))
    }
  }

  const settle = () => {
    const now = late
    late = []
    for (const apply of now) apply()
  }
  const server = createServer((req, res) => {
    const chunks: Array<Buffer> = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const { method = '', url = '', headers } = req
      const path = pathIn(url)
      const body = Buffer.concat(chunks).toString()
      if (method !== 'PROPFIND') {
        const { destination = '/' } = headers
        changing(req, res, () => change(method, path, pathIn(String(destination)), headers, body))
        return
      }
      if (!resources.has(path)) res.writeHead(404).end()
      else {
        const members = [...resources.keys()].filter((one) => one !== path && one !== '' && parentOf(one) === path)
        const paths = headers['depth'] === '1' ? [path, ...members] : [path]
        res.writeHead(207).end(opening + paths.map(shown).join('') + closing)
      }
      settle()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tree: () =>
      Object.fromEntries(
        [...resources].flatMap(([path, { body }]) =>
          path === '' || /\.anydrive-[0-9a-f]{12}/.test(path) ? [] : [[path, body ?? null]],
        ),
      ),
    put: (path, body) => set(path, body ?? undefined, { changed: Date.now() - 60_000 }),
    misbehaveAt: (n, how) => {
      planned = { n, how }
      count = 0
    },
    changes: () => count,
    settle,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
