// The lease of a worker: a row with an expiry that the worker extends. What it claimed is its own for as long as the lease lasts.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Database } from './database'

export interface Lease {
  readonly worker: string
  /** Whether the lease surely lasts, by two clocks of this machine: false after a pause of the process that was longer than the lease. */
  readonly isAlive: () => boolean
  /** False: it has lapsed, for good. Rejects where the database cannot be reached. */
  readonly extend: () => Promise<boolean>
  /** Ends it, so that others need not wait for its expiry. */
  readonly end: () => Promise<void>
}

/** A condition of SQL; `$worker` is the number of a parameter. */
export const isAliveSql = (worker: string): string =>
  `EXISTS (SELECT 1 FROM anydrive.workers w WHERE w.id = ${worker} AND w.expires > now())`

/** `duration`: milliseconds. */
export const takeLease = async (
  { query }: Pick<Database, 'query'>,
  { duration, concurrency }: { readonly duration: number; readonly concurrency: number },
): Promise<Lease> => {
  const worker = randomUUID()
  const clocks = (): readonly [number, number] => [Date.now(), performance.now()]
  let since = clocks()
  let ended = false
  const isAlive = (): boolean => {
    const [wall, steady] = clocks()
    return !ended && wall - since[0] < duration && steady - since[1] < duration
  }
  await query(
    `INSERT INTO anydrive.workers (id, host, process, seen, expires, concurrency)
     VALUES ($1, $2, $3, now(), now() + $4 * interval '1 millisecond', $5)`,
    [worker, hostname(), process.pid, duration, concurrency],
  )
  return {
    worker,
    isAlive,
    extend: async () => {
      if (!isAlive()) return false
      // Taken before the request, so that this machine never believes in the lease for longer than the database does.
      const asked = clocks()
      const { count } = await query(
        `UPDATE anydrive.workers SET seen = now(), expires = now() + $2 * interval '1 millisecond'
         WHERE id = $1 AND expires > now()`,
        [worker, duration],
      )
      if (count === 1) since = asked
      else ended = true
      return count === 1
    },
    end: async () => {
      ended = true
      await query('UPDATE anydrive.workers SET expires = now() WHERE id = $1 AND expires > now()', [worker])
    },
  }
}
