// Search by the newer call and by the classic one, with and without paths in the results.
import { fromBytes, type SearchQuery } from '@anydrive/core'
import { at, left, right, startBench, type Bench } from './harness'

const modes = [
  ['both', true],
  ['both', false],
  ['classic', true],
  ['new', true],
] as const

describe.each(modes)('where the library has %s, with paths %p', (search, searchPaths) => {
  let bench: Bench
  beforeAll(async () => {
    bench = await startBench({ behaviour: { search, searchPaths } })
    for (const [path, text] of [
      ['reports/plan.docx', 'a'],
      ['reports/2026/Plan B.pdf', 'bbbbbb'],
      ['reports/2026/other', 'plan'],
      ['notes plan', 'cc'],
    ] as const)
      await right(bench.drive.writeFile(at(path), fromBytes(text), { modifiedAt: new Date(`20${text.length}0-01-01`) }))
  })
  afterAll(() => bench.emulator.close())

  const found = async (query: SearchQuery, limit?: number): Promise<ReadonlyArray<string>> => {
    const paths: Array<string> = []
    for (let cursor: string | undefined; ;) {
      const page = await right(bench.drive.search(query, { cursor, limit }))
      paths.push(...page.items.map(({ path }) => path))
      cursor = page.next
      if (cursor === undefined) return paths.sort()
    }
  }

  test('by a part of the name, in either case, in pages', async () => {
    const all = ['notes plan', 'reports/2026/Plan B.pdf', 'reports/plan.docx']
    expect(await found({ name: 'PLAN' })).toEqual(all)
    expect(await found({ name: 'plan' }, 1)).toEqual(all)
    expect(await found({ name: 'n b' })).toEqual(['reports/2026/Plan B.pdf'])
    expect(await found({})).toHaveLength(6)
  })

  test('below a path, by kind, size and time', async () => {
    expect(await found({ name: 'plan', below: at('reports/2026') })).toEqual(['reports/2026/Plan B.pdf'])
    expect(await found({ kind: 'directory' })).toEqual(['reports', 'reports/2026'])
    expect(await found({ size: { min: 2, max: 4 } })).toEqual(['notes plan', 'reports/2026/other'])
    expect(
      await found({ name: 'plan', modifiedAt: { from: new Date('2015-01-01'), to: new Date('2030-01-01') } }),
    ).toEqual(['notes plan'])
    expect(await found({ below: at('reports'), name: 'none' })).toEqual([])
  })

  test('entries are whole', async () => {
    const { items } = await right(bench.drive.search({ name: 'B.pdf' }))
    expect(items).toEqual([await right(bench.drive.stat(at('reports/2026/Plan B.pdf')))])
  })

  test('a directory that does not exist', async () => {
    expect(await left(bench.drive.search({ below: at('none') }))).toMatchObject({ _tag: 'NotFound' })
  })

  test('a cursor that is none', async () => {
    expect(await left(bench.drive.search({}, { cursor: 'x' }))).toMatchObject({ _tag: 'NotFound', what: 'cursor' })
  })
})

test('the newer call is not asked again where the library does not have it', async () => {
  const bench = await startBench({ behaviour: { search: 'classic' } })
  try {
    await right(bench.drive.search({}))
    await right(bench.drive.search({}))
    expect(bench.counted()).toMatchObject({ searchFs: 1, startSearch: 2, endSearch: 2 })
    bench.emulator.behave({ search: 'none' })
    expect(await left(bench.drive.search({}))).toMatchObject({ _tag: 'Unsupported', feature: 'operations.search' })
  } finally {
    await bench.emulator.close()
  }
})
