// Files of the migration itself are no data, and what a listing leaves out is never fine.
import { toPromises, type DriveProvider, type Entry, type Page } from '@anydrive/core'
import { openLocal } from '@anydrive/local'
import { openMemory } from '@anydrive/memory'
import {
  compareTrees,
  journalStatus,
  planMigration,
  sqliteJournal,
  type CompareOptions,
  type End,
} from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contents, memory, summaryOf } from './drives'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anydrive-own-'))
  for (const name of ['s', 's/sub', 't']) mkdirSync(join(dir, name))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const journalAt = (path: string) => {
  const journal = sqliteJournal(join(dir, path))
  if (E.isLeft(journal)) throw new Error(journal.left.message)
  return journal.right
}
const compared = async (a: End, b: End, options: CompareOptions = {}): Promise<ReadonlyArray<string>> => {
  const all: Array<string> = []
  for await (const one of compareTrees(a, b, options))
    all.push(E.isLeft(one) ? `${one.left._tag}: ${one.left.message}` : `${one.right.status} ${one.right.path}`)
  return all
}

test('journal, companions and report below the source are not transferred, and never removed', async () => {
  writeFileSync(join(dir, 's/sub/f'), '1')
  writeFileSync(join(dir, 's/report.html'), 'of an earlier run')
  const journal = journalAt('s/sub/j')
  const to = openMemory()
  const ownFiles = [join(dir, 's/report.html')]
  const from = { drive: openLocal({ root: join(dir, 's') }) }
  const summary = await summaryOf({ from, to: { drive: to }, journal, ownFiles, removeSource: true })
  expect(summary).toMatchObject({ files: 1, removed: 1, failures: 0 })
  expect(await contents(to)).toEqual({ 'sub/': '', 'sub/f': '1' })
  expect(readdirSync(join(dir, 's/sub'))).toEqual(expect.arrayContaining(['j', 'j-lock', 'j-seal', 'j-wal']))
  journal.close()
  expect(existsSync(join(dir, 's/report.html'))).toBe(true)
  expect(journalStatus(join(dir, 's/sub/j'))).toMatchObject({ right: { state: 'complete', carried: 1 } })
})

test('the root of the drive may be reached by a link', async () => {
  symlinkSync(join(dir, 's'), join(dir, 'way'))
  writeFileSync(join(dir, 's/f'), '1')
  const journal = journalAt('s/j')
  const to = openMemory()
  await summaryOf({ from: { drive: openLocal({ root: join(dir, 'way') }) }, to: { drive: to }, journal })
  journal.close()
  expect(await contents(to)).toEqual({ f: '1', 'sub/': '' })
})

test.each(['ask', 'overwrite', 'rename', 'skip'] as const)(
  'below the target they are not replaced under %s',
  async (conflict) => {
    const journal = journalAt('t/j')
    const from = await memory({ j: 'a file of this name', 'report.html': 'and this', g: '2' })
    const ownFiles = [join(dir, 't/report.html')]
    const to = { drive: openLocal({ root: join(dir, 't') }) }
    const summary = await summaryOf({ from: { drive: from }, to, journal, ownFiles, conflict })
    journal.close()
    expect(summary).toMatchObject({ files: 1, failures: 2 })
    expect(summary.failed.map(({ path, error }) => `${path} ${error._tag}`).sort()).toEqual([
      'j NameConflict',
      'report.html NameConflict',
    ])
    expect(journalStatus(join(dir, 't/j'))).toMatchObject({ right: { carried: 1, failures: 2 } })
    expect(existsSync(join(dir, 't/report.html'))).toBe(false)
  },
)

test('comparisons and plans leave out what they are told is theirs', async () => {
  const [s, t] = [openLocal({ root: join(dir, 's') }), openLocal({ root: join(dir, 't') })]
  const journal = journalAt('t/j')
  journal.close()
  mkdirSync(join(dir, 't/sub'))
  writeFileSync(join(dir, 's/plan'), '')
  const ownFiles = [...(journal.files ?? []), join(dir, 's/plan')]
  expect(await compared({ drive: s }, { drive: t }, { ownFiles })).toEqual([])
  expect(await compared({ drive: s }, { drive: t })).not.toEqual([])
  const lines: Array<string> = []
  for await (const line of planMigration({ from: { drive: s }, to: { drive: t }, ownFiles }).lines)
    if (E.isRight(line)) lines.push(line.right.from)
  expect(lines).toEqual(['sub'])
})

