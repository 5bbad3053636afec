// Laws of batchRemove.
import { fromBytes, remove, root, type Feature } from '@anydrive/core'
import { Violation, type Law } from '../law'
import { failureOf, only, words } from '../words'

const law = (name: string, check: Law['check'], needs: ReadonlyArray<Feature> = []): Law => ({
  name,
  operation: 'batchRemove',
  promise: '2.4 Batches',
  needs: ['operations.batchRemove', ...needs],
  check,
})

export const batchRemoveLaws: ReadonlyArray<Law> = [
  law('an empty batch is settled', async ({ drive, right, same }) => {
    same(await right(drive.batchRemove([])), { outcomes: [] }, 'the answer')
  }),
  law('a file is gone', async ({ drive, right, same, tree, makeFile }) => {
    const outcome = only(await right(drive.batchRemove([await makeFile('a')])))
    same(
      [outcome.status, outcome.status === 'done' && outcome.path, await tree()],
      ['done', outcome.item, []],
      'the outcome',
    )
  }),
  law('a directory goes with all below it', async ({ drive, at, right, same, tree, makeFile }) => {
    await makeFile('d/e/f')
    await makeFile('kept')
    await right(drive.batchRemove([at('d')]))
    same(await tree(), ['kept'], 'the tree')
  }),
  law('to the bin where there is one, else for good', async ({ drive, right, same, makeFile }) => {
    const outcome = only(await right(drive.batchRemove([await makeFile('a')])))
    same(outcome.status === 'done' && outcome.how, drive.capabilities.features.trash ? 'trashed' : 'erased', 'how')
  }),
  law('past the bin where that is asked', async ({ drive, right, same, tree, makeFile }) => {
    const outcome = only(await right(drive.batchRemove([await makeFile('a')], { permanent: true })))
    same([outcome.status === 'done' && outcome.how, await tree()], ['erased', []], 'how')
  }),
  {
    ...law(
      'recovery may be required',
      async ({ drive, right, same, makeFile }) => {
        const outcome = only(await right(drive.batchRemove([await makeFile('a')], { requireTrash: true })))
        same(outcome.status === 'done' && outcome.how, 'trashed', 'how')
      },
      ['features.trash'],
    ),
    otherwise: async ({ drive, left, same, tree, makeFile }) => {
      const error = await left(drive.batchRemove([await makeFile('a')], { requireTrash: true }), 'Unsupported')
      same([error.feature, await tree()], ['features.trash', ['a']], 'the error and the tree')
    },
  },
  law('recovery and no bin contradict each other', async ({ drive, left, makeFile }) => {
    await left(drive.batchRemove([await makeFile('a')], { requireTrash: true, permanent: true }), 'Unsupported')
  }),
  law('what is not there is NotFound, and the rest go on', async ({ drive, at, right, same, tree, makeFile }) => {
    await makeFile('a')
    await makeFile('b')
    const batch = await right(drive.batchRemove([at('a'), at('none'), at('b')]))
    same(
      [words(batch), failureOf(batch.outcomes[1]).path, await tree()],
      [['done', 'NotFound', 'done'], at('none'), []],
      'the outcomes',
    )
  }),
  law('the same path twice is missing the second time', async ({ drive, right, same, makeFile }) => {
    const a = await makeFile('a')
    same(words(await right(drive.batchRemove([a, a]))), ['done', 'NotFound'], 'the outcomes')
  }),
  law('what lay below what is removed is gone when its turn comes', async ({ drive, at, right, same, makeFile }) => {
    await makeFile('d/f')
    same(words(await right(drive.batchRemove([at('d'), at('d/f')]))), ['done', 'NotFound'], 'the outcomes')
  }),
  law('children first, then their directory', async ({ drive, at, right, same, tree, makeFile }) => {
    await makeFile('d/f')
    same(
      [words(await right(drive.batchRemove([at('d/f'), at('d')]))), await tree()],
      [['done', 'done'], []],
      'the outcomes',
    )
  }),
  law('the root is not removed', async ({ drive, right, same }) => {
    same(words(await right(drive.batchRemove([root]))), ['Unsupported'], 'the outcome')
  }),
  law('a removed name is free again', async ({ drive, at, right, same, textOf, makeFile }) => {
    await right(drive.batchRemove([await makeFile('a', 'old')]))
    await right(drive.writeFile(at('a'), fromBytes('new')))
    same(await textOf(at('a')), 'new', 'the content')
  }),
  law('a removed directory’s name is free for a file', async ({ drive, at, right, same, tree, makeFile }) => {
    await makeFile('d/f')
    await right(drive.batchRemove([at('d')]))
    await makeFile('d')
    same(await tree(), ['d'], 'the tree')
  }),
  law('many are removed in one batch', async ({ drive, at, right, same, tree, makeFile }) => {
    const paths = Array.from({ length: 30 }, (_, i) => at(`d/${i}`))
    for (let i = 0; i < paths.length; i++) await makeFile(`d/${i}`)
    same(
      [new Set(words(await right(drive.batchRemove(paths)))), await tree()],
      [new Set(['done']), ['d/']],
      'the outcomes',
    )
  }),
  law('the helper’s failure is the outcome’s', async ({ drive, at, left }) => {
    await left(remove(drive, at('none')), 'NotFound')
  }),
  law(
    'a file is removed only while it has the version given',
    async ({ drive, at, right, same, tree, makeFile }) => {
      const entry = await right(drive.stat(await makeFile('a')))
      if (entry.kind !== 'file' || entry.version === undefined) throw new Violation('a version was promised')
      const wrong = await right(drive.batchRemove([{ path: at('a'), ifVersion: `${entry.version}x` }]))
      same([words(wrong), await tree()], [['PreconditionFailed'], ['a']], 'with another version')
      const rightOne = await right(drive.batchRemove([{ path: at('a'), ifVersion: entry.version }]))
      same([words(rightOne), await tree()], [['done'], []], 'with its own')
    },
    ['features.etags'],
  ),
]
