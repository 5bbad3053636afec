// The durable journal: one SQLite file, from which another process resumes.
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import {
  noTotals,
  type Claim,
  type Identity,
  type Item,
  type Journal,
  type JournalError,
  type Lease,
  type Outcome,
  type Totals,
} from './journal'
import { KeptCheckpoint, KeptIdentity, KeptSample, read, readEntry, type KeptEntry } from './journal-codecs'
import { openStore, type JournalStore, type StoredEntry } from './journal-store'
import { companionsOf, corrupt, journalError } from './sqlite-file'
import { isOfService } from './systemic'

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

interface Session {
  readonly id: string
  /** The earlier run did not come to its end. */
  readonly resumes: boolean
  readonly retryFailed: boolean
}

/** Whether an outcome of an earlier run is final, or the entry is tried again. */
const isFinal = (outcome: Outcome, { retryFailed, resumes }: Session): boolean => {
  if (outcome.status === 'blocked') return !retryFailed && !resumes
  if (outcome.status !== 'failed') return true
  return !retryFailed && !(resumes && isOfService(outcome.error))
}

/** The entries of earlier runs, counted while the journal is opened. */
const createCounts = () => {
  const zero = () => ({ files: 0, bytes: 0 })
  const counts = { final: zero(), failed: zero(), ofService: zero(), blocked: zero(), transferred: zero() }
  const add = (to: { files: number; bytes: number }, bytes: number): void => {
    to.files += 1
    to.bytes += bytes
  }
  return {
    add: ({ data }: StoredEntry): void => {
      const entry = readEntry(data)
      if (E.isLeft(entry)) return
      const { kind, settled, outcome, size = 0 } = entry.right
      if (kind !== 'file' || !settled || outcome === undefined) return
      if (outcome.status === 'carried') add(counts.transferred, outcome.bytes)
      if (outcome.status === 'blocked') add(counts.blocked, size)
      else if (outcome.status !== 'failed') add(counts.final, size)
      else add(isOfService(outcome.error) ? counts.ofService : counts.failed, size)
    },
    totals: ({ retryFailed, resumes }: Session): Pick<Totals, 'settled' | 'transferred'> => {
      const { final, failed, ofService, blocked, transferred } = counts
      const all = [
        final,
        ...(retryFailed ? [] : [failed]),
        ...(retryFailed || resumes ? [] : [ofService, blocked]),
      ]
      const sum = (key: 'files' | 'bytes'): number => all.reduce((total, it) => total + it[key], 0)
      return { settled: { files: sum('files'), bytes: sum('bytes') }, transferred }
    },
  }
}

/** An entry that this run works on. */
interface Leased {
  stored: StoredEntry | undefined
  entry: KeptEntry
}

const storedOf = (path: string, entry: KeptEntry): StoredEntry => ({
  path,
  status: entry.outcome?.status ?? null,
  target: entry.placed?.to ?? null,
  data: JSON.stringify(entry),
})

/** What an earlier attempt at the same entry left. An upload is resumed only with the bytes it began with. */
const leaseOf = ({ path }: Item, { decision, before, upload, placed }: KeptEntry, interrupted: boolean): Lease => ({
  path,
  ...(interrupted ? { interrupted: true } : {}),
  ...(decision === undefined ? {} : { decision }),
  ...(upload === undefined ? {} : { upload }),
  ...(before === undefined ? {} : { before }),
  ...(placed === undefined ? {} : { placed }),
})

const createClaims = (store: JournalStore, session: Session) => {
  const leased = new Map<string, Leased>()
  const write = (path: string, lease: Leased): void => {
    const after = storedOf(path, lease.entry)
    store.put(lease.stored, after)
    lease.stored = after
  }
  const begin = (item: Item, stored: StoredEntry | undefined, entry: KeptEntry): void => {
    const lease = { stored, entry }
    write(item.path, lease)
    leased.set(item.path, lease)
  }
  /** The state of the entry with which this run starts. */
  const started = ({ kind, version, size }: Item, kept: Partial<KeptEntry>): KeptEntry => ({
    ...kept,
    kind,
    settled: false,
    owner: session.id,
    version,
    size,
    outcome: undefined,
  })
  const update = ({ path }: Lease, change: (entry: KeptEntry) => KeptEntry): void => {
    const lease = leased.get(path)
    if (lease === undefined) return
    lease.entry = change(lease.entry)
    write(path, lease)
  }
  return {
    claim: (item: Item): E.Either<'unreadable', Claim> => {
      const stored = store.entry(item.path)
      if (stored === undefined) {
        begin(item, stored, started(item, {}))
        return E.right({ status: 'leased', lease: { path: item.path } })
      }
      const read = readEntry(stored.data)
      if (E.isLeft(read)) return read
      const { kind, version, owner, settled, outcome, ...rest } = read.right
      const own = owner === session.id
      if (!settled && own) return E.right({ status: 'held' })
      const sameFile = kind === item.kind && version === item.version
      if (settled && outcome !== undefined) {
        const final = own || isFinal(outcome, session)
        if (sameFile && final) return E.right({ status: 'settled', outcome, ...(own ? { own: true } : {}) })
        if (outcome.status !== 'failed') {
          const { placed } = rest
          begin(item, stored, started(item, { placed }))
          const lease = leaseOf(item, { ...read.right, decision: undefined, upload: undefined, before: undefined }, false)
          return E.right({ status: 'leased', lease: final ? { ...lease, counted: true } : lease })
        }
      }
      const { upload, ...others } = rest
      const entry = started(item, sameFile ? rest : others)
      const counted = settled && outcome !== undefined && isFinal(outcome, session)
      begin(item, stored, entry)
      const lease = leaseOf(item, entry, true)
      return E.right({ status: 'leased', lease: counted ? { ...lease, counted: true } : lease })
    },
    note: (lease: Lease, progress: Parameters<Journal['note']>[1]): void => {
      update(lease, (entry) => ({ ...entry, ...progress }))
    },
    settle: (lease: Lease, outcome: Outcome): void => {
      update(lease, ({ upload, placed, ...entry }) => ({
        ...entry,
        settled: true,
        outcome,
        upload: outcome.status === 'failed' ? upload : undefined,
        placed:
          outcome.status === 'carried'
            ? {
                to: outcome.to,
                bytes: outcome.bytes,
                ...(outcome.version === undefined ? {} : { version: outcome.version }),
              }
            : placed,
      }))
      leased.delete(lease.path)
    },
    release: (lease: Lease): void => {
      update(lease, ({ owner: _, ...entry }) => entry)
      leased.delete(lease.path)
    },
    isUnderWay: (path: string): boolean => store.entry(path)?.status === null,
  }
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
 * Creates the file where there is none, and holds it until `close`. Every right is on the disk before it is answered (WAL, `synchronous=FULL`). `JournalCorrupt`
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
    accounts: ({ to, source }) =>
      inSession(({ claims }) => E.right(store.hasTarget(to) || claims.isUnderWay(source))),
    close: store.close,
  })
}
