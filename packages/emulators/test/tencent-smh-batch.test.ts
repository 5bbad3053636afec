// The Tencent SMH emulator's batches, tasks, recycle bin and history.
import { clock, clientOf, library, secret, using, type Client } from './tencent-smh-client'

const conflict = { status: 409, code: 'SameNameDirectoryOrFileExists', message: 'Same name directory or file exists.' }

describe('batch move', () => {
  test('answers 200 with an item each, in order, echoing what was asked', () =>
    using({ strict: true }, async ({ mkdir, upload, call, at }) => {
      await mkdir('foo/bar_old')
      await mkdir('bar')
      await upload('foo/1.jpg', 'x')
      await upload('bar/1.jpg', 'y')
      const answer = await call('POST', `${at('batch')}?move`, [
        { from: 'foo/bar_old', to: 'foo/bar' },
        { from: 'foo/1.jpg', to: 'bar/1.jpg', conflictResolutionStrategy: 'rename' },
      ])
      expect([answer.status, answer.body]).toEqual([
        200,
        {
          result: [
            { status: 204, moveAuthority: false, from: ['foo', 'bar_old'], to: ['foo', 'bar'] },
            ...[
              {
                status: 200,
                path: ['bar', '1 (1).jpg'],
                moveAuthority: false,
                from: ['foo', '1.jpg'],
                to: ['bar', '1.jpg'],
              },
            ],
          ],
        },
      ])
    }))

  test('answers 207 where items fail, and does the others', () =>
    using({ strict: true }, async ({ mkdir, upload, call, at, names }) => {
      await mkdir('a')
      await mkdir('b')
      await upload('f', 'x')
      await upload('g', 'y')
      const { status, body } = await call('POST', `${at('batch')}?move`, [
        { from: 'a', to: 'b', conflictResolutionStrategy: 'overwrite' },
        { from: 'missing', to: 'c' },
        { from: 'f', to: 'no/parent' },
        { from: 'a', to: 'a/b' },
        { from: 'f', to: 'g', conflictResolutionStrategy: 'overwrite', moveAuthority: true },
        { from: 'b', to: 'new/b' },
      ])
      expect(status).toBe(207)
      expect(body).toMatchObject({
        result: [
          conflict,
          { status: 404, code: 'SourceFileNotFound' },
          { status: 404, code: 'DirectoryNotFound' },
          { status: 400, code: 'SourceDirectoryIsParentOfDestination' },
          { status: 204, moveAuthority: true },
          { status: 204 },
        ],
      })
      expect(await names('')).toEqual(['a', 'new', 'g'])
    }))

  test('uses the default of the kind, or another by choice', async () => {
    const run = async ({ mkdir, upload, call, at }: Client) => {
      await mkdir('d')
      await mkdir('e')
      await upload('f', 'x')
      await upload('g', 'x')
      const { body } = await call('POST', `${at('batch')}?copy`, [
        { copyFrom: 'd', to: 'e' },
        { copyFrom: 'f', to: 'g' },
      ])
      return (body as { result: ReadonlyArray<{ status: number }> }).result.map(({ status }) => status)
    }
    expect(await using({}, run)).toEqual([409, 200])
    expect(await using({ behaviour: { batchStrategy: 'ask' } }, run)).toEqual([409, 409])
    expect(await using({ behaviour: { batchStrategy: 'rename' } }, run)).toEqual([200, 200])
  })

  test('is refused as a whole when empty, too long, malformed or aimless', () =>
    using({}, async ({ call, at, code }) => {
      const post = (query: string, body: unknown) => code(call('POST', `${at('batch')}?${query}`, body))
      expect(await post('move', [])).toEqual([400, 'NoItemsProvided'])
      expect(await post('move', Array(1001).fill({ from: 'a', to: 'b' }))).toEqual([400, 'TooManyItems'])
      expect(await post('move', { from: 'a', to: 'b' })).toEqual([400, 'ParamInvalid'])
      expect(await post('move', [{ from: 'a' }])).toEqual([400, 'ParamInvalid'])
      expect(await post('copy', [{ from: 'a', to: 'b' }])).toEqual([400, 'ParamInvalid'])
      expect(await post('x', [{ from: 'a', to: 'b' }])).toEqual([400, 'ParamInvalid'])
      expect(await post('move', [{ from: 'a', to: 'b', conflictResolutionStrategy: 'merge' }])).toEqual([
        400,
        'InvalidConflictResolutionStrategy',
      ])
    }))
})

