// Why a command ends without its result, and the exit code that says so.
import type { ConfigurationError, DriveError } from '@anydrive/core'

/** 0 done · 1 done in part · 2 usage or configuration · 3 not authenticated or forbidden · 4 not found · 5 name conflict · 6 unavailable · 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 130

/** Carried by rejection within the command only; `main` turns it into a message and an exit code. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: ExitCode
  constructor(code: ExitCode, message: string) {
    super(message)
    this.code = code
  }
}

export const codeOf = (error: DriveError): ExitCode => {
  switch (error._tag) {
    case 'Unauthenticated':
    case 'Forbidden':
      return 3
    case 'NotFound':
      return 4
    case 'NameConflict':
      return 5
    case 'RateLimited':
    case 'Unavailable':
    case 'Network':
    case 'Timeout':
      return 6
    case 'Aborted':
      return 130
    case 'Unsupported':
      return 2
    case 'InvalidPath':
      return error.operation === 'path' ? 2 : 1
    default:
      return 1
  }
}

export const failed = (error: DriveError): Failure => new Failure(codeOf(error), error.message)
export const misconfigured = (error: ConfigurationError): Failure => new Failure(2, error.message)
export const misused = (message: string): Failure => new Failure(2, message)
