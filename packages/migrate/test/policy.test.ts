// What ends a run, what slows it, and where the next one begins.
import type { DrivePath, DriveProvider, Fault } from '@anydrive/core'
import { aborted, forbidden, invalidPath, quotaExceeded, unauthenticated, unavailable } from '@anydrive/core/adapter'
import { openMemory } from '@anydrive/memory'
import {
  memoryJournal,
  migrate,
  sqliteJournal,
  type Events,
  type Journal,
  type MigrateOptions,
  type Sample,
  type SqliteJournal,
} from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBudget } from '../src/budget'
import { createThrottle } from '../src/throttle'
import { at, atOnce, contents, errorOf, failing, memory, run } from './drives'

const files = (count: number, text = (i: number) => `${i}`) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${String(i).padStart(4, '0')}`, text(i)]))

const stoppedOf = async (options: MigrateOptions) => {
  const ended = await run(options)
  if (E.isRight(ended) || ended.left._tag !== 'Stopped') throw new Error('it was not stopped')
  return ended.left
}

/** Each write waits until it is let through. */
const gated = (drive: DriveProvider) => {
  const begun: Array<DrivePath> = []
  let open: () => void = () => undefined
  const through = new Promise<void>((resolve) => (open = resolve))
  const it: DriveProvider = {
    ...drive,
    writeFile: (path, source, options) => async () => {
      begun.push(path)
      await through
      return drive.writeFile(path, source, options)()
    },
  }
  return { drive: it, begun, open }
}

describe('draining', () => {
  test('finishes what is under way, begins nothing new, and says so', async () => {
    const target = openMemory()
    const { drive, begun, open } = gated(target)
    const migration = migrate({ from: { drive: await memory(files(20)) }, to: { drive }, concurrency: 3 })
    const ended = migration.run()
    while (begun.length < 3) await new Promise(setImmediate)
    migration.drain()
    open()
    expect(await ended).toMatchObject({ left: { _tag: 'Stopped', why: 'drained', summary: { files: 3, failures: 0 } } })
    expect(Object.keys(await contents(target)).sort()).toEqual([...begun].sort())
  })

  test('lets a paused run end', async () => {
    const migration = migrate({ from: { drive: await memory(files(3)) }, to: { drive: openMemory() } })
    migration.pause()
    const ended = migration.run()
    migration.drain()
    expect(await ended).toMatchObject({ left: { why: 'drained' } })
  })
})

describe('limits', () => {
  test('so many failures, and nothing more is begun', async () => {
    const to = failing(openMemory(), 'writeFile', (path) =>
      path < 'f0050' ? invalidPath({ reason: 'no' }) : undefined,
    )
    const stopped = await stoppedOf({
      from: { drive: await memory(files(100)) },
      to: { drive: to },
      limits: { maxErrors: 5 },
      concurrency: 1,
    })
    expect(stopped).toMatchObject({ why: 'max-errors', summary: { failures: 5, files: 0 } })
  })

  test('so many bytes, and no file is cut', async () => {
    const target = openMemory()
    const stopped = await stoppedOf({
      from: { drive: await memory(files(10, () => 'x'.repeat(100))) },
      to: { drive: target },
      limits: { maxBytes: 350 },
    })
    expect(stopped).toMatchObject({ why: 'max-bytes', summary: { files: 3, bytes: 300 } })
    expect(Object.values(await contents(target))).toEqual(Array.from({ length: 3 }, () => 'x'.repeat(100)))
  })

  test('what is skipped does not count towards the bytes', async () => {
    const all = files(10, () => 'x'.repeat(100))
    const { f0000, f0001, ...rest } = all
    const ended = await run({
      from: { drive: await memory(all) },
      to: { drive: await memory({ f0000: f0000 ?? '', f0001: f0001 ?? '' }) },
      conflict: 'skip',
      limits: { maxBytes: 800 },
    })
    expect(ended).toMatchObject({ right: { files: Object.keys(rest).length, skipped: 2 } })
  })

  test('so much time, and what is under way is finished', async () => {
    const { drive, begun, open } = gated(openMemory())
    let over: () => void = () => undefined
    const delay = (ms: number) => (ms === 60_000 ? new Promise<void>((resolve) => (over = resolve)) : Promise.resolve())
    const ended = run({
      from: { drive: await memory(files(10)) },
      to: { drive },
      limits: { maxDuration: 60_000 },
      concurrency: 2,
      delay,
    })
    while (begun.length < 2) await new Promise(setImmediate)
    over()
    open()
    expect(await ended).toMatchObject({ left: { why: 'max-duration', summary: { files: 2 } } })
  })
})

describe('what is wrong with the service', () => {
  const ends = async (fault: () => Fault, operation: 'writeFile' | 'readFile' = 'writeFile') => {
    const drives = { from: await memory(files(200)), to: openMemory() }
    return run({
      from: { drive: operation === 'readFile' ? failing(drives.from, operation, fault) : drives.from },
      to: { drive: operation === 'writeFile' ? failing(drives.to, operation, fault) : drives.to },
      concurrency: 1,
    })
  }

  test.each([
    ['credentials that are refused', () => unauthenticated(), 1],
    ['a space that is full', () => quotaExceeded(), 3],
    ['an account that is locked', () => forbidden({ code: 'AccountLocked' }), 20],
    ['a service that is gone', () => unavailable({ effect: 'none' }), 20],
  ])('%s: one diagnosis instead of a failure for every file', async (_, fault, failures) => {
    expect(await ends(fault)).toMatchObject({
      left: { why: 'failure', cause: { _tag: fault()._tag }, summary: { failures } },
    })
  })

  test('files that may not be read, or whose names are refused, are only their own failures', async () => {
    expect(await ends(() => forbidden(), 'readFile')).toMatchObject({ right: { failures: 200 } })
    expect(await ends(() => invalidPath({ reason: 'no' }))).toMatchObject({ right: { failures: 200 } })
  })

  test('the same fatal error with successes between is no reason to stop', async () => {
    let n = 0
    expect(await ends(() => (n++ % 3 === 0 ? forbidden() : (undefined as unknown as Fault)))).toMatchObject({
      right: { files: 133, failures: 67 },
    })
  })
})

describe('bandwidth', () => {
  test('is what the files have together', async () => {
    let clock = 0
    const delay = (ms: number) => {
      clock += ms
      return Promise.resolve()
    }
    const ended = await run({
      from: { drive: await memory(files(10, () => 'x'.repeat(1000))) },
      to: { drive: openMemory() },
      bandwidth: 1000,
      now: () => clock,
      delay,
    })
    expect(ended).toMatchObject({ right: { files: 10 } })
    // The last piece is not waited for.
    expect(clock).toBeGreaterThanOrEqual(9000)
    expect(clock).toBeLessThanOrEqual(10_000)
  })
})

describe('the budget of memory', () => {
  test('lets in, in order, as many as have room, and a larger one alone', async () => {
    const budget = createBudget(100)
    const order: Array<string> = []
    const take = (name: string, bytes: number) =>
      budget.take(bytes).then((giveBack) => {
        order.push(name)
        return giveBack
      })
    const first = await take('first', 60)
    const second = take('second', 1000)
    const third = take('third', 10)
    await atOnce()
    expect(order).toEqual(['first'])
    first()
    const giveBack = await second
    expect(order).toEqual(['first', 'second'])
    giveBack()
    await third
    expect(order).toEqual(['first', 'second', 'third'])
  })
})

describe('a run that goes on', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'anydrive-policy-'))
  })
  afterEach(() => {
    rmSync(dir, { recursive: true })
  })
  const journalOf = (): SqliteJournal => {
    const opened = sqliteJournal(join(dir, 'j.db'))
    if (E.isLeft(opened)) throw new Error(opened.left.message)
    return opened.right
  }

  test('starts with new work within a page, and counts everything once', async () => {
    const from = await memory(files(600), { limits: { page: 12 } })
    const target = openMemory()
    const stop = new AbortController()
    let written = 0
    const to: DriveProvider = {
      ...target,
      writeFile: (path, source, options) => async () => {
        if (++written === 480) stop.abort()
        return target.writeFile(path, source, options)()
      },
    }
    let clock = 0
    const first = journalOf()
    await run({
      from: { drive: from },
      to: { drive: to },
      journal: first,
      signal: stop.signal,
      now: () => (clock += 100),
    })
    first.close()
    let listed = 0
    let pagesBeforeWork: number | undefined
    const second = journalOf()
    const ended = await run({
      from: {
        drive: {
          ...from,
          list: (path, options) => {
            listed += 1
            return from.list(path, options)
          },
        },
      },
      to: {
        drive: {
          ...target,
          writeFile: (path, source, options) => {
            pagesBeforeWork ??= listed
            return target.writeFile(path, source, options)
          },
        },
      },
      journal: second,
    })
    second.close()
    expect(ended).toMatchObject({ right: { files: 600, failures: 0, renames: 0 } })
    expect(pagesBeforeWork).toBeLessThan(12)
    expect(await contents(target)).toEqual(files(600))
  })

  test('tries again what failed for want of the service, and leaves other failures as they are', async () => {
    const from = await memory(files(30))
    const target = openMemory()
    const first = journalOf()
    const refused = at('f0000')
    const stopped = await run({
      from: { drive: from },
      to: {
        drive: failing(target, 'writeFile', (path) =>
          path === refused ? invalidPath({ reason: 'no' }) : quotaExceeded(),
        ),
      },
      journal: first,
      concurrency: 1,
    })
    expect(stopped).toMatchObject({ left: { why: 'failure', summary: { failures: 4 } } })
    first.close()
    const second = journalOf()
    const ended = await run({ from: { drive: from }, to: { drive: target }, journal: second })
    second.close()
    expect(ended).toMatchObject({ right: { files: 29, failures: 1, failed: [{ path: refused }] } })
  })
})

test('what is under way is told with its size, the longest first', async () => {
  const { drive, begun, open } = gated(openMemory())
  const migration = migrate({ from: { drive: await memory({ a: 'aaa', b: 'b' }) }, to: { drive }, concurrency: 2 })
  const told: Array<Events['progress']> = []
  migration.on('progress', (progress) => told.push(progress))
  const ended = migration.run()
  while (begun.length < 2) await new Promise(setImmediate)
  open()
  await ended
  expect(told.some(({ underWay }) => underWay.length === 1)).toBe(true)
  expect(told.at(-1)).toMatchObject({ sent: 4, underWay: [] })
})

describe('names that the destination refuses', () => {
  const strict = { naming: { forbidden: ':?', maxLength: 40 } }
  const tree = { 'a:b/what?.txt': 'q', 'a:b/plain': 'p', 'x：y': 'wide' }

  test('fail their items unless told otherwise', async () => {
    const ended = await run({ from: { drive: await memory(tree) }, to: { drive: openMemory(strict) } })
    expect(ended).toMatchObject({ right: { files: 1, blocked: 2, failures: 1, failed: [{ path: 'a:b' }] } })
  })

  test('are encoded, told of, and decoded on the way back', async () => {
    const there = openMemory(strict)
    const ended = await run({ from: { drive: await memory(tree) }, to: { drive: there }, names: 'encode' })
    expect(ended).toMatchObject({
      right: { files: 3, failures: 0, renames: 0, encodings: 2, encoded: [{ from: 'a:b' }, { from: 'a:b/what?.txt' }] },
    })
    expect(Object.keys(await contents(there))).not.toEqual(expect.arrayContaining(['a:b/']))
    const back = openMemory()
    expect(await run({ from: { drive: there }, to: { drive: back }, names: 'decode' })).toMatchObject({
      right: { files: 3, encodings: 2 },
    })
    expect(await contents(back)).toEqual({ ...tree, 'a:b/': '' })
  })

  test('are not told of where the caller chose the name', async () => {
    const ended = await run({
      from: { drive: await memory({ 'src/f': '1' }), path: at('src') },
      to: { drive: openMemory(strict), path: at('elsewhere') },
      names: 'encode',
    })
    expect(ended).toMatchObject({ right: { files: 1, encodings: 0 } })
  })

  test('are replaced, and two never become one', async () => {
    const there = openMemory(strict)
    const ended = await run({
      from: { drive: await memory({ 'a:b': '1', 'a?b': '2', a_b: '3' }) },
      to: { drive: there },
      names: 'replace',
    })
    expect(ended).toMatchObject({ right: { files: 3, failures: 0, encodings: 2 } })
    expect(Object.values(await contents(there)).sort()).toEqual(['1', '2', '3'])
  })
})

describe('the bandwidth', () => {
  test('is not exceeded by more than a chunk in any stretch of time, by any number of files', async () => {
    const limit = 1_000_000
    let clock = 0
    const sleepers: Array<{ readonly until: number; readonly wake: () => void }> = []
    /** Time passes only when everybody waits. */
    const delay = (ms: number): Promise<void> =>
      new Promise((wake) => {
        sleepers.push({ until: clock + ms, wake })
      })
    const advance = async (): Promise<void> => {
      for (;;) {
        for (let i = 0; i < 20; i++) await new Promise(setImmediate)
        const next = sleepers.sort((a, b) => a.until - b.until).shift()
        if (next === undefined) return
        clock = Math.max(clock, next.until)
        next.wake()
      }
    }
    const throttle = createThrottle(limit, { now: () => clock, delay })
    const passed: Array<{ readonly at: number; readonly bytes: number }> = []
    const stop = new AbortController().signal
    const file = async (chunks: ReadonlyArray<number>): Promise<void> => {
      for (const bytes of chunks) {
        await throttle(bytes, stop)
        passed.push({ at: clock, bytes })
      }
    }
    const all = Promise.all([
      ...Array.from({ length: 8 }, (_, i) =>
        file(Array.from({ length: 30 }, (_, j) => 1000 + ((i * 7919 + j * 104729) % 64_000))),
      ),
    ])
    await advance()
    await all
    for (const [i, from] of passed.entries()) {
      let bytes = 0
      for (const until of passed.slice(i)) {
        bytes += until.bytes
        expect(bytes).toBeLessThanOrEqual((limit * (until.at - from.at)) / 1000 + 65_000 + 1)
      }
    }
  })

  test('is what the samples of a journal show: bytes when they are sent, not when their file is done', async () => {
    const from = await memory({ big: Buffer.alloc(4_000_000, 'x') })
    const samples: Array<Sample> = []
    let clock = 0
    const journal: Journal = {
      ...memoryJournal,
      sample: (sample) => () => {
        samples.push(sample)
        return Promise.resolve(E.right(undefined))
      },
    }
    const target = openMemory()
    const to: DriveProvider = {
      ...target,
      writeFile: (path, _source, options) => () => {
        options?.onProgress?.(3_000_000)
        controls.abort()
        return Promise.resolve(E.left(errorOf('memory', 'writeFile', path, aborted({ effect: 'none' }))))
      },
    }
    const controls = new AbortController()
    const migration = migrate({
      from: { drive: from },
      to: { drive: to },
      journal,
      now: () => (clock += 10),
      signal: controls.signal,
      delay: atOnce,
    })
    const sent: Array<number> = []
    migration.on('progress', (progress) => void sent.push(progress.sent))
    await migration.run()
    // While it is sent, and when the migration ends.
    expect(sent).toEqual([3_000_000, 3_000_000])
    expect(samples.at(-1)).toMatchObject({ files: 0, bytes: 3_000_000 })
  })
})
