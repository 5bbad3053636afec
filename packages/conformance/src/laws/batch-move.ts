// Laws of batchMove alone.
import { move, root } from '@anydrive/core'
import type { Law } from '../law'
import { words } from '../words'
import { checkNoSpace, checkSpaceRefused, files, law, needs, pairs } from './batch-words'

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
  law('batchMove', 'swapping two directories fails twice under ask, and changes nothing', async (bench) => {
    await files(bench, 'a/x', 'b/y')
    const batch = await bench.right(bench.drive.batchMove(pairs(bench, ['a', 'b'], ['b', 'a'])))
    bench.same(
      [words(batch), await bench.tree()],
      [
        ['NameConflict', 'NameConflict'],
        ['a/', 'a/x', 'b/', 'b/y'],
      ],
      'the outcomes',
    )
  }),
  {
    ...law(
      'batchMove',
      'swapping two names under overwrite leaves the first one’s content under its own',
      async (bench) => {
        await files(bench, 'a', 'b')
        const batch = await bench.right(
          bench.drive.batchMove(pairs(bench, ['a', 'b', 'overwrite'], ['b', 'a', 'overwrite'])),
        )
        bench.same(
          [words(batch), await bench.tree(), await bench.textOf(bench.at('a'))],
          [['done', 'done'], ['a'], 'a'],
          'the outcomes',
        )
      },
    ),
    needs: needs('batchMove', 'overwrite'),
  },
  {
    ...law('batchMove', 'swapping two names under rename keeps both contents', async (bench) => {
      await files(bench, 'a', 'b')
      const batch = await bench.right(bench.drive.batchMove(pairs(bench, ['a', 'b', 'rename'], ['b', 'a', 'rename'])))
      bench.same(
        [words(batch), (await bench.tree()).length, await bench.textOf(bench.at('a'))],
        [['done', 'done'], 2, 'b'],
        'the outcomes',
      )
    }),
    needs: needs('batchMove', 'rename'),
  },
  law('batchMove', 'three names go round under ask only by way of a fourth', async (bench) => {
    await files(bench, 'a', 'b', 'c')
    const batch = await bench.right(
      bench.drive.batchMove(pairs(bench, ['a', 'b'], ['c', 't'], ['b', 'c'], ['a', 'b'], ['t', 'a'])),
    )
    bench.same(
      [words(batch), await Promise.all(['a', 'b', 'c'].map((name) => bench.textOf(bench.at(name))))],
      [
        ['NameConflict', 'done', 'done', 'done', 'done'],
        ['c', 'a', 'b'],
      ],
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
  {
    ...law('batchMove', 'names that differ only in case are two where case counts', async (bench) => {
      await bench.makeFile('readme', 'x')
      const batch = await bench.right(bench.drive.batchMove(pairs(bench, ['readme', 'README'])))
      bench.same([words(batch), await bench.tree()], [['done'], ['README']], 'the outcome')
    }),
    mootFor: ({ naming }) => (naming.case === 'sensitive' ? undefined : `case is ${naming.case}`),
  },
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
    ...law('batchMove', 'another space that nobody has fails its item, and nothing is moved', (bench) =>
      checkNoSpace(bench, 'batchMove'),
    ),
    needs: ['operations.batchMove', 'features.crossSpaceMove'],
    otherwise: (bench) => checkSpaceRefused(bench, 'batchMove', 'features.crossSpaceMove'),
  },
]
