// Filters: which entries below a directory a command works on, by pattern, list, size and age.
import { relativeTo, type DrivePath, type Entry } from '@anydrive/core'
import { Option, type Command } from 'commander'
import * as E from 'fp-ts/Either'
import { repeatable } from './add'
import type { Context } from './context'
import { patternsOf, type Patterns } from './patterns'
import { pathListOf, readPaths, type PathListOptions } from './path-list'
import { readRules, rulesIn, type Rule } from './filter-rules'
import type { Problem } from './problem'
import { nameText } from './text'

export interface PatternOptions {
  readonly include?: ReadonlyArray<string>
  readonly exclude?: ReadonlyArray<string>
  readonly filterFrom?: string
}
export interface FilterOptions extends PatternOptions, PathListOptions {
  /** Bytes. */
  readonly minSize?: number
  readonly maxSize?: number
  readonly newerThan?: Date
}

/** `false` leaves the entry out, a directory with all below it; `if-used`: a directory is only created for something in it. */
export type Included = boolean | 'if-used'

export interface Filters {
  /** `path` is relative to the directory that is filtered. */
  readonly test: (path: string, entry: Entry) => Included
  /** Listed paths that were not met. */
  readonly missing: () => ReadonlyArray<string>
  /** Patterns that matched nothing, with their options. */
  readonly unmatched: () => ReadonlyArray<string>
  /** To be printed at the start. */
  readonly warnings: ReadonlyArray<string>
}

type Test = Filters['test']

/** --exclude prevails over --include. A directory that no --include pattern matches is created only for what is included in it. */
const byPattern = (include: Patterns | undefined, exclude: Patterns): Test => {
  return (path, { kind }) => {
    const isDirectory = kind === 'directory'
    // Both are asked in any case, so that each knows which of its patterns matched something.
    const isIncluded = include === undefined || include.matches(path, isDirectory)
    if (exclude.matches(path, isDirectory)) return false
    if (isIncluded) return true
    return isDirectory ? 'if-used' : false
  }
}

/** A file whose size or time of change is not reported passes. */
const byProperties = ({ minSize, maxSize, newerThan }: FilterOptions): Test => {
  if (minSize === undefined && maxSize === undefined && newerThan === undefined) return () => true
  return (_, entry) => {
    if (entry.kind === 'directory') return 'if-used'
    if (entry.kind !== 'file') return true
    const { size } = entry
    if (size !== undefined && (size < (minSize ?? 0) || size > (maxSize ?? Infinity))) return false
    return newerThan === undefined || entry.modifiedAt === undefined || entry.modifiedAt >= newerThan
  }
}

/** The first rule that matches decides; what no rule matches is included. */
const byRules = (rules: ReadonlyArray<Rule>): Test => {
  const firstInclude = rules.findIndex(({ includes }) => includes)
  return (path, { kind }) => {
    const isDirectory = kind === 'directory'
    const at = rules.findIndex(({ patterns }) => patterns.matches(path, isDirectory))
    if (rules[at]?.includes !== false) return true
    // An earlier rule may include something below a directory that is excluded itself.
    return isDirectory && firstInclude >= 0 && firstInclude < at ? 'if-used' : false
  }
}

const all =
  (tests: ReadonlyArray<Test>): Test =>
  (path, entry) => {
    let included: Included = true
    for (const test of tests) {
      const one = test(path, entry)
      if (one === false) return false
      if (one === 'if-used') included = one
    }
    return included
  }

/** What the files hold that the options name. */
export interface FilterFiles {
  readonly paths?: ReadonlyArray<string> | undefined
  /** The text of --filter-from. */
  readonly rules?: string | undefined
}

/** A left: a file cannot be read. */
export const readFilterFiles = (options: FilterOptions, cwd: string): E.Either<Problem, FilterFiles> => {
  const paths = readPaths(options, cwd)
  if (E.isLeft(paths)) return paths
  const rules = options.filterFrom === undefined ? E.right(undefined) : readRules(options.filterFrom, cwd)
  return E.map((text: string | undefined): FilterFiles => ({ paths: paths.right, rules: text }))(rules)
}

