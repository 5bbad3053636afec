// A tiny drive for core's own tests: a Map behind defineDrive, which records what core asks of it.
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { Readable } from 'node:stream'
import { nameOf, parentOf, root, type DriveError, type DrivePath, type Entry, type Fault, type Placed } from '../src'
import {
  defineCapabilities,
  defineDrive,
  nameConflict,
  native,
  notFound,
  asAsk,
  supportOf,
  type DefineOptions,
  type OperationsFor,
  type RawOutcome,
} from '../src/adapter'

const directory = supportOf({ ask: native('ask'), rename: native('rename'), overwrite: asAsk('ask') }, 'documented')
const file = supportOf({ ask: native('ask'), rename: native('rename'), overwrite: native('overwrite') }, 'documented')

export const capabilities = defineCapabilities({
  operations: { copyDir: true, batchMove: true, batchCopy: true, batchRemove: true, usage: true },
  conflict: {
    createDir: directory,
    copyDir: directory,
    moveDir: directory,
    moveFile: file,
    copyFile: file,
    writeFile: file,
  },
  naming: {
    maxLength: 20,
    lengthUnit: 'codepoints',
    forbidden: '*',
    reserved: ['con'],
    maxDepth: 4,
    case: 'sensitive',
    normalisation: 'as-is',
  },
  limits: { page: 3, batch: 2, fileSize: 1000 },
  checksums: { given: [], checked: [] },
  upload: { instant: false, resume: 'restart', parts: 'none' },
  times: { directory: { createdAt: 'none', modifiedAt: 'none' }, file: { createdAt: 'none', modifiedAt: 'none' } },
  features: {
    background: true,
    trash: false,
    copyDirInBatch: true,
    crossSpaceMove: false,
    crossSpaceCopy: false,
    ranges: true,
    sortedList: true,
    etags: true,
    ifVersion: false,
  },
  consistency: { staleness: 0 },
})

type Operations = OperationsFor<typeof capabilities>

export interface Toy {
  readonly nodes: Map<DrivePath, string | null>
  readonly calls: Array<string>
  /** Replace any operation. */
  readonly operations: { -readonly [K in keyof Operations]: Operations[K] }
}

const entryOf = (path: DrivePath, content: string | null): Entry =>
  content === null
    ? { kind: 'directory', path, name: nameOf(path) }
    : { kind: 'file', path, name: nameOf(path), size: content.length, checksums: {}, version: content }

const answer =
  <A>(toy: Toy, call: string, run: () => E.Either<Fault | DriveError, A>) =>
  () => {
    toy.calls.push(call)
    return Promise.resolve(run())
  }

const place = (toy: Toy, to: DrivePath, content: string | null, overwrite: boolean): E.Either<Fault, Placed> => {
  if (parentOf(to) !== root && toy.nodes.get(parentOf(to)) !== null) return E.left(notFound({ what: 'parent' }))
  const there = toy.nodes.get(to)
  if (there !== undefined && !(overwrite && there !== null))
    return E.left(nameConflict({ existing: entryOf(to, there) }))
  toy.nodes.set(to, content)
  return E.right({ path: to, how: 'as-asked' })
}

