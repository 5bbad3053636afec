// The promise face: the same verbs on plain strings and promises. The only place that throws what went wrong.
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { tmpdir } from 'node:os'
import type { Readable } from 'node:stream'
import type {
  BatchSettled,
  CopyItem,
  MoveItem,
  Placed,
  Purged,
  Removed,
  RemoveItem,
  TrashItem,
} from '../contract/batch'
import type { Capabilities } from '../contract/capabilities'
import { parsePath } from '../contract/decode'
import type { Changes, Cursor, DirEntry, Entry, FileEntry, FileVersion, Page, TrashEntry } from '../contract/entry'
import { invalidArgument, type DriveError, type Fault, type Where } from '../contract/errors'
import { DriveException } from '../contract/exception'
import { locate } from '../contract/explain'
import type {
  DownloadUrl,
  DownloadUrlOptions,
  OptionalVerb,
  RestoreOptions,
  VersionOptions,
} from '../contract/optional'
import type { DrivePath } from '../contract/path'
import type {
  Accepted,
  CallOptions,
  ConflictOptions,
  DriveProvider,
  ListOptions,
  Made,
  PageOptions,
  ReadOptions,
  RemoveOptions,
  Result,
  TaskResults,
  TaskState,
  Times,
  Usage,
  Waited,
  WaitOptions,
  WriteOptions,
  Written,
} from '../contract/provider'
import type { SearchQuery } from '../contract/search'
import type { Secret } from '../contract/secret'
import type { FileContent, UploadRef, UploadSource } from '../contract/source'
import type { TaskOperation, TaskRef } from '../contract/task'
import type { AnyDrive, Verb } from '../define/context'
import { verbs } from '../define/members'
import { validated } from '../define/rules'
import * as convenience from './conveniences'
import { fromBlob, fromBytes, fromFile, readBytes, readText, spooled, type Spooled } from './sources'
import { streamed } from './streamed'
import { itemsOf, pagesOf, walk } from './walk'
import { fromWeb, isBlob, isReadable, isWebStream, type BlobLike, type WebStream } from './web'

/** `await` it for one page, or `for await` it for every item. */
export interface Paged<A> extends Promise<Page<A>>, AsyncIterable<A> {}
/** `await` it for one page, or `for await` it for every entry of the directory. */
export type Listing = Paged<Entry>

type Plain<I> = Omit<I, 'from' | 'to'> & { readonly from: string; readonly to: string }
type PlainRemoval = string | { readonly path: string; readonly ifVersion?: string | undefined }

/**
 * What `writeFile` takes: bytes, text (as UTF-8), a `Blob`, a file of this machine, or a stream of Node.js or of the web. `size` in bytes, where
 * given, must be what the stream holds. A stream of more than 8 MiB whose size is given is sent while it arrives, in whole parts where the drive
 * uploads in parts; any other is read to its end first. What has arrived is kept, in memory up to 8 MiB and beyond that in a temporary
 * file, until the call ends, so that a request can be repeated.
 */
export type Uploadable =
  | UploadSource
  | Uint8Array
  | string
  | { readonly file: string }
  | BlobLike
  | { readonly stream: Readable | WebStream; readonly size?: number | undefined }

/**
 * The same drive on plain path strings and promises. Each failure rejects with a `DriveException`, whose `code` is the error's tag and whose
 * `error` is the whole error. A path is written `/a/b`, `a/b` or `a/b/`; any other form rejects with `InvalidPath`. `timeout` is in
 * milliseconds; a call without one has no limit but those of the drive's settings.
 */
