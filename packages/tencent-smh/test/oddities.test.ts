// What the emulator never does and a service may: answers that contradict what was sent, incomplete batches, other orders, redirects.
import { fromBytes } from '@anydrive/core'
import { buffer } from 'node:stream/consumers'
import { at, left, right } from './harness'
import { startRecorder, type Recorder, type Reply } from './recorder'

let recorder: Recorder
beforeAll(async () => {
  recorder = await startRecorder()
})
afterAll(() => recorder.close())

const digits = '11051210869376104954'
const begun = (confirmKey = 'ck', more: object = {}): Reply => [
  201,
  {
    domain: recorder.host,
    path: '/obj',
    headers: { Authorization: 'q-sign' },
    confirmKey,
    expiration: '2999-01-01T00:00:00.000Z',
    ...more,
  },
]
const confirmed = (path: ReadonlyArray<string> | null, more: object = {}): Reply => [
  200,
  { path, type: 'file', size: '9', crc64: digits, ...more },
]
const write = (path = 'f') => recorder.open().writeFile(at(path), fromBytes('123456789'), { conflict: 'overwrite' })
const requests = () =>
  recorder.lines().map((line) => line.replace(/\/api\/v1|\/smhxxxxxxxxxxxx|\/space04fzo07fdq61b/g, ''))
const endpoints = () =>
  requests().map((line) => line.replace(/[?&](access_token|with_inode|filesize)=[^& ]*/g, '').split(' {')[0])

describe('an upload whose confirmation contradicts what was sent', () => {
  test.each<[string, object]>([
    ['another checksum', { crc64: '7' }],
    ['another size', { size: 8 }],
  ])('%s is ChecksumMismatch', async (_name, more) => {
    recorder.script(begun(), [200], confirmed(['f'], more), [204])
    expect(await left(write())).toMatchObject({ _tag: 'ChecksumMismatch', algorithm: 'crc64xz' })
  })

  test('a checksum that the service does not tell is not made up', async () => {
    recorder.script(begun(), [200], [200, { path: ['f'] }])
    expect(await right(write())).toMatchObject({ size: 9, checksums: {}, evidence: 'vendor-checked:crc64xz' })
  })

  test('a store that tells of other bytes gets them once more', async () => {
    recorder.script(begun('ck1'), [200, undefined, { 'x-cos-hash-crc64ecma': '7' }], begun('ck2'))
    await recorder.open().writeFile(at('f'), fromBytes('123456789'), { timeout: 5000 })()
    expect(endpoints().filter((line) => line === 'PUT /obj 123456789')).toHaveLength(2)
  })
})

test('no path: the directory is made again, and the file sent into it', async () => {
  recorder.script(
    begun(),
    [200],
    confirmed(null),
    [409, { code: 'UploadComplete' }],
    [201],
    begun(),
    [200],
    confirmed(['d', 'f']),
  )
  expect(await right(write('d/f'))).toMatchObject({ path: 'd/f' })
  expect(endpoints()[4]).toBe('PUT /directory/d?conflict_resolution_strategy=ask')
})

test('a file that history keeps from being replaced goes up beside it, and takes its place by renames', async () => {
  const info = { type: 'file', size: '9', crc64: digits }
  recorder.script(
    [400, { code: 'OverwriteFileNotAllowed' }],
    begun(),
    [200],
    confirmed(['d', 'f.anydrive-x']),
    [200, info],
    [200, { path: ['d', 'x'] }],
    [204],
    [200, { result: [{ status: 200, recycledItemId: 1 }] }],
  )
  expect(await right(write('d/f'))).toMatchObject({ path: 'd/f', name: 'f', how: 'as-asked', replaced: true, size: 9 })
  expect(
    requests().map((line) =>
      line
        .replace(/anydrive-[0-9a-f]{12}/g, 'anydrive-x')
        .replace(/[?&](access_token|with_inode|filesize)=[^& ]*/g, ''),
    ),
  ).toEqual([
    'PUT /file/d/f?conflict_resolution_strategy=overwrite',
    'PUT /file/d/f.anydrive-x?conflict_resolution_strategy=overwrite',
    'PUT /obj 123456789',
    `POST /file/ck?confirm&conflict_resolution_strategy=overwrite {"crc64":"${digits}"}`,
    'GET /directory/d/f?info',
    'PUT /file/d/f.anydrive-x?conflict_resolution_strategy=ask {"from":"d/f"}',
    'PUT /file/d/f?conflict_resolution_strategy=ask {"from":"d/f.anydrive-x"}',
    'POST /batch?delete [{"path":"d/f.anydrive-x","permanent":false}]',
  ])
})

