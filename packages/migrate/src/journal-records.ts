// The entries and the speed of a migration by its journal: what a report is made of.
import type { DrivePath, EntryKind } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { noTotals, type Identity, type JournalError, type Outcome, type Sample } from './journal'
import { KeptIdentity, read, readEntry } from './journal-codecs'
import { samplesOf } from './journal-samples'
import { storedEntries } from './journal-store'
import { createSeries, type SeriesPoint } from './series'
import { attempt, blobText, corrupt, metaOf, peek, valueOf, type Connection } from './sqlite-file'

export interface JournalRecord {
  readonly path: DrivePath
  readonly kind: EntryKind
  /** Undefined: begun, and not settled. */
  readonly outcome: Outcome | undefined
}
export interface JournalRecords {
  readonly identity: Identity & { readonly label: string }
  readonly complete: boolean
  /** Files found in the source, and whether these are all. */
  readonly found: Sample['found']
  /** Files found and without an outcome; `atLeast`: there may be more, because the source was not walked to its end. */
  readonly remaining: { readonly files: number; readonly atLeast: boolean }
  /** Of all runs, one after another. */
  readonly samples: ReadonlyArray<SeriesPoint>
  /** By path, one at a time; an entry that cannot be read ends it with a left. */
  readonly records: () => Iterable<E.Either<JournalError, JournalRecord>>
  readonly close: () => void
}

const samplesIn = (db: Connection): Pick<JournalRecords, 'samples' | 'found'> => {
  const series = createSeries()
  let found: Sample['found'] = { ...noTotals.found, walked: false }
  for (const row of db.prepare('SELECT CAST(data AS BLOB) AS data FROM samples ORDER BY id').iterate())
    for (const sample of samplesOf([blobText(row, 'data')])) {
      series.add(sample)
      found = sample.found
    }
  return { samples: series.points(), found }
}

function* recordsIn(file: string, db: Connection): Generator<E.Either<JournalError, JournalRecord>, void> {
  const entries = storedEntries(db)
  for (;;) {
    const next = attempt(file, () => entries.next())
    if (E.isLeft(next)) yield next
    if (E.isLeft(next) || next.right.done === true) return
    const { path, data } = next.right.value
    const entry = readEntry(data)
    if (E.isLeft(entry)) {
      yield E.left(corrupt(file, `is damaged: the entry /${path} cannot be read`))
      return
    }
    yield E.right({ path: path as DrivePath, kind: entry.right.kind, outcome: entry.right.outcome })
  }
}

/** A migration that writes it is not disturbed. */
export const journalRecords = (file: string): E.Either<JournalError, JournalRecords> => {
  const opened = peek(file)
  if (E.isLeft(opened)) return opened
  const { db, close } = opened.right
  const found = E.flatten(
    attempt(file, () => {
      const identity = read(KeptIdentity, metaOf(db, 'identity'))
      if (E.isLeft(identity) || identity.right === undefined)
        return E.left(corrupt(file, 'is damaged: the migration that it belongs to cannot be read'))
      const { samples, found: last } = samplesIn(db)
      const settled = valueOf(
        db.prepare("SELECT count(*) AS n FROM entries WHERE status IS NOT NULL AND data ->> '$.kind' = 'file'").get(),
        'n',
      )
      const remaining = Math.max(0, last.files - (typeof settled === 'number' ? settled : 0))
      return E.right({
        identity: identity.right,
        complete: metaOf(db, 'complete') !== undefined,
        found: last,
        remaining: { files: remaining, atLeast: !last.walked },
        samples,
        records: () => recordsIn(file, db),
        close,
      })
    }),
  )
  if (E.isLeft(found)) close()
  return found
}
