// GET, HEAD and PROPFIND.
import { path, root, type DriveProvider } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { fromBytes } from '@anydrive/core'
import { hrefsIn, serve } from './serving'

const put = async (drive: DriveProvider, name: string, content: string): Promise<void> => {
  const written = await drive.writeFile(path(name as 'x'), fromBytes(content), {
    conflict: 'overwrite',
    modifiedAt: new Date('2024-05-06T07:08:09Z'),
  })()
  if (E.isLeft(written)) throw new Error(written.left.message)
}
const prop = (...names: ReadonlyArray<string>): string =>
  `<propfind xmlns="DAV:"><prop>${names.map((name) => `<${name}/>`).join('')}</prop></propfind>`

describe('a file', () => {
  test('comes whole, with its tag, its time and a type by its name', async () => {
    const { ask, drive } = await serve()
    await put(drive, 'a.txt', 'hello')
    const got = await ask('GET', '/a.txt')
    expect([got.status, got.text]).toEqual([200, 'hello'])
    expect(got.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '5',
      'accept-ranges': 'bytes',
      'last-modified': 'Mon, 06 May 2024 07:08:09 GMT',
      'x-content-type-options': 'nosniff',
      etag: expect.stringMatching(/^"[\w-]{27}"$/) as unknown,
    })
    const head = await ask('HEAD', '/a.txt')
    expect([head.status, head.text, head.headers['content-length'], head.headers.etag]).toEqual([
      200,
      '',
      '5',
      got.headers.etag,
    ])
  })

  test.each([
    ['bytes=1-3', 206, 'ell', 'bytes 1-3/5'],
    ['bytes=2-', 206, 'llo', 'bytes 2-4/5'],
    ['bytes=-2', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=3-99', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=0-0,2-2', 200, 'hello', undefined],
    ['lines=1-2', 200, 'hello', undefined],
    ['bytes=x', 200, 'hello', undefined],
    ['bytes=5-', 416, undefined, 'bytes */5'],
  ])('Range: %s is %i', async (range, status, text, contentRange) => {
    const { ask, drive } = await serve()
    await put(drive, 'a.txt', 'hello')
    const got = await ask('GET', '/a.txt', { range })
    expect([got.status, got.headers['content-range']]).toEqual([status, contentRange])
    if (text !== undefined) expect(got.text).toBe(text)
  })

  test('a range is given only if the file is still the one that If-Range names', async () => {
    const { ask, drive } = await serve()
    await put(drive, 'a.txt', 'hello')
    const { etag, 'last-modified': time } = (await ask('GET', '/a.txt')).headers
    const ranged = async (ifRange: string | undefined) =>
      (await ask('GET', '/a.txt', { range: 'bytes=0-0', 'if-range': ifRange })).status
    expect(await Promise.all([etag, time, '"other"', 'Mon, 06 May 2024 07:08:10 GMT'].map(ranged))).toEqual([
      206, 206, 200, 200,
    ])
  })

  test('an empty one is empty, and has no range', async () => {
    const { ask, drive } = await serve()
    await put(drive, 'none', '')
    expect((await ask('GET', '/none')).headers['content-length']).toBe('0')
    expect((await ask('GET', '/none', { range: 'bytes=0-' })).status).toBe(416)
  })

  test('is not sent again to who has it', async () => {
    const { ask, drive } = await serve()
    await put(drive, 'a.txt', 'hello')
    const { etag = '' } = (await ask('HEAD', '/a.txt')).headers
    const status = async (headers: Record<string, string>) => (await ask('GET', '/a.txt', headers)).status
    expect(await status({ 'if-none-match': etag })).toBe(304)
    expect(await status({ 'if-none-match': `"other", W/${etag}` })).toBe(304)
    expect(await status({ 'if-none-match': '"other"' })).toBe(200)
    expect(await status({ 'if-modified-since': 'Mon, 06 May 2024 07:08:09 GMT' })).toBe(304)
    expect(await status({ 'if-modified-since': 'Mon, 06 May 2024 07:08:08 GMT' })).toBe(200)
    expect(await status({ 'if-modified-since': 'yesterday' })).toBe(200)
    expect(await status({ 'if-match': '"other"' })).toBe(412)
    expect(await status({ 'if-match': `"other", ${etag}` })).toBe(200)
    expect(await status({ 'if-unmodified-since': 'Mon, 06 May 2024 07:08:08 GMT' })).toBe(412)
  })

  test('that changes between the look and the reading is not told as the old one', async () => {
    const drive = openMemory()
    await put(drive, 'a.txt', 'hello')
    let looks = 0
    const changing: DriveProvider = {
      ...drive,
      stat: (at, options) => async () => {
        const found = await drive.stat(at, options)()
        looks += 1
        if (looks === 1) await put(drive, 'a.txt', 'other')
        return found
      },
    }
    const { ask } = await serve({ drive: changing })
    expect((await ask('GET', '/a.txt')).status).toBe(503)
    expect((await ask('GET', '/a.txt')).text).toBe('other')
  })

  test('its tag changes with its content, and only then', async () => {
    const { ask, drive } = await serve()
    await put(drive, 'a.txt', 'hello')
    const first = (await ask('HEAD', '/a.txt')).headers.etag
    expect((await ask('HEAD', '/a.txt')).headers.etag).toBe(first)
    await put(drive, 'a.txt', 'hellO')
    expect((await ask('HEAD', '/a.txt')).headers.etag).not.toBe(first)
  })

  test('what could act in a browser has no rights there', async () => {
    const { ask, drive } = await serve()
    await put(drive, 'a.html', '<script>alert(1)</script>')
    expect((await ask('GET', '/a.html')).headers['content-security-policy']).toBe('sandbox')
  })

  test('that is not there is 404', async () => {
    const { ask } = await serve()
    expect((await ask('GET', '/nothing')).status).toBe(404)
    expect((await ask('PROPFIND', '/nothing', { depth: '0' })).status).toBe(404)
  })
})

