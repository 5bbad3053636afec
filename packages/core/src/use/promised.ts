// The Promise façade: the same verbs on plain strings and promises. The only place that throws what went wrong.
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Readable } from 'node:stream'
import type { BatchSettled, CopyItem, MoveItem, Placed, RemoveItem, Removed } from '../contract/batch'
import type { Capabilities } from '../contract/capabilities'
import * as convenience from './conveniences'
import type { DirEntry, Entry, Page } from '../contract/entry'
import { locate, sourceFailed, type DriveError } from '../contract/errors'
import { DriveException } from '../contract/exception'
import { parsePath, type DrivePath } from '../contract/path'
import type {
  CallOptions,
  ConflictOptions,
  DriveProvider,
  ListOptions,
  Made,
  ReadOptions,
  RemoveOptions,
  Times,
  Usage,
  Waited,
  WaitOptions,
  WriteOptions,
  Written,
} from '../contract/provider'
import type { FileContent, UploadRef, UploadSource } from '../contract/source'
import { fromBytes, fromFile, readBytes, readText, spooled, type Spooled } from './sources'
import type { TaskOperation, TaskRef, TaskResults, TaskState } from '../contract/task'
import { entries, walk } from './walk'

/** `await` it: one page. `for await` it: every entry. */
export interface Listing extends Promise<Page<Entry>>, AsyncIterable<Entry> {}

type Plain<I> = Omit<I, 'from' | 'to'> & { readonly from: string; readonly to: string }
type PlainRemoval = string | { readonly path: string; readonly ifVersion?: string | undefined }

/** A `stream` is spooled first, beyond 8 MiB on disk, so that its upload can be retried; `size`, where given, must be what it holds. */
export type Uploadable =
  | UploadSource
  | Uint8Array
  | string
  | { readonly file: string }
  | { readonly stream: Readable; readonly size?: number | undefined }

