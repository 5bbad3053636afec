// The fault proxy: what it passes, what it records, and what a test can make of a request.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startFaultProxy, type FaultProxy, type FaultProxyOptions } from '../src'

const seen: Array<{
  readonly method: string
  readonly url: string
  readonly host: string
  readonly destination: string
  readonly body: string
}> = []
let server: Server
let target = ''
beforeAll(async () => {
  server = createServer((request: IncomingMessage, response) => {
    const chunks: Array<Buffer> = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const host = headers.host ?? ''
      seen.push({
        method,
        url,
        host,
        destination: String(headers['destination'] ?? ''),
        body: Buffer.concat(chunks).toString(),
      })
      response.writeHead(url.startsWith('/moved') ? 201 : 200, { 'x-own': 'yes', location: `http://${host}/there` })
      response.end(method === 'HEAD' ? undefined : `answer to ${method} ${url}`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

const through = async (
  run: (proxy: FaultProxy) => Promise<void>,
  options?: FaultProxyOptions,
  path = '',
): Promise<void> => {
  seen.length = 0
  const proxy = await startFaultProxy(target + path, options)
  try {
    await run(proxy)
  } finally {
    await proxy.close()
  }
}

test('requests are passed with their body, recorded, and answered as the server answers', () =>
  through(async (proxy) => {
    const response = await fetch(`${proxy.url}/a?b=c`, { method: 'PUT', body: 'bytes' })
    expect([response.status, response.headers.get('x-own'), await response.text()]).toEqual([
      200,
      'yes',
      'answer to PUT /a?b=c',
    ])
    expect(seen).toMatchObject([{ method: 'PUT', url: '/a?b=c', body: 'bytes', host: new URL(proxy.url).host }])
    expect(proxy.requests).toMatchObject([{ method: 'PUT', target: '/a?b=c' }])
    expect((await fetch(proxy.url, { method: 'HEAD' })).status).toBe(200)
  }))

test('a server that knows one name only is called by it, and names the proxy in what it answers', () =>
  through(
    async (proxy) => {
      const own = new URL(proxy.url).host
      const response = await fetch(`${proxy.url}/f`, { headers: { destination: `http://${own}/dav/g` } })
      expect(seen).toMatchObject([{ url: '/dav/f', host: new URL(target).host, destination: `${target}/dav/g` }])
      expect(response.headers.get('location')).toBe(`http://${own}/there`)
    },
    { host: 'target' },
    '/dav',
  ))

test('a request can be dropped before and after it is forwarded, answered otherwise, and sent twice', () =>
  through(async (proxy) => {
    proxy.intercept(() => Promise.resolve('drop'))
    await expect(fetch(proxy.url)).rejects.toThrow()
    expect(seen).toHaveLength(0)
    proxy.intercept(async (_, forward) => {
      await forward()
      return 'drop'
    })
    await expect(fetch(proxy.url)).rejects.toThrow()
    expect(seen).toHaveLength(1)
    proxy.intercept(() => Promise.resolve({ status: 503, body: 'later' }))
    const busy = await fetch(proxy.url)
    expect([busy.status, await busy.text(), seen.length]).toEqual([503, 'later', 1])
    proxy.intercept(async (_, forward) => {
      await forward()
      return forward()
    })
    expect((await fetch(proxy.url)).status).toBe(200)
    expect(seen).toHaveLength(3)
  }))

test('a body can be changed on its way, and cut', () =>
  through(async (proxy) => {
    proxy.intercept((request, forward) => forward({ ...request, body: Buffer.from('other') }))
    await fetch(proxy.url, { method: 'POST', body: 'bytes' })
    expect(seen).toMatchObject([{ body: 'other' }])
    proxy.intercept(async (_, forward) => ({ cut: await forward(), after: 4 }))
    const response = await fetch(proxy.url)
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow()
  }))

test('an effect can come later, and is waited for', () =>
  through(async (proxy) => {
    let release = (): void => undefined
    proxy.intercept((_, forward) => {
      release = () => void forward()
      return Promise.resolve({ status: 504 })
    })
    expect((await fetch(proxy.url, { method: 'DELETE' })).status).toBe(504)
    expect(seen).toHaveLength(0)
    release()
    await proxy.idle()
    expect(seen).toMatchObject([{ method: 'DELETE' }])
  }))
