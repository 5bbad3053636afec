import { path, type Fault } from '@anydrive/core'
import type { HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import type * as t from 'io-ts'
import * as errors from '../src/errors'
import { outcomesOf } from '../src/tasks'
import * as translate from '../src/translate'
import * as wire from '../src/wire'

const decode = <A>(codec: t.Decoder<unknown, A>, body: unknown): A => {
  const read = codec.decode(body)
  if (E.isLeft(read))
    throw new Error(`does not decode: ${JSON.stringify(read.left.map((e) => e.context.map((c) => c.key)))}`)
  return read.right
}
const answer = (status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  header: (name) => headers[name.toLowerCase()],
  text: typeof body === 'string' ? body : JSON.stringify(body),
  attempts: 1,
  sentAt: 0,
  receivedAt: 0,
  effect: 'unknown',
})
const fault = (status: number, body: unknown, headers?: Record<string, string>): Fault =>
  errors.toFault(answer(status, body, headers), 0)

const folder = {
  id: 'FqDemo000000000000000000000000001',
  fileName: 'reports',
  fileType: '10',
  mimeType: 'application/vnd.huawei-apps.folder',
  recycled: false,
  parentFolder: ['DEUI7pa0C24ArootIAADemo'],
  containers: ['IAADemo'],
  createdTime: '2025-11-03T07:01:40.000Z',
  editedTime: '2025-11-03T07:01:40.000Z',
  size: 0,
}
const file = { ...folder, id: 'FfDemo', fileName: 'a.pdf', fileType: '45', mimeType: 'application/pdf', size: '12' }

describe('the bodies of the documentation decode', () => {
  test('a folder made', () => {
    const body = {
      id: 'FqDemo',
      fileName: 'reports',
      mimeType: 'application/vnd.huawei-apps.folder',
      code: 0,
      msg: 'success',
    }
    expect(decode(wire.CreatedDirectory, body)).toEqual({ id: 'FqDemo', fileName: 'reports' })
  })

  test('a file announced, without rapidUpload', () => {
    const body = {
      fileId: 'FnDemo',
      containerId: 'IAADemo',
      fileName: 'test_20240104_105403.zip',
      uploadId: '0000018CD26464022026422966B8879A',
      parentFolder: ['DEUI7pa0C24ArootIAADemo'],
      exist: false,
      multiParts: [{ partNumber: 1, partSize: 22106481, partOffset: 0, uploadUrl: 'https://store/key?partNumber=1' }],
      code: 0,
      msg: 'Success.',
    }
    const decoded = decode(wire.CreatedFile, body)
    expect(decoded.rapidUpload).toBeUndefined()
    expect(decoded.multiParts).toEqual([{ partNumber: 1, uploadUrl: 'https://store/key?partNumber=1' }])
  })

  test('a job that copied one item', () => {
    const body = {
      data: {
        jobInfo: {
          taskId: '1309243162258308352',
          userId: '40086000000000001-369528170000000001',
          taskType: 1,
          actionType: 101,
          status: 2,
          progress: 100,
          taskResultCode: 1,
          contentNum: 1,
          containerId: 'IAADemo',
          beginTime: '20231212095227',
          endTime: '20231212095227',
          createTime: '20231212095227',
        },
        taskInfos: [{ fileId: 'FuSource', status: '1', newFileId: 'FtCopy', srcContainerId: 'IAADemo' }],
      },
      code: 0,
      msg: '成功',
    }
    const outcomes = outcomesOf(decode(wire.JobDetail, body).data)
    expect(outcomes('FuSource')).toEqual({ status: 'done', newFileId: 'FtCopy' })
  })

  test('the spaces of a user, whose numbers are texts', () => {
    const space = {
      type: '1',
      status: '0',
      ownerId: '369528170000000001',
      containerId: 'IAADemo',
      capacity: '100',
      spaceUsed: '91966408',
    }
    expect(decode(wire.Spaces, { data: [space], code: 0 }).data[0]).toMatchObject({
      capacity: 100,
      spaceUsed: 91966408,
    })
  })

  test('a carrier session, with its fields in sessionInfo or beside it', () => {
    const session = { accessToken: 'AT 3b91', expiresIn: 1800, issuedAt: '1700000000000', refreshToken: 'r' }
    expect(decode(wire.RefreshedCarrierSession, { data: { sessionInfo: session } }).data).toEqual({
      sessionInfo: { accessToken: 'AT 3b91', refreshToken: 'r' },
    })
    expect(decode(wire.RefreshedCarrierSession, { data: session }).data).toEqual({
      accessToken: 'AT 3b91',
      refreshToken: 'r',
    })
  })
})

