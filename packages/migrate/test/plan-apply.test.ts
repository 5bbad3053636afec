// Plans carried out: exactly what they say, and nothing whose reasons no longer hold.
import { nameOf, showPath, toPromises, under, type DriveProvider } from '@anydrive/core'
import { network, unavailable } from '@anydrive/core/adapter'
import { openLocal } from '@anydrive/local'
import { createStore, openMemory, plantOther } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  checkPlan,
  migrate,
  planMigration,
  readPlan,
  sqliteJournal,
  writePlan,
  type Events,
  type MigrateOptions,
  type PlanLine,
} from '@anydrive/migrate'
import { problemOf } from '../src/plan/preconditions'
import { at, atOnce, contents, failing, memory } from './drives'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anydrive-apply-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const file = (): string => join(dir, 'plan')

const plan = async (options: MigrateOptions): Promise<void> => {
  rmSync(file(), { force: true })
  const made = planMigration(options)
  const written = await writePlan(file(), made.header, async (add) => {
    for await (const line of made.lines) {
      if (E.isLeft(line)) throw new Error(line.left.message)
      await add(line.right)
    }
    return true
  })
  expect(written).toEqual(E.right(true))
}

type Edited = Record<string, unknown> & { from: string; to: string; do: string }
/** Each line as a person would change it; undefined deletes it. */
const edit = (change: (line: Edited) => Edited | undefined): void => {
  const [header = '', ...lines] = readFileSync(file(), 'utf8').trimEnd().split('\n')
  const changed = lines.map((line) => change(JSON.parse(line) as Edited)).filter((line) => line !== undefined)
  writeFileSync(file(), [header, ...changed.map((line) => JSON.stringify(line))].join('\n'))
}

const apply = async (
  options: MigrateOptions,
  watch: (event: Events['settled']) => void = () => undefined,
  signal?: AbortSignal,
) => {
  const read = await readPlan(file())
  if (E.isLeft(read)) throw new Error(read.left.message)
  const checked = await checkPlan(read.right)
  if (E.isLeft(checked)) throw new Error(checked.left.errors[0]?.message)
  const migration = migrate({ delay: atOnce, concurrency: 4, ...options, plan: checked.right, signal })
  const failed: Array<string> = []
  const refused: Record<string, number> = {}
  const state: { lines: number; progress?: Events['progress'] } = { lines: 0 }
  migration.on('failed', ({ error }) => {
    failed.push(error.message)
    const problem = problemOf(error)
    if (problem !== undefined) refused[problem] = (refused[problem] ?? 0) + 1
  })
  migration.on('settled', (event) => {
    state.lines += 1
    watch(event)
  })
  migration.on('progress', (progress) => void (state.progress = progress))
  const ended = await migration.run()
  if (E.isLeft(ended) && ended.left._tag !== 'Stopped') throw new Error(ended.left.message)
  const stopped = E.isLeft(ended) && ended.left._tag === 'Stopped' ? ended.left : undefined
  const summary = E.isRight(ended) ? ended.right : stopped?.summary
  if (summary === undefined) throw new Error('no summary')
  return { summary, failed, refused, cause: stopped?.cause?.message, ...state }
}
const counting = (drive: DriveProvider) => {
  const writes: Array<string> = []
  const it: DriveProvider = {
    ...drive,
    writeFile: (path, source, options) => () => {
      writes.push(path)
      return drive.writeFile(path, source, options)()
    },
  }
  return { drive: it, writes }
}

test('a plan is carried out as it was made', async () => {
  const files = { 'a/b/c': '1', 'a/d': '2', e: '', 'empty/': '' }
  const options = { from: { drive: await memory(files) }, to: { drive: openMemory(), path: at('out') } }
  await plan(options)
  const { summary, lines, refused, progress } = await apply(options)
  expect(await contents(options.to.drive, 'out')).toEqual({
    'out/a/': '',
    'out/a/b/': '',
    'out/a/b/c': '1',
    'out/a/d': '2',
    'out/e': '',
    'out/empty/': '',
  })
  expect({ lines, refused }).toEqual({ lines: 7, refused: {} })
  expect(summary).toMatchObject({ files: 3, bytes: 2, directories: 4, failures: 0, arrivals: { 'checksum:sha256': 3 } })
  expect(progress).toMatchObject({ settled: 3, found: { files: 3, bytes: 2 }, walked: true })
})

