// The toy vendor's service, in memory: what a real adapter's author has instead are the vendor's documents, or an emulator of them.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Stored = { readonly bytes?: Buffer; readonly created: string; readonly changed: string }
type Conflict = 'fail' | 'number' | 'replace'

class Refusal extends Error {
  readonly status: number
  readonly body: { readonly code: string; readonly at?: string }
  constructor(status: number, code: string, at?: string) {
    super(code)
    this.status = status
    this.body = { code, ...(at === undefined ? {} : { at }) }
  }
}

const parent = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')))
const name = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const join = (dir: string, child: string): string => (dir === '/' ? `/${child}` : `${dir}/${child}`)
const inside = (dir: string, path: string): boolean => path === dir || path.startsWith(dir === '/' ? '/' : `${dir}/`)
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

const numbered = (path: string, n: number, folder: boolean): string => {
  const dot = folder ? -1 : name(path).lastIndexOf('.')
  const [stem, tail] = dot > 0 ? [name(path).slice(0, dot), name(path).slice(dot)] : [name(path), '']
  return join(parent(path), `${stem} (${n})${tail}`)
}

const now = () => new Date().toISOString()

const createBox = () => {
  const nodes = new Map<string, Stored>([['/', { created: now(), changed: now() }]])
  const get = (path: string): Stored => {
    const node = nodes.get(path)
    if (node === undefined) throw new Refusal(404, 'no-such')
    return node
  }
  const show = (path: string) => {
    const { bytes, created, changed } = get(path)
    return bytes === undefined
      ? { path, folder: true, created, changed }
      : { path, folder: false, bytes: bytes.length, sha256: digest(bytes), created, changed }
  }
  const needParent = (path: string): void => {
    for (let at = parent(path); ; at = parent(at)) {
      const node = nodes.get(at)
      if (node?.bytes !== undefined) throw new Refusal(409, 'not-a-folder', at)
      if (node !== undefined && at !== parent(path)) throw new Refusal(404, 'no-parent')
      if (node !== undefined) return
    }
  }
  const placeFor = (path: string, folder: boolean, conflict: Conflict): string => {
    needParent(path)
    const standing = nodes.get(path)
    if (standing === undefined) return path
    if (conflict === 'replace' && !folder && standing.bytes !== undefined) return path
    if (conflict !== 'number') throw new Refusal(409, 'taken')
    for (let n = 1; ; n++) if (!nodes.has(numbered(path, n, folder))) return numbered(path, n, folder)
  }
  return {
    show,
    list: (path: string, cursor: string, limit: number) => {
      if (get(path).bytes !== undefined) throw new Refusal(409, 'not-a-folder')
      const names = [...nodes.keys()].filter((p) => p !== '/' && parent(p) === path && p > cursor).sort()
      const page = names.slice(0, limit)
      return { nodes: page.map(show), ...(names.length > limit ? { next: page[page.length - 1] } : {}) }
    },
    mkdir: (path: string, conflict: Conflict) => {
      const at = placeFor(path, true, conflict)
      nodes.set(at, { created: now(), changed: now() })
      return show(at)
    },
    upload: (path: string, bytes: Buffer, conflict: Conflict, sha256: string) => {
      if (digest(bytes) !== sha256) throw new Refusal(400, 'bad-checksum')
      const at = placeFor(path, false, conflict)
      nodes.set(at, { bytes, created: nodes.get(at)?.created ?? now(), changed: now() })
      return show(at)
    },
    read: (path: string): Buffer => {
      const { bytes } = get(path)
      if (bytes === undefined) throw new Refusal(409, 'not-a-file')
      return bytes
    },
    move: (from: string, to: string, conflict: Conflict) => {
      const folder = get(from).bytes === undefined
      if (inside(from, to)) throw new Refusal(400, 'into-itself')
      const at = placeFor(to, folder, conflict)
      for (const [path, node] of [...nodes].filter(([p]) => inside(from, p))) {
        nodes.delete(path)
        nodes.set(at + path.slice(from.length), node)
      }
      return { path: at }
    },
    remove: (path: string) => {
      get(path)
      for (const one of [...nodes.keys()].filter((p) => inside(path, p))) nodes.delete(one)
      return { path }
    },
  }
}

