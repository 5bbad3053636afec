// The table of faults as tests: one an operation.
import { has, type Operation } from '@anydrive/core'
import type { Subject } from '../law'
import { checkDoubt } from './check'
import { scenarios } from './scenarios'

export { checkDoubt, runDoubt, type DoubtOptions, type DoubtReport } from './check'

/** The checks of the operations that a drive declares. */
export const doubtTests = (
  subject: Subject,
): ReadonlyArray<{ readonly name: string; readonly check: () => Promise<void> }> => {
  const declared = scenarios(subject.hooks?.multipartSize).filter(({ needs }) =>
    needs.every((feature) => has(subject.capabilities, feature)),
  )
  const operations: ReadonlyArray<Operation> = [...new Set(declared.map(({ operation }) => operation))]
  return operations.map((operation) => ({
    name: `${operation} says what is true`,
    check: () => checkDoubt(subject, { operations: [operation] }),
  }))
}
