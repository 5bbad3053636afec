// migrate --cluster, worker and cluster: on a real PostgreSQL, with the emulators of both vendors.
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { clusterRecords, openDatabase } from '@anydrive/cluster'
import { journalRecords } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { mkdir, readdir, readFile, stat, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { startPostgres, whereInstalled, type Postgres } from '../../cluster/test/postgres'
import { desk, type Desk, type Ran } from './command'

whereInstalled('a migration on many machines', () => {
  let server: Postgres
  let emulators: ReadonlyArray<Emulator>
  let here: Desk
  let url: string
  beforeAll(async () => {
    server = startPostgres()
    url = server.url()
    emulators = [await startTencentSmh(), await startKooDrive()]
  })
  afterAll(async () => {
    for (const one of emulators) await one.close()
    server.remove()
  })
  beforeEach(async () => {
    here = await desk()
    await here.configure(Object.assign({}, ...emulators.map(({ configuration }) => configuration)))
  })
  afterEach(() => here.clear())

  const files = async (names: ReadonlyArray<string>): Promise<void> => {
    for (const name of names) {
      await mkdir(dirname(here.path(`src/${name}`)), { recursive: true })
      await writeFile(here.path(`src/${name}`), `content of ${name}`)
    }
  }
  /** A worker while `work` runs; what it printed. */
  const withWorker = async (work: () => Promise<Ran>): Promise<{ readonly ran: Ran; readonly worker: Ran }> => {
    const stop = new AbortController()
    const worker = here.do(`worker --cluster ${url}`, { signal: stop.signal })
    const ran = await work().finally(() => {
      stop.abort()
    })
    return { ran, worker: await worker }
  }
  /** All text in the database. */
  const dump = async (): Promise<string> => {
    const opened = openDatabase(url)
    if (E.isLeft(opened)) throw new Error(opened.left.message)
    const { rows } = await opened.right.query<{ readonly text: string }>(
      `SELECT m::text AS text FROM anydrive.migrations m UNION ALL SELECT e::text FROM anydrive.entries e
       UNION ALL SELECT w::text FROM anydrive.workers w UNION ALL SELECT j::text FROM anydrive_queue.job j`,
    )
    await opened.right.close()
    return rows.map(({ text }) => text).join('\n')
  }

  test('is submitted, worked on, watched, shown and reported', async () => {
    await files(['a.txt', 'b.bin', 'd/c.txt'])
    const submitted = await here.do(
      `migrate ./src smh:many --cluster ${url} --name one --exclude *.bin --bandwidth 100M --detach`,
    )
    expect(submitted).toMatchObject({ code: 0, out: 'one is running\n' })
    expect((await here.do(`cluster status one --cluster ${url}`)).out).toMatch(/state +running[^]*workers +0/)
    expect(await dump()).not.toMatch(/emulator-secret|librarySecret/)
    const { ran, worker } = await withWorker(() =>
      here.do(`migrate ./src smh:many --cluster ${url} --name one --exclude *.bin`),
    )
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toMatch(/transferred: +2 files/)
    expect(worker).toMatchObject({ code: 0, err: 'ready for work\n' })
    expect((await here.do('check ./src smh:many --content --exclude *.bin')).code).toBe(0)
    expect((await here.do(`cluster status --cluster ${url}`)).out).toMatch(/state +complete[^]*transferred +2 files/)
    expect((await here.do(`cluster report one page.html --cluster ${url}`)).code).toBe(0)
    expect(await readFile(here.path('page.html'), 'utf8')).toMatch(/smh:\/many[^]*c\.txt/)
    expect(await here.do(`cluster pause one --cluster ${url}`)).toMatchObject({
      code: 2,
      err: expect.stringContaining('one is not running: it is complete') as string,
    })
  })

  test('sends no more requests a second than it may, however many workers there are', async () => {
    // A directory is a job, and so two workers share them.
    await files(Array.from({ length: 24 }, (_, i) => `d${i % 8}/f${i}.txt`))
    const rate = 8
    const requests = emulators[0]?.requests
    const stop = new AbortController()
    const workers = [1, 2].map(() => here.do(`worker --cluster ${url}`, { signal: stop.signal }))
    try {
      // Until both are there: paused, and then resumed.
      await here.do(`migrate ./src smh:paced --cluster ${url} --name paced --requests-per-second smh=${rate} --detach`)
      await here.do(`cluster pause paced --cluster ${url}`)
      while (!/workers +2/.test((await here.do(`cluster status paced --cluster ${url}`)).out)) {
        // They are starting.
      }
      requests?.clear()
      await here.do(`cluster resume paced --cluster ${url}`)
      expect(await here.do(`migrate ./src smh:paced --cluster ${url} --name paced`)).toMatchObject({ code: 0 })
    } finally {
      stop.abort()
      await Promise.all(workers)
    }
    const times = requests?.list().map(({ at }) => at) ?? []
    expect(times.length).toBeGreaterThan(2 * rate)
    // A second's worth at once, divided among the two, and then no more than that each second; the clock counts milliseconds.
    const elapsed = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000
    expect(times.length).toBeLessThanOrEqual(rate + rate * (elapsed + 0.2) + 1)
  })

  test('stops before more bytes arrive than it may, and resumes with as many', async () => {
    await files(['a.txt', 'b.txt', 'c.txt'])
    const size = (await stat(here.path('src/a.txt'))).size
    const line = `migrate ./src smh:some --cluster ${url} --name some --max-bytes ${2 * size}`
    const { ran: first } = await withWorker(async () => {
      const stopped = await here.do(line)
      while (!/transferred +2 files/.test((await here.do(`cluster status some --cluster ${url}`)).out)) {
        // They are under way.
      }
      return stopped
    })
    expect(first).toMatchObject({ code: 1, err: expect.stringContaining('would exceed the bytes allowed') as string })
    expect((await here.do('size smh:some')).out).toMatch(/files +2\n/)
    await here.do(`cluster resume some --cluster ${url}`)
    const { ran: second } = await withWorker(() => here.do(line))
    expect(second).toMatchObject({ code: 0, err: '' })
    expect((await here.do('check ./src smh:some --content')).code).toBe(0)
  })

  test('gives the same summary as one machine', async () => {
    await files(['a.txt', 'd/c.txt', 'd/d.txt'])
    await here.do('put src smh:from')
    const { ran } = await withWorker(() => here.do(`migrate smh:from koo:many --cluster ${url}`))
    const alone = await here.do('migrate smh:from koo:alone')
    const untimed = ({ out }: Ran): string => out.replace(/, in [\d.]+ \w+/, '')
    expect(untimed(ran)).toBe(untimed(alone))
    expect(ran.code).toBe(alone.code)
  })

  test('gives the same evidence and the same report as one machine with a journal', async () => {
    await files(['a.txt', 'b.txt', 'd/c.txt', 'd/e/f.txt', 'g/h.txt'])
    await here.do('put src smh:evidence')
    await mkdir(here.path('taken/d'), { recursive: true })
    await writeFile(here.path('taken/b.txt'), 'other')
    for (const target of ['koo:target1', 'koo:target2']) await here.do(`migrate ./taken ${target}`)
    const alone = await here.do('migrate smh:evidence koo:target1 --verify full --journal journal --report one.html')
    const { ran } = await withWorker(() =>
      here.do(`migrate smh:evidence koo:target2 --verify full --cluster ${url} --name evidence`),
    )
    expect([alone.code, ran.code]).toEqual([1, 1])
    await here.do(`cluster report evidence two.html --cluster ${url}`)

    /** With one name for both targets, and without the ids, versions and times that the service chooses. */
    const comparable = (text: string): string =>
      text.replaceAll(/target[12]/g, 'target').replaceAll(/"(version|id|createdAt|modifiedAt)":"[^"]*"/g, '"$1":""')
    const journal = journalRecords(here.path('journal'))
    if (E.isLeft(journal)) throw new Error(journal.left.message)
    const records = [...journal.right.records()].map((one) => comparable(JSON.stringify(one)))
    const opened = openDatabase(url)
    if (E.isLeft(opened)) throw new Error(opened.left.message)
    const { rows } = await opened.right.query<{ readonly id: number }>(
      "SELECT id FROM anydrive.migrations WHERE name = 'evidence'",
    )
    const shared: Array<string> = []
    for await (const one of clusterRecords(opened.right, { migration: rows[0]?.id ?? 0, name: 'evidence' }))
      shared.push(comparable(JSON.stringify(one)))
    await opened.right.close()
    expect(shared.sort()).toEqual(records.sort())
    expect(shared).toHaveLength(9)

    /** What a person reads, without when it was and how fast: samples are of each worker. */
    const read = async (name: string): Promise<ReadonlyArray<string>> =>
      comparable(await readFile(here.path(name), 'utf8'))
        .replaceAll(/<(script|style|svg)\b[^]*?<\/\1>/g, '')
        .replace(/<h2[^>]*>Throughput[^]*?(?=<h2|<\/main>|<\/body>)/, '')
        .replaceAll(/<[^<>]*>/g, '\n')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !/\d\d:\d\d|\b(B|kB|KiB|files)\/s|a second|\d m?s\b/.test(line))
    expect(await read('two.html')).toEqual(await read('one.html'))
  })

  test('moves, and leaves what no filter takes', async () => {
    await files(['a.txt', 'b.bin', 'd/c.txt', 'd/e/f.txt'])
    const { ran } = await withWorker(() => here.do(`migrate ./src smh:moved --cluster ${url} --move --exclude *.bin`))
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toMatch(/transferred: +3 files[^]*removed[^]*3/)
    expect(await readdir(here.path('src'), { recursive: true })).toEqual(['b.bin'])
  })

  test('transfers what lists and rules name, which no worker has as a file', async () => {
    await files(['a.txt', 'b.txt', 'd/c.txt', 'd/d.txt', 'e/f.txt'])
    await writeFile(here.path('list'), 'a.txt\nd\nmissing.txt\n')
    await writeFile(here.path('rules'), '- d.txt\n')
    const line = `migrate ./src smh:listed --cluster ${url} --name listed --files-from list --filter-from rules`
    await here.do(`${line} --detach`)
    await rm(here.path('list'))
    await rm(here.path('rules'))
    expect(await here.do(line)).toMatchObject({ code: 2, err: expect.stringContaining('cannot be read') as string })
    await writeFile(here.path('list'), '')
    await writeFile(here.path('rules'), '')
    const { ran } = await withWorker(() => here.do(line))
    expect(ran).toMatchObject({ code: 1, err: 'not found: missing.txt, listed in --files-from\n' })
    expect((await here.do('get smh:listed got')).code).toBe(0)
    expect((await readdir(here.path('got'), { recursive: true })).sort()).toEqual(['a.txt', 'd', 'd/c.txt'])
  })

  test('is paused once the time allowed is over', async () => {
    await files(['a.txt', 'b.txt', 'c.txt'])
    const over = await withWorker(() =>
      here.do(`migrate ./src smh:over --cluster ${url} --name over --max-duration 1ms --bandwidth 1`),
    )
    expect(over.ran).toMatchObject({ code: 1, err: expect.stringContaining('the time allowed is over') as string })
    expect((await here.do(`cluster status over --cluster ${url}`)).out).toContain(
      'paused: stopped: the time allowed is over',
    )
  })

  test('is paused, resumed and cancelled', async () => {
    await files(['a.txt'])
    const command = (action: string) => here.do(`cluster ${action} two --cluster ${url}`)
    await here.do(`migrate ./src smh:two --cluster ${url} --name two --detach`)
    expect((await command('pause')).code).toBe(0)
    expect((await command('status')).out).toMatch(/state +paused/)
    expect((await command('retry-failed')).code).toBe(2)
    expect((await command('resume')).code).toBe(0)
    expect((await command('status')).out).toMatch(/state +running/)
    expect((await command('cancel')).code).toBe(0)
    expect((await command('resume')).code).toBe(0)
    const { ran } = await withWorker(() => here.do(`migrate ./src smh:two --cluster ${url} --name two`))
    expect(ran).toMatchObject({ code: 0 })
  })

  test('is refused by a worker whose drives differ, which says what differs', async () => {
    await files(['a.txt'])
    await here.do(`migrate ./src smh:differs --cluster ${url} --name differs --detach`)
    const [smh] = emulators.map(({ configuration }) => configuration)
    const settings = Object.values(smh ?? {})[0] as Record<string, unknown>
    await here.configure({ smh: { ...settings, spaceId: 'other' } })
    const stop = new AbortController()
    const worker = here.do(`worker --cluster ${url}`, { signal: stop.signal })
    const refusal = 'spaceId of the target is not set, here other'
    while (!(await here.do(`cluster status differs --cluster ${url}`)).out.includes(`refuses differs: ${refusal}`)) {
      // The worker is starting.
    }
    stop.abort()
    expect((await worker).err).toContain(`refuses the migration differs: ${refusal}`)
    await here.do(`cluster cancel differs --cluster ${url}`)
  })

  test.each([
    ['mysql://u:secret-word@h/d', 2, /begins with postgres:\/\//],
    ['postgres://u:secret-word@h:port/d', 2, /begins with postgres:\/\//],
    ['postgres://u@127.0.0.1:1/d', 6, /cannot be reached/],
  ])('names what is wrong with %s', async (wrong, code, message) => {
    await files(['a.txt'])
    for (const line of ['worker', 'cluster status', 'migrate ./src smh:x']) {
      const ran = await here.do(`${line} --cluster ${wrong}`)
      expect(ran).toMatchObject({ code, err: expect.stringMatching(message) as string })
      expect(ran.out + ran.err).not.toContain('secret-word')
    }
  })

  test('names a user without rights, and tables of another version', async () => {
    const opened = openDatabase(url)
    if (E.isLeft(opened)) throw new Error(opened.left.message)
    const { query, close } = opened.right
    await here.do(`cluster status --cluster ${url}`)
    await query('CREATE ROLE guest LOGIN')
    const line = (user?: string): Promise<Ran> => here.do(`cluster status --cluster ${server.url(user)}`)
    expect(await line('guest')).toMatchObject({ code: 3, err: expect.stringContaining('refuses this user') as string })
    expect(await line('nobody')).toMatchObject({ code: 3, err: expect.stringContaining('refuses this user') as string })
    await query('UPDATE anydrive.version SET version = version + 1')
    expect(await line()).toMatchObject({ code: 2, err: expect.stringContaining('newer than this anydrive') as string })
    await query('UPDATE anydrive.version SET version = version - 1')
    await close()
  })

  test('refuses a second migration into its target, and options that need one machine', async () => {
    await files(['a.txt'])
    await here.do(`migrate ./src smh:same --cluster ${url} --name first --detach`)
    const second = await here.do(`migrate ./src smh:same/below --cluster ${url} --name second`)
    expect(second).toMatchObject({ code: 2, err: expect.stringContaining('the migration first writes to') as string })
    await here.do(`cluster cancel first --cluster ${url}`)
    expect((await here.do(`migrate ./src smh:x --cluster ${url} --plan p.jsonl`)).err).toContain(
      '--plan cannot be combined',
    )
    expect((await here.do('migrate ./src smh:x --name n')).err).toContain('need --cluster')
    expect((await here.do(`migrate ./src/a.txt smh:x --cluster ${url}`)).err).toContain('only a directory')
  })
})
