// The KooDrive emulator: folders, files, lists, names, search, over real HTTP.
import { createHash } from 'node:crypto'
import { ask, noon, start, stopAll } from './koodrive-client'

afterEach(stopAll)

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')

describe('creating a directory', () => {
  test('answers with id, final name and mime type, and accepts the documented example when tolerant', async () => {
    const { api, containerId } = await start({ strict: false })
    const answer = await api('POST', '/v1/directory', {
      body: {
        fileName: 'ttgg',
        mimeType: 'application/vnd.huawei-apps.folder',
        parentFolder: ['root'],
        description: '',
        createdTime: '',
        editedTime: '',
        fileType: '10',
        containerId,
        renameMode: '2',
      },
    })
    expect(answer).toMatchObject({
      status: 200,
      body: { fileName: 'ttgg', mimeType: 'application/vnd.huawei-apps.folder', code: 0, msg: 'success' },
    })
    expect(answer.body['id']).toMatch(/^F[\w-]{32}$/)
    expect(Object.keys(answer.body)).toEqual(['id', 'fileName', 'mimeType', 'code', 'msg'])
  })

  test('fails under mode 3 and takes a UTC+8 timestamp under mode 2, one second later if that is taken', async () => {
    const { post, containerId, mkdir, names } = await start()
    await mkdir('a')
    const again = (renameMode: number) =>
      post('/v1/directory', { containerId, fileName: 'a', fileType: '10', parentFolder: ['root'], renameMode })
    expect(await again(3)).toMatchObject({ status: 400, body: { code: 13000405, msg: 'Duplicate file name.' } })
    expect((await again(2)).body['fileName']).toBe('a_20251103_150140')
    expect((await again(2)).body['fileName']).toBe('a_20251103_150141')
    expect(await names()).toEqual(['a', 'a_20251103_150140', 'a_20251103_150141'])
  })

  test.each([
    ['root by its alias', 'root'],
    ['root by its long id', 'long'],
    ['no parent', undefined],
    ['an empty list', []],
    ['null', null],
  ])('takes %s as the root', async (_, parent) => {
    const { api, containerId, list } = await start({ strict: false })
    const root = `DEUI7pa0C24Aroot${containerId}`
    const parentFolder = parent === 'long' ? [root] : typeof parent === 'string' ? [parent] : parent
    await api('POST', '/v1/directory', { body: { containerId, fileName: 'x', fileType: '10', parentFolder } })
    expect(await list()).toMatchObject([{ fileName: 'x', parentFolder: [root] }])
  })

  test('creates one level only, and 30 at most', async () => {
    const { post, mkdir, containerId } = await start()
    const make = (fileName: string, parent: string) =>
      post('/v1/directory', { containerId, fileName, fileType: '10', parentFolder: [parent], renameMode: 3 })
    expect((await make('x', 'FnoSuchFolder')).body['code']).toBe(13000304)
    let parent = 'root'
    for (let depth = 1; depth <= 30; depth += 1) parent = await mkdir(`d${depth}`, parent)
    expect((await make('d31', parent)).body['code']).toBe(13000310)
  })

  test.each([
    ['', 13000419],
    ['.', 13000419],
    ['..', 13000419],
    ['a/b', 13000419],
    ['a\\b', 13000419],
    ['a?', 13000419],
    ['x'.repeat(251), 13000417],
    ['x'.repeat(250), 0],
    ['😀'.repeat(250), 0],
    [' leading and trailing ', 0],
  ])('of the name %j answers %d', async (fileName, code) => {
    const { post, containerId } = await start()
    const body = { containerId, fileName, fileType: '10', parentFolder: ['root'], renameMode: 3 }
    expect((await post('/v1/directory', body)).body['code']).toBe(code)
  })
})

