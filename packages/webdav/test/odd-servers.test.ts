// Addresses, redirects, encodings and dates as servers and proxies really send them, each by a server of the test's own.
import {
  DriveException,
  mayHaveHappened,
  path,
  root,
  toPromises,
  type DriveError,
  type Entry,
  type LogEvent,
} from '@anydrive/core'
import type { Http, HttpRequest } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync, deflateSync, brotliCompressSync } from 'node:zlib'
import { openWebDav, webDav, type ServerTraits, type WebDavInput } from '../src'
import { withRedirects } from '../src/client'
import { closing, missing, multistatus, opening, scripted, type Asked, type Said, type Scripted } from './scripted'
import {
  apache,
  credentials,
  foreignUser,
  hasApache,
  hasNginx,
  hasRclone,
  nginx,
  rclone,
  withProgram,
  type Served,
} from './servers'
import { apacheTraits, nginxTraits, rcloneTraits } from './traits'

const servers: Array<Scripted> = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
const serving = async (script: (asked: Asked, nth: number) => Said): Promise<Scripted> => {
  const server = await scripted(script)
  servers.push(server)
  return server
}
const driveOn = async (
  script: (asked: Asked, nth: number) => Said,
  { base = '', ...settings }: Omit<WebDavInput, 'url'> & { readonly base?: string } = {},
) => {
  const server = await serving(script)
  const drive = openWebDav({ url: server.url + base, ...settings }, { delay: () => Promise.resolve() })
  return { drive, it: toPromises(drive), asked: server.asked, url: server.url }
}
const errorOf = async (promise: Promise<unknown>): Promise<DriveError> => {
  try {
    await promise
  } catch (error) {
    if (DriveException.is(error)) return error.error
    throw error
  }
  throw new Error('a failure was expected')
}
const shownEntries = (entries: ReadonlyArray<Entry>) => entries.map(({ kind, path: at }) => `${kind} ${at}`)

describe('the address of a drive', () => {
  test.each([
    ['/home/日本', '/home/%E6%97%A5%E6%9C%AC'],
    ['/home/%E6%97%A5%E6%9C%AC', '/home/%E6%97%A5%E6%9C%AC'],
    ['/Käse/a%20b', '/K%C3%A4se/a%20b'],
    ['/50%25/x', '/50%25/x'],
    ['/😀/', '/%F0%9F%98%80'],
    ['//', ''],
    ['//a//b', '/a//b'],
  ])('%s is sent percent-encoded once, in Destination too', async (base, sent) => {
    const { it, asked, url } = await driveOn(
      ({ method, target }) => (method === 'MOVE' ? { status: 201 } : multistatus({ href: target, size: 1 })),
      { base },
    )
    await it.move('a', 'ü')
    const moved = asked.find(({ method }) => method === 'MOVE')
    expect([moved?.target, moved?.headers['destination']]).toEqual([`${sent}/a`, `${url}${sent}/%C3%BC`])
    expect(moved?.headers['overwrite']).toBe('F')
  })

  test.each([
    'http://host/50%',
    'http://host/%zz',
    'http://host/a/../b',
    'http://host/a/%2e%2E/b',
    'http://host/.',
    'http://host/\ud800',
    'http://user@host/',
    'http://host/a?b',
    'http://host/a#b',
    'http://host\\evil/',
    'http://host/home\\..\\other',
    'http://host/a\\b',
    'http://:80/',
    'ftp://host/',
  ])('%j is refused', (url) => {
    expect(E.isLeft(webDav.settings.decode({ url }))).toBe(true)
  })
})

test.each(['text/plain; name=日本', 'text/plain\r\nx-evil: 1', 'a\u0000b', '\u{1f600}'])(
  'a content type that no header can carry, %j, is refused by name, and nothing is written',
  async (contentType) => {
    const { it, asked } = await driveOn(() => missing)
    const error = await errorOf(it.writeFile('f', 'x', { contentType }))
    expect(error.message).toContain('content-type')
    expect(mayHaveHappened(error)).toBe(false)
    expect(asked.filter(({ method }) => method === 'PUT')).toEqual([])
  },
)

