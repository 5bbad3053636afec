// The machinery that both emulators share, over real HTTP where it is about HTTP.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  combineCrc64,
  crc64,
  json,
  makeBlobs,
  makeCrc64,
  makeFaults,
  makeOrdered,
  makeRequestLog,
  maskQuery,
  mixSeed,
  openJournal,
  openStage,
  parseFaults,
  bodyProblems,
  queryProblems,
  seededRandom,
  serve,
  type EmulatorOptions,
  type Route,
} from '../src/common'

const directories: Array<string> = []
const temporary = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'anydrive-test-'))
  directories.push(made)
  return made
}
afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })))

describe('CRC-64/XZ', () => {
  test.each([
    ['', 0n],
    ['123456789', 11051210869376104954n],
    ['hello', 11177612005948864433n],
    ['a'.repeat(1024), 15959859048537093769n],
  ])('of %j is the known value', (text, value) => expect(crc64(Buffer.from(text))).toBe(value))

  test('does not depend on where the bytes were cut', () => {
    const bytes = randomBytes(100_003)
    const sum = makeCrc64()
    for (let i = 0; i < bytes.length; i += 777) sum.update(bytes.subarray(i, i + 777))
    expect(sum.value()).toBe(crc64(bytes))
  })

  test.each([0, 1, 7, 5000])('of two pieces, the second %d bytes long, follows from theirs', (length) => {
    const a = randomBytes(1234)
    const b = randomBytes(length)
    expect(combineCrc64(crc64(a), crc64(b), length)).toBe(crc64(Buffer.concat([a, b])))
  })
})

describe('the ordered list', () => {
  const numbers = () => makeOrdered<number>((a, b) => a - b)

  test('keeps entries in order whatever the order of arrival', () => {
    const random = seededRandom(7)
    const list = numbers()
    const expected = new Set<number>()
    for (let i = 0; i < 20_000; i += 1) {
      const n = random.below(15_000)
      if (random.next() < 0.3) {
        list.remove(n)
        expected.delete(n)
      } else {
        list.insert(n)
        expected.add(n)
      }
    }
    const sorted = [...expected].sort((a, b) => a - b)
    expect([...list.all()]).toEqual(sorted)
    expect(list.size()).toBe(sorted.length)
    expect([...list.from((n) => n > 7000)]).toEqual(sorted.filter((n) => n > 7000))
    expect([...list.skip(4321)]).toEqual(sorted.slice(4321))
    expect([...list.skip(sorted.length)]).toEqual([])
  })

  test('takes a million entries and gives the next page from anywhere at once', () => {
    let [compared, asked] = [0, 0]
    const list = makeOrdered<number>((a, b) => {
      compared += 1
      return a - b
    })
    for (let i = 0; i < 1_000_000; i += 1) list.insert((i * 7919) % 1_000_003)
    for (let i = 0; i < 1000; i += 1) {
      const [first] = list.from((n) => {
        asked += 1
        return n > i * 997
      })
      expect(first).toBeGreaterThan(i * 997)
    }
    // A binary search among a million takes twenty.
    expect(compared).toBeLessThan(30 * 1_000_000)
    expect(asked).toBeLessThan(30 * 1000)
    expect(list.size()).toBe(1_000_000)
  })
})

