// An unpublished rate is found, used and followed, on a clock that only waiting moves.
import * as E from 'fp-ts/Either'
import { withLimits, withRetry, type Http, type HttpResponse, type HttpSettings } from '../src'
import { randomOf } from '../../core/test/random'
import { ask } from './requests'

const answer = (status: number): HttpResponse => ({
  status,
  header: () => undefined,
  text: '',
  attempts: 1,
  sentAt: 0,
  receivedAt: 0,
  effect: 'none',
})

/** A clock with timers in order of time; `run` lets all that waits go on until the time is over. */
const simulation = () => {
  let time = 0
  let order = 0
  const timers: Array<{ readonly at: number; readonly order: number; readonly fire: () => void }> = []
  const delay = (ms: number): Promise<void> =>
    new Promise((fire) => {
      const timer = { at: time + ms, order: order++, fire }
      let i = timers.length
      while (i > 0 && (timers[i - 1]?.at ?? 0) > timer.at) i--
      timers.splice(i, 0, timer)
    })
  const run = async (until: number): Promise<void> => {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      const next = timers.shift()
      if (next === undefined || next.at > until) return
      time = next.at
      next.fire()
    }
  }
  return { now: () => time, delay, run }
}

type Rate = (at: number) => number
interface Arrival {
  readonly at: number
  /** Requests that the service is answering. */
  readonly active: number
  readonly random: () => number
}
type Accepts = (arrival: Arrival) => boolean

/** Services that accept so many a second. */
const services = {
  /** Counted by windows, a second long unless another length is given. */
  window: (rate: Rate, length = 1000): Accepts => {
    let [window, count] = [-1, 0]
    return ({ at }) => {
      const current = Math.floor(at / length)
      if (current !== window) [window, count] = [current, 0]
      return ++count <= (rate(at) * length) / 1000
    }
  },
  /** Counted over the last second. */
  sliding: (rate: Rate): Accepts => {
    let times: ReadonlyArray<number> = []
    return ({ at }) => {
      times = times.filter((time) => time > at - 1000)
      if (times.length >= rate(at)) return false
      times = [...times, at]
      return true
    }
  },
  /** Taken from a bucket that holds one second's worth, unless another size is given. */
  bucket: (rate: Rate, size?: number): Accepts => {
    let [tokens, last] = [size ?? rate(0), 0]
    return ({ at }) => {
      tokens = Math.min(size ?? rate(at), tokens + ((at - last) * rate(at)) / 1000)
      last = at
      if (tokens < 1) return false
      tokens -= 1
      return true
    }
  },
  /** So many at once. */
  concurrency:
    (most: number): Accepts =>
    ({ active }) =>
      active < most,
  /** All but one, if a number is given. */
  all: (refused = 0): Accepts => {
    let count = 0
    return () => ++count !== refused
  },
  /** A share is refused, whatever the rate is. */
  random:
    (share: number): Accepts =>
    ({ random }) =>
      random() >= share,
}

interface Situation {
  readonly latency: number
  readonly workers?: number
  readonly seconds?: number
  readonly seed?: number
  readonly settings?: HttpSettings
}

/** Workers that send one request after another. Latencies vary by a tenth. */
const measure = async (
  accepts: Accepts,
  { latency, workers = 16, seconds = 60, seed = 1, settings = {} }: Situation,
) => {
  const clock = simulation()
  const random = randomOf(seed)
  const environment = { ...clock, random }
  let [accepted, refused, reported, active] = [0, 0, 0, 0]
  const service: Http = () => async () => {
    const half = (latency / 2) * (0.95 + random() / 10)
    await clock.delay(half)
    const isAccepted = accepts({ at: clock.now(), active, random })
    if (isAccepted) active++
    await clock.delay(half)
    if (isAccepted) [accepted, active] = [accepted + 1, active - 1]
    else refused++
    return E.right(answer(isAccepted ? 200 : 429))
  }
  const send = withRetry(settings, environment)(withLimits({ concurrency: workers, ...settings }, environment)(service))
  const worker = async (): Promise<void> => {
    for (;;) {
      const result = await send(ask({ base: 'http://host' }))()
      if (E.isLeft(result) || result.right.status !== 200) reported++
    }
  }
  for (let i = 0; i < workers; i++) void worker()
  await clock.run(seconds * 1000)
  return { accepted, refused: refused / (accepted + refused), reported, all: accepted + refused }
}

