// How the toy's adapter speaks to its service: changes with a key, reads that are repeated, ids of directories.
import {
  parentOf,
  type Capabilities,
  type DriveError,
  type DrivePath,
  type Entry,
  type Fault,
  type Operation,
  type Environment,
} from '@anydrive/core'
import { aborted, forbidden, indeterminate, locate, network } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import { parse, type Call } from './toy-server'

export const bugs = [
  'page size taken from the call instead of the cursor',
  'checksum of a download not compared',
  'a changed file resumed in mid-read',
  'a move repeated after a lost response',
  'an overwrite claimed by size alone',
  'temporary names shown',
  'no rollback after a failed replace',
  'abort not reaching the parts of an upload',
  'abort not reaching the wait for a task',
  'evidence claimed without the checksum',
  'ids trusted for ever',
  'a failed overwrite leaving its upload',
  'an empty success accepted',
  'an existing directory claimed after a lost response',
  'a rename repeated after a lost response',
  'a refusal taken for doubt and looked up',
  'a lost response stated as a definite failure',
  'the second page lost where the first is short',
  'a partial failure of a batch taken as success',
  'outcomes of a batch given to the wrong items',
  'a conflict with its own lost request believed',
] as const
export type Bug = (typeof bugs)[number]

const staleness = 1000
export const attempts = 4
export type Settled<A> = Promise<E.Either<DriveError, A>>
type Reply = { readonly status: number; readonly headers: Headers; readonly bytes: Buffer }
export type Asked = Omit<Call, 'key'>
type Answer = { readonly result: E.Either<DriveError, unknown> }

export const toyCapabilities = (of: Capabilities): Capabilities => ({
  ...of,
  limits: { ...of.limits, page: 50 },
  operations: { ...of.operations, usage: false, search: false, setTimes: false },
  checksums: { given: ['sha256'], checked: ['sha256'] },
  upload: { ...of.upload, resume: 'restart' },
  features: { ...of.features, background: true },
  consistency: { staleness },
})