describe('faults', () => {
  test('read a list of kinds and probabilities', () =>
    expect(parseFaults('lost=0.05, 5xx=1')).toEqual({ lost: 0.05, '5xx': 1 }))

  test.each(['lots=0.1', 'lost', 'lost=2', 'lost=x', 'lost=0.1=2'])('refuse %j', (text) =>
    expect(() => parseFaults(text)).toThrow('faults:'),
  )

  test('strike the same calls for the same seed, and others for another', () => {
    const strikes = (seed: number) => {
      const plan = makeFaults({ seed, faults: 'lost=0.5' })
      return Array.from({ length: 64 }, () => plan.strikes('createDirectory', 'lost'))
    }
    expect(strikes(1)).toEqual(strikes(1))
    expect(strikes(1)).not.toEqual(strikes(2))
  })

  test('ordered for the next call strike that call and no other', () => {
    const plan = makeFaults({ seed: 1 })
    plan.next('move', '5xx', 2)
    plan.next('*', 'cut')
    expect(plan.strikes('copy', '5xx')).toBe(false)
    expect([1, 2, 3].map(() => plan.strikes('move', '5xx'))).toEqual([true, true, false])
    expect([plan.strikes('copy', 'cut'), plan.strikes('copy', 'cut')]).toEqual([true, false])
    expect(plan.dealt()).toEqual({ '5xx': 2, cut: 1 })
  })

  test('of a rate count within one second of the clock', () => {
    const plan = makeFaults({ seed: 1, ratePerSecond: 2 })
    expect([1000, 1100, 1999, 2000].map(plan.exceedsRate)).toEqual([false, false, true, false])
  })
})

test('seeds that differ in any part give other numbers', () => {
  expect(mixSeed('a', 1)).not.toBe(mixSeed('a', 2))
  expect(seededRandom(5).hex(32)).toBe(seededRandom(5).hex(32))
  expect(seededRandom(5).digits(12)).toMatch(/^\d{12}$/)
})

describe('the request log', () => {
  const record = (endpoint: string, at: number) => ({ at, method: 'GET', path: '/', endpoint, status: 200 })

  test('keeps the latest records and counts all', () => {
    const log = makeRequestLog(3)
    for (let i = 0; i < 5; i += 1) log.add(record(i === 4 ? 'list' : 'info', i))
    expect(log.list().map(({ at }) => at)).toEqual([2, 3, 4])
    expect([log.count(), log.count('info'), log.counts()]).toEqual([5, 4, { info: 4, list: 1 }])
    log.clear()
    expect([log.count(), log.list()]).toEqual([0, []])
  })

  test('hides secrets of the query', () =>
    expect(maskQuery('/a?access_token=x&limit=3&library_secret=y&info')).toBe(
      '/a?access_token=…&limit=3&library_secret=…&info',
    ))
})

describe('strict checks', () => {
  test('name unknown, missing and wrongly typed fields', () => {
    expect(bodyProblems({ from: 'a', to: 3, x: 1 }, { from: 'string', to: 'string', mode: 'integer?' })).toEqual([
      'field "x" is not known',
      'field "to" must be of type string',
    ])
    expect(bodyProblems([], {})).toEqual(['the body must be a JSON object'])
    expect(bodyProblems({ labels: ['a'] }, { labels: 'strings', from: 'string' })).toEqual(['field "from" is missing'])
  })

  test('look at a query too', () =>
    expect(
      queryProblems(
        new Map([
          ['limit', 'x'],
          ['y', '1'],
        ]),
        { limit: /^\d+$/ },
        ['marker'],
      ),
    ).toEqual(['parameter "limit" must not be "x"', 'parameter "y" is not known', 'parameter "marker" is missing']))
})

describe('the journal', () => {
  test('finds after a restart what was committed, and only that', () => {
    const directory = temporary()
    const first = openJournal(directory, 'toy')
    first.put('nodes', 'a', () => ({ n: 1 }))
    first.put('nodes', 'b', () => ({ n: 2 }))
    first.commit()
    first.remove('nodes', 'a')
    first.put('nodes', 'b', () => ({ n: 3 }))
    first.close()
    const second = openJournal(directory, 'toy')
    expect([...second.load('nodes')]).toEqual([['b', { n: 3 }]])
    expect(second.starts).toBe(1)
    second.close()
  })

  test('refuses a directory that is in use', () => {
    const directory = temporary()
    const first = openJournal(directory, 'toy')
    expect(() => openJournal(directory, 'toy')).toThrow('in use')
    first.close()
    openJournal(directory, 'toy').close()
  })

  test('refuses the data of another emulator', () => {
    const directory = temporary()
    openJournal(directory, 'toy').close()
    expect(() => openJournal(directory, 'other')).toThrow('toy')
  })
})