describe('names', () => {
  test('of files get the suffix before the last extension, and are cut to 250 characters', async () => {
    const { createFile } = await start()
    const twice = async (name: string): Promise<unknown> => {
      await createFile(name, 1)
      return (await createFile(name, 1, { autoRename: 2 })).body['fileName']
    }
    expect(await twice('test.zip')).toBe('test_20251103_150140.zip')
    expect(await twice('.profile')).toBe('.profile_20251103_150140')
    expect(await twice('a.tar.gz')).toBe('a.tar_20251103_150140.gz')
    const long = await twice(`${'n'.repeat(246)}.zip`)
    expect(long).toBe(`${'n'.repeat(230)}_20251103_150140.zip`)
  })

  test('are one name space, case-sensitive and not normalised, unless configured otherwise', async () => {
    const plain = await start()
    await plain.mkdir('a')
    expect((await plain.createFile('a', 1)).body['code']).toBe(13000405)
    await plain.mkdir('A')
    await plain.mkdir('\u00e9')
    await plain.mkdir('e\u0301')
    const names = { caseSensitive: false, normalise: true, oneNamespace: false }
    const other = await start({ config: { behaviour: { names } } })
    await other.mkdir('a')
    await other.mkdir('\u00e9')
    expect((await other.createFile('a', 1)).body['code']).toBe(0)
    await expect(other.mkdir('A')).rejects.toThrow('13000405')
    await expect(other.mkdir('e\u0301')).rejects.toThrow('13000405')
  })
})

