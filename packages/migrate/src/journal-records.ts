// What a journal holds of each entry, and how fast it came: what a report is made of.
import type { DrivePath, EntryKind } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Identity, JournalError, Outcome, Sample } from './journal'
import { KeptIdentity, read, readOutcome } from './journal-codecs'
import { attempt, metaOf, peek, valueOf, type Connection } from './sqlite-file'

export interface JournalRecord {
  readonly path: DrivePath
  readonly kind: EntryKind
  /** Undefined: begun, and not settled. */
  readonly outcome: Outcome | undefined
}
export interface JournalRecords {
  readonly identity: Identity & { readonly label: string }
  readonly complete: boolean
  /** Of all runs, one after another: `files`, `bytes` and `failures` go on rising from run to run. A pause between two runs is a gap in `at`. */
  readonly samples: ReadonlyArray<Sample & { readonly run: string }>
  /** By path, one at a time; a row that cannot be read ends it with a left. */
  readonly records: () => Iterable<E.Either<JournalError, JournalRecord>>
  readonly close: () => void
}

const asNumber = (row: unknown, key: string): number => {
  const value = valueOf(row, key)
  return typeof value === 'number' ? value : 0
}

const samplesIn = (db: Connection): JournalRecords['samples'] => {
  const rising: Array<Sample & { readonly run: string }> = []
  const before = { files: 0, bytes: 0, failures: 0 }
  let last: (Sample & { readonly run: string }) | undefined
  for (const row of db.prepare('SELECT run, at, files, bytes, failures FROM samples ORDER BY at, rowid').all()) {
    const run = String(valueOf(row, 'run'))
    if (last !== undefined && last.run !== run)
      Object.assign(before, { files: last.files, bytes: last.bytes, failures: last.failures })
    last = {
      run,
      at: asNumber(row, 'at'),
      files: before.files + asNumber(row, 'files'),
      bytes: before.bytes + asNumber(row, 'bytes'),
      failures: before.failures + asNumber(row, 'failures'),
    }
    rising.push(last)
  }
  return rising
}

const damaged = (file: string, what: string): JournalError => ({
  _tag: 'JournalCorrupt',
  message: `${file} is damaged: what it holds of ${what} cannot be read`,
})

function* recordsIn(file: string, db: Connection): Generator<E.Either<JournalError, JournalRecord>, void> {
  for (const row of db.prepare('SELECT path, kind, outcome FROM entries ORDER BY path').iterate()) {
    const path = valueOf(row, 'path') as DrivePath
    const text = valueOf(row, 'outcome')
    const outcome = readOutcome(typeof text === 'string' ? text : null)
    if (E.isLeft(outcome)) {
      yield E.left(damaged(file, `/${path}`))
      return
    }
    yield E.right({ path, kind: valueOf(row, 'kind') as EntryKind, outcome: outcome.right })
  }
}

/** A migration that writes it is not disturbed. */
export const journalRecords = (file: string): E.Either<JournalError, JournalRecords> => {
  const opened = peek(file)
  if (E.isLeft(opened)) return opened
  const { db } = opened.right
  const found = E.flatten(
    attempt(file, () => {
      const identity = read(KeptIdentity, metaOf(db, 'identity') ?? null)
      if (E.isLeft(identity) || identity.right === undefined) return E.left(damaged(file, 'the migration'))
      return E.right({
        identity: identity.right,
        complete: metaOf(db, 'complete') !== undefined,
        samples: samplesIn(db),
        records: () => recordsIn(file, db),
        close: () => {
          db.close()
        },
      })
    }),
  )
  if (E.isLeft(found)) db.close()
  return found
}
