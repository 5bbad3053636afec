// io-ts errors → the places that fail: never the values, which may be secrets.
import type * as t from 'io-ts'
import type { Issue } from './errors'

const most = 10

const jsonType = (u: unknown): string => {
  if (u === undefined) return 'missing'
  if (u === null) return 'null'
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
  issues.map((i) => `${i.at === '' ? 'the value' : i.at}: expected ${i.expected}, got ${i.got}`).join('; ')
