// One token for many requests, one flight for a new one, one renewal a request.
import { reveal, secret, type Secret } from '@anydrive/core'
import { network, rateLimited } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { createHttp, withToken, type Http, type HttpRequest } from '../src'
import { ask, leftOf, rightOf } from './requests'
import { servers } from './server'

const serve = servers()
const put =
  (token: Secret) =>
  (request: HttpRequest): HttpRequest => ({ ...request, query: { ...request.query, access_token: token } })
const refused = (r: { readonly status: number }): boolean => r.status === 403

/** A service that takes one token, and a source that numbers those it gives. */
const service = async (accepted: string) => {
  const seen: Array<string> = []
  const state = { accepted }
  const { base } = await serve((req, res) => {
    const token = /access_token=(\w+)/.exec(req.url ?? '')?.[1] ?? ''
    seen.push(token)
    res.writeHead(token === state.accepted ? 200 : 403, { 'x-request-id': 'r7' }).end(token)
  })
  return { base, seen, state }
}
const numbered = () => {
  const asked: Array<Secret | undefined> = []
  const token = (_: AbortSignal, old: Secret | undefined) => {
    asked.push(old)
    return TE.right(secret(`t${asked.length}`))
  }
  return { token, asked }
}

describe('a token', () => {
  test('is asked for once, at first use, by however many need it', async () => {
    const { base, seen } = await service('t1')
    const { token, asked } = numbered()
    const http = withToken({ token, put, refused })(createHttp())
    expect(asked).toHaveLength(0)
    await Promise.all(Array.from({ length: 10 }, () => rightOf(http(ask({ base })))))
    await rightOf(http(ask({ base })))
    expect(asked).toEqual([undefined])
    expect(new Set(seen)).toEqual(new Set(['t1']))
  })

  test('that is refused is renewed once, by however many were refused', async () => {
    const { base, state } = await service('t1')
    const { token, asked } = numbered()
    const http = withToken({ token, put, refused })(createHttp())
    await rightOf(http(ask({ base })))
    state.accepted = 't2'
    const answers = await Promise.all(Array.from({ length: 10 }, () => rightOf(http(ask({ base })))))
    expect(answers.map(({ text, attempts }) => [text, attempts])).toEqual(Array(10).fill(['t2', 2]))
    expect(asked.map((old) => old && reveal(old))).toEqual([undefined, 't1'])
  })

  test('that may have been issued although nothing arrived leaves what needs it without effect', async () => {
    const lost = () => TE.left(network({ effect: 'unknown' }))
    const http = withToken({ token: lost, put, refused })(createHttp())
    expect(await leftOf(http(ask({ base: 'http://127.0.0.1:1', method: 'PUT', kind: 'change' })))).toMatchObject({
      _tag: 'Network',
      effect: 'none',
    })
  })

  test('renewed meanwhile is used for a request that was refused with the old one, without another renewal', async () => {
    const { token, asked } = numbered()
    const held: Array<() => void> = []
    const next: Http = (request) => async () => {
      const text = reveal(request.query?.['access_token'] as Secret)
      if (text === 't1' && request.endpoint === 'slow') await new Promise<void>((resolve) => held.push(resolve))
      return E.right({
        status: text === 't1' ? 403 : 200,
        header: () => undefined,
        text,
        attempts: 1,
        sentAt: 0,
        receivedAt: 0,
        effect: 'none' as const,
      })
    }
    const http = withToken({ token, put, refused })(next)
    const slow = rightOf(http(ask({ base: 'http://h', endpoint: 'slow' })))
    await rightOf(http(ask({ base: 'http://h', endpoint: 'quick' })))
    held[0]?.()
    expect((await slow).text).toBe('t2')
    expect(asked).toHaveLength(2)
  })

  test('that is refused after one renewal is Unauthenticated, with what the service said', async () => {
    const { base, seen } = await service('never')
    const { token, asked } = numbered()
    const said = (r: { header: (name: string) => string | undefined }) => ({
      code: 'InvalidAccessToken',
      requestId: r.header('x-request-id') ?? '',
    })
    const http = withToken({ token, put, refused, said })(createHttp())
    expect(await leftOf(http(ask({ base })))).toEqual({
      _tag: 'Unauthenticated',
      http: 403,
      code: 'InvalidAccessToken',
      requestId: 'r7',
      attempts: 2,
    })
    expect([asked.length, seen]).toEqual([2, ['t1', 't2']])
  })

  test('that cannot be renewed is not sent again', async () => {
    const { base, seen } = await service('never')
    const only = secret('fixed')
    const http = withToken({ token: () => TE.right(only), put, refused })(createHttp())
    expect(await leftOf(http(ask({ base })))).toMatchObject({ _tag: 'Unauthenticated', http: 403 })
    expect(seen).toEqual(['fixed'])
  })

  test('whose fetching fails fails those who wait, and the next request tries anew', async () => {
    const { base } = await service('t2')
    let fetches = 0
    const token = () => () => {
      fetches++
      return Promise.resolve(fetches === 1 ? E.left(rateLimited()) : E.right(secret('t2')))
    }
    const http = withToken({ token, put, refused })(createHttp())
    const failed = await Promise.all([leftOf(http(ask({ base }))), leftOf(http(ask({ base })))])
    expect(failed).toEqual([{ _tag: 'RateLimited' }, { _tag: 'RateLimited' }])
    expect((await rightOf(http(ask({ base })))).status).toBe(200)
    expect(fetches).toBe(2)
  })

  test('is refused in an answer that is a stream too', async () => {
    const { base } = await service('t2')
    const http = withToken({ token: numbered().token, put, refused })(createHttp())
    const { stream } = await rightOf(http(ask({ base, answer: 'stream' })))
    stream?.destroy()
    expect(stream).toBeDefined()
  })
})

describe('aborting while the token is fetched', () => {
  const pending = () => {
    const signals: Array<AbortSignal> = []
    const land: Array<() => void> = []
    const token = (signal: AbortSignal) => () => {
      signals.push(signal)
      return new Promise<E.Either<never, Secret>>((resolve) => land.push(() => resolve(E.right(secret('t1')))))
    }
    const next: Http = () =>
      TE.right({
        status: 200,
        header: () => undefined,
        text: '',
        attempts: 1,
        sentAt: 0,
        receivedAt: 0,
        effect: 'none' as const,
      })
    return { http: withToken({ token, put, refused })(next), signals, land }
  }

  test('by one of two leaves the other with its token', async () => {
    const { http, signals, land } = pending()
    const controller = new AbortController()
    const leaving = leftOf(http(ask({ base: 'http://h', signal: controller.signal })))
    const staying = rightOf(http(ask({ base: 'http://h' })))
    controller.abort()
    expect(await leaving).toEqual({ _tag: 'Aborted', effect: 'none' })
    expect(signals.map((signal) => signal.aborted)).toEqual([false])
    land[0]?.()
    expect((await staying).status).toBe(200)
  })

  test('by all ends the flight, and the next request starts another', async () => {
    const { http, signals, land } = pending()
    const controller = new AbortController()
    const leaving = leftOf(http(ask({ base: 'http://h', signal: controller.signal })))
    controller.abort()
    await leaving
    expect(signals[0]?.aborted).toBe(true)
    const next = rightOf(http(ask({ base: 'http://h' })))
    land[1]?.()
    expect((await next).status).toBe(200)
    expect(signals).toHaveLength(2)
  })
})
