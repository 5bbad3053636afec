// The journal of a migration in PostgreSQL, as one worker sees it.
import {
  noTotals,
  type Item,
  type Journal,
  type JournalError,
  type Lease as EntryLease,
  type Totals,
} from '@anydrive/migrate'
import {
  claimOf,
  createCounts,
  differences,
  KeptCheckpoint,
  KeptIdentity,
  lastSamples,
  read,
  readEntry,
  releasedEntry,
  settledEntry,
  storedOf,
  type KeptEntry,
  type Session,
} from '@anydrive/migrate/engine'
import * as E from 'fp-ts/Either'
import { setTimeout as delay } from 'node:timers/promises'
import { errorOf, isUnreachable, type ClusterError, type Database, type Query } from './database'
import { isAliveSql, type Lease } from './lease'
import { pathKey, storedPath } from './path-key'

/** The present run of a migration; every worker works on the same. */
export interface ClusterRun {
  readonly migration: number
  readonly name: string
  readonly session: Session
}
export interface ClusterJournalOptions {
  readonly database: Database
  readonly lease: Lease
  readonly run: ClusterRun
  readonly label: string
  /** True: `end` ends the migration; false for one of several workers. */
  readonly isAlone?: boolean | undefined
}

/** The database failed: another attempt would as well. */
export interface DatabaseJournalError extends JournalError {
  readonly database: ClusterError
}
const ofDatabase = (database: ClusterError): DatabaseJournalError => ({
  _tag: 'JournalFull',
  message: database.message,
  database,
})
const journalError = (_tag: JournalError['_tag'], message: string): JournalError => ({ _tag, message })

/** Milliseconds between two attempts to reach the database. */
const pause = 250
const samplesForSpeed = 100
/** Holds the entries that are released. */
const nobody = '00000000-0000-0000-0000-000000000000'

type Answer<A> = Promise<E.Either<JournalError, A>>

interface EntryRow {
  readonly [column: string]: unknown
  readonly data: string
  readonly isHeld: boolean
}

const lapsed = (name: string): JournalError =>
  journalError(
    'JournalTaken',
    `the lease of this worker on the migration ${name} has lapsed: it was paused or cut off from the database for too long, and other workers may have taken over`,
  )

