// A private deployment, as one was observed (docs/wire/tencent-smh.md, private deployments), by plain HTTP.
import { type TencentSmhOptions } from '../src'
import { clock, library, secret, using, type Answer, type Client } from './tencent-smh-client'

const deployed = <A>(use: (client: Client) => Promise<A>, more: TencentSmhOptions = {}) =>
  using({ deployment: 'private', strict: true, ...more }, use)

interface Begun {
  readonly domain: string
  readonly path: string
  readonly confirmKey: string
  readonly uploadId: string
  readonly headers?: object
  readonly parts: Readonly<Record<string, { readonly headers: Readonly<Record<string, string>> }>>
}
const begin = (client: Client, path: string, partNumberRange: unknown = [1], query = '') =>
  client.call('POST', `${client.at('file', path)}?multipart${query}`, { partNumberRange })
const renew = (client: Client, { confirmKey }: Begun, body?: unknown) =>
  client.call('POST', `${client.at('file', confirmKey)}?renew`, body)
const put = async ({ domain, path, uploadId, parts }: Begun, part: number, text: string, signedFor = part) => {
  const { headers = {} } = parts[signedFor] ?? {}
  const url = `http://${domain}${path}?uploadId=${uploadId}&partNumber=${part}`
  return fetch(url, { method: 'PUT', headers: { ...headers, 'content-type': 'text/plain' }, body: text })
}
const status = (client: Client, { confirmKey }: Begun, flags = '&no_upload_part_info=1') =>
  client.call('GET', `${client.at('file', confirmKey)}?upload${flags}`)
const confirm = (client: Client, { confirmKey }: Begun, query = '') =>
  client.call('POST', `${client.at('file', confirmKey)}?confirm${query}`)
const abort = (client: Client, { confirmKey }: Begun) =>
  client.call('DELETE', `${client.at('file', confirmKey)}?upload`)
const info = (client: Client, path: string, query = '') =>
  client.call('GET', `${client.at('directory', path)}?info${query}`)
interface Body extends Begun {
  readonly contents: ReadonlyArray<{ readonly id: number; readonly name: string }>
  readonly cosUrl: string
}
const as = ({ body }: Answer): Body => body as Body
const upload = async (client: Client, path: string, text: string, query = ''): Promise<Begun> => {
  const begun = as(await begin(client, path, [1], query))
  expect((await put(begun, 1, text)).status).toBe(200)
  return begun
}

describe('uploads in parts', () => {
  test.each<readonly [string, unknown]>([
    ['no body', undefined],
    ['a text', { partNumberRange: '1,2' }],
    ['no numbers', { partNumberRange: [] }],
    ['a number that is none', { partNumberRange: [0] }],
  ])('begin and renew refuse %s', (_name, body) =>
    deployed(async (client) => {
      const { call, at, code } = client
      expect(await code(call('POST', `${at('file', 'f')}?multipart`, body))).toEqual([400, 'ParamInvalid'])
      const begun = as(await begin(client, 'f'))
      expect(await code(renew(client, begun, body))).toEqual([400, 'ParamInvalid'])
    }),
  )

  test('name parts by their numbers, and each has headers of its own', () =>
    deployed(async (client) => {
      const begun = as(await begin(client, 'f', [1, 3]))
      expect([Object.keys(begun.parts), begun.headers]).toEqual([['1', '3'], undefined])
      expect(Object.keys(begun.parts['1']?.headers ?? {}).sort()).toEqual([
        ...['authorization', 'x-amz-content-sha256', 'x-amz-date'],
      ])
      const renewed = as(await renew(client, begun, { partNumberRange: [2] }))
      const { confirmKey, uploadId, path } = begun
      expect(renewed).toMatchObject({ confirmKey, uploadId, path })
      expect(Object.keys(renewed.parts)).toEqual(['2'])
      expect((await put(begun, 2, 'b')).status).toBe(403)
      expect((await put(begun, 2, 'b', 1)).status).toBe(403)
      expect((await put(renewed, 2, 'b')).status).toBe(200)
      const many = as(await renew(client, begun, { partNumberRange: Array.from({ length: 51 }, (_, i) => i + 1) }))
      expect(Object.keys(many.parts)).toHaveLength(51)
    }))

  test('a part that is sent again replaces itself; earlier headers hold until they expire', async () => {
    const time = clock()
    await deployed(
      async (client) => {
        const begun = as(await begin(client, 'f'))
        const tags = [await put(begun, 1, 'abc'), await put(begun, 1, 'abc')].map((r) => [
          r.status,
          r.headers.get('etag'),
        ])
        expect(tags[0]).toEqual(tags[1])
        time.pass(500_000)
        const renewed = as(await renew(client, begun, { partNumberRange: [1] }))
        expect((await put(begun, 1, 'abc')).status).toBe(200)
        time.pass(500_000)
        const expired = await put(begun, 1, 'abc')
        expect([expired.status, await expired.text()]).toEqual([403, expect.stringContaining('Request has expired')])
        expect((await put(renewed, 1, 'abc')).status).toBe(200)
      },
      { now: time.now, behaviour: { uploadSeconds: 600 } },
    )
  })

  test('take an empty file, too', () =>
    deployed(async (client) => {
      expect(await confirm(client, await upload(client, 'empty', ''))).toMatchObject({
        status: 200,
        body: { size: '0' },
      })
    }))

  test('have a status only without credentials; after the confirmation it has no upload id', () =>
    deployed(async (client) => {
      const begun = await upload(client, 'f', 'abcd')
      expect(await client.code(status(client, begun, ''))).toEqual([400, 'ParamInvalid'])
      const shown = as(await status(client, begun))
      expect(shown).toMatchObject({ confirmed: false, uploadId: begun.uploadId, parts: [{ PartNumber: 1, Size: 4 }] })
      expect(shown).not.toHaveProperty('uploadPartInfo')
      await confirm(client, begun)
      expect(as(await status(client, begun))).toMatchObject({ confirmed: true, uploadId: '' })
    }))

  test('only they can be renewed', () =>
    deployed(async (client) => {
      const simple = as(await client.call('PUT', client.at('file', 'f')))
      expect(await client.code(renew(client, simple))).toEqual([400, 'ParamInvalid'])
      expect(await client.code(renew(client, simple, { partNumberRange: [1] }))).toEqual([404, 'NotMultipartUpload'])
    }))
})

