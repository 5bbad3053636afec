// Laws of batchMove alone.
import { move, root } from '@anydrive/core'
import type { Law } from '../law'
import { words } from '../words'
import { files, law, pairs } from './batch-words'

export const batchMoveLaws: ReadonlyArray<Law> = [
  law('batchMove', 'a name is changed within its directory', async (bench) => {
    await bench.makeFile('d/a', 'x')
    await bench.right(bench.drive.batchMove(pairs(bench, ['d/a', 'd/b'])))
    bench.same([await bench.tree(), await bench.textOf(bench.at('d/b'))], [['d/', 'd/b'], 'x'], 'tree and content')
  }),
  law('batchMove', 'parent and name may change at once, of a directory too', async (bench) => {
    await bench.makeFile('p/d/f', 'x')
    await bench.makeDir('q')
    await bench.right(bench.drive.batchMove(pairs(bench, ['p/d', 'q/e'])))
    bench.same(await bench.tree(), ['p/', 'q/', 'q/e/', 'q/e/f'], 'the tree')
    bench.same(await bench.textOf(bench.at('q/e/f')), 'x', 'the content below')
  }),
  law('batchMove', 'a chain in order works: the name is free when its turn comes', async (bench) => {
    await files(bench, 'a', 'b')
    const batch = await bench.right(bench.drive.batchMove(pairs(bench, ['b', 'c'], ['a', 'b'])))
    bench.same(
      [words(batch), await bench.textOf(bench.at('b')), await bench.textOf(bench.at('c'))],
      [['done', 'done'], 'a', 'b'],
      'the outcomes',
    )
  }),
  law('batchMove', 'a chain against order conflicts, as if done one by one', async (bench) => {
    await files(bench, 'a', 'b')
    const batch = await bench.right(bench.drive.batchMove(pairs(bench, ['a', 'b'], ['b', 'c'])))
    bench.same(
      [words(batch), await bench.tree()],
      [
        ['NameConflict', 'done'],
        ['a', 'c'],
      ],
      'the outcomes',
    )
  }),
  law('batchMove', 'swapping two names fails twice under ask, and changes nothing', async (bench) => {
    await files(bench, 'a', 'b')
    const batch = await bench.right(bench.drive.batchMove(pairs(bench, ['a', 'b'], ['b', 'a'])))
    bench.same(
      [words(batch), await bench.textOf(bench.at('a'))],
      [['NameConflict', 'NameConflict'], 'a'],
      'the outcomes',
    )
  }),
  law('batchMove', 'a swap through a third name works', async (bench) => {
    await files(bench, 'a', 'b')
    const batch = await bench.right(bench.drive.batchMove(pairs(bench, ['a', 't'], ['b', 'a'], ['t', 'b'])))
    bench.same(
      [words(batch), await bench.textOf(bench.at('a')), await bench.textOf(bench.at('b'))],
      [['done', 'done', 'done'], 'b', 'a'],
      'the outcomes',
    )
  }),
  law('batchMove', 'the same source twice is missing the second time', async (bench) => {
    await files(bench, 'a')
    const batch = await bench.right(bench.drive.batchMove(pairs(bench, ['a', 'b'], ['a', 'c'])))
    bench.same([words(batch), await bench.tree()], [['done', 'NotFound'], ['b']], 'the outcomes')
  }),
  law('batchMove', 'into a directory that the batch itself moves into place', async (bench) => {
    await files(bench, 'd/x', 'f')
    const batch = await bench.right(bench.drive.batchMove(pairs(bench, ['d', 'e'], ['f', 'e/f'], ['e/x', 'y'])))
    bench.same(
      [words(batch), await bench.tree()],
      [
        ['done', 'done', 'done'],
        ['e/', 'e/f', 'y'],
      ],
      'the outcomes',
    )
  }),
  law('batchMove', 'onto itself is done, under every strategy', async (bench) => {
    await bench.makeFile('d/a', 'x')
    for (const conflict of ['ask', 'rename', 'overwrite'] as const) {
      const batch = await bench.right(
        bench.drive.batchMove(pairs(bench, ['d/a', 'd/a', conflict], ['d', 'd', conflict])),
      )
      bench.same(words(batch), ['done', 'done'], conflict)
    }
    bench.same([await bench.tree(), await bench.textOf(bench.at('d/a'))], [['d/', 'd/a'], 'x'], 'tree and content')
  }),
  law('batchMove', 'what is not there is not moved onto itself either', async (bench) => {
    bench.same(
      words(await bench.right(bench.drive.batchMove(pairs(bench, ['none', 'none'])))),
      ['NotFound'],
      'the outcome',
    )
  }),
  law(
    'batchMove',
    'the root is not moved',
    async ({ drive, at, right, same }) => {
      same(words(await right(drive.batchMove([{ from: root, to: at('x') }]))), ['Unsupported'], 'the outcome')
    },
    '2.1 Paths',
  ),
  law('batchMove', 'names that differ only in case are two where case counts', async (bench) => {
    if (bench.drive.capabilities.naming.case !== 'sensitive') return
    await bench.makeFile('readme', 'x')
    const batch = await bench.right(bench.drive.batchMove(pairs(bench, ['readme', 'README'])))
    bench.same([words(batch), await bench.tree()], [['done'], ['README']], 'the outcome')
  }),
  law('batchMove', 'a moved directory is found by another provider object', async (bench) => {
    await bench.makeFile('d/f', 'x')
    const other = await bench.again()
    await bench.right(other.stat(bench.at('d/f')))
    await bench.right(bench.drive.batchMove(pairs(bench, ['d', 'e'])))
    bench.same((await bench.right(bench.drive.stat(bench.at('e/f')))).kind, 'file', 'by the same')
    await bench.left(bench.drive.stat(bench.at('d/f')), 'NotFound')
    bench.same((await bench.right((await bench.again()).stat(bench.at('e/f')))).kind, 'file', 'by another')
  }),
  law('batchMove', 'a new directory under an old name is not taken for the old one', async (bench) => {
    await bench.makeFile('d/old')
    await bench.right(bench.drive.batchMove(pairs(bench, ['d', 'e'])))
    await bench.makeFile('d/new')
    bench.same(await bench.tree(), ['d/', 'd/new', 'e/', 'e/old'], 'the tree')
  }),
  law('batchMove', 'the helper’s failure is the outcome’s', async ({ drive, at, left, same }) => {
    same((await left(move(drive, at('none'), at('x')), 'NotFound')).path, at('none'), 'the path')
  }),
  {
    name: 'a space that cannot be reached is Unsupported, per item',
    operation: 'batchMove',
    promise: '2.4 Batches',
    needs: ['features.crossSpaceMove'],
    check: () => Promise.resolve(),
    otherwise: async ({ drive, at, right, same, makeFile }) => {
      await makeFile('a')
      const batch = await right(drive.batchMove([{ from: at('a'), to: at('b'), fromSpace: 'elsewhere' }]))
      same(words(batch), ['Unsupported'], 'the outcome')
    },
  },
]