describe('the byte store', () => {
  const makeStore = (keep: boolean, directory = temporary()) => ({
    directory,
    store: makeBlobs({
      directory,
      keep,
      digests: ['crc64', 'md5', 'sha256'],
      newId: () => randomBytes(8).toString('hex'),
    }),
  })
  const collected = async (stream: Readable) => Buffer.concat((await stream.toArray()) as Array<Buffer>)
  const files = (directory: string) =>
    readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length

  test.each([
    [0, false],
    [1000, false],
    [3_000_000, false],
    [0, true],
    [1000, true],
    [3_000_000, true],
  ])('gives back %d bytes with their digests (kept on disk: %s)', async (size, keep) => {
    const { store, directory } = makeStore(keep)
    const bytes = randomBytes(size)
    const blob = await store.write(Readable.from([bytes.subarray(0, size >> 1), bytes.subarray(size >> 1)]))
    expect(blob.size).toBe(size)
    expect(blob.digests).toEqual({
      crc64: crc64(bytes).toString(),
      md5: createHash('md5').update(bytes).digest('hex'),
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
    expect((await collected(store.read([blob], 0, size))).equals(bytes)).toBe(true)
    expect(files(directory)).toBe(keep || size > 1_048_576 ? 1 : 0)
    store.release(blob.id)
    store.collect()
    expect(files(directory)).toBe(0)
  })

  test('reads a range across segments', async () => {
    const { store } = makeStore(false)
    const a = await store.write(Readable.from([Buffer.from('hello ')]))
    const b = await store.write(Readable.from([Buffer.from('world')]))
    expect((await collected(store.read([a, b], 4, 8))).toString()).toBe('o wo')
  })

  test('keeps nothing of a source that fails', async () => {
    const { store, directory } = makeStore(true)
    const failing = async function* () {
      yield await Promise.resolve(Buffer.alloc(10))
      throw new Error('gone')
    }
    await expect(store.write(failing())).rejects.toThrow('gone')
    expect(files(directory)).toBe(0)
  })

  test('lives while someone holds it, and sweeps what nobody claimed after a start', async () => {
    const { store, directory } = makeStore(true)
    const a = await store.write(Readable.from([Buffer.from('a')]))
    const b = await store.write(Readable.from([Buffer.from('b')]))
    store.retain(a.id)
    store.release(a.id)
    store.collect()
    expect(files(directory)).toBe(2)
    const again = makeStore(true, directory).store
    again.retain(b.id)
    again.sweep()
    expect(files(directory)).toBe(1)
    expect((await collected(again.read([b], 0, 1))).toString()).toBe('b')
  })
})

describe('the server', () => {
  const routes: ReadonlyArray<Route> = [
    {
      name: (call) => (call.query.has('info') ? 'info' : 'get'),
      method: 'GET',
      path: '/api/:library/*',
      handle: (call) => json(200, { library: call.params['library'], rest: call.rest, query: [...call.query] }),
    },
    { name: 'echo', method: ['POST', 'PUT'], path: '/echo', handle: (call) => json(200, { body: call.body }) },
  ]
  let effects = 0
  const started = async (options: EmulatorOptions = {}) => {
    const stage = openStage('toy', options, [])
    const served = await serve(stage, options, () => ({
      routes: [
        ...routes,
        { name: 'act', method: 'POST', path: '/act', handle: () => json(200, { n: (effects += 1) }) },
      ],
      trouble: (trouble) => json(trouble.kind === 'rate-limited' ? 429 : 500, { trouble: trouble.kind }),
    }))
    return { stage, ...served }
  }
  const running = async (options: EmulatorOptions, use: (it: Awaited<ReturnType<typeof started>>) => Promise<void>) => {
    const it = await started(options)
    try {
      await use(it)
    } finally {
      await it.close()
    }
  }

  test.each([
    ['/api/l/a/b', 'a/b'],
    ['/api/l/a%2Fb', 'a/b'],
    ['/api/l/%2Fa/b', '/a/b'],
    ['/api/l', ''],
    ['/api/l/', ''],
    ['/api/l/%2F', '/'],
    ['/api/l/100%25%20%C3%A9%2525.txt', '100% é%25.txt'],
    ['/api/l/a%3Fb%23c+d', 'a?b#c+d'],
    [`/api/l/${'x'.repeat(3000)}`, 'x'.repeat(3000)],
  ])('understands %s', (path, rest) =>
    running({}, async ({ url }) => {
      expect(await (await fetch(url + path)).json()).toMatchObject({ library: 'l', rest })
    }),
  )

  test('tells wrong methods, unknown paths, bad escapes and bad JSON apart', () =>
    running({}, async ({ url }) => {
      const trouble = async (path: string, init?: RequestInit) => (await fetch(url + path, init)).json()
      expect(await trouble('/api/l/a', { method: 'DELETE' })).toEqual({ trouble: 'wrong-method' })
      expect(await trouble('/nowhere')).toEqual({ trouble: 'no-route' })
      expect(await trouble('/api/l/%zz')).toEqual({ trouble: 'bad-url' })
      expect(await trouble('/echo', { method: 'PUT', body: '{"a":' })).toEqual({ trouble: 'bad-json' })
    }))

  test('parses a JSON body of any content type, and none', () =>
    running({}, async ({ url }) => {
      const send = async (init: RequestInit) => (await fetch(`${url}/echo`, { method: 'PUT', ...init })).json()
      expect(await send({ body: '{"a":1}' })).toEqual({ body: { a: 1 } })
      expect(await send({ body: '[1]', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).toEqual({
        body: [1],
      })
      expect(await send({})).toEqual({})
    }))

  test('cuts before the effect, loses after it, and says 5xx either way', () =>
    running({}, async ({ url, stage }) => {
      const act = () => fetch(`${url}/act`, { method: 'POST' })
      const before = effects
      stage.faults.next('act', 'cut')
      await expect(act()).rejects.toThrow()
      stage.faults.next('act', '5xx')
      expect((await act()).status).toBe(500)
      stage.faults.next('act', '429')
      expect((await act()).status).toBe(429)
      expect(effects).toBe(before)
      stage.faults.next('act', 'lost')
      await expect(act()).rejects.toThrow()
      stage.faults.next('act', '5xx-late')
      expect((await act()).status).toBe(500)
      expect(effects).toBe(before + 2)
      expect(stage.requests.list('act').map(({ status, fault }) => [status, fault])).toEqual([
        [0, 'cut'],
        [500, '5xx'],
        [429, '429'],
        [0, 'lost'],
        [500, '5xx-late'],
      ])
    }))

  test('limits the rate by the given clock', () => {
    let now = 0
    return running({ ratePerSecond: 1, now: () => now }, async ({ url }) => {
      const status = async () => (await fetch(`${url}/api/l/a`)).status
      expect([await status(), await status()]).toEqual([200, 429])
      now = 1000
      expect(await status()).toBe(200)
    })
  })

  test('names overloaded operations in its log, without secrets', () =>
    running({}, async ({ url, stage }) => {
      await fetch(`${url}/api/l/a?info&access_token=abc`)
      expect(stage.requests.list()).toMatchObject([
        { endpoint: 'info', path: '/api/l/a?info&access_token=…', status: 200 },
      ])
    }))

  test('serves HTTPS that a client trusting its authority accepts', () => {
    const dataDir = temporary()
    return running({ tls: true, dataDir }, async ({ url, caFile }) => {
      const ca = readFileSync(caFile ?? '')
      const status = (to: string) =>
        new Promise((resolve, reject) => {
          get(`${to}/api/l/a`, { ca, agent: false }, (answer) => resolve(answer.statusCode)).on('error', reject)
        })
      expect(await status(url)).toBe(200)
      expect(await status(url.replace('127.0.0.1', 'localhost'))).toBe(200)
      await expect(fetch(`${url}/api/l/a`)).rejects.toThrow()
    })
  })
})
