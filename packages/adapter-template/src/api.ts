// One function an endpoint: builds the request, sends it, decodes the answer. No policy.
import type { Answered, ByteRange, DrivePath, Secret } from '@anydrive/core'
import { decoded, type Http, type HttpBody, type HttpFault, type HttpRequest, type HttpResponse } from '@anydrive/http'
import type { Fault } from '@anydrive/core'
import * as TE from 'fp-ts/TaskEither'
import { pipe } from 'fp-ts/function'
import type * as t from 'io-ts'
import { toFault } from './translate'
import { Node, Nodes, Results } from './wire'

type Sending = Http<HttpFault | Fault>
type Conflict = 'fail' | 'number' | 'replace'

/** The vendor's paths begin with a slash. */
const text = (path: DrivePath): string => `/${path}`

export const putToken =
  (token: Secret) =>
  (request: HttpRequest): HttpRequest => ({
    ...request,
    headers: { ...request.headers, 'x-box-token': token },
  })

export const boxApi = (http: Sending, base: string) => {
  const ask = <A>(codec: t.Decoder<unknown, A>, request: Omit<HttpRequest, 'base' | 'answer'>): Answered<A> =>
    pipe(http({ ...request, base, answer: 'text' }), decoded(codec, toFault))

  return {
    /** safe */
    stat: (path: DrivePath, signal: AbortSignal) =>
      ask(Node, {
        endpoint: 'stat',
        method: 'GET',
        segments: ['stat'],
        query: { path: text(path) },
        repeat: 'safe',
        signal,
      }),

    /** safe */
    list: (
      path: DrivePath,
      page: { readonly cursor?: string | undefined; readonly limit: number },
      signal: AbortSignal,
    ) =>
      ask(Nodes, {
        endpoint: 'list',
        method: 'GET',
        segments: ['list'],
        query: { path: text(path), ...page },
        repeat: 'safe',
        signal,
      }),

    /** guarded: by a look at the path, under `fail`; under `number` nobody can tell. */
    mkdir: (path: DrivePath, onConflict: Conflict, signal: AbortSignal) =>
      ask(Node, {
        endpoint: 'mkdir',
        method: 'POST',
        segments: ['mkdir'],
        body: { json: { path: text(path), onConflict } },
        repeat: 'guarded',
        signal,
      }),

    /** guarded: what a lost answer leaves in doubt, core tells as `Indeterminate`. The next two as well. */
    move: (
      items: ReadonlyArray<{ readonly from: DrivePath; readonly to: DrivePath; readonly onConflict: Conflict }>,
      signal: AbortSignal,
    ) => {
      const json = { items: items.map(({ from, to, onConflict }) => ({ from: text(from), to: text(to), onConflict })) }
      return ask(Results, {
        endpoint: 'move',
        method: 'POST',
        segments: ['move'],
        body: { json },
        repeat: 'guarded',
        signal,
      })
    },
    remove: (paths: ReadonlyArray<DrivePath>, signal: AbortSignal) =>
      ask(Results, {
        endpoint: 'remove',
        method: 'POST',
        segments: ['remove'],
        body: { json: { paths: paths.map(text) } },
        repeat: 'guarded',
        signal,
      }),
    upload: (path: DrivePath, onConflict: Conflict, sha256: string, body: HttpBody, signal: AbortSignal) => {
      const query = { path: text(path), onConflict }
      const headers = { 'x-box-sha256': sha256 }
      return ask(Node, {
        endpoint: 'upload',
        method: 'PUT',
        segments: ['content'],
        query,
        headers,
        body,
        repeat: 'guarded',
        signal,
      })
    },

    /** safe */
    download: (path: DrivePath, { start, end }: ByteRange, signal: AbortSignal): Answered<HttpResponse> => {
      const headers = { range: `bytes=${start}-${end === undefined ? '' : end - 1}` }
      const request = {
        endpoint: 'download',
        method: 'GET',
        segments: ['content'],
        query: { path: text(path) },
        repeat: 'safe',
      } as const
      return pipe(
        http({ ...request, headers, base, answer: 'stream', signal }),
        TE.flatMap((response) => (response.stream === undefined ? TE.left(toFault(response)) : TE.right(response))),
      )
    },
  }
}
export type BoxApi = ReturnType<typeof boxApi>
