// The command as a process of its own: as it was built.
import { startTencentSmh } from '@anydrive/emulators'
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { desk, type Desk } from './command'

const bin = join(__dirname, '..', 'bin', 'anydrive.js')

let here: Desk
beforeEach(async () => {
  here = await desk()
})
const running = new Set<ChildProcess>()
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
  await here.clear()
})

const start = (argv: ReadonlyArray<string>, input: 'pipe' | 'ignore' = 'pipe'): ChildProcess => {
  const child = spawn(process.execPath, [bin, ...argv], { cwd: here.dir, stdio: [input, 'pipe', 'pipe'] })
  running.add(child)
  return child
}

const collected = (child: ChildProcess): { out: string; err: string } => {
  const texts = { out: '', err: '' }
  child.stdout?.on('data', (chunk: Buffer) => (texts.out += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (texts.err += chunk.toString()))
  return texts
}
const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) =>
    child.once('close', (code) => {
      running.delete(child)
      resolve(code)
    }),
  )
const run = async (
  argv: ReadonlyArray<string>,
  input = '',
): Promise<{ code: number | null; out: string; err: string }> => {
  const child = start(argv)
  const texts = collected(child)
  child.stdin?.end(input)
  const code = await ended(child)
  return { code, ...texts }
}
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

test('is built', () => {
  expect(existsSync(join(__dirname, '..', 'dist', 'run.js'))).toBe(true)
})

test.each([
  [['--version'], 0],
  [['nonsense'], 2],
  [['ls', 'local:no'], 4],
])('%p ends with %p', async (argv, code) => {
  expect(await run(argv)).toMatchObject({ code })
})

test('takes standard input, and gives standard output', async () => {
  expect(await run(['put', '-', 'local:f'], 'from a pipe')).toMatchObject({ code: 0, out: '', err: '' })
  expect(await readFile(here.path('f'), 'utf8')).toBe('from a pipe')
  expect(await run(['cat', './f'])).toEqual({ code: 0, out: 'from a pipe', err: '' })
})

test('does not mind a reader that has seen enough', async () => {
  await writeFile(here.path('f'), Buffer.alloc(20_000_000))
  const child = start(['cat', 'local:f'])
  const texts = collected(child)
  child.stdin?.end()
  child.stdout?.once('data', () => child.stdout?.destroy())
  expect(await ended(child)).toBe(0)
  expect(texts.err).toBe('')
})

describe.each([
  ['tencent-smh', 'smh', ['--library', 'mine', '--secret', 'hush-hush', '--space', 'one', '--space', 'two']],
  ['koodrive', 'koo', ['--token', 'a-token']],
] as const)('emulate %s', (vendor, name, options) => {
  const signals =
    process.env['ANYDRIVE_SAMPLE'] === undefined ? (['SIGTERM', 'SIGINT'] as const) : (['SIGINT'] as const)
  test.each(signals)('prints its URL first, then what reaches it, until %s', async (signal) => {
    const child = start(['emulate', vendor, '--strict', ...options])
    const texts = collected(child)
    await until(() => texts.err.endsWith('}\n'))
    const [url = ''] = texts.out.split('\n')
    expect(texts.out).toBe(`${url}\n`)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const { drives } = JSON.parse(texts.err) as { readonly drives: Readonly<Record<string, object>> }
    await here.configure({ [name]: { ...drives[name], http: { attempts: 1 } } })
    expect(await run(['put', '-', `${name}:f`], 'hello')).toMatchObject({ code: 0 })
    expect(await run(['cat', `${name}:f`])).toMatchObject({ code: 0, out: 'hello' })
    child.kill(signal)
    expect(await ended(child)).toBe(0)
    expect(await run(['ls', `${name}:`, '--timeout', '5'])).toMatchObject({ code: 6 })
  })
})

test('emulate with --tls is reached by the certificate that it tells, and keeps what is in --data', async () => {
  const argv = ['emulate', 'tencent-smh', '--tls', '--data', 'state']
  for (const [line, out] of [
    ['put - smh:f', ''],
    ['cat smh:f', 'kept'],
  ] as const) {
    const child = start(argv)
    const texts = collected(child)
    await until(() => texts.err.endsWith('}\n'))
    expect(texts.out).toMatch(/^https:/)
    await writeFile(here.path('anydrive.json'), texts.err)
    expect(await run(line.split(' '), 'kept')).toEqual({ code: 0, out, err: '' })
    child.kill('SIGTERM')
    await ended(child)
  }
})

