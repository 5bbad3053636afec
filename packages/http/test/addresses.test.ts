// What a service names may be no less protected than the drive, and leads into no private network.
import type dns from 'node:dns'
import { isPrivateAddress } from '../src/addresses'
import { createHttp, type HttpSettings } from '../src'
import { ask, leftOf, rightOf } from './requests'
import { servers } from './server'

const serve = servers()
const publicDrive = 'https://drive.example.invalid'

describe('an address', () => {
  test.each([
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '0.0.0.0',
      '100.64.0.1',
    ],
    ...['224.0.0.1', '255.255.255.255', '::', '::1', 'fe80::1%eth0', 'fc00::1', 'fd12:3456::1', 'ff02::1', 'fec0::1'],
    ...['::ffff:127.0.0.1', '::ffff:a00:1', '::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b::a9fe:a9fe', '2002:c0a8:101::1'],
    ...['::ffff:0:127.0.0.1', '::ffff:0:a9fe:a9fe', '2001:0:7f00:1::', '2001:1ff::1', '100::1', '5f00::1'],
  ])('%s is private', (address) => expect(isPrivateAddress(address)).toBe(true))

  test.each(['8.8.8.8', '172.32.0.1', '192.169.0.1', '11.0.0.1', '2606:4700::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'])(
    '%s is public',
    (address) => expect(isPrivateAddress(address)).toBe(false),
  )
})

describe('a URL that a service names', () => {
  const counting = async () => {
    let count = 0
    const { base, port } = await serve((_, res) => {
      count++
      res.end('reached')
    })
    return { base, port, count: () => count }
  }
  const refusal = (settings: HttpSettings, base: string, namedBy: string) =>
    leftOf(createHttp(settings)(ask({ base, namedBy })))

  test.each([
    ...['http://HOST:1/a', 'ftp://drive.example/a', 'file:///etc/passwd', 'data:,a', 'no URL'],
    ...['https://127.0.0.1:PORT/', 'https://2130706433:PORT/', 'https://0x7f.1:PORT/', 'https://0177.0.0.1:PORT/'],
    ...[
      'https://127.1:PORT/',
      'https://[::1]:PORT/',
      'https://[::ffff:127.0.0.1]:PORT/',
      'https://[::ffff:7f00:1]:PORT/',
    ],
    ...[
      'https://localhost:PORT/',
      'https://a.localhost.:PORT/',
      'https://user@127.0.0.1:PORT/',
      'https://169.254.169.254/',
    ],
    ...['https://１２７.０.０.１:PORT/', 'https://10.0.0.1/'],
  ])('is refused before anything is sent: %s', async (text) => {
    const { port, count } = await counting()
    const fault = await refusal({ attempts: 1 }, text.replace('PORT', String(port)), publicDrive)
    expect(fault).toMatchObject({ _tag: 'UnexpectedResponse', effect: 'none' })
    expect(count()).toBe(0)
  })

  test('is followed where the drive itself is there, or the setting permits it', async () => {
    const { base, count } = await counting()
    expect((await rightOf(createHttp()(ask({ base, namedBy: base })))).text).toBe('reached')
    expect((await rightOf(createHttp()(ask({ base, namedBy: 'http://localhost:1/x' })))).text).toBe('reached')
    const permitted = createHttp({ privateAddresses: true })
    expect((await rightOf(permitted(ask({ base, namedBy: 'http://drive.example.invalid' })))).text).toBe('reached')
    expect(await refusal({ privateAddresses: true }, base, publicDrive)).toMatchObject({ _tag: 'UnexpectedResponse' })
    expect(count()).toBe(3)
  })
})

describe('a name', () => {
  // No name that leads to a private address is known on every machine, so what the system's resolver says is replaced.
  const name = 'anydrive-test.example'
  const resolving = (addresses: ReadonlyArray<dns.LookupAddress>) => {
    const lookup = (_: string, __: object, done: (...all: ReadonlyArray<unknown>) => void) =>
      setImmediate(done, null, addresses)
    jest.spyOn(jest.requireActual<typeof dns>('node:dns'), 'lookup').mockImplementation(lookup as never)
  }
  afterEach(() => jest.restoreAllMocks())

  test.each([
    [[{ address: '127.0.0.1', family: 4 }]],
    [
      [
        { address: '8.8.8.8', family: 4 },
        { address: '::ffff:127.0.0.1', family: 6 },
      ],
    ],
  ])('that resolves to %j is refused at the moment of connecting', async (addresses) => {
    const { base, port, server } = await serve((_, res) => res.end('reached'))
    let connections = 0
    server.on('connection', () => connections++)
    resolving(addresses)
    const fault = await leftOf(createHttp()(ask({ base: `http://${name}:${port}`, namedBy: 'http://8.8.4.4' })))
    expect(fault).toMatchObject({ _tag: 'UnexpectedResponse', effect: 'none' })
    expect([connections, base]).toEqual([0, base])
  })
})
