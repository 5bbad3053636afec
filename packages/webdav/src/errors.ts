// What a status means: one table, for a response and for the members of a multistatus.
import type { Answer, Effect, Fault } from '@anydrive/core'
import {
  defined,
  forbidden,
  limitExceeded,
  notFound,
  preconditionFailed,
  quotaExceeded,
  rateLimited,
  rejected,
  unauthenticated,
  unavailable,
  unexpectedResponse,
} from '@anydrive/core/adapter'
import { redact, retryAfter, type HttpResponse } from '@anydrive/http'
import type { Failure } from '@anydrive/kit'

type FaultOf = (answer: Answer & { readonly effect: Effect }) => Fault

const undocumented: FaultOf = (answer) =>
  unexpectedResponse({ ...answer, issues: [{ at: 'status', expected: 'a status of RFC 4918', got: 'number' }] })
const redirected: FaultOf = (answer) =>
  unexpectedResponse({ ...answer, issues: [{ at: 'location', expected: 'a response', got: 'a redirect' }] })

const without =
  (make: (answer: Answer) => Fault): FaultOf =>
  ({ effect: _, ...answer }) =>
    make(answer)

/** RFC 4918, 9 and 11. What 400, 403, 404, 405, 409 and 500 are about differs from server to server, so the paths are looked up. */
const byStatus: ReadonlyMap<number, FaultOf> = new Map([
  [401, without(unauthenticated)],
  [402, without(quotaExceeded)],
  [403, without(forbidden)],
  [404, without((answer) => notFound({ ...answer, what: 'source' }))],
  [409, without((answer) => notFound({ ...answer, what: 'parent' }))],
  [410, without((answer) => notFound({ ...answer, what: 'source' }))],
  [408, unavailable],
  [412, without(preconditionFailed)],
  [413, without((answer) => limitExceeded({ ...answer, limit: 'size' }))],
  [414, without((answer) => limitExceeded({ ...answer, limit: 'path' }))],
  [423, (answer) => unavailable({ ...answer, code: answer.code ?? 'Locked' })],
  [424, (answer) => unavailable({ ...answer, code: answer.code ?? 'FailedDependency' })],
  [429, without((answer) => rateLimited(answer))],
  [451, without(rejected)],
  [507, without(quotaExceeded)],
])

export const faultOf = (answer: Answer & { readonly effect: Effect }): Fault => {
  const { http = 500 } = answer
  const fallback = http >= 500 ? unavailable : http >= 300 && http < 400 ? redirected : undocumented
  return (byStatus.get(http) ?? fallback)(answer)
}

/** sabre/dav, which ownCloud, Nextcloud and others are built on, says more in the body. */
const sabreMessage = /<s:message>([^<]{1,300})<\/s:message>/
const sabreException = /<s:exception>([^<]{1,300})<\/s:exception>/

/** Where a redirect leads: without user, query and fragment. */
export const withoutQuery = (location: string): string => (location.split(/[?#]/)[0] ?? '').replace(/\/\/[^/]*@/, '//')

/** What the server said of a failure, without anything secret. */
export const answerOf = (response: HttpResponse): Answer => {
  const location = response.status >= 300 && response.status < 400 ? response.header('location') : undefined
  const said = sabreMessage.exec(response.text)?.[1]
  return {
    http: response.status,
    ...defined({
      code: sabreException.exec(response.text)?.[1],
      said: location !== undefined ? `it leads to ${withoutQuery(location)}` : said === undefined ? said : redact(said),
      requestId: response.header('x-request-id'),
      attempts: response.attempts > 1 ? response.attempts : undefined,
    }),
  }
}

export const toFault = (response: HttpResponse): Fault => {
  const fault = faultOf({ ...answerOf(response), effect: response.effect })
  return fault._tag === 'RateLimited'
    ? { ...fault, ...defined({ retryAfterMs: retryAfter(response, Date.now()) }) }
    : fault
}

export const isMissing = (fault: Failure): boolean =>
  fault._tag === 'NotFound' && (fault.what === 'source' || fault.what === 'parent')

/** Of the refusals, those whose reason differs from server to server: a lookup of the paths finds it. */
export const isAmbiguous = ({ http = 0 }: Failure): boolean =>
  [400, 403, 404, 405, 409, 410, 412].includes(http) || (http >= 300 && http < 400)
