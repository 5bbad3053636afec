// What is applied to a service's text takes time in proportion to it: every expression in the sources, and the functions that read responses.
import { dateIn } from '@anydrive/kit'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { growsAtMost } from '../../core/test/growth'
import { challengeIn, parseJson, redact } from '../src'

const root = join(__dirname, '..', '..')

const filesIn = (dir: string): ReadonlyArray<string> =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(dir, file))

const expressionsIn = (file: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022))
  return found
}

/** Looks for matches from every position, as a search does. */
const searching = (literal: string): RegExp => {
  const end = literal.lastIndexOf('/')
  const flags = literal.slice(end + 1)
  return new RegExp(literal.slice(1, end), flags.includes('g') ? flags : `${flags}g`)
}

const samples: Readonly<Record<string, string>> = { s: ' ', d: '1', w: 'a', S: 'x', D: 'x', W: '-', b: ' ', n: '\n' }

/** Texts of one to four characters that the expression is about, to be repeated, and words that they may follow. */
const attacksOn = ({ source }: RegExp) => {
  const atoms = new Set(['x', '\\"', '\\\\'])
  for (const [, name, escaped, plain] of source.matchAll(/\\([sdwSDWbn])|\\(.)|([^()[\]{}?*+|^$.\\])/g))
    if (atoms.size < 16) atoms.add(samples[name ?? ''] ?? escaped ?? plain ?? 'x')
  const each = [...atoms]
  const words = (source.match(/[A-Za-z<>:"/-]{2,}/g) ?? []).slice(0, 3)
  return {
    words: ['', ...words],
    pieces: [...words, ...each, ...each.flatMap((one) => each.map((other) => one + other))],
  }
}

/** A text on which four times the length takes more than eight times as long, four times and sixteen times being linear and quadratic. */
const weakness = (literal: string): string | undefined => {
  const expression = searching(literal)
  const { words, pieces } = attacksOn(expression)
  for (const word of words)
    for (const piece of pieces) {
      const textOf = (length: number): string => `${word}${piece.repeat(length / piece.length)}\u0001`
      const match = (text: string) => () => text.match(expression)
      const short = textOf(4096)
      const start = process.hrtime.bigint()
      match(short)()
      // Nothing that is linear takes a millisecond for 4 KiB; only what did is measured.
      if (process.hrtime.bigint() - start < 1_000_000n) continue
      if (!growsAtMost(8, match(short), match(textOf(4 * 4096)))) return `${literal} on ${JSON.stringify(word + piece)}`
    }
  return undefined
}

test('every expression in the sources takes time in proportion to the text', () => {
  const packages = readdirSync(root).map((name) => join(root, name, 'src'))
  const expressions = new Set(packages.flatMap(filesIn).flatMap(expressionsIn))
  expect(expressions.size).toBeGreaterThan(100)
  expect([...expressions].flatMap((literal) => weakness(literal) ?? [])).toEqual([])
})

test.each(['/"(?:[^"\\\\]|\\\\.)*"|\\d{16}/g', '/\\s+$/', '/(?:Basic|Bearer) +x* *y/', '/<Code>[^&]*&/'])(
  'which %s does not',
  (literal) => expect(weakness(literal)).toBeDefined(),
)

const hostile: ReadonlyArray<readonly [string, (n: number) => string]> = [
  ['quotes after a long integer', (n) => `{"a":"1234567890123456${'"'.repeat(n)}`],
  ['escaped quotes after a long integer', (n) => `{"a":"1234567890123456${'\\"'.repeat(n / 2)}`],
  ['open quotes and names', (n) => '"token":"\\"'.repeat(n / 11)],
  ['blanks after a word', (n) => `Digest realm${' '.repeat(n)}`],
  ['equals signs', (n) => 'a=?a=&'.repeat(n / 6)],
  ['slashes and a sign', (n) => `${'//'.repeat(n / 2)}@`],
  ['schemes', (n) => 'Bearer '.repeat(n / 7)],
  ['digits and letters', (n) => `2024-${'1a'.repeat(n / 2)}`],
]
const readers = { parseJson, redact, challengeIn, dateIn } as const

describe.each(Object.entries(readers))('%s', (_, read) => {
  // Sixteen times the text takes sixteen times as long where time is linear, and 256 times as long where it is quadratic.
  test.each(hostile)('takes time in proportion to %s', (_name, textOf) => {
    const [short, long] = [textOf(16 * 1024), textOf(256 * 1024)]
    expect(
      growsAtMost(
        64,
        () => read(short),
        () => read(long),
      ),
    ).toBe(true)
  })
})
