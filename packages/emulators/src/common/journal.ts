// What survives a restart: records by table and key, committed before a change is acknowledged.
import Database from 'libsql'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Journal {
  /** False where nothing is kept; then `put` and `commit` cost nothing. */
  readonly durable: boolean
  /** How often this data was opened before. Mixed into the seed, so that ids are not handed out twice. */
  readonly starts: number
  /** The value is asked for at `commit`, once, however often the record was put before. It must be plain JSON. */
  readonly put: (table: string, key: string, value: () => unknown) => void
  readonly remove: (table: string, key: string) => void
  /** All or nothing; when it returns, the records survive the end of this process. */
  readonly commit: () => void
  readonly load: (table: string) => Iterable<readonly [key: string, value: unknown]>
  readonly close: () => void
}

const forgetful: Journal = {
  durable: false,
  starts: 0,
  put: () => undefined,
  remove: () => undefined,
  commit: () => undefined,
  load: () => [],
  close: () => undefined,
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** One emulator at a time: a file with the process id, void when that process is gone. Gives the way to unlock. */
const lock = (dataDir: string): (() => void) => {
  const file = join(dataDir, 'emulator.pid')
  const holder = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  if (holder > 0 && isAlive(holder))
    throw new Error(`${dataDir} is in use by process ${holder}; if that is no emulator, remove ${file}`)
  writeFileSync(file, String(process.pid))
  return () => rmSync(file, { force: true })
}

const open = (dataDir: string): Database.Database => {
  const db = new Database(join(dataDir, 'emulator.db'))
  // A write-ahead log keeps commits when the process is killed.
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.exec('create table if not exists records (tab text, key text, value text, primary key (tab, key)) without rowid')
  return db
}

const rowsOf = (db: Database.Database, table: string): ReadonlyArray<readonly [string, unknown]> =>
  db
    .prepare('select key, value from records where tab = ?')
    .all(table)
    .map((row) => {
      const { key, value } = row as { readonly key: string; readonly value: string }
      return [key, JSON.parse(value) as unknown] as const
    })

/** `vendor` guards against opening the data of another emulator. Throws where the directory cannot be used. */
export const openJournal = (dataDir: string | undefined, vendor: string): Journal => {
  if (dataDir === undefined) return forgetful
  mkdirSync(dataDir, { recursive: true })
  const unlock = lock(dataDir)
  const db = open(dataDir)
  const write = db.prepare('insert or replace into records values (?, ?, ?)')
  const erase = db.prepare('delete from records where tab = ? and key = ?')
  const meta = new Map(rowsOf(db, 'meta'))
  const owner = meta.get('vendor') ?? vendor
  if (owner !== vendor) {
    db.close()
    unlock()
    throw new Error(`${dataDir} holds the data of a ${JSON.stringify(owner)} emulator, not of ${vendor}`)
  }
  const starts = Number(meta.get('starts') ?? 0)
  const pending = new Map<string, { table: string; key: string; value: (() => unknown) | undefined }>()
  const commit = (): void => {
    if (pending.size === 0) return
    db.exec('begin')
    try {
      for (const { table, key, value } of pending.values())
        if (value === undefined) erase.run(table, key)
        else write.run(table, key, JSON.stringify(value()))
      db.exec('commit')
    } catch (cause) {
      db.exec('rollback')
      throw cause
    }
    pending.clear()
  }
  const put = (table: string, key: string, value: (() => unknown) | undefined): void =>
    void pending.set(`${table} ${key}`, { table, key, value })
  put('meta', 'vendor', () => vendor)
  put('meta', 'starts', () => starts + 1)
  commit()
  return {
    durable: true,
    starts,
    put,
    remove: (table, key) => put(table, key, undefined),
    commit,
    load: (table) => rowsOf(db, table),
    close: () => {
      commit()
      db.close()
      unlock()
    },
  }
}
