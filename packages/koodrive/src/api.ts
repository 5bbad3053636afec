// One function per endpoint: builds the request, sends it, decodes the response. Changes are sent through `attempt` by their callers.
import { secret, type Fault } from '@anydrive/core'
import { defined, network, unexpectedResponse, type RawResult, type Call } from '@anydrive/core/adapter'
import type { Http, HttpBody, HttpFault, HttpRequest, HttpResponse, QueryValue, RequestKind } from '@anydrive/http'
import type { ServiceClock } from '@anydrive/kit'
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
export interface NewJob {
  /** 1 copies, 2 removes, 3 moves, 4 restores from the recycle bin. */
  readonly taskType: 1 | 2 | 3 | 4
  readonly actionType?: 101 | 201 | 202 | 301 | undefined
  readonly newFilePath?: string | undefined
  readonly items: ReadonlyArray<{ readonly fileId: string; readonly filePath?: string | undefined }>
}

export interface Search {
  readonly keyWord?: string | undefined
  readonly parentFolder: string
  readonly fileType?: string | undefined
  readonly cursor?: string | undefined
  readonly pageSize: number
}

export interface ApiOptions {
  readonly settings: Complete
  /** With the token, or the signature. */
  readonly http: Http<HttpFault | Fault>
  /** For presigned URLs: without. */
  readonly plain: Http
  readonly clock: ServiceClock
  readonly now: () => number
  /** The id of the drive's space. */
  readonly container: (signal: Signal) => RawResult<string>
}

const teamTypes = { department: 0, group: 2 } as const

interface Endpoint {
  readonly endpoint: string
  readonly method: 'GET' | 'POST'
  readonly path: ReadonlyArray<string>
  readonly kind: RequestKind
  readonly query?: { readonly [name: string]: QueryValue } | undefined
  readonly json?: object
  /** `listing` where the response is a page of entries. */
  readonly expects?: 'listing'
}

const get = (endpoint: string, path: ReadonlyArray<string>, query?: Endpoint['query']): Endpoint => ({
  endpoint,
  method: 'GET',
  path,
  query,
  kind: 'read',
})
const post =
  (kind: RequestKind) =>
  (endpoint: string, path: ReadonlyArray<string>, json: object = {}): Endpoint => ({
    endpoint,
    method: 'POST',
    path: ['v1', ...path],
    kind,
    json,
  })
/** A POST that changes nothing. */
const read = post('read')
const change = post('change')

/** Presigned URLs are secrets. What is sent to them carries no token. */
const objectStore = ({ plain, now, settings: { baseUrl: namedBy } }: ApiOptions) => {
  const send = (url: string, request: Omit<HttpRequest, 'base'>) =>
    pipe(
      plain({ ...request, base: secret(url), namedBy }),
      TE.flatMapEither((response): E.Either<Fault | HttpFault, HttpResponse> => {
        const { status } = response
        return status >= 200 && status <= 299 ? E.right(response) : E.left(toFault(response, now()))
      }),
    )
  return {
    /** A change, idempotent. Exactly `body.size` bytes, and no content-type: the URL is signed for that. */
    putPart: (url: string, body: Extract<HttpBody, { readonly stream: unknown }>, signal: Signal): RawResult<void> =>
      pipe(
        send(url, { endpoint: 'putPart', method: 'PUT', body, answer: 'text', kind: 'change', signal }),
        TE.map(() => undefined),
      ),
    /** Safe. The bytes from `start` to before `end`. */
    getContent: (url: string, range: { readonly start: number; readonly end?: number | undefined }, signal: Signal) => {
      const { start, end } = range
      const whole = start === 0 && end === undefined
      const headers = whole ? {} : { Range: `bytes=${start}-${end === undefined ? '' : end - 1}` }
      return pipe(
        send(url, { endpoint: 'getContent', method: 'GET', headers, answer: 'stream', kind: 'read', signal }),
        TE.flatMapEither(({ status, stream }): E.Either<Fault | HttpFault, Readable> => {
          if (stream === undefined)
            return E.left(network({ effect: 'none', http: status, said: 'the response has no content' }))
          if (whole || status === 206) return E.right(stream)
          stream.destroy()
          const issues = [{ at: 'status', expected: '206', got: String(status) }]
          return E.left(unexpectedResponse({ effect: 'none', http: status, issues }))
        }),
      )
    },
  }
}

