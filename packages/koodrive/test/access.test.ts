import { createRegistry, fromBytes, type LogEvent, type SessionTokens, type TokenStore } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { kooDrive } from '../src'
import { counted, left, p, read, right, startBench, tree, write, type Bench } from './bench'

const tokens = ['a', 'b'].map((letter) => ({ accessToken: letter.repeat(48), sessionId: `session-${letter}` }))
let bench: Bench
beforeEach(async () => {
  bench = await startBench({
    users: [{ id: '1505084218764547200', tokens }],
    spaces: [
      { kind: 'personal', capacityGb: 2 },
      { kind: 'department', ownerId: '1505084218764547201' },
      { kind: 'group', ownerId: '1505084218764547202', title: 'a team' },
    ],
  })
})
afterEach(() => bench.close())

describe('a token', () => {
  test.each(['Bearer ', 'Bearer+', 'AT '])(
    'is sent after %p, and taken with any scheme before it',
    async (authScheme) => {
      const auth = { kind: 'token', accessToken: `Bearer+${tokens[0]?.accessToken ?? ''}` }
      await right(bench.open({ authScheme, auth }).stat(p('')))
    },
  )

  test('that is wrong is Unauthenticated', async () => {
    const drive = bench.open({ auth: { kind: 'token', accessToken: 'wrong' } })
    expect(await left(drive.stat(p('')), 'Unauthenticated')).toMatchObject({ http: 401 })
  })

  test.each(['unauthorized', 'bad-request', 'gateway'] as const)(
    'that is refused as %s is renewed by its session',
    async (authFailure) => {
      bench.emulator.behave({ authFailure })
      const drive = bench.open()
      await right(drive.createDir(p('a')))
      bench.emulator.faults.next('createDirectory', 'token')
      const requests = await counted(bench.emulator, () => right(drive.createDir(p('b'))))
      expect(requests).toMatchObject({ refreshSession: 1, createDirectory: 2 })
      expect(await counted(bench.emulator, () => right(drive.createDir(p('c'))))).toEqual({ createDirectory: 1 })
    },
  )

  test('is renewed once for all who need it', async () => {
    const drive = bench.open()
    await right(drive.stat(p('')))
    bench.emulator.faults.next('listFiles', 'token', 1)
    const requests = await counted(bench.emulator, () =>
      Promise.all(Array.from({ length: 6 }, () => right(drive.list(p(''))))),
    )
    expect(requests['refreshSession']).toBe(1)
  })

  test('without a session cannot be renewed', async () => {
    const accessToken = tokens[0]?.accessToken ?? ''
    const drive = bench.open({ auth: { kind: 'token', accessToken } })
    await right(drive.stat(p('')))
    bench.emulator.faults.next('listFiles', 'token')
    await left(drive.stat(p('')), 'Unauthenticated')
  })

  test('whose session is over is Unauthenticated', async () => {
    const auth = { kind: 'token', accessToken: 'wrong', sessionId: 'unknown' }
    await left(bench.open({ auth }).stat(p('')), 'Unauthenticated')
  })

  describe('of a session that several drives share', () => {
    /** Keeps tokens in memory; one renewal at a time. */
    const memoryStore = (): TokenStore & { readonly keys: Set<string> } => {
      const stored = new Map<string, SessionTokens>()
      const keys = new Set<string>()
      let last = Promise.resolve()
      return {
        keys,
        read: (key) => Promise.resolve(stored.get(key)),
        update: (key, _, renew) => {
          keys.add(key)
          last = last.then(async () => {
            const renewed = await renew(stored.get(key))
            if (renewed !== undefined) stored.set(key, renewed)
          })
          return last
        },
      }
    }

    test.each([
      [{ sessionId: 'shared' }, false],
      [{ refreshToken: 'shared' }, true],
    ])('by %j is renewed once', async (session, carrier) => {
      await bench.close()
      bench = await startBench({ users: [{ tokens: [{ accessToken: 'c'.repeat(48), sessionId: 'shared', carrier }] }] })
      const tokens = memoryStore()
      const auth = { kind: 'token', accessToken: 'expired', ...session }
      const drives = [1, 2, 3].map(() => bench.open({ auth }, { tokens }))
      const requests = await counted(bench.emulator, () => Promise.all(drives.map((drive) => right(drive.stat(p(''))))))
      expect((requests['refreshSession'] ?? 0) + (requests['refreshToken'] ?? 0)).toBe(1)
      await right(bench.open({ auth }, { tokens }).stat(p('')))
      expect([...tokens.keys].join()).toMatch(/^[\da-f]{64}$/)
      expect([...tokens.keys].join()).not.toContain('shared')
    })

    test('is renewed for one drive alone where nothing can be stored', async () => {
      const update = () => Promise.reject(new Error('no place'))
      const tokens: TokenStore = { read: () => Promise.resolve(undefined), update }
      const auth = { kind: 'token', accessToken: 'expired', sessionId: 'session-a' }
      await right(bench.open({ auth }, { tokens }).stat(p('')))
    })
  })

  test('of the carrier edition is renewed by its refresh token, again and again', async () => {
    await bench.close()
    bench = await startBench({
      users: [{ tokens: [{ accessToken: 'c'.repeat(48), sessionId: 'refresh', carrier: true }] }],
    })
    const drive = bench.open({ auth: { kind: 'token', accessToken: 'c'.repeat(48), refreshToken: 'refresh' } })
    for (const name of ['one', 'two']) {
      bench.emulator.faults.next('createDirectory', 'token')
      await right(drive.createDir(p(name)))
    }
    expect(await tree(drive)).toEqual(['one/', 'two/'])
  })

  test('is asked for where the program gives one, and once more after a refusal', async () => {
    const given = ['wrong', `Bearer ${tokens[0]?.accessToken ?? ''}`]
    let asked = 0
    const getToken = () => Promise.resolve(given[asked++] ?? '')
    const drive = bench.open({}, { getToken })
    await right(drive.stat(p('')))
    await right(drive.stat(p('')))
    expect(asked).toBe(2)
    await left(
      bench.open({}, { getToken: () => Promise.reject(new Error('secret reason')) }).stat(p('')),
      'Unauthenticated',
    )
    await left(bench.open({}, { getToken: () => Promise.resolve('wrong') }).stat(p('')), 'Unauthenticated')
  })
})