const always =
  (rate: number): Rate =>
  () =>
    rate
const halfway =
  (first: number, second: number): Rate =>
  (at) =>
    at < 30_000 ? first : second

/** Over a minute: the part of the rate that was used, the share that was refused, and what callers saw of it. */
const used = async (accepts: Accepts, rate: Rate, situation: Situation) => {
  const measured = await measure(accepts, situation)
  const possible = ((situation.workers ?? 16) * 1000) / situation.latency
  let available = 0
  for (let at = 0; at < 60_000; at += 10) available += Math.min(rate(at), possible) / 100
  return { used: measured.accepted / available, refused: measured.refused, reported: measured.reported }
}

const shapes: ReadonlyArray<readonly [string, (rate: Rate) => Accepts]> = [
  ['a bucket of one second', (rate) => services.bucket(rate)],
  ['a bucket of ten', (rate) => services.bucket(rate, 10)],
  ['a bucket of fifty', (rate) => services.bucket(rate, 50)],
  ['windows of one second', (rate) => services.window(rate)],
  ['the last second', (rate) => services.sliding(rate)],
]

const expectWellUsed = async (
  service: (rate: Rate) => Accepts,
  rate: Rate,
  situations: ReadonlyArray<Situation>,
  { least = 0.9, most = 0.03 } = {},
) => {
  for (const situation of situations) {
    const measured = await used(service(rate), rate, situation)
    expect(measured.used).toBeGreaterThanOrEqual(least)
    expect(measured.refused).toBeLessThan(most)
    expect(measured.reported).toBe(0)
  }
}

describe.each(shapes)('a service that counts by %s', (shape, service) => {
  test.each([
    [20, 5, 16],
    [20, 50, 4],
    [20, 200, 16],
    [100, 50, 16],
  ])('and accepts %d a second, at a latency of %d ms with %d workers, is used well', async (rate, latency, workers) => {
    await expectWellUsed(service, always(rate), [{ latency, workers, seed: latency }])
  })

  // A minute allows nine refusals. Where a burst hides the rate, the search takes two steps, and of requests that are on their way for long more are
  // refused before the first refusal is known.
  test.each([
    [5, 4],
    [50, 16],
    [50, 64],
    [200, 16],
  ])('and accepts 5 a second, at a latency of %d ms with %d workers, is asked with care', async (latency, workers) => {
    const isHidden = shape === 'a bucket of fifty' || (latency === 200 && shape.startsWith('a bucket'))
    const seeds = isHidden ? [1] : [1, 2, 3]
    await expectWellUsed(
      service,
      always(5),
      seeds.map((seed) => ({ latency, workers, seed })),
      { most: isHidden ? 0.045 : 0.03 },
    )
  })
})

describe.each([
  ['bucket', services.bucket],
  ['window', services.window],
] as const)('a service that counts by a %s and changes its rate', (_, service) => {
  test.each([
    [40, 20],
    [20, 30],
    [20, 40],
    [100, 50],
    [50, 100],
  ])('from %d to %d a second is followed', async (first, second) => {
    await expectWellUsed(service, halfway(first, second), [{ latency: 50 }])
  })
})

test.each([4, 12])('a service that accepts %d at once is not asked for more', async (most) => {
  const measured = await measure(services.concurrency(most), { latency: 200 })
  expect(measured.accepted).toBeGreaterThanOrEqual(0.9 * most * 5 * 60)
  expect(measured.refused).toBeLessThan(0.03)
  expect(measured.reported).toBe(0)
})

test('a service that accepts 300 a minute is asked seldom until the minute is over, and spread over the next one', async () => {
  const measured = await measure(services.window(always(5), 60_000), { latency: 50, seconds: 300 })
  expect(measured.accepted).toBeGreaterThanOrEqual(0.9 * 1500)
  expect(measured.refused).toBeLessThan(0.04)
  expect(measured.reported).toBe(0)
})

