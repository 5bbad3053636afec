// Laws of a drive that others change too: ids that now belong to something else, tasks that do not end.
import {
  mayHaveHappened,
  fromBytes,
  isAccepted,
  move,
  readText,
  remove,
  settled,
  type DriveError,
  type DriveProvider,
  type Result,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Harness, Law } from '../law'
import { ending, polling, throughProxy } from '../proxied'
import { isBatch, only } from '../words'

const law = (name: string, operation: Law['operation'], check: Law['check'], more: Partial<Law>): Law => ({
  name,
  operation,
  promise: '5 Ids',
  needs: ['operations.batchMove', 'operations.batchRemove'],
  needsHooks: ['http'],
  check,
  ...more,
})

/** A drive that has been used, and whose clock the test turns past the time that it may trust what it knows. */
const withClock = async (
  harness: Harness,
  run: (drive: DriveProvider, pass: () => void) => Promise<void>,
): Promise<void> => {
  let ahead = 0
  await throughProxy(
    harness,
    (drive) =>
      run(drive, () => {
        ahead += drive.capabilities.consistency.staleness + 1
      }),
    { now: () => Date.now() + ahead },
  )
}

/** `d/f` is used by the drive; then others move `d` to `e`, and make another `d`. */
const replaceDirectory = async (harness: Harness, drive: DriveProvider): Promise<void> => {
  const { at, right } = harness
  await harness.makeFile('d/f', 'first')
  await right(drive.stat(at('d/f')))
  await right(drive.list(at('d')))
  await right(readText(await right(drive.readFile(at('d/f')))))
  await right(drive.writeFile(at('d/g'), fromBytes('second')))
  await right(move(harness.drive, at('d'), at('e')))
  await right(harness.drive.createDir(at('d')))
}

const tasks = async (harness: Harness, run: () => Promise<void>): Promise<void> => {
  await harness.hooks.holdTasks?.(true)
  try {
    await run()
  } finally {
    await harness.hooks.holdTasks?.(false)
    await harness.hooks.settled?.()
  }
}

interface WaitingCall {
  readonly operation: 'copyDir' | 'batchMove' | 'batchCopy' | 'batchRemove'
  readonly call: (drive: DriveProvider, harness: Harness, signal: AbortSignal) => Result<unknown>
  /** The tree once it has happened. */
  readonly after: ReadonlyArray<string>
}
const waitingCalls: ReadonlyArray<WaitingCall> = [
  {
    operation: 'copyDir',
    call: (drive, { at }, signal) => drive.copyDir(at('a'), at('b'), { signal }),
    after: ['a/', 'a/f', 'b/', 'b/f'],
  },
  {
    operation: 'batchMove',
    call: (drive, { at }, signal) => drive.batchMove([{ from: at('a/f'), to: at('g') }], { signal }),
    after: ['a/', 'g'],
  },
  {
    operation: 'batchCopy',
    call: (drive, { at }, signal) => drive.batchCopy([{ from: at('a/f'), to: at('g') }], { signal }),
    after: ['a/', 'a/f', 'g'],
  },
  {
    operation: 'batchRemove',
    call: (drive, { at }, signal) => drive.batchRemove([at('a/f')], { signal }),
    after: ['a/'],
  },
]

/** The failure of a call, or of the only item of a batch. */
const failureIn = (answer: E.Either<DriveError, unknown>): DriveError | undefined => {
  if (E.isLeft(answer)) return answer.left
  const outcome = isBatch(answer.right) ? only(answer.right) : undefined
  return outcome?.status === 'failed' ? outcome.error : undefined
}

const checkAbortedWait = async (harness: Harness, { call, after }: WaitingCall): Promise<void> => {
  await harness.makeFile('a/f', 'text')
  const stop = new AbortController()
  const answers: Array<E.Either<DriveError, unknown>> = []
  await tasks(harness, () =>
    throughProxy(harness, async (drive, proxy) => {
      void polling(harness, proxy).then(() => stop.abort())
      const running = call(drive, harness, stop.signal)()
      answers.push(await ending('a call that was aborted while its task was unfinished', running))
    }),
  )
  const [error] = answers.map(failureIn)
  if (error !== undefined && 'task' in error) {
    const accepted = { task: error.task } as Parameters<typeof isAccepted>[0]
    if (isAccepted(accepted)) await harness.right(settled(harness.drive, accepted.task, { timeout: 60_000 }))
  }
  if (error === undefined) harness.same(await harness.tree(), after, 'the tree after a success')
  else if (stop.signal.aborted)
    harness.holds(mayHaveHappened(error), `${error._tag} says that nothing happens, while the task is unfinished`)
}

export const sharedDriveLaws: ReadonlyArray<Law> = [
  law(
    'a file is written into the directory that has the name now',
    'writeFile',
    (harness) =>
      withClock(harness, async (drive, pass) => {
        await replaceDirectory(harness, drive)
        pass()
        await harness.right(drive.writeFile(harness.at('d/new'), fromBytes('new')))
        harness.same(await harness.tree(), ['d/', 'd/new', 'e/', 'e/f', 'e/g'], 'the tree')
      }),
    {},
  ),
  law(
    'what was moved away by others is no longer removed, moved or written through its old path',
    'batchRemove',
    (harness) =>
      withClock(harness, async (drive, pass) => {
        const { at, left, right, same } = harness
        await replaceDirectory(harness, drive)
        pass()
        await left(remove(drive, at('d/f')), 'NotFound')
        pass()
        await left(move(drive, at('d/g'), at('h')), 'NotFound')
        pass()
        await right(drive.createDir(at('d/sub')))
        same(await harness.tree(), ['d/', 'd/sub/', 'e/', 'e/f', 'e/g'], 'the tree')
      }),
    {},
  ),
  law(
    'what was replaced by others is read as it is now',
    'readFile',
    (harness) =>
      withClock(harness, async (drive, pass) => {
        const { at, right, same } = harness
        await replaceDirectory(harness, drive)
        await harness.makeFile('d/f', 'third')
        pass()
        const read = await right(drive.readFile(at('d/f')))
        const chunks: Array<Buffer> = []
        for await (const chunk of read.stream as AsyncIterable<Buffer>) chunks.push(chunk)
        same(Buffer.concat(chunks).toString(), 'third', 'the content')
        pass()
        const page = await right(drive.list(at('d')))
        same(
          page.items.map(({ name }) => name),
          ['f'],
          'the names',
        )
      }),
    {},
  ),
  ...waitingCalls.map((waiting) =>
    law(
      'an abort ends the wait for a task, and the task can be asked for later',
      waiting.operation,
      (harness) => checkAbortedWait(harness, waiting),
      {
        promise: '2.5 Tasks',
        needs: [`operations.${waiting.operation}`, 'features.background'],
        needsHooks: ['http', 'holdTasks'],
      },
    ),
  ),
]
