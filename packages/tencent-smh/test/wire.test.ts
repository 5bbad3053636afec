// The documents' own example bodies decode, errors mean what the table says, and words are translated both ways.
import { crc64FromDecimal } from '@anydrive/checksums'
import { isSecret, reveal } from '@anydrive/core'
import type { HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import { inspect } from 'node:util'
import { isExpired, toFault, toStoreFault } from '../src/errors'
import { createChainedHash } from '../src/bytes'
import { taskIdOf, toCursor, toDate, toEntry, toPage } from '../src/translate'
import * as wire from '../src/wire'
import { at } from './harness'

const response = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpResponse => ({
  status,
  header: (name) => headers[name.toLowerCase()],
  text: typeof body === 'string' ? body : JSON.stringify(body),
  attempts: 1,
  sentAt: 0,
  receivedAt: 0,
  effect: status >= 500 ? 'unknown' : 'none',
})
const rightOf = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(inspect(either.left, { depth: 6 }))
  return either.right
}

describe('what SMH answers', () => {
  test('a created directory is proved by a creation time or a path, under rename by the path alone', () => {
    const bodies = [
      { creationTime: '2025-09-29T02:53:09.000Z' },
      { creationTime: '2025-09-29T02:53:09.000z', path: ['foo', 'bar (1)'] },
      { path: ['foo', 'bar'], inode: 'ab', creationTime: null },
      ...[{}, null, 'text', [], { inode: 'ab' }, { name: 'w' }, { path: 'foo' }, { creationTime: 7 }, undefined],
    ]
    const accepted = (codec: { readonly decode: (u: unknown) => E.Either<unknown, unknown> }) =>
      bodies.flatMap((body, i) => (E.isRight(codec.decode(body)) ? [i] : []))
    expect(accepted(wire.CreatedDirectory)).toEqual([0, 1, 2])
    expect(accepted(wire.CreatedOrEmpty)).toEqual([0, 1, 2, bodies.length - 1])
    expect(accepted(wire.RenamedDirectory)).toEqual([1, 2])
  })

  test('a page of a list, whose marker is a string, a number, null, empty or missing', () => {
    const contents = [
      { name: 'sub', type: 'dir', path: ['foo', 'bar', 'sub'], eTag: '0', labels: [], localSync: null },
      {
        ...{
          name: 'a.pdf',
          type: 'file',
          versionId: null,
          contentType: 'application/pdf',
          size: '1048576',
          eTag: '"e"',
        },
        ...{ crc64: '123', creationTime: '2020-09-22T07:43:01.000Z', modificationTime: '2020-09-22T07:43:02.000z' },
      },
    ]
    const markers = ['opaque', 1013, null, '', undefined]
    const next = markers.map((nextMarker) => {
      const page = toPage(at('foo/bar'), rightOf(wire.Contents.decode({ contents, nextMarker })))
      return page.next
    })
    expect(next).toEqual(['opaque', '1013', undefined, undefined, undefined])
    expect(toCursor(0)).toBe('0')
  })

  test('sizes are strings or numbers; what is no size is told by its place and not by its value', () => {
    const entry = (size: unknown) =>
      toEntry(at('f'), 'file', rightOf(wire.Info.decode({ type: 'file', size, crc64: '1' })))
    expect(
      [entry('1048576'), entry(1048576)].map((e) => E.isRight(e) && e.right.kind === 'file' && e.right.size),
    ).toEqual([1048576, 1048576])
    expect(entry('very-secret')).toMatchObject({ left: { _tag: 'UnexpectedResponse', issues: [{ at: 'size' }] } })
    expect(inspect(entry('very-secret'))).not.toContain('very-secret')
  })

  test('moves and copies answer with a path, or a task by either name; nothing else is a success', () => {
    const ids = [{ path: ['foo', 'bar (1)'] }, { taskId: 10 }, { id: 10 }, { taskId: '10' }].map((body) =>
      taskIdOf(rightOf(wire.PlacedOrStarted.decode(body)) as object),
    )
    expect(ids).toEqual([undefined, '10', '10', '10'])
    const refused = [{}, null, undefined, { path: null }, { name: 'w' }, { path: 'foo' }]
    expect(refused.map((body) => E.isLeft(wire.PlacedOrStarted.decode(body)))).toEqual(refused.map(() => true))
  })

  test('accepted work names its task, or does not', () => {
    const ids = [{ taskId: 10 }, { id: '7' }, {}, null, undefined, 'text', { path: ['b'] }].map((body) =>
      taskIdOf(rightOf(wire.Accepted.decode(body))),
    )
    expect(ids).toEqual(['10', '7', undefined, undefined, undefined, undefined, undefined])
  })

  test('an upload is confirmed by its path, which may be null', () => {
    const bodies = [{ path: ['a'] }, { path: null }, {}, null, undefined, { name: 'w' }, { size: '3', crc64: '7' }]
    expect(bodies.map((body) => E.isRight(wire.Uploaded.decode(body)))).toEqual([
      ...[true, true, false, false, false, false, false],
    ])
  })

  test('batch items with numbers and strings as status, with and without code and message', () => {
    const answer = rightOf(
      wire.BatchAnswer.decode({
        result: [
          { status: 204, moveAuthority: false, from: ['foo', 'bar_old'], to: ['foo', 'bar'] },
          { status: '200', path: ['bar', '1 (1).jpg'], from: ['foo', '1.jpg'], to: ['bar', '1.jpg'] },
          { status: 404, code: 'DirectoryNotFound', message: 'Directory not found.', recycledItemId: 3 },
          { status: 500 },
        ],
      }),
    )
    expect('result' in answer && answer.result.map(({ status }) => status)).toEqual([204, 200, 404, 500])
    expect(E.isLeft(wire.BatchAnswer.decode({ result: [{ status: 'fine' }] }))).toBe(true)
  })

  test('tasks with an array, an object, and nothing', () => {
    const tasks = rightOf(
      wire.Tasks.decode([
        { taskId: 17, status: 200, result: [{ status: 204, from: ['foo', 'a'], to: ['foo', 'b'] }] },
        { id: 10, status: 200, result: { path: ['foo', 'bar'] } },
        { taskId: '18', status: '202' },
      ]),
    )
    expect(tasks.map((task) => [taskIdOf(task), task.status])).toEqual([
      ['17', 200],
      ['10', 200],
      ['18', 202],
    ])
  })

  test('a begun upload, whose headers are secrets', () => {
    const begun = rightOf(
      wire.BegunUpload.decode({
        ...{ domain: 'bucket-1250000000.cos.ap-beijing.myqcloud.com', path: '/smhxxx/xxx.mp4' },
        headers: { Authorization: 'signed', 'x-cos-security-token': 'tok', 'Content-Type': 'video/mp4', 'x-empty': '' },
        ...{ confirmKey: '8a2465', expiration: '2021-07-24T10:34:32.000Z', availableDomainNum: 1 },
      }),
    )
    expect(isSecret(begun.headers?.['Authorization'])).toBe(true)
    expect(inspect(begun)).not.toContain('signed')
  })

  test('the headers of each part, which are secrets, too', () => {
    const headers = { 'x-amz-date': '20260917T020318Z', authorization: 'signed' }
    const renewed = rightOf(
      wire.UploadTarget.decode({
        ...{ domain: 'd', path: '/p', expiration: '2026-09-17T03:03:18.000Z', parts: { 1: { headers } } },
      }),
    )
    expect(isSecret(renewed.parts?.['1']?.headers['authorization'])).toBe(true)
    expect(inspect(renewed, { depth: 9 })).not.toMatch(/signed|20260917/)
  })

  test('the status of an upload, with its capitalised parts', () => {
    const status = rightOf(
      wire.UploadStatus.decode({
        ...{ confirmed: false, path: ['foo', 'x.mp4'], type: 'file', uploadId: 'u' },
        parts: [{ PartNumber: 1, LastModified: 'x', ETag: '"e"', Size: 1048576 }],
      }),
    )
    expect(status.parts).toEqual([{ PartNumber: 1, Size: 1048576 }])
  })

  test('a token is a secret as soon as it is decoded', () => {
    const token = rightOf(wire.Token.decode({ accessToken: 'acctk01f7af', expiresIn: 86400 }))
    expect([JSON.stringify(token), reveal(token.accessToken)]).toEqual([
      '{"accessToken":"[secret]","expiresIn":86400}',
      'acctk01f7af',
    ])
  })

  test('a quota that is null, and sizes of usage', () => {
    const usage = rightOf(
      wire.SpaceUsages.decode([{ spaceId: '-', capacity: null, availableSpace: null, size: '123' }]),
    )
    expect(usage).toEqual([{ spaceId: '-', capacity: null, size: '123' }])
  })
})