describe('uploading', () => {
  test('lists a file only when it is complete, but holds its name before', async () => {
    const { createFile, putParts, post, list, names } = await start()
    const created = await createFile('a.txt', 5)
    expect(created.body).toMatchObject({ fileName: 'a.txt', code: 0 })
    expect(created.body['uploadId']).toMatch(/^[0-9A-F]{32}$/)
    expect(await names()).toEqual([])
    expect((await createFile('a.txt', 5)).body['code']).toBe(13000405)
    expect(await putParts(created, 'hello')).toBe(200)
    const complete = { fileId: created.body['fileId'], sha256: sha256('hello') }
    expect((await post('/v1/files/complete', complete)).body).toEqual({ code: 0, msg: 'success' })
    expect(await list()).toMatchObject([{ fileName: 'a.txt', fileType: '45', size: 5, recycled: false }])
    expect((await post('/v1/files/complete', complete)).body['code']).toBe(13000401)
  })

  test('without held names settles the clash when it completes', async () => {
    const { createFile, putParts, post, names } = await start({ config: { behaviour: { pendingHoldsName: false } } })
    const first = await createFile('a', 1, { autoRename: 2 })
    const second = await createFile('a', 1, { autoRename: 3 })
    await putParts(first, 'x')
    await putParts(second, 'y')
    expect((await post('/v1/files/complete', { fileId: first.body['fileId'] })).body['code']).toBe(0)
    expect((await post('/v1/files/complete', { fileId: second.body['fileId'] })).body['code']).toBe(13000405)
    expect(await names()).toEqual(['a'])
  })

  test('refuses to complete with a missing part, a wrong digest or a wrong sum of lengths', async () => {
    const { createFile, putParts, post } = await start()
    const complete = (fileId: unknown, digest?: string) =>
      post('/v1/files/complete', { fileId, ...(digest === undefined ? {} : { sha256: digest }) })
    const created = await createFile('a', 5)
    const id = created.body['fileId']
    expect((await complete(id)).body['code']).toBe(13000402)
    await putParts(created, 'hello')
    expect((await complete(id, sha256('other'))).body['code']).toBe(13000402)
    expect((await complete(id, sha256('hello'))).body['code']).toBe(0)
    const short = await createFile('b', 6, { multiParts: [{ partNumber: 1, partSize: 5 }] })
    await putParts(short, 'hello')
    expect((await complete(short.body['fileId'])).body['code']).toBe(13000402)
    expect((await complete('Funknown')).body['code']).toBe(13000401)
  })

  test('in parts joins them in order, whatever order they came in, and offers URLs for later ones', async () => {
    const { createFile, post, containerId, list } = await start({ config: { behaviour: { minPartSize: 4 } } })
    const created = await createFile('a', 10, { multiParts: [] })
    const fileId = created.body['fileId']
    const multiParts = [
      { partNumber: 1, partSize: 4 },
      { partNumber: 2, partSize: 4 },
      { partNumber: 3, partSize: 2 },
    ]
    const urls = await post('/v1/files/multipart/uploadUrl', { fileId, multiParts })
    const parts = urls.body['multiParts'] as ReadonlyArray<{ partNumber: number; uploadUrl: string }>
    const pieces = ['0123', '4567', '89']
    for (const { partNumber, uploadUrl } of [...parts].reverse()) {
      const piece = pieces[partNumber - 1] ?? ''
      const put = await ask(uploadUrl, 'PUT', { 'content-length': String(piece.length) }, piece)
      expect(put).toMatchObject({ status: 200 })
      expect(put.headers['etag']).toBeDefined()
    }
    expect((await post('/v1/files/complete', { fileId, sha256: sha256('0123456789') })).body['code']).toBe(0)
    const [file] = await list()
    const link = await post('/v1/files/download', { containerId, fileIds: [file?.id] })
    const [{ url }] = link.body['downloads'] as [{ url: string }]
    expect((await ask(url, 'GET', {})).text).toBe('0123456789')
    const tooSmall = [
      { partNumber: 1, partSize: 3 },
      { partNumber: 2, partSize: 3 },
    ]
    expect((await createFile('b', 6, { multiParts: tooSmall })).body['code']).toBe(13000102)
    expect((await createFile('b', 6)).body['code']).toBe(0)
  })

  test('of known content is done at once', async () => {
    const { createFile, upload, list } = await start()
    await upload('a.txt', 'hello')
    const digest = sha256('hello')
    const flash = await createFile('b.txt', 5, { sha256: digest })
    expect(flash.body).toMatchObject({ rapidUpload: true, fileName: 'b.txt' })
    const other = await createFile('a.txt', 5, { sha256: sha256('other'), autoRename: 2 })
    expect(other.body).toMatchObject({ fileName: 'a_20251103_150140.txt' })
    expect(other.body['rapidUpload']).toBeUndefined()
    expect(await list()).toHaveLength(2)
  })

  test('of an empty file needs an empty part or none', async () => {
    const { upload, createFile, post, list } = await start()
    await upload('one part', '')
    const none = await createFile('no part', 0, { multiParts: [] })
    expect((await post('/v1/files/complete', { fileId: none.body['fileId'] })).body['code']).toBe(0)
    expect(await list()).toMatchObject([{ size: 0 }, { size: 0 }])
  })

  test('counts against the quota from its announcement', async () => {
    const { createFile, upload, trash, run } = await start({
      config: { spaces: [{ kind: 'personal', quotaBytes: 10 }] },
    })
    const id = await upload('a', '123456')
    expect((await createFile('b', 5)).body['code']).toBe(13000311)
    await trash(id)
    expect((await createFile('b', 5)).body['code']).toBe(13000311)
    await run(2, 202, { fileInfo: [{ fileId: id }] })
    expect((await createFile('b', 5)).body['code']).toBe(0)
  })

  test('that nobody completes is forgotten after its life', async () => {
    let now = noon
    const { createFile, post } = await start({ now: () => now, config: { behaviour: { tokenLifeMs: 1e12 } } })
    const created = await createFile('a', 5)
    now += 25 * 3_600_000
    expect((await post('/v1/files/complete', { fileId: created.body['fileId'] })).body['code']).toBe(13000401)
    expect((await createFile('a', 5)).body['code']).toBe(0)
  })
})