describe('what a person changes', () => {
  const sides = async () => ({
    from: { drive: await memory({ 'a/x': '1', 'a/y': '2', 'b/z': '3', c: '4' }) },
    to: { drive: await memory({ 'a/y': 'old', c: 'old' }) },
  })
  test('a line removed, what is done changed, another name', async () => {
    const options = await sides()
    await plan({ ...options, conflict: 'skip' })
    edit((line) => {
      if (line.from === '/a/x') return undefined
      if (line.from === '/a/y') return { ...line, do: 'overwrite' }
      if (line.from === '/c') return { ...line, do: 'copy', to: '/new/place/c' }
      return line
    })
    const { summary } = await apply(options)
    expect(summary).toMatchObject({ files: 3, failures: 0, skipped: 0 })
    expect(await contents(options.to.drive)).toEqual({
      'a/': '',
      'a/y': '2',
      'b/': '',
      'b/z': '3',
      c: 'old',
      'new/': '',
      'new/place/': '',
      'new/place/c': '4',
    })
  })
  test('a directory that is skipped is skipped with all in it', async () => {
    const options = await sides()
    await plan({ ...options, conflict: 'skip' })
    edit((line) => (line.from === '/b' ? { ...line, do: 'skip' } : line))
    const { summary } = await apply(options)
    expect(summary).toMatchObject({ files: 1, skipped: 4 })
    expect(Object.keys(await contents(options.to.drive))).not.toContain('b/')
  })
  test('a directory whose line is removed is made for what is in it', async () => {
    const options = await sides()
    await plan({ ...options, conflict: 'skip' })
    edit((line) => (line.from === '/b' ? undefined : line))
    await apply(options)
    expect(await contents(options.to.drive)).toMatchObject({ 'b/': '', 'b/z': '3' })
  })
  test('a precondition that is removed is not asked for', async () => {
    const options = await sides()
    await plan({ ...options, conflict: 'overwrite' })
    await toPromises(options.from.drive).writeFile('c', '5', { conflict: 'overwrite' })
    edit(({ version: _, modifiedAt: __, checksums: ___, ...line }) => ({ ...line }))
    const { summary } = await apply(options)
    expect(summary).toMatchObject({ failures: 0 })
    expect(await contents(options.to.drive)).toMatchObject({ c: '5' })
  })
})

test('what the plan refuses is not carried, and told with its reason', async () => {
  const store = createStore()
  const from = openMemory({ store })
  plantOther(store, at('link'), 'symlink')
  await toPromises(from).writeFile('a:b/c', '')
  await toPromises(from).writeFile('ok', '')
  const options = { from: { drive: from }, to: { drive: openMemory({ naming: { forbidden: ':' } }) } }
  await plan(options)
  const { summary } = await apply(options)
  expect(summary).toMatchObject({ files: 1, failures: 3, others: 3 })
  expect(summary.notCarried.map(({ path, what }) => `${path} ${what}`).sort()).toEqual([
    '/a:b name-characters: a name may not hold ":"',
    '/a:b/c inside: /a:b',
    '/link not-a-file: symlink',
  ])
})

test('free names are those that the plan gave', async () => {
  const from = await memory({ 'a.txt': 'new', 'd/x': '1' })
  const options = { from: { drive: from }, to: { drive: await memory({ 'a.txt': 'old', d: 'file' }) } }
  await plan({ ...options, conflict: 'rename' })
  await apply(options)
  expect(await contents(options.to.drive)).toEqual({
    'a (1).txt': 'new',
    'a.txt': 'old',
    d: 'file',
    'd (1)/': '',
    'd (1)/x': '1',
  })
})

