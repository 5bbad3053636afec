// The state of a migration by its journal, whether it is running or not.
import type { DrivePath } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { JournalError, Outcome } from './journal'
import { KeptIdentity, KeptSample, read, readEntry } from './journal-codecs'
import { attempt, blobText, metaOf, peek, valueOf, type Connection } from './sqlite-file'

export interface JournalStatus {
  /**
   * `complete`: the last run came to its end, and everything was transferred or skipped by decision; `incomplete`: it came to its end, but entries failed or were blocked;
   * `stopped`: there is something to resume.
   */
  readonly state: 'running' | 'complete' | 'incomplete' | 'stopped'
  /** The label that the journal was begun with. */
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
    .prepare(
      "SELECT CAST(path AS BLOB) AS path, CAST(data AS BLOB) AS data FROM entries WHERE status = 'failed' ORDER BY path LIMIT 100",
    )
    .all()
    .flatMap((row) => {
      const entry = readEntry(blobText(row, 'data') ?? '')
      return E.isRight(entry) && entry.right.outcome?.status === 'failed'
        ? [{ path: (blobText(row, 'path') ?? '') as DrivePath, message: entry.right.outcome.error.message }]
        : []
    })

const statusIn = (db: Connection, running: boolean): JournalStatus => {
  const rows = db
    .prepare(
      `SELECT CAST(status AS BLOB) AS status, count(*) AS n, total(CASE status WHEN 'carried' THEN data ->> '$.outcome.bytes' END) AS bytes
       FROM entries GROUP BY status`,
    )
    .all()
  const n = (status: Outcome['status'] | undefined): number =>
    numberOf(
      rows.find((row) => blobText(row, 'status') === status),
      'n',
    )
  const identity = read(KeptIdentity, metaOf(db, 'identity'))
  // The last run may have failed with what is no entry of its own: a directory that cannot be listed, a name that no path can hold.
  const last = db.prepare('SELECT CAST(data AS BLOB) AS data FROM samples ORDER BY id DESC LIMIT 1').get()
  const sample = read(KeptSample, blobText(last, 'data'))
  const unlisted = E.isRight(sample) ? (sample.right?.failures ?? 0) : 0
  const isWhole = n('failed') + n('blocked') + n('other') + unlisted === 0
  const ended = metaOf(db, 'complete') === undefined ? 'stopped' : isWhole ? 'complete' : 'incomplete'
  return {
    state: running ? 'running' : ended,
    label: E.isRight(identity) ? (identity.right?.label ?? '') : '',
    claimed: n(undefined),
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
  const { db, running, close } = opened.right
  const status = attempt(file, () => statusIn(db, running))
  close()
  return status
}
