// Laws of list: paging that loses nothing and repeats nothing.
import { entries, fromBytes, move, pages, remove, temporaryName, type DrivePath, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Bench, Law } from '../law'
import { inParallel } from '../words'

const law = (name: string, check: Law['check'], promise = '2.2 Entries', needs: Law['needs'] = []): Law => ({
  name,
  operation: 'list',
  promise,
  needs,
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
  {
    ...law('what was removed or moved away is listed no more', async (bench) => {
      const dir = await fill(bench, 6)
      await bench.right(remove(bench.drive, bench.at('dir/e001')))
      await bench.right(move(bench.drive, bench.at('dir/e003'), bench.at('away')))
      bench.same(namesOf(await bench.entriesOf(dir)), ['e000', 'e002', 'e004', 'e005'], 'the names')
    }),
    needs: ['operations.batchRemove', 'operations.batchMove'],
  },
  law('a page that is the last has no cursor, even where it is full', async (bench) => {
    const dir = await fill(bench, 2)
    const sizes: Array<number> = []
    for await (const page of pages(bench.drive, dir, { limit: 2 })) {
      sizes.push((await bench.right(() => Promise.resolve(page))).items.length)
      bench.holds(sizes.length <= 10, `the listing does not end: pages of ${sizes.join(', ')}`)
    }
    bench.same(
      sizes.reduce((a, b) => a + b, 0),
      2,
      'entries in all pages',
    )
  }),
  law(
    'a directory that was emptied has no entries, and no pages',
    async (bench) => {
      const dir = await fill(bench, 4)
      for (const entry of await bench.entriesOf(dir)) await bench.right(remove(bench.drive, entry.path))
      bench.same(await bench.entriesOf(dir, 2), [], 'the entries')
    },
    '2.2 Entries',
    ['operations.batchRemove'],
  ),
  law('entries that come while a listing is read disturb none of the others', async (bench) => {
    const dir = await fill(bench, 6)
    const names: Array<string> = []
    for await (const one of entries(bench.drive, dir, { limit: 2 })) {
      names.push((await bench.right(() => Promise.resolve(one))).name)
      if (names.length === 3) await bench.makeFile('dir/zzz')
      bench.holds(names.length <= 50, 'the listing does not end')
    }
    for (const name of expected(6))
      bench.same(names.filter((n) => n === name).length, 1, `how often ${name} was listed`)
  }),
  law(
    'names of a composed operation on its way are hidden, unless they are asked for',
    async (bench) => {
      const temporary = temporaryName(bench.at('dir/f'), 'new')
      await bench.makeFile('dir/f')
      const made = await bench.drive.writeFile(bench.at(`dir/${temporary}`), fromBytes('x'))()
      if (E.isLeft(made)) return bench.moot('the drive takes no file of that name')
      bench.same(namesOf(await bench.entriesOf(bench.at('dir'))), ['f'], 'the names')
      const shown: Array<Entry> = []
      for await (const one of entries(bench.drive, bench.at('dir'), { temporaries: 'show' }))
        shown.push(await bench.right(() => Promise.resolve(one)))
      bench.same(namesOf(shown), ['f', temporary].sort(), 'the names, all of them')
    },
    '2.3 Placing',
  ),
  {
    ...law('names come in ascending order', async (bench) => {
      for (const name of ['b', 'a', 'C', 'é', 'z', '10', '9']) await bench.makeFile(`dir/${name}`)
      const names = (await bench.entriesOf(bench.at('dir'), 3)).map((e) => e.name)
      bench.same(names, [...names].sort(), 'the order')
    }),
    needs: ['features.sortedList'],
  },
]
