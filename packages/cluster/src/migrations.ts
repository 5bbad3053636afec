// The migrations of a database: submitted, paused, resumed, cancelled, and run again.
import { isInside, type DrivePath } from '@anydrive/core'
import { differences, KeptIdentity, read, type LabeledIdentity } from '@anydrive/migrate/engine'
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import { attempt, clusterError, type ClusterError, type Database, type Query } from './database'
import type { ClusterRun } from './journal'
import type { Queue } from './queue'
import { startJob, sweepJob } from './work'

/** `complete`: nothing is left to do; entries may have failed. */
export type MigrationState = 'submitted' | 'running' | 'paused' | 'cancelled' | 'complete'

/** What the drives of a worker must be: kinds, addresses and spaces by name of the setting, without any secret. */
export type DriveIdentity = Readonly<Record<string, string>>

export interface Submission {
  readonly name: string
  readonly identity: LabeledIdentity
  /** What the workers need to open the migration, as JSON; no secret. */
  readonly options: string
  /** What may be long, such as lists of paths; each worker reads it once. No secret. */
  readonly lists?: string | undefined
  readonly source: DriveIdentity
  readonly target: DriveIdentity
}

export interface ClusterMigration extends ClusterRun {
  readonly state: MigrationState
  /** Why it was paused by a worker. */
  readonly reason: string | undefined
  readonly identity: LabeledIdentity
  readonly options: string
  readonly source: DriveIdentity
  readonly target: DriveIdentity
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly endedAt: number | undefined
  /** Of a move: files that the latest run removed from the source. Those that a worker removed right before it was killed are missing. */
  readonly removed: number
}

interface Row {
  readonly [column: string]: unknown
  readonly id: number
  readonly name: string
  readonly state: MigrationState
  readonly reason: string | null
  readonly identity: string
  readonly options: string
  readonly source_drive: string
  readonly target_drive: string
  readonly run: string
  readonly resumes: boolean
  readonly retry_failed: boolean
  readonly created_at: Date
  readonly ended_at: Date | null
  readonly removed: string
}

const ofRow = (row: Row): E.Either<ClusterError, ClusterMigration> => {
  const identity = read(KeptIdentity, row.identity)
  if (E.isLeft(identity) || identity.right === undefined)
    return E.left(clusterError('Failed', `the migration ${row.name} cannot be read from the database`))
  return E.right({
    migration: row.id,
    name: row.name,
    session: {
      id: row.run,
      resumes: row.resumes,
      retryFailed: row.retry_failed,
      moves: identity.right.removeSource,
    },
    state: row.state,
    reason: row.reason ?? undefined,
    identity: identity.right,
    options: row.options,
    source: JSON.parse(row.source_drive) as DriveIdentity,
    target: JSON.parse(row.target_drive) as DriveIdentity,
    createdAt: row.created_at.getTime(),
    endedAt: row.ended_at?.getTime(),
    removed: Number(row.removed),
  })
}

/** Without `lists`. */
const columns =
  'id, name, state, reason, identity, options, source_drive, target_drive, target_path, run, resumes, retry_failed, created_at, ended_at, removed'

const rowsIn = async (query: Query, condition: string, values: ReadonlyArray<unknown>): Promise<ReadonlyArray<Row>> =>
  (await query<Row>(`SELECT ${columns} FROM anydrive.migrations WHERE ${condition} ORDER BY id`, values)).rows

const refused = (message: string): E.Either<ClusterError, never> => E.left(clusterError('Refused', message))

/** Sorted, so that equal drives have equal texts. */
const driveText = (drive: DriveIdentity): string =>
  JSON.stringify(Object.fromEntries(Object.entries(drive).sort(([a], [b]) => (a < b ? -1 : 1))))

const isActive = (state: MigrationState): boolean => state !== 'complete' && state !== 'cancelled'

/** One submission at a time, so that two into one target cannot pass each other. */
const lock = 'SELECT pg_advisory_xact_lock(7220261)'

const conflicting = async (query: Query, { name, target, identity }: Submission): Promise<string | undefined> => {
  const text = driveText(target)
  const rows = await rowsIn(query, "state NOT IN ('complete', 'cancelled') AND target_drive = $1 AND name <> $2", [
    text,
    name,
  ])
  const own = identity.to.path
  const other = rows.find(({ target_path }) => {
    const path = String(target_path) as DrivePath
    return isInside(own, path) || isInside(path, own)
  })
  return other === undefined
    ? undefined
    : `the migration ${other.name} writes to the same target (/${String(other['target_path'])}); two at a time would mix their files`
}

