// Shows the Date header of each response to whoever compares the service's clock with ours.
import { timersOf } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import type { HttpSurroundings, Wrapper } from './request'

/** Calls `observe` with the Date header and the local times at which the request was sent and its response received, in milliseconds. */
export const withServiceClock =
  (
    observe: (date: string | undefined, sentAt: number, receivedAt: number) => void,
    environment: HttpSurroundings = {},
  ): Wrapper =>
  (next) =>
  (request) =>
  async () => {
    const { now } = timersOf(environment)
    const sentAt = now()
    const result = await next(request)()
    if (E.isRight(result)) observe(result.right.header('date'), sentAt, now())
    return result
  }
