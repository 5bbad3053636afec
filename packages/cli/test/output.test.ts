// Output that cannot be written: only a closed pipe is no error, and nothing unfinished becomes a success.
import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { desk, type Desk } from './command'

const bin = join(__dirname, '..', 'bin', 'anydrive.js')

let here: Desk
beforeAll(async () => {
  here = await desk()
  await mkdir(here.path('s'))
  await mkdir(here.path('empty'))
  await writeFile(here.path('big'), Buffer.alloc(400_000, 'x'))
  for (let i = 0; i < 2000; i += 1) await writeFile(here.path(`s/${i}`), String(i))
})
afterAll(() => here.clear())

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** `shell` finds the command as "$@". */
const sh = (shell: string, argv: ReadonlyArray<string>): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn('bash', ['-c', shell, 'bash', process.execPath, bin, ...argv], { cwd: here.dir })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.once('close', (code) => {
      resolve({ code, out, err })
    })
  })
const onlyFirst = 'set -o pipefail; "$@" | head -n 1'

const commands: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
  ['cat', ['cat', './big']],
  ['get', ['get', './big', '-']],
  ['ls', ['ls', './s']],
  ['tree', ['tree', './s']],
  ['check', ['check', './s', './empty']],
  ['check --combined -', ['check', './s', './s', '--combined', '-']],
  ['stat --json', ['stat', './big', '--json']],
  ['migrate --json', ['migrate', './s', './to', '--json']],
  ['help', ['--help']],
  ['version', ['--version']],
]
const asked = process.env['ANYDRIVE_SAMPLE'] === undefined ? commands : commands.filter((_, i) => i % 3 === 0)
describe.each(asked)('%s', (_name, argv) => {
  test('fails where standard output cannot be written', async () => {
    const { code, err } = await sh('exec "$@" 1< big', argv)
    expect(code).toBe(1)
    expect(err).toContain('cannot write to standard output: it is not open for writing (EBADF)')
  })
})

test('a file that cannot grow holds a part, and the exit code says so', async () => {
  const { code, err } = await sh('ulimit -f 100; exec "$@" > part', ['cat', './big'])
  expect(code).toBe(1)
  expect(err).toContain('cannot write to standard output: the file would become too large (EFBIG)')
  expect((await readFile(here.path('part'))).length).toBeLessThan(400_000)
})

test('a part that was written for the whole is not lost without an error', async () => {
  // 102,400 bytes are allowed: the last chunk of 100,000 + 65,536 bytes is cut.
  await writeFile(here.path('f'), Buffer.alloc(102_401, 'y'))
  const { code } = await sh('ulimit -f 100; exec "$@" > part', ['cat', './f'])
  expect(code).toBe(1)
})

test('standard error that cannot be written is no success', async () => {
  expect(await sh('exec "$@" 2< big', ['check', './empty', './empty'])).toMatchObject({ code: 1 })
})

test('a reader that has seen enough ends a listing without an error', async () => {
  for (const argv of [['ls', './s'], ['tree', './s'], ['cat', './big'], ['get', './big', '-'], ['--help']])
    expect({ argv, ...(await sh(onlyFirst, argv)) }).toMatchObject({ code: 0, err: '' })
})

test('a closed pipe does not turn differences into success', async () => {
  expect(await sh(onlyFirst, ['check', './s', './empty'])).toMatchObject({ code: 1, out: 'missing    /0\n' })
  // All are the same as far as was seen, which was not to the end.
  expect(await sh(onlyFirst, ['check', './s', './s', '--combined', '-'])).toMatchObject({ code: 1, out: '= 0\n' })
})

test('a closed pipe does not turn a migration that stops into success', async () => {
  const { code, err } = await sh(onlyFirst, ['migrate', './s', './to', '--json'])
  expect(code).toBe(1)
  expect(err).toContain('standard output was closed')
})

test('a closed pipe does not turn a listing that failed into success', async () => {
  expect(await sh('set -o pipefail; "$@" | true', ['ls', './none'])).toMatchObject({ code: 4 })
})

test('--combined that cannot be written is an error, at once or at the end', async () => {
  const early = await here.do('check ./s ./s --combined no/such/file')
  expect(early).toMatchObject({ code: 2 })
  expect(early.err).toContain('cannot write to no/such/file: its directory does not exist (ENOENT)')
  const late = await sh('ulimit -f 8; exec "$@"', ['check', './s', './s', '--combined', 'list'])
  expect(late).toMatchObject({ code: 1 })
  expect(late.err).toContain('cannot write to list: the file would become too large (EFBIG)')
})
