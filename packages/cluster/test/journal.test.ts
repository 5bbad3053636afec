// The journal in PostgreSQL: what every journal must hold, and the lease under which it is written.
import {
  openClusterJournal,
  openDatabase,
  checkSchema,
  takeLease,
  updateSchema,
  clusterRecords,
  clusterSamples,
  clusterStatus,
  createMigrations,
  openQueue,
  type ClusterMigration,
  type Database,
  type Lease,
  type Queue,
} from '@anydrive/cluster'
import type { Identity, Journal } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import {
  answered,
  carried,
  identity,
  item,
  journalLaws,
  leased,
  type How,
  type OpenJournal,
} from '../../migrate/test/journal-laws'
import { startPostgres, whereInstalled, type Postgres } from './postgres'

whereInstalled('the journal in PostgreSQL', () => {
  let server: Postgres
  let database: Database
  let queue: Queue | undefined
  let number = 0
  let lease: Lease
  const rightOf = <A>(answer: E.Either<{ readonly message: string }, A>): A => {
    if (E.isLeft(answer)) throw new Error(answer.left.message)
    return answer.right
  }
  beforeAll(async () => {
    server = startPostgres()
    database = rightOf(openDatabase(server.url()))
    rightOf(await updateSchema(database))
    queue = await openQueue(database, { supervise: false })
  })
  afterAll(async () => {
    await queue?.close()
    await database.close()
    server.remove()
  })
  const migrationsOf = () => {
    if (queue === undefined) throw new Error('not started')
    return createMigrations(database, queue)
  }
  const name = (): string => `m${number}`
  const found = async (): Promise<ClusterMigration> => rightOf(await migrationsOf().find(name()))

  /** A run by one process alone, as a program could have it. */
  const begun = async (
    given: Identity & { readonly label: string },
    { retryFailed = false }: How,
  ): Promise<ClusterMigration> => {
    const migrations = migrationsOf()
    const exists = E.isRight(await migrations.find(name()))
    if (!exists) {
      const drive = { type: `memory ${number}` }
      rightOf(await migrations.submit({ name: name(), identity: given, options: '{}', source: drive, target: drive }))
    } else {
      const { migration, state } = await found()
      await database.query(
        "UPDATE anydrive.migrations SET run = gen_random_uuid(), resumes = $2, retry_failed = $3, state = 'running' WHERE id = $1",
        [migration, state !== 'complete', retryFailed],
      )
    }
    return found()
  }
  const open = async (how: How = {}): Promise<OpenJournal> => {
    const own = await takeLease(database, { duration: 60_000, concurrency: 1 })
    lease = own
    let journal: Journal | undefined
    const { label = '' } = how
    const opened = (): Journal => {
      if (journal === undefined) throw new Error('not begun')
      return journal
    }
    return {
      durable: true,
      begin: (given) => async () => {
        journal = openClusterJournal({
          database,
          lease: own,
          run: await begun({ ...given, label }, how),
          label,
          isAlone: true,
        })
        return journal.begin(given)()
      },
      end: (ended) => opened().end(ended),
      claim: (one) => opened().claim(one),
      note: (one, progress) => opened().note(one, progress),
      settle: (one, outcome) => opened().settle(one, outcome),
      release: (one) => opened().release(one),
      accounts: (place) => opened().accounts(place),
      saveWalkCheckpoint: (checkpoint) => opened().saveWalkCheckpoint(checkpoint),
      walkCheckpoint: () => opened().walkCheckpoint(),
      sample: (sample) => opened().sample(sample),
      close: () => own.end(),
    }
  }
  beforeEach(() => {
    number += 1
  })

  journalLaws({
    open,
    status: async () => {
      const status = rightOf(await clusterStatus(database, await found()))
      const isWhole = status.failures + status.blocked + status.others === 0
      const state =
        status.state === 'running'
          ? 'running'
          : status.state !== 'complete'
            ? 'stopped'
            : isWhole
              ? 'complete'
              : 'incomplete'
      return { ...status, state }
    },
    records: async () => {
      const migration = await found()
      const records = []
      for await (const record of clusterRecords(database, migration)) records.push(rightOf(record))
      const samples = rightOf(await clusterSamples(database, migration))
      return { records, samples, complete: migration.state === 'complete', identity: migration.identity }
    },
  })

  test('a lease that lapsed cannot be used, and another worker takes up what it claimed', async () => {
    const first = await open()
    await answered(first.begin(identity)())
    const f = await leased(first, 'f')
    const g = await leased(first, 'g')
    await answered(first.note(g, { upload: { vendor: 'b', state: 1 } })())
    const second = openClusterJournal({
      database,
      lease: await takeLease(database, { duration: 60_000, concurrency: 1 }),
      run: await found(),
      label: '',
    })
    expect(await answered(second.claim(item('f'))())).toEqual({ status: 'held' })
    // As after a pause of the process that was longer than the lease.
    await database.query("UPDATE anydrive.workers SET expires = now() - interval '1 second' WHERE id = $1", [
      lease.worker,
    ])
    expect(await first.settle(f, carried)()).toMatchObject({ left: { _tag: 'JournalTaken' } })
    expect(await first.note(g, { upload: { vendor: 'b', state: 2 } })()).toMatchObject({
      left: { _tag: 'JournalTaken' },
    })
    expect(await first.claim(item('h'))()).toMatchObject({ left: { _tag: 'JournalTaken' } })
    expect(await lease.extend()).toBe(false)
    expect(await leased(second, 'f')).toEqual({ path: 'f', interrupted: true })
    expect(await leased(second, 'g')).toEqual({ path: 'g', interrupted: true, upload: { vendor: 'b', state: 1 } })
    expect(lease.isAlive()).toBe(false)
  })

  test('a process that was paused for longer than its lease knows it before it asks the database', async () => {
    const own = await takeLease(database, { duration: 20, concurrency: 1 })
    const until = performance.now() + 20
    while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve))
    expect(own.isAlive()).toBe(false)
    expect(await own.extend()).toBe(false)
  })

  test('tables of the first version are brought up to date, with what they hold', async () => {
    const journal = await open()
    await answered(journal.begin(identity)())
    await answered(journal.settle(await leased(journal, 'd/old'), carried)())
    await answered(journal.settle(await leased(journal, 'é'), carried)())
    await database.query(
      `ALTER TABLE anydrive.entries DROP COLUMN key, ADD PRIMARY KEY (migration, path);
       DROP INDEX anydrive.entries_order;
       DROP INDEX anydrive.entries_failed;
       CREATE INDEX entries_failed ON anydrive.entries (migration, path) WHERE status IN ('failed', 'blocked');
       ALTER TABLE anydrive.migrations DROP COLUMN lists, DROP COLUMN begun_at, DROP COLUMN failed_before, DROP COLUMN marker,
         DROP COLUMN removed, DROP COLUMN begun_bytes;
       UPDATE anydrive.version SET version = 1`,
    )
    expect(await checkSchema(database)).toMatchObject({ left: { _tag: 'OldSchema' } })
    rightOf(await updateSchema(database))
    rightOf(await checkSchema(database))
    for (const path of ['d/old', 'é'])
      expect(await answered(journal.claim(item(path))())).toMatchObject({ status: 'settled', own: true })
    const long = `d/${'x'.repeat(4096)}`
    await answered(journal.settle(await leased(journal, long), carried)())
    expect(await answered(journal.claim(item(long))())).toMatchObject({ status: 'settled' })
  })

  test('waits for a database that restarts', async () => {
    const journal = await open()
    await answered(journal.begin(identity)())
    const f = await leased(journal, 'f')
    server.stop()
    const settled = journal.settle(f, carried)()
    server.start()
    await answered(settled)
    expect(await answered(journal.claim(item('f'))())).toMatchObject({ status: 'settled', own: true })
  })
})
