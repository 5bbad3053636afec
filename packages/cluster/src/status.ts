// The state of a migration at a moment: its entries, its workers, and how fast they are. Only reads.
import type { DriveError, DrivePath } from '@anydrive/core'
import { createSeries, type MigrationStatus, type NumberedSample, type SeriesPoint } from '@anydrive/migrate'
import {
  countsOf,
  failedOf,
  failureIn,
  mostExamples,
  mostUnderWay,
  readEntry,
  reasonsOf,
  samplesOf,
  type CountedRow,
  type FailedRow,
} from '@anydrive/migrate/engine'
import * as E from 'fp-ts/Either'
import { attempt, type ClusterError, type Database, type Query } from './database'
import type { ClusterMigration } from './migrations'
import { pathKeySql, pathOrder } from './path-key'
import { queueOf } from './queue'

export interface ClusterWorker {
  readonly id: string
  readonly host: string
  readonly process: number
  readonly concurrency: number
  /** Milliseconds since the epoch, by the clock of the database. */
  readonly seen: number
  /** Milliseconds since then, by the same clock. */
  readonly silence: number
  /** Its lease lasts. */
  readonly isAlive: boolean
  /** Why it does not work on some migrations. */
  readonly refusal: string | undefined
}
/** What a worker, by its id, has transferred; `claimed`: what it had begun, and nobody has taken over. */
export interface WorkerShare {
  readonly worker: string
  readonly files: number
  readonly bytes: number
  readonly claimed: number
}
export interface ClusterStatus extends MigrationStatus {
  readonly state: ClusterMigration['state']
  readonly reason: string | undefined
  /** Directories that could not be listed, and names that no path can hold; they are among the `reasons`. */
  readonly problems: number
  /** Jobs that are waiting or under way. */
  readonly jobs: number
  /** Those with a lease. */
  readonly workers: ReadonlyArray<ClusterWorker>
  /** Of workers without a lease as well. */
  readonly shares: ReadonlyArray<WorkerShare>
}

type Reader = Pick<Database, 'query'>

interface HeldRow extends CountedRow {
  /** The worker that had them last. */
  readonly holder: string
}

const countedIn = async (query: Query, migration: number): Promise<ReadonlyArray<HeldRow>> => {
  const { rows } = await query<{
    readonly status: string | null
    readonly kind: string
    readonly holder: string
    readonly n: string
    readonly bytes: string | null
  }>(
    `SELECT status, kind, holder, count(*) AS n, sum(size) AS bytes FROM anydrive.entries WHERE migration = $1
     GROUP BY status, kind, holder`,
    [migration],
  )
  return rows.map(({ status, kind, holder, n, bytes }) => ({
    ...{ kind, holder },
    status: status ?? undefined,
    n: Number(n),
    bytes: Number(bytes ?? 0),
  }))
}

const sharesOf = (rows: ReadonlyArray<HeldRow>): ReadonlyArray<WorkerShare> =>
  [...new Set(rows.map(({ holder }) => holder))].map((worker) => {
    const { carried, bytes, claimed } = countsOf(rows.filter(({ holder }) => holder === worker))
    return { worker, files: carried, bytes, claimed }
  })

/** Tags are found in the text: PostgreSQL parses no JSON that holds the character U+0000, which an error of a service may. */
const failedIn = async (query: Query, { migration, session }: ClusterMigration): Promise<ReadonlyArray<FailedRow>> => {
  const { rows } = await query<{
    readonly path: string
    readonly data: string | null
    readonly error: string | null
    readonly n: string
  }>(
    `SELECT path, data, error, n FROM (
       SELECT *, count(*) OVER reason AS n, row_number() OVER (reason ORDER BY path) AS place FROM (
         SELECT path, data, NULL AS error, substring(data FROM '"_tag":"(\\w+)"') AS tag
         FROM anydrive.entries WHERE migration = $1 AND status = 'failed'
         UNION ALL
         SELECT path, NULL, error, substring(error FROM '"_tag":"(\\w+)"') FROM anydrive.problems WHERE migration = $1 AND run = $2
       ) failed WINDOW reason AS (PARTITION BY tag)
     ) placed WHERE place <= ${mostExamples} ORDER BY path`,
    [migration, session.id],
  )
  return rows.flatMap(({ path, data, error, n }) => {
    const failure = data === null ? (JSON.parse(error ?? '') as DriveError) : failureIn(data)
    return failure === undefined ? [] : [{ path, error: failure, count: Number(n) }]
  })
}

const underWayIn = async (query: Query, migration: number): Promise<MigrationStatus['underWay']> => {
  const { rows } = await query<{ readonly path: string; readonly data: string; readonly holder: string }>(
    `SELECT path, data, holder FROM anydrive.entries e WHERE migration = $1 AND status IS NULL
     AND EXISTS (SELECT 1 FROM anydrive.workers w WHERE w.id = e.holder AND w.expires > now()) ORDER BY ${pathOrder('path')}, path LIMIT ${mostUnderWay}`,
    [migration],
  )
  return rows.flatMap(({ path, data, holder }) => {
    const entry = readEntry(data)
    if (E.isLeft(entry)) return []
    const { kind, size } = entry.right
    return [{ path: path as DrivePath, kind, worker: holder, ...(size === undefined ? {} : { size }) }]
  })
}