describe('preconditions that no longer hold', () => {
  const changed = async (change: (from: DriveProvider, to: DriveProvider) => Promise<unknown>) => {
    const from = await memory({ 'd/gone': '1', 'd/changed': '2', fine: '3', over: '4', also: '5' })
    const to = await memory({ over: 'old' })
    const options = { from: { drive: from }, to: { drive: to } }
    await plan({ ...options, conflict: 'overwrite' })
    await change(from, to)
    const result = await apply(options)
    return { ...result, now: await contents(to) }
  }
  test('a source that is gone or has changed', async () => {
    const { refused, failed, summary, now } = await changed(async (from) => {
      await toPromises(from).remove('d/gone')
      await toPromises(from).writeFile('d/changed', '9', { conflict: 'overwrite' })
    })
    expect(refused).toEqual({ SourceGone: 1, SourceChanged: 1 })
    expect(failed.sort()).toEqual([
      '/d/changed has changed (its sha256 is another) since the plan was made',
      '/d/gone is gone since the plan was made',
    ])
    expect(summary).toMatchObject({ files: 3, failures: 2 })
    expect(now).toEqual({ 'd/': '', fine: '3', over: '4', also: '5' })
  })
  test('a target that appeared, has changed or is gone', async () => {
    const appeared = await changed((_, to) => toPromises(to).writeFile('fine', 'theirs'))
    expect(appeared).toMatchObject({ refused: { TargetAppeared: 1 }, now: { fine: 'theirs', also: '5', over: '4' } })
    expect(appeared.failed).toEqual(['/fine appeared (a file) since the plan was made'])
    const other = await changed((_, to) => toPromises(to).writeFile('over', 'theirs', { conflict: 'overwrite' }))
    expect(other).toMatchObject({ refused: { TargetChanged: 1 }, now: { over: 'theirs', fine: '3' } })
    expect(other.failed).toEqual(['/over has changed (its size was 3, and is 6) since the plan was made'])
    const gone = await changed((_, to) => toPromises(to).remove('over'))
    expect(gone).toMatchObject({ refused: { TargetGone: 1 }, summary: { files: 4 } })
    expect(gone.now).not.toHaveProperty('over')
  })
  test('a file where a directory is to be: all in it is blocked', async () => {
    const { refused, summary, now } = await changed((_, to) => toPromises(to).writeFile('d', 'file'))
    expect(refused).toEqual({ TargetAppeared: 1 })
    expect(summary).toMatchObject({ failures: 1, blocked: 2, files: 3 })
    expect(now).toMatchObject({ d: 'file', fine: '3' })
  })
  test('a directory that somebody made meanwhile is merged into', async () => {
    const { refused, summary } = await changed((_, to) => toPromises(to).writeFile('d/theirs', ''))
    expect(refused).toEqual({})
    expect(summary).toMatchObject({ files: 5, merged: 1, failures: 0 })
  })
  test('the kind of the source is one of them', async () => {
    const { refused } = await changed(async (from) => {
      await toPromises(from).remove('fine')
      await toPromises(from).createDir('fine')
    })
    expect(refused).toEqual({ SourceChanged: 1 })
  })
  test('a source that changes while it is read is not carried as something else', async () => {
    const from = await memory({ a: '1', b: '2' })
    const options = { from: { drive: from }, to: { drive: openMemory() } }
    await plan(options)
    const late: DriveProvider = {
      ...from,
      readFile: (path, how) => async () => {
        if (path === 'a') await toPromises(from).writeFile('a', '9', { conflict: 'overwrite' })
        return from.readFile(path, how)()
      },
    }
    const { summary } = await apply({ ...options, from: { drive: late } })
    expect(summary).toMatchObject({ files: 1, failures: 1, failed: [{ error: { _tag: 'PreconditionFailed' } }] })
    expect(await contents(options.to.drive)).toEqual({ b: '2' })
  })
  test('a target that changes after the look is not replaced', async () => {
    const to = await memory({ a: 'old' })
    const options = { from: { drive: await memory({ a: 'new' }) }, to: { drive: to } }
    await plan({ ...options, conflict: 'overwrite' })
    const late: DriveProvider = {
      ...to,
      writeFile: (path, source, how) => async () => {
        await toPromises(to).writeFile('a', 'theirs', { conflict: 'overwrite' })
        return to.writeFile(path, source, how)()
      },
    }
    const { summary } = await apply({ ...options, to: { drive: late } })
    expect(summary).toMatchObject({ files: 0, failures: 1, failed: [{ error: { _tag: 'PreconditionFailed' } }] })
    expect(await contents(to)).toEqual({ a: 'theirs' })
  })
  test('touched, but the same by its checksum, is the same', async () => {
    const from = await memory({ a: '1' })
    const options = { from: { drive: from }, to: { drive: openMemory() } }
    await plan(options)
    await toPromises(from).writeFile('a', '1', { conflict: 'overwrite' })
    expect((await apply(options)).summary).toMatchObject({ files: 1, failures: 0 })
  })
  test('without versions and checksums the time counts', async () => {
    const bare = (modifiedAt: string): PlanLine => ({
      do: 'copy',
      kind: 'file',
      from: at('a'),
      to: at('a'),
      size: 1,
      modifiedAt: new Date(modifiedAt),
      existing: null,
      why: [],
    })
    const from = openMemory()
    await toPromises(from).writeFile('a', '1', { modifiedAt: new Date('2026-01-01T00:00:00Z') })
    const header = planMigration({ from: { drive: from }, to: { drive: openMemory() } }).header
    for (const [time, files] of [
      ['2026-01-01T00:00:00Z', 1],
      ['2026-01-02T00:00:00Z', 0],
    ] as const) {
      rmSync(file(), { force: true })
      await writePlan(file(), header, async (add) => {
        await add(bare(time))
        return true
      })
      expect((await apply({ from: { drive: from }, to: { drive: openMemory() } })).summary.files).toBe(files)
    }
  })
})

