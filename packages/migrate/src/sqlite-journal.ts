// The durable journal: one SQLite file, from which another process goes on.
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { createBatch } from './batch'
import type { Before, Claim, Identity, Item, Journal, JournalError, Lease, Outcome } from './journal'
import {
  KeptBefore,
  KeptDecision,
  KeptFrontier,
  KeptIdentity,
  KeptRow,
  KeptUpload,
  read,
  readOutcome,
} from './journal-codecs'
import { journalError, metaOf, openFile, type Connection } from './sqlite-file'
import { isOfService } from './systemic'

export interface SqliteJournalOptions {
  /** What tells this migration from others between the same kinds of drives: their names, say. */
  readonly label?: string | undefined
  /** Entries that failed in an earlier run, and what is below them, are worked on again; else they stay failed. */
  readonly retryFailed?: boolean | undefined
}
export interface SqliteJournal extends Journal {
  /** Lets go of the file. What is claimed can be resumed. */
  readonly close: () => void
}

type Kept = KeptRow | undefined

const set = (db: Connection, key: string, value: string | undefined): void => {
  if (value === undefined) db.prepare('DELETE FROM meta WHERE key = ?').run(key)
  else
    db.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(key, value)
}

const unreadable = (file: string, what: string): JournalError =>
  journalError('JournalCorrupt', `${file} is damaged: what it holds of ${what} cannot be read`)

/** Sentences for what differs, the kept first. */
const differences = (kept: Identity & { readonly label: string }, now: Identity & { readonly label: string }) => {
  const place = ({ vendor, path }: Identity['from']): string => `${vendor}:/${path}`
  const ends = [
    ['source', place(kept.from), place(now.from)],
    ['target', place(kept.to), place(now.to)],
  ] as const
  const rows: ReadonlyArray<readonly [string, string, string]> = [
    ...(kept.label === now.label ? ends : [['it', kept.label, now.label] as const]),
    ['conflict', kept.conflict, now.conflict],
    ['names', kept.names, now.names],
    ['verify', kept.verify, now.verify],
    ['removeSource', String(kept.removeSource), String(now.removeSource)],
  ]
  return rows.filter(([, a, b]) => a !== b).map(([what, a, b]) => `${what} was ${a}, now ${b}`)
}

const columns = 'kind, version, owner, settled, decision, upload, before, outcome'

const rowOf = (db: Connection, path: string): E.Either<'unreadable', Kept> => {
  const row = db.prepare(`SELECT ${columns} FROM entries WHERE path = ?`).get(path)
  return row === undefined ? E.right(undefined) : E.mapLeft(() => 'unreadable' as const)(KeptRow.decode(row))
}

/** What an earlier attempt at the same entry left. An upload goes on only with the bytes it began with. */
const leaseOf = (item: Item, row: KeptRow, sameFile: boolean): E.Either<'unreadable', Lease> => {
  const decision = read(KeptDecision, row.decision)
  const upload = read(KeptUpload, sameFile ? row.upload : null)
  const before = read<Before>(KeptBefore, row.before)
  if (E.isLeft(decision)) return decision
  if (E.isLeft(upload)) return upload
  if (E.isLeft(before)) return before
  return E.right({
    path: item.path,
    interrupted: true,
    ...(decision.right === undefined ? {} : { decision: decision.right }),
    ...(upload.right === undefined ? {} : { upload: upload.right }),
    ...(before.right === undefined ? {} : { before: before.right }),
  })
}

interface Session {
  readonly id: string
  /** The earlier run did not come to its end. */
  readonly goesOn: boolean
  readonly retryFailed: boolean
}

/** Whether an outcome kept is the answer, or the entry is worked on anew. */
const stands = (outcome: Outcome, row: KeptRow, session: Session): boolean => {
  if (row.owner === session.id) return true
  if (outcome.status === 'blocked') return !session.retryFailed && !session.goesOn
  if (outcome.status !== 'failed') return true
  return !session.retryFailed && !(session.goesOn && isOfService(outcome.error))
}

const claimIn = (db: Connection, session: Session, item: Item): E.Either<'unreadable', Claim> => {
  const kept = rowOf(db, item.path)
  if (E.isLeft(kept)) return kept
  const row = kept.right
  const version = item.version ?? null
  const insert = (): void => {
    db.prepare(
      'INSERT INTO entries (path, kind, version, owner) VALUES (?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET kind = excluded.kind, ' +
        'version = excluded.version, owner = excluded.owner, settled = 0, status = NULL, bytes = 0, target = NULL, decision = NULL, ' +
        'upload = NULL, before = NULL, outcome = NULL',
    ).run(item.path, item.kind, version, session.id)
  }
  const anew = (): E.Either<'unreadable', Claim> => {
    insert()
    return E.right({ status: 'leased', lease: { path: item.path } })
  }
  if (row === undefined) return anew()
  const outcome = readOutcome(row.outcome)
  if (E.isLeft(outcome)) return outcome
  const sameFile = row.kind === item.kind && row.version === version
  if (row.settled === 1 && outcome.right !== undefined) {
    if (sameFile && stands(outcome.right, row, session))
      return E.right({ status: 'settled', outcome: outcome.right, ...(row.owner === session.id ? { own: true } : {}) })
    if (outcome.right.status !== 'failed') return anew()
  } else if (row.owner === session.id) return E.right({ status: 'held' })
  const lease = leaseOf(item, row, sameFile)
  if (E.isLeft(lease)) return lease
  db.prepare(
    'UPDATE entries SET kind = ?, version = ?, owner = ?, settled = 0, status = NULL, outcome = NULL, upload = ? WHERE path = ?',
  ).run(item.kind, version, session.id, sameFile ? row.upload : null, item.path)
  return E.right({ status: 'leased', lease: lease.right })
}

