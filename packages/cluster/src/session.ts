// What a worker has while its lease lasts: the migrations that it works on, with the drives of this machine.
import { layer, type DriveError, type DriveProvider } from '@anydrive/core'
import { aborted, delay, locate } from '@anydrive/core/adapter'
import type { Journal, MigrateOptions } from '@anydrive/migrate'
import {
  control,
  createJobs,
  differences,
  identityFor,
  stopReasons,
  type ByteLimit,
  type Jobs,
} from '@anydrive/migrate/engine'
import * as E from 'fp-ts/Either'
import { attempt, isUnreachable, type Database } from './database'
import { openClusterJournal } from './journal'
import type { Lease } from './lease'
import type { Limit } from './limit'
import type { ClusterMigration, Migrations } from './migrations'
import { lapsed, type Queue } from './queue'

/** What this machine has for a migration. */
export interface Opened {
  /**
   * Without a journal. The bandwidth is that of all workers together: each takes its share. The limits are those of the whole migration, which is
   * paused within a second of `maxErrors` and `maxDuration`, and before a file that would exceed `maxBytes`.
   */
  readonly options: MigrateOptions
  readonly label: string
}
export interface WorkerOptions {
  readonly database: Database
  /**
   * A left says why this machine must not work on the migration, such as a drive that differs. `share`: of the requests a second of the whole migration, for the drives that
   * are opened; it changes as workers come and go. `lists`: as
   * it was submitted.
   */
  readonly open: (
    migration: ClusterMigration,
    share: () => number,
    lists: string | undefined,
  ) => E.Either<string, Opened>
  /** Files under way at once; 8. */
  readonly concurrency?: number | undefined
  /** Milliseconds that a claim lasts without a sign of life; 60,000. */
  readonly lease?: number | undefined
  /** Milliseconds after which a job begins nothing more; 300,000. */
  readonly jobTime?: number | undefined
  /** Ends the worker: files under way are finished, uploads stop at their next part, the rest is given back. */
  readonly signal: AbortSignal
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined
}
export type WorkerEvent =
  | { readonly name: 'ready'; readonly worker: string }
  | { readonly name: 'refused'; readonly migration: string; readonly why: string }
  | { readonly name: 'paused'; readonly migration: string; readonly why: string }
  | { readonly name: 'failed'; readonly migration: string; readonly path: string; readonly error: DriveError }
  /** The lease lapsed, or the database could not be reached for as long as it lasts. */
  | { readonly name: 'lapsed' }

/** Milliseconds before an empty queue is asked again. */
export const idleTime = 300
export interface Site {
  readonly migration: ClusterMigration
  readonly jobs: Jobs
  readonly journal: Journal
  readonly limits: NonNullable<MigrateOptions['limits']>
  /** False once the migration is paused, cancelled, or begun again. */
  isRunning: boolean
  /** As many bytes as are allowed were begun: nothing more is begun, and what is under way is finished. */
  isFull: boolean
}

/** Refuses each change once the lease may have lapsed: after a pause of the process nothing is changed, however far a call had come. */
const guarded = (drive: DriveProvider, lease: Lease): DriveProvider =>
  layer(drive, {
    '*':
      (next, { changes, operation }) =>
      async () =>
        changes && !lease.isAlive()
          ? E.left(
              locate({ vendor: drive.vendor, operation })(
                aborted({ effect: 'none', said: 'the lease of this worker has lapsed' }),
              ),
            )
          : next()(),
  })

export interface Session {
  readonly options: WorkerOptions
  readonly queue: Queue
  readonly migrations: Migrations
  readonly lease: Lease
  /** Aborts when the lease has lapsed. */
  readonly lost: AbortController
  readonly sites: Map<number, Site>
  /** Workers with a lease, this one included. */
  workers: number
  readonly limit: Limit
}

export const lose = ({ lost, lease, options }: Session): void => {
  if (lost.signal.aborted) return
  lost.abort()
  // From now on nothing is changed, whatever the clocks of this machine say.
  void attempt(() => lease.end())
  options.onEvent?.({ name: 'lapsed' })
}

/** The work, again while the database cannot be reached and the lease lasts; undefined once the lease has lapsed. */
export const lasting = async <A>(session: Session, task: () => Promise<A>): Promise<A | undefined> => {
  for (;;) {
    if (!session.lease.isAlive()) {
      lose(session)
      return undefined
    }
    try {
      return await task()
    } catch (u) {
      if (u === lapsed) {
        lose(session)
        return undefined
      }
      if (!isUnreachable(u)) throw u
      await delay(idleTime, session.lost.signal)
    }
  }
}

