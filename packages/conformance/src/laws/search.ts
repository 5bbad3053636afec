// Laws of search.
import { relativeTo, type Entry, type Feature, type SearchQuery } from '@anydrive/core'
import type { Harness, Law } from '../law'
import { everyItem, refused, withVerbs } from '../words'

const law = (name: string, check: Law['check'], needs: ReadonlyArray<Feature> = []): Law => ({
  name,
  operation: 'search',
  promise: '2.7 Optional operations',
  needs: ['operations.search', ...needs],
  check,
})

const found = async (harness: Harness, query: SearchQuery, limit?: number): Promise<ReadonlyArray<Entry>> => {
  await harness.hooks.settled?.()
  const able = withVerbs(harness.drive, 'operations.search')
  return everyItem((cursor) => harness.right(able.search({ below: harness.root, ...query }, { cursor, limit })))
}

const namesOf = async (harness: Harness, query: SearchQuery, limit?: number): Promise<ReadonlyArray<string>> =>
  (await found(harness, query, limit)).map(({ path }) => relativeTo(harness.root, path)).sort()

export const searchLaws: ReadonlyArray<Law> = [
  {
    ...law('a part of a name finds files and directories at any depth, in upper and lower case', async (harness) => {
      for (const file of ['Report.txt', 'd/annual-report', 'd/other', 'REPORTS/x']) await harness.makeFile(file)
      harness.same(
        await namesOf(harness, { name: 'report' }),
        ['REPORTS', 'Report.txt', 'd/annual-report'],
        'the paths',
      )
    }),
    otherwise: refused('search', {}),
  },
  law('an entry that is found is as stat reports it', async (harness) => {
    const path = await harness.makeFile('d/found', 'content')
    const [entry] = await found(harness, { name: 'found' })
    const reported = await harness.right(harness.drive.stat(path))
    const essence = (one: Entry | undefined) =>
      one?.kind === 'file' ? [one.kind, one.path, one.name, one.size] : [one?.kind]
    harness.same(essence(entry), essence(reported), 'the entry')
  }),
  law('nothing is found outside the directory, nor the directory itself', async (harness) => {
    for (const file of ['d/same', 'dd/same', 'same']) await harness.makeFile(file)
    harness.same(await namesOf(harness, { name: 'same', below: harness.at('d') }), ['d/same'], 'the paths')
    harness.same(await namesOf(harness, { name: 'd', below: harness.at('d') }), [], 'the directory itself')
  }),
  law('every entry below is found where nothing else is asked', async (harness) => {
    for (const file of ['a', 'd/b']) await harness.makeFile(file)
    harness.same(await namesOf(harness, {}), ['a', 'd', 'd/b'], 'the paths')
  }),
  law('by kind', async (harness) => {
    await harness.makeFile('x-d/x-f')
    harness.same(await namesOf(harness, { name: 'x', kind: 'file' }), ['x-d/x-f'], 'files')
    harness.same(await namesOf(harness, { name: 'x', kind: 'directory' }), ['x-d'], 'directories')
  }),
  law('by size, bounds included', async (harness) => {
    for (const size of [1, 2, 3, 4]) await harness.makeFile(`x${size}`, 'x'.repeat(size))
    await harness.makeDir('xd')
    harness.same(await namesOf(harness, { name: 'x', size: { min: 2, max: 3 } }), ['x2', 'x3'], 'the paths')
    harness.same(await namesOf(harness, { name: 'x', size: { max: 1 } }), ['x1'], 'the paths up to a size')
  }),
  law('by the time of the last change, bounds included', async (harness) => {
    const { modifiedAt } = await harness.right(harness.drive.stat(await harness.makeFile('timed')))
    if (modifiedAt === undefined) return harness.notApplicable('no time of modification is reported')
    const second = 1000
    const [before, after] = [modifiedAt.getTime() - second, modifiedAt.getTime() + second].map((ms) => new Date(ms))
    const ranges = [{ from: modifiedAt, to: modifiedAt }, { from: before }, { from: after }, { to: before }]
    const all = []
    for (const range of ranges) all.push((await namesOf(harness, { name: 'timed', modifiedAt: range })).length)
    harness.same(all, [1, 1, 0, 0], 'how many are found in each range')
  }),
  law('pages yield each entry once', async (harness) => {
    const names = ['p1', 'p2', 'p3', 'p4', 'p5']
    for (const name of names) await harness.makeFile(name)
    harness.same(await namesOf(harness, { name: 'p' }, 2), names, 'the paths')
  }),
  law(
    'what was removed is not found',
    async (harness) => {
      await harness.right(harness.drive.batchRemove([await harness.makeFile('lost')]))
      harness.same(await namesOf(harness, { name: 'lost' }), [], 'the paths')
    },
    ['operations.batchRemove'],
  ),
]
