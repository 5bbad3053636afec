// What became of the entries of a migration: one after another, counted, and summed up as a run on one machine would.
import type { DriveError, DrivePath, Entry, EntryKind } from '@anydrive/core'
import type { JournalRecord, Outcome, Summary } from '@anydrive/migrate'
import { createStats, readEntry, type KeptEntry } from '@anydrive/migrate/engine'
import * as E from 'fp-ts/Either'
import { attempt, clusterError, type ClusterError, type Database } from './database'
import type { ClusterMigration } from './migrations'
import { isAfterSql, isBeforeSql, pathKey, pathOrder } from './path-key'

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

/** A failure that no entry stands for: a directory that could not be listed, or a name in it that no path can hold. */
export interface ClusterProblem {
  readonly path: DrivePath
  /** The name, where it is one. */
  readonly shownAs: string | undefined
  readonly error: DriveError
}

/** Of the latest run, by path. */
export const clusterProblems = (
  { query }: Pick<Database, 'query'>,
  { migration, session }: ClusterMigration,
): Promise<E.Either<ClusterError, ReadonlyArray<ClusterProblem>>> =>
  attempt(async () => {
    const { rows } = await query<{ readonly path: string; readonly shown_as: string; readonly error: string }>(
      'SELECT path, shown_as, error FROM anydrive.problems WHERE migration = $1 AND run = $2 ORDER BY path, shown_as',
      [migration, session.id],
    )
    return rows.map(({ path, shown_as, error }) => ({
      path: path as DrivePath,
      shownAs: shown_as === '' ? undefined : (JSON.parse(shown_as) as string),
      error: JSON.parse(error) as DriveError,
    }))
  })

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
  const problems = await clusterProblems(database, migration)
  if (E.isLeft(problems)) return problems
  for (const { path, shownAs, error } of problems.right) stats.fail(path, error, shownAs)
  stats.remove(migration.removed)
  return E.right({ ...stats.summary(), duration: Math.max(0, (endedAt ?? Date.now()) - createdAt) })
}