/** A left: a pattern is malformed, or a file cannot be read. */
export const createFilters = (options: FilterOptions, cwd: string): E.Either<Problem, Filters> =>
  E.flatMap((files: FilterFiles) => filtersOf(options, files))(readFilterFiles(options, cwd))

/** A left: a pattern is malformed. */
export const filtersOf = (options: FilterOptions, files: FilterFiles): E.Either<Problem, Filters> => {
  const include = patternsOf('--include', options.include)
  if (E.isLeft(include)) return include
  const exclude = patternsOf('--exclude', options.exclude)
  if (E.isLeft(exclude)) return exclude
  const rules = files.rules === undefined ? E.right([]) : rulesIn(files.rules, options.filterFrom ?? '')
  if (E.isLeft(rules)) return rules
  const listed = files.paths === undefined ? undefined : pathListOf(files.paths)
  const patterns = [include.right, exclude.right, ...rules.right.map((rule) => rule.patterns)]
  const hasInclude = (options.include ?? []).length > 0
  return E.right({
    test: all([
      ...(listed === undefined ? [] : [(path: string, { kind }: Entry) => listed.includes(path, kind === 'directory')]),
      byPattern(hasInclude ? include.right : undefined, exclude.right),
      byRules(rules.right),
      byProperties(options),
    ]),
    missing: () => listed?.missing() ?? [],
    unmatched: () => patterns.flatMap((one) => one.unmatched()),
    warnings: patterns.flatMap(({ warnings }) => warnings),
  })
}

/** The filters as a test of entries below `top`. */
export const below =
  ({ test }: Filters, top: DrivePath) =>
  (entry: Entry): Included =>
    test(relativeTo(top, entry.path), entry)

/** Before the work: patterns that the user may have meant otherwise. */
export const reportWarnings = ({ out }: Pick<Context, 'out'>, { warnings }: Filters): void => {
  for (const warning of warnings) out.message(`warning: ${nameText(warning)}`)
}

/** After the work: what was named and not met. True where everything listed was found. */
export const reportUnmatched = ({ out }: Pick<Context, 'out'>, { missing, unmatched }: Filters): boolean => {
  for (const pattern of unmatched()) out.message(`warning: ${nameText(pattern)} matched nothing`)
  return reportMissing({ out }, missing())
}

/** Of a list of paths, those that were not met. True where there are none. */
export const reportMissing = ({ out }: Pick<Context, 'out'>, paths: ReadonlyArray<string>): boolean => {
  for (const path of paths) out.message(`not found: ${nameText(path)}, listed in --files-from`)
  return paths.length === 0
}

const patternOptions = (): ReadonlyArray<Option> => [
  new Option(
    '--include <pattern>',
    'only files that match, or are below a directory that matches; may be repeated',
  ).argParser(repeatable),
  new Option(
    '--exclude <pattern>',
    'skip what matches, a directory with everything below it; may be repeated',
  ).argParser(repeatable),
  new Option(
    '--filter-from <file>',
    'rules, one on each line: "+ PATTERN" includes, "- PATTERN" excludes, "#" begins a comment; the first that matches decides (default: none)',
  ),
]

const patternHelp = `
Patterns follow the rules of gitignore, relative to the source and in the order given. "name" matches at any
depth, "/name" only directly below the source, "name/" only directories; * and ? do not match "/", ** does;
[a-z] is one character of a class; "!" takes back what an earlier pattern matched; a backslash makes the next
character literal. All other characters are literal, braces and parentheses included, and case matters.
With --include only what matches is taken; --exclude prevails over it, wherever it is given. Directories are
created only for what is taken. A pattern that matched nothing is reported at the end. In the file of --filter-from
the first rule that matches decides, and what no rule matches is taken; an entry must pass all filters that are given.`

export const withPatterns = (command: Command): Command => {
  for (const option of patternOptions()) command.addOption(option)
  return command.addHelpText('after', patternHelp)
}
