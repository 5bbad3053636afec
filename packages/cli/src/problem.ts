// Why a command ends without having done its work: the message, what to do about it, and the exit code.
import type { ConfigurationError, DriveError } from '@anydrive/core'
import type { MigrateError, ScratchError } from '@anydrive/migrate'
import { loaderOf } from './lazy'
import type * as Remedies from './remedies'

const load = loaderOf(__filename)

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
  remedy: (load('./remedies') as typeof Remedies).remedyFor(error),
  error,
})

/** A temporary file, for what does not fit into memory, could not be written or read. */
export const ofScratch = ({ message, ...error }: ScratchError): Problem => ({
  exit: exits.partly,
  message,
  remedy: 'Set the environment variable TMPDIR to a directory with enough room.',
  error,
})

export const ofConfiguration = ({ message, ...error }: ConfigurationError, file: string): Problem => ({
  exit: exits.usage,
  message: `${file}: ${message}`,
  remedy: 'Correct the entry; the README of each adapter lists its settings.',
  error,
})

export const ofMigration = (error: MigrateError): Problem => {
  if ('vendor' in error) return ofDrive(error)
  if (error._tag === 'Stopped')
    return error.cause === undefined
      ? {
          exit: error.why === 'cancelled' || error.why === 'drained' ? exits.interrupted : exits.partly,
          message: error.why === 'cancelled' ? 'interrupted; what was transferred is kept' : error.message,
          remedy: 'Run it again with --conflict skip to transfer the rest.',
        }
      : { ...ofDrive(error.cause), message: error.message }
  return { exit: exits.partly, message: error.message, error }
}