describe('a directory', () => {
  test('is a page whose names are shown, and do nothing', async () => {
    const { ask, drive } = await serve()
    await put(drive, `d/<script>alert("x")</script>&'.html`.replace('/script', '\\script'), 'x')
    await drive.createDir(path('d/sub'))()
    const { text, headers } = await ask('GET', '/d/')
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['content-security-policy']).toMatch(/default-src 'none'/)
    expect(text).not.toMatch(/<script/)
    expect(text).toMatch('&lt;script&gt;alert(&quot;x&quot;)')
    expect(text).toMatch('href="/d/sub/"')
    expect(text).toMatch('href="/">../')
  })

  test('tells of itself at depth 0, of its members too at depth 1, and no deeper', async () => {
    const { ask, drive } = await serve()
    await put(drive, 'd/e/f', 'x')
    expect(hrefsIn(await ask('PROPFIND', '/d', { depth: '0' }))).toEqual(['/d/'])
    expect(hrefsIn(await ask('PROPFIND', '/d', { depth: '1' }))).toEqual(['/d/', '/d/e/'])
    const infinite = await ask('PROPFIND', '/d', { depth: 'infinity' })
    expect([infinite.status, infinite.text]).toEqual([403, expect.stringMatching(/propfind-finite-depth/)])
    expect((await ask('PROPFIND', '/d')).status).toBe(403)
    expect(hrefsIn(await ask('PROPFIND', '/d/e/f'))).toEqual(['/d/e/f'])
    expect((await ask('PROPFIND', '/d', { depth: '2' })).status).toBe(400)
  })

  test('a part of a drive is served as the root', async () => {
    const drive = openMemory()
    await put(drive, 'public/a', 'x')
    await put(drive, 'private', 'x')
    const { ask } = await serve({ drive, path: path('public') })
    expect(hrefsIn(await ask('PROPFIND', '/', { depth: '1' }))).toEqual(['/', '/a'])
    expect((await ask('GET', '/private')).status).toBe(404)
    expect((await ask('GET', '/../private')).status).toBe(400)
    expect((await ask('GET', '/%2e%2e/private')).status).toBe(400)
  })

  test('names of every kind come back by their hrefs', async () => {
    const { ask, drive } = await serve()
    const names = [
      'a b',
      '%2F',
      '100%',
      '#hash',
      'q?x=1',
      '😀',
      '中文',
      "it's(1)!*",
      'a&b<c>"d',
      'e\u0301',
      'back\\',
      '+',
    ]
    for (const name of names) await put(drive, name, name)
    const hrefs = hrefsIn(await ask('PROPFIND', '/', { depth: '1' })).slice(1)
    const texts = await Promise.all(hrefs.map(async (href) => (await ask('GET', href)).text))
    expect(texts.sort()).toEqual([...names].sort())
    expect(hrefs.join('')).toMatch(/^[\w%.~\-/]+$/)
  })

  test('a `.` in a URL says nothing', async () => {
    const { ask, drive } = await serve()
    await put(drive, 'a:b/c', 'x')
    expect((await ask('GET', '/./a:b/./c')).text).toBe('x')
    expect((await ask('GET', '/%2e/a:b/c')).status).toBe(400)
  })

  test('10,000 members are listed, each once', async () => {
    const drive = openMemory()
    await drive.createDir(path('many'))()
    for (let i = 0; i < 10_000; i += 1) await put(drive, `many/f${i}`, '')
    const { ask } = await serve({ drive })
    const hrefs = hrefsIn(await ask('PROPFIND', '/many', { depth: '1' }))
    expect(new Set(hrefs).size).toBe(10_001)
    const rows = (await ask('GET', '/many/')).text.match(/<tr>/g)
    expect(rows).toHaveLength(10_001)
  }, 600_000)

  test('a listing that breaks off is no listing', async () => {
    const drive = openMemory({ limits: { page: 2 } })
    for (const name of ['a', 'b', 'c', 'd']) await put(drive, name, '')
    let pages = 0
    const failing: DriveProvider = {
      ...drive,
      list: (at, options) => {
        pages += 1
        return pages > 1 ? drive.list(path('nothing'), options) : drive.list(at, options)
      },
    }
    const { ask } = await serve({ drive: failing })
    await expect(ask('PROPFIND', '/', { depth: '1' })).rejects.toThrow(/aborted|hang up/)
  })
})

