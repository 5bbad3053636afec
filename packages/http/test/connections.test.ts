// Kept connections that the other side has closed, proxies, and certificates, on real sockets.
import * as E from 'fp-ts/Either'
import { request as connectTo, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer, type Server } from 'node:https'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { axiosHttp, createHttp } from '../src'
import { proxyOfEnvironment } from '../src/proxy'
import { certificate, key } from './certificate'
import { ask, leftOf, rightOf } from './requests'
import { servers } from './server'

const serve = servers()

/** Answers one request on each of the first `kept` connections, and resets such a connection at its second request. */
const forgetful = async (kept: number) => {
  const seen: Array<string> = []
  let opened = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    const number = ++opened
    let requests = 0
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      seen.push(`${number}:${data.toString().split(' ', 1)[0] ?? ''}`)
      if (number <= kept && ++requests > 1) return void socket.resetAndDestroy()
      const answer = () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      if (number <= kept) waiting.push(answer)
      else answer()
      if (waiting.length === kept) for (const its of waiting.splice(0)) its()
    })
  })
  const waiting: Array<() => unknown> = []
  const close = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, close }
}

describe('kept connections that the other side has closed', () => {
  test.each([1, 4])('of which there are %d: a read goes out again on a new one', async (kept) => {
    const { base, seen, close } = await forgetful(kept)
    const send = axiosHttp()
    await Promise.all(Array.from({ length: kept }, () => rightOf(send(ask({ base })))))
    expect((await rightOf(send(ask({ base })))).text).toBe('ok')
    expect(seen).toHaveLength(kept + 2)
    expect(seen.at(-1)).toBe(`${kept + 1}:GET`)
    close()
  })

  test('a change is not sent again, and the next request uses none of them', async () => {
    const { base, seen, close } = await forgetful(3)
    const send = axiosHttp()
    await Promise.all(Array.from({ length: 3 }, () => rightOf(send(ask({ base })))))
    const change = ask({ base, method: 'POST', kind: 'change', body: { json: {} } })
    expect(await leftOf(send(change))).toMatchObject({ _tag: 'Network', effect: 'unknown' })
    expect((await rightOf(send(change))).text).toBe('ok')
    expect(seen.slice(3).map((it) => it.split(':')[1])).toEqual(['POST', 'POST'])
    expect(seen.at(-1)).toBe('4:POST')
    close()
  })
})