export const read = (reply: Reply): Record<string, unknown> | undefined => {
  try {
    const value = reply.status === 200 ? parse(reply.bytes.toString()) : undefined
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
/** What every operation of the toy's adapter is made of. */
export const createClient = (
  url: string,
  bug: Bug | undefined,
  { now = Date.now, delay = () => Promise.resolve() }: Environment,
) => {
  const has = (name: Bug): boolean => bug === name
  const ids = new Map<DrivePath, { readonly id: string; readonly at: number }>()
  const fail = (operation: Operation, fault: Fault | DriveError, path?: DrivePath): E.Either<DriveError, never> =>
    E.left(locate({ vendor: 'toy', operation, ...(path === undefined ? {} : { path }) })(fault))

  const send = async (
    method: string,
    target: string,
    signal: AbortSignal,
    body?: Buffer | string,
    headers?: Record<string, string>,
  ): Promise<Reply> => {
    const response = await fetch(url + target, {
      method,
      signal,
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
    })
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
  }
  const doubt = (signal: AbortSignal): Fault =>
    signal.aborted ? aborted({ effect: 'unknown' }) : indeterminate({ check: 'whether it is there' })
  /** Repeated with the same key until the service has said what became of it. */
  const repeat = async <A>(
    signal: AbortSignal,
    request: () => Promise<Reply>,
    answer: (value: Record<string, unknown>) => A | undefined,
    afterDoubt?: () => Promise<A | undefined>,
  ): Promise<E.Either<Fault, A>> => {
    if (signal.aborted) return E.left(aborted({ effect: 'none' }))
    let isUnknown = false
    const isAborted = (): boolean => signal.aborted
    for (let attempt = 0; attempt < attempts && !isAborted(); attempt++) {
      const reply = await request().catch(() => undefined)
      const value = reply === undefined ? undefined : read(reply)
      const found = value === undefined ? undefined : answer(value)
      if (found !== undefined) return E.right(found)
      const isRefused = reply?.status === 403 && reply.bytes.toString() === '{"code":"refused"}'
      if (isRefused && !isUnknown && !has('a refusal taken for doubt and looked up'))
        return E.left(forbidden({ http: 403 }))
      isUnknown = true
      const seen = await afterDoubt?.()
      if (seen !== undefined) return E.right(seen)
      await delay(1, signal)
    }
    return E.left(has('a lost response stated as a definite failure') ? network({ effect: 'none' }) : doubt(signal))
  }

  const repeatsBlindly = (call: Asked): boolean =>
    (has('a move repeated after a lost response') && call.op === 'batchMove') ||
    (has('a conflict with its own lost request believed') && call.op === 'createDir') ||
    (has('a rename repeated after a lost response') && call.options.conflict === 'rename')
  /** One change. */
  const change = async <A>(call: Asked, signal: AbortSignal, afterDoubt?: () => Promise<A | undefined>): Settled<A> => {
    const path = call.to
    const operation = call.op === 'finish' ? 'writeFile' : call.op
    const key = randomUUID()
    const answered = await repeat<Answer>(
      signal,
      () => send('POST', '/call', signal, JSON.stringify({ ...call, key: repeatsBlindly(call) ? randomUUID() : key })),
      (value) => {
        if (has('an empty success accepted') && value['result'] === undefined)
          return { result: E.right({ path, how: 'as-asked', outcomes: [] }) }
        return value['key'] === key || (repeatsBlindly(call) && 'key' in value)
          ? (value as unknown as Answer)
          : undefined
      },
      afterDoubt === undefined
        ? undefined
        : async () => {
            const seen = await afterDoubt()
            return seen === undefined ? undefined : { result: E.right(seen) }
          },
    )
    if (E.isLeft(answered)) return fail(operation, answered.left, path)
    const { result } = answered.right
    return E.isLeft(result)
      ? fail(operation, { ...result.left, vendor: 'toy', operation }, path)
      : E.right(result.right as A)
  }
  const look = async <A>(operation: Operation, target: string, signal: AbortSignal, path?: DrivePath): Settled<A> => {
    for (let attempt = 0; attempt < attempts && !signal.aborted; attempt++) {
      const reply = await send('GET', target, signal).catch(() => undefined)
      const value = reply === undefined ? undefined : read(reply)
      if (value === undefined || !('result' in value)) continue
      const result = value['result'] as E.Either<DriveError, A>
      return E.isLeft(result) ? fail(operation, { ...result.left, vendor: 'toy', operation }, path) : result
    }
    return fail(operation, signal.aborted ? aborted({ effect: 'none' }) : network({ effect: 'none' }), path)
  }
  const query = (values: Record<string, string | number>): string =>
    new URLSearchParams(Object.entries(values).map(([k, v]): [string, string] => [k, String(v)])).toString()
  const statOf = (path: DrivePath, signal: AbortSignal): Settled<Entry> =>
    look('stat', `/stat?${query({ path })}`, signal, path)

  /** The id of a directory, trusted for as long as the capabilities say. */
  const idOf = async (path: DrivePath, signal: AbortSignal): Promise<string | undefined> => {
    const known = ids.get(path)
    if (known !== undefined && (has('ids trusted for ever') || now() - known.at <= staleness)) return known.id
    const entry = await statOf(path, signal)
    if (E.isLeft(entry) || entry.right.kind !== 'directory' || entry.right.id === undefined) return undefined
    ids.set(path, { id: entry.right.id, at: now() })
    return entry.right.id
  }
  const withParent = async (call: Asked, signal: AbortSignal): Promise<Asked> => {
    const parent = call.to === undefined || call.to === '' ? undefined : await idOf(parentOf(call.to), signal)
    return parent === undefined ? call : { ...call, parent }
  }

  const isDefinite = (error: DriveError): boolean =>
    error._tag !== 'Indeterminate' && !('effect' in error && error.effect === 'unknown')
  /** For a step that may be finished or undone for a while after the caller gave up. */
  const withGrace = (signal: AbortSignal): AbortSignal => {
    const stop = new AbortController()
    const end = () => void setTimeout(() => stop.abort(), 50)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
    return stop.signal
  }
  return { url, has, fail, send, repeat, change, look, query, statOf, withParent, isDefinite, withGrace }
}
export type ToyClient = ReturnType<typeof createClient>