describe('a name that is taken', () => {
  test('is refused by the confirmation alone; the first of two wins', () =>
    deployed(async (client) => {
      const ask = '&conflict_resolution_strategy=ask'
      const first = await upload(client, 'f', 'one', ask)
      const second = await upload(client, 'f', 'two!', ask)
      expect((await confirm(client, first)).status).toBe(200)
      expect(await client.code(confirm(client, second))).toEqual([409, 'SameNameDirectoryOrFileExists'])
      expect((await begin(client, 'f', [1], ask)).status).toBe(201)
      expect(as(await info(client, 'f'))).toMatchObject({ size: '3' })
    }))
})

describe('what protects nothing', () => {
  test('tokens of content, and If-None-Match; and neither those nor inodes are shown', () =>
    deployed(async (client) => {
      await confirm(client, await upload(client, 'f', 'one'))
      const wrong = '&conflict_resolution_strategy=overwrite&content_cas=wrong'
      const begun = await upload(client, 'f', 'two!', wrong)
      expect((await confirm(client, begun, wrong)).status).toBe(200)
      const shown = as(await info(client, 'f', '&with_inode=1&with_content_cas=1'))
      expect(shown).toMatchObject({ size: '4', versionId: 2 })
      for (const field of ['inode', 'contentCas']) expect(shown).not.toHaveProperty(field)
      const moved = await client.call('PUT', `${client.at('file', 'g')}?content_cas=wrong`, {
        from: 'f',
        contentCas: 'no',
      })
      expect([moved.status, moved.body]).toEqual([200, { path: ['g'] }])
      const removed = await client.call('DELETE', `${client.at('file', 'g')}?content_cas=wrong`, undefined, {
        headers: { 'if-none-match': '*', 'if-match': '"x"' },
      })
      expect(removed.status).toBe(200)
    }))

  test('directory_only', () =>
    deployed(async (client) => {
      await client.mkdir('a/b')
      expect((await client.call('DELETE', `${client.at('directory', 'a')}?directory_only=1`)).status).toBe(200)
      expect((await info(client, 'a/b')).status).toBe(404)
    }))

  test('an abort, once the upload was confirmed', () =>
    deployed(async (client) => {
      const confirmed = await upload(client, 'f', 'abc')
      await confirm(client, confirmed)
      expect((await abort(client, confirmed)).status).toBe(204)
      expect([(await status(client, confirmed)).status, (await info(client, 'f')).status]).toEqual([404, 200])
      const other = await upload(client, 'g', 'abc')
      expect((await abort(client, other)).status).toBe(204)
      expect(await client.code(abort(client, other))).toEqual([404, 'UploadNotFound'])
      expect((await confirm(client, other)).status).toBe(404)
    }))
})

const letters = ['a', 'b', 'c', 'd', 'e']

