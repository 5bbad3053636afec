// One function per WebDAV method: it builds the request, sends it and decodes the response.
import { nameOf, root, segments, type DrivePath, type Fault } from '@anydrive/core'
import { invalidPath, taskFailed, unexpectedResponse, unsupported, type RawResult } from '@anydrive/core/adapter'
import { urlOf, type Http, type HttpBody, type HttpFault, type HttpRequest, type HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Readable } from 'node:stream'
import { faultOf, toFault } from './errors'
import { ownResponse, segmentsIn } from './translate'
import { modifiedBody, MultistatusError, propfindBody, responsesOf, type DavResponse, type PropertySet } from './wire'

export type Transport = Http<HttpFault | Fault>

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
}

type Parts = Omit<HttpRequest, 'base' | 'segments' | 'answer'> & { readonly answer?: HttpRequest['answer'] }

const segmentsOf = ({ path, directory }: Place): ReadonlyArray<string> => [
  ...segments(path),
  ...(directory ? [''] : []),
]

/** No parsed path has such segments; a server that decodes `%2E%2E` would leave the drive. */
const leavesDrive = (path: DrivePath): boolean => segments(path).some((name) => name === '.' || name === '..')
const outside: Fault = invalidPath({ reason: 'a segment is "." or ".."' })

const isSuccess = ({ status }: HttpResponse): boolean => status >= 200 && status < 300

/** nginx refuses DELETE of a collection without the slash so. */
const wantsSlash = ({ method }: Parts, { status }: HttpResponse): boolean => method === 'DELETE' && status === 409

