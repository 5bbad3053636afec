// An access token for every request: asked for once by however many need it, renewed once after a refusal.
import type { Answer, Fault, Secret } from '@anydrive/core'
import { aborted, unauthenticated, withoutEffect } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { onAbort } from '@anydrive/kit'
import type { Http, HttpFault, HttpRequest, HttpResponse } from './request'
import { responseOf } from './response'

export interface TokenOptions<E extends Fault> {
  /**
   * At first use, and after a refusal, then with the token that was refused. One flight at a time, whose signal aborts only
   * when nobody waits any more. Answering with the refused token itself says that there is no other.
   */
  readonly token: (signal: AbortSignal, refused: Secret | undefined) => TaskEither<E, Secret>
  readonly put: (token: Secret) => (request: HttpRequest) => HttpRequest
  /** Whether this answer refuses the token, rather than what was asked. */
  readonly refused: (response: HttpResponse) => boolean
  /** What the last refusal said (code, request id), for the `Unauthenticated` that becomes of it. */
  readonly said?: ((response: HttpResponse) => Answer) | undefined
}

type Obtained<E> = E.Either<E | HttpFault, Secret>

interface Flight<E> {
  readonly result: Promise<E.Either<E, Secret>>
  readonly controller: AbortController
  waiting: number
}

/** `obtain` gives the token in use, or waits for the one flight that fetches another. */
const tokenKeeper = <E extends Fault>(fetchToken: TokenOptions<E>['token']) => {
  let current: Secret | undefined
  let flight: Flight<E> | undefined

  const depart = (refused: Secret | undefined): Flight<E> => {
    const controller = new AbortController()
    const started: Flight<E> = {
      controller,
      waiting: 0,
      result: fetchToken(controller.signal, refused)().then((result) => {
        if (flight === started) flight = undefined
        if (E.isRight(result)) current = result.right
        // The request that needs the token has not been sent.
        return E.mapLeft((fault: E) => withoutEffect(fault))(result)
      }),
    }
    return started
  }
  const join = (its: Flight<E>, signal: AbortSignal): Promise<Obtained<E>> =>
    new Promise((resolve, reject) => {
      its.waiting++
      const forget = onAbort(signal, () => {
        its.waiting--
        if (its.waiting === 0) {
          if (flight === its) flight = undefined
          its.controller.abort()
        }
        resolve(E.left(aborted({ effect: 'none' })))
      })
      its.result.then((result) => {
        forget()
        resolve(result)
      }, reject)
    })
  return {
    obtain: (signal: AbortSignal, refused?: Secret): Promise<Obtained<E>> => {
      if (current !== undefined && current !== refused) return Promise.resolve(E.right(current))
      flight ??= depart(refused)
      return join(flight, signal)
    },
  }
}

/**
 * Around `withRetry`. A request that was refused with a token that has been renewed meanwhile is repeated with the new one
 * and asks for no other; each request is repeated once at most, then it is `Unauthenticated`.
 */
export const withToken =
  <E extends Fault>({ token, put, refused, said }: TokenOptions<E>) =>
  (next: Http): Http<HttpFault | E | Fault<'Unauthenticated'>> => {
    const { obtain } = tokenKeeper(token)
    const unaccepted = (response: HttpResponse, attempts: number) =>
      E.left(unauthenticated({ http: response.status, ...said?.(response), attempts }))
    return (request) => async () => {
      const first = await obtain(request.signal)
      if (E.isLeft(first)) return first
      const answer = await next(put(first.right)(request))()
      if (E.isLeft(answer) || !refused(answer.right)) return answer
      answer.right.stream?.destroy()
      const second = await obtain(request.signal, first.right)
      if (E.isLeft(second)) return second
      if (second.right === first.right) return unaccepted(answer.right, answer.right.attempts)
      const retried = await next(put(second.right)(request))()
      if (E.isLeft(retried)) return retried
      const attempts = answer.right.attempts + retried.right.attempts
      if (!refused(retried.right)) return E.right(responseOf({ ...retried.right, attempts }))
      retried.right.stream?.destroy()
      return unaccepted(retried.right, attempts)
    }
  }
