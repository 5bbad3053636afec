// Paths: the only file that splits on '/'.
import * as t from 'io-ts'

declare const pathBrand: unique symbol
/**
 * The path of an entry in a drive: segments joined by `/`, without a slash at either end; the root is the empty string.
 * A plain string at run time, so JSON, `Map` keys and `===` work. Unicode is kept as given.
 */
export type DrivePath = string & { readonly [pathBrand]: true }

type Problem = 'empty-segment' | 'dot-segment' | 'nul' | 'slash-in-name'

export const root = '' as DrivePath

const problemOf = (segment: string): Problem | undefined => {
  if (segment === '') return 'empty-segment'
  if (segment === '.' || segment === '..') return 'dot-segment'
  return segment.includes('\0') ? 'nul' : undefined
}

/** What is wrong with a path that a person or a program wrote, or the path itself. */
const normalized = (text: string): { readonly path: DrivePath } | { readonly problem: Problem } => {
  const bare = text.replace(/^\//, '').replace(/\/$/, '')
  if (bare === '') return /^\/?$/.test(text) ? { path: root } : { problem: 'empty-segment' }
  const problem = bare
    .split('/')
    .map(problemOf)
    .find((found) => found !== undefined)
  return problem === undefined ? { path: bare as DrivePath } : { problem }
}

type Bad = '' | '.' | '..'
type Split<S extends string> = S extends `${infer H}/${infer T}` ? H | Split<T> : S
type Unslashed<S extends string> = S extends `/${infer T}` ? Untrailed<T> : Untrailed<S>
type Untrailed<S extends string> = S extends `${infer T}/` ? T : S
// A type that is not a literal is a key of every record of itself, so the empty record extends it.
type Literal<S extends string> =
  Record<never, never> extends Record<S, 1>
    ? 'path() takes a literal; use parsePath for text known only at run time'
    : S extends '' | '/'
      ? S
      : Extract<Split<Unslashed<S>>, Bad> extends never
        ? S
        : 'a path has no empty, "." or ".." segment'

/** A path known when the program is written; a wrong one does not compile. */
export const path = <const S extends string>(literal: Literal<S>): DrivePath =>
  (literal as string).replace(/^\//, '').replace(/\/$/, '') as DrivePath

export const segments = (p: DrivePath): ReadonlyArray<string> => (p === root ? [] : p.split('/'))

/** The last segment; the root's is empty. */
export const nameOf = (p: DrivePath): string => p.slice(p.lastIndexOf('/') + 1)

/** The root is its own parent. */
export const parentOf = (p: DrivePath): DrivePath => p.slice(0, Math.max(0, p.lastIndexOf('/'))) as DrivePath

/** The ancestors of a path, the root first, the path itself left out. */
export const ancestorsOf = (p: DrivePath): ReadonlyArray<DrivePath> =>
  p === root ? [] : segments(p).map((_, i, all) => all.slice(0, i).join('/') as DrivePath)

/** A path below a path. Moves a subtree: `under(to, relativeTo(from, p))`. */
export const under = (dir: DrivePath, relative: DrivePath): DrivePath =>
  (dir === root ? relative : relative === root ? dir : `${dir}/${relative}`) as DrivePath

/** True for the directory itself too. */
export const isInside = (dir: DrivePath, p: DrivePath): boolean => dir === root || p === dir || p.startsWith(`${dir}/`)

/** What remains of `p` below `dir`; `p` itself where it is not inside. */
export const relativeTo = (dir: DrivePath, p: DrivePath): DrivePath =>
  dir === root || !isInside(dir, p) ? p : (p.slice(dir.length + 1) as DrivePath)

/** As people read it: the root is `/`. */
export const showPath = (p: DrivePath): string => `/${p}`

export const DrivePath: t.Type<DrivePath, string> = new t.Type<DrivePath, string>(
  'DrivePath',
  (u): u is DrivePath => typeof u === 'string' && !/^\/|\/$/.test(u) && 'path' in normalized(u),
  (u, context) => {
    const read = typeof u === 'string' ? normalized(u) : undefined
    return read !== undefined && 'path' in read ? t.success(read.path) : t.failure(u, context, read?.problem)
  },
  (p) => p,
)
