// PROPPATCH, and what becomes of the properties that clients set.
import { DrivePath, path, type DriveProvider, type Entry } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
import { openProperties } from '../src/dead-properties'
import * as E from 'fp-ts/Either'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { room } from './running'
import { serve, type Ask } from './serving'

const update = (inner: string, attributes = ''): string =>
  `<?xml version="1.0"?><D:propertyupdate xmlns:D="DAV:" xmlns:u="urn:u" ${attributes}>${inner}</D:propertyupdate>`
const set = (inner: string): string => `<D:set><D:prop>${inner}</D:prop></D:set>`
const remove = (inner: string): string => `<D:remove><D:prop>${inner}</D:prop></D:remove>`
const patch = (ask: Ask, at: string, body: string) => ask('PROPPATCH', at, {}, body)
const find = async (ask: Ask, at: string, inner: string): Promise<string> =>
  (await ask('PROPFIND', at, { depth: '0' }, `<propfind xmlns="DAV:" xmlns:u="urn:u"><prop>${inner}</prop></propfind>`))
    .text
const planted = async (options = {}) => {
  const gateway = await serve(options)
  await gateway.ask('MKCOL', '/d')
  await gateway.ask('PUT', '/d/a', {}, 'x')
  return gateway
}

test('what a client sets comes back as it was, with its prefixes, its language and its markup', async () => {
  const { ask } = await planted()
  const value =
    '<u:note xmlns:v="urn:v" at="1 &quot;&lt;&#10;">a &amp; b <v:b v:c="d">bold</v:b><![CDATA[<raw>]]> <plain xmlns=""/></u:note>'
  const { status, text } = await patch(ask, '/d/a', update(set(value), 'xml:lang="de"'))
  expect([status, text]).toEqual([207, expect.stringMatching('HTTP/1.1 200 OK')])
  expect(await find(ask, '/d/a', '<u:note/>')).toMatch(
    '<u:note xmlns:v="urn:v" xmlns:u="urn:u" at="1 &quot;&lt;&#10;" xml:lang="de">a &amp; b <v:b v:c="d">bold</v:b>&lt;raw&gt; <plain/></u:note>',
  )
  expect((await ask('PROPFIND', '/d/a', { depth: '0' })).text).toMatch('<u:note')
})

test('the time of the last change is set where the drive can, with all other changes or not at all', async () => {
  const { ask } = await planted()
  const time = (text: string) => set(`<D:getlastmodified>${text}</D:getlastmodified>`)
  const [older, newer] = ['Sun, 09 Sep 2001 01:46:40 GMT', 'Tue, 13 Dec 2011 14:15:16 GMT']
  const { text } = await patch(ask, '/d/a', update(set('<u:new/>') + time(newer) + time(older)))
  expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(3)
  expect(await find(ask, '/d/a', '<getlastmodified/><u:new/>')).toMatch(older)
  const wrong = await patch(ask, '/d/a', update(set('<u:other/>') + time('yesterday')))
  expect(wrong.text).toMatch('<D:getlastmodified/></D:prop><D:status>HTTP/1.1 409')
  expect(wrong.text).toMatch('HTTP/1.1 424')
  const after = await find(ask, '/d/a', '<getlastmodified/><u:other/>')
  expect([after.includes(older), after.includes('HTTP/1.1 404')]).toEqual([true, true])
  const removed = await patch(ask, '/d/a', update(remove('<D:getlastmodified/>')))
  expect(removed.text).toMatch('HTTP/1.1 403')
})

test('over a drive that does not set times, the time of the last change is protected', async () => {
  const drive = openMemory()
  const capabilities = { ...drive.capabilities, operations: { ...drive.capabilities.operations, setTimes: false } }
  const { ask } = await planted({ drive: { ...drive, capabilities } })
  const { text } = await patch(
    ask,
    '/d/a',
    update(set('<D:getlastmodified>Sun, 09 Sep 2001 01:46:40 GMT</D:getlastmodified>')),
  )
  expect(text).toMatch('<D:getlastmodified/></D:prop><D:status>HTTP/1.1 403')
})

test('all changes are made, or none', async () => {
  const { ask } = await planted()
  await patch(ask, '/d/a', update(set('<u:old>1</u:old>')))
  const { text } = await patch(
    ask,
    '/d/a',
    update(set('<u:new/>') + remove('<u:old/>') + set('<D:getetag>"x"</D:getetag>')),
  )
  expect(text).toMatch('<p:new xmlns:p="urn:u"/></D:prop><D:status>HTTP/1.1 424')
  expect(text).toMatch('<D:getetag/></D:prop><D:status>HTTP/1.1 403')
  expect(text).toMatch('cannot-modify-protected-property')
  const after = await find(ask, '/d/a', '<u:old/><u:new/>')
  expect(after).toMatch(/<u:old[^>]*>1</)
  expect(after).toMatch('<p:new xmlns:p="urn:u"/></D:prop><D:status>HTTP/1.1 404')
})

test('changes are made in the order of the request', async () => {
  const { ask } = await planted()
  await patch(ask, '/d/a', update(set('<u:a>1</u:a>') + remove('<u:a/>') + set('<u:b>1</u:b>') + set('<u:b>2</u:b>')))
  const text = await find(ask, '/d/a', '<u:a/><u:b/>')
  expect(text).toMatch(/<u:b[^>]*>2</)
  expect(text).toMatch(/<p:a [^>]*><\/D:prop><D:status>HTTP\/1.1 404/)
})

