// What servers do that is not as one would think, each played by a server of the test's own.
import { fromBytes, path, root, toPromises, DriveException, type DriveError, type Environment } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { inspect } from 'node:util'
import { openWebDav, type WebDavInput } from '../src'
import { missing, multistatus, scripted, type Asked, type Said, type Scripted } from './scripted'

let server: Scripted | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

type Settings = Omit<WebDavInput, 'url'>
const driveOn = async (
  script: (asked: Asked, nth: number) => Said,
  settings: Settings = {},
  environment: Environment = {},
  base = '',
) => {
  server = await scripted(script)
  // Nothing waits, so a rate has nothing to adapt to.
  const http = { adaptiveRate: false, ...settings.http }
  const drive = openWebDav(
    { url: server.url + base, ...settings, http },
    { delay: () => Promise.resolve(), ...environment },
  )
  return { drive, it: toPromises(drive), asked: server.asked }
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
const methods = (asked: ReadonlyArray<Asked>) => asked.map(({ method }) => method)

describe('addresses', () => {
  test('that a proxy rewrote are read all the same', async () => {
    const { it } = await driveOn(
      () => multistatus({ href: 'https://inside:8443/store/mary/docs/' }, { href: '/store/mary/docs/a.txt', size: 1 }),
      {},
      {},
      '/dav/',
    )
    const page = await it.list('docs')
    expect(page.items.map((entry) => [entry.kind, entry.path])).toEqual([['file', 'docs/a.txt']])
  })

  test('that lead elsewhere, or can be no name, are skipped', async () => {
    const hrefs = ['/docs/%2e%2e', '/docs/a%2Fb', '/docs/%ff', '/docs/x/y', '/else', '/docs/%00', '/docs/../z', '/']
    const { it } = await driveOn(() =>
      multistatus({ href: '/docs/' }, { href: '/docs/fine', size: 1 }, ...hrefs.map((href) => ({ href, size: 1 }))),
    )
    const page = await it.list('docs')
    expect(page.items.map(({ path: at }) => at)).toEqual(['docs/fine'])
    expect(page.skipped).toHaveLength(hrefs.length)
  })

  test('are never followed to another place, and the password does not go there', async () => {
    const { it, asked } = await driveOn(
      () => ({ status: 301, headers: { location: 'http://127.0.0.1:9/elsewhere/docs/' } }),
      { auth: { kind: 'basic', user: 'mary', password: 'sesame' } },
    )
    const error = await errorOf(it.list('docs'))
    expect(error._tag).toBe('UnexpectedResponse')
    expect(new Set(asked.map(({ headers }) => headers.host)).size).toBe(1)
    expect(inspect(error)).not.toContain('sesame')
    expect(error.message).toContain('http://127.0.0.1:9/elsewhere/docs/')
  })

  test('of directories are asked for again with a slash, on the same server', async () => {
    const { it, asked } = await driveOn(({ target }) =>
      target.endsWith('/')
        ? multistatus({ href: target })
        : { status: 301, headers: { location: `http://elsewhere.example${target}/` } },
    )
    expect((await it.stat('docs')).kind).toBe('directory')
    expect(asked.map(({ target }) => target)).toEqual(['/docs', '/docs/'])
  })
})

describe('answers', () => {
  test('with a document type are refused', async () => {
    const { it } = await driveOn(() => ({ status: 207, body: '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>' }))
    expect((await errorOf(it.list('docs')))._tag).toBe('UnexpectedResponse')
  })

  test('of a server that is no WebDAV server are told as such', async () => {
    const { it } = await driveOn(() => ({ status: 200, body: '<html>hello</html>' }))
    expect((await errorOf(it.list(''))).message).toContain('207')
    expect((await errorOf(it.stat(''))).message).toContain('207')
  })

  test.each([
    [401, 'Unauthenticated'],
    [403, 'Forbidden'],
    [423, 'Unavailable'],
    [429, 'RateLimited'],
    [451, 'Rejected'],
    [507, 'QuotaExceeded'],
    [413, 'LimitExceeded'],
  ])('%i to a PUT is %s', async (status, tag) => {
    const { it, asked } = await driveOn(({ method }) => (method === 'PROPFIND' ? missing : { status }))
    expect((await errorOf(it.writeFile('f', 'x')))._tag).toBe(tag)
    const isUnprocessed = status === 423 || status === 429
    expect(methods(asked).filter((method) => method === 'PUT')).toHaveLength(isUnprocessed ? 5 : 1)
  })

  test('that list members which failed are TaskFailed', async () => {
    const failed =
      '<D:multistatus xmlns:D="DAV:"><D:response><D:href>/docs/locked</D:href><D:status>HTTP/1.1 423 Locked</D:status></D:response></D:multistatus>'
    const { it } = await driveOn(({ method, target }) =>
      method === 'PROPFIND'
        ? target.startsWith('/docs')
          ? multistatus({ href: '/docs/' })
          : missing
        : { status: 207, body: failed },
    )
    expect(await errorOf(it.remove('docs'))).toMatchObject({ _tag: 'TaskFailed', partial: 'docs' })
    expect(await errorOf(it.copy('docs', 'copy'))).toMatchObject({ _tag: 'TaskFailed', partial: 'copy' })
  })

  const member = (...said: ReadonlyArray<string>) =>
    `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/docs</D:href>${said.join('')}</D:response></D:multistatus>`
  const removing = async (body: string) =>
    driveOn(({ method }) => (method === 'PROPFIND' ? multistatus({ href: '/docs/' }) : { status: 207, body }))
  test.each([
    member(),
    member('<D:status>HTTP/1.1 done</D:status>'),
    member('<D:propstat><D:prop/><D:status>all is well</D:status></D:propstat>'),
    member('<D:status>302 Found</D:status>'),
  ])('that do not say whether a change happened are no success: %s', async (body) => {
    const { it } = await removing(body)
    expect(['Indeterminate', 'TaskFailed', 'UnexpectedResponse']).toContain((await errorOf(it.remove('docs')))._tag)
  })

  test.each(['HTTP/1.1 200 OK', '204 No Content', 'HTTP/2 200'])('that say %s are a success', async (status) => {
    const { it } = await removing(member(`<D:status>${status}</D:status>`))
    expect(await it.remove('docs')).toBeDefined()
  })

  test.each([
    ['<D:status>404 Not Found</D:status>', 'other'],
    ['<D:status>no idea</D:status>', 'other'],
    ['<D:status>200 OK</D:status>', 'directory'],
    ['', 'directory'],
  ])('have properties as their status says: %j', async (status, kind) => {
    const type = '<D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop>'
    const body = member(`<D:propstat>${type}${status}</D:propstat>`)
    const { it } = await driveOn(() => ({ status: 207, body }))
    expect((await it.stat('docs')).kind).toBe(kind)
  })

  test('without the range are cut to it', async () => {
    const { it, asked } = await driveOn(({ method }) =>
      method === 'PROPFIND' ? multistatus({ href: '/f', size: 10 }) : { status: 200, body: '0123456789' },
    )
    expect(await it.readText('f', { range: { start: 3, end: 6 } })).toBe('345')
    expect(asked.at(-1)?.headers.range).toBe('bytes=3-5')
  })

  test('of another version than was found are PreconditionFailed', async () => {
    let looks = 0
    const { it } = await driveOn(({ method }) =>
      method === 'PROPFIND'
        ? multistatus({ href: '/f', size: 3, etag: ++looks === 1 ? '"1"' : '"2"' })
        : { status: 200, headers: { etag: '"2"' }, body: 'new' },
    )
    expect((await errorOf(it.readText('f')))._tag).toBe('PreconditionFailed')
  })

  test('whose tag differs from that of the properties are read if those stand', async () => {
    const { it } = await driveOn(({ method }) =>
      method === 'PROPFIND'
        ? multistatus({ href: '/f', size: 3, etag: '"1"' })
        : { status: 200, headers: { etag: '"1-gzip"' }, body: 'old' },
    )
    expect(await it.readText('f')).toBe('old')
  })

  test('with other bytes than the checksum of ownCloud says are ChecksumMismatch', async () => {
    const more = '<oc:checksums><oc:checksum>SHA1:aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d</oc:checksum></oc:checksums>'
    const { it, asked } = await driveOn(
      ({ method }) =>
        method === 'PROPFIND' ? multistatus({ href: '/f', size: 5, more }) : { status: 200, body: 'hallo' },
      { server: { ownCloud: true } },
    )
    expect((await errorOf(it.readText('f')))._tag).toBe('ChecksumMismatch')
    expect(asked[0]?.body).toContain('<o:checksums/>')
  })
})

describe('a server that honours conditions', () => {
  const server = { atomicPut: true, ifNoneMatch: true, ifMatch: true, mkcolRefuses: true }

  test('is told not to replace, and its refusal is a conflict with what stands', async () => {
    const { it, asked } = await driveOn(
      ({ method }) => (method === 'PROPFIND' ? multistatus({ href: '/f', size: 3 }) : { status: 412 }),
      { server },
    )
    expect(await errorOf(it.writeFile('f', 'new'))).toMatchObject({ _tag: 'NameConflict', existing: { size: 3 } })
    expect(asked.find(({ method }) => method === 'PUT')?.headers['if-none-match']).toBe('*')
  })

  test('gets the next free name under rename', async () => {
    const { it, asked } = await driveOn(
      ({ method, target }) => {
        if (method === 'PUT') return { status: target === '/f%20%282%29.txt' ? 201 : 412 }
        return multistatus({ href: target, size: 3 })
      },
      { server },
    )
    expect(await it.writeFile('f.txt', 'new', { conflict: 'rename' })).toMatchObject({
      path: 'f (2).txt',
      how: 'renamed',
    })
    expect(methods(asked).filter((method) => method === 'PUT')).toHaveLength(3)
  })

  test('replaces by one PUT, and keeps the time that goes with it', async () => {
    const { it, asked } = await driveOn(
      ({ method, target }) => (method === 'PUT' ? { status: 204 } : multistatus({ href: target, size: 3 })),
      { server },
    )
    const modifiedAt = new Date(1_600_000_000_000)
    const written = await it.writeFile('f', 'new', { conflict: 'overwrite', modifiedAt })
    expect([methods(asked), written.replaced]).toEqual([['PUT', 'PROPFIND'], true])
    expect(asked[0]?.headers['x-oc-mtime']).toBe('1600000000')
  })

  test('whose tags are weak for a while is asked again for the same version', async () => {
    let puts = 0
    const waits: Array<number> = []
    const { it, asked } = await driveOn(
      ({ method }) =>
        method === 'PUT' ? { status: ++puts === 1 ? 412 : 204 } : multistatus({ href: '/f', size: 3, etag: 'W/"1"' }),
      { server },
      {
        delay: (ms) => {
          waits.push(ms)
          return Promise.resolve()
        },
      },
    )
    await it.writeFile('f', 'new', { conflict: 'overwrite', ifVersion: '"1"' })
    expect([puts, waits]).toEqual([2, [1100]])
    expect(asked.find(({ method }) => method === 'PUT')?.headers['if-match']).toBe('"1"')
  })

  test('refuses another version, and nothing is sent to be refused', async () => {
    const { it, asked } = await driveOn(() => multistatus({ href: '/f', size: 3, etag: '"2"' }), { server })
    const error = await errorOf(it.writeFile('f', 'new', { conflict: 'overwrite', ifVersion: '"1"' }))
    expect([error._tag, methods(asked)]).toEqual(['PreconditionFailed', ['PROPFIND']])
  })

  test('whose answer to a PUT in place is lost leaves doubt, which is told', async () => {
    const { it } = await driveOn(
      ({ method }) => (method === 'PUT' ? { status: 500 } : multistatus({ href: '/f', size: 3 })),
      { server },
    )
    expect((await errorOf(it.writeFile('f', 'new', { conflict: 'overwrite' })))._tag).toBe('Indeterminate')
  })
})

describe('a server that ignores Overwrite: F', () => {
  test('is looked at before each move, and says so in its capabilities', async () => {
    const { drive, it, asked } = await driveOn(({ target }) => multistatus({ href: target, size: 3 }), {
      server: { overwriteRefuses: false },
    })
    expect((await errorOf(it.move('a', 'b')))._tag).toBe('NameConflict')
    expect(methods(asked)).not.toContain('MOVE')
    expect(drive.capabilities.conflict.moveFile.ask).toEqual({ support: 'emulated-open', basis: 'probed' })
  })
})

describe('credentials', () => {
  const entry = multistatus({ href: '/' })

  test('of basic authentication go with every request, in UTF-8', async () => {
    const { it, asked } = await driveOn(() => entry, { auth: { kind: 'basic', user: 'märy', password: 'ö:"' } })
    await it.stat('')
    expect(asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('märy:ö:"').toString('base64')}`)
  })

  test('of a bearer are renewed once by the program', async () => {
    const tokens = ['old', 'new']
    const { it, asked } = await driveOn(
      ({ headers }) => (headers.authorization === 'Bearer new' ? entry : { status: 401 }),
      { auth: { kind: 'bearer', token: 'unused' } },
      { getToken: () => Promise.resolve(tokens.shift() ?? 'new') },
    )
    await it.stat('')
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new'])
  })

  test('that are wrong are Unauthenticated, and stand in no error', async () => {
    for (const auth of [
      { kind: 'basic', user: 'mary', password: 'sesame' },
      { kind: 'digest', user: 'mary', password: 'sesame' },
      { kind: 'bearer', token: 'sesame' },
    ] as const) {
      const { drive } = await driveOn(
        () => ({ status: 401, headers: { 'www-authenticate': 'Digest realm="r", nonce="n", qop="auth"' } }),
        { auth },
      )
      const answer = await drive.stat(root)()
      expect(E.isLeft(answer) && answer.left._tag).toBe('Unauthenticated')
      expect(inspect(answer, { depth: 10 })).not.toContain('sesame')
      await server?.close()
    }
  })

  test('of a digest count up, answer a nonce that is stale, and come before a body', async () => {
    const nonces: Array<string> = []
    let nonce = 1
    const challenge = (stale: boolean): Said => ({
      status: 401,
      headers: { 'www-authenticate': `Digest realm="r", nonce="n${nonce}", qop="auth"${stale ? ', stale=true' : ''}` },
    })
    const { it, asked } = await driveOn(
      ({ method, headers }) => {
        const { authorization = '' } = headers
        if (authorization === '') return challenge(false)
        if (!authorization.includes(`nonce="n${nonce}"`)) return challenge(true)
        nonces.push(/nonce="(n\d)".*nc=(\d+)/.exec(authorization)?.slice(1).join(':') ?? '?')
        if (method === 'MOVE') nonce = 2
        return method === 'PROPFIND' ? multistatus({ href: '/f', size: 1 }) : { status: 201 }
      },
      { auth: { kind: 'digest', user: 'mary', password: 'sesame' } },
    )
    await it.writeFile('f', 'x')
    expect(nonces).toEqual(['n1:00000001', 'n1:00000002', 'n2:00000001'])
    expect(asked.filter(({ method }) => method === 'PUT').map(({ body }) => body)).toEqual(['x'])
  })
})

test('a drive that is opened sends nothing, and a path that leads out of it is not sent', async () => {
  const { drive, asked } = await driveOn(() => missing)
  const answer = await drive.stat('a/../..' as ReturnType<typeof path>)()
  expect(E.isLeft(answer) && answer.left._tag).toBe('InvalidPath')
  expect(asked).toEqual([])
})

test('a removal that is under way when the caller gives up is waited for', async () => {
  const stop = new AbortController()
  const { it, asked } = await driveOn(({ method }) => {
    stop.abort()
    return method === 'DELETE' ? { status: 204 } : multistatus({ href: '/f', size: 1 })
  })
  const settled = await it.batchRemove([path('f')], { signal: stop.signal })
  expect(settled.outcomes).toMatchObject([{ status: 'done', path: 'f' }])
  expect(methods(asked)).toEqual(['DELETE'])
})

test('an upload that broke off is freed by its reference', async () => {
  const refs: Array<Parameters<ReturnType<typeof openWebDav>['abandonUpload']>[0]> = []
  const { drive, asked } = await driveOn(({ method }) => ({ status: method === 'DELETE' ? 204 : 500 }))
  const onCheckpoint = (ref: (typeof refs)[number]) => {
    refs.push(ref)
    return () => Promise.resolve(E.right(undefined))
  }
  await drive.writeFile(path('f'), fromBytes('x'), { onCheckpoint })()
  const [ref] = refs
  if (ref === undefined) throw new Error('no reference')
  asked.length = 0
  expect(E.isRight(await drive.abandonUpload(ref)())).toBe(true)
  expect([asked[0]?.method, asked[0]?.target]).toEqual([
    'DELETE',
    expect.stringMatching(/^\/f\.anydrive-[0-9a-f]{12}$/),
  ])
})
