// One function for each endpoint: builds the request, sends it, decodes the response. No policy.
import type { ByteRange, DrivePath, Fault } from '@anydrive/core'
import type { RawResult } from '@anydrive/core/adapter'
import { decoded, type Http, type HttpBody, type HttpFault, type HttpRequest, type HttpResponse } from '@anydrive/http'
import type { ServiceClock } from '@anydrive/kit'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type * as t from 'io-ts'
import { toFault } from './errors'
import { pathText } from './translate'
import { Node, Nodes, Results } from './wire'

/** Box's word for what to do when a name is taken. */
export type Conflict = 'fail' | 'number' | 'replace'

export interface Moving {
  readonly from: DrivePath
  readonly to: DrivePath
  readonly onConflict: Conflict
}
export interface Uploading {
  readonly path: DrivePath
  readonly onConflict: Conflict
  /** Of the whole body, as hex: Box refuses other bytes. */
  readonly sha256: string
  readonly body: HttpBody
}

const get = (endpoint: string, query: HttpRequest['query']) =>
  ({ endpoint, method: 'GET', segments: [endpoint], query }) as const
const post = (endpoint: string, json: object) =>
  ({ endpoint, method: 'POST', segments: [endpoint], body: { json } }) as const

/**
 * Requests that change nothing are `safe`: the transport repeats them. All others are `guarded`: it repeats only those that certainly had no
 * effect, and `attempt` in `drive.ts` decides about the rest.
 */
export const boxApi = (http: Http<HttpFault | Fault>, base: string, clock: ServiceClock) => {
  const ask = <A>(codec: t.Decoder<unknown, A>, request: Omit<HttpRequest, 'base' | 'answer'>): RawResult<A> =>
    pipe(
      http({ ...request, base, answer: 'text' }),
      TE.tapIO((response) => () => clock.observe(response)),
      decoded(codec, toFault),
    )

  return {
    stat: (path: DrivePath, signal: AbortSignal) =>
      ask(Node, { ...get('stat', { path: pathText(path) }), kind: 'read', signal }),

    list: (
      path: DrivePath,
      page: { readonly cursor?: string | undefined; readonly limit: number },
      signal: AbortSignal,
    ) => ask(Nodes, { ...get('list', { path: pathText(path), ...page }), kind: 'read', signal }),

    mkdir: (path: DrivePath, onConflict: Conflict, signal: AbortSignal) =>
      ask(Node, { ...post('mkdir', { path: pathText(path), onConflict }), kind: 'change', signal }),

    /** Each item by itself, in order; one that fails does not stop the others. The same holds for `remove`. */
    move: (items: ReadonlyArray<Moving>, signal: AbortSignal) => {
      const sent = items.map(({ from, to, onConflict }) => ({ from: pathText(from), to: pathText(to), onConflict }))
      return ask(Results, { ...post('move', { items: sent }), kind: 'change', signal })
    },

    remove: (paths: ReadonlyArray<DrivePath>, signal: AbortSignal) =>
      ask(Results, { ...post('remove', { paths: paths.map(pathText) }), kind: 'change', signal }),

    upload: ({ path, onConflict, sha256, body }: Uploading, signal: AbortSignal) =>
      ask(Node, {
        ...{ endpoint: 'upload', method: 'PUT', segments: ['content'], query: { path: pathText(path), onConflict } },
        headers: { 'x-box-sha256': sha256 },
        body,
        kind: 'change',
        signal,
      }),

    /** The response has a stream, which the caller reads to its end or destroys. */
    download: (path: DrivePath, { start, end }: ByteRange, signal: AbortSignal): RawResult<HttpResponse> =>
      pipe(
        http({
          ...{ endpoint: 'download', method: 'GET', segments: ['content'], query: { path: pathText(path) } },
          headers: { range: `bytes=${start}-${end === undefined ? '' : end - 1}` },
          base,
          answer: 'stream',
          kind: 'read',
          signal,
        }),
        TE.flatMap((response) => (response.stream === undefined ? TE.left(toFault(response)) : TE.right(response))),
      ),
  }
}
export type BoxApi = ReturnType<typeof boxApi>
