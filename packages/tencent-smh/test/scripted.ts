// A service in a test's own words: each call is answered in turn by what was written down for it, and noted.
import { fromBytes, nameOf, type DrivePath, type Entry, type Fault, type WriteHow } from '@anydrive/core'
import type { HttpRequest } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Write } from '../src/begin'
import type { Smh } from '../src/context'
import type { TencentSmhSettings } from '../src/settings'
import { at } from './harness'

export const signal: AbortSignal = new AbortController().signal
export const crc64 = '0000000000000007'
export const file = (path: string, more: object = {}): Entry => ({
  ...{ kind: 'file', path: at(path), name: nameOf(at(path)), size: 3, checksums: { crc64xz: crc64 } },
  ...more,
})
export const dir = (path: string): Entry => ({ kind: 'directory', path: at(path), name: nameOf(at(path)) })
export const writing = (how: Partial<WriteHow> = {}, bytes: string | Uint8Array = 'abc', path = 'd/f'): Write => ({
  path: at(path),
  source: fromBytes(bytes),
  how: {
    ...{ conflict: 'ask', keepsState: false, onProgress: () => undefined },
    onCheckpoint: () => () => Promise.resolve(E.right(undefined)),
    ...how,
  },
  signal,
})

export type Said = object | Fault
export type Script = Readonly<Record<string, ReadonlyArray<Said>>>
/** What a look finds where there is nothing. */
export const nothing = {}
/** A store's answer to bytes. */
export const stored = (status: number, text = '', crc?: string): Said => ({
  ...{ status, text, attempts: 1 },
  header: (name: string) => (name === 'x-cos-hash-crc64ecma' ? crc : undefined),
})

interface Around {
  readonly standing?: ReadonlyArray<Entry> | undefined
  readonly settings?: Partial<TencentSmhSettings>
  readonly now?: () => number
}

const sent = async ({ endpoint, body, base, query, signal: its }: HttpRequest): Promise<E.Either<unknown, string>> => {
  if (body === undefined || !('stream' in body)) throw new Error('bytes were expected')
  if (its.aborted) return E.left({ _tag: 'Aborted', effect: 'unknown' })
  const opened = await (body.stream(its) as TaskEither<unknown, Readable>)()
  if (E.isLeft(opened)) return opened
  const bytes = await buffer(opened.right)
  const { partNumber, uploadId } = query ?? {}
  const part = partNumber === undefined ? '' : `?part=${String(partNumber)}&upload=${String(uploadId)}`
  return E.right(`${endpoint} ${String(base)}${part} ${bytes.toString()}`)
}

/** What is found is what stands, whatever is said. */
export const scripted = (script: Script, { standing = [], settings = {}, now = () => 0 }: Around = {}) => {
  const asked: Array<string> = []
  const events: Array<unknown> = []
  const puts: Array<HttpRequest> = []
  const turns = new Map<string, number>()
  const said = (name: string): E.Either<Fault, object> => {
    const turn = turns.get(name) ?? 0
    turns.set(name, turn + 1)
    const value = script[name]?.[turn]
    if (value === undefined) throw new Error(`nothing said of ${name}, asked ${turn + 1} times`)
    return '_tag' in value ? E.left(value) : E.right(value)
  }
  const call =
    (name: string, tell: (...given: ReadonlyArray<unknown>) => string = () => '') =>
    (...given: ReadonlyArray<unknown>) =>
    () => {
      asked.push(`${name} ${tell(...given)}`.trimEnd())
      return Promise.resolve(said(name))
    }
  const text = (value: unknown) => String(value)
  const smh = {
    settings,
    now,
    log: (event: unknown) => events.push(event),
    surroundings: { delay: () => Promise.resolve(), random: () => 0 },
    api: {
      beginUpload: call('begin', (given) => JSON.stringify((given as { readonly body: object }).body)),
      confirmUpload: call('confirm'),
      uploadStatus: call('status'),
      setContentType: call('type'),
      abortUpload: call('abort', text),
      renewUpload: call('renew', text),
      moveFile: call('move', (from, to) => `${text(from)} ${text(to)}`),
      batchDelete: call('delete', (items) => JSON.stringify(items)),
    },
    transport: {
      store: (request: HttpRequest) => async () => {
        puts.push(request)
        const it = await sent(request)
        if (E.isLeft(it)) return it
        asked.push(it.right)
        return said('put')
      },
    },
    looks: {
      find: (path: DrivePath) => () => {
        asked.push(`find ${path}`)
        const found = (entry: object | undefined) => (entry !== undefined && 'kind' in entry ? entry : undefined)
        const here =
          script['find'] === undefined ? E.right(standing.find((entry) => entry.path === path)) : said('find')
        return Promise.resolve(E.map(found)(here as E.Either<Fault, object | undefined>))
      },
      conflictAt: (_: DrivePath, answer: object) => () =>
        Promise.resolve(E.right({ _tag: 'NameConflict', ...answer, existing: dir('d/f') })),
    },
  } as unknown as Smh
  return { smh, asked, events, puts }
}