test('an application signs what it sends', async () => {
  const drive = bench.open({}, {}, 'koo-app')
  await write(drive, 'a b/ü(1)', 'signed')
  expect(await read(bench.open({}, {}, 'koo-app'), 'a b/ü(1)')).toBe('signed')
  await right(drive.batchRemove([p('a b')]))
  expect(await tree(drive)).toEqual([])
  const auth = bench.emulator.configuration['koo-app']?.['auth'] as object
  await left(bench.open({ auth: { ...auth, appSecret: 'wrong' } }, {}, 'koo-app').stat(p('')), 'Unauthenticated')
})

test('an overwrite whose name another client takes in between replaces that file too', async () => {
  const other = bench.open({ auth: { kind: 'token', accessToken: tokens[1]?.accessToken } })
  let calls = 0
  const getToken = async () => {
    calls += 1
    if (calls === 2) await write(other, 'f', 'theirs')
    return tokens[calls - 1]?.accessToken ?? ''
  }
  let renames = 0
  const log = (event: LogEvent) => {
    if (event['endpoint'] === 'rename' && ++renames === 2) bench.emulator.faults.next('renameFile', 'token')
  }
  const drive = bench.open({}, { getToken, log })
  await write(drive, 'f', 'old')
  expect(await write(drive, 'f', 'new', { conflict: 'overwrite' })).toMatchObject({ replaced: true, path: 'f' })
  expect(calls).toBe(2)
  expect(await read(other, 'f')).toBe('new')
  expect(await tree(other)).toEqual(['f'])
})

