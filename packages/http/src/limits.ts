// How many requests at once, how many a second, and silence for as long as the service asks.
import { aborted } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { onAbort, timersOf, type Timers } from '@anydrive/kit'
import { adaptiveRate } from './adaptive'
import type { HttpRequest, HttpSurroundings, Wrapper } from './request'
import { retryAfter } from './retry-after'
import { defaults, type HttpSettings } from './settings'

interface Gate {
  /** In order of arrival; false if the signal aborted first. */
  readonly enter: (signal: AbortSignal) => Promise<boolean>
  readonly leave: () => void
}

const gate = (places: number): Gate => {
  const queue = new Set<() => void>()
  let free = places
  return {
    enter: (signal) => {
      if (signal.aborted) return Promise.resolve(false)
      if (free > 0) {
        free--
        return Promise.resolve(true)
      }
      return new Promise((resolve) => {
        const admit = () => {
          forget()
          resolve(true)
        }
        const forget = onAbort(signal, () => {
          queue.delete(admit)
          resolve(false)
        })
        queue.add(admit)
      })
    },
    leave: () => {
      const [first] = queue
      if (first === undefined) free++
      else {
        queue.delete(first)
        first()
      }
    },
  }
}

interface Pace {
  readonly take: (signal: AbortSignal) => Promise<boolean>
  readonly pauseUntil: (at: number) => void
}

/** A bucket that holds one second's tokens, and those who wait for one, in order of arrival. */
const pace = (most: number, share: () => number, { now, delay }: Timers): Pace => {
  let bucket = { tokens: Math.max(1, most * share()), at: now() }
  let pausedUntil = 0
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  const waitFor = (): number => {
    const at = now()
    const rate = most * share()
    const capacity = Math.max(1, rate)
    const tokens = rate === Infinity ? capacity : Math.min(capacity, bucket.tokens + ((at - bucket.at) * rate) / 1000)
    bucket = { tokens, at }
    return Math.max(pausedUntil - at, tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 1000) / rate))
  }
  const turn = async (signal: AbortSignal): Promise<boolean> => {
    while (!signal.aborted) {
      const wait = waitFor()
      if (wait <= 0) {
        bucket = { ...bucket, tokens: bucket.tokens - 1 }
        return true
      }
      await delay(wait, signal)
    }
    return false
  }
  return {
    take: (signal) => {
      if (most === Infinity && waiting === 0 && now() >= pausedUntil) return Promise.resolve(!signal.aborted)
      waiting += 1
      return new Promise((resolve) => {
        const forget = onAbort(signal, () => resolve(false))
        const settle = (taken: boolean) => {
          waiting -= 1
          forget()
          resolve(taken)
        }
        last = last.then(() => turn(signal)).then(settle, () => settle(false))
      })
    },
    pauseUntil: (at) => {
      pausedUntil = Math.max(pausedUntil, at)
    },
  }
}

const uploads = (request: HttpRequest): boolean => request.body !== undefined && 'stream' in request.body

/**
 * One per drive. Uploads of streams have places of their own: their source may itself need a request of the same drive, and
 * would wait for ever if uploads held all places. A stream that is being downloaded holds none. After a 429 or a 503 with
 * Retry-After nothing is sent until then, or until the longest delay has passed.
 */
export const withLimits = (
  settings: Pick<
    HttpSettings,
    'concurrency' | 'requestsPerSecond' | 'longestDelay' | 'adaptiveRate' | 'startRate' | 'lowestRate' | 'highestRate'
  > = {},
  environment: HttpSurroundings = {},
): Wrapper => {
  const clock = timersOf(environment)
  const {
    concurrency = defaults.concurrency,
    requestsPerSecond = Infinity,
    longestDelay = defaults.longestDelay,
  } = settings
  const gates = { upload: gate(concurrency), other: gate(concurrency) }
  const tokens = pace(requestsPerSecond, environment.rateShare ?? (() => 1), clock)
  const { startRate: start, lowestRate: lowest = defaults.lowestRate, highestRate: highest = Infinity } = settings
  const adaptive = settings.adaptiveRate === false ? undefined : adaptiveRate({ start, lowest, highest }, clock)
  return (next) => (request) => async () => {
    const its = uploads(request) ? gates.upload : gates.other
    if (!(await its.enter(request.signal))) return E.left(aborted({ effect: 'none' }))
    try {
      if (!(await tokens.take(request.signal)) || (await adaptive?.take(request.signal)) === false)
        return E.left(aborted({ effect: 'none' }))
      const sentAt = clock.now()
      const result = await next(request)().catch((u: unknown) => {
        adaptive?.ended(sentAt, 'other')
        throw u
      })
      const status = E.isRight(result) ? result.right.status : 0
      const pause = E.isRight(result) ? retryAfter(result.right, clock.now()) : undefined
      // A service that says when it accepts more is taken at its word.
      const isRefused = status === 429 && pause === undefined
      adaptive?.ended(
        sentAt,
        isRefused ? 'refused' : status >= 200 && status < 500 && status !== 429 ? 'accepted' : 'other',
      )
      if ((status === 429 || status === 503) && pause !== undefined)
        tokens.pauseUntil(clock.now() + Math.min(pause, longestDelay))
      return result
    } finally {
      its.leave()
    }
  }
}
