// Laws of batchCopy alone.
import { root } from '@anydrive/core'
import type { Law } from '../law'
import { words } from '../words'
import { checkNoSpace, checkSpaceRefused, law, pairs } from './batch-words'

export const batchCopyLaws: ReadonlyArray<Law> = [
  law('batchCopy', 'one source is copied to many places', async (bench) => {
    await bench.makeFile('a', 'x')
    const batch = await bench.right(bench.drive.batchCopy(pairs(bench, ['a', 'b'], ['a', 'c'], ['a', 'd/e'])))
    bench.same(
      [words(batch), await bench.tree()],
      [
        ['done', 'done', 'done'],
        ['a', 'b', 'c', 'd/', 'd/e'],
      ],
      'the outcomes',
    )
  }),
  law('batchCopy', 'a copy may be copied further in the same batch', async (bench) => {
    await bench.makeFile('a', 'x')
    const batch = await bench.right(bench.drive.batchCopy(pairs(bench, ['a', 'b'], ['b', 'c'])))
    bench.same([words(batch), await bench.textOf(bench.at('c'))], [['done', 'done'], 'x'], 'the outcomes')
  }),
  law('batchCopy', 'onto itself conflicts under ask and overwrite, and copies under rename', async (bench) => {
    await bench.makeFile('a', 'x')
    const batch = await bench.right(
      bench.drive.batchCopy(pairs(bench, ['a', 'a', 'ask'], ['a', 'a', 'overwrite'], ['a', 'a', 'rename'])),
    )
    bench.same(
      [words(batch), (await bench.tree()).length],
      [['NameConflict', 'NameConflict', 'done'], 2],
      'the outcomes',
    )
  }),
  law(
    'batchCopy',
    'the root goes nowhere',
    async ({ drive, at, right, same }) => {
      same(words(await right(drive.batchCopy([{ from: root, to: at('x') }]))), ['NestedTarget'], 'the outcome')
    },
    '2.1 Paths',
  ),
  law('batchCopy', 'an empty file is copied', async (bench) => {
    await bench.makeFile('a', '')
    await bench.right(bench.drive.batchCopy(pairs(bench, ['a', 'b'])))
    bench.same(await bench.textOf(bench.at('b')), '', 'the content')
  }),
  {
    ...law('batchCopy', 'another space that nobody has fails its item, and nothing is copied', (bench) =>
      checkNoSpace(bench, 'batchCopy'),
    ),
    needs: ['operations.batchCopy', 'features.crossSpaceCopy'],
    otherwise: (bench) => checkSpaceRefused(bench, 'batchCopy', 'features.crossSpaceCopy'),
  },
]
