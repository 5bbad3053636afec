// Behind a reverse proxy: the URLs that clients know, in both directions.
import { path } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
import { serveWebdav } from '@anydrive/webdav-server'
import * as E from 'fp-ts/Either'
import { apache, caddy, freePort, nginx } from './proxies'
import { room, runProgram, withProgram } from './running'
import { asking, hrefsIn, lockInfo, serve, tokenOf, type Got } from './serving'

const publicUrl = 'https://files.example.com/dav/'
const status = async (got: Promise<Got>): Promise<number> => (await got).status

const linksIn = ({ text }: Got): ReadonlyArray<string> =>
  [...text.matchAll(/<a href="([^"]*)"/g)].map(([, it]) => it ?? '')

test('every URL that is sent begins with the path of the public URL', async () => {
  const { ask, url } = await serve({ publicUrl: 'https://files.example.com/our%20dav/%E6%96%87' })
  const root = '/our%20dav/%E6%96%87/'
  expect(new URL(url).pathname).toBe(root)
  expect(await status(ask('MKCOL', `${root}d`))).toBe(201)
  const locked = await ask('LOCK', `${root}d/a%20b`, {}, lockInfo())
  expect(locked.text).toMatch(`<D:lockroot><D:href>${root}d/a%20b</D:href>`)
  expect(hrefsIn(await ask('PROPFIND', root, { depth: 1 }))).toEqual([root, `${root}d/`])
  expect(hrefsIn(await ask('PROPFIND', `${root}d`, { depth: 1 }))).toEqual([`${root}d/`, `${root}d/a%20b`])
  expect(linksIn(await ask('GET', `${root}d/`))).toEqual([root, `${root}d/a%20b`])
  expect((await ask('PUT', `${root}d/a%20b`, {}, 'x')).text).toMatch(`<D:href>${root}d/a%20b</D:href>`)
  expect(await status(ask('OPTIONS', '*'))).toBe(200)
  for (const elsewhere of ['/', '/d', '/our%20dav', '/our%20dav/d'])
    expect(await status(ask('GET', elsewhere))).toBe(404)
})

test.each([
  ['https://files.example.com/dav/b', 201],
  ['https://FILES.example.com:443/dav/b', 201],
  ['/dav/b', 201],
  ['https://files.example.com/dav/', 403],
  ['https://files.example.com/b', 502],
  ['/b', 502],
  ['http://files.example.com/dav/b', 502],
  ['https://files.example.com:8443/dav/b', 502],
  ['https://files.example.com.evil.example/dav/b', 502],
  ['ftp://files.example.com/dav/b', 502],
] as const)('behind a public URL a MOVE to %s is %i', async (destination, expected) => {
  const { ask, drive } = await serve({ publicUrl })
  await ask('PUT', '/dav/a', {}, 'x')
  expect(await status(ask('MOVE', '/dav/a', { destination }))).toBe(expected)
  expect(E.isRight(await drive.stat(path('a'))())).toBe(expected !== 201)
})

test.each([
  [publicUrl, 204],
  ['/dav/', 204],
  ['https://other.example.com/dav/', 412],
  ['https://files.example.com/', 412],
] as const)('an If that names an entry below %s leads to %i', async (at, expected) => {
  const { ask } = await serve({ publicUrl })
  const token = tokenOf(await ask('LOCK', '/dav/%C3%A4', {}, lockInfo()))
  expect(await status(ask('PUT', '/dav/%C3%A4', { if: `<${at}%C3%A4> (${token})` }, 'x'))).toBe(expected)
})

test.each([
  [['127.0.0.1'], 201],
  [['10.0.0.0/8', '127.0.0.0/8'], 201],
  [['::1', '127.0.0.2'], 502],
  [[], 502],
] as const)('X-Forwarded-Host is used from %j: %i', async (trustedProxies, expected) => {
  const { ask } = await serve({ trustedProxies })
  await ask('PUT', '/a', {}, 'x')
  const forwarded = { 'x-forwarded-host': 'evil.example, files.example.com', 'x-forwarded-proto': 'https' }
  const move = (destination: string) => status(ask('MOVE', '/a', { ...forwarded, destination }))
  expect(await move('http://files.example.com/b')).toBe(502)
  expect(await move('https://evil.example/b')).toBe(502)
  expect(await move('https://files.example.com/b')).toBe(expected)
})

test('a forwarded host does not open a gateway without users to other names', async () => {
  const { ask } = await serve({ trustedProxies: ['127.0.0.1'] })
  expect(await status(ask('GET', '/', { host: 'evil.example', 'x-forwarded-host': '127.0.0.1' }))).toBe(421)
  const { ask: publicly } = await serve({ publicUrl })
  expect(await status(publicly('GET', '/dav/', { host: 'files.example.com' }))).toBe(200)
  expect(await status(publicly('GET', '/dav/', { host: 'evil.example' }))).toBe(421)
})

