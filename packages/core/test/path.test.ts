import * as E from 'fp-ts/Either'
import * as fc from 'fast-check'
import {
  ancestorsOf,
  child,
  DrivePath,
  isInside,
  nameOf,
  parentOf,
  parsePath,
  path,
  relativeTo,
  root,
  segments,
  showPath,
  under,
} from '../src'

const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((s) => !/[/\0]/.test(s) && s !== '.' && s !== '..')
const drivePath = fc.array(name, { maxLength: 6 }).map((all) => all.join('/') as DrivePath)

const right = <A>(e: E.Either<unknown, A>): A => {
  if (E.isLeft(e)) throw new Error('a right was expected')
  return e.right
}

test('one leading and one trailing slash mean nothing', () => {
  fc.assert(
    fc.property(drivePath, (p) => {
      for (const text of [p, `/${p}`, `${p}/`, `/${p}/`]) if (p !== '') expect(parsePath(text)).toEqual(E.right(p))
    }),
  )
  expect(parsePath('')).toEqual(E.right(root))
  expect(parsePath('/')).toEqual(E.right(root))
})

test.each([
  ['a//b', 'empty-segment'],
  ['//', 'empty-segment'],
  ['//a', 'empty-segment'],
  ['a//', 'empty-segment'],
  ['a/./b', 'dot-segment'],
  ['..', 'dot-segment'],
  ['a/..', 'dot-segment'],
  ['a\0b', 'nul'],
])('%j is refused as %s', (text, reason) => {
  expect(parsePath(text)).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidPath', reason } })
})

test('a path is its segments, and survives JSON', () => {
  fc.assert(
    fc.property(drivePath, (p) => {
      expect(segments(p).join('/')).toBe(p)
      expect(DrivePath.decode(JSON.parse(JSON.stringify(p)))).toEqual(E.right(p))
      expect(p === root ? root : right(child(parentOf(p), nameOf(p)))).toBe(p)
      expect(ancestorsOf(p)).toHaveLength(segments(p).length)
      expect(ancestorsOf(p).every((a) => isInside(a, p) && a !== p)).toBe(true)
    }),
  )
})

test('a path below a path can be taken off again', () => {
  fc.assert(
    fc.property(drivePath, drivePath, (a, b) => {
      expect(relativeTo(a, under(a, b))).toBe(b)
      expect(isInside(a, under(a, b))).toBe(true)
    }),
  )
})

test('being inside goes by segments, not by letters', () => {
  expect(isInside(path('a'), path('ab'))).toBe(false)
  expect(isInside(path('a'), path('a/b'))).toBe(true)
  expect(isInside(root, path('a'))).toBe(true)
})

test('a child’s name holds no slash', () => {
  expect(child(root, 'a/b')).toMatchObject({ left: { _tag: 'InvalidPath', reason: 'slash-in-name' } })
  expect(child(root, '..')).toMatchObject({ left: { reason: 'dot-segment' } })
})

test('Unicode is kept as it is given', () => {
  const composed = '\u00e9'
  const decomposed = 'e\u0301'
  expect(right(parsePath(composed))).not.toBe(right(parsePath(decomposed)))
})

test('the compiler refuses literals that are no paths', () => {
  // @ts-expect-error an empty segment
  void (() => path('a//b'))
  // @ts-expect-error a dot segment
  void (() => path('a/../b'))
  const unknown: string = 'a'
  // @ts-expect-error not a literal
  void (() => path(unknown))
  expect([path('/a/b/'), path('/'), showPath(root)]).toEqual(['a/b', '', '/'])
})
