// Laws of a drive that others change too: ids that now belong to something else, tasks that do not end.
import { mayHaveHappened, fromBytes, isAccepted, move, remove, settled, type DriveProvider } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Harness, Law } from '../law'
import { changes, ending, throughProxy } from '../proxied'

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
  law(
    'an abort ends the wait for a task, and the task can be asked for later',
    'copyDir',
    async (harness) => {
      const { at, hooks } = harness
      await harness.makeFile('a/f', 'text')
      const stop = new AbortController()
      let answer: E.Either<{ readonly _tag: string }, unknown> | undefined
      await tasks(harness, () =>
        throughProxy(harness, async (drive, proxy) => {
          let since = 0
          proxy.intercept((request, forward) => {
            if (changes(harness, request) && since === 0) since = 1
            else if (since > 0 && ++since > 3) stop.abort()
            return forward()
          })
          const copied = await ending(
            'a copy that was aborted while its task was unfinished',
            drive.copyDir(at('a'), at('b'), { signal: stop.signal })(),
          )
          answer = copied
          harness.holds(E.isLeft(copied), 'a copy succeeded whose task is not finished')
          if (E.isRight(copied)) return
          harness.holds(
            mayHaveHappened(copied.left),
            `${copied.left._tag} says that nothing happens, while the task is unfinished`,
          )
        }),
      )
      if (hooks.holdTasks === undefined || answer === undefined || E.isRight(answer)) return
      const error = answer.left
      if (!('task' in error) || error.task === undefined) return
      const accepted = { task: error.task } as Parameters<typeof isAccepted>[0]
      if (isAccepted(accepted)) await harness.right(settled(harness.drive, accepted.task, { timeout: 60_000 }))
    },
    { promise: '2.5 Tasks', needs: ['operations.copyDir', 'features.background'], needsHooks: ['http', 'holdTasks'] },
  ),
]
