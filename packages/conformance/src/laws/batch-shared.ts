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
    law(verb, 'outcomes are in request order, each with its item', async (harness) => {
      const { drive, right, same } = harness
      await files(harness, 'a', 'b', 'c')
      const items = pairs(harness, ['c', 'x/1'], ['none', 'x/2'], ['a', 'x/3'], ['b', 'x/4'])
      const { outcomes } = await right(drive[verb](items))
      same(
        outcomes.map((o) => o.item),
        items,
        'the items',
      )
      same(words({ outcomes }), ['done', 'NotFound', 'done', 'done'], 'the outcomes')
    }),
    law(verb, 'contents arrive', async (harness) => {
      await harness.makeFile('a', 'one')
      await harness.right(harness.drive[verb](pairs(harness, ['a', 'd/b'])))
      harness.same(
        [await harness.textOf(harness.at('d/b')), await harness.tree()],
        ['one', [...left('a'), 'd/', 'd/b']],
        'content and tree',
      )
    }),
    law(verb, 'the strategy of an item wins over that of the call', async (harness) => {
      await files(harness, 'a', 'b', 'x', 'y')
      const batch = await harness.right(
        harness.drive[verb](pairs(harness, ['a', 'x'], ['b', 'y', 'ask']), { conflict: 'rename' }),
      )
      harness.same(words(batch), ['done', 'NameConflict'], 'the outcomes')
    }),
    law(verb, 'a conflict names the target, a missing source the source', async (harness) => {
      const { drive, right, same, at } = harness
      await files(harness, 'a', 'x')
      const { outcomes } = await right(drive[verb](pairs(harness, ['a', 'x'], ['none', 'y'])))
      same(
        outcomes.map((o) => failureOf(o).path),
        [at('x'), at('none')],
        'the paths',
      )
    }),
    law(verb, 'one target twice: under ask the second conflicts', async (harness) => {
      await files(harness, 'a', 'b')
      const batch = await harness.right(harness.drive[verb](pairs(harness, ['a', 'x'], ['b', 'x'])))
      harness.same(
        [words(batch), await harness.textOf(harness.at('x'))],
        [['done', 'NameConflict'], 'a'],
        'the outcomes',
      )
    }),
    law(verb, 'one target twice: under rename both exist', async (harness) => {
      await files(harness, 'a', 'b')
      const batch = await harness.right(harness.drive[verb](pairs(harness, ['a', 'x', 'rename'], ['b', 'x', 'rename'])))
      harness.same(
        [words(batch), (await harness.tree()).length],
        [['done', 'done'], moves ? 2 : 4],
        'outcomes and entries',
      )
    }),
    {
      ...law(verb, 'one target twice: under overwrite the last remains', async (harness) => {
        await files(harness, 'a', 'b')
        const batch = await harness.right(
          harness.drive[verb](pairs(harness, ['a', 'x', 'overwrite'], ['b', 'x', 'overwrite'])),
        )
        harness.same(
          [words(batch), await harness.textOf(harness.at('x'))],
          [['done', 'done'], 'b'],
          'outcomes and content',
        )
      }),
      needs: needs(verb, 'overwrite'),
    },
    law(verb, 'without a strategy every item is done as under ask', async (harness) => {
      await files(harness, 'a', 'x')
      await harness.makeFile('d/y')
      const batch = await harness.right(harness.drive[verb](pairs(harness, ['a', 'x'], ['a', 'd'])))
      harness.same(
        [words(batch), await harness.textOf(harness.at('x')), await harness.tree()],
        [['NameConflict', 'NameConflict'], 'x', ['a', 'd/', 'd/y', 'x']],
        'the outcomes',
      )
    }),
    {
      ...law(verb, 'what overwrite did leaves no name of its own behind', async (harness) => {
        await files(harness, 'a', 'b', 'x', 'd/y')
        await harness.right(harness.drive[verb](pairs(harness, ['a', 'x', 'overwrite'], ['b', 'd/y', 'overwrite'])))
        await checkNothingLeft(harness)
        harness.same(await harness.tree(), [...left('a', 'b'), 'd/', 'd/y', 'x'], 'the tree')
      }),
      needs: needs(verb, 'overwrite'),
    },
    law(
      verb,
      'missing parents are made, once for all items',
      async (harness) => {
        await files(harness, 'a', 'b')
        const batch = await harness.right(harness.drive[verb](pairs(harness, ['a', 'n/m/a'], ['b', 'n/m/b'])))
        harness.same(
          [words(batch), await harness.tree()],
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
      async (harness) => {
        await files(harness, 'a', 'b')
        const batch = await harness.right(
          harness.drive[verb](pairs(harness, ['a', 'n/a'], ['b', 'c']), { parents: 'require' }),
        )
        const [first] = batch.outcomes
        const error = failureOf(first)
        harness.same(
          [words(batch), error._tag === 'NotFound' && error.what],
          [['NotFound', 'done'], 'parent'],
          'the outcomes',
        )
        harness.same(await harness.tree(), ['a', ...left('b'), 'c'], 'the tree')
      },
      '2.3 Placing',
    ),
    law(
      verb,
      'a file among the parents is WrongKind',
      async (harness) => {
        await files(harness, 'a', 'f')
        const batch = await harness.right(harness.drive[verb](pairs(harness, ['a', 'f/x'])))
        harness.same([words(batch), await harness.tree()], [['WrongKind'], ['a', 'f']], 'the outcomes')
      },
      '2.3 Placing',
    ),
    law(verb, 'a directory into itself is NestedTarget, and the rest go on', async (harness) => {
      await harness.makeFile('d/e/f')
      await files(harness, 'a')
      const batch = await harness.right(harness.drive[verb](pairs(harness, ['d', 'd/x'], ['d', 'd/e/x'], ['a', 'b'])))
      harness.same(words(batch), ['NestedTarget', 'NestedTarget', 'done'], 'the outcomes')
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
    law(verb, 'what is refused here was not attempted', async (harness) => {
      const batch = await harness.right(harness.drive[verb](pairs(harness, ['d', 'd/x'])))
      const outcome = only(batch)
      harness.same(outcome.status === 'failed' && outcome.attempted, false, 'attempted')
    }),
    law(verb, 'a batch longer than the vendor’s limit is done whole', async (harness) => {
      const count = Math.min(harness.drive.capabilities.limits.batch, 40) + 3
      const names = Array.from({ length: count }, (_, i) => `s/${i}`)
      await files(harness, ...names)
      const batch = await harness.right(
        harness.drive[verb](names.map((n) => ({ from: harness.at(n), to: harness.at(`t/${n.slice(2)}`) }))),
      )
      harness.same(
        [new Set(words(batch)), (await harness.entriesOf(harness.at('t'))).length],
        [new Set(['done']), count],
        'the outcomes',
      )
    }),
    law(
      verb,
      'a strange name stays movable and readable under another',
      async (harness) => {
        await harness.makeFile('it’s (1) & 50% #1.txt', 'x')
        await harness.right(harness.drive[verb](pairs(harness, ['it’s (1) & 50% #1.txt', 'plain'])))
        harness.same(await harness.textOf(harness.at('plain')), 'x', 'the content')
      },
      '2.3 Placing',
    ),
  ]
}
