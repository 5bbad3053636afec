// What both ends say after a lost answer: about a move, a copy, a removal, and a name that SMH may have numbered.
import { nameOf, type DrivePath, type Entry, type Fault } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Smh } from '../src/context'
import { copyVerdict, hasNumbered, moveVerdict, placedAt, removeVerdict } from '../src/verdicts'
import { at } from './harness'

const { signal } = new AbortController()
const file = (path: string, more: object = {}): Entry => ({
  ...{ kind: 'file', path: at(path), name: nameOf(at(path)), size: 1, checksums: { crc64xz: '0000000000000001' } },
  ...more,
})
const dir = (path: string): Entry => ({ kind: 'directory', path: at(path), name: nameOf(at(path)) })

/** Looks at what stands: by space, `own` where none is said; a directory is read two entries a page. */
const looking = (standing: ReadonlyArray<Entry | readonly [space: string, entry: Entry]>, fails?: Fault) => {
  const placed = standing.map((it) => ('kind' in it ? (['own', it] as const) : it))
  const asked: Array<string> = []
  const looks = {
    find: (path: DrivePath, _signal: AbortSignal, space = 'own') => {
      asked.push(`${space}:${path}`)
      const found = placed.find(([where, entry]) => where === space && entry.path === path)
      return () => Promise.resolve(E.right(found?.[1]))
    },
    list: (_dir: DrivePath, { marker, limit }: { readonly marker: string | undefined; readonly limit: number }) => {
      asked.push(`list ${_dir} ${marker ?? 'first'} ${limit}`)
      const from = Number(marker ?? 0)
      const items = placed.map(([, entry]) => entry).slice(from, from + 2)
      const next = from + 2 < placed.length ? { next: String(from + 2) } : {}
      return () => Promise.resolve(fails === undefined ? E.right({ items, ...next }) : E.left(fails))
    },
  }
  return { smh: { looks } as unknown as Smh, asked }
}
const item = (conflict: 'ask' | 'rename' | 'overwrite', more: object = {}) => ({
  ...{ from: at('s'), to: at('t'), conflict },
  ...more,
})
const done = E.right({ status: 'done', path: 't', how: 'as-asked' })
const gone = E.right({ status: 'failed', attempted: true, fault: { _tag: 'NotFound', what: 'source' } })
const taken = (existing: Entry) =>
  E.right({ status: 'failed', attempted: true, fault: { _tag: 'NameConflict', existing } })

test('the path of an answer is where it is; without one it is the one asked for', () => {
  expect(placedAt(at('d/x'), null)).toStrictEqual(E.right({ path: 'd/x', how: 'as-asked' }))
  expect(placedAt(at('d/x'), undefined)).toStrictEqual(E.right({ path: 'd/x', how: 'as-asked' }))
  expect(placedAt(at('d/x'), ['d', 'x'])).toStrictEqual(E.right({ path: 'd/x', how: 'as-asked' }))
  expect(placedAt(at('d/x'), ['d', 'x (1)'])).toStrictEqual(E.right({ path: 'd/x (1)', how: 'renamed' }))
  expect(E.isLeft(placedAt(at('d/x'), ['d/x']))).toBe(true)
})

describe('a name that SMH numbers', () => {
  test.each<[string, string, boolean]>([
    ['a.txt', 'a (1).txt', true],
    ['a.txt', 'a (12).txt', true],
    ['a.txt', 'a.txt (1)', true],
    ['a.txt', 'a (1)', false],
    ['a.txt', 'a ().txt', false],
    ['a.txt', 'a (x).txt', false],
    ['a.txt', 'a (1x).txt', false],
    ['a.txt', 'a (x1).txt', false],
    ['a.txt', 'a (1).doc', false],
    ['a.txt', 'b (1).txt', false],
    ['a.txt', 'a.txt', false],
    ['a.txt', 'a1.txt', false],
    ['a', 'a (1)', true],
    ['a', 'a (1', false],
    ['.a', '.a (1)', true],
    ['.a', ' (1).a', false],
    ['a.b.c', 'a.b (1).c', true],
    ['a.b.c', 'a (1).b.c', false],
  ])('of %s, %s: %s', async (name, beside, numbered) => {
    expect(await hasNumbered(looking([file(beside)]).smh, at(name), signal)).toBe(numbered)
  })

  test('is looked for in the whole of its directory, a page after the other', async () => {
    const world = looking([file('d/1'), file('d/2'), file('d/3'), file('d/4'), file('d/a (1)')])
    expect(await hasNumbered(world.smh, at('d/a'), signal)).toBe(true)
    expect(world.asked).toStrictEqual(['list d first 100', 'list d 2 100', 'list d 4 100'])
  })

  test('may be there, where nobody can look', async () => {
    expect(await hasNumbered(looking([], { _tag: 'Forbidden' }).smh, at('a'), signal)).toBe(true)
    expect(await hasNumbered(looking([]).smh, at('a'), signal)).toBe(false)
  })
})

