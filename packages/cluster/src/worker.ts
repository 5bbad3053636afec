// The worker of a machine: takes jobs, works on them under its lease, and gives back what it does not finish.
import { delay, onAbort } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { attempt, errorOf, isOfDatabase, isUnreachable, type ClusterError } from './database'
import { begin } from './job-run'
import { takeLease } from './lease'
import { createLimit } from './limit'
import { createMigrations } from './migrations'
import { openQueue, type TakenJob } from './queue'
import { idleTime, lasting, lose, refresh, type Session, type Site, type WorkerOptions } from './session'

/** Of another run than this process knows: left to those who know it, or dropped where the run was replaced. */
const passOn = async ({ queue, lease, migrations }: Session, job: TakenJob): Promise<void> => {
  if (await migrations.isLatest(job.migration, job.run)) await queue.giveBack(lease, job)
  else await queue.finish(lease, job, [])
}

/** The next job of a migration that runs; migrations take turns. */
const createTaker = (session: Session) => {
  const { queue, sites, lease, migrations } = session
  let turn = 0
  let emptyUntil = 0
  let queued = new AbortController()
  let last: Promise<unknown> = Promise.resolve()
  const next = async (): Promise<{ readonly site: Site; readonly job: TakenJob } | undefined> => {
    if (performance.now() < emptyUntil) return undefined
    const { signal } = queued
    const all = [...sites.values()].filter(({ isFull }) => !isFull)
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
    if (!signal.aborted) emptyUntil = performance.now() + idleTime
    return undefined
  }
  return {
    /** One request at a time: an empty queue is asked once for all slots. */
    take: (): ReturnType<typeof next> => {
      const mine = last.then(next)
      last = mine.catch(() => undefined)
      return mine
    },
    /** Aborts once this worker has queued jobs. */
    queued: (): AbortSignal => queued.signal,
    wake: (): void => {
      emptyUntil = 0
      const before = queued
      queued = new AbortController()
      before.abort()
    },
  }
}

const runSession = async (session: Session): Promise<void> => {
  const { options, queue, lease, lost } = session
  const isOver = (): boolean => options.signal.aborted || lost.signal.aborted
  const taker = createTaker(session)
  const forget = onAbort(options.signal, taker.wake)
  const slot = async (): Promise<void> => {
    while (!isOver()) {
      await session.limit.room()
      const queued = taker.queued()
      const taken = isOver() ? undefined : await taker.take()
      if (taken === undefined) {
        if (!isOver()) await delay(idleTime, queued)
      } else if (taken.job.run !== taken.site.migration.session.id)
        await lasting(session, () => passOn(session, taken.job))
      else if (await begin(session, taken.site, taken.job)) taker.wake()
    }
  }
  const over = new AbortController()
  const hasEnded = (): boolean => over.signal.aborted
  /** Extends the lease; not by one timer a beat, so that a beat that takes long is not overtaken. */
  const beat = async (): Promise<void> => {
    const duration = options.lease ?? 60_000
    while (!hasEnded()) {
      // Without an answer it lapses: the server may be cut off without a word.
      const isExtended = await Promise.race([
        attempt(() => lease.extend()),
        delay(duration * 0.75, over.signal).then(() => E.right(false)),
      ])
      if (hasEnded()) return
      if ((E.isRight(isExtended) && !isExtended.right) || !lease.isAlive()) {
        lose(session)
        return
      }
      await delay(E.isRight(isExtended) ? duration / 4 : idleTime, over.signal)
    }
  }
  const look = async (): Promise<void> => {
    while (!hasEnded()) {
      await refresh(session)
      await attempt(() => queue.recover())
      await delay(1000, over.signal)
    }
  }
  const sample = async (): Promise<void> => {
    while (!hasEnded()) {
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
  forget()
  over.abort()
  await background
  if (failure !== undefined) {
    // Others need not wait for what this one had.
    await attempt(() => lease.end())
    throw failure.reason
  }
  if (!lost.signal.aborted) {
    for (const { jobs, journal } of session.sites.values()) await journal.sample(jobs.run.stats.sample())()
    await attempt(() => lease.end())
  }
}

/** Works until the signal aborts. A left: the database cannot be used; what was claimed is free once the lease has lapsed. */
export const runWorker = async (options: WorkerOptions): Promise<E.Either<ClusterError, void>> => {
  const { signal, concurrency = 8, lease: duration = 60_000 } = options
  // An answer after the end of the lease is of no use.
  const database = options.database.within(duration)
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
          options: { ...options, database },
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
