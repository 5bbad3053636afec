// The translation to the letter: every code and status, what an answer says of itself, entries, times, cursors, ids, tokens and file types.
import { path, type Fault } from '@anydrive/core'
import { redact, type HttpResponse } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import * as errors from '../src/errors'
import * as translate from '../src/translate'
import { folderMimeType, type File } from '../src/wire'

const response = (status: number, body: object | string, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  header: (name) => headers[name.toLowerCase()],
  text: typeof body === 'string' ? body : JSON.stringify(body),
  attempts: 1,
  sentAt: 0,
  receivedAt: 0,
  effect: status >= 400 && status < 500 && status !== 408 ? 'none' : 'unknown',
})
const fault = (status: number, body: object | string, headers?: Record<string, string>): Fault =>
  errors.toFault(response(status, body, headers), 0)
const refusal = (code: string, effect = 'none') => ({
  _tag: 'UnexpectedResponse',
  effect,
  issues: [{ at: 'code', expected: '0', got: `the refusal ${code}`.trim() }],
})

const meanings: ReadonlyArray<readonly [codes: string, fault: object | undefined]> = [
  ['13000101 13000102 13000303 13000312 13000413 13000414', undefined],
  ['13000201 13000308 13000403 13000408 13000409', { _tag: 'Unavailable', effect: 'none' }],
  ['13000301 13000416', { _tag: 'NotFound', what: 'space' }],
  ['13000302 13000306 13000309 13000407 13000411', { _tag: 'NotFound', what: 'source' }],
  ['13000304 13000305 13000404', { _tag: 'NotFound', what: 'parent' }],
  ['13000401', { _tag: 'NotFound', what: 'upload' }],
  ['13000307', { _tag: 'NestedTarget' }],
  ['13000310', { _tag: 'LimitExceeded', limit: 'depth', max: 30 }],
  ['13000417', { _tag: 'LimitExceeded', limit: 'name' }],
  ['13000311', { _tag: 'QuotaExceeded' }],
  ['13000402', { _tag: 'ChecksumMismatch', algorithm: 'sha256' }],
  ['13000405', { _tag: 'NameConflict' }],
  ['13000406', { _tag: 'WrongKind', expected: 'file' }],
  ['13000410 13000412', { _tag: 'Forbidden' }],
  ['13000419', { _tag: 'InvalidPath', reason: 'the service refuses the name' }],
]

test.each(
  meanings.flatMap(([codes, meant]) => codes.split(' ').map((code) => [code, meant ?? refusal(code)] as const)),
)('the code %s decides, whatever the status', (code, meant) => {
  expect(fault(403, { code: Number(code) })).toStrictEqual({ ...meant, code, http: 403 })
  expect(errors.faultOfCode(code, 'said')).toStrictEqual({ ...meant, code, said: 'said' })
})

test.each<readonly [number, object]>([
  [400, refusal('')],
  [401, { _tag: 'Unauthenticated' }],
  [403, { _tag: 'Forbidden' }],
  [404, refusal('')],
  [407, refusal('')],
  [408, { _tag: 'Unavailable', effect: 'unknown' }],
  [429, { _tag: 'RateLimited' }],
  [499, refusal('')],
  [500, { _tag: 'Unavailable', effect: 'unknown' }],
  [503, { _tag: 'Unavailable', effect: 'unknown' }],
])('without a code %d decides', (http, meant) => {
  expect(fault(http, '')).toStrictEqual({ ...meant, http })
})

test('a code that nobody knows is told, and the status decides', () => {
  expect(fault(403, { code: 'NEW' })).toStrictEqual({ _tag: 'Forbidden', http: 403, code: 'NEW' })
  expect(fault(404, { code: 'NEW' })).toStrictEqual({ ...refusal('NEW'), http: 404, code: 'NEW' })
})

test('codes that the package asks for by name', () => {
  expect(errors.codes).toStrictEqual({
    notRecycled: '13000303',
    recycled: '13000306',
    notFound: '13000309',
    alreadyThere: '13000312',
  })
})

test('an item that failed without a known code may succeed later', () => {
  expect(errors.faultOfCode(undefined)).toStrictEqual({ _tag: 'Unavailable', effect: 'none' })
  expect(errors.faultOfCode('1', '')).toStrictEqual({ _tag: 'Unavailable', effect: 'none', code: '1' })
})