describe('after a move', () => {
  test.each<[string, ReadonlyArray<Entry>, 'ask' | 'rename' | 'overwrite', unknown]>([
    ['neither stands', [], 'ask', gone],
    ['neither stands', [], 'overwrite', gone],
    ['neither stands', [], 'rename', E.right('unknown')],
    ['only the target', [file('t')], 'ask', done],
    ['only the target', [file('t')], 'overwrite', done],
    ['only the target', [file('t')], 'rename', done],
    ['only the target, and one that is numbered', [file('t'), file('t (1)')], 'rename', E.right('unknown')],
    ['only the target, and one that is numbered', [file('t'), file('t (1)')], 'ask', done],
    ['only the source', [file('s')], 'ask', E.right('absent')],
    ['only the source', [file('s')], 'rename', E.right('absent')],
    ['both', [file('s'), file('t')], 'rename', E.right('absent')],
    ['both', [file('s'), file('t')], 'ask', taken(file('t'))],
    ['both', [file('s'), file('t')], 'overwrite', E.right('absent')],
    ['both, the source a directory', [dir('s'), file('t')], 'overwrite', taken(file('t'))],
    ['both, the target a directory', [file('s'), dir('t')], 'overwrite', taken(dir('t'))],
  ])('%s stands (%j, %s)', async (_name, standing, conflict, verdict) => {
    expect(await moveVerdict(looking(standing).smh, item(conflict), signal)()).toStrictEqual(verdict)
  })

  test('the source is looked for in its own space', async () => {
    const world = looking([['other', file('s')]])
    expect(await moveVerdict(world.smh, item('ask', { fromSpace: 'other' }), signal)()).toStrictEqual(E.right('absent'))
    expect(world.asked).toStrictEqual(['other:s', 'own:t'])
  })
})

describe('after a copy', () => {
  const another = file('t', { checksums: { crc64xz: '0000000000000002' } })

  test.each<[string, ReadonlyArray<Entry>, 'ask' | 'rename' | 'overwrite', unknown]>([
    ['no source', [file('t')], 'ask', gone],
    ['no target', [file('s')], 'ask', E.right('absent')],
    ['no target', [file('s')], 'rename', E.right('absent')],
    ['both, the same bytes', [file('s'), file('t')], 'rename', E.right('unknown')],
    ['both, the same bytes', [file('s'), file('t')], 'ask', done],
    ['both, the same bytes', [file('s'), file('t')], 'overwrite', done],
    ['both, other bytes', [file('s'), another], 'ask', taken(another)],
    ['both, other bytes', [file('s'), another], 'overwrite', E.right('absent')],
    ['both, the source a directory', [dir('s'), file('t')], 'overwrite', taken(file('t'))],
    ['both, the target a directory', [file('s'), dir('t')], 'overwrite', taken(dir('t'))],
  ])('%s (%j, %s)', async (_name, standing, conflict, verdict) => {
    expect(await copyVerdict(looking(standing).smh, item(conflict), signal)()).toStrictEqual(verdict)
  })
})

test('a directory that stands is done where all below it is the same, else nobody knows', async () => {
  const below: Record<string, ReadonlyArray<Entry>> = { 'other:s': [file('s/1')], 'own:t': [file('t/1')] }
  const looks = {
    find: (path: DrivePath) => () => Promise.resolve(E.right(dir(path))),
    list: (path: DrivePath, _page: object, _signal: AbortSignal, space = 'own') => {
      return () => Promise.resolve(E.right({ items: below[`${space}:${path}`] ?? [] }))
    },
  }
  const smh = { looks } as unknown as Smh
  for (const conflict of ['ask', 'overwrite'] as const) {
    const copied = () => copyVerdict(smh, item(conflict, { fromSpace: 'other' }), signal)()
    below['own:t'] = [file('t/1')]
    expect(await copied()).toStrictEqual(done)
    below['own:t'] = [file('t/2')]
    expect(await copied()).toStrictEqual(E.right('unknown'))
  }
})

test('after a removal, what is gone is done, as it was asked for, and what stands may go again', async () => {
  expect(await removeVerdict(looking([]).smh, at('x'), 'trashed', signal)()).toStrictEqual(
    E.right({ status: 'done', path: 'x', how: 'trashed' }),
  )
  expect(await removeVerdict(looking([file('x')]).smh, at('x'), 'erased', signal)()).toStrictEqual(E.right('absent'))
})
