// What survives a restart, and what a killed process leaves behind.
import { fromBytes, path, root, type DrivePath, type DriveProvider } from '@anydrive/core'
import { temporaryName } from '@anydrive/core/adapter'
import { openLocal } from '@anydrive/local'
import { openMemory } from '@anydrive/memory'
import { plainCredential, serveWebdav } from '@anydrive/webdav-server'
import * as E from 'fp-ts/Either'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { room } from './running'
import { askChunked, lockInfo, serve, tokenOf } from './serving'

const write = async (drive: DriveProvider, name: string, text: string): Promise<void> => {
  expect(E.isRight(await drive.writeFile(path(name as 'x'), fromBytes(text), { parents: 'create' })())).toBe(true)
}

const namesIn = async (drive: DriveProvider, dir: DrivePath): Promise<ReadonlyArray<string>> => {
  const listed = await drive.list(dir, { temporaries: 'show' })()
  return E.isRight(listed) ? listed.right.items.map(({ name }) => name).sort() : ['not listed']
}

test('locks survive a restart: scope, depth, owner, holder and time', async () => {
  const [state, drive] = [join(room(), 'state.json'), openMemory()]
  let now = Date.parse('2024-05-06T07:08:09Z')
  const users = new Map([
    ['mary', plainCredential('m')],
    ['john', plainCredential('j')],
  ])
  const as = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
  const settings = { drive, state, users, now: () => now }
  const before = await serve(settings)
  const owner = '<owner xmlns="DAV:"><href>mailto:märy</href></owner>'
  await before.ask('MKCOL', '/d', as('mary:m'))
  const tree = tokenOf(
    await before.ask('LOCK', '/d', { ...as('mary:m'), timeout: 'Second-600' }, lockInfo('exclusive', owner)),
  )
  const shared = tokenOf(
    await before.ask('LOCK', '/s', { ...as('john:j'), timeout: 'Second-60', depth: 0 }, lockInfo('shared')),
  )
  const released = tokenOf(await before.ask('LOCK', '/r', as('mary:m'), lockInfo()))
  await before.ask('UNLOCK', '/r', { ...as('mary:m'), 'lock-token': released })
  const told = async ({ ask }: typeof before, at: string) =>
    /<D:lockdiscovery>.*<\/D:lockdiscovery>/.exec((await ask('PROPFIND', at, { ...as('mary:m'), depth: 0 })).text)?.[0]
  const discovered = [await told(before, '/d'), await told(before, '/s'), await told(before, '/r')]
  await before.close(0)

  const after = await serve(settings)
  expect([await told(after, '/d'), await told(after, '/s'), await told(after, '/r')]).toEqual(discovered)
  const put = async (at: string, user: string, token?: string) =>
    (await after.ask('PUT', at, { ...as(user), ...(token === undefined ? {} : { if: `(${token})` }) }, 'x')).status
  expect(await put('/d/a', 'mary:m')).toBe(423)
  expect(await put('/d/a', 'john:j', tree)).toBe(423)
  expect(await put('/d/a', 'mary:m', tree)).toBe(201)
  expect(await put('/s', 'mary:m')).toBe(423)
  expect(await put('/r', 'john:j')).toBe(204)
  now += 61_000
  expect(await put('/s', 'mary:m')).toBe(204)
  expect((await after.ask('LOCK', '/s', { ...as('john:j'), if: `(${shared})` })).status).toBe(412)
  await after.ask('DELETE', '/d', { ...as('mary:m'), if: `(${tree})` })
  await after.close(0)
  expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ locks: [], unfinished: [] })
})

test('the state is its owner’s alone, in one file', async () => {
  const dir = room()
  const state = join(dir, 'state.json')
  const { ask, close } = await serve({ state })
  for (const name of ['a', 'b']) {
    await ask('LOCK', `/${name}`, {}, lockInfo())
    expect(statSync(state).mode & 0o777).toBe(0o600)
    expect(readdirSync(dir)).toEqual(['state.json'])
    expect((JSON.parse(readFileSync(state, 'utf8')) as { locks: unknown }).locks).toHaveLength(name === 'a' ? 1 : 2)
  }
  await close(0)
})

const whole = (changes: object) =>
  JSON.stringify({
    format: 'anydrive-webdav-state-1',
    served: { vendor: 'memory', path: '' },
    locks: [],
    unfinished: [],
    process: 1,
    ...changes,
  })

test.each([
  ['nothing', '', /damaged/],
  ['a part', whole({}).slice(0, -1), /damaged/],
  ['another document', '{"drives":{}}', /damaged/],
  ['another format', whole({ format: 'anydrive-webdav-state-2' }), /damaged/],
  ['a lock without a token', whole({ locks: [{ root: 'a', kind: 'file' }] }), /damaged/],
  ['a path that is none', whole({ unfinished: ['a/../b'] }), /damaged/],
  ['another directory', whole({ served: { vendor: 'memory', path: 'd' } }), /another served directory \(memory, \/d\)/],
  ['another drive', whole({ served: { vendor: 'local', path: '' } }), /another served directory/],
])('a state file that holds %s is refused by its name, and stays as it is', async (_, text, said) => {
  const state = join(room(), 'state.json')
  writeFileSync(state, text)
  const serving = await serveWebdav({ drive: openMemory(), state })()
  expect(serving).toMatchObject({ left: { _tag: 'StateUnusable', message: expect.stringMatching(said) as unknown } })
  expect(E.isLeft(serving) && serving.left.message).toMatch(state)
  expect(readFileSync(state, 'utf8')).toBe(text)
})

