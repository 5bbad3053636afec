// One function per endpoint: builds the request, sends it, decodes the response. Changes are sent through `attempt` by their callers.
import { defined, network, secret, unexpectedResponse, type Answered, type Call, type Fault } from '@anydrive/core'
import type { Http, HttpBody, HttpFault, HttpRequest, HttpResponse, QueryValue, RequestKind } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type * as t from 'io-ts'
import type { Readable } from 'node:stream'
import { answered, toFault } from './errors'
import type { Complete } from './settings'
import { fileTypeOf, type Mode } from './translate'
import * as wire from './wire'

type Signal = Call['signal']
type Listing = { readonly parentFileId: string; readonly cursor?: string | undefined; readonly pageSize: number }
export type NewPart = { readonly partNumber: number; readonly partSize: number }
export interface NewFile {
  readonly fileName: string
  readonly parent: string
  readonly length: number
  readonly autoRename: Mode
  readonly multiParts: ReadonlyArray<NewPart>
  readonly sha256?: string | undefined
  readonly mimeType?: string | undefined
  readonly createdTime?: string | undefined
}
export interface NewDirectory {
  readonly fileName: string
  readonly parent: string
  readonly renameMode: Mode
  readonly createdTime?: string | undefined
  readonly editedTime?: string | undefined
  readonly description?: string | undefined
}
export interface Renaming {
  readonly fileId: string
  readonly name: string
  readonly renameMode: Mode
}
export interface NewJob {
  readonly taskType: 1 | 2 | 3
  readonly actionType: 101 | 201 | 202 | 301
  readonly newFilePath?: string | undefined
  readonly items: ReadonlyArray<{ readonly fileId: string; readonly filePath?: string | undefined }>
}

export interface ApiOptions {
  readonly settings: Complete
  /** With the token, or the signature. */
  readonly http: Http<HttpFault | Fault>
  /** For presigned URLs: without. */
  readonly plain: Http
  readonly now: () => number
  /** The id of the drive's space. */
  readonly container: (signal: Signal) => Answered<string>
}

const teamTypes = { department: 0, group: 2 } as const

interface Endpoint {
  readonly endpoint: string
  readonly method: 'GET' | 'POST'
  readonly path: ReadonlyArray<string>
  readonly kind: RequestKind
  readonly query?: { readonly [name: string]: QueryValue } | undefined
}

const post = (endpoint: string, kind: RequestKind, ...path: ReadonlyArray<string>): Endpoint => ({
  endpoint,
  method: 'POST',
  path: ['v1', ...path],
  kind,
})
const get = (endpoint: string, path: ReadonlyArray<string>, query?: Endpoint['query']): Endpoint => ({
  endpoint,
  method: 'GET',
  path,
  query,
  kind: 'read',
})

/** Presigned URLs are secrets. What is sent to them carries no token. */
const objectStore = ({ plain, now }: Pick<ApiOptions, 'plain' | 'now'>) => {
  const request = (url: string, rest: Pick<HttpRequest, 'endpoint' | 'method' | 'answer' | 'signal'>) =>
    ({ base: secret(url), ...rest }) as const
  const ok = (response: HttpResponse): E.Either<Fault, HttpResponse> =>
    response.status >= 200 && response.status <= 299 ? E.right(response) : E.left(toFault(response, now()))
  return {
    /** A change, idempotent. Exactly `body.size` bytes, and no content-type: the URL is signed for that. */
    putPart: (url: string, body: Extract<HttpBody, { readonly stream: unknown }>, signal: Signal): Answered<void> =>
      pipe(
        plain({
          ...request(url, { endpoint: 'putPart', method: 'PUT', answer: 'text', signal }),
          body,
          kind: 'change',
        }),
        TE.flatMapEither((response): E.Either<Fault | HttpFault, HttpResponse> => ok(response)),
        TE.map(() => undefined),
      ),
    /** Safe. The bytes from `start` to before `end`. */
    getContent: (url: string, range: { readonly start: number; readonly end?: number | undefined }, signal: Signal) => {
      const { start, end } = range
      const whole = start === 0 && end === undefined
      const headers = whole ? {} : { Range: `bytes=${start}-${end === undefined ? '' : end - 1}` }
      return pipe(
        plain({
          ...request(url, { endpoint: 'getContent', method: 'GET', answer: 'stream', signal }),
          headers,
          kind: 'read',
        }),
        TE.flatMapEither((response): E.Either<Fault | HttpFault, HttpResponse> => ok(response)),
        TE.flatMapEither((response): E.Either<Fault | HttpFault, Readable> => {
          const { status, stream } = response
          if (stream === undefined)
            return E.left(network({ effect: 'none', http: status, said: 'the response has no content' }))
          if (whole || status === 206) return E.right(stream)
          stream.destroy()
          return E.left(
            unexpectedResponse({
              effect: 'none',
              http: status,
              issues: [{ at: 'status', expected: '206', got: String(status) }],
            }),
          )
        }),
      )
    },
  }
}

