// Workers as processes that are killed and paused at random moments, under faults of both vendors, while the database restarts.
// Longer with ANYDRIVE_MACHINES_FILES and ANYDRIVE_MACHINES_KILLS, which `npm run torture -- --cluster` sets.
import { openDatabase, type Database } from '@anydrive/cluster'
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startPostgres, whereInstalled, type Postgres } from '../../cluster/test/postgres'
import { desk, peakMemoryOf, type Desk } from './command'
import { versionsOf } from './versions'

const files = Number(process.env['ANYDRIVE_MACHINES_FILES'] ?? 400)
const kills = Number(process.env['ANYDRIVE_MACHINES_KILLS'] ?? 6)
const restarts = kills > 10 ? 2 : 1
const bin = join(__dirname, '..', 'bin', 'anydrive.js')
/** Short, so that the test need not wait long for a lease to lapse. */
const lease = '3s'

whereInstalled('three workers', () => {
  let server: Postgres
  let here: Desk
  let emulators: ReadonlyArray<Emulator> = []
  const running = new Set<ChildProcess>()
  beforeAll(() => {
    server = startPostgres()
  })
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL')
    for (const one of emulators) await one.close()
    await here.clear()
    server.remove()
  })

  const errors: Array<string> = []
  const start = (): ChildProcess => {
    const child = spawn(process.execPath, [bin, 'worker', '--cluster', server.url(), '--lease', lease], {
      cwd: here.dir,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
    running.add(child)
    child.once('exit', () => running.delete(child))
    return child
  }
  const opened = (): Database => {
    const database = openDatabase(server.url())
    if (E.isLeft(database)) throw new Error(database.left.message)
    return database.right
  }
  const carriedIn = async ({ query }: Database): Promise<number> => {
    try {
      const { rows } = await query<{ readonly n: number }>(
        "SELECT count(*)::integer AS n FROM anydrive.entries WHERE status = 'carried'",
      )
      return rows[0]?.n ?? 0
    } catch {
      return 0
    }
  }
  const isWorking = async ({ query }: Database, process: number | undefined): Promise<boolean> =>
    (await query('SELECT 1 FROM anydrive.workers WHERE process = $1 AND expires > now()', [process])).count > 0
  /** Until so many files arrived, or the migration has ended. */
  const reached = async (database: Database, count: number, isOver: () => boolean): Promise<void> => {
    while (!isOver() && (await carriedIn(database)) < count) await delay(20)
  }

  test('are killed and paused, and every file arrives once', async () => {
    here = await desk()
    await mkdir(here.path('src'))
    for (let i = 0; i < files; i++) {
      const dir = here.path(`src/d${i % 7}/e${i % 3}`)
      await mkdir(dir, { recursive: true })
      await writeFile(join(dir, `f${i}.txt`), `${i} ${'x'.repeat(i % 19 === 0 ? 60_000 : (i % 5) * 100)}`)
    }
    const source = await startTencentSmh()
    const target = await startKooDrive({ faults: 'lost=0.02,5xx=0.03', seed: 7 })
    emulators = [source, target]
    await here.configure({ ...source.configuration, ...target.configuration })
    expect((await here.do('migrate ./src smh:from')).code).toBe(0)

    const database = opened()
    const submitted = await here.do(`migrate smh:from koo:to --cluster ${server.url()} --name all --detach`)
    expect(submitted).toMatchObject({ code: 0, err: '' })
    /** Files with the version that they had when they were already confirmed: what is sent again has another one at the end. */
    const confirmed = new Map<string, string | undefined>()
    const remember = async (): Promise<void> => {
      const { rows } = await database.query<{ readonly target: string }>(
        "SELECT target FROM anydrive.entries WHERE status = 'carried'",
      )
      const versions = await versionsOf(target.configuration['koo'])
      for (const row of rows) if (!confirmed.has(row.target)) confirmed.set(row.target, versions.get(row.target))
    }
    const workers = [start(), start(), start()]
    let over = false
    const isOver = (): boolean => over
    const watched = here.do(`migrate smh:from koo:to --cluster ${server.url()} --name all`).finally(() => {
      over = true
    })
    // At even distances of what has arrived: a worker is killed and replaced, the first one is paused beyond its lease, the database restarts.
    for (let n = 0; n < kills; n++) {
      await reached(database, Math.floor((files * (n + 1)) / (kills + 2)), isOver)
      await remember()
      if (n === 1) {
        workers[1]?.kill('SIGSTOP')
        continue
      }
      const at = n % 2 === 0 ? 0 : 2
      workers[at]?.kill('SIGKILL')
      workers[at] = start()
      if (n % 3 === 0 && n / 3 <= restarts) {
        server.stop()
        server.start()
      }
    }
    // Longer than its lease, which ends by the clock of the database.
    while (!isOver() && (await isWorking(database, workers[1]?.pid))) await delay(20)
    workers[1]?.kill('SIGCONT')
    while (!errors.some((text) => text.includes('the lease has lapsed'))) await delay(20)
    const ran = await watched
    const memory = workers.map(({ pid = 0 }) => peakMemoryOf(pid))
    if (process.env['ANYDRIVE_FIGURES'] !== undefined)
      process.stderr.write(`${memory.map((bytes) => Math.round(bytes / 2 ** 20)).join(' MiB, ')} MiB\n`)
    for (const child of workers) child.kill('SIGTERM')
    while (running.size > 0) await delay(20)

    if (ran.code !== 0) throw new Error(`${ran.err}\n${ran.out}\n${errors.join('')}`)
    expect(ran.out).toContain(`transferred:      ${files} files`)
    const compared = await here.do('check smh:from koo:to --content')
    expect(compared).toMatchObject({ code: 0, err: expect.stringContaining('0 extra') as string })
    const after = await versionsOf(target.configuration['koo'])
    expect(after.size).toBe(files)
    expect([...confirmed].filter(([path, version]) => after.get(path) !== version)).toEqual([])
    expect([...confirmed.values()]).not.toContain(undefined)
    expect(confirmed.size).toBeGreaterThan(0)
    expect(Math.max(...memory)).toBeLessThanOrEqual(200 * 2 ** 20)
    await database.close()
  })
})