describe('entries', () => {
  test('dates in either case of the zone; what is no date is absent', () => {
    expect(toDate('2020-09-22T07:43:09.000z')?.toISOString()).toBe('2020-09-22T07:43:09.000Z')
    expect(toDate('2020-09-22T07:43:09+08:00')?.toISOString()).toBe('2020-09-21T23:43:09.000Z')
    expect([toDate('yesterday'), toDate(null)]).toEqual([undefined, undefined])
  })

  test('the caller’s times win over the vendor’s', () => {
    const entry = rightOf(
      toEntry(at('d'), 'dir', {
        ...{ creationTime: '2020-01-01T00:00:00.000Z', localCreationTime: '2010-01-01T00:00:00.000Z' },
        modificationTime: '2020-01-02T00:00:00.000Z',
      }),
    )
    expect([entry.createdAt?.getUTCFullYear(), entry.modifiedAt?.getUTCFullYear()]).toEqual([2010, 2020])
  })

  test('links, virtual files and what is not known yet are listed as what they are', () => {
    const kinds = ['dir', 'file', 'image', 'video', 'symlink', 'virtual', 'multi-file'].map((type) => {
      const entry = rightOf(toEntry(at('x'), type, { size: '1' }))
      return entry.kind === 'other' ? entry.what : entry.kind
    })
    expect(kinds).toEqual(['directory', 'file', 'file', 'file', 'symlink', 'virtual', 'multi-file'])
  })

  test('a name that cannot be a segment is skipped, and not lost', () => {
    const page = toPage(at('d'), {
      contents: [
        { name: '..', type: 'dir' },
        { name: 'a', type: 'dir' },
      ],
    })
    expect([page.items.map(({ path }) => path), page.skipped]).toEqual([['d/a'], ['..']])
  })

  test('a version is the same whatever quotes stand around the tag, and differs with the bytes', () => {
    const version = (eTag: string, crc64: string) => {
      const entry = rightOf(toEntry(at('f'), 'file', { eTag, crc64, size: 1 }))
      return entry.kind === 'file' ? entry.version : undefined
    }
    expect(version('"abc"', '7')).toBe(version('abc', '7'))
    expect(version('abc', '7')).not.toBe(version('abc', '8'))
  })
})