export const toy = <M extends object = object>(
  start: Record<string, string | null> = {},
  options: DefineOptions<M> = {},
) => {
  const nodes = new Map(Object.entries(start)) as Map<DrivePath, string | null>
  const read = (path: DrivePath) => (path === root ? null : nodes.get(path))
  const it: Toy = { nodes, calls: [], operations: undefined as never }
  const moved = (from: DrivePath, to: DrivePath, conflict: string, keep: boolean): RawOutcome<Placed> => {
    const content = nodes.get(from)
    if (content === undefined) return { status: 'failed', fault: notFound({ what: 'source' }) }
    const placed = place(it, to, content, conflict === 'overwrite')
    if (E.isLeft(placed)) return { status: 'failed', fault: placed.left }
    if (!keep) nodes.delete(from)
    return { status: 'done', ...placed.right }
  }
  const operations: Operations = {
    stat: (path) =>
      answer(it, `stat ${path}`, () => {
        const content = read(path)
        return content === undefined ? E.left(notFound({ what: 'source' })) : E.right(entryOf(path, content))
      }),
    list: (path, { cursor, limit }) =>
      answer(it, `list ${path} ${limit}`, () => {
        const names = [...nodes.keys()].filter((p) => parentOf(p) === path && p !== root).sort()
        const at = Number(cursor ?? 0)
        const items = names.slice(at, at + limit).map((p) => entryOf(p, nodes.get(p) ?? null))
        return E.right(at + limit < names.length ? { items, next: String(at + limit) } : { items })
      }),
    createDir: (path, { conflict }) =>
      answer(it, `createDir ${path} ${conflict}`, () =>
        E.map(({ how }: Placed) => ({ kind: 'directory' as const, path, name: nameOf(path), how }))(
          place(it, path, null, false),
        ),
      ),
    readFile: (path, { range }) =>
      answer(it, `readFile ${path}`, () => {
        const content = nodes.get(path)
        if (typeof content !== 'string') return E.left(notFound({ what: 'source' }))
        const entry = entryOf(path, content)
        if (entry.kind !== 'file') return E.left(notFound({ what: 'source' }))
        return E.right({
          entry,
          open: (from: number) =>
            TE.right(Readable.from([Buffer.from(content.slice(from, range.end))], { objectMode: false })),
        })
      }),
    writeFile: (path, source, how, call) => async () => {
      it.calls.push(`writeFile ${path} ${how.conflict}`)
      const opened = await source.open({ start: 0, end: source.size }, call.signal)()
      if (E.isLeft(opened)) return opened
      const chunks: Array<Buffer> = []
      try {
        for await (const chunk of opened.right as AsyncIterable<Buffer>) chunks.push(chunk)
      } catch {
        return E.left({ _tag: 'SourceFailed', reason: 'unreadable' } as const)
      }
      const placed = place(it, path, Buffer.concat(chunks).toString(), how.conflict === 'overwrite')
      if (E.isLeft(placed)) return placed
      return E.right({
        ...entryOf(path, Buffer.concat(chunks).toString()),
        kind: 'file',
        size: source.size,
        checksums: {},
        how: 'as-asked',
        evidence: 'size',
      })
    },
    abandonUpload: () => TE.right(undefined),
    copyDir: (from, to, conflict) =>
      answer(it, `copyDir ${from} ${to}`, () => {
        const outcome = moved(from, to, conflict, true)
        return outcome.status === 'done' ? E.right(outcome) : E.left(outcome.fault)
      }),
    batchMove: (items) =>
      answer(it, `batchMove ${items.map(({ from, to }) => `${from}→${to}`).join(' ')}`, () =>
        E.right(items.map(({ from, to, conflict }) => moved(from, to, conflict, false))),
      ),
    batchCopy: (items) =>
      answer(it, `batchCopy ${items.map(({ from, to }) => `${from}→${to}`).join(' ')}`, () =>
        E.right(items.map(({ from, to, conflict }) => moved(from, to, conflict, true))),
      ),
    batchRemove: (items) =>
      answer(it, `batchRemove ${items.map(({ path }) => path).join(' ')}`, () =>
        E.right(
          items.map(({ path }): RawOutcome<{ readonly path: DrivePath; readonly how: 'erased' }> =>
            nodes.delete(path)
              ? { status: 'done', path, how: 'erased' }
              : { status: 'failed', fault: notFound({ what: 'source' }) },
          ),
        ),
      ),
    usage: () => TE.right({ used: 1 }),
    task: () => TE.left(notFound({ what: 'task' })),
  }
  Object.assign(it, { operations: { ...operations } })
  const late = new Proxy(operations, { get: (_, name) => it.operations[name as keyof Operations] })
  return { ...it, drive: defineDrive('toy', capabilities, late, options) }
}
