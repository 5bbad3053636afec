// PUT, MKCOL and DELETE.
import { entries, path, root, type DriveProvider, type UploadSource } from '@anydrive/core'
import { locate, quotaExceeded } from '@anydrive/core/adapter'
import { openLocal } from '@anydrive/local'
import { openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { drives } from './drives'
import { room } from './running'
import { raw, serve } from './serving'

const namesIn = async (drive: DriveProvider): Promise<ReadonlyArray<string>> => {
  const names: Array<string> = []
  for await (const entry of entries(drive, root, { temporaries: 'show' }))
    if (E.isRight(entry)) names.push(entry.right.name)
  return names
}
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('PUT', () => {
  test('makes, then replaces; both answers carry the tag of what stands', async () => {
    const { ask } = await serve()
    const first = await ask('PUT', '/a', {}, 'one')
    expect([first.status, first.headers.etag]).toEqual([201, (await ask('HEAD', '/a')).headers.etag])
    const second = await ask('PUT', '/a', {}, 'two')
    expect([second.status, second.headers.etag]).toEqual([204, (await ask('HEAD', '/a')).headers.etag])
    expect((await ask('GET', '/a')).text).toBe('two')
  })

  test.each(Object.keys(drives))('a tag that it tells is the one that %s tells later', async (name) => {
    const drive = (await drives[name]?.()) ?? openMemory()
    const { ask } = await serve({ drive })
    const told = (await ask('PUT', '/a.txt', {}, 'hello')).headers.etag
    const { etag } = (await ask('HEAD', '/a.txt')).headers
    // KooDrive's answer to an upload tells no time, which its versions are made of.
    expect(told).toBe(name === 'koodrive' ? undefined : etag)
    expect((await ask('PUT', '/a.txt', { 'if-match': etag }, 'again')).status).toBe(204)
    expect((await ask('PUT', '/a.txt', { 'if-match': etag }, 'late')).status).toBe(412)
    expect((await ask('GET', '/a.txt')).text).toBe('again')
  })

  test('is refused where there is no place for a file', async () => {
    const { ask, drive } = await serve()
    await ask('PUT', '/file', {}, 'x')
    await ask('MKCOL', '/dir')
    const status = async (at: string) => (await ask('PUT', at, {}, 'x')).status
    expect(await status('/no/where')).toBe(409)
    expect(await status('/file/below')).toBe(409)
    expect(await status('/dir')).toBe(405)
    expect(await status('/')).toBe(405)
    expect(await status('/new/')).toBe(405)
    expect((await ask('PUT', '/part', { 'content-range': 'bytes 0-0/2' }, 'x')).status).toBe(400)
    expect(await namesIn(drive)).toEqual(['dir', 'file'])
    // Of work under way at a client: there, and in no listing.
    expect(await status('/x.anydrive-012345222451')).toBe(201)
    expect((await ask('GET', '/x.anydrive-012345222451')).text).toBe('x')
    expect((await ask('PROPFIND', '/', { depth: '1' })).text).not.toContain('anydrive-')
  })

  test('If-None-Match: * never replaces, whoever is first', async () => {
    const { ask } = await serve()
    const tries = await Promise.all(['a', 'b', 'c'].map((text) => ask('PUT', '/one', { 'if-none-match': '*' }, text)))
    expect(tries.map(({ status }) => status).sort()).toEqual([201, 412, 412])
  })

  test('what the drive refuses has a status that tells why', async () => {
    const drive = openMemory({ capacity: 10, naming: { forbidden: '?', maxLength: 20 }, limits: { fileSize: 50 } })
    const { ask } = await serve({ drive })
    const status = async (at: string, text = 'x') => (await ask('PUT', at, {}, text)).status
    expect(await status('/a%3F')).toBe(403)
    expect(await status(`/${'n'.repeat(21)}`)).toBe(403)
    expect(await status('/full', '12345678901')).toBe(507)
    expect(await status('/large', 'x'.repeat(51))).toBe(413)
  })

  test('keeps the time that clients of ownCloud send, where the drive does', async () => {
    const { ask } = await serve()
    const put = await ask('PUT', '/a', { 'x-oc-mtime': '1700000000' }, 'x')
    expect(put.headers['x-oc-mtime']).toBe('accepted')
    expect((await ask('HEAD', '/a')).headers['last-modified']).toBe('Tue, 14 Nov 2023 22:13:20 GMT')
  })

  test.each(['memory', 'local', 'tencent-smh', 'koodrive'])(
    'a body of unknown length, and one larger than memory, arrive whole over %s',
    async (name) => {
      const drive = (await drives[name]?.()) ?? openMemory()
      const dir = room()
      const { ask, url } = await serve({ drive, spool: { memory: 100_000, dir } })
      const large = randomBytes(3_000_000)
      expect((await ask('PUT', '/sized', {}, large)).status).toBe(201)
      const chunked = new Promise<number | undefined>((resolve) => {
        const { port } = new URL(url)
        const sent = request({ port, method: 'PUT', path: '/chunked' }, (answer) => resolve(answer.statusCode))
        for (let at = 0; at < large.length; at += 70_000) sent.write(large.subarray(at, at + 70_000))
        sent.end()
      })
      expect(await chunked).toBe(201)
      const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
      expect(hash((await ask('GET', '/sized')).body)).toBe(hash(large))
      expect(hash((await ask('GET', '/chunked')).body)).toBe(hash(large))
      expect(readdirSync(dir)).toEqual([])
    },
  )

  test('the drive reads while the client still sends', async () => {
    const drive = openMemory()
    let received = 0
    const watching: DriveProvider = {
      ...drive,
      writeFile: (at, source, options) =>
        drive.writeFile(at, source, { ...options, onProgress: (n) => (received = n) }),
    }
    const { url } = await serve({ drive: watching })
    const { port } = new URL(url)
    const answered = new Promise<number | undefined>((resolve) => {
      const sent = request({ port, method: 'PUT', path: '/a', headers: { 'content-length': 20 } }, (answer) =>
        resolve(answer.statusCode),
      )
      sent.write('0123456789')
      void until(() => received === 10).then(() => sent.end('0123456789'))
    })
    expect(await answered).toBe(201)
  })

  test('a drive that reads its source again, and from several places at once, finds every byte', async () => {
    const drive = openMemory()
    const body = randomBytes(400_000)
    const readAll = async (source: UploadSource, start: number, end: number): Promise<string> => {
      const opened = await source.open({ start, end }, new AbortController().signal)()
      if (E.isLeft(opened)) throw new Error(opened.left._tag)
      const hash = createHash('sha256')
      for await (const chunk of opened.right as AsyncIterable<Uint8Array>) hash.update(chunk)
      return hash.digest('hex')
    }
    const seen: Array<string> = []
    const odd: DriveProvider = {
      ...drive,
      writeFile: (at, source, options) => async () => {
        seen.push(
          ...(await Promise.all(
            [
              [300_000, 400_000],
              [0, 100_000],
              [50_000, 350_000],
            ].map(([a = 0, b = 0]) => readAll(source, a, b)),
          )),
        )
        seen.push(await readAll(source, 0, 400_000))
        return drive.writeFile(at, source, options)()
      },
    }
    const { ask } = await serve({ drive: odd, spool: { memory: 64_000 } })
    expect((await ask('PUT', '/a', {}, body)).status).toBe(201)
    const expected = [
      [300_000, 400_000],
      [0, 100_000],
      [50_000, 350_000],
      [0, 400_000],
    ].map(([a, b]) => createHash('sha256').update(body.subarray(a, b)).digest('hex'))
    expect(seen).toEqual(expected)
  })

  test.each(['memory', 'local', 'tencent-smh', 'koodrive'])(
    'a client that disconnects in the middle leaves nothing over %s',
    async (name) => {
      const drive = (await drives[name]?.()) ?? openMemory()
      const { url, ask } = await serve({ drive })
      await ask('PUT', '/old', {}, 'old')
      let settled = 0
      const counting: DriveProvider = {
        ...drive,
        writeFile: (at, source, options) => async () => {
          const written = await drive.writeFile(at, source, options)()
          settled += 1
          return written
        },
      }
      const gateway = await serve({ drive: counting })
      for (const at of ['/new', '/old'])
        for (const headers of [{ 'content-length': 5_000_000 }, { 'transfer-encoding': 'chunked' }]) {
          const before = settled
          const { port } = new URL(gateway.url)
          const sent = request({ port, method: 'PUT', path: at, headers })
          const gone = new Promise((resolve) => sent.once('error', resolve))
          await new Promise((resolve) => sent.write(Buffer.alloc(1_000_000), resolve))
          sent.destroy()
          await gone
          // A body of unknown length never reaches the drive.
          if ('content-length' in headers) await until(() => settled > before)
        }
      expect(await namesIn(drive)).toEqual(['old'])
      expect((await ask('GET', '/old')).text).toBe('old')
      expect(new URL(url).hostname).toBe('127.0.0.1')
    },
  )

  test('a drive that fails in the middle of a body is heard of by the client that still sends, and the connection goes on', async () => {
    const drive = openMemory()
    const failing: DriveProvider = {
      ...drive,
      writeFile: (at, source) => async () => {
        const opened = await source.open({ start: 0, end: source.size }, new AbortController().signal)()
        if (E.isRight(opened)) for await (const _ of opened.right) break
        return E.left(locate({ vendor: 'memory', operation: 'writeFile', path: at })(quotaExceeded()))
      },
    }
    const { url } = await serve({ drive: failing })
    const size = 30_000_000
    const put = `PUT /a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${size}\r\n\r\n${' '.repeat(size)}`
    const answers = await raw(url, `${put}OPTIONS / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
    expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 507', 'HTTP/1.1 200'])
  })

  test('If-Match reaches the drive, so that nobody comes between the look and the change', async () => {
    const drive = openMemory()
    const seen: Array<unknown> = []
    const watching: DriveProvider = {
      ...drive,
      writeFile: (at, source, options) => {
        seen.push(options?.ifVersion)
        return drive.writeFile(at, source, options)
      },
    }
    const { ask } = await serve({ drive: watching })
    const { etag } = (await ask('PUT', '/a', {}, 'one')).headers
    const found = await drive.stat(path('a'))()
    await ask('PUT', '/a', { 'if-match': etag }, 'two')
    expect(seen).toEqual([undefined, E.isRight(found) && found.right.kind === 'file' && found.right.version])
  })

  test('a body that is not wanted is not asked for', async () => {
    const { url } = await serve()
    const answer = await raw(
      url,
      'PUT /no/where HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1.1 409 Conflict/)
    expect(answer).toMatch(/Connection: close/)
  })
})

test('a file of this machine is never seen before it is whole', async () => {
  const dir = room()
  const { ask } = await serve({ drive: openLocal({ root: dir }) })
  await ask('PUT', '/a', {}, Buffer.alloc(100_000))
  expect(readdirSync(dir)).toEqual(['a'])
  expect(statSync(`${dir}/a`).size).toBe(100_000)
})

describe('MKCOL', () => {
  test('makes one directory where there is none', async () => {
    const { ask } = await serve()
    await ask('PUT', '/file', {}, 'x')
    const status = async (at: string, body?: string) => (await ask('MKCOL', at, {}, body)).status
    expect(await status('/d')).toBe(201)
    expect(await status('/d/')).toBe(405)
    expect(await status('/file')).toBe(405)
    expect(await status('/no/where')).toBe(409)
    expect(await status('/file/below')).toBe(409)
    expect(await status('/e', '<x/>')).toBe(415)
    expect(await status('/')).toBe(405)
    expect((await ask('MKCOL', '/d', { 'if-none-match': '*' })).status).toBe(412)
  })
})

describe('DELETE', () => {
  test('removes a tree, and only whole trees', async () => {
    const { ask, drive } = await serve()
    await ask('MKCOL', '/d')
    await ask('PUT', '/d/a', {}, 'x')
    expect((await ask('DELETE', '/d', { depth: '0' })).status).toBe(400)
    expect((await ask('DELETE', '/d')).status).toBe(204)
    expect((await ask('DELETE', '/d')).status).toBe(404)
    expect((await ask('DELETE', '/')).status).toBe(403)
    expect(await namesIn(drive)).toEqual([])
  })

  test('of a file that has changed meanwhile is refused', async () => {
    const { ask } = await serve()
    const { etag } = (await ask('PUT', '/a', {}, 'x')).headers
    await ask('PUT', '/a', {}, 'y')
    expect((await ask('DELETE', '/a', { 'if-match': etag })).status).toBe(412)
  })

  test('that fails inside of a tree names what failed', async () => {
    const drive = openMemory()
    const failing: DriveProvider = {
      ...drive,
      batchRemove: (items, options) => async () => {
        const missing = await drive.batchRemove([path('d/inner')], options)()
        return E.isRight(missing) && 'outcomes' in missing.right ? missing : drive.batchRemove(items, options)()
      },
    }
    const { ask } = await serve({ drive: failing })
    await ask('MKCOL', '/d')
    const { status, text } = await ask('DELETE', '/d')
    expect([status, text]).toEqual([207, expect.stringMatching('<D:href>/d/inner</D:href><D:status>HTTP/1.1 404')])
  })
})