describe('the object store', () => {
  test('takes exactly the announced length, from the right URL, within an hour', async () => {
    let now = noon
    const { createFile } = await start({ now: () => now })
    const created = await createFile('a', 5)
    const [{ uploadUrl }] = created.body['multiParts'] as [{ uploadUrl: string }]
    const put = async (url: string, content: string, more = {}) =>
      (await ask(url, 'PUT', { 'content-length': String(content.length), ...more }, content)).status
    expect(uploadUrl).toMatch(/\/[0-9a-f]{35}\?partNumber=1&uploadId=[0-9A-F]{32}&X-Amz-Algorithm=AWS4-HMAC-SHA256&/)
    expect(uploadUrl).toContain('X-Amz-SignedHeaders=content-length%3Bhost')
    expect(await put(uploadUrl, 'hell')).toBe(403)
    expect(await put(uploadUrl.replace('partNumber=1', 'partNumber=2'), 'hello')).toBe(403)
    expect(await put(uploadUrl, 'hello', { authorization: 'Bearer x' })).toBe(400)
    expect((await ask(uploadUrl, 'PUT', { 'transfer-encoding': 'chunked' }, 'hello')).status).toBe(411)
    expect(await put(uploadUrl, 'hello')).toBe(200)
    now += 3_600_000
    expect(await put(uploadUrl, 'hello')).toBe(403)
  })

  test('knows no upload that is over', async () => {
    const { createFile, putParts, post } = await start()
    const created = await createFile('a', 5)
    await putParts(created, 'hello')
    await post('/v1/files/complete', { fileId: created.body['fileId'] })
    expect(await putParts(created, 'hello')).toBe(404)
  })

  test('gives whole contents and ranges of them, with the name in the disposition', async () => {
    const { upload, post, containerId } = await start()
    const id = await upload('größe.txt', '0123456789')
    const links = await post('/v1/files/download', { containerId, fileIds: [id] })
    const [{ url, fileName }] = links.body['downloads'] as [{ url: string; fileName: string }]
    expect(fileName).toBe('größe.txt')
    const whole = await ask(url, 'GET', {})
    expect(whole).toMatchObject({ status: 200, text: '0123456789' })
    expect(whole.headers['content-disposition']).toBe("attachment; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt")
    const range = async (value: string) => ask(url, 'GET', { range: value })
    expect(await range('bytes=2-4')).toMatchObject({ status: 206, text: '234' })
    expect((await range('bytes=2-4')).headers['content-range']).toBe('bytes 2-4/10')
    expect(await range('bytes=8-')).toMatchObject({ status: 206, text: '89' })
    expect(await range('bytes=-3')).toMatchObject({ status: 206, text: '789' })
    expect(await range('bytes=10-')).toMatchObject({ status: 416 })
    expect((await ask(`${url}0`, 'GET', {})).status).toBe(403)
  })

  test('keeps bodies over 1 MiB byte for byte', async () => {
    const { upload, post, containerId } = await start()
    const content = 'abcdefghij'.repeat(300_000)
    const id = await upload('big', content)
    const links = await post('/v1/files/download', { containerId, fileIds: [id] })
    const [{ url }] = links.body['downloads'] as [{ url: string }]
    expect((await ask(url, 'GET', {})).text).toBe(content)
    expect((await ask(url, 'GET', { range: 'bytes=2000005-2000009' })).text).toBe('fghij')
  })
})

describe('download links', () => {
  test('tell for each id what became of it, and batchCode for all', async () => {
    const { upload, mkdir, post, containerId } = await start()
    const file = await upload('a', 'x')
    const folder = await mkdir('d')
    const links = async (...fileIds: Array<string>) => (await post('/v1/files/download', { containerId, fileIds })).body
    expect(await links(file)).toMatchObject({ batchCode: 1, code: 0, downloads: [{ fileId: file }] })
    expect(await links(file, folder, 'Fx')).toMatchObject({
      batchCode: 0,
      downloads: [{ fileId: file }, { fileId: folder, code: 13000406 }, { fileId: 'Fx', code: 13000309 }],
    })
    expect(await links(folder)).toMatchObject({ batchCode: 2 })
    const many = Array.from({ length: 101 }, () => file)
    expect(await links(...many)).toMatchObject({ code: 13000102 })
  })
})

