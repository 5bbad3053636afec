// One function per endpoint: builds the request, sends it, decodes the answer. `guarded` calls are repeated by nobody here.
import { network, secret, unexpectedResponse, type Answered, type Call, type Fault } from '@anydrive/core'
import type { Http, HttpBody, HttpFault, HttpRequest, HttpResponse, QueryValue, Repeat } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type * as t from 'io-ts'
import type { Readable } from 'node:stream'
import { answered } from './answered'
import type { Complete } from './settings'
import { fileTypeOf, toFault } from './translate'
import * as wire from './wire'

type Signal = Call['signal']
type Listing = { readonly parentFileId: string; readonly cursor?: string | undefined; readonly pageSize: number }
export type NewPart = { readonly partNumber: number; readonly partSize: number }
export interface NewFile {
  readonly fileName: string
  readonly parent: string
  readonly length: number
  readonly autoRename: 2 | 3
  readonly multiParts: ReadonlyArray<NewPart>
  readonly sha256?: string | undefined
  readonly mimeType?: string | undefined
  readonly createdTime?: string | undefined
}
export interface NewDirectory {
  readonly fileName: string
  readonly parent: string
  readonly renameMode: 2 | 3
  readonly createdTime?: string | undefined
}
export interface Renaming {
  readonly fileId: string
  readonly name: string
  readonly renameMode: 2 | 3
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
  /** The id of the space that is worked in. */
  readonly container: (signal: Signal) => Answered<string>
}

interface Endpoint {
  readonly endpoint: string
  readonly method: 'GET' | 'POST'
  readonly path: ReadonlyArray<string>
  readonly repeat: Repeat
  readonly query?: { readonly [name: string]: QueryValue } | undefined
}

const teamTypes = { department: 0, group: 2 } as const

/** Sends to the API, whatever the space. */
const sender = ({ settings, http, now }: Pick<ApiOptions, 'settings' | 'http' | 'now'>) => {
  const { baseUrl, language } = settings
  return <A>(at: Endpoint, codec: t.Decoder<unknown, A>, json: object | undefined, signal: Signal): Answered<A> => {
    const body: HttpBody | undefined =
      json === undefined ? undefined : { text: JSON.stringify(json), type: 'application/json' }
    const request: HttpRequest = {
      endpoint: at.endpoint,
      method: at.method,
      base: baseUrl,
      segments: ['koodrive', 'ose', ...at.path],
      query: at.query,
      headers: { language },
      body,
      answer: 'text',
      repeat: at.repeat,
      signal,
    }
    return pipe(http(request), answered(codec, now))
  }
}

/** The calls that find the space itself. */
export const spaceApi = (options: Pick<ApiOptions, 'settings' | 'http' | 'now'>) => {
  const send = sender(options)
  const get = (endpoint: string, path: ReadonlyArray<string>, query?: Endpoint['query']): Endpoint => ({
    endpoint,
    method: 'GET',
    path,
    query,
    repeat: 'safe',
  })
  return {
    spacesOf: (userId: string, signal: Signal) =>
      send(get('spacesOf', ['v2', 'space', userId]), wire.Spaces, undefined, signal),
    /** `type`: 0 a department's, 1 a user's, 2 a group's. */
    spaceOf: (ownerId: string, type: 0 | 1 | 2, signal: Signal) =>
      send(get('spaceOf', ['v1', 'space', ownerId], { type }), wire.OneSpace, undefined, signal),
    spaceOfContainer: (containerId: string, signal: Signal) =>
      send(get('spaceOfContainer', ['v1', 'space', 'container', containerId]), wire.OneSpace, undefined, signal),
    teams: (page: { readonly offset: number; readonly limit: number }, signal: Signal) =>
      send(get('teams', ['v1', 'space', 'teamList'], page), wire.Teams, undefined, signal),
  }
}
export type SpaceApi = ReturnType<typeof spaceApi>

/** Presigned URLs are secrets; what is sent to them carries no other. */
const objectStore = ({ plain, now }: Pick<ApiOptions, 'plain' | 'now'>) => {
  const request = (url: string, rest: Pick<HttpRequest, 'endpoint' | 'method' | 'answer' | 'signal'>) =>
    ({ base: secret(url), repeat: 'idempotent', ...rest }) as const
  const ok = (response: HttpResponse): E.Either<Fault, HttpResponse> =>
    response.status >= 200 && response.status <= 299 ? E.right(response) : E.left(toFault(response, now()))
  return {
    /** Idempotent. Exactly `body.size` bytes, and no content-type: the URL is signed for that. */
    putPart: (url: string, body: Extract<HttpBody, { readonly stream: unknown }>, signal: Signal): Answered<void> =>
      pipe(
        plain({ ...request(url, { endpoint: 'putPart', method: 'PUT', answer: 'text', signal }), body }),
        TE.flatMapEither((response): E.Either<Fault | HttpFault, HttpResponse> => ok(response)),
        TE.map(() => undefined),
      ),
    /** Safe. From `start` to before `end`. */
    getContent: (url: string, range: { readonly start: number; readonly end?: number | undefined }, signal: Signal) => {
      const { start, end } = range
      const whole = start === 0 && end === undefined
      const headers = whole ? {} : { Range: `bytes=${start}-${end === undefined ? '' : end - 1}` }
      return pipe(
        plain({ ...request(url, { endpoint: 'getContent', method: 'GET', answer: 'stream', signal }), headers }),
        TE.flatMapEither((response): E.Either<Fault | HttpFault, HttpResponse> => ok(response)),
        TE.flatMapEither((response): E.Either<Fault | HttpFault, Readable> => {
          const { status, stream } = response
          if (stream === undefined) return E.left(network({ http: status, said: 'the answer has no content' }))
          if (whole || status === 206) return E.right(stream)
          stream.destroy()
          return E.left(
            unexpectedResponse({ http: status, issues: [{ at: 'status', expected: '206', got: String(status) }] }),
          )
        }),
      )
    },
  }
}

