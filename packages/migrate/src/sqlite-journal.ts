// The durable journal: one SQLite file, from which another process resumes.
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Identity, Journal, JournalError, Totals } from './journal'
import { createClaims, createCounts, type Session } from './journal-claims'
import { KeptCheckpoint, KeptIdentity, read } from './journal-codecs'
import { differences } from './journal-identity'
import { lastSamples } from './journal-samples'
import { openStore } from './journal-store'
import { companionsOf, corrupt, journalError } from './sqlite-file'

export interface SqliteJournalOptions {
  /** Distinguishes this migration from others between the same kinds of drives: their names, for example. */
  readonly label?: string | undefined
  /** Entries that failed in an earlier run, and those below them, are tried again; else they stay failed. */
  readonly retryFailed?: boolean | undefined
  /** The file must exist; else it is created where there is none. */
  readonly resume?: boolean | undefined
}
export interface SqliteJournal extends Journal {
  /** Releases the file. What is claimed can be resumed. */
  readonly close: () => void
}

const samplesForSpeed = 12

/**
 * Creates the file where there is none, and holds it until `close`. Every right is on the disk before it is answered (WAL, flushed after each batch). `JournalCorrupt`
 * where the file is damaged, or lacks anything that was committed.
 */
export const sqliteJournal = (
  file: string,
  { label = '', retryFailed = false, resume = false }: SqliteJournalOptions = {},
): E.Either<JournalError, SqliteJournal> => {
  const counts = createCounts()
  const opened = openStore(file, resume, counts.add)
  if (E.isLeft(opened)) return opened
  const store = opened.right
  let session: (Session & { readonly claims: ReturnType<typeof createClaims> }) | undefined

  const begin = (identity: Identity): E.Either<JournalError, Totals> => {
    if (session !== undefined)
      return E.left(journalError('JournalTaken', `the journal ${file} is in use by another migration of this process`))
    const kept = read(KeptIdentity, store.meta('identity'))
    if (E.isLeft(kept)) return E.left(corrupt(file, 'is damaged: the migration that it belongs to cannot be read'))
    const now = { ...identity, label }
    const other = kept.right === undefined ? [] : differences(kept.right, now)
    if (other.length > 0)
      return E.left(
        journalError('JournalMismatch', `the journal ${file} belongs to another migration: ${other.join('; ')}`),
      )
    const resumes = kept.right !== undefined && store.meta('complete') === undefined
    store.setMeta('identity', JSON.stringify(now))
    store.setMeta('owner', `process ${process.pid} on ${hostname()}`)
    store.setMeta('complete', undefined)
    const current = { id: randomUUID(), resumes, retryFailed, moves: now.removeSource }
    session = { ...current, claims: createClaims(store, current) }
    return E.right({ ...counts.totals(current), ...lastSamples(store.samples(samplesForSpeed)) })
  }
  const inSession =
    <A>(work: (current: NonNullable<typeof session>) => E.Either<JournalError, A>) =>
    () =>
      store.inBatch(() =>
        session === undefined
          ? E.left(journalError('JournalTaken', `the journal ${file}: no migration has begun`))
          : work(session),
      )
  const doing = (work: (current: NonNullable<typeof session>) => void) =>
    inSession((current) => {
      work(current)
      return E.right(undefined)
    })
  return E.right({
    durable: true,
    files: companionsOf(file),
    begin: (identity) => () => store.inBatch(() => begin(identity)),
    end: ({ complete }) =>
      doing(() => {
        session = undefined
        store.setMeta('owner', undefined)
        if (!complete) return
        store.setMeta('complete', new Date().toISOString())
        store.setMeta('checkpoint', undefined)
      }),
    claim: (item) =>
      inSession(({ claims }) =>
        E.mapLeft(() => corrupt(file, `is damaged: the entry /${item.path} cannot be read`))(claims.claim(item)),
      ),
    note: (lease, progress) =>
      doing(({ claims }) => {
        claims.note(lease, progress)
      }),
    settle: (lease, outcome) =>
      doing(({ claims }) => {
        claims.settle(lease, outcome)
      }),
    release: (lease) =>
      doing(({ claims }) => {
        claims.release(lease)
      }),
    saveWalkCheckpoint: (checkpoint) =>
      doing(() => {
        store.setMeta('checkpoint', JSON.stringify(checkpoint))
      }),
    walkCheckpoint: () =>
      inSession(() =>
        E.mapLeft(() => corrupt(file, 'is damaged: how far the walk came cannot be read'))(
          read(KeptCheckpoint, store.meta('checkpoint')),
        ),
      ),
    sample: (sample) =>
      doing(({ id }) => {
        store.addSample(JSON.stringify({ run: id, ...sample }))
      }),
    accounts: ({ to, source }) => inSession(({ claims }) => E.right(store.hasTarget(to) || claims.isUnderWay(source))),
    close: store.close,
  })
}