test.each([
  [1, 5, 1],
  [1, 50, 2],
  [5, 5, 1],
  [5, 50, 1],
  [5, 50, 4],
  [5, 200, 1],
  [10, 50, 1],
  [10, 200, 2],
])(
  'a service that refuses %d %% at random, at a latency of %d ms (seed %d), is used well',
  async (share, latency, seed) => {
    const situation = { latency, seed, seconds: latency === 5 ? 6 : 30 }
    const measured = await measure(services.random(share / 100), situation)
    const possible = await measure(services.random(share / 100), { ...situation, settings: { adaptiveRate: false } })
    expect(measured.accepted).toBeGreaterThanOrEqual(0.9 * possible.accepted)
  },
)

test.each([
  [0, 20],
  [10, 20],
])('a service that refuses everything from second %d to %d is used at full speed again', async (from, to) => {
  const service: Accepts = ({ at }) => at < from * 1000 || at >= to * 1000
  const upTo = (seconds: number) => measure(service, { latency: 200, seconds })
  const [before, after] = [await upTo(to + 50), await upTo(to + 60)]
  // Sixteen workers, each with five requests a second.
  expect(after.accepted - before.accepted).toBeGreaterThanOrEqual(0.9 * 10 * 16 * 5)
})

test.each([1, 2, 3, 4, 5])('a service that refuses only request %d is used at full speed soon', async (number) => {
  for (const latency of [5, 200]) {
    const situation = { latency, seconds: 0.05 * latency }
    const measured = await measure(services.all(number), situation)
    const possible = await measure(services.all(number), { ...situation, settings: { adaptiveRate: false } })
    expect(possible.accepted - measured.accepted).toBeLessThan(180)
  }
})

test('a service without a limit is used at full speed after a few requests', async () => {
  for (const latency of [5, 200]) {
    const unlimited = { latency, seconds: 0.05 * latency, workers: 16 }
    const measured = await measure(services.all(), unlimited)
    const possible = await measure(services.all(), { ...unlimited, settings: { adaptiveRate: false } })
    expect(possible.accepted - measured.accepted).toBeLessThan(170)
  }
})

test('a request that is aborted while it waits passes its turn on', async () => {
  const { now, delay, run } = simulation()
  const statuses = [429, 429, 429, 429, 429, 429, 200]
  const service: Http = () => async () => {
    await delay(10)
    return E.right(answer(statuses.shift() ?? 500))
  }
  const http = withLimits({}, { now, delay })(service)
  const send = (signal?: AbortSignal) => http(ask({ base: 'http://host', ...(signal && { signal }) }))()
  const aborting = new AbortController()
  let last: unknown
  for (let i = 0; i < 5; i++) void send()
  void delay(20).then(() => {
    void send()
    void send(aborting.signal)
    void send().then((result) => (last = result))
  })
  void delay(1000).then(() => aborting.abort())
  await run(60_000)
  expect(last).toMatchObject({ right: { status: 200 } })
})

test('the same clock gives the same requests', async () => {
  const once = () => measure(services.window(always(20)), { latency: 50 })
  expect(await once()).toEqual(await once())
})

test('the settings give the first rate and its bounds', async () => {
  const counted = async (settings: HttpSettings) =>
    (await measure(services.window(always(50)), { latency: 2, settings })).all
  expect(await counted({ startRate: 10, highestRate: 10 })).toBeLessThanOrEqual(60 * 10 + 2)
  expect(await counted({ startRate: 20, highestRate: 30 })).toBeLessThanOrEqual(60 * 30 + 2)
  const refusing = async (lowestRate: number) =>
    (await measure(() => false, { latency: 2, settings: { lowestRate, attempts: 1, startRate: 20 } })).all
  expect(await refusing(2)).toBeGreaterThan(await refusing(0.1))
})

test('a rate that does not adapt is not lowered by a service that refuses at random', async () => {
  const { now, delay, run } = simulation()
  let sent = 0
  const service: Http = () => async () => {
    await delay(10)
    sent += 1
    return E.right(answer(sent % 20 === 0 ? 429 : 200))
  }
  const http = withLimits({ adaptiveRate: false }, { now, delay })(service)
  for (let i = 0; i < 2000; i++) void http(ask({ base: 'http://host' }))()
  // Sixteen at once, each of ten milliseconds.
  await run((2000 / 16) * 10)
  expect(sent).toBe(2000)
})
