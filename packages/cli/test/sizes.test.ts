// A size that a service does not state is unknown, not 0: nothing is taken for empty unread, and nothing is removed for it.
import { startFaultProxy, type FaultProxy } from '@anydrive/conformance'
import { startKooDrive, type KooDriveEmulator } from '@anydrive/emulators'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { desk, type Desk } from './command'

let koo: KooDriveEmulator
let proxy: FaultProxy
let here: Desk
beforeEach(async () => {
  here = await desk()
  koo = await startKooDrive({ seed: 3, config: { behaviour: { jobLife: { kind: 'at-once' } } } })
  proxy = await startFaultProxy(koo.url)
  const { koo: drive } = koo.configuration
  await here.configure({ koo: { ...drive, baseUrl: proxy.url } })
})
afterEach(async () => {
  await proxy.close()
  await koo.close()
  await here.clear()
})

const sizeBecomes = (changed: (size: unknown) => unknown): void =>
  proxy.intercept(async (_, forward) => {
    const response = await forward()
    if (!String(response.headers?.['content-type']).includes('json')) return response
    const body = JSON.stringify(JSON.parse(String(response.body)), (key, value: unknown) =>
      key === 'size' ? changed(value) : value,
    )
    return { ...response, body: Buffer.from(body) }
  })

const contents: Readonly<Record<string, string>> = {
  'seven.txt': 'seven b',
  'large.bin': 'x'.repeat(300_000),
  'empty.txt': '',
}
const fill = async (): Promise<void> => {
  await mkdir(here.path('src/sub'), { recursive: true })
  for (const [name, text] of Object.entries(contents)) await writeFile(here.path(`src/sub/${name}`), text)
  expect(await here.do('migrate ./src koo:src')).toMatchObject({ code: 0 })
}
const arrived = async (dir: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(here.path(`${dir}/sub`))).map(
        async (name) => [name, await readFile(here.path(`${dir}/sub/${name}`), 'utf8')] as const,
      ),
    ),
  )

describe.each([
  ['absent', () => undefined],
  ['null', () => null],
  ['an empty text', () => ''],
])('a size that is %s', (_, changed) => {
  test.each(['stream', 'full', 'size'])('is unknown, and the file is moved whole (--verify %s)', async (verify) => {
    await fill()
    sizeBecomes(changed)
    const moved = await here.do(`migrate koo:src ./out --move --verify ${verify}`)
    expect(moved.code).toBe(0)
    expect(await arrived('out')).toEqual(contents)
    expect((await here.do('tree koo:src --json')).out).not.toMatch(/\.(txt|bin)/)
  })

  test('is unknown to check, ls, cat and a migration with a journal', async () => {
    await fill()
    sizeBecomes(changed)
    expect(await here.do('cat koo:src/sub/seven.txt')).toMatchObject({ code: 0, out: 'seven b' })
    expect((await here.do('ls -l koo:src/sub')).out).toMatch(/unknown .*seven\.txt/)
    expect(await here.do('check ./src koo:src')).toMatchObject({ code: 0 })
    await writeFile(here.path('src/sub/seven.txt'), 'seven c')
    expect(await here.do('check ./src koo:src')).toMatchObject({ code: 1 })
    const line = 'migrate koo:src ./out --journal j.db'
    expect(await here.do(line)).toMatchObject({ code: 0 })
    expect(await here.do(`${line} --resume`)).toMatchObject({ code: 0 })
    expect(await arrived('out')).toEqual(contents)
    expect(await here.do('migrate koo:src ./planned --plan plan.jsonl')).toMatchObject({ code: 0 })
    expect(await here.do('migrate --apply plan.jsonl')).toMatchObject({ code: 0 })
    expect(await arrived('planned')).toEqual(contents)
  })
})

test.each([[-1], [1.5], ['seven'], [true]])('a size of %p makes one entry unusable, which is named', async (size) => {
  await fill()
  sizeBecomes((value) => (value === 7 || value === '7' ? size : value))
  const moved = await here.do('migrate koo:src ./out --move')
  expect(moved).toMatchObject({ code: 1 })
  expect(moved.out).toContain('seven.txt')
  expect(Object.keys(await arrived('out')).sort()).toEqual(['empty.txt', 'large.bin'])
  proxy.intercept()
  expect(await here.do('cat koo:src/sub/seven.txt')).toMatchObject({ code: 0, out: 'seven b' })
})

test('a stated size of 0 is no reason to read nothing', async () => {
  await fill()
  sizeBecomes((value) => (value === 7 || value === '7' ? 0 : value))
  const moved = await here.do('migrate koo:src ./out --move')
  expect(moved).toMatchObject({ code: 1 })
  proxy.intercept()
  expect(await here.do('cat koo:src/sub/seven.txt')).toMatchObject({ code: 0, out: 'seven b' })
})
