// Finds the rate that a service accepts and does not publish. ARCHITECTURE.md explains how.
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

/** Requests in flight without a rate: `first + (successes / growth) ** 2`. */
const flight = { first: 5, growth: 32 } as const
/**
 * The number of refusals shows whether they are random or come from a limit. Each adds 1 to `excess`, each success takes `forgiven` off, and `excess` means a limit. So do
 * `alone` refusals in a row with nothing left in flight, and `many` refusals that are more than `share` of all requests.
 */
const doubt = { excess: 5, forgiven: 1 / 3, alone: 3, many: 11, share: 0.055 } as const
/** The part of the measured rate at which a drive goes on after a refusal. */
const part = 0.965
/** Requests after which refusals are counted as a new event, and unexplained events after which refusals are random. */
const events = { requests: 5, unexplained: 4 } as const
/** What an accepted request pays for refused ones, which cost 1: a rate grows with credit only. `begin` is what a new rate starts with. */
const credits = { earned: 0.009, most: 1.5, least: -1.15, begin: -0.4 } as const
/** Growth of the measured rate in the first second, doubling each second, or every so many requests if they take up to `longest` seconds; and per success while refusals are random. */
const growth = { first: 0.025, requests: 10, longest: 4, random: 1 / 75 } as const
/** The accepted rate is counted over so many milliseconds, or so many requests if they take longer. The last ones count for `weight`. */
const average = { time: 1400, requests: 100 } as const
const last = { time: 2000, requests: 40, weight: 0.935 } as const
/**
 * Milliseconds: of the first pause; of one after requests that are refused in a row, doubling; and from which on the service counts by minutes. A rate grows slower by the
 * part of `slowness` that the service accepted nothing.
 */
const pauses = { first: 600, shortest: 125, long: 2000, slowness: 4000 } as const
/** Milliseconds by which a late request may be made up for. */
const slack = 10

/** Times of the last accepted requests. */
const acceptedTimes = () => {
  let times: Array<number> = []
  return {
    add: (at: number) => {
      times.push(at)
      if (times.length > 16_384) times = times.slice(-8192)
    },
    /** How many in the last `ms` milliseconds. */
    within: (at: number, ms: number): number => {
      let i = times.length
      while (i > 0 && (times[i - 1] ?? 0) > at - ms) i--
      return times.length - i
    },
    /** Milliseconds since the last but `count`. */
    since: (at: number, count: number): number => at - (times.at(-count) ?? 0),
  }
}