describe('details and rename', () => {
  test('show a folder as documented', async () => {
    const { mkdir, detail, containerId } = await start()
    const id = await mkdir('reports')
    expect(await detail(id)).toMatchObject({
      id,
      fileName: 'reports',
      fileType: '10',
      mimeType: 'application/vnd.huawei-apps.folder',
      recycled: false,
      parentFolder: [`DEUI7pa0C24Aroot${containerId}`],
      containers: [containerId],
      createdTime: '2025-11-03T07:01:40.000Z',
      editedTime: '2025-11-03T07:01:40.000Z',
      size: 0,
      code: 0,
      msg: 'success',
    })
  })

  test('keep ids that begin with dashes and underscores apart from literal paths', async () => {
    const { post, containerId } = await start()
    const answer = await post('/v1/files/-_-create/detail', { containerId })
    expect(answer.body['code']).toBe(13000309)
  })

  test('rename with both modes, and to the own name without effect', async () => {
    const { upload, mkdir, post, containerId, detail, names } = await start()
    const id = await upload('a.txt', 'x')
    await mkdir('b.txt')
    const rename = (name: string, renameMode: number) =>
      post(`/v1/files/rename/${id}`, { containerId, name, renameMode })
    expect((await rename('b.txt', 3)).body['code']).toBe(13000405)
    expect((await rename('a.txt', 3)).body).toEqual({ code: 0, msg: 'success' })
    expect((await rename('b.txt', 2)).body).toEqual({ code: 0, msg: 'success' })
    expect((await detail(id)).fileName).toBe('b_20251103_150140.txt')
    expect((await rename('c\\d', 3)).body['code']).toBe(13000419)
    expect((await post(`/v1/files/rename/${id}`, { containerId, name: 'x' })).body['code']).toBe(13000102)
    expect(await names()).toEqual(['b.txt', 'b_20251103_150140.txt'])
  })

  test('of another space are refused', async () => {
    const { emulator, mkdir, post } = await start()
    const id = await mkdir('a')
    const group = emulator.configuration['koo-group']?.['containerId']
    expect((await post(`/v1/files/${id}/detail`, { containerId: group })).body['code']).toBe(13000302)
  })
})

