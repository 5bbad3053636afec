// One function per endpoint: it builds the request, sends it once, and decodes the response (docs/wire/tencent-smh.md).
import { reveal, secret, segments, type DrivePath, type Secret } from '@anydrive/core'
import { defined, type RawResult } from '@anydrive/core/adapter'
import {
  decoded,
  encodeSegment,
  flag,
  type Http,
  type HttpMethod,
  type HttpResponse,
  type QueryValue,
} from '@anydrive/http'
import type { Failure, ServiceClock } from '@anydrive/kit'
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

/** What each documented status carries; any other 2xx is an unexpected response. */
type Codecs<A> = Readonly<Partial<Record<number, t.Decoder<unknown, A>>>>

interface Request {
  readonly query?: Readonly<Record<string, QueryValue>>
  /** Not sent where it has no fields. */
  readonly json?: object
  readonly signal: AbortSignal
  /** What a 404 is about. */
  readonly missing?: Missing
  /** `listing` where the response is a page of entries. */
  readonly expects?: 'listing'
  /** It changes nothing, whatever its method. */
  readonly reads?: boolean
}

const undocumented = new t.Type<never>(
  'a documented status',
  (_): _ is never => false,
  (u, context) => t.failure(u, context),
  t.identity,
)
const inode = { with_inode: 1 }
/** What the documents promise of a change that has nothing to report; any other success proves nothing. */
const done: Codecs<Record<never, never>> = { 204: wire.Ignored }
const by = (strategy: wire.Strategy) => ({ conflict_resolution_strategy: strategy })

