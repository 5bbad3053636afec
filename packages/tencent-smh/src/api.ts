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

/** safe: it changes nothing. */
const get = (endpoint: string, at: Request['at'], signal: AbortSignal, query: Request['query'] = {}): Request => ({
  endpoint,
  method: 'GET',
  at,
  query,
  repeat: 'safe',
  signal,
})

interface Sent {
  readonly query?: Request['query']
  /** Not sent where it has no fields. */
  readonly json?: object
}
const changing =
  (method: 'PUT' | 'POST' | 'DELETE', repeat: 'idempotent' | 'guarded') =>
  (endpoint: string, at: Request['at'], signal: AbortSignal, { query = {}, json = {} }: Sent): Request => ({
    endpoint,
    method,
    at,
    query,
    ...(Object.keys(json).length === 0 ? {} : { body: { json } }),
    repeat,
    signal,
  })
const guardedPut = changing('PUT', 'guarded')
const guardedPost = changing('POST', 'guarded')
const idempotentPut = changing('PUT', 'idempotent')
const idempotentPost = changing('POST', 'idempotent')
const idempotentDelete = changing('DELETE', 'idempotent')

export const smhApi = (settings: TencentSmhSettings, http: Http<Fault>) => {
  const { baseUrl: base, libraryId, spaceId = '-', userId } = settings
  const send = ({ at, query, ...request }: Request) =>
    http({ ...request, base, segments: ['api', 'v1', ...at], query: { ...query, user_id: userId }, answer: 'text' })
  const read = <A>(codec: t.Decoder<unknown, A>, missing: Missing) => decoded(codec, toFault(missing), answerOf)
  const ask = <A>(codec: t.Decoder<unknown, A>, missing: Missing, request: Request): Asked<A> =>
    pipe(send(request), read(codec, missing))
  const directory = (path: DrivePath, space = spaceId) => ['directory', libraryId, space, ...segments(path)]
  const file = (path: DrivePath) => ['file', libraryId, spaceId, ...segments(path)]
  const upload = (confirmKey: string) => ['file', libraryId, spaceId, confirmKey]
  const inode = { with_inode: 1 }
  const by = (strategy: wire.Strategy) => ({ conflict_resolution_strategy: strategy })
  const batch = (verb: 'move' | 'copy' | 'delete', items: ReadonlyArray<object>, signal: AbortSignal) =>
    ask(
      wire.orEmpty(wire.BatchAnswer),
      'parent',
      guardedPost(`batch ${verb}`, ['batch', libraryId, spaceId], signal, { query: { [verb]: flag }, json: items }),
    )

  return {
    // Directories

    /** Of either kind. */
    info: (path: DrivePath, signal: AbortSignal, space?: string): Asked<wire.Info> =>
      ask(wire.Info, 'source', get('info', directory(path, space), signal, { info: flag, ...inode })),

    /** Without `by-marker` some libraries refuse; more than 100 a page is not promised. */
    list: (path: DrivePath, { marker, limit }: ListPage, signal: AbortSignal, space?: string): Asked<wire.Contents> => {
      const query = { 'by-marker': 1, marker, limit, ...inode }
      return ask(wire.Contents, 'source', get('list directory', directory(path, space), signal, query))
    },

    /** guarded: under `ask` by a look at the path; under `rename` by its absence. */
    createDirectory: (
      path: DrivePath,
      strategy: wire.Strategy,
      times: wire.CallerTimes,
      signal: AbortSignal,
    ): Asked<wire.CreatedDirectory> => {
      const query = { ...by(strategy), ...inode }
      const request = guardedPut('create directory', directory(path), signal, { query, json: times })
      return ask(wire.orEmpty(wire.CreatedDirectory), 'parent', request)
    },

    /** guarded: by comparing the target with the source. */
    copyDirectory: (
      from: DrivePath,
      to: DrivePath,
      strategy: wire.Strategy,
      signal: AbortSignal,
    ): Asked<wire.PlacedOrTask> => {
      const sent = { query: by(strategy), json: { copyFrom: from } }
      return ask(wire.orEmpty(wire.PlacedOrTask), 'source', guardedPut('copy directory', directory(to), signal, sent))
    },

    /** idempotent */
    setContentType: (path: DrivePath, contentType: string, signal: AbortSignal): Asked<unknown> => {
      const sent = { query: { update: flag }, json: { contentType } }
      return ask(wire.Anything, 'source', idempotentPost('update attributes', directory(path), signal, sent))
    },

    // Files

    /** Within one space, onto a free name. guarded: by a look at both ends. */
    moveFile: (from: DrivePath, to: DrivePath, signal: AbortSignal): Asked<wire.PlacedOrTask> => {
      const request = guardedPut('move file', file(to), signal, { query: by('ask'), json: { from } })
      return ask(wire.orEmpty(wire.PlacedOrTask), 'parent', request)
    },

    /** safe */
    download: (path: DrivePath, signal: AbortSignal): Asked<wire.Download> =>
      ask(wire.Download, 'source', get('download', file(path), signal, { info: flag })),

    /** idempotent, for what it makes stays invisible; guarded with a full hash, which may place the file at once. */
    beginUpload: ({ path, strategy, size, multipart, body }: Begin, signal: AbortSignal): Asked<Begun> => {
      const placing = body.fullHash !== undefined
      const query = { ...by(strategy), filesize: size, ...(placing ? inode : {}) }
      const start = multipart ? (placing ? guardedPost : idempotentPost) : placing ? guardedPut : idempotentPut
      const request = start(multipart ? 'begin multipart upload' : 'begin upload', file(path), signal, {
        query: multipart ? { multipart: flag, ...query } : query,
        json: body,
      })
      return pipe(
        send(request),
        TE.flatMap((response): Asked<Begun> => {
          if (response.status === 202) return TE.right({ status: 'candidate' })
          const answer = TE.right(response)
          if (response.status !== 200)
            return pipe(
              answer,
              read(wire.BegunUpload, 'parent'),
              TE.map((begun) => ({ status: 'begun', upload: begun })),
            )
          return pipe(
            answer,
            read(wire.orEmpty(wire.Uploaded), 'parent'),
            TE.map((placed) => ({ status: 'placed', file: placed })),
          )
        }),
      )
    },

    /** Multipart only. idempotent */
    renewUpload: (confirmKey: string, signal: AbortSignal): Asked<wire.UploadTarget> => {
      const request = idempotentPost('renew upload', upload(confirmKey), signal, { query: { renew: flag } })
      return ask(wire.UploadTarget, 'upload', request)
    },

    /** safe */
    uploadStatus: (confirmKey: string, signal: AbortSignal): Asked<wire.UploadStatus> =>
      ask(wire.UploadStatus, 'upload', get('upload status', upload(confirmKey), signal, { upload: flag })),

    /** guarded: by the upload's status. */
    confirmUpload: (
      confirmKey: string,
      strategy: wire.Strategy,
      body: wire.ConfirmBody,
      signal: AbortSignal,
    ): Asked<wire.Uploaded> => {
      const query = { confirm: flag, ...by(strategy), ...inode }
      const request = guardedPost('confirm upload', upload(confirmKey), signal, { query, json: body })
      return ask(wire.orEmpty(wire.Uploaded), 'parent', request)
    },

    /** idempotent */
    abortUpload: (confirmKey: string, signal: AbortSignal): Asked<unknown> => {
      const request = idempotentDelete('abort upload', upload(confirmKey), signal, { query: { upload: flag } })
      return ask(wire.Anything, 'upload', request)
    },

    // Batches: guarded by looks at each item's ends.

    batchMove: (items: ReadonlyArray<wire.MoveRequestItem>, signal: AbortSignal) => batch('move', items, signal),
    batchCopy: (items: ReadonlyArray<wire.CopyRequestItem>, signal: AbortSignal) => batch('copy', items, signal),
    batchDelete: (items: ReadonlyArray<wire.DeleteRequestItem>, signal: AbortSignal) => batch('delete', items, signal),

    /** safe */
    task: (id: string, signal: AbortSignal): Asked<t.TypeOf<typeof wire.Tasks>> =>
      ask(wire.Tasks, 'task', get('query task', ['task', libraryId, spaceId, id], signal)),

    // The space

    /** safe. `RecycleBinNotEnabled` where there is none. */
    recycleBin: (signal: AbortSignal): Asked<unknown> => {
      const request = get('list recycled', ['recycled', libraryId, spaceId], signal, { 'by-marker': 1, limit: 1 })
      return ask(wire.Anything, 'space', request)
    },

    /** safe; for administrators. */
    usage: (signal: AbortSignal): Asked<t.TypeOf<typeof wire.SpaceUsages>> =>
      ask(wire.SpaceUsages, 'space', get('usage', ['usage', libraryId, spaceId], signal)),

    /** safe */
    spaceSize: (signal: AbortSignal): Asked<t.TypeOf<typeof wire.SpaceSize>> =>
      ask(wire.SpaceSize, 'space', get('space size', ['space', libraryId, spaceId, 'size'], signal)),
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
          endpoint: 'create token',
          method: 'POST',
          base: baseUrl,
          segments: ['api', 'v1', 'token'],
          query,
          answer: 'text',
          repeat: 'idempotent',
          signal,
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
          answer: 'text',
          repeat: 'idempotent',
          signal,
        }),
        read,
      ),
  }
}
