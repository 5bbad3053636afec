// Laws of batchMove alone.
import { move, root } from '@anydrive/core'
import type { Law } from '../law'
import { words } from '../words'
import { checkNoSpace, checkSpaceRefused, files, law, needs, pairs } from './batch-words'

export const batchMoveLaws: ReadonlyArray<Law> = [
  law('batchMove', 'a name is changed within its directory', async (harness) => {
    await harness.makeFile('d/a', 'x')
    await harness.right(harness.drive.batchMove(pairs(harness, ['d/a', 'd/b'])))
    harness.same(
      [await harness.tree(), await harness.textOf(harness.at('d/b'))],
      [['d/', 'd/b'], 'x'],
      'tree and content',
    )
  }),
  law('batchMove', 'parent and name may change at once, of a directory too', async (harness) => {
    await harness.makeFile('p/d/f', 'x')
    await harness.makeDir('q')
    await harness.right(harness.drive.batchMove(pairs(harness, ['p/d', 'q/e'])))
    harness.same(await harness.tree(), ['p/', 'q/', 'q/e/', 'q/e/f'], 'the tree')
    harness.same(await harness.textOf(harness.at('q/e/f')), 'x', 'the content below')
  }),
  law('batchMove', 'a chain in order works: the name is free when its turn comes', async (harness) => {
    await files(harness, 'a', 'b')
    const batch = await harness.right(harness.drive.batchMove(pairs(harness, ['b', 'c'], ['a', 'b'])))
    harness.same(
      [words(batch), await harness.textOf(harness.at('b')), await harness.textOf(harness.at('c'))],
      [['done', 'done'], 'a', 'b'],
      'the outcomes',
    )
  }),
  law('batchMove', 'a chain against order conflicts, as if done one by one', async (harness) => {
    await files(harness, 'a', 'b')
    const batch = await harness.right(harness.drive.batchMove(pairs(harness, ['a', 'b'], ['b', 'c'])))
    harness.same(
      [words(batch), await harness.tree()],
      [
        ['NameConflict', 'done'],
        ['a', 'c'],
      ],
      'the outcomes',
    )
  }),
  law('batchMove', 'swapping two names fails twice under ask, and changes nothing', async (harness) => {
    await files(harness, 'a', 'b')
    const batch = await harness.right(harness.drive.batchMove(pairs(harness, ['a', 'b'], ['b', 'a'])))
    harness.same(
      [words(batch), await harness.textOf(harness.at('a'))],
      [['NameConflict', 'NameConflict'], 'a'],
      'the outcomes',
    )
  }),
  law('batchMove', 'swapping two directories fails twice under ask, and changes nothing', async (harness) => {
    await files(harness, 'a/x', 'b/y')
    const batch = await harness.right(harness.drive.batchMove(pairs(harness, ['a', 'b'], ['b', 'a'])))
    harness.same(
      [words(batch), await harness.tree()],
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
      async (harness) => {
        await files(harness, 'a', 'b')
        const batch = await harness.right(
          harness.drive.batchMove(pairs(harness, ['a', 'b', 'overwrite'], ['b', 'a', 'overwrite'])),
        )
        harness.same(
          [words(batch), await harness.tree(), await harness.textOf(harness.at('a'))],
          [['done', 'done'], ['a'], 'a'],
          'the outcomes',
        )
      },
    ),
    needs: needs('batchMove', 'overwrite'),
  },
  {
    ...law('batchMove', 'swapping two names under rename keeps both contents', async (harness) => {
      await files(harness, 'a', 'b')
      const batch = await harness.right(
        harness.drive.batchMove(pairs(harness, ['a', 'b', 'rename'], ['b', 'a', 'rename'])),
      )
      harness.same(
        [words(batch), (await harness.tree()).length, await harness.textOf(harness.at('a'))],
        [['done', 'done'], 2, 'b'],
        'the outcomes',
      )
    }),
    needs: needs('batchMove', 'rename'),
  },
  law('batchMove', 'three names go round under ask only by way of a fourth', async (harness) => {
    await files(harness, 'a', 'b', 'c')
    const batch = await harness.right(
      harness.drive.batchMove(pairs(harness, ['a', 'b'], ['c', 't'], ['b', 'c'], ['a', 'b'], ['t', 'a'])),
    )
    harness.same(
      [words(batch), await Promise.all(['a', 'b', 'c'].map((name) => harness.textOf(harness.at(name))))],
      [
        ['NameConflict', 'done', 'done', 'done', 'done'],
        ['c', 'a', 'b'],
      ],
      'the outcomes',
    )
  }),
  law('batchMove', 'a swap through a third name works', async (harness) => {
    await files(harness, 'a', 'b')
    const batch = await harness.right(harness.drive.batchMove(pairs(harness, ['a', 't'], ['b', 'a'], ['t', 'b'])))
    harness.same(
      [words(batch), await harness.textOf(harness.at('a')), await harness.textOf(harness.at('b'))],
      [['done', 'done', 'done'], 'b', 'a'],
      'the outcomes',
    )
  }),
  law('batchMove', 'the same source twice is missing the second time', async (harness) => {
    await files(harness, 'a')
    const batch = await harness.right(harness.drive.batchMove(pairs(harness, ['a', 'b'], ['a', 'c'])))
    harness.same([words(batch), await harness.tree()], [['done', 'NotFound'], ['b']], 'the outcomes')
  }),
  law('batchMove', 'into a directory that the batch itself moves into place', async (harness) => {
    await files(harness, 'd/x', 'f')
    const batch = await harness.right(harness.drive.batchMove(pairs(harness, ['d', 'e'], ['f', 'e/f'], ['e/x', 'y'])))
    harness.same(
      [words(batch), await harness.tree()],
      [
        ['done', 'done', 'done'],
        ['e/', 'e/f', 'y'],
      ],
      'the outcomes',
    )
  }),
  law('batchMove', 'onto itself is done, under every strategy', async (harness) => {
    await harness.makeFile('d/a', 'x')
    for (const conflict of ['ask', 'rename', 'overwrite'] as const) {
      const batch = await harness.right(
        harness.drive.batchMove(pairs(harness, ['d/a', 'd/a', conflict], ['d', 'd', conflict])),
      )
      harness.same(words(batch), ['done', 'done'], conflict)
    }
    harness.same(
      [await harness.tree(), await harness.textOf(harness.at('d/a'))],
      [['d/', 'd/a'], 'x'],
      'tree and content',
    )
  }),
  law('batchMove', 'what is not there is not moved onto itself either', async (harness) => {
    harness.same(
      words(await harness.right(harness.drive.batchMove(pairs(harness, ['none', 'none'])))),
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
    ...law('batchMove', 'names that differ only in case are two where case counts', async (harness) => {
      await harness.makeFile('readme', 'x')
      const batch = await harness.right(harness.drive.batchMove(pairs(harness, ['readme', 'README'])))
      harness.same([words(batch), await harness.tree()], [['done'], ['README']], 'the outcome')
    }),
    notApplicableFor: ({ naming }) => (naming.case === 'sensitive' ? undefined : `case is ${naming.case}`),
  },
  law('batchMove', 'a moved directory is found by another provider object', async (harness) => {
    await harness.makeFile('d/f', 'x')
    const other = await harness.again()
    await harness.right(other.stat(harness.at('d/f')))
    await harness.right(harness.drive.batchMove(pairs(harness, ['d', 'e'])))
    harness.same((await harness.right(harness.drive.stat(harness.at('e/f')))).kind, 'file', 'by the same')
    await harness.left(harness.drive.stat(harness.at('d/f')), 'NotFound')
    harness.same((await harness.right((await harness.again()).stat(harness.at('e/f')))).kind, 'file', 'by another')
  }),
  law('batchMove', 'a new directory under an old name is not taken for the old one', async (harness) => {
    await harness.makeFile('d/old')
    await harness.right(harness.drive.batchMove(pairs(harness, ['d', 'e'])))
    await harness.makeFile('d/new')
    harness.same(await harness.tree(), ['d/', 'd/new', 'e/', 'e/old'], 'the tree')
  }),
  law('batchMove', 'the helper’s failure is the outcome’s', async ({ drive, at, left, same }) => {
    same((await left(move(drive, at('none'), at('x')), 'NotFound')).path, at('none'), 'the path')
  }),
  {
    ...law('batchMove', 'another space that nobody has fails its item, and nothing is moved', (harness) =>
      checkNoSpace(harness, 'batchMove'),
    ),
    needs: ['operations.batchMove', 'features.crossSpaceMove'],
    otherwise: (harness) => checkSpaceRefused(harness, 'batchMove', 'features.crossSpaceMove'),
  },
]
