// The rows of a journal: written in batches, each counted and included in a running checksum of all rows.
import * as E from 'fp-ts/Either'
import type { JournalError } from './journal'
import { hashOf } from './journal-seal'
import { attempt, blobText, chainWriter, corrupt, metaOf, openFile, type Connection } from './sqlite-file'

/** An entry as it is kept; `data` is JSON. */
export interface StoredEntry {
  readonly path: string
  readonly status: string | null
  /** Where its copy is. */
  readonly target: string | null
  readonly data: string
}

export interface JournalStore {
  readonly meta: (key: string) => string | undefined
  readonly setMeta: (key: string, value: string | undefined) => void
  readonly entry: (path: string) => StoredEntry | undefined
  readonly put: (before: StoredEntry | undefined, after: StoredEntry) => void
  readonly addSample: (data: string) => void
  /** Newest first. */
  readonly samples: (limit: number) => ReadonlyArray<string>
  /** Whether an entry has its copy there. */
  readonly hasTarget: (target: string) => boolean
  /**
   * Runs `work` in the next batch, together with everything that comes in this turn of the event loop or while the batch before is written; answers once it is on the disk. A left of `work` is its own
   * alone; it must not have written anything. After a batch that could not be written, every further answer is its error.
   */
  readonly inBatch: <A>(work: () => E.Either<JournalError, A>) => Promise<E.Either<JournalError, A>>
  readonly close: () => void
}

/** Sums stay exact: two of them are below 2^53. */
const modulus = 2 ** 52
const plus = (a: number, b: number): number => (a + b) % modulus
const minus = (a: number, b: number): number => (a - b + modulus) % modulus
const entryHash = ({ path, status, target, data }: StoredEntry): number =>
  hashOf(['e', path, status ?? '', target ?? '', data].join('\0')) % modulus
const metaHash = (key: string, value: string): number => hashOf(`m\0${key}\0${value}`) % modulus
const sampleHash = (data: string): number => hashOf(`s\0${data}`) % modulus

const columns = ['path', 'status', 'target', 'data'] as const
const asBlobs = columns.map((name) => `CAST(${name} AS BLOB) AS ${name}`).join(', ')
/** Entries read by one query: one at a time would take several times as long. */
const together = 1000

/** All entries by path. Columns are separated by NUL, which no path and no JSON contains. */
export function* storedEntries(db: Connection): Generator<StoredEntry, void> {
  const joined = columns.map((name) => `coalesce(${name}, '')`).join(' || char(0) || ')
  const rowsFrom = (comparison: '>' | '>=') =>
    db.prepare(
      `SELECT CAST(group_concat(line, char(0)) AS BLOB) AS lines, CAST(max(path) AS BLOB) AS last
       FROM (SELECT path, ${joined} AS line FROM entries WHERE path ${comparison} ? ORDER BY path LIMIT ${together})`,
    )
  const further = rowsFrom('>')
  // The path of the root is empty.
  for (let after: string | undefined; ;) {
    const row = after === undefined ? rowsFrom('>=').get('') : further.get(after)
    const lines = blobText(row, 'lines')?.split('\0')
    const last = blobText(row, 'last')
    if (lines === undefined || last === undefined) return
    for (let i = 0; i < lines.length; i += columns.length) {
      const [path = '', status = '', target = '', data = ''] = lines.slice(i, i + columns.length)
      yield { path, status: status === '' ? null : status, target: target === '' ? null : target, data }
    }
    // A path that is not valid UTF-8 reads as another one; it does not match its checksum, and must not be read for ever.
    if (after !== undefined && Buffer.compare(Buffer.from(last), Buffer.from(after)) <= 0) return
    after = last
  }
}

const sumOf = (db: Connection, onEntry: (entry: StoredEntry) => void): number => {
  let sum = 0
  for (const row of db.prepare('SELECT CAST(key AS BLOB) AS key, CAST(value AS BLOB) AS value FROM meta').all()) {
    const key = blobText(row, 'key') ?? ''
    if (key !== 'chain') sum = plus(sum, metaHash(key, blobText(row, 'value') ?? ''))
  }
  for (const row of db.prepare('SELECT CAST(data AS BLOB) AS data FROM samples').all())
    sum = plus(sum, sampleHash(blobText(row, 'data') ?? ''))
  for (const entry of storedEntries(db)) {
    sum = plus(sum, entryHash(entry))
    onEntry(entry)
  }
  return sum
}

interface Due {
  readonly work: () => void
  readonly answer: (problem: JournalError | undefined) => void
}