export const openApi = (options: ApiOptions) => {
  const { settings, container, http, now } = options
  const { baseUrl, language, traceId, space } = settings
  const send = <A>(
    at: Endpoint,
    codec: t.Decoder<unknown, A>,
    json: object | undefined,
    signal: Signal,
  ): Answered<A> => {
    const { endpoint, method, query, kind } = at
    const segments = ['koodrive', 'ose', ...at.path]
    const body = json === undefined ? undefined : { text: JSON.stringify(json), type: 'application/json' }
    const headers = { language, 'X-Traceid': traceId }
    return pipe(
      http({ endpoint, method, base: baseUrl, segments, query, headers, body, answer: 'text', kind, signal }),
      answered(codec, now),
    )
  }
  /** With the id of the space, which nearly every body has. */
  const within = <A>(at: Endpoint, codec: t.Decoder<unknown, A>, json: object, signal: Signal): Answered<A> =>
    pipe(
      container(signal),
      TE.flatMap((containerId) => send(at, codec, { containerId, ...json }, signal)),
    )
  const listed: Endpoint =
    space.kind === 'personal'
      ? post('list', 'read', 'files', '0')
      : { ...post('list', 'read', 'files', space.groupId, '0'), query: { team_type: teamTypes[space.teamType] } }
  const jobPath = settings.jobDetailPath === '/{jobId}' ? [] : ['jobs']

  return {
    ...objectStore(options),
    /** Safe, as all that find the space. */
    spacesOf: (userId: string, signal: Signal) =>
      send(get('spacesOf', ['v2', 'space', userId]), wire.Spaces, undefined, signal),
    /** `type`: 0 a department's, 1 a user's, 2 a group's. */
    spaceOf: (ownerId: string, type: 0 | 1 | 2, signal: Signal) =>
      send(get('spaceOf', ['v1', 'space', ownerId], { type }), wire.OneSpace, undefined, signal),
    spaceOfContainer: (containerId: string, signal: Signal) =>
      send(get('spaceOfContainer', ['v1', 'space', 'container', containerId]), wire.OneSpace, undefined, signal),
    teams: (page: { readonly offset: number; readonly limit: number }, signal: Signal) =>
      send(get('teams', ['v1', 'space', 'teamList'], page), wire.Teams, undefined, signal),
    /** A change. Creates one level; the `fileName` of the response is final. */
    createDirectory: ({ parent, ...directory }: NewDirectory, signal: Signal) =>
      within(
        post('createDirectory', 'change', 'directory'),
        wire.CreatedDirectory,
        { ...directory, fileType: wire.folderType, mimeType: wire.folderMimeType, parentFolder: [parent] },
        signal,
      ),
    /** A change: nothing is visible before the upload is complete, but the name is taken. */
    createFile: ({ parent, ...file }: NewFile, signal: Signal) =>
      within(
        post('createFile', 'change', 'files', 'create'),
        wire.CreatedFile,
        {
          ...file,
          fileType: fileTypeOf(file.fileName),
          parentFolder: [parent],
          uploadMode: 'multipart',
          uploadType: 1,
        },
        signal,
      ),
    /** Safe. Fresh URLs for parts, announced before or not. */
    uploadUrls: (upload: { readonly fileId: string; readonly multiParts: ReadonlyArray<NewPart> }, signal: Signal) =>
      send(post('uploadUrls', 'read', 'files', 'multipart', 'uploadUrl'), wire.UploadUrls, upload, signal),
    /** A change: a second call no longer finds the upload. */
    completeFile: (upload: { readonly fileId: string; readonly sha256: string }, signal: Signal) =>
      send(post('completeFile', 'change', 'files', 'complete'), wire.Succeeded, upload, signal),
    /** Safe. At most 100 ids. */
    downloadLinks: (fileIds: ReadonlyArray<string>, signal: Signal) =>
      within(post('downloadLinks', 'read', 'files', 'download'), wire.Downloads, { fileIds }, signal),
    /** Safe. Also of entries in the recycle bin. */
    detail: (fileId: string, signal: Signal) =>
      within(post('detail', 'read', 'files', fileId, 'detail'), wire.File, {}, signal),
    /** A change. The final name is not in the response. */
    rename: ({ fileId, name, renameMode }: Renaming, signal: Signal) =>
      within(post('rename', 'change', 'files', 'rename', fileId), wire.Succeeded, { name, renameMode }, signal),
    /** Safe. By name, so that pages are stable. */
    list: ({ parentFileId, cursor, pageSize }: Listing, signal: Signal) =>
      within(
        listed,
        wire.FileList,
        {
          parentFileId,
          pageInfo: { pageSize, ...defined({ pageCursor: cursor }) },
          sortInfo: { sortType: 1, sortDirection: 1 },
        },
        signal,
      ),
    /** Safe. The chain of ids and the chain of names. */
    path: (fileId: string, signal: Signal) =>
      pipe(
        container(signal),
        TE.flatMap((containerId) =>
          send(get('path', ['v1', 'files', 'path'], { fileId, containerId }), wire.FullPath, undefined, signal),
        ),
      ),
    /** A change. The response means accepted, not done. */
    createJob: ({ taskType, actionType, newFilePath, items }: NewJob, signal: Signal) =>
      pipe(
        container(signal),
        TE.flatMap((id) => {
          const taskInfo = { srcContainerId: id, ...defined({ newFilePath }), fileInfo: items }
          const job = { taskType, actionType, dstContainerId: id, taskInfo }
          return send(post('createJob', 'change', 'jobs'), wire.CreatedJob, job, signal)
        }),
      ),
    /** Safe. */
    jobDetail: (jobId: string, signal: Signal) =>
      pipe(
        send(get('jobDetail', ['v1', ...jobPath, jobId]), wire.JobDetail, undefined, signal),
        TE.map(({ data }) => data),
      ),
    /** Safe. Newest first in the only example. */
    jobList: (page: { readonly type?: number; readonly offset: number; readonly limit: number }, signal: Signal) =>
      pipe(
        send(get('jobList', ['v1', 'jobs'], page), wire.JobList, undefined, signal),
        TE.map(({ data }) => data ?? []),
      ),
    /** A change, idempotent: only a job that is not over can be cancelled. */
    cancelJob: (jobId: string, signal: Signal) =>
      send(post('cancelJob', 'change', 'cancel'), wire.Succeeded, { jobId }, signal),
  }
}
export type Api = ReturnType<typeof openApi>
