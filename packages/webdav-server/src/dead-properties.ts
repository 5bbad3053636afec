// Properties that clients set and only clients understand: in a small SQLite file of their own, following what becomes of the entries.
import type { DrivePath } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import Database from 'libsql'
import { closeSync, openSync } from 'node:fs'
import type { PropertyName } from './xml-write'

interface Property extends PropertyName {
  /** The whole element, standing alone. */
  readonly xml: string
}
export type PropertyChange =
  { readonly action: 'set'; readonly property: Property } | { readonly action: 'remove'; readonly name: PropertyName }

export interface Properties {
  readonly of: (path: DrivePath) => ReadonlyArray<Property>
  /** All of them, or none. */
  readonly change: (path: DrivePath, changes: ReadonlyArray<PropertyChange>) => E.Either<string, void>
  readonly move: (from: DrivePath, to: DrivePath) => E.Either<string, void>
  /** `tree`: with all below it. */
  readonly copy: (from: DrivePath, to: DrivePath, tree: boolean) => E.Either<string, void>
  readonly forget: (path: DrivePath) => E.Either<string, void>
  readonly close: () => void
}

const schema = `
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS properties (
  path TEXT NOT NULL, uri TEXT NOT NULL, local TEXT NOT NULL, xml TEXT NOT NULL, PRIMARY KEY (path, uri, local)
) WITHOUT ROWID;`

const reason = (u: unknown): string => (u instanceof Error ? u.message : 'the properties cannot be kept')
const attempt = <A>(work: () => A): E.Either<string, A> => E.tryCatch(work, reason)

const textIn = (row: unknown, key: string): string => {
  const value: unknown = typeof row === 'object' && row !== null ? (row as Record<string, unknown>)[key] : undefined
  return typeof value === 'string' ? value : ''
}

// All below `dir/` stands between `dir/` and `dir0`: `0` is the character after `/`.
const below = "path >= ? || '/' AND path < ? || '0'"

const propertiesOf = (db: InstanceType<typeof Database>): Properties => {
  const select = db.prepare('SELECT uri, local, xml FROM properties WHERE path = ? ORDER BY uri, local')
  const set = db.prepare('INSERT OR REPLACE INTO properties (path, uri, local, xml) VALUES (?, ?, ?, ?)')
  const unset = db.prepare('DELETE FROM properties WHERE path = ? AND uri = ? AND local = ?')
  const remove = db.prepare(`DELETE FROM properties WHERE path = ? OR (${below})`)
  const copyOne = db.prepare(
    'INSERT OR REPLACE INTO properties (path, uri, local, xml) SELECT ?, uri, local, xml FROM properties WHERE path = ?',
  )
  const copyBelow = db.prepare(
    `INSERT OR REPLACE INTO properties (path, uri, local, xml) SELECT ? || substr(path, length(?) + 1), uri, local, xml FROM properties WHERE ${below}`,
  )
  const together = (work: () => void): E.Either<string, void> =>
    E.flatten(
      attempt(() => {
        db.exec('BEGIN IMMEDIATE')
        const done = attempt(work)
        db.exec(E.isRight(done) ? 'COMMIT' : 'ROLLBACK')
        return done
      }),
    )
  const forget = (path: DrivePath) => remove.run(path, path, path)
  const copy = (from: DrivePath, to: DrivePath, tree: boolean) => {
    forget(to)
    copyOne.run(to, from)
    if (tree) copyBelow.run(to, from, from, from)
  }
  return {
    of: (path) =>
      select
        .all(path)
        .map((row) => ({ uri: textIn(row, 'uri'), local: textIn(row, 'local'), xml: textIn(row, 'xml') })),
    change: (path, changes) =>
      together(() => {
        for (const it of changes)
          if (it.action === 'set') set.run(path, it.property.uri, it.property.local, it.property.xml)
          else unset.run(path, it.name.uri, it.name.local)
      }),
    move: (from, to) =>
      together(() => {
        copy(from, to, true)
        forget(from)
      }),
    copy: (from, to, tree) =>
      together(() => {
        copy(from, to, tree)
      }),
    forget: (path) =>
      together(() => {
        forget(path)
      }),
    close: () => {
      db.close()
    },
  }
}

/** In memory unless a file is named, which is made where it is missing; a left says why it cannot be used. */
export const openProperties = (file = ':memory:'): E.Either<string, Properties> =>
  attempt(() => {
    // Others cannot read it: SQLite gives the files beside a database the mode of the database.
    if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600))
    const db = new Database(file, { timeout: 5000 })
    db.exec(schema)
    return propertiesOf(db)
  })
