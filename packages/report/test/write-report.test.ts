// The page on the disk: whole or not at all, and in bounded memory.
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { writeReport, type ReportInput, type ReportRecord } from '@anydrive/report'
import { madeUp, recordsOf } from './made-up'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'anydrive-report-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const few: ReadonlyArray<ReportRecord> = [{ path: 'a', kind: 'file', status: 'carried', bytes: 1 }]
const input: ReportInput<never> = { ...madeUp(10), records: few.map((record) => E.right(record)) }
const file = (): string => join(dir, 'report.html')
const written = async (told: Partial<ReportInput<never>>): Promise<string> => {
  expect(await writeReport(file(), { ...input, ...told })()).toEqual(E.right(undefined))
  return readFile(file(), 'utf8')
}

test('a page replaces the one that stood there, and leaves nothing beside it', async () => {
  await writeFile(file(), 'before')
  expect(await written({})).toMatch(/^<!doctype html>[^]*<\/html>\n$/)
  expect(await readdir(dir)).toEqual(['report.html'])
})

test('records that end with an error are handed on, and what stood there still stands', async () => {
  await writeFile(file(), 'before')
  const records = [...few.map((record) => E.right(record)), E.left('damaged' as const)]
  expect(await writeReport<'damaged'>(file(), { ...input, records })()).toEqual(E.left('damaged'))
  expect(await readFile(file(), 'utf8')).toBe('before')
  expect(await readdir(dir)).toEqual(['report.html'])
})

test('a place that cannot be written to is told', async () => {
  expect(await writeReport(join(dir, 'no', 'report.html'), input)()).toEqual(
    E.left({
      _tag: 'ReportRefused',
      file: join(dir, 'no', 'report.html'),
      code: 'ENOENT',
      message: expect.stringContaining('cannot be written to (ENOENT)') as string,
    }),
  )
  await mkdir(file())
  expect(await writeReport(file(), input)()).toMatchObject({ left: { _tag: 'ReportRefused', code: 'EISDIR' } })
  expect(await readdir(dir)).toEqual(['report.html'])
})

test.each([
  ['ENOSPC', 'ReportFull'],
  ['EIO', 'ReportFailed'],
])('%s while it is written is %s, and nothing is left behind', async (code, _tag) => {
  function* broken(): Generator<E.Either<never, ReportRecord>, void> {
    yield* recordsOf(5000)
    throw Object.assign(new Error('no'), { code })
  }
  expect(await writeReport(file(), { ...input, records: broken() })()).toMatchObject({ left: { _tag, code } })
  expect(await readdir(dir)).toEqual([])
})

test('a million entries are written in bounded memory', async () => {
  const told = { ...madeUp(10), records: recordsOf(1_000_000) }
  let most = 0
  const before = process.memoryUsage().rss
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 50)
  const begun = Date.now()
  expect(await writeReport(file(), told)()).toEqual(E.right(undefined))
  clearInterval(timer)
  const grown = (most - before) / 2 ** 20
  const size = (await readFile(file())).length / 2 ** 20
  console.info(
    `a million entries: ${Date.now() - begun} ms, ${grown.toFixed(0)} MiB more memory, a page of ${size.toFixed(1)} MiB`,
  )
  expect(grown).toBeLessThan(150)
  expect(size).toBeLessThan(30)
}, 60_000)

test.each([
  ['everything with its checksum', {}, 'Everything arrived, and is proven'],
  ['a failure', { failures: 2, blocked: 1 }, '3 items did not arrive'],
  ['links', { others: 1 }, 'Everything arrived but 1 item that no drive carries'],
  ['what stood there', { skipped: 5, identical: 4 }, 'Everything that was carried arrived'],
])('the verdict of %s is never better than the truth', async (_what, more, headline) => {
  const { totals } = input
  const none = { failures: 0, blocked: 0, others: 0, skipped: 0, identical: 0 }
  const page = await written({ totals: { ...totals, ...none, ...more }, arrivals: { 'checksum:sha256': 10 } })
  expect(page).toContain(`<h2>${headline}</h2>`)
})

test('files whose content nobody compared are told, and a run that was stopped', async () => {
  const totals = { ...input.totals, failures: 0, skipped: 0, identical: 0 }
  expect(await written({ totals, arrivals: { size: 3 } })).toContain('not all of it proven by its content')
  const page = await written({ totals, state: 'stopped', stopped: 'The space is full', arrivals: {} })
  expect(page).toContain('Stopped before the end; nothing has failed so far')
  expect(page).toContain('The space is full. What had arrived by then stands.')
})

test.each([
  [{ files: 4381, atLeast: false }, 0, '4,381 items did not arrive'],
  [{ files: 4381, atLeast: true }, 8, 'At least 4,389 items did not arrive'],
  [{ files: 0, atLeast: false }, 0, 'Stopped before the end; nothing has failed so far'],
])('of a run that was stopped, what it did not come to is counted: %j', async (remaining, failures, headline) => {
  const totals = { ...input.totals, failures, blocked: 0, skipped: 0, identical: 0 }
  const page = await written({ totals, state: 'stopped', stopped: 'The time is over', remaining, arrivals: {} })
  expect(page).toContain(`<h2>${headline}</h2>`)
  expect(page.includes('had not been transferred by then')).toBe(remaining.files > 0)
})

test('a title that says from where to where is not said again', async () => {
  expect(await written({})).toContain('class="route"')
  expect(await written({ title: 'smh:company → koo:archive' })).not.toContain('class="route"')
})

test('failures are put together by reason, the most frequent first, with what to do', async () => {
  const failed = (path: string, reason: string): E.Either<never, ReportRecord> =>
    E.right({ path, kind: 'file', status: 'failed', reason, why: `of ${path}`, remedy: `mend ${reason}` })
  const page = await written({ records: [failed('1', 'Timeout'), failed('2', 'own words'), failed('3', 'own words')] })
  expect(page).toMatch(/own words<\/bdi><\/strong> <span class="badge">2<[^]*mend own words[^]*No answer in time</)
})