test('emulate starts without input, with pipes for its output', async () => {
  const child = start(['emulate', 'koodrive'], 'ignore')
  const texts = collected(child)
  await until(() => texts.err !== '')
  child.kill('SIGTERM')
  expect([await ended(child), texts.out.slice(0, 7)]).toEqual([0, 'http://'])
})

test('emulate runs both vendors with one configuration file, which is there for its owner as long as they run', async () => {
  const file = here.path('anydrive.json')
  const child = start(['emulate', 'koodrive', 'tencent-smh', '--write', 'anydrive.json'])
  const texts = collected(child)
  await until(() => texts.out.split('\n').length === 3)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(texts.err).toBe('')
  expect(await run(['put', '-', 'smh:f'], 'hello')).toMatchObject({ code: 0 })
  expect(await run(['mv', 'smh:f', 'koo:f'])).toMatchObject({ code: 0 })
  expect(await run(['cat', 'koo:f'])).toEqual({ code: 0, out: 'hello', err: '' })
  const written = await readFile(file, 'utf8')
  expect(await run(['emulate', 'koodrive', '--write', 'anydrive.json'])).toMatchObject({ code: 2, out: '' })
  expect(await readFile(file, 'utf8')).toBe(written)
  child.kill('SIGTERM')
  expect(await ended(child)).toBe(0)
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
})

test.each(['private', 'public'] as const)('emulate --deployment %s is that generation', async (deployment) => {
  const child = start(['emulate', 'tencent-smh', '--strict', '--deployment', deployment])
  const texts = collected(child)
  await until(() => texts.err.endsWith('}\n'))
  const { drives } = JSON.parse(texts.err) as { readonly drives: { readonly smh: object } }
  await here.configure({ smh: { ...drives.smh, upload: { singleUpTo: 0 } } })
  expect(await run(['put', '-', 'smh:f'], 'hello')).toMatchObject({ code: 0 })
  expect(await run(['cat', 'smh:f'])).toMatchObject({ code: 0, out: 'hello' })
  const shown = await run(['stat', 'smh:f', '--json'])
  expect('id' in (JSON.parse(shown.out) as object)).toBe(deployment === 'public')
  child.kill('SIGTERM')
  await ended(child)
})

test('emulate says what is wrong with its options', async () => {
  for (const argv of [
    ['tencent-smh', '--faults', 'nonsense=1'],
    ['koodrive', '--library', 'x'],
    ['koodrive', '--deployment', 'private'],
    ['tencent-smh', '--deployment', 'secret'],
    ['tencent-smh', 'koodrive', '--deployment', 'private'],
    ['koodrive', '--config', 'missing.json'],
    ['tencent-smh', '--port', 'x'],
    ['tencent-smh', 'koodrive', '--data', 'd'],
    ['tencent-smh', '--write', 'no/such/directory'],
  ]) {
    const { code, out, err } = await run(['emulate', ...argv])
    expect({ argv, code, out }).toEqual({ argv, code: 2, out: '' })
    expect(err).not.toMatch(/\n[\t ]{1,16}at /)
  }
})

test('an interrupted migration ends with 130, and run again with skip it carries the rest', async () => {
  for (let i = 0; i < 60; i++) await writeFile(here.path(`f${i}`), `${i}`)
  const smh = await startTencentSmh({ latencyMs: 20 })
  await here.configure(smh.configuration)
  const child = start(['migrate', 'local:.', 'smh:all', '--concurrency', '2'])
  const texts = collected(child)
  child.stdin?.end()
  await until(() => smh.requests.count() > 30)
  child.kill('SIGINT')
  expect(await ended(child)).toBe(130)
  expect(texts.err).toContain('--conflict skip')
  const again = await run(['migrate', 'local:.', 'smh:all', '--conflict', 'skip', '--json'])
  expect(again.code).toBe(0)
  const { files, skipped } = JSON.parse(again.out.trimEnd().split('\n').at(-1) ?? '') as {
    readonly files: number
    readonly skipped: number
  }
  expect(files + skipped).toBe(61)
  expect(files).toBeGreaterThan(0)
  expect(skipped).toBeGreaterThan(0)
  expect(await run(['check', 'local:.', 'smh:all', '--content'])).toMatchObject({ code: 0, out: '' })
  await smh.close()
}, 600_000)