describe('a listing', () => {
  const nfd = encodeURIComponent('Käse'.normalize('NFD'))
  test.each<[string, string, string, ReadonlyArray<string>, ReadonlyArray<string>]>([
    ['in another Unicode form', '', 'Käse', [`/${nfd}/`, `/${nfd}/a`], ['file Käse/a']],
    ['in another Unicode form, the directory last', '', 'Käse', [`/${nfd}/a`, `/${nfd}/`], ['file Käse/a']],
    ['in lower-case escapes', '', 'ü (1)', ['/%c3%bc%20(1)/', '/%c3%bc%20%281%29/x'], ['file ü (1)/x']],
    ['of raw UTF-8', '', '日本', ['/日本/', '/日本/語'], ['file 日本/語']],
    ['under another prefix', '/dav', 'docs', ['/store/mary/docs/', '/store/mary/docs/a'], ['file docs/a']],
    [
      'under another prefix, members first',
      '/dav',
      'docs',
      ['/s/docs/a', '/s/docs/b', '/s/docs/'],
      ['file docs/a', 'file docs/b'],
    ],
    [
      'under another prefix, without the directory',
      '/dav',
      'docs',
      ['/s/docs/a', '/s/docs/b'],
      ['file docs/a', 'file docs/b'],
    ],
    ['without the directory', '', 'docs', ['/docs/a'], ['file docs/a']],
    ['under another prefix, of a root', '/dav', '', ['/', '/dav', '/x'], ['file dav', 'file x']],
    ['under another prefix, of an empty directory', '/dav', 'docs', ['/s/docs/'], []],
    ['with the host, in upper case', '', 'docs', ['HTTP://HOST/docs/', 'HTTP://HOST/docs/a'], ['file docs/a']],
    ['with a member of the directory’s own name', '', 'a', ['/a/', '/a/a'], ['file a/a']],
  ])('%s is that of the directory', async (_, base, dir, hrefs, expected) => {
    const { it } = await driveOn(
      () => multistatus(...hrefs.map((href) => (href.endsWith('/') ? { href } : { href, size: 1 }))),
      { base },
    )
    const page = await it.list(dir)
    expect(shownEntries(page.items)).toEqual(expected)
    expect(page.skipped).toBeUndefined()
  })

  test.each<[string, ReadonlyArray<string>]>([
    ['elsewhere', ['/other/', '/third/b/']],
    ['in no address at all', ['not an address', '?']],
    ['a single other directory', ['/other/']],
    ['of names that are not UTF-8', ['/%ff/', '/%ff/a']],
  ])('of which every response is %s is an error, and not an empty directory', async (_, hrefs) => {
    const { it } = await driveOn(() => multistatus(...hrefs.map((href) => ({ href }))))
    expect((await errorOf(it.list('docs')))._tag).toBe('UnexpectedResponse')
  })

  test.each<[string, ReadonlyArray<string>, ReadonlyArray<string>]>([
    ['a member', ['/docs/', '/docs/a', '/docs/a'], ['file docs/a']],
    ['a member in two spellings', ['/docs/', '/docs/b', '/docs/%62'], ['file docs/b']],
    ['a subdirectory, with and without a slash', ['/docs/', '/docs/s/', '//host/docs/s/'], ['directory docs/s']],
    ['the directory', ['/docs', '/docs/a', '/docs/'], ['file docs/a']],
    ['a member, by dot segments', ['/x/../docs/', '/docs/./a', '/docs/b/../a'], ['file docs/a']],
  ])('that names %s twice has it once', async (_, hrefs, expected) => {
    const { it } = await driveOn(() =>
      multistatus(...hrefs.map((href) => (/[ab]$|%62$/.test(href) ? { href, size: 1 } : { href }))),
    )
    const page = await it.list('docs')
    expect(shownEntries(page.items)).toEqual(expected)
    expect(page.skipped).toBeUndefined()
  })

  test.each(['/docs/ ', ' /docs\n'])('with a name of white space, %j, has all other entries', async (href) => {
    const { it } = await driveOn(() =>
      multistatus({ href: '/docs/' }, { href, size: 1 }, { href: '/docs/%20', size: 1 }, { href: '/docs/a', size: 1 }),
    )
    const page = await it.list('docs')
    expect([shownEntries(page.items), page.skipped]).toEqual([['file docs/ ', 'file docs/a'], ['docs']])
  })

  test('with raw `#` and `?` in an address names them as skipped, and takes them for nothing else', async () => {
    const { it } = await driveOn(() =>
      multistatus(
        { href: '/docs/' },
        { href: '/docs/a#b.txt', size: 1 },
        { href: '/docs/c?d', size: 2 },
        { href: '/docs/e%23%3f', size: 3 },
      ),
    )
    const page = await it.list('docs')
    expect(shownEntries(page.items)).toEqual(['file docs/e#?'])
    expect(page.skipped).toEqual(['a#b.txt', 'c?d'])
  })

  test('without any response is of a directory that does not exist', async () => {
    const { it } = await driveOn(() => ({ status: 207, body: opening + closing }))
    for (const failing of [it.list('docs'), it.stat('docs')])
      expect(await errorOf(failing)).toMatchObject({ _tag: 'NotFound', what: 'source' })
  })

  test('whose own response has the status 404 is of a directory that does not exist', async () => {
    const body = `${opening}<D:response><D:href>/docs/</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>${closing}`
    const { it } = await driveOn(() => ({ status: 207, body }))
    expect((await errorOf(it.list('docs')))._tag).toBe('NotFound')
  })

  test('that is compressed although identity was requested is read', async () => {
    const said = multistatus({ href: '/docs/' }, { href: '/docs/a', size: 1 })
    for (const [coding, encode] of [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ] as const) {
      const { it } = await driveOn(() => ({
        ...said,
        headers: { 'content-encoding': coding },
        body: [encode(String(said.body))] as unknown as Iterable<string>,
      }))
      expect(shownEntries((await it.list('docs')).items)).toEqual(['file docs/a'])
    }
  })
})

