// The worker of a machine: takes jobs, works on them under its lease, and gives back what it does not finish.
import type { DriveError, DriveProvider } from '@anydrive/core'
import { layer } from '@anydrive/core'
import { aborted, delay, locate } from '@anydrive/core/adapter'
import type { Journal, JournalError, MigrateOptions } from '@anydrive/migrate'
import { control, createJobs, differences, identityFor, watchFor, type Jobs } from '@anydrive/migrate/engine'
import * as E from 'fp-ts/Either'
import { attempt, errorOf, isOfDatabase, isUnreachable, type ClusterError, type Database } from './database'
import { openClusterJournal } from './journal'
import { takeLease, type Lease } from './lease'
import { createLimit, type Limit } from './limit'
import { createMigrations, type ClusterMigration, type Migrations } from './migrations'
import { lapsed, openQueue, type Queue, type TakenJob } from './queue'
import { work, type FoundProblem, type Working } from './work'

/** What this machine has for a migration. */
export interface Opened {
  /** Without a journal. The bandwidth is that of all workers together: each takes its share. */
  readonly options: MigrateOptions
  readonly label: string
}
export interface WorkerOptions {
  readonly database: Database
  /**
   * A left says why this machine must not work on the migration, such as a drive that differs. `share`: of the requests a second of the whole migration, for the drives that
   * are opened; it changes as workers come and go.
   */
  readonly open: (migration: ClusterMigration, share: () => number) => E.Either<string, Opened>
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
const idleTime = 300
/** A job that was begun so often without an end is given up. */
const mostTries = 50

interface Site {
  readonly migration: ClusterMigration
  readonly jobs: Jobs
  readonly journal: Journal
  /** False once the migration is paused, cancelled, or begun again. */
  isRunning: boolean
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

const recordProblems = async (
  query: Database['query'],
  { migration, session }: ClusterMigration,
  problems: ReadonlyArray<FoundProblem>,
): Promise<void> => {
  for (const { path, shownAs = '', error } of problems)
    await query(
      `INSERT INTO anydrive.problems (migration, run, path, shown_as, error) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING`,
      [migration, session.id, path, shownAs, JSON.stringify(error)],
    )
}

interface Session {
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

const lose = ({ lost, lease, options }: Session): void => {
  if (lost.signal.aborted) return
  lost.abort()
  // From now on nothing is changed, whatever the clocks of this machine say.
  void attempt(() => lease.end())
  options.onEvent?.({ name: 'lapsed' })
}

/** The work, again while the database cannot be reached and the lease lasts; undefined once the lease has lapsed. */
const lasting = async <A>(session: Session, task: () => Promise<A>): Promise<A | undefined> => {
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

const siteOf = (session: Session, migration: ClusterMigration): E.Either<string, Site> => {
  const { options, lease } = session
  const share = (): number => 1 / session.workers
  const opened = options.open(migration, share)
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
  return E.right({ migration, jobs, journal, isRunning: true })
}

/** Opens the migrations that run, and forgets those that do not. */
const refresh = async (session: Session): Promise<void> => {
  const { migrations, sites, options, lease } = session
  const running = await migrations.running()
  if (E.isLeft(running)) return
  const runs = new Map(running.right.map((migration) => [migration.migration, migration]))
  for (const [id, site] of sites) {
    if (runs.get(id)?.session.id === site.migration.session.id) continue
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
    const site = siteOf(session, migration)
    if (E.isRight(site)) sites.set(id, site.right)
    else {
      refusals.push(`${migration.name}: ${site.left}`)
      options.onEvent?.({ name: 'refused', migration: migration.name, why: site.left })
    }
  }
  await attempt(() =>
    options.database.query('UPDATE anydrive.workers SET refusal = $2 WHERE id = $1 AND refusal IS DISTINCT FROM $2', [
      lease.worker,
      refusals.length === 0 ? null : refusals.join('\n'),
    ]),
  )
}

/** Of another run than this process knows: left to those who know it, or dropped where the run was replaced. */
const passOn = async ({ queue, lease, migrations }: Session, job: TakenJob): Promise<void> => {
  if (await migrations.isLatest(job.migration, job.run)) await queue.giveBack(lease, job)
  else await queue.finish(lease, job, [])
}

const begin = async (session: Session, site: Site, job: TakenJob): Promise<void> => {
  const { options, lease, lost, queue, migrations, limit } = session
  const { migration, jobs, journal } = site
  const hard = new AbortController()
  const abort = (): void => {
    hard.abort()
  }
  lost.signal.addEventListener('abort', abort, { once: true })
  const jobTime = options.jobTime ?? 300_000
  const deadline = performance.now() + jobTime
  const tooLong = setTimeout(abort, jobTime * 1.8)
  let cause: DriveError | JournalError | undefined
  const stop = (failure: DriveError | JournalError): void => {
    cause ??= failure
  }
  const watch = watchFor(stop)
  const working: Working = {
    jobs,
    journal: {
      ...journal,
      settle: (entry, outcome) => async () => {
        const settled = await journal.settle(entry, outcome)()
        if (E.isRight(settled)) watch(outcome)
        return settled
      },
    },
    signal: hard.signal,
    ending: () =>
      options.signal.aborted ||
      hard.signal.aborted ||
      !site.isRunning ||
      cause !== undefined ||
      performance.now() >= deadline,
    stop,
    limited: limit.run,
  }
  try {
    const gaveUp: FoundProblem = {
      path: '',
      error: locate({ vendor: 'anydrive', operation: 'source' })(
        aborted({ effect: 'unknown', said: `a job was begun ${job.tries} times and never ended` }),
      ),
    }
    const worked = job.tries >= mostTries ? { following: [], problems: [gaveUp] } : await work(working, job.data)
    if (cause !== undefined && cause._tag !== 'JournalTaken') {
      const why = cause.message
      await lasting(session, () => migrations.stop(migration.migration, migration.session.id, why))
      options.onEvent?.({ name: 'paused', migration: migration.name, why })
    }
    await lasting(session, () =>
      queue.finish(lease, job, worked.following, (query) => recordProblems(query, migration, worked.problems)),
    )
  } finally {
    clearTimeout(tooLong)
    lost.signal.removeEventListener('abort', abort)
  }
}

/** The next job of a migration that runs; migrations take turns. */
const createTaker = (session: Session) => {
  const { queue, sites, lease, migrations } = session
  let turn = 0
  let emptyUntil = 0
  let last: Promise<unknown> = Promise.resolve()
  const next = async (): Promise<{ readonly site: Site; readonly job: TakenJob } | undefined> => {
    if (performance.now() < emptyUntil) return undefined
    const all = [...sites.values()]
    for (let i = 0; i < all.length; i++) {
      const site = all[(turn + i) % all.length]
      if (site === undefined) continue
      const job = await lasting(session, () => queue.take(lease, site.migration.migration))
      if (job !== undefined) {
        turn += 1
        return { site, job }
      }
      if (!session.lost.signal.aborted) await lasting(session, () => migrations.completeIfDone(site.migration))
    }
    emptyUntil = performance.now() + idleTime
    return undefined
  }
  /** One request at a time: an empty queue is asked once for all slots. */
  return (): ReturnType<typeof next> => {
    const mine = last.then(next)
    last = mine.catch(() => undefined)
    return mine
  }
}

const runSession = async (session: Session): Promise<void> => {
  const { options, queue, lease, lost } = session
  const isOver = (): boolean => options.signal.aborted || lost.signal.aborted
  const take = createTaker(session)
  const slot = async (): Promise<void> => {
    while (!isOver()) {
      await session.limit.room()
      const taken = isOver() ? undefined : await take()
      if (taken === undefined) {
        if (!isOver()) await delay(idleTime, options.signal)
      } else if (taken.job.run === taken.site.migration.session.id) await begin(session, taken.site, taken.job)
      else await lasting(session, () => passOn(session, taken.job))
    }
  }
  const over = new AbortController()
  /** Extends the lease; not by one timer a beat, so that a beat that takes long is not overtaken. */
  const beat = async (): Promise<void> => {
    const duration = options.lease ?? 60_000
    while (!over.signal.aborted) {
      const isExtended = await attempt(() => lease.extend())
      if ((E.isRight(isExtended) && !isExtended.right) || !lease.isAlive()) {
        lose(session)
        return
      }
      await delay(E.isRight(isExtended) ? duration / 4 : idleTime, over.signal)
    }
  }
  const look = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await refresh(session)
      await attempt(() => queue.recover())
      await delay(1000, over.signal)
    }
  }
  const sample = async (): Promise<void> => {
    while (!over.signal.aborted) {
      for (const { jobs, journal } of session.sites.values()) await journal.sample(jobs.run.stats.sample())()
      await delay(5000, over.signal)
    }
  }
  await refresh(session)
  const background = Promise.all([beat(), look(), sample()])
  const slots = Math.max(2, Math.ceil((options.concurrency ?? 8) / 2))
  let failure: { readonly reason: unknown } | undefined
  const guardedSlot = async (): Promise<void> => {
    try {
      await slot()
    } catch (reason) {
      failure ??= { reason }
      lost.abort()
    }
  }
  await Promise.all(Array.from({ length: slots }, guardedSlot))
  over.abort()
  await background
  if (failure !== undefined) throw failure.reason
  if (!lost.signal.aborted) {
    for (const { jobs, journal } of session.sites.values()) await journal.sample(jobs.run.stats.sample())()
    await attempt(() => lease.end())
  }
}

/** Works until the signal aborts. A left: the database cannot be used; what was claimed is free once the lease has lapsed. */
export const runWorker = async (options: WorkerOptions): Promise<E.Either<ClusterError, void>> => {
  const { database, signal, concurrency = 8, lease: duration = 60_000 } = options
  const opened = await attempt(() => openQueue(database, { supervise: true }))
  if (E.isLeft(opened)) return opened
  const queue = opened.right
  const migrations = createMigrations(database, queue)
  const limit = createLimit(concurrency)
  try {
    let isConnected = false
    while (!signal.aborted) {
      try {
        const lease = await takeLease(database, { duration, concurrency })
        isConnected = true
        options.onEvent?.({ name: 'ready', worker: lease.worker })
        await runSession({
          options,
          queue,
          migrations,
          lease,
          lost: new AbortController(),
          sites: new Map(),
          workers: 1,
          limit,
        })
      } catch (u) {
        if (!isOfDatabase(u)) throw u
        // A server that restarts is waited for; another failure would be met again.
        if (!isConnected || !isUnreachable(u)) return E.left(errorOf(u))
        await delay(1000, signal)
      }
    }
    return E.right(undefined)
  } finally {
    await attempt(() => queue.close())
  }
}
