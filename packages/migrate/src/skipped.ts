// Entries that a listing could not represent, as errors of the directory they lie in.
import { invalidPath, locate, type DriveError, type DrivePath } from '@anydrive/core'

const code = 'ENTRY_SKIPPED'

export const skippedError = (vendor: string, dir: DrivePath, name: string): DriveError => ({
  ...locate({ vendor, operation: 'list', path: dir })(invalidPath({ reason: 'no path can hold this name', code })),
  message: `/${dir}: the entry ${JSON.stringify(name)} was skipped, because no path can hold its name; rename it there`,
})

/** Whether a failure of a migration is one of these; the rest of the directory was listed. */
export const isSkippedName = (error: DriveError): boolean => error._tag === 'InvalidPath' && error.code === code
