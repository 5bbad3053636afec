// What is repeated, how often, and after which pause.
import { network, sourceFailed, timeout } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { Readable } from 'node:stream'
import {
  axiosHttp,
  retryAfter,
  withRetry,
  type Http,
  type HttpFault,
  type HttpRequest,
  type HttpResponse,
  type RequestKind,
  type RetryOptions,
} from '../src'
import { ask, leftOf, rightOf } from './requests'
import { bodyOf, servers } from './server'

const serve = servers()
const base = 'http://host'

const answer = (status: number, headers: Readonly<Record<string, string>> = {}): HttpResponse => ({
  status,
  header: (name) => headers[name],
  text: '',
  attempts: 1,
  sentAt: 0,
  receivedAt: 0,
  effect: 'none' as const,
})
const lost: HttpFault = network({ effect: 'unknown', code: 'ECONNRESET' })
const refused: HttpFault = network({ effect: 'none', code: 'ECONNREFUSED' })

/** Gives one result after the other, the last one for ever, and keeps what it was asked. */
const script = (...results: ReadonlyArray<HttpFault | HttpResponse>) => {
  const asked: Array<HttpRequest> = []
  const http: Http = (request) => () => {
    asked.push(request)
    const result = results[Math.min(asked.length, results.length) - 1] ?? answer(200)
    return Promise.resolve('status' in result ? E.right(result) : E.left(result))
  }
  return { http, asked }
}

const setting = (options: RetryOptions = {}) => {
  const pauses: Array<number> = []
  const environment = {
    now: () => Date.UTC(2026, 0, 1),
    random: () => 0.5,
    delay: (ms: number) => {
      pauses.push(ms)
      return Promise.resolve()
    },
  }
  return { pauses, retry: withRetry(options, environment) }
}

const triesOf = async (
  kind: RequestKind,
  first: HttpFault | HttpResponse,
  options: RetryOptions = {},
): Promise<number> => {
  const { http, asked } = script(first, answer(200))
  await setting(options).retry(http)(ask({ base, kind }))()
  return asked.length
}

describe('what is repeated', () => {
  test.each([408, 429, 500, 502, 503, 504])('a read after status %i', async (status) => {
    expect(await triesOf('read', answer(status))).toBe(2)
  })

  test.each([200, 301, 400, 401, 403, 404, 409, 501])('nothing after status %i', async (status) => {
    expect(await triesOf('read', answer(status))).toBe(1)
  })

  test('a read after a lost response or a time-out', async () => {
    expect(await triesOf('read', lost)).toBe(2)
    expect(await triesOf('read', timeout({ effect: 'none', code: 'idle' }))).toBe(2)
  })

  test('a change only where nothing was processed', async () => {
    expect(await triesOf('change', refused)).toBe(2)
    expect(await triesOf('change', answer(429))).toBe(2)
    expect(await triesOf('change', lost)).toBe(1)
    expect(await triesOf('change', answer(503))).toBe(1)
    expect(await triesOf('change', timeout({ effect: 'unknown', code: 'idle' }))).toBe(1)
  })

  test('as the adapter says', async () => {
    const again = (r: HttpResponse) => r.status === 418
    expect(await triesOf('read', answer(418), { again })).toBe(2)
    expect(await triesOf('read', answer(503), { again })).toBe(1)
    expect(await triesOf('change', answer(418), { again })).toBe(1)
    expect(await triesOf('change', answer(418), { unprocessed: again })).toBe(2)
  })

  test('nothing after what trying again does not mend', async () => {
    expect(await triesOf('read', sourceFailed({ reason: 'shorter' }))).toBe(1)
    expect(await triesOf('read', network({ effect: 'none', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }))).toBe(1)
    expect(await triesOf('read', network({ effect: 'none', code: 'CERT_HAS_EXPIRED' }))).toBe(1)
    expect(await triesOf('read', network({ effect: 'none', code: 'ERR_INVALID_URL' }))).toBe(1)
  })
})

