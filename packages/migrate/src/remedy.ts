// What to do about an error: one sentence for who runs a command or a migration.
import { matchError, type DriveError } from '@anydrive/core'

const again = 'Run it again later; with the conflict strategy skip or overwrite, what has arrived is not sent twice.'
const credentials = 'Check the drive’s credentials, then run it again.'

export const remedyOf: (error: DriveError) => string = matchError({
  NameConflict: (e) =>
    e.existing?.kind === 'directory'
      ? 'A directory bears this name: rename one of the two, or use the strategy rename.'
      : 'Choose the strategy rename, overwrite or skip, or rename one of the two.',
  NotFound: () => 'Check the path; it may have been moved or removed meanwhile.',
  WrongKind: () => 'Check the path: a file has the place of a directory that is needed, or the other way round.',
  InvalidPath: () => 'Give it a name that this drive takes.',
  InvalidArgument: (e) => `Correct ${e.argument}: expected ${e.expected}.`,
  NestedTarget: () => 'Choose a target outside the source.',
  Ambiguous: () => 'Rename one of the two entries of this name with the vendor’s own client.',
  RangeNotSatisfiable: () => 'Ask for a range within the file.',
  PreconditionFailed: () => 'It changed meanwhile: run it again once nobody writes there.',
  Rejected: () => 'The service refuses this content; ask its operator why.',
  Unauthenticated: () => credentials,
  Forbidden: () => 'Ask for the permission, or use credentials that have it.',
  QuotaExceeded: () => 'Make room in the space, or have it enlarged, then run it again.',
  LimitExceeded: (e) =>
    e.limit === 'name' || e.limit === 'path'
      ? 'Shorten the name.'
      : e.limit === 'depth'
        ? 'Move it up some directories.'
        : 'Make it smaller, or split it.',
  RateLimited: () => 'Run it again later, or with a lower concurrency.',
  Unavailable: () => again,
  Network: () => again,
  Timeout: () => again,
  ChecksumMismatch: () => 'The copy was not kept. Run it again; if that fails too, check the source file itself.',
  SourceFailed: () => 'Check that the source can be read and that nobody writes to it, then run it again.',
  UnexpectedResponse: () => 'The service answers otherwise than documented: report it, with the request id.',
  TaskFailed: () => 'Look at what exists, remove it if it is incomplete, and run it again.',
  Indeterminate: (e) => `Check ${e.check}, then run it again.`,
  Unsupported: () => 'Use another strategy, or another drive for it.',
  Aborted: () => 'Run it again to go on.',
})
