// One function a method: builds the request, sends it, decodes the answer. No policy.
import {
  invalidPath,
  nameOf,
  segments,
  unexpectedResponse,
  type Answered,
  type DrivePath,
  type Fault,
} from '@anydrive/core'
import { urlOf, type HttpBody, type HttpRequest, type HttpResponse } from '@anydrive/http'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Readable } from 'node:stream'
import type { Transport } from './auth'
import { faultOf, toFault } from './faults'
import { MultistatusError, responsesOf } from './multistatus'
import { segmentsIn } from './translate'
import { propfind, type Asking, type DavResponse } from './wire'

/** A collection's address ends with a slash: Apache redirects without it, nginx refuses. */
export interface Place {
  readonly path: DrivePath
  readonly directory: boolean
}
export interface Putting {
  readonly path: DrivePath
  readonly body: HttpBody
  /** Conditions, times, checksums. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly repeat: HttpRequest['repeat']
  readonly final?: HttpRequest['final']
}

type Parts = Omit<HttpRequest, 'base' | 'segments' | 'answer'> & { readonly answer?: HttpRequest['answer'] }

const segmentsOf = ({ path, directory }: Place): ReadonlyArray<string> => [
  ...segments(path),
  ...(directory ? [''] : []),
]

/** No parsed path holds them; a server that decodes `%2E%2E` would be led out of the drive. */
const leadsElsewhere = (path: DrivePath): boolean => segments(path).some((name) => name === '.' || name === '..')
const outside: Fault = invalidPath({ reason: 'a segment is "." or ".."' })

const ok = ({ status }: HttpResponse): boolean => status >= 200 && status < 300

/** nginx, of a DELETE of a collection without the slash. */
const wantsSlash = ({ method }: Parts, { status }: HttpResponse): boolean => method === 'DELETE' && status === 409

/** The server sends us to the same address with a slash at its end: it is a collection. */
const addsSlash = ({ path, directory }: Place, { status, header }: HttpResponse): boolean => {
  const location = header('location')?.split(/[?#]/)[0]
  if (directory || ![301, 302, 307, 308].includes(status) || location?.endsWith('/') !== true) return false
  return segmentsIn(location)?.at(-1) === nameOf(path)
}

const malformed = (error: unknown): Fault =>
  error instanceof MultistatusError
    ? error.fault
    : unexpectedResponse({ issues: [{ at: 'multistatus', expected: 'a multistatus', got: 'an exception' }] })

const readMultistatus = ({ status, text }: HttpResponse): Answered<ReadonlyArray<DavResponse>> =>
  status === 207
    ? TE.tryCatch(() => Promise.resolve().then(() => responsesOf(text)), malformed)
    : TE.left(unexpectedResponse({ http: status, issues: [{ at: 'status', expected: '207', got: 'number' }] }))

/** A 207 to a change lists the members that failed; `code` tells that there were any. */
export const someFailed = 'members-failed'
const changed = (response: HttpResponse): Answered<HttpResponse> => {
  if (!ok(response)) return TE.left(toFault(response))
  if (response.status !== 207) return TE.right(response)
  return pipe(
    readMultistatus(response),
    TE.flatMap((members) => {
      const status = members
        .flatMap((one) => [one.status, ...one.refused])
        .find((one) => one !== undefined && one >= 400)
      return status === undefined ? TE.right(response) : TE.left({ ...faultOf({ http: status }), code: someFailed })
    }),
  )
}

export const davApi = (send: Transport, base: string) => {
  const ask = (place: Place, parts: Parts): Answered<HttpResponse> =>
    leadsElsewhere(place.path)
      ? TE.left(outside)
      : send({ answer: 'text', ...parts, base, segments: segmentsOf(place) })
  /** Once more where it turns out to be a collection. */
  const askEither = (path: DrivePath, parts: Parts): Answered<HttpResponse> => {
    const place: Place = { path, directory: false }
    return pipe(
      ask(place, parts),
      TE.flatMap((response) =>
        addsSlash(place, response) || wantsSlash(parts, response)
          ? ask({ path, directory: true }, parts)
          : TE.right(response),
      ),
    )
  }
  const find = (depth: '0' | '1', asking: Asking, signal: AbortSignal): Parts => ({
    ...{ endpoint: depth === '0' ? 'look' : 'list', method: 'PROPFIND', headers: { depth }, repeat: 'safe', signal },
    body: { text: propfind(asking), type: 'application/xml; charset=utf-8' },
  })
  const addressOf = (place: Place): string => urlOf({ base, segments: segmentsOf(place) })
  const transfer = (method: 'MOVE' | 'COPY') => (from: Place, to: Place, signal: AbortSignal) => {
    const headers = {
      destination: addressOf(to),
      overwrite: 'F',
      depth: method === 'COPY' ? 'infinity' : undefined,
    }
    return pipe(
      leadsElsewhere(to.path)
        ? TE.left(outside)
        : ask(from, { endpoint: method.toLowerCase(), method, headers, repeat: 'guarded', signal }),
      TE.flatMap(changed),
    )
  }

  return {
    options: (signal: AbortSignal) =>
      ask(
        { path: '' as DrivePath, directory: true },
        { endpoint: 'options', method: 'OPTIONS', repeat: 'safe', signal },
      ),

    /** What stands at a path, collection or not. */
    look: (path: DrivePath, asking: Asking, signal: AbortSignal): Answered<DavResponse> =>
      pipe(
        path === ''
          ? ask({ path, directory: true }, find('0', asking, signal))
          : askEither(path, find('0', asking, signal)),
        TE.flatMap((response) => (ok(response) ? readMultistatus(response) : TE.left(toFault(response)))),
        TE.flatMap(([first]) =>
          first === undefined ? TE.left(malformed(undefined)) : TE.right<Fault, DavResponse>(first),
        ),
        TE.filterOrElse(
          ({ status = 200 }) => status < 300,
          ({ status }): Fault => faultOf({ http: status ?? 500 }),
        ),
      ),

    /** A multistatus on its way; the stream is the caller's. */
    children: (path: DrivePath, asking: Asking, signal: AbortSignal): Answered<Readable> =>
      pipe(
        ask({ path, directory: true }, { ...find('1', asking, signal), answer: 'stream' }),
        TE.flatMap((response): Answered<Readable> => {
          const { status, stream } = response
          if (status === 207 && stream !== undefined) return TE.right(stream)
          stream?.destroy()
          if (!ok(response)) return TE.left(toFault(response))
          return TE.left(
            unexpectedResponse({ http: status, issues: [{ at: 'status', expected: '207', got: 'number' }] }),
          )
        }),
      ),

    /** RFC 4918, 9.3.1: 405 where something stands, 409 without a parent. */
    mkcol: (path: DrivePath, signal: AbortSignal) =>
      pipe(
        ask({ path, directory: true }, { endpoint: 'mkcol', method: 'MKCOL', repeat: 'guarded', signal }),
        TE.flatMap(changed),
      ),

    /** To a name that is free, else 412. */
    move: transfer('MOVE'),
    /** As `move`; with everything below. */
    copy: transfer('COPY'),

    /** With everything below. */
    remove: (path: DrivePath, ifMatch: string | undefined, signal: AbortSignal) =>
      pipe(
        askEither(path, {
          ...{ endpoint: 'delete', method: 'DELETE', headers: { 'if-match': ifMatch }, repeat: 'guarded', signal },
        }),
        TE.flatMap(changed),
      ),

    put: ({ path, ...parts }: Putting, signal: AbortSignal) =>
      pipe(ask({ path, directory: false }, { endpoint: 'put', method: 'PUT', ...parts, signal }), TE.flatMap(changed)),

    /** The answer has a stream, which is the caller's. A server may leave the range out, and answer with 200. */
    get: (path: DrivePath, range: string | undefined, signal: AbortSignal): Answered<HttpResponse> =>
      pipe(
        ask(
          { path, directory: false },
          { endpoint: 'get', method: 'GET', headers: { range }, answer: 'stream', repeat: 'safe', signal },
        ),
        TE.flatMap((response) => (response.stream === undefined ? TE.left(toFault(response)) : TE.right(response))),
      ),
  }
}
export type DavApi = ReturnType<typeof davApi>
