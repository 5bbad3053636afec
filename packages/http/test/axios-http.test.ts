// What axios does by itself, and what we make it do: each test talks to a real server.
import { secret } from '@anydrive/core'
import { getEventListeners, once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import * as TE from 'fp-ts/TaskEither'
import { axiosHttp, FaultError, flag, type HttpBody, type HttpRequest, type HttpResponse } from '../src'
import { longestTexts } from '../src/answer'
import { certificate, key } from './certificate'
import { ask, leftOf, rightOf } from './requests'
import { bodyOf, servers } from './server'

const serve = servers()
const send = axiosHttp()

/** A source that never ends, and tells when it is destroyed. */
const endless = () => {
  const stream = new Readable({ read: () => void stream.push(Buffer.alloc(16_384)) })
  const destroyed = new Promise<void>((resolve) => stream.once('close', resolve))
  return { stream, destroyed }
}
const streamBody = (stream: Readable, size: number): HttpBody => ({ stream: () => stream, size, type: false })
const upload = (base: string, body: HttpBody, more: Partial<HttpRequest> = {}): HttpRequest =>
  ask({ base, method: 'PUT', body, kind: 'change', ...more })

const streamOf = (answer: HttpResponse): Readable => {
  if (answer.stream === undefined) throw new Error('expected a stream')
  return answer.stream
}
const failureOf = async (stream: Readable): Promise<unknown> => bodyOf(stream).catch((error: unknown) => error)

describe('an answer', () => {
  test('has status, headers and text', async () => {
    const { base } = await serve((_, res) => res.writeHead(200, { 'X-Request-Id': 'r1' }).end('hello'))
    const answer = await rightOf(send(ask({ base })))
    expect([answer.status, answer.text, answer.attempts, answer.stream]).toEqual([200, 'hello', 1, undefined])
    expect([answer.header('x-request-id'), answer.header('X-REQUEST-ID'), answer.header('none')]).toEqual([
      'r1',
      'r1',
      undefined,
    ])
  })

  test.each([204, 400, 404, 500, 503])('of status %i is an answer, not a failure', async (status) => {
    const { base } = await serve((_, res) => res.writeHead(status).end())
    expect((await rightOf(send(ask({ base })))).status).toBe(status)
  })

  test('is streamed for a success, and read as text otherwise', async () => {
    const { base } = await serve((req, res) => res.writeHead(req.url === '/ok' ? 206 : 404).end('bytes'))
    const ok = await rightOf(send(ask({ base, segments: ['ok'], answer: 'stream' })))
    expect((await bodyOf(streamOf(ok))).toString()).toBe('bytes')
    const missing = await rightOf(send(ask({ base, segments: ['missing'], answer: 'stream' })))
    expect([missing.text, missing.stream]).toEqual(['bytes', undefined])
  })

  test('to HEAD has headers only, whatever its content-length says', async () => {
    const { base } = await serve((_, res) => res.writeHead(200, { 'content-length': '1234' }).end())
    for (const answer of ['text', 'stream'] as const) {
      const head = await rightOf(send(ask({ base, method: 'HEAD', answer })))
      expect(head.header('content-length')).toBe('1234')
      if (head.stream !== undefined) expect(await bodyOf(head.stream)).toHaveLength(0)
    }
  })

  test('does not print its body, which may hold tokens', async () => {
    const { base } = await serve((_, res) => res.end('{"accessToken":"hush"}'))
    const answer = await rightOf(send(ask({ base })))
    expect(inspect(answer) + JSON.stringify(answer)).not.toContain('hush')
    expect(JSON.parse(JSON.stringify(answer))).toEqual({ status: 200, attempts: 1, text: '22 characters' })
  })

  const endless = (status: number) =>
    serve((_, res) => {
      const piece = Buffer.alloc(1024 * 1024, 'x')
      const pieces = function* () {
        for (;;) yield piece
      }
      res.writeHead(status)
      void pipeline(Readable.from(pieces()), res).catch(() => undefined)
    })

  test.each([
    [undefined, longestTexts.small],
    ['small', longestTexts.small],
    ['listing', longestTexts.listing],
  ] as const)('longer than a response that is %p may be is UnexpectedResponse', async (expects, longest) => {
    const { base } = await endless(200)
    expect(await leftOf(send(ask({ base, expects })))).toMatchObject({
      _tag: 'UnexpectedResponse',
      issues: [{ expected: `at most ${longest} bytes` }],
    })
  })

  test.each([404, 302, 500])('of status %p is read so far as it can say why', async (status) => {
    const { base } = await endless(status)
    const answer = await rightOf(send(ask({ base })))
    expect([answer.status, answer.text.length]).toEqual([status, longestTexts.refusal])
  })

  test('of a listing may be longer than another', async () => {
    const { base } = await serve((_, res) => res.end(Buffer.alloc(longestTexts.small + 1, ' ')))
    const { text } = await rightOf(send(ask({ base, expects: 'listing' })))
    expect(text).toHaveLength(longestTexts.small + 1)
    expect(await leftOf(send(ask({ base })))).toMatchObject({ _tag: 'UnexpectedResponse' })
  })
})

describe('redirects', () => {
  test('are answers: no request, and so no token, goes to another host', async () => {
    let followed = 0
    const other = await serve((_, res) => {
      followed++
      res.end()
    })
    const { base } = await serve((_, res) => res.writeHead(302, { location: `${other.base}/x` }).end())
    const answer = await rightOf(send(ask({ base, headers: { 'X-Auth-Token': secret('t') } })))
    expect([answer.status, answer.header('location'), followed]).toEqual([302, `${other.base}/x`, 0])
  })
})

describe('decompression', () => {
  test('is done for text', async () => {
    const { base } = await serve((_, res) =>
      res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":"漢"}')),
    )
    expect((await rightOf(send(ask({ base })))).text).toBe('{"a":"漢"}')
  })

  test('is not done for streams, nor asked for', async () => {
    const zipped = gzipSync('content')
    let accepted: unknown
    const { base } = await serve((req, res) => {
      accepted = req.headers['accept-encoding']
      res.writeHead(200, { 'content-encoding': 'gzip', 'content-length': zipped.length }).end(zipped)
    })
    const answer = await rightOf(send(ask({ base, answer: 'stream' })))
    expect(await bodyOf(streamOf(answer))).toEqual(zipped)
    expect([accepted, answer.header('content-encoding')]).toEqual(['identity', 'gzip'])
  })
})

describe('what is sent', () => {
  const seen = async (request: Partial<HttpRequest>) => {
    const got: {
      url?: string | undefined
      headers?: Record<string, unknown>
      body?: string
      method?: string | undefined
    } = {}
    const { base } = await serve((req, res) => {
      void bodyOf(req).then((body) => {
        Object.assign(got, { url: req.url, headers: req.headers, body: body.toString(), method: req.method })
        res.end()
      })
    })
    await rightOf(send(ask({ ...request, base: typeof request.base === 'string' ? base + request.base : base })))
    return got
  }

  test('is the path and the query as they were built', async () => {
    const request = { segments: ['a b', 'c+d', '#1', '..', '漢', "it's"], query: { move: flag, to: 'x y/+' } }
    expect((await seen(request)).url).toBe('/a%20b/c%2Bd/%231/%2E%2E/%E6%BC%A2/it%27s?move&to=x%20y%2F%2B')
  })

  test('is a signed address byte for byte', async () => {
    const path = "/b/../o%2fx/%2e%2e/(1)!?sig=a+b%2B~'*&x=[1]|y"
    expect((await seen({ base: path })).url).toBe(path)
  })

  test('is a root for a base without a path', async () => {
    expect((await seen({})).url).toBe('/')
    expect((await seen({ query: { info: flag } })).url).toBe('/?info')
  })

  test.each(['GET', 'PROPFIND', 'MKCOL', 'COPY', 'MOVE', 'PATCH', 'DELETE', 'OPTIONS'] as const)(
    'is the method %s',
    async (method) => {
      expect((await seen({ method })).method).toBe(method)
    },
  )

  test('reveals secrets in headers, query and JSON', async () => {
    const { headers, url, body } = await seen({
      method: 'POST',
      headers: { 'X-Auth-Token': secret('h1'), 'x-none': undefined },
      query: { access_token: secret('q1') },
      body: { json: { appSecret: secret('j1') } },
    })
    expect([headers?.['x-auth-token'], url, body]).toEqual(['h1', '/?access_token=q1', '{"appSecret":"j1"}'])
    expect(headers).not.toHaveProperty('x-none')
  })

  test('while the request itself prints none of them', () => {
    const request = ask({
      base: secret('https://h/?X-Amz-Signature=base1'),
      headers: { authorization: secret('h1') },
      query: { access_token: secret('q1') },
      body: { json: { appSecret: secret('j1') } },
    })
    const printed = inspect(request, { depth: 9, showHidden: true }) + JSON.stringify(request)
    for (const hidden of ['base1', 'h1', 'q1', 'j1']) expect(printed).not.toContain(hidden)
  })

  test('has the content-type of its body, or none', async () => {
    const typeOf = async (request: Partial<HttpRequest>) => {
      const { headers } = await seen(request)
      return [headers?.['content-type'], headers?.['content-length'], headers?.['transfer-encoding']]
    }
    expect(await typeOf({ method: 'POST', body: { json: {} } })).toEqual(['application/json', '2', undefined])
    expect(await typeOf({ method: 'PUT', body: { text: '<漢/>', type: 'text/xml' } })).toEqual([
      'text/xml',
      '6',
      undefined,
    ])
    expect(await typeOf({ method: 'PUT', body: { text: 'x', type: false } })).toEqual([undefined, '1', undefined])
    expect(await typeOf({ method: 'PUT', body: streamBody(Readable.from([Buffer.from('abc')]), 3) })).toEqual([
      undefined,
      '3',
      undefined,
    ])
    const typed = { stream: () => Readable.from([Buffer.from('abc')]), size: 3, type: 'image/png' }
    expect(await typeOf({ method: 'PUT', body: typed })).toEqual(['image/png', '3', undefined])
    expect(await typeOf({ method: 'PUT', body: streamBody(Readable.from([]), 0) })).toEqual([undefined, '0', undefined])
    expect(await typeOf({ method: 'POST' })).toEqual([undefined, '0', undefined])
    expect(await typeOf({ method: 'PUT' })).toEqual([undefined, '0', undefined])
    expect(await typeOf({ method: 'GET' })).toEqual([undefined, undefined, undefined])
    expect(
      await typeOf({ method: 'PUT', headers: { 'Content-Type': 'a/b' }, body: { text: 'x', type: 'c/d' } }),
    ).toEqual(['a/b', '1', undefined])
  })

  test('goes over one connection after another request has ended', async () => {
    const { base, sockets } = await serve((req, res) => req.resume().on('end', () => res.end('ok')))
    const http = axiosHttp()
    for (let i = 0; i < 3; i++) await rightOf(http(upload(base, streamBody(Readable.from([Buffer.from('abc')]), 3))))
    await bodyOf(streamOf(await rightOf(http(ask({ base, answer: 'stream' })))))
    await rightOf(http(ask({ base })))
    expect(sockets.size).toBe(1)
  })
})

describe('the length of a source', () => {
  const receiving = async () => {
    const complete: Array<string> = []
    const { base } = await serve((req, res) => {
      req.on('error', () => undefined)
      void bodyOf(req).then(
        (body) => {
          complete.push(`${req.method ?? ''} ${body.toString()}`)
          res.end('ok')
        },
        () => undefined,
      )
    })
    return { base, complete }
  }

  test('shorter than declared fails at once, and nothing complete arrives', async () => {
    const { base, complete } = await receiving()
    const fault = await leftOf(send(upload(base, streamBody(Readable.from([Buffer.from('abc')]), 5))))
    expect(fault).toMatchObject({ _tag: 'SourceFailed', reason: 'shorter' })
    expect((await rightOf(send(ask({ base, method: 'POST' })))).text).toBe('ok')
    expect(complete).toEqual(['POST '])
  })

  test.each([
    ['a chunk too many', ['abc', 'de', 'f']],
    ['a chunk too long', ['abc', 'def']],
    ['anything for an empty file', ['abc']],
  ])(
    'longer than declared (%s) fails, nothing complete arrives, and the next request is unharmed',
    async (_, chunks) => {
      const { base, complete } = await receiving()
      const source = Readable.from(chunks.map((chunk) => Buffer.from(chunk)))
      const size = chunks.length === 1 ? 0 : 5
      expect(await leftOf(send(upload(base, streamBody(source, size))))).toMatchObject({
        _tag: 'SourceFailed',
        reason: 'longer',
      })
      expect((await rightOf(send(ask({ base, method: 'POST' })))).text).toBe('ok')
      expect(complete).toEqual(['POST '])
    },
  )
})

describe('a source', () => {
  test('that fails is SourceFailed, with the code of its error and not its message', async () => {
    const { base } = await serve((req) => req.on('error', () => undefined).resume())
    const source = new Readable({
      read: () => void source.destroy(Object.assign(new Error('secret path'), { code: 'EIO' })),
    })
    const fault = await leftOf(send(upload(base, streamBody(source, 5))))
    expect(fault).toMatchObject({ _tag: 'SourceFailed', reason: 'unreadable', code: 'EIO' })
    expect(JSON.stringify(fault)).not.toContain('secret path')
  })

  test('that is destroyed without an error is SourceFailed too', async () => {
    const { base } = await serve((req) => req.on('error', () => undefined).resume())
    const source = new Readable({ read: () => void source.destroy() })
    expect(await leftOf(send(upload(base, streamBody(source, 5))))).toMatchObject({
      _tag: 'SourceFailed',
      reason: 'unreadable',
    })
  })

  test('that cannot be opened is SourceFailed, and nothing is sent', async () => {
    const { base, sockets } = await serve((_, res) => res.end())
    const failing: ReadonlyArray<HttpBody> = [
      { stream: () => TE.left({ _tag: 'NotFound', message: 'other drive: gone' }), size: 5, type: false },
      {
        stream: () => {
          throw new Error('no')
        },
        size: 5,
        type: false,
      },
    ]
    const faults = await Promise.all(failing.map((body) => leftOf(send(upload(base, body)))))
    expect(faults).toEqual([
      { _tag: 'SourceFailed', reason: 'unreadable', code: 'NotFound', said: 'other drive: gone', effect: 'none' },
      { _tag: 'SourceFailed', reason: 'unreadable', effect: 'none' },
    ])
    expect(sockets.size).toBe(0)
  })

  test('may be opened asynchronously', async () => {
    const { base } = await serve((req, res) => void bodyOf(req).then((body) => res.end(body)))
    const body: HttpBody = { stream: () => TE.right(Readable.from([Buffer.from('later')])), size: 5, type: false }
    expect((await rightOf(send(upload(base, body)))).text).toBe('later')
  })

  test('that opens only after an abort is destroyed, and the abort is not held up', async () => {
    const { base } = await serve((_, res) => res.end())
    const controller = new AbortController()
    const { stream, destroyed } = endless()
    let open: () => void = () => undefined
    const opening = new Promise<void>((resolve) => (open = resolve))
    const body: HttpBody = { stream: () => TE.fromTask(() => opening.then(() => stream)), size: 5, type: false }
    const failing = leftOf(send(upload(base, body, { signal: controller.signal })))
    controller.abort()
    expect(await failing).toEqual({ _tag: 'Aborted', effect: 'none' })
    open()
    await destroyed
  })

  test('is destroyed when the answer comes early, and the connection with it', async () => {
    const closed: Array<Promise<unknown>> = []
    const { base, server } = await serve((req, res) => {
      req.on('error', () => undefined)
      closed.push(new Promise((resolve) => req.socket.once('close', resolve)))
      res.writeHead(403).end('no')
    })
    server.keepAliveTimeout = 0
    const { stream, destroyed } = endless()
    const answer = await rightOf(send(upload(base, streamBody(stream, 1e12))))
    expect([answer.status, answer.text]).toEqual([403, 'no'])
    await destroyed
    await Promise.all(closed)
  })

  test('is destroyed when the service cannot be reached', async () => {
    const { base, close } = await serve((_, res) => res.end())
    await close()
    const { stream, destroyed } = endless()
    const fault = await leftOf(send(upload(base, streamBody(stream, 1e12))))
    expect(fault).toEqual({ _tag: 'Network', code: 'ECONNREFUSED', effect: 'none' })
    await destroyed
  })

  test('is destroyed when the connection breaks', async () => {
    const { base } = await serve((req) => req.on('error', () => undefined).once('data', () => req.socket.destroy()))
    const { stream, destroyed } = endless()
    expect(await leftOf(send(upload(base, streamBody(stream, 1e12))))).toMatchObject({
      _tag: 'Network',
      effect: 'unknown',
    })
    await destroyed
  })

  test('is destroyed when the caller aborts', async () => {
    const controller = new AbortController()
    const { base } = await serve((req) => req.on('error', () => undefined).once('data', () => controller.abort()))
    const { stream, destroyed } = endless()
    const fault = await leftOf(send(upload(base, streamBody(stream, 1e12), { signal: controller.signal })))
    expect(fault).toEqual({ _tag: 'Aborted', effect: 'unknown' })
    await destroyed
  })
})

describe('failures of the network', () => {
  test('hold no token, no signature and no address', async () => {
    const { base } = await serve((req) => req.socket.destroy())
    const fault = await leftOf(
      send(
        ask({
          base,
          headers: { authorization: secret('Bearer hush1') },
          query: { access_token: secret('hush2') },
        }),
      ),
    )
    expect(fault).toEqual({ _tag: 'Network', code: 'ECONNRESET', effect: 'none' })
    expect(inspect(fault, { depth: 9, showHidden: true })).not.toMatch(/hush|127\.0\.0\.1/)
  })

  test('leave open whether a changing request was processed', async () => {
    const { base } = await serve((req) => req.socket.destroy())
    const fault = await leftOf(send(ask({ base, method: 'POST', kind: 'change' })))
    expect(fault).toEqual({ _tag: 'Network', code: 'ECONNRESET', effect: 'unknown' })
  })

  test('include a text that breaks off', async () => {
    const { base } = await serve((_, res) => {
      res.writeHead(200, { 'content-length': '100' })
      res.write('part', () => res.destroy())
    })
    expect(await leftOf(send(ask({ base })))).toMatchObject({ _tag: 'Network', code: 'ECONNRESET' })
  })

  test('include an answer that is not HTTP', async () => {
    const tcp = createTcpServer((socket) => socket.end('nonsense\r\n\r\n')).listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    const { port } = tcp.address() as AddressInfo
    expect(await leftOf(send(ask({ base: `http://127.0.0.1:${port}` })))).toMatchObject({ _tag: 'Network' })
    tcp.close()
  })

  test('include a name that does not exist and an address that is none', async () => {
    const base = 'http://no-such-host.invalid'
    expect(await leftOf(send(ask({ base, kind: 'change' })))).toMatchObject({ _tag: 'Network', effect: 'none' })
    expect(await leftOf(send(ask({ base: 'not an address' })))).toMatchObject({ _tag: 'Network', effect: 'none' })
  })

  test('fail a stream that breaks off, with a FaultError', async () => {
    const { base } = await serve((_, res) => {
      res.writeHead(200, { 'content-length': '100' })
      res.write('part', () => res.destroy())
    })
    const error = await failureOf(streamOf(await rightOf(send(ask({ base, answer: 'stream' })))))
    expect(error).toBeInstanceOf(FaultError)
    expect((error as FaultError).fault).toEqual({ _tag: 'Network', code: 'ECONNRESET', effect: 'none' })
    expect((error as FaultError).cause).toBeUndefined()
  })

  test('fail a chunked stream that breaks off too', async () => {
    const { base } = await serve((_, res) => void res.write('part', () => res.destroy()))
    const error = await failureOf(streamOf(await rightOf(send(ask({ base, answer: 'stream' })))))
    expect((error as FaultError).fault).toMatchObject({ _tag: 'Network' })
  })
})

describe('time', () => {
  // Each bound where no other comes first, though the machine may let one of the two sides wait.
  const brief = axiosHttp({ idleTimeout: 150, totalTimeout: 300_000 })
  const inAll = axiosHttp({ idleTimeout: 300_000, totalTimeout: 400 })
  const steady = axiosHttp({ idleTimeout: 1000, totalTimeout: 400, minimumRate: 1000 })

  /** Writes one byte every 20 ms until the client goes. */
  const trickling = () =>
    serve((req, res) => {
      req.on('error', () => undefined).resume()
      res.writeHead(200)
      const writing = setInterval(() => res.write('x'), 20)
      res.once('close', () => clearInterval(writing))
    })

  test('without a byte is bounded', async () => {
    const { base } = await serve(() => undefined)
    expect(await leftOf(brief(ask({ base })))).toEqual({ _tag: 'Timeout', code: 'idle', effect: 'none' })
    expect(await leftOf(brief(ask({ base, method: 'POST', kind: 'change' })))).toMatchObject({ effect: 'unknown' })
  })

  test('without a byte is bounded after the headers too', async () => {
    const { base } = await serve((_, res) => res.writeHead(200).flushHeaders())
    expect(await leftOf(brief(ask({ base })))).toMatchObject({ _tag: 'Timeout', code: 'idle' })
    const error = await failureOf(streamOf(await rightOf(brief(ask({ base, answer: 'stream' })))))
    expect((error as FaultError).fault).toMatchObject({ _tag: 'Timeout' })
  })

  test('of a text that trickles is bounded in all', async () => {
    const { base } = await trickling()
    expect(await leftOf(inAll(ask({ base })))).toMatchObject({ _tag: 'Timeout', code: 'total' })
  })

  test('of a stream that trickles is bounded by the minimum rate', async () => {
    const { base } = await trickling()
    const error = await failureOf(streamOf(await rightOf(steady(ask({ base, answer: 'stream' })))))
    expect((error as FaultError).fault).toEqual({ _tag: 'Timeout', code: 'slow', effect: 'none' })
  })

  test('does not run while the reader of a stream pauses', async () => {
    const content = Buffer.alloc(3_000_000, 1)
    const { base } = await serve((_, res) => res.end(content))
    const stream = streamOf(await rightOf(steady(ask({ base, answer: 'stream' }))))
    let received = 0
    let paused = false
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      received += chunk.length
      if (!paused) await new Promise((resolve) => setTimeout(resolve, 1200))
      paused = true
    }
    expect(received).toBe(content.length)
  })

  test('of a stream that keeps its rate is not bounded in all', async () => {
    const { base } = await serve((_, res) => {
      let left = 28
      const writing = setInterval(() => {
        left--
        if (left > 0) return res.write(Buffer.alloc(2000))
        clearInterval(writing)
        return res.end()
      }, 50)
    })
    expect(await bodyOf(streamOf(await rightOf(steady(ask({ base, answer: 'stream' })))))).toHaveLength(54_000)
  })

  test('of an upload that the service does not read is bounded, and its source destroyed', async () => {
    const { base } = await serve((req) => void req.pause())
    const { stream, destroyed } = endless()
    expect(await leftOf(brief(upload(base, streamBody(stream, 1e12))))).toMatchObject({
      _tag: 'Timeout',
      code: 'idle',
      effect: 'unknown',
    })
    await destroyed
  })

  test('of an upload whose source trickles is bounded by the minimum rate', async () => {
    const { base } = await serve((req) => req.on('error', () => undefined).resume())
    const source = new Readable({ read: () => undefined })
    const writing = setInterval(() => source.push('x'), 20)
    source.once('close', () => clearInterval(writing))
    expect(await leftOf(steady(upload(base, streamBody(source, 1e12))))).toMatchObject({
      _tag: 'Timeout',
      code: 'slow',
    })
  })

  test('that the service takes for its answer to an upload counts as idle only', async () => {
    const { base } = await serve((req, res) => {
      req.resume().on('end', () => {
        const writing = setInterval(() => res.writeProcessing(), 50)
        setTimeout(() => {
          clearInterval(writing)
          res.end('done')
        }, 600)
      })
    })
    const body = streamBody(Readable.from([Buffer.from('abc')]), 3)
    expect((await rightOf(steady(upload(base, body)))).text).toBe('done')
  })
})