describe('lists', () => {
  test('go page by page, each entry once, in any order and either direction', async () => {
    const { upload, mkdir, post, containerId } = await start()
    for (const [name, size] of [
      ['b', 3],
      ['a', 2],
      ['c', 1],
      ['d', 3],
    ] as const)
      await upload(name, 'x'.repeat(size))
    await mkdir('dir')
    const all = async (sortInfo: object, fileType?: string): Promise<ReadonlyArray<string>> => {
      const names: Array<string> = []
      let pageCursor: unknown
      do {
        const body = {
          containerId,
          parentFileId: 'root',
          pageInfo: { pageSize: 2, ...(pageCursor === undefined ? {} : { pageCursor }) },
          sortInfo,
          ...(fileType === undefined ? {} : { fileType }),
        }
        const answer = await post('/v1/files/0', body)
        names.push(...(answer.body['files'] as ReadonlyArray<{ fileName: string }>).map(({ fileName }) => fileName))
        pageCursor = answer.body['nextCursor']
      } while (pageCursor !== undefined)
      return names
    }
    expect(await all({})).toEqual(['a', 'b', 'c', 'd', 'dir'])
    expect(await all({ sortType: 1, sortDirection: 2 })).toEqual(['dir', 'd', 'c', 'b', 'a'])
    expect(await all({ sortType: 2, sortDirection: 1 })).toEqual(['dir', 'c', 'a', 'b', 'd'])
    expect(await all({ sortType: 2, sortDirection: 2 })).toEqual(['d', 'b', 'a', 'c', 'dir'])
    expect(await all({}, '10')).toEqual(['dir'])
    expect(await all({}, '45')).toEqual(['a', 'b', 'c', 'd'])
  })

  test('stay true while entries come and go, also in orders that were asked for before', async () => {
    const { mkdir, trash, names, list } = await start()
    await mkdir('b')
    expect(await names()).toEqual(['b'])
    const a = await mkdir('a')
    const bySize = { sortInfo: { sortType: 4, sortDirection: 2 } }
    expect((await list('root', 0, bySize)).map(({ fileName }) => fileName)).toEqual(['b', 'a'])
    await trash(a)
    expect(await names()).toEqual(['b'])
    expect(await list('root', 0, bySize)).toHaveLength(1)
    expect(await names('root', 1)).toEqual(['a'])
  })

  test('accept the documented example when tolerant: numbers as text, empty texts as absent', async () => {
    const { api, containerId } = await start({ strict: false })
    const body = {
      containerId,
      parentFileId: 'root',
      pageInfo: { pageSize: '10', pageCursor: '' },
      sortInfo: { sortType: '', sortDirection: '' },
      fileName: '',
      fileType: '',
    }
    expect((await api('POST', '/v1/files/0', { body })).body).toMatchObject({ files: [], code: 0 })
  })

  test('cap pages at 100 and refuse a cursor of another list', async () => {
    const { mkdir, post, containerId } = await start()
    const folder = await mkdir('x')
    for (let index = 0; index < 101; index += 1) await mkdir(`d${index}`, folder)
    const body = { containerId, parentFileId: folder, pageInfo: { pageSize: 500 } }
    const answer = await post('/v1/files/0', body)
    expect(answer.body['files']).toHaveLength(100)
    const pageInfo = { pageCursor: answer.body['nextCursor'] }
    expect((await post('/v1/files/0', { containerId, parentFileId: folder, pageInfo })).body['files']).toHaveLength(1)
    expect((await post('/v1/files/0', { containerId, parentFileId: 'root', pageInfo })).body['code']).toBe(13000102)
    const broken = { pageCursor: 'nonsense' }
    expect((await post('/v1/files/0', { containerId, parentFileId: 'root', pageInfo: broken })).body['code']).toBe(
      13000102,
    )
  })

  test.each([
    [{ listItems: 'data' }, { data: [{ fileName: 'a' }] }],
    [{ listItems: 'data.files' }, { data: { files: [{ fileName: 'a' }] } }],
    [{ lastCursor: 'empty' }, { nextCursor: '' }],
    [{ lastCursor: 'null' }, { nextCursor: null }],
    [{ lastCursor: 'empty', listCursor: 'nextPageCursor' }, { nextPageCursor: '' }],
    [{ lastCursor: 'empty', listCursor: 'pageInfo.nextCursor' }, { pageInfo: { nextCursor: '' } }],
    [{ codeType: 'string' }, { code: '0' }],
    [{ numbers: 'string' }, { files: [{ size: '0' }] }],
  ] as const)('have the shape that is asked for: %j', async (behaviour, expected) => {
    const { mkdir, emulator, post, containerId } = await start()
    await mkdir('a')
    emulator.behave(behaviour)
    expect((await post('/v1/files/0', { containerId, parentFileId: 'root' })).body).toMatchObject(expected)
  })

  test('of a file, of a folder in the bin and of an unknown id are refused', async () => {
    const { upload, mkdir, trash, post, containerId, names } = await start()
    const file = await upload('a', 'x')
    const folder = await mkdir('d')
    await mkdir('inside', folder)
    await trash(folder)
    const code = async (parentFileId: string, type = 0) =>
      (await post(`/v1/files/${type}`, { containerId, parentFileId })).body['code']
    expect(await code(file)).toBe(13000304)
    expect(await code(folder)).toBe(13000306)
    expect(await code('Fnothing')).toBe(13000309)
    expect(await code('root', 2)).toBe(13000102)
    expect(await names(folder, 1)).toEqual(['inside'])
  })
})

