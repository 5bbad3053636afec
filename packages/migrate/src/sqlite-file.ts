// The journal's file: opened, held by one process, and its errors named.
import * as E from 'fp-ts/Either'
import { existsSync } from 'node:fs'
import Database from 'libsql'
import type { JournalError } from './journal'

export type Connection = InstanceType<typeof Database>

const lockWait = 250
const schemaVersion = 2
const schema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entries (
  path TEXT PRIMARY KEY, kind TEXT NOT NULL, version TEXT, owner TEXT, settled INTEGER NOT NULL DEFAULT 0,
  status TEXT, bytes INTEGER NOT NULL DEFAULT 0, target TEXT, decision TEXT, upload TEXT, before TEXT, outcome TEXT
) WITHOUT ROWID;
CREATE TABLE samples (run TEXT NOT NULL, at INTEGER NOT NULL, files INTEGER NOT NULL, bytes INTEGER NOT NULL, failures INTEGER NOT NULL);
CREATE INDEX entries_target ON entries (target) WHERE target IS NOT NULL;
CREATE INDEX entries_failed ON entries (path) WHERE status IN ('failed', 'blocked');
PRAGMA user_version = ${schemaVersion};`

const textOf = (u: unknown, key: 'code' | 'message'): string => {
  const value: unknown =
    typeof u === 'object' && u !== null && key in u ? (u as Record<string, unknown>)[key] : undefined
  return typeof value === 'string' ? value : ''
}

export const journalError = (_tag: JournalError['_tag'], message: string): JournalError => ({ _tag, message })

const corrupt = (file: string, why: string): JournalError =>
  journalError('JournalCorrupt', `${file} cannot be read as a journal: ${why}`)

/** What SQLite threw. */
const errorOf = (file: string, u: unknown): JournalError => {
  const code = textOf(u, 'code')
  const said = textOf(u, 'message')
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return journalError('JournalTaken', `${file} is held by another process`)
  if (/^SQLITE_(FULL|IOERR|READONLY|PERM)/.test(code))
    return journalError('JournalFull', `${file} cannot be written: ${said}`)
  return corrupt(file, said)
}

export const attempt = <A>(file: string, work: () => A): E.Either<JournalError, A> =>
  E.tryCatch(work, (u) => errorOf(file, u))

/** Reads a row as an object; what it holds is the caller's to check. */
export const valueOf = (row: unknown, key: string): unknown =>
  typeof row === 'object' && row !== null ? (row as Record<string, unknown>)[key] : undefined

export const metaOf = (db: Connection, key: string): string | undefined => {
  const value = valueOf(db.prepare('SELECT value FROM meta WHERE key = ?').get(key), 'value')
  return typeof value === 'string' ? value : undefined
}

const versionIn = (db: Connection): unknown => valueOf(db.prepare('PRAGMA user_version').get(), 'user_version')

const isEmpty = (db: Connection): boolean =>
  valueOf(db.prepare('SELECT count(*) AS n FROM sqlite_master').get(), 'n') === 0

const checked = (file: string, db: Connection): E.Either<JournalError, Connection> => {
  const version = versionIn(db)
  if (version === schemaVersion) return E.right(db)
  db.close()
  return E.left(
    corrupt(file, version === 0 ? 'it is another kind of database' : 'another version of anydrive wrote it'),
  )
}

/**
 * The lock is one of the operating system, on a file beside the journal, so that it ends with the process however that ends, and the journal
 * itself can be read meanwhile. Answers how to let go.
 */
const lock = (file: string): (() => void) => {
  const db = new Database(`${file}-lock`, { timeout: lockWait })
  db.exec('BEGIN EXCLUSIVE')
  return () => {
    db.exec('ROLLBACK')
    db.close()
  }
}

const taken = (file: string): JournalError => {
  const owner = E.toUnion(attempt(file, () => metaOf(new Database(file, { readonly: true }), 'owner')))
  const who = typeof owner === 'string' ? ` (${owner})` : ''
  return journalError(
    'JournalTaken',
    `${file} is held by another process${who}; only one migration at a time may write it`,
  )
}

export interface Opened {
  readonly db: Connection
  readonly close: () => void
}

/** Makes the file where there is none. Holds it until `close`, or until the process ends. */
export const openFile = (file: string): E.Either<JournalError, Opened> => {
  const held = attempt(file, () => lock(file))
  if (E.isLeft(held)) return held.left._tag === 'JournalTaken' ? E.left(taken(file)) : held
  const opened = E.flatten(
    attempt(file, () => {
      const db = new Database(file, { timeout: 5000 })
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      if (isEmpty(db)) db.exec(`BEGIN IMMEDIATE; ${schema} COMMIT`)
      return checked(file, db)
    }),
  )
  if (E.isLeft(opened)) {
    held.right()
    return opened
  }
  const db = opened.right
  return E.right({
    db,
    close: () => {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      db.close()
      held.right()
    },
  })
}

/** To look only; `running`: a process holds it. */
export const peek = (file: string): E.Either<JournalError, { readonly db: Connection; readonly running: boolean }> => {
  if (!existsSync(file)) return E.left(corrupt(file, 'there is no such file'))
  const running =
    existsSync(`${file}-lock`) &&
    E.isLeft(
      attempt(file, () => {
        const db = new Database(`${file}-lock`, { readonly: true, timeout: 0 })
        db.prepare('SELECT count(*) FROM sqlite_master').get()
        db.close()
      }),
    )
  const db = E.flatten(attempt(file, () => checked(file, new Database(file, { readonly: true, timeout: 5000 }))))
  return E.map((it: Connection) => ({ db: it, running }))(db)
}