/** Each failure rejects with a `DriveException`. */
export interface PromisedDrive {
  readonly vendor: string
  readonly capabilities: Capabilities
  readonly drive: DriveProvider
  readonly stat: (path: string, options?: CallOptions) => Promise<Entry>
  readonly exists: (path: string, options?: CallOptions) => Promise<boolean>
  readonly list: (path: string, options?: ListOptions) => Listing
  readonly walk: (path: string, options?: CallOptions) => AsyncIterable<Entry>
  readonly createDir: (path: string, options?: ConflictOptions & Times) => Promise<Made<DirEntry>>
  readonly ensureDir: (path: string, options?: CallOptions) => Promise<DirEntry>
  readonly copyDir: <W extends boolean = true>(
    from: string,
    to: string,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Promise<Waited<Placed, 'copyDir', W>>
  readonly batchMove: <W extends boolean = true>(
    items: ReadonlyArray<Plain<MoveItem>>,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Promise<Waited<BatchSettled<MoveItem, Placed>, 'batchMove', W>>
  readonly batchCopy: <W extends boolean = true>(
    items: ReadonlyArray<Plain<CopyItem>>,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Promise<Waited<BatchSettled<CopyItem, Placed>, 'batchCopy', W>>
  readonly batchRemove: <W extends boolean = true>(
    items: ReadonlyArray<PlainRemoval>,
    options?: RemoveOptions & WaitOptions<W>,
  ) => Promise<Waited<BatchSettled<RemoveItem, Removed>, 'batchRemove', W>>
  /** One item, as the next two; a failed outcome throws. */
  readonly move: (from: string, to: string, options?: ConflictOptions) => Promise<Placed>
  readonly copy: (from: string, to: string, options?: ConflictOptions) => Promise<Placed>
  readonly remove: (path: string, options?: RemoveOptions) => Promise<Removed>
  readonly readFile: (path: string, options?: ReadOptions) => Promise<FileContent>
  readonly readText: (path: string, options?: ReadOptions) => Promise<string>
  readonly readBytes: (path: string, options?: ReadOptions) => Promise<Uint8Array>
  readonly writeFile: (path: string, content: Uploadable, options?: WriteOptions) => Promise<Written>
  readonly abandonUpload: (ref: UploadRef, options?: CallOptions) => Promise<void>
  readonly usage: (options?: CallOptions) => Promise<Usage>
  readonly task: <Op extends TaskOperation>(ref: TaskRef<Op>, options?: CallOptions) => Promise<TaskState<Op>>
  readonly settled: <Op extends TaskOperation>(ref: TaskRef<Op>, options?: CallOptions) => Promise<TaskResults[Op]>
}

const rightOf = <A>(either: E.Either<DriveError, A>): A => {
  if (E.isLeft(either)) throw new DriveException(either.left)
  return either.right
}
const run = async <A>(task: TaskEither<DriveError, A>): Promise<A> => rightOf(await task())
const at = (path: string): DrivePath => rightOf(parsePath(path))

const placed = (item: Plain<CopyItem>): CopyItem => ({ ...item, from: at(item.from), to: at(item.to) })
const removal = (item: PlainRemoval): RemoveItem =>
  typeof item === 'string' ? at(item) : { ...item, path: at(item.path) }

const nothing = () => Promise.resolve()
const sourceOf = async (content: Uploadable): Promise<Spooled> => {
  if (typeof content === 'string' || content instanceof Uint8Array) return { ...fromBytes(content), dispose: nothing }
  if ('file' in content) return { ...(await run(fromFile(content.file))), dispose: nothing }
  if (!('stream' in content)) return { ...content, dispose: nothing }
  const spool = await run(spooled(content.stream))
  if (content.size === undefined || content.size === spool.size) return spool
  await spool.dispose()
  const reason = spool.size < content.size ? 'shorter' : 'longer'
  throw new DriveException(locate({ vendor: 'anydrive', operation: 'source' })(sourceFailed({ reason })))
}

const write = async (
  drive: DriveProvider,
  path: string,
  content: Uploadable,
  options: WriteOptions | undefined,
): Promise<Written> => {
  const to = at(path)
  const source = await sourceOf(content)
  try {
    return await run(drive.writeFile(to, source, options))
  } finally {
    await source.dispose()
  }
}

async function* rights<A>(all: AsyncIterable<E.Either<DriveError, A>>): AsyncGenerator<A, void> {
  for await (const one of all) yield rightOf(one)
}

const listing = (drive: DriveProvider, path: string, options: ListOptions | undefined): Listing => {
  let page: Promise<Page<Entry>> | undefined
  const first = () => (page ??= (async () => run(drive.list(at(path), options)))())
  return {
    then: (onRight, onLeft) => first().then(onRight, onLeft),
    catch: (onLeft) => first().catch(onLeft),
    finally: (end) => first().finally(end),
    [Symbol.toStringTag]: 'Listing',
    [Symbol.asyncIterator]: async function* () {
      yield* rights(entries(drive, at(path), options))
    },
  }
}

export const toPromises = (drive: DriveProvider): PromisedDrive => ({
  vendor: drive.vendor,
  capabilities: drive.capabilities,
  drive,
  stat: async (path, options) => run(drive.stat(at(path), options)),
  exists: async (path, options) => run(convenience.exists(drive, at(path), options)),
  list: (path, options) => listing(drive, path, options),
  walk: async function* (path, options) {
    yield* rights(walk(drive, at(path), options))
  },
  createDir: async (path, options) => run(drive.createDir(at(path), options)),
  ensureDir: async (path, options) => run(convenience.ensureDir(drive, at(path), options)),
  copyDir: async (from, to, options) => run(drive.copyDir(at(from), at(to), options)),
  batchMove: async (items, options) => run(drive.batchMove(items.map(placed), options)),
  batchCopy: async (items, options) => run(drive.batchCopy(items.map(placed), options)),
  batchRemove: async (items, options) => run(drive.batchRemove(items.map(removal), options)),
  move: async (from, to, options) => run(convenience.move(drive, at(from), at(to), options)),
  copy: async (from, to, options) => run(convenience.copy(drive, at(from), at(to), options)),
  remove: async (path, options) => run(convenience.remove(drive, at(path), options)),
  readFile: async (path, options) => run(drive.readFile(at(path), options)),
  readText: async (path, options) => run(readText(await run(drive.readFile(at(path), options)))),
  readBytes: async (path, options) => run(readBytes(await run(drive.readFile(at(path), options)))),
  writeFile: (path, content, options) => write(drive, path, content, options),
  abandonUpload: async (ref, options) => run(drive.abandonUpload(ref, options)),
  usage: async (options) => run(drive.usage(options)),
  task: async (ref, options) => run(drive.task(ref, options)),
  settled: async (ref, options) => run(convenience.settled(drive, ref, options)),
})
