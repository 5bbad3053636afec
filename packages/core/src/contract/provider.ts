// The contract: what every drive does.
import type { TaskEither } from 'fp-ts/TaskEither'
import type { BatchSettled, CopyItem, MoveItem, Placed, Purged, RemoveItem, Removed, TrashItem } from './batch'
import type { Capabilities } from './capabilities'
import type { ConflictStrategy } from './conflict'
import type { Cursor, DirEntry, Entry, SizedFile, Page } from './entry'
import type { DriveError } from './errors'
import type { DrivePath } from './path'
import type { Secret } from './secret'
import type { ByteRange, Evidence, FileContent, UploadRef, UploadSource } from './source'
import type { TaskOperation, TaskRef } from './task'

/** A recipe: nothing happens until it runs; run twice, done twice. Never rejects. */
export type Result<A> = TaskEither<DriveError, A>

export interface CallOptions {
  /** The caller's; read when the call runs, not when it is created. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds from the moment the call runs, after which it ends as `Timeout` or `Indeterminate`; `Infinity` or absent: no limit. */
  readonly timeout?: number | undefined
}
export interface ConflictOptions extends CallOptions {
  /** `ask` unless given. */
  readonly conflict?: ConflictStrategy | undefined
  /** Missing parents of a target are created (and stay, even if the operation then fails), or required: `NotFound('parent')`. */
  readonly parents?: 'create' | 'require' | undefined
}
/** Times to keep with what is created. A drive keeps those that `capabilities.times` says, and ignores others. */
export interface Times {
  /** The time of creation; the vendor's own unless given. */
  readonly createdAt?: Date | undefined
  /** The time of the last change of the content; the vendor's own unless given. */
  readonly modifiedAt?: Date | undefined
}
export interface WaitOptions<W extends boolean | undefined> {
  /** `false` permits the service to return a task before the work is done; it does not oblige it. `true` unless given. */
  readonly wait?: W
}
export interface PageOptions extends CallOptions {
  /** `next` of the page before; the first page unless given. `InvalidArgument` for one that the drive did not give, where that can be seen. */
  readonly cursor?: Cursor | undefined
  /** Entries of the page at most; a hint, clamped to what the vendor takes. `capabilities.limits.page` unless given. */
  readonly limit?: number | undefined
}
export interface ListOptions extends PageOptions {
  /** Temporary names that an unfinished operation left; hidden unless this is `show`. */
  readonly temporaries?: 'hide' | 'show' | undefined
}
export interface ReadOptions extends CallOptions {
  /** Bytes to read; the whole file unless given. `RangeNotSatisfiable` when it begins at or past the end of the file. */
  readonly range?: ByteRange | undefined
  /** `PreconditionFailed` unless the file still has this version; any version unless given. */
  readonly ifVersion?: string | undefined
}
export interface WriteOptions extends ConflictOptions, Times {
  /** The media type to store with the file; the vendor's choice unless given. Ignored where the vendor stores none. */
  readonly contentType?: string | undefined
  /** `PreconditionFailed` unless the file to be replaced still has this version. */
  readonly ifVersion?: string | undefined
  /** Bytes sent so far; may fall back when a part is sent again. */
  readonly onProgress?: ((bytes: number) => void) | undefined
  /** Awaited before the next effect whenever the upload's state changes; a left ends the upload with that error. */
  readonly onCheckpoint?: ((ref: UploadRef) => Result<void>) | undefined
  /** Goes on from there; the source must hold the same bytes. */
  readonly resume?: UploadRef | undefined
}
export interface Usage {
  /** Bytes. */
  readonly used?: number
  /** Bytes in all; absent where the vendor states no limit. */
  readonly capacity?: number
}
export interface RemoveOptions extends CallOptions {
  /** Removes permanently, not to the trash; `false` unless given. */
  readonly permanent?: boolean | undefined
  /** `Unsupported` where a removed entry could not be recovered; `false` unless given. */
  readonly requireTrash?: boolean | undefined
}

/** What a task ends with: the result of its operation. */
export interface TaskResults {
  copyDir: Placed
  batchMove: BatchSettled<MoveItem, Placed>
  batchCopy: BatchSettled<CopyItem, Placed>
  batchRemove: BatchSettled<RemoveItem, Removed>
  restore: BatchSettled<TrashItem, Placed>
  purge: BatchSettled<TrashItem, Purged>
}

export type TaskState<Op extends TaskOperation = TaskOperation> =
  | { readonly status: 'running'; readonly done?: number; readonly total?: number }
  | { readonly status: 'settled'; readonly result: TaskResults[Op] }
  | { readonly status: 'failed'; readonly error: DriveError }

/** The vendor took the work and does it later. */
export interface Accepted<Op extends TaskOperation = TaskOperation> {
  readonly task: TaskRef<Op>
}
export const isAccepted = <Op extends TaskOperation>(r: TaskResults[Op] | Accepted<Op>): r is Accepted<Op> =>
  'task' in r

export type Waited<A, Op extends TaskOperation, W extends boolean | undefined> = W extends false ? A | Accepted<Op> : A
export type Made<E extends Entry> = E & Pick<Placed, 'how' | 'replaced'>
export type Written = Made<SizedFile> & { readonly evidence: Evidence }

/**
 * What every drive does. No member is optional. A failed call is a left `DriveError`; no call rejects or throws. Any call may fail with
 * `Unauthenticated`, `Forbidden`, `Network`, `Timeout`, `Aborted`, `RateLimited`, `Unavailable` or `UnexpectedResponse`, and one that changes
 * something with `Indeterminate`; the comments name the other errors. One drive serves any number of concurrent calls, and has nothing to close.
 */