export const openApi = (options: ApiOptions) => {
  const { settings, container } = options
  const send = sender(options)
  const post = (endpoint: string, repeat: Repeat, ...path: ReadonlyArray<string>): Endpoint => ({
    endpoint,
    method: 'POST',
    path: ['v1', ...path],
    repeat,
  })
  const get = (endpoint: string, path: ReadonlyArray<string>, query?: Endpoint['query']): Endpoint => ({
    endpoint,
    method: 'GET',
    path: ['v1', ...path],
    query,
    repeat: 'safe',
  })
  /** With the id of the space, which nearly every body has. */
  const within = <A>(at: Endpoint, codec: t.Decoder<unknown, A>, json: object, signal: Signal): Answered<A> =>
    pipe(
      container(signal),
      TE.flatMap((containerId) => send(at, codec, { containerId, ...json }, signal)),
    )
  const space = settings.space
  const listed: Endpoint =
    space.kind === 'personal'
      ? post('list', 'safe', 'files', '0')
      : { ...post('list', 'safe', 'files', space.groupId, '0'), query: { team_type: teamTypes[space.teamType] } }
  const jobPath = settings.jobDetailPath === '/{jobId}' ? [] : ['jobs']

  return {
    ...objectStore(options),
    /** Guarded: a folder of the name, where there was none. One level; the answer's name is final. */
    createDirectory: ({ parent, ...directory }: NewDirectory, signal: Signal) =>
      within(
        post('createDirectory', 'guarded', 'directory'),
        wire.CreatedDirectory,
        { ...directory, fileType: wire.folderType, mimeType: wire.folderMimeType, parentFolder: [parent] },
        signal,
      ),
    /** Guarded: nothing is seen before the upload is complete, but the name is held. */
    createFile: ({ parent, ...file }: NewFile, signal: Signal) =>
      within(
        post('createFile', 'guarded', 'files', 'create'),
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
    /** Safe. New URLs for parts announced or not. */
    uploadUrls: (upload: { readonly fileId: string; readonly multiParts: ReadonlyArray<NewPart> }, signal: Signal) =>
      send(post('uploadUrls', 'safe', 'files', 'multipart', 'uploadUrl'), wire.UploadUrls, upload, signal),
    /** Guarded by a look at the details: a second call no longer finds the upload. */
    completeFile: (upload: { readonly fileId: string; readonly sha256: string }, signal: Signal) =>
      send(post('completeFile', 'guarded', 'files', 'complete'), wire.Nothing, upload, signal),
    /** Safe. At most 100 ids. */
    downloadLinks: (fileIds: ReadonlyArray<string>, signal: Signal) =>
      within(post('downloadLinks', 'safe', 'files', 'download'), wire.Downloads, { fileIds }, signal),
    /** Safe. Also of what lies in the recycle bin. */
    detail: (fileId: string, signal: Signal) =>
      within(post('detail', 'safe', 'files', fileId, 'detail'), wire.File, {}, signal),
    /** Guarded by a look at the details. The final name is not in the answer. */
    rename: ({ fileId, name, renameMode }: Renaming, signal: Signal) =>
      within(post('rename', 'guarded', 'files', 'rename', fileId), wire.Nothing, { name, renameMode }, signal),
    /** Safe. By name, so that pages are stable. */
    list: ({ parentFileId, cursor, pageSize }: Listing, signal: Signal) =>
      within(
        listed,
        wire.FileList,
        {
          parentFileId,
          pageInfo: { pageSize, ...(cursor === undefined ? {} : { pageCursor: cursor }) },
          sortInfo: { sortType: 1, sortDirection: 1 },
        },
        signal,
      ),
    /** Safe. The chain of ids and the chain of names. */
    path: (fileId: string, signal: Signal) =>
      pipe(
        container(signal),
        TE.flatMap((containerId) =>
          send(get('path', ['files', 'path'], { fileId, containerId }), wire.FullPath, undefined, signal),
        ),
      ),
    /** Guarded by a look through newer jobs. Accepted, not done. */
    createJob: ({ taskType, actionType, newFilePath, items }: NewJob, signal: Signal) =>
      pipe(
        container(signal),
        TE.flatMap((id) => {
          const target = newFilePath === undefined ? {} : { newFilePath }
          const taskInfo = { srcContainerId: id, ...target, fileInfo: items }
          const job = { taskType, actionType, dstContainerId: id, taskInfo }
          return send(post('createJob', 'guarded', 'jobs'), wire.CreatedJob, job, signal)
        }),
      ),
    /** Safe. */
    jobDetail: (jobId: string, signal: Signal) =>
      pipe(
        send(get('jobDetail', [...jobPath, jobId]), wire.JobDetail, undefined, signal),
        TE.map(({ data }) => data),
      ),
    /** Safe. Newest first in the only example. */
    jobList: (page: { readonly type?: number; readonly offset: number; readonly limit: number }, signal: Signal) =>
      pipe(
        send(get('jobList', ['jobs'], page), wire.JobList, undefined, signal),
        TE.map(({ data }) => data ?? []),
      ),
    /** Idempotent as far as is known: only a job that is not over can be cancelled. */
    cancelJob: (jobId: string, signal: Signal) =>
      send(post('cancelJob', 'idempotent', 'cancel'), wire.Nothing, { jobId }, signal),
  }
}
export type Api = ReturnType<typeof openApi>
