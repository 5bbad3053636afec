// The table of faults as tests: one an operation.
import type { Operation } from '@anydrive/core'
import type { Subject } from '../law'
import { applicable, checkDoubt } from './check'

export { checkDoubt, runDoubt, type DoubtOptions, type DoubtReport } from './check'

/** The checks of the operations that a drive declares. */
export const doubtTests = (
  subject: Subject,
): ReadonlyArray<{ readonly name: string; readonly check: () => Promise<void> }> => {
  const operations: ReadonlyArray<Operation> = [...new Set(applicable(subject).map(({ operation }) => operation))]
  return operations.map((operation) => ({
    name: `${operation} says what is true`,
    check: () => checkDoubt(subject, { operations: [operation] }),
  }))
}
