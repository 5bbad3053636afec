// What only SMH has, of a library (`drive.smh`): tokens, spaces, quotas, usage, and how it keeps history and bin.
import type { CallOptions, Page, Result } from '@anydrive/core'
import { defined, indeterminate, type RawResult } from '@anydrive/core/adapter'
import type { Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Smh } from './client'
import type { MemberCalls } from './member-calls'
import { known, taskIdOf, toCursor, toDate, toSize } from './translate'
import type { HistorySettings, NewQuota, SpaceAttributes } from './wire'

export interface SmhSpace {
  readonly id: string
  /** The business user that created it. */
  readonly userId?: string
  readonly createdAt?: Date
}
export interface SmhSpaceCounts {
  /** Files, those in the recycle bin and earlier versions included. */
  readonly files: number
  readonly directories: number
  readonly recycledFiles: number
  readonly recycledDirectories: number
  readonly versions: number
}
export interface SmhQuota {
  readonly id?: string
  /** Bytes. */
  readonly capacity: number
  readonly spaces?: ReadonlyArray<string>
  /** Whether SMH removes files where more is stored, after `removeAfterDays`. */
  readonly removeWhenExceed?: boolean
  readonly removeAfterDays?: number
  readonly removeNewest?: boolean
}

interface PageOptions extends CallOptions {
  /** `next` of the page before. */
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}
interface SpaceOptions extends CallOptions {
  /** The drive's own unless given. */
  readonly space?: string | undefined
}

/** The members of a library. */
export interface SmhLibrary {
  /** Extends the token in use to its full period; `expiresIn` in seconds. */
  readonly renewToken: (options?: CallOptions) => Result<{ readonly expiresIn: number }>
  /** Makes the token in use invalid. The next call creates another, if the settings hold the secret of the library. */
  readonly revokeToken: (options?: CallOptions) => Result<void>
  /** Makes all tokens of a business user invalid. `Forbidden` unless the settings hold the secret of the library. */
  readonly revokeTokensOf: (userId: string, options?: CallOptions) => Result<void>

  /** The spaces of the library, by id; those that their user created, where the token is no administrator's. */
  readonly spaces: (options?: PageOptions & { readonly prefix?: string | undefined }) => Result<Page<SmhSpace>>
  readonly countSpaces: (options?: CallOptions) => Result<number>
  /** A space of a multi-tenant library. `id`: 2 to 32 letters, digits or hyphens; SMH's choice unless given. */
  readonly createSpace: (
    attributes?: SpaceAttributes,
    options?: CallOptions & { readonly id?: string | undefined },
  ) => Result<SmhSpace>
  /** With `force` also one that is not empty. One that is gone already is done. */
  readonly deleteSpace: (id: string, options?: CallOptions & { readonly force?: boolean | undefined }) => Result<void>
  readonly spaceAttributes: (options?: SpaceOptions) => Result<SpaceAttributes>
  readonly setSpaceAttributes: (attributes: SpaceAttributes, options?: SpaceOptions) => Result<void>
  readonly spaceCounts: (options?: SpaceOptions) => Result<SmhSpaceCounts>

  /** The quota of a space; undefined where it has none. */
  readonly quota: (options?: SpaceOptions) => Result<SmhQuota | undefined>
  readonly quotaById: (id: string, options?: CallOptions) => Result<SmhQuota>
  /** `spaces` in a multi-tenant library only. Its id. */
  readonly createQuota: (quota: NewQuota, options?: CallOptions) => Result<string>
  readonly updateQuota: (id: string, quota: Partial<NewQuota>, options?: CallOptions) => Result<void>
  /** Bytes in all spaces of the library. */
  readonly libraryUsage: (options?: CallOptions) => Result<number>

  /** How the library keeps earlier versions of files. */
  readonly historySettings: (options?: CallOptions) => Result<HistorySettings>
  /** In effect after about a minute. */
  readonly setHistorySettings: (settings: Partial<HistorySettings>, options?: CallOptions) => Result<void>
  /** Removes versions for good, at most 100, by the ids that `listVersions` gives. */
  readonly deleteVersions: (ids: ReadonlyArray<string>, options?: CallOptions) => Result<void>
  /** Removes all versions of the library, whose history must be switched off. The id of the task, for `taskState` with `ofLibrary`. */
  readonly clearHistory: (options?: CallOptions) => Result<string>
  /** Days after which what is in the recycle bin is gone, 1 to 10,000. */
  readonly setRetention: (days: number, options?: CallOptions) => Result<void>
}

export const numberOf = (text: string | number): number => toSize(text) ?? Number.NaN

export const startedTaskId =
  (check: string) =>
  (answer: Parameters<typeof taskIdOf>[0]): E.Either<Failure, string> => {
    const id = taskIdOf(answer)
    const said = 'the service accepted the work without naming its task'
    return id === undefined ? E.left(indeterminate({ check, said })) : E.right(id)
  }

const toQuota = (quota: {
  readonly id?: string | number | null | undefined
  readonly capacity: string | number
  readonly spaces?: ReadonlyArray<string> | null | undefined
}): SmhQuota => {
  const { id, capacity, ...more } = known(quota)
  return {
    ...known(more as Omit<SmhQuota, 'id' | 'capacity'>),
    capacity: numberOf(capacity),
    ...defined({ id: id === undefined || id === null ? undefined : String(id) }),
  }
}

const isGone = (fault: Failure): boolean => fault._tag === 'NotFound'

const spacesPerPage = 1000