describe('stat', () => {
  test('takes the response that is its own, wherever it is', async () => {
    const { it } = await driveOn(() =>
      multistatus({ href: '/docs/b', size: 2 }, { href: '/docs/a', size: 1 }, { href: '/docs/' }),
    )
    expect(await it.stat('docs')).toMatchObject({ kind: 'directory' })
    expect(await it.stat('docs/a')).toMatchObject({ kind: 'file', size: 1 })
    expect(await it.stat('docs/b')).toMatchObject({ kind: 'file', size: 2 })
  })

  test('under another prefix takes the one that the others are in', async () => {
    const { it } = await driveOn(() => multistatus({ href: '/s/docs/a', size: 1 }, { href: '/s/docs/' }), {
      base: '/dav',
    })
    expect((await it.stat('docs')).kind).toBe('directory')
  })

  test('of another entry is an error', async () => {
    const { it } = await driveOn(() => multistatus({ href: '/other', size: 1 }))
    expect((await errorOf(it.stat('docs')))._tag).toBe('UnexpectedResponse')
  })
})

/** A server whose files have no length in their properties; ranges as `answer` says. */
const unsized = (content: string, answer: (range: string | undefined) => Said, type = '<D:resourcetype/>') => {
  let stored: string | undefined = content
  return ({ method, target, headers, body }: Asked): Said => {
    if (method === 'GET')
      return stored === content
        ? answer(headers.range)
        : { status: 200, headers: { 'content-length': `${stored?.length ?? 0}` }, body: stored ?? '' }
    if (method === 'PUT') stored = body
    if (method === 'DELETE') stored = undefined
    if (method !== 'PROPFIND') return { status: 204 }
    if (stored === undefined || !/^\/(docs\/)?f$/.test(target)) return missing
    const prop = `${type}<D:getetag>"${stored.length}"</D:getetag>`
    const response = `<D:response><D:href>${target}</D:href><D:propstat><D:prop>${prop}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`
    return { status: 207, body: opening + response + closing }
  }
}

