// The journal's database file: opened, locked for one process, and its errors named.
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import { accessSync, closeSync, constants, existsSync, openSync, realpathSync, rmSync, statSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import Database from 'libsql'
import type { JournalError } from './journal'
import { openSeal, readSeal, schemaHash, sealFile, type Seal, type SealWriter } from './journal-seal'

export type Connection = InstanceType<typeof Database>

const lockWait = 250
const schemaVersion = 3
const schema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entries (path TEXT PRIMARY KEY, status TEXT, target TEXT, data TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE samples (id INTEGER PRIMARY KEY, data TEXT NOT NULL);
CREATE INDEX entries_target ON entries (target) WHERE target IS NOT NULL;
CREATE INDEX entries_failed ON entries (path) WHERE status IN ('failed', 'blocked');
PRAGMA user_version = ${schemaVersion};`

const fieldOf = (u: unknown, key: string): unknown =>
  typeof u === 'object' && u !== null ? (u as Record<string, unknown>)[key] : undefined
const textOf = (u: unknown, key: 'code' | 'message'): string => {
  const value = fieldOf(u, key)
  return typeof value === 'string' ? value : ''
}

export const journalError = (_tag: JournalError['_tag'], message: string): JournalError => ({ _tag, message })

const next = 'restore it from a copy, or start again with another journal and the strategy skip or overwrite'
/** `what` completes a sentence about the file. */
export const corrupt = (file: string, what: string): JournalError =>
  journalError('JournalCorrupt', `the journal ${file} ${what}; ${next}`)

const isWritable = (file: string): boolean =>
  E.isRight(E.tryCatch(() => { accessSync(file, constants.W_OK) }, () => undefined)) // prettier-ignore

/** What SQLite or the file system threw. */
const errorOf = (file: string, u: unknown): JournalError => {
  const code = textOf(u, 'code')
  const said = textOf(u, 'message')
  if (/^SQLITE_(BUSY|LOCKED)/.test(code))
    return journalError('JournalTaken', `the journal ${file} is held by another process`)
  const isFull = /^(SQLITE_(FULL|IOERR_(WRITE|FSYNC|DIR_FSYNC|TRUNCATE|SHM\w*))|ENOSPC|EDQUOT|EFBIG)$/
  if (isFull.test(code))
    return journalError(
      'JournalFull',
      `the journal ${file} cannot be written: ${said}; make room on its disk, then resume`,
    )
  if (/^(SQLITE_(READONLY|PERM|CANTOPEN)|EROFS|EACCES|EPERM)/.test(code) && !isWritable(file))
    return journalError('JournalFull', `the journal ${file} cannot be written: ${said}; make it writable, then resume`)
  return corrupt(file, `cannot be read: ${said}`)
}

export const attempt = <A>(file: string, work: () => A): E.Either<JournalError, A> =>
  E.tryCatch(work, (u) => errorOf(file, u))

/** The column of a row; what it holds is the caller's to check. */
export const valueOf = fieldOf

/** A column that was selected as a blob. The native module ends the process where a text is not valid UTF-8, so no text is selected as such. */
export const blobText = (row: unknown, key: string): string | undefined => {
  const value = fieldOf(row, key)
  return value instanceof ArrayBuffer
    ? Buffer.from(value).toString('utf8')
    : Buffer.isBuffer(value)
      ? value.toString()
      : undefined
}

export const metaOf = (db: Connection, key: string): string | undefined =>
  blobText(db.prepare('SELECT CAST(value AS BLOB) AS value FROM meta WHERE key = ?').get(key), 'value')

/** The path with all links resolved, so that a file has one lock however it is reached. */
const realPathOf = (file: string): string =>
  E.toUnion(
    E.tryCatch(
      () => realpathSync.native(file),
      () => join(E.toUnion(E.tryCatch(() => realpathSync.native(dirname(file)), () => dirname(file))), basename(file)), // prettier-ignore
    ),
  )

/** The journal's own files, those that exist only for a time included. */
export const companionsOf = (file: string): ReadonlyArray<string> => {
  const real = realPathOf(file)
  return [real, ...['-wal', '-shm', '-seal', '-lock', '-lock-journal'].map((end) => real + end)]
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/** A file that others cannot read: SQLite gives the files beside a database the mode of the database. One that exists is not touched: see `openHere`. */
const createPrivately = (file: string): void => {
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
}

/**
 * Databases that this process has open, by path. Whoever closes any descriptor of such a file releases the locks that SQLite has on it (POSIX), and then another
 * process that reads the journal takes itself for the only one, and removes the write-ahead log. So nothing but SQLite may open them meanwhile.
 */
const openHere = new Map<string, number>()
const opens = (real: string): (() => void) => {
  openHere.set(real, (openHere.get(real) ?? 0) + 1)
  return () => {
    const left = (openHere.get(real) ?? 1) - 1
    if (left === 0) openHere.delete(real)
    else openHere.set(real, left)
  }
}

/**
 * For reading only. The option `readonly` of libsql has no effect, and a connection that may write removes the write-ahead log at its end; so it is the URL
 * that says so. `isStill`: nobody has the file open, so that no file is created beside it.
 */
const openToRead = (real: string, isStill: boolean): Connection => {
  const path = encodeURI(real).replaceAll('?', '%3F').replaceAll('#', '%23')
  return new Database(`file:${path}?${isStill ? 'immutable=1' : 'mode=ro'}`, { timeout: 5000 })
}

/**
 * The lock is one of the operating system, on a file beside the journal, so that it ends with the process however that ends, and the journal
 * itself can be read meanwhile. Answers how to release it.
 */
const lock = (real: string): (() => void) => {
  createPrivately(`${real}-lock`)
  const db = new Database(`${real}-lock`, { timeout: lockWait })
  db.exec('BEGIN EXCLUSIVE')
  return () => {
    db.exec('ROLLBACK')
    db.close()
  }
}

const ownerOf = (real: string): string | undefined => {
  const db = openToRead(real, false)
  try {
    return metaOf(db, 'owner')
  } finally {
    db.close()
  }
}

const taken = (file: string, real: string): JournalError => {
  const owner = E.toUnion(attempt(file, () => ownerOf(real)))
  const who = typeof owner === 'string' ? ` (${owner})` : ''
  return journalError(
    'JournalTaken',
    `the journal ${file} is held by another process${who}; only one migration at a time may write it`,
  )
}

/** The record of the batches inside the database. */
export interface Chain {
  readonly counter: number
  /** Sum of the checksums of all rows. */
  readonly sum: number
}
const chainOf = (db: Connection): (Chain & { readonly id: string }) | undefined => {
  const [id, counter, sum] = (metaOf(db, 'chain') ?? '').split(' ')
  return id === undefined || sum === undefined ? undefined : { id, counter: Number(counter), sum: Number(sum) }
}
export const chainWriter = (db: Connection, id: string): ((chain: Chain) => void) => {
  const write = db.prepare(
    "INSERT INTO meta VALUES ('chain', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  )
  return ({ counter, sum }) => {
    write.run(`${id} ${counter} ${sum}`)
  }
}

/** Whether the database is the one that its seal describes, and has every batch. */
const checkChain = (file: string, db: Connection, seal: Seal): E.Either<JournalError, Chain> => {
  const version = fieldOf(db.prepare('PRAGMA user_version').get(), 'user_version')
  if (version !== schemaVersion) return E.left(corrupt(file, 'was written by another version of anydrive'))
  const chain = chainOf(db)
  if (chain?.id !== seal.id) return E.left(corrupt(file, `does not belong to ${sealFile(file)}`))
  return chain.counter >= seal.counter
    ? E.right(chain)
    : E.left(
        corrupt(file, `has lost ${seal.counter - chain.counter} of ${seal.counter} batches, or its write-ahead log`),
      )
}

/** What can be found out before the database is opened. */
const checkFiles = (file: string, real: string): E.Either<JournalError, Seal | undefined> => {
  const seal = readSeal(real)
  const isThere = sizeOf(real) > 0 || sizeOf(`${real}-wal`) > 0
  if (E.isLeft(seal)) {
    if (seal.left === 'damaged') return E.left(corrupt(file, `cannot be checked, because ${sealFile(file)} is damaged`))
    return isThere
      ? E.left(corrupt(file, `cannot be checked, because ${sealFile(file)} is missing, or is no journal`))
      : E.right(undefined)
  }
  // The process that created it was killed before anything could be recorded.
  if (seal.right.schema === '') return E.right(undefined)
  if (sizeOf(real) === 0) return E.left(corrupt(file, existsSync(real) ? 'is empty' : 'is missing'))
  // Checked when it was opened.
  if (openHere.has(real)) return E.right(seal.right)
  return E.flatMap((hash: string) =>
    hash === seal.right.schema ? E.right(seal.right) : E.left(corrupt(file, 'is damaged: its first page has changed')),
  )(attempt(file, () => schemaHash(real)))
}

const connect = (real: string): Connection => {
  const db = new Database(real, { timeout: 5000 })
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  return db
}

const create = (real: string): Opened => {
  const id = randomUUID()
  const seal = openSeal(real, { id, counter: 0, schema: '' })
  for (const end of ['', '-wal', '-shm']) if (sizeOf(real + end) > 0) rmSync(real + end)
  createPrivately(real)
  const created = connect(real)
  created.exec(`BEGIN IMMEDIATE; ${schema} COMMIT`)
  chainWriter(created, id)({ counter: 0, sum: 0 })
  created.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  created.close()
  const sealed = { id, counter: 0, schema: schemaHash(real) }
  seal.write(sealed)
  return { db: connect(real), seal, sealed, chain: { counter: 0, sum: 0 } }
}

const isSound = (db: Connection): boolean =>
  db
    .prepare('SELECT CAST(integrity_check AS BLOB) AS said FROM pragma_integrity_check')
    .all()
    .every((row) => blobText(row, 'said') === 'ok')

const reopen = (file: string, real: string, sealed: Seal): E.Either<JournalError, Opened> => {
  const db = connect(real)
  const chain = E.flatMap((it: Chain) => (isSound(db) ? E.right(it) : E.left(corrupt(file, 'is damaged'))))(
    checkChain(file, db, sealed),
  )
  if (E.isRight(chain)) return E.right({ db, seal: openSeal(real, sealed), sealed, chain: chain.right })
  db.close()
  return chain
}

interface Opened {
  readonly db: Connection
  readonly seal: SealWriter
  readonly sealed: Seal
  readonly chain: Chain
}
export interface OpenFile extends Opened {
  /** Resolves once all that has been committed is on the disk; a commit itself does not wait for it. */
  readonly sync: () => Promise<E.Either<JournalError, void>>
  /** What has been committed is on the disk afterwards. */
  readonly close: () => void
}

/** Flushes the write-ahead log, as SQLite does it with `synchronous=FULL`, but without blocking the process meanwhile. */
const walOf = (file: string, real: string) => {
  let handle: Promise<FileHandle> | undefined
  return {
    sync: async (): Promise<E.Either<JournalError, void>> => {
      try {
        handle ??= open(`${real}-wal`, 'r+')
        await (await handle).datasync()
        return E.right(undefined)
      } catch (u) {
        return E.left(errorOf(file, { code: 'SQLITE_IOERR_FSYNC', message: textOf(u, 'message') }))
      }
    },
    /** After a flush that is still at work. */
    close: (): void => void handle?.then((it) => it.close()).catch(() => undefined),
  }
}

/**
 * Creates the file where there is none, unless `mustExist`. Holds it until `close`, or until the process ends. `JournalCorrupt` where the file is damaged or lacks
 * anything that was committed; the rows themselves are the caller's to check against `chain.sum`.
 */
export const openFile = (file: string, mustExist: boolean): E.Either<JournalError, OpenFile> => {
  const real = realPathOf(file)
  const held = attempt(file, () => lock(real))
  if (E.isLeft(held)) return held.left._tag === 'JournalTaken' ? E.left(taken(file, real)) : held
  const openOrCreate = (seal: Seal | undefined): E.Either<JournalError, Opened> => {
    if (seal !== undefined) return reopen(file, real, seal)
    return mustExist && !existsSync(sealFile(real))
      ? E.left(corrupt(file, 'is missing or empty'))
      : E.right(create(real))
  }
  const opened = E.flatMap((seal: Seal | undefined) => E.flatten(attempt(file, () => openOrCreate(seal))))(
    checkFiles(file, real),
  )
  if (E.isLeft(opened)) {
    held.right()
    return opened
  }
  const { db, seal } = opened.right
  const wal = walOf(file, real)
  const closed = opens(real)
  db.exec('PRAGMA synchronous = NORMAL')
  return E.right({
    ...opened.right,
    sync: wal.sync,
    close: () => {
      wal.close()
      // A file that cannot be written any more is closed as it is; the next run finds out what it lacks.
      attempt(file, () => db.exec('PRAGMA wal_checkpoint(TRUNCATE)'))
      for (const end of [() => db.close(), closed, seal.close, held.right]) attempt(file, end)
    },
  })
}

const isHeld = (file: string, lockFile: string): boolean =>
  existsSync(lockFile) &&
  E.isLeft(
    attempt(file, () => {
      const db = new Database(lockFile, { timeout: 0 })
      try {
        db.prepare('SELECT count(*) FROM sqlite_master').get()
      } finally {
        db.close()
      }
    }),
  )

export interface Peek {
  readonly db: Connection
  /** A process holds it. */
  readonly running: boolean
  readonly close: () => void
}

/** For reading only: neither the file nor what is beside it is changed. */
export const peek = (file: string): E.Either<JournalError, Peek> => {
  const real = realPathOf(file)
  if (!existsSync(real)) return E.left(corrupt(file, 'is missing'))
  const running = isHeld(file, `${real}-lock`)
  const read = (seal: Seal | undefined): E.Either<JournalError, Peek> => {
    if (seal === undefined) return E.left(corrupt(file, 'is empty'))
    const closed = opens(real)
    const opened = attempt(file, () => openToRead(real, !running && sizeOf(`${real}-wal`) === 0))
    const close = (): void => {
      if (E.isRight(opened)) opened.right.close()
      closed()
    }
    const checked = E.flatMap((db: Connection) =>
      E.map((): Peek => ({ db, running, close }))(E.flatten(attempt(file, () => checkChain(file, db, seal)))),
    )(opened)
    if (E.isLeft(checked)) close()
    return checked
  }
  return E.flatMap(read)(checkFiles(file, real))
}
