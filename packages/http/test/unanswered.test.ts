// Services and proxies that keep a request open without ever responding to it: each ends with a fault.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createHttp } from '../src'
import { ask, leftOf } from './requests'

const open: Array<{ readonly server: Server; readonly sockets: Set<Socket> }> = []
afterEach(() => {
  for (const { server, sockets } of open.splice(0)) {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
})

/** The other side closes it, and the test does not. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })

/** Calls `on` once the first bytes of a request have come. */
const listen = async (on: (socket: Socket) => void): Promise<string> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).once('data', () => on(socket))
  })
  open.push({ server, sockets })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Writes again and again until the connection closes. */
const repeating =
  (text: string, first = '') =>
  (socket: Socket): void => {
    socket.write(first)
    const writing = setInterval(() => socket.write(text), 20)
    socket.once('close', () => clearInterval(writing))
  }

const settings = { attempts: 1, idleTimeout: 300, totalTimeout: 600 }
const answers = ['text', 'stream'] as const

describe.each(answers)('a request for a %s', (answer) => {
  test.each([
    ['interim responses without end', repeating('HTTP/1.1 102 Processing\r\n\r\n')],
    ['a header that trickles', repeating('x', 'HTTP/1.1 200 OK\r\nX-Long: ')],
  ])('that gets %s ends in time', async (_, on) => {
    const fault = await leftOf(createHttp(settings)(ask({ base: await listen(on), answer })))
    expect(fault).toMatchObject({ _tag: 'Timeout', code: 'total', effect: 'none' })
  })

  test.each(['GET', 'PROPFIND'] as const)('by %s that gets another protocol is an error', async (method) => {
    const base = await listen((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello')
    })
    const fault = await leftOf(createHttp(settings)(ask({ base, answer, method })))
    expect(fault).toMatchObject({ _tag: 'UnexpectedResponse', http: 101, effect: 'none' })
  })

  test.each([
    ['says nothing', () => undefined],
    ['never ends its response', repeating('x', 'HTTP/1.1 200 ')],
  ])('through a proxy that %s ends in time', async (_, on) => {
    const proxy = await listen(on)
    const send = createHttp({ ...settings, proxy })
    expect(await leftOf(send(ask({ base: 'https://far.invalid/', answer })))).toMatchObject({
      _tag: 'Timeout',
      effect: 'none',
    })
    await Promise.all(open.flatMap(({ sockets }) => [...sockets].map(closed)))
  })
})

test('a change that gets another protocol may have happened', async () => {
  const base = await listen((socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n')
  })
  const fault = await leftOf(createHttp(settings)(ask({ base, method: 'DELETE', kind: 'change' })))
  expect(fault).toMatchObject({ _tag: 'UnexpectedResponse', effect: 'unknown' })
})