describe('how often', () => {
  test('five times, and the last answer tells so', async () => {
    const { http, asked } = script(answer(503))
    const { retry } = setting()
    const last = await rightOf(retry(http)(ask({ base })))
    expect([last.status, last.attempts]).toEqual([503, 5])
    expect(asked.map((request) => request.attempt)).toEqual([1, 2, 3, 4, 5])
  })

  test('as often as the settings say, and the last fault tells so', async () => {
    const { http, asked } = script(lost)
    const { retry } = setting({ attempts: 3 })
    expect(await leftOf(retry(http)(ask({ base })))).toEqual({ ...lost, attempts: 3 })
    expect(asked).toHaveLength(3)
  })

  test('a success counts its attempts too', async () => {
    const { retry } = setting()
    const { http } = script(lost, answer(502), answer(200))
    expect((await rightOf(retry(http)(ask({ base })))).attempts).toBe(3)
  })
})

describe('the pause', () => {
  test('doubles, with full jitter, up to the longest', async () => {
    const { retry, pauses } = setting({ attempts: 9, longestDelay: 5000 })
    await retry(script(lost).http)(ask({ base }))()
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 2500, 2500, 2500])
  })

  test('is the one that the service asks for, in seconds or as a date', async () => {
    const { retry, pauses } = setting()
    const date = { 'retry-after': 'Thu, 01 Jan 2026 00:00:07 GMT' }
    const { http } = script(answer(429, { 'retry-after': '3' }), answer(503, date), answer(200))
    await rightOf(retry(http)(ask({ base })))
    expect(pauses).toEqual([3000, 7000])
  })

  test('that the service asks for is not waited for if it is longer than the longest', async () => {
    const { retry, pauses } = setting()
    const { http, asked } = script(answer(429, { 'retry-after': '3600' }))
    expect((await rightOf(retry(http)(ask({ base })))).status).toBe(429)
    expect([asked.length, pauses]).toEqual([1, []])
  })

  test.each([
    ['0', 0],
    ['1.5', 1500],
    ['Thu, 01 Jan 2026 00:00:01 GMT', 1000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
    ['', undefined],
  ])('of Retry-After: %s is %p ms', (value, expected) => {
    expect(retryAfter(answer(429, { 'retry-after': value }), Date.UTC(2026, 0, 1))).toBe(expected)
  })
})

describe('aborting during a pause', () => {
  const abortedAfter = async (first: HttpFault | HttpResponse, kind: RequestKind) => {
    const controller = new AbortController()
    const { http, asked } = script(first)
    const retry = withRetry({}, { delay: () => Promise.resolve(controller.abort()) })
    const fault = await leftOf(retry(http)(ask({ base, kind, signal: controller.signal })))
    expect(asked).toHaveLength(1)
    return fault
  }

  test('has no effect: only what had none is repeated', async () => {
    expect(await abortedAfter(answer(429), 'change')).toEqual({ _tag: 'Aborted', effect: 'none', attempts: 1 })
    expect(await abortedAfter(refused, 'change')).toMatchObject({ effect: 'none' })
    expect(await abortedAfter(lost, 'read')).toMatchObject({ effect: 'none' })
  })

  test('ends the pause at once', async () => {
    const controller = new AbortController()
    const retry = withRetry({ longestDelay: 100_000 })
    const { http } = script(answer(429, { 'retry-after': '60' }))
    const waiting = retry(http)(ask({ base, signal: controller.signal }))()
    setImmediate(() => controller.abort())
    expect(await waiting).toMatchObject({ left: { _tag: 'Aborted' } })
  })
})

test('the body of an upload is opened again for each attempt', async () => {
  const bodies: Array<string> = []
  const server = await serve((req, res) => {
    void bodyOf(req).then((body) => {
      bodies.push(body.toString())
      res.writeHead(bodies.length < 3 ? 429 : 200).end()
    })
  })
  let opened = 0
  const stream = () => {
    opened++
    return Readable.from([Buffer.from(`body ${opened}`)])
  }
  const http = setting().retry(axiosHttp())
  const request = ask({
    base: server.base,
    method: 'PUT',
    kind: 'change',
    body: { stream, size: 6, type: false },
  })
  expect((await rightOf(http(request))).attempts).toBe(3)
  expect(bodies).toEqual(['body 1', 'body 2', 'body 3'])
})

test('the stream of an answer that is not good enough is destroyed', async () => {
  const stream = Readable.from([Buffer.from('x')])
  const { http } = script({ ...answer(202), stream }, answer(200))
  await rightOf(setting({ again: (r) => r.status === 202 }).retry(http)(ask({ base, answer: 'stream' })))
  expect(stream.destroyed).toBe(true)
})
