// One function per endpoint: it builds the request, sends it once, and decodes the response (docs/wire/tencent-smh.md).
import { defined, reveal, secret, segments, type Answered, type DrivePath, type Secret } from '@anydrive/core'
import {
  decoded,
  encodeSegment,
  flag,
  type Http,
  type HttpMethod,
  type HttpResponse,
  type QueryValue,
} from '@anydrive/http'
import type { Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { answerOf, toFault, type Missing } from './errors'
import type { TencentSmhSettings } from './settings'
import * as wire from './wire'

export interface ListPage {
  readonly marker: string | undefined
  readonly limit: number
}
export interface Begin {
  readonly path: DrivePath
  readonly strategy: wire.Strategy
  /** Bytes. */
  readonly size: number
  readonly multipart: boolean
  readonly body: wire.BeginBody
}
/** `begun`: send the bytes; `candidate`: SMH wants the full hash; `placed`: SMH had the content, and the file exists. */
export type Begun =
  | { readonly status: 'begun'; readonly upload: wire.BegunUpload }
  | { readonly status: 'candidate' }
  | { readonly status: 'placed'; readonly file: wire.Uploaded }

/** `started`: the response had status 202. */
type Finished<A> = A & { readonly started: boolean }
/** What each documented status carries; any other 2xx is an unexpected response. */
type Codecs<A> = Readonly<Partial<Record<number, t.Decoder<unknown, A>>>>

interface Request {
  readonly endpoint: string
  readonly method: HttpMethod
  /** Path segments below `/api/v1`. */
  readonly at: ReadonlyArray<string>
  readonly query?: Readonly<Record<string, QueryValue>>
  /** Not sent where it has no fields. */
  readonly json?: object
  readonly signal: AbortSignal
}

const undocumented = new t.Type<never>(
  'a documented status',
  (_): _ is never => false,
  (u, context) => t.failure(u, context),
  t.identity,
)
const inode = { with_inode: 1 }
const by = (strategy: wire.Strategy) => ({ conflict_resolution_strategy: strategy })

export const smhApi = (settings: TencentSmhSettings, http: Http<Failure>) => {
  const { baseUrl: base, libraryId, spaceId = '-', userId } = settings

  const send = ({ at, query, json = {}, ...request }: Request): Answered<HttpResponse> =>
    http({
      ...request,
      base,
      segments: ['api', 'v1', ...at],
      query: { ...query, user_id: userId },
      ...defined({ body: Object.keys(json).length === 0 ? undefined : { json } }),
      answer: 'text',
      repeat: request.method === 'GET' ? 'safe' : 'guarded',
    })
  const byStatus = <A>(codecs: Codecs<A>, missing: Missing, request: Request): Answered<Finished<A>> =>
    pipe(
      send(request),
      TE.flatMap((response) => {
        const codec = codecs[response.status] ?? undocumented
        const started = response.status === 202
        return pipe(
          TE.right<Failure, HttpResponse>(response),
          decoded(codec, toFault(missing), answerOf),
          // The status says that the work was accepted, even where the body is cut off.
          TE.orElse((fault) =>
            TE.fromEither(E.mapLeft(() => fault)(started ? codec.decode(undefined) : E.left(fault))),
          ),
          TE.map((body) => ({ ...body, started })),
        )
      }),
    )
  const ask = <A>(codec: t.Decoder<unknown, A>, missing: Missing, request: Request): Answered<A> =>
    pipe(send(request), decoded(codec, toFault(missing), answerOf))
  const get = (endpoint: string, at: Request['at'], signal: AbortSignal, query: Request['query'] = {}): Request => ({
    endpoint,
    method: 'GET',
    at,
    query,
    signal,
  })

  const directory = (path: DrivePath, space = spaceId) => ['directory', libraryId, space, ...segments(path)]
  const file = (path: DrivePath) => ['file', libraryId, spaceId, ...segments(path)]
  const upload = (confirmKey: string) => ['file', libraryId, spaceId, confirmKey]
  const batch = (
    verb: 'move' | 'copy' | 'delete',
    items: ReadonlyArray<object>,
    signal: AbortSignal,
  ): Answered<Finished<wire.BatchAnswer>> =>
    byStatus<wire.BatchAnswer>({ 200: wire.BatchAnswer, 202: wire.Accepted, 207: wire.BatchAnswer }, 'parent', {
      endpoint: `batch ${verb}`,
      method: 'POST',
      at: ['batch', libraryId, spaceId],
      query: { [verb]: flag },
      json: items,
      signal,
    })

  return {
    // Directories

    /** A file or a directory. */
    info: (path: DrivePath, signal: AbortSignal, space?: string): Answered<wire.Info> =>
      ask(wire.Info, 'source', get('info', directory(path, space), signal, { info: flag, ...inode })),

    /** Without `by-marker` some libraries refuse; more than 100 entries a page are not promised. */
    list: (
      path: DrivePath,
      { marker, limit }: ListPage,
      signal: AbortSignal,
      space?: string,
    ): Answered<wire.Contents> => {
      const query = { 'by-marker': 1, marker, limit, ...inode }
      return ask(wire.Contents, 'source', get('list directory', directory(path, space), signal, query))
    },

    createDirectory: (
      path: DrivePath,
      strategy: wire.Strategy,
      times: wire.CallerTimes,
      signal: AbortSignal,
    ): Answered<wire.CreatedDirectory> => {
      const [existing, created]: ReadonlyArray<t.Decoder<unknown, wire.CreatedDirectory>> =
        strategy === 'rename'
          ? [wire.RenamedDirectory, wire.RenamedDirectory]
          : [wire.CreatedDirectory, wire.CreatedOrEmpty]
      const query = { ...by(strategy), ...inode }
      return byStatus(defined({ 200: existing, 201: created }), 'parent', {
        ...{ endpoint: 'create directory', method: 'PUT', at: directory(path), query, json: times, signal },
      })
    },

    copyDirectory: (
      from: DrivePath,
      to: DrivePath,
      strategy: wire.Strategy,
      signal: AbortSignal,
    ): Answered<Finished<wire.PlacedOrTask>> => {
      const { PlacedOrStarted: placed, Accepted, Ignored } = wire
      return byStatus<wire.PlacedOrTask>({ 200: placed, 201: placed, 202: Accepted, 204: Ignored }, 'source', {
        ...{ endpoint: 'copy directory', method: 'PUT', at: directory(to), query: by(strategy), signal },
        json: { copyFrom: from },
      })
    },

    setContentType: (path: DrivePath, contentType: string, signal: AbortSignal): Answered<unknown> =>
      ask(wire.Ignored, 'source', {
        ...{ endpoint: 'update attributes', method: 'POST', at: directory(path), query: { update: flag }, signal },
        json: { contentType },
      }),

    // Files

    /** Within one space, onto a free name. */
    moveFile: (from: DrivePath, to: DrivePath, signal: AbortSignal): Answered<unknown> =>
      byStatus<unknown>({ 200: wire.PlacedEntry, 201: wire.PlacedEntry, 204: wire.Ignored }, 'parent', {
        ...{ endpoint: 'move file', method: 'PUT', at: file(to), query: by('ask'), json: { from }, signal },
      }),

    download: (path: DrivePath, signal: AbortSignal): Answered<wire.Download> =>
      ask(wire.Download, 'source', get('download', file(path), signal, { info: flag })),

    /** Nothing of it is visible, except with a full hash, which may place the file at once. */
    beginUpload: ({ path, strategy, size, multipart, body }: Begin, signal: AbortSignal): Answered<Begun> => {
      const placing = body.fullHash !== undefined
      const query = { ...by(strategy), filesize: size, ...(placing ? inode : {}) }
      const codecs: Codecs<wire.BegunUpload | wire.Uploaded | Record<never, never>> = {
        201: wire.BegunUpload,
        202: wire.Ignored,
        ...(placing ? { 200: wire.Uploaded } : {}),
      }
      const request: Request = {
        ...{ endpoint: multipart ? 'begin multipart upload' : 'begin upload', method: multipart ? 'POST' : 'PUT' },
        ...{ at: file(path), query: multipart ? { multipart: flag, ...query } : query, json: body, signal },
      }
      return pipe(
        byStatus(codecs, 'parent', request),
        TE.map((begun): Begun => {
          if ('confirmKey' in begun) return { status: 'begun', upload: begun }
          return 'path' in begun ? { status: 'placed', file: begun } : { status: 'candidate' }
        }),
      )
    },

    /** For multipart uploads only. */
    renewUpload: (confirmKey: string, signal: AbortSignal): Answered<wire.UploadTarget> =>
      ask(wire.UploadTarget, 'upload', {
        ...{ endpoint: 'renew upload', method: 'POST', at: upload(confirmKey), query: { renew: flag }, signal },
      }),

    uploadStatus: (confirmKey: string, signal: AbortSignal): Answered<wire.UploadStatus> =>
      ask(wire.UploadStatus, 'upload', get('upload status', upload(confirmKey), signal, { upload: flag })),

    confirmUpload: (
      confirmKey: string,
      strategy: wire.Strategy,
      body: wire.ConfirmBody,
      signal: AbortSignal,
    ): Answered<wire.Uploaded> =>
      ask(wire.Uploaded, 'parent', {
        ...{ endpoint: 'confirm upload', method: 'POST', at: upload(confirmKey), json: body, signal },
        query: { confirm: flag, ...by(strategy), ...inode },
      }),

    abortUpload: (confirmKey: string, signal: AbortSignal): Answered<unknown> =>
      ask(wire.Ignored, 'upload', {
        ...{ endpoint: 'abort upload', method: 'DELETE', at: upload(confirmKey), query: { upload: flag }, signal },
      }),

    // Batches

    batchMove: (items: ReadonlyArray<wire.MoveRequestItem>, signal: AbortSignal) => batch('move', items, signal),
    batchCopy: (items: ReadonlyArray<wire.CopyRequestItem>, signal: AbortSignal) => batch('copy', items, signal),
    batchDelete: (items: ReadonlyArray<wire.DeleteRequestItem>, signal: AbortSignal) => batch('delete', items, signal),

    task: (id: string, signal: AbortSignal): Answered<t.TypeOf<typeof wire.Tasks>> =>
      ask(wire.Tasks, 'task', get('query task', ['task', libraryId, spaceId, id], signal)),

    // The space

    /** `RecycleBinNotEnabled` where there is none. */
    recycleBin: (signal: AbortSignal): Answered<unknown> => {
      const request = get('list recycled', ['recycled', libraryId, spaceId], signal, { 'by-marker': 1, limit: 1 })
      return ask(wire.Ignored, 'space', request)
    },

    /** For administrators. */
    usage: (signal: AbortSignal): Answered<t.TypeOf<typeof wire.SpaceUsages>> =>
      ask(wire.SpaceUsages, 'space', get('usage', ['usage', libraryId, spaceId], signal)),

    spaceSize: (signal: AbortSignal): Answered<t.TypeOf<typeof wire.SpaceSize>> =>
      ask(wire.SpaceSize, 'space', get('space size', ['space', libraryId, spaceId, 'size'], signal)),
  }
}
export type SmhApi = ReturnType<typeof smhApi>

/** The endpoints of tokens themselves, which carry no token. */
export const tokenApi = ({ baseUrl, libraryId }: TencentSmhSettings, http: Http) => {
  const read = decoded(wire.Token, toFault('space'), answerOf)
  const post = { method: 'POST', answer: 'text', repeat: 'guarded' } as const
  return {
    create: (query: Readonly<Record<string, QueryValue>>, signal: AbortSignal): Answered<wire.Token> =>
      pipe(
        http({ ...post, endpoint: 'create token', base: baseUrl, segments: ['api', 'v1', 'token'], query, signal }),
        read,
      ),
    /** The token is part of the path, so the whole URL is a secret. */
    renew: (token: Secret, signal: AbortSignal): Answered<wire.Token> => {
      const at = `api/v1/token/${encodeSegment(libraryId)}/${encodeSegment(reveal(token))}`
      const base = secret(`${baseUrl.replace(/\/$/, '')}/${at}`)
      return pipe(http({ ...post, endpoint: 'renew token', base, signal }), read)
    },
  }
}
