// What only some drives do. A drive's type has those of these verbs that its capabilities do not deny.
import type { BatchSettled, Placed, Purged, TrashItem } from './batch'
import type { Capabilities, Feature } from './capabilities'
import type { ConflictStrategy } from './conflict'
import type { Changes, Entry, FileEntry, FileVersion, Page, TrashEntry } from './entry'
import type { DrivePath } from './path'
import type { CallOptions, PageOptions, ReadOptions, Result, Times, Waited, WaitOptions } from './provider'
import type { SearchQuery } from './search'
import type { Secret } from './secret'
import type { FileContent } from './source'

export interface RestoreOptions extends CallOptions {
  /** When the original name is taken; `ask` unless given. */
  readonly conflict?: ConflictStrategy | undefined
}
export interface DownloadUrlOptions extends CallOptions {
  /** Milliseconds for which the URL should be valid; the service's own period unless given, or where it offers no choice. */
  readonly expiresIn?: number | undefined
}
/** Whoever has the URL can read the file until it expires. */
export interface DownloadUrl {
  /** Works in a browser, without a header. `reveal` gives the text. */
  readonly url: Secret
  /** Absent where the service does not say. */
  readonly expiresAt?: Date
}
export interface VersionOptions {
  /** A `versionId` of `listVersions`, to read that content; the current content unless given. `NotFound('version')` where there is none. */
  readonly version?: string | undefined
}

/**
 * The verbs that only some drives have, each named in `capabilities.operations`. At run time a drive of `defineDrive` has all of them, and one
 * that it lacks fails with `Unsupported` before anything is sent. Errors and options are as of the other verbs.
 */
export interface OptionalVerbs {
  /** One page of the trash, in no promised order. */
  readonly listTrash: (options?: PageOptions) => Result<Page<TrashEntry>>
  /**
   * Puts entries of the trash back where they were; outcomes as of `batchMove`, with the final path. Missing parents are created where the
   * service does so; otherwise `NotFound('parent')`. `NotFound('trash')` for an id that is not in the trash, `NameConflict`. What fails stays in
   * the trash.
   */
  readonly restore: <W extends boolean | undefined = true>(
    items: ReadonlyArray<TrashItem>,
    options?: RestoreOptions & WaitOptions<W>,
  ) => Result<Waited<BatchSettled<TrashItem, Placed>, 'restore', W>>
  /**
   * Erases entries of the trash, irrevocably; outcomes as of `batchMove`. An id that is not in the trash is `NotFound('trash')`, or done where the
   * service does not report it.
   */
  readonly purge: <W extends boolean | undefined = true>(
    items: ReadonlyArray<TrashItem>,
    options?: CallOptions & WaitOptions<W>,
  ) => Result<Waited<BatchSettled<TrashItem, Purged>, 'purge', W>>
  /** Erases everything in the trash, irrevocably. The service may still be at work when this answers. An empty trash is no error. */
  readonly emptyTrash: (options?: CallOptions) => Result<void>
  /**
   * One page of the entries that meet every condition of the query, in no promised order, each entry once. Services search an index, which may
   * not know the latest changes. Where `below` does not exist, `NotFound` or nothing.
   */
  readonly search: (query: SearchQuery, options?: PageOptions) => Result<Page<Entry>>
  /** One page of what a file holds and held, the newest first. `NotFound`, `WrongKind`. */
  readonly listVersions: (path: DrivePath, options?: PageOptions) => Result<Page<FileVersion>>
  /**
   * Makes the content of a `versionId` the current one; the content that the file had until then becomes a version. The file as it is then.
   * `NotFound`, `NotFound('version')`, `WrongKind`.
   */
  readonly restoreVersion: (path: DrivePath, version: string, options?: CallOptions) => Result<FileEntry>
  /** A URL from which a browser loads the file. `NotFound`, `WrongKind`. */
  readonly downloadUrl: (path: DrivePath, options?: DownloadUrlOptions) => Result<DownloadUrl>
  /**
   * Sets the times of an entry and changes nothing else; a time that is not given stays. A time that the drive does not keep is ignored, and
   * `Unsupported` if it keeps none of those given for this kind of entry. `NotFound`.
   */
  readonly setTimes: (path: DrivePath, times: Times, options?: CallOptions) => Result<void>
  /**
   * What has happened on the drive since `cursor`, by any client; without one nothing yet, and a cursor for what comes next. Of a directory one
   * change is reported, not those of what is below it. The feed may be some seconds late. `NotFound('cursor')` for a cursor that is none, or that the
   * service no longer keeps: list the drive again, with a new cursor taken before.
   */
  readonly changes: (options?: PageOptions) => Result<Changes>
}
export type OptionalVerb = keyof OptionalVerbs

/** `readFile` of a drive that has `listVersions`. */
export interface VersionedReads {
  readonly readFile: (path: DrivePath, options?: ReadOptions & VersionOptions) => Result<FileContent>
}

type WithVerbs<V extends OptionalVerb> = Pick<OptionalVerbs, V> & ('listVersions' extends V ? VersionedReads : unknown)

/** The optional verbs of a drive of these capabilities: those that are not `false` in its type. */
export type VerbsOf<C extends Capabilities> = WithVerbs<
  { [V in OptionalVerb]: C['operations'][V] extends false ? never : V }[OptionalVerb]
>

/** The optional verbs that these features name; none where the features are not literals. */
export type VerbsFor<F extends Feature> = Feature extends F
  ? unknown
  : WithVerbs<{ [V in OptionalVerb]: `operations.${V}` extends F ? V : never }[OptionalVerb]>