test('markers are integers that only their digits name', () =>
  deployed(async (client) => {
    for (const name of letters) await client.mkdir(name)
    const list = (query: string) => client.call('GET', `${client.at('directory')}?by-marker=1&limit=2${query}`)
    const seen: Array<string> = []
    let query = ''
    for (;;) {
      const page = await list(query)
      seen.push(...as(page).contents.map(({ name }) => name))
      const marker = /"nextMarker":(\d+)[,}]/.exec(page.text)?.[1]
      if (marker === undefined) break
      expect(Number.isSafeInteger(Number(marker))).toBe(false)
      expect((await list(`&marker=${BigInt(marker) + 1000n}`)).status).toBe(404)
      query = `&marker=${marker}`
    }
    expect(seen).toEqual(letters)
    const pages = await client.names('', 'page=2&page_size=2')
    expect([pages, (await list('')).status]).toEqual([['c', 'd'], 200])
    expect((await client.call('GET', `${client.at('directory')}?by-marker=1&limit=1000`)).status).toBe(200)
  }))

test.each(['"', '<', '>', ':', '*', '|', '?'])('a name with %s is refused', (char) =>
  deployed(async (client) => {
    expect((await client.mkdir(encodeURIComponent(`a${char}b`))).status).toBe(400)
  }),
)

test('other names are taken as they are', () =>
  deployed(async (client) => {
    const names = [' both ends ', "it's", '100%', 'a&b', 'a+b']
    for (const name of names) expect((await client.mkdir(encodeURIComponent(name))).status).toBe(201)
    expect(await client.names('')).toEqual([...names].sort())
  }))

test('the history holds the latest version, which can be read by its id', () =>
  deployed(
    async (client) => {
      for (const text of ['one', 'two!'])
        await confirm(client, await upload(client, 'f', text, '&conflict_resolution_strategy=overwrite'))
      const listed = await client.call('GET', `/api/v1/directory-history/${library}/-/history-list/f`)
      const { contents } = as(listed)
      expect(contents).toMatchObject([{ isLatestVersion: true, size: 4 }])
      const read = (id: number) => client.call('GET', `${client.at('file', 'f')}?info&history_id=${id}`)
      expect((await read(contents[0]?.id ?? 0)).status).toBe(200)
      expect((await read(999)).status).toBe(404)
    },
    { config: { libraries: [{ id: library, secret, history: true, tokens: [{ token: 't' }] }] } },
  ))

test('a token lives as long as it does, whatever it is used for', async () => {
  const time = clock()
  await deployed(
    async ({ emulator }) => {
      const made = await fetch(`${emulator.url}/api/v1/token?library_id=${library}&library_secret=${secret}`)
      const { accessToken, expiresIn } = (await made.json()) as {
        readonly accessToken: string
        readonly expiresIn: number
      }
      expect(expiresIn).toBe(1800)
      const used = async () => {
        const answer = await fetch(
          `${emulator.url}/api/v1/directory/${library}/-/?by-marker=1&access_token=${accessToken}`,
        )
        return [answer.status, ((await answer.json()) as { readonly code?: string }).code]
      }
      time.pass(31 * 60_000)
      expect(await used()).toEqual([200, undefined])
      time.pass(9 * 60_000)
      expect(await used()).toEqual([403, 'InvalidAccessToken'])
    },
    { now: time.now },
  )
})

test('a range of a file is refused under the tag of its former content', () =>
  deployed(async (client) => {
    await confirm(client, await upload(client, 'f', 'abcdef'))
    const { cosUrl } = as(await client.call('GET', `${client.at('file', 'f')}?info`))
    const read = (tag: string) => fetch(cosUrl, { headers: { range: 'bytes=2-3', 'if-match': tag } })
    const tag = (await fetch(cosUrl)).headers.get('etag') ?? ''
    expect([(await read(tag)).status, (await read('"old"')).status]).toEqual([206, 412])
  }))

describe('the public service', () => {
  test('knows no numbers of parts, and shares its headers among all', () =>
    using({ strict: true }, async (client) => {
      expect(await client.code(begin(client, 'f', [1]))).toEqual([400, 'ParamInvalid'])
      const begun = as(await client.call('POST', `${client.at('file', 'f')}?multipart`))
      expect(begun.parts).toBeUndefined()
      expect(await client.code(renew(client, begun, { partNumberRange: [1] }))).toEqual([400, 'ParamInvalid'])
      expect((await renew(client, begun)).status).toBe(200)
      expect((await status(client, begun, '')).status).toBe(200)
    }))

  test('takes a Content-Type that it has not signed', () =>
    using({ strict: true }, async (client) => {
      const begun = as(await client.call('PUT', client.at('file', 'f.pdf')))
      const headers = { ...begun.headers, 'Content-Type': 'application/x-www-form-urlencoded' }
      const sent = await fetch(`http://${begun.domain}${begun.path}`, { method: 'PUT', headers, body: 'x' })
      expect([sent.status, (await confirm(client, begun)).status]).toEqual([200, 200])
    }))
})
