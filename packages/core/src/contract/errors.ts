// What can go wrong: one closed union. An adapter gives a Fault; core adds where it happened, which makes it a DriveError.
import type { Feature } from './capabilities'
import type { Entry, EntryKind } from './entry'
import type { DrivePath } from './path'
import type { TaskRef } from './task'

export type Operation =
  | 'stat'
  | 'list'
  | 'createDir'
  | 'copyDir'
  | 'batchMove'
  | 'batchCopy'
  | 'batchRemove'
  | 'readFile'
  | 'writeFile'
  | 'abandonUpload'
  | 'task'
  | 'usage'
  | 'listTrash'
  | 'restore'
  | 'purge'
  | 'emptyTrash'
  | 'search'
  | 'listVersions'
  | 'restoreVersion'
  | 'downloadUrl'
  | 'setTimes'
  | 'changes'
  | 'path'
  | 'source'
  | 'requires'
  | 'token'
  /** A request that only one vendor has: the member and its function, as in `smh.renewToken`. */
  | `${string}.${string}`

/** Where a value does not decode. `got` is a JSON type, `missing`, `empty text` or `unknown key`, never a value. */
export interface Issue {
  readonly at: string
  readonly expected: string
  readonly got: string
}

/** Whether the service may have acted on the request: `none` where that is excluded. */
export type Effect = 'none' | 'unknown'

interface Faults {
  /** The name is taken, under `ask`. */
  NameConflict: { readonly existing?: Entry }
  /** `at`: the first path that is missing, where it is known and is not the operation's own. */
  NotFound: {
    readonly what: 'source' | 'parent' | 'space' | 'task' | 'upload' | 'cursor' | 'trash' | 'version'
    readonly at?: DrivePath
  }
  /** `at`: the path of the wrong kind, where it is not the operation's own. */
  WrongKind: { readonly expected: EntryKind; readonly at?: DrivePath }
  /** Refused here, or by the vendor. */
  InvalidPath: { readonly reason: string }
  /** The caller's mistake: an argument of the call, by its name (`options.timeout`, `items[2].conflict`), is not what is expected. */
  InvalidArgument: { readonly argument: string; readonly expected: string }
  /** A directory into itself. */
  NestedTarget: unknown
  /** Two siblings have this name. */
  Ambiguous: unknown
  /** The range starts at or past the end. */
  RangeNotSatisfiable: { readonly size?: number }
  /** `ifVersion` no longer holds. */
  PreconditionFailed: unknown
  /** Moderation, or a legal block. */
  Rejected: unknown
  /** After one refresh of the token. */
  Unauthenticated: unknown
  Forbidden: unknown
  QuotaExceeded: unknown
  LimitExceeded: { readonly limit: 'depth' | 'name' | 'size' | 'batch' | 'path'; readonly max?: number }
  /** After the transport's own retries, as the next three. The service refused the request. */
  RateLimited: { readonly retryAfterMs?: number }
  Unavailable: { readonly effect: Effect }
  Network: { readonly effect: Effect }
  Timeout: { readonly effect: Effect }
  /** The bytes that arrived are not those that were sent. */
  ChecksumMismatch: { readonly algorithm: string }
  /** The caller's stream. */
  SourceFailed: { readonly reason: 'shorter' | 'longer' | 'unreadable' }
  UnexpectedResponse: { readonly issues: ReadonlyArray<Issue>; readonly effect: Effect }
  /** `partial`: the path of what was created before the failure. */
  TaskFailed: { readonly partial?: DrivePath }
  /**
   * Whether it happened is unknown. `check`: where to find out. `found`: an entry that exists where the effect would be, without proof that
   * this call created it. `likely`: what the lookup suggests, for a program that has to decide.
   */
  Indeterminate: {
    readonly task?: TaskRef
    readonly check: string
    readonly found?: Entry
    readonly likely?: 'done' | 'not-done'
  }
  Unsupported: { readonly feature: Feature }
  Aborted: { readonly effect: Effect }
}
export type FaultTag = keyof Faults

/** What the service said, where it said anything. Never a token, a signature or a signed URL. */
export interface Answer {
  readonly http?: number
  readonly code?: string
  readonly requestId?: string
  readonly said?: string
  readonly attempts?: number
}
export interface Where {
  readonly vendor: string
  readonly operation: Operation
  readonly path?: DrivePath
}

