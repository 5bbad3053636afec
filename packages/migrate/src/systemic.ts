// What is wrong with the service rather than with one entry: it would meet all that follows, and ends the run with one diagnosis.
import { isError, retryAdvice, type DriveError } from '@anydrive/core'
import type { Outcome } from './journal'

/** Of one entry: others fare otherwise, however many of these there are. */
const isOfEntry = isError(
  'NameConflict',
  'NotFound',
  'WrongKind',
  'InvalidPath',
  'NestedTarget',
  'Ambiguous',
  'RangeNotSatisfiable',
  'PreconditionFailed',
  'Rejected',
  'LimitExceeded',
  'SourceFailed',
  'Unsupported',
  'Aborted',
)

const reads = (error: DriveError): boolean => error.operation === 'readFile' || error.operation === 'list'

/** The entry itself may be sound: it is tried again by a run that goes on, without being asked for. */
export const isOfService = (error: DriveError): boolean =>
  retryAdvice(error) === 'later' || isError('Unauthenticated', 'QuotaExceeded', 'Forbidden')(error)

/** After so many in a row, with nothing carried between them, the rest would fare no better. */
const mostInARow = (error: DriveError): number => {
  if (error._tag === 'Unauthenticated') return 1
  if (error._tag === 'QuotaExceeded') return 3
  if (isOfEntry(error) || (error._tag === 'Forbidden' && reads(error))) return Infinity
  return 20
}

/** Services word one trouble in several ways; a fatal error counts as the same by its own words. */
const kindOf = (error: DriveError): string =>
  retryAdvice(error) === 'later'
    ? 'out of service'
    : [error.vendor, error.operation, error._tag, error.http ?? '', error.code ?? ''].join(' ')

export const watchFor = (stop: (cause: DriveError) => void): ((outcome: Outcome) => void) => {
  let kind: string | undefined
  let inARow = 0
  return (outcome) => {
    if (outcome.status === 'carried' || outcome.status === 'made') kind = undefined
    if (outcome.status !== 'failed') return
    const { error } = outcome
    inARow = kindOf(error) === kind ? inARow + 1 : 1
    kind = kindOf(error)
    if (inARow >= mostInARow(error)) stop(error)
  }
}