describe('search, statistics and paths', () => {
  test('find names in a subtree, with paths, sizes as text and an empty cursor at the end', async () => {
    const { mkdir, upload, post, containerId } = await start()
    const folder = await mkdir('Reports')
    const id = await upload('report-1.txt', 'abc', folder)
    const root = `DEUI7pa0C24Aroot${containerId}`
    const answer = await post('/v1/files/search', {
      searchType: 'personal',
      pageInfo: { pageSize: 1 },
      filter: { keyWord: 'report' },
    })
    expect(answer.body).toMatchObject({ total: 2, nextPageCursor: '1', files: [{ fileName: 'Reports' }] })
    const next = await post('/v1/files/search', {
      searchType: 'personal',
      pageInfo: { pageSize: 1, pageCursor: '1' },
      filter: { keyWord: 'report' },
    })
    expect(next.body).toMatchObject({
      nextPageCursor: '',
      files: [
        { id, size: '3', idPath: `/${root}/${folder}/${id}`, namePath: `/root${containerId}/Reports/report-1.txt` },
      ],
    })
    const code = async (body: object) => (await post('/v1/files/search', { pageInfo: {}, ...body })).body['code']
    expect(await code({})).toBe(13000414)
    expect(await code({ searchType: 'other' })).toBe(13000413)
  })

  test('count what a folder holds, by GET and, when tolerant, by POST', async () => {
    const { mkdir, upload, api, get, containerId } = await start({ strict: false })
    const folder = await mkdir('d')
    await upload('a', 'abc', await mkdir('e', folder))
    const uri = `/v1/files/statsDir?fileId=${folder}&containerId=${containerId}`
    const data = { totalSize: 3, subDirCount: 1, subFileCount: 1 }
    expect((await get(uri)).body).toEqual({ data, code: 0, msg: 'success' })
    expect((await api('POST', uri)).body).toMatchObject({ data })
    expect((await get(`${uri}&recursive=false`)).body).toMatchObject({
      data: { totalSize: 0, subDirCount: 1, subFileCount: 0 },
    })
  })

  test('give the full path by ids and by names', async () => {
    const { mkdir, get, containerId } = await start()
    const a = await mkdir('a')
    const b = await mkdir('b', a)
    const root = `DEUI7pa0C24Aroot${containerId}`
    expect((await get(`/v1/files/path?fileId=${b}&containerId=${containerId}`)).body).toEqual({
      fileIdPath: `/${root}/${a}/${b}`,
      namePath: `/root${containerId}/a/b`,
      code: 0,
      msg: 'success',
    })
  })
})

describe('strict mode', () => {
  const folder = (containerId: string) => ({ containerId, fileName: 'x', fileType: '10', renameMode: 3 })

  test.each([
    ['an unknown field', { parentFolderId: 'root' }],
    ['a number as text', { renameMode: '3' }],
    ['a text as number', { fileType: 10 }],
    ['another value', { renameMode: 1 }],
    ['a text instead of a list', { parentFolder: 'root' }],
  ])('refuses %s', async (_, wrong) => {
    const { post, containerId } = await start()
    expect((await post('/v1/directory', { ...folder(containerId), ...wrong })).body['code']).toBe(13000102)
  })

  test('refuses missing fields, unknown queries, bodies that are no objects, and trace ids of a wrong length', async () => {
    const { api, post, get, containerId } = await start()
    expect((await post('/v1/directory', { fileName: 'x' })).body['code']).toBe(13000102)
    expect((await post('/v1/directory', [])).body['code']).toBe(13000102)
    expect((await get('/v1/jobs?offset=0&limit=10&page=1')).body['code']).toBe(13000102)
    expect((await get('/v1/jobs?limit=10')).body['code']).toBe(13000102)
    expect((await get('/v1/jobs?limit=101&offset=0')).body['code']).toBe(13000102)
    const traced = (id: string) =>
      api('POST', '/v1/directory', { body: folder(containerId), headers: { 'x-traceid': id } })
    expect((await traced('short')).body['code']).toBe(13000102)
    expect((await traced('x'.repeat(58))).body['code']).toBe(0)
  })

  test('refuses methods that no page mentions, and paths that there are not, in the gateway’s words', async () => {
    const { api, post, get, containerId } = await start()
    expect(await get('/v1/directory')).toMatchObject({ status: 405, body: { error_code: 'APIGW.0106' } })
    const stats = `/v1/files/statsDir?fileId=root&containerId=${containerId}`
    expect((await api('POST', stats)).status).toBe(405)
    const body = { containerId, parentFileId: 'root' }
    expect(await post('/v1/files/batch', body)).toMatchObject({ status: 404, body: { error_code: 'APIGW.0101' } })
    expect(await post('/v1/files/batch/x/y', {})).toMatchObject({ status: 404, body: { error_code: 'APIGW.0101' } })
    expect(await get('/v1/nonsense')).toMatchObject({ status: 404, body: { error_code: 'APIGW.0101' } })
  })
})