describe('properties', () => {
  test('those asked for are told, those that are not there are named', async () => {
    const { ask, drive } = await serve()
    await put(drive, 'a.txt', 'hello')
    const { text, status } = await ask('PROPFIND', '/a.txt', { depth: '0' }, prop('getcontentlength', 'nonsense'))
    expect(status).toBe(207)
    expect(text).toMatch(
      '<D:propstat><D:prop><D:getcontentlength>5</D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>' +
        '<D:propstat><D:prop><D:nonsense/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>',
    )
  })

  test('propname tells names without values', async () => {
    const { ask, drive } = await serve()
    await put(drive, 'a.txt', 'hello')
    const { text } = await ask('PROPFIND', '/a.txt', { depth: '0' }, '<propfind xmlns="DAV:"><propname/></propfind>')
    expect(text).toMatch('<D:getcontentlength/>')
    expect(text).not.toMatch('>5<')
  })

  test('space is told to who asks for it', async () => {
    const { ask, drive } = await serve({ drive: openMemory({ capacity: 100 }) })
    await put(drive, 'd/a.txt', 'hello')
    const { text } = await ask('PROPFIND', '/d', { depth: '0' }, prop('quota-used-bytes', 'quota-available-bytes'))
    expect(text).toMatch('<D:quota-used-bytes>5</D:quota-used-bytes>')
    expect(text).toMatch('<D:quota-available-bytes>95</D:quota-available-bytes>')
    expect((await ask('PROPFIND', '/d', { depth: '0' })).text).not.toMatch('quota')
  })

  test('an error of the drive is no property, but the answer', async () => {
    const drive = openMemory()
    const down: DriveProvider = { ...drive, stat: (at) => drive.stat(at, { timeout: 0, signal: AbortSignal.abort() }) }
    const { ask } = await serve({ drive: down })
    expect((await ask('PROPFIND', '/', { depth: '0' })).status).toBe(503)
  })
})

test('OPTIONS tells both classes, and what is allowed', async () => {
  const { ask } = await serve()
  expect((await ask('OPTIONS', '/')).headers).toMatchObject({ dav: '1, 2, 3', 'ms-author-via': 'DAV' })
  expect((await ask('OPTIONS', '*')).status).toBe(200)
  expect((await ask('POST', '/')).headers.allow).toMatch(/^OPTIONS, GET, HEAD, PROPFIND, PUT/)
})

test('a drive that is only to be read takes no change', async () => {
  const { ask, drive } = await serve({ readOnly: true })
  await put(drive, 'a', 'x')
  const methods = ['PUT', 'DELETE', 'MKCOL', 'COPY', 'MOVE', 'PROPPATCH', 'LOCK', 'UNLOCK']
  const statuses = await Promise.all(
    methods.map(async (method) => (await ask(method, '/a', { destination: '/b' })).status),
  )
  expect(statuses).toEqual(methods.map(() => 403))
  expect((await ask('GET', '/a')).text).toBe('x')
  expect((await ask('OPTIONS', '/')).headers).toMatchObject({ dav: '1, 3', allow: 'OPTIONS, GET, HEAD, PROPFIND' })
  const left = await drive.list(root)()
  expect(E.isRight(left) && left.right.items.map(({ name }) => name)).toEqual(['a'])
})