describe('what an answer says of itself', () => {
  const header = { 'x-request-id': 'of the header' }

  test('the usual keys win over those of the gateway', () => {
    expect(fault(500, { code: 'a', error_code: 'b', msg: 'c', error_msg: 'd', request_id: 'e' }, header)).toStrictEqual(
      {
        ...{ _tag: 'Unavailable', effect: 'unknown', http: 500, code: 'a', said: 'c', requestId: 'e' },
      },
    )
    expect(fault(500, { error_code: 'b', error_msg: 'd' }, header)).toStrictEqual({
      ...{ _tag: 'Unavailable', effect: 'unknown', http: 500, code: 'b', said: 'd', requestId: 'of the header' },
    })
  })

  test('its text is cut after 300 characters, and holds no secret', () => {
    expect(fault(500, { msg: 'x'.repeat(301) }).said).toBe('x'.repeat(300))
    expect(fault(500, { msg: '' })).toStrictEqual({ _tag: 'Unavailable', effect: 'unknown', http: 500 })
    const said = 'Bearer deadbeef'
    expect(fault(500, { msg: said }).said).toBe(redact(said))
  })

  test('how long to wait, if it says so', () => {
    expect(fault(429, {}, { 'retry-after': '3' })).toStrictEqual({ _tag: 'RateLimited', http: 429, retryAfterMs: 3000 })
    expect(fault(429, { code: 13000405 })).toStrictEqual({ _tag: 'RateLimited', http: 429, code: '13000405' })
  })

  test.each([
    [401, { code: 13000405 }, true],
    [400, { code: 1, msg: 'Authentication failed' }, true],
    [400, { code: 1, msg: 'TOKEN' }, true],
    [400, { code: 1, msg: '认证' }, true],
    [400, { code: 1, error_msg: '鉴权' }, true],
    [400, { msg: 'token' }, true],
    [400, { error_code: 13000405, msg: 'token' }, false],
    [400, { code: 1, msg: 'something else' }, false],
    [400, { code: 1 }, false],
    [403, { code: 1, msg: 'token' }, false],
  ])('%d %j: unauthenticated is %s', (status, body, expected) => {
    expect(errors.isUnauthenticated(response(status, body))).toBe(expected)
    expect(fault(status, body)._tag === 'Unauthenticated').toBe(expected)
  })

  test('what is no envelope says nothing', () => {
    for (const text of ['', '<html>', '[]', '{"code":{}}']) expect(errors.envelopeOf(text)).toStrictEqual({})
    expect(errors.envelopeOf('{"code":7,"more":1}')).toStrictEqual({ code: '7' })
  })

  test.each<readonly [number, object, boolean]>([
    [200, {}, true],
    [200, { code: '0' }, true],
    [299, { error_code: '0' }, true],
    [200, { code: '1' }, false],
    [200, { code: '0', error_code: '1' }, true],
    [200, { error_code: '1' }, false],
    [199, {}, false],
    [300, {}, false],
  ])('%d %j: success is %s', (status, envelope, expected) => {
    expect(errors.isSuccess(status, envelope)).toBe(expected)
  })

  test.each<readonly [object, boolean]>([
    [{ _tag: 'NotFound', what: 'source', code: '1' }, true],
    [{ _tag: 'NotFound', what: 'parent', code: '1' }, true],
    [{ _tag: 'NotFound', what: 'space', code: '1' }, false],
    [{ _tag: 'NotFound', what: 'source' }, false],
    [{ _tag: 'WrongKind', what: 'source', code: '1' }, false],
  ])('%j: gone is %s', (it, expected) => {
    expect(errors.isGone(it as Parameters<typeof errors.isGone>[0])).toBe(expected)
  })
})

