// The contract: what every drive does.
import type { TaskEither } from 'fp-ts/TaskEither'
import type { BatchSettled, CopyItem, MoveItem, Placed, RemoveItem, Removed } from './batch'
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
export interface Times {
  readonly createdAt?: Date | undefined
  readonly modifiedAt?: Date | undefined
}
export interface WaitOptions<W extends boolean> {
  /** `false` permits an answer before the work is done; it does not oblige. */
  readonly wait?: W
}
export interface ListOptions extends CallOptions {
  readonly cursor?: Cursor | undefined
  /** A hint, clamped to what the vendor takes. */
  readonly limit?: number | undefined
  /** Temporary names that an unfinished operation left; hidden unless this is `show`. */
  readonly temporaries?: 'hide' | 'show' | undefined
}
export interface ReadOptions extends CallOptions {
  readonly range?: ByteRange | undefined
  /** `PreconditionFailed` unless the file still has this version. */
  readonly ifVersion?: string | undefined
}
export interface WriteOptions extends ConflictOptions, Times {
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
  readonly capacity?: number
}
export interface RemoveOptions extends CallOptions {
  /** Not to the trash. */
  readonly permanent?: boolean | undefined
  /** `Unsupported` where a removed entry could not be recovered. */
  readonly requireTrash?: boolean | undefined
}

/** What a task ends with: the result of its operation. */
export interface TaskResults {
  copyDir: Placed
  batchMove: BatchSettled<MoveItem, Placed>
  batchCopy: BatchSettled<CopyItem, Placed>
  batchRemove: BatchSettled<RemoveItem, Removed>
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

export type Waited<A, Op extends TaskOperation, W extends boolean> = W extends true ? A : A | Accepted<Op>
export type Made<E extends Entry> = E & Pick<Placed, 'how' | 'replaced'>
export type Written = Made<SizedFile> & { readonly evidence: Evidence }

/** Functions only, no member optional. One drive serves any number of concurrent calls, and has nothing to close. */
export interface DriveProvider {
  readonly vendor: string
  readonly capabilities: Capabilities
  /** Of the root it sends one request, and so proves reach, credentials and space. */
  readonly stat: (path: DrivePath, options?: CallOptions) => Result<Entry>
  /** No order promised. An undisturbed directory yields each entry once. Of a file: `WrongKind`. */
  readonly list: (path: DrivePath, options?: ListOptions) => Result<Page<Entry>>
  /** The final name is in `path`, never to be predicted. */
  readonly createDir: (path: DrivePath, options?: ConflictOptions & Times) => Result<Made<DirEntry>>
  /** Never merges. A failure half-way is `TaskFailed` with `partial`, the path of what was created. */
  readonly copyDir: <W extends boolean = true>(
    from: DrivePath,
    to: DrivePath,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Result<Waited<Placed, 'copyDir', W>>
  /** As if the items were done one after another. Left only if nothing was changed; afterwards each item has its outcome. */
  readonly batchMove: <W extends boolean = true>(
    items: ReadonlyArray<MoveItem>,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Result<Waited<BatchSettled<MoveItem, Placed>, 'batchMove', W>>
  readonly batchCopy: <W extends boolean = true>(
    items: ReadonlyArray<CopyItem>,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Result<Waited<BatchSettled<CopyItem, Placed>, 'batchCopy', W>>
  /** Recursive. A missing path is `NotFound`. */
  readonly batchRemove: <W extends boolean = true>(
    items: ReadonlyArray<RemoveItem>,
    options?: RemoveOptions & WaitOptions<W>,
  ) => Result<Waited<BatchSettled<RemoveItem, Removed>, 'batchRemove', W>>
  /** The stream is the caller's: read it to the end, or destroy it. */
  readonly readFile: (path: DrivePath, options?: ReadOptions) => Result<FileContent>
  /** Nothing appears under the path before all bytes are there. */
  readonly writeFile: (path: DrivePath, source: UploadSource, options?: WriteOptions) => Result<Written>
  /** Frees what it can of an upload that will not be resumed; one that is gone already is done. */
  readonly abandonUpload: (ref: UploadRef, options?: CallOptions) => Result<void>
  readonly usage: (options?: CallOptions) => Result<Usage>
  /** Changes nothing. An unknown or expired reference, or another vendor's, is `NotFound('task')`. */
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
}
