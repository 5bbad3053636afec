// What only KooDrive has (`drive.kooDrive`): descriptions, spaces and teams, statistics of folders, jobs, the session.
import {
  parsePath,
  type CallOptions,
  type DirEntry,
  type DrivePath,
  type DriveProvider,
  type Made,
  type Result,
} from '@anydrive/core'
import { defined, invalidPath, notFound, wrongKind, type MemberDrive, type RawResult } from '@anydrive/core/adapter'
import { attempt } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { browserUploads, type KooDriveBrowserUploads } from './browser-upload'
import type { Context, Settled } from './client'
import type { KnownSpace, Spaces } from './spaces'
import type { JobState } from './tasks'
import { pathOfNames } from './translate'
import { holdsName } from './write'

type CreateDirOptions = NonNullable<Parameters<DriveProvider['createDir']>[1]> & {
  /** At most 512 characters, no emoji. */
  readonly description?: string | undefined
}
interface PageOptions extends CallOptions {
  /** Teams to skip; 0 unless given. */
  readonly offset?: number | undefined
  /** At most 100, which is the default. */
  readonly limit?: number | undefined
}

export interface KooDriveTeam {
  /** The `groupId` of the settings that open its space. */
  readonly id: string
  readonly name?: string
  /** Absent where it has no space. */
  readonly containerId?: string
}
export interface KooDriveTeams {
  readonly teams: ReadonlyArray<KooDriveTeam>
  /** In all, where KooDrive says it. */
  readonly total?: number
}
export interface KooDriveStats {
  /** Bytes. */
  readonly size: number
  readonly files: number
  readonly directories: number
}

export interface KooDriveUploads {
  /** An upload that is begun and not complete holds its name, although nobody sees it. */
  readonly holdsName: boolean
  /** What the settings of this drive say. */
  readonly uploads: 'via-temporary' | 'direct'
}

/** What KooDrive has and other vendors have not. */
export interface KooDriveMembers extends KooDriveBrowserUploads {
  /** As the drive's `createDir`, with a description for the folder itself; missing parents get none. */
  readonly createDir: (path: DrivePath, options?: CreateDirOptions) => Result<Made<DirEntry>>
  /** The user's own spaces, where the settings name the user, and the team spaces that the caller sees. */
  readonly spaces: (options?: CallOptions) => Result<ReadonlyArray<KnownSpace>>
  /** All groups of the tenant; for its administrators. */
  readonly groups: (options?: PageOptions) => Result<KooDriveTeams>
  /** All departments of the tenant; for its administrators. */
  readonly departments: (options?: PageOptions) => Result<KooDriveTeams>
  /** What a folder holds: all levels, or only the first where `recursive` is false. */
  readonly folderStats: (
    path: DrivePath,
    options?: CallOptions & { readonly recursive?: boolean | undefined },
  ) => Result<KooDriveStats>
  /** Where the entry of this id is now; in the recycle bin, where it was. */
  readonly pathOf: (id: string, options?: CallOptions) => Result<DrivePath>
  /** What the service says of a job, by the id that a task's reference or an `Indeterminate` names. */
  readonly job: (jobId: string, options?: CallOptions) => Result<Pick<JobState, 'status'>>
  /**
   * Whether an unfinished upload holds its name: begins two of this path, which must be free, and completes none. No call ends them: choose a
   * directory that is removed afterwards.
   */
  readonly unfinishedUploads: (path: DrivePath, options?: CallOptions) => Result<KooDriveUploads>
  /** Ends a job that is not over; items that are done stay done. */
  readonly cancelJob: (jobId: string, options?: CallOptions) => Result<void>
  /** Whether the service takes the token: a left says why not. Needs a token, not an application. */
  readonly checkSession: (options?: CallOptions) => Result<void>
  /** Makes the token invalid. Needs a token, not an application. */
  readonly signOut: (options?: CallOptions) => Result<void>
}

const longestDescription = 512
const emoji = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u

const descriptionFault = (description: string) => {
  if (Array.from(description).length > longestDescription)
    return invalidPath({ reason: `a description has at most ${longestDescription} characters` })
  return emoji.test(description) ? invalidPath({ reason: 'a description holds no emoji' }) : undefined
}

const teamsPerPage = 100

type Listed = ReadonlyArray<{
  readonly id: string
  readonly name?: string | undefined
  readonly containerId?: string | undefined
}>
const toTeams = (teams: Listed, total: number | undefined): KooDriveTeams => ({
  teams: teams.map(({ id, name, containerId }) => ({ id, ...defined({ name, containerId }) })),
  ...defined({ total }),
})