test.each([
  [{ publicUrl: 'files.example.com/dav' }, 'public URL'],
  [{ publicUrl: 'ftp://files.example.com/' }, 'public URL'],
  [{ publicUrl: 'https://mary@files.example.com/' }, 'user'],
  [{ publicUrl: 'https://files.example.com/?dav' }, 'query'],
  [{ publicUrl: 'https://files.example.com/%ff/' }, 'UTF-8'],
  [{ publicUrl: 'https://files.example.com/a%2Fb/' }, 'slash'],
  [{ trustedProxies: ['proxy.example.com'] }, 'proxy.example.com'],
  [{ trustedProxies: ['10.0.0.0/33'] }, '10.0.0.0/33'],
  [{ trustedProxies: ['127.0.0.1', ''] }, '""'],
])('%j is refused', async (settings, said) => {
  const serving = await serveWebdav({ drive: openMemory(), ...settings })()
  expect(serving).toMatchObject({ left: { _tag: 'InvalidSetting', message: expect.stringContaining(said) as unknown } })
})

const names = ['a b', '100%', '%41', 'a#b?', '文件', 'a+b&c;d', "it's"]

for (const proxy of [nginx, apache, caddy])
  withProgram(
    proxy.name,
    () => {
      test('passes names, destinations, locks and streams to a gateway with a public URL', async () => {
        const { url, drive } = await serve({ publicUrl })
        const ask = asking(await proxy.start(Number(new URL(url).port), '/dav/'))
        const host = { host: 'files.example.com' }
        for (const name of names) {
          const at = `/dav/${encodeURIComponent(name)}`
          expect(await status(ask('PUT', at, host, name))).toBe(201)
          expect(E.isRight(await drive.stat(path(name as 'x'))())).toBe(true)
          const destination = `${publicUrl}${encodeURIComponent(`${name} 2`)}`
          expect(await status(ask('MOVE', at, { ...host, destination }))).toBe(201)
          expect((await ask('GET', `${at}%202`, { ...host, range: 'bytes=-1' })).text).toBe(
            Buffer.from(name).subarray(-1).toString(),
          )
        }
        const listed = await ask('PROPFIND', '/dav/', { ...host, depth: 1 })
        expect(hrefsIn(listed).map(decodeURIComponent).sort()).toEqual(
          ['', ...names.map((it) => `${it} 2`)].map((it) => `/dav/${it}`).sort(),
        )
        const token = tokenOf(await ask('LOCK', '/dav/locked', host, lockInfo()))
        expect(await status(ask('PUT', '/dav/locked', host, 'x'))).toBe(423)
        expect(await status(ask('PUT', '/dav/locked', { ...host, if: `<${publicUrl}locked> (${token})` }, 'x'))).toBe(
          204,
        )
        expect(
          await status(ask('MOVE', '/dav/a%20b%202', { ...host, destination: 'https://other.example/dav/x' })),
        ).toBe(502)
        const big = Buffer.alloc(3_000_000, 'x')
        expect(await status(ask('PUT', '/dav/big', host, big))).toBe(201)
        expect((await ask('GET', '/dav/big', host)).body.equals(big)).toBe(true)
      })

      test('is trusted for the host that it forwards', async () => {
        const { url } = await serve({ trustedProxies: ['127.0.0.1'], hosts: ['127.0.0.1', 'files.example.com'] })
        const ask = asking(await proxy.start(Number(new URL(url).port), '/'))
        const host = { host: 'files.example.com' }
        await ask('PUT', '/a', host, 'x')
        expect(await status(ask('COPY', '/a', { ...host, destination: 'http://files.example.com/b' }))).toBe(201)
        expect(await status(ask('COPY', '/a', { ...host, destination: 'https://files.example.com/c' }))).toBe(502)
        expect(await status(ask('COPY', '/a', { ...host, destination: 'http://other.example/d' }))).toBe(502)
      })

      withProgram('litmus', () => {
        test('all 104 tests pass through it', async () => {
          // The gateway has to know the port of the proxy, and the proxy that of the gateway.
          const port = await freePort()
          const reached = await proxy.start(port, '/dav/')
          await serve({ port, publicUrl: reached })
          const { out } = await runProgram('litmus', ['-k', reached], { cwd: room() })
          expect(out).not.toMatch(/FAIL|WARNING|skipped/)
          expect([...out.matchAll(/run: (\d+) passed/g)].reduce((sum, [, count]) => sum + Number(count), 0)).toBe(104)
        })
      })
    },
    proxy.isInstalled,
  )
