// Laws of batchCopy alone.
import { root } from '@anydrive/core'
import type { Law } from '../law'
import { words } from '../words'
import { checkNoSpace, checkSpaceRefused, law, pairs } from './batch-words'

export const batchCopyLaws: ReadonlyArray<Law> = [
  law('batchCopy', 'one source is copied to many places', async (harness) => {
    await harness.makeFile('a', 'x')
    const batch = await harness.right(harness.drive.batchCopy(pairs(harness, ['a', 'b'], ['a', 'c'], ['a', 'd/e'])))
    harness.same(
      [words(batch), await harness.tree()],
      [
        ['done', 'done', 'done'],
        ['a', 'b', 'c', 'd/', 'd/e'],
      ],
      'the outcomes',
    )
  }),
  law('batchCopy', 'a copy may be copied further in the same batch', async (harness) => {
    await harness.makeFile('a', 'x')
    const batch = await harness.right(harness.drive.batchCopy(pairs(harness, ['a', 'b'], ['b', 'c'])))
    harness.same([words(batch), await harness.textOf(harness.at('c'))], [['done', 'done'], 'x'], 'the outcomes')
  }),
  law('batchCopy', 'onto itself conflicts under ask and overwrite, and copies under rename', async (harness) => {
    await harness.makeFile('a', 'x')
    const batch = await harness.right(
      harness.drive.batchCopy(pairs(harness, ['a', 'a', 'ask'], ['a', 'a', 'overwrite'], ['a', 'a', 'rename'])),
    )
    harness.same(
      [words(batch), (await harness.tree()).length],
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
  law('batchCopy', 'an empty file is copied', async (harness) => {
    await harness.makeFile('a', '')
    await harness.right(harness.drive.batchCopy(pairs(harness, ['a', 'b'])))
    harness.same(await harness.textOf(harness.at('b')), '', 'the content')
  }),
  {
    ...law('batchCopy', 'another space that nobody has fails its item, and nothing is copied', (harness) =>
      checkNoSpace(harness, 'batchCopy'),
    ),
    needs: ['operations.batchCopy', 'features.crossSpaceCopy'],
    otherwise: (harness) => checkSpaceRefused(harness, 'batchCopy', 'features.crossSpaceCopy'),
  },
]
