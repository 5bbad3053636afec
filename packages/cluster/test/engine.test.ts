// The engine: workers of one process on a real PostgreSQL, with drives in memory.
import { layer, type DriveProvider, type Entry, type Page } from '@anydrive/core'
import { invalidPath, unauthenticated, unavailable } from '@anydrive/core/adapter'
import {
  clusterRecords,
  clusterStatus,
  clusterSummary,
  runWorker,
  type Database,
  type Migrations,
  type WorkerEvent,
} from '@anydrive/cluster'
import { openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { contents, failing, memory, summaryOf } from '../../migrate/test/drives'
import { drive, identity, rightOf, startEngine, until, type Engine, type Site } from './engine'
import { whereInstalled } from './postgres'

whereInstalled('the cluster engine', () => {
  let engine: Engine
  let database: Database
  let migrations: Migrations
  beforeAll(async () => {
    engine = await startEngine()
    ;({ database, migrations } = engine)
  })
  afterAll(() => engine.close())
  const submit: Engine['submit'] = (site) => engine.submit(site)
  const work: Engine['work'] = (...all) => engine.work(...all)
  const ended: Engine['ended'] = (name) => engine.ended(name)
  const workAll: Engine['workAll'] = (...all) => engine.workAll(...all)

  test('transfers a tree as one machine does, and sums it up alike', async () => {
    const files: Record<string, string> = { 'empty/': '' }
    for (let i = 0; i < 140; i++) files[`d${i % 7}/e${i % 3}/f${i}`] = `content ${i}`
    for (let i = 0; i < 1300; i++) files[`flat/g${i}`] = ''
    const source = await memory(files)
    const site = { name: 'tree', from: source, to: await memory({ 'd1/e1/f1': 'other' }) }
    await submit(site)
    const migration = await workAll(site)
    expect(migration.state).toBe('complete')
    const alone = await memory({ 'd1/e1/f1': 'other' })
    const expected = await summaryOf({ from: { drive: source }, to: { drive: alone } })
    expect(await contents(site.to)).toEqual(await contents(alone))
    const summary = rightOf(await clusterSummary(database, migration))
    const comparable = (one: typeof expected): unknown => ({
      ...one,
      duration: 0,
      failed: one.failed.map(({ path, remedy }) => ({ path, remedy })),
    })
    expect(comparable(summary)).toEqual(comparable(expected))
    expect(summary).toMatchObject({ files: 1439, failures: 1 })
  })

  test('creates the directories of a filter only for what is in them', async () => {
    const site: Site = {
      name: 'filter',
      from: await memory({ 'a/b/c/keep.txt': '1', 'a/x/no.bin': '2', 'y/z/no.bin': '3' }),
      to: openMemory(),
      include: (entry: Entry) => (entry.kind === 'directory' ? 'if-used' : entry.name.endsWith('.txt')),
    }
    await submit(site)
    await workAll(site)
    expect(await contents(site.to)).toEqual({ 'a/': '', 'a/b/': '', 'a/b/c/': '', 'a/b/c/keep.txt': '1' })
  })

  test('records what cannot be listed, and retries it on request', async () => {
    let broken = true
    const source = await memory({ 'a/f': '1', 'b/g': '2' })
    const from = failing(source, 'list', (path) =>
      broken && path === 'b' ? unavailable({ effect: 'none' }) : undefined,
    )
    const site = { name: 'unlisted', from, to: openMemory() }
    await submit(site)
    const first = await workAll(site)
    expect(rightOf(await clusterStatus(database, first))).toMatchObject({ state: 'complete', carried: 1, problems: 1 })
    expect(rightOf(await clusterSummary(database, first))).toMatchObject({
      files: 1,
      failures: 1,
      failed: [{ path: 'b' }],
    })
    broken = false
    rightOf(await migrations.retryFailed('unlisted'))
    const second = await workAll(site)
    expect(rightOf(await clusterStatus(database, second))).toMatchObject({ carried: 2, problems: 0 })
    expect(await contents(site.to)).toEqual({ 'a/': '', 'a/f': '1', 'b/': '', 'b/g': '2' })
  })

  test('pauses the migration when the rest would fail for the same reason, and resumes it on request', async () => {
    let broken = true
    const to = failing(openMemory(), 'writeFile', () => (broken ? unauthenticated() : undefined))
    const site = { name: 'refused', from: await memory({ 'd/f': '1', 'd/g': '2', h: '3' }), to }
    await submit(site)
    const events: Array<WorkerEvent> = []
    const paused = await workAll(site, events)
    expect(paused).toMatchObject({ state: 'paused', reason: expect.stringMatching(/./) as string })
    expect(events).toContainEqual(expect.objectContaining({ name: 'paused', migration: 'refused' }))
    broken = false
    rightOf(await migrations.resume('refused'))
    expect(await workAll(site)).toMatchObject({ state: 'complete' })
    expect(await contents(to)).toEqual({ 'd/': '', 'd/f': '1', 'd/g': '2', h: '3' })
  })

  test('two migrations into one target are refused, and one of another identity is told what differs', async () => {
    const site = { name: 'first', from: await memory({ f: '1' }), to: openMemory() }
    await submit(site)
    const other = { name: 'second', options: '{}', source: drive, target: { ...drive, store: 'first' } }
    expect(await migrations.submit({ ...other, identity: identity({ toPath: 'below' }) })).toMatchObject({
      left: {
        _tag: 'Refused',
        message: expect.stringContaining('the migration first writes to the same target') as string,
      },
    })
    expect(
      await migrations.submit({ ...other, name: 'first', identity: identity({ conflict: 'skip' }) }),
    ).toMatchObject({
      left: { message: expect.stringContaining('conflict was ask, now skip') as string },
    })
    rightOf(await migrations.cancel('first'))
    expect(rightOf(await migrations.submit({ ...other, identity: identity({ toPath: 'below' }) }))).toMatchObject({
      state: 'running',
    })
    rightOf(await migrations.cancel('second'))
  })

  test('a worker that may not work on a migration says why, and leaves it', async () => {
    await submit({ name: 'differs', from: openMemory(), to: openMemory() })
    const stop = new AbortController()
    const events: Array<WorkerEvent> = []
    const worker = runWorker({
      database,
      open: () => E.left('spaceId of the target is a, here b'),
      signal: stop.signal,
      onEvent: (event) => events.push(event),
    })
    await until(() => Promise.resolve(events.some(({ name }) => name === 'refused')))
    const shown = rightOf(await clusterStatus(database, rightOf(await migrations.find('differs'))))
    await until(async () =>
      rightOf(await clusterStatus(database, rightOf(await migrations.find('differs')))).workers.some(
        ({ refusal }) => refusal === 'differs: spaceId of the target is a, here b',
      ),
    )
    expect(shown.state).toBe('running')
    stop.abort()
    rightOf(await worker)
    rightOf(await migrations.cancel('differs'))
  })

  test('holds paths of any length, in order, and names that PostgreSQL holds as no text', async () => {
    const deep = Array.from({ length: 40 }, (_, i) => `${i} ${'\u{1F600}'.repeat(25)}`).join('/')
    const files = {
      [`${deep}/f`]: '1',
      [`${deep}/g`]: '2',
      [`${'long'.repeat(1000)}`]: '3',
      [`${'long'.repeat(1000)}er`]: '4',
      'half\uD83D': '5',
      'half\uD83E': '6',
    }
    expect(Buffer.byteLength(deep)).toBeGreaterThan(4096)
    const naming = { naming: { maxLength: 5000, maxDepth: 50, maxPath: 10_000 } }
    const source = await memory(files, naming)
    const from = layer(source, {
      list: (next) => (path, options) => async () =>
        E.map((page: Page<Entry>) => ({ ...page, ...(path === '' ? { skipped: ['nul\0', 'nul'] } : {}) }))(
          await next(path, options)(),
        ),
    })
    const site = { name: 'long', from, to: openMemory(naming) }
    await submit(site)
    const migration = await workAll(site)
    expect(await contents(site.to)).toEqual(await contents(source))
    const records = []
    for await (const record of clusterRecords(database, migration)) records.push(rightOf(record).path)
    expect(records).toHaveLength(46)
    expect(records).toEqual([...records].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    expect(rightOf(await clusterSummary(database, migration))).toMatchObject({ files: 6, directories: 40, failures: 2 })
  })

  test('is paused once as many have failed as were allowed, and allows as many again when it is resumed', async () => {
    let isPaused = false
    const refusing = failing(openMemory(), 'writeFile', (path) =>
      path.startsWith('fails') ? invalidPath({ reason: 'refused' }) : undefined,
    )
    const to = layer(refusing, {
      writeFile: (next) => (path, content, options) => async () => {
        if (!path.startsWith('fails')) await until(() => Promise.resolve(isPaused))
        return next(path, content, options)()
      },
    })
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i < 3 ? 'fails' : 'other'}${i}`, `${i}`]))
    const site: Site = { name: 'errors', from: await memory(files), to, limits: { maxErrors: 3 } }
    await submit(site)
    const stop = new AbortController()
    const worker = work(site, stop)
    await ended('errors')
    isPaused = true
    expect(rightOf(await migrations.find('errors'))).toMatchObject({
      state: 'paused',
      reason: expect.stringContaining('as many failed as were allowed') as string,
    })
    rightOf(await migrations.resume('errors'))
    await ended('errors')
    stop.abort()
    rightOf(await worker)
    expect(rightOf(await clusterStatus(database, rightOf(await migrations.find('errors'))))).toMatchObject({
      state: 'complete',
      carried: 27,
      failures: 3,
    })
  })

  test('is paused before more bytes arrive than were allowed, and allows as many again when it is resumed', async () => {
    const to = failing(openMemory(), 'writeFile', (path) =>
      path.includes('fails') ? invalidPath({ reason: 'refused' }) : undefined,
    )
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`d${i % 5}/${i % 8 === 0 ? 'fails' : 'other'}${i}`, '0123456789']),
    )
    const site: Site = { name: 'bytes', from: await memory(files), to, limits: { maxBytes: 155 } }
    await submit(site)
    for (let before = 0, runs = 1; ; runs++) {
      const ran = await workAll(site)
      const { bytes } = rightOf(await clusterStatus(database, ran))
      expect(bytes - before).toBeLessThanOrEqual(150)
      expect(bytes).toBeGreaterThan(before)
      before = bytes
      if (ran.state !== 'paused') {
        expect({ bytes, isPausedBefore: runs > 2 }).toEqual({ bytes: 350, isPausedBefore: true })
        break
      }
      expect(ran.reason).toContain('would exceed the bytes allowed')
      rightOf(await migrations.resume('bytes'))
    }
    expect(rightOf(await migrations.find('bytes'))).toMatchObject({ state: 'complete' })
  })

  test('a worker has its share of the rates, as workers come and go', async () => {
    const site = { name: 'shared', from: openMemory(), to: openMemory() }
    await submit(site)
    const [first, second] = [new AbortController(), new AbortController()]
    let share = (): number => 0
    const worker = runWorker({
      database,
      open: (_, its) => {
        share = its
        return E.right({ options: { from: { drive: site.from }, to: { drive: site.to } }, label: '' })
      },
      signal: first.signal,
    })
    await ended('shared')
    expect(share()).toBe(1)
    const other = work(site, second)
    await until(() => Promise.resolve(share() === 0.5))
    second.abort()
    rightOf(await other)
    await until(() => Promise.resolve(share() === 1))
    first.abort()
    rightOf(await worker)
  })

  test('a job that runs out of time gives back what it has not begun', async () => {
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`d/f${i}`, `${i}`]))
    const site = { name: 'short', from: await memory(files), to: openMemory() }
    await submit(site)
    const stop = new AbortController()
    const worker = work(site, stop, [], { jobTime: 30, concurrency: 1 })
    await ended('short')
    stop.abort()
    rightOf(await worker)
    expect(await contents(site.to)).toEqual({ 'd/': '', ...files })
  })

  test('a worker that is stopped ends an upload at a part, and the next one goes on from there', async () => {
    const to = openMemory({ limits: { part: 2 ** 20 } })
    const stop = new AbortController()
    const resumed: Array<unknown> = []
    const watched: DriveProvider = {
      ...to,
      writeFile: (path, content, options) => {
        resumed.push(options?.resume)
        return to.writeFile(path, content, {
          ...options,
          onProgress: (bytes) => {
            stop.abort()
            options?.onProgress?.(bytes)
          },
        })
      },
    }
    const big = Buffer.alloc(8 * 2 ** 20, 7)
    const site = { name: 'parts', from: await memory({ big }), to: watched }
    await submit(site)
    rightOf(await work(site, stop))
    expect(await contents(to)).toEqual({})
    await workAll(site)
    expect(resumed).toEqual([undefined, expect.objectContaining({ vendor: 'memory' })])
    expect(await contents(to)).toEqual({ big: big.toString() })
  })

  test('a process that was paused for longer than its lease changes nothing until it has another one', async () => {
    const lease = 1500
    const events: Array<WorkerEvent> = []
    const calls: Array<string> = []
    const to = openMemory()
    let isPaused = false
    const watched = layer(to, {
      '*':
        (next, { changes, operation }) =>
        async () => {
          if (changes) calls.push(`after ${events.map(({ name }) => name).join(' ')}`)
          const answer = await next()()
          // Between the claim of the first file and its upload; nothing of this process runs meanwhile, as after SIGSTOP.
          const until = performance.now() + 2 * lease
          while (operation === 'list' && !isPaused && performance.now() < until);
          isPaused ||= operation === 'list'
          return answer
        },
    })
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, `${i}`]))
    const site = { name: 'paused', from: await memory(files), to: watched }
    await submit(site)
    const stop = new AbortController()
    const worker = work(site, stop, events, { lease })
    await ended('paused')
    stop.abort()
    rightOf(await worker)
    expect(isPaused).toBe(true)
    expect(await contents(to)).toEqual(files)
    expect(calls[0]).toMatch(/^after ready lapsed ready/)
  })

  test('few jobs wait at once, because deeper directories come first', async () => {
    const wide = 20
    const files: Record<string, string> = {}
    for (let i = 0; i < wide * wide; i++) files[`d${i % wide}/e${Math.floor(i / wide)}/`] = ''
    const site = { name: 'wide', from: await memory(files), to: openMemory() }
    const { migration } = await submit(site)
    const stop = new AbortController()
    const worker = work(site, stop, [], { concurrency: 2 })
    let most = 0
    await until(async () => {
      most = Math.max(most, await engine.queue.size(migration))
      return rightOf(await migrations.find('wide')).state !== 'running'
    })
    stop.abort()
    rightOf(await worker)
    expect(Object.keys(await contents(site.to))).toHaveLength(wide + wide * wide)
    // Two jobs at once, three levels, and of each the children of one directory and a continuation.
    expect(most).toBeLessThanOrEqual(2 * 3 * (wide + 1))
    expect(most).toBeGreaterThan(wide)
  })
})
