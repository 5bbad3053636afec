// An adapter of the toy service that keeps the contract, and can be given one of the faults that the kit exists to catch.
import {
  aborted,
  checksumMismatch,
  DriveException,
  forbidden,
  indeterminate,
  isTemporary,
  locate,
  nameOf,
  network,
  notFound,
  parentOf,
  preconditionFailed,
  sourceFailed,
  temporaryName,
  timeout,
  under,
  unexpectedResponse,
  type BatchSettled,
  type CallOptions,
  type Capabilities,
  type CopyItem,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Entry,
  type Fault,
  type FileEntry,
  type Operation,
  type Placed,
  type Surroundings,
  type UploadSource,
  type WriteOptions,
  type Written,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { digestOf, parse, type Call } from './toy-server'

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
] as const
export type Bug = (typeof bugs)[number]

const partSize = 1000
const staleness = 1000
const attempts = 4
type Settled<A> = Promise<E.Either<DriveError, A>>
type Reply = { readonly status: number; readonly headers: Headers; readonly bytes: Buffer }
type Outcome = { readonly status: 'done' | 'failed'; readonly path: DrivePath; readonly how: 'as-asked' | 'renamed'; readonly error: DriveError; readonly attempted: boolean }

export const toyCapabilities = (of: Capabilities): Capabilities => ({
  ...of,
  limits: { ...of.limits, page: 50 },
  operations: { ...of.operations, usage: false },
  checksums: { given: ['sha256'], checked: ['sha256'] },
  upload: { ...of.upload, resume: 'restart' },
  features: { ...of.features, background: true },
  consistency: { staleness },
})

