// How far a migration is, by the entries of its journal, wherever they are stored.
import type { DriveError, DrivePath, EntryKind } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Outcome, Sample } from './journal'
import { readEntry } from './journal-codecs'

interface FilesAndBytes {
  readonly files: number
  readonly bytes: number
}

/** Entries by their outcome. */
export interface EntryCounts {
  /** Begun and without an outcome. */
  readonly claimed: number
  readonly carried: number
  /** Of the files that were transferred. */
  readonly bytes: number
  readonly directories: number
  readonly merged: number
  readonly skipped: number
  readonly others: number
  readonly failures: number
  readonly blocked: number
  /** Files that have an outcome, whatever it is, with their bytes at the source. */
  readonly settled: FilesAndBytes
}
export interface FailureGroup {
  /** The tag of the error. */
  readonly reason: DriveError['_tag']
  readonly count: number
  /** The first twenty by path. */
  readonly examples: ReadonlyArray<{ readonly path: DrivePath; readonly error: DriveError }>
}
/** What the journal of a migration says of it at a moment, whether it is running or not. */
export interface MigrationStatus extends EntryCounts {
  /** Files that are known so far, with their bytes: everything if `walked`. */
  readonly found: Sample['found']
  /** What is being worked on, by path; at most fifty. Bytes of the source, of a file. */
  readonly underWay: ReadonlyArray<{
    readonly path: DrivePath
    readonly kind: EntryKind
    readonly size?: number
    /** The id of the worker, of a migration on many machines. */
    readonly worker?: string
  }>
  /** The most frequent first. */
  readonly reasons: ReadonlyArray<FailureGroup>
  /** The first hundred of the examples. */
  readonly failed: ReadonlyArray<{ readonly path: DrivePath; readonly message: string }>
}

export const mostUnderWay = 50
export const mostExamples = 20
const mostFailed = 100

/** So many entries of a kind with an outcome, or with none. `bytes`: transferred, or else of the source. */
export interface CountedRow {
  readonly status: string | undefined
  readonly kind: string
  readonly n: number
  readonly bytes: number
}

const filesIn = (rows: ReadonlyArray<CountedRow>): FilesAndBytes => ({
  files: rows.reduce((sum, { kind, n }) => (kind === 'file' ? sum + n : sum), 0),
  bytes: rows.reduce((sum, { kind, bytes }) => (kind === 'file' ? sum + bytes : sum), 0),
})

export const countsOf = (rows: ReadonlyArray<CountedRow>): EntryCounts & { readonly known: FilesAndBytes } => {
  const sum = (status: Outcome['status'] | undefined, key: 'n' | 'bytes' = 'n'): number =>
    rows.reduce((total, row) => (row.status === status ? total + row[key] : total), 0)
  return {
    claimed: sum(undefined),
    carried: sum('carried'),
    bytes: sum('carried', 'bytes'),
    directories: sum('made'),
    merged: sum('merged'),
    skipped: sum('skipped'),
    others: sum('other'),
    failures: sum('failed'),
    blocked: sum('blocked'),
    settled: filesIn(rows.filter(({ status }) => status !== undefined)),
    known: filesIn(rows),
  }
}

/** An entry that failed; `count`: how many failed for the same reason. */
export interface FailedRow {
  readonly path: string
  readonly error: DriveError
  readonly count: number
}

/** `data`: the entry as it is kept. */
export const failureIn = (data: string): DriveError | undefined => {
  const entry = readEntry(data)
  return E.isRight(entry) && entry.right.outcome?.status === 'failed' ? entry.right.outcome.error : undefined
}

export const reasonsOf = (rows: ReadonlyArray<FailedRow>): ReadonlyArray<FailureGroup> => {
  const groups = new Map<string, FailureGroup>()
  for (const { path, error, count } of rows) {
    const reason = error._tag
    const examples = [...(groups.get(reason)?.examples ?? []), { path: path as DrivePath, error }]
    groups.set(reason, { reason, count, examples })
  }
  return [...groups.values()].sort((a, b) => b.count - a.count)
}

export const failedOf = (reasons: ReadonlyArray<FailureGroup>): MigrationStatus['failed'] =>
  reasons
    .flatMap(({ examples }) => examples)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .slice(0, mostFailed)
    .map(({ path, error }) => ({ path, message: error.message }))
