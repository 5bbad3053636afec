// LOCK, UNLOCK and the If header.
import { path } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
import { plainCredential } from '@anydrive/webdav-server'
import * as E from 'fp-ts/Either'
import { parseIf } from '../src/if-header'
import { createLocks } from '../src/locks'
import { lockInfo, serve, tokenOf, type Ask } from './serving'

const take = async (ask: Ask, at: string, headers = {}, scope: 'exclusive' | 'shared' = 'exclusive') => {
  const got = await ask('LOCK', at, headers, lockInfo(scope))
  return { ...got, token: tokenOf(got) }
}
const status = async (ask: Ask, method: string, at: string, headers = {}, body?: string) =>
  (await ask(method, at, headers, body)).status

describe('a locked file', () => {
  test('is changed by who shows the token, and by nobody else', async () => {
    const { ask } = await serve()
    await ask('PUT', '/a', {}, 'x')
    const { token } = await take(ask, '/a')
    for (const [method, headers, body] of [
      ['PUT', {}, 'y'],
      ['DELETE', {}, undefined],
      ['MOVE', { destination: '/b' }, undefined],
      ['PROPPATCH', {}, '<propertyupdate xmlns="DAV:"><set><prop><x xmlns="u:"/></prop></set></propertyupdate>'],
      ['LOCK', {}, lockInfo()],
      ['LOCK', {}, lockInfo('shared')],
    ] as const)
      expect([method, await status(ask, method, '/a', headers, body)]).toEqual([method, 423])
    expect(await status(ask, 'PUT', '/a', { if: `(${token})` }, 'y')).toBe(204)
    expect(await status(ask, 'COPY', '/a', { destination: '/copy' })).toBe(201)
    expect(await status(ask, 'GET', '/a')).toBe(200)
    expect(await status(ask, 'COPY', '/copy', { destination: '/a' })).toBe(423)
    expect(await status(ask, 'UNLOCK', '/a', { 'lock-token': token })).toBe(204)
    expect(await status(ask, 'PUT', '/a', {}, 'z')).toBe(204)
  })

  test('that is moved or removed is locked no more', async () => {
    const { ask } = await serve()
    await ask('PUT', '/a', {}, 'x')
    const { token } = await take(ask, '/a')
    expect(await status(ask, 'MOVE', '/a', { destination: '/b', if: `(${token})` })).toBe(201)
    expect(await status(ask, 'PUT', '/b', {}, 'y')).toBe(204)
    expect(await status(ask, 'PUT', '/a', {}, 'y')).toBe(201)
    const second = await take(ask, '/a')
    expect(await status(ask, 'DELETE', '/a', { if: `(${second.token})` })).toBe(204)
    expect(await status(ask, 'PUT', '/a', {}, 'y')).toBe(201)
  })

  test('tells its lock to everybody, its owner as it was written', async () => {
    const { ask } = await serve()
    const owner = '<owner><href xmlns="DAV:">mailto:m@x</href>&amp;<n:b xmlns:n="u:">1</n:b></owner>'
    const got = await ask('LOCK', '/a', { timeout: 'Second-77', depth: '0' }, lockInfo('exclusive', owner))
    const { text } = await ask('PROPFIND', '/a', { depth: '0' })
    for (const told of [got.text, text]) {
      expect(told).toMatch('<D:lockscope><D:exclusive/></D:lockscope><D:depth>0</D:depth>')
      expect(told).toMatch('mailto:m@x</href>&amp;<n:b xmlns:n="u:">1</n:b></owner>')
      expect(told).toMatch('<D:timeout>Second-77</D:timeout>')
      expect(told).toMatch('<D:lockroot><D:href>/a</D:href></D:lockroot>')
    }
  })
})

test('a lock ends in time, unless it is refreshed', async () => {
  let now = 0
  const { ask } = await serve({ now: () => now })
  await ask('PUT', '/a', {}, 'x')
  const { token } = await take(ask, '/a', { timeout: 'Infinite, Second-10' })
  const short = await take(ask, '/b', { timeout: 'Second-10' })
  now = 9_000
  const refreshed = await ask('LOCK', '/b', { if: `(${short.token})`, timeout: 'Second-20' })
  expect([refreshed.status, refreshed.text]).toEqual([200, expect.stringMatching('Second-20')])
  now = 28_000
  expect(await status(ask, 'PUT', '/b', {}, 'y')).toBe(423)
  now = 29_001
  expect(await status(ask, 'PUT', '/b', {}, 'y')).toBe(204)
  expect(await status(ask, 'LOCK', '/b', { if: `(${short.token})` })).toBe(412)
  expect(await status(ask, 'LOCK', '/b', {})).toBe(400)
  now = 86_400_001
  expect(await status(ask, 'PUT', '/a', { if: `(Not ${token})` }, 'y')).toBe(204)
})