/** Distributes: a union with `T`, one member with `T` fixed. */
export type Fault<T extends FaultTag = FaultTag> = { [K in T]: { readonly _tag: K } & Answer & Faults[K] }[T]
export type DriveError<T extends FaultTag = FaultTag> = {
  [K in T]: { readonly _tag: K; readonly message: string } & Where & Answer & Faults[K]
}[T]

export type NameConflict = DriveError<'NameConflict'>
export type NotFound = DriveError<'NotFound'>

type Details<T extends FaultTag> =
  Record<never, never> extends Faults[T] & Answer ? [details?: Faults[T] & Answer] : [details: Faults[T] & Answer]
const fault =
  <T extends FaultTag>(_tag: T) =>
  (...[details]: Details<T>): Fault<T> =>
    ({ ...(details as object | undefined), _tag }) as unknown as Fault<T>

export const nameConflict = fault('NameConflict')
export const notFound = fault('NotFound')
export const wrongKind = fault('WrongKind')
export const invalidPath = fault('InvalidPath')
export const invalidArgument = fault('InvalidArgument')
export const nestedTarget = fault('NestedTarget')
export const ambiguous = fault('Ambiguous')
export const rangeNotSatisfiable = fault('RangeNotSatisfiable')
export const preconditionFailed = fault('PreconditionFailed')
export const rejected = fault('Rejected')
export const unauthenticated = fault('Unauthenticated')
export const forbidden = fault('Forbidden')
export const quotaExceeded = fault('QuotaExceeded')
export const limitExceeded = fault('LimitExceeded')
export const rateLimited = fault('RateLimited')
export const unavailable = fault('Unavailable')
export const network = fault('Network')
export const timeout = fault('Timeout')
export const checksumMismatch = fault('ChecksumMismatch')
export const sourceFailed = fault('SourceFailed')
export const unexpectedResponse = fault('UnexpectedResponse')
export const taskFailed = fault('TaskFailed')
export const indeterminate = fault('Indeterminate')
export const unsupported = fault('Unsupported')
export const aborted = fault('Aborted')

/** Located already, so it holds its own place and sentence. */
export const isLocated = (f: Fault | DriveError): f is DriveError => 'vendor' in f

/** Whether the failed call may have changed something. The only place that decides. */
export const mayHaveHappened = (e: Fault | DriveError): boolean => {
  switch (e._tag) {
    case 'Unavailable':
    case 'Network':
    case 'Timeout':
    case 'UnexpectedResponse':
    case 'Aborted':
      return e.effect === 'unknown'
    case 'TaskFailed':
    case 'Indeterminate':
      return true
    default:
      return false
  }
}

/** The same fault of a request that cannot have changed anything. */
export const withoutEffect = <F extends Fault | DriveError>(e: F): F => ('effect' in e ? { ...e, effect: 'none' } : e)

/** `later`: the same call may succeed; `once-more`: try once again; `check-first`: find out what exists before trying. */
export type RetryAdvice = 'no' | 'later' | 'once-more' | 'check-first'

/** The only place that decides. A read is repeated whatever happened to it; a change only where it cannot have happened. */
export const retryAdvice = (e: Fault | DriveError): RetryAdvice => {
  switch (e._tag) {
    case 'RateLimited':
      return 'later'
    case 'Unavailable':
    case 'Network':
    case 'Timeout':
      return mayHaveHappened(e) ? 'check-first' : 'later'
    case 'ChecksumMismatch':
      return 'once-more'
    case 'TaskFailed':
    case 'Indeterminate':
      return 'check-first'
    default:
      return 'no'
  }
}

/** One case a tag: the compiler asks for what is missing. */
export const matchError =
  <A>(cases: { [T in FaultTag]: (e: DriveError<T>) => A }) =>
  (e: DriveError): A =>
    (cases[e._tag] as (e: DriveError) => A)(e)

/** Some cases, and what to do otherwise. */
export const matchSome =
  <C extends { [T in FaultTag]?: (e: DriveError<T>) => unknown }, B>(cases: C, otherwise: (e: DriveError) => B) =>
  (e: DriveError): B | { [K in keyof C]: C[K] extends (e: never) => infer R ? R : never }[keyof C] =>
    ((cases[e._tag] as ((e: DriveError) => B) | undefined) ?? otherwise)(e)

export const isError =
  <T extends FaultTag>(...tags: ReadonlyArray<T>) =>
  (e: DriveError): e is Extract<DriveError, { readonly _tag: T }> =>
    (tags as ReadonlyArray<string>).includes(e._tag)