/** What the queue holds: jobs, directories that are not listed to their end, and files without an entry. */
const queuedIn = async (
  query: Query,
  migration: number,
): Promise<{
  readonly jobs: number
  readonly directories: number
  readonly files: number
  readonly bytes: number
}> => {
  const waiting = "anydrive_queue.job j WHERE j.name = $1 AND j.state < 'completed'"
  const { rows } = await query<Readonly<Record<'jobs' | 'directories' | 'files' | 'bytes', string | null>>>(
    `SELECT * FROM
       (SELECT count(*) AS jobs, count(*) FILTER (WHERE j.data -> 'work' ->> 'kind' IN ('start', 'directory')) AS directories FROM ${waiting}) work,
       (SELECT count(*) AS files, sum((f ->> 'size')::numeric) AS bytes FROM
         (SELECT jsonb_array_elements(j.data -> 'work' -> 'files') AS f FROM ${waiting} AND j.data -> 'work' ->> 'kind' = 'files') all_files
        WHERE NOT EXISTS (SELECT 1 FROM anydrive.entries e WHERE e.migration = $2 AND e.key = ${pathKeySql("f ->> 'path'")})) files`,
    [queueOf(migration), migration],
  )
  const n = (key: 'jobs' | 'directories' | 'files' | 'bytes'): number => Number(rows[0]?.[key] ?? 0)
  return { jobs: n('jobs'), directories: n('directories'), files: n('files'), bytes: n('bytes') }
}

interface WorkerRow {
  readonly [column: string]: unknown
  readonly id: string
  readonly host: string
  readonly process: number
  readonly concurrency: number
  readonly seen: Date
  readonly silence: string
  readonly alive: boolean
  readonly refusal: string | null
}

/** All workers of the last seven days, whether their leases last or not. */
export const clusterWorkers = async ({ query }: Reader): Promise<ReadonlyArray<ClusterWorker>> =>
  (
    await query<WorkerRow>(
      `SELECT id, host, process, concurrency, seen, refusal, expires > now() AS alive,
         extract(epoch FROM clock_timestamp() - seen) * 1000 AS silence
       FROM anydrive.workers ORDER BY host, process`,
    )
  ).rows.map(({ id, host, process, concurrency, seen, silence, alive, refusal }) => ({
    ...{ id, host, process, concurrency },
    seen: seen.getTime(),
    silence: Math.max(0, Math.round(Number(silence))),
    isAlive: alive,
    refusal: refusal ?? undefined,
  }))

export const clusterStatus = async (
  { query }: Reader,
  migration: ClusterMigration,
): Promise<E.Either<ClusterError, ClusterStatus>> =>
  attempt(async () => {
    const id = migration.migration
    const rows = await countedIn(query, id)
    const { known, ...counts } = countsOf(rows)
    const reasons = reasonsOf(await failedIn(query, migration))
    const queued = await queuedIn(query, id)
    const problems = await query<{ readonly n: string }>(
      'SELECT count(*) AS n FROM anydrive.problems WHERE migration = $1 AND run = $2',
      [id, migration.session.id],
    )
    return {
      state: migration.state,
      reason: migration.reason,
      ...counts,
      found: {
        files: known.files + queued.files,
        bytes: known.bytes + queued.bytes,
        // Of a migration that was cancelled the jobs are gone.
        walked: queued.directories === 0 && migration.state !== 'cancelled',
      },
      underWay: await underWayIn(query, id),
      reasons,
      failed: failedOf(reasons),
      problems: Number(problems.rows[0]?.n ?? 0),
      jobs: queued.jobs,
      workers: (await clusterWorkers({ query })).filter(({ isAlive }) => isAlive),
      shares: sharesOf(rows),
    }
  })

/** Rows of one query. */
const together = 10_000

/** The samples that were recorded after the one of this id, the oldest first; 0: all. */
export async function* samplesAfter(
  { query }: Reader,
  { migration }: Pick<ClusterMigration, 'migration'>,
  after: number,
): AsyncGenerator<NumberedSample, void> {
  for (let from = after; ;) {
    const { rows } = await query<{ readonly id: string; readonly worker: string; readonly data: string }>(
      `SELECT id, worker, data FROM anydrive.samples WHERE migration = $1 AND id > $2 ORDER BY id LIMIT ${together}`,
      [migration, from],
    )
    for (const { id, worker, data } of rows) {
      from = Number(id)
      for (const sample of samplesOf([data])) yield { id: from, worker, sample }
    }
    if (rows.length < together) return
  }
}

/** How fast the workers of all runs were, together. */
export const clusterSamples = async (
  reader: Reader,
  migration: Pick<ClusterMigration, 'migration'>,
): Promise<E.Either<ClusterError, ReadonlyArray<SeriesPoint>>> =>
  attempt(async () => {
    const series = createSeries()
    for await (const { worker, sample } of samplesAfter(reader, migration, 0))
      series.add(sample, `${sample.run} ${worker ?? ''}`)
    return series.points()
  })
