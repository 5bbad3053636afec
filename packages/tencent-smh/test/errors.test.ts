// Every code of SMH's, whatever the status it comes with; what a status says where there is no code; what an answer says of itself.
import type { HttpResponse } from '@anydrive/http'
import { answerOf, faultOf, isExpired, toFault, toStoreFault } from '../src/errors'

const response = (
  status: number,
  body: object | string,
  {
    headers = {},
    attempts = 1,
  }: { readonly headers?: Readonly<Record<string, string>>; readonly attempts?: number } = {},
): HttpResponse => ({
  status,
  header: (name) => headers[name.toLowerCase()],
  text: typeof body === 'string' ? body : JSON.stringify(body),
  attempts,
  sentAt: 0,
  receivedAt: 0,
  effect: 'unknown',
})

const teapot = 418
const meanings: ReadonlyArray<readonly [codes: string, fault: object]> = [
  ['SameNameDirectoryOrFileExists RenameTooManyTimes SymlinkOverwriteConflict', { _tag: 'NameConflict' }],
  [
    'FileNotFound PathNotFound SourceFileNotFound SourceDirectoryNotFound SourcePathNotFound FileRemovedByQuota CosObjectNonexistent RootLinkFileNotFound',
    { _tag: 'NotFound', what: 'source' },
  ],
  ['DirectoryNotFound', { _tag: 'NotFound', what: 'parent' }],
  ['LibraryNotFound SpaceNotFound SpaceIdInvalid', { _tag: 'NotFound', what: 'space' }],
  ['UploadNotFound ConfirmKeyNotFound', { _tag: 'NotFound', what: 'upload' }],
  ['TaskNotFound', { _tag: 'NotFound', what: 'task' }],
  ['MarkerNotFound CursorExpired', { _tag: 'NotFound', what: 'cursor' }],
  [
    'InvalidAccessToken EmptyAccessToken AccessTokenVersionNotMatch WrongLibraryIdOrSecret EmptyLibraryIdOrSecret EmptyLibrarySecret EmptyLibraryId',
    { _tag: 'Unauthenticated' },
  ],
  [
    'AccessTokenNotMatchSpace AccessTokenNotMatchLibrary NoPermission UploadNotBelongYou ReadForbidden WriteForbidden LibraryServiceExpired SpaceBanned',
    { _tag: 'Forbidden' },
  ],
  ['SensitiveContentRecognized', { _tag: 'Rejected' }],
  ['QuotaLimitReached LibraryQuotaLimitReached', { _tag: 'QuotaExceeded' }],
  ['DirectoryNameLengthExceed FileNameLengthExceed', { _tag: 'LimitExceeded', limit: 'name', max: 255 }],
  ['DirectoryLevelExceed', { _tag: 'LimitExceeded', limit: 'depth' }],
  ['URITooLong', { _tag: 'LimitExceeded', limit: 'path' }],
  ['RequestEntityTooLarge', { _tag: 'LimitExceeded', limit: 'size' }],
  ['TooManyItems', { _tag: 'LimitExceeded', limit: 'batch', max: 1000 }],
  ['EmptyPath EmptyFileName', { _tag: 'InvalidPath', reason: 'a name is empty' }],
  ['IllegalFileName', { _tag: 'InvalidPath', reason: 'a name contains a character that the service refuses' }],
  ['ExtnameNotAllowed', { _tag: 'InvalidPath', reason: 'the library does not accept this extension' }],
  [
    'InvalidDestinationPath InvalidSourcePath InvalidSpaceOrDirectoryPath RootDirectoryNotAllowed DirectoryNotAllowed UploadToRootDirectoryNotAllowed',
    { _tag: 'InvalidPath', reason: 'the service refuses this place' },
  ],
  ['SourceDirectoryIsParentOfDestination', { _tag: 'NestedTarget' }],
  ['InvalidSourceDirectory FileTypeNotMatched', { _tag: 'WrongKind', expected: 'directory' }],
  ['InvalidSourceFile InvalidTargetFile', { _tag: 'WrongKind', expected: 'file' }],
  ['BadCrc64', { _tag: 'ChecksumMismatch', algorithm: 'crc64xz' }],
  ['ContentCasConflict', { _tag: 'PreconditionFailed' }],
  ['RecycleBinNotEnabled', { _tag: 'Unsupported', feature: 'features.trash' }],
  ['OverwriteFileNotAllowed', { _tag: 'Unsupported', feature: 'conflict.moveFile.overwrite' }],
  ['RateLimitExceeded', { _tag: 'RateLimited' }],
  [
    'PathConflict LibraryInitializing InternalServerError ServerOverloaded RequestTimeout ReadRequestTimeout ProcessTimeout IncompleteBody UploadIncomplete MultipartUploadIncomplete',
    { _tag: 'Unavailable', effect: 'unknown' },
  ],
]

test.each(meanings.flatMap(([codes, fault]) => codes.split(' ').map((code) => [code, fault] as const)))(
  'the code %s decides, whatever the status',
  (code, fault) => {
    expect(faultOf({ http: teapot, code, effect: 'unknown' }, 'parent')).toStrictEqual({ ...fault, http: teapot, code })
  },
)

