// A toy service over HTTP: the reference drive behind it, idempotency keys, uploads in parts, tasks, and names numbered `b~2`.
import {
  child,
  fromBytes,
  nameOf,
  parentOf,
  type ConflictOptions,
  type CopyItem,
  type DrivePath,
  type DriveError,
  type Placed,
} from '@anydrive/core'
import { locate, notFound, unavailable } from '@anydrive/core/adapter'
import { createStore, openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
/** Dates survive JSON. */
export const parse = (text: string): unknown =>
  JSON.parse(text, (key, value: unknown) => (/(created|modified)At$/.test(key) ? new Date(String(value)) : value))

type Answer = E.Either<DriveError, unknown>
export interface Call {
  readonly key: string
  readonly op: 'createDir' | 'copyDir' | 'batchMove' | 'batchCopy' | 'batchRemove' | 'finish'
  /** In place of the directory of `to`, its id. */
  readonly parent?: string
  readonly to?: DrivePath
  readonly from?: DrivePath
  readonly items?: ReadonlyArray<CopyItem & { readonly path: DrivePath }>
  readonly upload?: string
  readonly sha256?: string
  readonly options: ConflictOptions
  readonly task?: boolean
}

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const json = (response: ServerResponse, value: unknown): void => {
  const text = JSON.stringify(value)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text)
}

