// dashboard --journal: what it serves, to whom, and how it ends; by plain HTTP.
import { forbidden } from '@anydrive/core/adapter'
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, request, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { desk, type Desk } from './command'
import { driveOf, follow, gate, gated, served, stopAll } from './dashboard'
import { at, failing } from '../../migrate/test/drives'

let emulators: ReadonlyArray<Emulator>
let here: Desk
beforeAll(async () => {
  emulators = [await startTencentSmh(), await startKooDrive()]
})
afterAll(async () => {
  for (const one of emulators) await one.close()
})
beforeEach(async () => {
  here = await desk()
  await here.configure(Object.assign({}, ...emulators.map(({ configuration }) => configuration)))
})
afterEach(() => {
  stopAll()
  return here.clear()
})

const put = async (names: ReadonlyArray<string>, place: string): Promise<void> => {
  await mkdir(here.path(place), { recursive: true })
  for (const name of names) await writeFile(here.path(`${place}/${name}`), `content of ${name}`)
  expect(await here.do(`put ${place} smh:`)).toMatchObject({ code: 0 })
}
/** A journal of a migration that has ended. */
const finished = async (): Promise<void> => {
  await mkdir(here.path('one'))
  await writeFile(here.path('one/a.txt'), 'a')
  expect(await here.do('migrate ./one ./two --journal j')).toMatchObject({ code: 0 })
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}
const asked = async (
  url: string,
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const sent = request(new URL(url), { method, path, headers })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, body }
}

test('sends what has changed as it happens, and the conclusion at the end; ends its streams, with exit code 0', async () => {
  await put(['a.txt', 'b.txt', 'c.txt', 'd.txt'], 'src')
  const [smh, koo] = emulators.map(driveOf)
  if (smh === undefined || koo === undefined) throw new Error('there are two emulators')
  const hold = gate()
  const migration = gated(here.path('j'), { from: { drive: smh, path: at('src') }, to: { drive: koo } }, hold)
  const { url, stop } = await served(here, '--journal j')
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  const page = follow(url)
  const other = follow(url)
  await page.until('state', /Running/)
  await page.until('under-way-list', /a\.txt/)
  expect(page.text('figures')).toMatch(/Files arrived 0/)
  expect(page.text('head')).toContain('the old drive → the new one')
  const before = page.count()
  hold.open(2)
  await page.until('figures', /Files arrived 2/)
  expect(page.count()).toBeGreaterThan(before)
  await other.until('figures', /Files arrived 2/)
  hold.open(10)
  await page.until('state', /Everything arrived and is verified/)
  expect(page.text('figures')).toMatch(/Files arrived 4 .*Did not arrive 0/)
  expect(page.text('verification')).toContain('How it was verified')
  expect(page.text('under-way-list')).toBe('')
  await migration.done
  expect(await stop()).toEqual({ code: 0, out: `${url}\n`, err: '' })
  await page.done
  await other.done
  await expect(fetch(url)).rejects.toThrow()
})

test('shows why something failed, and how a migration that was stopped is continued', async () => {
  await mkdir(here.path('src'))
  for (const name of ['fine.txt', '<b>not fine</b'.replace('/', ''), 'x'.repeat(250)])
    await writeFile(here.path(`src/${name}`), name)
  expect((await here.do('migrate ./src smh:failing --journal j')).code).toBe(1)
  const { url, stop } = await served(here, '--journal j')
  const { body } = await asked(url, '/')
  expect(body).toContain('did not arrive')
  expect(body).toContain('The name is refused')
  expect(body).toContain('&lt;b&gt;not fine&lt;b')
  expect(body).not.toContain('<b>')
  expect(body).toContain('--journal j --retry-failed')
  await stop()
})

test('a directory that could not be listed is no success', async () => {
  await mkdir(here.path('outer/closed'), { recursive: true })
  await writeFile(here.path('outer/closed/a.txt'), 'a')
  expect(await here.do('put outer smh:')).toMatchObject({ code: 0 })
  const [smh, koo] = emulators.map(driveOf)
  if (smh === undefined || koo === undefined) throw new Error('there are two emulators')
  const from = failing(smh, 'list', (path) => (path === 'outer/closed' ? forbidden() : undefined))
  const [source, target] = [
    { drive: from, path: at('outer') },
    { drive: koo, path: at('outer') },
  ]
  await gated(here.path('j'), { from: source, to: target }, gate()).done
  const { url, stop } = await served(here, '--journal j')
  const { body } = await asked(url, '/')
  expect(body).toContain('1 item did not arrive')
  expect(body).toContain('could not be listed')
  await stop()
})

