// The laws, run from the command line.
import { startFaultProxy } from '@anydrive/conformance'
import { startTencentSmh, type Emulator } from '@anydrive/emulators'
import { desk, type Desk } from './command'

let here: Desk
let emulator: Emulator
beforeAll(async () => {
  emulator = await startTencentSmh()
})
afterAll(() => emulator.close())
beforeEach(async () => {
  here = await desk()
  await here.configure(emulator.configuration)
})
afterEach(() => here.clear())

interface Told {
  readonly requests: number
  readonly rows: ReadonlyArray<{ readonly operation: string; readonly kept: number }>
  readonly broken: ReadonlyArray<unknown>
  readonly notRun: ReadonlyArray<{ readonly why: string; readonly laws: ReadonlyArray<string> }>
}

test('a drive that keeps the contract ends with 0, and leaves nothing behind', async () => {
  await here.do('mkdir local:scratch')
  const ran = await here.do('conformance local:scratch/not/yet --only createDir')
  expect(ran).toMatchObject({ code: 0, err: expect.stringMatching(/^\d+ laws, 0 requests\n$/) as string })
  expect(ran.out).toMatch(/^operation +capability +basis +kept +refused +skipped +broken\ncreateDir /)
  expect(ran.out).toMatch(/^all +\d+ +\d+ +\d+ +0$/m)
  expect((await here.do('ls local:scratch')).out).toBe('')
})

test('the matrix is told as JSON and as Markdown, with what did not apply', async () => {
  const json = JSON.parse((await here.do('conformance local:. --only stat --json')).out) as Told
  expect(json).toMatchObject({ requests: 0, broken: [], notRun: [] })
  expect(json.rows.map((row) => row.operation)).toContain('stat')
  const markdown = (await here.do('conformance local:. --only usage --format markdown')).out
  expect(markdown).toMatch(/^\| operation \| capability /)
})

test('one law is found by part of its name; what nobody wrote is a mistake of usage', async () => {
  const ran = await here.do('conformance local:. --only limit --json')
  expect(ran.code).toBe(0)
  const { code, err } = await here.do('conformance local:. --only nonsense')
  expect([code, err]).toEqual([2, expect.stringContaining('no law is about "nonsense"')])
  expect((await here.do('conformance local:. --max-requests none')).code).toBe(2)
})

test('a bound of requests ends the run: what was not checked is listed, and the scratch folder is gone', async () => {
  const ran = await here.do('conformance smh:check --only createDir --max-requests 60 --json')
  expect(ran.code).toBe(1)
  const told = JSON.parse(ran.out) as Told
  expect(told.broken).toEqual([])
  expect(told.notRun).toMatchObject([{ why: 'the limit of 60 requests was reached' }])
  expect(told.notRun[0]?.laws.length).toBeGreaterThan(10)
  expect(told.requests).toBeLessThan(100)
  expect((await here.do('ls smh:')).out).toBe('')
})

test('random steps may be run besides', async () => {
  const ran = await here.do('conformance smh:check --only usage --runs 20 --seed 3')
  expect(ran.code).toBe(0)
  expect(ran.out).toMatch(/^programs +1 +0 +0 +0$/m)
})

test('a drive that cannot be reached ends as such, before anything is made', async () => {
  const away = { smh: { ...(emulator.configuration['smh'] as object), baseUrl: 'http://127.0.0.1:1' } }
  await here.configure(away)
  const { code, out } = await here.do('conformance smh:check')
  expect([code, out]).toEqual([6, ''])
})

test('a broken law names the section of the contract, and on what the drive believes it', async () => {
  const proxy = await startFaultProxy(emulator.url)
  try {
    const settings = JSON.stringify(emulator.configuration['smh']).replaceAll(emulator.url, proxy.url)
    await here.configure({ smh: JSON.parse(settings) as never })
    // A service that refuses a taken name although it was asked to choose another.
    proxy.intercept((request, forward) =>
      forward({ ...request, target: request.target.replace('strategy=rename', 'strategy=ask') }),
    )
    const json = JSON.parse((await here.do('conformance smh:check --only createDir --json')).out) as {
      readonly broken: ReadonlyArray<{ readonly grounds: ReadonlyArray<string> }>
    }
    expect(json.broken.flatMap(({ grounds }) => grounds)).toContainEqual(
      expect.stringMatching(/declares conflict\.createDir\.rename: a document of the vendor says so/),
    )
    const { code, out, err } = await here.do('conformance smh:check --only createDir')
    expect(code).toBe(1)
    expect(out).toMatch(/the contract promises it in 2\.3 Placing: https:\S+contract\.md#23-placing/)
    expect(err).toContain('docs/wire/tencent-smh.md')
  } finally {
    await proxy.close()
  }
})
