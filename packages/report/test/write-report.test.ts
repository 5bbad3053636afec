// The page on the disk: whole or not at all, and in bounded memory.
import { execFileSync } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { reportPlace, writeReport, type ReportInput, type ReportRecord } from '@anydrive/report'
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

test('a page replaces an earlier report, and leaves nothing beside it', async () => {
  await written({ title: 'earlier' })
  expect(await written({})).toMatch(/^<!doctype html>[^]*<\/html>\n$/)
  expect(await readdir(dir)).toEqual(['report.html'])
})

test('an error of the records is passed on, and an earlier report is unchanged', async () => {
  const before = await written({ title: 'earlier' })
  const records = [...few.map((record) => E.right(record)), E.left('damaged' as const)]
  expect(await writeReport<'damaged'>(file(), { ...input, records })()).toEqual(E.left('damaged'))
  expect(await readFile(file(), 'utf8')).toBe(before)
  expect(await readdir(dir)).toEqual(['report.html'])
})

test('a place that cannot be written to is refused', async () => {
  expect(await writeReport(join(dir, 'no', 'report.html'), input)()).toEqual(
    E.left({
      _tag: 'ReportRefused',
      file: join(dir, 'no', 'report.html'),
      code: 'ENOENT',
      message: expect.stringContaining('/no does not exist (ENOENT)') as string,
    }),
  )
  await mkdir(file())
  expect(await writeReport(file(), input)()).toMatchObject({ left: { _tag: 'ReportRefused' } })
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

test('very many entries are written in bounded memory', async () => {
  const count = process.env['ANYDRIVE_SAMPLE'] === undefined ? 1_000_000 : 100_000
  const told = { ...madeUp(10), records: recordsOf(count) }
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
    `${count} entries: ${Date.now() - begun} ms, ${grown.toFixed(0)} MiB more memory, a page of ${size.toFixed(1)} MiB`,
  )
  expect(grown).toBeLessThan(150)
  expect(size).toBeLessThan(30)
}, 600_000)

test.each([
  ['everything with its checksum', {}, 'Everything arrived and is verified'],
  ['a failure', { failures: 2, blocked: 1 }, '3 items did not arrive'],
  ['links', { others: 1 }, 'Everything arrived except 1 item that no drive can hold'],
  ['what existed', { skipped: 5, identical: 4 }, 'Everything that was transferred arrived'],
])('the conclusion for %s is never better than the truth', async (_what, more, headline) => {
  const { totals } = input
  const none = { failures: 0, blocked: 0, others: 0, skipped: 0, identical: 0 }
  const page = await written({ totals: { ...totals, ...none, ...more }, arrivals: { 'checksum:sha256': 10 } })
  expect(page).toContain(`<h2>${headline}</h2>`)
})

test('files whose content nobody compared are told, and a run that was stopped', async () => {
  const totals = { ...input.totals, failures: 0, skipped: 0, identical: 0 }
  expect(await written({ totals, arrivals: { size: 3 } })).toContain('not all of it verified by its content')
  const page = await written({ totals, state: 'stopped', stopped: 'The space is full', arrivals: {} })
  expect(page).toContain('Stopped before the end; nothing has failed so far')
  expect(page).toContain('The space is full. What had arrived is kept.')
})

test.each([
  [{ files: 4373, atLeast: true }, 'Stopped before the end: at least 4,381 items did not arrive', '≥ 4,381'],
  [{ files: 4373, atLeast: false }, 'Stopped before the end: 4,381 items did not arrive', '4,381'],
  [undefined, 'Stopped before the end: at least 8 items did not arrive', '≥ 8'],
])('a stopped migration counts what was not tried: %j', async (remaining, headline, figure) => {
  const totals = { ...input.totals, failures: 7, blocked: 0, others: 1, skipped: 0, identical: 0 }
  const page = await written({ totals, state: 'stopped', remaining })
  expect(page).toContain(`<h2>${headline}</h2>`)
  expect(page).toContain(`<dt>Did not arrive</dt><dd>${figure}`)
})

describe('what exists in its place', () => {
  const refusal = async (path: string): Promise<string> => {
    const [early, late] = [await reportPlace(path)(), await writeReport(path, input)()]
    expect(early).toEqual(late)
    expect(early).toMatchObject({ left: { _tag: 'ReportRefused' } })
    return E.isLeft(early) ? early.left.message : ''
  }

  test.each([
    ['a text', 'precious'],
    ['nothing', ''],
    ['another page', '<!doctype html>\n<html><head><title>mine</title></head></html>'],
  ])('%s is not replaced', async (_what, content) => {
    await writeFile(file(), content)
    expect(await refusal(file())).toContain('already exists and is not a report')
    expect(await readFile(file(), 'utf8')).toBe(content)
    expect(await readdir(dir)).toEqual(['report.html'])
  })

  test('a link is followed, also to a file that does not exist yet', async () => {
    await mkdir(join(dir, 'real'))
    await symlink(join('real', 'page.html'), file())
    for (const _ of ['created', 'replaced']) {
      expect(await reportPlace(file())()).toEqual(E.right(join(dir, 'real', 'page.html')))
      await written({})
    }
    expect((await lstat(file())).isSymbolicLink()).toBe(true)
    expect(await readdir(join(dir, 'real'))).toEqual(['page.html'])
    expect((await readdir(dir)).sort()).toEqual(['real', 'report.html'])
  })

  test('a FIFO, a directory, and what a link to one leads to are refused at once', async () => {
    execFileSync('mkfifo', [join(dir, 'fifo')])
    await symlink('fifo', join(dir, 'to-fifo'))
    await symlink(dir, join(dir, 'to-dir'))
    await symlink('circle', join(dir, 'circle'))
    for (const name of ['fifo', 'to-fifo', 'to-dir'])
      expect(await refusal(join(dir, name))).toContain('not a regular file')
    expect(await refusal(join(dir, 'circle'))).toContain('circle')
    expect((await lstat(join(dir, 'fifo'))).isFIFO()).toBe(true)
    expect((await readdir(dir)).sort()).toEqual(['circle', 'fifo', 'to-dir', 'to-fifo'])
  })

  test('a device is refused before anything is written beside it', async () => {
    await symlink('/dev/null', file())
    expect(E.isLeft(await reportPlace(file())())).toBe(true)
  })
})

test.each([
  [{ files: 4381, atLeast: false }, 0, 'Stopped before the end: 4,381 items did not arrive'],
  [{ files: 4381, atLeast: true }, 8, 'Stopped before the end: at least 4,389 items did not arrive'],
  [{ files: 0, atLeast: false }, 0, 'Stopped before the end; nothing has failed so far'],
])('of a run that was stopped, what it did not come to is counted: %j', async (remaining, failures, headline) => {
  const totals = { ...input.totals, failures, blocked: 0, skipped: 0, identical: 0 }
  const page = await written({ totals, state: 'stopped', stopped: 'The time is over', remaining, arrivals: {} })
  expect(page).toContain(`<h2>${headline}</h2>`)
  expect(page.includes('had been found and were not tried')).toBe(remaining.files > 0)
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
