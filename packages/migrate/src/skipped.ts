// Entries that a listing could not represent, as errors of the directory they lie in.
import { invalidPath, locate, type DriveError, type DrivePath } from '@anydrive/core'
import type { ScratchError } from './temp-file'

const code = 'ENTRY_SKIPPED'

export const skippedError = (vendor: string, dir: DrivePath, name: string): DriveError => ({
  ...locate({ vendor, operation: 'list', path: dir })(invalidPath({ reason: 'no path can hold this name', code })),
  message: `/${dir}: the entry ${JSON.stringify(name)} was skipped, because no path can hold its name; rename it there`,
})

/** The rest of the listing is whole. */
export const isSkipped = (error: DriveError | ScratchError): boolean =>
  error._tag === 'InvalidPath' && error.code === code