describe('an answer becomes a value', () => {
  const codec = t.strict({ id: t.string })
  const read = (it: HttpResponse) => errors.answered(codec, () => 0)(TE.right<string, HttpResponse>(it))()
  const issues = (issue: object, more: object = {}) =>
    E.left({ _tag: 'UnexpectedResponse', effect: 'unknown', http: 200, attempts: 1, ...more, issues: [issue] })

  test.each([200, 299])('of a success with %d, what the codec reads', async (status) => {
    expect(await read(response(status, { code: 0, id: 'x', more: 1 }))).toStrictEqual(E.right({ id: 'x' }))
  })

  test.each([199, 300, 404])('%d is a refusal, whatever the body', async (http) => {
    expect(await read(response(http, { code: 0, id: 'x' }))).toStrictEqual(
      E.left({ ...refusal('0'), http, code: '0', attempts: 1 }),
    )
  })

  test.each([199, 300, 404])('%d is a refusal, also where the body is no JSON', async (http) => {
    expect(await read(response(http, '<html>'))).toStrictEqual(
      E.left({ ...refusal('', http === 404 ? 'none' : 'unknown'), http, attempts: 1 }),
    )
  })

  test('another code than 0 is a refusal, and how often it was asked is told', async () => {
    expect(await read({ ...response(200, { code: 13000405, id: 'x' }), attempts: 3 })).toStrictEqual(
      E.left({ _tag: 'NameConflict', http: 200, code: '13000405', attempts: 3 }),
    )
  })

  test('what does not decode is told by its place, with the request', async () => {
    expect(await read(response(200, '<html>'))).toStrictEqual(issues({ at: '', expected: 'JSON', got: 'string' }))
    expect(await read(response(200, { code: {}, id: 'x' }))).toMatchObject(issues({ at: 'code' }))
    const told = await read(response(200, { id: 7 }, { 'x-request-id': 'r' }))
    expect(told).toMatchObject(issues({ at: 'id', got: 'number' }, { requestId: 'r' }))
    expect(Object.keys(E.isLeft(told) ? told.left : {})).toContain('requestId')
    const without = await read(response(200, { id: 7 }))
    expect(Object.keys(E.isLeft(without) ? without.left : { requestId: 1 })).not.toContain('requestId')
  })

  test('a call that failed stays as it is', async () => {
    expect(await errors.answered(codec, () => 0)(TE.left('failed'))()).toStrictEqual(E.left('failed'))
  })
})

describe('times', () => {
  test.each<readonly [string | undefined, string | undefined]>([
    ['2023-11-14 20:39:06', '2023-11-14T20:39:06.000Z'],
    ['2023-11-14T20:39:06Z', '2023-11-14T20:39:06.000Z'],
    ['2023-11-14T20:39:06.789Z', '2023-11-14T20:39:06.789Z'],
    ['2023-11-14 20:39:06+08:00', '2023-11-14T12:39:06.000Z'],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s', (text, iso) => {
    expect(translate.toDate(text)?.toISOString()).toBe(iso)
  })
})

describe('entries', () => {
  const bare: File = { id: 'F1', fileName: 'a.txt' }
  const one = path('d/a.txt')

  test('a file of which nothing is told', () => {
    expect(translate.toEntry(one, bare)).toStrictEqual({
      ...{ kind: 'file', path: 'd/a.txt', name: 'a.txt', id: 'F1', checksums: {} },
    })
  })

  test('a file of which everything is told', () => {
    const createdTime = '2023-11-14T20:39:06Z'
    const editedTime = '2023-11-15T20:39:06Z'
    const file = { ...bare, fileType: '45', mimeType: 'text/plain', size: 12, createdTime, editedTime }
    expect(translate.toEntry(one, file)).toStrictEqual({
      ...{ kind: 'file', path: 'd/a.txt', name: 'a.txt', id: 'F1', size: 12, checksums: {} },
      ...{ createdAt: new Date(createdTime), modifiedAt: new Date(editedTime) },
      ...{ contentType: 'text/plain', version: 'F1:2023-11-15T20:39:06Z:12' },
    })
    const { size: _, ...unsized } = file
    expect(translate.toEntry(one, unsized)).toMatchObject({ version: 'F1:2023-11-15T20:39:06Z:' })
  })

  test.each<readonly [object, object]>([
    [{ fileType: '10' }, { kind: 'directory' }],
    [{ mimeType: folderMimeType }, { kind: 'directory' }],
    [{ fileType: '11' }, { kind: 'other', what: 'smart folder' }],
    [
      { fileType: '11', mimeType: folderMimeType },
      { kind: 'other', what: 'smart folder' },
    ],
  ])('%j is %j', (more, kind) => {
    expect(translate.toEntry(one, { ...bare, ...more })).toStrictEqual({
      ...kind,
      path: 'd/a.txt',
      name: 'a.txt',
      id: 'F1',
    })
  })
})