describe('entries that a listing leaves out', () => {
  /** A drive that has such entries in some directories; a page holds one entry. */
  const withSkipped = (
    drive: DriveProvider,
    skipped: Readonly<Record<string, ReadonlyArray<string>>>,
    sorted: boolean,
  ): DriveProvider => ({
    ...drive,
    capabilities: { ...drive.capabilities, features: { ...drive.capabilities.features, sortedList: sorted } },
    list: (path, options) => async () =>
      E.map((page: Page<Entry>): Page<Entry> =>
        page.next === undefined ? { ...page, skipped: skipped[path] ?? [] } : page,
      )(await drive.list(path, options)()),
  })
  const trees = { a: '1', 'd/x': '2', 'd/y': '3', z: '4' }

  test.each([true, false])(
    'are failures of a migration, by name, whatever else is there (sorted: %s)',
    async (sorted) => {
      const from = withSkipped(
        await memory(trees, { limits: { page: 1 } }),
        { '': ['..'], d: ['a/b', '\u0000'] },
        sorted,
      )
      const summary = await summaryOf({ from: { drive: from }, to: { drive: openMemory() } })
      expect(summary).toMatchObject({ files: 4, failures: 3, others: 3 })
      expect(summary.failed.map(({ path, error }) => [path, error.message.includes('no path can hold')])).toEqual(
        expect.arrayContaining([
          ['', true],
          ['d', true],
        ]),
      )
      expect(summary.notCarried.map(({ path }) => path).sort()).toEqual(['/: ".."', '/d: "\\u0000"', '/d: "a/b"'])
    },
  )

  test.each([true, false])(
    'are differences of a comparison, on either side, and the rest is compared (sorted: %s)',
    async (sorted) => {
      const [a, b] = [await memory(trees), await memory({ ...trees, 'd/y': 'other', z2: '' })]
      const plain = await compared({ drive: a }, { drive: b })
      expect(plain).toEqual(['different d/y', 'extra z2'])
      const left = withSkipped(a, { d: ['.', 'p/q'] }, sorted)
      const right = withSkipped(b, { '': ['\u0000'] }, sorted)
      const all = await compared({ drive: left }, { drive: right })
      expect(all.filter((line) => !line.startsWith('skipped'))).toEqual(plain)
      expect(all.filter((line) => line.startsWith('skipped')).sort()).toEqual([
        'skipped \u0000',
        'skipped d/.',
        'skipped d/p/q',
      ])
      expect(await compared({ drive: left }, { drive: left }, { content: true })).toHaveLength(4)
    },
  )

  test('keep the state of a journal from reading complete', async () => {
    const from = withSkipped(await memory(trees), { d: ['..'] }, true)
    const journal = journalAt('j')
    await summaryOf({ from: { drive: from }, to: { drive: openMemory() }, journal })
    journal.close()
    expect(journalStatus(join(dir, 'j'))).toMatchObject({ right: { state: 'incomplete', carried: 4, failures: 0 } })
  })

  test('do not end a plan, and are told in it', async () => {
    const from = withSkipped(await memory(trees), { d: ['..'], '': ['.'] }, true)
    const plan = planMigration({
      from: { drive: from },
      to: { drive: withSkipped(openMemory(), { '': ['..'] }, true) },
    })
    const lines: Array<string> = []
    for await (const line of plan.lines) lines.push(E.isRight(line) ? line.right.from : line.left.message)
    expect(lines).toEqual(['a', 'd', 'd/x', 'd/y', 'z'])
    expect((await plan.summary()).notCarried).toBe(2)
    expect(toPromises(from)).toBeDefined()
  })
})