describe('spaces', () => {
  test('a space is found where the settings name the user only', async () => {
    const personal = { containerId: undefined, userId: '1505084218764547200' }
    const drive = bench.open(personal)
    const requests = await counted(bench.emulator, () => Promise.all([write(drive, 'a/f'), write(drive, 'b')]))
    expect(requests['getSpaces']).toBe(1)
    expect(await read(bench.open(), 'a/f')).toBe('a/f')
    await right(drive.batchMove([{ from: p('a/f'), to: p('f') }]))
    expect(await tree(bench.open())).toEqual(['a/', 'b', 'f'])
    expect((await left(bench.open({ containerId: undefined }).stat(p('')), 'NotFound')).what).toBe('space')
  })

  test.each(['koo-department', 'koo-group'])('the team space of %s is worked in, its id given or not', async (name) => {
    const drive = bench.open({}, {}, name)
    await write(drive, 'a/f', name)
    expect(await read(bench.open({ containerId: undefined }, {}, name), 'a/f')).toBe(name)
    await right(drive.copyDir(p('a'), p('b')))
    await right(drive.batchMove([{ from: p('a/f'), to: p('g') }]))
    expect(await tree(bench.open({}, {}, name))).toEqual(['a/', 'b/', 'b/f', 'g'])
    expect(await tree(bench.open())).toEqual([])
  })

  test('one that is not there is NotFound', async () => {
    expect((await left(bench.open({ containerId: 'IAAnone' }).stat(p('')), 'NotFound')).what).toBe('space')
    const space = { kind: 'team', groupId: '7', teamType: 'group' }
    expect((await left(bench.open({ space }).stat(p('')), 'NotFound')).what).toBe('space')
  })

  test('usage is in bytes, whatever the service counts', async () => {
    const drive = bench.open()
    await write(drive, 'f', 'four')
    const usage = { used: 4, capacity: 2 * 1024 ** 3 }
    expect(await right(drive.usage())).toEqual(usage)
    expect(await right(bench.open({ userId: '1505084218764547200' }).usage())).toEqual(usage)
    expect(await right(bench.open({ capacityUnit: 'bytes' }).usage())).toEqual({ used: 4, capacity: 2 })
    expect((await right(bench.open({}, {}, 'koo-group').usage())).used).toBe(0)
    bench.emulator.behave({ numbers: 'string' })
    expect(await right(drive.usage())).toEqual(usage)
  })

  test('all that the caller may open are listed', async () => {
    const spaces = await right(bench.open({ userId: '1505084218764547200' }).kooDrive.spaces())
    expect(spaces.map(({ kind }) => kind).sort()).toEqual(['department', 'group', 'personal'])
    const seen = await right(bench.open().kooDrive.spaces())
    expect(seen).toContainEqual(
      expect.objectContaining({ kind: 'team', name: 'a team', ownerId: '1505084218764547202' }),
    )
  })
})