const createToy = () => {
  const inner = openMemory({ store: createStore() })
  const uploads = new Map<string, Map<number, Buffer>>()
  const answers = new Map<string, Promise<Answer>>()
  const tasks = new Map<string, { answer: Answer | undefined }>()
  const waiting: Array<() => Promise<void>> = []
  let isHeld = false
  let isFailingItems = false
  let count = 0

  /** The same key is the same change, done once. */
  const once = (key: string, run: () => Promise<Answer>): Promise<Answer> => {
    const known = answers.get(key) ?? run()
    answers.set(key, known)
    return known
  }
  const missing = (path?: DrivePath): Answer =>
    E.left(
      locate({ vendor: 'toy', operation: 'writeFile', ...(path === undefined ? {} : { path }) })(
        notFound({ what: 'parent' }),
      ),
    )

  const pathOfId = (id: string): DrivePath | undefined => {
    const search = (
      node: { readonly id: string; readonly name: string; readonly children?: Map<string, never> },
      at: string,
    ): string | undefined => {
      if (node.id === id) return at
      for (const inner of node.children?.values() ?? []) {
        const { name } = inner as { readonly name: string }
        const found = search(inner, at === '' ? name : `${at}/${name}`)
        if (found !== undefined) return found
      }
      return undefined
    }
    return search(inner.store.tree.root as never, '') as DrivePath | undefined
  }
  const placed = ({ parent, to = '' as DrivePath }: Pick<Call, 'parent' | 'to'>): DrivePath | undefined => {
    if (parent === undefined) return to
    const at = pathOfId(parent)
    const path = at === undefined ? undefined : child(at, nameOf(to))
    return path !== undefined && E.isRight(path) ? path.right : undefined
  }
  /** Free names are numbered by this service's own pattern. */
  const numbered = async (
    path: DrivePath,
    { conflict, parents }: Call['options'],
    run: (at: DrivePath, options: Call['options']) => Promise<E.Either<DriveError, Placed>>,
  ): Promise<Answer> => {
    const [stem = '', tail = ''] = nameOf(path).split(/(?=\.[^.]+$)/)
    for (let n = 1; ; n++) {
      const name = n === 1 ? nameOf(path) : `${stem}~${n}${tail}`
      const at = child(parentOf(path), name)
      if (E.isLeft(at)) return at
      const answer = await run(at.right, { conflict: conflict === 'rename' ? 'ask' : conflict, parents })
      if (E.isLeft(answer) && answer.left._tag === 'NameConflict' && conflict === 'rename') continue
      return E.map((done: Placed) => (n === 1 ? done : { ...done, how: 'renamed' }))(answer)
    }
  }
  const unavailableItem = locate({ vendor: 'toy', operation: 'batchMove' })(unavailable({ effect: 'none' }))
  const first = (answer: E.Either<DriveError, { readonly outcomes: ReadonlyArray<object> }>): Answer =>
    E.flatMap(({ outcomes }: { readonly outcomes: ReadonlyArray<object> }): Answer => {
      const [outcome] = outcomes as ReadonlyArray<{ readonly status: string; readonly error: DriveError }>
      if (outcome === undefined) return missing()
      return outcome.status === 'done' ? E.right(outcome) : E.left(outcome.error)
    })(answer)

  const finish = async (call: Call): Promise<Answer> => {
    const parts = uploads.get(call.upload ?? '')
    const path = placed(call)
    if (parts === undefined || path === undefined) return missing(call.to)
    const bytes = Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, part]) => part))
    if (call.sha256 !== undefined && call.sha256 !== digestOf(bytes))
      return E.left({ _tag: 'ChecksumMismatch', algorithm: 'sha256' } as DriveError)
    const answer = await numbered(path, call.options, (at, options) =>
      inner.writeFile(at, fromBytes(bytes), { ...call.options, ...options })(),
    )
    if (E.isRight(answer)) uploads.delete(call.upload ?? '')
    return answer
  }
  const each = async (
    items: NonNullable<Call['items']>,
    run: (item: NonNullable<Call['items']>[number]) => Promise<Answer>,
  ): Promise<Answer> => {
    const outcomes: Array<object> = []
    for (const [i, item] of items.entries()) {
      const fails = isFailingItems && i % 2 === 1
      const answer = fails ? E.left(unavailableItem) : await run(item)
      outcomes.push(
        E.isRight(answer)
          ? { status: 'done', ...(answer.right as object) }
          : { status: 'failed', error: answer.left, attempted: true },
      )
    }
    return E.right({ outcomes })
  }
  const perform = async (call: Call): Promise<Answer> => {
    const { op, options, items = [], from = '' as DrivePath } = call
    if (op === 'finish') return finish(call)
    if (op === 'batchRemove') return each(items, async ({ path }) => first(await inner.batchRemove([path])()))
    if (op === 'batchMove' || op === 'batchCopy')
      return each(items, async (item) =>
        item.from === item.to
          ? first(await inner[op]([item], options)())
          : numbered(
              item.to,
              { ...options, conflict: item.conflict ?? options.conflict ?? 'ask' },
              async (to, how) =>
                first(await inner[op]([{ from: item.from, to }], how)()) as E.Either<DriveError, Placed>,
            ),
      )
    const to = placed(call)
    if (to === undefined) return missing(call.to)
    return numbered(to, options, (at, how) =>
      op === 'createDir' ? inner.createDir(at, { ...options, ...how })() : inner.copyDir(from, at, how)(),
    )
  }
  const background = (call: Call): string => {
    const id = `task-${++count}`
    const task: { answer: Answer | undefined } = { answer: undefined }
    tasks.set(id, task)
    const run = async () => {
      task.answer = await perform(call)
    }
    if (isHeld) waiting.push(run)
    else void run()
    return id
  }

  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://toy')
    const query = (name: string): string => url.searchParams.get(name) ?? ''
    const path = query('path') as DrivePath
    const body = await bodyOf(request)
    if (request.method === 'PUT') {
      uploads.get(query('upload'))?.set(Number(query('part')), body)
      return json(response, uploads.has(query('upload')) ? { part: Number(query('part')) } : { missing: true })
    }
    if (request.method === 'DELETE') return json(response, { forgotten: uploads.delete(query('upload')) || true })
    if (url.pathname === '/call') {
      const call = parse(body.toString()) as Call
      const result =
        call.task === true
          ? await once(call.key, () => Promise.resolve(E.right({ task: background(call) })))
          : await once(call.key, () => perform(call))
      return json(response, { key: call.key, result })
    }
    if (url.pathname === '/uploads') {
      const { key } = parse(body.toString()) as { readonly key: string }
      const result = await once(key, () => {
        uploads.set(key, new Map())
        return Promise.resolve(E.right({ upload: key }))
      })
      return json(response, { key, result })
    }
    if (url.pathname === '/task') return json(response, { answer: tasks.get(query('id'))?.answer })
    if (url.pathname === '/stat') return json(response, { result: await inner.stat(path)() })
    if (url.pathname === '/list') {
      const whole = await inner.list(path, { temporaries: 'show', limit: 1000 })()
      const [offset, limit] = [Number(query('offset')), Number(query('limit'))]
      return json(response, {
        result: E.map(({ items }: { items: ReadonlyArray<unknown> }) => ({
          items: items.slice(offset, offset + limit),
          total: items.length,
        }))(whole),
      })
    }
    const entry = await inner.stat(path)()
    const content = await inner.readFile(path)()
    if (E.isLeft(entry) || E.isLeft(content) || entry.right.kind !== 'file')
      return void response.writeHead(404, { 'content-length': '0' }).end()
    const chunks: Array<Buffer> = []
    for await (const chunk of content.right.stream as AsyncIterable<Buffer>) chunks.push(chunk)
    const version = entry.right.version ?? ''
    const asked = request.headers['if-match']
    if (asked !== undefined && asked !== version) return void response.writeHead(412, { 'content-length': '0' }).end()
    const bytes = Buffer.concat(chunks).subarray(Number(query('start')), Number(query('end')))
    response.writeHead(200, { etag: version, 'content-length': bytes.length }).end(bytes)
  }
  return {
    reply,
    capabilities: inner.capabilities,
    pendingUploads: () => uploads.size,
    failItems: (on: boolean) => {
      isFailingItems = on
    },
    holdTasks: async (on: boolean) => {
      isHeld = on
      if (!on) for (const run of waiting.splice(0)) await run()
    },
  }
}

/** Serves a toy of its own on a free port. */
export const serveToy = async () => {
  const toy = createToy()
  const server = createServer((request, response) => {
    toy.reply(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    ...toy,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
