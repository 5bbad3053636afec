// Sessions of KooDrive that several commands use: at the same time and one after the other, each a process of its own.
import { startKooDrive, type Emulator, type KooDriveOptions } from '@anydrive/emulators'
import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { desk, type Desk } from './command'

const bin = join(__dirname, '..', 'bin', 'anydrive.js')
const token = 'c'.repeat(48)

let here: Desk
let koo: Emulator
beforeEach(async () => {
  here = await desk()
  await mkdir(here.path('home'))
})
afterEach(async () => {
  await koo.close()
  await here.clear()
})

const editions = [
  ['standard', { sessionId: 'session-of-mary' }, false],
  ['carrier', { refreshToken: 'session-of-mary' }, true],
] as const

const start = async (carrier: boolean, sessionId = 'session-of-mary', options: KooDriveOptions = {}): Promise<void> => {
  koo = await startKooDrive({
    ...options,
    config: {
      behaviour: { refreshRevokesOldToken: true },
      users: [{ tokens: [{ accessToken: token, sessionId, carrier }] }],
      spaces: [{ kind: 'personal', containerId: 'space', capacityGb: 2 }],
    },
  })
}

const configure = (session: object, accessToken = 'expired') =>
  here.configure({
    koo: {
      type: 'koodrive',
      baseUrl: koo.url,
      containerId: 'space',
      auth: { kind: 'token', accessToken, ...session },
    },
  })

const run = (argv: ReadonlyArray<string>): Promise<{ readonly code: number | null; readonly err: string }> =>
  new Promise((resolve) => {
    const env = { ...process.env, HOME: here.path('home'), XDG_STATE_HOME: '', XDG_CONFIG_HOME: '' }
    const child = spawn(process.execPath, [bin, ...argv], { cwd: here.dir, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.once('close', (code) => {
      resolve({ code, err })
    })
  })

const done = { code: 0, err: '' }
const store = (): string => here.path('home/.local/state/anydrive/tokens')

const used = process.env['ANYDRIVE_SAMPLE'] === undefined ? editions : editions.slice(1)
describe.each(used)('a session of the %s edition', (_, session, carrier) => {
  test('is renewed once for commands that run at the same time', async () => {
    await start(carrier, 'session-of-mary', { latencyMs: 100 })
    await configure(session)
    const ran = await Promise.all([run(['ls', 'koo:']), run(['mkdir', 'koo:a']), run(['mkdir', 'koo:b'])])
    expect(ran).toEqual([done, done, done])
    const { refreshSession = 0, refreshToken = 0 } = koo.requests.counts()
    expect(refreshSession + refreshToken).toBe(1)
  })

  test('is used by the next command as it was renewed, from a file that only the user may read', async () => {
    await start(carrier)
    await configure(session)
    expect(await run(['mkdir', 'koo:a'])).toEqual(done)
    expect(await run(['ls', 'koo:a'])).toEqual(done)
    const [file = '', ...others] = await readdir(store())
    expect(others).toEqual([])
    expect(file).toMatch(/^[\da-f]{64}\.json$/)
    const { mode } = await stat(join(store(), file))
    expect(mode & 0o777).toBe(0o600)
    expect((await stat(store())).mode & 0o077).toBe(0)
  })

  test('is renewed without a place for its tokens', async () => {
    await start(carrier)
    await configure(session)
    await writeFile(here.path('home/.local'), 'not a directory')
    expect(await run(['ls', 'koo:'])).toEqual(done)
  })

  test('is renewed although a process ended while it held the lock', async () => {
    await start(carrier)
    await configure(session)
    expect(await run(['ls', 'koo:'])).toEqual(done)
    const [file = ''] = await readdir(store())
    const stored = JSON.parse(await readFile(join(store(), file), 'utf8')) as { readonly accessToken: string }
    await writeFile(join(store(), file), JSON.stringify({ ...stored, accessToken: 'expired too' }))
    const ended = spawn(process.execPath, ['-e', '0'])
    await new Promise((resolve) => ended.once('close', resolve))
    await writeFile(join(store(), `${file}.lock`), `${hostname()} ${ended.pid ?? 0}`)
    expect(await run(['ls', 'koo:'])).toEqual(done)
    expect(await readdir(store())).toEqual([file])
  })
})

test('a token of a new sign-in replaces a stored one whose session has ended', async () => {
  await start(false, 'session-of-mary')
  await configure({ sessionId: 'session-of-mary' })
  expect(await run(['ls', 'koo:'])).toEqual(done)
  const { port } = new URL(koo.url)
  await koo.close()
  await start(false, 'another', { port: Number(port) })
  await configure({ sessionId: 'session-of-mary' }, token)
  expect(await run(['ls', 'koo:'])).toEqual(done)
  expect(koo.requests.counts()).toMatchObject({ refreshSession: 1 })
  expect(await run(['ls', 'koo:'])).toEqual(done)
  expect(koo.requests.counts()).toMatchObject({ refreshSession: 1 })
})