export const openApi = (options: ApiOptions) => {
  const { settings, clock, container, http, now } = options
  const { baseUrl, language, traceId, space } = settings
  const send = <A>(
    { path, json, ...request }: Endpoint,
    codec: t.Decoder<unknown, A>,
    signal: Signal,
  ): RawResult<A> => {
    const segments = ['koodrive', 'ose', ...path]
    const body = json === undefined ? undefined : { text: JSON.stringify(json), type: 'application/json' }
    const headers = { language, 'X-Traceid': traceId }
    return pipe(
      http({ ...request, base: baseUrl, segments, headers, body, answer: 'text', signal }),
      TE.tapIO((response) => () => clock.observe(response)),
      answered(codec, now),
    )
  }
  /** With the id of the space, which nearly every body has. */
  const within = <A>(at: Endpoint, codec: t.Decoder<unknown, A>, signal: Signal): RawResult<A> =>
    pipe(
      container(signal),
      TE.flatMap((containerId) => send({ ...at, json: { containerId, ...at.json } }, codec, signal)),
    )
  /** 0: the space, 1: its recycle bin. */
  const listPath = (of: '0' | '1') => (space.kind === 'personal' ? ['files', of] : ['files', space.groupId, of])
  const listQuery = space.kind === 'personal' ? {} : { team_type: teamTypes[space.teamType] }
  const jobPath = settings.jobDetailPath === '/{jobId}' ? ['v1'] : ['v1', 'jobs']

  return {
    ...objectStore(options),
    spacesOf: (userId: string, signal: Signal) => send(get('spacesOf', ['v2', 'space', userId]), wire.Spaces, signal),
    /** `type`: 0 a department's, 1 a user's, 2 a group's. */
    spaceOf: (ownerId: string, type: 0 | 1 | 2, signal: Signal) =>
      send(get('spaceOf', ['v1', 'space', ownerId], { type }), wire.OneSpace, signal),
    spaceOfContainer: (containerId: string, signal: Signal) =>
      send(get('spaceOfContainer', ['v1', 'space', 'container', containerId]), wire.OneSpace, signal),
    teams: (page: { readonly offset: number; readonly limit: number }, signal: Signal) =>
      send(get('teams', ['v1', 'space', 'teamList'], page), wire.Teams, signal),
    /** Creates one level; the `fileName` of the response is final. */
    createDirectory: ({ parent, ...directory }: NewDirectory, signal: Signal) => {
      const kind = { fileType: wire.folderType, mimeType: wire.folderMimeType, parentFolder: [parent] }
      return within(change('createDirectory', ['directory'], { ...directory, ...kind }), wire.CreatedDirectory, signal)
    },
    /** Nothing is visible before the upload is complete, but the name is taken. */
    createFile: ({ parent, ...file }: NewFile, signal: Signal) => {
      const kind = {
        fileType: fileTypeOf(file.fileName),
        parentFolder: [parent],
        uploadMode: 'multipart',
        uploadType: 1,
      }
      return within(change('createFile', ['files', 'create'], { ...file, ...kind }), wire.CreatedFile, signal)
    },
    /** Fresh URLs for parts, announced before or not. */
    uploadUrls: (upload: { readonly fileId: string; readonly multiParts: ReadonlyArray<NewPart> }, signal: Signal) =>
      send(read('uploadUrls', ['files', 'multipart', 'uploadUrl'], upload), wire.UploadUrls, signal),
    /** A second call no longer finds the upload. */
    completeFile: (upload: { readonly fileId: string; readonly sha256?: string }, signal: Signal) =>
      send(change('completeFile', ['files', 'complete'], upload), wire.Succeeded, signal),
    /** At most 100 ids. */
    downloadLinks: (fileIds: ReadonlyArray<string>, signal: Signal) =>
      within(read('downloadLinks', ['files', 'download'], { fileIds }), wire.Downloads, signal),
    /** Also of entries in the recycle bin. */
    detail: (fileId: string, signal: Signal) =>
      within(read('detail', ['files', fileId, 'detail']), wire.Detail, signal),
    /** The final name is not in the response. */
    rename: (fileId: string, to: { readonly name: string; readonly renameMode: Mode }, signal: Signal) =>
      within(change('rename', ['files', 'rename', fileId], to), wire.Succeeded, signal),
    /** By name, so that pages are stable. */
    list: (
      page: { readonly parentFileId: string; readonly cursor?: string | undefined; readonly pageSize: number },
      signal: Signal,
    ) => {
      const pageInfo = { pageSize: page.pageSize, ...defined({ pageCursor: page.cursor }) }
      const json = { parentFileId: page.parentFileId, pageInfo, sortInfo: { sortType: 1, sortDirection: 1 } }
      return within(
        { ...read('list', listPath('0'), json), query: listQuery, expects: 'listing' },
        wire.FileList,
        signal,
      )
    },
    /** The top of the recycle bin, newest first. */
    listBin: (page: { readonly cursor?: string | undefined; readonly pageSize: number }, signal: Signal) => {
      const pageInfo = { pageSize: page.pageSize, ...defined({ pageCursor: page.cursor }) }
      const json = { parentFileId: 'root', pageInfo, sortInfo: { sortType: 5, sortDirection: 2 } }
      const at = { ...read('listBin', listPath('1'), json), query: listQuery, expects: 'listing' as const }
      return within(at, wire.FileList, signal)
    },
    /** Starts an asynchronous task without naming it. */
    emptyBin: (signal: Signal) => within(change('emptyBin', ['files', 'recycle']), wire.Succeeded, signal),
    /** Of an index that may lag behind. */
    search: ({ cursor, pageSize, ...filter }: Search, signal: Signal) =>
      pipe(
        container(signal),
        TE.flatMap((containerId) => {
          const json = {
            searchType: space.kind === 'personal' ? 'personal' : 'team',
            pageInfo: { pageSize, ...defined({ pageCursor: cursor }) },
            filter: { ...defined(filter), containerId },
            recursived: true,
          }
          return send({ ...read('search', ['files', 'search'], json), expects: 'listing' }, wire.Hits, signal)
        }),
      ),
    folderStats: (fileId: string, recursive: boolean, signal: Signal) =>
      pipe(
        container(signal),
        TE.map((containerId) =>
          get('folderStats', ['v1', 'files', 'statsDir'], { fileId, containerId, recursive: String(recursive) }),
        ),
        TE.flatMap((at) => send(at, wire.FolderStats, signal)),
        TE.map(({ data }) => data),
      ),
    /** For administrators of the tenant. */
    groups: (page: { readonly offset: number; readonly limit: number }, signal: Signal) =>
      send(get('groups', ['v1', 'space', 'groupList'], page), wire.Groups, signal),
    departments: (page: { readonly offset: number; readonly limit: number }, signal: Signal) =>
      send(get('departments', ['v1', 'space', 'departmentList'], page), wire.Departments, signal),
    /** A left where the token is not valid. */
    checkSession: (signal: Signal) => send(get('checkSession', ['v1', 'session', 'auth']), wire.Succeeded, signal),
    /** The token is no longer valid afterwards. */
    signOut: (signal: Signal) => send(get('signOut', ['v1', 'session', 'logoff']), wire.Succeeded, signal),
    /** The chain of ids and the chain of names. */
    path: (fileId: string, signal: Signal) =>
      pipe(
        container(signal),
        TE.map((containerId) => get('path', ['v1', 'files', 'path'], { fileId, containerId })),
        TE.flatMap((at) => send(at, wire.FullPath, signal)),
      ),
    /** The response means accepted, not done. */
    createJob: ({ taskType, actionType, newFilePath, items }: NewJob, signal: Signal) =>
      pipe(
        container(signal),
        TE.flatMap((id) => {
          const taskInfo = { srcContainerId: id, ...defined({ newFilePath }), fileInfo: items }
          const job = { taskType, ...defined({ actionType }), dstContainerId: id, taskInfo }
          return send(change('createJob', ['jobs'], job), wire.CreatedJob, signal)
        }),
      ),
    jobDetail: (jobId: string, signal: Signal) =>
      pipe(
        send(get('jobDetail', [...jobPath, jobId]), wire.JobDetail, signal),
        TE.map(({ data }) => data),
      ),
    /** Newest first in the only example. */
    jobList: (page: { readonly type?: number; readonly offset: number; readonly limit: number }, signal: Signal) =>
      pipe(
        send(get('jobList', ['v1', 'jobs'], page), wire.JobList, signal),
        TE.map(({ data }) => data ?? []),
      ),
    /** Only a job that is not over can be cancelled. */
    cancelJob: (jobId: string, signal: Signal) =>
      send(change('cancelJob', ['cancel'], { jobId }), wire.Succeeded, signal),
  }
}
export type Api = ReturnType<typeof openApi>

