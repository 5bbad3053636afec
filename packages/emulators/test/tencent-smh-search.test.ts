// Search and the change feed as the documents describe them, and what a private deployment lacks of them.
import { clock, library, secret, using, type Client } from './tencent-smh-client'

interface Page {
  readonly contents: ReadonlyArray<{ readonly name: string; readonly path?: ReadonlyArray<string> }>
  readonly nextMarker?: string | number
  readonly searchId?: string
  readonly hasMore?: boolean
}

const search = `/api/v1/search/${library}/-`

const found = async ({ call }: Client, body: object, query = ''): Promise<ReadonlyArray<string>> => {
  const { body: page } = await call('POST', `${search}/search-fs${query}`, body)
  return (page as Page).contents.map(({ name }) => name).sort()
}

const filled = async (client: Client): Promise<void> => {
  await client.mkdir('reports/2026')
  await client.upload('reports/plan.docx', 'a')
  await client.upload('reports/2026/Plan B.pdf', 'bbbbbb')
  await client.upload('notes.txt', 'cc')
}

describe('the newer search', () => {
  test('any of the keywords, in either case, below the scope', () =>
    using({ strict: true }, async (client) => {
      await filled(client)
      expect(await found(client, { type: 'filename', keywords: ['plan'] })).toEqual(['Plan B.pdf', 'plan.docx'])
      expect(await found(client, { keywords: ['notes', 'b.p'] })).toEqual(['Plan B.pdf', 'notes.txt'])
      expect(await found(client, { keywords: ['plan'], scope: 'reports/2026' })).toEqual(['Plan B.pdf'])
      expect(await found(client, { keywords: ['2026'], scope: 'reports/2026' })).toEqual([])
      expect(await found(client, {})).toHaveLength(5)
    }))

  test('extensions, types, sizes and times', () => {
    const time = clock()
    return using({ strict: true, now: time.now }, async (client) => {
      await filled(client)
      time.pass(60_000)
      const late = new Date(time.now()).toISOString()
      await client.upload('late.txt', 'dddd')
      expect(await found(client, { inExtnames: ['txt', '.PDF'] })).toEqual(['Plan B.pdf', 'late.txt', 'notes.txt'])
      expect(await found(client, { excludeExtnames: ['txt'], fileTypes: ['text', 'word'] })).toEqual(['plan.docx'])
      expect(await found(client, { fileTypes: ['dir'] })).toEqual(['2026', 'reports'])
      expect(await found(client, { minFileSize: 2, maxFileSize: 4 })).toEqual(['late.txt', 'notes.txt'])
      expect(await found(client, { modificationTimeStart: late, keywords: ['t'] })).toEqual(['late.txt'])
      expect(await found(client, { modificationTimeEnd: late, keywords: ['txt'] })).toEqual(['late.txt', 'notes.txt'])
    })
  })

  test('pages by marker, which an empty one ends and a short one does not', () =>
    using({ strict: true }, async (client) => {
      await filled(client)
      const read = async (): Promise<ReadonlyArray<string>> => {
        const names: Array<string> = []
        for (let marker = ''; ;) {
          const query = marker === '' ? '' : `&marker=${marker}`
          const { body } = await client.call('POST', `${search}/search-fs?limit=2${query}`, {})
          const page = body as Page
          names.push(...page.contents.map(({ name }) => name))
          marker = String(page.nextMarker)
          if (marker === '') return names.sort()
        }
      }
      const all = ['2026', 'Plan B.pdf', 'notes.txt', 'plan.docx', 'reports']
      expect(await read()).toEqual(all)
      client.emulator.faults.next('searchFs', 'short', 2)
      expect(await read()).toEqual(all)
    }))

  test('what it refuses', () =>
    using({ behaviour: { search: 'classic' } }, async ({ call, code, emulator }) => {
      expect(await code(call('POST', `${search}/search-fs`, {}))).toEqual([400, 'SearchNotEnabled'])
      emulator.behave({ search: 'new', searchPaths: false })
      expect(await code(call('POST', `${search}/search-fs?limit=101`, {}))).toEqual([400, 'ParamInvalid'])
      const many = { keywords: Array.from({ length: 101 }, () => 'x') }
      expect(await code(call('POST', `${search}/search-fs`, many))).toEqual([400, 'SearchTooComplex'])
      expect(await code(call('POST', `${search}/search-fs`, { type: 'filecontent' }))).toEqual([
        400,
        'SearchNotEnabled',
      ])
      expect(await code(call('POST', `${search}/search-fs`, { scope: 'none' }))).toEqual([404, 'DirectoryNotFound'])
      expect(await code(call('POST', `${search}/space-contents`, {}))).toEqual([400, 'SearchNotEnabled'])
    }))

  test('results without their paths, even of directories', () =>
    using({ behaviour: { searchPaths: false } }, async ({ call, mkdir }) => {
      await mkdir('a/b')
      const { body } = await call('POST', `${search}/search-fs?with_inode=1`, { keywords: ['b'] })
      expect((body as Page).contents).toEqual([
        expect.objectContaining({ name: 'b', inode: expect.any(String) as unknown }),
      ])
      expect((body as Page).contents[0]).not.toHaveProperty('path')
    }))
})

