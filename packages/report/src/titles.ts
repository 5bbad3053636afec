// What the kinds of failures are called, as a heading.
import type { DriveError } from '@anydrive/core'

const titles: { readonly [T in DriveError['_tag']]: string } = {
  NameConflict: 'The name is taken',
  NotFound: 'Nothing exists there any more',
  WrongKind: 'A file where a directory is needed, or the other way round',
  InvalidPath: 'The name is refused',
  InvalidArgument: 'A wrong argument',
  NestedTarget: 'The target lies inside the source',
  Ambiguous: 'Two entries bear one name',
  RangeNotSatisfiable: 'Shorter than expected',
  PreconditionFailed: 'Changed meanwhile',
  Rejected: 'The service refuses the content',
  Unauthenticated: 'The credentials were not accepted',
  Forbidden: 'Not permitted',
  QuotaExceeded: 'The space is full',
  LimitExceeded: 'Beyond a limit of the target',
  RateLimited: 'Too many requests',
  Unavailable: 'The service was not available',
  Network: 'The network failed',
  Timeout: 'No answer in time',
  ChecksumMismatch: 'What arrived was not what was sent',
  SourceFailed: 'The source could not be read',
  UnexpectedResponse: 'The service answered otherwise than documented',
  TaskFailed: 'A task of the service failed',
  Indeterminate: 'Whether it arrived is not known',
  Unsupported: 'The drive does not do this',
  Aborted: 'Interrupted',
}

/** A text that is no tag of an error stays as it is. */
export const titleOf = (reason: string): string =>
  Object.hasOwn(titles, reason) ? titles[reason as DriveError['_tag']] : reason
