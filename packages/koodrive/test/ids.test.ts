import type { DrivePath } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { createCache, createIds, rootNode } from '../src/ids'
import { partSizeFor, partsOf } from '../src/write-multipart'
import { left, p, right } from './bench'
import type { DriveError } from '@anydrive/core'

const never = new AbortController().signal
const file = (id: string, fileName: string) => ({ id, fileName, fileType: '10' })

const idsOn = (
  listing: (asked: number) => ReadonlyArray<{ id: string; fileName: string; fileType: string }>,
  during: () => void,
) => {
  const cache = createCache(100)
  let asked = 0
  const api = {
    list: () => () => {
      const files = listing(++asked)
      during()
      return Promise.resolve(E.right({ files }))
    },
    path: () => TE.left({ _tag: 'Network', effect: 'none' } as const),
  }
  return { cache, ids: createIds({ api, cache, now: () => 0, idTrust: 10_000 }), asked: () => asked }
}
const run = <A>(running: Promise<E.Either<unknown, A>>) => right((() => running) as TE.TaskEither<DriveError, A>)

test('what was listed while this drive changed something is used, but not kept', async () => {
  let changing = true
  const { cache, ids, asked } = idsOn(
    () => [file('F1', 'a')],
    () => {
      if (changing) cache.changed()
    },
  )
  expect((await run(ids.find(p('a'), never))).id).toBe('F1')
  expect(cache.get(p('a'))).toBeUndefined()
  changing = false
  await run(ids.find(p('a'), never))
  await run(ids.find(p('a'), never))
  expect(asked()).toBe(2)
})

test('an id that has another name now is forgotten with all below it', async () => {
  const { cache, ids } = idsOn(
    (asked) => [file(asked === 1 ? 'F1' : 'F2', 'a')],
    () => undefined,
  )
  await run(ids.children(rootNode, never))
  cache.put({ kind: 'directory', path: p('a/b'), name: 'b', id: 'F3' }, 0)
  await run(ids.children(rootNode, never))
  expect(cache.get(p('a'))?.id).toBe('F2')
  expect(cache.get(p('a/b'))).toBeUndefined()
})

test('a chain has no gap', () => {
  const cache = createCache(100)
  for (const path of ['a', 'a/b', 'a/b/c/d'] as ReadonlyArray<string>)
    cache.put({ kind: 'directory', path: p(path), name: 'x', id: path }, 0)
  expect(cache.chain(p('a/b/c/d')).map(({ id }) => id)).toEqual(['a', 'a/b'])
  expect(cache.chain('' as DrivePath)).toEqual([])
})

test('a cache is bounded', () => {
  const cache = createCache(10)
  for (let i = 0; i < 100; i++) cache.put({ kind: 'directory', path: p(`d${i}`), name: `d${i}`, id: `F${i}` }, 0)
  expect(cache.countIn('' as DrivePath)).toBe(10)
})

test('an id is known under one path, and under none once it may have been changed', () => {
  const cache = createCache(10)
  const known = (path: string): boolean => cache.get(p(path)) !== undefined
  cache.put({ kind: 'directory', path: p('a'), name: 'a', id: 'A' }, 0)
  cache.put({ kind: 'directory', path: p('a/b'), name: 'b', id: 'B' }, 0)
  cache.put({ kind: 'directory', path: p('c'), name: 'c', id: 'A' }, 0)
  expect([known('a'), known('a/b'), known('c')]).toEqual([false, false, true])
  cache.put({ kind: 'directory', path: p('c/b'), name: 'b', id: 'B' }, 0)
  cache.changed('A', 'unknown')
  expect([known('c'), known('c/b')]).toEqual([false, false])
})

describe('parts', () => {
  const mib = 1024 * 1024
  test.each([
    [0, undefined, 1, 5 * mib],
    [32 * mib, undefined, 1, 32 * mib],
    [32 * mib + 1, undefined, 3, 16 * mib],
    [200 * 1024 * mib, undefined, 9753, 21 * mib],
    [12 * mib, 5 * mib, 3, 5 * mib],
    [12 * mib, 1, 3, 5 * mib],
    [200 * 1024 * mib, 5 * mib, 9753, 21 * mib],
  ])('%i bytes in parts of %p are %i of %i', (size, wanted, count, partSize) => {
    expect(partSizeFor(size, wanted)).toBe(partSize)
    const parts = partsOf(size, partSize)
    expect(parts).toHaveLength(count)
    expect(parts.reduce((sum, part) => sum + part.partSize, 0)).toBe(size)
    expect(parts.map(({ partNumber }) => partNumber)).toEqual(parts.map((_, i) => i + 1))
  })
})

test('a cursor that was there before ends a listing with an error', async () => {
  const cache = createCache(10)
  const cursors = ['1', '2', '1']
  let page = 0
  const api = {
    list: () => () => Promise.resolve(E.right({ files: [], nextCursor: cursors[page++] })),
    path: () => TE.left({ _tag: 'Network', effect: 'none' } as const),
  }
  const ids = createIds({ api, cache, now: () => 0, idTrust: 0 })
  await left((() => ids.find(p('a'), never)) as TE.TaskEither<DriveError, unknown>, 'UnexpectedResponse')
})
