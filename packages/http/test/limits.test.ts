// How many at once, how many a second, in which order, and the pauses that the service asks for.
import * as E from 'fp-ts/Either'
import { Readable } from 'node:stream'
import { withLimits, type Http, type HttpRequest, type HttpResponse } from '../src'
import { ask, leftOf, rightOf } from './requests'

const base = 'http://host'
const ok: HttpResponse = {
  status: 200,
  header: () => undefined,
  text: '',
  attempts: 1,
  sentAt: 0,
  receivedAt: 0,
  effect: 'none' as const,
}

/** Requests that stay in flight until they are let go. */
const held = () => {
  const flying: Array<{ readonly endpoint: string; readonly land: () => void }> = []
  const started: Array<string> = []
  const http: Http = (request) => () =>
    new Promise((resolve) => {
      started.push(request.endpoint)
      flying.push({ endpoint: request.endpoint, land: () => resolve(E.right(ok)) })
    })
  return { http, flying, started }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))
const named = (endpoint: string, more: Partial<HttpRequest> = {}) => ask({ base, endpoint, ...more })
const upload = (endpoint: string) =>
  named(endpoint, { method: 'PUT', body: { stream: () => Readable.from([]), size: 0, type: false } })

describe('concurrency', () => {
  test('lets so many fly, and the others in order of arrival', async () => {
    const { http, flying, started } = held()
    const limited = withLimits({ concurrency: 2 })(http)
    const all = ['a', 'b', 'c', 'd'].map((name) => limited(named(name))())
    await settled()
    expect(started).toEqual(['a', 'b'])
    flying[1]?.land()
    await settled()
    expect(started).toEqual(['a', 'b', 'c'])
    flying[0]?.land()
    flying[2]?.land()
    await settled()
    flying[3]?.land()
    expect(await Promise.all(all)).toHaveLength(4)
    expect(started).toEqual(['a', 'b', 'c', 'd'])
  })

  test('of uploads is counted apart: an upload whose source needs a request of the same drive goes on', async () => {
    const { http, started } = held()
    const limited = withLimits({ concurrency: 1 })(http)
    for (const request of [upload('u1'), upload('u2'), named('r1'), named('r2')]) void limited(request)()
    await settled()
    expect(started).toEqual(['u1', 'r1'])
  })

  test('is given back by a failure', async () => {
    let calls = 0
    const failing: Http = () => () => {
      calls++
      return Promise.resolve(E.left({ _tag: 'Network', effect: 'none' }))
    }
    const limited = withLimits({ concurrency: 1 })(failing)
    for (let i = 0; i < 3; i++) await leftOf(limited(named('x')))
    expect(calls).toBe(3)
  })

  test('is not taken by who has aborted while waiting', async () => {
    const { http, flying, started } = held()
    const limited = withLimits({ concurrency: 1 })(http)
    const controller = new AbortController()
    void limited(named('a'))()
    const waiting = limited(named('b', { signal: controller.signal }))()
    void limited(named('c'))()
    await settled()
    controller.abort()
    expect(await waiting).toEqual(E.left({ _tag: 'Aborted', effect: 'none' }))
    flying[0]?.land()
    await settled()
    expect(started).toEqual(['a', 'c'])
  })
})

/** A clock that only waiting moves. */
const clock = () => {
  let time = 0
  return {
    now: () => time,
    delay: (ms: number) => {
      time += ms
      return Promise.resolve()
    },
  }
}

