// Values from outside: paths as text, optional keys, and the places where a value does not decode (never the value, which may be a secret).
import * as E from 'fp-ts/Either'
import type * as t from 'io-ts'
import { invalidPath, type DriveError, type Issue } from './errors'
import { locate } from './explain'
import { DrivePath, root } from './path'

/** The same object type, whose values may be missing but are never `undefined`. */
export type Defined<T extends object> = {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
} & { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] }

/** A copy without the keys whose value is `undefined`: `{ a, ...defined({ b, c }) }` for optional `b` and `c`. */
export const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Defined<T>

const refused = (reason: string, text: string): E.Either<DriveError, never> =>
  E.left(locate({ vendor: 'anydrive', operation: 'path' })(invalidPath({ reason, said: JSON.stringify(text) })))

/** `/a/b`, `a/b` and `a/b/` are one path; `` and `/` are the root; `a//b` and `a/../b` are `InvalidPath`. */
export const parsePath = (text: string): E.Either<DriveError, DrivePath> => {
  const decoded = DrivePath.decode(text)
  return E.isRight(decoded) ? decoded : refused(decoded.left[0]?.message ?? 'no text', text)
}

/** `InvalidPath` when the name is empty, `.`, `..`, or holds `/` or NUL. */
export const child = (dir: DrivePath, name: string): E.Either<DriveError, DrivePath> => {
  if (name.includes('/')) return refused('slash-in-name', name)
  return name === ''
    ? refused('empty-segment', name)
    : E.map((own: DrivePath) => (dir === root ? own : (`${dir}/${own}` as DrivePath)))(parsePath(name))
}

const most = 10

/** What a value is, without the value. */
export const jsonType = (u: unknown): string => {
  if (u === undefined) return 'missing'
  if (u === null) return 'null'
  if (u === '') return 'empty text'
  return Array.isArray(u) ? 'array' : typeof u
}

interface Wrapper {
  readonly _tag?: string
  readonly type?: Wrapper
}

/** Unions and intersections add steps that the document does not have, also inside `t.exact` and the like. */
const addsSteps = (codec: Wrapper | undefined): boolean => {
  if (codec?._tag === 'UnionType' || codec?._tag === 'IntersectionType') return true
  const wraps = codec?._tag === 'ExactType' || codec?._tag === 'ReadonlyType' || codec?._tag === 'RefinementType'
  return wraps && addsSteps(codec.type)
}

const placeOf = (context: t.Context): string => {
  let at = ''
  context.forEach((entry, i) => {
    if (i === 0 || addsSteps(context[i - 1]?.type as Wrapper | undefined)) return
    at += /^\d+$/.test(entry.key) ? `[${entry.key}]` : at === '' ? entry.key : `.${entry.key}`
  })
  return at
}

/** At most ten, each place once. */
export const issuesOf = (errors: t.Errors): ReadonlyArray<Issue> => {
  const issues = new Map<string, Issue>()
  for (const error of errors) {
    const last = error.context[error.context.length - 1]
    const issue = {
      at: placeOf(error.context),
      expected: last?.type.name ?? 'another value',
      got: jsonType(error.value),
    }
    const known = issues.get(issue.at)
    if (known === undefined) issues.set(issue.at, issue)
    else if (!known.expected.split(' or ').includes(issue.expected))
      issues.set(issue.at, { ...known, expected: `${known.expected} or ${issue.expected}` })
    if (issues.size >= most) break
  }
  return [...issues.values()]
}

export const showIssues = (issues: ReadonlyArray<Issue>): string =>
  issues
    .map(({ at, expected, got }) =>
      got === 'unknown key' ? `${at}: ${got}; ${expected}` : `${at || 'the value'}: expected ${expected}, got ${got}`,
    )
    .join('; ')
