// Laws of signals, time-outs and laziness, over every operation.
import { fromBytes, readBytes, walk, withSignal, type CallOptions, type Operation, type Result } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Bench, Law } from '../law'
import { patternBytes } from '../words'

type Call = (bench: Bench, options: CallOptions) => Result<unknown>
const calls: ReadonlyArray<readonly [Operation, Call]> = [
  ['stat', ({ drive, root }, o) => drive.stat(root, o)],
  ['list', ({ drive, root }, o) => drive.list(root, o)],
  ['createDir', ({ drive, at }, o) => drive.createDir(at('new'), o)],
  ['readFile', ({ drive, at }, o) => drive.readFile(at('f'), o)],
  ['writeFile', ({ drive, at }, o) => drive.writeFile(at('new'), fromBytes('x'), o)],
  ['copyDir', ({ drive, at }, o) => drive.copyDir(at('d'), at('new'), o)],
  ['batchMove', ({ drive, at }, o) => drive.batchMove([{ from: at('f'), to: at('new') }], o)],
  ['batchCopy', ({ drive, at }, o) => drive.batchCopy([{ from: at('f'), to: at('new') }], o)],
  ['batchRemove', ({ drive, at }, o) => drive.batchRemove([at('f')], o)],
]

const needs = (operation: Operation): Law['needs'] =>
  operation === 'copyDir' || operation === 'batchMove' || operation === 'batchCopy' || operation === 'batchRemove'
    ? [`operations.${operation}`]
    : []

const prepared = async (bench: Bench): Promise<ReadonlyArray<string>> => {
  await bench.makeFile('f', 'x')
  await bench.makeFile('d/g', 'y')
  return bench.tree()
}

export const abortLaws: ReadonlyArray<Law> = [
  ...calls.flatMap(([operation, call]): ReadonlyArray<Law> => {
    const law = (name: string, check: Law['check']): Law => ({
      name: `${operation} ${name}`,
      operation,
      promise: '2 The interface',
      needs: needs(operation),
      check,
    })
    return [
      law('with an aborted signal is Aborted without effect', async (bench) => {
        const before = await prepared(bench)
        const error = await bench.left(call(bench, { signal: AbortSignal.abort() }), 'Aborted')
        bench.same([error.effect, await bench.tree()], ['none', before], 'effect and tree')
      }),
      law('does nothing until it is run', async (bench) => {
        const before = await prepared(bench)
        void call(bench, {})
        bench.same(await bench.tree(), before, 'the tree')
      }),
      law('that is aborted at once either happened or did not', async (bench) => {
        const before = await prepared(bench)
        const stop = new AbortController()
        const running = call(bench, { signal: stop.signal })()
        stop.abort()
        const answer = await running
        if (E.isRight(answer)) return
        bench.holds(
          ['Aborted', 'Indeterminate'].includes(answer.left._tag),
          `Aborted was promised, got ${answer.left._tag}`,
        )
        if (answer.left._tag === 'Aborted' && answer.left.effect === 'none')
          bench.same(await bench.tree(), before, 'the tree')
      }),
      law('works again after an abort', async (bench) => {
        await prepared(bench)
        await call(bench, { signal: AbortSignal.abort() })()
        const answer = await bench.right(call(bench, {}))
        if (operation === 'readFile') (answer as { readonly stream: { readonly destroy: () => void } }).stream.destroy()
      }),
    ]
  }),
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
    name: 'a signal may serve a whole pipeline',
    operation: 'walk',
    promise: '2 The interface',
    needs: [],
    check: async ({ drive, root, at, left, right, makeFile }) => {
      await makeFile('f')
      const stop = new AbortController()
      const bound = withSignal(stop.signal)(drive)
      await right(bound.stat(root))
      stop.abort()
      await left(bound.stat(root), 'Aborted')
      await left(bound.writeFile(at('g'), fromBytes('x')), 'Aborted')
    },
  },
  {
    name: 'a walk that is aborted ends with Aborted',
    operation: 'walk',
    promise: '2.2 Entries',
    needs: [],
    check: async ({ drive, root, holds, makeFile }) => {
      for (const name of ['a/1', 'b/2', 'c/3']) await makeFile(name)
      const stop = new AbortController()
      const seen: Array<string> = []
      for await (const one of walk(drive, root, { signal: stop.signal })) {
        seen.push(E.isRight(one) ? one.right.path : one.left._tag)
        stop.abort()
      }
      holds(seen.at(-1) === 'Aborted' && seen.length <= 6, `the walk went on: ${seen.join(', ')}`)
    },
  },
  {
    name: 'a directory comes before its children, and each entry once',
    operation: 'walk',
    promise: '2.2 Entries',
    needs: [],
    check: async ({ drive, root, right, same, holds, makeFile, makeDir }) => {
      for (const name of ['a/b/c', 'a/d', 'e']) await makeFile(name)
      await makeDir('empty')
      const seen: Array<string> = []
      for await (const one of walk(drive, root))
        seen.push((await right(() => Promise.resolve(one))).path.slice(root.length + 1))
      same([...seen].sort(), ['a', 'a/b', 'a/b/c', 'a/d', 'e', 'empty'], 'the entries')
      holds(
        seen.indexOf('a') < seen.indexOf('a/b') && seen.indexOf('a/b') < seen.indexOf('a/b/c'),
        `a directory came after its children: ${seen.join(', ')}`,
      )
    },
  },
  {
    name: 'usage tells bytes',
    operation: 'usage',
    promise: '2 The interface',
    needs: ['operations.usage'],
    check: async ({ drive, right, holds, makeFile }) => {
      await makeFile('f', 'hello')
      const { used, capacity } = await right(drive.usage())
      for (const bytes of [used, capacity])
        holds(bytes === undefined || (Number.isFinite(bytes) && bytes >= 0), 'a number of bytes was promised')
    },
    otherwise: async ({ drive, left }) => {
      await left(drive.usage(), 'Unsupported')
    },
  },
]
