// The queue of jobs, on pg-boss: one queue for each migration, and who works on which job.
import PgBoss from 'pg-boss'
import type { Database, Query } from './database'
import { isAliveSql, type Lease } from './lease'

export interface NewJob {
  readonly data: object
  /** The highest first. */
  readonly priority: number
  /** Seconds. */
  readonly after?: number | undefined
}
export interface TakenJob {
  readonly id: string
  readonly migration: number
  /** The run that it belongs to. */
  readonly run: string
  readonly data: unknown
  /** How often it was begun before. */
  readonly tries: number
}

export interface Queue {
  /** Creates the queue of a migration, unless it exists. */
  readonly create: (migration: number) => Promise<void>
  readonly add: (
    query: Query,
    run: { readonly migration: number; readonly run: string },
    jobs: ReadonlyArray<NewJob>,
  ) => Promise<void>
  readonly take: (lease: Lease, migration: number) => Promise<TakenJob | undefined>
  /** Removes the job and adds those that follow from it, all or nothing. False: the worker has lost the job, and nothing was changed. */
  readonly finish: (
    lease: Lease,
    job: TakenJob,
    following: ReadonlyArray<NewJob>,
    also?: (query: Query) => Promise<unknown>,
  ) => Promise<boolean>
  /** For another worker, as it was taken. */
  readonly giveBack: (lease: Lease, job: TakenJob) => Promise<void>
  /** Jobs of workers whose lease has lapsed become available. */
  readonly recover: () => Promise<number>
  /** Jobs that are waiting or under way. */
  readonly size: (migration: number) => Promise<number>
  /** Removes all jobs. */
  readonly clear: (migration: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** Seconds after which a job counts as lost even if its worker still extends its lease. */
const expireAfter = 600
/** Seconds before a job that was given back is taken again. */
const retryAfter = 1
const retries = 1000

/** What `take` rejects with where the lease of the worker has lapsed. */
export const lapsed = new Error('the lease of this worker has lapsed')

/** jsonb holds neither a NUL nor half a surrogate pair: data with one of them is written as a text. */
const jsonOf = (data: object): object | string => {
  const text = JSON.stringify(data)
  return /\\u(?:0000|d[89a-f])/.test(text) ? text : data
}
const workIn = (written: string | object): unknown => (typeof written === 'string' ? JSON.parse(written) : written)

/** The name of its queue. */
export const queueOf = (migration: number): string => `migration-${migration}`

/** `supervise`: this process looks for jobs that expired. Rejects where the database cannot be reached or used. */
export const openQueue = async (
  { query, transaction }: Database,
  { supervise }: { readonly supervise: boolean },
): Promise<Queue> => {
  const dbOf = (within: Query): PgBoss.Db => ({
    executeSql: async (text, values) => {
      const { rows } = await within(text, values)
      return { rows: [...rows] }
    },
  })
  const boss = new PgBoss({
    db: dbOf(query),
    schema: 'anydrive_queue',
    schedule: false,
    supervise,
    maintenanceIntervalSeconds: 60,
  })
  // An expiry that could not be looked for is looked for again a minute later.
  boss.on('error', () => undefined)
  await boss.start()

  const release = async (within: Query, migration: number, ids: ReadonlyArray<string>): Promise<void> => {
    // One by one, with data before the options: those of several jobs are taken for data, and then the connection would be another one.
    for (const id of ids) await boss.fail(queueOf(migration), id, {}, { db: dbOf(within) })
  }
  const add: Queue['add'] = async (within, { migration, run }, jobs) => {
    if (jobs.length === 0) return
    await boss.insert(
      jobs.map(({ data, priority, after }) => ({
        name: queueOf(migration),
        data: { run, work: jsonOf(data) },
        priority,
        ...(after === undefined ? {} : { startAfter: `${after} seconds` }),
      })),
      { db: dbOf(within) },
    )
  }
  return {
    create: (migration) =>
      boss.createQueue(queueOf(migration), {
        name: queueOf(migration),
        retryLimit: retries,
        retryDelay: retryAfter,
        expireInSeconds: expireAfter,
      }),
    add,
    take: (lease, migration) =>
      transaction(async (within) => {
        const [job] = await boss.fetch<{ readonly run: string; readonly work: string | object }>(queueOf(migration), {
          batchSize: 1,
          includeMetadata: true,
          db: dbOf(within),
        })
        if (job === undefined) return undefined
        const { count } = await within(
          `INSERT INTO anydrive.jobs (id, migration, worker) SELECT $1::uuid, $2::integer, $3::uuid WHERE ${isAliveSql('$3')}
           ON CONFLICT (id) DO UPDATE SET worker = excluded.worker`,
          [job.id, migration, lease.worker],
        )
        if (count !== 1) throw lapsed
        return { id: job.id, migration, run: job.data.run, data: workIn(job.data.work), tries: job.retryCount }
      }),
    finish: (lease, { id, migration, run }, following, also) =>
      transaction(async (within) => {
        const { count } = await within(
          `DELETE FROM anydrive.jobs WHERE id = $1 AND worker = $2 AND ${isAliveSql('$2')}`,
          [id, lease.worker],
        )
        if (count !== 1) return false
        await add(within, { migration, run }, following)
        await also?.(within)
        await boss.deleteJob(queueOf(migration), id, { db: dbOf(within) })
        return true
      }),
    giveBack: (lease, { id, migration }) =>
      transaction(async (within) => {
        const { count } = await within('DELETE FROM anydrive.jobs WHERE id = $1 AND worker = $2', [id, lease.worker])
        if (count === 1) await release(within, migration, [id])
      }),
    recover: () =>
      transaction(async (within) => {
        const { rows } = await within<{ readonly id: string; readonly migration: number }>(
          `DELETE FROM anydrive.jobs j WHERE NOT ${isAliveSql('j.worker')} RETURNING id, migration`,
        )
        for (const migration of new Set(rows.map((row) => row.migration)))
          await release(
            within,
            migration,
            rows.filter((row) => row.migration === migration).map(({ id }) => id),
          )
        await within("DELETE FROM anydrive.workers WHERE expires < now() - interval '7 days'")
        return rows.length
      }),
    size: (migration) => boss.getQueueSize(queueOf(migration), { before: 'completed' }),
    clear: async (migration) => {
      await boss.purgeQueue(queueOf(migration))
      await transaction(async (within) => {
        const { rows } = await within<{ readonly id: string }>(
          'DELETE FROM anydrive.jobs WHERE migration = $1 RETURNING id',
          [migration],
        )
        const ids = rows.map(({ id }) => id)
        if (ids.length > 0) await boss.deleteJob(queueOf(migration), ids, { db: dbOf(within) })
      })
    },
    close: () => boss.stop({ graceful: false, close: false }),
  }
}