test('a name that is not there is locked as an empty file', async () => {
  const { ask } = await serve()
  const got = await take(ask, '/new')
  expect([got.status, (await ask('GET', '/new')).text]).toEqual([201, ''])
  expect(await status(ask, 'PUT', '/new', {}, 'x')).toBe(423)
  expect((await take(ask, '/no/where')).status).toBe(409)
  expect((await take(ask, '/no/where')).status).toBe(409)
})

describe('shared locks', () => {
  test('stand side by side, and each of them opens', async () => {
    const { ask } = await serve()
    await ask('PUT', '/a', {}, 'x')
    const first = await take(ask, '/a', {}, 'shared')
    const second = await take(ask, '/a', {}, 'shared')
    expect(first.token).not.toBe(second.token)
    expect((await take(ask, '/a')).status).toBe(423)
    expect(await status(ask, 'PUT', '/a', {}, 'y')).toBe(423)
    expect(await status(ask, 'PUT', '/a', { if: `(${first.token})` }, 'y')).toBe(204)
    expect(await status(ask, 'PUT', '/a', { if: `(${second.token})` }, 'y')).toBe(204)
  })
})

describe('a locked directory', () => {
  test('with depth infinity locks all in it, what is made later too', async () => {
    const { ask } = await serve()
    await ask('MKCOL', '/d')
    await ask('PUT', '/d/a', {}, 'x')
    const { token, text } = await take(ask, '/d')
    expect(text).toMatch('<D:depth>infinity</D:depth>')
    expect(text).toMatch('<D:href>/d/</D:href>')
    for (const [method, at, headers] of [
      ['PUT', '/d/a', {}],
      ['PUT', '/d/new', {}],
      ['MKCOL', '/d/new', {}],
      ['DELETE', '/d/a', {}],
      ['MOVE', '/d/a', { destination: '/out' }],
      ['LOCK', '/d/other', {}],
    ] as const)
      expect([method, at, await status(ask, method, at, headers, method === 'LOCK' ? lockInfo() : undefined)]).toEqual([
        method,
        at,
        423,
      ])
    expect(await status(ask, 'PUT', '/d/new', { if: `</d> (${token})` }, 'y')).toBe(201)
    expect(await status(ask, 'LOCK', '/d/a', { if: `(${token})` })).toBe(200)
    expect(await status(ask, 'UNLOCK', '/d/a', { 'lock-token': token })).toBe(204)
    expect(await status(ask, 'PUT', '/d/a', {}, 'y')).toBe(204)
  })

  test('with depth 0 keeps its members together, and their content free', async () => {
    const { ask } = await serve()
    await ask('MKCOL', '/d')
    await ask('PUT', '/d/a', {}, 'x')
    await take(ask, '/d', { depth: '0' })
    expect(await status(ask, 'PUT', '/d/a', {}, 'y')).toBe(204)
    expect(await status(ask, 'PUT', '/d/new', {}, 'y')).toBe(423)
    expect(await status(ask, 'DELETE', '/d/a')).toBe(423)
  })

  test('a locked member stops what would happen to the whole, and is named', async () => {
    const { ask } = await serve()
    await ask('MKCOL', '/d')
    await ask('PUT', '/d/a', {}, 'x')
    await ask('PUT', '/d/b', {}, 'x')
    const { token } = await take(ask, '/d/b')
    const removal = await ask('DELETE', '/d')
    expect([removal.status, removal.text]).toEqual([
      207,
      expect.stringMatching('<D:href>/d/b</D:href><D:status>HTTP/1.1 423'),
    ])
    const lock = await ask('LOCK', '/d', {}, lockInfo())
    expect([lock.status, lock.text]).toEqual([207, expect.stringMatching('<D:href>/d/</D:href><D:status>HTTP/1.1 424')])
    expect(await status(ask, 'GET', '/d/a')).toBe(200)
    expect(await status(ask, 'DELETE', '/d', { if: `</d/b> (${token})` })).toBe(204)
  })
})

