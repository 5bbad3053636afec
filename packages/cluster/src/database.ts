// The connection to PostgreSQL: queries, transactions, and what went wrong in plain words.
import * as E from 'fp-ts/Either'
import { Pool, type PoolClient } from 'pg'

export interface ClusterError {
  /**
   * `Unreachable`: no connection, or it broke. `Denied`: wrong user or missing rights. `OldSchema`, `NewSchema`: the tables are of another version of anydrive. `Full`: the
   * database cannot write. `InvalidUrl`: it names no database. `Refused`: the request makes no sense in the present state. `Failed`: anything else.
   */
  readonly _tag: 'Unreachable' | 'Denied' | 'OldSchema' | 'NewSchema' | 'Full' | 'InvalidUrl' | 'Refused' | 'Failed'
  readonly message: string
}

interface Row {
  readonly [column: string]: unknown
}
interface Rows<R extends Row = Row> {
  readonly rows: ReadonlyArray<R>
  readonly count: number
}
/** Runs one statement; rejects with what the driver throws. */
export type Query = <R extends Row = Row>(text: string, values?: ReadonlyArray<unknown>) => Promise<Rows<R>>

export interface Database {
  readonly query: Query
  /** All or nothing; what `work` rejects with undoes it. */
  readonly transaction: <A>(work: (query: Query) => Promise<A>) => Promise<A>
  /** The same connections; a query without an answer within so many milliseconds counts as one to a server that cannot be reached. */
  readonly within: (ms: number) => Database
  /** All statements see the database of one moment; PostgreSQL refuses any change. */
  readonly reading: <A>(work: (query: Query) => Promise<A>) => Promise<A>
  readonly close: () => Promise<void>
}

export const clusterError = (_tag: ClusterError['_tag'], message: string): ClusterError => ({ _tag, message })

const codeOf = (u: unknown): string => {
  const code = typeof u === 'object' && u !== null && 'code' in u ? u.code : undefined
  return typeof code === 'string' ? code : ''
}
const messageOf = (u: unknown): string => {
  const first = u instanceof AggregateError ? (u.errors as ReadonlyArray<unknown>)[0] : u
  return first instanceof Error ? first.message : 'unknown error'
}

/** Another attempt may succeed: the server was stopped, is starting, or the connection broke. */
export const isUnreachable = (u: unknown): boolean =>
  /^(08...|57P0[123]|ECONN\w+|ENOENT|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(codeOf(u)) ||
  /connection terminated|timeout exceeded when trying to connect|query read timeout|not queryable/i.test(messageOf(u))

/** An error of the database that was met as a value. */
export class DatabaseFailure extends Error {
  readonly error: ClusterError
  constructor(error: ClusterError) {
    super(error.message)
    this.error = error
  }
}

/** Whether PostgreSQL, or the connection to it, threw it. */
export const isOfDatabase = (u: unknown): boolean =>
  u instanceof DatabaseFailure || codeOf(u) !== '' || isUnreachable(u)

export const errorOf = (u: unknown): ClusterError => {
  if (u instanceof DatabaseFailure) return u.error
  const code = codeOf(u)
  const said = messageOf(u)
  if (isUnreachable(u)) return clusterError('Unreachable', `the database cannot be reached: ${said}`)
  if (code === '3D000') return clusterError('Unreachable', `there is no such database: ${said}`)
  if (/^(28...|42501)$/.test(code)) return clusterError('Denied', `the database refuses this user: ${said}`)
  if (/^(53100|53200|54000|25006|58030)$/.test(code))
    return clusterError('Full', `the database cannot write: ${said}; what was recorded is kept`)
  return clusterError('Failed', `the database failed: ${said}`)
}

/** Of several statements the driver answers a list, which nobody reads. */
const rowsOf = <R extends Row>(found: { rows?: Array<R>; rowCount?: number | null }): Rows<R> => ({
  rows: found.rows ?? [],
  count: found.rowCount ?? 0,
})

/** PostgreSQL holds no text with a NUL: the replacement character is written, as the driver does for half a surrogate pair. */
const withoutNul = (value: unknown): unknown => (typeof value === 'string' ? value.replaceAll('\0', '\u{FFFD}') : value)

const queryOf =
  (client: Pick<PoolClient, 'query'>, timeout?: number): Query =>
  async <R extends Row>(text: string, values: ReadonlyArray<unknown> = []) =>
    rowsOf(
      await client.query<R>({
        text,
        values: values.map(withoutNul),
        ...(timeout === undefined ? {} : { query_timeout: timeout }),
      }),
    )

const transactionOf =
  (pool: Pool, begin: string, timeout?: number): Database['transaction'] =>
  async (work) => {
    const client = await pool.connect()
    const send = queryOf(client, timeout)
    let failed: { readonly reason: unknown } | undefined
    // Nothing may be committed after a statement that failed, even if the work does not mind: pg-boss hides such failures.
    const query: Query = async (text, values) => {
      try {
        return await send(text, values)
      } catch (reason) {
        failed ??= { reason }
        throw reason
      }
    }
    const broken = (): void => undefined
    client.on('error', broken)
    let failure: Error | undefined
    try {
      await query(begin)
      const done = await work(query)
      if (failed !== undefined) throw failed.reason
      await query('COMMIT')
      return done
    } catch (u) {
      // A connection that gave no answer is closed, which ends the transaction as well.
      const undone = !isUnreachable(u) && E.isRight(await attempt(() => query('ROLLBACK')))
      if (!undone) failure = new Error('the transaction could not be ended')
      throw u
    } finally {
      client.off('error', broken)
      client.release(failure)
    }
  }

/** `connections`: at most so many at once. The server is contacted with the first query. */
export const openDatabase = (url: string, connections = 10): E.Either<ClusterError, Database> => {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    return E.left(clusterError('InvalidUrl', 'the database is not named by a URL that begins with postgres://'))
  const pool = E.tryCatch(
    () =>
      new Pool({
        connectionString: url,
        max: connections,
        application_name: 'anydrive',
        connectionTimeoutMillis: 10_000,
        // What a client that was cut off has locked is free again after that.
        idle_in_transaction_session_timeout: 30_000,
        keepAlive: true,
      }),
    () => clusterError('InvalidUrl', 'the URL of the database is malformed'),
  )
  if (E.isLeft(pool)) return pool
  // A connection that breaks while nobody uses it is replaced by the next query.
  pool.right.on('error', () => undefined)
  const database = (timeout?: number): Database => ({
    query: queryOf(pool.right, timeout),
    transaction: transactionOf(pool.right, 'BEGIN', timeout),
    reading: transactionOf(pool.right, 'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY', timeout),
    within: database,
    close: () => pool.right.end(),
  })
  return E.right(database())
}

/** The work, with its rejections as errors of the cluster. */
export const attempt = async <A>(work: () => Promise<A>): Promise<E.Either<ClusterError, A>> => {
  try {
    return E.right(await work())
  } catch (u) {
    return E.left(errorOf(u))
  }
}
