// The toy vendor's service, in memory: what a real adapter's author has instead are the vendor's documents, or an emulator of them.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Stored = { readonly bytes?: Buffer; readonly changed: string }
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

const createBox = () => {
  const nodes = new Map<string, Stored>([['/', { changed: new Date().toISOString() }]])
  const get = (path: string): Stored => {
    const node = nodes.get(path)
    if (node === undefined) throw new Refusal(404, 'no-such')
    return node
  }
  const show = (path: string) => {
    const { bytes, changed } = get(path)
    return bytes === undefined
      ? { path, folder: true, changed }
      : { path, folder: false, bytes: bytes.length, sha256: digest(bytes), changed }
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
      nodes.set(at, { changed: new Date().toISOString() })
      return show(at)
    },
    upload: (path: string, bytes: Buffer, conflict: Conflict, sha256: string) => {
      if (digest(bytes) !== sha256) throw new Refusal(400, 'bad-checksum')
      const at = placeFor(path, false, conflict)
      nodes.set(at, { bytes, changed: new Date().toISOString() })
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

const sendBytes = (response: ServerResponse, bytes: Buffer, range: string | undefined): void => {
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
  const part =
    start === undefined
      ? bytes
      : bytes.subarray(Number(start), end === undefined || end === '' ? undefined : Number(end) + 1)
  response.writeHead(start === undefined ? 200 : 206, { 'x-box-sha256': digest(bytes), 'content-length': part.length })
  response.end(part)
}

/** Serves a box of its own on a free port. */
export const serveBox = async (token: string) => {
  const box = createBox()
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<object | undefined> => {
    const url = new URL(request.url ?? '/', 'http://box')
    const query = (key: string) => url.searchParams.get(key) ?? ''
    if (request.headers['x-box-token'] !== token) throw new Refusal(401, 'bad-token')
    if (request.method === 'PUT')
      return box.upload(
        query('path'),
        await bodyOf(request),
        query('onConflict') as Conflict,
        String(request.headers['x-box-sha256']),
      )
    if (request.method === 'POST') {
      const asked = JSON.parse((await bodyOf(request)).toString()) as Asked
      if (url.pathname === '/mkdir') return box.mkdir(asked.path, asked.onConflict)
      if (url.pathname === '/move')
        return each(asked.items, ({ from, to, onConflict }) => box.move(from, to, onConflict))
      return each(asked.paths, box.remove)
    }
    if (url.pathname === '/list') return box.list(query('path'), query('cursor'), Number(query('limit')))
    if (url.pathname === '/stat') return box.show(query('path'))
    sendBytes(response, box.read(query('path')), request.headers.range)
    return undefined
  }
  const server = createServer((request, response) => {
    answer(request, response).then(
      (json) => json !== undefined && response.setHeader('content-type', 'application/json').end(JSON.stringify(json)),
      (error: unknown) => {
        const { status, body } = error instanceof Refusal ? error : new Refusal(500, 'broken')
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      },
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
