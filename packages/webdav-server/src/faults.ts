// What a drive's error is in HTTP: one table.
import { ancestorsOf, root, type DriveError, type DrivePath, type FaultTag } from '@anydrive/core'
import { printable } from '@anydrive/core/adapter'
import { plain, type Reply } from './reply'

/** Credentials and answers of the service behind this gateway are no fault of the client: 5xx. */
const statusOf: { readonly [T in FaultTag]: number | ((error: DriveError<T>) => number) } = {
  NameConflict: 405,
  NotFound: ({ what }) => (what === 'parent' ? 409 : 404),
  WrongKind: ({ at, path }) => (at !== undefined && at !== path ? 409 : 405),
  InvalidPath: 403,
  // A mistake of this gateway's own.
  InvalidArgument: 500,
  NestedTarget: 403,
  Ambiguous: 409,
  RangeNotSatisfiable: 416,
  PreconditionFailed: 412,
  Rejected: 403,
  Unauthenticated: 502,
  Forbidden: 403,
  QuotaExceeded: 507,
  LimitExceeded: ({ limit }) => (limit === 'size' ? 413 : 403),
  RateLimited: 503,
  Unavailable: 503,
  Network: 502,
  Timeout: 504,
  ChecksumMismatch: 502,
  // Broken off, or wanted once more when it had passed: the client may send it again.
  SourceFailed: ({ reason }) => (reason === 'unreadable' ? 503 : 400),
  UnexpectedResponse: 502,
  TaskFailed: 500,
  Indeterminate: 500,
  Unsupported: 501,
  Aborted: 503,
}

export const statusOfError = (error: DriveError): number => {
  const status = statusOf[error._tag] as number | ((error: DriveError) => number)
  return typeof status === 'number' ? status : status(error)
}

const retryAfter = (error: DriveError): Readonly<Record<string, string>> =>
  error._tag === 'RateLimited' && error.retryAfterMs !== undefined
    ? { 'Retry-After': String(Math.ceil(error.retryAfterMs / 1000)) }
    : {}

const literally = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)

/** The sentence of an error with paths as clients know them: below the served directory, whose own place in the drive is not shown. */
export const messageOf = ({ base }: { readonly base: DrivePath }, { message }: DriveError): string => {
  if (base === root) return message
  const [own = '', ...above] = [base, ...ancestorsOf(base)]
    .filter((path) => path !== root)
    .map((path) => literally(printable(`/${path}`)))
  const names = [`${own}(?=/)`, ...[own, ...above].map((path) => String.raw`${path}(?=[\s:;,)\]"]|$)`)]
  return message.replace(
    // eslint-disable-next-line no-restricted-syntax -- the paths are escaped, and no part repeats
    new RegExp(String.raw`(?<![^\s("[])(?:${names.join('|')})`, 'g'),
    (_, at: number, all: string) => (all.startsWith(`${printable(`/${base}`)}/`, at) ? '' : '/'),
  )
}

/** Its body holds no secret. */
export const replyOf = (
  gateway: { readonly base: DrivePath },
  error: DriveError,
  status = statusOfError(error),
): Reply => plain(status, messageOf(gateway, error), retryAfter(error))

/** As `replyOf`, with another status for some errors. */
export const replyUnless =
  (gateway: { readonly base: DrivePath }, statuses: { readonly [T in FaultTag]?: number }) =>
  (error: DriveError): Reply =>
    replyOf(gateway, error, statuses[error._tag] ?? statusOfError(error))
