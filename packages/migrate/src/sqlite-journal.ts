// The durable journal: one SQLite file, from which another process resumes.
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { noTotals, type Identity, type Journal, type JournalError, type Totals } from './journal'
import { createClaims, createCounts, type Session } from './journal-claims'
import { KeptCheckpoint, KeptIdentity, KeptSample, read } from './journal-codecs'
import { openStore, type JournalStore } from './journal-store'
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

const samplesForSpeed = 12

/** What the last samples tell of earlier runs; those of other runs than the last say nothing about its speed. */
const lastSamples = (store: JournalStore): Pick<Totals, 'found' | 'samples'> => {
  const all = store.samples(samplesForSpeed).flatMap((text) => {
    const sample = read(KeptSample, text)
    return E.isRight(sample) && sample.right !== undefined ? [sample.right] : []
  })
  const [last] = all
  return last === undefined
    ? { found: noTotals.found, samples: [] }
    : { found: last.found, samples: all.filter(({ run }) => run === last.run).reverse() }
}

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
    const current = { id: randomUUID(), resumes, retryFailed }
    session = { ...current, claims: createClaims(store, current) }
    return E.right({ ...counts.totals(current), ...lastSamples(store) })
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