test.each([
  ['2999-01-01T00:00:00.000Z', { right: { path: 'd', how: 'as-asked', id: 'ab' } }],
  ['2001-01-01T00:00:00.000Z', { left: { _tag: 'NameConflict', existing: { path: 'd' } } }],
  [undefined, { left: { _tag: 'Indeterminate', found: { path: 'd' }, likely: 'done' } }],
])(
  'an effect that shows only after the lookup: by the service’s time of creation, %s',
  async (creationTime, answer) => {
    recorder.script(
      [500, { code: 'InternalServerError' }],
      [404, { code: 'FileNotFound' }],
      [409, { code: 'SameNameDirectoryOrFileExists' }],
      [200, { type: 'dir', inode: 'ab', creationTime, localCreationTime: '2020-01-01T00:00:00.000Z' }],
    )
    expect(await recorder.open().createDir(at('d'))()).toMatchObject(answer)
    expect(recorder.seen()).toHaveLength(4)
  },
)

describe('batches', () => {
  const items = [
    { from: at('a'), to: at('x') },
    { from: at('b'), to: at('y') },
  ]
  const told = async () => {
    const { outcomes } = await right(recorder.open().batchMove(items))
    return outcomes.map((o) => (o.status === 'done' ? o.path : o.error._tag))
  }

  test('answers in another order are put to their items by what they echo', async () => {
    recorder.script([
      200,
      {
        result: [
          { status: 200, path: ['y (1)'], to: ['y'] },
          { status: 204, to: ['x'] },
        ],
      },
    ])
    expect(await told()).toEqual(['x', 'y (1)'])
  })

  test('fewer answers than items: the rest is Indeterminate', async () => {
    recorder.script([207, { result: [{ status: 204, to: ['x'] }] }])
    expect(await told()).toEqual(['x', 'Indeterminate'])
  })

  test('200 although an item failed, and statuses that are texts', async () => {
    recorder.script([200, { result: [{ status: '403' }, { status: '204' }] }])
    expect(await told()).toEqual(['Forbidden', 'y'])
  })

  test('without a result and without a task, nothing is claimed', async () => {
    recorder.script([200, {}])
    expect(await told()).toEqual(['Indeterminate', 'Indeterminate'])
  })

  test('a whole request that is refused is a left', async () => {
    recorder.script([403, { code: 'NoPermission' }])
    expect(await left(recorder.open().batchMove(items))).toMatchObject({ _tag: 'Forbidden', operation: 'batchMove' })
  })
})

describe('downloads', () => {
  const located = (more: object = {}): Reply => [
    200,
    { type: 'file', size: '9', crc64: digits, eTag: '"e"', cosUrl: `http://${recorder.host}/get?sign=hush`, ...more },
  ]
  const read = async () => buffer((await right(recorder.open().readFile(at('f')))).stream)

  test('wrong bytes fail the stream before its end', async () => {
    recorder.script(located(), [200, '12345678X'])
    await expect(read()).rejects.toMatchObject({ code: 'ChecksumMismatch' })
  })

  test('an object with another checksum is another version', async () => {
    recorder.script(located(), [200, '123456789', { 'x-cos-hash-crc64ecma': '7' }])
    expect(await left(recorder.open().readFile(at('f')))).toMatchObject({ _tag: 'PreconditionFailed' })
  })

  test('a file that was replaced after it was looked up has changed; it is not missing', async () => {
    const noSuchKey: Reply = [404, '<Error><Code>NoSuchKey</Code></Error>']
    recorder.script(located(), noSuchKey, located({ eTag: '"f"' }))
    expect(await left(recorder.open().readFile(at('f')))).toMatchObject({ _tag: 'PreconditionFailed' })
    recorder.script(located(), noSuchKey, located(), [200, '123456789'])
    expect((await read()).toString()).toBe('123456789')
    recorder.script(located(), noSuchKey, located(), noSuchKey)
    expect(await left(recorder.open().readFile(at('f')))).toMatchObject({ _tag: 'NotFound', code: 'cos:NoSuchKey' })
  })

  test('a store that knows no ranges is not taken for one that does', async () => {
    recorder.script(located(), [200, '123456789'])
    expect(await left(recorder.open().readFile(at('f'), { range: { start: 3 } }))).toMatchObject({
      _tag: 'UnexpectedResponse',
    })
  })

  test('redirects are not followed, and the link is in no error', async () => {
    recorder.script(located(), [302, '', { location: 'http://elsewhere.invalid/' }])
    const error = await left(recorder.open().readFile(at('f')))
    expect([error._tag, recorder.seen().length]).toEqual(['UnexpectedResponse', 2])
    expect(JSON.stringify(error)).not.toMatch(/hush|elsewhere/)
  })

  test('a link that is none is UnexpectedResponse', async () => {
    recorder.script(located({ cosUrl: 'file:///etc/passwd' }))
    expect(await left(recorder.open().readFile(at('f')))).toMatchObject({ _tag: 'UnexpectedResponse' })
  })

  test('the token does not go to the store', async () => {
    recorder.script(located(), [200, '123456789'])
    expect((await read()).toString()).toBe('123456789')
    const [, get] = recorder.seen()
    expect(get?.line).toBe('GET /get?sign=hush')
    expect(JSON.stringify(get?.headers)).not.toContain('acctk')
  })
})
