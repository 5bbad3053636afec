// What an adapter's author writes, and what the files of this folder share.
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Readable } from 'node:stream'
import type { Placed, Purged, Removed } from '../contract/batch'
import type { Capabilities } from '../contract/capabilities'
import type { ConflictStrategy } from '../contract/conflict'
import type { Changes, Cursor, DirEntry, Entry, FileEntry, FileVersion, Page, TrashEntry } from '../contract/entry'
import type { DriveError, Fault, Operation } from '../contract/errors'
import type { DownloadUrl, OptionalVerbs } from '../contract/optional'
import type { DrivePath } from '../contract/path'
import type { CallOptions, DriveProvider, Environment, Made, Result, Times, Usage, Written } from '../contract/provider'
import type { SearchQuery } from '../contract/search'
import type { ByteRange, UploadSource } from '../contract/source'
import type { Json, TaskOperation } from '../contract/task'

/** A fault, which core locates, or an error that is located already (a source's own). */
export type RawResult<A> = TaskEither<Fault | DriveError, A>

export interface Call {
  /** The caller's signal and the time-out joined. An operation settles soon after it aborts, its own rollback included. */
  readonly signal: AbortSignal
  /** The caller waits for the result; `false` permits `Started`. */
  readonly wait: boolean
}

/** The service accepted the work; any process can ask `task` about this state. */
export interface Started {
  readonly state: Json
}

export interface ResolvedItem {
  readonly from: DrivePath
  readonly to: DrivePath
  readonly conflict: ConflictStrategy
  readonly fromSpace?: string | undefined
}
export interface ResolvedRemoval {
  readonly path: DrivePath
  readonly ifVersion?: string | undefined
}

export type RawFailure = { readonly status: 'failed'; readonly fault: Fault | DriveError; readonly attempted?: boolean }
/** One an item, in the order of the request. */
export type RawOutcome<A> = ({ readonly status: 'done' } & A) | RawFailure

/** Computes on the bytes of a whole file as they pass. */
export interface Verifier {
  readonly update: (bytes: Uint8Array) => void
  /** After the last byte: what is wrong, if anything is. */
  readonly mismatch: () => Fault<'ChecksumMismatch'> | undefined
}
/**
 * A file found, and how to read it. Core opens it, resumes a broken stream, counts the bytes and verifies whole files. The call's signal
 * aborts once the content has been read or left: what was opened for it can be freed then.
 */
export interface Opened {
  readonly entry: FileEntry
  /** From `start` to the end of the range asked for. Called again with a later start when the stream broke; `PreconditionFailed` if the file has changed since. */
  readonly open: (start: number, signal: AbortSignal) => RawResult<Readable>
  readonly verifier?: (() => Verifier) | undefined
}

export interface WriteHow extends Times {
  readonly conflict: ConflictStrategy
  readonly contentType?: string | undefined
  readonly ifVersion?: string | undefined
  readonly onProgress: (bytes: number) => void
  /** Awaited before the next effect whenever the upload's state changes. The state holds no secret and no signed URL. */
  readonly onCheckpoint: (state: Json) => RawResult<void>
  /** The caller keeps the states it is given: what a resumable failure leaves behind stays for `resume` or `abandonUpload`; otherwise the adapter frees it. */
  readonly keepsState: boolean
  /** A state that `onCheckpoint` was given earlier, perhaps by another process. */
  readonly resume?: Json | undefined
}

/** Which page of a list. */
export interface RawPage {
  readonly cursor?: Cursor | undefined
  /** From 1 to `limits.page`. */
  readonly limit: number
}

export interface RequiredOperations {
  readonly stat: (path: DrivePath, call: Call) => RawResult<Entry>
  readonly list: (path: DrivePath, page: RawPage, call: Call) => RawResult<Page<Entry>>
  /** A missing parent: `NotFound('parent')`, with `at` the first missing directory where that is known; core makes it and tries again. */
  readonly createDir: (
    path: DrivePath,
    how: { readonly conflict: ConflictStrategy } & Times,
    call: Call,
  ) => RawResult<Made<DirEntry>>
  readonly readFile: (
    path: DrivePath,
    /** `version`: an id of `listVersions`; never given where the drive has none. */
    how: { readonly range: ByteRange; readonly ifVersion?: string | undefined; readonly version?: string | undefined },
    call: Call,
  ) => RawResult<Opened>
  readonly writeFile: (path: DrivePath, source: UploadSource, how: WriteHow, call: Call) => RawResult<Written>
  readonly abandonUpload: (state: Json, call: Call) => RawResult<void>
}