export interface DriveProvider {
  /** The name of the adapter, as in errors and references. */
  readonly vendor: string
  /** What this drive can do, as data. */
  readonly capabilities: Capabilities
  /**
   * The entry at a path; sizes in bytes. `NotFound` where nothing exists. Of the root it sends one request, and so proves reach, credentials and
   * space.
   */
  readonly stat: (path: DrivePath, options?: CallOptions) => Result<Entry>
  /**
   * One page of a directory. No order is promised unless `features.sortedList`; a directory that does not change yields each entry once. `WrongKind`
   * for a file, `NotFound` where nothing exists.
   */
  readonly list: (path: DrivePath, options?: ListOptions) => Result<Page<Entry>>
  /**
   * Creates a directory and, unless `parents` is `require`, its missing parents. The final name is in `path`. `NameConflict` where the name is taken,
   * unless `conflict` is `rename`.
   */
  readonly createDir: (path: DrivePath, options?: ConflictOptions & Times) => Result<Made<DirEntry>>
  /**
   * Copies a directory with all that is below it; never merges two directories. A failure half-way is `TaskFailed` with `partial`, the path of what was
   * created. `NotFound`, `WrongKind`, `NameConflict`, `NestedTarget`.
   */
  readonly copyDir: <W extends boolean | undefined = true>(
    from: DrivePath,
    to: DrivePath,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Result<Waited<Placed, 'copyDir', W>>
  /**
   * Moves files and directories, as if one after another. Left only if nothing was changed; afterwards each item has an outcome of its own, in the order of
   * the request.
   */
  readonly batchMove: <W extends boolean | undefined = true>(
    items: ReadonlyArray<MoveItem>,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Result<Waited<BatchSettled<MoveItem, Placed>, 'batchMove', W>>
  /** Copies files and, where `features.copyDirInBatch`, directories; outcomes as of `batchMove`. */
  readonly batchCopy: <W extends boolean | undefined = true>(
    items: ReadonlyArray<CopyItem>,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Result<Waited<BatchSettled<CopyItem, Placed>, 'batchCopy', W>>
  /**
   * Removes files, and directories with all that is below them, to the trash where there is one unless `permanent`. A missing path is `NotFound`; outcomes
   * as of `batchMove`.
   */
  readonly batchRemove: <W extends boolean | undefined = true>(
    items: ReadonlyArray<RemoveItem>,
    options?: RemoveOptions & WaitOptions<W>,
  ) => Result<Waited<BatchSettled<RemoveItem, Removed>, 'batchRemove', W>>
  /**
   * Opens a file, or a half-open `range` of it in bytes. The stream is the caller's: read it to the end, or destroy it. `timeout` ends with the first byte.
   * `NotFound`, `WrongKind`, `RangeNotSatisfiable`, `PreconditionFailed`.
   */
  readonly readFile: (path: DrivePath, options?: ReadOptions) => Result<FileContent>
  /**
   * Writes a file; nothing appears under the path before all bytes are there. `NameConflict` where the name is taken, unless `conflict` is `rename` or
   * `overwrite`. `SourceFailed` where the source cannot be read or is not as long as it says, `LimitExceeded`, `ChecksumMismatch`.
   */
  readonly writeFile: (path: DrivePath, source: UploadSource, options?: WriteOptions) => Result<Written>
  /** Frees what it can of an upload that will not be resumed; one that is gone already is done. */
  readonly abandonUpload: (ref: UploadRef, options?: CallOptions) => Result<void>
  /** Bytes used and available. `Unsupported` unless `operations.usage`. */
  readonly usage: (options?: CallOptions) => Result<Usage>
  /** The state of a task, requested once. Changes nothing. An unknown or expired reference, or another vendor's, is `NotFound('task')`. */
  readonly task: <Op extends TaskOperation>(ref: TaskRef<Op>, options?: CallOptions) => Result<TaskState<Op>>
}

export interface LogEvent {
  readonly name: string
  readonly [detail: string]: string | number | boolean | undefined
}

/** The tokens of a session after its latest renewal. */
export interface SessionTokens {
  readonly accessToken: Secret
  readonly refreshToken?: Secret | undefined
}
/** Keeps the tokens of sessions where every process of the user finds them. A key identifies the session, and holds no secret. */
export interface TokenStore {
  /** What was stored last; undefined where there is nothing, or it cannot be read. */
  readonly read: (key: string) => Promise<SessionTokens | undefined>
  /**
   * Calls `renew` with what is stored, while no other process does so for this key, and stores what it resolves with unless that is undefined.
   * Rejects if the signal aborts before `renew` is called, or if nothing can be stored.
   */
  readonly update: (
    key: string,
    signal: AbortSignal,
    renew: (stored: SessionTokens | undefined) => Promise<SessionTokens | undefined>,
  ) => Promise<void>
}

/** What a factory takes beside its settings: what is not JSON, and what tests replace. Everything has a default. */
export interface Environment {
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined
  /** In `[0, 1)`. */
  readonly random?: (() => number) | undefined
  /** Resolves after `ms` milliseconds, or as soon as the signal aborts. */
  readonly delay?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined
  /** Events without secrets. */
  readonly log?: ((event: LogEvent) => void) | undefined
  /** Gives the access token in place of the settings: at first use, and once more after a refusal. */
  readonly getToken?: (() => Promise<string>) | undefined
  /** Shares renewed tokens between processes; without it they are kept in memory, by each drive that is opened. */
  readonly tokens?: TokenStore | undefined
  /** The part of the drive's requests a second that this process may send, above 0 and at most 1; asked before each request. 1 unless given. */
  readonly rateShare?: (() => number) | undefined
}
