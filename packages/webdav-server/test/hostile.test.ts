// Requests that nobody sends by accident: refused, at no cost.
import { openMemory } from '@anydrive/memory'
import { connect } from 'node:net'
import { raw, serve } from './serving'

const bomb = `<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<propfind xmlns="DAV:"><prop><x>&b;</x></prop></propfind>`
const external = `<!DOCTYPE x SYSTEM "file:///etc/passwd"><propfind xmlns="DAV:"><allprop/></propfind>`
const nested = (depth: number): string =>
  `<propfind xmlns="DAV:"><prop>${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}</prop></propfind>`

test.each([
  ['an entity bomb', bomb],
  ['a DOCTYPE', external],
  ['an entity of its own', '<propfind xmlns="DAV:"><prop>&lol;</prop></propfind>'],
  ['no end', '<propfind xmlns="DAV:">'],
  ['two roots', '<propfind xmlns="DAV:"/><x/>'],
  ['no XML', 'hello'],
  ['an undeclared prefix', '<D:propfind/>'],
  ['a repeated attribute', '<propfind xmlns="DAV:" a="1" a="2"/>'],
  ['bytes that are no UTF-8', Buffer.from([0x3c, 0xff, 0x3e])],
  ['too deep a nesting', nested(200)],
  ['too many elements', `<propfind xmlns="DAV:"><prop>${'<a/>'.repeat(20_000)}</prop></propfind>`],
  ['too many attributes', `<propfind xmlns="DAV:" ${Array.from({ length: 100 }, (_, i) => `a${i}=""`).join(' ')}/>`],
  ['two questions', '<propfind xmlns="DAV:"><allprop/><propname/></propfind>'],
  ['no question', '<propfind xmlns="DAV:"/>'],
])('XML with %s is 400 for PROPFIND, PROPPATCH and LOCK', async (_, body) => {
  const drive = openMemory()
  const { ask } = await serve({ drive })
  for (const method of ['PROPFIND', 'PROPPATCH', 'LOCK'])
    expect([method, (await ask(method, '/', { depth: '0' }, body)).status]).toEqual([method, 400])
})

test('XML of many megabytes is refused by its length, and by what comes where no length is told', async () => {
  const { url } = await serve()
  const told = await raw(
    url,
    'PROPFIND / HTTP/1.1\r\nHost: 127.0.0.1\r\nDepth: 0\r\nContent-Length: 99999999999\r\n\r\n',
  )
  expect(told).toMatch(/^HTTP\/1.1 413/)
  const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
  const untold = await raw(
    url,
    `PROPFIND / HTTP/1.1\r\nHost: 127.0.0.1\r\nDepth: 0\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(20)}`,
  )
  expect(untold).toMatch(/^HTTP\/1.1 413/)
})

test.each([
  ['a header of 64 KiB', `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`, 431],
  ['an If of 64 KiB', `PUT /a HTTP/1.1\r\nHost: 127.0.0.1\r\nIf: ${'(<a>)'.repeat(13_000)}\r\n\r\n`, 431],
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['a fragment', 'DELETE /a#b HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n', 400],
  ['dots', 'GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n', 400],
  ['encoded dots', 'GET /%2e%2e/x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n', 400],
  ['an encoded slash', 'GET /..%2fx HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n', 400],
  ['NUL', 'GET /a%00b HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n', 400],
  ['bytes that are no UTF-8', 'GET /%ff%fe HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n', 400],
  ['half an encoding', 'GET /%4 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n', 400],
  ['another server', 'GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n', 421],
  ['another Host', 'GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n', 421],
  ['two lengths', 'PUT /a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx', 400],
  [
    'a length and chunks',
    'PUT /a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
])('a request with %s is refused', async (_, text, status) => {
  const { url } = await serve()
  expect(await raw(url, text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
})

test('a property of a hostile name or value comes back harmless', async () => {
  const { ask } = await serve()
  const body =
    '<propertyupdate xmlns="DAV:"><set><prop><x xmlns="u&quot;&gt;&lt;evil/&gt;">]]&gt;&lt;/D:prop&gt;&#x9;</x></prop></set></propertyupdate>'
  await ask('PROPPATCH', '/', {}, body)
  const { text } = await ask('PROPFIND', '/', { depth: '0' })
  expect(text).not.toMatch(/<evil/)
  expect(text).toMatch('<x xmlns="u&quot;&gt;&lt;evil/&gt;">]]&gt;&lt;/D:prop&gt;')
})

test('after all of this the gateway serves as before', async () => {
  const { url, ask } = await serve()
  for (let i = 0; i < 50; i += 1) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write('PUT /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf')
    socket.destroy()
  }
  expect((await ask('PUT', '/y', {}, 'whole')).status).toBe(201)
  expect((await ask('GET', '/y')).text).toBe('whole')
})
