// --report: a page made from the journal of a migration.
import { nameOf, type DrivePath } from '@anydrive/core'
import {
  journalRecords,
  type Failure,
  type JournalRecord,
  type JournalRecords,
  type KeptBecause,
} from '@anydrive/migrate'
import {
  reportPlace,
  writeReport,
  type ReportError,
  type ReportInput,
  type ReportRecord,
  type ReportTotals,
} from '@anydrive/report'
import * as E from 'fp-ts/Either'
import { resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { exits, type Problem } from './problem'
import { remedyFor } from './remedies'

export interface Reported {
  /** The file of the page, as it was named. */
  readonly page: string
  readonly cwd: string
  readonly from: string
  readonly to: string
  readonly options: { readonly [name: string]: string }
  /** Why it was stopped before its end, if it was. */
  readonly stopped?: string | undefined
  /** The journal is kept, so that the migration can be resumed. */
  readonly canResume: boolean
  readonly removed: number
  /** Entries that no drive can hold, by the summary: those whose names no path can hold are not in the journal. */
  readonly others: number
  /** Directories that could not be listed: the journal does not have them as failures. */
  readonly failed: ReadonlyArray<Pick<Failure, 'path' | 'error'>>
  /** How many failed at least, where they cannot all be named. */
  readonly failures?: number
}

interface Unreadable {
  readonly _tag: string
  readonly message: string
}
/** What a journal, or a database, has recorded of a migration. */
export interface Recorded extends Pick<JournalRecords, 'samples' | 'remaining'> {
  readonly identity: Pick<JournalRecords['identity'], 'names' | 'from'>
  readonly records: () =>
    Iterable<E.Either<Unreadable, JournalRecord>> | AsyncIterable<E.Either<Unreadable, JournalRecord>>
}

const sameText = (same: string | undefined, because: KeptBecause | undefined): string => {
  if (because === 'not-newer') return 'the source was not modified later'
  if (because === 'no-time') return 'one of the two has no modification time'
  if (same === 'time') return 'the target has one of the same size and modification time'
  if (same === undefined) return 'the target has another one, or one of unknown content'
  return same === 'size' ? 'the target has one of the same size' : `the target has the same, by ${same}`
}

type Identity = Recorded['identity']

const spelling = (
  { names, from }: Identity,
  path: DrivePath,
  { to, how }: { readonly to: DrivePath; readonly how: 'as-asked' | 'renamed' },
): ReportRecord['how'] =>
  how === 'as-asked' && names !== 'refuse' && path !== from.path && nameOf(path) !== nameOf(to) ? 'encoded' : how

const rowOf =
  (identity: Identity) =>
  ({ path, kind, outcome }: JournalRecord): ReportRecord => {
    const row = { path: `/${path}`, kind }
    switch (outcome?.status) {
      case undefined:
        return { ...row, status: 'pending' }
      case 'carried': {
        const { to, bytes, instant, proof } = outcome
        return {
          ...row,
          status: 'carried',
          to: `/${to}`,
          bytes,
          how: spelling(identity, path, outcome),
          instant,
          evidence: proof.arrival,
          departure: proof.departure,
        }
      }
      case 'made':
      case 'merged':
        return {
          ...row,
          status: outcome.status,
          to: `/${outcome.to}`,
          how: spelling(identity, path, outcome),
        }
      case 'skipped':
        return { ...row, status: 'skipped', why: sameText(outcome.same, outcome.why) }
      case 'other':
        return { ...row, status: 'other', why: outcome.what }
      case 'failed': {
        const { error } = outcome
        return { ...row, status: 'failed', reason: error._tag, why: error.message, remedy: remedyFor(error) }
      }
      case 'blocked':
        return { ...row, status: 'blocked', why: 'a directory above it failed' }
    }
  }

interface Sums {
  readonly totals: ReportTotals
  readonly arrivals: Readonly<Record<string, number>>
  readonly departures: Readonly<Record<string, number>>
}

/** Entries that are read before others of this process have their turn. */
const turn = 2000

const more = (counts: Record<string, number>, key: string | undefined): void => {
  if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1
}

/** What the journal has, and the failures that it does not have. */
async function* recordsOf(
  found: Recorded,
  { failed }: Pick<Reported, 'failed'>,
): AsyncGenerator<E.Either<Unreadable, JournalRecord>, void> {
  const unrecorded = new Map(failed.map(({ path, error }) => [path, error]))
  let n = 0
  for await (const record of found.records()) {
    if (E.isRight(record) && record.right.outcome?.status === 'failed') unrecorded.delete(record.right.path)
    yield record
    // A journal is read at once: others of this process have their turn between.
    if ((n += 1) % turn === 0) await setImmediate()
  }
  for (const [path, error] of unrecorded)
    yield E.right({ path, kind: 'directory', outcome: { status: 'failed', error } })
}

/** Over all runs of the migration; the summary of the engine is of the last one. */
const sumsOf = async (
  found: Recorded,
  reported: Pick<Reported, 'removed' | 'others' | 'failed' | 'failures'>,
): Promise<E.Either<Unreadable, Sums>> => {
  const statuses: Record<string, number> = {}
  const hows: Record<string, number> = {}
  const arrivals: Record<string, number> = {}
  const departures: Record<string, number> = {}
  const toRow = rowOf(found.identity)
  let [bytes, identical, instantFiles, instantBytes] = [0, 0, 0, 0]
  for await (const record of recordsOf(found, reported)) {
    if (E.isLeft(record)) return record
    const row = toRow(record.right)
    more(statuses, row.status)
    more(hows, row.how)
    more(arrivals, row.evidence)
    more(departures, row.departure)
    bytes += row.bytes ?? 0
    const { outcome } = record.right
    if (outcome?.status === 'skipped' && outcome.same !== undefined && !['size', 'time'].includes(outcome.same))
      identical += 1
    if (row.instant !== true) continue
    instantFiles += 1
    instantBytes += row.bytes ?? 0
  }
  const n = (status: string): number => statuses[status] ?? 0
  const totals = {
    files: n('carried'),
    bytes,
    directories: n('made'),
    merged: n('merged'),
    skipped: n('skipped'),
    identical,
    blocked: n('blocked'),
    failures: Math.max(n('failed'), reported.failures ?? 0),
    others: Math.max(n('other'), reported.others),
    renames: hows['renamed'] ?? 0,
    encodings: hows['encoded'] ?? 0,
    removed: reported.removed,
    instantFiles,
    instantBytes,
  }
  return E.right({ totals, arrivals, departures })
}

const isOfReport = (error: ReportError | Unreadable): error is ReportError => 'file' in error

const remedyOf = (error: ReportError | Unreadable, canResume: boolean): string => {
  if (!isOfReport(error)) return 'The journal was changed meanwhile; what was transferred is kept.'
  return canResume
    ? 'Run it again with --resume and another --report FILE: what has arrived is not sent again.'
    : 'What was transferred is kept; with --journal FILE the report could be written again.'
}

const ofReport =
  (canResume: boolean) =>
  (error: ReportError | Unreadable): Problem => ({
    exit: exits.partly,
    message: error.message,
    remedy: remedyOf(error, canResume),
    error,
  })

/** Before anything is sent: a left where the page could not be written. */
export const checkReportPlace = async (page: string, cwd: string): Promise<E.Either<Problem, string>> =>
  E.mapLeft((error: ReportError): Problem => ({
    exit: exits.usage,
    message: error.message,
    remedy: 'Name another --report FILE.',
    error,
  }))(await reportPlace(resolve(cwd, page))())

type Head = Omit<ReportInput<never>, 'records'>
/** What decides on the conclusion. */
export type Concluded = Omit<Reported, 'page' | 'cwd' | 'canResume'>

/** All that the page says but for its table of entries. */
export const headOf = async (found: Recorded, reported: Concluded): Promise<E.Either<Unreadable, Head>> => {
  const { from, to, stopped, options } = reported
  const { samples, remaining } = found
  return E.map((sums: Sums): Head => ({
    title: `${from} → ${to}`,
    from,
    to,
    startedAt: samples[0]?.at ?? Date.now(),
    endedAt: samples.at(-1)?.at ?? Date.now(),
    state: stopped === undefined ? 'complete' : 'stopped',
    stopped,
    remaining,
    options,
    ...sums,
    series: samples,
  }))(await sumsOf(found, reported))
}

/** The page of what was recorded. */
export const reportOf = async (found: Recorded, reported: Reported): Promise<E.Either<Problem, void>> => {
  const toProblem = ofReport(reported.canResume)
  const head = await headOf(found, reported)
  if (E.isLeft(head)) return E.left(toProblem(head.left))
  const page = resolve(reported.cwd, reported.page)
  const written = await writeReport(page, { ...head.right, records: mapped(found, reported) })()
  return E.mapLeft(toProblem)(written)
}

/** The page of a journal; `journal`: its file. */
export const report = async (reported: Reported & { readonly journal: string }): Promise<E.Either<Problem, void>> => {
  const opened = journalRecords(reported.journal)
  if (E.isLeft(opened)) return E.left(ofReport(reported.canResume)(opened.left))
  try {
    return await reportOf(opened.right, reported)
  } finally {
    opened.right.close()
  }
}

async function* mapped(
  found: Recorded,
  reported: Pick<Reported, 'failed'>,
): AsyncGenerator<E.Either<Unreadable, ReportRecord>, void> {
  const toRow = rowOf(found.identity)
  for await (const record of recordsOf(found, reported)) yield E.map(toRow)(record)
}