const read = (reply: Reply): Record<string, unknown> | undefined => {
  try {
    const value = reply.status === 200 ? parse(reply.bytes.toString()) : undefined
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

export const openToy = (
  url: string,
  capabilities: Capabilities,
  bug?: Bug,
  { now = Date.now, delay = () => Promise.resolve() }: Surroundings = {},
): DriveProvider => {
  const has = (name: Bug): boolean => bug === name
  const ids = new Map<DrivePath, { readonly id: string; readonly at: number }>()
  const fail = (operation: Operation, fault: Fault | DriveError, path?: DrivePath): E.Either<DriveError, never> =>
    E.left(locate({ vendor: 'toy', operation, ...(path === undefined ? {} : { path }) })(fault))

  const send = async (method: string, target: string, signal: AbortSignal, body?: Buffer | string, headers?: Record<string, string>): Promise<Reply> => {
    const response = await fetch(url + target, { method, signal, redirect: 'manual', ...(body === undefined ? {} : { body }), ...(headers === undefined ? {} : { headers }) })
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
  }
  const doubt = (signal: AbortSignal): Fault =>
    signal.aborted ? aborted({ effect: 'unknown' }) : indeterminate({ check: 'whether it is there' })
  /** Repeated with the same key until the service has said what became of it. `isOk` tells an answer from anything else. */
  const repeat = async <A>(signal: AbortSignal, request: () => Promise<Reply>, answer: (value: Record<string, unknown>) => A | undefined, afterDoubt?: () => Promise<A | undefined>): Promise<E.Either<Fault, A>> => {
    if (signal.aborted) return E.left(aborted({ effect: 'none' }))
    let isUnknown = false
    for (let attempt = 0; attempt < attempts && !signal.aborted; attempt++) {
      const reply = await request().catch(() => undefined)
      const value = reply === undefined ? undefined : read(reply)
      const found = value === undefined ? undefined : answer(value)
      if (found !== undefined) return E.right(found)
      const isRefused = reply?.status === 403 && reply.bytes.toString() === '{"code":"refused"}'
      if (isRefused && !isUnknown && !has('a refusal taken for doubt and looked up')) return E.left(forbidden({ http: 403 }))
      isUnknown = true
      const seen = await afterDoubt?.()
      if (seen !== undefined) return E.right(seen)
      await delay(1, signal)
    }
    return E.left(has('a lost response stated as a definite failure') ? network() : doubt(signal))
  }

  type Asked = Omit<Call, 'key'>
  type Answer = { readonly result: E.Either<DriveError, unknown> }
  const repeatsBlindly = (call: Asked): boolean =>
    (has('a move repeated after a lost response') && call.op === 'batchMove') ||
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
        if (has('an empty success accepted') && value['result'] === undefined) return { result: E.right({ path, how: 'as-asked', outcomes: [] }) }
        return value['key'] === key || (repeatsBlindly(call) && 'key' in value) ? (value as unknown as Answer) : undefined
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
    return E.isLeft(result) ? fail(operation, result.left._tag === undefined ? unexpectedResponse({ issues: [] }) : { ...result.left, vendor: 'toy', operation }, path) : E.right(result.right as A)
  }
  const look = async <A>(operation: Operation, target: string, signal: AbortSignal, path?: DrivePath): Settled<A> => {
    for (let attempt = 0; attempt < attempts && !signal.aborted; attempt++) {
      const reply = await send('GET', target, signal).catch(() => undefined)
      const value = reply === undefined ? undefined : read(reply)
      if (value === undefined || !('result' in value)) continue
      const result = value['result'] as E.Either<DriveError, A>
      return E.isLeft(result) ? fail(operation, { ...result.left, vendor: 'toy', operation }, path) : result
    }
    return fail(operation, signal.aborted ? aborted({ effect: 'none' }) : network(), path)
  }
  const query = (values: Record<string, string | number>): string => new URLSearchParams(Object.entries(values).map(([k, v]): [string, string] => [k, String(v)])).toString()
  const statOf = (path: DrivePath, signal: AbortSignal): Settled<Entry> => look('stat', `/stat?${query({ path })}`, signal, path)

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

  const moved = async (from: DrivePath, to: DrivePath, signal: AbortSignal): Settled<Placed> => {
    const answer = await change<BatchSettled<CopyItem, Placed>>({ op: 'batchMove', items: [{ from, to, path: from }], options: { conflict: 'ask' } }, signal)
    if (E.isLeft(answer)) return answer
    const [outcome] = answer.right.outcomes as unknown as ReadonlyArray<Outcome>
    return outcome?.status === 'done' ? E.right(outcome) : E.left(outcome?.error as DriveError)
  }
  const removed = async (path: DrivePath, signal: AbortSignal): Promise<void> => {
    await change({ op: 'batchRemove', items: [{ from: path, to: path, path }], options: {} }, signal)
  }
  const isDefinite = (error: DriveError): boolean => error._tag !== 'Indeterminate' && !('effect' in error && error.effect === 'unknown')
  /** For a step that may be finished or undone for a while after the caller gave up. */
  const withGrace = (signal: AbortSignal): AbortSignal => {
    const stop = new AbortController()
    const end = () => void setTimeout(() => stop.abort(), 50)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
    return stop.signal
  }
  /** The new file takes the place of the old one by renames, and goes back where that fails. */
  const replace = async (incoming: Placed, path: DrivePath, signal: AbortSignal): Settled<Placed> => {
    const own = withGrace(signal)
    const old = under(parentOf(path), temporaryName(path, 'old') as DrivePath)
    const aside = await moved(path, old, own)
    if (E.isLeft(aside)) {
      if (isDefinite(aside.left)) await removed(incoming.path, own)
      return aside
    }
    const placed = await moved(incoming.path, path, own)
    if (E.isLeft(placed)) {
      if (!isDefinite(placed.left) || has('no rollback after a failed replace')) return placed
      const back = await moved(old, path, own)
      await removed(incoming.path, own)
      return E.isRight(back) ? placed : fail('writeFile', indeterminate({ check: 'where the old file is' }), path)
    }
    await removed(old, own)
    return E.right({ ...placed.right, how: 'as-asked', replaced: true })
  }

  const partOf = async (source: UploadSource, start: number, end: number, signal: AbortSignal): Settled<Buffer> => {
    const own = has('abort not reaching the parts of an upload') ? new AbortController().signal : signal
    const opened = await source.open({ start, end }, own)()
    if (E.isLeft(opened)) return fail('writeFile', opened.left)
    const stream = opened.right
    const stop = () => stream.destroy()
    own.addEventListener('abort', stop, { once: true })
    const chunks: Array<Buffer> = []
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(Buffer.from(chunk))
    } catch {
      return fail('writeFile', own.aborted ? aborted({ effect: 'none' }) : sourceFailed({ reason: 'unreadable' }))
    } finally {
      own.removeEventListener('abort', stop)
    }
    if (own.aborted) return fail('writeFile', aborted({ effect: 'none' }))
    const bytes = Buffer.concat(chunks)
    if (bytes.length === end - start) return E.right(bytes)
    return fail('writeFile', sourceFailed({ reason: bytes.length < end - start ? 'shorter' : 'longer' }))
  }
  const forget = async (upload: string, signal: AbortSignal): Promise<void> => {
    if (has('a failed overwrite leaving its upload')) return
    const own = withGrace(signal)
    await repeat(own, () => send('DELETE', `/uploads?${query({ upload })}`, own), (value) => ('forgotten' in value ? value : undefined))
  }
  const sendParts = async (upload: string, path: DrivePath, source: UploadSource, signal: AbortSignal): Settled<Buffer> => {
    const all: Array<Buffer> = []
    for (let part = 0; part === 0 || part * partSize < source.size; part++) {
      const bytes = await partOf(source, part * partSize, Math.min(source.size, (part + 1) * partSize), signal)
      if (E.isLeft(bytes)) return bytes
      const sent = await repeat(signal, () => send('PUT', `/uploads?${query({ upload, part })}`, signal, bytes.right), (value) => (value['part'] === part ? value : undefined))
      // Parts are seen by nobody before the end.
      if (E.isLeft(sent)) return fail('writeFile', sent.left._tag === 'Aborted' ? aborted({ effect: 'none' }) : sent.left._tag === 'Forbidden' ? sent.left : network(), path)
      all.push(bytes.right)
    }
    return E.right(Buffer.concat(all))
  }
  const upload = async (path: DrivePath, source: UploadSource, options: WriteOptions, signal: AbortSignal): Settled<Written> => {
    const key = randomUUID()
    const begun = await repeat(signal, () => send('POST', '/uploads', signal, JSON.stringify({ key })), (value) => (value['key'] === key ? key : undefined))
    if (E.isLeft(begun)) return fail('writeFile', begun.left._tag === 'Aborted' ? aborted({ effect: 'none' }) : begun.left._tag === 'Forbidden' ? begun.left : network(), path)
    const ref = { vendor: 'toy', state: { upload: key } }
    const noted = (await options.onCheckpoint?.(ref)()) ?? E.right(undefined)
    const sent = E.isLeft(noted) ? noted : await sendParts(key, path, source, signal)
    if (E.isLeft(sent)) {
      await forget(key, signal)
      return sent
    }
    options.onProgress?.(source.size)
    const existing = options.conflict === 'overwrite' ? await statOf(path, signal) : undefined
    const replaces = existing !== undefined && E.isRight(existing) && existing.right.kind === 'file'
    const to = replaces ? under(parentOf(path), temporaryName(path, 'new') as DrivePath) : path
    if (options.ifVersion !== undefined && !(replaces && (existing.right as FileEntry).version === options.ifVersion)) {
      await forget(key, signal)
      return fail('writeFile', preconditionFailed(), path)
    }
    const { conflict, createdAt, modifiedAt, contentType, parents } = options
    const how = { conflict: conflict === 'overwrite' ? (replaces ? 'overwrite' : 'ask') : conflict, createdAt, modifiedAt, contentType, parents } as const
    const sha256 = has('evidence claimed without the checksum') ? {} : { sha256: digestOf(sent.right) }
    const bySize = async (): Promise<Written | undefined> => {
      const seen = await statOf(path, signal)
      return E.isRight(seen) && seen.right.kind === 'file' && seen.right.size === source.size ? { ...seen.right, how: 'as-asked', evidence: 'size' } : undefined
    }
    const call = await withParent({ op: 'finish', upload: key, to, options: how, ...sha256 }, signal)
    const isBySize = has('an overwrite claimed by size alone') && conflict === 'overwrite'
    const finished = await change<Written>(call, signal, isBySize ? bySize : undefined)
    if (E.isLeft(finished)) {
      if (isDefinite(finished.left)) await forget(key, signal)
      return finished
    }
    const placed = replaces && !isBySize ? await replace(finished.right, path, signal) : E.right(finished.right)
    if (E.isLeft(placed)) return placed
    const { path: final, how: named } = placed.right
    return E.right({ ...finished.right, path: final, name: nameOf(final), how: named, evidence: 'vendor-checked:sha256' })
  }

  async function* contentOf(path: DrivePath, entry: FileEntry, start: number, end: number, signal: AbortSignal): AsyncGenerator<Buffer, void> {
    const chunks: Array<Buffer> = []
    let at = start
    for (let attempt = 0; at < end; attempt++) {
      const isChecked = at > start && has('a changed file resumed in mid-read') ? {} : { headers: { 'if-match': entry.version ?? '' } }
      const response = await fetch(`${url}/content?${query({ path, start: at, end })}`, { signal, ...isChecked }).catch(() => undefined)
      if (signal.aborted) throw new DriveException(locate({ vendor: 'toy', operation: 'readFile', path })(aborted({ effect: 'none' })))
      if (response?.status === 412) throw new DriveException(locate({ vendor: 'toy', operation: 'readFile', path })(preconditionFailed()))
      if (attempt > attempts) throw new DriveException(locate({ vendor: 'toy', operation: 'readFile', path })(network()))
      if (response?.status !== 200) continue
      try {
        for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
          const bytes = Buffer.from(chunk)
          at += bytes.length
          chunks.push(bytes)
          if (at < end) yield bytes
        }
      } catch {
        // Goes on from where it broke.
      }
    }
    const whole = Buffer.concat(chunks)
    const sha256 = entry.checksums.sha256
    const isWhole = start === 0 && end === entry.size && !has('checksum of a download not compared') && !has('a changed file resumed in mid-read')
    if (isWhole && sha256 !== undefined && digestOf(whole) !== sha256) throw new DriveException(locate({ vendor: 'toy', operation: 'readFile', path })(checksumMismatch({ algorithm: 'sha256' })))
    const last = chunks.at(-1)
    if (last !== undefined) yield last
  }

  /** Ends with the caller's signal or its time. */
  const run =
    <A>(operation: Operation, options: CallOptions | undefined, call: (signal: AbortSignal) => Settled<A>) =>
    async (): Settled<A> => {
      const stop = new AbortController()
      const abort = () => stop.abort()
      let isLate = false
      const clock = setTimeout(
        () => {
          isLate = true
          abort()
        },
        Math.min(options?.timeout ?? 600_000, 600_000),
      )
      if (options?.signal?.aborted === true) abort()
      options?.signal?.addEventListener('abort', abort, { once: true })
      const answer = await call(stop.signal)
      clearTimeout(clock)
      // A stream that was handed out ends with the caller's signal too.
      if (operation !== 'readFile') options?.signal?.removeEventListener('abort', abort)
      if (E.isRight(answer) || answer.left._tag !== 'Aborted' || !isLate) return answer
      return fail(operation, answer.left.effect === 'none' ? timeout() : indeterminate({ check: 'whether it is there' }))
    }
  const paths = (items: ReadonlyArray<CopyItem>) => items.map((item) => ({ ...item, path: item.from }))
  const transfer = (op: 'batchMove' | 'batchCopy') => (items: ReadonlyArray<CopyItem>, options: WriteOptions = {}) =>
    run(op, options, async (signal) =>
      E.map(({ outcomes }: { readonly outcomes: ReadonlyArray<object> }) => ({ outcomes: items.map((item, i) => ({ item, ...(outcomes[i] ?? { status: 'done', path: item.to, how: 'as-asked' }) })) }))(
        await change({ op, items: paths(items), options: { conflict: options.conflict ?? 'ask', parents: options.parents ?? 'create' } }, signal),
      ),
    )
  const taskAnswer = async (id: string, signal: AbortSignal): Promise<E.Either<DriveError, Placed> | undefined> => {
    const reply = await send('GET', `/task?${query({ id })}`, signal).catch(() => undefined)
    return reply === undefined ? undefined : (read(reply)?.['answer'] as E.Either<DriveError, Placed> | undefined)
  }

  const drive = {
    vendor: 'toy',
    capabilities,
    stat: (path: DrivePath, options?: CallOptions) => run('stat', options, (signal) => statOf(path, signal)),
    list: (path: DrivePath, options: { readonly cursor?: string; readonly limit?: number; readonly temporaries?: 'hide' | 'show' } & CallOptions = {}) =>
      run('list', options, async (signal) => {
        const asked = Math.floor(options.limit ?? 50)
        const limit = Math.min(50, Math.max(1, Number.isNaN(asked) ? 50 : asked))
        const from = Number(options.cursor ?? 0)
        const offset = has('page size taken from the call instead of the cursor') ? from * limit : from
        const page = await look<{ readonly items: ReadonlyArray<Entry>; readonly total: number }>('list', `/list?${query({ path, offset, limit })}`, signal, path)
        return E.map(({ items, total }: { readonly items: ReadonlyArray<Entry>; readonly total: number }) => {
          const next = has('page size taken from the call instead of the cursor') ? from + 1 : offset + items.length
          const isMore = offset + items.length < total && !(has('the second page lost where the first is short') && items.length < 6)
          const shown = items.filter(({ name }) => options.temporaries === 'show' || has('temporary names shown') || !isTemporary(name))
          return { items: shown, ...(isMore ? { next: String(next) } : {}) }
        })(page)
      }),
    createDir: (path: DrivePath, options: WriteOptions = {}) =>
      run('createDir', options, async (signal) => {
        const claimed = async (): Promise<object | undefined> => {
          const seen = await statOf(path, signal)
          return E.isRight(seen) && seen.right.kind === 'directory' ? { ...seen.right, how: 'as-asked' } : undefined
        }
        const { conflict, parents, createdAt, modifiedAt } = options
        const call = await withParent({ op: 'createDir', to: path, options: { conflict, parents, createdAt, modifiedAt } as Call['options'] }, signal)
        const claims = has('an existing directory claimed after a lost response') || has('a refusal taken for doubt and looked up')
        return change<object>(call, signal, claims && conflict !== 'rename' ? claimed : undefined)
      }),
    copyDir: (from: DrivePath, to: DrivePath, options: WriteOptions & { readonly wait?: boolean } = {}) =>
      run<object>('copyDir', options, async (signal) => {
        const begun = await change<{ readonly task: string }>({ op: 'copyDir', from, to, options: { conflict: options.conflict ?? 'ask' }, task: true }, signal)
        if (E.isLeft(begun)) return begun
        const id = begun.right.task
        const ref = { vendor: 'toy', operation: 'copyDir', state: id } as const
        if (options.wait === false) return E.right({ task: ref })
        for (let failures = 0; ; ) {
          const own = has('abort not reaching the wait for a task') ? new AbortController().signal : signal
          if (own.aborted || failures > attempts) return fail('copyDir', indeterminate({ task: ref, check: 'the task' }), to)
          const reply = await send('GET', `/task?${query({ id })}`, own).catch(() => undefined)
          const value = reply === undefined ? undefined : read(reply)
          const answer = value?.['answer'] as E.Either<DriveError, Placed> | undefined
          if (value === undefined) failures++
          if (answer !== undefined) return E.isLeft(answer) ? fail('copyDir', { ...answer.left, vendor: 'toy', operation: 'copyDir' }, to) : answer
          await new Promise((resolve) => setImmediate(resolve))
        }
      }),
    batchMove: transfer('batchMove'),
    batchCopy: transfer('batchCopy'),
    batchRemove: (items: ReadonlyArray<DrivePath | { readonly path: DrivePath }>, options: CallOptions = {}) =>
      run('batchRemove', options, async (signal) => {
        const all = items.map((item) => (typeof item === 'string' ? item : item.path))
        return E.map(({ outcomes }: { readonly outcomes: ReadonlyArray<object> }) => ({ outcomes: items.map((item, i) => ({ item, ...outcomes[i] })) }))(
          await change({ op: 'batchRemove', items: all.map((path) => ({ from: path, to: path, path })), options: {} }, signal),
        )
      }),
    readFile: (path: DrivePath, options: { readonly range?: { readonly start: number; readonly end?: number }; readonly ifVersion?: string } & CallOptions = {}) =>
      run('readFile', options, async (signal) => {
        const entry = await statOf(path, signal)
        if (E.isLeft(entry)) return fail('readFile', entry.left, path)
        if (entry.right.kind !== 'file') return fail('readFile', { _tag: 'WrongKind', expected: 'file' }, path)
        const { size } = entry.right
        if (options.ifVersion !== undefined && options.ifVersion !== entry.right.version) return fail('readFile', preconditionFailed(), path)
        const { start = 0, end = size } = options.range ?? {}
        const range = { start, end: Math.min(end, size) }
        return E.right({ entry: entry.right, size, range, stream: Readable.from(contentOf(path, entry.right, range.start, range.end, signal), { objectMode: false }) })
      }),
    writeFile: (path: DrivePath, source: UploadSource, options: WriteOptions = {}) => run('writeFile', options, (signal) => upload(path, source, options, signal)),
    abandonUpload: (ref: { readonly vendor: string; readonly state: unknown }, options?: CallOptions) =>
      run('abandonUpload', options, async (signal) => {
        if (ref.vendor !== 'toy') return fail('abandonUpload', notFound({ what: 'upload' }))
        await forget((ref.state as { readonly upload: string }).upload, signal)
        return E.right(undefined)
      }),
    usage: () => () => Promise.resolve(fail('usage', { _tag: 'Unsupported', feature: 'operations.usage' })),
    task: (ref: { readonly vendor: string; readonly state: unknown }, options?: CallOptions) =>
      run('task', options, async (signal) => {
        if (ref.vendor !== 'toy' || typeof ref.state !== 'string') return fail('task', notFound({ what: 'task' }))
        const answer = await taskAnswer(ref.state, signal)
        if (answer === undefined) return E.right({ status: 'running' })
        return E.right(E.isLeft(answer) ? { status: 'failed', error: answer.left } : { status: 'settled', result: answer.right })
      }),
  }
  return drive as unknown as DriveProvider
}