test.each([
  ['a directory', ''],
  ['in no directory', 'none/state.json'],
])('a state file that is %s is refused', async (_, name) => {
  const serving = await serveWebdav({ drive: openMemory(), state: join(room(), name) })()
  expect(serving).toMatchObject({ left: { _tag: 'StateUnusable' } })
})

test('at the next start a directory that was being changed is repaired, and no other', async () => {
  const [state, dir] = [join(room(), 'state.json'), room()]
  const drive = openLocal({ root: dir })
  const old = temporaryName(path('d/replaced'), 'old')
  const lost = temporaryName(path('d/lost'), 'old')
  for (const name of [
    'd/replaced',
    `d/${old}`,
    `d/${lost}`,
    'd/.anydrive-012345222451',
    'other/.anydrive-012345222451',
  ])
    await write(drive, name, name)
  writeFileSync(
    state,
    JSON.stringify({
      ...(JSON.parse(whole({})) as object),
      served: { vendor: 'local', path: '' },
      unfinished: ['d', 'gone'],
    }),
  )
  const { ask, close } = await serve({ drive, state })
  expect((await ask('GET', '/d/lost')).text).toBe(`d/${lost}`)
  expect(await namesIn(drive, path('d'))).toEqual(['lost', 'replaced'])
  expect(await namesIn(drive, path('other'))).toEqual(['.anydrive-012345222451'])
  await close(0)
  expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ unfinished: [] })
})

/** A directory with an unfinished copy, and the file of a process that was changing it. */
const interrupted = async (text: (whole: string) => string) => {
  const [file, drive] = [join(room(), 'journal.json'), openLocal({ root: room() })]
  await write(drive, 'd/.anydrive-012345222451', 'x')
  writeFileSync(file, text(whole({ served: { vendor: 'local', path: '' }, unfinished: ['d'], process: 2 ** 30 })))
  return { file, drive }
}

test.each([
  ['of a process that ended', (text: string) => text, true],
  ['of a process that runs', (text: string) => text.replace(String(2 ** 30), String(process.ppid)), false],
  ['that is damaged', (text: string) => text.slice(1), false],
  ['of another drive', (text: string) => text.replace('local', 'memory'), false],
] as const)('a journal %s is used, or ignored and left as it is', async (_, text, isUsed) => {
  const { file, drive } = await interrupted(text)
  const before = readFileSync(file, 'utf8')
  const { ask, close } = await serve({ drive, journal: file })
  expect(await namesIn(drive, path('d'))).toEqual(isUsed ? [] : ['.anydrive-012345222451'])
  expect((await ask('PUT', '/d/a', {}, 'x')).status).toBe(201)
  expect((await ask('LOCK', '/d/a', {}, lockInfo())).status).toBe(200)
  if (isUsed) expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ locks: [], process: process.pid })
  await close(0)
  expect(existsSync(file) ? readFileSync(file, 'utf8') : undefined).toBe(isUsed ? undefined : before)
})

test('a gateway that does not start leaves no journal', async () => {
  const dir = room()
  const [journal, drive] = [join(dir, 'journal.json'), openMemory()]
  const { url } = await serve()
  for (const settings of [
    { store: join(dir, 'no/such/room.db') },
    { publicUrl: 'x' },
    { port: Number(new URL(url).port) },
  ])
    expect(E.isLeft(await serveWebdav({ drive, journal, ...settings })())).toBe(true)
  expect(readdirSync(dir)).toEqual([])
})

test.each(['state', 'journal'])('a gateway whose port is taken repairs nothing, with a %s', async (kind) => {
  const { file, drive } = await interrupted((text) => text)
  const { url } = await serve()
  const second = await serveWebdav({ drive, [kind]: file, port: Number(new URL(url).port) })()
  expect(second).toMatchObject({ left: { _tag: 'CannotListen' } })
  expect(await namesIn(drive, path('d'))).toEqual(['.anydrive-012345222451'])
  await serve({ drive, [kind]: file })
  expect(await namesIn(drive, path('d'))).toEqual([])
})

test('names of spool files that a killed process left are removed, and nothing else', async () => {
  const dir = room()
  const left = 'anydrive-body-012345222451cdef01234567'
  for (const name of [left, 'anydrive-body-notes.txt', 'mine']) writeFileSync(join(dir, name), 'x')
  mkdirSync(join(dir, 'anydrive-body-012345222451cdef0123456f'))
  const { ask } = await serve({ spool: { dir } })
  expect((await ask('PROPFIND', '/', { depth: 0 })).status).toBe(207)
  expect(readdirSync(dir).sort()).toEqual(['anydrive-body-012345222451cdef0123456f', 'anydrive-body-notes.txt', 'mine'])
})

test.each(['of known', 'of unknown'])('a body %s length waits in a file without a name', async (length) => {
  const dir = room()
  const base = openMemory()
  const seen: Array<ReadonlyArray<string>> = []
  // A drive that sends parts: its bodies are kept until the upload has ended.
  const drive: DriveProvider = {
    ...base,
    capabilities: { ...base.capabilities, upload: { ...base.capabilities.upload, parts: 'parallel' } },
    writeFile: (at, source, options) => async () => {
      const written = await base.writeFile(at, source, options)()
      seen.push(readdirSync(dir))
      return written
    },
  }
  const { ask, url } = await serve({ drive, spool: { memory: 1000, dir } })
  const body = Buffer.alloc(100_000, 'abc')
  const put = () => (length === 'of known' ? ask('PUT', '/a', {}, body) : askChunked(url, '/a', body))
  expect((await put()).status).toBe(201)
  expect(seen).toEqual([[]])
  expect((await ask('GET', '/a')).body.equals(body)).toBe(true)
  expect(await namesIn(base, root)).toEqual(['a'])
})
