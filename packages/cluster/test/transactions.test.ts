// A transaction of which one statement had no answer in time is undone, even where the work hides the failure, as pg-boss does.
import { isUnreachable, openDatabase } from '../src/database'
import { rightOf } from './engine'
import { startPostgres, whereInstalled, type Postgres } from './postgres'

whereInstalled('a transaction', () => {
  let server: Postgres
  beforeAll(() => {
    server = startPostgres()
  })
  afterAll(() => server.stop())

  test.each([
    ['without an answer', 'SELECT pg_sleep(600)', true],
    ['that is refused', 'SELECT 1 / 0', false],
  ])('commits nothing after a statement %s', async (_, statement, unreachable) => {
    const database = rightOf(openDatabase(server.url()))
    const name = `t${unreachable ? 1 : 2}`
    await database.query(`CREATE TABLE ${name} (n integer)`)
    const committed = database.within(500).transaction(async (query) => {
      await query(`INSERT INTO ${name} VALUES (1)`)
      await query(statement).catch(() => undefined)
      return 'done'
    })
    const reason: unknown = await committed.catch((u: unknown) => u)
    expect(reason).toBeInstanceOf(Error)
    expect(isUnreachable(reason)).toBe(unreachable)
    expect((await database.query(`SELECT * FROM ${name}`)).rows).toEqual([])
    await database.close()
  })
})
