import * as fc from 'fast-check'
import { isInside, type DrivePath } from '../src'
import { familyKey, keyPath, stagesOf, type ConflictKey } from '../src/define/stages'
import { growsAtMost } from './growth'

const item = (
  from: string,
  to: string,
  how: { readonly copy?: boolean; readonly rename?: boolean } = {},
): ReadonlyArray<ConflictKey> => [
  { path: keyPath(from as DrivePath), writes: how.copy !== true },
  { path: keyPath(to as DrivePath), writes: true },
  familyKey(to as DrivePath, how.rename === true),
]

test('items that have nothing to do with each other go together', () => {
  expect(stagesOf([item('a', 'x/a'), item('b', 'x/b'), item('c', 'y/c')])).toEqual([0, 0, 0])
})
test('what is placed below something that is placed waits for it', () => {
  expect(stagesOf([item('d', 'x'), item('f', 'x/f'), item('x/f', 'g')])).toEqual([0, 1, 2])
})
test('names that a vendor might take for one wait for each other', () => {
  expect(stagesOf([item('a', 'X'), item('b', 'x'), item('c', 'e\u0301'), item('d', '\u00e9')])).toEqual([0, 1, 0, 1])
})
test('a free name is picked among its family, so renames of one family wait', () => {
  expect(
    stagesOf([
      item('a', 'd/x.txt', { rename: true }),
      item('b', 'd/x (1).txt'),
      item('c', 'd/x_20240104_105403.txt'),
      item('e', 'd/y.txt', { rename: true }),
    ]),
  ).toEqual([0, 1, 1, 0])
})

test('no two items of one stage touch, and each waits only for an earlier one that it conflicts', () => {
  const segment = fc.constantFrom('a', 'b', 'c')
  const anyPath = fc.array(segment, { minLength: 1, maxLength: 3 }).map((s) => s.join('/'))
  const clash = (a: ConflictKey, b: ConflictKey) =>
    (a.writes || b.writes) &&
    (isInside(a.path as DrivePath, b.path as DrivePath) || isInside(b.path as DrivePath, a.path as DrivePath))
  fc.assert(
    fc.property(fc.array(fc.tuple(anyPath, anyPath, fc.boolean()), { maxLength: 12 }), (moves) => {
      const items = moves.map(([from, to, copy]) => item(from, to, { copy }).slice(0, 2))
      const stages = stagesOf(items)
      items.forEach((later, j) => {
        const touched = items
          .slice(0, j)
          .flatMap((earlier, i) => (earlier.some((a) => later.some((b) => clash(a, b))) ? [stages[i] ?? 0] : []))
        expect(stages[j]).toBe(touched.length === 0 ? 0 : Math.max(...touched) + 1)
      })
    }),
  )
})
test('sorting many items into stages takes time in proportion to them', () => {
  const sorting = (length: number) => {
    const items = Array.from({ length }, (_, i) => item(`from/${i}`, `to/${i % 100}/${i}`, { rename: true }))
    return () => expect(Math.max(...stagesOf(items))).toBe(0)
  }
  // Ten times as long where time is linear, and a hundred times where it is quadratic.
  expect(growsAtMost(40, sorting(500), sorting(5000))).toBe(true)
})