describe('lists', () => {
  const page = (body: object) => translate.toFilePage('before')(decode(wire.FileList, body))
  const ids = (body: object) => E.map((p: translate.FilePage) => p.files.map(({ id }) => id))(page(body))

  test.each([
    ['files', { files: [folder] }],
    ['data', { data: [folder] }],
    ['data.files', { data: { files: [folder] } }],
  ])('items are found in %s', (_, body) => {
    expect(ids(body)).toEqual(E.right([folder.id]))
  })

  test('an answer without items anywhere is not an empty page', () => {
    expect(page({ category: 'drive#fileList' })).toMatchObject({ left: { _tag: 'UnexpectedResponse' } })
  })

  test.each([
    ['nextCursor', { nextCursor: 'c' }, 'c'],
    ['nextPageCursor', { nextPageCursor: 'c' }, 'c'],
    ['pageInfo.nextCursor', { pageInfo: { nextCursor: 'c' } }, 'c'],
    ['an empty cursor', { nextCursor: '' }, undefined],
    ['a null cursor', { nextCursor: null }, undefined],
    ['no cursor', {}, undefined],
  ])('the end is told by %s', (_, body, next) => {
    expect(page({ files: [], ...body })).toMatchObject({ right: { next } })
  })

  test('a cursor that leads to itself is an error, not an endless list', () => {
    expect(page({ files: [], nextCursor: 'before' })).toMatchObject({ left: { _tag: 'UnexpectedResponse' } })
  })

  test('each id is listed once, what is in the bin not at all, and a name that cannot be a segment apart', () => {
    const files = [folder, folder, { ...file, recycled: true }, { ...file, id: 'Fx', fileName: 'a/b' }]
    const listed = translate.toPage(path('dir'))({
      files: decode(wire.FileList, { files }).files?.filter((f) => f.recycled !== true) ?? [],
      next: 'n',
    })
    expect(listed.items.map(({ path: p }) => p)).toEqual(['dir/reports'])
    expect(listed.skipped).toEqual(['a/b'])
    expect(listed.next).toBe('n')
  })

  test('the places of what does not decode are told, never the values', () => {
    const read = wire.FileList.decode({ files: [{ ...folder, id: 7, fileName: 'secret name' }] })
    expect(
      JSON.stringify(E.isLeft(read) ? read.left.map(({ context }) => context.map(({ key }) => key).join('.')) : 'read'),
    ).toContain('id')
  })
})

