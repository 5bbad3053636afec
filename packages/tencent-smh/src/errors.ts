// What SMH's errors mean: one table of its codes, and the meaning of a status that comes without a code.
import type { Answer, Effect, Fault, Feature } from '@anydrive/core'
import {
  checksumMismatch,
  defined,
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
} from '@anydrive/core/adapter'
import { parseJson, redact, retryAfter, type HttpResponse } from '@anydrive/http'
import type { Failure } from '@anydrive/kit'
import { pipe } from 'fp-ts/function'
import * as E from 'fp-ts/Either'
import { ErrorBody } from './wire'

/** What is missing where an endpoint says `DirectoryNotFound`, or 404 without a code. */
export type Missing = 'source' | 'parent' | 'upload' | 'task' | 'space' | 'trash' | 'version'
interface Said extends Answer {
  /** Of the status. A code that has its own fault is a refusal, whatever this says. */
  readonly effect: Effect
}
type Make = (answer: Answer, said: { readonly effect: Effect; readonly missing: Missing }) => Fault

const missingIs =
  (what: Missing | 'cursor'): Make =>
  (answer) =>
    notFound({ ...answer, what })
const directoryMissing: Make = (answer, { missing }) => notFound({ ...answer, what: missing })
const notNow: Make = (answer, { effect }) => unavailable({ ...answer, effect })
const tooLong =
  (limit: 'depth' | 'name' | 'size' | 'batch' | 'path', max?: number): Make =>
  (answer) =>
    limitExceeded({ ...answer, limit, ...defined({ max }) })
const badPath =
  (reason: string): Make =>
  (answer) =>
    invalidPath({ ...answer, reason })
const wrong =
  (expected: 'directory' | 'file'): Make =>
  (answer) =>
    wrongKind({ ...answer, expected })
const lacks =
  (feature: Feature): Make =>
  (answer) =>
    unsupported({ ...answer, feature })
const undocumented: Make = (answer, { effect }) => {
  const issues = [{ at: 'status', expected: 'a documented response', got: 'number' }]
  return unexpectedResponse({ ...answer, effect, issues })
}

const table: ReadonlyArray<readonly [Make, codes: string]> = [
  [nameConflict, 'SameNameDirectoryOrFileExists RenameTooManyTimes SymlinkOverwriteConflict'],
  [missingIs('source'), 'FileNotFound PathNotFound SourceFileNotFound SourceDirectoryNotFound SourcePathNotFound'],
  [missingIs('source'), 'FileRemovedByQuota CosObjectNonexistent RootLinkFileNotFound'],
  [directoryMissing, 'DirectoryNotFound'],
  [missingIs('space'), 'LibraryNotFound SpaceNotFound SpaceIdInvalid'],
  [missingIs('upload'), 'UploadNotFound ConfirmKeyNotFound'],
  [missingIs('task'), 'TaskNotFound'],
  [missingIs('cursor'), 'MarkerNotFound CursorExpired SearchIdNotFound'],
  [missingIs('trash'), 'RecycledItemNotFound'],
  [missingIs('version'), 'DirectoryHistoryNotFound'],
  [unauthenticated, 'InvalidAccessToken EmptyAccessToken AccessTokenVersionNotMatch WrongLibraryIdOrSecret'],
  [unauthenticated, 'EmptyLibraryIdOrSecret EmptyLibrarySecret EmptyLibraryId'],
  [forbidden, 'AccessTokenNotMatchSpace AccessTokenNotMatchLibrary NoPermission UploadNotBelongYou'],
  [forbidden, 'ReadForbidden WriteForbidden LibraryServiceExpired SpaceBanned'],
  [rejected, 'SensitiveContentRecognized'],
  [quotaExceeded, 'QuotaLimitReached LibraryQuotaLimitReached'],
  [tooLong('name', 255), 'DirectoryNameLengthExceed FileNameLengthExceed'],
  [tooLong('depth'), 'DirectoryLevelExceed'],
  [tooLong('path'), 'URITooLong'],
  [tooLong('size'), 'RequestEntityTooLarge'],
  [tooLong('batch', 1000), 'TooManyItems'],
  [badPath('a name is empty'), 'EmptyPath EmptyFileName'],
  [badPath('a name contains a character that the service refuses'), 'IllegalFileName'],
  [badPath('the library does not accept this extension'), 'ExtnameNotAllowed'],
  [badPath('the service refuses this place'), 'InvalidDestinationPath InvalidSourcePath InvalidSpaceOrDirectoryPath'],
  [
    badPath('the service refuses this place'),
    'RootDirectoryNotAllowed DirectoryNotAllowed UploadToRootDirectoryNotAllowed',
  ],
  [nestedTarget, 'SourceDirectoryIsParentOfDestination'],
  [wrong('directory'), 'InvalidSourceDirectory FileTypeNotMatched'],
  [wrong('file'), 'InvalidSourceFile InvalidTargetFile'],
  [(answer) => checksumMismatch({ ...answer, algorithm: 'crc64xz' }), 'BadCrc64'],
  [preconditionFailed, 'ContentCasConflict'],
  [lacks('features.trash'), 'RecycleBinNotEnabled'],
  [lacks('operations.search'), 'SearchNotEnabled'],
  [lacks('conflict.moveFile.overwrite'), 'OverwriteFileNotAllowed'],
  [rateLimited, 'RateLimitExceeded'],
  [notNow, 'PathConflict LibraryInitializing InternalServerError ServerOverloaded RequestTimeout ReadRequestTimeout'],
  [notNow, 'ProcessTimeout IncompleteBody UploadIncomplete MultipartUploadIncomplete'],
]
const byCode: ReadonlyMap<string, Make> = new Map(
  table.flatMap(([make, codes]) => codes.split(' ').map((code) => [code, make])),
)

