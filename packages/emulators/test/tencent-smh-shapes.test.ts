// Every example body of the wire dossier: the emulator's answers have those fields, of those types.
import { clock, clientOf, library, secret, using, type Begun, type Client } from './tencent-smh-client'

type Shape = string | { readonly [key: string]: Shape } | readonly [Shape]

/** The types in place of the values; of an array its first item; a number among texts stays one. */
const shapeOf = (value: unknown): Shape | undefined => {
  if (Array.isArray(value)) return value.length === 0 ? undefined : ([shapeOf(value[0]) ?? 'empty'] as const)
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  const fields = Object.entries(value).flatMap(([key, field]) => {
    const shape = shapeOf(field)
    return shape === undefined ? [] : [[key, shape] as const]
  })
  return Object.fromEntries(fields)
}

const expectShape = (actual: unknown, example: unknown) => expect([shapeOf(actual)]).toMatchObject([shapeOf(example)])

const file = {
  ...{ name: 'a.pdf', type: 'file', versionId: 2, contentType: 'application/pdf', size: '1048576', eTag: '…' },
  ...{
    crc64: '123',
    creationTime: '…',
    modificationTime: '…',
    metaData: { 'x-smh-meta-foo': 'bar' },
    fileType: 'portable',
  },
  ...{ previewByDoc: true, previewByCI: true, previewAsIcon: true, removedByQuota: false },
  ...{ localCreationTime: '…', localModificationTime: '…' },
}

const withFile = async ({ call, at, mkdir }: Client): Promise<unknown> => {
  await mkdir('foo/bar/sub')
  const begun = await call('PUT', at('file', 'foo/bar/a.pdf'), undefined, { headers: { 'x-smh-meta-foo': 'bar' } })
  const { domain, path, headers, confirmKey } = begun.body as Begun
  await fetch(`http://${domain}${path}`, { method: 'PUT', headers, body: 'hello' })
  const attributes = {
    localCreationTime: '2020-01-01',
    localModificationTime: '2020-01-01',
  }
  return (await call('POST', `${at('file', confirmKey)}?confirm&with_inode=1`, attributes)).body
}

const space = `/api/v1/space/${library}`

test('tokens', () =>
  using({ strict: true }, async ({ emulator }) => {
    const made = await fetch(`${emulator.url}/api/v1/token?library_id=${library}&library_secret=${secret}`)
    expectShape(await made.json(), { accessToken: 'acctk01f7af', expiresIn: 86400 })
  }))

test('a created directory', () =>
  using({ strict: true }, async ({ call, at, mkdir }) => {
    expect(Object.keys((await mkdir('a')).body as object)).toEqual(['creationTime'])
    expectShape((await mkdir('a', 'conflict_resolution_strategy=rename')).body, { creationTime: '…', path: ['foo'] })
    const body = { metaData: { a: 'b' }, localCreationTime: '2020', localModificationTime: '2020' }
    expectShape((await call('PUT', `${at('directory', 'c')}?with_inode=1`, body)).body, {
      ...{ creationTime: '…', inode: '…', metaData: { 'x-smh-meta-a': 'b' } },
      ...{ localCreationTime: '…', localModificationTime: '…' },
    })
  }))

test('a list, by marker and by page', () =>
  using({ strict: true }, async (client) => {
    await withFile(client)
    const list = async (query: string) =>
      (await client.call('GET', `${client.at('directory', 'foo/bar')}?${query}`)).body
    const first = await list('by-marker=1&limit=1&with_inode=1')
    const directory = {
      name: 'sub',
      type: 'dir',
      path: ['foo'],
      inode: '…',
      userId: '…',
      creationTime: '…',
      modificationTime: '…',
      eTag: '0',
    }
    expectShape(first, { path: ['foo'], nextMarker: 'opaque', eTag: '1646106396946', contents: [directory] })
    expectShape(await list('by-marker=1&filter=onlyFile'), { path: ['foo'], contents: [file] })
    expectShape(await list('by-page=1'), {
      path: ['foo'],
      fileCount: 1,
      subDirCount: 1,
      totalNum: 2,
      contents: [{ name: '…' }],
    })
  }))

