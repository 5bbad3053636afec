// Laws of tasks: work that may be done later, asked for by anyone.
import { isAccepted, settled, TaskRef, type Accepted } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Harness, Law } from '../law'
import { words } from '../words'

const law = (name: string, check: Law['check'], needs: Law['needs'] = []): Law => ({
  name,
  operation: 'task',
  promise: '2.5 Tasks',
  needs,
  check,
})

/** The reference as a stranger would have it: through JSON. */
const stored = (accepted: Accepted): TaskRef => {
  const decoded = TaskRef.decode(JSON.parse(JSON.stringify(accepted.task)))
  if (E.isLeft(decoded)) throw new Error('a reference does not survive JSON')
  return decoded.right
}

/** Settled by another provider object, and looked at once more: a look changes nothing. */
const settleElsewhere = async (harness: Harness, accepted: Accepted): Promise<unknown> => {
  harness.holds(harness.drive.capabilities.features.background, 'a task was handed out, and none is declared')
  const other = await harness.again()
  const result = await harness.right(settled(other, stored(accepted), { timeout: 60_000 }))
  harness.same(await harness.right(other.task(stored(accepted))), { status: 'settled', result }, 'the second look')
  return result
}

export const taskLaws: ReadonlyArray<Law> = [
  law('another vendor’s reference is NotFound', async ({ drive, left, same }) => {
    const error = await left(drive.task({ vendor: 'nobody', operation: 'copyDir', state: null }), 'NotFound')
    same(error.what, 'task', 'what')
  }),
  law('a reference that nobody wrote is NotFound', async ({ drive, left }) => {
    for (const state of [null, 7, 'x', [], { items: [] }])
      for (const operation of ['copyDir', 'batchMove', 'batchCopy', 'batchRemove'] as const)
        await left(drive.task({ vendor: drive.vendor, operation, state }), 'NotFound')
  }),
  law(
    'copyDir that need not wait is done, or handed out and settled by another provider object',
    async (harness) => {
      await harness.makeFile('a/f', 'x')
      const answer = await harness.right(harness.drive.copyDir(harness.at('a'), harness.at('b'), { wait: false }))
      const placed = isAccepted(answer) ? await settleElsewhere(harness, answer) : answer
      harness.same((placed as { readonly path: string }).path, harness.at('b'), 'where')
      harness.same(await harness.textOf(harness.at('b/f')), 'x', 'the content')
    },
    ['operations.copyDir'],
  ),
  law(
    'batchMove that need not wait is done, or handed out and settled with all outcomes',
    async (harness) => {
      await harness.makeFile('a')
      await harness.makeFile('b')
      await harness.makeFile('taken')
      const items = [
        { from: harness.at('a'), to: harness.at('d/a') },
        { from: harness.at('b'), to: harness.at('taken') },
      ]
      const answer = await harness.right(harness.drive.batchMove(items, { wait: false }))
      const batch = (isAccepted(answer) ? await settleElsewhere(harness, answer) : answer) as Parameters<
        typeof words
      >[0]
      harness.same(words(batch), ['done', 'NameConflict'], 'the outcomes')
      harness.same(
        batch.outcomes.map((o) => o.item),
        items,
        'the items',
      )
      harness.same(await harness.tree(), ['b', 'd/', 'd/a', 'taken'], 'the tree')
    },
    ['operations.batchMove'],
  ),
  law(
    'batchCopy that need not wait is done, or handed out and settled with all outcomes',
    async (harness) => {
      await harness.makeFile('a', 'x')
      await harness.makeFile('taken')
      const items = [
        { from: harness.at('a'), to: harness.at('d/a') },
        { from: harness.at('a'), to: harness.at('taken') },
        { from: harness.at('none'), to: harness.at('e') },
      ]
      const answer = await harness.right(harness.drive.batchCopy(items, { wait: false }))
      const batch = (isAccepted(answer) ? await settleElsewhere(harness, answer) : answer) as Parameters<
        typeof words
      >[0]
      harness.same(words(batch), ['done', 'NameConflict', 'NotFound'], 'the outcomes')
      harness.same(await harness.tree(), ['a', 'd/', 'd/a', 'taken'], 'the tree')
    },
    ['operations.batchCopy'],
  ),
  law(
    'batchRemove that need not wait is done, or handed out and settled',
    async (harness) => {
      await harness.makeFile('d/f')
      const answer = await harness.right(
        harness.drive.batchRemove([harness.at('d'), harness.at('none')], { wait: false }),
      )
      const batch = (isAccepted(answer) ? await settleElsewhere(harness, answer) : answer) as Parameters<
        typeof words
      >[0]
      harness.same([words(batch), await harness.tree()], [['done', 'NotFound'], []], 'outcomes and tree')
    },
    ['operations.batchRemove'],
  ),
  law(
    'looking at a task again changes nothing',
    async (harness) => {
      await harness.makeFile('a/f')
      const answer = await harness.right(harness.drive.copyDir(harness.at('a'), harness.at('b'), { wait: false }))
      if (!isAccepted(answer)) return harness.notApplicable('the drive was done at once')
      const first = await harness.right(settled(harness.drive, answer.task, { timeout: 60_000 }))
      const again = await harness.right(harness.drive.task(answer.task))
      harness.same(again, { status: 'settled', result: first }, 'the second look')
    },
    ['operations.copyDir', 'features.background'],
  ),
  law(
    'a settled answer to the plain call is never a task',
    async ({ drive, at, right, same, makeFile }) => {
      await makeFile('a/f')
      same('task' in (await right(drive.copyDir(at('a'), at('b')))), false, 'a task')
    },
    ['operations.copyDir'],
  ),
  law(
    'a refused call is refused at once, not by its task',
    async ({ drive, at, left, makeFile, makeDir }) => {
      await makeDir('a')
      await makeFile('b')
      await left(drive.copyDir(at('none'), at('c'), { wait: false }), 'NotFound')
      await left(drive.copyDir(at('a'), at('a/b'), { wait: false }), 'NestedTarget')
    },
    ['operations.copyDir'],
  ),
]
