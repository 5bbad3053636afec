// What a migration has done so far, and its summary.
import { nameOf, type DriveError, type DrivePath, type Entry, type FileEntry } from '@anydrive/core'
import type { Progress, UnderWay } from './events'
import type { Outcome, Sample } from './journal'
import type { Names } from './names/names-for'
import type { Arrival, Proof } from './proof'
import { remedyOf } from './remedy'

export interface Failure {
  readonly path: DrivePath
  readonly error: DriveError
  readonly remedy: string
}
/** Exact numbers; of each list the first ten thousand. */
export interface Summary {
  /** Carried, and proven as `arrivals` says. */
  readonly files: number
  readonly bytes: number
  /** Of those, what earlier runs of the same migration transferred. */
  readonly earlier: { readonly files: number; readonly bytes: number }
  readonly directories: number
  /** Directories that stood already. */
  readonly merged: number
  readonly skipped: number
  /** Of those skipped, the ones whose checksums say that they are the same. */
  readonly identical: number
  /** Below a directory that failed. */
  readonly blocked: number
  readonly failures: number
  readonly renames: number
  readonly others: number
  /** Removed from the source, of a move. */
  readonly removed: number
  /** Files that the destination held already and took over without their bytes, and what that saved. */
  readonly instant: { readonly files: number; readonly bytes: number }
  /** How it is known that files arrived as they left: files by evidence. */
  readonly arrivals: { readonly [A in Arrival]?: number }
  /** By what the bytes read were compared with the source's own report. */
  readonly departures: { readonly [D in Proof['departure']]?: number }
  /** Under another spelling of their names, by the policy on names. */
  readonly encodings: number
  readonly encoded: ReadonlyArray<{ readonly from: DrivePath; readonly to: DrivePath }>
  readonly renamed: ReadonlyArray<{ readonly from: DrivePath; readonly to: DrivePath }>
  readonly failed: ReadonlyArray<Failure>
  /** Neither file nor directory, or with a name that no path can hold. */
  readonly notCarried: ReadonlyArray<{ readonly path: string; readonly what: string }>
  /** Milliseconds. */
  readonly duration: number
}

export interface Tally {
  readonly find: (entry: Entry) => void
  /** Found twice, by a run that goes on. */
  readonly unfind: (entry: Entry) => void
  readonly begin: (file: FileEntry) => void
  /** Begun, and stopped without an outcome. */
  readonly letGo: (path: DrivePath) => void
  readonly walked: () => void
  /** Bytes of one file sent so far; forgotten when it settles. */
  readonly sending: (path: DrivePath, bytes: number) => void
  /** `before`: by another run of the same migration. */
  readonly settle: (source: Entry, outcome: Outcome, before?: boolean) => void
  readonly fail: (path: DrivePath, error: DriveError) => void
  readonly leave: (path: string, what: string) => void
  readonly remove: (count: number) => void
  readonly failures: () => number
  /** Of this run alone: what an earlier one settled is left out. */
  readonly sample: () => Sample
  readonly progress: () => Progress
  readonly summary: () => Summary
}

const longest = 10_000
const mostUnderWay = 8
const keep = <A>(list: Array<A>, item: A): void => {
  if (list.length < longest) list.push(item)
}
const count = <K extends string>(counts: Map<K, number>, key: K): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1)

type Numbers =
  | 'files'
  | 'bytes'
  | 'directories'
  | 'merged'
  | 'skipped'
  | 'identical'
  | 'blocked'
  | 'failures'
  | 'renames'
  | 'others'
  | 'encodings'
  | 'removed'

const createLists = () => ({
  encoded: [] as Array<Summary['encoded'][number]>,
  renamed: [] as Array<Summary['renamed'][number]>,
  failed: [] as Array<Failure>,
  notCarried: [] as Array<Summary['notCarried'][number]>,
})