export interface PromisedDrive {
  /** The name of the adapter, as in errors and references. */
  readonly vendor: string
  /** What this drive can do, as data. */
  readonly capabilities: Capabilities
  /** The drive itself, for what returns values in place of exceptions. */
  readonly drive: DriveProvider
  /** The entry at a path; sizes in bytes. `NotFound` where nothing exists. */
  readonly stat: (path: string, options?: CallOptions) => Promise<Entry>
  /** Whether anything exists at the path. Rejects where that cannot be found out. */
  readonly exists: (path: string, options?: CallOptions) => Promise<boolean>
  /** One page (at most `limit` entries), or all entries, of a directory. `WrongKind` for a file, `NotFound` where nothing exists. */
  readonly list: (path: string, options?: ListOptions) => Listing
  /** Every entry below a directory, depth first, a directory before its children. The first failure rejects. */
  readonly walk: (path: string, options?: CallOptions) => AsyncIterable<Entry>
  /** Creates a directory and its missing parents. `NameConflict` where the name is taken, unless `conflict` is `rename`. */
  readonly createDir: (path: string, options?: ConflictOptions & Times) => Promise<Made<DirEntry>>
  /** The directory, created with its parents if it does not exist. `WrongKind` where a file has the name. */
  readonly ensureDir: (path: string, options?: CallOptions) => Promise<DirEntry>
  /**
   * Copies a directory with all that is below it; never merges two directories. `TaskFailed` with `partial` where it ended half-way. With
   * `wait: false` it may resolve to a task.
   */
  readonly copyDir: <W extends boolean | undefined = true>(
    from: string,
    to: string,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Promise<Waited<Placed, 'copyDir', W>>
  /** Moves files and directories, each item with an outcome of its own. Rejects only if nothing was changed. */
  readonly batchMove: <W extends boolean | undefined = true>(
    items: ReadonlyArray<Plain<MoveItem>>,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Promise<Waited<BatchSettled<MoveItem, Placed>, 'batchMove', W>>
  /** Copies files (and directories, where `features.copyDirInBatch`), as `batchMove`. */
  readonly batchCopy: <W extends boolean | undefined = true>(
    items: ReadonlyArray<Plain<CopyItem>>,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Promise<Waited<BatchSettled<CopyItem, Placed>, 'batchCopy', W>>
  /** Removes files, and directories with all that is below them, as `batchMove`. To the trash where there is one, unless `permanent`. */
  readonly batchRemove: <W extends boolean | undefined = true>(
    items: ReadonlyArray<PlainRemoval>,
    options?: RemoveOptions & WaitOptions<W>,
  ) => Promise<Waited<BatchSettled<RemoveItem, Removed>, 'batchRemove', W>>
  /** Moves one entry; its failed outcome rejects. The final path is in the result. */
  readonly move: (from: string, to: string, options?: ConflictOptions) => Promise<Placed>
  /** Copies one file or directory; its failed outcome rejects. The final path is in the result. */
  readonly copy: (from: string, to: string, options?: ConflictOptions) => Promise<Placed>
  /** Removes one entry; its failed outcome rejects. `NotFound` where nothing exists. */
  readonly remove: (path: string, options?: RemoveOptions) => Promise<Removed>
  /** A stream of the file's bytes, or of the half-open `range` in bytes: read it to the end, or destroy it. `timeout` ends with the first byte. */
  readonly readFile: (path: string, options?: ReadOptions) => Promise<FileContent>
  /** The whole file as UTF-8 text. `LimitExceeded` beyond 64 MiB. */
  readonly readText: (path: string, options?: ReadOptions) => Promise<string>
  /** The whole file as bytes. `LimitExceeded` beyond 64 MiB. */
  readonly readBytes: (path: string, options?: ReadOptions) => Promise<Uint8Array>
  /**
   * Writes a file and creates its missing parents; nothing appears under the name before all bytes are there. `NameConflict` where the name is
   * taken, unless `conflict` is `rename` or `overwrite`. `signal` and `timeout` cover the reading of a stream, too. `SourceFailed` where the
   * content cannot be read, or is not as long as declared; its exception has the stream's own error as `cause`.
   */
  readonly writeFile: (path: string, content: Uploadable, options?: WriteOptions) => Promise<Written>
  /** Frees what an upload that will not be resumed has left. One that no longer exists is no error. */
  readonly abandonUpload: (ref: UploadRef, options?: CallOptions) => Promise<void>
  /** Bytes used and available. `Unsupported` unless `operations.usage`. */
  readonly usage: (options?: CallOptions) => Promise<Usage>
  /** The state of a task, requested once. `NotFound` for one that expired, or that another drive started. */
  readonly task: <Op extends TaskOperation>(ref: TaskRef<Op>, options?: CallOptions) => Promise<TaskState<Op>>
  /** The result of a task, polled until it has ended. `Indeterminate` after `timeout` (10 minutes unless given). */
  readonly settled: <Op extends TaskOperation>(ref: TaskRef<Op>, options?: CallOptions) => Promise<TaskResults[Op]>
}

/** The verbs that only some drives have, of which a drive's promises have those that its type has. */
export interface PromisedOptionalVerbs {
  /** One page, or all entries, of the trash. */
  readonly listTrash: (options?: PageOptions) => Paged<TrashEntry>
  /** Puts entries of the trash back where they were, each with an outcome of its own. Rejects only if nothing was changed. */
  readonly restore: <W extends boolean | undefined = true>(
    items: ReadonlyArray<TrashItem>,
    options?: RestoreOptions & WaitOptions<W>,
  ) => Promise<Waited<BatchSettled<TrashItem, Placed>, 'restore', W>>
  /** Erases entries of the trash, irrevocably; as `restore`. */
  readonly purge: <W extends boolean | undefined = true>(
    items: ReadonlyArray<TrashItem>,
    options?: CallOptions & WaitOptions<W>,
  ) => Promise<Waited<BatchSettled<TrashItem, Purged>, 'purge', W>>
  /** Erases everything in the trash, irrevocably. The service may still be at work when this resolves. */
  readonly emptyTrash: (options?: CallOptions) => Promise<void>
  /** One page, or all, of the entries that meet every condition. A service may not know the latest changes. */
  readonly search: (query: PlainArgument<SearchQuery>, options?: PageOptions) => Paged<Entry>
  /** One page, or all, of what a file holds and held, the newest first. */
  readonly listVersions: (path: string, options?: PageOptions) => Paged<FileVersion>
  /** Makes the content of a `versionId` the current one. `NotFound` of the file or of the version. */
  readonly restoreVersion: (path: string, version: string, options?: CallOptions) => Promise<FileEntry>
  /** A URL from which a browser loads the file. `expiresIn` in milliseconds. */
  readonly downloadUrl: (path: string, options?: DownloadUrlOptions) => Promise<DownloadUrl>
  /** Sets the times of an entry, of those that `capabilities.times` says are kept. */
  readonly setTimes: (path: string, times: Times, options?: CallOptions) => Promise<void>
  /** What has happened on the drive since `cursor`; without one nothing yet. `NotFound` for a cursor that the service no longer keeps. */
  readonly changes: (options?: PageOptions) => Promise<Changes>
}
/** The reads of a drive that has `listVersions`. */
interface PromisedVersionedReads {
  readonly readFile: (path: string, options?: ReadOptions & VersionOptions) => Promise<FileContent>
  readonly readText: (path: string, options?: ReadOptions & VersionOptions) => Promise<string>
  readonly readBytes: (path: string, options?: ReadOptions & VersionOptions) => Promise<Uint8Array>
}
export type PromisedVerbs<D> = Pick<PromisedOptionalVerbs, Extract<keyof D, OptionalVerb>> &
  ('listVersions' extends keyof D ? PromisedVersionedReads : unknown)

type Opaque = AbortSignal | Date | Secret | UploadSource | ((...args: never) => unknown)
/** The same arguments, with plain strings for paths. */
type PlainArgument<T> = T extends DrivePath
  ? string
  : T extends Opaque | string
    ? T
    : T extends ReadonlyArray<infer I>
      ? ReadonlyArray<PlainArgument<I>>
      : T extends object
        ? { readonly [K in keyof T]: PlainArgument<T[K]> }
        : T
type PlainArguments<A> = A extends ReadonlyArray<unknown> ? { [K in keyof A]: PlainArgument<A[K]> } : never

/** A member that may answer with a task does so only under `wait: false`, as the verbs. */
type PromisedCall<A, R> = [Extract<R, Accepted>] extends [never]
  ? (...args: PlainArguments<A> extends ReadonlyArray<unknown> ? PlainArguments<A> : never) => Promise<R>
  : A extends readonly [infer I, (infer O)?]
    ? <W extends boolean | undefined = true>(
        input: PlainArgument<I>,
        options?: Omit<NonNullable<O>, 'wait'> & WaitOptions<W>,
      ) => Promise<W extends false ? R : Exclude<R, Accepted>>
    : never
type PromisedMember<M> = {
  readonly [K in keyof M]: M[K] extends (...args: infer A) => TaskEither<DriveError, infer R>
    ? PromisedCall<A, R>
    : M[K]
}
/** What only the vendor of this drive has (`drive.smh`, `drive.kooDrive`), on plain path strings and promises. */
export type PromisedMembers<D> = {
  readonly [K in Exclude<keyof D, keyof DriveProvider | OptionalVerb | symbol>]: PromisedMember<D[K]>
}

const rightOf = <A>(either: E.Either<DriveError, A>): A => {
  if (E.isLeft(either)) throw new DriveException(either.left)
  return either.right
}
const run = async <A>(task: TaskEither<DriveError, A>): Promise<A> => rightOf(await task())
const at = (path: string): DrivePath => {
  if (typeof (path as unknown) === 'string') return rightOf(parsePath(path))
  const fault = invalidArgument({ argument: 'path', expected: 'DrivePath' })
  throw new DriveException(locate({ vendor: 'anydrive', operation: 'path' })(fault))
}

/** The verb's arguments with their paths parsed; throws for the first that is wrong. */
const checked = (drive: DriveProvider, verb: Verb, args: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const { inputs } = verbs[verb]
  const named = Object.fromEntries(inputs.map((name, i) => [name, args[i]]))
  const valid = validated<Record<string, unknown>>(verb, { ...named, options: args[inputs.length] ?? {} })
  const right = rightOf(E.mapLeft((fault: Fault) => locate({ vendor: drive.vendor, operation: verb })(fault))(valid))
  return [...inputs.map((name) => right[name]), right['options']]
}

type Loose = (...args: ReadonlyArray<unknown>) => TaskEither<DriveError, unknown>
const plainVerbs = [
  ...(['stat', 'createDir', 'copyDir', 'batchMove', 'batchCopy', 'batchRemove', 'readFile'] as const),
  ...(['abandonUpload', 'usage', 'task'] as const),
]
const plain =
  (drive: DriveProvider, verb: Verb) =>
  async (...args: ReadonlyArray<unknown>) =>
    run(((drive as AnyDrive)[verb] as Loose)(...checked(drive, verb, args)))

/** The verbs whose promises differ from them in nothing but the form. */
const promisedVerbs = (drive: DriveProvider) =>
  Object.fromEntries(plainVerbs.map((verb) => [verb, plain(drive, verb)])) as unknown as Pick<
    PromisedDrive,
    (typeof plainVerbs)[number]
  >

async function* rights<A>(all: AsyncIterable<E.Either<DriveError, A>>): AsyncGenerator<A, void> {
  for await (const one of all) yield rightOf(one)
}

type PagedVerb = 'list' | 'listTrash' | 'search' | 'listVersions'
const pagedVerbs: ReadonlyArray<string> = ['list', 'listTrash', 'search', 'listVersions'] satisfies Array<PagedVerb>

/** A verb that lists, as a promise of one page and as an iterable of every item. */
const paged =
  (drive: DriveProvider, verb: PagedVerb) =>
  (...args: ReadonlyArray<unknown>): Paged<unknown> => {
    const own = (drive as AnyDrive)[verb] as (...args: ReadonlyArray<unknown>) => Result<Page<unknown>>
    const start = (args[verbs[verb].inputs.length] as PageOptions | undefined)?.cursor
    const fetch = (cursor: Cursor | undefined): Result<Page<unknown>> => {
      const valid = checked(drive, verb, args)
      return own(...valid.slice(0, -1), { ...(valid.at(-1) as PageOptions), cursor })
    }
    const where = (): Where => {
      const [path] = checked(drive, verb, args)
      return { vendor: drive.vendor, operation: verb, ...(typeof path === 'string' ? { path: path as DrivePath } : {}) }
    }
    let page: Promise<Page<unknown>> | undefined
    const first = () => (page ??= (async () => run(fetch(start)))())
    return {
      then: (onRight, onLeft) => first().then(onRight, onLeft),
      catch: (onLeft) => first().catch(onLeft),
      finally: (end) => first().finally(end),
      [Symbol.toStringTag]: 'Listing',
      [Symbol.asyncIterator]: async function* () {
        yield* rights(itemsOf(pagesOf(fetch, where(), start)))
      },
    }
  }

const optionalVerbs = [
  ...(['listTrash', 'restore', 'purge', 'emptyTrash', 'search'] as const),
  ...(['listVersions', 'restoreVersion', 'downloadUrl', 'setTimes', 'changes'] as const),
]
const promisedOptional = <D extends DriveProvider>(drive: D): PromisedVerbs<D> =>
  Object.fromEntries(
    optionalVerbs
      .filter((verb) => verb in drive)
      .map((verb) => [verb, pagedVerbs.includes(verb) ? paged(drive, verb as PagedVerb) : plain(drive, verb)]),
  ) as unknown as PromisedVerbs<D>

const nothing = () => Promise.resolve()
const contentKinds = 'bytes, text, a Blob, a file, a stream or an upload source'
/** Bytes; a stream of a declared size above this is sent while it arrives. */
const sentWhileArriving = 8 * 1024 * 1024

const sourceOf = async (drive: DriveProvider, content: Uploadable, options: CallOptions): Promise<Spooled> => {
  const refuse = (argument: string, expected: string): never => {
    const fault = invalidArgument({ argument, expected })
    throw new DriveException(locate({ vendor: drive.vendor, operation: 'writeFile' })(fault))
  }
  if ((typeof content !== 'object' || (content as unknown) === null) && typeof content !== 'string')
    return refuse('content', contentKinds)
  if (typeof content === 'string' || content instanceof Uint8Array) return { ...fromBytes(content), dispose: nothing }
  if (isBlob(content)) return { ...fromBlob(content), dispose: nothing }
  if ('file' in content) return { ...(await run(fromFile(content.file))), dispose: nothing }
  if (!('stream' in content)) return { ...content, dispose: nothing }
  const { stream, size } = content
  if (!isWebStream(stream) && !isReadable(stream))
    return refuse('content.stream', 'a Readable of Node.js or a ReadableStream')
  if (Number.isSafeInteger(size) && size !== undefined && size > sentWhileArriving)
    return rightOf(await streamed(isWebStream(stream) ? fromWeb(stream) : stream, size, tmpdir()))
  const { signal, timeout } = options
  return run(spooled(stream, { size, signal, timeout }))
}

/** The time that reading the content took counts for the call's `timeout`. */
const write = async (drive: DriveProvider, path: string, content: Uploadable, options: WriteOptions = {}) => {
  const start = performance.now()
  const [to] = checked(drive, 'writeFile', [path, fromBytes(''), options]) as [DrivePath]
  const source = await sourceOf(drive, content, options)
  const { timeout } = options
  const remaining = timeout === undefined ? {} : { timeout: Math.max(0, timeout - (performance.now() - start)) }
  try {
    return await run(drive.writeFile(to, source, { ...options, ...remaining }))
  } finally {
    await source.dispose()
  }
}

/** The member with its calls as promises; what gives no `TaskEither` stays as it is. */
const promisedMember = (member: unknown): unknown => {
  if (typeof member !== 'object' || member === null || Object.getPrototypeOf(member) !== Object.prototype) return member
  const call =
    (own: (...args: ReadonlyArray<unknown>) => unknown) =>
    (...args: ReadonlyArray<unknown>): unknown => {
      const result = own(...args)
      return typeof result === 'function' ? run(result as TaskEither<DriveError, unknown>) : result
    }
  const promised = Object.entries(member).map(([name, own]: [string, unknown]) => [
    name,
    typeof own === 'function' ? call(own as never) : own,
  ])
  return Object.fromEntries(promised) as unknown
}

/** The drive on plain path strings and promises, the members that only its vendor has included. */
export const toPromises = <D extends DriveProvider>(
  drive: D,
): PromisedDrive & PromisedVerbs<D> & PromisedMembers<D> => {
  const members = Object.entries(drive).filter(
    ([name]) => !['vendor', 'capabilities', ...Object.keys(verbs)].includes(name),
  )
  const base: DriveProvider = drive
  const promised: PromisedDrive = {
    vendor: base.vendor,
    capabilities: base.capabilities,
    drive: base,
    ...promisedVerbs(base),
    exists: async (path, options) => run(convenience.exists(base, at(path), options)),
    list: paged(base, 'list') as PromisedDrive['list'],
    walk: async function* (path, options) {
      yield* rights(walk(base, at(path), options))
    },
    ensureDir: async (path, options) => run(convenience.ensureDir(base, at(path), options)),
    move: async (from, to, options) => run(convenience.move(base, at(from), at(to), options)),
    copy: async (from, to, options) => run(convenience.copy(base, at(from), at(to), options)),
    remove: async (path, options) => run(convenience.remove(base, at(path), options)),
    readText: async (path, options) => run(readText(await promised.readFile(path, options))),
    readBytes: async (path, options) => run(readBytes(await promised.readFile(path, options))),
    writeFile: (path, content, options) => write(base, path, content, options),
    settled: async (ref, options) => run(convenience.settled(base, ref, options)),
  }
  return {
    ...(Object.fromEntries(members.map(([name, member]) => [name, promisedMember(member)])) as PromisedMembers<D>),
    ...promisedOptional(drive),
    ...promised,
  }
}