test('batch delete tells the bin from the end, with flags of every spelling', () =>
  using({ strict: true }, async ({ mkdir, upload, call, at, names }) => {
    await mkdir('d/e')
    for (const name of ['f', 'g', 'h']) await upload(name, 'x')
    const { status, body } = await call('POST', `${at('batch')}?delete`, [
      { path: 'd' },
      { path: 'f', permanent: true },
      { path: 'g', permanent: 1 },
      { path: 'h', permanent: false },
      { path: 'i' },
    ])
    expect([status, body]).toMatchObject([
      207,
      {
        result: [
          { status: 200, path: ['d'], recycledItemId: 1 },
          { status: 204, path: ['f'] },
          { status: 204 },
          { status: 200, recycledItemId: 2 },
          { status: 404, code: 'FileNotFound' },
        ],
      },
    ])
    expect(await names('')).toEqual([])
  }))

describe('across spaces', () => {
  const config = {
    libraries: [
      {
        id: library,
        secret,
        spaces: [{ id: 'one' }, { id: 'two', capacity: 100 }],
        tokens: [
          { token: 'admin' },
          { token: 'both', grant: ['space_admin'], spaceIds: ['one', 'two'] },
          { token: 'two-only', grant: ['space_admin'], spaceIds: ['two'] },
        ],
      },
    ],
  }

  test('the URL names the target; both spaces must be the caller’s', () =>
    using({ config, strict: true }, async ({ emulator }) => {
      const both = clientOf(emulator, 'both')
      await both.mkdir('d', '', 'one')
      await both.upload('d/f', 'hello', '', 'one')
      const copy = [{ copyFrom: 'd', copyFromSpaceId: 'one', to: 'd' }]
      const post = (token: string, body: unknown, query = 'copy') =>
        clientOf(emulator, token).call('POST', `${both.at('batch', '', 'two')}?${query}`, body)
      expect((await post('two-only', copy)).body).toMatchObject({ result: [{ status: 403, code: 'NoPermission' }] })
      expect((await post('both', copy)).body).toEqual({ result: [{ status: 204, copyFrom: ['d'], to: ['d'] }] })
      expect(await both.names('d', 'by-marker=1', 'two')).toEqual(['f'])
      const move = [{ from: 'd/f', fromSpaceId: 'one', to: 'g' }]
      expect((await post('admin', move, 'move')).status).toBe(200)
      const usage = await clientOf(emulator, 'admin').call('GET', `/api/v1/usage/${library}/one,two`)
      expect(usage.body).toEqual([
        { spaceId: 'one', capacity: null, availableSpace: null, size: '0' },
        { spaceId: 'two', capacity: '100', availableSpace: '90', size: '10' },
      ])
    }))
})

