// The usual order: every attempt is counted and paced, and sent by axios.
import { pipe } from 'fp-ts/function'
import { axiosHttp } from './axios-http'
import { withLimits } from './limits'
import type { Http, HttpSurroundings } from './request'
import { withRetry, type RetryOptions } from './retry'
import type { HttpSettings } from './settings'

/** One per drive: the limits hold for all that goes through it. `withToken` goes around it. */
export const createHttp = (
  settings: HttpSettings = {},
  surroundings: HttpSurroundings = {},
  retry: Pick<RetryOptions, 'again' | 'unprocessed'> = {},
): Http =>
  pipe(
    axiosHttp(settings, surroundings),
    withLimits(settings, surroundings),
    withRetry({ ...settings, ...retry }, surroundings),
  )