export const smhApi = (settings: TencentSmhSettings, http: Http<Failure>, clock: ServiceClock) => {
  const { baseUrl: base, libraryId, spaceId = '-', userId } = settings

  const call =
    (method: HttpMethod) =>
    <A>(
      codecs: t.Decoder<unknown, A> | Codecs<A>,
      endpoint: string,
      at: ReadonlyArray<string>,
      { query, json = {}, signal, missing = 'source', expects, reads = method === 'GET' }: Request,
    ): RawResult<A> =>
    async () => {
      const response = await http({
        ...{ endpoint, method, base, segments: ['api', 'v1', ...at], query: { ...query, user_id: userId }, signal },
        ...defined({ body: Object.keys(json).length === 0 ? undefined : { json } }),
        answer: 'text',
        kind: reads ? 'read' : 'change',
        expects,
      })()
      if (E.isLeft(response)) return response
      clock.observe(response.right)
      const { status } = response.right
      const codec = 'decode' in codecs ? codecs : (codecs[status] ?? undocumented)
      const body = await decoded(codec, toFault(missing), answerOf)(TE.of(response.right))()
      // The status says that the work was accepted, even where the body is cut off.
      return E.isLeft(body) && status === 202 ? E.mapLeft(() => body.left)(codec.decode(undefined)) : body
    }
  const [get, put, post, remove] = [call('GET'), call('PUT'), call('POST'), call('DELETE')]

  const directory = (path: DrivePath, space = spaceId) => ['directory', libraryId, space, ...segments(path)]
  const file = (path: DrivePath) => ['file', libraryId, spaceId, ...segments(path)]
  const upload = (confirmKey: string) => ['file', libraryId, spaceId, confirmKey]
  const bin = (...id: ReadonlyArray<string>) => ['recycled', libraryId, spaceId, ...id]
  const search = (call: string) => ['search', libraryId, spaceId, call]
  const history = (of: string) => ['directory-history', libraryId, of]
  const changes = (call: string) => ['fs-delta', libraryId, spaceId, call]
  return {
    /** A file or a directory. */
    info: (path: DrivePath, signal: AbortSignal, space?: string) =>
      get(wire.Info, 'info', directory(path, space), { query: { info: flag, ...inode }, signal }),

    /** Without `by-marker` some libraries refuse; more than 100 entries a page are not promised. */
    list: (path: DrivePath, { marker, limit }: ListPage, signal: AbortSignal, space?: string) => {
      const query = { 'by-marker': 1, marker, limit, ...inode }
      return get(wire.Contents, 'list directory', directory(path, space), { query, signal, expects: 'listing' })
    },

    createDirectory: (path: DrivePath, strategy: wire.Strategy, json: wire.CallerTimes, signal: AbortSignal) => {
      const codecs: Codecs<wire.CreatedDirectory | undefined> =
        strategy === 'rename'
          ? { 200: wire.RenamedDirectory, 201: wire.RenamedDirectory }
          : { 200: wire.CreatedDirectory, 201: wire.CreatedOrEmpty }
      const query = { ...by(strategy), ...inode }
      return put(codecs, 'create directory', directory(path), { query, json, signal, missing: 'parent' })
    },

    copyDirectory: (copyFrom: DrivePath, to: DrivePath, strategy: wire.Strategy, signal: AbortSignal) => {
      const { PlacedOrStarted: placed, Accepted, Ignored } = wire
      const codecs: Codecs<wire.PlacedOrStarted> = { 200: placed, 201: placed, 202: Accepted, 204: Ignored }
      return put(codecs, 'copy directory', directory(to), { query: by(strategy), json: { copyFrom }, signal })
    },

    /** The caller's times, or the type of the content. */
    updateAttributes: (
      path: DrivePath,
      json: wire.CallerTimes | { readonly contentType: string },
      signal: AbortSignal,
    ) => post(done, 'update attributes', directory(path), { query: { update: flag }, json, signal }),

    /** A rename or move within one space, onto a free name. */
    moveFile: (from: DrivePath, to: DrivePath, signal: AbortSignal) => {
      const codecs = { 200: wire.PlacedEntry, 201: wire.PlacedEntry, 204: wire.Ignored }
      const request: Request = { query: by('ask'), json: { from }, signal, missing: 'parent' }
      return put<unknown>(codecs, 'move file', file(to), request)
    },

    /** `historyId`: of an earlier version. `period`: seconds for which the URL is valid; with it, the URL makes a browser save the file. */
    download: (
      path: DrivePath,
      signal: AbortSignal,
      { historyId, period }: { readonly historyId?: string | undefined; readonly period?: number | undefined } = {},
    ) => {
      const link = period === undefined ? {} : { period, content_disposition: 'attachment' }
      return get(wire.Download, 'download', file(path), {
        ...{ query: { info: flag, history_id: historyId, ...link }, signal },
      })
    },

    /** Nothing of it is visible, except with a full hash, which may place the file at once. */
    beginUpload: ({ path, strategy, size, multipart, body }: Begin, signal: AbortSignal): RawResult<Begun> => {
      const isPlacing = body.fullHash !== undefined
      const query = { ...by(strategy), filesize: size, ...(isPlacing ? inode : {}) }
      const codecs: Codecs<wire.BegunUpload | wire.Uploaded | Record<never, never>> = {
        ...{ 201: wire.BegunUpload, 202: wire.Ignored },
        ...(isPlacing ? { 200: wire.Uploaded } : {}),
      }
      const request: Request = { json: body, signal, missing: 'parent' }
      return pipe(
        multipart
          ? post(codecs, 'begin multipart upload', file(path), { ...request, query: { multipart: flag, ...query } })
          : put(codecs, 'begin upload', file(path), { ...request, query }),
        TE.map((begun): Begun => {
          if ('confirmKey' in begun) return { status: 'begun', upload: begun }
          return 'path' in begun ? { status: 'placed', file: begun } : { status: 'candidate' }
        }),
      )
    },

    /** For multipart uploads only. */
    renewUpload: (confirmKey: string, json: wire.PartNumbers, signal: AbortSignal) =>
      post(wire.UploadTarget, 'renew upload', upload(confirmKey), {
        ...{ query: { renew: flag }, json, signal, missing: 'upload' },
      }),

    /** `withCredentials`: also those for its parts. */
    uploadStatus: (confirmKey: string, withCredentials: boolean, signal: AbortSignal) => {
      const query = { upload: flag, ...(withCredentials ? {} : { no_upload_part_info: 1 }) }
      return get(wire.UploadStatus, 'upload status', upload(confirmKey), { query, signal, missing: 'upload' })
    },

    confirmUpload: (confirmKey: string, strategy: wire.Strategy, json: wire.ConfirmBody, signal: AbortSignal) => {
      const query = { confirm: flag, ...by(strategy), ...inode }
      return post(wire.Uploaded, 'confirm upload', upload(confirmKey), {
        ...{ query, json, signal, missing: 'parent' },
      })
    },

    abortUpload: (confirmKey: string, signal: AbortSignal) =>
      remove(done, 'abort upload', upload(confirmKey), {
        ...{ query: { upload: flag }, signal, missing: 'upload' },
      }),

    batch: <V extends keyof wire.RequestItems>(verb: V, json: wire.RequestItems[V], signal: AbortSignal) => {
      const codecs: Codecs<wire.BatchAnswer> = { 200: wire.BatchAnswer, 202: wire.Accepted, 207: wire.BatchAnswer }
      const at = ['batch', libraryId, spaceId]
      return post(codecs, `batch ${verb}`, at, { query: { [verb]: flag }, json, signal, missing: 'parent' })
    },

    task: (id: string, signal: AbortSignal) =>
      get(wire.Tasks, 'query task', ['task', libraryId, spaceId, id], { signal, missing: 'task' }),

    // The recycle bin: `RecycleBinNotEnabled` where there is none.

    listRecycled: ({ marker, limit }: ListPage, signal: AbortSignal) => {
      const query = { 'by-marker': 1, marker, limit, order_by: 'removalTime', order_by_type: 'desc' }
      return get(wire.RecycledPage, 'list recycled', bin(), { query, signal, missing: 'space' })
    },

    recycledInfo: (id: string, signal: AbortSignal) =>
      get(wire.RecycledInfo, 'recycled info', bin(id), { query: { info: flag }, signal }),

    restoreRecycled: (
      id: string,
      strategy: wire.Strategy,
      restore_path_strategy: wire.RestorePathStrategy,
      signal: AbortSignal,
    ) => {
      const query = { restore: flag, ...by(strategy), restore_path_strategy }
      return post(wire.PlacedEntry, 'restore recycled', bin(id), { query, signal, missing: 'parent' })
    },

    /** Always renames where a name is taken. */
    restoreManyRecycled: (
      ids: ReadonlyArray<number>,
      restore_path_strategy: wire.RestorePathStrategy,
      signal: AbortSignal,
    ) => {
      const codecs: Codecs<wire.BatchAnswer> = { 200: wire.BatchAnswer, 202: wire.Accepted, 207: wire.BatchAnswer }
      const query = { restore: flag, restore_path_strategy }
      return post(codecs, 'restore many recycled', bin(), { query, json: ids, signal, missing: 'parent' })
    },

    deleteManyRecycled: (ids: ReadonlyArray<number>, signal: AbortSignal) =>
      post(done, 'delete many recycled', bin(), { query: { delete: flag }, json: ids, signal }),

    /** All items vanish at once; their space is freed in the background. */
    emptyRecycled: (signal: AbortSignal) => remove(done, 'empty recycled', bin(), { signal, missing: 'space' }),

    setRetention: (retentionDays: number, signal: AbortSignal) =>
      post(done, 'recycled lifecycle', bin(), { query: { lifecycle: flag }, json: { retentionDays }, signal }),

    // Search. The newer one must be enabled for the library; the classic one is older.

    searchFs: (json: wire.SearchBody, { marker, limit }: ListPage, signal: AbortSignal) => {
      const query = { marker, limit, ...inode }
      return post(wire.Hits, 'search', search('search-fs'), { query, json, signal, expects: 'listing', reads: true })
    },
    startSearch: (json: wire.ClassicSearchBody, signal: AbortSignal) =>
      post(wire.ClassicHits, 'start search', search('space-contents'), {
        ...{ query: inode, json, signal, expects: 'listing', reads: true },
      }),
    continueSearch: (id: string, marker: string | undefined, signal: AbortSignal) =>
      get(wire.ClassicHits, 'continue search', search(id), { query: { marker }, signal, expects: 'listing' }),
    endSearch: (id: string, signal: AbortSignal) => remove(wire.Ignored, 'end search', search(id), { signal }),

    /** Where an entry is now. */
    byInode: (id: string, signal: AbortSignal) =>
      get(wire.ByInode, 'by inode', ['inode', libraryId, spaceId, id], { signal }),
    deletionReason: (id: string, signal: AbortSignal) =>
      get(wire.DeletionReason, 'deletion reason', ['file-deletion-check', libraryId, spaceId, id], { signal }),

    // Versions of files.

    listHistory: (path: DrivePath, { marker, limit }: ListPage, signal: AbortSignal) =>
      get(wire.History, 'list history', [...history(spaceId), 'history-list', ...segments(path)], {
        ...{ query: { marker, limit }, signal, expects: 'listing' },
      }),
    setLatestVersion: (id: string, signal: AbortSignal) =>
      post(wire.Info, 'set latest version', [...history(spaceId), 'latest-version', id], { signal }),
    /** At most 100. */
    deleteHistory: (ids: ReadonlyArray<number>, signal: AbortSignal) =>
      post(done, 'delete history', [...history(spaceId), 'delete'], { json: ids, signal }),
    historySettings: (signal: AbortSignal) =>
      get(wire.HistorySettings, 'history settings', history('library-history'), { signal, missing: 'space' }),
    /** In effect after about a minute. */
    setHistorySettings: (json: Partial<wire.HistorySettings>, signal: AbortSignal) =>
      post(done, 'set history settings', history('library-history'), { json, signal, missing: 'space' }),
    /** Once a minute at most, and only while no history is kept. */
    clearHistory: (signal: AbortSignal) =>
      remove(wire.Accepted, 'clear history', history('library-history'), { signal, missing: 'space' }),

    // What has changed; not every deployment has it.

    changeCursor: (signal: AbortSignal) => get(wire.ChangeCursor, 'change cursor', changes('cursor'), { signal }),
    /** `limit`: at most 1000. */
    changes: (cursor: string, limit: number, signal: AbortSignal) =>
      get(wire.Changes, 'changes', changes('delta'), { query: { cursor, limit }, signal, expects: 'listing' }),

    createSymlink: (linkTo: DrivePath, at: DrivePath, strategy: wire.Strategy, signal: AbortSignal) =>
      put(wire.PlacedEntry, 'create symlink', file(at), {
        ...{ query: by(strategy), json: { linkTo }, signal, missing: 'parent' },
      }),

    directoryStats: (path: DrivePath, statsType: string, signal: AbortSignal) =>
      get(wire.DirectoryStats, 'directory stats', directory(path), {
        ...{ query: { stats: flag, stats_type: statsType }, signal },
      }),
    calibrateStats: (path: DrivePath, statsType: string, signal: AbortSignal) =>
      put(wire.Accepted, 'calibrate stats', directory(path), {
        ...{ query: { calibrate: flag, stats_type: statsType }, signal },
      }),

    // Spaces, quotas and usage: of the library, mostly for administrators.

    listSpaces: (page: ListPage & { readonly prefix: string | undefined }, signal: AbortSignal) =>
      get(wire.Spaces, 'list spaces', ['space', libraryId, 'list'], {
        ...{ query: { ...page, ordered: 1 }, signal, missing: 'space', expects: 'listing' },
      }),
    countSpaces: (signal: AbortSignal) =>
      get(wire.SpaceCount, 'count spaces', ['space', libraryId, 'count'], { signal, missing: 'space' }),
    createSpace: (id: string | undefined, json: wire.SpaceAttributes, signal: AbortSignal) =>
      post(wire.CreatedSpace, 'create space', ['space', libraryId], {
        ...{ query: { space_id: id }, json, signal, missing: 'space' },
      }),
    deleteSpace: (id: string, force: boolean, signal: AbortSignal) =>
      remove(done, 'delete space', ['space', libraryId, id], {
        ...{ query: { force: force ? 1 : 0 }, signal, missing: 'space' },
      }),
    spaceAttributes: (id: string, signal: AbortSignal) =>
      get(wire.SpaceAttributes, 'space attributes', ['space', libraryId, id, 'extension'], {
        signal,
        missing: 'space',
      }),
    setSpaceAttributes: (id: string, json: wire.SpaceAttributes, signal: AbortSignal) =>
      post(done, 'set space attributes', ['space', libraryId, id, 'extension'], {
        ...{ json, signal, missing: 'space' },
      }),
    fileCounts: (id: string, signal: AbortSignal) =>
      get(wire.FileCounts, 'file counts', ['space', libraryId, id, 'file-count'], { signal, missing: 'space' }),
    createQuota: (json: wire.NewQuota, signal: AbortSignal) =>
      post(wire.CreatedQuota, 'create quota', ['quota', libraryId], { json, signal, missing: 'space' }),
    quotaOfSpace: (id: string, signal: AbortSignal) =>
      get(wire.Quota, 'quota of space', ['space-quota', libraryId, id], { signal, missing: 'space' }),
    quota: (id: string, signal: AbortSignal) =>
      get(wire.Quota, 'quota', ['quota', libraryId, id], { signal, missing: 'space' }),
    updateQuota: (id: string, json: Partial<wire.NewQuota>, signal: AbortSignal) =>
      put(done, 'update quota', ['quota', libraryId, id], { json, signal, missing: 'space' }),
    libraryUsage: (signal: AbortSignal) =>
      get(wire.LibraryUsage, 'library usage', ['usage', libraryId], { signal, missing: 'space' }),

    /** One task, by the newer call. */
    taskResult: (id: string, signal: AbortSignal) =>
      get(wire.TaskResult2, 'task result', ['task-result', libraryId, spaceId, id], { signal, missing: 'task' }),
    libraryTaskResult: (id: string, signal: AbortSignal) =>
      get(wire.TaskResult2, 'library task result', ['task-result', libraryId, id], { signal, missing: 'task' }),

    /** For administrators. */
    usage: (signal: AbortSignal) =>
      get(wire.SpaceUsages, 'usage', ['usage', libraryId, spaceId], { signal, missing: 'space' }),
    spaceSize: (signal: AbortSignal) =>
      get(wire.SpaceSize, 'space size', ['space', libraryId, spaceId, 'size'], { signal, missing: 'space' }),
  }
}
export type SmhApi = ReturnType<typeof smhApi>