/** Finds migrations; changes nothing. */
export const readMigrations = ({ query }: Pick<Database, 'query'>) => {
  const all = async (condition: string): Promise<E.Either<ClusterError, ReadonlyArray<ClusterMigration>>> =>
    E.flatMap(E.traverseArray(ofRow))(await attempt(() => rowsIn(query, condition, [])))
  return {
    find: async (name: string): Promise<E.Either<ClusterError, ClusterMigration>> =>
      E.flatMap((rows: ReadonlyArray<Row>): E.Either<ClusterError, ClusterMigration> => {
        const [row] = rows
        return row === undefined ? refused(`there is no migration ${name} in this database`) : ofRow(row)
      })(await attempt(() => rowsIn(query, 'name = $1', [name]))),
    all: () => all('true'),
    running: () => all("state = 'running'"),
  }
}

export const createMigrations = (database: Database, queue: Queue) => {
  const { query, transaction } = database
  const reader = readMigrations(database)
  const { find } = reader

  const setState = (id: number, state: MigrationState): Promise<unknown> =>
    query(
      `UPDATE anydrive.migrations SET state = $2, reason = NULL,
         ended_at = CASE WHEN $2 IN ('complete', 'cancelled') THEN now() END WHERE id = $1`,
      [id, state],
    )

  /** A new run from the root of the source; what has an outcome keeps it unless the run is to retry failures. */
  const begin = async (
    id: number,
    { resumes, retryFailed }: { readonly resumes: boolean; readonly retryFailed: boolean },
  ): Promise<void> => {
    await queue.clear(id)
    await queue.create(id)
    await transaction(async (within) => {
      const run = randomUUID()
      await queue.add(within, { migration: id, run }, [startJob])
      await within(
        `UPDATE anydrive.migrations SET state = 'running', reason = NULL, run = $2, resumes = $3, retry_failed = $4, ended_at = NULL,
           marker = NULL, removed = 0, begun_bytes = 0, begun_at = now(),
           failed_before = (SELECT count(*) FROM anydrive.entries e WHERE e.migration = $1 AND e.status = 'failed')
         WHERE id = $1`,
        [id, run, resumes, retryFailed],
      )
    })
  }

  const change =
    (work: (migration: ClusterMigration) => Promise<E.Either<ClusterError, unknown>>) =>
    async (name: string): Promise<E.Either<ClusterError, void>> => {
      const found = await find(name)
      if (E.isLeft(found)) return found
      const done = E.flatten(await attempt(() => work(found.right)))
      return E.map(() => undefined)(done)
    }

  return {
    ...reader,
    /** As it was submitted. */
    lists: (id: number): Promise<E.Either<ClusterError, string | undefined>> =>
      attempt(async () => {
        const { rows } = await query<{ readonly lists: string | null }>(
          'SELECT lists FROM anydrive.migrations WHERE id = $1',
          [id],
        )
        return rows[0]?.lists ?? undefined
      }),
    /** Begins it; one of this name that is not active begins another run with these options, and one that is active is left as it is. `Refused` where the name or the target belongs to another. */
    submit: async (submission: Submission): Promise<E.Either<ClusterError, ClusterMigration>> => {
      const { name, identity, options, lists = null, source, target } = submission
      const recorded = await attempt(() =>
        transaction(async (within): Promise<E.Either<ClusterError, Row>> => {
          await within(lock)
          const conflict = await conflicting(within, submission)
          if (conflict !== undefined) return refused(conflict)
          const [before] = await rowsIn(within, 'name = $1', [name])
          if (before === undefined) {
            const { rows } = await within<Row>(
              `INSERT INTO anydrive.migrations
                 (name, state, identity, options, source_drive, target_drive, target_path, run, resumes, retry_failed, lists)
               VALUES ($1, 'submitted', $2, $3, $4, $5, $6, $7, false, false, $8) RETURNING ${columns}`,
              [
                name,
                JSON.stringify(identity),
                options,
                driveText(source),
                driveText(target),
                identity.to.path,
                randomUUID(),
                lists,
              ],
            )
            const [row] = rows
            return row === undefined ? refused(`the migration ${name} could not be recorded`) : E.right(row)
          }
          const kept = ofRow(before)
          if (E.isLeft(kept)) return kept
          const other = [
            ...differences(kept.right.identity, identity),
            ...driveDifferences('source', kept.right.source, source),
            ...driveDifferences('target', kept.right.target, target),
          ]
          if (other.length > 0) return refused(`${name} is another migration: ${other.join('; ')}`)
          if (!isActive(before.state))
            await within(
              "UPDATE anydrive.migrations SET state = 'submitted', resumes = $2, options = $3, lists = $4 WHERE id = $1",
              [before.id, before.state !== 'complete', options, lists],
            )
          return E.right({
            ...before,
            resumes: before.state !== 'complete',
            state: isActive(before.state) ? before.state : 'submitted',
          })
        }),
      )
      const row = E.flatten(recorded)
      if (E.isLeft(row)) return row
      if (row.right.state === 'submitted') {
        const { id, resumes } = row.right
        const begun = await attempt(() => begin(id, { resumes, retryFailed: false }))
        if (E.isLeft(begun)) return begun
      }
      return find(name)
    },
    pause: change(async ({ migration, name, state }) => {
      if (state === 'paused') return E.right(undefined)
      if (state !== 'running') return refused(`${name} is not running: it is ${state}`)
      return E.right(await setState(migration, 'paused'))
    }),
    /** Of one that a worker paused, what failed because of the service is tried again. */
    resume: change(async ({ migration, name, state, reason }) => {
      if (state === 'running') return E.right(undefined)
      if (state === 'complete') return refused(`${name} is complete; anydrive cluster retry-failed retries what failed`)
      if (state === 'paused' && reason === undefined) return E.right(await setState(migration, 'running'))
      await begin(migration, { resumes: true, retryFailed: false })
      return E.right(undefined)
    }),
    cancel: change(async ({ migration, name, state }) => {
      if (!isActive(state)) return refused(`${name} has ended: it is ${state}`)
      await setState(migration, 'cancelled')
      await queue.clear(migration)
      return E.right(undefined)
    }),
    retryFailed: change(async ({ migration, name, state }) => {
      if (isActive(state)) return refused(`${name} has not ended: it is ${state}`)
      await begin(migration, { resumes: state !== 'complete', retryFailed: true })
      return E.right(undefined)
    }),
    /** By a worker: the rest would fail for the same reason. */
    stop: (id: number, run: string, reason: string): Promise<unknown> =>
      query(
        "UPDATE anydrive.migrations SET state = 'paused', reason = $3 WHERE id = $1 AND run = $2 AND state = 'running'",
        [id, run, reason],
      ),
    /** Of the latest run: entries that failed, and milliseconds since it began. Rejects as a query does. */
    soFar: async ({ migration, session }: ClusterRun): Promise<{ readonly failed: number; readonly time: number }> => {
      const { rows } = await query<{ readonly failed: string; readonly time: string }>(
        `SELECT (SELECT count(*) FROM anydrive.entries e WHERE e.migration = m.id AND e.status = 'failed') - failed_before
           + (SELECT count(*) FROM anydrive.problems p WHERE p.migration = m.id AND p.run = m.run) AS failed,
           extract(epoch FROM now() - begun_at) * 1000 AS time
         FROM anydrive.migrations m WHERE id = $1 AND run = $2`,
        [migration, session.id],
      )
      return { failed: Number(rows[0]?.failed ?? 0), time: Number(rows[0]?.time ?? 0) }
    },
    /** False: the bytes of the files that were begun would exceed `most`, and these are not counted. Rejects as a query does. */
    takeBytes: async ({ migration, session }: ClusterRun, bytes: number, most: number): Promise<boolean> =>
      (
        await query(
          'UPDATE anydrive.migrations SET begun_bytes = begun_bytes + $3 WHERE id = $1 AND run = $2 AND begun_bytes + $3 <= $4',
          [migration, session.id, bytes, most],
        )
      ).count === 1,
    giveBytesBack: ({ migration, session }: ClusterRun, bytes: number): Promise<unknown> =>
      query('UPDATE anydrive.migrations SET begun_bytes = begun_bytes - $3 WHERE id = $1 AND run = $2', [
        migration,
        session.id,
        bytes,
      ]),
    /** Whether this is its latest run. */
    isLatest: async (id: number, run: string): Promise<boolean> =>
      (await query('SELECT 1 FROM anydrive.migrations WHERE id = $1 AND run = $2', [id, run])).count === 1,
    /** Once no job is left; a move removes the empty directories of its source before. */
    completeIfDone: async ({ migration, session }: ClusterRun): Promise<void> => {
      if ((await queue.size(migration)) > 0) return
      await transaction(async (within) => {
        const { rows } = await within<{ readonly marker: DrivePath }>(
          "SELECT marker FROM anydrive.migrations WHERE id = $1 AND run = $2 AND state = 'running' AND marker IS NOT NULL FOR UPDATE",
          [migration, session.id],
        )
        const [row] = rows
        if (row === undefined) return
        await within('UPDATE anydrive.migrations SET marker = NULL WHERE id = $1', [migration])
        await queue.add(within, { migration, run: session.id }, [sweepJob({ marker: row.marker })])
      })
      // Another worker may have begun that at the same time.
      if ((await queue.size(migration)) > 0) return
      await query(
        "UPDATE anydrive.migrations SET state = 'complete', ended_at = now() WHERE id = $1 AND run = $2 AND state = 'running'",
        [migration, session.id],
      )
    },
  }
}
export type Migrations = ReturnType<typeof createMigrations>

/** Sentences for what differs between the drive of the migration and that of this machine. */
export const driveDifferences = (
  end: 'source' | 'target',
  wanted: DriveIdentity,
  own: DriveIdentity,
): ReadonlyArray<string> =>
  [...new Set([...Object.keys(wanted), ...Object.keys(own)])]
    .filter((key) => wanted[key] !== own[key])
    .map((key) => `${key} of the ${end} is ${wanted[key] ?? 'not set'}, here ${own[key] ?? 'not set'}`)
