// --filter-from: a file of rules that include or exclude, in order.
import * as E from 'fp-ts/Either'
import { readText } from './path-list'
import { patternsOf, type Patterns } from './patterns'
import { usage, type Problem } from './problem'

export interface Rule {
  readonly includes: boolean
  /** The one pattern of the rule. */
  readonly patterns: Patterns
}

const remedy = '--filter-from names a file with a rule on each line: "+ PATTERN" or "- PATTERN"; "#" begins a comment.'

/** The text of the file. */
export const readRules = (file: string, cwd: string): E.Either<Problem, string> =>
  readText('--filter-from', file, cwd, remedy)

/** `file`: where the text is from. A left: a rule is malformed. */
export const rulesIn = (text: string, file: string): E.Either<Problem, ReadonlyArray<Rule>> => {
  const rules: Array<Rule> = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:[#;]|$)/.test(line)) continue
    const [, sign, pattern = ''] = /^([+-]) +(\S.*)$/.exec(line) ?? []
    const isNegated = pattern.startsWith('!')
    if (sign === undefined || isNegated)
      return E.left(
        usage(
          `--filter-from: line ${i + 1} of ${file} ${isNegated ? 'has a pattern that begins with "!"' : 'is no rule'}`,
          remedy,
        ),
      )
    const patterns = patternsOf('--filter-from', [pattern])
    if (E.isLeft(patterns)) return patterns
    rules.push({ includes: sign === '+', patterns: patterns.right })
  }
  return E.right(rules)
}
