// One function an endpoint: the request, and the answer decoded. What may be repeated is said beside each (docs/wire/tencent-smh.md).
import { secret, reveal, segments, type DrivePath, type Fault, type Secret } from '@anydrive/core'
import {
  decoded,
  encodeSegment,
  flag,
  type Http,
  type HttpBody,
  type HttpMethod,
  type QueryValue,
  type Repeat,
} from '@anydrive/http'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type * as t from 'io-ts'
import { answerOf, toFault, type Missing } from './faults'
import type { TencentSmhSettings } from './settings'
import * as wire from './wire'

export type Asked<A> = TE.TaskEither<Fault, A>

export interface ListPage {
  readonly marker: string | undefined
  readonly limit: number
}
export interface Begin {
  readonly path: DrivePath
  readonly strategy: wire.Strategy
  readonly size: number
  readonly multipart: boolean
  readonly body: wire.BeginBody
}
/** `begun`: send the bytes; `candidate`: SMH wants the full hash; `placed`: it held the content already. */
export type Begun =
  | { readonly status: 'begun'; readonly upload: wire.BegunUpload }
  | { readonly status: 'candidate' }
  | { readonly status: 'placed'; readonly file: wire.Uploaded }

interface Request {
  readonly endpoint: string
  readonly method: HttpMethod
  readonly at: ReadonlyArray<string>
  readonly query?: Readonly<Record<string, QueryValue>>
  readonly body?: HttpBody
  readonly repeat: Repeat
  readonly signal: AbortSignal
}

const json = (body: object): { readonly body?: HttpBody } =>
  Object.keys(body).length === 0 ? {} : { body: { json: body } }

