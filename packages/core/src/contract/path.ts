// Paths: the only place that splits on '/'.
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { invalidPath, type DriveError } from './errors'
import { locate } from './explain'
import type * as types from './types'

export type DrivePath = types.DrivePath

type Problem = 'empty-segment' | 'dot-segment' | 'nul' | 'slash-in-name'

export const root = '' as DrivePath

const problemOf = (segment: string): Problem | undefined => {
  if (segment === '') return 'empty-segment'
  if (segment === '.' || segment === '..') return 'dot-segment'
  return segment.includes('\0') ? 'nul' : undefined
}

const refused = (reason: Problem, text: string): E.Either<DriveError, never> =>
  E.left(locate({ vendor: 'anydrive', operation: 'path' })(invalidPath({ reason, said: JSON.stringify(text) })))

/** `/a/b`, `a/b` and `a/b/` are one path; `` and `/` are the root; `a//b` and `a/../b` are `InvalidPath`. */
export const parsePath = (text: string): E.Either<DriveError, DrivePath> => {
  const bare = text.replace(/^\//, '').replace(/\/$/, '')
  if (bare === '') return /^\/?$/.test(text) ? E.right(root) : refused('empty-segment', text)
  for (const segment of bare.split('/')) {
    const problem = problemOf(segment)
    if (problem !== undefined) return refused(problem, text)
  }
  return E.right(bare as DrivePath)
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

/** `InvalidPath` when the name is empty, `.`, `..`, or holds `/` or NUL. */
export const child = (dir: DrivePath, name: string): E.Either<DriveError, DrivePath> => {
  const problem = name.includes('/') ? 'slash-in-name' : problemOf(name)
  return problem === undefined ? E.right((dir === root ? name : `${dir}/${name}`) as DrivePath) : refused(problem, name)
}

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
  (u): u is DrivePath => typeof u === 'string' && !/^\/|\/$/.test(u) && E.isRight(parsePath(u)),
  (u, context) => {
    if (typeof u !== 'string') return t.failure(u, context)
    const parsed = parsePath(u)
    return E.isRight(parsed) ? t.success(parsed.right) : t.failure(u, context, parsed.left.message)
  },
  (p) => p,
)