/** The endpoints of tokens themselves, which carry no token. */
export const tokenApi = ({ baseUrl, libraryId }: TencentSmhSettings, http: Http) => {
  const read = decoded(wire.Token, toFault('space'), answerOf)
  /** The vendor's tests also take 200 from the removal of all tokens of a user. */
  const done = (...statuses: ReadonlyArray<number>) =>
    TE.flatMap((response: HttpResponse) =>
      decoded(
        statuses.includes(response.status) ? wire.Ignored : undocumented,
        toFault('space'),
        answerOf,
      )(TE.of(response)),
    )
  const post = { method: 'POST', answer: 'text', kind: 'change' } as const
  const remove = { ...post, method: 'DELETE' } as const
  /** The token is part of the path, so the whole URL is a secret. */
  const at = (token: Secret): Secret =>
    secret(`${baseUrl.replace(/\/$/, '')}/api/v1/token/${encodeSegment(libraryId)}/${encodeSegment(reveal(token))}`)
  return {
    create: (query: Readonly<Record<string, QueryValue>>, signal: AbortSignal): RawResult<wire.Token> =>
      pipe(
        http({ ...post, endpoint: 'create token', base: baseUrl, segments: ['api', 'v1', 'token'], query, signal }),
        read,
      ),
    renew: (token: Secret, signal: AbortSignal): RawResult<wire.Token> =>
      pipe(http({ ...post, endpoint: 'renew token', base: at(token), signal }), read),
    revoke: (token: Secret, signal: AbortSignal): RawResult<unknown> =>
      pipe(http({ ...remove, endpoint: 'delete token', base: at(token), signal }), done(204)),
    /** All of a business user's. */
    revokeOf: (user: string, library_secret: Secret, signal: AbortSignal): RawResult<unknown> => {
      const query = { user_id: user, library_secret }
      const segments = ['api', 'v1', 'token', libraryId]
      return pipe(
        http({ ...remove, endpoint: 'delete user tokens', base: baseUrl, segments, query, signal }),
        done(200, 204),
      )
    },
  }
}
