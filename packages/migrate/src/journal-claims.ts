// The entries of the durable journal: claimed by a run, updated while it works on them, and settled.
import * as E from 'fp-ts/Either'
import { failureIn } from './entry-counts'
import type { Claim, Item, Journal, Lease, Outcome, Totals } from './journal'
import { readCounted, readEntry, type KeptEntry } from './journal-codecs'
import type { JournalStore, StoredEntry } from './journal-store'
import { isOfService } from './systemic'

export interface Session {
  readonly id: string
  /** The earlier run did not come to its end. */
  readonly resumes: boolean
  readonly retryFailed: boolean
  /** The migration removes files from the source, so what earlier runs transferred is checked again first. */
  readonly moves?: boolean | undefined
}

/** Whether an outcome of an earlier run is final, or the entry is tried again. */
const isFinal = (outcome: Outcome, { retryFailed, resumes }: Session): boolean => {
  if (outcome.status === 'blocked') return !retryFailed && !resumes
  if (outcome.status !== 'failed') return true
  return !retryFailed && !(resumes && isOfService(outcome.error))
}

/** An earlier run proved that the target has the content; since then its copy may have changed. */
const isCopied = (outcome: Outcome): boolean =>
  outcome.status === 'carried' || (outcome.status === 'skipped' && outcome.same !== undefined)

/** The entries of earlier runs, counted while the journal is opened. */
export const createCounts = () => {
  const zero = () => ({ files: 0, bytes: 0 })
  const counts = { final: zero(), failed: zero(), ofService: zero(), blocked: zero(), transferred: zero() }
  const add = (to: { files: number; bytes: number }, bytes: number): void => {
    to.files += 1
    to.bytes += bytes
  }
  return {
    add: ({ data }: Pick<StoredEntry, 'data'>): void => {
      const entry = readCounted(data)
      if (entry?.kind !== 'file') return
      const { size = 0, outcome } = entry
      if (outcome.status === 'failed') {
        const error = failureIn(data)
        if (error !== undefined) add(isOfService(error) ? counts.ofService : counts.failed, size)
        return
      }
      if (outcome.status === 'carried') add(counts.transferred, outcome.bytes ?? 0)
      add(outcome.status === 'blocked' ? counts.blocked : counts.final, size)
    },
    totals: ({ retryFailed, resumes }: Session): Pick<Totals, 'settled' | 'transferred'> => {
      const { final, failed, ofService, blocked, transferred } = counts
      const all = [final, ...(retryFailed ? [] : [failed]), ...(retryFailed || resumes ? [] : [ofService, blocked])]
      const sum = (key: 'files' | 'bytes'): number => all.reduce((total, it) => total + it[key], 0)
      return { settled: { files: sum('files'), bytes: sum('bytes') }, transferred }
    },
  }
}

export const storedOf = (path: string, entry: KeptEntry): StoredEntry => ({
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

/** The state of the entry with which this run starts. */
const started = ({ kind, version, size }: Item, kept: Partial<KeptEntry>, { id }: Session): KeptEntry => ({
  ...kept,
  kind,
  settled: false,
  owner: id,
  version,
  size,
  outcome: undefined,
})

/** The answer to a claim; `entry`: what is to be kept before a lease is given. */
export type Claimed =
  | { readonly claim: Extract<Claim, { readonly status: 'leased' }>; readonly entry: KeptEntry }
  | { readonly claim: Exclude<Claim, { readonly status: 'leased' }>; readonly entry?: undefined }

/** `kept`: the entry as it is kept, if it is. `isHeld`: whether somebody works on it, if it has no outcome. */
export const claimOf = (
  item: Item,
  kept: KeptEntry | undefined,
  session: Session,
  isHeld: (entry: KeptEntry) => boolean,
): Claimed => {
  if (kept === undefined)
    return { claim: { status: 'leased', lease: { path: item.path } }, entry: started(item, {}, session) }
  const { kind, version, owner, settled, outcome, ...rest } = kept
  if (!settled && isHeld(kept)) return { claim: { status: 'held' } }
  const own = owner === session.id
  const sameFile = kind === item.kind && version === item.version
  if (settled && outcome !== undefined) {
    const final = own || isFinal(outcome, session)
    const isKept = own || session.moves !== true || !isCopied(outcome)
    if (sameFile && final && isKept) return { claim: { status: 'settled', outcome, ...(own ? { own: true } : {}) } }
    if (outcome.status !== 'failed') {
      const entry = started(item, { placed: rest.placed }, session)
      const lease = leaseOf(item, { ...kept, decision: undefined, upload: undefined, before: undefined }, false)
      return { claim: { status: 'leased', lease: final ? { ...lease, counted: true } : lease }, entry }
    }
  }
  const entry = started(item, sameFile ? rest : { ...rest, upload: undefined }, session)
  const counted = settled && outcome !== undefined && isFinal(outcome, session)
  const lease = leaseOf(item, entry, true)
  return { claim: { status: 'leased', lease: counted ? { ...lease, counted: true } : lease }, entry }
}

export const settledEntry = ({ upload, placed, ...entry }: KeptEntry, outcome: Outcome): KeptEntry => ({
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
})

export const releasedEntry = ({ owner: _, ...entry }: KeptEntry): KeptEntry => entry

/** An entry that this run works on. */
interface Leased {
  stored: StoredEntry | undefined
  entry: KeptEntry
}

export const createClaims = (store: JournalStore, session: Session) => {
  const leased = new Map<string, Leased>()
  const write = (path: string, lease: Leased): void => {
    const after = storedOf(path, lease.entry)
    store.put(lease.stored, after)
    lease.stored = after
  }
  const update = ({ path }: Lease, change: (entry: KeptEntry) => KeptEntry): void => {
    const lease = leased.get(path)
    if (lease === undefined) return
    lease.entry = change(lease.entry)
    write(path, lease)
  }
  return {
    claim: (item: Item): E.Either<'unreadable', Claim> => {
      const stored = store.entry(item.path)
      const read = stored === undefined ? E.right(undefined) : readEntry(stored.data)
      if (E.isLeft(read)) return read
      const { claim, entry } = claimOf(item, read.right, session, ({ owner }) => owner === session.id)
      if (entry !== undefined) {
        const lease = { stored, entry }
        write(item.path, lease)
        leased.set(item.path, lease)
      }
      return E.right(claim)
    },
    note: (lease: Lease, progress: Parameters<Journal['note']>[1]): void => {
      update(lease, (entry) => ({ ...entry, ...progress }))
    },
    settle: (lease: Lease, outcome: Outcome): void => {
      update(lease, (entry) => settledEntry(entry, outcome))
      leased.delete(lease.path)
    },
    release: (lease: Lease): void => {
      update(lease, releasedEntry)
      leased.delete(lease.path)
    },
    isUnderWay: (path: string): boolean => store.entry(path)?.status === null,
  }
}
