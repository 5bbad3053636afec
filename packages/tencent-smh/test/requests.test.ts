// The requests themselves, byte for byte, as a plain server sees them.
import { fromBytes } from '@anydrive/core'
import { at, left, right } from './harness'
import { startRecorder, type Recorder, type Reply } from './recorder'

let recorder: Recorder
beforeAll(async () => {
  recorder = await startRecorder()
})
afterAll(() => recorder.close())
const open: Recorder['open'] = (settings) => recorder.open(settings)
const lines = () => recorder.lines()

describe('the three calls that the project began with', () => {
  test('create directory', async () => {
    recorder.script([201, { creationTime: '2025-09-29T02:53:09.000Z' }])
    await right(open().createDir(at('foo/bar')))
    expect(lines()).toEqual([
      'PUT /api/v1/directory/smhxxxxxxxxxxxx/space04fzo07fdq61b/foo/bar?conflict_resolution_strategy=ask&with_inode=1&access_token=acctk01f7af',
    ])
  })

  test('create directory, renaming, for a business user', async () => {
    recorder.script([201, { creationTime: '2025-09-29T02:53:09.000z', path: ['foo', 'bar (1)'], inode: 'ab' }])
    const made = await right(open({ userId: 'user 1' }).createDir(at('foo/bar'), { conflict: 'rename' }))
    expect(made).toMatchObject({ path: 'foo/bar (1)', how: 'renamed', id: 'ab' })
    expect(lines()).toEqual([
      'PUT /api/v1/directory/smhxxxxxxxxxxxx/space04fzo07fdq61b/foo/bar?conflict_resolution_strategy=rename&with_inode=1&user_id=user%201&access_token=acctk01f7af',
    ])
  })

  test('copy directory', async () => {
    recorder.script([204])
    expect(await right(open().copyDir(at('foo/bar'), at('foo/baz')))).toEqual({ path: 'foo/baz', how: 'as-asked' })
    expect(lines()).toEqual([
      'PUT /api/v1/directory/smhxxxxxxxxxxxx/space04fzo07fdq61b/foo/baz?conflict_resolution_strategy=ask&access_token=acctk01f7af {"copyFrom":"foo/bar"}',
    ])
  })

  test('batch move', async () => {
    recorder.script([
      207,
      {
        result: [
          { status: 204, moveAuthority: false, from: ['foo', 'bar_old'], to: ['foo', 'bar'] },
          { status: 200, path: ['bar', '1 (1).jpg'], from: ['foo', '1.jpg'], to: ['bar', '1.jpg'] },
          { status: 404, code: 'SourceFileNotFound', from: ['nix'], to: ['nax'] },
        ],
      },
    ])
    const { outcomes } = await right(
      open().batchMove([
        { from: at('foo/bar_old'), to: at('foo/bar') },
        { from: at('foo/1.jpg'), to: at('bar/1.jpg'), conflict: 'rename' },
        { from: at('nix'), to: at('nax'), conflict: 'overwrite', fromSpace: 'space2' },
      ]),
    )
    expect(lines()).toEqual([
      'POST /api/v1/batch/smhxxxxxxxxxxxx/space04fzo07fdq61b?move&access_token=acctk01f7af ' +
        '[{"from":"foo/bar_old","to":"foo/bar","conflictResolutionStrategy":"ask"},' +
        '{"from":"foo/1.jpg","to":"bar/1.jpg","conflictResolutionStrategy":"rename"},' +
        '{"from":"nix","to":"nax","fromSpaceId":"space2","conflictResolutionStrategy":"overwrite"}]',
    ])
    expect(recorder.seen()[0]?.headers['content-type']).toBe('application/json')
    expect(outcomes.map((o) => (o.status === 'done' ? [o.path, o.how] : o.error._tag))).toEqual([
      ['foo/bar', 'as-asked'],
      ['bar/1 (1).jpg', 'renamed'],
      'NotFound',
    ])
    expect(outcomes[0]).not.toHaveProperty('moveAuthority')
  })

  test('batch move with the folders’ permissions, and their echo', async () => {
    recorder.script([200, { result: [{ status: 204, moveAuthority: true, from: ['a'], to: ['b'] }] }])
    const { outcomes } = await right(open().smh.batchMove([{ from: at('a'), to: at('b'), moveAuthority: true }]))
    expect(recorder.seen()[0]?.body).toBe(
      '[{"from":"a","to":"b","conflictResolutionStrategy":"ask","moveAuthority":true}]',
    )
    expect(outcomes).toEqual([
      {
        status: 'done',
        path: 'b',
        how: 'as-asked',
        moveAuthority: true,
        item: { from: 'a', to: 'b', moveAuthority: true },
      },
    ])
  })
})