describe('aborting', () => {
  test('before the start sends nothing', async () => {
    const { base, sockets } = await serve((_, res) => res.end())
    const fault = await leftOf(send(ask({ base, method: 'POST', kind: 'change', signal: AbortSignal.abort() })))
    expect(fault).toEqual({ _tag: 'Aborted', effect: 'none' })
    expect(sockets.size).toBe(0)
  })

  test.each([
    ['read', 'none'],
    ['change', 'unknown'],
  ] as const)('a %s that was sent has the effect %s', async (kind, effect) => {
    const controller = new AbortController()
    const { base } = await serve(() => controller.abort())
    const fault = await leftOf(send(ask({ base, method: 'POST', kind, signal: controller.signal })))
    expect(fault).toEqual({ _tag: 'Aborted', effect })
  })

  test('while TLS is not established has no effect', async () => {
    const controller = new AbortController()
    const tcp = createTcpServer((socket) => {
      socket.on('error', () => undefined)
      controller.abort()
    }).listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    const base = `https://127.0.0.1:${(tcp.address() as AddressInfo).port}`
    const fault = await leftOf(send(ask({ base, method: 'POST', kind: 'change', signal: controller.signal })))
    expect(fault).toEqual({ _tag: 'Aborted', effect: 'none' })
    tcp.close()
  })

  test('a stream fails it with a FaultError and closes the connection', async () => {
    const controller = new AbortController()
    const { base, sockets } = await serve((_, res) => void res.write('part'))
    const stream = streamOf(await rightOf(send(ask({ base, answer: 'stream', signal: controller.signal }))))
    const closed = Promise.all([...sockets].map((socket) => once(socket, 'close')))
    stream.once('data', () => controller.abort())
    const error = await failureOf(stream)
    expect((error as FaultError).fault).toEqual({ _tag: 'Aborted', effect: 'none' })
    await closed
  })

  test('fails a stream that has arrived and is not read yet', async () => {
    const controller = new AbortController()
    const { base, sockets } = await serve((_, res) => res.writeHead(200, { connection: 'close' }).end('whole'))
    const stream = streamOf(await rightOf(send(ask({ base, answer: 'stream', signal: controller.signal }))))
    await Promise.all([...sockets].map((socket) => once(socket, 'close')))
    while (!('writableEnded' in stream && stream.writableEnded === true))
      await new Promise((resolve) => setImmediate(resolve))
    controller.abort()
    expect(((await failureOf(stream)) as FaultError).fault).toMatchObject({ _tag: 'Aborted' })
  })

  test('leaves no listener on the signal, however the request ends', async () => {
    const { signal } = new AbortController()
    const { base } = await serve((req, res) => {
      if (req.url === '/cut') req.socket.destroy()
      else res.end('ok')
    })
    await rightOf(send(ask({ base, signal })))
    await leftOf(send(ask({ base, segments: ['cut'], signal })))
    const stream = streamOf(await rightOf(send(ask({ base, answer: 'stream', signal }))))
    await bodyOf(stream)
    const left = streamOf(await rightOf(send(ask({ base, answer: 'stream', signal }))))
    left.destroy()
    await once(left, 'close')
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('a stream that is given up closes its connection', async () => {
    const { base, sockets } = await serve((_, res) => void res.write('part'))
    const stream = streamOf(await rightOf(send(ask({ base, answer: 'stream' }))))
    const closed = Promise.all([...sockets].map((socket) => once(socket, 'close')))
    stream.destroy()
    await closed
  })
})

describe('TLS', () => {
  const secure = async () => {
    const server = createTlsServer({ cert: certificate, key }, (_, res) => res.end('private')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { base: `https://localhost:${(server.address() as AddressInfo).port}`, close: () => server.close() }
  }

  test('trusts the certificates that the settings add', async () => {
    const { base, close } = await secure()
    expect((await rightOf(axiosHttp({ ca: certificate })(ask({ base })))).text).toBe('private')
    close()
  })

  test('trusts no others', async () => {
    const { base, close } = await secure()
    const fault = await leftOf(send(ask({ base, method: 'POST', kind: 'change' })))
    expect(fault).toEqual({ _tag: 'Network', code: 'DEPTH_ZERO_SELF_SIGNED_CERT', effect: 'none' })
    close()
  })
})

describe('the log', () => {
  test('tells endpoint, status, time and attempt, and nothing of what was sent', async () => {
    let time = 0
    const { base } = await serve((req, res) => {
      time += 7
      if (req.url?.startsWith('/cut') === true) req.socket.destroy()
      else res.writeHead(404, { date: 'Fri, 27 Nov 2026 00:00:00 GMT' }).end()
    })
    const events: Array<unknown> = []
    const open = () => axiosHttp({}, { now: () => time, log: (event) => events.push(event) })
    const found = await rightOf(open()(ask({ base, endpoint: 'info', query: { access_token: 'plain' } })))
    expect(found).toMatchObject({ sentAt: 0, receivedAt: 7 })
    const cut = ask({ base, endpoint: 'cut', segments: ['cut'], query: { access_token: 'plain' }, attempt: 2 })
    await leftOf(open()(cut))
    const event = { name: 'request', method: 'GET', ms: 7 }
    expect(events).toEqual([
      { ...event, endpoint: 'info', status: 404, fault: undefined, date: 'Fri, 27 Nov 2026 00:00:00 GMT', attempt: 1 },
      { ...event, endpoint: 'cut', status: undefined, fault: 'Network', date: undefined, attempt: 2 },
    ])
  })
})
