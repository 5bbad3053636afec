// The matrix as lines of text, and as Markdown.
import type { Matrix, MatrixRow } from './matrix'

type Cells = ReadonlyArray<string>

const counts = ['kept', 'refused', 'skipped', 'broken', 'notRun'] as const
const titles = { kept: 'kept', refused: 'refused', skipped: 'skipped', broken: 'broken', notRun: 'not run' } as const
/** `not run` only where something was not. */
const countsOf = ({ notRun }: Matrix) => counts.filter((count) => count !== 'notRun' || notRun.length > 0)

const headOf = (matrix: Matrix): Cells => [
  'operation',
  'capability',
  'basis',
  ...countsOf(matrix).map((count) => titles[count]),
]
const cellsOf = (matrix: Matrix): ReadonlyArray<Cells> => [
  ...matrix.rows.map((row, i) => [
    matrix.rows[i - 1]?.operation === row.operation ? '' : row.operation,
    row.capability,
    row.basis ?? '',
    ...countsOf(matrix).map((count) => String(row[count])),
  ]),
  [
    'all',
    '',
    '',
    ...countsOf(matrix).map((count) =>
      String(matrix.rows.reduce((sum: number, row: MatrixRow) => sum + row[count], 0)),
    ),
  ],
]

const lawsText = (n: number): string => (n === 1 ? '1 law' : `${n} laws`)

/** What the table cannot say: why laws are broken, which inferences held, and what was not checked. */
const notesOf = (matrix: Matrix, code: (text: string) => string): ReadonlyArray<readonly [string, Cells]> => [
  [
    'Broken',
    matrix.broken.map(({ operation, law, promise, why, inferred, grounds }) =>
      [`${operation}: ${law} (${promise}${inferred ? '; inferred' : ''}): ${code(why)}`, ...grounds].join('\n'),
    ),
  ],
  [
    'Inferred: no document of the vendor says so',
    matrix.inferences.map(({ feature, held, kept, broken }) =>
      held
        ? `${code(feature)} held in ${lawsText(kept)}`
        : `${code(feature)} did NOT hold: ${lawsText(broken)} broken, ${kept} kept`,
    ),
  ],
  ['Not applicable', matrix.skipped.map(({ why, laws }) => `${why}: ${lawsText(laws.length)}`)],
  ['Not run', matrix.notRun.map(({ why, laws }) => `${why}: ${lawsText(laws.length)}`)],
]
const notes = (
  matrix: Matrix,
  code: (text: string) => string,
  heading: (title: string) => Cells,
  line: (text: string) => Cells,
): Cells =>
  notesOf(matrix, code).flatMap(([title, lines]) =>
    lines.length === 0 ? [] : ['', ...heading(title), ...lines.flatMap(line)],
  )

export const matrixText = (matrix: Matrix): Cells => {
  const all = [headOf(matrix), ...cellsOf(matrix)]
  const widths = headOf(matrix).map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)))
  const padded = (cell: string, i: number): string =>
    i < 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)
  const asIs = (text: string): string => text
  return [
    ...all.map((row) => row.map(padded).join('  ')),
    ...notes(
      matrix,
      asIs,
      (title) => [`${title}:`],
      (text) => text.split('\n').map((line, i) => `${i === 0 ? '  ' : '    '}${line}`),
    ),
  ]
}

const escaped = (cell: string): string => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')

export const markdownTable = (head: Cells, rows: ReadonlyArray<Cells>): Cells =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(escaped).join(' | ')} |`)

export const matrixMarkdown = (matrix: Matrix): Cells => [
  ...markdownTable(headOf(matrix), cellsOf(matrix)),
  ...notes(
    matrix,
    (text) => `\`${text.replaceAll('\n', ' ').replaceAll('`', 'ˋ')}\``,
    (title) => [`**${title}**`, ''],
    (text) => [`- ${text.replaceAll('\n', ' ')}`],
  ),
]