test('info, confirm and download info', () =>
  using({ strict: true }, async (client) => {
    const { removedByQuota: _, ...rest } = file
    expectShape(await withFile(client), {
      ...rest,
      path: ['foo'],
      isOverwritten: false,
      virusAuditStatus: 0,
      inode: '…',
    })
    const info = await client.call(
      'GET',
      `${client.at('directory', 'foo/bar/a.pdf')}?info&with_inode=1&with_favorite_status=1&with_content_cas=1`,
    )
    expectShape(info.body, {
      ...file,
      path: ['foo'],
      userId: 'u1',
      inode: '…',
      isFavorite: false,
      contentCas: '…',
    })
    const download = await client.call('GET', `${client.at('file', 'foo/bar/a.pdf')}?info`)
    const { name: __, ...shown } = rest
    expectShape(download.body, { ...shown, cosUrl: 'https://…' })
  }))

test('begun uploads of the three kinds, and their status', () =>
  using({ strict: true }, async ({ call, at }) => {
    const headers = { Authorization: '…', 'x-cos-security-token': '…', 'Content-Type': 'video/mp4' }
    const common = {
      domain: '…',
      path: '/…',
      confirmKey: '…',
      expiration: '2021-07-24T10:34:32.000Z',
      availableDomainNum: 1,
    }
    expectShape((await call('PUT', at('file', 'x.mp4'))).body, { ...common, headers })
    const form = {
      ...{ key: '…', acl: '…', 'Content-Type': '…', 'x-cos-security-token': '…', policy: '…' },
      ...{ 'q-sign-algorithm': '…', 'q-ak': '…', 'q-key-time': '…', 'q-signature': '…' },
    }
    expectShape((await call('POST', at('file', 'x.mp4'))).body, { ...common, form })
    const begun = (await call('POST', `${at('file', 'x.mp4')}?multipart`)).body as Begun
    const { 'Content-Type': _, ...partHeaders } = headers
    expectShape(begun, { ...common, uploadId: '…', headers: partHeaders })
    const put = `http://${begun.domain}${begun.path}?partNumber=1&uploadId=${begun.uploadId ?? ''}`
    await fetch(put, { method: 'PUT', headers: begun.headers, body: 'x' })
    expectShape((await call('GET', `${at('file', begun.confirmKey)}?upload`)).body, {
      ...{ confirmed: false, path: ['foo'], type: 'file', creationTime: '…', conflictResolutionStrategy: 'ask' },
      ...{ force: false, availableDomainNum: 1, uploadId: '…' },
      parts: [{ PartNumber: 1, LastModified: '…', ETag: '"…"', Size: 1048576 }],
      uploadPartInfo: { domain: '…', path: '…', uploadId: '…', headers: partHeaders, expiration: '…' },
    })
  }))

test('batches and tasks', () => {
  const time = clock()
  return using({ now: time.now, strict: true }, async (client) => {
    await withFile(client)
    const { call, at } = client
    const copy = { status: 204, copyFrom: ['foo'], to: ['b'] }
    expectShape((await call('POST', `${at('batch')}?copy`, [{ copyFrom: 'foo', to: 'b' }])).body, { result: [copy] })
    const move = { status: 200, path: ['b'], moveAuthority: false, from: ['foo'], to: ['b'] }
    const body = [{ from: 'foo', to: 'b', conflictResolutionStrategy: 'rename' }]
    expectShape((await call('POST', `${at('batch')}?move`, body)).body, { result: [move] })
    const failed = await call('POST', `${at('batch')}?delete`, [{ path: 'x' }])
    expectShape(failed.body, { result: [{ status: 404, code: 'FileNotFound', message: '…', path: ['x'] }] })
  })
})

