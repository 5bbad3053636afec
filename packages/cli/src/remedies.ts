// What a user of the command can do about an error of a drive, in one sentence.
import { matchError, type DriveError } from '@anydrive/core'
import { isOtherKind } from '@anydrive/migrate'

const later = 'Run it again later; with --conflict skip, a copy or a migration keeps what has arrived.'
const credentials =
  'Check the credentials of the drive in anydrive.json; anydrive drives --check shows which drives answer.'

/** Options and commands that it names exist, and can be used where the error occurs. */
export const remedyFor: (error: DriveError) => string = matchError({
  NameConflict: (e) =>
    e.operation === 'createDir' || e.existing?.kind === 'directory'
      ? 'Run it again with --conflict rename, or choose another name.'
      : 'Run it again with --conflict rename, overwrite or skip, or choose another name.',
  NotFound: ({ what }) =>
    what === 'upload' || what === 'cursor' || what === 'task'
      ? 'Run it again.'
      : what === 'space'
        ? 'Check the space of the drive in anydrive.json.'
        : what === 'trash' || what === 'version'
          ? `Run anydrive ${what === 'trash' ? 'trash' : 'versions'} ls once more: it shows the ids that exist.`
          : 'Check the path; anydrive ls shows what a directory holds.',
  WrongKind: ({ operation, at, expected }) =>
    operation === 'batchCopy' && at !== undefined && expected === 'file'
      ? 'Nothing was copied. Use anydrive migrate for the directory: it transfers the rest, and names what it skips.'
      : 'Check the path: it names a file where a directory is needed, or the other way round.',
  InvalidPath: () => 'Choose a name that this drive accepts; anydrive migrate --names encode changes names on the way.',
  InvalidArgument: (e) => `Correct ${e.argument}: expected ${e.expected}.`,
  NestedTarget: () => 'Choose a target outside the source.',
  Ambiguous: () => 'Two entries have this name: rename one of them with the client of the service.',
  RangeNotSatisfiable: () => 'Choose a range within the file; anydrive stat shows its size.',
  PreconditionFailed: () => 'It was changed meanwhile: run it again when nobody writes to it.',
  Rejected: () => 'The service refuses this content; ask its operator why.',
  Unauthenticated: () => credentials,
  Forbidden: () => 'Ask for the permission, or use credentials that have it.',
  QuotaExceeded: () => 'Make room in the space, or have its quota raised, then run it again.',
  LimitExceeded: (e) =>
    e.limit === 'name' || e.limit === 'path'
      ? 'Choose a shorter name.'
      : e.limit === 'depth'
        ? 'Move it to a directory that is less deep.'
        : 'Make it smaller, or split it.',
  RateLimited: () => 'Run it again later; anydrive migrate has --requests-per-second to stay below the limit.',
  Unavailable: () => later,
  Network: () => later,
  Timeout: () => later,
  ChecksumMismatch: () => 'The copy was not kept. Run it again; if that fails too, check the source file.',
  SourceFailed: () => 'Check that the source can be read and that nobody writes to it, then run it again.',
  UnexpectedResponse: ({ vendor }) =>
    vendor === 'local'
      ? 'The file holds more than its size says, as those of /proc do: copy its content into a file of its own first.'
      : 'Check the URL of the drive in anydrive.json; if it is right, report the response with its request id.',
  TaskFailed: () => 'Check with anydrive ls what exists, remove what is incomplete with anydrive rm, and run it again.',
  Indeterminate: (e) => `Check ${e.check}, then run it again.`,
  Unsupported: ({ feature }) =>
    feature.startsWith('operations.')
      ? 'Use another drive for it; anydrive about shows what a drive can do.'
      : 'Use another --conflict strategy, or another drive for it.',
  Aborted: () => 'Run it again to continue.',
})

/** The same for sync, which has no --conflict. */
export const remedyForSync = (error: DriveError): string => {
  if (isOtherKind(error)) return 'Change the filters or --max-delete if they keep it; otherwise remove one of the two.'
  switch (error._tag) {
    case 'NameConflict':
      return 'Rename or remove one of the two entries, and run it again.'
    case 'Unavailable':
    case 'Network':
    case 'Timeout':
      return 'Run it again later; what has arrived is not sent again.'
    case 'NestedTarget':
      return 'Choose places of which neither lies in the other.'
    default:
      return remedyFor(error)
  }
}
