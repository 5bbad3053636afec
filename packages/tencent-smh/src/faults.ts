// What SMH's errors mean here: one table of its codes, and what a status says where there is no code.
import {
  checksumMismatch,
  forbidden,
  invalidPath,
  limitExceeded,
  nameConflict,
  nestedTarget,
  notFound,
  preconditionFailed,
  quotaExceeded,
  rateLimited,
  rejected,
  unauthenticated,
  unavailable,
  unexpectedResponse,
  unsupported,
  wrongKind,
  type Answer,
  type Fault,
} from '@anydrive/core'
import { parseJson, redact, retryAfter, type HttpResponse } from '@anydrive/http'
import { pipe } from 'fp-ts/function'
import * as E from 'fp-ts/Either'
import { ErrorBody } from './wire'

/** What is missing where an endpoint says `DirectoryNotFound`, or 404 without a code. */
export type Missing = 'source' | 'parent' | 'upload' | 'task' | 'space'
type Make = (answer: Answer, missing: Missing) => Fault

const absent =
  (what: Missing | 'cursor'): Make =>
  (answer) =>
    notFound({ ...answer, what })
const directoryAbsent: Make = (answer, missing) => notFound({ ...answer, what: missing })
const tooLong =
  (limit: 'depth' | 'name' | 'size' | 'batch' | 'path', max?: number): Make =>
  (answer) =>
    limitExceeded({ ...answer, limit, ...(max === undefined ? {} : { max }) })
const badPath =
  (reason: string): Make =>
  (answer) =>
    invalidPath({ ...answer, reason })
const undocumented: Make = (answer) =>
  unexpectedResponse({ ...answer, issues: [{ at: 'status', expected: 'a documented answer', got: 'number' }] })

const groups: ReadonlyArray<readonly [Make, ReadonlyArray<string>]> = [
  [nameConflict, ['SameNameDirectoryOrFileExists', 'RenameTooManyTimes', 'SymlinkOverwriteConflict']],
  [
    absent('source'),
    [
      ...['FileNotFound', 'PathNotFound', 'SourceFileNotFound', 'SourceDirectoryNotFound', 'SourcePathNotFound'],
      ...['FileRemovedByQuota', 'CosObjectNonexistent', 'RootLinkFileNotFound'],
    ],
  ],
  [directoryAbsent, ['DirectoryNotFound']],
  [absent('space'), ['LibraryNotFound', 'SpaceNotFound', 'SpaceIdInvalid']],
  [absent('upload'), ['UploadNotFound', 'ConfirmKeyNotFound']],
  [absent('task'), ['TaskNotFound']],
  [absent('cursor'), ['MarkerNotFound', 'CursorExpired']],
  [
    unauthenticated,
    [
      ...['InvalidAccessToken', 'EmptyAccessToken', 'AccessTokenVersionNotMatch', 'WrongLibraryIdOrSecret'],
      ...['EmptyLibraryIdOrSecret', 'EmptyLibrarySecret', 'EmptyLibraryId'],
    ],
  ],
  [
    forbidden,
    [
      ...['AccessTokenNotMatchSpace', 'AccessTokenNotMatchLibrary', 'NoPermission', 'UploadNotBelongYou'],
      ...['ReadForbidden', 'WriteForbidden', 'LibraryServiceExpired', 'SpaceBanned'],
    ],
  ],
  [rejected, ['SensitiveContentRecognized']],
  [quotaExceeded, ['QuotaLimitReached', 'LibraryQuotaLimitReached']],
  [tooLong('name', 255), ['DirectoryNameLengthExceed', 'FileNameLengthExceed']],
  [tooLong('depth'), ['DirectoryLevelExceed']],
  [tooLong('path'), ['URITooLong']],
  [tooLong('size'), ['RequestEntityTooLarge']],
  [tooLong('batch', 1000), ['TooManyItems']],
  [badPath('a name is empty'), ['EmptyPath', 'EmptyFileName']],
  [badPath('a name holds a character that the service refuses'), ['IllegalFileName']],
  [badPath('the library does not take this extension'), ['ExtnameNotAllowed']],
  [
    badPath('the service refuses this place'),
    [
      ...['InvalidDestinationPath', 'InvalidSourcePath', 'InvalidSpaceOrDirectoryPath', 'RootDirectoryNotAllowed'],
      ...['DirectoryNotAllowed', 'UploadToRootDirectoryNotAllowed'],
    ],
  ],
  [nestedTarget, ['SourceDirectoryIsParentOfDestination']],
  [(answer) => wrongKind({ ...answer, expected: 'directory' }), ['InvalidSourceDirectory', 'FileTypeNotMatched']],
  [(answer) => wrongKind({ ...answer, expected: 'file' }), ['InvalidSourceFile', 'InvalidTargetFile']],
  [(answer) => checksumMismatch({ ...answer, algorithm: 'crc64xz' }), ['BadCrc64']],
  [preconditionFailed, ['ContentCasConflict']],
  [(answer) => unsupported({ ...answer, feature: 'features.trash' }), ['RecycleBinNotEnabled']],
  [(answer) => unsupported({ ...answer, feature: 'conflict.moveFile.overwrite' }), ['OverwriteFileNotAllowed']],
  [(answer) => rateLimited(answer), ['RateLimitExceeded']],
  [
    unavailable,
    [
      ...['PathConflict', 'LibraryInitializing', 'InternalServerError', 'ServerOverloaded', 'RequestTimeout'],
      ...['ReadRequestTimeout', 'ProcessTimeout', 'IncompleteBody', 'UploadIncomplete', 'MultipartUploadIncomplete'],
    ],
  ],
]
const byCode: ReadonlyMap<string, Make> = new Map(groups.flatMap(([make, codes]) => codes.map((code) => [code, make])))