type Box = ReturnType<typeof createBox>

const each = <A>(items: ReadonlyArray<A>, run: (item: A) => object) => ({
  results: items.map((item) => {
    try {
      return run(item)
    } catch (error) {
      if (error instanceof Refusal) return error.body
      throw error
    }
  }),
})

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

type Item = { readonly from: string; readonly to: string; readonly onConflict: Conflict }
type Asked = Item & {
  readonly path: string
  readonly paths: ReadonlyArray<string>
  readonly items: ReadonlyArray<Item>
}

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}
const json = (status: number, value: object): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(value)),
})
const content = (bytes: Buffer, range: string | undefined): Reply => {
  const headers = { 'x-box-sha256': digest(bytes) }
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
  if (start === undefined) return { status: 200, headers, body: bytes }
  const last = end === undefined || end === '' ? undefined : Number(end) + 1
  return { status: 206, headers, body: bytes.subarray(Number(start), last) }
}

const replyOf = async (box: Box, request: IncomingMessage): Promise<Reply> => {
  const url = new URL(request.url ?? '/', 'http://box')
  const query = (key: string) => url.searchParams.get(key) ?? ''
  const body = await bodyOf(request)
  if (request.method === 'PUT') {
    const sha256 = String(request.headers['x-box-sha256'])
    return json(200, box.upload(query('path'), body, query('onConflict') as Conflict, sha256))
  }
  if (request.method === 'POST') {
    const asked = JSON.parse(body.toString()) as Asked
    if (url.pathname === '/mkdir') return json(200, box.mkdir(asked.path, asked.onConflict))
    if (url.pathname === '/remove') return json(200, each(asked.paths, box.remove))
    return json(
      200,
      each(asked.items, ({ from, to, onConflict }) => box.move(from, to, onConflict)),
    )
  }
  if (url.pathname === '/list') return json(200, box.list(query('path'), query('cursor'), Number(query('limit'))))
  if (url.pathname === '/stat') return json(200, box.show(query('path')))
  return content(box.read(query('path')), request.headers.range)
}

/** What goes wrong with a request: cut off before it is read, its answer lost after it is done, or done and told as a 503. */
const mishaps = ['cut', 'lost', 'late'] as const
type Mishap = (typeof mishaps)[number]

/** The same mishaps in every run: one request of eight has one. */
const mishapsFrom = (seed: number) => {
  let state = seed
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return (): Mishap | undefined => (random(8) === 0 ? mishaps[random(mishaps.length)] : undefined)
}

const send = (response: ServerResponse, { status, headers, body }: Reply, mishap: Mishap | undefined): void => {
  if (mishap === 'late') {
    response.writeHead(503).end()
    return
  }
  response.writeHead(status, { ...headers, 'content-length': body.length })
  if (mishap === undefined) response.end(body)
  else response.write(body.subarray(0, body.length / 2), () => response.destroy())
}

/** Serves a box of its own on a free port. It misbehaves while `trouble.on`. */
export const serveBox = async (token: string) => {
  const box = createBox()
  const trouble = { on: false }
  const nextMishap = mishapsFrom(1)
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const mishap = trouble.on ? nextMishap() : undefined
    if (mishap === 'cut') {
      request.socket.destroy()
      return
    }
    try {
      if (request.headers.authorization !== `Bearer ${token}`) throw new Refusal(401, 'bad-token')
      send(response, await replyOf(box, request), mishap)
    } catch (error) {
      const { status, body } = error instanceof Refusal ? error : new Refusal(500, 'broken')
      send(response, json(status, body), mishap)
    }
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    trouble,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
