// Laws of signals, time-outs and laziness, over every operation.
import { fromBytes, readBytes, type CallOptions, type FileContent, type Operation, type Result } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Harness, Law } from '../law'
import { checkNothingLeft, failureOf, isBatch, patternBytes } from '../words'

interface Called {
  readonly operation: Operation
  readonly call: (harness: Harness, options: CallOptions) => Result<unknown>
  /** The tree once it has happened. */
  readonly after: ReadonlyArray<string>
  readonly optional?: true
}
const before = ['d/', 'd/g', 'f']
const prepare = async (harness: Harness): Promise<void> => {
  await harness.makeFile('f', 'x')
  await harness.makeFile('d/g', 'y')
}

/** An abort may end a stream before its reader has come. */
const attended = (content: FileContent): FileContent => {
  content.stream.on('error', () => undefined)
  return content
}

const calls: ReadonlyArray<Called> = [
  { operation: 'stat', call: ({ drive, at }, o) => drive.stat(at('f'), o), after: before },
  { operation: 'list', call: ({ drive, root }, o) => drive.list(root, o), after: before },
  { operation: 'createDir', call: ({ drive, at }, o) => drive.createDir(at('new'), o), after: [...before, 'new/'] },
  {
    operation: 'readFile',
    call: ({ drive, at }, o) => pipe(drive.readFile(at('f'), o), TE.map(attended)),
    after: before,
  },
  {
    operation: 'writeFile',
    call: ({ drive, at }, o) => drive.writeFile(at('new'), fromBytes('x'), o),
    after: [...before, 'new'],
  },
  {
    operation: 'copyDir',
    call: ({ drive, at }, o) => drive.copyDir(at('d'), at('new'), o),
    after: [...before, 'new/', 'new/g'],
    optional: true,
  },
  {
    operation: 'batchMove',
    call: ({ drive, at }, o) => drive.batchMove([{ from: at('f'), to: at('new') }], o),
    after: ['d/', 'd/g', 'new'],
    optional: true,
  },
  {
    operation: 'batchCopy',
    call: ({ drive, at }, o) => drive.batchCopy([{ from: at('f'), to: at('new') }], o),
    after: [...before, 'new'],
    optional: true,
  },
  {
    operation: 'batchRemove',
    call: ({ drive, at }, o) => drive.batchRemove([at('f')], o),
    after: ['d/', 'd/g'],
    optional: true,
  },
]

/** A stream is the caller's to end. */
const letGo = (answer: unknown): void => {
  if (typeof answer === 'object' && answer !== null && 'stream' in answer)
    (answer as { readonly stream: { readonly destroy: () => void } }).stream.destroy()
}

/** What the answer says in a word: done, or the tag of the error, of the only item of a batch too. */
const wordOf = (answer: E.Either<{ readonly _tag: string }, unknown>): string => {
  if (E.isLeft(answer)) return answer.left._tag
  letGo(answer.right)
  if (!isBatch(answer.right)) return 'done'
  const [outcome] = answer.right.outcomes
  return outcome?.status === 'done' ? 'done' : failureOf(outcome)._tag
}
const effectOf = (answer: E.Either<object, unknown>): unknown => {
  if (E.isLeft(answer)) return 'effect' in answer.left ? answer.left.effect : undefined
  const error = isBatch(answer.right) ? failureOf(answer.right.outcomes[0]) : undefined
  return error !== undefined && 'effect' in error ? error.effect : undefined
}

/** Whatever was told is true: done, or not done, or in doubt; and an answer without doubt leaves nothing of its own behind. */
const checkTold = async (
  harness: Harness,
  { after }: Called,
  answer: E.Either<{ readonly _tag: string }, unknown>,
  stopped: 'Aborted' | 'Timeout',
): Promise<void> => {
  const word = wordOf(answer)
  harness.holds(['done', stopped, 'Indeterminate'].includes(word), `${stopped} was promised, got ${word}`)
  if (word === 'Indeterminate' || (word === 'Aborted' && effectOf(answer) === 'unknown')) return
  harness.same(await harness.tree(), word === 'done' ? after : before, `the tree after ${word}`)
  await checkNothingLeft(harness)
}

/** Lets the event loop turn, so that a request is on its way. */
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