/** A proxy for http and, by CONNECT, for https; it takes every request to `target`, whatever host is named. */
const startProxy = async (target: () => number) => {
  const seen: Array<string> = []
  const proxy = await serve((req, res) => {
    seen.push(`${req.method ?? ''} ${req.url ?? ''} ${req.headers['proxy-authorization'] ?? ''}`.trim())
    const url = new URL(req.url ?? '')
    connectTo({ port: target(), path: url.pathname, host: '127.0.0.1' }, (answer) => answer.pipe(res)).end()
  })
  proxy.server.on('connect', (req: IncomingMessage, socket: Socket) => {
    seen.push(`CONNECT ${req.url ?? ''}`)
    const onward = connect(target(), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    for (const its of [socket, onward])
      its.on('error', () => its.destroy()).on('close', () => [socket, onward].forEach((it) => it.destroy()))
  })
  return { base: proxy.base, seen }
}

describe('a proxy', () => {
  const before = process.env
  beforeEach(() => {
    process.env = { ...before }
  })
  afterEach(() => {
    process.env = before
  })
  const servesTls = (): Promise<Server> =>
    new Promise((resolve) => {
      const server = createTlsServer({ cert: certificate, key }, (_, res) => res.end('secure'))
      server.listen(0, '127.0.0.1', () => resolve(server))
    })

  test('of the environment is used for http and https, except where NO_PROXY says otherwise', async () => {
    const plain = await serve((_, res) => res.end('plain'))
    const tls = await servesTls()
    let target = plain.port
    const { base, seen } = await startProxy(() => target)
    Object.assign(process.env, { HTTP_PROXY: base, HTTPS_PROXY: base, NO_PROXY: 'direct.invalid' })
    const send = createHttp({ ca: certificate, attempts: 1 })
    expect((await rightOf(send(ask({ base: 'http://far.invalid/a' })))).text).toBe('plain')
    target = (tls.address() as AddressInfo).port
    // The certificate is for this name.
    expect(await leftOf(send(ask({ base: 'https://far.invalid/a' })))).toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
    expect(await leftOf(send(ask({ base: 'http://direct.invalid/' })))).toMatchObject({ _tag: 'Network' })
    expect((await rightOf(send(ask({ base: plain.base })))).text).toBe('plain')
    expect(seen).toEqual(['GET http://far.invalid/a', 'CONNECT far.invalid:443'])
    tls.closeAllConnections()
    tls.close()
  })

  test.each<[string, string, boolean]>([
    ['far.invalid', 'http://far.invalid/', true],
    ['invalid', 'http://far.invalid/', true],
    ['.invalid', 'http://far.invalid/', true],
    ['*.INVALID', 'http://far.invalid./', true],
    ['ar.invalid', 'http://far.invalid/', false],
    ['near.invalid, \tfar.invalid:80', 'http://far.invalid/', true],
    ['far.invalid:443', 'http://far.invalid/', false],
    ['far.invalid:8080', 'http://far.invalid:8080/', true],
    ['*', 'http://far.invalid/', true],
    ['192.0.2.0/24', 'http://192.0.2.77/', true],
    ['192.0.2.0/24', 'http://192.0.3.77/', false],
    ['192.0.2.7', 'http://192.0.2.77/', false],
    ['2001:db8::/32', 'http://[2001:db8:1::7]/', true],
    ['2001:DB8:0::7', 'http://[2001:db8::7]/', true],
    ['[2001:db8::7]:81', 'http://[2001:db8::7]/', false],
    ['192.0.2.0/99, /8, :80, nonsense/', 'http://192.0.2.77/', false],
  ])('is passed by as NO_PROXY=%s says, for %s: %s', (exempt, url, isDirect) => {
    Object.assign(process.env, { http_proxy: 'http://proxy.invalid', no_proxy: exempt })
    expect(proxyOfEnvironment(url)).toEqual(E.right(isDirect ? '' : 'http://proxy.invalid'))
  })

  test.each([
    [{ https_proxy: 'proxy:8080' }, E.right('http://proxy:8080')],
    [{ HTTPS_PROXY: 'http://upper', https_proxy: 'http://lower' }, E.right('http://lower')],
    [{ https_proxy: '', ALL_PROXY: 'https://all' }, E.right('https://all')],
    [{ http_proxy: 'http://other' }, E.right('')],
    [{ all_proxy: 'socks5://127.0.0.1:1080' }, E.left('invalid')],
    [{ https_proxy: 'http://user:p%zz@proxy' }, E.left('invalid')],
    [{ https_proxy: 'nonsense:::' }, E.left('invalid')],
  ])('of the environment %j', (variables, expected) => {
    Object.assign(process.env, { NO_PROXY: 'localhost' }, variables)
    expect(proxyOfEnvironment('https://far.invalid/')).toEqual(expected)
  })

  test.each(['socks5://127.0.0.1:9', 'http://user:pa%zz@127.0.0.1:9', 'http://'])(
    'of the environment that cannot be used, %s, is said at once',
    async (named) => {
      Object.assign(process.env, { HTTPS_PROXY: named, http_proxy: named })
      for (const base of ['http://far.invalid/', 'https://far.invalid/']) {
        const fault = await leftOf(createHttp()(ask({ base })))
        expect(fault).toMatchObject({ _tag: 'Network', effect: 'none', code: 'ERR_INVALID_PROXY', attempts: 1 })
        expect(JSON.stringify(fault)).not.toContain('pa%zz')
      }
    },
  )

  test('of the settings is used for all hosts, with its password, and "none" for none', async () => {
    const tls = await servesTls()
    const plain = await serve((_, res) => res.end('plain'))
    let target = (tls.address() as AddressInfo).port
    const { base, seen } = await startProxy(() => target)
    const send = createHttp({ ca: certificate, proxy: base.replace('//', '//user:pa%40ss@') })
    expect((await rightOf(send(ask({ base: 'https://localhost:1/x' })))).text).toBe('secure')
    target = plain.port
    await rightOf(send(ask({ base: 'http://localhost:1/x' })))
    const credentials = Buffer.from('user:pa@ss').toString('base64')
    expect(seen).toEqual(['CONNECT localhost:1', `GET http://localhost:1/x Basic ${credentials}`])
    process.env['HTTP_PROXY'] = base
    const direct = createHttp({ proxy: 'none', attempts: 1 })
    expect(await leftOf(direct(ask({ base: 'http://far.invalid/' })))).toMatchObject({ _tag: 'Network' })
    expect(seen).toHaveLength(2)
    tls.closeAllConnections()
    tls.close()
  })
})
