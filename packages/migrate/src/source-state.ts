// Whether a source file is still the one that was listed.
import { locate, preconditionFailed, type DriveError, type Entry, type FileEntry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { withRetry, type Run } from './run'

/** Distinguishes one state of a file from another: the drive's version, or its size and time where the drive has none. */
export const versionOf = (source: Entry): string | undefined =>
  source.kind === 'file'
    ? (source.version ?? `${source.size ?? ''}@${source.modifiedAt?.toISOString() ?? ''}`)
    : undefined

/** `PreconditionFailed` where `now` is another state than the one that was listed. */
const changeOf = ({ from }: Run, listed: FileEntry, now: Entry): DriveError | undefined => {
  const same =
    now.kind === 'file' &&
    (now.size ?? listed.size) === listed.size &&
    (listed.version === undefined || now.version === undefined
      ? now.modifiedAt?.getTime() === listed.modifiedAt?.getTime()
      : now.version === listed.version)
  return same
    ? undefined
    : locate({ vendor: from.drive.vendor, operation: 'readFile', path: listed.path })(preconditionFailed())
}

/** Looks the file up again: a left where it has changed, or cannot be looked up. */
export const checkUnchanged = async (run: Run, listed: FileEntry): Promise<E.Either<DriveError, void>> => {
  const now = await withRetry(run, run.from.drive.stat(listed.path, { signal: run.signal }))
  if (E.isLeft(now)) return now
  const change = changeOf(run, listed, now.right)
  return change === undefined ? E.right(undefined) : E.left(change)
}