const noteIn = (db: Connection, { path }: Lease, progress: Parameters<Journal['note']>[1]): void => {
  const [column, value] =
    'decision' in progress
      ? ['decision', progress.decision]
      : 'before' in progress
        ? ['before', progress.before]
        : ['upload', progress.upload]
  db.prepare(`UPDATE entries SET ${column} = ? WHERE path = ?`).run(
    value === undefined ? null : JSON.stringify(value),
    path,
  )
}

const settleIn = (db: Connection, session: Session, { path }: Lease, outcome: Outcome): void => {
  const failed = outcome.status === 'failed'
  db.prepare(
    `UPDATE entries SET settled = 1, owner = ?, status = ?, bytes = ?, target = ?, outcome = ?${failed ? '' : ', upload = NULL'} WHERE path = ?`,
  ).run(
    session.id,
    outcome.status,
    outcome.status === 'carried' ? outcome.bytes : 0,
    'to' in outcome ? (outcome.to ?? null) : null,
    JSON.stringify(outcome),
    path,
  )
}

/**
 * Makes the file where there is none, and holds it until `close`. Every right is written to the disk before it is answered (WAL,
 * `synchronous=FULL`); what is asked for within one turn of the event loop is written together.
 */
export const sqliteJournal = (
  file: string,
  { label = '', retryFailed = false }: SqliteJournalOptions = {},
): E.Either<JournalError, SqliteJournal> => {
  const opened = openFile(file)
  if (E.isLeft(opened)) return opened
  const { db, close } = opened.right
  const batch = createBatch(file, db)
  let session: Session | undefined

  const begin = (identity: Identity): E.Either<JournalError, void> => {
    if (session !== undefined)
      return E.left(journalError('JournalTaken', `${file} is in use by another migration of this process`))
    const text = metaOf(db, 'identity')
    const kept = read(KeptIdentity, text ?? null)
    if (E.isLeft(kept)) return E.left(unreadable(file, 'the migration'))
    const now = { ...identity, label }
    const other = kept.right === undefined ? [] : differences(kept.right, now)
    if (other.length > 0)
      return E.left(journalError('JournalMismatch', `${file} is the journal of another migration: ${other.join('; ')}`))
    set(db, 'identity', JSON.stringify(now))
    set(db, 'owner', `process ${process.pid} on ${hostname()}`)
    const goesOn = kept.right !== undefined && metaOf(db, 'complete') === undefined
    set(db, 'complete', undefined)
    session = { id: randomUUID(), goesOn, retryFailed }
    return E.right(undefined)
  }
  const inSession =
    <A>(work: (current: Session) => E.Either<JournalError, A>) =>
    () =>
      batch(() =>
        session === undefined ? E.left(journalError('JournalTaken', `${file}: no migration has begun`)) : work(session),
      )
  return E.right({
    durable: true,
    begin: (identity) => () => batch(() => begin(identity)),
    end: ({ complete }) =>
      inSession(() => {
        session = undefined
        set(db, 'owner', undefined)
        if (complete) {
          set(db, 'complete', new Date().toISOString())
          set(db, 'frontier', undefined)
        }
        return E.right(undefined)
      }),
    claim: (item) =>
      inSession((current) => E.mapLeft(() => unreadable(file, `/${item.path}`))(claimIn(db, current, item))),
    note: (lease, progress) =>
      inSession(() => {
        noteIn(db, lease, progress)
        return E.right(undefined)
      }),
    settle: (lease, outcome) =>
      inSession((current) => {
        settleIn(db, current, lease, outcome)
        return E.right(undefined)
      }),
    release: ({ path }) =>
      inSession(() => {
        db.prepare('UPDATE entries SET owner = NULL WHERE path = ?').run(path)
        return E.right(undefined)
      }),
    walkedTo: (frontier) =>
      inSession(() => {
        set(db, 'frontier', frontier === undefined ? undefined : JSON.stringify(frontier))
        return E.right(undefined)
      }),
    frontier: () =>
      inSession(() =>
        E.mapLeft(() => unreadable(file, 'how far the walk came'))(read(KeptFrontier, metaOf(db, 'frontier') ?? null)),
      ),
    sample: ({ at, files, bytes, failures }) =>
      inSession((current) => {
        db.prepare('INSERT INTO samples VALUES (?, ?, ?, ?, ?)').run(current.id, at, files, bytes, failures)
        return E.right(undefined)
      }),
    accounts: ({ to, source }) =>
      inSession(() =>
        E.right(
          db.prepare('SELECT 1 FROM entries WHERE target = ? OR (path = ? AND settled = 0) LIMIT 1').get(to, source) !==
            undefined,
        ),
      ),
    close: () => {
      batch.flush()
      close()
    },
  })
}