describe('tasks', () => {
  const tree = async ({ mkdir }: Client, n: number) => {
    for (let i = 0; i < n; i += 1) await mkdir(`src/d${i}`)
  }

  test('take their time: 202, then the result', () => {
    const time = clock()
    return using({ now: time.now, behaviour: { asyncThreshold: 3, taskMs: 1000 }, strict: true }, async (client) => {
      await tree(client, 4)
      const { call, at, names } = client
      const begun = await call('POST', `${at('batch')}?copy`, [
        { copyFrom: 'src', to: 'dst', conflictResolutionStrategy: 'rename' },
      ])
      expect([begun.status, begun.body]).toEqual([202, { taskId: 1 }])
      expect((await call('GET', at('task', '1'))).body).toEqual([{ taskId: 1, status: 202 }])
      time.pass(1000)
      const result = [{ status: 200, path: ['dst'], copyFrom: ['src'], to: ['dst'] }]
      expect((await call('GET', at('task', '1,99'))).body).toEqual([{ taskId: 1, status: 200, result }])
      expect((await call('GET', at('task-result', '1'))).body).toEqual({
        ...{ taskId: '1', taskType: 'batchCopy', status: 200, batchCopyResults: result },
      })
      expect(await names('dst')).toEqual(['d0', 'd1', 'd2', 'd3'])
    })
  })

  test('of a copied directory show half a copy on the way, and its path at the end', () => {
    const time = clock()
    return using({ now: time.now, behaviour: { tasks: 'async', taskMs: 1000 } }, async (client) => {
      await tree(client, 4)
      const { call, at, names } = client
      const begun = await call('PUT', at('directory', 'dst'), { copyFrom: 'src' })
      expect([begun.status, begun.body]).toEqual([202, { taskId: 1 }])
      expect(await names('dst')).toEqual([])
      time.pass(500)
      expect(await names('dst')).toEqual(['d0', 'd1'])
      time.pass(500)
      expect((await call('GET', at('task', '1'))).body).toEqual([{ taskId: 1, status: 200, result: { path: ['dst'] } }])
      expect(await names('dst')).toHaveLength(4)
    })
  })

  test('say 207 where items failed; version 2 says 400 where all did', () => {
    const time = clock()
    return using({ now: time.now, behaviour: { tasks: 'async' } }, async ({ call, at, mkdir }) => {
      await mkdir('a')
      await call('POST', `${at('batch')}?move`, [
        { from: 'a', to: 'b' },
        { from: 'x', to: 'y' },
      ])
      await call('POST', `${at('batch')}?move`, [{ from: 'x', to: 'y' }])
      time.pass(60_000)
      expect((await call('GET', at('task', '1,2'))).body).toMatchObject([
        { taskId: 1, status: 207, result: [{ status: 204 }, { status: 404, code: 'SourceFileNotFound' }] },
        { taskId: 2, status: 207 },
      ])
      expect((await call('GET', at('task-result', '1'))).body).toMatchObject({ status: 207 })
      expect((await call('GET', at('task-result', '2'))).body).toMatchObject({ status: 400 })
    })
  })

  test('have the other spellings by choice', () => {
    const time = clock()
    const behaviour = {
      tasks: 'async',
      taskIdType: 'string',
      taskIdKey: 'id',
      taskStatusType: 'string',
      copyTaskResult: 'array',
      unknownTask: 404,
    } as const
    return using({ now: time.now, behaviour }, async ({ call, at, mkdir, code }) => {
      await mkdir('a')
      expect((await call('PUT', at('directory', 'b'), { copyFrom: 'a' })).body).toEqual({ id: '1' })
      time.pass(60_000)
      expect((await call('GET', at('task', '1'))).body).toEqual([{ id: '1', status: '200', result: [{ path: ['b'] }] }])
      expect(await code(call('GET', at('task', '1,2')))).toEqual([404, 'TaskNotFound'])
    })
  })

  test('are forgotten after thirty days', () => {
    const time = clock()
    const tokens = [{ token: 't', period: 1e8 }]
    const config = { libraries: [{ id: library, secret, tokens }] }
    return using({ now: time.now, config, behaviour: { tasks: 'async' } }, async ({ call, at, mkdir }) => {
      await mkdir('a')
      await call('POST', `${at('batch')}?delete`, [{ path: 'a' }])
      time.pass(29 * 86_400_000)
      expect((await call('GET', at('task', '1'))).body).toHaveLength(1)
      time.pass(2 * 86_400_000)
      expect((await call('GET', at('task', '1'))).body).toEqual([])
    })
  })

  test('may fail half done, by a fault', () => {
    const time = clock()
    return using({ now: time.now, behaviour: { tasks: 'async' } }, async (client) => {
      await tree(client, 4)
      client.emulator.faults.next('copyDirectory', 'task')
      await client.call('PUT', client.at('directory', 'dst'), { copyFrom: 'src' })
      time.pass(60_000)
      expect((await client.call('GET', client.at('task', '1'))).body).toEqual([{ taskId: 1, status: 500 }])
      expect(await client.names('dst')).toHaveLength(2)
    })
  })
})

test('a fault makes one item fail and leaves it undone', () =>
  using({}, async ({ emulator, call, at, mkdir, names }) => {
    await mkdir('a')
    await mkdir('b')
    emulator.faults.next('batchDelete', 'item')
    const { status, body } = await call('POST', `${at('batch')}?delete`, [{ path: 'a' }, { path: 'b' }])
    expect([status, body]).toMatchObject([
      207,
      { result: [{ status: 500, code: 'InternalServerError', path: ['a'] }, { status: 200 }] },
    ])
    expect(await names('')).toEqual(['a'])
  }))