/** Opens the journal and checks every row; `onEntry` is given each. Errors: see `openFile`. */
export const openStore = (
  file: string,
  mustExist: boolean,
  onEntry: (entry: StoredEntry) => void,
): E.Either<JournalError, JournalStore> => {
  const opened = openFile(file, mustExist)
  if (E.isLeft(opened)) return opened
  const { db, seal, sealed, chain, sync, close } = opened.right
  let { counter, sum } = chain
  const found = attempt(file, () => sumOf(db, onEntry))
  if (E.isLeft(found) || found.right !== sum) {
    close()
    return E.isLeft(found) ? found : E.left(corrupt(file, 'is damaged: its rows do not match their checksum'))
  }

  // Each is compiled once: that takes longer than it takes to run them.
  const find = db.prepare(`SELECT ${asBlobs} FROM entries WHERE path = ?`)
  const write = db.prepare(
    'INSERT INTO entries VALUES (?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET status = excluded.status, target = excluded.target, data = excluded.data',
  )
  const record = chainWriter(db, sealed.id)

  let queue: Array<Due> = []
  let broken: JournalError | undefined
  /** A batch was committed and is on its way to the disk. What comes meanwhile is the next batch. */
  let isUnderWay = false
  let isClosed = false

  const failing = (work: () => void): E.Either<JournalError, void> => {
    const done = attempt(file, work)
    if (E.isLeft(done)) broken ??= done.left
    return done
  }
  const takeQueue = (): ReadonlyArray<Due> => {
    const due = queue
    queue = []
    return due
  }
  const commit = (due: ReadonlyArray<Due>): void => {
    if (broken !== undefined) return
    const committed = failing(() => {
      db.exec('BEGIN IMMEDIATE')
      for (const { work } of due) work()
      counter += 1
      record({ counter, sum })
      db.exec('COMMIT')
    })
    if (E.isLeft(committed)) attempt(file, () => db.exec('ROLLBACK'))
  }
  const answerAll = (due: ReadonlyArray<Due>): void => {
    for (const { answer } of due) answer(broken)
  }
  /** Only what is on the disk: the seal must never claim more. */
  const writeSeal = (upTo: number): void => {
    if (broken === undefined) failing(() => { seal.write({ ...sealed, counter: upTo }) }) // prettier-ignore
  }
  const flush = async (): Promise<void> => {
    const due = takeQueue()
    if (due.length === 0) return
    isUnderWay = true
    commit(due)
    const upTo = counter
    const synced = broken === undefined ? await sync() : E.right(undefined)
    isUnderWay = false
    // Closing the file has put everything on the disk.
    if (!isClosed) {
      if (E.isLeft(synced)) broken ??= synced.left
      writeSeal(upTo)
    }
    answerAll(due)
    if (queue.length > 0) flushSoon()
  }
  const flushSoon = (): void => {
    setImmediate(() => void flush())
  }

  return E.right({
    meta: (key) => metaOf(db, key),
    setMeta: (key, value) => {
      const before = metaOf(db, key)
      if (before !== undefined) sum = minus(sum, metaHash(key, before))
      if (value === undefined) db.prepare('DELETE FROM meta WHERE key = ?').run(key)
      else {
        sum = plus(sum, metaHash(key, value))
        db.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(
          key,
          value,
        )
      }
    },
    entry: (path) => {
      const row = find.get(path)
      const data = blobText(row, 'data')
      return data === undefined
        ? undefined
        : { path, status: blobText(row, 'status') ?? null, target: blobText(row, 'target') ?? null, data }
    },
    put: (before, after) => {
      if (before !== undefined) sum = minus(sum, entryHash(before))
      sum = plus(sum, entryHash(after))
      write.run(after.path, after.status, after.target, after.data)
    },
    addSample: (data) => {
      sum = plus(sum, sampleHash(data))
      db.prepare('INSERT INTO samples (data) VALUES (?)').run(data)
    },
    samples: (limit) =>
      db
        .prepare('SELECT CAST(data AS BLOB) AS data FROM samples ORDER BY id DESC LIMIT ?')
        .all(limit)
        .map((row) => blobText(row, 'data') ?? ''),
    hasTarget: (target) => db.prepare('SELECT 1 FROM entries WHERE target = ? LIMIT 1').get(target) !== undefined,
    inBatch: <A>(work: () => E.Either<JournalError, A>) =>
      new Promise<E.Either<JournalError, A>>((resolve) => {
        let result: E.Either<JournalError, A>
        if (queue.length === 0 && !isUnderWay) flushSoon()
        queue.push({
          work: () => {
            result = work()
          },
          answer: (problem) => {
            resolve(problem === undefined ? result : E.left(problem))
          },
        })
      }),
    close: () => {
      const due = takeQueue()
      if (due.length > 0 || isUnderWay) {
        // This commit waits for the disk, and what was committed before is in the same file.
        failing(() => db.exec('PRAGMA synchronous = FULL'))
        commit(due)
        writeSeal(counter)
        answerAll(due)
      }
      isClosed = true
      close()
    },
  })
}
