// The state of a migration by its journal, whether it is running or not.
import type { DrivePath } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import {
  countsOf,
  failedOf,
  failureIn,
  mostExamples,
  mostUnderWay,
  reasonsOf,
  type CountedRow,
  type FailedRow,
  type MigrationStatus,
} from './entry-counts'
import type { JournalError } from './journal'
import { KeptIdentity, read, readEntry, type KeptSample } from './journal-codecs'
import { samplesOf } from './journal-samples'
import { attempt, blobText, metaOf, peek, valueOf, type Connection } from './sqlite-file'

export interface JournalStatus extends MigrationStatus {
  /**
   * `complete`: the last run came to its end, and everything was transferred or skipped by decision; `incomplete`: it came to its end, but entries failed or were blocked;
   * `stopped`: there is something to resume.
   */
  readonly state: 'running' | 'complete' | 'incomplete' | 'stopped'
  /** The label that the journal was begun with. */
  readonly label: string
  /** Failures of the last run that no entry stands for, at least: directories that could not be listed, and names that no path can hold. */
  readonly problems: number
}

const numberOf = (row: unknown, key: string): number => {
  const value = valueOf(row, key)
  return typeof value === 'number' ? value : 0
}

const countedIn = (db: Connection): ReadonlyArray<CountedRow> =>
  db
    .prepare(
      `SELECT CAST(status AS BLOB) AS status, CAST(data ->> '$.kind' AS BLOB) AS kind, count(*) AS n,
         total(coalesce(CASE status WHEN 'carried' THEN data ->> '$.outcome.bytes' END, data ->> '$.size')) AS bytes
       FROM entries GROUP BY 1, 2`,
    )
    .all()
    .map((row) => ({
      status: blobText(row, 'status'),
      kind: blobText(row, 'kind') ?? '',
      n: numberOf(row, 'n'),
      bytes: numberOf(row, 'bytes'),
    }))

const failedIn = (db: Connection): ReadonlyArray<FailedRow> =>
  db
    .prepare(
      `SELECT CAST(path AS BLOB) AS path, CAST(data AS BLOB) AS data, n FROM (
         SELECT path, data, count(*) OVER reason AS n, row_number() OVER (reason ORDER BY path) AS place
         FROM entries WHERE status = 'failed' WINDOW reason AS (PARTITION BY data ->> '$.outcome.error._tag')
       ) WHERE place <= ${mostExamples} ORDER BY path`,
    )
    .all()
    .flatMap((row) => {
      const error = failureIn(blobText(row, 'data') ?? '')
      return error === undefined ? [] : [{ path: blobText(row, 'path') ?? '', error, count: numberOf(row, 'n') }]
    })

const underWayIn = (db: Connection, run: string): MigrationStatus['underWay'] =>
  db
    .prepare(
      `SELECT CAST(path AS BLOB) AS path, CAST(data AS BLOB) AS data FROM entries
       WHERE status IS NULL AND data ->> '$.owner' = ? ORDER BY path LIMIT ${mostUnderWay}`,
    )
    .all(run)
    .flatMap((row) => {
      const entry = readEntry(blobText(row, 'data') ?? '')
      if (E.isLeft(entry)) return []
      const { kind, size } = entry.right
      const path = (blobText(row, 'path') ?? '') as DrivePath
      return [{ path, kind, ...(size === undefined ? {} : { size }) }]
    })

const statusIn = (db: Connection, running: boolean): JournalStatus => {
  const { known, ...counts } = countsOf(countedIn(db))
  const identity = read(KeptIdentity, metaOf(db, 'identity'))
  // The last run may have failed with what is no entry of its own: a directory that cannot be listed, a name that no path can hold.
  const last = db.prepare('SELECT CAST(data AS BLOB) AS data FROM samples ORDER BY id DESC LIMIT 1').get()
  const [sample] = samplesOf([blobText(last, 'data')])
  const unlisted = sample?.failures ?? 0
  const isWhole = counts.failures + counts.blocked + counts.others + unlisted === 0
  const ended = metaOf(db, 'complete') === undefined ? 'stopped' : isWhole ? 'complete' : 'incomplete'
  const reasons = reasonsOf(failedIn(db))
  return {
    state: running ? 'running' : ended,
    label: E.isRight(identity) ? (identity.right?.label ?? '') : '',
    ...counts,
    problems: Math.max(0, unlisted - counts.failures - counts.others),
    found: {
      files: Math.max(known.files, sample?.found.files ?? 0),
      bytes: Math.max(known.bytes, sample?.found.bytes ?? 0),
      walked: sample?.found.walked ?? false,
    },
    underWay: running && sample !== undefined ? underWayIn(db, sample.run) : [],
    reasons,
    failed: failedOf(reasons),
  }
}

/** A piece of the file, read without holding it; a migration that writes it is not disturbed. */
const reading = <A>(file: string, work: (db: Connection, running: boolean) => A): E.Either<JournalError, A> => {
  const opened = peek(file)
  if (E.isLeft(opened)) return opened
  const { db, running, close } = opened.right
  const found = attempt(file, () => work(db, running))
  close()
  return found
}

export const journalStatus = (file: string): E.Either<JournalError, JournalStatus> => reading(file, statusIn)

export interface NumberedSample {
  /** Rises. */
  readonly id: number
  readonly sample: KeptSample
  /** The id of the worker, of a migration on many machines. */
  readonly worker?: string
}

/** The samples that were recorded after the one of this id, the oldest first; 0: all. */
export const journalSamples = (file: string, after: number): E.Either<JournalError, ReadonlyArray<NumberedSample>> =>
  reading(file, (db) =>
    db
      .prepare('SELECT id, CAST(data AS BLOB) AS data FROM samples WHERE id > ? ORDER BY id')
      .all(after)
      .flatMap((row) => samplesOf([blobText(row, 'data')]).map((sample) => ({ id: numberOf(row, 'id'), sample }))),
  )
