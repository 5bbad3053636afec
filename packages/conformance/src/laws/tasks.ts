// Laws of tasks: work that may be done later, asked for by anyone.
import { isAccepted, settled, TaskRef, type Accepted } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Bench, Law } from '../law'
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
const settleElsewhere = async (bench: Bench, accepted: Accepted): Promise<unknown> => {
  bench.holds(bench.drive.capabilities.features.background, 'a task was handed out, and none is declared')
  const other = await bench.again()
  const result = await bench.right(settled(other, stored(accepted), { timeout: 60_000 }))
  bench.same(await bench.right(other.task(stored(accepted))), { status: 'settled', result }, 'the second look')
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
    async (bench) => {
      await bench.makeFile('a/f', 'x')
      const answer = await bench.right(bench.drive.copyDir(bench.at('a'), bench.at('b'), { wait: false }))
      const placed = isAccepted(answer) ? await settleElsewhere(bench, answer) : answer
      bench.same((placed as { readonly path: string }).path, bench.at('b'), 'where')
      bench.same(await bench.textOf(bench.at('b/f')), 'x', 'the content')
    },
    ['operations.copyDir'],
  ),
  law(
    'batchMove that need not wait is done, or handed out and settled with all outcomes',
    async (bench) => {
      await bench.makeFile('a')
      await bench.makeFile('b')
      await bench.makeFile('taken')
      const items = [
        { from: bench.at('a'), to: bench.at('d/a') },
        { from: bench.at('b'), to: bench.at('taken') },
      ]
      const answer = await bench.right(bench.drive.batchMove(items, { wait: false }))
      const batch = (isAccepted(answer) ? await settleElsewhere(bench, answer) : answer) as Parameters<typeof words>[0]
      bench.same(words(batch), ['done', 'NameConflict'], 'the outcomes')
      bench.same(
        batch.outcomes.map((o) => o.item),
        items,
        'the items',
      )
      bench.same(await bench.tree(), ['b', 'd/', 'd/a', 'taken'], 'the tree')
    },
    ['operations.batchMove'],
  ),
  law(
    'batchCopy that need not wait is done, or handed out and settled with all outcomes',
    async (bench) => {
      await bench.makeFile('a', 'x')
      await bench.makeFile('taken')
      const items = [
        { from: bench.at('a'), to: bench.at('d/a') },
        { from: bench.at('a'), to: bench.at('taken') },
        { from: bench.at('none'), to: bench.at('e') },
      ]
      const answer = await bench.right(bench.drive.batchCopy(items, { wait: false }))
      const batch = (isAccepted(answer) ? await settleElsewhere(bench, answer) : answer) as Parameters<typeof words>[0]
      bench.same(words(batch), ['done', 'NameConflict', 'NotFound'], 'the outcomes')
      bench.same(await bench.tree(), ['a', 'd/', 'd/a', 'taken'], 'the tree')
    },
    ['operations.batchCopy'],
  ),
  law(
    'batchRemove that need not wait is done, or handed out and settled',
    async (bench) => {
      await bench.makeFile('d/f')
      const answer = await bench.right(bench.drive.batchRemove([bench.at('d'), bench.at('none')], { wait: false }))
      const batch = (isAccepted(answer) ? await settleElsewhere(bench, answer) : answer) as Parameters<typeof words>[0]
      bench.same([words(batch), await bench.tree()], [['done', 'NotFound'], []], 'outcomes and tree')
    },
    ['operations.batchRemove'],
  ),
  law(
    'looking at a task again changes nothing',
    async (bench) => {
      await bench.makeFile('a/f')
      const answer = await bench.right(bench.drive.copyDir(bench.at('a'), bench.at('b'), { wait: false }))
      if (!isAccepted(answer)) return bench.moot('the drive was done at once')
      const first = await bench.right(settled(bench.drive, answer.task, { timeout: 60_000 }))
      const again = await bench.right(bench.drive.task(answer.task))
      bench.same(again, { status: 'settled', result: first }, 'the second look')
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