describe('a file whose length is not in its properties', () => {
  const whole = (): Said => ({ status: 200, body: 'hello world' })
  const partial = (range = 'bytes=0-'): Said => {
    const [, from = '0', to = ''] = /=(\d+)-(\d*)$/.exec(range) ?? []
    const end = Math.min(10, to === '' ? 10 : Number(to))
    if (Number(from) > 10) return { status: 416, headers: { 'content-range': 'bytes */11' } }
    return {
      status: 206,
      headers: { 'content-range': `bytes ${from}-${end}/*` },
      body: 'hello world'.slice(Number(from), end + 1),
    }
  }
  test.each([
    ['ignores ranges', whole],
    ['answers ranges', partial],
    [
      'compresses',
      (): Said => ({
        ...whole(),
        headers: { 'content-encoding': 'gzip' },
        body: [gzipSync('hello world')] as unknown as Iterable<string>,
      }),
    ],
  ])('is read whole and in parts where the server %s', async (_, answer) => {
    const { it } = await driveOn(unsized('hello world', answer))
    const entry = await it.stat('f')
    expect([entry.kind, 'size' in entry]).toEqual(['file', false])
    expect(await it.readText('f')).toBe('hello world')
    expect(await it.readText('f', { range: { start: 6 } })).toBe('world')
    expect(await it.readText('f', { range: { start: 2, end: 5 } })).toBe('llo')
  })

  test('has no bytes beyond its end', async () => {
    const { it } = await driveOn(unsized('hello world', partial))
    expect((await errorOf(it.readText('f', { range: { start: 11 } })))._tag).toBe('RangeNotSatisfiable')
  })

  test.each(['new', ''])('is written, and its size is that of a download: %j', async (content) => {
    const { it } = await driveOn(unsized('hello world', whole), { server: { atomicPut: true } })
    expect(await it.writeFile('f', content, { conflict: 'overwrite' })).toMatchObject({ size: content.length })
  })

  test.each([
    '<D:resourcetype><x:calendar xmlns:x="urn:x"/></D:resourcetype>',
    '',
    '<D:resourcetype/><D:getcontentlength>-1</D:getcontentlength>',
    '<D:resourcetype/><D:getcontentlength>1.5</D:getcontentlength>',
    '<D:resourcetype/><D:getcontentlength>9007199254740993</D:getcontentlength>',
  ])('is an entry of another kind with %j', async (type) => {
    const { it } = await driveOn(unsized('x', whole, type))
    expect((await it.stat('f')).kind).toBe('other')
    expect((await errorOf(it.readText('f')))._tag).toBe('WrongKind')
  })
})

describe('a download whose length is another than that of the properties', () => {
  const other: ReadonlyArray<[string, Said]> = [
    ['of a longer file', { status: 200, headers: { 'content-length': '10' }, body: 'helloworld' }],
    ['of a shorter file', { status: 200, headers: { 'content-length': '2' }, body: 'he' }],
    ['of a part of a longer file', { status: 206, headers: { 'content-range': 'bytes 1-3/10' }, body: 'ell' }],
    [
      'of a part of the compressed file',
      { status: 206, headers: { 'content-range': 'bytes 1-3/25', 'content-encoding': 'gzip' }, body: '\u001f\u008b\b' },
    ],
  ]
  const range = { start: 1, end: 4 }
  test.each(other)('%s is PreconditionFailed where the file has changed', async (_, said) => {
    let size = 5
    const { it } = await driveOn(({ method, target }) => {
      if (method === 'PROPFIND') return multistatus({ href: target, size })
      size = 10
      return said
    })
    expect((await errorOf(it.readText('f', { range })))._tag).toBe('PreconditionFailed')
  })

  test.each(other)('%s is an error where the properties are the same', async (_, said) => {
    const { it } = await driveOn(({ method, target }) =>
      method === 'PROPFIND' ? multistatus({ href: target, size: 5 }) : said,
    )
    expect((await errorOf(it.readText('f', { range })))._tag).toBe('UnexpectedResponse')
  })
})

