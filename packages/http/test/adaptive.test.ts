// An unpublished rate is found, used and followed, on a clock that only waiting moves.
import * as E from 'fp-ts/Either'
import { withLimits, withRetry, type Http, type HttpResponse, type HttpSettings } from '../src'
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
/** So many a second, counted by windows of one second, or from a bucket of one second's worth, unless another length or size is given. */
const services = {
  window: (rate: Rate, length = 1000) => {
    let [window, count] = [-1, 0]
    return (at: number): boolean => {
      const current = Math.floor(at / length)
      if (current !== window) [window, count] = [current, 0]
      return ++count <= (rate(at) * length) / 1000
    }
  },
  bucket: (rate: Rate, size?: number) => {
    let [tokens, last] = [size ?? rate(0), 0]
    return (at: number): boolean => {
      tokens = Math.min(size ?? rate(at), tokens + ((at - last) * rate(at)) / 1000)
      last = at
      if (tokens < 1) return false
      tokens -= 1
      return true
    }
  },
}

const measure = async (
  accepts: (at: number) => boolean,
  rate: Rate,
  settings: HttpSettings,
  latency: number,
  seconds = 60,
) => {
  const clock = simulation()
  const workers = 16
  let random = 1
  const environment = { ...clock, random: () => (random = (random * 16807) % 2147483647) / 2147483647 }
  let [accepted, refused, reported] = [0, 0, 0]
  const service: Http = () => async () => {
    await clock.delay(latency / 2)
    const isAccepted = accepts(clock.now())
    if (isAccepted) accepted++
    else refused++
    await clock.delay(latency / 2)
    return E.right(answer(isAccepted ? 200 : 429))
  }
  const send = withRetry(settings, environment)(withLimits(settings, environment)(service))
  const worker = async (): Promise<void> => {
    for (;;) {
      const result = await send(ask({ base: 'http://host' }))()
      if (E.isLeft(result) || result.right.status !== 200) reported++
    }
  }
  for (let i = 0; i < workers; i++) void worker()
  await clock.run(seconds * 1000)
  let available = 0
  for (let at = 0; at < seconds * 1000; at += 10) available += rate(at) / 100
  return {
    used: accepted / available,
    refused: refused / (accepted + refused),
    reported,
    accepted,
    all: accepted + refused,
  }
}

const rates: ReadonlyArray<readonly [string, Rate]> = [
  ['5', () => 5],
  ['20', () => 20],
  ['100', () => 100],
  ['40, then 20', (at) => (at < 30_000 ? 40 : 20)],
  ['20, then 30', (at) => (at < 30_000 ? 20 : 30)],
  ['100, then 60, then 80', (at) => (at < 20_000 ? 100 : at < 40_000 ? 60 : 80)],
]

describe.each(Object.entries(services))('a service that counts by a %s', (_, service) => {
  test.each(rates)('and accepts %s requests a second is used well, and is seldom asked in vain', async (__, rate) => {
    for (const latency of rate(0) === rate(60_000) ? [2, 50] : [50]) {
      const measured = await measure(service(rate), rate, {}, latency)
      expect(measured.used).toBeGreaterThanOrEqual(0.9)
      expect(measured.refused).toBeLessThan(0.03)
      expect(measured.reported).toBe(0)
    }
  })
})

test.each([2, 50, 200])(
  'a service that accepts ten at once and then five a second, at a latency of %d ms',
  async (latency) => {
    const rate = () => 5
    const measured = await measure(services.bucket(rate, 10), rate, {}, latency)
    expect(measured.used).toBeGreaterThanOrEqual(0.9)
    expect(measured.refused).toBeLessThan(0.05)
    expect(measured.reported).toBe(0)
  },
)

test('a service that accepts 300 a minute is asked seldom until the minute is over, and spread over the next one', async () => {
  const rate = () => 5
  const first = await measure(services.window(rate, 60_000), rate, {}, 50)
  const all = await measure(services.window(rate, 60_000), rate, {}, 50, 300)
  expect(all.used).toBeGreaterThanOrEqual(0.9)
  expect(all.reported).toBe(0)
  expect(first.all - first.accepted).toBeLessThan(40)
  expect(all.refused).toBeLessThan(0.06)
})

test('a request that is aborted while it waits passes its turn on', async () => {
  const { now, delay, run } = simulation()
  const statuses = [429, 429, 200]
  const service: Http = () => async () => {
    await delay(10)
    return E.right(answer(statuses.shift() ?? 500))
  }
  const http = withLimits({}, { now, delay })(service)
  const send = (signal?: AbortSignal) => http(ask({ base: 'http://host', ...(signal && { signal }) }))()
  const aborting = new AbortController()
  let last: unknown
  void send()
  void delay(20).then(() => {
    void send()
    void send(aborting.signal)
    void send().then((result) => (last = result))
  })
  void delay(2000).then(() => aborting.abort())
  await run(60_000)
  expect(last).toMatchObject({ right: { status: 200 } })
})

test('the same clock gives the same requests', async () => {
  const once = () =>
    measure(
      services.window(() => 20),
      () => 20,
      {},
      50,
    )
  expect(await once()).toEqual(await once())
})

test('the settings give the first rate and its bounds', async () => {
  const rate = () => 50
  const counted = async (settings: HttpSettings) => (await measure(services.window(rate), rate, settings, 2)).all
  expect(await counted({ startRate: 10, highestRate: 10 })).toBeLessThanOrEqual(60 * 10 + 2)
  expect(await counted({ startRate: 20, highestRate: 30 })).toBeLessThanOrEqual(60 * 30 + 2)
  const refusing = async (lowestRate: number) =>
    (
      await measure(
        () => false,
        () => 1,
        { lowestRate, attempts: 1, startRate: 20 },
        2,
      )
    ).all
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
