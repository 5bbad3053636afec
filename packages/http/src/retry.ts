// Retries with exponential back-off and full jitter, and with Retry-After where the service gives it.
import { mayHaveHappened } from '@anydrive/core'
import { aborted } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { timersOf } from '@anydrive/kit'
import type { HttpFault, HttpRequest, HttpResponse, HttpSurroundings, Wrapper } from './request'
import { responseOf } from './response'
import { retryAfter } from './retry-after'
import { defaults, type HttpSettings } from './settings'

export interface RetryOptions extends Pick<HttpSettings, 'attempts' | 'longestDelay'> {
  /** Responses after which a read is repeated; 408, 429, 500, 502, 503 and 504 unless given. */
  readonly again?: ((response: HttpResponse) => boolean) | undefined
  /** Responses that prove that nothing was processed, so that even a change is repeated; 429 unless given. */
  readonly unprocessed?: ((response: HttpResponse) => boolean) | undefined
}

const firstDelay = 200
const transient: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])
const busy = (response: HttpResponse): boolean => transient.has(response.status)
const tooMany = (response: HttpResponse): boolean => response.status === 429
/** What trying again does not mend: a certificate, or a request that cannot be sent. */
const hopeless = /CERT|SELF_SIGNED|UNABLE_TO_|^ERR_(INVALID|UNESCAPED|TLS)/

type Result = E.Either<HttpFault, HttpResponse>

const worthwhile = (request: HttpRequest, result: Result, options: RetryOptions): boolean => {
  const { again = busy, unprocessed = tooMany } = options
  if (E.isRight(result)) {
    return unprocessed(result.right) || (request.kind === 'read' && again(result.right))
  }
  if (result.left._tag !== 'Network' && result.left._tag !== 'Timeout') return false
  if (result.left._tag === 'Network' && hopeless.test(result.left.code ?? '')) return false
  return request.kind === 'read' || !mayHaveHappened(result.left)
}

const counted = (result: Result, attempts: number): Result => {
  if (E.isLeft(result)) return E.left({ ...result.left, attempts })
  return result.right.attempts === attempts ? result : E.right(responseOf({ ...result.right, attempts }))
}

/**
 * Repeats reads after passing failures, and changes where they certainly had no effect. A Retry-After longer than the longest delay is not
 * waited for: the response is handed on. Bodies are opened again for each attempt.
 */
export const withRetry = (options: RetryOptions = {}, environment: HttpSurroundings = {}): Wrapper => {
  const { now, random, delay } = timersOf(environment)
  const { attempts = defaults.attempts, longestDelay = defaults.longestDelay } = options
  const pauseAfter = (result: Result, attempt: number): number => {
    const asked = E.isRight(result) ? retryAfter(result.right, now()) : undefined
    return asked ?? Math.min(longestDelay, firstDelay * 2 ** (attempt - 1)) * random()
  }
  return (next) => (request) => async () => {
    for (let attempt = 1; ; attempt++) {
      const result = counted(await next({ ...request, attempt })(), attempt)
      if (attempt >= attempts || !worthwhile(request, result, options)) return result
      const pause = pauseAfter(result, attempt)
      if (pause > longestDelay) return result
      if (E.isRight(result)) result.right.stream?.destroy()
      await delay(pause, request.signal)
      if (request.signal.aborted) return E.left(aborted({ effect: 'none', attempts: attempt }))
    }
  }
}
