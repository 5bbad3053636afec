// The server itself: who is let in, TLS, where it listens, how it ends.
import { fromBytes, path, type DriveProvider } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
import { plainCredential, readHtpasswd, serveWebdav, webdavListener } from '@anydrive/webdav-server'
import { hashSync } from 'bcryptjs'
import * as E from 'fp-ts/Either'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { get } from 'node:https'
import { createServer as createBlocker } from 'node:net'
import { join } from 'node:path'
import { createAuthenticate } from '../src/auth'
import { apr1 } from '../src/htpasswd'
import { room } from './running'
import { asking, serve } from './serving'

const basic = (text: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
})

describe('users', () => {
  test('are let in by their password, and nobody else is', async () => {
    const { ask } = await serve({ users: new Map([['märy', plainCredential('open: sesame')]]) })
    const status = async (headers = {}) => (await ask('GET', '/', headers)).status
    expect(await status()).toBe(401)
    expect(await status(basic('märy:open: sesame'))).toBe(200)
    expect(await status(basic('märy:open: sesame'))).toBe(200)
    expect(await status(basic('märy:wrong'))).toBe(401)
    expect(await status(basic('mary:open: sesame'))).toBe(401)
    expect(await status(basic('märy'))).toBe(401)
    expect(await status({ authorization: 'Bearer x' })).toBe(401)
    expect((await ask('PUT', '/a', {}, 'x')).headers['www-authenticate']).toMatch(/^Basic realm=/)
    expect((await ask('GET', '/a', basic('märy:open: sesame'))).status).toBe(404)
  })

  test('of a file of htpasswd: bcrypt, MD5 and SHA', async () => {
    const file = [
      '# comment',
      `bcrypt:${hashSync('one', 4).replace('$2b$', '$2y$')}`,
      `md5:${apr1('two', 'saltsalt')}`,
      `sha:{SHA}${createHash('sha1').update('three').digest('base64')}`,
      '',
    ].join('\r\n')
    const users = readHtpasswd(file)
    if (E.isLeft(users)) throw new Error(users.left)
    const authenticate = createAuthenticate(users.right)
    const who = (text: string) => authenticate(basic(text).authorization)
    expect(await Promise.all(['bcrypt:one', 'md5:two', 'sha:three'].map(who))).toEqual(['bcrypt', 'md5', 'sha'])
    expect(await Promise.all(['bcrypt:two', 'md5:three', 'sha:one', 'other:one'].map(who))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  test.each(['', 'a', 'abc', 'p\u00e4ss', 'a rather long password of more than sixteen bytes'])(
    'the MD5 of %j is the one that openssl makes',
    (password) => {
      const made = spawnSync('openssl', ['passwd', '-apr1', '-salt', 'Ab.9/xyz', '-stdin'], {
        input: `${password}\n`,
        encoding: 'utf8',
      })
      expect(apr1(password, 'Ab.9/xyz')).toBe(made.stdout.trim())
    },
  )

  test.each(['', 'nobody', 'a:plain', 'a:$1$x$y', 'a:{SSHA}abc', ':{SHA}abc'])(
    'a file that reads %j is refused',
    (text) => {
      expect(E.isLeft(readHtpasswd(text))).toBe(true)
    },
  )

  test('what was verified is not verified again for a while, and no name is cheaper than another', async () => {
    let [verified, now] = [0, 0]
    const credential = {
      matches: (password: string) => {
        verified += 1
        return Promise.resolve(password === 'p')
      },
    }
    const authenticate = createAuthenticate(new Map([['mary', credential]]), () => now)
    const who = (text: string) => authenticate(basic(text).authorization)
    expect(await Promise.all([who('mary:p'), who('mary:p'), who('mary:p')])).toEqual(['mary', 'mary', 'mary'])
    expect(verified).toBe(1)
    expect([await who('john:p'), verified]).toEqual([undefined, 2])
    now = 300_001
    expect([await who('mary:p'), verified]).toEqual(['mary', 3])
  })
})

test('without passwords only this machine is spoken to by its own names', async () => {
  const { ask } = await serve()
  const status = async (host: string) => (await ask('GET', '/', { host })).status
  expect(
    await Promise.all(['localhost', '127.0.0.1:80', '[::1]:1', 'evil.example', 'localhost.evil.example'].map(status)),
  ).toEqual([200, 200, 200, 421, 421])
  const named = await serve({ hosts: ['drive.example'] })
  expect((await named.ask('GET', '/', { host: 'drive.example' })).status).toBe(200)
})

test('serves TLS with a certificate that it is given', async () => {
  const dir = room()
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  const made = spawnSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
      .concat(['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'])
      .concat(['-keyout', key, '-out', cert]),
  )
  expect(made.status).toBe(0)
  const { url } = await serve({ tls: { key: readFileSync(key), cert: readFileSync(cert) } })
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/)
  const status = await new Promise((resolve, reject) => {
    get(url, { ca: readFileSync(cert), agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    }).once('error', reject)
  })
  expect(status).toBe(200)
})

test('tells what keeps it from serving', async () => {
  const blocker = createBlocker()
  const port = await new Promise<number>((resolve) => {
    blocker.listen(0, '127.0.0.1', () => {
      const address = blocker.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  const drive = openMemory()
  const tag = async (options: object) => {
    const serving = await serveWebdav({ drive, ...options })()
    return E.isLeft(serving) ? serving.left._tag : 'serving'
  }
  expect(await tag({ port })).toBe('CannotListen')
  expect(await tag({ tls: { cert: 'no', key: 'certificate' } })).toBe('CannotListen')
  const file = join(room(), 'text')
  writeFileSync(file, 'this is no database, but a text that is long enough to be looked at')
  expect(await tag({ store: file })).toBe('StoreUnusable')
  await new Promise((resolve) => blocker.close(resolve))
})

test('can be the listener of a server that is there already', async () => {
  const drive = openMemory()
  await drive.writeFile(path('a'), fromBytes('x'))()
  const listener = webdavListener({ drive })
  if (E.isLeft(listener)) throw new Error(listener.left.message)
  const server = createServer(listener.right.requestListener)
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  expect((await asking(`http://127.0.0.1:${port}/`)('GET', '/a')).text).toBe('x')
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  listener.right.close()
})

test('lets what is under way end when it is closed, and takes nothing new', async () => {
  const drive = openMemory()
  let [begin, go] = [(): void => undefined, (): void => undefined]
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const released = new Promise<void>((resolve) => (go = resolve))
  const slow: DriveProvider = {
    ...drive,
    createDir: (at, options) => async () => {
      begin()
      await released
      return drive.createDir(at, options)()
    },
  }
  const { ask, close } = await serve({ drive: slow })
  const answered = ask('MKCOL', '/d')
  await begun
  const closed = close()
  await expect(ask('GET', '/')).rejects.toThrow(/ECONNREFUSED/)
  go()
  expect((await answered).status).toBe(201)
  await closed
})

test('a client that goes away is not worked for any longer', async () => {
  const drive = openMemory()
  let begin = (): void => undefined
  const begun = new Promise<void>((resolve) => (begin = resolve))
  let left = (): void => undefined
  const noticed = new Promise<void>((resolve) => (left = resolve))
  const slow: DriveProvider = {
    ...drive,
    list: (at, options) => async () => {
      begin()
      options?.signal?.addEventListener('abort', () => left())
      await noticed
      return drive.list(at)()
    },
  }
  const { url } = await serve({ drive: slow })
  const asked = request({ port: new URL(url).port, method: 'PROPFIND', path: '/', headers: { depth: '1' } })
  asked.once('error', () => undefined)
  asked.end()
  await begun
  asked.destroy()
  await noticed
})

test('what the service behind refuses is told as its fault, with the time to wait', async () => {
  const drive = openMemory()
  const answers = (error: object): DriveProvider => ({
    ...drive,
    stat: () => () => Promise.resolve(E.left({ vendor: 'x', operation: 'stat', message: 'told', ...error } as never)),
  })
  const got = async (error: object) => {
    const { ask } = await serve({ drive: answers(error) })
    const { status, headers, text } = await ask('GET', '/a')
    return [status, headers['retry-after'], text]
  }
  expect(await got({ _tag: 'RateLimited', retryAfterMs: 1500 })).toEqual([503, '2', 'told\n'])
  expect(await got({ _tag: 'Unauthenticated' })).toEqual([502, undefined, 'told\n'])
  expect(await got({ _tag: 'Timeout' })).toEqual([504, undefined, 'told\n'])
  expect(await got({ _tag: 'Unsupported', feature: 'operations.usage' })).toEqual([501, undefined, 'told\n'])
})
