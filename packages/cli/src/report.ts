// --report: a page of what a migration's journal holds.
import { nameOf, type DrivePath } from '@anydrive/core'
import { journalRecords, remedyOf, type JournalError, type JournalRecord, type JournalRecords } from '@anydrive/migrate'
import { writeReport, type ReportError, type ReportRecord, type ReportTotals } from '@anydrive/report'
import * as E from 'fp-ts/Either'
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { exits, usage, type Problem } from './problem'

export interface Reported {
  /** The page, as it was named. */
  readonly page: string
  readonly cwd: string
  /** The journal's file. */
  readonly journal: string
  readonly from: string
  readonly to: string
  readonly options: { readonly [name: string]: string }
  /** Why it ended before its end, if it did. */
  readonly stopped?: string | undefined
  readonly removed: number
}

const sameText = (same: string | undefined): string => {
  if (same === undefined) return 'another one stands there, or nobody knows'
  return same === 'size' ? 'one of the same size stands there' : `the same stands there, by ${same}`
}

type Identity = JournalRecords['identity']

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
        return { ...row, status: 'skipped', why: sameText(outcome.same) }
      case 'other':
        return { ...row, status: 'other', why: outcome.what }
      case 'failed': {
        const { error } = outcome
        return { ...row, status: 'failed', reason: error._tag, why: error.message, remedy: remedyOf(error) }
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

const more = (counts: Record<string, number>, key: string | undefined): void => {
  if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1
}

/** Over all runs of the migration, which the summary of the last one is not. */
const sumsOf = (found: JournalRecords, removed: number): E.Either<JournalError, Sums> => {
  const statuses: Record<string, number> = {}
  const hows: Record<string, number> = {}
  const arrivals: Record<string, number> = {}
  const departures: Record<string, number> = {}
  const toRow = rowOf(found.identity)
  let [bytes, identical, instantFiles, instantBytes] = [0, 0, 0, 0]
  for (const record of found.records()) {
    if (E.isLeft(record)) return record
    const row = toRow(record.right)
    more(statuses, row.status)
    more(hows, row.how)
    more(arrivals, row.evidence)
    more(departures, row.departure)
    bytes += row.bytes ?? 0
    const { outcome } = record.right
    if (outcome?.status === 'skipped' && outcome.same !== undefined && outcome.same !== 'size') identical += 1
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
    failures: n('failed'),
    others: n('other'),
    renames: hows['renamed'] ?? 0,
    encodings: hows['encoded'] ?? 0,
    removed,
    instantFiles,
    instantBytes,
  }
  return E.right({ totals, arrivals, departures })
}

const isOfReport = (error: ReportError | JournalError): error is ReportError => 'file' in error

const ofReport = (error: ReportError | JournalError): Problem => ({
  exit: exits.partly,
  message: error.message,
  remedy: isOfReport(error)
    ? 'Run it again with --resume and --report with another file: nothing is sent twice.'
    : 'The journal was changed meanwhile; what was carried stands.',
  error,
})

/** Before anything is done: a page that could not be written would be missed only at the end. */
export const unwritable = (page: string, cwd: string): Problem | undefined => {
  const dir = dirname(resolve(cwd, page))
  return existsSync(dir)
    ? undefined
    : usage(`${dir} does not exist`, '--report names a file in a directory that stands.')
}

export const report = async (reported: Reported): Promise<E.Either<Problem, void>> => {
  const opened = journalRecords(reported.journal)
  if (E.isLeft(opened)) return E.left(ofReport(opened.left))
  const found = opened.right
  try {
    const sums = sumsOf(found, reported.removed)
    if (E.isLeft(sums)) return E.left(ofReport(sums.left))
    const { samples, remaining } = found
    const written = await writeReport(resolve(reported.cwd, reported.page), {
      title: `${reported.from} → ${reported.to}`,
      from: reported.from,
      to: reported.to,
      startedAt: samples[0]?.at ?? Date.now(),
      endedAt: samples.at(-1)?.at ?? Date.now(),
      state: reported.stopped === undefined ? 'complete' : 'stopped',
      stopped: reported.stopped,
      remaining,
      options: reported.options,
      ...sums.right,
      series: samples,
      records: mapped(found),
    })()
    return E.mapLeft(ofReport)(written)
  } finally {
    found.close()
  }
}

function* mapped(found: JournalRecords): Generator<E.Either<JournalError, ReportRecord>, void> {
  const toRow = rowOf(found.identity)
  for (const record of found.records()) yield E.map(toRow)(record)
}