describe('every shape of a response to copying a directory', () => {
  test.each<[string, Reply, { path: string; how: string }]>([
    ['200 with a path', [200, { path: ['b (1)'] }], { path: 'b (1)', how: 'renamed' }],
    ['200 with the requested path', [200, { path: ['b'] }], { path: 'b', how: 'as-asked' }],
    ['201', [201, { path: ['b'] }], { path: 'b', how: 'as-asked' }],
  ])('%s', async (_name, reply, placed) => {
    recorder.script(reply)
    expect(await right(open().copyDir(at('a'), at('b'), { conflict: 'rename' }))).toEqual(placed)
  })

  test('204 is a success that names no path, which only rename needs', async () => {
    recorder.script([204])
    expect(await right(open().copyDir(at('a'), at('b')))).toEqual({ path: 'b', how: 'as-asked' })
    recorder.script([204])
    expect(await left(open().copyDir(at('a'), at('b'), { conflict: 'rename' }))).toMatchObject({
      _tag: 'Indeterminate',
    })
  })

  test.each([
    [{ taskId: 10 }, [{ taskId: 10, status: 202 }], [{ taskId: 10, status: 200, result: { path: ['b'] } }]],
    [{ taskId: '10' }, [{ taskId: 10, status: 202 }], [{ id: 10, status: 200, result: { path: ['b'] } }]],
    [{ id: 10 }, [{ id: '10', status: '202' }], [{ id: '10', status: '200', result: [{ status: 200, path: ['b'] }] }]],
    [{ taskId: 10 }, [{ taskId: 10, status: 202, result: null }], [{ taskId: 10, status: 204 }]],
  ])('202 with %j, then tasks', async (started, running, ended) => {
    recorder.script([202, started], [200, running], [200, ended])
    expect(await right(open().copyDir(at('a'), at('b')))).toEqual({ path: 'b', how: 'as-asked' })
    expect(recorder.seen()[1]?.line).toBe(
      'GET /api/v1/task/smhxxxxxxxxxxxx/space04fzo07fdq61b/10?access_token=acctk01f7af',
    )
  })

  test.each([{}, { path: 'b' }, { path: ['b'] }, null, undefined, 'text'])(
    '202 with %j, which names no task, is Indeterminate, and nothing is sent again',
    async (body) => {
      recorder.script([202, body as object])
      expect(await left(open().copyDir(at('a'), at('b')))).toMatchObject({ _tag: 'Indeterminate', http: 202 })
      expect(recorder.seen()).toHaveLength(1)
    },
  )
})

test('uploading goes to the store with exactly the headers returned, and without the token', async () => {
  recorder.script(
    [
      201,
      {
        ...{ domain: recorder.host, path: 'smhxxx/key.txt', confirmKey: 'ck1', expiration: '2999-01-01T00:00:00.000Z' },
        headers: { Authorization: 'q-sign', 'x-cos-security-token': 'tok', 'Content-Type': 'text/plain' },
      },
    ],
    [200, undefined, { etag: '"e"' }],
    [200, { path: ['a', 'f.txt'], name: 'f.txt', type: 'file', size: '9', crc64: '11051210869376104954' }],
  )
  const written = await right(open().writeFile(at('a/f.txt'), fromBytes('123456789'), { modifiedAt: new Date(0) }))
  expect(lines()).toEqual([
    'PUT /api/v1/file/smhxxxxxxxxxxxx/space04fzo07fdq61b/a/f.txt?conflict_resolution_strategy=ask&filesize=9&access_token=acctk01f7af {"localModificationTime":"1970-01-01T00:00:00.000Z"}',
    'PUT /smhxxx/key.txt 123456789',
    'POST /api/v1/file/smhxxxxxxxxxxxx/space04fzo07fdq61b/ck1?confirm&conflict_resolution_strategy=ask&with_inode=1&access_token=acctk01f7af {"crc64":"11051210869376104954","localModificationTime":"1970-01-01T00:00:00.000Z"}',
  ])
  const put = recorder.seen()[1]?.headers
  expect([put?.authorization, put?.['x-cos-security-token'], put?.['content-type'], put?.['content-length']]).toEqual([
    'q-sign',
    'tok',
    'text/plain',
    '9',
  ])
  expect(JSON.stringify(put)).not.toContain('acctk')
  expect(written).toMatchObject({ size: 9, checksums: { crc64xz: '995dc9bbdf1939fa' }, modifiedAt: new Date(0) })
})

test('names are encoded segment by segment', async () => {
  recorder.script([200, { type: 'dir' }])
  await right(open().stat(at('100% of it/#a?b/ü (1)*')))
  expect(recorder.seen()[0]?.line).toBe(
    'GET /api/v1/directory/smhxxxxxxxxxxxx/space04fzo07fdq61b/100%25%20of%20it/%23a%3Fb/%C3%BC%20%281%29%2A?info&with_inode=1&access_token=acctk01f7af',
  )
})

test('listing always pages by marker, at most a hundred at once', async () => {
  recorder.script([200, { contents: [], nextMarker: 1013 }])
  expect(await right(open().list(at('/'), { limit: 5000, cursor: 'm=/1' }))).toEqual({ items: [], next: '1013' })
  expect(recorder.seen()[0]?.line).toBe(
    'GET /api/v1/directory/smhxxxxxxxxxxxx/space04fzo07fdq61b?by-marker=1&marker=m%3D%2F1&limit=100&with_inode=1&access_token=acctk01f7af',
  )
})

test('an answer that does not decode is told by its places, never its values', async () => {
  recorder.script([200, { contents: [{ name: 7, type: 'acctk-secret-value' }], nextMarker: ['acctk-secret-value'] }])
  const error = await left(open().list(at('/')))
  expect(error).toMatchObject({
    _tag: 'UnexpectedResponse',
    issues: [
      { at: 'contents[0].name', got: 'number' },
      { at: 'nextMarker', got: 'array' },
    ],
  })
  expect(JSON.stringify(error)).not.toContain('acctk-secret-value')
})

test('a server that is not there is Network, and no error prints a token', async () => {
  const error = await left(open({ baseUrl: 'http://127.0.0.1:1' }).stat(at('a')))
  expect(error._tag).toBe('Network')
  expect(JSON.stringify(error)).not.toContain('acctk')
})