/** How a program gets a token in the first place; nothing of it carries one. */
export const signInApi = ({
  baseUrl,
  http,
  now,
}: {
  readonly baseUrl: string
  readonly http: Http
  readonly now: () => number
}) => {
  const send = <A>(
    request: Pick<HttpRequest, 'endpoint' | 'method' | 'query' | 'body' | 'headers' | 'kind' | 'signal'>,
    path: ReadonlyArray<string>,
    codec: t.Decoder<unknown, A>,
  ): RawResult<A> =>
    pipe(
      http({ ...request, base: baseUrl, segments: ['koodrive', 'ose', 'v1', ...path], answer: 'text' }),
      answered(codec, now),
    )
  return {
    /** Of the standard edition: the page at which the user signs in, which sends them back to `domain` with a code. */
    signInUrl: (domain: string, signal: Signal) =>
      pipe(
        send(
          { endpoint: 'signInUrl', method: 'GET', query: { domain }, kind: 'read', signal },
          ['session', 'authCodeURL'],
          wire.SignInUrl,
        ),
        TE.map((answer) => ('data' in answer ? answer.data : answer.url)),
      ),
    createSession: (json: { readonly code: string; readonly domain?: string }, signal: Signal) =>
      pipe(
        send(
          { endpoint: 'createSession', method: 'POST', body: { json }, kind: 'change', signal },
          ['session', ''],
          wire.CreatedSession,
        ),
        TE.map((answer) => ('data' in answer ? answer.data : answer)),
      ),
    /** Of the carrier edition. */
    login: (
      { agentName, ...json }: { readonly account: string; readonly password: string; readonly agentName: string },
      signal: Signal,
    ) =>
      pipe(
        send(
          {
            ...{ endpoint: 'login', method: 'POST', kind: 'change', signal },
            headers: { 'x-hw-agentname': agentName },
            body: { json: { ...json, authType: '1' } },
          },
          ['auth', 'login'],
          wire.CarrierLogin,
        ),
        TE.map(({ data }) => data.sessionInfo),
      ),
  }
}
