// Laws of batchCopy alone.
import { root, type DrivePath } from '@anydrive/core'
import type { Bench, Law } from '../law'
import { words } from '../words'
import { law, pairs } from './batch-words'

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
    name: 'batchCopy of a directory is refused where only copyDir takes one',
    operation: 'batchCopy',
    promise: '2.4 Batches',
    needs: ['features.copyDirInBatch'],
    check: () => Promise.resolve(),
    otherwise: async (bench: Bench) => {
      if (!bench.drive.capabilities.operations.batchCopy) return
      await bench.makeDir('d')
      const batch = await bench.right(bench.drive.batchCopy([{ from: bench.at('d'), to: 'x' as DrivePath }]))
      bench.holds(['WrongKind', 'Unsupported'].includes(words(batch)[0] ?? ''), 'WrongKind or Unsupported was promised')
    },
  },
]
