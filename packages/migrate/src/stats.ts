// Counts what a migration does, for its progress and its summary.
import { nameOf, type DriveError, type DrivePath, type Entry, type FileEntry } from '@anydrive/core'
import { locate, wrongKind } from '@anydrive/core/adapter'
import type { Progress, UnderWay } from './events'
import { createEstimate } from './time-left'
import type { Copy, KeptBecause, Outcome, Sample, Totals } from './journal'
import type { Names } from './names/names-for'
import { isProven, type Arrival, type Proof } from './proof'
import { remedyOf } from './remedy'
import type { NotRemoved, Failure, Summary } from './summary'

export interface Stats {
  /** What earlier runs of the same migration settled, before anything else is counted. */
  readonly resume: (totals: Totals) => void
  /** A pass from the beginning follows on one from a checkpoint. */
  readonly restart: () => void
  readonly find: (file: FileEntry) => void
  /** Settled before, and found again. */
  readonly metAgain: (source: Entry) => void
  /** Settled before, but has to be done again. `copy`: what was transferred then. */
  readonly reopen: (source: Entry, copy?: Copy) => void
  readonly begin: (file: FileEntry) => void
  /** Started, and stopped without an outcome. */
  readonly release: (source: Entry) => void
  /** The whole source has been found. */
  readonly walked: () => void
  /** Bytes of one file sent so far; forgotten when it settles. */
  readonly sending: (path: DrivePath, bytes: number) => void
  /** `earlier`: by another run of the same migration. */
  readonly settle: (source: Entry, outcome: Outcome, earlier?: boolean) => void
  /** `shownAs`: the name of an entry in `path` that has no path of its own. */
  readonly fail: (path: DrivePath, error: DriveError, shownAs?: string) => void
  readonly remove: (count: number) => void
  /** Extra entries of a sync: how many there are, how many were removed, moved to their new names, or why none is removed. */
  readonly findExtra: (count: number) => void
  readonly removeExtra: (count: number) => void
  readonly renameExtra: (count: number) => void
  readonly refuseExtra: (why: NotRemoved) => void
  /** Without entries that no drive can take over: they say nothing about the drives. */
  readonly failures: () => number
  /** Of this run alone. */
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

/** Files and their bytes. */
const createCount = () => {
  const it = { files: 0, bytes: 0 }
  return {
    it,
    add: (bytes: number, files = 1): void => {
      it.files += files
      it.bytes += bytes
    },
    set: (other: { readonly files: number; readonly bytes: number }): void => void Object.assign(it, other),
  }
}

const zeros = () => ({
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
})

const createLists = () => ({
  encoded: [] as Array<Summary['encoded'][number]>,
  renamed: [] as Array<Summary['renamed'][number]>,
  failed: [] as Array<Failure>,
  notCarried: [] as Array<Summary['notCarried'][number]>,
})

/** Of an entry that is neither file nor directory. */
const otherError = (path: DrivePath, what: string): DriveError => ({
  ...locate({ vendor: 'anydrive', operation: 'readFile', path })(wrongKind({ expected: 'file' })),
  message: `/${path}: not transferred (${what}); only files and directories can be`,
})

/** Files of unknown size do not count in sums of bytes. */
const knownBytes = ({ size = 0 }: FileEntry): number => size

/** `top`: the root of the source; the caller chose its name at the destination. */
export const createStats = (now: () => number, names: Names, top: DrivePath): Stats => {
  const start = now()
  const n = zeros()
  const arrivals = new Map<Arrival, number>()
  const departures = new Map<Proof['departure'], number>()
  const same = new Map<string, number>()
  const kept = new Map<KeptBecause, number>()
  const lists = createLists()
  const instant = createCount()
  /** Of what is in the summary, transferred by earlier runs. */
  const earlierRuns = createCount()
  const underWay = new Map<DrivePath, UnderWay>()
  const estimate = createEstimate(now)
  let walked = false
  /** Settled, whatever the outcome, and transferred; by all runs. */
  const settled = createCount()
  const transferred = createCount()
  /** Found by this pass, and those of them that were settled before it began. */
  const met = createCount()
  const metSettled = createCount()
  /** Found by this pass and claimed since, so that it is known whether they were settled before. */
  const resolved = createCount()
  const settledBefore = createCount()
  /** The most that was known so far. */
  const known = createCount()
  /** Of this run alone: transferred, and sent over the network by files that have settled. */
  const own = createCount()
  let [sentBefore, failuresNow] = [0, 0]
  let extra: Summary['extra']
  const countExtra = (more: Partial<NonNullable<Summary['extra']>>): void => {
    extra = { found: 0, removed: 0, renamed: 0, ...extra, ...more }
  }

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
  const notCarried = (path: string, what: string): void => {
    n.others += 1
    keep(lists.notCarried, { path, what })
  }
  const record = (source: Entry, outcome: Outcome): void => {
    switch (outcome.status) {
      case 'carried':
        n.files += 1
        n.bytes += outcome.bytes
        if (outcome.instant === true) instant.add(outcome.bytes)
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
        if (outcome.same !== undefined && isProven(outcome.same)) n.identical += 1
        if (outcome.same !== undefined) count(same, outcome.same)
        if (outcome.why !== undefined) count(kept, outcome.why)
        return
      case 'other':
        fail(source.path, otherError(source.path, outcome.what))
        notCarried(`/${source.path}`, outcome.what)
        return
      case 'failed':
        fail(source.path, outcome.error)
        return
      case 'blocked':
        n.blocked += 1
    }
  }
  const sending = (): number => [...underWay.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  /** What this run sent; files that the target held already are not sent. */
  const sent = (): number => sentBefore + sending()
  /** A lower bound while files are found faster than it shows which of them were settled before: as many of those as can be are taken to be so. */
  const foundOf = (key: 'files' | 'bytes'): number => {
    const unresolved = met.it[key] - resolved.it[key]
    const absent = settledBefore.it[key] - metSettled.it[key]
    return settledBefore.it[key] + resolved.it[key] - metSettled.it[key] + Math.max(0, unresolved - absent)
  }
  const found = (): { readonly files: number; readonly bytes: number } => {
    const all = { files: foundOf('files'), bytes: foundOf('bytes') }
    if (walked && met.it.files === resolved.it.files) return all
    known.set({ files: Math.max(known.it.files, all.files), bytes: Math.max(known.it.bytes, all.bytes) })
    return { ...known.it }
  }
  return {
    resume: ({ settled: before, transferred: arrived, found: all, samples }) => {
      for (const [i, { at, files, bytes }] of samples.entries()) {
        const previous = samples[i - 1]
        if (previous !== undefined)
          estimate.learn(at - previous.at, { files: files - previous.files, bytes: bytes - previous.bytes })
      }
      settled.set(before)
      settledBefore.set(before)
      transferred.set(arrived)
      known.set(all)
    },
    restart: () => {
      settledBefore.set(settled.it)
      met.set({ files: 0, bytes: 0 })
      metSettled.set({ files: 0, bytes: 0 })
      resolved.set({ files: 0, bytes: 0 })
    },
    find: (file) => {
      met.add(knownBytes(file))
    },
    metAgain: (source) => {
      if (source.kind !== 'file') return
      metSettled.add(knownBytes(source))
      resolved.add(knownBytes(source))
    },
    reopen: (source, copy) => {
      if (source.kind !== 'file') return
      if (copy !== undefined) transferred.add(-copy.bytes, -1)
      settled.add(-knownBytes(source), -1)
      settledBefore.add(-knownBytes(source), -1)
    },
    walked: () => {
      walked = true
    },
    begin: (file) => void underWay.set(file.path, { path: file.path, size: knownBytes(file), bytes: 0, since: now() }),
    release: ({ path }) => {
      sentBefore += underWay.get(path)?.bytes ?? 0
      underWay.delete(path)
    },
    sending: (path, bytes) => {
      const begun = underWay.get(path)
      if (begun !== undefined) underWay.set(path, { ...begun, bytes: Math.max(begun.bytes, bytes) })
    },
    settle: (source, outcome, earlier = false) => {
      sentBefore += underWay.get(source.path)?.bytes ?? 0
      underWay.delete(source.path)
      if (!earlier) {
        if (source.kind === 'file') {
          settled.add(knownBytes(source))
          resolved.add(knownBytes(source))
        }
        if (outcome.status === 'failed' || outcome.status === 'other') failuresNow += 1
        if (outcome.status === 'carried') {
          transferred.add(outcome.bytes)
          own.add(outcome.bytes)
        }
      }
      if (earlier && outcome.status === 'carried') earlierRuns.add(outcome.bytes)
      record(source, outcome)
    },
    fail: (path, error, shownAs) => {
      failuresNow += 1
      fail(path, error)
      if (shownAs !== undefined) notCarried(`/${path}: ${JSON.stringify(shownAs)}`, 'no path can hold this name')
    },
    remove: (removed) => {
      n.removed += removed
    },
    findExtra: (found) => {
      countExtra({ found })
    },
    removeExtra: (removed) => {
      countExtra({ removed: (extra?.removed ?? 0) + removed })
    },
    renameExtra: (renamed) => {
      countExtra({ renamed: (extra?.renamed ?? 0) + renamed })
    },
    refuseExtra: (notRemoved) => {
      countExtra({ notRemoved })
    },
    failures: () => n.failures - n.others,
    sample: () => ({
      at: now(),
      files: own.it.files,
      bytes: sent(),
      failures: failuresNow,
      found: { ...found(), walked },
    }),
    progress: () => {
      const all = [...underWay.values()]
      const through = { files: settled.it.files, bytes: settled.it.bytes + sending() }
      const total = found()
      return {
        startedAt: start,
        files: transferred.it.files,
        bytes: transferred.it.bytes + sending(),
        sent: sent(),
        underWay: all.slice(0, mostUnderWay),
        settled: through.files,
        through: through.bytes,
        found: total,
        walked,
        ...estimate.left(through, total),
      }
    },
    summary: () => ({
      ...n,
      same: Object.fromEntries(same),
      kept: Object.fromEntries(kept),
      arrivals: Object.fromEntries(arrivals),
      instant: { ...instant.it },
      earlier: { ...earlierRuns.it },
      departures: Object.fromEntries(departures),
      ...lists,
      ...(extra === undefined ? {} : { extra }),
      duration: now() - start,
    }),
  }
}