/** The server redirects to the same address with a slash at its end, because it is a collection. Nothing was done. */
const addsSlash = ({ path, directory }: Place, { status, header }: HttpResponse): boolean => {
  const location = header('location')?.split(/[?#]/)[0]
  if (directory || ![301, 302, 307, 308].includes(status) || location?.endsWith('/') !== true) return false
  return segmentsIn(location)?.at(-1) === nameOf(path)
}

/** What RFC 4918, 9.2.1 names for a property that cannot be set, and what servers answer that know only some. */
const refusedProperty: ReadonlySet<number> = new Set([403, 404, 405, 409, 424, 501])

const wrongStatus = ({ status, effect }: HttpResponse, expected: string): Fault =>
  unexpectedResponse({ effect, http: status, issues: [{ at: 'status', expected, got: 'number' }] })

const readMultistatus = (response: HttpResponse): RawResult<ReadonlyArray<DavResponse>> =>
  response.status === 207
    ? TE.tryCatch(
        () => Promise.resolve().then(() => responsesOf(response.text)),
        (error): Fault =>
          error instanceof MultistatusError
            ? { ...error.fault, effect: response.effect }
            : wrongStatus(response, 'a multistatus'),
      )
    : TE.left(wrongStatus(response, '207'))

/**
 * What proves a change (RFC 4918, 9; RFC 9110, 9.3). Apache answers 201 with a page of its own. A page under 200 is that of a login or a proxy; PUT and
 * DELETE may be answered 200 without a body, as some servers do.
 */
const isBare = ({ status, text }: HttpResponse): boolean => status === 200 && text.trim() === ''
const proofs = {
  MKCOL: { expected: '201', holds: ({ status }: HttpResponse) => status === 201 },
  MOVE: { expected: '201 or 204', holds: ({ status }: HttpResponse) => status === 201 || status === 204 },
  COPY: { expected: '201 or 204', holds: ({ status }: HttpResponse) => status === 201 || status === 204 },
  DELETE: {
    expected: '204, or 200 without a body',
    holds: (response: HttpResponse) => response.status === 204 || isBare(response),
  },
  PUT: {
    expected: '201 or 204, or 200 without a body',
    holds: (response: HttpResponse) => response.status === 201 || response.status === 204 || isBare(response),
  },
} as const

/** A 207 to a change lists the members that failed: what was done is at `partial`. */
const changed =
  (method: keyof typeof proofs, partial: DrivePath) =>
  (response: HttpResponse): RawResult<HttpResponse> => {
    const { expected, holds } = proofs[method]
    if (!isSuccess(response)) return TE.left(toFault(response))
    if (response.status !== 207) return holds(response) ? TE.right(response) : TE.left(wrongStatus(response, expected))
    return pipe(
      readMultistatus(response),
      TE.flatMap((members): RawResult<HttpResponse> => {
        const failed = members.flatMap((one) => [one.status, ...one.refused]).find((one = 0) => one >= 400)
        if (failed === undefined) {
          const isSaid = members.length > 0 && members.every(({ status = 0 }) => status >= 200 && status < 300)
          return isSaid ? TE.right(response) : TE.left(wrongStatus(response, expected))
        }
        return TE.left(taskFailed({ partial, http: 207, said: faultOf({ http: failed, effect: 'unknown' })._tag }))
      }),
    )
  }

export const davApi = (send: Transport, base: string) => {
  const request = (place: Place, parts: Parts): RawResult<HttpResponse> =>
    leavesDrive(place.path)
      ? TE.left(outside)
      : pipe(
          send({ answer: 'text', ...parts, base, segments: segmentsOf(place) }),
          TE.map((response) => (addsSlash(place, response) ? { ...response, effect: 'none' as const } : response)),
        )
  /** A second request with a slash where it turns out to be a collection. */
  const requestEither = (path: DrivePath, parts: Parts): RawResult<HttpResponse> => {
    const place: Place = { path, directory: path === root }
    return pipe(
      request(place, parts),
      TE.flatMap((response) =>
        addsSlash(place, response) || wantsSlash(parts, response)
          ? request({ path, directory: true }, parts)
          : TE.right(response),
      ),
    )
  }
  const propfind = (depth: '0' | '1', wanted: PropertySet, signal: AbortSignal): Parts => ({
    ...{ endpoint: depth === '0' ? 'stat' : 'list', method: 'PROPFIND', headers: { depth }, kind: 'read', signal },
    body: { text: propfindBody(wanted), type: 'application/xml; charset=utf-8' },
  })
  const addressOf = (path: DrivePath): ReadonlyArray<string> =>
    segmentsIn(urlOf({ base, segments: segments(path) })) ?? segments(path)
  const transfer = (method: 'MOVE' | 'COPY') => (from: Place, to: Place, signal: AbortSignal) => {
    const destination = urlOf({ base, segments: segmentsOf(to) })
    const headers = { destination, overwrite: 'F', depth: method === 'COPY' ? 'infinity' : undefined }
    return pipe(
      leavesDrive(to.path)
        ? TE.left(outside)
        : request(from, { endpoint: method.toLowerCase(), method, headers, kind: 'change', signal }),
      TE.flatMap(changed(method, to.path)),
    )
  }

  return {
    /** The decoded segments of an entry's address. */
    addressOf,

    /** The properties of an entry, collection or not. */
    stat: (path: DrivePath, wanted: PropertySet, signal: AbortSignal): RawResult<DavResponse> =>
      pipe(
        requestEither(path, propfind('0', wanted, signal)),
        TE.flatMap((response) => (isSuccess(response) ? readMultistatus(response) : TE.left(toFault(response)))),
        TE.flatMap((responses): RawResult<DavResponse> => {
          if (responses.length === 0) return TE.left(faultOf({ http: 404, effect: 'none' }))
          const own = ownResponse(responses, addressOf(path), path === root)
          const issues = [{ at: 'href', expected: 'the address that was asked for', got: 'others' }]
          return own === undefined ? TE.left(unexpectedResponse({ effect: 'none', issues })) : TE.right(own)
        }),
        TE.filterOrElse(
          ({ status = 200 }) => status < 300,
          ({ status }): Fault => faultOf({ http: status ?? 500, effect: 'none' }),
        ),
      ),

    /** `Unsupported` where the server refuses the property. That it is set, only a lookup shows. */
    setModified: (path: DrivePath, modifiedAt: Date, signal: AbortSignal): RawResult<undefined> => {
      const body = { text: modifiedBody(modifiedAt), type: 'application/xml; charset=utf-8' }
      const no = (http: number): Fault => unsupported({ feature: 'operations.setTimes', http })
      return pipe(
        requestEither(path, { endpoint: 'proppatch', method: 'PROPPATCH', body, kind: 'change', signal }),
        TE.flatMap((response) => {
          if (response.status === 405 || response.status === 501) return TE.left(no(response.status))
          return isSuccess(response) ? readMultistatus(response) : TE.left(toFault(response))
        }),
        TE.flatMapEither((responses): E.Either<Fault, undefined> => {
          const own = ownResponse(responses, addressOf(path), path === root)
          const issues = [{ at: 'href', expected: 'the address that was asked for', got: 'others' }]
          if (own === undefined) return E.left(unexpectedResponse({ effect: 'unknown', issues }))
          const [refused] = own.refused
          if (refused !== undefined && refusedProperty.has(refused)) return E.left(no(refused))
          const status = refused ?? own.status ?? 200
          return status < 300 ? E.right(undefined) : E.left(faultOf({ http: status, effect: 'unknown' }))
        }),
      )
    },

    /** The multistatus of a directory, as a stream that the caller destroys. */
    list: (path: DrivePath, wanted: PropertySet, signal: AbortSignal): RawResult<HttpResponse & { stream: Readable }> =>
      pipe(
        request({ path, directory: true }, { ...propfind('1', wanted, signal), answer: 'stream' }),
        TE.flatMap((response): RawResult<HttpResponse & { stream: Readable }> => {
          const { status, stream } = response
          if (status === 207 && stream !== undefined) return TE.right({ ...response, stream })
          stream?.destroy()
          return TE.left(isSuccess(response) ? wrongStatus(response, '207') : toFault(response))
        }),
      ),

    /** RFC 4918, 9.3.1: 405 where something exists, 409 without a parent. */
    mkcol: (path: DrivePath, signal: AbortSignal) =>
      pipe(
        request({ path, directory: true }, { endpoint: 'mkcol', method: 'MKCOL', kind: 'change', signal }),
        TE.flatMap(changed('MKCOL', path)),
      ),

    /** To a name that is free, otherwise 412. */
    move: transfer('MOVE'),
    /** As `move`; with everything below it. */
    copy: transfer('COPY'),

    /** With everything below it. */
    remove: (path: DrivePath, ifMatch: string | undefined, signal: AbortSignal) => {
      const headers = { 'if-match': ifMatch }
      return pipe(
        requestEither(path, { endpoint: 'delete', method: 'DELETE', headers, kind: 'change', signal }),
        TE.flatMap(changed('DELETE', path)),
      )
    },

    put: ({ path, ...parts }: Putting, signal: AbortSignal) =>
      pipe(
        request({ path, directory: false }, { endpoint: 'put', method: 'PUT', ...parts, kind: 'change', signal }),
        TE.flatMap(changed('PUT', path)),
      ),

    /** The response has a stream, which the caller destroys. A server may ignore the range, and answer 200. */
    get: (path: DrivePath, range: string | undefined, signal: AbortSignal): RawResult<HttpResponse> => {
      const headers = { range }
      return pipe(
        request(
          { path, directory: false },
          { endpoint: 'get', method: 'GET', headers, answer: 'stream', kind: 'read', signal },
        ),
        TE.flatMap((response) => (response.stream === undefined ? TE.left(toFault(response)) : TE.right(response))),
      )
    },
  }
}
export type DavApi = ReturnType<typeof davApi>
