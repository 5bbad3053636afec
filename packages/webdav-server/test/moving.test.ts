// COPY and MOVE.
import { path, root, walk, type CopyItem, type DriveProvider } from '@anydrive/core'
import { temporaryName } from '@anydrive/core/adapter'
import { openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { drives } from './drives'
import { serve, type Gateway } from './serving'

const pathsIn = async (drive: DriveProvider): Promise<ReadonlyArray<string>> => {
  const paths: Array<string> = []
  for await (const entry of walk(drive, root, { temporaries: 'show' }))
    if (E.isRight(entry)) paths.push(entry.right.path)
  return paths.sort()
}

/** `a/x` says a, `b/y` says b, `f` and `g` are files. */
const planted = async (drive: DriveProvider = openMemory()): Promise<Gateway> => {
  const gateway = await serve({ drive })
  for (const dir of ['/a', '/b']) await gateway.ask('MKCOL', dir)
  for (const [at, text] of Object.entries({ '/a/x': 'a', '/b/y': 'b', '/f': 'f', '/g': 'g' }))
    await gateway.ask('PUT', at, {}, text)
  return gateway
}
const all = ['a', 'a/x', 'b', 'b/y', 'f', 'g']

describe.each(Object.keys(drives))('over %s', (name) => {
  const open = async () => planted(await drives[name]?.())

  test('a directory takes the place of a directory, and nothing of the old one is left', async () => {
    const { ask, drive } = await open()
    expect((await ask('COPY', '/a', { destination: '/b' })).status).toBe(204)
    expect(await pathsIn(drive)).toEqual(['a', 'a/x', 'b', 'b/x', 'f', 'g'])
    expect((await ask('MOVE', '/a', { destination: '/b' })).status).toBe(204)
    expect(await pathsIn(drive)).toEqual(['b', 'b/x', 'f', 'g'])
  }, 600_000)

  test('a file takes the place of a directory, and a directory that of a file', async () => {
    const { ask, drive } = await open()
    expect((await ask('MOVE', '/f', { destination: '/a' })).status).toBe(204)
    expect((await ask('GET', '/a')).text).toBe('f')
    expect((await ask('COPY', '/b', { destination: '/g' })).status).toBe(204)
    expect(await pathsIn(drive)).toEqual(['a', 'b', 'b/y', 'g', 'g/y'])
  }, 600_000)

  test('a file takes the place of a file', async () => {
    const { ask, drive } = await open()
    expect((await ask('COPY', '/f', { destination: '/g' })).status).toBe(204)
    expect((await ask('GET', '/g')).text).toBe('f')
    expect((await ask('MOVE', '/g', { destination: '/a/x' })).status).toBe(204)
    expect((await ask('GET', '/a/x')).text).toBe('f')
    expect(await pathsIn(drive)).toEqual(['a', 'a/x', 'b', 'b/y', 'f'])
  }, 600_000)
})

test('Overwrite: F leaves what stands', async () => {
  const { ask, drive } = await planted()
  for (const method of ['COPY', 'MOVE'])
    for (const destination of ['/b', '/g'])
      expect((await ask(method, '/a', { destination, overwrite: 'F' })).status).toBe(412)
  expect((await ask('MOVE', '/f', { destination: '/new', overwrite: 'F' })).status).toBe(201)
  expect(await pathsIn(drive)).toEqual([...all.filter((at) => at !== 'f'), 'new'].sort())
})

test('Depth: 0 copies a directory without its members', async () => {
  const { ask, drive } = await planted()
  expect((await ask('COPY', '/a', { destination: '/c', depth: '0' })).status).toBe(201)
  expect((await ask('COPY', '/a', { destination: '/b', depth: '0' })).status).toBe(204)
  expect(await pathsIn(drive)).toEqual(['a', 'a/x', 'b', 'c', 'f', 'g'])
})

test.each([
  ['MOVE', '/a', { destination: '/a' }, 403],
  ['MOVE', '/a', { destination: '/a/' }, 403],
  ['COPY', '/a', { destination: '/a/inside' }, 403],
  ['COPY', '/a/x', { destination: '/a' }, 403],
  ['MOVE', '/a', { destination: '/' }, 403],
  ['MOVE', '/', { destination: '/c' }, 403],
  ['MOVE', '/a', { destination: '/no/where' }, 409],
  ['MOVE', '/a', { destination: '/f/below' }, 409],
  ['MOVE', '/nothing', { destination: '/c' }, 404],
  ['MOVE', '/a', {}, 400],
  ['MOVE', '/a', { destination: '/c', depth: '0' }, 400],
  ['COPY', '/a', { destination: '/c', depth: '1' }, 400],
  ['COPY', '/a', { destination: '/c', overwrite: 'maybe' }, 400],
  ['MOVE', '/a', { destination: '/b/../../c' }, 400],
  ['MOVE', '/a', { destination: '/b/%2e%2e/c' }, 400],
  ['MOVE', '/a', { destination: '/b%2Fc' }, 400],
  ['MOVE', '/a', { destination: '/%ff' }, 400],
  ['MOVE', '/a', { destination: '/c%00' }, 400],
  ['MOVE', '/a', { destination: 'c' }, 400],
  ['MOVE', '/a', { destination: 'http://evil.example/c' }, 502],
  ['MOVE', '/a', { destination: '//evil.example/c' }, 400],
  ['MOVE', '/a', { destination: 'http://user@127.0.0.1/c' }, 400],
  ['MOVE', '/a', { destination: 'file:///c' }, 502],
])('%s %s with %j is %i, and nothing moves', async (method, at, headers, status) => {
  const { ask, drive } = await planted()
  expect((await ask(method, at, headers)).status).toBe(status)
  expect(await pathsIn(drive)).toEqual(all)
})

test('a whole URL of this server is taken, whatever the case of its host', async () => {
  const { ask, url } = await planted()
  const { port } = new URL(url)
  const host = `LocalHost:${port}`
  expect((await ask('MOVE', '/a', { host, destination: `http://localhost:${port}/sub%20dir` })).status).toBe(201)
  expect((await ask('GET', '/sub%20dir/x')).text).toBe('a')
})

/** Fails each move or copy to where `isHit` says. */
const failingAt = (drive: DriveProvider, isHit: (to: string, from: string) => boolean): DriveProvider => {
  const nowhere = path('nothing/at/all')
  const bent = (items: ReadonlyArray<CopyItem>): ReadonlyArray<CopyItem> =>
    items.map((item) => (isHit(item.to, item.from) ? { ...item, from: nowhere } : item))
  return {
    ...drive,
    batchMove: (items, options) => drive.batchMove(bent(items), options),
    batchCopy: (items, options) => drive.batchCopy(bent(items), options),
  }
}

test('a move that fails once the old target is aside brings it back', async () => {
  const { ask, drive } = await planted(failingAt(openMemory(), (to, from) => to === 'b' && from === 'a'))
  expect((await ask('MOVE', '/a', { destination: '/b' })).status).toBe(404)
  expect(await pathsIn(drive)).toEqual(all)
  expect((await ask('GET', '/b/y')).text).toBe('b')
})

test.each([
  ['copying', (to: string, from: string) => from === 'a' && to !== 'b'],
  ['setting the old one aside', (to: string, from: string) => from === 'b' && to !== 'b'],
  ['taking its place', (to: string) => to === 'b'],
])('a copy that fails in %s leaves both as they were', async (_, isHit) => {
  let hits = 0
  const { ask, drive } = await planted(failingAt(openMemory(), (to, from) => isHit(to, from) && (hits += 1) === 1))
  expect((await ask('COPY', '/a', { destination: '/b' })).status).toBeGreaterThanOrEqual(400)
  expect(hits).toBeGreaterThanOrEqual(1)
  expect(await pathsIn(drive)).toEqual(all)
})

test('a target that goes away just before it would be set aside is no obstacle', async () => {
  const memory = openMemory()
  const { ask, drive } = await planted({
    ...memory,
    batchMove: (items, options) => async () => {
      if (items[0]?.from === 'b') await memory.batchRemove([path('b')])()
      return memory.batchMove(items, options)()
    },
  })
  expect((await ask('MOVE', '/a', { destination: '/b' })).status).toBe(204)
  expect(await pathsIn(drive)).toEqual(['b', 'b/x', 'f', 'g'])
})

test('the old target is never removed before the new one stands', async () => {
  const memory = openMemory()
  const steps: Array<string> = []
  const watching: DriveProvider = {
    ...memory,
    batchMove: (items, options) => {
      steps.push(...items.map(({ from, to }) => `move ${from} ${to}`.replace(/\.anydrive-\w+/g, '.aside')))
      return memory.batchMove(items, options)
    },
    batchRemove: (items, options) => {
      steps.push(...items.map((item) => `remove ${String(item)}`.replace(/\.anydrive-\w+/g, '.aside')))
      return memory.batchRemove(items, options)
    },
  }
  const { ask } = await planted(watching)
  await ask('MOVE', '/a', { destination: '/b' })
  expect(steps).toEqual(['move b b.aside', 'move a b', 'remove b.aside'])
})

test('what a crash left under the hidden name is not touched', async () => {
  const { ask, drive } = await planted()
  await ask('MOVE', '/a', { destination: '/b' })
  const leftover = temporaryName(path('b'), 'old')
  await drive.createDir(path(leftover as 'x'))()
  await ask('MKCOL', '/c')
  expect((await ask('MOVE', '/c', { destination: '/b' })).status).toBe(204)
  expect(await pathsIn(drive)).toEqual(['b', leftover, 'f', 'g'].sort())
})

test('a copy that stops half-way is told with what stands of it', async () => {
  const memory = openMemory()
  const stopping: DriveProvider = {
    ...memory,
    batchCopy: (items, options) => async () => {
      const settled = await memory.batchCopy(items, options)()
      if (E.isLeft(settled) || !('outcomes' in settled.right)) return settled
      const [item] = items
      if (item === undefined) return settled
      const error = {
        _tag: 'TaskFailed',
        partial: item.to,
        message: 'the copy stopped',
        vendor: 'memory',
        operation: 'batchCopy',
      } as const
      return E.right({ outcomes: [{ status: 'failed', item, error, attempted: true }] }) as never
    },
  }
  const { ask } = await planted(stopping)
  const { status, text } = await ask('COPY', '/a', { destination: '/new' })
  expect([status, text]).toEqual([207, expect.stringMatching('<D:href>/new</D:href><D:status>HTTP/1.1 500')])
})

test('on a drive that does not tell cases apart a name can change its case', async () => {
  const { ask, drive } = await planted(openMemory({ naming: { case: 'insensitive' } }))
  expect((await ask('MOVE', '/f', { destination: '/F' })).status).toBe(204)
  expect(await pathsIn(drive)).toContain('F')
  expect((await ask('GET', '/F')).text).toBe('f')
  expect((await ask('MOVE', '/a', { destination: '/A' })).status).toBe(204)
  expect((await ask('GET', '/A/x')).text).toBe('a')
})
