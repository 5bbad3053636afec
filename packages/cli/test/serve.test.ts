// serve webdav: a drive as a server, as the command was built.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, readlink, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { desk, type Desk } from './command'

const bin = join(__dirname, '..', 'bin', 'anydrive.js')

let here: Desk
const running = new Set<ChildProcess>()
beforeEach(async () => {
  here = await desk()
  await mkdir(here.path('files'))
  await mkdir(here.path('spool'))
  await writeFile(here.path('files/a.txt'), 'hello')
})
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
  await here.clear()
})

interface Served {
  readonly url: string
  readonly child: ChildProcess
  readonly told: () => string
  /** The exit code. */
  readonly stop: (signal: NodeJS.Signals) => Promise<number | null>
}

const serve = async (...argv: ReadonlyArray<string>): Promise<Served> => {
  const child = spawn(process.execPath, [bin, 'serve', 'webdav', './files', ...argv], {
    cwd: here.dir,
    env: { ...process.env, TMPDIR: here.path('spool') },
  })
  running.add(child)
  let err = ''
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const line = await new Promise<string>((resolve, reject) => {
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (out.endsWith('\n')) resolve(out)
    })
    child.once('close', () => reject(new Error(err)))
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    url: line.trim(),
    child,
    told: () => err,
    stop: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

const status = async (url: string, how: RequestInit = {}): Promise<number> => (await fetch(url, how)).status
const basic = (text: string) => ({ headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` } })

test.each(['SIGINT', 'SIGTERM'] as const)('says its URL first, serves, and ends with 0 after %s', async (signal) => {
  const { url, stop, told } = await serve()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  expect(await (await fetch(`${url}a.txt`)).text()).toBe('hello')
  expect(await status(`${url}new`, { method: 'PUT', body: 'x' })).toBe(201)
  expect(await readFile(here.path('files/new'), 'utf8')).toBe('x')
  expect(await stop(signal)).toBe(0)
  expect(told()).toBe('')
})

test('lets in a user by a password from a file, or those of an htpasswd', async () => {
  await writeFile(here.path('secret'), 'se same\n')
  const one = await serve('--user', 'mary', '--password-file', 'secret')
  expect(await status(one.url)).toBe(401)
  expect(await status(one.url, basic('mary:se same'))).toBe(200)
  await one.stop('SIGTERM')
  await writeFile(here.path('users'), `john:{SHA}${'qUqP5cyxm6YcTAhz05Hph5gvu9M='}\n`)
  const many = await serve('--htpasswd', 'users', '--read-only')
  expect(await status(many.url, basic('john:test'))).toBe(200)
  expect(await status(many.url, basic('john:other'))).toBe(401)
  expect(await status(`${many.url}x`, { method: 'PUT', body: 'x', ...basic('john:test') })).toBe(403)
})

test('serves TLS, keeps properties in a file, and warns of what is open to all', async () => {
  const made = spawnSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'].concat([
      '-subj',
      '/CN=localhost',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
    ]),
    { cwd: here.dir },
  )
  expect(made.status).toBe(0)
  const { url, told } = await serve(
    ...['--addr', '0.0.0.0:0', '--cert', 'cert.pem', '--key', 'key.pem', '--properties', 'kept.db'],
  )
  expect(url).toMatch(/^https:\/\/0\.0\.0\.0:\d+\/$/)
  expect(told()).toMatch(/anybody who reaches this address/)
  expect(existsSync(here.path('kept.db'))).toBe(true)
})

test.each([
  [['./nothing'], 4, 'nothing'],
  [['./files/a.txt'], 2, 'its directory'],
  [['./files', '--user', 'mary'], 2, '--password-file'],
  [['./files', '--password-file', 'x'], 2, '--user'],
  [['./files', '--htpasswd', 'files/a.txt'], 2, 'line 1'],
  [['./files', '--htpasswd', 'none'], 2, 'cannot be read'],
  [['./files', '--cert', 'files/a.txt'], 2, '--key'],
  [['./files', '--cert', 'files/a.txt', '--key', 'files/a.txt'], 2, ''],
  [['./files', '--addr', 'here'], 2, 'HOST:PORT'],
  [['./files', '--properties', 'no/such/room.db'], 2, 'properties'],
  [['./files', '--state', 'no/such/state.json'], 2, 'state.json cannot be used'],
  [['./files', '--state', 'files/a.txt'], 2, 'a.txt cannot be used: it is damaged'],
  [['./files', '--public-url', 'files.example.com'], 2, 'https://HOST/PATH/'],
  [['./files', '--trusted-proxy', 'localhost'], 2, '"localhost"'],
] as const)('%j is refused with %i', async (argv, code, said) => {
  const ran = await here.do(['serve', 'webdav', ...argv].join(' '))
  expect([ran.code, ran.out]).toEqual([code, ''])
  expect(ran.err).toMatch(said)
  expect(ran.err).not.toMatch(/\n[\t ]{1,16}at /)
})

const openFiles = async ({ pid }: ChildProcess): Promise<ReadonlyArray<string>> => {
  const dir = `/proc/${pid ?? 0}/fd`
  return Promise.all((await readdir(dir)).map((name) => readlink(join(dir, name)).catch(() => '')))
}

test('serves below the path of a public URL, and names it', async () => {
  const { url } = await serve('--public-url', 'https://files.example.com/my/dav', '--trusted-proxy', '10.0.0.0/8')
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/my\/dav\/$/)
  const listed = await (await fetch(url, { method: 'PROPFIND', headers: { depth: '1' } })).text()
  expect(listed).toMatch('<D:href>/my/dav/a.txt</D:href>')
  const destination = 'https://files.example.com/my/dav/b.txt'
  expect(await status(`${url}a.txt`, { method: 'MOVE', headers: { destination } })).toBe(201)
  expect(await readdir(here.path('files'))).toEqual(['b.txt'])
})

const info = '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>'

test.each([
  [['--state', 'state.json'], 423],
  [[], 204],
] as const)(
  'after a kill with %j an upload leaves nothing for the next start, and a lock leads to %i',
  async (argv, locked) => {
    const first = await serve(...argv)
    expect(await status(`${first.url}a.txt`, { method: 'LOCK', body: info })).toBe(200)
    const put = request(`${first.url}b.txt`, { method: 'PUT', headers: { 'content-length': 1_000_000 } })
    put.on('error', () => undefined)
    put.write(Buffer.alloc(500_000))
    await until(async () => (await readdir(here.path('files'))).length > 1)
    await first.stop('SIGKILL')
    expect(await readdir(here.path('files'))).toHaveLength(2)

    const second = await serve(...argv)
    expect(await status(`${second.url}a.txt`, { method: 'PUT', body: 'other' })).toBe(locked)
    expect(await status(`${second.url}b.txt`)).toBe(404)
    expect(await readdir(here.path('files'))).toEqual(['a.txt'])
    const files =
      argv.length > 0
        ? [here.path('state.json')]
        : (await readdir(here.path('spool'))).map((name) => here.path(`spool/${name}`))
    expect(files).toHaveLength(1)
    for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600)
    await second.stop('SIGTERM')
    expect(await readdir(here.path('spool'))).toEqual([])
  },
)

test('a killed process leaves nothing of a body that waited on the disk', async () => {
  const { url, child, stop } = await serve()
  const put = request(`${url}b.txt`, { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } })
  put.on('error', () => undefined)
  put.write(Buffer.alloc(10 * 1024 * 1024))
  await until(async () => (await openFiles(child)).some((file) => file.includes('/anydrive-body-')))
  await stop('SIGKILL')
  expect((await readdir(here.path('spool'))).filter((name) => !name.startsWith('anydrive-serve-'))).toEqual([])
  expect(await readdir(here.path('files'))).toEqual(['a.txt'])
})

const peak = async ({ pid }: ChildProcess): Promise<number> => {
  const text = await readFile(`/proc/${pid ?? 0}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1]) / 1024
}

test('256 MiB go in and come out in less than 200 MiB of memory', async () => {
  const { url, child } = await serve()
  const [size, piece] = [256 * 1024 * 1024, Buffer.alloc(1024 * 1024, 'x')]
  const sent = await new Promise<number | undefined>((resolve, reject) => {
    const put = request(`${url}big`, { method: 'PUT', headers: { 'content-length': size } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    put.once('error', reject)
    let left = size / piece.length
    const go = (): void => {
      while (left > 0) {
        left -= 1
        if (!put.write(piece)) return void put.once('drain', go)
      }
      put.end()
    }
    go()
  })
  expect(sent).toBe(201)
  let received = 0
  const { body } = await fetch(`${url}big`)
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) received += chunk.byteLength
  expect(received).toBe(size)
  expect(await peak(child)).toBeLessThan(200)
  expect((await readdir(here.path('files'))).sort()).toEqual(['a.txt', 'big'])
}, 600_000)
