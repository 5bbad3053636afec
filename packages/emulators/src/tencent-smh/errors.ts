// SMH's error codes, their statuses, and how errors look on the wire (docs/wire/tencent-smh.md, errors).
import { type Reply, type Trouble } from '../common'

const byStatus = {
  400: [
    ...['EmptyLibraryIdOrSecret', 'EmptyLibrarySecret', 'EmptyLibraryId', 'NotMultiSpaceLibrary', 'EmptyAccessToken'],
    ...['EmptyPath', 'DirectoryNameLengthExceed', 'EmptyFileName', 'FileNameLengthExceed', 'InvalidSourceDirectory'],
    ...['InvalidSourceFile', 'FileTypeNotMatched', 'BadRequest', 'ParamInvalid', 'EmptySpaceId', 'SpaceIdInvalid'],
    ...['IllegalFileName', 'InvalidConflictResolutionStrategy', 'RootDirectoryNotAllowed', 'FunctionNotEnabled'],
    ...['SourceDirectoryIsParentOfDestination', 'OverwriteFileNotAllowed', 'BadCrc64', 'IncompleteBody'],
    ...['MultipartUploadIncomplete', 'MultipartUploadPartTooSmall', 'QuotaLimitReached', 'QuotaCapacityRequired'],
    ...['QuotaCapacityLessThanSize', 'QuotaSpacesInvalid', 'RecycleBinNotEnabled', 'TooManyItems', 'NoItemsProvided'],
    ...['InvalidTimeFormat', 'UnsupportedFileType', 'InvalidDirectoryStatsType', 'SymlinkDepthLimitExceeded'],
    ...['SymlinkToDirectoryNotAllowed', 'SymlinkOverwriteConflict', 'CloseOldList', 'OrderByNotAllowed'],
    ...['OrderByTypeNotAllowed', 'InvalidFileHistoryCount', 'InvalidFileHistoryExpireDay', 'NotMultipartUpload'],
    ...['InvalidFileHistoryMergeInterval', 'UserIdLengthExceed', 'ClientIdLengthExceed', 'InvalidDestinationPath'],
    ...['SearchNotEnabled', 'SearchTooComplex', 'CursorExpired'],
  ],
  403: [
    ...['InvalidAccessToken', 'AccessTokenNotMatchSpace', 'NoPermission', 'UploadNotBelongYou'],
    ...['AccessTokenNotMatchLibrary', 'ReadForbidden', 'WriteForbidden', 'SpaceBanned'],
  ],
  404: [
    ...['LibraryNotFound', 'SpaceNotFound', 'WrongLibraryIdOrSecret', 'DirectoryNotFound', 'UploadNotFound'],
    ...['UploadIncomplete', 'FileNotFound', 'SourceDirectoryNotFound', 'SourceFileNotFound', 'ConfirmKeyNotFound'],
    ...['RouteNotFound', 'PathNotFound', 'MarkerNotFound', 'NoQuota', 'QuotaNotFound', 'RecycledItemNotFound'],
    ...['TaskNotFound', 'DirectoryHistoryNotFound', 'RootLinkFileNotFound', 'SearchIdNotFound'],
  ],
  409: [
    ...['SameNameDirectoryOrFileExists', 'DuplicateQuota', 'UploadComplete', 'SpaceNotEmpty', 'PathConflict'],
    ...['RenameTooManyTimes', 'CircleSymlink', 'ContentCasConflict'],
  ],
  413: ['RequestEntityTooLarge'],
  414: ['URITooLong'],
  429: ['RateLimitExceeded'],
  500: ['InternalServerError'],
  503: ['ServerOverloaded'],
} as const satisfies Record<number, ReadonlyArray<string>>

export type Code = (typeof byStatus)[keyof typeof byStatus][number]

const statuses: ReadonlyMap<string, number> = new Map(
  Object.entries(byStatus).flatMap(([status, codes]) => codes.map((code) => [code, Number(status)] as const)),
)

/** `SameNameDirectoryOrFileExists` → `Same name directory or file exists.` */
const sentence = (code: string): string => {
  const words = code.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase()
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}

export class SmhError extends Error {
  readonly code: Code
  readonly status: number
  constructor(code: Code, message?: string, status?: number) {
    super(message ?? sentence(code))
    this.code = code
    this.status = status ?? statuses.get(code) ?? 500
  }
}

export const fail = (code: Code, message?: string, status?: number): never => {
  throw new SmhError(code, message, status)
}

export const errorReply = (error: SmhError, requestId: string): Reply => ({
  status: error.status,
  json: { code: error.code, message: error.message, requestId },
  headers: { 'x-request-id': requestId },
})

const escaped = (text: string): string => text.replace(/[<>&]/g, (char) => `&#${char.charCodeAt(0)};`)

/** The object store speaks XML (docs/wire/tencent-smh.md, the COS side). */
export const cosError = (status: number, code: string, message: string, requestId: string): Reply => ({
  status,
  headers: { 'content-type': 'application/xml', 'x-cos-request-id': requestId },
  body: `<?xml version='1.0' encoding='utf-8' ?>\n<Error><Code>${code}</Code><Message>${escaped(message)}</Message><RequestId>${requestId}</RequestId></Error>`,
})

const codeOf: Readonly<Record<Trouble['kind'], Code>> = {
  'no-route': 'RouteNotFound',
  'wrong-method': 'RouteNotFound',
  'bad-url': 'BadRequest',
  'bad-json': 'BadRequest',
  'too-large': 'RequestEntityTooLarge',
  unavailable: 'ServerOverloaded',
  'rate-limited': 'RateLimitExceeded',
  internal: 'InternalServerError',
}

const cosTrouble = (trouble: Trouble, requestId: string): Reply => {
  if (trouble.kind === 'unavailable' || trouble.kind === 'rate-limited')
    return cosError(503, 'SlowDown', 'Please reduce your request rate.', requestId)
  if (trouble.kind === 'internal') return cosError(500, 'InternalError', 'We encountered an internal error.', requestId)
  return cosError(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.', requestId)
}

export const troubleReply = (trouble: Trouble, path: string, requestId: string): Reply => {
  if (!path.startsWith('/api/')) return cosTrouble(trouble, requestId)
  const detail =
    trouble.kind === 'bad-json'
      ? trouble.message
      : trouble.kind === 'internal' && trouble.error instanceof Error
        ? trouble.error.message
        : undefined
  const reply = errorReply(new SmhError(codeOf[trouble.kind], detail), requestId)
  return trouble.kind === 'rate-limited' && trouble.retryAfter !== undefined
    ? { ...reply, headers: { ...reply.headers, 'retry-after': trouble.retryAfter } }
    : reply
}