test('tasks in both versions', () => {
  const time = clock()
  return using({ now: time.now, behaviour: { tasks: 'async' }, strict: true }, async ({ call, at, mkdir }) => {
    await mkdir('a')
    expectShape((await call('POST', `${at('batch')}?move`, [{ from: 'a', to: 'b' }])).body, { taskId: 17 })
    expectShape((await call('GET', at('task', '1'))).body, [{ taskId: 17, status: 202 }])
    time.pass(60_000)
    const result = [{ status: 204, from: ['foo'], to: ['foo'] }]
    expectShape((await call('GET', at('task', '1'))).body, [{ taskId: 17, status: 200, result }])
    expectShape((await call('GET', at('task-result', '1'))).body, {
      ...{
        taskId: '17',
        taskType: 'batchMove',
        status: 200,
        batchMoveResults: [{ status: 204, from: ['a'], to: ['b'], moveAuthority: false }],
      },
    })
    expectShape((await call('PUT', at('directory', 'c'), { copyFrom: 'b' })).body, { taskId: 10 })
    time.pass(60_000)
    expectShape((await call('GET', at('task', '2'))).body, [{ taskId: 10, status: 200, result: { path: ['foo'] } }])
  })
})

test('the recycle bin', () =>
  using({ strict: true }, async (client) => {
    await withFile(client)
    expectShape((await client.call('DELETE', client.at('file', 'foo/bar/a.pdf'))).body, { recycledItemId: 123 })
    expectShape((await client.call('GET', `/api/v1/recycled/${library}/-?by-page=1`)).body, {
      totalNum: 1,
      contents: [
        {
          ...{ recycledItemId: 1, name: '…', type: 'file', originalPath: ['foo'], spaceId: '-', size: '5' },
          ...{ creationTime: '…', modificationTime: '…', removalTime: '…', remainingTime: 30, fileType: 'portable' },
        },
      ],
    })
  }))

test('spaces, quotas, usage, statistics, history', () => {
  const config = {
    libraries: [{ id: library, secret, spaces: [{ id: '-', capacity: 1000 }], tokens: [{ token: 't' }] }],
  }
  return using({ config, strict: true }, async (client) => {
    await withFile(client)
    const body = async (path: string) => (await client.call('GET', path)).body
    expectShape(await body(`${space}/list`), { list: [{ spaceId: '-', userId: '', creationTime: '…' }] })
    expectShape(await body(`${space}/-/size`), { size: '123' })
    expectShape(await body(`${space}/-/file-count`), {
      ...{ fileNum: '1', dirNum: '1', recycledFileNum: '', recycledDirNum: '', historyFileNum: '' },
    })
    expectShape(await body(`${space}/-/contents-view?filter=onlyFile&with_path=true&limit=1`), {
      contents: [{ name: 'a.pdf', path: ['foo'] }],
    })
    expectShape(await body(`/api/v1/usage/${library}/-`), [
      { spaceId: '-', capacity: '1', availableSpace: '1', size: '5' },
    ])
    expectShape(await body(`/api/v1/quota/${library}/-`), { id: 1, capacity: '1' })
    expectShape(await body(`/api/v1/quota/${library}/1`), { spaces: ['-'], capacity: '1' })
    expectShape(await body(`${client.at('directory', 'foo')}?stats&stats_type=normal`), {
      ...{ userId: '…', statsType: 'normal', storage: 1048576000, fileCount: 128, dirCount: 16 },
    })
    expectShape(await body(`/api/v1/directory-history/${library}/-/history-list/foo/bar/a.pdf`), {
      hasMore: false,
      contents: [
        {
          ...{ createdBy: '', version: 1, isLatestVersion: true, name: 'a.pdf', size: 5, crc64: '1' },
          ...{ contentType: '…', creationTime: '…', setLatestTime: '…' },
        },
      ],
    })
    expectShape(await body(`/api/v1/directory-history/${library}/library-history`), {
      ...{ enableFileHistory: false, fileHistoryCount: 1, fileHistoryExpireDay: 0, mergeInterval: 0 },
    })
  })
})

test('errors, with a request id in body and header', () =>
  using({ strict: true }, async ({ emulator, at }) => {
    const answer = await clientOf(emulator, 'no').call('GET', at('directory'))
    expectShape(answer.body, { code: 'InvalidAccessToken', message: '…', requestId: '…' })
    expect(answer.headers.get('x-request-id')).toBe((answer.body as { requestId: string }).requestId)
  }))