describe('the recycle bin', () => {
  const base = `/api/v1/recycled/${library}/-`

  test('lists, describes and restores to the original path, numbering a taken name', () =>
    using({ strict: true, now: clock().now }, async ({ mkdir, upload, call, at, names, code }) => {
      await mkdir('d')
      await upload('d/f.txt', 'one')
      await call('DELETE', at('file', 'd/f.txt'))
      await upload('d/f.txt', 'two')
      expect((await call('GET', `${base}?by-marker=1&limit=5`)).body).toMatchObject({
        contents: [
          {
            recycledItemId: 1,
            name: 'f.txt',
            type: 'file',
            originalPath: ['d', 'f.txt'],
            size: '3',
            spaceId: '-',
            remainingTime: 30,
          },
        ],
      })
      expect((await call('GET', `${base}/1?info`)).body).toMatchObject({
        path: ['d', 'f.txt'],
        cosUrl: expect.stringContaining('http') as string,
      })
      expect(await code(call('POST', `${base}/1?restore&conflict_resolution_strategy=ask`))).toEqual([
        409,
        'SameNameDirectoryOrFileExists',
      ])
      expect(await call('POST', `${base}/1?restore`)).toMatchObject({ status: 200, body: { path: ['d', 'f (1).txt'] } })
      expect(await names('d')).toEqual(['f (1).txt', 'f.txt'])
      expect(await code(call('POST', `${base}/1?restore`))).toEqual([404, 'RecycledItemNotFound'])
    }))

  test('restores many, each on its own, to the root if asked where the parent is gone', () =>
    using({ strict: true }, async ({ mkdir, call, at }) => {
      await mkdir('d/e')
      await call('DELETE', at('directory', 'd/e'))
      await call('DELETE', at('directory', 'd'))
      const many = (query: string, ids: ReadonlyArray<number>) => call('POST', `${base}?restore${query}`, ids)
      expect(await many('', [1, 7])).toMatchObject({
        status: 207,
        body: {
          result: [
            { status: 404, code: 'DirectoryNotFound', message: 'Directory not found.', recycledItemId: 1 },
            { status: 404, code: 'RecycledItemNotFound', recycledItemId: 7 },
          ],
        },
      })
      expect(await many('&restore_path_strategy=fallbackToRoot', [1, 2])).toMatchObject({
        ...{
          status: 200,
          body: {
            result: [
              { status: 200, path: ['e'] },
              { status: 200, path: ['d'] },
            ],
          },
        },
      })
    }))

  test('frees space only when emptied, or when the retention is over', () => {
    const time = clock()
    const config = { libraries: [{ id: library, secret, tokens: [{ token: 't', period: 1e8 }] }] }
    return using({ now: time.now, config }, async ({ upload, call, at }) => {
      const used = async () => (await call('GET', `/api/v1/space/${library}/-/size`)).body
      await upload('f', 'hello')
      await upload('g', 'hello')
      await call('DELETE', at('file', 'f'))
      expect(await used()).toEqual({ size: '10' })
      expect((await call('DELETE', base)).status).toBe(204)
      expect(await used()).toEqual({ size: '5' })
      await call('POST', `${base}?lifecycle`, { retentionDays: 2 })
      await call('DELETE', at('file', 'g'))
      time.pass(86_400_000)
      expect((await call('GET', `${base}/1?info`)).status).toBe(404)
      expect((await call('GET', base)).body).toMatchObject({ contents: [{ remainingTime: 1 }] })
      time.pass(86_400_000)
      expect((await call('GET', base)).body).toMatchObject({ contents: [] })
      expect(await used()).toEqual({ size: '0' })
    })
  })

  test('can be off', () =>
    using(
      { config: { libraries: [{ id: library, secret, recycleBin: false, tokens: [{ token: 't' }] }] } },
      async ({ mkdir, call, at, code }) => {
        await mkdir('d')
        expect((await call('DELETE', at('directory', 'd'))).status).toBe(204)
        expect(await code(call('GET', base))).toEqual([400, 'RecycleBinNotEnabled'])
      },
    ))
})

describe('history', () => {
  const config = { libraries: [{ id: library, secret, history: true, tokens: [{ token: 't' }] }] }
  const list = `/api/v1/directory-history/${library}/-/history-list/f`

  test('keeps what was overwritten, newest first, and can bring it back', () =>
    using({ config, strict: true }, async ({ upload, call, at }) => {
      const over = 'conflict_resolution_strategy=overwrite'
      await upload('f', 'one')
      await upload('f', 'three', over)
      expect((await call('GET', list)).body).toMatchObject({
        contents: [
          { version: 2, isLatestVersion: true, size: 5 },
          { id: 1, version: 1, isLatestVersion: false, size: 3 },
        ],
        hasMore: false,
      })
      expect((await call('POST', `/api/v1/directory-history/${library}/-/latest-version/1`)).body).toMatchObject({
        size: '3',
        versionId: 3,
      })
      expect((await call('GET', `${at('directory', 'f')}?info`)).body).toMatchObject({ size: '3' })
      expect((await call('GET', `/api/v1/space/${library}/-/size`)).body).toEqual({ size: '8' })
      expect((await call('POST', `/api/v1/directory-history/${library}/-/delete`, [2])).status).toBe(204)
      expect((await call('GET', `/api/v1/space/${library}/-/size`)).body).toEqual({ size: '3' })
    }))

  test('forbids moving onto a file that has versions', () =>
    using({ config }, async ({ upload, call, at, code }) => {
      await upload('f', 'one')
      await upload('f', 'two', 'conflict_resolution_strategy=overwrite')
      await upload('g', 'x')
      const move = call('PUT', `${at('file', 'f')}?conflict_resolution_strategy=overwrite`, { from: 'g' })
      expect(await code(move)).toEqual([400, 'OverwriteFileNotAllowed'])
    }))
})
