// One thing that is checked on a drive, and what came of it.
import type { DriveError } from '@anydrive/core'
import * as E from 'fp-ts/Either'

export interface Check {
  readonly about: string
  /** `differs`: the drive answered, and not as its adapter expects. `failed`: it refused, or could not be asked. */
  readonly result: 'ok' | 'differs' | 'failed' | 'not-checked'
  readonly detail: string
  /** Where it failed, for the exit code. */
  readonly error?: DriveError
}

export const ok = (about: string, detail: string): Check => ({ about, result: 'ok', detail })
export const differs = (about: string, detail: string): Check => ({ about, result: 'differs', detail })
export const notChecked = (about: string, detail: string): Check => ({ about, result: 'not-checked', detail })
export const failed = (about: string, error: DriveError): Check => ({
  about,
  result: 'failed',
  detail: error.message,
  error,
})

/** What a right shows, or the failure. */
export const checked = <A>(about: string, answer: E.Either<DriveError, A>, show: (value: A) => Check): Check =>
  E.isLeft(answer) ? failed(about, answer.left) : show(answer.right)