const statsOf = async (
  { api, ids }: Context,
  path: DrivePath,
  recursive: boolean,
  signal: AbortSignal,
): Settled<KooDriveStats> => {
  const folder = await ids.find(path, signal)
  if (E.isLeft(folder)) return folder
  if (folder.right.entry.kind !== 'directory') return E.left(wrongKind({ expected: 'directory' }))
  const stats = await api.folderStats(folder.right.id, recursive, signal)()
  return E.map(({ totalSize: size, subFileCount: files, subDirCount: directories }: Counted) => ({
    ...{ size, files, directories },
  }))(stats)
}
interface Counted {
  readonly totalSize: number
  readonly subFileCount: number
  readonly subDirCount: number
}

/** `createDir`: of a drive that gives this path a description. */
export const membersOf =
  (
    context: Context,
    spaces: Spaces,
    describing: (path: DrivePath, description: string | undefined) => DriveProvider['createDir'],
  ) =>
  (drive: MemberDrive): { readonly kooDrive: KooDriveMembers } => {
    const { api, ids, jobs, timers } = context
    const read = <A>(name: string, options: CallOptions | undefined, run: (signal: AbortSignal) => RawResult<A>) =>
      drive.vendorCall({ operation: `kooDrive.${name}`, changes: false }, options, ({ signal }) => run(signal))
    /** One that may be done twice. */
    const change = (
      name: string,
      check: string,
      options: CallOptions | undefined,
      run: (signal: AbortSignal) => RawResult<unknown>,
    ): Result<void> =>
      drive.vendorCall({ operation: `kooDrive.${name}`, changes: true }, options, ({ signal }) => {
        const send = () =>
          pipe(
            run(signal),
            TE.map(() => undefined),
          )
        return attempt<undefined>({ send, repeat: 'always', check, signal, timers })
      })
    const parsed = <A>(path: DrivePath, run: (path: DrivePath) => RawResult<A>): RawResult<A> =>
      pipe(TE.fromEither(parsePath(path)), TE.flatMap(run))
    return {
      kooDrive: {
        ...browserUploads(context, drive),
        createDir: (path, { description, ...options } = {}) =>
          drive.vendorCall({ operation: 'kooDrive.createDir', changes: true, path }, options, ({ signal }) => {
            const fault = description === undefined ? undefined : descriptionFault(description)
            if (fault !== undefined) return TE.left(fault)
            return parsed(path, (at) => describing(at, description)(at, { ...options, signal, timeout: undefined }))
          }),
        spaces: (options) => read('spaces', options, spaces.list),
        groups: ({ offset = 0, limit = teamsPerPage, ...options } = {}) =>
          read('groups', options, (signal) =>
            pipe(
              api.groups({ offset, limit }, signal),
              TE.map(({ groups, total }) => toTeams(groups, total)),
            ),
          ),
        departments: ({ offset = 0, limit = teamsPerPage, ...options } = {}) =>
          read('departments', options, (signal) =>
            pipe(
              api.departments({ offset, limit }, signal),
              TE.map(({ departments, total }) => toTeams(departments, total)),
            ),
          ),
        folderStats: (path, { recursive = true, ...options } = {}) =>
          read('folderStats', options, (signal) =>
            parsed(path, (at) => () => ids.retrying([at], () => statsOf(context, at, recursive, signal))),
          ),
        pathOf: (id, options) =>
          read('pathOf', options, (signal) =>
            pipe(
              api.path(id, signal),
              TE.flatMapEither(({ namePath }) =>
                E.mapLeft(() => notFound({ what: 'source' }))(parsePath(pathOfNames(namePath))),
              ),
            ),
          ),
        job: (jobId, options) =>
          read('job', options, (signal) =>
            pipe(
              () => jobs.state(jobId, signal),
              TE.map(({ status }) => ({ status })),
            ),
          ),
        unfinishedUploads: (path, options) =>
          drive.vendorCall({ operation: 'kooDrive.unfinishedUploads', changes: true, path }, options, ({ signal }) =>
            parsed(path, (at) =>
              pipe(
                holdsName(context, at, signal),
                TE.map((holds) => ({ holdsName: holds, uploads: context.settings.uploads })),
              ),
            ),
          ),
        cancelJob: (jobId, options) =>
          change('cancelJob', `the job ${jobId}`, options, (signal) => api.cancelJob(jobId, signal)),
        checkSession: (options) =>
          read('checkSession', options, (signal) =>
            pipe(
              api.checkSession(signal),
              TE.map(() => undefined),
            ),
          ),
        signOut: (options) => change('signOut', 'the session', options, api.signOut),
      },
    }
  }
