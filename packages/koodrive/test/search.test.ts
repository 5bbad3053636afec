// Search by the service's index, and the URL of a file for a browser.
import { reveal, type SearchQuery } from '@anydrive/core'
import { left, p, right, startBench, write, type Bench } from './bench'
import type { KooDrive } from '../src'

let bench: Bench
beforeAll(async () => {
  bench = await startBench()
  const drive = bench.open()
  await write(drive, 'reports/plan.docx', 'a')
  await write(drive, 'reports/2026/Plan B.pdf', 'bbbbbb')
  await write(drive, 'reports/2026/other', 'plan')
  await write(drive, 'notes plan', 'cc')
})
afterAll(() => bench.close())

const found = async (query: SearchQuery, limit?: number, drive: KooDrive = bench.open()) => {
  const paths: Array<string> = []
  for (let cursor: string | undefined; ;) {
    const page = await right(drive.search(query, { cursor, limit }))
    paths.push(...page.items.map(({ path }) => path))
    cursor = page.next
    if (cursor === undefined) return paths.sort()
  }
}

test('by a part of the name, in either case, in pages', async () => {
  const all = ['notes plan', 'reports/2026/Plan B.pdf', 'reports/plan.docx']
  expect(await found({ name: 'PLAN' })).toEqual(all)
  expect(await found({ name: 'plan' }, 1)).toEqual(all)
  expect(await found({})).toHaveLength(6)
  expect(await found({ name: 'x'.repeat(100) })).toEqual([])
})

test('below a path, by kind and size', async () => {
  expect(await found({ name: 'plan', below: p('reports/2026') })).toEqual(['reports/2026/Plan B.pdf'])
  expect(await found({ kind: 'directory' })).toEqual(['reports', 'reports/2026'])
  expect(await found({ size: { min: 2, max: 4 } })).toEqual(['notes plan', 'reports/2026/other'])
  await left(bench.open().search({ below: p('none') }), 'NotFound')
  await left(bench.open().search({ below: p('notes plan') }), 'WrongKind')
})

test('a hit has its id, size and time of change', async () => {
  const drive = bench.open()
  const { items } = await right(drive.search({ name: 'B.pdf' }))
  const { id, modifiedAt } = await right(drive.stat(p('reports/2026/Plan B.pdf')))
  expect(items).toMatchObject([{ kind: 'file', path: 'reports/2026/Plan B.pdf', id, size: 6, modifiedAt }])
})

test('what is in the bin is not found', async () => {
  const drive = bench.open()
  await write(drive, 'trashed plan')
  await right(drive.batchRemove([p('trashed plan')]))
  expect(await found({ name: 'trashed' }, undefined, drive)).toEqual([])
})

test('a team’s space is searched as a team’s', async () => {
  const team = bench.open({}, {}, 'koo-group')
  await write(team, 'team plan')
  expect(await found({ name: 'plan' }, undefined, team)).toEqual(['team plan'])
})

test('a URL loads the file without a header, and keeps its secret', async () => {
  const drive = bench.open()
  const link = await right(drive.downloadUrl(p('notes plan')))
  expect(JSON.stringify(link)).not.toContain('http')
  expect(await (await fetch(reveal(link.url))).text()).toBe('cc')
  expect(Number(link.expiresAt)).toBeGreaterThan(Date.now())
  await left(drive.downloadUrl(p('reports')), 'WrongKind')
  await left(drive.downloadUrl(p('none')), 'NotFound')
})