const lawsOf = (called: Called): ReadonlyArray<Law> => {
  const { operation, call, optional } = called
  const law = (name: string, check: Law['check']): Law => ({
    name: `${operation} ${name}`,
    operation,
    promise: '2 The interface',
    needs: optional === true ? [`operations.${operation}` as Law['needs'][number]] : [],
    check: async (harness) => {
      await prepare(harness)
      await check(harness)
    },
  })
  return [
    law('with an aborted signal is Aborted without effect', async (harness) => {
      const error = await harness.left(call(harness, { signal: AbortSignal.abort() }), 'Aborted')
      harness.same([error.effect, await harness.tree()], ['none', before], 'effect and tree')
    }),
    law('does nothing until it is run', async (harness) => {
      void call(harness, {})
      harness.same(await harness.tree(), before, 'the tree')
    }),
    law('that is aborted at once either happened or did not', async (harness) => {
      const stop = new AbortController()
      const running = call(harness, { signal: stop.signal })()
      stop.abort()
      await checkTold(harness, called, await running, 'Aborted')
    }),
    law('that is aborted on its way either happened or did not', async (harness) => {
      const stop = new AbortController()
      const running = call(harness, { signal: stop.signal })()
      await turns(3)
      stop.abort()
      await checkTold(harness, called, await running, 'Aborted')
    }),
    law('that is aborted after its answer has happened', async (harness) => {
      const stop = new AbortController()
      letGo(await harness.right(call(harness, { signal: stop.signal })))
      stop.abort()
      await turns(1)
      harness.same(await harness.tree(), called.after, 'the tree')
    }),
    law('that is given too little time either happened or did not', async (harness) => {
      await checkTold(harness, called, await call(harness, { timeout: 1 })(), 'Timeout')
    }),
    law('works again after an abort', async (harness) => {
      await call(harness, { signal: AbortSignal.abort() })()
      letGo(await harness.right(call(harness, { timeout: 600_000 })))
      harness.same(await harness.tree(), called.after, 'the tree')
    }),
  ]
}

export const abortLaws: ReadonlyArray<Law> = [
  ...calls.flatMap(lawsOf),
  {
    name: 'an abort in the middle of an upload leaves nothing',
    operation: 'writeFile',
    promise: '2.6 Reading and writing',
    needs: [],
    check: async ({ drive, at, same, tree, holds }) => {
      const stop = new AbortController()
      const bytes = patternBytes(4 * 1024 * 1024)
      const source = fromBytes(bytes)
      const answer = await drive.writeFile(
        at('f'),
        {
          size: source.size,
          open: (range, signal) => {
            stop.abort()
            return source.open(range, signal)
          },
        },
        { signal: stop.signal },
      )()
      if (E.isRight(answer)) return
      holds(['Aborted', 'Indeterminate'].includes(answer.left._tag), `Aborted was promised, got ${answer.left._tag}`)
      if (answer.left._tag === 'Aborted' && answer.left.effect === 'none') same(await tree(), [], 'the tree')
    },
  },
  {
    name: 'an abort in the middle of a download fails the stream with Aborted',
    operation: 'readFile',
    promise: '2.6 Reading and writing',
    needs: [],
    check: async ({ drive, at, right, left }) => {
      await right(drive.writeFile(at('f'), fromBytes(patternBytes(8 * 1024 * 1024))))
      const stop = new AbortController()
      const content = await right(drive.readFile(at('f'), { signal: stop.signal }))
      content.stream.once('data', () => stop.abort())
      await left(readBytes(content), 'Aborted')
    },
  },
  {
    name: 'a recipe that is run twice is done twice',
    operation: 'createDir',
    promise: '2 The interface',
    needs: ['conflict.createDir.rename'],
    check: async ({ drive, at, right, same, tree }) => {
      const recipe = drive.createDir(at('d'), { conflict: 'rename' })
      const [first, second] = [await right(recipe), await right(recipe)]
      same(
        [first.path === second.path, (await tree()).length],
        [false, 2],
        'whether one path was listed twice, and entries',
      )
    },
  },
  {
    name: 'a recipe that is run again after a failure looks again',
    operation: 'stat',
    promise: '2 The interface',
    needs: [],
    check: async ({ drive, at, left, right, same, makeFile }) => {
      const recipe = drive.stat(at('f'))
      await left(recipe, 'NotFound')
      await makeFile('f')
      same((await right(recipe)).kind, 'file', 'the kind')
    },
  },
]