/** The rate without its waiting: every function is given the time. */
const controller = ({ start, lowest, highest }: RateBounds, createdAt: number) => {
  const first = Math.min(start ?? Infinity, highest)
  let rate = first
  /** What the service accepted when it last refused. */
  let measured = rate
  const accepted = acceptedTimes()
  let [successes, flying, nextAt] = [0, 0, 0]
  /** Since the rate was last set: when, requests that were sent later, and the seconds of growth. */
  let [setAt, later, probed] = [Number.NEGATIVE_INFINITY, { accepted: 0, refused: 0 }, 0]
  let [grownAt, slowness] = [createdAt, 1]
  let [credit, excess, inARow] = [0, 0, 0]
  /** Unexplained events one after the other, and the rate measured before them. */
  let [unexplained, before] = [0, rate]
  let isRandom = false
  /** One request at a time, after a pause. */
  let isStopped = false
  let [stoppedAt, pausedUntil, pause] = [createdAt, 0, 0]
  let resumed = { at: createdAt, accepted: 0 }

  const places = (): number => {
    if (isStopped) return 1
    return rate === Infinity ? Math.floor(flight.first + (successes / flight.growth) ** 2) : Infinity
  }
  const set = (at: number, to: number, share: number): void => {
    measured = Math.max(lowest, to)
    rate = Math.min(highest, Math.max(lowest, share * to))
    setAt = grownAt = at
    probed = excess = 0
    later = { accepted: 0, refused: 0 }
  }
  const grow = (at: number): void => {
    const time =
      Math.min(1, (at - grownAt) / 1000) / Math.max(slowness, Math.min(growth.longest, growth.requests / measured))
    grownAt = at
    // A rate that is not used does not grow.
    if (rate === Infinity || isStopped || nextAt <= at || isRandom || credit < 0) return
    probed += time
    rate = Math.min(highest, rate + time * measured * growth.first * 2 ** Math.min(probed, 20))
  }
  const stop = (at: number, ms: number): void => {
    if (pause === 0) stoppedAt = at
    isStopped = true
    pause = Math.min(1000 / lowest, ms)
    pausedUntil = at + pause
  }
  /** Sets a rate where there was none, or none that could be trusted. */
  const begin = (at: number, span: number): void => {
    set(at, (1000 * Math.max(1, accepted.within(at, span))) / span, part)
    isRandom = isStopped = false
    unexplained = pause = 0
    credit = credits.begin
  }
  const lower = (at: number): void => {
    const span = Math.min(at - Math.max(setAt, createdAt), Math.max(average.time, accepted.since(at, average.requests)))
    const mean = (1000 * (accepted.within(at, span) + 0.5)) / span
    if (rate > measured) {
      const lately = Math.max(last.time, accepted.since(at, last.requests))
      const recent = (1000 * accepted.within(at, lately)) / lately
      unexplained = 0
      slowness = Math.max(1, slowness / 2)
      set(at, Math.min(rate, Math.max(measured, mean, last.weight * recent)), part)
      return
    }
    if (later.accepted >= events.requests - 1 && unexplained++ === 0) before = measured
    isRandom = unexplained >= events.unexplained
    if (isRandom) set(at, before, 1)
    else set(at, Math.min(rate, mean), part)
  }
  const withoutRate = (at: number): void => {
    isStopped = true
    if (later.refused <= doubt.share * (later.accepted + later.refused) - 1) later = { accepted: 0, refused: 1 }
    if (excess >= doubt.excess || (inARow >= doubt.alone && flying === 0)) {
      begin(at, 1000)
      stop(at, pauses.first)
    } else if (later.refused >= doubt.many) begin(at, Math.min(1000, at - createdAt))
  }
  const refused = (at: number, sentAt: number): void => {
    if (!isStopped) credit = Math.max(credits.least, credit - 1)
    // One event for all that was on its way when the rate was set.
    if (sentAt <= setAt || at < pausedUntil) return
    later.refused++
    inARow++
    excess++
    if (rate === Infinity) withoutRate(at)
    else if (isRandom) {
      if (excess >= doubt.excess) begin(at, Math.min(1000, at - createdAt))
    } else if (later.accepted === 0 && setAt > Number.NEGATIVE_INFINITY) {
      if (later.refused > 1 || isStopped) stop(at, Math.max(pauses.shortest, 1000 / rate, 2 * pause))
    } else if (later.accepted + later.refused >= events.requests) lower(at)
  }
  const resume = (at: number, sentAt: number): void => {
    isStopped = false
    if (successes === 1) set(at, first, 1)
    else if (pause > pauses.long) {
      slowness = Math.max(1, (at - stoppedAt) / pauses.slowness)
      set(at, (1000 * resumed.accepted) / (at - resumed.at), part)
    }
    if (pause >= pauses.first) resumed = { at, accepted: 0 }
    pause = 0
    nextAt = sentAt + 1000 / rate
  }
  const succeeded = (at: number, sentAt: number): void => {
    successes++
    resumed.accepted++
    accepted.add(at)
    credit = Math.min(credits.most, credit + credits.earned)
    excess = Math.max(0, excess - doubt.forgiven)
    if (sentAt <= setAt) return
    later.accepted++
    inARow = 0
    if (isRandom && nextAt > at) rate = Math.min(highest, rate * (1 + growth.random))
    if (isStopped) resume(at, sentAt)
  }
  return {
    places,
    hasPlace: (): boolean => flying < places(),
    waitFor: (at: number): number => Math.max(pausedUntil, nextAt) - at,
    sent: (at: number): void => {
      flying++
      if (rate < Infinity) nextAt = Math.max(nextAt, at - Math.min(slack, 1000 / rate)) + 1000 / rate
    },
    ended: (at: number, sentAt: number, outcome: 'accepted' | 'refused' | 'other'): void => {
      flying--
      grow(at)
      if (outcome === 'accepted') succeeded(at, sentAt)
      else if (outcome === 'refused') refused(at, sentAt)
    },
  }
}

export const adaptiveRate = (bounds: RateBounds, { now, delay }: Timers): AdaptiveRate => {
  const rate = controller(bounds, now())
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const resume of [...waiting].slice(0, Math.ceil(rate.places()))) resume()
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
        if (!rate.hasPlace()) {
          await room(signal)
          continue
        }
        const at = now()
        const wait = rate.waitFor(at)
        if (wait <= 0) {
          rate.sent(at)
          return true
        }
        await delay(Math.ceil(wait), signal)
      }
      // Its turn passes to the next.
      wake()
      return false
    },
    ended: (sentAt, outcome) => {
      rate.ended(now(), sentAt, outcome)
      wake()
    },
  }
}
