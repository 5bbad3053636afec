// Laws of list: paging that loses nothing and repeats nothing.
import { entries, fromBytes, move, pages, remove, type DrivePath, type Entry } from '@anydrive/core'
import { temporaryName } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { Harness, Law } from '../law'
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

const fill = async (harness: Harness, count: number): Promise<DrivePath> => {
  const dir = await harness.makeDir('dir')
  for (let i = 0; i < count; i++)
    await (i % 3 === 0 ? harness.makeDir(`dir/${nameAt(i)}`) : harness.makeFile(`dir/${nameAt(i)}`))
  return dir
}
const namesOf = (all: ReadonlyArray<Entry>): ReadonlyArray<string> => all.map((e) => e.name).sort()
const expected = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, i) => nameAt(i))

export const listLaws: ReadonlyArray<Law> = [
  ...counts.map((count) =>
    law(`${count} entries in pages of ${pageSize} are listed once each`, async (harness) => {
      const dir = await fill(harness, count)
      harness.same(namesOf(await harness.entriesOf(dir, pageSize)), expected(count), 'the names')
    }),
  ),
  law('a directory larger than the vendor’s page is listed whole', async (harness) => {
    const limit = harness.drive.capabilities.limits.page
    const count = Math.min(limit, 120) + 1
    const dir = await harness.makeDir('dir')
    await inParallel(
      Array.from({ length: count }, (_, i) => i),
      8,
      async (i) => {
        await harness.right(harness.drive.writeFile(harness.at(`dir/${nameAt(i)}`), fromBytes('')))
      },
    )
    harness.same(namesOf(await harness.entriesOf(dir)), expected(count), 'the names')
  }),
  law('a page holds no more than was asked', async (harness) => {
    const dir = await fill(harness, 5)
    const page = await harness.right(harness.drive.list(dir, { limit: 2 }))
    harness.holds(page.items.length <= 2, 'more than 2 entries in a page of 2')
  }),
  law('a limit of one works', async (harness) => {
    harness.same(namesOf(await harness.entriesOf(await fill(harness, 3), 1)), expected(3), 'the names')
  }),
  law('limits that make no sense are clamped', async (harness) => {
    const dir = await fill(harness, 3)
    for (const limit of [0, -5, 1_000_000, 2.5])
      harness.same(namesOf(await harness.entriesOf(dir, limit)), expected(3), `the names with a limit of ${limit}`)
  }),
  law('an entry in a list is the same as by stat', async (harness) => {
    const dir = await fill(harness, 4)
    for (const listed of await harness.entriesOf(dir)) {
      const looked = await harness.right(harness.drive.stat(listed.path))
      harness.same(
        [listed.kind, listed.path, listed.name, listed.id],
        [looked.kind, looked.path, looked.name, looked.id],
        listed.name,
      )
      if (listed.kind === 'file' && looked.kind === 'file')
        harness.same(
          [listed.size, listed.version, listed.checksums],
          [looked.size, looked.version, looked.checksums],
          listed.name,
        )
    }
  }),
  law('only direct children are listed', async (harness) => {
    await harness.makeFile('dir/a/b/c')
    harness.same(namesOf(await harness.entriesOf(harness.at('dir'))), ['a'], 'the names')
  }),
  law('a file is WrongKind', async ({ drive, left, same, makeFile }) => {
    const error = await left(drive.list(await makeFile('f')), 'WrongKind')
    same(error.expected, 'directory', 'the kind expected')
  }),
  law('what is not there is NotFound', async ({ drive, at, left }) => {
    await left(drive.list(at('none')), 'NotFound')
  }),
  law('a cursor goes on from another provider object', async (harness) => {
    const dir = await fill(harness, 5)
    const first = await harness.right(harness.drive.list(dir, { limit: 2 }))
    const names = first.items.map((e) => e.name)
    if (first.next !== undefined)
      for await (const rest of entries(await harness.again(), dir, { cursor: first.next, limit: 2 }))
        names.push((await harness.right(() => Promise.resolve(rest))).name)
    harness.same(names.sort(), expected(5), 'the names')
  }),
  law('a listing may go on with pages of another size', async (harness) => {
    const dir = await fill(harness, 11)
    const names: Array<string> = []
    let cursor: string | undefined
    const limits = [3, 5, 1, 4, 2]
    for (let page = 0; page === 0 || cursor !== undefined; page++) {
      harness.holds(page < 100, 'the listing does not end')
      const { items, next } = await harness.right(harness.drive.list(dir, { cursor, limit: limits[page % 5] }))
      names.push(...items.map((e) => e.name))
      cursor = next
    }
    harness.same(names.sort(), expected(11), 'the names')
  }),
  law('two listings at once do not disturb each other', async (harness) => {
    const dir = await fill(harness, 9)
    const both = await Promise.all([harness.entriesOf(dir, 2), harness.entriesOf(dir, 3)])
    for (const one of both) harness.same(namesOf(one), expected(9), 'the names')
  }),
  {
    ...law('what was removed or moved away is listed no more', async (harness) => {
      const dir = await fill(harness, 6)
      await harness.right(remove(harness.drive, harness.at('dir/e001')))
      await harness.right(move(harness.drive, harness.at('dir/e003'), harness.at('away')))
      harness.same(namesOf(await harness.entriesOf(dir)), ['e000', 'e002', 'e004', 'e005'], 'the names')
    }),
    needs: ['operations.batchRemove', 'operations.batchMove'],
  },
  law('a page that is the last has no cursor, even where it is full', async (harness) => {
    const dir = await fill(harness, 2)
    const sizes: Array<number> = []
    for await (const page of pages(harness.drive, dir, { limit: 2 })) {
      sizes.push((await harness.right(() => Promise.resolve(page))).items.length)
      harness.holds(sizes.length <= 10, `the listing does not end: pages of ${sizes.join(', ')}`)
    }
    harness.same(
      sizes.reduce((a, b) => a + b, 0),
      2,
      'entries in all pages',
    )
  }),
  law(
    'a directory that was emptied has no entries, and no pages',
    async (harness) => {
      const dir = await fill(harness, 4)
      for (const entry of await harness.entriesOf(dir)) await harness.right(remove(harness.drive, entry.path))
      harness.same(await harness.entriesOf(dir, 2), [], 'the entries')
    },
    '2.2 Entries',
    ['operations.batchRemove'],
  ),
  law('entries that come while a listing is read disturb none of the others', async (harness) => {
    const dir = await fill(harness, 6)
    const names: Array<string> = []
    for await (const one of entries(harness.drive, dir, { limit: 2 })) {
      names.push((await harness.right(() => Promise.resolve(one))).name)
      if (names.length === 3) await harness.makeFile('dir/zzz')
      harness.holds(names.length <= 50, 'the listing does not end')
    }
    for (const name of expected(6))
      harness.same(names.filter((n) => n === name).length, 1, `how often ${name} was listed`)
  }),
  law(
    'names of a composed operation on its way are hidden, unless they are asked for',
    async (harness) => {
      const temporary = temporaryName(harness.at('dir/f'), 'new')
      await harness.makeFile('dir/f')
      const made = await harness.drive.writeFile(harness.at(`dir/${temporary}`), fromBytes('x'))()
      if (E.isLeft(made)) return harness.notApplicable('the drive takes no file of that name')
      harness.same(namesOf(await harness.entriesOf(harness.at('dir'))), ['f'], 'the names')
      const shown: Array<Entry> = []
      for await (const one of entries(harness.drive, harness.at('dir'), { temporaries: 'show' }))
        shown.push(await harness.right(() => Promise.resolve(one)))
      harness.same(namesOf(shown), ['f', temporary].sort(), 'the names, all of them')
      const other = 'user.anydrive-0123456789ab'
      await harness.makeFile(`dir/${other}`)
      harness.same(
        namesOf(await harness.entriesOf(harness.at('dir'))),
        ['f', other],
        'the names, with one that only looks so',
      )
    },
    '2.3 Placing',
  ),
  {
    ...law('names come in ascending order', async (harness) => {
      for (const name of ['b', 'a', 'C', 'é', 'z', '10', '9']) await harness.makeFile(`dir/${name}`)
      const names = (await harness.entriesOf(harness.at('dir'), 3)).map((e) => e.name)
      harness.same(names, [...names].sort(), 'the order')
    }),
    needs: ['features.sortedList'],
  },
]
