// --include and --exclude: patterns that follow the rules of gitignore, checked before use and matched against paths.
import * as E from 'fp-ts/Either'
import ignore from 'ignore'
import { usage, type Problem } from './problem'
import { nameText } from './text'

export type PatternOption = '--include' | '--exclude' | '--filter-from'

export interface Patterns {
  /** `path` is relative to the directory that the patterns belong to; it matches also if a directory above it does. */
  readonly matches: (path: string, isDirectory: boolean) => boolean
  /** The patterns that no path given to `matches` has matched so far. */
  readonly unmatched: () => ReadonlyArray<string>
  /** What the user may have meant otherwise. */
  readonly warnings: ReadonlyArray<string>
}

interface Scan {
  readonly problem?: string
  /** `{a,b}` occurs: alternatives elsewhere, literal characters here. */
  readonly hasAlternatives: boolean
}

/** The index of the `]` that ends the character class which begins at `start`, or -1. */
const classEnd = (pattern: string, start: number): number => {
  let at = start + 1
  if (pattern[at] === '!' || pattern[at] === '^') at += 1
  // A "]" in first place is a member of the class.
  for (let isFirst = true; at < pattern.length; isFirst = false, at += 1) {
    if (pattern[at] === '\\') at += 1
    else if (pattern[at] === ']' && !isFirst) return at
    else if (pattern.startsWith('[:', at)) {
      const end = pattern.indexOf(':]', at + 2)
      if (end >= 0) at = end + 1
    }
  }
  return -1
}

const neverClosed = (character: string, at: number): Scan => ({
  problem: `the "${character}" at character ${at + 1} is never closed; write \\${character} for the character itself`,
  hasAlternatives: false,
})

const scan = (pattern: string): Scan => {
  const open: Array<number> = []
  let hasAlternatives = false
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at]
    if (character === '\\') {
      at += 1
      if (at === pattern.length)
        return { problem: 'the backslash at its end escapes nothing; write \\\\ for a backslash', hasAlternatives }
    } else if (character === '[') {
      const end = classEnd(pattern, at)
      if (end < 0) return neverClosed('[', at)
      at = end
    } else if (character === '{') open.push(at)
    else if (character === '}') hasAlternatives ||= /,|\.\./.test(pattern.slice(open.pop() ?? at, at))
  }
  const [brace] = open
  return brace === undefined ? { hasAlternatives } : neverClosed('{', brace)
}

/** Paths are compared segment by segment: these segments occur in none. */
const impossibleSegment = (body: string): string | undefined => {
  const segments = body.replace(/^\//, '').replace(/\/$/, '').split('/')
  if (segments.includes('.') || segments.includes('..'))
    return 'no path has a segment "." or ".."; a leading "/" means the directory that is given'
  return segments.includes('') ? 'it names nothing: a segment is empty' : undefined
}

const check = (pattern: string): Scan => {
  if (pattern === '') return { problem: 'it is empty', hasAlternatives: false }
  const scanned = scan(pattern)
  if (scanned.problem !== undefined) return scanned
  const problem = impossibleSegment(pattern.replace(/^!/, ''))
  return problem === undefined ? scanned : { ...scanned, problem }
}

/** On a command line, as for git's own --exclude, "#" begins no comment, and spaces at the end count. */
const asRule = (pattern: string): string => {
  // A character after a backslash belongs to it.
  const parts = pattern.replace(/^#/, '\\#').match(/\\.|./gs) ?? []
  let end = parts.length
  while (parts[end - 1] === ' ') end -= 1
  return parts.slice(0, end).join('') + '\\ '.repeat(parts.length - end)
}

type Matcher = (path: string) => boolean

const matcher = (rules: ReadonlyArray<string>): Matcher => {
  const create = () =>
    ignore({ ignorecase: false, allowRelativePaths: true }).add(rules.map((pattern) => ({ pattern })))
  let rulesNow = create()
  let lookups = 0
  return (path) => {
    // The package remembers every path that it was asked about: it is created again, so that memory does not grow with the tree.
    if (++lookups % 10_000 === 0) rulesNow = create()
    return rulesNow.ignores(path)
  }
}

const nothing: Patterns = { matches: () => false, unmatched: () => [], warnings: [] }

const compiled = (
  option: PatternOption,
  patterns: ReadonlyArray<string>,
  warnings: ReadonlyArray<string>,
): Patterns => {
  const matches = matcher(patterns.map(asRule))
  const unmatched = new Map<string, Matcher>()
  for (const pattern of patterns) unmatched.set(pattern, matcher([asRule(pattern.replace(/^!/, ''))]))
  return {
    matches: (path, isDirectory) => {
      const subject = isDirectory ? `${path}/` : path
      for (const [pattern, single] of unmatched) if (single(subject)) unmatched.delete(pattern)
      return matches(subject)
    },
    unmatched: () => [...unmatched.keys()].map((pattern) => `${option} "${pattern}"`),
    warnings,
  }
}

/** A left names the option, the pattern, its position among the option's patterns, and what is wrong with it. */
export const patternsOf = (
  option: PatternOption,
  patterns: ReadonlyArray<string> = [],
): E.Either<Problem, Patterns> => {
  if (patterns.length === 0) return E.right(nothing)
  const warnings: Array<string> = []
  for (const [i, pattern] of patterns.entries()) {
    const name = `${option} "${pattern}"${patterns.length > 1 ? `, pattern ${i + 1} of ${patterns.length}` : ''}`
    const { problem, hasAlternatives } = check(pattern)
    if (problem !== undefined)
      return E.left(
        usage(nameText(`${name}: ${problem}`), 'Patterns follow the rules of gitignore; see anydrive migrate --help.'),
      )
    if (hasAlternatives)
      warnings.push(
        `${name}: braces are literal characters in gitignore's rules; give one pattern for each alternative`,
      )
  }
  if (option === '--include' && patterns.every((pattern) => pattern.startsWith('!')))
    return E.left(
      usage('every --include pattern begins with "!", so nothing would be included', 'Use --exclude instead.'),
    )
  return E.right(compiled(option, patterns, warnings))
}