describe('a download', () => {
  const entry = (target: string, size = 5) => multistatus({ href: target, size, etag: '"1"' })
  const auth = { kind: 'basic', user: 'mary', password: 'sesame' } as const

  test('follows redirects to another origin without credentials, and keeps them on its own', async () => {
    const store = await serving(({ target }) =>
      target.startsWith('/hop')
        ? { status: 307, headers: { location: '/object?signature=s%2Bt' } }
        : { status: 200, headers: { etag: '"store"' }, body: 'hello' },
    )
    const { it, asked } = await driveOn(
      ({ method, target }) => {
        if (method === 'PROPFIND') return entry(target)
        return target === '/f'
          ? { status: 302, headers: { location: '/inner/f', 'set-cookie': 'a=b' } }
          : { status: 301, headers: { location: `${store.url.replace('http://', 'http://u:p@')}/hop#part` } }
      },
      { auth },
    )
    expect(await it.readText('f')).toBe('hello')
    expect(
      asked.filter(({ method }) => method === 'GET').every(({ headers }) => headers.authorization !== undefined),
    ).toBe(true)
    expect(store.asked.map(({ target }) => target)).toEqual(['/hop', '/object?signature=s%2Bt'])
    for (const { headers } of store.asked)
      expect([headers.authorization, headers.cookie]).toEqual([undefined, undefined])
  })

  test.each(['digest', 'bearer'] as const)(
    'of a drive with %s credentials sends none to another origin',
    async (kind) => {
      const store = await serving(() => ({ status: 200, body: 'hello' }))
      const { it } = await driveOn(
        ({ method, target, headers }) => {
          if (headers.authorization === undefined)
            return { status: 401, headers: { 'www-authenticate': 'Digest realm="r", nonce="n", qop="auth"' } }
          return method === 'PROPFIND' ? entry(target) : { status: 302, headers: { location: `${store.url}/o` } }
        },
        { auth: kind === 'digest' ? { kind, user: 'mary', password: 'sesame' } : { kind, token: 'sesame' } },
      )
      expect(await it.readText('f')).toBe('hello')
      expect(store.asked.map(({ headers }) => headers.authorization)).toEqual([undefined])
    },
  )

  test('keeps its range through a redirect', async () => {
    const store = await serving(() => ({ status: 206, headers: { 'content-range': 'bytes 1-2/5' }, body: 'el' }))
    const { it } = await driveOn(({ method, target }) =>
      method === 'PROPFIND' ? entry(target) : { status: 303, headers: { location: `${store.url}/o` } },
    )
    expect(await it.readText('f', { range: { start: 1, end: 3 } })).toBe('el')
    expect(store.asked[0]?.headers.range).toBe('bytes=1-2')
  })

  test.each([
    ['to another scheme', () => 'ftp://elsewhere.example/f?secret=1', 'ftp://elsewhere.example/f'],
    ['to no address', () => 'http://[/f?secret=1', 'http://[/f'],
    ['without end', ({ target }: Asked) => `${target}x?secret=1`, '/fxxxxxx'],
  ])('redirected %s fails, and says where it was sent, without the query', async (_, location, shown) => {
    const { it, asked } = await driveOn((one) =>
      one.method === 'PROPFIND'
        ? entry(one.target)
        : { status: 302, headers: { location: location({ ...one, target: one.target.split('?')[0] ?? '' }) } },
    )
    const error = await errorOf(it.readText('f'))
    expect(error._tag).toBe('UnexpectedResponse')
    expect(error.message).toContain(shown)
    expect(JSON.stringify(error)).not.toContain('secret')
    expect(asked.filter(({ method }) => method === 'GET').length).toBeLessThanOrEqual(6)
  })

  test('is followed five times', async () => {
    const { it } = await driveOn(({ method, target }) => {
      if (method === 'PROPFIND') return entry(target)
      const n = target.length - 2
      return n === 5 ? { status: 200, body: 'hello' } : { status: 308, headers: { location: `${target}x` } }
    })
    expect(await it.readText('f')).toBe('hello')
  })

  const content = 'hello '.repeat(1000)
  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('that is compressed with %s although identity was requested is decoded', async (coding, encode) => {
    const { it, asked } = await driveOn(({ method, target }) =>
      method === 'PROPFIND'
        ? entry(target, content.length)
        : {
            status: 200,
            headers: { 'content-encoding': coding },
            body: [encode(content)] as unknown as Iterable<string>,
          },
    )
    expect(await it.readText('f')).toBe(content)
    expect(await it.readText('f', { range: { start: 6, end: 11 } })).toBe('hello')
    expect(await it.readText('f', { range: { start: 0, end: 5 } })).toBe('hello')
    expect(asked.find(({ method }) => method === 'GET')?.headers['accept-encoding']).toBe('identity')
  })

  test('of a file that is stored compressed, and labelled so, is not decoded', async () => {
    const stored = gzipSync(content)
    const { it } = await driveOn(({ method, target }) =>
      method === 'PROPFIND'
        ? entry(target, stored.length)
        : {
            status: 200,
            headers: { 'content-encoding': 'x-gzip', 'content-length': String(stored.length) },
            body: [stored] as unknown as Iterable<string>,
          },
    )
    expect(Buffer.from(await it.readBytes('f')).equals(stored)).toBe(true)
  })

  test.each([
    ['a bomb', gzipSync(Buffer.alloc(50_000_000)), 'UnexpectedResponse'],
    ['nothing compressed', Buffer.from('hello, this is no gzip at all'), 'UnexpectedResponse'],
  ])('that is %s fails before it fills the memory', async (_, body, tag) => {
    const { it } = await driveOn(({ method, target }) =>
      method === 'PROPFIND'
        ? entry(target)
        : { status: 200, headers: { 'content-encoding': 'gzip' }, body: [body] as unknown as Iterable<string> },
    )
    expect((await errorOf(it.readText('f')))._tag).toBe(tag)
  })
})

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
  ['Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
  ['Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37.000Z'],
  ['Sun, 06 Nov 1994 08:49:37', '1994-11-06T08:49:37.000Z'],
  ['1994-11-06T08:49:37', '1994-11-06T08:49:37.000Z'],
  ['1994-11-06T08:49:37+01:00', '1994-11-06T07:49:37.000Z'],
  ['1994-11-06', '1994-11-06T00:00:00.000Z'],
  ['yesterday', undefined],
  ['784111777', undefined],
])('the date %j on the wire is %j', async (text, expected) => {
  const more = `<D:getlastmodified>${text}</D:getlastmodified><D:creationdate>${text}</D:creationdate>`
  const { it } = await driveOn(({ target }) => multistatus({ href: target, size: 1, more }))
  const { modifiedAt, createdAt } = await it.stat('f')
  expect([modifiedAt?.toISOString(), createdAt?.toISOString()]).toEqual([expected, expected])
})

