// Laws of list: paging that loses nothing and repeats nothing.
import { entries, fromBytes, move, remove, type DrivePath, type Entry } from '@anydrive/core'
import type { Bench, Law } from '../law'
import { inParallel } from '../words'

const law = (name: string, check: Law['check'], promise = '2.2 Entries'): Law => ({
  name,
  operation: 'list',
  promise,
  needs: [],
  check,
})

const pageSize = 7
const counts = [0, 1, pageSize - 1, pageSize, pageSize + 1, 2 * pageSize, 3 * pageSize + 1]
const nameAt = (i: number): string => `e${String(i).padStart(3, '0')}`

const fill = async (bench: Bench, count: number): Promise<DrivePath> => {
  const dir = await bench.makeDir('dir')
  for (let i = 0; i < count; i++)
    await (i % 3 === 0 ? bench.makeDir(`dir/${nameAt(i)}`) : bench.makeFile(`dir/${nameAt(i)}`))
  return dir
}
const namesOf = (all: ReadonlyArray<Entry>): ReadonlyArray<string> => all.map((e) => e.name).sort()
const expected = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, i) => nameAt(i))

export const listLaws: ReadonlyArray<Law> = [
  ...counts.map((count) =>
    law(`${count} entries in pages of ${pageSize} are listed once each`, async (bench) => {
      const dir = await fill(bench, count)
      bench.same(namesOf(await bench.entriesOf(dir, pageSize)), expected(count), 'the names')
    }),
  ),
  law('a directory larger than the vendor’s page is listed whole', async (bench) => {
    const limit = bench.drive.capabilities.limits.page
    const count = Math.min(limit, 120) + 1
    const dir = await bench.makeDir('dir')
    await inParallel(
      Array.from({ length: count }, (_, i) => i),
      8,
      async (i) => {
        await bench.right(bench.drive.writeFile(bench.at(`dir/${nameAt(i)}`), fromBytes('')))
      },
    )
    bench.same(namesOf(await bench.entriesOf(dir)), expected(count), 'the names')
  }),
  law('a page holds no more than was asked', async (bench) => {
    const dir = await fill(bench, 5)
    const page = await bench.right(bench.drive.list(dir, { limit: 2 }))
    bench.holds(page.items.length <= 2, 'more than 2 entries in a page of 2')
  }),
  law('a limit of one works', async (bench) => {
    bench.same(namesOf(await bench.entriesOf(await fill(bench, 3), 1)), expected(3), 'the names')
  }),
  law('limits that make no sense are clamped', async (bench) => {
    const dir = await fill(bench, 3)
    for (const limit of [0, -5, 1_000_000, 2.5])
      bench.same(namesOf(await bench.entriesOf(dir, limit)), expected(3), `the names with a limit of ${limit}`)
  }),
  law('an entry in a list is the same as by stat', async (bench) => {
    const dir = await fill(bench, 4)
    for (const listed of await bench.entriesOf(dir)) {
      const looked = await bench.right(bench.drive.stat(listed.path))
      bench.same(
        [listed.kind, listed.path, listed.name, listed.id],
        [looked.kind, looked.path, looked.name, looked.id],
        listed.name,
      )
      if (listed.kind === 'file' && looked.kind === 'file')
        bench.same(
          [listed.size, listed.version, listed.checksums],
          [looked.size, looked.version, looked.checksums],
          listed.name,
        )
    }
  }),
  law('only direct children are listed', async (bench) => {
    await bench.makeFile('dir/a/b/c')
    bench.same(namesOf(await bench.entriesOf(bench.at('dir'))), ['a'], 'the names')
  }),
  law('a file is WrongKind', async ({ drive, left, same, makeFile }) => {
    const error = await left(drive.list(await makeFile('f')), 'WrongKind')
    same(error.expected, 'directory', 'the kind expected')
  }),
  law('what is not there is NotFound', async ({ drive, at, left }) => {
    await left(drive.list(at('none')), 'NotFound')
  }),
  law('a cursor goes on from another provider object', async (bench) => {
    const dir = await fill(bench, 5)
    const first = await bench.right(bench.drive.list(dir, { limit: 2 }))
    const names = first.items.map((e) => e.name)
    if (first.next !== undefined)
      for await (const rest of entries(await bench.again(), dir, { cursor: first.next, limit: 2 }))
        names.push((await bench.right(() => Promise.resolve(rest))).name)
    bench.same(names.sort(), expected(5), 'the names')
  }),
  law('two listings at once do not disturb each other', async (bench) => {
    const dir = await fill(bench, 9)
    const both = await Promise.all([bench.entriesOf(dir, 2), bench.entriesOf(dir, 3)])
    for (const one of both) bench.same(namesOf(one), expected(9), 'the names')
  }),
  law('what was removed or moved away is listed no more', async (bench) => {
    const dir = await fill(bench, 6)
    if (!bench.drive.capabilities.operations.batchRemove || !bench.drive.capabilities.operations.batchMove) return
    await bench.right(remove(bench.drive, bench.at('dir/e001')))
    await bench.right(move(bench.drive, bench.at('dir/e003'), bench.at('away')))
    bench.same(namesOf(await bench.entriesOf(dir)), ['e000', 'e002', 'e004', 'e005'], 'the names')
  }),
  {
    ...law('names come in ascending order', async (bench) => {
      for (const name of ['b', 'a', 'C', 'é', 'z', '10', '9']) await bench.makeFile(`dir/${name}`)
      const names = (await bench.entriesOf(bench.at('dir'), 3)).map((e) => e.name)
      bench.same(names, [...names].sort(), 'the order')
    }),
    needs: ['features.sortedList'],
  },
]