const byStatus: ReadonlyMap<number, Make> = new Map<number, Make>([
  [401, unauthenticated],
  [403, forbidden],
  [404, directoryAbsent],
  [408, unavailable],
  [409, nameConflict],
  [413, tooLong('size')],
  [414, tooLong('path')],
  [429, rateLimited],
  [451, rejected],
])

/** The code decides, then the status; never the message (docs/wire/tencent-smh.md, errors). */
export const faultOf = (answer: Answer, missing: Missing): Fault => {
  const { http = 500, code } = answer
  const make =
    (code === undefined ? undefined : byCode.get(code)) ??
    byStatus.get(http) ??
    (http >= 500 ? unavailable : undocumented)
  return make(answer, missing)
}

/** What the service said of a failure, without anything secret. */
export const answerOf = (response: HttpResponse): Answer => {
  const body = pipe(
    parseJson(response.text),
    E.flatMap((json) => ErrorBody.decode(json)),
    E.getOrElse((): ErrorBody => ({})),
  )
  const code = body.code ?? body.Code
  const requestId = body.requestId ?? body.smhRequestId ?? response.header('x-request-id')
  return {
    http: response.status,
    ...(code === null || code === undefined ? {} : { code }),
    ...(body.message === null || body.message === undefined ? {} : { said: redact(body.message) }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(response.attempts > 1 ? { attempts: response.attempts } : {}),
  }
}

export const toFault =
  (missing: Missing) =>
  (response: HttpResponse): Fault => {
    const fault = faultOf(answerOf(response), missing)
    const retryAfterMs = retryAfter(response, Date.now())
    return fault._tag === 'RateLimited' && retryAfterMs !== undefined ? { ...fault, retryAfterMs } : fault
  }

/** The object store answers in XML; of its errors only an expired signature has a remedy here. */
export const isExpired = (response: HttpResponse): boolean =>
  response.status === 403 && /Request has expired|RequestTimeTooSkewed|ExpiredToken/.test(response.text)

export const toStoreFault = (response: HttpResponse): Fault => {
  const code = /<Code>([A-Za-z]{1,64})<\/Code>/.exec(response.text)?.[1]
  const requestId = /<RequestId>([\w-]{1,128})<\/RequestId>/.exec(response.text)?.[1]
  const answer: Answer = {
    http: response.status,
    ...(code === undefined ? {} : { code }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(response.attempts > 1 ? { attempts: response.attempts } : {}),
  }
  if (response.status === 404 && code === 'NoSuchUpload') return notFound({ ...answer, what: 'upload' })
  return faultOf({ ...answer, ...(code === undefined ? {} : { code: `cos:${code}` }) }, 'source')
}
