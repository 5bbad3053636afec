// What became of the entries of a migration: one after another, counted, and summed up as a run on one machine would.
import type { DriveError, DrivePath, Entry, EntryKind } from '@anydrive/core'
import {
  noTotals,
  type JournalRecord,
  type JournalStatus,
  type Outcome,
  type Sample,
  type Summary,
} from '@anydrive/migrate'
import { createStats, readEntry, samplesOf, type KeptEntry } from '@anydrive/migrate/engine'
import * as E from 'fp-ts/Either'
import { attempt, clusterError, type ClusterError, type Database } from './database'
import type { ClusterMigration } from './migrations'
import { pathKey, isAfterSql, isBeforeSql, pathOrder } from './path-key'

/** Rows of one query. */
const together = 1000

interface Kept {
  readonly path: DrivePath
  readonly entry: KeptEntry
}

async function* entriesOf(
  { query }: Pick<Database, 'query'>,
  { migration, name }: Pick<ClusterMigration, 'migration' | 'name'>,
): AsyncGenerator<E.Either<ClusterError, Kept>, void> {
  // The path of the root is empty, and is the first.
  for (let after: string | undefined; ;) {
    const condition = after === undefined ? 'true' : isAfterSql('path', '$2')
    const found = await attempt(() =>
      query<{ readonly path: string; readonly data: string }>(
        `SELECT path, data FROM anydrive.entries WHERE migration = $1 AND ${condition} ORDER BY ${pathOrder('path')}, path LIMIT ${together}`,
        after === undefined ? [migration] : [migration, after],
      ),
    )
    if (E.isLeft(found)) {
      yield found
      return
    }
    for (const { path, data } of found.right.rows) {
      const entry = readEntry(data)
      if (E.isLeft(entry)) {
        yield E.left(
          clusterError('Failed', `the entry /${path} of the migration ${name} cannot be read from the database`),
        )
        return
      }
      yield E.right({ path: path as DrivePath, entry: entry.right })
      after = path
    }
    if (found.right.rows.length < together) return
  }
}

/** Directories of the source that are at the target, in the reverse order of their paths, so that a directory comes after those in it. Rejects as a query does. */
export const placedDirectories = async (
  { query }: Pick<Database, 'query'>,
  { migration }: Pick<ClusterMigration, 'migration'>,
  before: DrivePath | undefined,
  count: number,
): Promise<ReadonlyArray<DrivePath>> => {
  const order = pathOrder('path')
  const { rows } = await query<{ readonly path: string }>(
    `SELECT path FROM anydrive.entries WHERE migration = $1 AND kind = 'directory' AND status IN ('made', 'merged')
       AND ${before === undefined ? 'true' : isBeforeSql('path', '$3')} ORDER BY ${order} DESC, path DESC LIMIT $2`,
    [migration, count, ...(before === undefined ? [] : [before])],
  )
  return rows.map(({ path }) => path as DrivePath)
}

/** Those of the paths of the source of which nothing is recorded. */
export const clusterMissing = (
  { query }: Pick<Database, 'query'>,
  { migration }: Pick<ClusterMigration, 'migration'>,
  paths: ReadonlyArray<DrivePath>,
): Promise<E.Either<ClusterError, ReadonlyArray<DrivePath>>> =>
  attempt(async () => {
    const missing: Array<DrivePath> = []
    for (let i = 0; i < paths.length; i += together) {
      const some = new Map(paths.slice(i, i + together).map((path) => [pathKey(path).toString('hex'), path]))
      const { rows } = await query<{ readonly key: string }>(
        "SELECT encode(key, 'hex') AS key FROM anydrive.entries WHERE migration = $1 AND key IN (SELECT decode(k, 'hex') FROM unnest($2::text[]) k)",
        [migration, [...some.keys()]],
      )
      for (const { key } of rows) some.delete(key)
      missing.push(...some.values())
    }
    return missing
  })

/** By path; an entry that cannot be read ends it with a left. */
export async function* clusterRecords(
  database: Pick<Database, 'query'>,
  migration: Pick<ClusterMigration, 'migration' | 'name'>,
): AsyncGenerator<E.Either<ClusterError, JournalRecord>, void> {
  for await (const kept of entriesOf(database, migration))
    yield E.map(({ path, entry: { kind, outcome } }: Kept): JournalRecord => ({ path, kind, outcome }))(kept)
}

interface ProblemRow {
  readonly [column: string]: unknown
  readonly path: string
  readonly shown_as: string
  readonly error: string
}

const problemsOf = (
  { query }: Pick<Database, 'query'>,
  { migration, session }: ClusterMigration,
): Promise<E.Either<ClusterError, ReadonlyArray<ProblemRow>>> =>
  attempt(
    async () =>
      (
        await query<ProblemRow>(
          'SELECT path, shown_as, error FROM anydrive.problems WHERE migration = $1 AND run = $2 ORDER BY path, shown_as',
          [migration, session.id],
        )
      ).rows,
  )

const sourceOf = (path: DrivePath, kind: EntryKind, size: number | undefined): Entry => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  switch (kind) {
    case 'file':
      return { kind, path, name, checksums: {}, ...(size === undefined ? {} : { size }) }
    case 'directory':
      return { kind, path, name }
    case 'other':
      return { kind, path, name, what: '' }
  }
}

