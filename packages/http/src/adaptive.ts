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

/** In flight before the first refusal: so many, and one more for each so many successes. */
const flight = { first: 2, growsEvery: 12 } as const
/** Parts of the rate that was accepted: after a refusal, and after one that came although the rate was below the last refused one. */
const below = { usual: 0.95, suspicious: 0.8 } as const
/** The part of the refused rate at which a refusal is expected, the one below which it is suspicious, and the gap between both rates that calls for no search. */
const near = 0.98
const early = 0.93
const smallGap = 0.15
/** Milliseconds without growth after a refusal whose rate is known well. */
const hold = 5000
/** Growth a second: the first step beyond the refused rate, which doubles each second; the exponent below it; the share of the gap. */
const growth = { probe: 0.02, exponent: 1.1, gap: 1 / 3, back: 0.15 } as const
/** What an accepted request pays for refused ones: probing needs credit. */
const credits = { earned: 0.01, most: 4, least: -1 } as const
/** Milliseconds: after the first refusal of all; after requests that are refused in a row, doubling; and after which the average since the last one counts. */
const pauses = { first: 600, shortest: 125, long: 2000 } as const
/** The accepted rate is counted over so many milliseconds, or so many accepted requests if they take longer. */
const window = { time: 2000, accepted: 10 } as const
/**
 * Refusals are taken for random after so many, each after so many accepted requests, while the rate fell to `part` and they remained below `most` of all
 * requests. From then on `tolerance` times their share is ignored, up to `reserve` in a row.
 */
const random = { events: 3, apart: 4, part: 0.6, most: 0.18, tolerance: 2.5, reserve: 8 } as const
/** Successes with which the flight begins again after that, and before which a limit proves that it was wrong. */
const resumed = 72
const soon = 100
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
  }
}

/** The rate without its waiting: every function is given the time. */
const controller = ({ start, lowest, highest }: RateBounds, createdAt: number) => {
  let rate = Math.min(start ?? Infinity, highest)
  /** The rate that the service accepted last, and the one that it refused. */
  let [low, high] = [rate, rate]
  const accepted = acceptedTimes()
  let [successes, freeSince] = [0, createdAt]
  let flying = 0
  let [nextAt, pausedUntil, pause] = [0, 0, 0]
  let [cutAt, grownAt, probing] = [Number.NEGATIVE_INFINITY, createdAt, 0]
  /** Accepted since the last cut: of all requests, and of those that were sent after it. */
  let sinceCut = { all: Infinity, later: 0 }
  let sincePause = { at: createdAt, accepted: 0 }
  let isStopped = false
  let isSuspicious = false
  let credit: number = credits.most
  let decline = { from: Infinity, events: 0, refused: 0, sent: 0 }
  let [randomShare, tolerated] = [0, 0]

  const isSure = (): boolean => high - low < smallGap * high
  const places = (): number => {
    if (isStopped) return 1
    return Math.min(rate === Infinity ? flight.first + successes / flight.growsEvery : Infinity, 1 + sinceCut.all / 2)
  }
  const raise = (at: number): void => {
    const seconds = Math.min(1, (at - grownAt) / 1000)
    grownAt = at
    if (rate === Infinity || isStopped) return
    const isHeld = at - cutAt < hold
    const base = below.usual * low
    if (rate < base && !(isHeld && isSuspicious)) rate = Math.min(base, rate + seconds * growth.back * high)
    else if (credit < 0 || (isHeld && (isSuspicious || isSure()))) return
    else if (rate < near * high)
      rate = Math.min(near * high, rate + seconds * Math.min(growth.exponent * rate, growth.gap * (high - base)))
    else {
      decline = { from: low, events: 0, refused: 0, sent: 0 }
      probing += seconds
      rate += seconds * Math.min(rate, growth.probe * high * 2 ** Math.min(probing, 20))
    }
    rate = Math.min(highest, rate)
  }
  /** After requests of which none was accepted since the last refusal. */
  const stop = (at: number): void => {
    if (pause > 0) decline = { from: low, events: 0, refused: 0, sent: 0 }
    else decline.events = Math.max(0, decline.events - 1)
    isStopped = true
    pause = Math.min(1000 / lowest, Math.max(pauses.shortest, 1000 / rate, 2 * pause))
    pausedUntil = at + pause
  }
  /** After the first refusal without a rate: between the last second's requests and the speed at which they were accepted. */
  const begin = (at: number): void => {
    low = Math.max(lowest, 1, accepted.within(at, 1000))
    high = Math.max(low, (1000 * low) / Math.min(1000, at - freeSince))
    rate = below.suspicious * low
    if (successes < resumed + soon) randomShare = 0
    if (randomShare === 0) {
      isStopped = true
      pausedUntil = at + (pause = pauses.first)
    }
    decline = { from: low, events: 0, refused: 0, sent: 0 }
    isSuspicious = false
  }
  const measure = (at: number): void => {
    const most = Math.max(window.time, (1000 * (window.accepted + 2)) / rate)
    const afterPause = Math.min(at - Math.max(cutAt, pausedUntil), most)
    const span = accepted.within(at, afterPause) >= window.accepted ? afterPause : Math.min(at - cutAt, most)
    const count = accepted.within(at, span)
    high = Math.min(rate, (1100 * (count + 1)) / span)
    low = Math.min(count >= window.accepted ? high : below.suspicious * high, (1000 * (count + 0.5)) / span)
    low = Math.max(lowest, low)
  }
  const lower = (at: number): void => {
    if (sinceCut.later >= random.apart && probing === 0) decline.events++
    isSuspicious = rate < early * high && isSure() && sinceCut.later >= 2 * random.apart
    measure(at)
    decline.from = Math.max(decline.from, low)
    rate = Math.max(lowest, (isSuspicious ? below.suspicious : below.usual) * low)
    const isRandom = decline.events >= random.events && decline.refused < random.most * decline.sent
    if (!isRandom || rate >= random.part * decline.from) return
    randomShare = decline.refused / decline.sent
    tolerated = random.reserve
    rate = highest
    successes = resumed
    freeSince = at
  }
  const refused = (at: number, sentAt: number): void => {
    decline.refused++
    const isSame = sentAt <= cutAt || at < pausedUntil
    if (!isSame && tolerated >= 1) {
      tolerated--
      return
    }
    credit = Math.max(credits.least, credit - 1)
    // One cut for all that was on its way when the last one was made.
    if (isSame) return
    if (sinceCut.later === 0 && cutAt > Number.NEGATIVE_INFINITY) stop(at)
    else if (rate === Infinity) begin(at)
    else lower(at)
    cutAt = grownAt = at
    probing = 0
    sinceCut = { all: 0, later: 0 }
  }
  const succeeded = (at: number, sentAt: number): void => {
    successes++
    sinceCut.all++
    sincePause.accepted++
    accepted.add(at)
    credit = Math.min(credits.most, credit + credits.earned)
    tolerated = Math.min(random.reserve, tolerated + random.tolerance * randomShare)
    if (sentAt <= cutAt) return
    sinceCut.later++
    isStopped = false
    if (pause > pauses.long) {
      low = Math.max(lowest, Math.min(high, (1000 * sincePause.accepted) / (at - sincePause.at)))
      high = low
      rate = Math.max(lowest, below.usual * low)
      sincePause = { at, accepted: 0 }
    }
    pause = 0
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
      decline.sent++
      raise(at)
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