export const smhApi = (settings: TencentSmhSettings, http: Http<Fault>) => {
  const { baseUrl: base, libraryId, spaceId = '-', userId } = settings
  const send = ({ at, query, ...request }: Request) =>
    http({ ...request, base, segments: ['api', 'v1', ...at], query: { ...query, user_id: userId }, answer: 'text' })
  const read = <A>(codec: t.Decoder<unknown, A>, missing: Missing) => decoded(codec, toFault(missing), answerOf)
  const ask = <A>(codec: t.Decoder<unknown, A>, missing: Missing, request: Request): Asked<A> =>
    pipe(send(request), read(codec, missing))
  const directory = (path: DrivePath, space = spaceId) => ['directory', libraryId, space, ...segments(path)]
  const file = (path: DrivePath) => ['file', libraryId, spaceId, ...segments(path)]
  const task = (confirmKey: string) => ['file', libraryId, spaceId, confirmKey]
  const inode = { with_inode: 1 }

  const batch = (verb: 'move' | 'copy' | 'delete', items: ReadonlyArray<object>, signal: AbortSignal) =>
    ask(wire.orEmpty(wire.BatchAnswer), 'parent', {
      ...{ endpoint: `batch ${verb}`, method: 'POST', at: ['batch', libraryId, spaceId] },
      ...{ query: { [verb]: flag }, body: { json: items }, repeat: 'guarded', signal },
    })

  return {
    // Directories

    /** Of either kind. safe */
    info: (path: DrivePath, signal: AbortSignal, space?: string): Asked<wire.Info> =>
      ask(wire.Info, 'source', {
        ...{ endpoint: 'info', method: 'GET', at: directory(path, space) },
        ...{ query: { info: flag, ...inode }, repeat: 'safe', signal },
      }),

    /** safe. Without `by-marker` some libraries refuse; more than 100 a page is not promised. */
    list: (path: DrivePath, { marker, limit }: ListPage, signal: AbortSignal, space?: string): Asked<wire.Contents> =>
      ask(wire.Contents, 'source', {
        ...{ endpoint: 'list directory', method: 'GET', at: directory(path, space) },
        ...{ query: { 'by-marker': 1, marker, limit, ...inode }, repeat: 'safe', signal },
      }),

    /** guarded: under `ask` by a look at the path; under `rename` by its absence. */
    createDirectory: (
      path: DrivePath,
      strategy: wire.Strategy,
      times: wire.CallerTimes,
      signal: AbortSignal,
    ): Asked<wire.CreatedDirectory> =>
      ask(wire.orEmpty(wire.CreatedDirectory), 'parent', {
        ...{ endpoint: 'create directory', method: 'PUT', at: directory(path), ...json(times) },
        ...{ query: { conflict_resolution_strategy: strategy, ...inode }, repeat: 'guarded', signal },
      }),

    /** guarded: by comparing the target with the source. */
    copyDirectory: (
      from: DrivePath,
      to: DrivePath,
      strategy: wire.Strategy,
      signal: AbortSignal,
    ): Asked<wire.PlacedOrTask> =>
      ask(wire.orEmpty(wire.PlacedOrTask), 'source', {
        ...{ endpoint: 'copy directory', method: 'PUT', at: directory(to), body: { json: { copyFrom: from } } },
        ...{ query: { conflict_resolution_strategy: strategy }, repeat: 'guarded', signal },
      }),

    /** idempotent */
    setContentType: (path: DrivePath, contentType: string, signal: AbortSignal): Asked<unknown> =>
      ask(wire.Anything, 'source', {
        ...{ endpoint: 'update attributes', method: 'POST', at: directory(path), body: { json: { contentType } } },
        ...{ query: { update: flag }, repeat: 'idempotent', signal },
      }),

    // Files

    /** Within one space, onto a free name. guarded: by a look at both ends. */
    moveFile: (from: DrivePath, to: DrivePath, signal: AbortSignal): Asked<wire.PlacedOrTask> =>
      ask(wire.orEmpty(wire.PlacedOrTask), 'parent', {
        ...{ endpoint: 'move file', method: 'PUT', at: file(to), body: { json: { from } } },
        ...{ query: { conflict_resolution_strategy: 'ask' }, repeat: 'guarded', signal },
      }),

    /** safe */
    download: (path: DrivePath, signal: AbortSignal): Asked<wire.Download> =>
      ask(wire.Download, 'source', {
        ...{ endpoint: 'download', method: 'GET', at: file(path), query: { info: flag }, repeat: 'safe', signal },
      }),

    /** idempotent, for what it makes stays invisible; guarded with a full hash, which may place the file at once. */
    beginUpload: ({ path, strategy, size, multipart, body }: Begin, signal: AbortSignal): Asked<Begun> =>
      pipe(
        send({
          endpoint: multipart ? 'begin multipart upload' : 'begin upload',
          method: multipart ? 'POST' : 'PUT',
          at: file(path),
          query: {
            ...(multipart ? { multipart: flag } : {}),
            ...{
              conflict_resolution_strategy: strategy,
              filesize: size,
              ...(body.fullHash === undefined ? {} : inode),
            },
          },
          ...json(body),
          repeat: body.fullHash === undefined ? 'idempotent' : 'guarded',
          signal,
        }),
        TE.flatMap((response): Asked<Begun> => {
          if (response.status === 202) return TE.right({ status: 'candidate' })
          const answer = TE.right(response)
          return response.status === 200
            ? pipe(
                answer,
                read(wire.orEmpty(wire.Uploaded), 'parent'),
                TE.map((it) => ({ status: 'placed', file: it })),
              )
            : pipe(
                answer,
                read(wire.BegunUpload, 'parent'),
                TE.map((upload) => ({ status: 'begun', upload })),
              )
        }),
      ),

    /** Multipart only. idempotent */
    renewUpload: (confirmKey: string, signal: AbortSignal): Asked<wire.UploadTarget> =>
      ask(wire.UploadTarget, 'upload', {
        ...{ endpoint: 'renew upload', method: 'POST', at: task(confirmKey), query: { renew: flag } },
        ...{ repeat: 'idempotent', signal },
      }),

    /** safe */
    uploadStatus: (confirmKey: string, signal: AbortSignal): Asked<wire.UploadStatus> =>
      ask(wire.UploadStatus, 'upload', {
        ...{ endpoint: 'upload status', method: 'GET', at: task(confirmKey), query: { upload: flag } },
        ...{ repeat: 'safe', signal },
      }),

    /** guarded: by the upload's status. */
    confirmUpload: (
      confirmKey: string,
      strategy: wire.Strategy,
      body: wire.ConfirmBody,
      signal: AbortSignal,
    ): Asked<wire.Uploaded> =>
      ask(wire.orEmpty(wire.Uploaded), 'parent', {
        ...{ endpoint: 'confirm upload', method: 'POST', at: task(confirmKey), body: { json: body } },
        ...{ query: { confirm: flag, conflict_resolution_strategy: strategy, ...inode }, repeat: 'guarded', signal },
      }),

    /** idempotent */
    abortUpload: (confirmKey: string, signal: AbortSignal): Asked<unknown> =>
      ask(wire.Anything, 'upload', {
        ...{ endpoint: 'abort upload', method: 'DELETE', at: task(confirmKey), query: { upload: flag } },
        ...{ repeat: 'idempotent', signal },
      }),

    // Batches: guarded by looks at each item's ends.

    batchMove: (items: ReadonlyArray<wire.MoveRequestItem>, signal: AbortSignal) => batch('move', items, signal),
    batchCopy: (items: ReadonlyArray<wire.CopyRequestItem>, signal: AbortSignal) => batch('copy', items, signal),
    batchDelete: (items: ReadonlyArray<wire.DeleteRequestItem>, signal: AbortSignal) => batch('delete', items, signal),

    /** safe */
    task: (id: string, signal: AbortSignal): Asked<t.TypeOf<typeof wire.Tasks>> =>
      ask(wire.Tasks, 'task', {
        ...{ endpoint: 'query task', method: 'GET', at: ['task', libraryId, spaceId, id], repeat: 'safe', signal },
      }),

    // The space

    /** safe. `RecycleBinNotEnabled` where there is none. */
    recycleBin: (signal: AbortSignal): Asked<unknown> =>
      ask(wire.Anything, 'space', {
        ...{ endpoint: 'list recycled', method: 'GET', at: ['recycled', libraryId, spaceId] },
        ...{ query: { 'by-marker': 1, limit: 1 }, repeat: 'safe', signal },
      }),

    /** safe; for administrators. */
    usage: (signal: AbortSignal): Asked<t.TypeOf<typeof wire.SpaceUsages>> =>
      ask(wire.SpaceUsages, 'space', {
        ...{ endpoint: 'usage', method: 'GET', at: ['usage', libraryId, spaceId], repeat: 'safe', signal },
      }),

    /** safe */
    spaceSize: (signal: AbortSignal): Asked<t.TypeOf<typeof wire.SpaceSize>> =>
      ask(wire.SpaceSize, 'space', {
        ...{ endpoint: 'space size', method: 'GET', at: ['space', libraryId, spaceId, 'size'], repeat: 'safe', signal },
      }),
  }
}
export type SmhApi = ReturnType<typeof smhApi>

/** Of tokens themselves: sent without one. */
export const tokenApi = (settings: TencentSmhSettings, http: Http) => {
  const { baseUrl, libraryId } = settings
  const read = decoded(wire.Token, toFault('space'), answerOf)
  return {
    /** idempotent: any number of live tokens is allowed. */
    create: (query: Readonly<Record<string, QueryValue>>, signal: AbortSignal): Asked<wire.Token> =>
      pipe(
        http({
          ...{ endpoint: 'create token', method: 'POST', base: baseUrl, segments: ['api', 'v1', 'token'] },
          ...{ query, answer: 'text', repeat: 'idempotent', signal },
        }),
        read,
      ),
    /** idempotent. The token stands in the path, so the whole URL is a secret. */
    renew: (token: Secret, signal: AbortSignal): Asked<wire.Token> =>
      pipe(
        http({
          endpoint: 'renew token',
          method: 'POST',
          base: secret(
            `${baseUrl.replace(/\/$/, '')}/api/v1/token/${encodeSegment(libraryId)}/${encodeSegment(reveal(token))}`,
          ),
          ...{ answer: 'text', repeat: 'idempotent', signal },
        }),
        read,
      ),
  }
}