export const libraryMembers = (smh: Smh, { read, change, create }: MemberCalls): SmhLibrary => {
  const { api } = smh
  const own = smh.settings.spaceId ?? '-'
  return {
    renewToken: (options) =>
      create(options, { name: 'renewToken', check: 'the token', repeat: 'always', run: smh.renewToken }),
    revokeToken: (options) =>
      change(options, { name: 'revokeToken', check: 'the token', repeat: 'always', run: smh.revokeToken }),
    revokeTokensOf: (userId, options) =>
      change(options, {
        ...{ name: 'revokeTokensOf', check: `the tokens of ${userId}`, repeat: 'always' },
        run: (signal) => smh.revokeTokensOf(userId, signal),
      }),

    spaces: ({ cursor, limit = spacesPerPage, prefix, ...options } = {}) =>
      read('spaces', options, (signal) =>
        pipe(
          api.listSpaces({ marker: cursor, limit, prefix }, signal),
          TE.map(({ list, marker, nextMarker }): Page<SmhSpace> => ({
            items: list.map(({ spaceId: id, userId, creationTime }) => ({
              id,
              ...defined({ userId: userId ?? undefined, createdAt: toDate(creationTime) }),
            })),
            ...defined({ next: toCursor(nextMarker ?? marker) }),
          })),
        ),
      ),
    countSpaces: (options) =>
      read('countSpaces', options, (signal) =>
        pipe(
          api.countSpaces(signal),
          TE.map(({ total }) => total),
        ),
      ),
    createSpace: (attributes = {}, { id, ...options } = {}) =>
      create(options, {
        ...{ name: 'createSpace', check: 'the spaces of the library', repeat: 'never' },
        run: (signal) =>
          pipe(
            api.createSpace(id, attributes, signal),
            TE.map((created): SmhSpace => ({ id: created.spaceId })),
          ),
      }),
    deleteSpace: (id, { force = false, ...options } = {}) =>
      change(options, {
        ...{ name: 'deleteSpace', check: `the space ${id}`, repeat: 'always', isDone: isGone },
        run: (signal) => api.deleteSpace(id, force, signal),
      }),
    spaceAttributes: ({ space = own, ...options } = {}) =>
      read('spaceAttributes', options, (signal) =>
        pipe(
          api.spaceAttributes(space, signal),
          TE.map((attributes) => known(attributes)),
        ),
      ),
    setSpaceAttributes: (attributes, { space = own, ...options } = {}) =>
      change(options, {
        ...{ name: 'setSpaceAttributes', check: `the space ${space}`, repeat: 'always' },
        run: (signal) => api.setSpaceAttributes(space, attributes, signal),
      }),
    spaceCounts: ({ space = own, ...options } = {}) =>
      read('spaceCounts', options, (signal) =>
        pipe(
          api.fileCounts(space, signal),
          TE.map((counts): SmhSpaceCounts => ({
            files: numberOf(counts.fileNum),
            directories: numberOf(counts.dirNum),
            recycledFiles: numberOf(counts.recycledFileNum),
            recycledDirectories: numberOf(counts.recycledDirNum),
            versions: numberOf(counts.historyFileNum),
          })),
        ),
      ),

    quota: ({ space = own, ...options } = {}) =>
      read('quota', options, (signal) =>
        pipe(
          api.quotaOfSpace(space, signal),
          TE.map((quota): SmhQuota | undefined => toQuota(quota)),
          TE.orElse((fault): RawResult<SmhQuota | undefined> =>
            fault.code === 'NoQuota' ? TE.right(undefined) : TE.left(fault),
          ),
        ),
      ),
    quotaById: (id, options) => read('quotaById', options, (signal) => pipe(api.quota(id, signal), TE.map(toQuota))),
    createQuota: (quota, options) =>
      create(options, {
        ...{ name: 'createQuota', check: 'the quotas of its spaces', repeat: 'never' },
        run: (signal) =>
          pipe(
            api.createQuota(quota, signal),
            TE.map(({ quotaId }) => String(quotaId)),
          ),
      }),
    updateQuota: (id, quota, options) =>
      change(options, {
        ...{ name: 'updateQuota', check: `the quota ${id}`, repeat: 'always' },
        run: (signal) => api.updateQuota(id, quota, signal),
      }),
    libraryUsage: (options) =>
      read('libraryUsage', options, (signal) =>
        pipe(
          api.libraryUsage(signal),
          TE.map(({ totalFileSize }) => numberOf(totalFileSize)),
        ),
      ),

    historySettings: (options) => read('historySettings', options, api.historySettings),
    setHistorySettings: (settings, options) =>
      change(options, {
        ...{ name: 'setHistorySettings', check: 'the settings of the history', repeat: 'always' },
        run: (signal) => api.setHistorySettings(settings, signal),
      }),
    deleteVersions: (ids, options) =>
      change(options, {
        ...{ name: 'deleteVersions', check: 'the versions', repeat: 'always' },
        run: (signal) => api.deleteHistory(ids.map(Number), signal),
      }),
    clearHistory: (options) =>
      create(options, {
        ...{ name: 'clearHistory', check: 'the versions of the library', repeat: 'never' },
        run: (signal) => pipe(api.clearHistory(signal), TE.flatMapEither(startedTaskId('the versions of the library'))),
      }),
    setRetention: (days, options) =>
      change(options, {
        ...{ name: 'setRetention', check: 'the retention of the bin', repeat: 'always' },
        run: (signal) => api.setRetention(days, signal),
      }),
  }
}
