// Finds the rate that a service accepts and does not publish: up by small steps while nothing is refused, down by a factor after a refusal.
import { onAbort, type Timers } from '@anydrive/kit'

/** Requests a second. */
export interface RateBounds {
  /** Before the first refusal; undefined for no limit. */
  readonly start: number | undefined
  readonly lowest: number
  readonly highest: number
}

export interface AdaptiveRate {
  /** Resolves as soon as a request may be sent, with false if the signal aborts first. */
  readonly take: (signal: AbortSignal) => Promise<boolean>
  /** After each request. `refused`: the service said that it is one too many. */
  readonly ended: (sentAt: number, outcome: 'accepted' | 'refused' | 'other') => void
}

/** What remains of the rate after a refusal. */
const decrease = 0.94
/** Of the rate at the last refusal, added each second. */
const increase = 0.004
/** Milliseconds without a refusal after which the steps grow, as the service seems to accept more. */
const patience = 9000
/** Requests a second. */
const carefulBelow = 10
/** Requests in flight at first, before a refusal; after this many successes each one permits half a request more. */
const firstFlight = 4
const successesBefore = 8
/** In flight, this many are no limit any more. */
const unlimited = 64
/** Milliseconds of the pause after the first refusal of all, and after later ones. It doubles while nothing is accepted. */
const pauses = { start: 1000, first: 125 } as const
/** After a longer pause, in milliseconds, the rate is what was accepted on average since the last such pause. */
const longPause = 2000

export const adaptiveRate = ({ start, lowest, highest }: RateBounds, { now, delay }: Timers): AdaptiveRate => {
  let rate = Math.min(start ?? Infinity, highest)
  let ceiling = rate
  let nextAt = 0
  let pausedUntil = 0
  let pause: number = pauses.first
  let raisedAt = now()
  let cutAt = Number.NEGATIVE_INFINITY
  /** Since this refusal nothing that was sent later has been accepted: one request at a time. */
  let probingSince: number | undefined
  let sincePause = { at: now(), accepted: 0 }
  let flying = 0
  let successes = 0
  let accepted: Array<number> = []
  const waiting = new Set<() => void>()

  const recent = (at: number): number => {
    accepted = accepted.filter((time) => time > at - 1000)
    return accepted.length
  }
  const flight = (): number => {
    if (probingSince !== undefined) return 1
    return rate < Infinity ? unlimited : firstFlight + Math.max(0, successes - successesBefore) / 2
  }
  const hasRoom = (): boolean => flight() >= unlimited || flying < flight()

  const raise = (at: number): void => {
    const seconds = Math.min(1, (at - raisedAt) / 1000)
    raisedAt = at
    if (rate === Infinity) return
    // A refusal is a larger share of few requests than of many, so a low rate is tried less often.
    const care = Math.max(1, carefulBelow / ceiling)
    const calm = Math.max(0, at - cutAt - care * patience) / 1000
    rate = Math.min(highest, rate + seconds * Math.min(rate, (increase / care) * ceiling * 2 ** Math.min(calm, 20)))
  }
  const lower = (at: number, sentAt: number): void => {
    // One cut for all that was on its way when the last one was made.
    if (sentAt <= cutAt || at < pausedUntil) return
    const isFirst = rate === Infinity
    if (probingSince !== undefined) pause = Math.min(1000 / lowest, 2 * pause)
    else {
      pause = isFirst ? pauses.start : pauses.first
      ceiling = Math.min(rate, Math.max(1, recent(at)) * (isFirst ? 1 : 1.1))
      rate = Math.max(lowest, isFirst ? ceiling : Math.min(decrease * rate, ceiling))
    }
    pausedUntil = at + pause
    cutAt = at
    raisedAt = at
    probingSince = at
  }
  const succeeded = (at: number, sentAt: number): void => {
    successes++
    sincePause.accepted++
    if (rate < Infinity || successes < 1000) accepted.push(at)
    if (accepted.length > 4096) recent(at)
    if (probingSince === undefined || sentAt <= probingSince) return
    probingSince = undefined
    if (pause <= longPause) return
    ceiling = Math.max(lowest, Math.min(ceiling, (1000 * sincePause.accepted) / (at - sincePause.at)))
    rate = ceiling
    sincePause = { at, accepted: 0 }
  }
  const wake = (): void => {
    for (const resume of [...waiting].slice(0, Math.ceil(flight()))) resume()
  }
  const room = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const resume = (): void => {
        waiting.delete(resume)
        forget()
        resolve()
      }
      const forget = onAbort(signal, resume)
      waiting.add(resume)
    })
  return {
    take: async (signal) => {
      while (!signal.aborted) {
        if (!hasRoom()) {
          await room(signal)
          continue
        }
        const at = now()
        const wait = Math.max(pausedUntil, nextAt) - at
        if (wait <= 0) {
          if (rate < Infinity) nextAt = Math.max(nextAt, at - 1000 / rate) + 1000 / rate
          flying++
          return true
        }
        await delay(Math.ceil(wait), signal)
      }
      // Its turn passes to the next.
      wake()
      return false
    },
    ended: (sentAt, outcome) => {
      const at = now()
      flying--
      raise(at)
      if (outcome === 'accepted') succeeded(at, sentAt)
      else if (outcome === 'refused') lower(at, sentAt)
      wake()
    },
  }
}