/** A server that computes the digest from the bytes that it receives, as Apache does. */
test.each(['mary', 'märy', '日本', 'a"b'])('the digest of the user %j is accepted without a charset', async (user) => {
  const md5 = (bytes: string) => createHash('md5').update(bytes, 'latin1').digest('hex')
  const known = Buffer.from(user).toString('latin1')
  const server = createServer((req, res) => {
    const given = req.headers.authorization ?? ''
    const field = (name: string) => new RegExp(`\\b${name}="?((?:[^"\\\\,]|\\\\.)*)`).exec(given)?.[1] ?? ''
    const ha1 = md5(
      `${known}:Zoë:sésame`
        .replace('Zoë', Buffer.from('Zoë').toString('latin1'))
        .replace('sésame', Buffer.from('sésame').toString('latin1')),
    )
    const ha2 = md5(`${req.method ?? ''}:${req.url ?? ''}`)
    const expected = md5(`${ha1}:n:${field('nc')}:${field('cnonce')}:auth:${ha2}`)
    const accepted = field('response') === expected && field('username').replace(/\\(.)/g, '$1') === known
    if (accepted) res.writeHead(207).end(String(multistatus({ href: '/' }).body))
    else {
      const realm = Buffer.from('Zoë').toString('latin1')
      res.writeHead(401, { 'www-authenticate': `Digest realm="${realm}", nonce="n", qop="auth"` }).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const drive = openWebDav({ url, auth: { kind: 'digest', user, password: 'sésame' } })
    expect(E.isRight(await drive.stat(root)())).toBe(true)
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

test('a reference to an upload that names a file of the user removes nothing', async () => {
  const { drive, asked } = await driveOn(() => ({ status: 204 }))
  for (const temporary of ['important.txt', 'a/b', '', path('x.anydrive-123')]) {
    const freed = await drive.abandonUpload({ vendor: 'webdav', state: { temporary } })()
    expect(E.isLeft(freed) && freed.left).toMatchObject({ _tag: 'NotFound', what: 'upload' })
  }
  expect(asked).toEqual([])
})

test.each([
  ['MKCOL', 200, 'createDir'],
  ['DELETE', 200, 'remove'],
  ['MOVE', 200, 'move'],
  ['COPY', 202, 'copy'],
] as const)('%s answered %i with a page is no success', async (method, status, verb) => {
  const page: Said = { status, headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' }
  const { it } = await driveOn(
    (one) => {
      if (one.method === method) return page
      return one.target.startsWith('/a') ? multistatus({ href: one.target, size: 1 }) : missing
    },
    { server: { mkcolRefuses: true } },
  )
  const running = {
    createDir: () => it.createDir('n'),
    remove: () => it.remove('a'),
    move: () => it.move('a', 'b'),
    copy: () => it.copy('a', 'b'),
  }
  expect((await errorOf(running[verb]()))._tag).toMatch(/UnexpectedResponse|Indeterminate/)
})

withProgram(hasApache, 'Apache httpd that asks for a digest', () => {
  const { running } = apache('digest')
  test('accepts a user outside ASCII', async () => {
    const auth = { kind: 'digest', user: foreignUser, password: credentials.password } as const
    const it = toPromises(openWebDav({ url: running().url, auth }))
    await it.writeFile('f', 'hello')
    expect(await it.readText('f')).toBe('hello')
  })
})

const keepsIdentity = ({ running }: Served, server: ServerTraits) => {
  test('keeps what proves a move', async () => {
    const it = toPromises(openWebDav({ url: running().url, server }))
    await it.writeFile('before', 'hello')
    await it.createDir('dir before')
    const [file, dir] = [await it.stat('before'), await it.stat('dir before')]
    await it.move('before', 'after')
    await it.move('dir before', 'dir after')
    const identity = ({ path: _, name: __, createdAt: ___, ...rest }: Entry) => rest
    expect(identity(await it.stat('after'))).toEqual(identity(file))
    expect(identity(await it.stat('dir after'))).toEqual(identity(dir))
  })
}
withProgram(hasApache, 'Apache httpd', () => keepsIdentity(apache(), apacheTraits))
withProgram(hasRclone, 'rclone serve webdav', () => keepsIdentity(rclone(), rcloneTraits))
withProgram(hasNginx, 'nginx', () => keepsIdentity(nginx(), nginxTraits))

describe('redirects', () => {
  const signal = new AbortController().signal
  const request = (method: 'GET' | 'HEAD' | 'PROPFIND' | 'PUT', base: string): HttpRequest => ({
    ...{ endpoint: 'test', method, base, answer: 'text', kind: 'read', signal },
    headers: { authorization: 'Basic x', cookie: 'a=b', accept: '*/*' },
  })
  const responding =
    (asked: Array<HttpRequest>, location: string) =>
    (one: HttpRequest): ReturnType<Http> =>
    () => {
      asked.push(one)
      const header = (name: string) => (name === 'location' ? location : undefined)
      return Promise.resolve(
        E.right({ status: 302, header, text: '', attempts: 1, sentAt: 0, receivedAt: 0, effect: 'none' }),
      )
    }

  test.each(['GET', 'HEAD'] as const)('of %s never lead from https to http', async (method) => {
    const asked: Array<HttpRequest> = []
    const send = responding(asked, 'http://host.example/f?secret=1')
    const result = await withRedirects(send, send)(request(method, 'https://host.example/f'))()
    expect(result).toMatchObject({ left: { _tag: 'UnexpectedResponse', effect: 'none' } })
    expect(JSON.stringify(result)).toContain('http://host.example/f is not followed')
    expect(JSON.stringify(result)).not.toContain('secret')
    expect(asked).toHaveLength(1)
  })

  test.each(['PROPFIND', 'PUT'] as const)('of %s are not followed', async (method) => {
    const asked: Array<HttpRequest> = []
    const send = responding(asked, '/other')
    expect(await withRedirects(send, send)(request(method, 'https://host.example/f'))()).toMatchObject({
      right: { status: 302 },
    })
    expect(asked).toHaveLength(1)
  })

  test('lead back without credentials, once they have led to another origin', async () => {
    const [own, foreign]: [Array<HttpRequest>, Array<HttpRequest>] = [[], []]
    const away = responding(own, 'https://store.example/f')
    const back = responding(foreign, 'https://host.example/g')
    await withRedirects(away, back)(request('GET', 'https://host.example/f'))()
    expect([own.length, foreign.length]).toEqual([1, 5])
    for (const { headers = {} } of foreign) expect(Object.keys(headers)).toEqual(['accept'])
  })
})

const sendsEachOnce = ({ running }: Served, server: ServerTraits) => {
  test('takes one request for each step of a change', async () => {
    const sent: Array<string> = []
    const log = (event: LogEvent) => {
      if (event.name === 'request') sent.push(String(event['method']))
    }
    const it = toPromises(openWebDav({ url: running().url, server }, { log }))
    const during = async (work: () => Promise<unknown>): Promise<ReadonlyArray<string>> => {
      sent.length = 0
      await work()
      return sent.filter((method) => method !== 'PROPFIND')
    }
    expect(await during(() => it.createDir('once', { parents: 'require' }))).toEqual(
      server.mkcolRefuses === true ? ['MKCOL'] : ['MKCOL', 'MOVE'],
    )
    const put = server.atomicPut === true && server.ifNoneMatch === true ? ['PUT'] : ['PUT', 'MOVE']
    expect(await during(() => it.writeFile('once/a', 'hello'))).toEqual(put)
    expect(await during(() => it.writeFile('once/empty', ''))).toEqual(put)
    expect(await during(() => it.move('once/a', 'once/b'))).toEqual(['MOVE'])
    expect(await during(() => it.copy('once/b', 'once/c'))).toEqual(['COPY'])
    expect(await during(() => it.remove('once/b'))).toEqual(['DELETE'])
  })
}
withProgram(hasApache, 'Apache httpd', () => sendsEachOnce(apache(), {}))
withProgram(hasApache, 'Apache httpd, probed', () => sendsEachOnce(apache(), apacheTraits))
withProgram(hasRclone, 'rclone serve webdav', () => sendsEachOnce(rclone(), rcloneTraits))
withProgram(hasNginx, 'nginx', () => sendsEachOnce(nginx(), nginxTraits))
