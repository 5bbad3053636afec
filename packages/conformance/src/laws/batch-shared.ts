// Laws that batchMove and batchCopy have in common.
import { root } from '@anydrive/core'
import type { Law } from '../law'
import { checkNothingLeft, failureOf, only, words } from '../words'
import { files, law, needs, pairs, type Verb } from './batch-words'

export const sharedBatchLaws = (verb: Verb): ReadonlyArray<Law> => {
  const moves = verb === 'batchMove'
  const left = (...names: ReadonlyArray<string>) => (moves ? [] : names)
  return [
    law(verb, 'an empty batch is settled', async ({ drive, right, same }) => {
      same(await right(drive[verb]([])), { outcomes: [] }, 'the answer')
    }),
    law(verb, 'outcomes stand in request order, each with its item', async (bench) => {
      const { drive, right, same } = bench
      await files(bench, 'a', 'b', 'c')
      const items = pairs(bench, ['c', 'x/1'], ['none', 'x/2'], ['a', 'x/3'], ['b', 'x/4'])
      const { outcomes } = await right(drive[verb](items))
      same(
        outcomes.map((o) => o.item),
        items,
        'the items',
      )
      same(words({ outcomes }), ['done', 'NotFound', 'done', 'done'], 'the outcomes')
    }),
    law(verb, 'contents arrive', async (bench) => {
      await bench.makeFile('a', 'one')
      await bench.right(bench.drive[verb](pairs(bench, ['a', 'd/b'])))
      bench.same(
        [await bench.textOf(bench.at('d/b')), await bench.tree()],
        ['one', [...left('a'), 'd/', 'd/b']],
        'content and tree',
      )
    }),
    law(verb, 'the strategy of an item wins over that of the call', async (bench) => {
      await files(bench, 'a', 'b', 'x', 'y')
      const batch = await bench.right(
        bench.drive[verb](pairs(bench, ['a', 'x'], ['b', 'y', 'ask']), { conflict: 'rename' }),
      )
      bench.same(words(batch), ['done', 'NameConflict'], 'the outcomes')
    }),
    law(verb, 'a conflict names the target, a missing source the source', async (bench) => {
      const { drive, right, same, at } = bench
      await files(bench, 'a', 'x')
      const { outcomes } = await right(drive[verb](pairs(bench, ['a', 'x'], ['none', 'y'])))
      same(
        outcomes.map((o) => failureOf(o).path),
        [at('x'), at('none')],
        'the paths',
      )
    }),
    law(verb, 'one target twice: under ask the second conflicts', async (bench) => {
      await files(bench, 'a', 'b')
      const batch = await bench.right(bench.drive[verb](pairs(bench, ['a', 'x'], ['b', 'x'])))
      bench.same([words(batch), await bench.textOf(bench.at('x'))], [['done', 'NameConflict'], 'a'], 'the outcomes')
    }),
    law(verb, 'one target twice: under rename both stand', async (bench) => {
      await files(bench, 'a', 'b')
      const batch = await bench.right(bench.drive[verb](pairs(bench, ['a', 'x', 'rename'], ['b', 'x', 'rename'])))
      bench.same([words(batch), (await bench.tree()).length], [['done', 'done'], moves ? 2 : 4], 'outcomes and entries')
    }),
    {
      ...law(verb, 'one target twice: under overwrite the last stands', async (bench) => {
        await files(bench, 'a', 'b')
        const batch = await bench.right(
          bench.drive[verb](pairs(bench, ['a', 'x', 'overwrite'], ['b', 'x', 'overwrite'])),
        )
        bench.same([words(batch), await bench.textOf(bench.at('x'))], [['done', 'done'], 'b'], 'outcomes and content')
      }),
      needs: needs(verb, 'overwrite'),
    },
    law(verb, 'without a strategy every item is done as under ask', async (bench) => {
      await files(bench, 'a', 'x')
      await bench.makeFile('d/y')
      const batch = await bench.right(bench.drive[verb](pairs(bench, ['a', 'x'], ['a', 'd'])))
      bench.same(
        [words(batch), await bench.textOf(bench.at('x')), await bench.tree()],
        [['NameConflict', 'NameConflict'], 'x', ['a', 'd/', 'd/y', 'x']],
        'the outcomes',
      )
    }),
    {
      ...law(verb, 'what overwrite did leaves no name of its own behind', async (bench) => {
        await files(bench, 'a', 'b', 'x', 'd/y')
        await bench.right(bench.drive[verb](pairs(bench, ['a', 'x', 'overwrite'], ['b', 'd/y', 'overwrite'])))
        await checkNothingLeft(bench)
        bench.same(await bench.tree(), [...left('a', 'b'), 'd/', 'd/y', 'x'], 'the tree')
      }),
      needs: needs(verb, 'overwrite'),
    },
    law(
      verb,
      'missing parents are made, once for all items',
      async (bench) => {
        await files(bench, 'a', 'b')
        const batch = await bench.right(bench.drive[verb](pairs(bench, ['a', 'n/m/a'], ['b', 'n/m/b'])))
        bench.same(
          [words(batch), await bench.tree()],
          [
            ['done', 'done'],
            [...left('a', 'b'), 'n/', 'n/m/', 'n/m/a', 'n/m/b'],
          ],
          'outcomes and tree',
        )
      },
      '2.3 Placing',
    ),
    law(
      verb,
      'missing parents may be required: only those items fail',
      async (bench) => {
        await files(bench, 'a', 'b')
        const batch = await bench.right(
          bench.drive[verb](pairs(bench, ['a', 'n/a'], ['b', 'c']), { parents: 'require' }),
        )
        const [first] = batch.outcomes
        const error = failureOf(first)
        bench.same(
          [words(batch), error._tag === 'NotFound' && error.what],
          [['NotFound', 'done'], 'parent'],
          'the outcomes',
        )
        bench.same(await bench.tree(), ['a', ...left('b'), 'c'], 'the tree')
      },
      '2.3 Placing',
    ),
    law(
      verb,
      'a file among the parents is WrongKind',
      async (bench) => {
        await files(bench, 'a', 'f')
        const batch = await bench.right(bench.drive[verb](pairs(bench, ['a', 'f/x'])))
        bench.same([words(batch), await bench.tree()], [['WrongKind'], ['a', 'f']], 'the outcomes')
      },
      '2.3 Placing',
    ),
    law(verb, 'a directory into itself is NestedTarget, and the rest go on', async (bench) => {
      await bench.makeFile('d/e/f')
      await files(bench, 'a')
      const batch = await bench.right(bench.drive[verb](pairs(bench, ['d', 'd/x'], ['d', 'd/e/x'], ['a', 'b'])))
      bench.same(words(batch), ['NestedTarget', 'NestedTarget', 'done'], 'the outcomes')
    }),
    law(
      verb,
      'the root is no target',
      async ({ drive, right, same, makeFile }) => {
        const batch = await right(drive[verb]([{ from: await makeFile('a'), to: root }]))
        same(words(batch), ['NameConflict'], 'the outcome')
      },
      '2.1 Paths',
    ),
    law(verb, 'what is refused here was not attempted', async (bench) => {
      const batch = await bench.right(bench.drive[verb](pairs(bench, ['d', 'd/x'])))
      const outcome = only(batch)
      bench.same(outcome.status === 'failed' && outcome.attempted, false, 'attempted')
    }),
    law(verb, 'a batch longer than the vendor’s limit is done whole', async (bench) => {
      const count = Math.min(bench.drive.capabilities.limits.batch, 40) + 3
      const names = Array.from({ length: count }, (_, i) => `s/${i}`)
      await files(bench, ...names)
      const batch = await bench.right(
        bench.drive[verb](names.map((n) => ({ from: bench.at(n), to: bench.at(`t/${n.slice(2)}`) }))),
      )
      bench.same(
        [new Set(words(batch)), (await bench.entriesOf(bench.at('t'))).length],
        [new Set(['done']), count],
        'the outcomes',
      )
    }),
    law(
      verb,
      'a strange name stays movable and readable under another',
      async (bench) => {
        await bench.makeFile('it’s (1) & 50% #1.txt', 'x')
        await bench.right(bench.drive[verb](pairs(bench, ['it’s (1) & 50% #1.txt', 'plain'])))
        bench.same(await bench.textOf(bench.at('plain')), 'x', 'the content')
      },
      '2.3 Placing',
    ),
  ]
}
