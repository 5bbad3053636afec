// What goes wrong on purpose: probabilities, orders for the next call, latency and rate, all reproducible by a seed.
import { mixSeed, seededRandom, type Random } from './random'

const faultKinds = ['cut', 'lost', '5xx', '5xx-late', '429', 'token', 'item', 'task', 'short', 'put', 'get'] as const

/**
 * `cut`: the connection ends before anything happened. `lost`: it happened, the answer does not arrive.
 * `5xx`: refused before anything happened. `5xx-late`: it happened, the answer says 5xx. `429`: refused as too many.
 * `token`: the token has just expired. `item`: one item of a batch fails. `task`: a task ends as failed, half done. `short`: a page of a list is short or empty.
 * `put`: the object store ends the connection in the middle of a body coming in; `get`: … going out.
 */
export type FaultKind = (typeof faultKinds)[number]

/** Probabilities from 0 to 1. */
export type FaultSpec = Readonly<Partial<Record<FaultKind, number>>>

export type Latency = number | { readonly min: number; readonly max: number }

export interface FaultControl {
  /** Replaces all probabilities. A string is `kind=probability,…`; throws on a kind or number it does not know. */
  readonly set: (spec: FaultSpec | string) => void
  /** The next call (or `times` calls) of the endpoint meets this fault; `*` is any endpoint. Comes before any probability. */
  readonly next: (endpoint: string, kind: FaultKind, times?: number) => void
  /** Forgets probabilities, orders, latency and rate. */
  readonly clear: () => void
  readonly setLatency: (latency: Latency) => void
  /** `undefined` lifts the limit. */
  readonly setRate: (perSecond: number | undefined) => void
  /** Faults dealt so far, by kind. */
  readonly dealt: () => Readonly<Partial<Record<FaultKind, number>>>
}

/** The emulator's side: asks before acting. */
export interface FaultPlan extends FaultControl {
  /** Whether this call of the endpoint meets the fault; an order is used up by the question. */
  readonly strikes: (endpoint: string, kind: FaultKind) => boolean
  /** The fault that struck the endpoint last; undefined before the first. */
  readonly last: (endpoint: string) => FaultKind | undefined
  /** A number from 0 to `bound - 1` for details of a fault, such as where to cut. */
  readonly pick: (bound: number) => number
  readonly latency: () => number
  /** Counts a request at this time; true where it is one too many. */
  readonly exceedsRate: (now: number) => boolean
}

const isKind = (word: string): word is FaultKind => (faultKinds as ReadonlyArray<string>).includes(word)

/** Throws a sentence that names the part which is wrong. */
export const parseFaults = (text: string): FaultSpec => {
  const spec: Partial<Record<FaultKind, number>> = {}
  for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
    const [kind = '', value = '', ...more] = part.split('=').map((piece) => piece.trim())
    if (!isKind(kind)) throw new Error(`faults: "${kind}" is not one of ${faultKinds.join(', ')}`)
    const probability = value === '' ? NaN : Number(value)
    if (more.length > 0 || !(probability >= 0 && probability <= 1))
      throw new Error(`faults: "${part}" needs a probability from 0 to 1`)
    spec[kind] = probability
  }
  return spec
}

const specOf = (spec: FaultSpec | string): FaultSpec =>
  parseFaults(
    typeof spec === 'string'
      ? spec
      : Object.entries(spec)
          .map(([kind, probability]) => `${kind}=${probability}`)
          .join(','),
  )

/** One generator for each endpoint and kind, so that concurrent calls of other endpoints do not shift its decisions. */
const generators = (seed: number): ((endpoint: string, kind: string) => Random) => {
  const made = new Map<string, Random>()
  return (endpoint, kind) => {
    const key = `${endpoint} ${kind}`
    const found = made.get(key) ?? seededRandom(mixSeed('fault', seed, key))
    made.set(key, found)
    return found
  }
}

const makeRate = (initial: number | undefined) => {
  let limit = initial
  let second = Number.NaN
  let count = 0
  return {
    set: (perSecond: number | undefined): void => void (limit = perSecond),
    exceeds: (now: number): boolean => {
      if (limit === undefined) return false
      const current = Math.floor(now / 1000)
      count = current === second ? count + 1 : 1
      second = current
      return count > limit
    },
  }
}

const makeOrders = () => {
  const orders = new Map<string, number>()
  const use = (key: string): boolean => {
    const left = orders.get(key) ?? 0
    if (left > 1) orders.set(key, left - 1)
    else orders.delete(key)
    return left > 0
  }
  return {
    add: (endpoint: string, kind: FaultKind, times: number): void => {
      const key = `${endpoint} ${kind}`
      orders.set(key, (orders.get(key) ?? 0) + times)
    },
    take: (endpoint: string, kind: FaultKind): boolean => use(`${endpoint} ${kind}`) || use(`* ${kind}`),
    clear: (): void => orders.clear(),
  }
}

export const makeFaults = (options: {
  readonly seed: number
  readonly faults?: FaultSpec | string | undefined
  readonly latencyMs?: Latency | undefined
  readonly ratePerSecond?: number | undefined
}): FaultPlan => {
  const generator = generators(options.seed)
  const rate = makeRate(options.ratePerSecond)
  const orders = makeOrders()
  const dealt: Partial<Record<FaultKind, number>> = {}
  const latest = new Map<string, FaultKind>()
  let spec = specOf(options.faults ?? {})
  let latency: Latency = options.latencyMs ?? 0
  const strikes = (endpoint: string, kind: FaultKind): boolean => {
    const probability = spec[kind] ?? 0
    const struck = orders.take(endpoint, kind) || (probability > 0 && generator(endpoint, kind).next() < probability)
    if (!struck) return false
    dealt[kind] = (dealt[kind] ?? 0) + 1
    latest.set(endpoint, kind)
    return true
  }
  return {
    set: (next) => void (spec = specOf(next)),
    next: (endpoint, kind, times = 1) => orders.add(endpoint, kind, times),
    clear: () => {
      spec = {}
      latency = 0
      orders.clear()
      rate.set(undefined)
    },
    setLatency: (next) => void (latency = next),
    setRate: rate.set,
    dealt: () => ({ ...dealt }),
    strikes,
    last: (endpoint) => latest.get(endpoint),
    pick: (bound) => generator('*', 'detail').below(bound),
    latency: () =>
      typeof latency === 'number'
        ? latency
        : latency.min + generator('*', 'latency').next() * Math.max(0, latency.max - latency.min),
    exceedsRate: rate.exceeds,
  }
}