test('answers only those who call it by a name of this machine, and only GET and HEAD', async () => {
  await finished()
  const { url, stop } = await served(here, '--journal j')
  const { port } = new URL(url)
  const statusFor = async (host: string): Promise<number> => (await asked(url, '/', 'GET', { host })).status
  for (const host of [`127.0.0.1:${port}`, 'localhost', `LOCALHOST:${port}`, '127.8.9.10', `[::1]:${port}`])
    expect([host, await statusFor(host)]).toEqual([host, 200])
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
  ])
    expect([host, await statusFor(host)]).toEqual([host, 421])
  for (const path of ['/', '/events'])
    expect((await asked(url, path, 'GET', { host: 'evil.example' })).body).toBe(
      'this server is not known by that name\n',
    )
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
    expect(await asked(url, '/', method)).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  for (const path of ['/', '/events']) expect(await asked(url, path, 'HEAD')).toMatchObject({ status: 200, body: '' })
  for (const path of ['/x', '/events/', '//evil.example/', 'http://evil.example/'])
    expect((await asked(url, path)).status).toBe(404)
  await stop()
})

test('its headers allow no source from elsewhere, no frame and no copy', async () => {
  await finished()
  const { url, stop } = await served(here, '--journal j')
  const { headers } = await asked(url, '/')
  const policy = String(headers['content-security-policy'])
  for (const part of ["default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'", "form-action 'none'"])
    expect(policy).toContain(part)
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  })
  expect(headers).not.toHaveProperty('access-control-allow-origin')
  await stop()
})

test('ends with clients that take nothing, and with half a request', async () => {
  await finished()
  const { url, stop } = await served(here, '--journal j')
  const port = Number(new URL(url).port)
  const sockets = ['GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n', 'GET / HT'].map((text) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.pause()
    socket.write(text)
    return socket
  })
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  expect((await stop()).code).toBe(0)
  for (const socket of sockets) socket.destroy()
})

test.each(['SIGINT', 'SIGTERM'] as const)('as a process of its own it ends at %s with exit code 0', async (name) => {
  await finished()
  const bin = join(__dirname, '..', 'bin', 'anydrive.js')
  const child = spawn(process.execPath, [bin, 'dashboard', '--journal', 'j', '--json'], { cwd: here.dir })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const { url } = JSON.parse(line.toString()) as { readonly url: string }
  const page = follow(url)
  await page.until('state', /Everything arrived/)
  child.kill(name)
  await page.done
  expect(await once(child, 'close')).toEqual([0, null])
})

describe('refuses before it listens', () => {
  const refused = async (words: string): Promise<string> => {
    const ran = await here.do(`dashboard${words === '' ? '' : ` ${words}`}`)
    expect(ran).toMatchObject({ code: 2, out: '' })
    return ran.err
  }
  test('what cannot be combined, or is missing', async () => {
    expect(await refused('')).toContain('dashboard needs --journal FILE or --cluster URL')
    expect(await refused('--journal j --cluster postgres://u@h/d')).toContain('cannot be combined')
    expect(await refused('--journal j --name n')).toContain('--name needs --cluster')
    expect(await refused('--journal j --port 70000')).toContain('at most 65535')
  })
  test('a journal that is missing, empty, damaged, or none', async () => {
    expect(await refused('--journal nothing')).toMatch(/nothing is missing.*\n.*Name the file/)
    await writeFile(here.path('empty'), '')
    expect(await refused('--journal empty')).toMatch(/is empty/)
    await writeFile(here.path('text'), 'no journal')
    expect(await refused('--journal text')).toMatch(/is no journal/)
    await finished()
    await writeFile(here.path('j-seal'), 'damaged')
    expect(await refused('--journal j')).toMatch(/j-seal is damaged/)
  })
  test('a port that is in use', async () => {
    await finished()
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    expect(await refused(`--journal j --port ${port}`)).toMatch(/is in use[^]*Choose another --port/)
    server.close()
  })
})