/** `top`: of the source; what it is called at the destination was said by the caller. */
export const createTally = (now: () => number, names: Names, top: DrivePath): Tally => {
  const start = now()
  const n: { [K in Numbers]: number } = {
    files: 0,
    bytes: 0,
    directories: 0,
    merged: 0,
    skipped: 0,
    identical: 0,
    blocked: 0,
    failures: 0,
    renames: 0,
    others: 0,
    encodings: 0,
    removed: 0,
  }
  const arrivals = new Map<Arrival, number>()
  const departures = new Map<Proof['departure'], number>()
  const lists = createLists()
  const found = { files: 0, bytes: 0 }
  const instant = { files: 0, bytes: 0 }
  const underWay = new Map<DrivePath, UnderWay>()
  const earlier = { files: 0, bytes: 0, failures: 0 }
  let walked = false
  let settled = 0
  let settledBytes = 0

  const renamed = (from: DrivePath, { how, to }: { readonly how: 'as-asked' | 'renamed'; readonly to: DrivePath }) => {
    if (how === 'as-asked' && names !== 'refuse' && from !== top && nameOf(from) !== nameOf(to)) {
      n.encodings += 1
      keep(lists.encoded, { from, to })
    }
    if (how === 'as-asked') return
    n.renames += 1
    keep(lists.renamed, { from, to })
  }
  const fail = (path: DrivePath, error: DriveError): void => {
    n.failures += 1
    keep(lists.failed, { path, error, remedy: remedyOf(error) })
  }
  const leave = (path: string, what: string): void => {
    n.others += 1
    keep(lists.notCarried, { path, what })
  }
  const book = (source: Entry, outcome: Outcome): void => {
    switch (outcome.status) {
      case 'carried':
        n.files += 1
        n.bytes += outcome.bytes
        if (outcome.instant === true) {
          instant.files += 1
          instant.bytes += outcome.bytes
        }
        count(arrivals, outcome.proof.arrival)
        count(departures, outcome.proof.departure)
        renamed(source.path, outcome)
        return
      case 'made':
      case 'merged':
        n[outcome.status === 'made' ? 'directories' : 'merged'] += 1
        renamed(source.path, outcome)
        return
      case 'skipped':
        n.skipped += 1
        if (outcome.same !== undefined && outcome.same !== 'size') n.identical += 1
        return
      case 'other':
        leave(`/${source.path}`, outcome.what)
        return
      case 'failed':
        fail(source.path, outcome.error)
        return
      case 'blocked':
        n.blocked += 1
    }
  }
  return {
    find: (entry) => {
      if (entry.kind !== 'file') return
      found.files += 1
      found.bytes += entry.size
    },
    walked: () => {
      walked = true
    },
    unfind: (entry) => {
      if (entry.kind !== 'file') return
      found.files -= 1
      found.bytes -= entry.size
    },
    begin: ({ path, size }) => void underWay.set(path, { path, size, bytes: 0, since: now() }),
    letGo: (path) => void underWay.delete(path),
    sending: (path, bytes) => {
      const begun = underWay.get(path)
      if (begun !== undefined) underWay.set(path, { ...begun, bytes })
    },
    settle: (source, outcome, before = false) => {
      underWay.delete(source.path)
      if (before && outcome.status === 'carried') {
        earlier.files += 1
        earlier.bytes += outcome.bytes
      }
      if (before && outcome.status === 'failed') earlier.failures += 1
      if (source.kind === 'file') {
        settled += 1
        settledBytes += source.size
      }
      book(source, outcome)
    },
    fail,
    leave,
    remove: (removed) => {
      n.removed += removed
    },
    failures: () => n.failures,
    sample: () => ({
      at: now(),
      files: n.files - earlier.files,
      bytes: n.bytes - earlier.bytes,
      failures: n.failures - earlier.failures,
    }),
    progress: () => {
      const all = [...underWay.values()]
      const sending = all.reduce((sum, { bytes }) => sum + bytes, 0)
      return {
        startedAt: start,
        files: n.files,
        bytes: n.bytes + sending,
        sent: n.bytes + sending - earlier.bytes - instant.bytes,
        underWay: all.slice(0, mostUnderWay),
        settled,
        through: settledBytes + sending,
        found: { ...found },
        walked,
      }
    },
    summary: () => ({
      ...n,
      arrivals: Object.fromEntries(arrivals),
      instant: { ...instant },
      earlier: { files: earlier.files, bytes: earlier.bytes },
      departures: Object.fromEntries(departures),
      ...lists,
      duration: now() - start,
    }),
  }
}