export interface OptionalOperations {
  readonly copyDir: (
    from: DrivePath,
    to: DrivePath,
    conflict: ConflictStrategy,
    call: Call,
  ) => RawResult<Placed | Started>
  /** Items never touch each other's paths: core sends those that do in successive waves, in chunks of `limits.batch`. */
  readonly batchMove: (
    items: ReadonlyArray<ResolvedItem>,
    call: Call,
  ) => RawResult<ReadonlyArray<RawOutcome<Placed>> | Started>
  readonly batchCopy: (
    items: ReadonlyArray<ResolvedItem>,
    call: Call,
  ) => RawResult<ReadonlyArray<RawOutcome<Placed>> | Started>
  readonly batchRemove: (
    items: ReadonlyArray<ResolvedRemoval>,
    how: { readonly permanent: boolean; readonly requireTrash: boolean },
    call: Call,
  ) => RawResult<ReadonlyArray<RawOutcome<Removed>> | Started>
  readonly usage: (call: Call) => RawResult<Usage>
  readonly listTrash: (page: RawPage, call: Call) => RawResult<Page<TrashEntry>>
  /** By `trashId`: no id is twice among the items. */
  readonly restore: (
    trashIds: ReadonlyArray<string>,
    how: { readonly conflict: ConflictStrategy },
    call: Call,
  ) => RawResult<ReadonlyArray<RawOutcome<Placed>> | Started>
  readonly purge: (
    trashIds: ReadonlyArray<string>,
    call: Call,
  ) => RawResult<ReadonlyArray<RawOutcome<Purged>> | Started>
  readonly emptyTrash: (call: Call) => RawResult<void>
  /** May give more than the query asks for: core keeps what meets every condition. */
  readonly search: (query: SearchQuery, page: RawPage, call: Call) => RawResult<Page<Entry>>
  readonly listVersions: (path: DrivePath, page: RawPage, call: Call) => RawResult<Page<FileVersion>>
  readonly restoreVersion: (path: DrivePath, version: string, call: Call) => RawResult<FileEntry>
  readonly downloadUrl: (
    path: DrivePath,
    how: { readonly expiresIn?: number | undefined },
    call: Call,
  ) => RawResult<DownloadUrl>
  readonly setTimes: (path: DrivePath, times: Times, call: Call) => RawResult<void>
  readonly changes: (page: RawPage, call: Call) => RawResult<Changes>
}

export type RawTaskState =
  | { readonly status: 'running'; readonly done?: number; readonly total?: number }
  | { readonly status: 'settled'; readonly result: Placed | ReadonlyArray<RawOutcome<Placed | Removed | Purged>> }
  | { readonly status: 'failed'; readonly fault: Fault }
export interface TaskOperations {
  readonly task: (operation: TaskOperation, state: Json, call: Call) => RawResult<RawTaskState>
}

/** What the capabilities declare is what must be written, and nothing else may be. */
export type OperationsFor<C extends Capabilities> = RequiredOperations & {
  readonly [K in keyof OptionalOperations as C['operations'][K] extends false ? never : K]: OptionalOperations[K]
} & (C['features']['background'] extends false ? unknown : TaskOperations)

/** Operations that have a target. */
export type Placing = 'createDir' | 'copyDir' | 'batchMove' | 'batchCopy' | 'writeFile'

/** The name of a request that only one vendor has: the member and its function, as in `smh.renewToken`. */
export type VendorOperation = Extract<Operation, `${string}.${string}`>
export interface VendorCall {
  readonly operation: VendorOperation
  /** Whether the request may change something: if it may, an abort does not end the wait for its outcome. */
  readonly changes: boolean
  readonly path?: DrivePath | undefined
}

/** What the functions of a vendor's own members call. */
export interface MemberDrive extends DriveProvider {
  /** Sends a request that the contract does not have: with the caller's signal and time-out, its faults located, and through every layer's `*`. */
  readonly vendorCall: <A>(
    about: VendorCall,
    options: CallOptions | undefined,
    run: (call: Call) => RawResult<A>,
  ) => Result<A>
}

export interface DefineOptions<Members extends object = object> extends Pick<Environment, 'now' | 'delay'> {
  /** Operations for which the service creates missing parents itself: core checks them first under `parents: 'require'`. */
  readonly impliedParents?: ReadonlyArray<Placing> | undefined
  /** Milliseconds that a task is polled for; 10 minutes unless given. */
  readonly taskTimeout?: number | undefined
  /** The service's id of the drive's own space: items whose `fromSpace` equals it are treated as if they had none. */
  readonly space?: string | undefined
  /** Keys of an item, beside those of the contract, that `batchMove` and `batchCopy` receive with it. */
  readonly itemFields?: ReadonlyArray<string> | undefined
  /**
   * What only this vendor has, as an object of objects of functions: `(drive) => ({ smh: { renewToken: … } })`. The functions reach the service
   * through `drive` alone: its verbs, and `vendorCall` for everything else. A layer calls `members` once more with the wrapped drive, so that
   * members obey it. Paths may arrive as plain strings; the verbs parse them.
   */
  readonly members?: ((drive: MemberDrive) => Members & { readonly [K in keyof AnyDrive]?: never }) | undefined
}

/** What the verbs share. */
export interface DriveContext {
  readonly vendor: string
  readonly capabilities: Capabilities
  /** The compiler checked which are written; a missing one is `Unsupported`. */
  readonly operations: RequiredOperations & Partial<OptionalOperations> & Partial<TaskOperations>
  readonly options: DefineOptions
  readonly now: () => number
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>
}

/** A drive with every verb that there is. */
export type AnyDrive = DriveProvider & OptionalVerbs
export type Verb = Exclude<keyof AnyDrive, 'vendor' | 'capabilities'>