describe('a second time', () => {
  const files = { 'a/x': '1', 'a/y': '2', z: '3', over: 'new', both: 'mine' }
  const sides = async () => {
    const { drive, writes } = counting(await memory({ over: 'old', both: 'theirs' }))
    return { options: { from: { drive: await memory(files) }, to: { drive } }, writes }
  }
  test('nothing is done twice, by checksum', async () => {
    const { options, writes } = await sides()
    await plan({ ...options, conflict: ({ to }) => (to === 'both' ? { renameTo: 'both (1)' } : 'overwrite') })
    await apply(options)
    const once = await contents(options.to.drive)
    expect(writes).toHaveLength(5)
    const again = await apply(options)
    expect(again.summary).toMatchObject({ files: 0, skipped: 5, identical: 5, failures: 0, merged: 1 })
    expect(await contents(options.to.drive)).toEqual(once)
  })
  test('nothing is done twice, by the journal, which is of this plan alone', async () => {
    const { options, writes } = await sides()
    await plan({ ...options, conflict: 'rename' })
    const kept = join(dir, 'journal')
    const withJournal = async () => {
      const journal = sqliteJournal(kept)
      if (E.isLeft(journal)) throw new Error(journal.left.message)
      return apply({ ...options, journal: journal.right }).finally(journal.right.close)
    }
    const first = await withJournal()
    const again = await withJournal()
    expect(writes).toHaveLength(5)
    expect(again.summary).toMatchObject({ files: 5, bytes: first.summary.bytes, failures: 0 })
    edit((line) => (line.from === '/z' ? undefined : line))
    await expect(withJournal()).rejects.toThrow('belongs to another migration')
  })
  test('a run that lost its answers is taken up where it was', async () => {
    const { options } = await sides()
    await plan({ ...options, conflict: 'overwrite' })
    const journal = sqliteJournal(join(dir, 'journal'))
    if (E.isLeft(journal)) throw new Error(journal.left.message)
    // The file arrives, and the answer does not.
    const lossy: DriveProvider = {
      ...options.to.drive,
      writeFile: (path, source, how) => async () => {
        const written = await options.to.drive.writeFile(path, source, how)()
        return path !== 'over'
          ? written
          : E.left({
              _tag: 'Network',
              effect: 'unknown',
              vendor: 'memory',
              operation: 'writeFile',
              path,
              message: 'lost',
            } as const)
      },
    }
    await apply({ ...options, to: { drive: lossy }, journal: journal.right })
    journal.right.close()
    const again = sqliteJournal(join(dir, 'journal'), { retryFailed: true })
    if (E.isLeft(again)) throw new Error(again.left.message)
    const { summary } = await apply({ ...options, journal: again.right }).finally(again.right.close)
    expect(summary.failures).toBe(0)
    expect(await contents(options.to.drive)).toMatchObject({ over: 'new', z: '3', 'a/x': '1' })
  })
})

