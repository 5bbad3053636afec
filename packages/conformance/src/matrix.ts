// What verdicts come to: operation × verdict, and what each drive declares; as data, text and Markdown.
import type { Capabilities, ConflictStrategy, SupportCell } from '@anydrive/core'
import type { Verdict } from './law'

export interface MatrixRow {
  readonly operation: string
  readonly kept: number
  /** Of those kept, the ones whose promise rested on an inference about the vendor. */
  readonly inferred: number
  /** Not declared, and refused as promised. */
  readonly refused: number
  readonly skipped: number
  readonly broken: number
}
export interface Matrix {
  readonly rows: ReadonlyArray<MatrixRow>
  readonly broken: ReadonlyArray<{
    readonly law: string
    readonly promise: string
    readonly why: string
    readonly inferred: boolean
  }>
  /** Laws that were not checked, by the features that they need. */
  readonly missing: ReadonlyArray<{ readonly feature: string; readonly laws: number }>
}

const rowOf = (operation: string, verdicts: ReadonlyArray<Verdict>): MatrixRow => {
  const own = verdicts.filter((v) => v.law.operation === operation)
  const count = (is: (v: Verdict) => boolean) => own.filter(is).length
  return {
    operation,
    kept: count((v) => v.verdict === 'kept'),
    inferred: count((v) => v.verdict === 'kept' && v.basis === 'inferred'),
    refused: count((v) => v.verdict === 'skipped' && v.refused),
    skipped: count((v) => v.verdict === 'skipped' && !v.refused),
    broken: count((v) => v.verdict === 'broken'),
  }
}

export const matrixOf = (verdicts: ReadonlyArray<Verdict>): Matrix => {
  const missing = new Map<string, number>()
  for (const v of verdicts)
    if (v.verdict === 'skipped') for (const feature of v.missing) missing.set(feature, (missing.get(feature) ?? 0) + 1)
  return {
    rows: [...new Set(verdicts.map((v) => v.law.operation))].map((operation) => rowOf(operation, verdicts)),
    broken: verdicts.flatMap((v) =>
      v.verdict === 'broken'
        ? [{ law: v.law.name, promise: v.law.promise, why: v.why, inferred: v.basis === 'inferred' }]
        : [],
    ),
    missing: [...missing].map(([feature, laws]) => ({ feature, laws })),
  }
}

const head = ['operation', 'kept', 'inferred', 'refused', 'skipped', 'broken']
const cellsOf = (matrix: Matrix): ReadonlyArray<ReadonlyArray<string>> =>
  matrix.rows.map((row) => [row.operation, row.kept, row.inferred, row.refused, row.skipped, row.broken].map(String))

export const matrixText = (matrix: Matrix): ReadonlyArray<string> => {
  const all = [head, ...cellsOf(matrix)]
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)))
  return all.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  )
}

const markdown = (first: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  [first, first.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`)

export const matrixMarkdown = (matrix: Matrix): ReadonlyArray<string> => markdown(head, cellsOf(matrix))

const words = {
  native: 'native',
  emulated: 'composed',
  'emulated-detected': 'composed¹',
  'emulated-open': 'composed²',
  'as-ask': 'as `ask`',
  unsupported: '–',
} as const
const shown = ({ support, basis }: SupportCell): string => words[support] + (basis === 'inferred' ? '*' : '')
const strategies: ReadonlyArray<ConflictStrategy> = ['ask', 'rename', 'overwrite']
const rows = ['createDir', 'copyDir', 'moveDir', 'moveFile', 'copyFile', 'writeFile'] as const
const yes = (value: boolean): string => (value ? 'yes' : '–')

/** What drives declare, side by side: a Markdown table, and the meaning of its signs. */
export const capabilityTable = (drives: Readonly<Record<string, Capabilities>>): ReadonlyArray<string> => {
  const all = Object.values(drives)
  const line = (what: string, cell: (c: Capabilities) => string): ReadonlyArray<string> => [what, ...all.map(cell)]
  return [
    ...markdown(
      ['', ...Object.keys(drives)],
      [
        ...rows.flatMap((row) =>
          strategies.map((strategy) => line(`${row} \`${strategy}\``, (c) => shown(c.conflict[row][strategy]))),
        ),
        line('longest name', (c) => `${c.naming.maxLength} ${c.naming.lengthUnit}`),
        line('largest file', (c) =>
          c.limits.fileSize === undefined ? 'unlimited' : `${Math.round(c.limits.fileSize / 1024 ** 3)} GiB`,
        ),
        line('items a batch request', (c) => String(c.limits.batch)),
        line('checksums reported', (c) => c.checksums.given.join(', ') || '–'),
        line('checksums checked', (c) => c.checksums.checked.join(', ') || '–'),
        line('instant upload', (c) => yes(c.upload.instant)),
        line('parts', (c) => c.upload.parts),
        line('resume after a crash', (c) => c.upload.resume),
        line('file’s modified time', (c) => c.times.file.modifiedAt),
        line('recycle bin', (c) => yes(c.features.trash)),
        line('background tasks', (c) => yes(c.features.background)),
        line('versions', (c) => yes(c.features.versions)),
      ],
    ),
    '',
    '\\* inferred: no document of the vendor says so. ¹ A lost race is noticed and undone. ² A race stays open.',
  ]
}
