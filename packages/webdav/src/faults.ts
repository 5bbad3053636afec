// What a status means here: one table, for an answer and for the members of a multistatus.
import {
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
  type Answer,
  type DriveError,
  type Fault,
} from '@anydrive/core'
import { redact, retryAfter, type HttpResponse } from '@anydrive/http'

export type Bad = Fault | DriveError
type Make = (answer: Answer) => Fault

const undocumented: Make = (answer) =>
  unexpectedResponse({ ...answer, issues: [{ at: 'status', expected: 'a status of RFC 4918', got: 'number' }] })
const elsewhere: Make = (answer) =>
  unexpectedResponse({ ...answer, issues: [{ at: 'location', expected: 'an answer', got: 'a redirect' }] })

/** RFC 4918, 9 and 11. What 400, 403, 404, 405, 409 and 500 are about differs from server to server: a look tells. */
const byStatus: ReadonlyMap<number, Make> = new Map<number, Make>([
  [401, unauthenticated],
  [402, quotaExceeded],
  [403, forbidden],
  [404, (answer) => notFound({ ...answer, what: 'source' })],
  [408, unavailable],
  [409, (answer) => notFound({ ...answer, what: 'parent' })],
  [410, (answer) => notFound({ ...answer, what: 'source' })],
  [412, preconditionFailed],
  [413, (answer) => limitExceeded({ ...answer, limit: 'size' })],
  [414, (answer) => limitExceeded({ ...answer, limit: 'path' })],
  [423, (answer) => unavailable({ ...answer, code: answer.code ?? 'Locked' })],
  [424, (answer) => unavailable({ ...answer, code: answer.code ?? 'FailedDependency' })],
  [429, (answer) => rateLimited(answer)],
  [451, rejected],
  [507, quotaExceeded],
])

export const faultOf = (answer: Answer): Fault => {
  const { http = 500 } = answer
  const fallback = http >= 500 ? unavailable : http >= 300 && http < 400 ? elsewhere : undocumented
  return (byStatus.get(http) ?? fallback)(answer)
}

/** sabre/dav, which ownCloud, Nextcloud and others are built on, says more in the body. */
const sabre = (text: string, name: string): string | undefined =>
  new RegExp(`<s:${name}>([^<]{1,300})</s:${name}>`).exec(text)?.[1]

/** What the service said of a failure, without anything secret. */
export const answerOf = (response: HttpResponse): Answer => {
  const code = sabre(response.text, 'exception')
  const said = sabre(response.text, 'message')
  const requestId = response.header('x-request-id')
  return {
    http: response.status,
    ...(code === undefined ? {} : { code }),
    ...(said === undefined ? {} : { said: redact(said) }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(response.attempts > 1 ? { attempts: response.attempts } : {}),
  }
}

export const toFault = (response: HttpResponse): Fault => {
  const fault = faultOf(answerOf(response))
  const retryAfterMs = retryAfter(response, Date.now())
  return fault._tag === 'RateLimited' && retryAfterMs !== undefined ? { ...fault, retryAfterMs } : fault
}

export const isMissing = (fault: Bad): boolean =>
  fault._tag === 'NotFound' && (fault.what === 'source' || fault.what === 'parent')

/** The answer is lost, or a 5xx says nothing of what was done before it. */
export const leavesDoubt = (fault: Bad): boolean => {
  const { effect } = fault as { readonly effect?: string }
  if (fault._tag === 'Network' || fault._tag === 'Timeout' || fault._tag === 'Aborted') return effect !== 'none'
  return fault._tag === 'Unavailable' && (fault.http ?? 500) >= 500
}

/** Of the service's refusals, those that a look at the paths may name better. */
export const isWorthALook = (fault: Bad): boolean =>
  fault.http !== undefined && [400, 403, 404, 405, 409, 410, 412, 301, 302, 307, 308].includes(fault.http)

/** Servers in Go say 403 where source or target changed while they were at it. */
export const mayPass = (fault: Bad): boolean => isWorthALook(fault) && fault.http !== 404
