// Counts the requests and responses of the drives while they happen.
import type { LogEvent, Environment } from '@anydrive/core'
import { delay } from '@anydrive/core/adapter'

export interface Traffic {
  readonly drive: string
  readonly requests: number
  /** Requests a second, in the last seconds. */
  readonly rate: number
  /** Responses with status 429: too many requests. */
  readonly throttled: number
  /** Responses with status 5xx. */
  readonly unavailable: number
  /** Requests without a response: a failure of the network, or a time-out. */
  readonly unanswered: number
  /** Retries. */
  readonly repeated: number
  /** Current pauses: before a retry, for a rate limit, or for a task of the service. */
  readonly waiting: number
}

export interface Meter {
  /** The environment, with everything counted that the drive of this name logs. */
  readonly tap: (drive: string, environment: Environment) => Environment
  /** By drive, in the order in which they were opened, without those that sent nothing. */
  readonly read: () => ReadonlyArray<Traffic>
}

/** Seconds over which the rate is measured. */
const span = 5

const createCounter = (now: () => number) => {
  const n = { requests: 0, throttled: 0, unavailable: 0, unanswered: 0, repeated: 0, waiting: 0 }
  const startedAt = now()
  /** Requests by second; older ones are forgotten. */
  const recent = new Map<number, number>()
  const forget = (second: number): void => {
    for (const known of recent.keys()) if (known < second - span) recent.delete(known)
  }
  return {
    n,
    count: ({ name, status, fault, attempt }: LogEvent): void => {
      if (name !== 'request') return
      const second = Math.floor(now() / 1000)
      n.requests += 1
      recent.set(second, (recent.get(second) ?? 0) + 1)
      forget(second)
      if (typeof attempt === 'number' && attempt > 1) n.repeated += 1
      if (status === 429) n.throttled += 1
      else if (typeof status === 'number' && status >= 500) n.unavailable += 1
      else if (fault === 'Network' || fault === 'Timeout') n.unanswered += 1
    },
    rate: (): number => {
      const at = now()
      const second = Math.floor(at / 1000)
      forget(second)
      let sum = 0
      for (const requests of recent.values()) sum += requests
      const seconds = Math.min((at - startedAt) / 1000, span + (at % 1000) / 1000)
      return seconds < 0.2 ? 0 : sum / seconds
    },
  }
}

export const createMeter = (now: () => number = Date.now): Meter => {
  const counters = new Map<string, ReturnType<typeof createCounter>>()
  return {
    tap: (drive, environment) => {
      const counter = counters.get(drive) ?? createCounter(now)
      counters.set(drive, counter)
      const { log, delay: wait = delay } = environment
      return {
        ...environment,
        log: (event) => {
          counter.count(event)
          log?.(event)
        },
        delay: async (ms, signal) => {
          counter.n.waiting += 1
          try {
            await wait(ms, signal)
          } finally {
            counter.n.waiting -= 1
          }
        },
      }
    },
    read: () =>
      [...counters]
        .map(([drive, { n, rate }]) => ({ drive, ...n, rate: rate() }))
        .filter(({ requests }) => requests > 0),
  }
}
