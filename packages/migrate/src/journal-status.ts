// What a journal tells about its migration, running or not.
import type { DrivePath } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { JournalError } from './journal'
import { KeptIdentity, read, readOutcome } from './journal-codecs'
import { attempt, metaOf, peek, valueOf, type Connection } from './sqlite-file'

export interface JournalStatus {
  /** `complete`: it ended, and every entry found has its outcome, be it `failed`; `stopped`: there is something to resume. */
  readonly state: 'running' | 'complete' | 'stopped'
  /** The label it was begun with. */
  readonly label: string
  /** Begun and without an outcome. */
  readonly claimed: number
  readonly carried: number
  readonly bytes: number
  readonly directories: number
  readonly merged: number
  readonly skipped: number
  readonly others: number
  readonly failures: number
  readonly blocked: number
  /** The first hundred. */
  readonly failed: ReadonlyArray<{ readonly path: DrivePath; readonly message: string }>
}

const numberOf = (row: unknown, key: string): number => {
  const value = valueOf(row, key)
  return typeof value === 'number' ? value : 0
}

const failuresIn = (db: Connection): JournalStatus['failed'] =>
  db
    .prepare("SELECT path, outcome FROM entries WHERE status = 'failed' ORDER BY path LIMIT 100")
    .all()
    .flatMap((row) => {
      const text = valueOf(row, 'outcome')
      const outcome = readOutcome(typeof text === 'string' ? text : null)
      return E.isRight(outcome) && outcome.right?.status === 'failed'
        ? [{ path: valueOf(row, 'path') as DrivePath, message: outcome.right.error.message }]
        : []
    })

const statusIn = (db: Connection, running: boolean): JournalStatus => {
  const rows = db.prepare('SELECT status, count(*) AS n, sum(bytes) AS bytes FROM entries GROUP BY status').all()
  const n = (status: string | null): number =>
    numberOf(
      rows.find((row) => valueOf(row, 'status') === status),
      'n',
    )
  const identity = read(KeptIdentity, metaOf(db, 'identity') ?? null)
  return {
    state: running ? 'running' : metaOf(db, 'complete') === undefined ? 'stopped' : 'complete',
    label: E.isRight(identity) ? (identity.right?.label ?? '') : '',
    claimed: n(null),
    carried: n('carried'),
    bytes: rows.reduce<number>((sum, row) => sum + numberOf(row, 'bytes'), 0),
    directories: n('made'),
    merged: n('merged'),
    skipped: n('skipped'),
    others: n('other'),
    failures: n('failed'),
    blocked: n('blocked'),
    failed: failuresIn(db),
  }
}

/** Reads the file without holding it; a migration that writes it is not disturbed. */
export const journalStatus = (file: string): E.Either<JournalError, JournalStatus> => {
  const opened = peek(file)
  if (E.isLeft(opened)) return opened
  const { db, running } = opened.right
  const status = attempt(file, () => statusIn(db, running))
  db.close()
  return status
}