test('a run that goes on begins with what is left, and counts everything in the end', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [`d${Math.floor(i / 20) + 10}/f${i + 1000}`, 'x']),
  )
  const { drive, writes } = counting(openMemory())
  let clock = 0
  const options = { from: { drive: await memory(files) }, to: { drive }, concurrency: 2, now: () => (clock += 1000) }
  await plan(options)
  const go = async (watch: Parameters<typeof apply>[1], signal?: AbortSignal) => {
    const journal = sqliteJournal(join(dir, 'journal'))
    if (E.isLeft(journal)) throw new Error(journal.left.message)
    return apply({ ...options, journal: journal.right }, watch, signal).finally(journal.right.close)
  }
  const stop = new AbortController()
  await go(() => {
    if (writes.length === 150) stop.abort()
  }, stop.signal)
  const before = new Set(writes)
  expect(before.size).toBeLessThan(160)
  const order: Array<string> = []
  const { summary, lines, progress } = await go(({ source }) => void order.push(source.path))
  expect(summary).toMatchObject({ files: 200, bytes: 200, directories: 10, failures: 0 })
  expect(progress).toMatchObject({ found: { files: 200, bytes: 200 }, settled: 200, walked: true })
  expect(lines).toBe(210)
  expect(new Set(order).size).toBe(210)
  // What was done is not looked at before what is left.
  expect(order.findIndex((path) => before.has(path))).toBeGreaterThan(30)
  expect(Object.keys(await contents(drive)).filter((path) => !path.endsWith('/'))).toHaveLength(200)
})

test('a move removes what was carried, and nothing else', async () => {
  const from = await memory({ a: '1', b: '2', 'd/c': '3' })
  const options = { from: { drive: from }, to: { drive: await memory({ b: 'theirs' }) }, removeSource: true }
  await plan(options)
  const { summary } = await apply(options)
  expect(summary).toMatchObject({ files: 2, removed: 2 })
  expect(await contents(from)).toEqual({ b: '2' })
})

