// Whether a file is still the one that was listed.
import type { DriveError, DriveProvider, Entry, FileEntry } from '@anydrive/core'
import { locate, preconditionFailed } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { withRetry, type Run } from './run'

/** Distinguishes one state of a file from another: the drive's version, or its size and time where the drive has none. */
export const versionOf = (source: Entry): string | undefined =>
  source.kind === 'file'
    ? (source.version ?? `${source.size ?? ''}@${source.modifiedAt?.toISOString() ?? ''}`)
    : undefined

/** `PreconditionFailed` where `now` is another state than the one that was listed. */
const changeOf = ({ vendor }: DriveProvider, listed: FileEntry, now: Entry): DriveError | undefined => {
  const same =
    now.kind === 'file' &&
    (now.size ?? listed.size) === listed.size &&
    (listed.version === undefined || now.version === undefined
      ? now.modifiedAt?.getTime() === listed.modifiedAt?.getTime()
      : now.version === listed.version)
  return same ? undefined : locate({ vendor, operation: 'readFile', path: listed.path })(preconditionFailed())
}

/** Looks the file up again, at the source unless another drive is given: a left where it has changed, or cannot be looked up. */
export const checkUnchanged = async (
  run: Run,
  listed: FileEntry,
  drive: DriveProvider = run.from.drive,
): Promise<E.Either<DriveError, void>> => {
  const now = await withRetry(run, drive.stat(listed.path, { signal: run.signal }))
  if (E.isLeft(now)) return now
  const change = changeOf(drive, listed, now.right)
  return change === undefined ? E.right(undefined) : E.left(change)
}