describe('hashes', () => {
  test.each([
    ['', '0'],
    ['123456789', '11051210869376104954'],
  ])('the checksum of %j as SMH prints it', (_text, decimal) => {
    expect(crc64FromDecimal(decimal)).toHaveLength(16)
  })

  test.each([
    [1, '9bc1b2a288b26af7257a36277ae3816a7d4f16e89c1e7e77d0a5c48bad62b360'],
    [1.5, '820cf1a5ed93e3283e643955ba6dc06bafd132d9a43c68163558e5f4b70b4447'],
    [2, 'ccc433235c7b619660466cab74501a0dfed94dd2343b197f62fe3e0fd2b78278'],
  ])('the chained hash of %d MiB of the letter a', (mebibytes, fullHash) => {
    const hash = createChainedHash()
    const bytes = Buffer.alloc(mebibytes * 1024 * 1024, 'a')
    for (let i = 0; i < bytes.length; i += 300_001) hash.update(bytes.subarray(i, i + 300_001))
    expect(hash.digest()).toEqual({
      beginningHash: '9bc1b2a288b26af7257a36277ae3816a7d4f16e89c1e7e77d0a5c48bad62b360',
      fullHash,
    })
  })
})

describe('errors', () => {
  test.each([
    [409, 'SameNameDirectoryOrFileExists', 'NameConflict', {}],
    [404, 'FileNotFound', 'NotFound', { what: 'source' }],
    [404, 'SourceDirectoryNotFound', 'NotFound', { what: 'source' }],
    [404, 'DirectoryNotFound', 'NotFound', { what: 'parent' }],
    [404, 'LibraryNotFound', 'NotFound', { what: 'space' }],
    [404, 'SpaceNotFound', 'NotFound', { what: 'space' }],
    [404, 'UploadNotFound', 'NotFound', { what: 'upload' }],
    [404, 'ConfirmKeyNotFound', 'NotFound', { what: 'upload' }],
    [404, 'MarkerNotFound', 'NotFound', { what: 'cursor' }],
    [404, 'WrongLibraryIdOrSecret', 'Unauthenticated', {}],
    [403, 'InvalidAccessToken', 'Unauthenticated', {}],
    [401, 'Whatever', 'Unauthenticated', {}],
    [403, 'AccessTokenNotMatchSpace', 'Forbidden', {}],
    [403, 'NoPermission', 'Forbidden', {}],
    [451, 'SensitiveContentRecognized', 'Rejected', {}],
    [400, 'QuotaLimitReached', 'QuotaExceeded', {}],
    [400, 'DirectoryNameLengthExceed', 'LimitExceeded', { limit: 'name', max: 255 }],
    [400, 'TooManyItems', 'LimitExceeded', { limit: 'batch', max: 1000 }],
    [414, 'URITooLong', 'LimitExceeded', { limit: 'path' }],
    [400, 'IllegalFileName', 'InvalidPath', {}],
    [400, 'SourceDirectoryIsParentOfDestination', 'NestedTarget', {}],
    [400, 'BadCrc64', 'ChecksumMismatch', { algorithm: 'crc64xz' }],
    [400, 'RecycleBinNotEnabled', 'Unsupported', { feature: 'features.trash' }],
    [404, 'UploadIncomplete', 'Unavailable', {}],
    [400, 'UploadIncomplete', 'Unavailable', {}],
    [409, 'PathConflict', 'Unavailable', {}],
    [429, 'RateLimitExceeded', 'RateLimited', {}],
    [500, 'InternalServerError', 'Unavailable', {}],
    [503, 'ServerOverloaded', 'Unavailable', {}],
    [400, 'SomethingNew', 'UnexpectedResponse', {}],
  ])('%d %s is %s', (status, code, tag, details) => {
    const fault = toFault('parent')(response(status, { code, message: 'Sentence.', requestId: 'r1' }))
    expect(fault).toMatchObject({ _tag: tag, http: status, code, said: 'Sentence.', requestId: 'r1', ...details })
  })

  test('without a code the status decides; a capitalised code is read too; a page of HTML is no surprise', () => {
    expect(toFault('source')(response(404, ''))).toMatchObject({ _tag: 'NotFound', what: 'source' })
    expect(toFault('source')(response(403, { Code: 'NoPermission' }))).toMatchObject({ code: 'NoPermission' })
    expect(toFault('source')(response(502, '<html>Bad gateway</html>'))).toMatchObject({ _tag: 'Unavailable' })
  })

  test('how long to wait is told, and what the service said holds no token', () => {
    const limited = toFault('source')(response(429, { code: 'RateLimitExceeded' }, { 'retry-after': '7' }))
    expect(limited).toMatchObject({ _tag: 'RateLimited', retryAfterMs: 7000 })
    const said = toFault('source')(
      response(400, { code: 'ParamInvalid', message: 'bad /x?access_token=acctk01f7af&size=3' }),
    )
    expect(JSON.stringify(said)).not.toContain('acctk01f7af')
  })

  test('the object store speaks XML', () => {
    const xml = (code: string, message: string) =>
      `<?xml version='1.0'?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>abc</RequestId></Error>`
    expect(isExpired(response(403, xml('AccessDenied', 'Request has expired')))).toBe(true)
    expect(isExpired(response(403, xml('AccessDenied', 'Access Denied.')))).toBe(false)
    expect(toStoreFault(response(403, xml('AccessDenied', 'Access Denied.')))).toMatchObject({
      ...{ _tag: 'Forbidden', code: 'cos:AccessDenied', requestId: 'abc' },
    })
    expect(toStoreFault(response(404, xml('NoSuchUpload', 'Gone')))).toMatchObject({ _tag: 'NotFound', what: 'upload' })
    expect(toStoreFault(response(503, xml('SlowDown', 'Slow')))).toMatchObject({ _tag: 'Unavailable' })
  })
})