describe('what ends it', () => {
  test('a limit of bytes or of failures, and nothing more is begun', async () => {
    const files = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${String(i).padStart(2, '0')}`, 'xxxx']))
    const from = { drive: await memory(files) }
    await plan({ from, to: { drive: openMemory() } })
    const some = await apply({ from, to: { drive: openMemory() }, limits: { maxBytes: 40 }, concurrency: 1 })
    expect(some.summary).toMatchObject({ files: 10, failures: 0 })
    const to = failing(openMemory(), 'writeFile', () => network({ effect: 'none' }))
    const few = await apply({ from, to: { drive: to }, limits: { maxErrors: 3 }, concurrency: 1 })
    expect(few.summary.failures).toBe(3)
  })
  test('a service that is gone is one diagnosis', async () => {
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, 'x']))
    const options = { from: { drive: await memory(files) }, to: { drive: openMemory() } }
    await plan(options)
    const gone = failing(openMemory(), 'writeFile', () => unavailable({ effect: 'none' }))
    const { cause, summary } = await apply({ ...options, to: { drive: gone } })
    expect(cause).toContain('not available')
    expect(summary.failures).toBeLessThan(30)
  })
  test('a plan that changes while it is carried out', async () => {
    const options = { from: { drive: await memory({ a: '1', b: '2' }) }, to: { drive: openMemory() } }
    await plan(options)
    const read = await readPlan(file())
    if (E.isLeft(read)) throw new Error(read.left.message)
    const checked = await checkPlan(read.right)
    if (E.isLeft(checked)) throw new Error('it is right')
    edit((line) => (line.from === '/b' ? { ...line, do: 'nonsense' } : line))
    const ended = await migrate({ ...options, plan: checked.right, concurrency: 1 }).run()
    expect(ended).toMatchObject({ left: { cause: { message: expect.stringContaining('line 3') as string } } })
  })
})

test('from this machine and back', async () => {
  await mkdir(join(dir, 'in/空 文件'), { recursive: true })
  await mkdir(join(dir, 'out'))
  await writeFile(join(dir, 'in/空 文件/a'), 'x'.repeat(100_000))
  await writeFile(join(dir, 'in/b'), '')
  const options = {
    from: { drive: openLocal({ root: join(dir, 'in') }) },
    to: { drive: openLocal({ root: join(dir, 'out') }) },
  }
  await plan(options)
  await writeFile(join(dir, 'in/b'), 'changed')
  const { summary, refused } = await apply(options)
  expect(summary).toMatchObject({ files: 1, directories: 1, failures: 1 })
  expect(refused).toEqual({ SourceChanged: 1 })
  expect(readFileSync(join(dir, 'out/空 文件/a'), 'utf8')).toHaveLength(100_000)
})

test('each entry is settled once, a directory before what is in it', async () => {
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`d${i % 7}/e${i % 3}/f${i}`, `${i}`]))
  const options = { from: { drive: await memory(files) }, to: { drive: openMemory() }, concurrency: 16 }
  await plan(options)
  const seen: Array<string> = []
  await apply(options, ({ source }) => void seen.push(showPath(source.path)))
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toHaveLength(300 + 7 + 21)
  const at = new Map(seen.map((path, i) => [path, i]))
  for (const [path, i] of at) {
    const above = at.get(path.slice(0, path.lastIndexOf('/')))
    if (above !== undefined) expect(above).toBeLessThan(i)
  }
})

test('a plan of very many lines is read and carried out in bounded memory', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const count = process.env['ANYDRIVE_SAMPLE'] === undefined ? 100_000 : 20_000
  const base = openMemory()
  const from: DriveProvider = {
    ...base,
    stat: (path) => () =>
      Promise.resolve(
        E.right(
          path.endsWith('d')
            ? { kind: 'directory', path, name: path }
            : { kind: 'file', path, name: nameOf(path), size: 1, checksums: {}, version: '1' },
        ),
      ),
  }
  const to: DriveProvider = {
    ...base,
    createDir: (path) => () => Promise.resolve(E.right({ kind: 'directory', path, name: path, how: 'as-asked' })),
    writeFile: (path) => () =>
      Promise.resolve(
        E.right({ kind: 'file', path, name: nameOf(path), size: 1, checksums: {}, how: 'as-asked', evidence: 'size' }),
      ),
  }
  const { header } = planMigration({ from: { drive: from }, to: { drive: to } })
  await writePlan(file(), header, async (add) => {
    for (let i = 0; i < count; i++) {
      const [dir, line] = [at(`${Math.floor(i / 100)}d`), { existing: null, why: [] }]
      if (i % 100 === 0) await add({ ...line, do: 'mkdir', kind: 'directory', from: dir, to: dir })
      else {
        const path = under(dir, at(`f${i}`))
        await add({ ...line, do: 'copy', kind: 'file', from: path, to: path, size: 1, version: '1' })
      }
    }
    return true
  })
  let settled = 0
  const heap: Array<number> = []
  const { summary } = await apply({ from: { drive: from }, to: { drive: to }, verify: 'size' }, () => {
    if (++settled % (count / 5) !== 0) return
    collect()
    heap.push(process.memoryUsage().heapUsed / 2 ** 20)
  })
  expect(summary).toMatchObject({ files: count * 0.99, directories: count / 100, failures: 0 })
  const [first = 0] = heap
  expect(Math.max(...heap) - first).toBeLessThan(10)
}, 600_000)
