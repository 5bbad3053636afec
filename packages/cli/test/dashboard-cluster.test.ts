// dashboard --cluster: on a real PostgreSQL, with the emulators of both vendors.
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { openDatabase, type Database } from '@anydrive/cluster'
import * as E from 'fp-ts/Either'
import { mkdir, writeFile } from 'node:fs/promises'
import { startPostgres, whereInstalled, type Postgres } from '../../cluster/test/postgres'
import { desk, type Desk } from './command'
import { follow, served, stopAll, until } from './dashboard'

whereInstalled('the dashboard of a migration on many machines', () => {
  let server: Postgres
  let database: Database
  let emulators: ReadonlyArray<Emulator>
  let here: Desk
  let url: string
  beforeAll(async () => {
    server = startPostgres()
    url = server.url()
    emulators = [await startTencentSmh(), await startKooDrive()]
    const opened = openDatabase(url)
    if (E.isLeft(opened)) throw new Error(opened.left.message)
    database = opened.right
  })
  afterAll(async () => {
    await database.close()
    for (const one of emulators) await one.close()
    server.remove()
  })
  beforeEach(async () => {
    here = await desk()
    await here.configure(Object.assign({}, ...emulators.map(({ configuration }) => configuration)))
  })
  const stops = new Set<AbortController>()
  afterEach(async () => {
    stopAll()
    for (const stop of stops) stop.abort()
    stops.clear()
    await here.clear()
  })
  /** Until it is stopped, or the test has ended. */
  const startWorker = (): { readonly stop: () => Promise<unknown> } => {
    const stop = new AbortController()
    stops.add(stop)
    const worker = here.do(`worker --cluster ${url}`, { signal: stop.signal })
    return {
      stop: () => {
        stop.abort()
        return worker
      },
    }
  }

  const submit = async (name: string, files: ReadonlyArray<string>): Promise<void> => {
    await mkdir(here.path(`${name}/sub`), { recursive: true })
    for (const file of files) await writeFile(here.path(`${name}/${file}`), `content of ${file}`)
    expect(await here.do(`put ${name} smh:`)).toMatchObject({ code: 0 })
    const submitted = await here.do(`migrate smh:${name} koo:${name} --cluster ${url} --name ${name} --detach`)
    expect(submitted).toMatchObject({ code: 0 })
  }

  test('waits for workers, shows what each does and how long it has been silent, and the conclusion', async () => {
    await submit('one', ['a.txt', 'b.txt', 'sub/c.txt'])
    const { url: place, stop } = await served(here, `--cluster ${url} --name one`)
    const page = follow(place)
    await page.until('state', /Waiting: no worker is running.*anydrive worker --cluster URL/)
    await page.until('worker-list', /No worker has been seen yet/)
    expect(page.text('head')).toContain('one: smh:/one → koo:/one')
    const worker = startWorker()
    await page.until('state', /Everything arrived and is verified/)
    await page.until('figures', /Files arrived 3 .* Did not arrive 0/)
    await page.until('worker-list', /process \d+ .*3 files, .*: 100 %.*last sign of life/)
    await worker.stop()
    await page.until('worker-list', /does not work any more; last sign of life/)
    expect(await stop()).toMatchObject({ code: 0, err: '' })
    await page.done
  })

  test('says why it is paused, shows what is known of the rest, and what a worker refuses', async () => {
    await submit('two', ['a.txt', 'sub/b.txt'])
    expect((await here.do(`cluster pause two --cluster ${url}`)).code).toBe(0)
    const { url: place, stop } = await served(here, `--cluster ${url}`)
    const page = follow(place)
    await page.until('state', /Paused.*anydrive cluster resume two --cluster URL continues it/)
    const [koo] = emulators.slice(1).map(({ configuration }) => Object.values(configuration)[0])
    await here.configure({ koo, smh: { ...Object.values(emulators[0]?.configuration ?? {})[0], spaceId: 'other' } })
    await here.do(`cluster resume two --cluster ${url}`)
    const worker = startWorker()
    await page.until('state', /Running/)
    await page.until('worker-list', /refuses two: spaceId of the source is not set, here other/)
    await worker.stop()
    await here.do(`cluster cancel two --cluster ${url}`)
    await page.until('state', /Stopped before the end.*the migration is cancelled.*resume two/)
    await stop()
  })

  test('many clients share one reading, which changes nothing, whatever rights the user has', async () => {
    await submit('three', ['a.txt'])
    for (const text of [
      'CREATE ROLE watcher LOGIN',
      'GRANT USAGE ON SCHEMA anydrive, anydrive_queue TO watcher',
      'GRANT SELECT ON ALL TABLES IN SCHEMA anydrive, anydrive_queue TO watcher',
    ])
      await database.query(text)
    const changes = async (): Promise<unknown> =>
      (
        await database.query(
          `SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::integer AS n FROM pg_stat_user_tables WHERE schemaname LIKE 'anydrive%'`,
        )
      ).rows[0]
    const before = await changes()
    const { url: place, stop } = await served(here, `--cluster ${server.url('watcher')} --name three`)
    const pages = Array.from({ length: 20 }, () => follow(place))
    for (const page of pages) await page.until('state', /Waiting/)
    const times = pages[0]?.count() ?? 0
    await until(() => (pages[0]?.count() ?? 0) > times + 2)
    const { rows } = await database.query<{ readonly n: number }>(
      "SELECT count(*)::integer AS n FROM pg_stat_activity WHERE usename = 'watcher'",
    )
    expect(rows[0]?.n).toBeLessThanOrEqual(2)
    expect(await changes()).toEqual(before)
    await stop()
    await here.do(`cluster cancel three --cluster ${url}`)
  })

  test('keeps its last figures while the database restarts, and says so', async () => {
    await submit('four', ['a.txt'])
    const { url: place, stop } = await served(here, `--cluster ${url} --name four`)
    const page = follow(place)
    await page.until('state', /^ ! Waiting/)
    server.stop()
    await page.until('state', /These figures are not the latest.*cannot be reached/)
    expect(page.text('head')).toContain('four')
    server.start()
    await page.until('state', /^ ! Waiting/)
    expect((await stop()).code).toBe(0)
    await here.do(`cluster cancel four --cluster ${url}`)
  })

  test('refuses before it listens, and never shows the password', async () => {
    const refused = async (words: string): Promise<readonly [number, string]> => {
      const { code, out, err } = await here.do(`dashboard --cluster ${words}`)
      expect(out).toBe('')
      expect(err).not.toContain('secret-word')
      return [code, err]
    }
    expect(await refused(`${url} --name nowhere`)).toEqual([2, expect.stringMatching(/no migration nowhere/)])
    expect(await refused('mysql://u:secret-word@h/d')).toEqual([2, expect.stringMatching(/begins with postgres/)])
    expect(await refused('postgres://u:secret-word@127.0.0.1:1/d')).toEqual([6, expect.stringMatching(/be reached/)])
    await database.query('CREATE ROLE stranger LOGIN')
    expect(await refused(server.url('stranger'))).toEqual([3, expect.stringMatching(/refuses this user/)])
    await submit('five', ['a.txt'])
    await submit('six', ['a.txt'])
    expect(await refused(url)).toEqual([2, expect.stringMatching(/2 migrations: five, six[^]*--name NAME/)])
    await database.query('UPDATE anydrive.version SET version = version + 1')
    expect(await refused(`${url} --name five`)).toEqual([2, expect.stringMatching(/newer than this anydrive/)])
    await database.query('UPDATE anydrive.version SET version = version - 1')
    await database.query('CREATE DATABASE empty')
    const empty = url.replace(/postgres$/, 'empty')
    expect(await refused(empty)).toEqual([2, expect.stringMatching(/has no tables of anydrive/)])
  })
})
