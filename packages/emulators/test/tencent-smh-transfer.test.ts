// The Tencent SMH emulator's bytes: uploads of every kind, instant uploads, downloads, the object store.
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { crc64 } from '../src/common'
import { chainedHashes } from '../src/tencent-smh/contents'
import { clock, using, type Answer, type Begun, type Client } from './tencent-smh-client'

const mebibyte = 1024 * 1024
const begin = async (client: Client, path: string, query = '', method = 'PUT', body?: unknown): Promise<Begun> => {
  const answer = await client.call(method, `${client.at('file', path)}?${query}`, body)
  expect(answer.status).toBe(201)
  return answer.body as Begun
}
const send = ({ domain, path, headers }: Begun, body: string | Uint8Array, query = '') =>
  fetch(`http://${domain}${path}${query}`, { method: 'PUT', headers, body })
const confirm = ({ call, at }: Client, key: string, body?: unknown, query = '') =>
  call('POST', `${at('file', key)}?confirm${query}`, body)
const download = async (client: Client, path: string): Promise<string> => {
  const { body } = await client.call('GET', `${client.at('file', path)}?info`)
  return (await fetch((body as { cosUrl: string }).cosUrl)).text()
}

describe('a simple upload', () => {
  test('shows nothing before confirm, and then everything', () =>
    using({ strict: true }, async (client) => {
      const begun = await begin(client, 'file.docx')
      expect(begun).toMatchObject({ domain: new URL(client.emulator.url).host, availableDomainNum: 1 })
      const put = await send(begun, 'hello')
      expect([put.status, put.headers.get('etag'), put.headers.get('x-cos-hash-crc64ecma')]).toEqual([
        ...[200, '"5d41402abc4b2a76b9719d911017c592"', '11177612005948864433'],
      ])
      expect(await client.names('')).toEqual([])
      const done = await confirm(client, begun.confirmKey, { crc64: '11177612005948864433' }, '&with_inode=1')
      expect([done.status, done.body]).toMatchObject([
        200,
        {
          ...{ path: ['file.docx'], name: 'file.docx', type: 'file', size: '5', crc64: '11177612005948864433' },
          ...{ isOverwritten: false, virusAuditStatus: 0, fileType: 'word', previewByDoc: true, metaData: {} },
        },
      ])
      expect(await client.names('')).toEqual(['file.docx'])
      expect(await client.code(confirm(client, begun.confirmKey))).toEqual([409, 'UploadComplete'])
    }))

  test('may be empty', () =>
    using({ strict: true }, async (client) => {
      expect((await client.upload('empty', '')).body).toMatchObject({ size: '0', crc64: '0' })
      expect(await download(client, 'empty')).toBe('')
    }))

  test('is refused by confirm without bytes, or with others than announced', () =>
    using({ strict: true }, async (client) => {
      const begun = await begin(client, 'f', 'filesize=5')
      expect(await client.code(confirm(client, begun.confirmKey))).toEqual([404, 'UploadIncomplete'])
      await send({ ...begun, headers: { ...begun.headers, 'Content-Type': 'application/octet-stream' } }, 'hell')
      expect(await client.code(confirm(client, begun.confirmKey))).toEqual([400, 'IncompleteBody'])
      await send(begun, 'hello')
      expect(await client.code(confirm(client, begun.confirmKey, { crc64: '1' }))).toEqual([400, 'BadCrc64'])
      expect((await confirm(client, begun.confirmKey)).status).toBe(200)
    }))

  test('meets conflicts at begin and at confirm', () =>
    using({}, async (client) => {
      const ask = 'conflict_resolution_strategy=ask'
      const begun = await begin(client, 'f.txt', ask)
      await client.upload('f.txt', 'first')
      expect(await client.code(client.upload('f.txt', 'x', ask))).toEqual([409, 'SameNameDirectoryOrFileExists'])
      await send(begun, 'second')
      expect(await client.code(confirm(client, begun.confirmKey))).toEqual([409, 'SameNameDirectoryOrFileExists'])
      const other = await confirm(client, begun.confirmKey, undefined, '&conflict_resolution_strategy=rename')
      expect(other.body).toMatchObject({ path: ['f (1).txt'], isOverwritten: false })
      const over = await client.upload('f.txt', 'third', 'conflict_resolution_strategy=overwrite')
      expect(over.body).toMatchObject({ path: ['f.txt'], isOverwritten: true, versionId: 2 })
      expect((await client.upload('f.txt', 'x')).body).toMatchObject({ path: ['f (2).txt'] })
      await client.mkdir('d')
      expect(await client.code(client.upload('d', 'x', 'conflict_resolution_strategy=overwrite'))).toEqual([
        ...[409, 'SameNameDirectoryOrFileExists'],
      ])
    }))

  test('needs its parent at begin, follows it when it moves, and ends nowhere when it is gone', () =>
    using({}, async (client) => {
      expect(await client.code(client.upload('p/f', 'x'))).toEqual([404, 'DirectoryNotFound'])
      await client.mkdir('p')
      const [one, two] = [await begin(client, 'p/one'), await begin(client, 'p/two')]
      await send(one, 'x')
      await send(two, 'x')
      await client.call('PUT', client.at('directory', 'q'), { from: 'p' })
      expect((await confirm(client, one.confirmKey)).body).toMatchObject({ path: ['q', 'one'] })
      await client.call('DELETE', client.at('directory', 'q'))
      expect((await confirm(client, two.confirmKey)).body).toMatchObject({ path: null, size: '1' })
    }))

  test('carries metadata from headers and body', () =>
    using({ strict: true }, async (client) => {
      const answer = await client.call('PUT', client.at('file', 'f'), undefined, {
        headers: { 'x-smh-meta-foo': 'bar' },
      })
      const begun = answer.body as Begun
      await send(begun, 'x')
      const { body } = await confirm(client, begun.confirmKey, {
        localCreationTime: '2020-01-01T00:00:00Z',
      })
      expect(body).toMatchObject({
        metaData: { 'x-smh-meta-foo': 'bar' },
        localCreationTime: '2020-01-01T00:00:00Z',
      })
    }))

  test('is over when its credentials expire', () => {
    const time = clock()
    return using(
      {
        now: time.now,
        config: { libraries: [{ id: 'smhemulator000001', secret: 's', tokens: [{ token: 't', period: 1e6 }] }] },
      },
      async (client) => {
        const begun = await begin(client, 'f')
        time.pass(3_600_000)
        const put = await send(begun, 'x')
        expect([put.status, await put.text()]).toEqual([
          403,
          expect.stringContaining('<Message>Request has expired</Message>'),
        ])
        expect(await client.code(confirm(client, begun.confirmKey))).toEqual([404, 'UploadNotFound'])
      },
    )
  })

  test('accepts bytes only with the headers it gave', () =>
    using({}, async (client) => {
      const begun = await begin(client, 'f')
      for (const headers of [
        {},
        { ...begun.headers, Authorization: 'x' },
        { ...begun.headers, 'x-cos-security-token': '' },
      ]) {
        const put = await send({ ...begun, headers }, 'x')
        expect([put.status, await put.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')])
      }
    }))

  test('can be aborted, and says where it stands', () =>
    using({ strict: true }, async (client) => {
      const begun = await begin(client, 'f')
      const status = () => client.call('GET', `${client.at('file', begun.confirmKey)}?upload`)
      expect((await status()).body).toMatchObject({
        confirmed: false,
        path: ['f'],
        type: 'file',
        conflictResolutionStrategy: 'rename',
      })
      expect((await client.call('DELETE', `${client.at('file', begun.confirmKey)}?upload`)).status).toBe(204)
      expect(await client.code(status())).toEqual([404, 'UploadNotFound'])
      expect((await send(begun, 'x')).status).toBe(403)
    }))
})

describe('a multipart upload', () => {
  const options = { strict: true, behaviour: { minPartSize: 4 } }

  test('joins its parts, whatever their order; a part sent again replaces the former', () =>
    using(options, async (client) => {
      const begun = await begin(client, 'f.bin', 'multipart&conflict_resolution_strategy=ask', 'POST')
      const part = (n: number, text: string) => send(begun, text, `?partNumber=${n}&uploadId=${begun.uploadId ?? ''}`)
      expect((await part(2, 'wor')).status).toBe(200)
      expect(await client.code(confirm(client, begun.confirmKey))).toEqual([400, 'MultipartUploadIncomplete'])
      await part(1, 'jello ')
      await part(1, 'hello ')
      const { body } = await client.call('GET', `${client.at('file', begun.confirmKey)}?upload`)
      expect(body).toMatchObject({
        uploadId: begun.uploadId,
        parts: [
          { PartNumber: 1, Size: 6, ETag: `"${createHash('md5').update('hello ').digest('hex')}"` },
          { PartNumber: 2 },
        ],
        uploadPartInfo: { headers: begun.headers },
      })
      const sum = crc64(Buffer.from('hello wor')).toString()
      expect((await confirm(client, begun.confirmKey, { crc64: sum })).body).toMatchObject({
        size: '9',
        crc64: sum,
        eTag: expect.stringMatching(/-2"$/) as string,
      })
      expect(await download(client, 'f.bin')).toBe('hello wor')
    }))

  test('refuses small parts in the middle, other upload ids and bad numbers', () =>
    using(options, async (client) => {
      const begun = await begin(client, 'f', 'multipart', 'POST')
      const id = begun.uploadId ?? ''
      expect((await send(begun, 'x', '?partNumber=1&uploadId=other')).status).toBe(404)
      expect((await send(begun, 'x', `?partNumber=0&uploadId=${id}`)).status).toBe(400)
      await send(begun, 'abc', `?uploadId=${id}&partNumber=1`)
      await send(begun, 'abc', `?uploadId=${id}&partNumber=2`)
      expect(await client.code(confirm(client, begun.confirmKey))).toEqual([400, 'MultipartUploadPartTooSmall'])
    }))

  test('gets fresh credentials by renewing, also after the old ones ended', () => {
    const time = clock()
    return using({ ...options, now: time.now }, async (client) => {
      const begun = await begin(client, 'f', 'multipart', 'POST')
      time.pass(3_700_000)
      const query = `?partNumber=1&uploadId=${begun.uploadId ?? ''}`
      expect((await send(begun, 'abc', query)).status).toBe(403)
      const renewed = (await client.call('POST', `${client.at('file', begun.confirmKey)}?renew`)).body as Begun
      expect(renewed).toMatchObject({ confirmKey: begun.confirmKey, uploadId: begun.uploadId })
      expect((await send(renewed, 'abc', query)).status).toBe(200)
      expect((await confirm(client, begun.confirmKey)).body).toMatchObject({ size: '3' })
    })
  })

  test('only can be renewed', () =>
    using(options, async (client) => {
      const begun = await begin(client, 'f')
      expect(await client.code(client.call('POST', `${client.at('file', begun.confirmKey)}?renew`))).toEqual([
        400,
        'NotMultipartUpload',
      ])
    }))
})

test('a form upload takes the fields first and the file last', () =>
  using({ strict: true }, async (client) => {
    const begun = await begin(client, 'f.txt', '', 'POST')
    const form = new FormData()
    for (const [key, value] of Object.entries(begun.form)) form.append(key, value)
    form.append('file', new Blob(['hello']), 'f.txt')
    expect((await fetch(`http://${begun.domain}${begun.path}`, { method: 'POST', body: form })).status).toBe(204)
    expect((await confirm(client, begun.confirmKey)).body).toMatchObject({ path: ['f.txt'], size: '5' })
    form.set('q-signature', 'x')
    expect((await fetch(`http://${begun.domain}${begun.path}`, { method: 'POST', body: form })).status).toBe(403)
  }))

describe('instant upload', () => {
  test.each([
    [1, '9bc1b2a288b26af7257a36277ae3816a7d4f16e89c1e7e77d0a5c48bad62b360'],
    [1.5, '820cf1a5ed93e3283e643955ba6dc06bafd132d9a43c68163558e5f4b70b4447'],
    [2, 'ccc433235c7b619660466cab74501a0dfed94dd2343b197f62fe3e0fd2b78278'],
  ])('chains hashes of blocks (%d MiB)', async (size, full) => {
    const pieces = Readable.from([Buffer.alloc(1000, 'a'), Buffer.alloc(size * mebibyte - 1000, 'a')])
    expect(await chainedHashes(pieces)).toEqual({
      beginning: '9bc1b2a288b26af7257a36277ae3816a7d4f16e89c1e7e77d0a5c48bad62b360',
      full,
    })
  })

  test('asks for the whole hash where the beginning fits, and needs no bytes where all fits', () =>
    using({ strict: true }, async (client) => {
      const bytes = Buffer.alloc(1.5 * mebibyte, 'a')
      const hashes = await chainedHashes(Readable.from([bytes]))
      const given = { beginningHash: hashes.beginning, size: String(bytes.length) }
      const ask = (body: unknown): Promise<Answer> => client.call('PUT', client.at('file', 'copy.bin'), body)
      expect((await ask(given)).status).toBe(201)
      await client.upload('first.bin', bytes)
      const prefix = await ask(given)
      expect([prefix.status, prefix.text]).toEqual([202, ''])
      expect((await ask({ ...given, fullHash: 'f'.repeat(64) })).status).toBe(201)
      const hit = await ask({ ...given, fullHash: hashes.full })
      expect([hit.status, hit.body]).toMatchObject([
        200,
        { path: ['copy.bin'], size: given.size, crc64: crc64(bytes).toString() },
      ])
      await client.call('DELETE', `${client.at('file', 'first.bin')}?permanent=1`)
      expect((await client.call('GET', `${client.at('directory', 'copy.bin')}?info`)).body).toMatchObject({
        size: given.size,
      })
    }))

  test('is not for small files', () =>
    using({}, async (client) => {
      await client.upload('f', 'hello')
      const beginningHash = createHash('sha256').update('hello').digest('hex')
      const answer = await client.call('PUT', client.at('file', 'g'), {
        beginningHash,
        fullHash: beginningHash,
        size: '5',
      })
      expect(answer.status).toBe(201)
    }))
})

describe('downloading', () => {
  test('redirects to a signed link, with headers about the file', () =>
    using({ strict: true }, async (client) => {
      await client.upload('f.pdf', 'hello')
      const answer = await client.call('GET', client.at('file', 'f.pdf'))
      expect(answer.status).toBe(302)
      expect(answer.headers.get('x-smh-crc64')).toBe('11177612005948864433')
      const got = await fetch(answer.headers.get('location') ?? '')
      expect([got.headers.get('content-type'), got.headers.get('content-length'), await got.text()]).toEqual([
        ...['application/pdf', '5', 'hello'],
      ])
      expect(got.headers.get('x-cos-hash-crc64ecma')).toBe('11177612005948864433')
      const head = await client.call('HEAD', client.at('file', 'f.pdf'))
      expect([head.status, head.headers.get('x-smh-size'), head.headers.get('x-smh-type')]).toEqual([200, '5', 'file'])
      expect((await client.call('HEAD', client.at('file', 'g'))).status).toBe(404)
    }))

  test('serves ranges', () =>
    using({}, async (client) => {
      await client.upload('f', 'hello world')
      const { body } = await client.call('GET', `${client.at('file', 'f')}?info`)
      const part = async (range: string) => {
        const got = await fetch((body as { cosUrl: string }).cosUrl, { headers: { range } })
        return [got.status, got.headers.get('content-range'), got.status < 300 ? await got.text() : '']
      }
      expect(await part('bytes=4-6')).toEqual([206, 'bytes 4-6/11', 'o w'])
      expect(await part('bytes=6-')).toEqual([206, 'bytes 6-10/11', 'world'])
      expect(await part('bytes=-5')).toEqual([206, 'bytes 6-10/11', 'world'])
      expect(await part('bytes=6-99')).toEqual([206, 'bytes 6-10/11', 'world'])
      expect(await part('bytes=11-')).toEqual([416, 'bytes */11', ''])
      expect(await part('bytes=1-2,4-5')).toEqual([200, null, 'hello world'])
    }))

  test('ends with the link, with the content, and without the signature', () => {
    const time = clock()
    return using({ now: time.now }, async (client) => {
      await client.upload('f', 'hello')
      const link = async () =>
        ((await client.call('GET', `${client.at('file', 'f')}?info&period=60`)).body as { cosUrl: string }).cosUrl
      const first = await link()
      expect((await fetch(first.replace(/q-signature=\w/, 'q-signature='))).status).toBe(403)
      time.pass(60_000)
      const late = await fetch(first)
      expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')])
      const second = await link()
      await client.call('DELETE', `${client.at('file', 'f')}?permanent=1`)
      expect((await fetch(second)).status).toBe(404)
    })
  })

  test('of a directory or of nothing is refused, and pre_check gives no link', () =>
    using({ strict: true }, async (client) => {
      await client.mkdir('d')
      await client.upload('f', 'x')
      const info = (path: string, query = '') => client.call('GET', `${client.at('file', path)}?info${query}`)
      expect(await client.code(info('d'))).toEqual([404, 'FileNotFound'])
      expect(await client.code(info('e'))).toEqual([404, 'FileNotFound'])
      expect((await info('f', '&pre_check=1')).body).not.toHaveProperty('cosUrl')
    }))

  test('of a large file goes through the disk', () =>
    using({}, async (client) => {
      const bytes = Buffer.alloc(3 * mebibyte + 17, 'large')
      await client.upload('f', bytes)
      const { body } = await client.call('GET', `${client.at('file', 'f')}?info`)
      const got = await fetch((body as { cosUrl: string }).cosUrl)
      expect(crc64(Buffer.from(await got.arrayBuffer())).toString()).toBe(crc64(bytes).toString())
    }))
})

describe('content CAS', () => {
  test('lets an overwrite, a move and a deletion pass only for the content that was seen', () =>
    using({ strict: true }, async (client) => {
      await client.upload('f', 'one')
      const cas = async () =>
        (
          (await client.call('GET', `${client.at('directory', 'f')}?info&with_content_cas=1`)).body as {
            contentCas: string
          }
        ).contentCas
      const first = await cas()
      const over = (given: string) =>
        client.upload('f', 'two', `conflict_resolution_strategy=overwrite&content_cas=${given}`)
      expect((await over(first)).status).toBe(200)
      expect(await client.code(over(first))).toEqual([409, 'ContentCasConflict'])
      expect(await client.code(client.call('PUT', client.at('file', 'g'), { from: 'f', contentCas: first }))).toEqual([
        409,
        'ContentCasConflict',
      ])
      expect(await client.code(client.call('DELETE', `${client.at('file', 'f')}?content_cas=${first}`))).toEqual([
        409,
        'ContentCasConflict',
      ])
      expect((await client.call('DELETE', `${client.at('file', 'f')}?content_cas=${await cas()}`)).status).toBe(200)
    }))
})

describe('faults of the object store', () => {
  test('break an upload off in the middle: nothing is kept, and it can be sent again', () =>
    using({}, async (client) => {
      const begun = await begin(client, 'f')
      client.emulator.faults.next('cosPut', 'put')
      await expect(send(begun, Buffer.alloc(2 * mebibyte))).rejects.toThrow()
      expect(await client.code(confirm(client, begun.confirmKey))).toEqual([404, 'UploadIncomplete'])
      await send(begun, 'whole')
      expect((await confirm(client, begun.confirmKey)).body).toMatchObject({ size: '5' })
    }))

  test('cut a download short of its length', () =>
    using({}, async (client) => {
      await client.upload('f', Buffer.alloc(2 * mebibyte, 'x'))
      client.emulator.faults.next('cosGet', 'get')
      await expect(download(client, 'f')).rejects.toThrow()
      expect(await download(client, 'f')).toHaveLength(2 * mebibyte)
    }))
})