test('they go where their entry goes', async () => {
  const { ask } = await planted()
  await patch(ask, '/d', update(set('<u:n>dir</u:n>')))
  await patch(ask, '/d/a', update(set('<u:n>file</u:n>')))
  await ask('COPY', '/d', { destination: '/copy' })
  await ask('COPY', '/d', { destination: '/shallow', depth: '0' })
  await ask('MOVE', '/d', { destination: '/moved' })
  const told = async (at: string) => /<u:n[^>]*>(\w+)</.exec(await find(ask, at, '<u:n/>'))?.[1]
  expect(await told('/moved')).toBe('dir')
  expect(await told('/moved/a')).toBe('file')
  expect(await told('/copy/a')).toBe('file')
  expect(await told('/shallow')).toBe('dir')
  await ask('MKCOL', '/d')
  expect(await told('/d')).toBeUndefined()
  await ask('DELETE', '/moved')
  await ask('MKCOL', '/moved')
  await ask('PUT', '/moved/a', {}, 'x')
  expect(await told('/moved/a')).toBeUndefined()
  await ask('COPY', '/shallow', { destination: '/copy' })
  await ask('PUT', '/copy/a', {}, 'x')
  expect(await told('/copy/a')).toBeUndefined()
})

test('a file replaced keeps them, one that others removed leaves none to the next', async () => {
  const { ask, drive } = await planted()
  await patch(ask, '/d/a', update(set('<u:n>1</u:n>')))
  await ask('PUT', '/d/a', {}, 'y')
  expect(await find(ask, '/d/a', '<u:n/>')).toMatch('>1<')
  await drive.batchRemove([path('d/a')])()
  await ask('PUT', '/d/a', {}, 'z')
  expect(await find(ask, '/d/a', '<u:n/>')).toMatch('404')
  await patch(ask, '/d', update(set('<u:n>1</u:n>')))
  await drive.batchRemove([path('d')])()
  await ask('MKCOL', '/d')
  expect(await find(ask, '/d', '<u:n/>')).toMatch('404')
})

test('a file keeps them beyond the end of the gateway', async () => {
  const drive = openMemory()
  const store = join(room(), 'properties.db')
  const first = await planted({ drive, store })
  await patch(first.ask, '/d/a', update(set('<u:n>kept</u:n>')))
  await first.close()
  const second = await serve({ drive, store })
  expect(await find(second.ask, '/d/a', '<u:n/>')).toMatch('>kept<')
  expect(readFileSync(store).subarray(0, 6).toString()).toBe('SQLite')
})

test.each([
  ['nothing', undefined, 400],
  ['another element', '<x/>', 400],
  ['no change', update(''), 400],
])('a body with %s is refused', async (_, body, status) => {
  const { ask } = await planted()
  expect((await ask('PROPPATCH', '/d/a', {}, body)).status).toBe(status)
})

test('of what is not there they cannot be set, and a value that is too large is not kept', async () => {
  const { ask } = await planted()
  expect((await patch(ask, '/nothing', update(set('<u:a/>')))).status).toBe(404)
  expect((await patch(ask, '/d/a', update(set(`<u:a>${'x'.repeat(70_000)}</u:a>`)))).text).toMatch('HTTP/1.1 507')
})

test('a name that begins like another is not below it', () => {
  const opened = openProperties()
  if (E.isLeft(opened)) throw new Error(opened.left)
  const store = opened.right
  const property = { uri: 'u', local: 'l', xml: '<l/>' }
  for (const at of ['a', 'a/b', 'a-c', 'a0', 'ab', 'a b/c'] as const)
    store.change(path(at), [{ action: 'set', property }])
  store.move(path('a'), path('z'))
  const there = (at: string): boolean => DrivePath.is(at) && store.of(at).length > 0
  expect(['a', 'a/b', 'a-c', 'a0', 'ab', 'a b/c', 'z', 'z/b'].filter(there)).toEqual([
    'a-c',
    'a0',
    'ab',
    'a b/c',
    'z',
    'z/b',
  ])
  store.close()
  expect(E.isLeft(store.forget(path('z')))).toBe(true)
})

test('a store that cannot be used is told at once', () => {
  expect(E.isLeft(openProperties('/nowhere/at/all/x.db'))).toBe(true)
})

test('a file of unknown size has no length in its properties, and is sent whole', async () => {
  const memory = openMemory()
  const drive: DriveProvider = {
    ...memory,
    stat: (at, options) => async () =>
      E.map((entry: Entry): Entry => {
        if (entry.kind !== 'file') return entry
        const { size: _, ...unsized } = entry
        return unsized
      })(await memory.stat(at, options)()),
  }
  const { ask } = await planted({ drive })
  const found = await find(ask, '/d/a', '<getcontentlength/><getetag/>')
  expect(found).not.toMatch(/undefined/)
  expect(found).toMatch(/404 Not Found/)
  const { status, headers, text } = await ask('GET', '/d/a', { range: 'bytes=0-0' })
  expect([status, headers['content-length'], text]).toEqual([200, undefined, 'x'])
})