describe('pages', () => {
  const a = { id: 'A', fileName: 'a' }
  const b = { id: 'B', fileName: 'b', recycled: true }
  const page = (list: object, cursor?: string) => translate.toFilePage(cursor)(list)

  test.each([{}, { data: {} }, { data: { files: undefined } }])('%j holds no page', (body) => {
    expect(page(body)).toMatchObject(E.left({ _tag: 'UnexpectedResponse' }))
  })

  test('what is in the bin is left out', () => {
    expect(page({ files: [a, b] })).toStrictEqual(E.right({ files: [a], next: undefined }))
    expect(page({ files: [{ ...a, recycled: false }] })).toMatchObject(E.right({ files: [{ id: 'A' }] }))
  })

  test('where the items stand', () => {
    expect(page({ data: [a] })).toStrictEqual(E.right({ files: [a], next: undefined }))
    expect(page({ data: { files: [a] } })).toStrictEqual(E.right({ files: [a], next: undefined }))
    expect(page({ files: [], data: [a] })).toStrictEqual(E.right({ files: [], next: undefined }))
    const none = [{ at: 'files', expected: 'Files', got: 'missing' }]
    expect(page({})).toStrictEqual(E.left({ _tag: 'UnexpectedResponse', effect: 'none', issues: none }))
    expect(page({ data: { files: undefined } })).toStrictEqual(
      E.left({ _tag: 'UnexpectedResponse', effect: 'none', issues: none }),
    )
  })

  test('which cursor counts, and that none leads to itself', () => {
    const all = { files: [], nextCursor: '1', nextPageCursor: '2', pageInfo: { nextCursor: '3' } }
    expect(page(all)).toMatchObject({ right: { next: '1' } })
    expect(page({ ...all, nextCursor: undefined })).toMatchObject({ right: { next: '2' } })
    expect(page({ ...all, nextCursor: undefined, nextPageCursor: undefined })).toMatchObject({ right: { next: '3' } })
    expect(page({ files: [] })).toStrictEqual(E.right({ files: [], next: undefined }))
    expect(page({ files: [], nextCursor: 'x' }, 'x')).toStrictEqual(E.left(translate.sameCursor))
    expect(translate.sameCursor).toStrictEqual({
      _tag: 'UnexpectedResponse',
      effect: 'none',
      issues: [{ at: 'nextCursor', expected: 'another cursor', got: 'the same' }],
    })
  })

  test('each id once; names that are no segment apart; no key without a value', () => {
    const toPage = translate.toPage(path('d'))
    expect(toPage({ files: [], next: undefined })).toStrictEqual({ items: [] })
    const files = [a, a, { id: 'C', fileName: 'x/y' }, { id: 'D', fileName: '..' }]
    const told = toPage({ files, next: 'n' })
    expect(told).toMatchObject({ next: 'n', skipped: ['x/y', '..'] })
    expect(told.items.map((entry) => entry.path)).toStrictEqual(['d/a'])
  })
})

describe('ids and paths', () => {
  const long = translate.rootIdOf('IA')

  test('the long id of a root', () => {
    expect(long).toBe('DEUI7pa0C24ArootIA')
  })

  test.each([
    ['x', 'x', true],
    ['x', 'y', false],
    ['root', long, true],
    [long, 'root', true],
    [long, translate.rootIdOf('IB'), true],
    ['root', 'x', false],
    ['x', 'root', false],
    [`x${long}`, 'root', false],
  ])('%s and %s are the same folder: %s', (a, b, same) => {
    expect(translate.sameFolder(a, b)).toBe(same)
  })

  test.each([
    ['/root/F1/F2', ['F1', 'F2']],
    ['root/F1/F2/', ['F1', 'F2']],
    ['/root', []],
    ['', []],
  ])('the ids of %s', (chain, ids) => {
    expect(translate.idsOfPath(chain)).toStrictEqual(ids)
  })

  test.each([
    ['/r/a/b', 'a/b'],
    ['r/a/b', 'a/b'],
    ['/r', ''],
    ['r', ''],
    ['/r/a /b c', 'a /b c'],
  ])('the path of names %s below the root is %j', (names, below) => {
    expect(translate.pathOfNames(names)).toBe(below)
  })
})

