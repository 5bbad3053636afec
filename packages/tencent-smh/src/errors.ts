// What SMH's errors mean: one table of its codes, and the meaning of a status that comes without a code.
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
  type Answer,
  type Effect,
  type Fault,
} from '@anydrive/core'
import { parseJson, redact, retryAfter, type HttpResponse } from '@anydrive/http'
import type { Failure } from '@anydrive/kit'
import { pipe } from 'fp-ts/function'
import * as E from 'fp-ts/Either'
import { ErrorBody } from './wire'

/** What is missing where an endpoint says `DirectoryNotFound`, or 404 without a code. */
export type Missing = 'source' | 'parent' | 'upload' | 'task' | 'space'
interface Said extends Answer {
  /** Of the status. A code that has its own fault is a refusal, whatever this says. */
  readonly effect: Effect
}
type Make = (answer: Answer, said: { readonly effect: Effect; readonly missing: Missing }) => Fault

const absent =
  (what: Missing | 'cursor'): Make =>
  (answer) =>
    notFound({ ...answer, what })
const directoryAbsent: Make = (answer, { missing }) => notFound({ ...answer, what: missing })
const notNow: Make = (answer, { effect }) => unavailable({ ...answer, effect })
const tooLong =
  (limit: 'depth' | 'name' | 'size' | 'batch' | 'path', max?: number): Make =>
  (answer) =>
    limitExceeded({ ...answer, limit, ...defined({ max }) })
const badPath =
  (reason: string): Make =>
  (answer) =>
    invalidPath({ ...answer, reason })
const undocumented: Make = (answer, { effect }) =>
  unexpectedResponse({
    ...answer,
    effect,
    issues: [{ at: 'status', expected: 'a documented response', got: 'number' }],
  })

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
  [badPath('a name contains a character that the service refuses'), ['IllegalFileName']],
  [badPath('the library does not accept this extension'), ['ExtnameNotAllowed']],
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
    notNow,
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
  [408, notNow],
  [409, nameConflict],
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
