// What the parts of one run share.
import * as E from 'fp-ts/Either'
import {
  retryAdvice,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Entry,
  type FileEntry,
  type Placed,
  type Result,
} from '@anydrive/core'
import type { CompareBy, Policy } from './conflict'
import type { Control } from './control'
import type { Emit } from './events'
import type { Before, Journal, JournalError } from './journal'
import type { OwnFiles } from './own-files'
import type { Names } from './names/names-for'
import type { Limits, MigrateOptions, RemoveExtra } from './options'
import type { Verify } from './proof'
import type { Stats } from './stats'
import type { Throttle } from './throttle'

/** How many bytes may be sent. */
export interface ByteLimit {
  /** False: the bytes of a file would exceed the limit, and it is not begun. */
  readonly take: (bytes: number) => Promise<boolean>
  /** Of a file that was not transferred. */
  readonly giveBack: (bytes: number) => Promise<void>
}

/** Names of the files of one size that existed in a directory when it was first listed. */
export type SameSizeSiblings = (dir: DrivePath, size: number) => Promise<E.Either<DriveError, Before>>

export interface Backup {
  /** A left, and nothing is moved, where the file has changed since it was listed. A name that is taken gets a number. */
  readonly aside: (file: FileEntry) => Promise<E.Either<DriveError, Placed>>
  /** Moves any entry, without a check. */
  readonly moved: (path: DrivePath) => Promise<E.Either<DriveError, Placed>>
}
/**
 * Moves an entry of the target away that is in the way of `source`, which is of another kind. A right: how to put it back, where the source cannot be put there. A left, and nothing is
 * moved, where not everything in it may be removed.
 */
export type MakeRoom = (source: Entry, existing: Entry) => Promise<E.Either<DriveError, () => Promise<void>>>

export interface Run {
  readonly from: { readonly drive: DriveProvider }
  readonly to: { readonly drive: DriveProvider }
  readonly policy: Policy
  readonly compare: CompareBy | undefined
  readonly names: Names
  /** The path of an entry of this name in a directory of the target. */
  readonly below: (dir: DrivePath, name: string) => E.Either<DriveError, DrivePath>
  readonly verify: Verify
  readonly removeSource: boolean
  /** Of a move: the root of the source is removed as well. */
  readonly removeRoot: boolean
  /** The root of the source. */
  readonly top: DrivePath
  readonly removeExtra: RemoveExtra | undefined
  /** Of a sync with a backup directory. */
  readonly backup: Backup | undefined
  /** Of a sync. */
  readonly makeRoom: MakeRoom | undefined
  /** Files that the migration itself keeps below an end, such as its journal: they are no data. */
  readonly own: { readonly source: OwnFiles; readonly target: OwnFiles }
  readonly journal: Journal
  readonly stats: Stats
  readonly sameSizeSiblings: SameSizeSiblings
  readonly emit: Emit
  /** Bytes of this file sent so far. */
  readonly progress: (path: DrivePath, bytes: number) => void
  readonly signal: AbortSignal
  /** True once nothing new is started, whether or not transfers under way are aborted. */
  readonly ending: () => boolean
  readonly delay: NonNullable<MigrateOptions['delay']>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Ends the run: nothing new is started, and transfers under way are aborted. The first cause counts. */
  readonly stop: (cause: DriveError | JournalError) => void
  /** Nothing new is started; transfers under way are finished. */
  readonly drain: Control['drain']
  readonly limits: Limits
  readonly bytes: ByteLimit
  readonly throttle: Throttle | undefined
}

const firstWait = 1000
/** Retries of one call, in addition to the transport's own. */
export const retries = 3

/** Milliseconds before retry `n`, counted from 1. */
export const waitBefore = (n: number, error: DriveError): number =>
  Math.max(firstWait * 4 ** (n - 1), error._tag === 'RateLimited' ? (error.retryAfterMs ?? 0) : 0)

/** Retries a call while its error says that it may succeed later. */
export const withRetry = async <A>(run: Run, task: Result<A>): Promise<E.Either<DriveError, A>> => {
  for (let n = 1; ; n++) {
    const answer = await task()
    if (E.isRight(answer) || run.signal.aborted || n > retries || retryAdvice(answer.left) !== 'later') return answer
    await run.delay(waitBefore(n, answer.left), run.signal)
  }
}

/** What a lookup found; undefined where nothing exists at the path. A missing space is a failure. */
export const existingEntry = (found: E.Either<DriveError, Entry>): E.Either<DriveError, Entry | undefined> =>
  E.isLeft(found) && found.left._tag === 'NotFound' && found.left.what !== 'space' ? E.right(undefined) : found

/** The entry at this path of a drive; undefined where nothing exists. */
export const entryAt = async (
  run: Run,
  drive: DriveProvider,
  path: DrivePath,
): Promise<E.Either<DriveError, Entry | undefined>> =>
  existingEntry(await withRetry(run, drive.stat(path, { signal: run.signal })))
