// What only SMH has, of one space (`drive.smh`): statistics, links, the change feed, tasks.
import {
  parsePath,
  type BatchOutcome,
  type CallOptions,
  type ConflictOptions,
  type DrivePath,
  type Entry,
  type MoveItem,
  type Placed,
  type Result,
  type WaitOptions,
  type Waited,
} from '@anydrive/core'
import { defined, notFound, type MemberDrive, type RawResult } from '@anydrive/core/adapter'
import { attempt, findingOfCreated, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { browserUploads, type SmhBrowserUploads } from './browser-upload'
import type { Smh } from './client'
import { lookup } from './entries'
import { libraryMembers, numberOf, startedTaskId, type SmhLibrary } from './library'
import { memberCalls } from './member-calls'
import type { SmhPlaced } from './outcomes'
import { changedPath, fileWord, toDate, toEntry, toPath, toPlaced, type Seen } from './translate'
import { generationOf } from './upload'

export interface SmhMoveItem extends MoveItem {
  /** Whether the permissions (ACLs) of a folder move along; SMH leaves them behind unless this is true. */
  readonly moveAuthority?: boolean | undefined
}
export interface SmhMoved {
  readonly outcomes: ReadonlyArray<BatchOutcome<SmhMoveItem, SmhPlaced>>
}

export interface SmhStats {
  /** Bytes, of all levels below; later than the latest changes by some seconds. */
  readonly size: number
  readonly files: number
  readonly directories: number
}
export interface SmhChange {
  /** As SMH names it: `FILE.CREATE`, `FILE.MOVE_OVERWRITE`, `RECYCLE.DELETE`, … */
  readonly type: string
  readonly at: Date | undefined
  /** The id of the entry, and of its directory. */
  readonly id?: string
  readonly parentId?: string
  readonly name?: string
  readonly path?: DrivePath
}
export interface SmhChanges {
  readonly changes: ReadonlyArray<SmhChange>
  /** For the changes that come next; valid for 180 days. */
  readonly cursor: string
  readonly hasMore: boolean
}
export interface SmhTask {
  readonly status: 'running' | 'done' | 'partly-failed' | 'failed'
  /** As SMH names it: `batchMove`, `calibrateDirectoryStats`, `clearLibraryHistory`, … */
  readonly type?: string
}
export interface SmhDeployment {
  /** The generation of SMH that answers, by how it begins an upload in parts. */
  readonly answers: 'public' | 'private'
  /** What the settings of this drive say. */
  readonly deployment: 'auto' | 'public' | 'private'
}
/** What statistics count. */
type SmhStatsOf = 'normal' | 'recycle' | 'history'

interface LibraryTaskOptions extends CallOptions {
  /** Whether it is a task of the library, as `clearHistory` starts; `false` unless given. */
  readonly ofLibrary?: boolean | undefined
}

export interface SmhMembers extends SmhLibrary, SmhBrowserUploads {
  /** As `batchMove`, with `moveAuthority` for each item, and SMH's repetition of it in the outcomes. */
  readonly batchMove: <W extends boolean | undefined = true>(
    items: ReadonlyArray<SmhMoveItem>,
    options?: ConflictOptions & WaitOptions<W>,
  ) => Result<Waited<SmhMoved, 'batchMove', W>>
  readonly directoryStats: (
    path: DrivePath,
    options?: CallOptions & { readonly of?: SmhStatsOf | undefined },
  ) => Result<SmhStats>
  /** Counts again. The id of the task that does it, for `taskState`. */
  readonly calibrateStats: (
    path: DrivePath,
    options?: CallOptions & { readonly of?: SmhStatsOf | undefined },
  ) => Result<string>

  /** A symbolic link to a file. `ask` unless `conflict` says otherwise. */
  readonly createLink: (
    target: DrivePath,
    path: DrivePath,
    options?: CallOptions & Pick<ConflictOptions, 'conflict'>,
  ) => Result<Placed>
  /** The entry of this id, wherever it is now. */
  readonly entryOf: (id: string, options?: CallOptions) => Result<Entry>
  /** Why an entry is gone: `RemovedByQuota`, `Unknown`, or another word of SMH's. */
  readonly deletionReason: (
    id: string,
    options?: CallOptions,
  ) => Result<{ readonly reason: string; readonly at?: Date }>

  /** What has changed in the space since `cursor`; without one, nothing yet. `NotFound` where the deployment has no change feed, and for an old cursor. */
  readonly changes: (
    options?: CallOptions & { readonly cursor?: string | undefined; readonly limit?: number | undefined },
  ) => Result<SmhChanges>
  /** Which generation of SMH answers: begins an upload in parts of this free path in a directory that exists, and aborts it. Nothing is ever visible. */
  readonly deployment: (path: DrivePath, options?: CallOptions) => Result<SmhDeployment>
  readonly taskState: (id: string, options?: LibraryTaskOptions) => Result<SmhTask>
}

const stateOf = (status: number): SmhTask['status'] =>
  status === 202 ? 'running' : status <= 204 ? 'done' : status === 207 ? 'partly-failed' : 'failed'

const changesPerPage = 100

/** The vendor's members of a drive: of this one, or of one that wraps it. */
export const membersOf =
  (smh: Smh) =>
  (drive: MemberDrive): { readonly smh: SmhMembers } => {
    const { api } = smh
    const calls = memberCalls(smh, drive)
    const { read, create } = calls
    const parsed = <A>(path: DrivePath, run: (path: DrivePath) => RawResult<A>): RawResult<A> =>
      pipe(TE.fromEither(parsePath(path)), TE.flatMap(run))

    const createLink: SmhMembers['createLink'] = (target, path, options = {}) => {
      const { conflict = 'ask' } = options
      return drive.vendorCall({ operation: 'smh.createLink', changes: true, path }, options, ({ signal }) =>
        parsed(target, (to) =>
          parsed(path, (at) =>
            attempt<Placed, Seen | undefined>({
              ...smh.how(signal),
              send: () =>
                pipe(
                  api.createSymlink(to, at, fileWord(conflict), signal),
                  TE.flatMapEither((placed) => toPlaced(at, conflict, placed.path)),
                ),
              check: `/${at}`,
              ...(conflict === 'ask'
                ? {
                    repeat: 'if-not-done',
                    lookup: (its: AbortSignal) => lookup(smh, at, its),
                    proof: (found: Seen | undefined, sent) =>
                      found === undefined
                        ? { is: 'not-done' }
                        : findingOfCreated(
                            smh.clock,
                            { found: found.entry, created: found.created, value: { path: at, how: 'as-asked' } },
                            sent,
                          ),
                  }
                : { repeat: 'never' }),
            }),
          ),
        ),
      )
    }

    return {
      smh: {
        ...libraryMembers(smh, calls),
        ...browserUploads(smh, drive),
        batchMove: drive.batchMove,
        createLink,
        directoryStats: (path, { of = 'normal', ...options } = {}) =>
          read('directoryStats', options, (signal) =>
            parsed(path, (at) =>
              pipe(
                api.directoryStats(at, of, signal),
                TE.map(({ storage, fileCount, dirCount }): SmhStats => ({
                  size: numberOf(storage),
                  files: numberOf(fileCount),
                  directories: numberOf(dirCount),
                })),
              ),
            ),
          ),
        calibrateStats: (path, { of = 'normal', ...options } = {}) =>
          create(options, {
            ...{ name: 'calibrateStats', check: `the statistics of /${path}`, repeat: 'always' },
            run: (signal) =>
              parsed(path, (at) =>
                pipe(api.calibrateStats(at, of, signal), TE.flatMapEither(startedTaskId('the statistics'))),
              ),
          }),

        entryOf: (id, options) =>
          read('entryOf', options, (signal) =>
            pipe(
              api.byInode(id, signal),
              TE.flatMapEither((found): E.Either<Failure, Entry> => {
                if (found.path === null) return E.left(notFound({ what: 'source' }))
                const path = toPath(found.path)
                return E.isLeft(path) ? path : toEntry(path.right, found.type, { ...found, inode: id })
              }),
            ),
          ),
        deletionReason: (id, options) =>
          read('deletionReason', options, (signal) =>
            pipe(
              api.deletionReason(id, signal),
              TE.map(({ reason, deletedAt }) => ({ reason, ...defined({ at: toDate(deletedAt) }) })),
            ),
          ),

        changes: ({ cursor, limit = changesPerPage, ...options } = {}) =>
          read('changes', options, (signal) =>
            cursor === undefined
              ? pipe(
                  api.changeCursor(signal),
                  TE.map((now): SmhChanges => ({ changes: [], cursor: now.cursor, hasMore: false })),
                )
              : pipe(
                  api.changes(cursor, limit, signal),
                  TE.map(({ cursor: next, hasMore, contents }): SmhChanges => ({
                    changes: contents.map(({ eventType, eventTime, inode, parentInode, name, location }) => ({
                      type: eventType,
                      at: toDate(eventTime),
                      ...defined({
                        id: inode ?? undefined,
                        parentId: parentInode ?? undefined,
                        name: name ?? undefined,
                        path: changedPath({ location, name }),
                      }),
                    })),
                    cursor: next,
                    hasMore,
                  })),
                ),
          ),
        deployment: (path, options) =>
          drive.vendorCall({ operation: 'smh.deployment', changes: true, path }, options, ({ signal }) =>
            parsed(path, (at) =>
              pipe(
                generationOf(smh, at, signal),
                TE.map((answers) => ({ answers, deployment: smh.settings.deployment ?? 'auto' })),
              ),
            ),
          ),
        taskState: (id, { ofLibrary = false, ...options } = {}) =>
          read('taskState', options, (signal) =>
            pipe(
              ofLibrary ? api.libraryTaskResult(id, signal) : api.taskResult(id, signal),
              TE.map(({ status, taskType }): SmhTask => ({
                status: stateOf(status),
                ...defined({ type: taskType ?? undefined }),
              })),
            ),
          ),
      },
    }
  }
