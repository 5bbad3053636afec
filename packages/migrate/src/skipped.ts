// Entries that a listing could not represent, as errors of the directory they lie in.
import type { DriveError, DrivePath } from '@anydrive/core'
import { invalidPath, locate } from '@anydrive/core/adapter'

const code = 'ENTRY_SKIPPED'

export const skippedError = (vendor: string, dir: DrivePath, name: string): DriveError => ({
  ...locate({ vendor, operation: 'list', path: dir })(invalidPath({ reason: 'no path can hold this name', code })),
  message: `/${dir}: the entry ${JSON.stringify(name)} was skipped, because no path can hold its name; rename it there`,
})

/** Whether a failure of a migration is one of these; the rest of the directory was listed. */
export const isSkippedName = (error: DriveError): boolean => error._tag === 'InvalidPath' && error.code === code