test.each([
  ['Bearer 0a', '0a'],
  ['AT%20%200a', '0a'],
  ['at++0a', '0a'],
  ['  0a  ', '0a'],
  ['x Bearer 0a', 'x Bearer 0a'],
  ['Bearer', 'Bearer'],
  ['bearer0a', 'bearer0a'],
])('of %j the token is %s', (text, token) => {
  expect(translate.bareToken(text)).toBe(token)
})

describe('when a job was created, in an unknown time zone', () => {
  const near = Date.UTC(2025, 1, 3, 12, 4, 5)
  test.each<readonly [string | undefined, string | undefined]>([
    ['20250203120405', '12:04:05'],
    ['20250203120406', '12:04:06'],
    ['20250203040400', '12:04:00'],
    ['20250203121905', '12:04:05'],
    ['20250203114905', '12:04:05'],
    ['20250203115959', '11:59:59'],
    ['20250203121134', '12:11:34'],
    ['20250203121136', '11:56:36'],
    ['2025020312040', undefined],
    ['202502031204060', undefined],
    ['x20250203120406', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s', (text, time) => {
    expect(translate.jobDate(text, near)?.toISOString().slice(11, 19)).toBe(time)
  })
})

test.each([
  ['a.txt', 'a.txt', true],
  ['a.txt', 'a_20260101_000000.txt', true],
  ['a', 'a_20260101_000000', true],
  ['a.b', 'a.b_20260101_000000', true],
  ['longer.txt', 'long_20260101_000000.txt', true],
  ['a.txt', 'b_20260101_000000.txt', false],
  ['a.txt', 'a_20260101_000000.csv', false],
  ['a.txt', 'a (1).txt', false],
  ['a.txt', 'b.txt', false],
])('for %s the service may have chosen %s: %s', (wanted, name, may) => {
  expect(translate.mayBeNameFor(wanted, name)).toBe(may)
})

const types: ReadonlyArray<readonly [string, string]> = [
  ['15', 'bmp ilbm png gif jpeg jpg webp'],
  ['20', 'mp4 mkv mov avi wmv flv webm m4v mpg mpeg 3gp'],
  ['26', 'doc docx rtf txt'],
  ['27', 'xls xlsx csv xml'],
  ['28', 'ppt pptx'],
  ['30', 'mp3 wav flac aac ogg m4a wma'],
  ['35', 'zip rar 7z tar gz bz2 xz'],
  ['40', 'apk exe'],
  ['45', 'pdf heic txt2 t'],
]
test.each(types)('%s is what the service calls a file of %s', (type, extensions) => {
  for (const extension of extensions.split(' ')) {
    expect([extension, translate.fileTypeOf(`a.b.${extension}`)]).toStrictEqual([extension, type])
    expect(translate.fileTypeOf(`A.${extension.toUpperCase()}`)).toBe(type)
  }
})
test('a name without an extension is of no type, but a name that is one is of its type', () => {
  expect(['', 'a', 'a.', 'png.'].map(translate.fileTypeOf)).toStrictEqual(['45', '45', '45', '45'])
})

test.each([
  ['https://a.example/k?X-Amz-Date=20240104T025403Z&X-Amz-Expires=3600&X-Amz-Signature=0', '2024-01-04T03:54:03.000Z'],
  ['https://a.example/k?X-Amz-Date=20240104T025403Z', undefined],
  ['https://a.example/k?X-Amz-Expires=3600', undefined],
  ['https://a.example/k?X-Amz-Date=20241304T025403Z&X-Amz-Expires=3600', undefined],
  ['https://a.example/k?X-Amz-Date=20240104T025403Z&X-Amz-Expires=soon', undefined],
  ['https://a.example/k', undefined],
  ['no URL', undefined],
])('the URL %s is valid until %s', (url, until) => {
  expect(translate.signedUntil(url)?.toISOString()).toBe(until)
})