describe('a service that is not what it should be', () => {
  let server: Server
  let answer: { readonly status: number; readonly body: string }
  const openOn = (url: string) => {
    const opened = createRegistry([kooDrive]).openUnknown(
      {
        type: 'koodrive',
        baseUrl: url,
        containerId: 'IAA',
        auth: { kind: 'token', accessToken: 'SECRETTOKEN' },
        http: { attempts: 2 },
      },
      { delay: () => Promise.resolve() },
    )
    if (E.isLeft(opened)) throw new Error(opened.left.message)
    return opened.right
  }
  beforeEach(async () => {
    server = createServer((_, response) => {
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(answer.body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => new Promise((resolve) => server.close(resolve)))
  const url = () => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`

  test.each([
    ['<html>', 'UnexpectedResponse'],
    ['{}', 'UnexpectedResponse'],
    ['{"files":[{"id":5}]}', 'UnexpectedResponse'],
    ['{"files":[{"id":"F1","fileName":"x","recycled":"many"}],"code":0}', 'UnexpectedResponse'],
    ['{"code":13000301,"msg":"Space not found."}', 'NotFound'],
    ['{"code":"13000410","msg":"no"}', 'Forbidden'],
  ] as const)('%s is %s, and no value of it is told', async (body, tag) => {
    answer = { status: 200, body }
    const error = await left(openOn(url()).list(p('')), tag)
    expect(inspect(error, { depth: 9 })).not.toMatch(/many|html|SECRETTOKEN/)
  })

  test('big ids that come as numbers are read to the last digit', async () => {
    answer = { status: 200, body: '{"data":[{"taskId":1309243162258308353}],"teams":[],"code":0}' }
    const body = '{"teams":[{"id":1309243162258308353,"containerId":"IAA1"}],"total":1,"code":0}'
    answer = { status: 200, body }
    const drive = kooDrive.open(
      E.getOrElseW(() => {
        throw new Error('settings')
      })(kooDrive.settings.decode({ baseUrl: url(), containerId: 'IAA', auth: { kind: 'token', accessToken: 't' } })),
    )
    expect(await right(drive.kooDrive.spaces())).toMatchObject([{ ownerId: '1309243162258308353' }])
  })

  test('what is not there is Network', async () => {
    const gone = url()
    await new Promise((resolve) => server.close(resolve))
    server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await left(openOn(gone).stat(p('')), 'Network')
  })

  test.each([
    [500, 'Unavailable'],
    [403, 'Forbidden'],
    [404, 'UnexpectedResponse'],
    [429, 'RateLimited'],
  ] as const)('status %i without a body is %s', async (status, tag) => {
    answer = { status, body: '' }
    await left(openOn(url()).stat(p('')), tag)
  })
})

describe('settings', () => {
  const base = { baseUrl: 'https://cn.example', containerId: 'IAA', auth: { kind: 'token', accessToken: 't0ken' } }
  const decodes = (over: object) => E.isRight(kooDrive.settings.decode({ ...base, ...over }))

  test.each([
    [{}, true],
    [{ containerId: undefined, userId: '1' }, true],
    [{ space: { kind: 'personal' } }, true],
    [{ space: { kind: 'team', groupId: '1', teamType: 'department' } }, true],
    [{ space: { kind: 'team', groupId: '1' } }, false],
    [{ auth: { kind: 'app', appId: 'a', appSecret: 's', userId: 'u' } }, true],
    [{ auth: { kind: 'app', appId: 'a', appSecret: 's' } }, false],
    [{ auth: { kind: 'token' } }, false],
    [{ baseUrl: 'ftp://x' }, false],
    [{ baseUrl: 'cn.example' }, false],
    [{ nameLimit: 80, idTrust: 0, moves: 'listing', overwritten: 'purge', jobDetailPath: '/jobs/{jobId}' }, true],
    [{ nameLimit: 90 }, false],
    [{ jobItems: 0 }, false],
    [{ idTrust: -1 }, false],
    [{ moves: 'anyhow' }, false],
    [{ uploads: 'direct' }, true],
    [{ uploads: 'later' }, false],
    [{ language: 'en-US' }, true],
    [{ language: 'tr' }, true],
    [{ language: 'zh-Hans-CN' }, true],
    [{ language: '' }, false],
    [{ language: 'en US' }, false],
    [{ traceId: 'aZ_0'.repeat(14) + 'xy' }, true],
    [{ traceId: 'x'.repeat(57) }, false],
    [{ traceId: `${'x'.repeat(57)}-` }, false],
    [{ http: { concurrency: 2 } }, true],
  ])('%j decodes: %p', (over, does) => {
    expect(decodes(over)).toBe(does)
  })

  test('secrets are opaque once they are decoded', () => {
    const decoded = kooDrive.settings.decode({
      ...base,
      auth: { kind: 'app', appId: 'a', appSecret: 's3cret', userId: 'u' },
    })
    expect(inspect(decoded, { depth: 9 })).not.toContain('s3cret')
    expect(JSON.stringify(kooDrive.settings.decode(base))).not.toContain('t0ken')
  })

  test('capabilities follow from them alone', () => {
    const of = (over: object) => {
      const decoded = kooDrive.settings.decode({ ...base, ...over })
      if (E.isLeft(decoded)) throw new Error('settings')
      return kooDrive.capabilities(decoded.right)
    }
    expect(of({}).naming.maxLength).toBe(80)
    expect(of({ nameLimit: 250 }).naming.maxLength).toBe(250)
    expect(of({ jobItems: 10 }).limits.batch).toBe(10)
    expect(of({ idTrust: 5 }).consistency.staleness).toBe(5)
    expect(of({ createdTime: 'omit' }).times.file.createdAt).toBe('vendor')
  })

  test('in the older edition temporary names keep to 80 characters', async () => {
    bench.emulator.behave({ nameLimit: 80, jobDetailUri: 'jobs' })
    const drive = bench.open({ nameLimit: 80, jobDetailPath: '/jobs/{jobId}' })
    const name = 'n'.repeat(80)
    await write(drive, name, 'old')
    await write(drive, name, 'new', { conflict: 'overwrite' })
    await right(drive.createDir(p('d')))
    expect((await right(drive.batchMove([{ from: p(name), to: p(`d/${name}`) }]))).outcomes[0]).toMatchObject({
      status: 'done',
    })
    expect(await read(bench.open({ nameLimit: 80 }), `d/${name}`)).toBe('new')
  })

  test('the base URL may hold the base path already', async () => {
    await right(bench.open({ baseUrl: `${bench.emulator.url}/koodrive/ose/v1/` }).stat(p('')))
  })
})

test('nothing that is logged or refused holds a secret', async () => {
  const events: Array<LogEvent> = []
  const drive = bench.open({}, { log: (event) => events.push(event) })
  await write(drive, 'f', 'x')
  await read(drive, 'f')
  bench.emulator.faults.next('putPart', '5xx', 9)
  const failed = await drive.writeFile(p('g'), fromBytes('y'))()
  bench.emulator.faults.clear()
  const text = inspect({ events, failed, drive }, { depth: 20 })
  expect(E.isLeft(failed)).toBe(true)
  expect(text).not.toMatch(/aaaaaaaa|X-Amz-Signature|session-a/)
})
