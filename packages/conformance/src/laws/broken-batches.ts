// Laws of batches of which the service does a part only.
import {
  isAccepted,
  mayHaveHappened,
  settled,
  walk,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Result,
} from '@anydrive/core'
import { isTemporary } from '@anydrive/core/adapter'
import type { Harness, Law } from '../law'
import { polling, throughProxy } from '../proxied'

type Operation = 'batchMove' | 'batchCopy' | 'batchRemove'
type Outcome = { readonly status: 'done' } | { readonly status: 'failed'; readonly error: DriveError }

const count = 8
const textAt = (i: number): string => `the content of item ${i}`

/** Relative path → text of each file that is listed; files under temporary names have the empty path. */
const textsBelow = async ({ again, root, right, textOf }: Harness): Promise<ReadonlyMap<string, string>> => {
  const texts = new Map<string, string>()
  for await (const one of walk(await again(), root, { temporaries: 'show' })) {
    const { kind, path } = await right(() => Promise.resolve(one))
    if (kind === 'file') texts.set(path.split('/').some(isTemporary) ? '' : path, await textOf(path))
  }
  return texts
}

interface Batch {
  readonly outcomes: ReadonlyArray<Outcome>
}

const start = (drive: DriveProvider, { at }: Harness, operation: Operation, wait: boolean): Result<unknown> => {
  const sources = Array.from({ length: count }, (_, i) => at(`from/${i}`))
  const items = sources.map((from, i) => ({ from, to: at(`to/${i}`) }))
  return operation === 'batchRemove' ? drive.batchRemove(sources, { wait }) : drive[operation](items, { wait })
}

const run = async (harness: Harness, operation: Operation): Promise<Batch> =>
  (await harness.right(start(harness.drive, harness, operation, true))) as Batch

/** The service finishes the task only once it was handed out, or is waited for. */
const runByTask = async (harness: Harness, operation: Operation): Promise<Batch> => {
  const batches: Array<Batch> = []
  await harness.hooks.holdTasks?.(true)
  await throughProxy(harness, async (drive, proxy) => {
    const polled = polling(harness, proxy)
    const running = start(drive, harness, operation, false)()
    await Promise.race([running, polled])
    await harness.hooks.holdTasks?.(false)
    const answer = (await harness.right(() => running)) as Parameters<typeof isAccepted>[0]
    batches.push((isAccepted(answer) ? await harness.right(settled(drive, answer.task)) : answer) as Batch)
  })
  return batches[0] ?? { outcomes: [] }
}

/** Whether the item is where its outcome says. An item whose outcome is unknown may be at either end, but a move leaves it at one. */
const check = (
  { holds, at }: Harness,
  operation: Operation,
  i: number,
  outcome: Outcome,
  texts: ReadonlyMap<string, string>,
): void => {
  const has = (path: DrivePath): boolean => texts.get(path) === textAt(i)
  const [isAtSource, isAtTarget] = [has(at(`from/${i}`)), has(at(`to/${i}`))]
  const where = `item ${i} is ${isAtSource ? '' : 'not '}at its source and ${isAtTarget ? '' : 'not '}at its target`
  if (outcome.status === 'done') {
    const isDone = isAtSource === (operation === 'batchCopy') && isAtTarget === (operation !== 'batchRemove')
    holds(isDone, `${operation} says done, but ${where}`)
  } else if (!mayHaveHappened(outcome.error))
    holds(isAtSource && !isAtTarget, `${operation} says ${outcome.error._tag} without effect, but ${where}`)
  else if (operation === 'batchMove') holds(!(isAtSource && isAtTarget), `${operation} leaves doubt, and ${where}`)
  else if (operation === 'batchCopy') holds(isAtSource, `${operation} leaves doubt, and ${where}`)
}

const operations = ['batchMove', 'batchCopy', 'batchRemove'] as const

export const brokenBatchLaws: ReadonlyArray<Law> = operations.flatMap((operation) =>
  [false, true].map((byTask) => ({
    name: `of items that ${byTask ? 'a task' : 'the service'} fails, and others that it does, each is where its outcome says`,
    operation,
    promise: byTask ? '2.5 Tasks' : '2.4 Batches',
    needs: byTask ? [`operations.${operation}`, 'features.background'] : [`operations.${operation}`],
    needsHooks: byTask ? ['http', 'failItems', 'holdTasks'] : ['failItems'],
    check: async (harness) => {
      for (let i = 0; i < count; i++) await harness.makeFile(`from/${i}`, textAt(i))
      await harness.makeDir('to')
      harness.hooks.failItems?.(true)
      const { outcomes } = await (byTask ? runByTask : run)(harness, operation)
      harness.hooks.failItems?.(false)
      harness.same(outcomes.length, count, 'the number of outcomes')
      const texts = await textsBelow(harness)
      outcomes.forEach((outcome, i) => check(harness, operation, i, outcome, texts))
    },
  })),
)
