import * as fc from 'fast-check'
import { isInside, type DrivePath } from '../src'
import { familyTouch, wavesOf, type Touch } from '../src/define/waves'

const item = (
  from: string,
  to: string,
  how: { readonly copy?: boolean; readonly rename?: boolean } = {},
): ReadonlyArray<Touch> => [
  { path: from as DrivePath, writes: how.copy !== true },
  { path: to as DrivePath, writes: true },
  familyTouch(to as DrivePath, how.rename === true),
]

test('items that have nothing to do with each other go together', () => {
  expect(wavesOf([item('a', 'x/a'), item('b', 'x/b'), item('c', 'y/c')])).toEqual([0, 0, 0])
})
test('what is placed below something that is placed waits for it', () => {
  expect(wavesOf([item('d', 'x'), item('f', 'x/f'), item('x/f', 'g')])).toEqual([0, 1, 2])
})
test('names that a vendor might take for one wait for each other', () => {
  expect(wavesOf([item('a', 'X'), item('b', 'x'), item('c', 'e\u0301'), item('d', '\u00e9')])).toEqual([0, 1, 0, 1])
})
test('a free name is picked among its family, so renames of one family wait', () => {
  expect(
    wavesOf([
      item('a', 'd/x.txt', { rename: true }),
      item('b', 'd/x (1).txt'),
      item('c', 'd/x_20240104_105403.txt'),
      item('e', 'd/y.txt', { rename: true }),
    ]),
  ).toEqual([0, 1, 1, 0])
})

test('no two items of one wave touch, and each waits only for an earlier one that it touches', () => {
  const segment = fc.constantFrom('a', 'b', 'c')
  const anyPath = fc.array(segment, { minLength: 1, maxLength: 3 }).map((s) => s.join('/'))
  const clash = (a: Touch, b: Touch) => (a.writes || b.writes) && (isInside(a.path, b.path) || isInside(b.path, a.path))
  fc.assert(
    fc.property(fc.array(fc.tuple(anyPath, anyPath, fc.boolean()), { maxLength: 12 }), (moves) => {
      const items = moves.map(([from, to, copy]) => item(from, to, { copy }).slice(0, 2))
      const waves = wavesOf(items)
      items.forEach((later, j) => {
        const touched = items
          .slice(0, j)
          .flatMap((earlier, i) => (earlier.some((a) => later.some((b) => clash(a, b))) ? [waves[i] ?? 0] : []))
        expect(waves[j]).toBe(touched.length === 0 ? 0 : Math.max(...touched) + 1)
      })
    }),
  )
})
test('ten thousand items are sorted into waves quickly', () => {
  const items = Array.from({ length: 10_000 }, (_, i) => item(`from/${i}`, `to/${i % 100}/${i}`, { rename: true }))
  const start = performance.now()
  expect(Math.max(...wavesOf(items))).toBe(0)
  expect(performance.now() - start).toBeLessThan(5000)
})