const undocumented = {
  _tag: 'UnexpectedResponse',
  effect: 'unknown',
  issues: [{ at: 'status', expected: 'a documented response', got: 'number' }],
}
test.each<readonly [number, object]>([
  [400, undocumented],
  [401, { _tag: 'Unauthenticated' }],
  [403, { _tag: 'Forbidden' }],
  [404, { _tag: 'NotFound', what: 'task' }],
  [408, { _tag: 'Unavailable', effect: 'unknown' }],
  [409, { _tag: 'NameConflict' }],
  [413, { _tag: 'LimitExceeded', limit: 'size' }],
  [414, { _tag: 'LimitExceeded', limit: 'path' }],
  [429, { _tag: 'RateLimited' }],
  [451, { _tag: 'Rejected' }],
  [499, undocumented],
  [500, { _tag: 'Unavailable', effect: 'unknown' }],
  [503, { _tag: 'Unavailable', effect: 'unknown' }],
])('without a code, and with one that nobody knows, %d decides', (http, fault) => {
  expect(faultOf({ http, effect: 'unknown' }, 'task')).toStrictEqual({ ...fault, http })
  expect(faultOf({ http, code: 'SomethingNew', effect: 'unknown' }, 'task')).toStrictEqual({
    ...fault,
    http,
    code: 'SomethingNew',
  })
})

test('a refusal has no effect, and what may have happened says so', () => {
  const effects = [409, 503].map((http) => {
    const fault = faultOf({ http, code: 'PathConflict', effect: http === 409 ? 'none' : 'unknown' }, 'source')
    return 'effect' in fault ? fault.effect : undefined
  })
  expect(effects).toEqual(['none', 'unknown'])
})

test('without a status, a fault is the service’s own', () => {
  expect(faultOf({ effect: 'unknown' }, 'source')).toStrictEqual({ _tag: 'Unavailable', effect: 'unknown' })
})

describe('what an answer says of itself', () => {
  const header = { headers: { 'x-request-id': 'of the header' } }

  test.each<readonly [string, object | string, object]>([
    ['everything', { code: 'A', message: 'B', requestId: 'C' }, { code: 'A', said: 'B', requestId: 'C' }],
    ['in capitals', { Code: 'A' }, { code: 'A', requestId: 'of the header' }],
    ['of its request by another name', { smhRequestId: 'D' }, { requestId: 'D' }],
    ['by two names', { requestId: 'C', smhRequestId: 'D' }, { requestId: 'C' }],
    ['null', { code: null, Code: null, message: null }, { requestId: 'of the header' }],
    ['nothing', '', { requestId: 'of the header' }],
    ['what is no JSON', '<html>', { requestId: 'of the header' }],
    ['what does not decode', { code: 7, requestId: 'C' }, { requestId: 'of the header' }],
  ])('%s', (_name, body, told) => {
    expect(answerOf(response(400, body, header))).toStrictEqual({ http: 400, ...told })
  })

  test('without a header, no request is named', () => {
    expect(answerOf(response(400, {}))).toStrictEqual({ http: 400 })
  })

  test('how often it was asked, if more than once', () => {
    expect(answerOf(response(400, {}, { attempts: 2 }))).toStrictEqual({ http: 400, attempts: 2 })
    expect(toStoreFault(response(503, '', { attempts: 2 }))).toStrictEqual({
      _tag: 'Unavailable',
      effect: 'unknown',
      http: 503,
      attempts: 2,
    })
    expect(toStoreFault(response(503, ''))).toStrictEqual({ _tag: 'Unavailable', effect: 'unknown', http: 503 })
  })

  test('how long to wait, of a limit of rates alone', () => {
    const waiting = { headers: { 'retry-after': '7' } }
    expect(toFault('source')(response(429, {}, waiting))).toStrictEqual({
      _tag: 'RateLimited',
      http: 429,
      retryAfterMs: 7000,
    })
    expect(toFault('source')(response(429, {}))).toStrictEqual({ _tag: 'RateLimited', http: 429 })
    expect(toFault('source')(response(503, {}, waiting))).toStrictEqual({
      _tag: 'Unavailable',
      effect: 'unknown',
      http: 503,
    })
  })
})

describe('the object store', () => {
  const xml = (code: string) => `<Error><Code>${code}</Code><RequestId>ab-c_1</RequestId></Error>`

  test.each([
    [403, 'Request has expired', true],
    [403, 'RequestTimeTooSkewed', true],
    [403, 'ExpiredToken', true],
    [403, 'AccessDenied', false],
    [400, 'ExpiredToken', false],
  ])('%d %s: expired is %s', (status, text, expired) => {
    expect(isExpired(response(status, text))).toBe(expired)
  })

  test('its codes are its own: none of them is taken for SMH’s', () => {
    expect(toStoreFault(response(teapot, xml('FileNotFound')))).toStrictEqual({
      ...undocumented,
      http: teapot,
      code: 'cos:FileNotFound',
      requestId: 'ab-c_1',
    })
  })

  test('what it does not tell is not told', () => {
    expect(toStoreFault(response(404, ''))).toStrictEqual({ _tag: 'NotFound', what: 'source', http: 404 })
  })

  test('only 404 and NoSuchUpload together are an upload that is gone', () => {
    const told = { requestId: 'ab-c_1' }
    expect(toStoreFault(response(404, xml('NoSuchUpload')))).toStrictEqual({
      ...{ _tag: 'NotFound', what: 'upload', http: 404, code: 'NoSuchUpload' },
      ...told,
    })
    expect(toStoreFault(response(404, xml('NoSuchKey')))).toMatchObject({ what: 'source', code: 'cos:NoSuchKey' })
    expect(toStoreFault(response(403, xml('NoSuchUpload')))).toMatchObject({ _tag: 'Forbidden' })
  })
})
