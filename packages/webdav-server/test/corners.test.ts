// Corners of RFC 9110 and RFC 4918: ranges, conditions, depths, codings, and the bytes of headers.
import { fromBytes, path, remove, type DriveProvider } from '@anydrive/core'
import { openLocal } from '@anydrive/local'
import { openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { room } from './running'
import { lockInfo, raw, serve, tokenOf, type Gateway } from './serving'

const planted = async (
  drive: DriveProvider = openMemory(),
  names: Readonly<Record<string, string>> = { a: '0123456789' },
): Promise<Gateway> => {
  for (const [name, text] of Object.entries(names))
    await drive.writeFile(path(name as 'x'), fromBytes(text), {
      parents: 'create',
      modifiedAt: new Date('2024-05-06T07:08:09Z'),
    })()
  return serve({ drive })
}

test.each([
  ['bytes=-100', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=-10', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=-3', 206, '789', 'bytes 7-9/10'],
  ['bytes=0-99999999999999999999', 206, '0123456789', 'bytes 0-9/10'],
  ['BYTES=1-2', 206, '12', 'bytes 1-2/10'],
  ['bytes=, 1-2 ,', 206, '12', 'bytes 1-2/10'],
  ['bytes=1-2, 20-30', 206, '12', 'bytes 1-2/10'],
  ['bytes=1-2, 4-5', 200, '0123456789', undefined],
  ['bytes=5-2', 200, '0123456789', undefined],
  ['bytes=1-2, x', 200, '0123456789', undefined],
  ['bytes=1 - 2', 200, '0123456789', undefined],
  ['bytes=', 200, '0123456789', undefined],
  ['bytes=-', 200, '0123456789', undefined],
  ['lines=1-2', 200, '0123456789', undefined],
  ['bytes=-0', 416, undefined, 'bytes */10'],
  ['bytes=10-', 416, undefined, 'bytes */10'],
  ['bytes=20-30, -0', 416, undefined, 'bytes */10'],
] as const)('Range: %s of ten bytes is %i', async (range, status, text, contentRange) => {
  const { ask } = await planted()
  const got = await ask('GET', '/a', { range })
  expect([got.status, got.headers['content-range']]).toEqual([status, contentRange])
  if (text !== undefined) expect(got.text).toBe(text)
})

test.each([
  ['bytes=-5', 200],
  ['bytes=-0', 416],
  ['bytes=0-', 416],
])('Range: %s of an empty file is %i', async (range, status) => {
  const { ask } = await planted(openMemory(), { a: '' })
  const got = await ask('GET', '/a', { range })
  expect([got.status, got.headers['content-range']]).toEqual([status, status === 416 ? 'bytes */0' : undefined])
})

const time = 'Mon, 06 May 2024 07:08:09 GMT'
test.each([
  ['GET', { 'if-modified-since': time }, 304],
  ['GET', { 'if-modified-since': 'Monday, 06-May-24 07:08:09 GMT' }, 304],
  ['GET', { 'if-modified-since': 'Mon May  6 07:08:09 2024' }, 304],
  ['GET', { 'if-modified-since': 'Mon, 06 May 2024 07:08:08 GMT' }, 200],
  ['GET', { 'if-modified-since': '2030' }, 200],
  ['GET', { 'if-modified-since': '2030-01-01T00:00:00Z' }, 200],
  ['GET', { 'if-modified-since': 'Mon, 06 Foo 2030 07:08:09 GMT' }, 200],
  ['GET', { 'if-modified-since': 'Mon, 06 May 2030 27:08:09 GMT' }, 200],
  ['GET', { 'if-modified-since': 'Mon, 06 May 2030 07:08:99 GMT' }, 200],
  ['GET', { 'if-unmodified-since': 'Mon, 06 May 2024 07:08:08 GMT' }, 412],
  ['GET', { 'if-unmodified-since': 'Monday, 06-May-99 07:08:09 GMT' }, 412],
  ['GET', { 'if-unmodified-since': '1' }, 200],
  ['DELETE', { 'if-unmodified-since': '1970-01-01' }, 204],
  ['GET', { 'if-range': '2024-05-06T07:08:09Z', range: 'bytes=0-0' }, 200],
  ['GET', { 'if-range': time, range: 'bytes=0-0' }, 206],
  ['GET', { 'if-none-match': 'unquoted' }, 200],
  ['PUT', { 'if-none-match': 'unquoted' }, 204],
  ['PUT', { 'if-match': 'unquoted' }, 412],
  ['PUT', { 'if-match': ', "a",' }, 412],
  ['DELETE', { 'if-match': '' }, 412],
] as const)('%s with %j is %i', async (method, headers, status) => {
  const { ask } = await planted()
  expect((await ask(method, '/a', headers)).status).toBe(status)
})

test('the page of a directory that exists is not modified for If-None-Match: *, and depends on no time', async () => {
  const { ask } = await planted(openLocal({ root: room() }), { 'd/a': 'x' })
  expect((await ask('GET', '/d/', { 'if-none-match': '*' })).status).toBe(304)
  expect((await ask('HEAD', '/d/', { 'if-none-match': '*' })).status).toBe(304)
  expect((await ask('GET', '/d/', { 'if-modified-since': 'Mon, 06 May 2092 07:08:09 GMT' })).status).toBe(200)
})

test.each([
  ['DELETE', '/a', '0', 204],
  ['DELETE', '/a', 'Infinity', 204],
  ['DELETE', '/d', 'INFINITY', 204],
  ['DELETE', '/d', '0', 400],
  ['DELETE', '/a', '1', 400],
  ['MOVE', '/a', '0', 201],
  ['MOVE', '/d', 'Infinity', 201],
  ['MOVE', '/d', '0', 400],
  ['MOVE', '/a', '1', 400],
  ['COPY', '/d', '0', 201],
  ['COPY', '/d', 'INFINITY', 201],
  ['COPY', '/a', '1', 400],
  ['PROPFIND', '/d', 'Infinity', 403],
  ['PROPFIND', '/a', 'two', 400],
  ['LOCK', '/a', 'Infinity', 200],
  ['LOCK', '/a', '1', 400],
] as const)('%s of %s with a Depth of %s is %i', async (method, at, depth, status) => {
  const { ask } = await planted(openMemory(), { a: 'x', 'd/b': 'x' })
  const body = method === 'LOCK' ? lockInfo() : undefined
  expect((await ask(method, at, { depth, destination: '/new' }, body)).status).toBe(status)
})

/** The characters of a header are bytes. */
const bytesOf = (text: string): string => Buffer.from(text).toString('latin1')

test.each(['größe', '日本 語', 'e\u0301😀'])('Destination and If are read as UTF-8: %s', async (name) => {
  const { ask, url, drive } = await planted()
  for (const prefix of ['/', url]) {
    expect((await ask('COPY', '/a', { destination: bytesOf(`${prefix}${name}`) })).status).toBeLessThan(300)
    expect(E.isRight(await drive.stat(path(name as 'x'))())).toBe(true)
  }
  const encoded = `/${encodeURIComponent(name)}`
  const token = tokenOf(await ask('LOCK', encoded, {}, lockInfo()))
  const put = async (resource: string) =>
    (await ask('PUT', encoded, { if: `<${resource}> (${token})` }, Buffer.from('x'))).status
  expect(await put(bytesOf(`/${name}`))).toBe(204)
  expect(await put(bytesOf(`${url}${name}`))).toBe(204)
  expect(await put(bytesOf(`/${name}2`))).toBe(412)
})

test.each([
  ['Destination', '/\xff\xfe'],
  ['Destination', '/gr\xf6\xdfe'],
  ['If', '</\xc3> (<urn:x>)'],
  ['If', '(["\xe4"])'],
])('%s: %j is not UTF-8, and is 400', async (name, value) => {
  const { ask, drive } = await planted()
  expect((await ask('MOVE', '/a', { destination: '/b', [name]: value })).status).toBe(400)
  expect(E.isRight(await drive.stat(path('a'))())).toBe(true)
})

test.each([
  ['GET', ['Host: 127.0.0.1', 'Host: evil.example']],
  ['DELETE', ['Host: localhost', 'X: y', 'host: localhost']],
  ['MOVE', ['Host: 127.0.0.1', 'Destination: /b', 'Destination: /c']],
])('%s with one header twice, %j, is 400', async (method, headers) => {
  const { url, drive } = await planted()
  const lines = [`${method} /a HTTP/1.1`, ...headers, 'Connection: close']
  expect(await raw(url, `${lines.join('\r\n')}\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 /)
  expect(E.isRight(await drive.stat(path('a'))())).toBe(true)
})

test.each([
  ['PUT', 'gzip', 415],
  ['PUT', 'identity, br', 415],
  ['PUT', 'Identity', 204],
  ['PROPFIND', 'deflate', 415],
  ['PROPFIND', '', 207],
] as const)('%s with a Content-Encoding of %j is %i', async (method, coding, status) => {
  const { ask } = await planted()
  const body = method === 'PUT' ? 'x' : '<propfind xmlns="DAV:"><allprop/></propfind>'
  const got = await ask(method, '/a', { 'content-encoding': coding, depth: 0 }, body)
  expect([got.status, got.headers['accept-encoding']]).toEqual([status, status === 415 ? 'identity' : undefined])
  expect((await ask('GET', '/a')).text).toBe(status === 204 ? 'x' : '0123456789')
})

test('a body with another Transfer-Encoding than chunked is 501', async () => {
  const { url, ask } = await planted()
  const head = 'PUT /a HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'
  expect(await raw(url, `${head}1\r\nx\r\n0\r\n\r\n`)).toMatch(/^HTTP\/1.1 501 /)
  expect((await ask('GET', '/a')).text).toBe('0123456789')
})

const patch = '<propertyupdate xmlns="DAV:"><set><prop><p xmlns="x:">1</p></prop></set></propertyupdate>'
const head = (method: string, length: number) =>
  `${method} /a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${length}\r\n\r\n`

test.each([
  ['PROPPATCH', patch, /^HTTP\/1.1 207 /],
  ['PUT', 'x', /^HTTP\/1.1 204 /],
])('%s with a line too much after its body is answered, and the connection ends', async (method, body, status) => {
  const { url } = await planted(openLocal({ root: room() }))
  const answer = await raw(url, `${head(method, body.length)}${body}Connection: keep-alive\r\n\r\n`)
  expect(answer).toMatch(status)
  expect(answer.match(/HTTP\/1.1/g)).toHaveLength(method === 'PUT' ? 1 : 2)
})

test.each(['srv', 'srv/my files (1)', 'srv/a+b/[x]'])(
  'an error shows no path outside of the served directory /%s',
  async (name) => {
    const drive = openLocal({ root: room() })
    const base = path(name as 'x')
    await drive.createDir(base, { parents: 'create' })()
    const { ask } = await serve({ drive, path: base })
    await ask('PUT', '/file', {}, 'x')
    await ask('MKCOL', '/srv')
    const asked = [
      await ask('GET', '/missing'),
      await ask('PUT', '/no/such', {}, 'x'),
      await ask('PUT', '/file/below', {}, 'x'),
      await ask('MKCOL', '/file'),
      await ask('MOVE', '/file', { destination: '/no/such' }),
      await ask('COPY', '/srv', { destination: '/file/below' }),
      await ask('DELETE', '/srv/missing'),
    ]
    expect(asked[0]?.text).toMatch(' /missing: ')
    expect(asked[6]?.text).toMatch(' /srv/missing: ')
    await remove(drive, base)()
    asked.push(await ask('PUT', '/file', {}, 'x'), await ask('PROPFIND', '/', { depth: 1 }), await ask('MKCOL', '/d'))
    for (const { status, text } of asked) {
      expect(status).toBeGreaterThanOrEqual(400)
      expect(text.replaceAll('/srv/missing', '')).not.toMatch(/srv\/|\(\/srv|files|a\+b/)
    }
  },
)