test('a lock is of who took it', async () => {
  const users = new Map([
    ['mary', plainCredential('m')],
    ['john', plainCredential('j')],
  ])
  const { ask } = await serve({ users })
  const as = (name: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
  })
  const { token } = await take(ask, '/a', as('mary', 'm'))
  expect(await status(ask, 'PUT', '/a', { ...as('john', 'j'), if: `(${token})` }, 'x')).toBe(423)
  expect(await status(ask, 'UNLOCK', '/a', { ...as('john', 'j'), 'lock-token': token })).toBe(403)
  expect(await status(ask, 'PUT', '/a', { ...as('mary', 'm'), if: `(${token})` }, 'x')).toBe(204)
})

test('of locks there are 10,000 at most, those that have ended not counted', () => {
  let now = 0
  const locks = createLocks(() => now)
  const grant = (name: string, seconds: number) =>
    locks.grant({
      root: path(name as 'x'),
      kind: 'file',
      depth: '0',
      scope: 'exclusive',
      principal: '',
      seconds,
    })
  for (let i = 0; i < 10_000; i += 1) expect(E.isRight(grant(`f${i}`, 10))).toBe(true)
  expect(grant('more', 10)).toEqual(E.left([]))
  now = 10_001
  expect(E.isRight(grant('more', 10))).toBe(true)
})

test('UNLOCK of a token that is not of this URL is refused', async () => {
  const { ask } = await serve()
  const { token } = await take(ask, '/a')
  expect(await status(ask, 'UNLOCK', '/b', { 'lock-token': token })).toBe(409)
  expect(await status(ask, 'UNLOCK', '/a', { 'lock-token': '<urn:uuid:other>' })).toBe(409)
  expect(await status(ask, 'UNLOCK', '/a')).toBe(400)
})

describe('the If header', () => {
  test('holds if one of its lists does', async () => {
    const { ask, drive, url } = await serve({ drive: openMemory() })
    await ask('PUT', '/a', {}, 'x')
    const { etag = '' } = (await ask('HEAD', '/a')).headers
    const { token } = await take(ask, '/locked')
    const put = (value: string) => status(ask, 'PUT', '/a', { if: value }, 'x')
    const tag = async () => (await ask('HEAD', '/a')).headers.etag ?? ''
    expect(await put(`([${etag}])`)).toBe(204)
    expect(await put(`([${etag}])`)).toBe(412)
    expect(await put(`(Not [${etag}])`)).toBe(204)
    expect(await put('(<DAV:no-lock>)')).toBe(412)
    expect(await put('(Not <DAV:no-lock>)')).toBe(204)
    expect(await put('(not<DAV:no-lock>)')).toBe(204)
    expect(await put(`(<DAV:no-lock>) ([${await tag()}])`)).toBe(204)
    expect(await put(`(<DAV:no-lock> [${await tag()}])`)).toBe(412)
    expect(await put(`</locked> (${token})`)).toBe(204)
    expect(await put(`<${url}locked> (${token})`)).toBe(204)
    expect(await put(`</other> (${token})`)).toBe(412)
    expect(await put(`<http://elsewhere.example/locked> (${token})`)).toBe(412)
    expect(E.isRight(await drive.stat(path('a'))())).toBe(true)
  })

  test.each(['', '()', '(<a>', '<a>', 'x', '(<a>) </b> (<c>)', '("no brackets")', '(Not)', '(<a>) junk'])(
    'that reads %j is 400',
    async (value) => {
      const { ask } = await serve()
      expect(E.isLeft(parseIf(value))).toBe(true)
      if (value !== '') expect(await status(ask, 'PUT', '/a', { if: value }, 'x')).toBe(400)
    },
  )
})

test('LOCK with a body that asks for nothing known is 400', async () => {
  const { ask } = await serve()
  for (const body of ['<lockinfo xmlns="DAV:"/>', lockInfo().replace('<write/>', '<read/>'), '<x/>'])
    expect(await status(ask, 'LOCK', '/a', {}, body)).toBe(400)
  expect(await status(ask, 'LOCK', '/a', { depth: '1' }, lockInfo())).toBe(400)
  expect(await status(ask, 'GET', '/a')).toBe(404)
})