export const openClusterJournal = ({
  database,
  lease,
  run,
  label,
  isAlone = false,
}: ClusterJournalOptions): Journal => {
  const { migration, name, session } = run
  /** What this process works on, as the database has it. */
  const mine = new Map<string, KeptEntry>()
  const corrupt = (what: string): JournalError =>
    journalError('JournalCorrupt', `the journal of the migration ${name} is damaged: ${what} cannot be read`)

  /** Again while the database cannot be reached and the lease lasts: each piece of work may be repeated. */
  const durable = async <A>(work: () => Answer<A>): Answer<A> => {
    for (;;) {
      if (!lease.isAlive()) return E.left(lapsed(name))
      try {
        return await work()
      } catch (u) {
        if (!isUnreachable(u)) return E.left(ofDatabase(errorOf(u)))
        await delay(pause)
      }
    }
  }

  const columnsOf = (item: Pick<Item, 'path'>, entry: KeptEntry): ReadonlyArray<unknown> => {
    const { status, target, data } = storedOf(item.path, entry)
    const size = entry.outcome?.status === 'carried' ? entry.outcome.bytes : entry.size
    return [migration, pathKey(item.path), entry.kind, size ?? null, status, target, lease.worker, data]
  }

  const claimNew = async (item: Item, entry: KeptEntry): Promise<boolean> => {
    const { count } = await database.query(
      `INSERT INTO anydrive.entries (migration, key, kind, size, status, target, holder, data, path)
       SELECT $1::integer, $2::bytea, $3::text, $4::bigint, $5::text, $6::text, $7::uuid, $8::text, $9::text
       WHERE ${isAliveSql('$7')} ON CONFLICT DO NOTHING`,
      [...columnsOf(item, entry), storedPath(item.path)],
    )
    return count === 1
  }

  const claimKept =
    (item: Item) =>
    async (query: Query): Answer<ReturnType<typeof claimOf>> => {
      const { rows } = await query<EntryRow>(
        `SELECT data, holder <> $3 AND EXISTS (SELECT 1 FROM anydrive.workers w WHERE w.id = e.holder AND w.expires > now()) AS "isHeld"
       FROM anydrive.entries e WHERE migration = $1 AND key = $2 FOR UPDATE OF e`,
        [migration, pathKey(item.path), lease.worker],
      )
      const [row] = rows
      // Nothing was claimed and nothing is kept: the lease has lapsed.
      if (row === undefined) return E.left(lapsed(name))
      const kept = readEntry(row.data)
      if (E.isLeft(kept)) return E.left(corrupt(`the entry /${item.path}`))
      const claimed = claimOf(item, kept.right, session, () => row.isHeld || mine.has(item.path))
      if (claimed.entry === undefined) return E.right(claimed)
      const { count } = await query(
        `UPDATE anydrive.entries SET kind = $3, size = $4, status = $5, target = $6, holder = $7, data = $8
       WHERE migration = $1 AND key = $2 AND ${isAliveSql('$7')}`,
        columnsOf(item, claimed.entry),
      )
      return count === 1 ? E.right(claimed) : E.left(lapsed(name))
    }

  /** A left where another worker has taken over the entry, or may have. */
  const update = ({ path }: EntryLease, change: (entry: KeptEntry) => KeptEntry, holder = lease.worker): Answer<void> =>
    durable(async () => {
      const entry = mine.get(path)
      if (entry === undefined) return E.left(lapsed(name))
      const changed = change(entry)
      const { count } = await database.query(
        `UPDATE anydrive.entries SET kind = $3, size = $4, status = $5, target = $6, data = $8, holder = $9
         WHERE migration = $1 AND key = $2 AND holder = ANY (ARRAY[$7, $9]::uuid[]) AND ${isAliveSql('$7')}`,
        [...columnsOf({ path }, changed), holder],
      )
      if (count !== 1) return E.left(lapsed(name))
      mine.set(path, changed)
      return E.right(undefined)
    })

  const done = (work: () => Promise<unknown>) => () =>
    durable(async () => {
      await work()
      return E.right(undefined)
    })

  const totals = async (): Promise<Totals> => {
    const counts = createCounts()
    const { rows } = await database.query<{ readonly data: string }>(
      'SELECT data FROM anydrive.entries WHERE migration = $1 AND status IS NOT NULL',
      [migration],
    )
    for (const row of rows) counts.add(row)
    const samples = await database.query<{ readonly data: string }>(
      'SELECT data FROM anydrive.samples WHERE migration = $1 ORDER BY id DESC LIMIT $2',
      [migration, samplesForSpeed],
    )
    return { ...counts.totals(session), ...lastSamples(samples.rows.map(({ data }) => data)) }
  }

  return {
    durable: true,
    begin: (identity) => () =>
      durable(async () => {
        const { rows } = await database.query<{ readonly identity: string }>(
          'SELECT identity FROM anydrive.migrations WHERE id = $1',
          [migration],
        )
        const kept = read(KeptIdentity, rows[0]?.identity)
        if (E.isLeft(kept) || kept.right === undefined) return E.left(corrupt('what it belongs to'))
        const other = differences(kept.right, { ...identity, label })
        if (other.length > 0)
          return E.left(journalError('JournalMismatch', `${name} is another migration: ${other.join('; ')}`))
        return E.right(isAlone ? await totals() : noTotals)
      }),
    end: ({ complete }) =>
      done(async () => {
        if (isAlone && complete)
          await database.query(
            "UPDATE anydrive.migrations SET state = 'complete', ended_at = now(), checkpoint = NULL WHERE id = $1",
            [migration],
          )
      }),
    claim: (item) => () =>
      durable(async () => {
        if (!mine.has(item.path)) {
          const fresh = claimOf(item, undefined, session, () => false)
          if (fresh.entry !== undefined && (await claimNew(item, fresh.entry))) {
            mine.set(item.path, fresh.entry)
            return E.right(fresh.claim)
          }
        }
        const claimed = await database.transaction(claimKept(item))
        if (E.isRight(claimed) && claimed.right.entry !== undefined) mine.set(item.path, claimed.right.entry)
        return E.map(({ claim }: ReturnType<typeof claimOf>) => claim)(claimed)
      }),
    note: (entry, progress) => () => update(entry, (kept) => ({ ...kept, ...progress })),
    settle: (entry, outcome) => async () => {
      const settled = await update(entry, (kept) => settledEntry(kept, outcome))
      mine.delete(entry.path)
      return settled
    },
    release: (entry) => async () => {
      const released = await update(entry, releasedEntry, nobody)
      mine.delete(entry.path)
      return released
    },
    saveWalkCheckpoint: (checkpoint) =>
      done(() =>
        database.query('UPDATE anydrive.migrations SET checkpoint = $2 WHERE id = $1', [
          migration,
          JSON.stringify(checkpoint),
        ]),
      ),
    walkCheckpoint: () => () =>
      durable(async () => {
        const { rows } = await database.query<{ readonly checkpoint: string | null }>(
          'SELECT checkpoint FROM anydrive.migrations WHERE id = $1',
          [migration],
        )
        return E.mapLeft(() => corrupt('how far the walk came'))(read(KeptCheckpoint, rows[0]?.checkpoint ?? undefined))
      }),
    sample: (sample) =>
      done(() =>
        database.query('INSERT INTO anydrive.samples (migration, worker, data) VALUES ($1, $2, $3)', [
          migration,
          lease.worker,
          JSON.stringify({ run: session.id, ...sample }),
        ]),
      ),
    accounts:
      ({ to, source }) =>
      () =>
        durable(async () => {
          const { rows } = await database.query<{ readonly known: boolean }>(
            `SELECT EXISTS (SELECT 1 FROM anydrive.entries WHERE migration = $1 AND md5(target) = md5($2) AND target = $2)
               OR EXISTS (SELECT 1 FROM anydrive.entries WHERE migration = $1 AND key = $3 AND status IS NULL) AS known`,
            [migration, to, pathKey(source)],
          )
          return E.right(rows[0]?.known === true)
        }),
  }
}