const byStatus: ReadonlyMap<number, Make> = new Map<number, Make>([
  [401, unauthenticated],
  [403, forbidden],
  [404, directoryMissing],
  [408, notNow],
  [409, nameConflict],
  [412, preconditionFailed],
  [413, tooLong('size')],
  [414, tooLong('path')],
  [429, rateLimited],
  [451, rejected],
])

/** The code decides, then the status; never the message (docs/wire/tencent-smh.md, errors). */
export const faultOf = ({ effect, ...answer }: Said, missing: Missing): Fault => {
  const { http = 500, code } = answer
  const make =
    (code === undefined ? undefined : byCode.get(code)) ?? byStatus.get(http) ?? (http >= 500 ? notNow : undocumented)
  return make(answer, { effect, missing })
}

/** Whether this code refuses the token itself, rather than what was asked with it. */
export const isTokenCode = (code = ''): boolean =>
  ['InvalidAccessToken', 'AccessTokenVersionNotMatch'].includes(code) || (/token/i.test(code) && /expired/i.test(code))

/** What the service said of a failure, without anything secret. */
export const answerOf = (response: HttpResponse): Answer => {
  const body = pipe(
    parseJson(response.text),
    E.flatMap((json) => ErrorBody.decode(json)),
    E.getOrElse((): ErrorBody => ({})),
  )
  return {
    http: response.status,
    ...defined({
      code: body.code ?? body.Code ?? undefined,
      said: typeof body.message === 'string' ? redact(body.message) : undefined,
      requestId: body.requestId ?? body.smhRequestId ?? response.header('x-request-id'),
      attempts: response.attempts > 1 ? response.attempts : undefined,
    }),
  }
}

export const toFault =
  (missing: Missing) =>
  (response: HttpResponse): Fault => {
    const fault = faultOf({ ...answerOf(response), effect: response.effect }, missing)
    return fault._tag === 'RateLimited'
      ? { ...fault, ...defined({ retryAfterMs: retryAfter(response, Date.now()) }) }
      : fault
  }

/** The object store answers in XML; only an expired signature can be remedied here. */
export const isExpired = (response: HttpResponse): boolean =>
  response.status === 403 && /Request has expired|RequestTimeTooSkewed|ExpiredToken/.test(response.text)

export const toStoreFault = (response: HttpResponse): Fault => {
  const { status: http, attempts, effect } = response
  const code = /<Code>([A-Za-z]{1,64})<\/Code>/.exec(response.text)?.[1]
  const answer: Answer = {
    http,
    ...defined({
      code,
      requestId: /<RequestId>([\w-]{1,128})<\/RequestId>/.exec(response.text)?.[1],
      attempts: attempts > 1 ? attempts : undefined,
    }),
  }
  if (http === 404 && code === 'NoSuchUpload') return notFound({ ...answer, what: 'upload' })
  // The store's codes are not SMH's: its status decides.
  return faultOf({ ...answer, effect, ...defined({ code: code === undefined ? undefined : `cos:${code}` }) }, 'source')
}

export const isMissing = (fault: Failure): boolean =>
  fault._tag === 'NotFound' && (fault.what === 'source' || fault.what === 'parent')

/** What the service said, apart from its meaning. */
export const answerIn = ({ http, code, requestId, said, attempts }: Answer): Answer =>
  defined({ http, code, requestId, said, attempts })
