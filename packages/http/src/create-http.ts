// The usual order: every attempt is counted and paced, and sent by axios.
import { identity, pipe } from 'fp-ts/function'
import { axiosHttp } from './axios-http'
import { withLimits } from './limits'
import type { Http, HttpSurroundings, Wrapper } from './request'
import { withRetry, type RetryOptions } from './retry'
import type { HttpSettings } from './settings'

/** One per drive: the limits hold for all that goes through it. `withToken` goes around it; `authenticate` is applied to every attempt. */
export const createHttp = (
  settings: HttpSettings = {},
  environment: HttpSurroundings = {},
  {
    authenticate = identity,
    ...retry
  }: Pick<RetryOptions, 'again' | 'unprocessed'> & {
    readonly authenticate?: Wrapper | undefined
  } = {},
): Http =>
  pipe(
    axiosHttp(settings, environment),
    withLimits(settings, environment),
    authenticate,
    withRetry({ ...settings, ...retry }, environment),
  )
