// An adapter of the toy service that keeps the contract, and can be given one of the faults that the kit exists to catch.
import {
  DriveException,
  type CallOptions,
  type Capabilities,
  type CopyItem,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Entry,
  type FileEntry,
  type Operation,
  type Placed,
  type Environment,
  type UploadSource,
  type WriteOptions,
} from '@anydrive/core'
import {
  aborted,
  checksumMismatch,
  indeterminate,
  isTemporary,
  locate,
  network,
  notFound,
  preconditionFailed,
  timeout,
} from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { Readable } from 'node:stream'
import { attempts, createClient, read, type Bug, type Settled } from './toy-client'
import { digestOf, type Call } from './toy-server'
import { createUploads } from './toy-upload'

export const openToy = (
  url: string,
  capabilities: Capabilities,
  bug?: Bug,
  environment: Environment = {},
): DriveProvider => {
  const client = createClient(url, bug, environment)
  const { has, fail, send, change, look, query, statOf, withParent } = client
  const { upload, forget } = createUploads(client)

  async function* contentOf(
    path: DrivePath,
    entry: FileEntry,
    start: number,
    end: number,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void> {
    const chunks: Array<Buffer> = []
    let at = start
    for (let attempt = 0; at < end; attempt++) {
      const isChecked =
        at > start && has('a changed file resumed in mid-read') ? {} : { headers: { 'if-match': entry.version ?? '' } }
      const response = await fetch(`${url}/content?${query({ path, start: at, end })}`, { signal, ...isChecked }).catch(
        () => undefined,
      )
      if (signal.aborted)
        throw new DriveException(locate({ vendor: 'toy', operation: 'readFile', path })(aborted({ effect: 'none' })))
      if (response?.status === 412)
        throw new DriveException(locate({ vendor: 'toy', operation: 'readFile', path })(preconditionFailed()))
      if (attempt > attempts)
        throw new DriveException(locate({ vendor: 'toy', operation: 'readFile', path })(network({ effect: 'none' })))
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
    const isWhole =
      start === 0 &&
      end === entry.size &&
      !has('checksum of a download not compared') &&
      !has('a changed file resumed in mid-read')
    if (isWhole && sha256 !== undefined && digestOf(whole) !== sha256)
      throw new DriveException(
        locate({ vendor: 'toy', operation: 'readFile', path })(checksumMismatch({ algorithm: 'sha256' })),
      )
    const last = chunks.at(-1)
    if (last !== undefined) yield last
  }

  /** Ends with the caller's signal or its time. */
  const run =
    <A>(operation: Operation, options: CallOptions | undefined, call: (signal: AbortSignal) => Settled<A>) =>
    async (): Settled<A> => {
      const stop = new AbortController()
      const abort = () => stop.abort()
      const late = { is: false }
      const clock = setTimeout(
        () => {
          late.is = true
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
      if (E.isRight(answer) || answer.left._tag !== 'Aborted' || !late.is) return answer
      return fail(
        operation,
        answer.left.effect === 'none' ? timeout({ effect: 'none' }) : indeterminate({ check: 'whether it is there' }),
      )
    }
  const outcomesOf = <I>(
    items: ReadonlyArray<I>,
    { outcomes }: { readonly outcomes: ReadonlyArray<object> },
    done: (item: I) => object,
  ) => ({
    outcomes: items.map((item, i) => {
      const own = outcomes[has('outcomes of a batch given to the wrong items') ? items.length - 1 - i : i]
      const isBelieved = has('a partial failure of a batch taken as success')
      return { item, ...(own === undefined || isBelieved ? done(item) : own) }
    }),
  })
  const paths = (items: ReadonlyArray<CopyItem>) => items.map((item) => ({ ...item, path: item.from }))
  const transfer =
    (op: 'batchMove' | 'batchCopy') =>
    (items: ReadonlyArray<CopyItem>, options: WriteOptions = {}) =>
      run(op, options, async (signal) =>
        E.map((batch: { readonly outcomes: ReadonlyArray<object> }) =>
          outcomesOf(items, batch, ({ to }) => ({ status: 'done', path: to, how: 'as-asked' })),
        )(
          await change(
            {
              op,
              items: paths(items),
              options: { conflict: options.conflict ?? 'ask', parents: options.parents ?? 'create' },
            },
            signal,
          ),
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
    list: (
      path: DrivePath,
      options: {
        readonly cursor?: string
        readonly limit?: number
        readonly temporaries?: 'hide' | 'show'
      } & CallOptions = {},
    ) =>
      run('list', options, async (signal) => {
        const asked = Math.floor(options.limit ?? 50)
        const limit = Math.min(50, Math.max(1, Number.isNaN(asked) ? 50 : asked))
        const from = Number(options.cursor ?? 0)
        const offset = has('page size taken from the call instead of the cursor') ? from * limit : from
        const page = await look<{ readonly items: ReadonlyArray<Entry>; readonly total: number }>(
          'list',
          `/list?${query({ path, offset, limit })}`,
          signal,
          path,
        )
        return E.map(({ items, total }: { readonly items: ReadonlyArray<Entry>; readonly total: number }) => {
          const next = has('page size taken from the call instead of the cursor') ? from + 1 : offset + items.length
          const isMore =
            offset + items.length < total && !(has('the second page lost where the first is short') && items.length < 6)
          const shown = items.filter(
            ({ name }) => options.temporaries === 'show' || has('temporary names shown') || !isTemporary(name),
          )
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
        const call = await withParent(
          { op: 'createDir', to: path, options: { conflict, parents, createdAt, modifiedAt } as Call['options'] },
          signal,
        )
        const claims =
          has('an existing directory claimed after a lost response') || has('a refusal taken for doubt and looked up')
        return change<object>(call, signal, claims && conflict !== 'rename' ? claimed : undefined)
      }),
    copyDir: (from: DrivePath, to: DrivePath, options: WriteOptions & { readonly wait?: boolean } = {}) =>
      run<object>('copyDir', options, async (signal) => {
        const begun = await change<{ readonly task: string }>(
          { op: 'copyDir', from, to, options: { conflict: options.conflict ?? 'ask' }, task: true },
          signal,
        )
        if (E.isLeft(begun)) return begun
        const id = begun.right.task
        const ref = { vendor: 'toy', operation: 'copyDir', state: id } as const
        if (options.wait === false) return E.right({ task: ref })
        for (let failures = 0; ;) {
          const own = has('abort not reaching the wait for a task') ? new AbortController().signal : signal
          if (own.aborted || failures > attempts)
            return fail('copyDir', indeterminate({ task: ref, check: 'the task' }), to)
          const reply = await send('GET', `/task?${query({ id })}`, own).catch(() => undefined)
          const value = reply === undefined ? undefined : read(reply)
          const answer = value?.['answer'] as E.Either<DriveError, Placed> | undefined
          if (value === undefined) failures++
          if (answer !== undefined)
            return E.isLeft(answer)
              ? fail('copyDir', { ...answer.left, vendor: 'toy', operation: 'copyDir' }, to)
              : answer
          await new Promise((resolve) => setImmediate(resolve))
        }
      }),
    batchMove: transfer('batchMove'),
    batchCopy: transfer('batchCopy'),
    batchRemove: (items: ReadonlyArray<DrivePath | { readonly path: DrivePath }>, options: CallOptions = {}) =>
      run('batchRemove', options, async (signal) => {
        const all = items.map((item) => (typeof item === 'string' ? item : item.path))
        return E.map((batch: { readonly outcomes: ReadonlyArray<object> }) =>
          outcomesOf(items, batch, () => ({ status: 'done' })),
        )(
          await change(
            { op: 'batchRemove', items: all.map((path) => ({ from: path, to: path, path })), options: {} },
            signal,
          ),
        )
      }),
    readFile: (
      path: DrivePath,
      options: {
        readonly range?: { readonly start: number; readonly end?: number }
        readonly ifVersion?: string
      } & CallOptions = {},
    ) =>
      run('readFile', options, async (signal) => {
        const entry = await statOf(path, signal)
        if (E.isLeft(entry)) return fail('readFile', entry.left, path)
        if (entry.right.kind !== 'file') return fail('readFile', { _tag: 'WrongKind', expected: 'file' }, path)
        const { size = 0 } = entry.right
        if (options.ifVersion !== undefined && options.ifVersion !== entry.right.version)
          return fail('readFile', preconditionFailed(), path)
        const { start = 0, end = size } = options.range ?? {}
        const range = { start, end: Math.min(end, size) }
        return E.right({
          entry: entry.right,
          size,
          range,
          stream: Readable.from(contentOf(path, entry.right, range.start, range.end, signal), { objectMode: false }),
        })
      }),
    writeFile: (path: DrivePath, source: UploadSource, options: WriteOptions = {}) =>
      run('writeFile', options, (signal) => upload(path, source, options, signal)),
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
        return E.right(
          E.isLeft(answer) ? { status: 'failed', error: answer.left } : { status: 'settled', result: answer.right },
        )
      }),
  }
  return drive as unknown as DriveProvider
}
