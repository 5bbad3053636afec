// Writes of one turn of the event loop, committed together.
import * as E from 'fp-ts/Either'
import type { JournalError } from './journal'
import { attempt, type Connection } from './sqlite-file'

interface Due {
  readonly work: () => void
  readonly answer: (problem: JournalError | undefined) => void
}
export interface Batch {
  /** Answers after the commit. A left of `work` is its own alone; it has written nothing. */
  <A>(work: () => E.Either<JournalError, A>): Promise<E.Either<JournalError, A>>
  readonly flush: () => void
}

export const createBatch = (file: string, db: Connection): Batch => {
  let queue: Array<Due> = []
  const flush = (): void => {
    const due = queue
    queue = []
    if (due.length === 0) return
    const committed = attempt(file, () => {
      db.exec('BEGIN IMMEDIATE')
      for (const { work } of due) work()
      db.exec('COMMIT')
    })
    if (E.isLeft(committed)) attempt(file, () => db.exec('ROLLBACK'))
    for (const { answer } of due) answer(E.isLeft(committed) ? committed.left : undefined)
  }
  const add = <A>(work: () => E.Either<JournalError, A>): Promise<E.Either<JournalError, A>> =>
    new Promise((resolve) => {
      let result: E.Either<JournalError, A>
      if (queue.length === 0) setImmediate(flush)
      queue.push({
        work: () => {
          result = work()
        },
        answer: (problem) => {
          resolve(problem === undefined ? result : E.left(problem))
        },
      })
    })
  return Object.assign(add, { flush })
}
