// One job from its begin to its end: within its time, under the lease, and with what became of it recorded.
import type { DriveError } from '@anydrive/core'
import { aborted, locate } from '@anydrive/core/adapter'
import type { JournalError } from '@anydrive/migrate'
import { watchFor } from '@anydrive/migrate/engine'
import * as E from 'fp-ts/Either'
import { DatabaseFailure, type Database } from './database'
import type { DatabaseJournalError } from './journal'
import type { ClusterMigration } from './migrations'
import type { TakenJob } from './queue'
import { placedDirectories } from './records'
import { byteLimitOf, lasting, type Session, type Site } from './session'
import { work, type FoundProblem, type Worked, type Working } from './work'

/** A job that was begun so often without an end is given up. */
const mostTries = 50

const recordProblems = async (
  query: Database['query'],
  { migration, session }: ClusterMigration,
  problems: ReadonlyArray<FoundProblem>,
): Promise<void> => {
  for (const { path, shownAs, error } of problems)
    await query(
      `INSERT INTO anydrive.problems (migration, run, path, shown_as, error) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING`,
      [migration, session.id, path, shownAs === undefined ? '' : JSON.stringify(shownAs), JSON.stringify(error)],
    )
}

/** Together with the end of the job. */
const recordWorked =
  (migration: ClusterMigration, { problems, marker }: Worked, removed: number) =>
  async (query: Database['query']): Promise<void> => {
    await recordProblems(query, migration, problems)
    if (marker === undefined && removed === 0) return
    await query(
      'UPDATE anydrive.migrations SET marker = COALESCE($3, marker), removed = removed + $4 WHERE id = $1 AND run = $2',
      [migration.migration, migration.session.id, marker, removed],
    )
  }

/** True: jobs follow that can be taken at once. */
export const begin = async (session: Session, site: Site, job: TakenJob): Promise<boolean> => {
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
  let cause: DriveError | JournalError | DatabaseJournalError | undefined
  const stop = (failure: DriveError | JournalError): void => {
    cause ??= failure
  }
  const watch = watchFor(stop)
  const stopping = (): boolean =>
    options.signal.aborted ||
    hard.signal.aborted ||
    !site.isRunning ||
    cause !== undefined ||
    performance.now() >= deadline
  const ending = (): boolean => stopping() || site.isFull
  let removed = 0
  const notRemoved: Array<FoundProblem> = []
  const working: Working = {
    jobs,
    openMove: (marker) =>
      jobs.openMove({
        signal: hard.signal,
        ending,
        stop,
        nonce: migration.session.id,
        marker,
        onRemoved: (files) => {
          removed += files
        },
        onFailed: (path, error) => notRemoved.push({ path, error }),
      }),
    placedBefore: (before, count) =>
      lasting(session, () => placedDirectories(options.database, migration, before, count)),
    journal: {
      ...journal,
      settle: (entry, outcome) => async () => {
        const settled = await journal.settle(entry, outcome)()
        if (E.isRight(settled)) watch(outcome)
        return settled
      },
    },
    bytes: byteLimitOf(session, site),
    signal: hard.signal,
    ending,
    stopping,
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
    const worked: Worked =
      job.tries >= mostTries ? { following: [], problems: [gaveUp] } : await work(working, job.data)
    // Not the migration's fault: it goes on once the database works again.
    if (cause !== undefined && 'database' in cause) throw new DatabaseFailure(cause.database)
    if (cause !== undefined && cause._tag !== 'JournalTaken') {
      const why = cause.message
      await lasting(session, () => migrations.stop(migration.migration, migration.session.id, why))
      options.onEvent?.({ name: 'paused', migration: migration.name, why })
    }
    const all = { ...worked, problems: [...worked.problems, ...notRemoved] }
    await lasting(session, () => queue.finish(lease, job, worked.following, recordWorked(migration, all, removed)))
    return worked.following.some(({ after }) => after === undefined)
  } finally {
    clearTimeout(tooLong)
    lost.signal.removeEventListener('abort', abort)
  }
}