describe('entries', () => {
  const entry = (over: object) => translate.toEntry(path('x'), decode(wire.File, { ...file, ...over }))

  test('a file has size, times, type and a version; a version changes with its edits', () => {
    const one = entry({})
    expect(one).toMatchObject({
      kind: 'file',
      size: 12,
      contentType: 'application/pdf',
      modifiedAt: new Date('2025-11-03T07:01:40Z'),
    })
    const version = (over: object) => {
      const it = entry(over)
      return it.kind === 'file' ? it.version : undefined
    }
    expect(version({})).toBe(version({}))
    expect(
      new Set([
        version({}),
        version({ id: 'F2' }),
        version({ size: 13 }),
        version({ editedTime: '2025-11-03T07:01:41Z' }),
      ]).size,
    ).toBe(4)
    expect(version({ editedTime: '' })).toBeUndefined()
  })

  test.each([
    ['10', undefined, 'directory'],
    [10, undefined, 'directory'],
    [undefined, 'application/vnd.huawei-apps.folder', 'directory'],
    ['11', undefined, 'other'],
    ['45', 'text/plain', 'file'],
  ])('type %s and MIME type %s is a %s', (fileType, mimeType, kind) => {
    expect(entry({ fileType, mimeType }).kind).toBe(kind)
  })

  test.each(['2023-11-14T20:39:06.000Z', '2023-11-14T20:39:06Z', '2023-11-14 20:39:06'])(
    '%s is a time in UTC',
    (text) => {
      expect(translate.toDate(text)).toEqual(new Date('2023-11-14T20:39:06Z'))
    },
  )

  test('times are sent in the spelling of each call', () => {
    const date = new Date('2023-08-18T05:43:49.123Z')
    expect(translate.directoryTime(date)).toBe('2023-08-18T05:43:49.123Z')
    expect(translate.fileTime(date, 'standard')).toBe('2023-08-18T05:43:49Z')
    expect(translate.fileTime(date, 'carrier')).toBe('2023-08-18 05:43:49')
  })
})

describe('the documented errors', () => {
  test.each([
    [13000201, 500, 'Unavailable', {}],
    [13000301, 400, 'NotFound', { what: 'space' }],
    [13000302, 400, 'NotFound', { what: 'source' }],
    [13000304, 400, 'NotFound', { what: 'parent' }],
    [13000305, 400, 'NotFound', { what: 'parent' }],
    [13000306, 400, 'NotFound', { what: 'source' }],
    [13000307, 400, 'NestedTarget', {}],
    [13000308, 400, 'Unavailable', {}],
    [13000309, 400, 'NotFound', { what: 'source' }],
    [13000310, 400, 'LimitExceeded', { limit: 'depth' }],
    [13000311, 400, 'QuotaExceeded', {}],
    [13000401, 400, 'NotFound', { what: 'upload' }],
    [13000402, 400, 'ChecksumMismatch', { algorithm: 'sha256' }],
    [13000403, 400, 'Unavailable', {}],
    [13000404, 400, 'NotFound', { what: 'parent' }],
    [13000405, 400, 'NameConflict', {}],
    [13000406, 400, 'WrongKind', { expected: 'file' }],
    [13000410, 400, 'Forbidden', {}],
    [13000412, 400, 'Forbidden', {}],
    [13000416, 400, 'NotFound', { what: 'space' }],
    [13000417, 400, 'LimitExceeded', { limit: 'name' }],
    [13000419, 400, 'InvalidPath', {}],
    [13000102, 400, 'UnexpectedResponse', {}],
  ])('%i with status %i is %s', (code, status, tag, details) => {
    expect(fault(status, { code, msg: 'm' })).toMatchObject({
      _tag: tag,
      code: String(code),
      http: status,
      said: 'm',
      ...details,
    })
    expect(fault(status, { code: String(code), msg: 'm' })._tag).toBe(tag)
    expect(fault(200, { code, msg: 'm' })._tag).toBe(tag)
  })

  test('the keys of the first generation and of the gateway are read as well', () => {
    expect(fault(400, { error_code: '13000405', error_msg: 'Duplicate' })).toMatchObject({
      _tag: 'NameConflict',
      said: 'Duplicate',
    })
    expect(fault(401, { error_code: 'APIGW.0301', error_msg: 'no', request_id: 'r1' })).toMatchObject({
      _tag: 'Unauthenticated',
      code: 'APIGW.0301',
      requestId: 'r1',
    })
  })

  test('authentication is told by 401, or by the words of a code that is not listed', () => {
    expect(errors.isUnauthenticated(answer(401, 'anything'))).toBe(true)
    expect(errors.isUnauthenticated(answer(400, { code: 13000420, msg: 'The token has expired' }))).toBe(true)
    expect(errors.isUnauthenticated(answer(400, { code: 13000499, msg: '鉴权失败' }))).toBe(true)
    expect(errors.isUnauthenticated(answer(400, { code: 13000405, msg: 'a file named token' }))).toBe(false)
    expect(errors.isUnauthenticated(answer(400, { code: 13000102, msg: 'Verify parameters failed.' }))).toBe(false)
  })

  test('429 waits as long as the service asks', () => {
    expect(fault(429, {}, { 'retry-after': '3' })).toMatchObject({ _tag: 'RateLimited', retryAfterMs: 3000 })
  })

  test('no answer of any kind makes the translation fail', () => {
    for (const body of ['', 'null', '[]', '"x"', '<html>', '{"code":{}}', '{"msg":7}'])
      for (const status of [200, 302, 400, 404, 418, 502]) expect(fault(status, body)._tag).toMatch(/^[A-Z]/)
  })

  test('what the service said is kept short and without tokens', () => {
    const said =
      fault(400, { code: 1, msg: `see https://x/y?X-Amz-Signature=abcdef0123 Bearer deadbeef ${'x'.repeat(900)}` })
        .said ?? ''
    expect(said).not.toMatch(/abcdef0123|deadbeef/)
    expect(said.length).toBeLessThanOrEqual(300)
  })
})