describe('the classic search', () => {
  test('words are alternatives, types are words too, and can be negated', () =>
    using({ strict: true }, async (client) => {
      await filled(client)
      const classic = async (body: object): Promise<ReadonlyArray<string>> => {
        const { body: page } = await client.call('POST', `${search}/space-contents`, body)
        return (page as Page).contents.map(({ name }) => name)
      }
      const byName = { orderBy: 'name', orderByType: 'asc' }
      expect(await classic({ keyword: 'notes 2026', ...byName })).toEqual(['2026', 'notes.txt'])
      expect(await classic({ type: 'dir', ...byName })).toEqual(['2026', 'reports'])
      expect(await classic({ type: ['doc', 'pdf'], ...byName })).toEqual(['Plan B.pdf', 'plan.docx'])
      expect(await classic({ type: '!dir', extname: ['txt'] })).toEqual(['notes.txt'])
      expect(await classic({ type: 'file', orderBy: 'size', orderByType: 'desc' })).toEqual([
        'Plan B.pdf',
        'notes.txt',
        'plan.docx',
      ])
    }))

  test('is read on by its id, until it is ended', () =>
    using({ strict: true }, async ({ call, mkdir, code }) => {
      for (let i = 0; i < 25; i += 1) await mkdir(`d${i}`)
      const first = (await call('POST', `${search}/space-contents`, { keyword: 'd' })).body as Page
      expect(first).toMatchObject({ searchFinished: true, hasMore: true, nextMarker: 20 })
      const id = String(first.searchId)
      const rest = (await call('GET', `${search}/${id}?marker=20`)).body as Page
      expect(rest).toMatchObject({ hasMore: false })
      expect(new Set([...first.contents, ...rest.contents].map(({ name }) => name)).size).toBe(25)
      expect((await call('DELETE', `${search}/${id}`)).status).toBe(204)
      expect(await code(call('GET', `${search}/${id}?marker=20`))).toEqual([404, 'SearchIdNotFound'])
    }))
})

describe('the change feed', () => {
  interface Feed {
    readonly cursor: string
    readonly hasMore: boolean
    readonly contents: ReadonlyArray<{ readonly eventType: string; readonly location: ReadonlyArray<string> }>
  }
  const feed = `/api/v1/fs-delta/${library}/-`

  test('tells what happened after its cursor, in order and in pages', () =>
    using({ strict: true }, async (client) => {
      const { call, at, mkdir, upload } = client
      await mkdir('before')
      const { cursor } = (await call('GET', `${feed}/cursor`)).body as Feed
      await mkdir('d')
      await upload('d/f', 'one')
      await upload('d/f', 'two', 'conflict_resolution_strategy=overwrite')
      await call('PUT', at('file', 'd/g'), { copyFrom: 'd/f' })
      await call('PUT', at('file', 'd/h'), { from: 'd/g' })
      await call('POST', `${at('directory', 'd/h')}?update`, { contentType: 'text/x-test' })
      const { recycledItemId } = (await call('DELETE', at('file', 'd/h'))).body as { readonly recycledItemId: number }
      await call('POST', `/api/v1/recycled/${library}/-/${recycledItemId}?restore`)
      await call('DELETE', `${at('file', 'd/h')}?permanent=1`)
      const read = async (from: string, limit: number): Promise<Feed> =>
        (await call('GET', `${feed}/delta?cursor=${from}&limit=${limit}`)).body as Feed
      const first = await read(cursor, 4)
      const rest = await read(first.cursor, 100)
      expect([first.hasMore, rest.hasMore]).toEqual([true, false])
      expect([...first.contents, ...rest.contents].map(({ eventType, location }) => [eventType, ...location])).toEqual([
        ['FILE.CREATE', 'd'],
        ['FILE.CREATE', 'd', 'f'],
        ['FILE.CREATE_OVERWRITE', 'd', 'f'],
        ['FILE.COPY', 'd', 'g'],
        ['FILE.MOVE', 'd', 'h'],
        ['FILE.MODIFY', 'd', 'h'],
        ['FILE.TRASH', 'd', 'h'],
        ['FILE.RESTORE', 'd', 'h'],
        ['FILE.DELETE', 'd', 'h'],
      ])
      expect((await read(rest.cursor, 1)).contents).toEqual([])
    }))

  test('a cursor lives 180 days', () => {
    const time = clock()
    return using({ now: time.now }, async ({ call, emulator }) => {
      const { cursor } = (await call('GET', `${feed}/cursor`)).body as Feed
      time.pass(181 * 86_400_000)
      const code = async (text: string): Promise<unknown> => {
        const answer = await fetch(`${emulator.url}${feed}/delta?cursor=${text}&library_secret=${secret}`)
        return ((await answer.json()) as { readonly code: string }).code
      }
      expect(await code(cursor)).toBe('CursorExpired')
      expect(await code('none')).toBe('ParamInvalid')
    })
  })

  test('a private deployment has none', () =>
    using({ deployment: 'private' }, async ({ call, code }) => {
      expect(await code(call('GET', `${feed}/cursor`))).toEqual([404, 'RouteNotFound'])
    }))
})

test('the bin is listed by what was removed last', () => {
  const time = clock()
  return using({ now: time.now, strict: true }, async ({ call, mkdir, at }) => {
    for (const name of ['a', 'b', 'c']) {
      await mkdir(name)
      time.pass(1000)
      await call('DELETE', at('directory', name))
    }
    const names = async (query: string) =>
      ((await call('GET', `/api/v1/recycled/${library}/-?by-marker=1${query}`)).body as Page).contents.map(
        ({ name }) => name,
      )
    expect(await names('')).toEqual(['c', 'b', 'a'])
    expect(await names('&order_by=removalTime')).toEqual(['a', 'b', 'c'])
    expect(await names('&order_by=name&order_by_type=desc')).toEqual(['c', 'b', 'a'])
  })
})
