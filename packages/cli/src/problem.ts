// Why a command ends without having done its work: what is said, and the exit code.
import type { ConfigurationError, DriveError } from '@anydrive/core'
import { remedyOf, type MigrateError, type ScratchError } from '@anydrive/migrate'

export const exits = {
  done: 0,
  partly: 1,
  usage: 2,
  credentials: 3,
  notFound: 4,
  conflict: 5,
  unavailable: 6,
  interrupted: 130,
} as const
export type ExitCode = (typeof exits)[keyof typeof exits]

export interface Problem {
  readonly exit: ExitCode
  readonly message: string
  readonly remedy?: string
  /** The error behind it, for `--json`. */
  readonly error?: unknown
}

export const exitOf = (error: DriveError): ExitCode => {
  switch (error._tag) {
    case 'Unauthenticated':
    case 'Forbidden':
      return exits.credentials
    case 'NotFound':
      return exits.notFound
    case 'NameConflict':
      return exits.conflict
    case 'RateLimited':
    case 'Unavailable':
    case 'Network':
    case 'Timeout':
      return exits.unavailable
    case 'Aborted':
      return exits.interrupted
    case 'InvalidPath':
      return error.vendor === 'anydrive' ? exits.usage : exits.partly
    default:
      return exits.partly
  }
}

export const usage = (message: string, remedy?: string): Problem => ({
  exit: exits.usage,
  message,
  ...(remedy === undefined ? {} : { remedy }),
})

/** Stopped before its end. */
export const interrupted: Problem = { exit: exits.interrupted, message: 'interrupted' }

export const ofDrive = (error: DriveError): Problem => ({
  exit: exitOf(error),
  message: error.message,
  remedy: remedyOf(error),
  error,
})

/** No room, or none that can be used, for what is too much for memory. */
export const ofScratch = ({ message, ...error }: ScratchError): Problem => ({
  exit: exits.partly,
  message,
  remedy: 'Let the variable TMPDIR name a folder with room.',
  error,
})

export const ofConfiguration = (error: ConfigurationError, file: string): Problem => ({
  exit: exits.usage,
  message: `${file}: ${error.message}`,
  remedy:
    error._tag === 'MissingVariable'
      ? `Set ${error.name} in the environment, or write the value into the file.`
      : 'Correct the entry; each adapter’s README lists its settings.',
  error,
})

export const ofMigration = (error: MigrateError): Problem => {
  if ('vendor' in error) return ofDrive(error)
  if (error._tag === 'Stopped')
    return error.cause === undefined
      ? {
          exit: error.why === 'cancelled' || error.why === 'drained' ? exits.interrupted : exits.partly,
          message: error.why === 'cancelled' ? 'interrupted; what was carried stands' : error.message,
          remedy: 'Run it again with --conflict skip to carry the rest.',
        }
      : { ...ofDrive(error.cause), message: error.message }
  return { exit: exits.partly, message: error.message, error }
}