describe('jobs', () => {
  const detail = (jobInfo: object, taskInfos: ReadonlyArray<object>) =>
    decode(wire.JobDetail, { data: { jobInfo: { status: 2, ...jobInfo }, taskInfos } }).data

  test('in a partial failure each item is judged by its own status', () => {
    const outcomes = outcomesOf(
      detail({ taskResultCode: 2 }, [
        { fileId: 'a', status: '1' },
        { fileId: 'b', status: '2', resultCode: 13000311, msg: 'full' },
        { fileId: 'c', status: 2 },
      ]),
    )
    expect(outcomes('a')).toMatchObject({ status: 'done' })
    expect(outcomes('b')).toMatchObject({ status: 'failed', fault: { _tag: 'QuotaExceeded', said: 'full' } })
    expect(outcomes('c')).toMatchObject({ status: 'failed', fault: { _tag: 'Unavailable' } })
    expect(outcomes('d')).toMatchObject({ status: 'failed', fault: { _tag: 'Indeterminate' } })
  })

  test('an item that is there already was moved; one in the bin already was trashed by us only if we asked twice', () => {
    const moved = detail({ taskResultCode: 3, actionType: 301 }, [{ fileId: 'a', status: '2', resultCode: '13000312' }])
    expect(outcomesOf(moved)('a').status).toBe('done')
    const trashed = detail({ taskResultCode: 3, actionType: 201 }, [
      { fileId: 'a', status: '2', resultCode: '13000306' },
    ])
    expect(outcomesOf(trashed)('a').status).toBe('failed')
    expect(outcomesOf(trashed, true)('a').status).toBe('done')
  })
})

test.each(['Bearer 0a1b', 'Bearer+0a1b', 'Bearer%200a1b', 'AT 0a1b', 'AT+0a1b', 'bearer 0a1b', '0a1b', ' 0a1b '])(
  'of %p the token alone is kept',
  (text) => {
    expect(translate.bareToken(text)).toBe('0a1b')
  },
)

test('paths of names and ids lose the root', () => {
  expect(translate.pathOfNames('/rootIAADemo/a/b c')).toBe('a/b c')
  expect(translate.pathOfNames('/rootIAADemo')).toBe('')
  expect(translate.idsOfPath('/DEUI7pa0C24ArootIAADemo/F1/F2')).toEqual(['F1', 'F2'])
})
