// What drives declare, side by side: the table that READMEs show.
import type { Capabilities, ConflictStrategy, SupportCell } from '@anydrive/core'
import { markdownTable } from './matrix-text'

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
const rows = ['createDir', 'copyDir', 'moveDir', 'moveFile', 'copyFile', 'writeFile', 'restore'] as const
const optional = [
  ['listTrash', 'trash listed'],
  ['restore', 'restored from the trash'],
  ['purge', 'purged from the trash'],
  ['emptyTrash', 'trash emptied'],
  ['search', 'search'],
  ['listVersions', 'versions of a file'],
  ['restoreVersion', 'version restored'],
  ['downloadUrl', 'download URLs'],
  ['setTimes', 'times set later'],
  ['changes', 'change feed'],
] as const
const yes = (value: boolean): string => (value ? 'yes' : '–')

/** What drives declare, side by side: a Markdown table, and the meaning of its signs. */
export const capabilityTable = (drives: Readonly<Record<string, Capabilities>>): ReadonlyArray<string> => {
  const all = Object.values(drives)
  const line = (what: string, cell: (c: Capabilities) => string): ReadonlyArray<string> => [what, ...all.map(cell)]
  return [
    ...markdownTable(
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
        ...optional.map(([verb, what]) => line(what, (c) => yes(c.operations[verb]))),
        line('background tasks', (c) => yes(c.features.background)),
        line('etags', (c) => yes(c.features.etags)),
      ],
    ),
    '',
    '\\* inferred: no document of the vendor says so. ¹ A lost race is noticed and undone. ² A race stays open.',
  ]
}