/** The summary of the latest run, from the database; of the runs before, what was transferred counts as theirs. */
export const clusterSummary = async (
  database: Pick<Database, 'query'>,
  migration: ClusterMigration,
): Promise<E.Either<ClusterError, Summary>> => {
  const { identity, session, createdAt, endedAt } = migration
  const stats = createStats(() => createdAt, identity.names === 'refuse' ? 'refuse' : 'encode', identity.from.path)
  for await (const kept of entriesOf(database, migration)) {
    if (E.isLeft(kept)) return kept
    const { path, entry } = kept.right
    const outcome: Outcome | undefined = entry.outcome
    if (outcome !== undefined) stats.settle(sourceOf(path, entry.kind, entry.size), outcome, entry.owner !== session.id)
  }
  const problems = await problemsOf(database, migration)
  if (E.isLeft(problems)) return problems
  for (const { path, shown_as, error } of problems.right)
    stats.fail(
      path as DrivePath,
      JSON.parse(error) as DriveError,
      shown_as === '' ? undefined : (JSON.parse(shown_as) as string),
    )
  stats.remove(migration.removed)
  return E.right({ ...stats.summary(), duration: Math.max(0, (endedAt ?? Date.now()) - createdAt) })
}

export interface ClusterWorker {
  readonly id: string
  readonly host: string
  readonly process: number
  readonly concurrency: number
  /** Milliseconds since the epoch. */
  readonly seen: number
  /** Why it does not work on some migrations. */
  readonly refusal: string | undefined
}
export interface ClusterStatus extends Omit<JournalStatus, 'state' | 'label'> {
  readonly state: ClusterMigration['state']
  readonly reason: string | undefined
  /** Directories that could not be listed, and names that no path can hold. */
  readonly problems: number
  /** Those with a lease. */
  readonly workers: ReadonlyArray<ClusterWorker>
}

const failuresIn = async (
  { query }: Pick<Database, 'query'>,
  { migration }: ClusterMigration,
): Promise<ClusterStatus['failed']> => {
  const { rows } = await query<{ readonly path: string; readonly data: string }>(
    `SELECT path, data FROM anydrive.entries WHERE migration = $1 AND status = 'failed' ORDER BY ${pathOrder('path')}, path LIMIT 100`,
    [migration],
  )
  return rows.flatMap(({ path, data }) => {
    const entry = readEntry(data)
    return E.isRight(entry) && entry.right.outcome?.status === 'failed'
      ? [{ path: path as DrivePath, message: entry.right.outcome.error.message }]
      : []
  })
}

interface WorkerRow {
  readonly [column: string]: unknown
  readonly id: string
  readonly host: string
  readonly process: number
  readonly concurrency: number
  readonly seen: Date
  readonly refusal: string | null
}

export const liveWorkers = async ({ query }: Pick<Database, 'query'>): Promise<ReadonlyArray<ClusterWorker>> =>
  (
    await query<WorkerRow>(
      'SELECT id, host, process, concurrency, seen, refusal FROM anydrive.workers WHERE expires > now() ORDER BY host, process',
    )
  ).rows.map((row) => ({ ...row, seen: row.seen.getTime(), refusal: row.refusal ?? undefined }))

export const clusterStatus = async (
  database: Pick<Database, 'query'>,
  migration: ClusterMigration,
): Promise<E.Either<ClusterError, ClusterStatus>> => {
  const problems = await problemsOf(database, migration)
  if (E.isLeft(problems)) return problems
  return attempt(async () => {
    const { rows } = await database.query<{
      readonly status: string | null
      readonly n: string
      readonly bytes: string | null
    }>('SELECT status, count(*) AS n, sum(size) AS bytes FROM anydrive.entries WHERE migration = $1 GROUP BY status', [
      migration.migration,
    ])
    const n = (status: Outcome['status'] | null): number => Number(rows.find((row) => row.status === status)?.n ?? 0)
    return {
      state: migration.state,
      reason: migration.reason,
      claimed: n(null),
      carried: n('carried'),
      bytes: Number(rows.find((row) => row.status === 'carried')?.bytes ?? 0),
      directories: n('made'),
      merged: n('merged'),
      skipped: n('skipped'),
      others: n('other'),
      failures: n('failed'),
      blocked: n('blocked'),
      problems: problems.right.length,
      failed: await failuresIn(database, migration),
      workers: await liveWorkers(database),
    }
  })
}

/** How fast the workers of all runs were, together: `files`, `bytes` and `failures` rise. */
export const clusterSamples = async (
  { query }: Pick<Database, 'query'>,
  { migration }: Pick<ClusterMigration, 'migration'>,
): Promise<E.Either<ClusterError, ReadonlyArray<Sample & { readonly run: string }>>> =>
  attempt(async () => {
    const { rows } = await query<{ readonly worker: string; readonly data: string }>(
      'SELECT worker, data FROM anydrive.samples WHERE migration = $1 ORDER BY id',
      [migration],
    )
    const latest = new Map<string, Sample>()
    return rows.flatMap(({ worker, data }) => {
      const [sample] = samplesOf([data])
      if (sample === undefined) return []
      latest.set(`${sample.run} ${worker}`, sample)
      const sum = (key: 'files' | 'bytes' | 'failures'): number =>
        [...latest.values()].reduce((total, one) => total + one[key], 0)
      const found = latest.size === 1 ? sample.found : { ...noTotals.found, walked: false }
      return [{ ...sample, files: sum('files'), bytes: sum('bytes'), failures: sum('failures'), found }]
    })
  })