const shareOf = (share: () => number, { bandwidth }: MigrateOptions): MigrateOptions['bandwidth'] => {
  if (bandwidth === undefined) return undefined
  const total = typeof bandwidth === 'number' ? () => bandwidth : bandwidth
  return () => total() * share()
}

const siteOf = (session: Session, migration: ClusterMigration, lists: string | undefined): E.Either<string, Site> => {
  const { options, lease } = session
  const share = (): number => 1 / session.workers
  const opened = options.open(migration, share, lists)
  if (E.isLeft(opened)) return opened
  const { label } = opened.right
  const { from, to } = opened.right.options
  const other = differences(migration.identity, { ...identityFor(opened.right.options), label })
  if (other.length > 0) return E.left(other.join('; '))
  const isSame = from.drive === to.drive
  const source = guarded(from.drive, lease)
  const target = isSame ? source : guarded(to.drive, lease)
  const journal = openClusterJournal({
    database: options.database,
    lease,
    run: migration,
    label,
  })
  const jobs = createJobs(
    {
      ...opened.right.options,
      limits: {},
      bandwidth: shareOf(share, opened.right.options),
      from: { ...from, drive: source },
      to: { ...to, drive: target },
      journal,
    },
    control(),
  )
  jobs.on('failed', ({ path, error }) => {
    options.onEvent?.({ name: 'failed', migration: migration.name, path, error })
  })
  return E.right({
    migration,
    jobs,
    journal,
    limits: opened.right.options.limits ?? {},
    isRunning: true,
    isFull: false,
  })
}

const pause = async (
  { migrations, options }: Session,
  { migration }: Site,
  reached: keyof typeof stopReasons,
): Promise<void> => {
  const why = stopReasons[reached]
  await attempt(() => migrations.stop(migration.migration, migration.session.id, why))
  options.onEvent?.({ name: 'paused', migration: migration.name, why })
}

/** Bytes of all workers together; undefined where they are not limited. */
export const byteLimitOf = (session: Session, site: Site): ByteLimit | undefined => {
  const { migration, limits } = site
  const { maxBytes } = limits
  if (maxBytes === undefined) return undefined
  return {
    take: async (bytes) => {
      const taken = await lasting(session, () => session.migrations.takeBytes(migration, bytes, maxBytes))
      if (taken === false && !site.isFull) {
        site.isFull = true
        await pause(session, site, 'max-bytes')
      }
      return taken === true
    },
    giveBack: async (bytes) => {
      await lasting(session, () => session.migrations.giveBytesBack(migration, bytes))
    },
  }
}

/** Pauses the migration once it has reached a limit. */
const checkLimits = async (session: Session, site: Site): Promise<void> => {
  const { migrations } = session
  const {
    migration,
    limits: { maxErrors = Infinity, maxDuration = Infinity },
  } = site
  if (site.isFull || (maxErrors === Infinity && maxDuration === Infinity)) return
  const soFar = await attempt(() => migrations.soFar(migration))
  if (E.isLeft(soFar)) return
  const { failed, time } = soFar.right
  const reached = failed >= maxErrors ? 'max-errors' : time >= maxDuration ? 'max-duration' : undefined
  if (reached !== undefined) await pause(session, site, reached)
}

/** Opens the migrations that run, and forgets those that do not. */
export const refresh = async (session: Session): Promise<void> => {
  const { migrations, sites, options, lease } = session
  const running = await migrations.running()
  if (E.isLeft(running)) return
  const runs = new Map(running.right.map((migration) => [migration.migration, migration]))
  for (const [id, site] of sites) {
    const run = runs.get(id)
    if (run === undefined ? site.isFull : run.session.id === site.migration.session.id) continue
    site.isRunning = false
    sites.delete(id)
  }
  const live = await attempt(() =>
    options.database.query<{ readonly n: number }>(
      'SELECT count(*)::integer AS n FROM anydrive.workers WHERE expires > now()',
    ),
  )
  if (E.isRight(live)) session.workers = Math.max(1, live.right.rows[0]?.n ?? 1)
  const refusals: Array<string> = []
  for (const [id, migration] of runs) {
    if (sites.has(id)) continue
    const lists = await migrations.lists(id)
    if (E.isLeft(lists)) continue
    const site = siteOf(session, migration, lists.right)
    if (E.isRight(site)) sites.set(id, site.right)
    else {
      refusals.push(`${migration.name}: ${site.left}`)
      options.onEvent?.({ name: 'refused', migration: migration.name, why: site.left })
    }
  }
  for (const site of sites.values()) await checkLimits(session, site)
  await attempt(() =>
    options.database.query('UPDATE anydrive.workers SET refusal = $2 WHERE id = $1 AND refusal IS DISTINCT FROM $2', [
      lease.worker,
      refusals.length === 0 ? null : refusals.join('\n'),
    ]),
  )
}