describe('requests a second', () => {
  test('may come in one burst of a second’s worth, then evenly', async () => {
    const environment = clock()
    const times: Array<number> = []
    const http: Http = () => () => {
      times.push(environment.now())
      return Promise.resolve(E.right(ok))
    }
    const limited = withLimits({ requestsPerSecond: 4 }, environment)(http)
    for (let i = 0; i < 8; i++) await rightOf(limited(named(String(i))))
    expect(times).toEqual([0, 0, 0, 0, 250, 500, 750, 1000])
  })

  test('may be fewer than one', async () => {
    const environment = clock()
    const limited = withLimits({ requestsPerSecond: 0.5 }, environment)(() => () => Promise.resolve(E.right(ok)))
    for (let i = 0; i < 3; i++) await rightOf(limited(named(String(i))))
    expect(environment.now()).toBe(4000)
  })

  test('are those of all processes together: each sends its share, which changes as they come and go', async () => {
    const environment = clock()
    let processes = 4
    const times: Array<number> = []
    const http: Http = () => () => {
      times.push(environment.now())
      return Promise.resolve(E.right(ok))
    }
    const limited = withLimits({ requestsPerSecond: 4 }, { ...environment, rateShare: () => 1 / processes })(http)
    for (let i = 0; i < 3; i++) await rightOf(limited(named('of four')))
    processes = 2
    for (let i = 0; i < 2; i++) await rightOf(limited(named('of two')))
    expect(times).toEqual([0, 1000, 2000, 2500, 3000])
  })

  test('are granted in order of arrival', async () => {
    const order: Array<string> = []
    const http: Http = (request) => () => {
      order.push(request.endpoint)
      return Promise.resolve(E.right(ok))
    }
    const limited = withLimits({ requestsPerSecond: 1, concurrency: 99 }, clock())(http)
    const names = Array.from({ length: 20 }, (_, i) => String(i))
    await Promise.all(names.map((name) => rightOf(limited(named(name)))))
    expect(order).toEqual(names)
  })

  test('are not waited for by who has aborted, nor is the queue held up', async () => {
    const controller = new AbortController()
    let waits = 0
    const environment = {
      now: () => 0,
      delay: (_: number, signal: AbortSignal) =>
        new Promise<void>((resolve) => {
          waits++
          signal.addEventListener('abort', () => resolve(), { once: true })
        }),
    }
    const limited = withLimits({ requestsPerSecond: 1 }, environment)(() => () => Promise.resolve(E.right(ok)))
    await rightOf(limited(named('a')))
    const first = limited(named('b', { signal: controller.signal }))()
    const second = limited(named('c', { signal: controller.signal }))()
    await settled()
    expect(waits).toBe(1)
    controller.abort()
    expect(await Promise.all([first, second])).toEqual(Array(2).fill(E.left({ _tag: 'Aborted', effect: 'none' })))
  })
})

describe('Retry-After', () => {
  const saying = (status: number, seconds: string | undefined): HttpResponse => ({
    status,
    header: (name) => (name === 'retry-after' ? seconds : undefined),
    text: '',
    attempts: 1,
    sentAt: 0,
    receivedAt: 0,
    effect: 'none' as const,
  })
  const nextAt = async (...first: ReadonlyArray<HttpResponse>): Promise<number> => {
    const environment = clock()
    const answers = [...first]
    const limited = withLimits({}, environment)(() => () => Promise.resolve(E.right(answers.shift() ?? ok)))
    for (let i = 0; i <= first.length; i++) await rightOf(limited(named('a')))
    return environment.now()
  }

  test('of a 429 or a 503 silences the whole drive until then', async () => {
    expect(await nextAt(saying(429, '3'))).toBe(3000)
    expect(await nextAt(saying(503, '2'))).toBe(2000)
  })

  test('silences it for no longer than the longest delay', async () => {
    expect(await nextAt(saying(429, '3600'))).toBe(30_000)
  })

  test('of another answer, and a 503 without it, silence nothing', async () => {
    expect(await nextAt(saying(200, '3'))).toBe(0)
    expect(await nextAt(saying(503, undefined))).toBe(0)
  })

  test('is missing: a single 429 silences nothing, three in a row silence the drive for a while', async () => {
    const refusal = saying(429, undefined)
    expect(await nextAt(refusal)).toBe(0)
    expect(await nextAt(refusal, refusal)).toBe(0)
    expect(await nextAt(refusal, refusal, refusal)).toBe(600)
  })
})
