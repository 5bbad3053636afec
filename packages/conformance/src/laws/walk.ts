// Laws of the helpers over a whole tree, and of usage.
import { exists, fromBytes, walk, withSignal } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Law } from '../law'

export const walkLaws: ReadonlyArray<Law> = [
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
    name: 'what cannot be listed is one left, and the walk ends',
    operation: 'walk',
    promise: '2.2 Entries',
    needs: [],
    check: async ({ drive, at, same, makeFile }) => {
      const seen: Array<string> = []
      for await (const one of walk(drive, at('none'))) seen.push(E.isRight(one) ? one.right.path : one.left._tag)
      for await (const one of walk(drive, await makeFile('f')))
        seen.push(E.isRight(one) ? one.right.path : one.left._tag)
      same(seen, ['NotFound', 'WrongKind'], 'what was yielded')
    },
  },
  {
    name: 'an empty tree has nothing to walk',
    operation: 'walk',
    promise: '2.2 Entries',
    needs: [],
    check: async ({ same, tree }) => {
      same(await tree(), [], 'the tree')
    },
  },
  {
    name: 'exists says whether anything is there, of either kind',
    operation: 'stat',
    promise: '2 The interface',
    needs: [],
    check: async ({ drive, at, right, same, makeFile, makeDir }) => {
      const paths = [await makeFile('f'), await makeDir('d'), at('none'), at('none/x')]
      const found: Array<boolean> = []
      for (const path of paths) found.push(await right(exists(drive, path)))
      same(found, [true, true, false, false], 'what is there')
    },
  },
  {
    name: 'usage is in bytes',
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
