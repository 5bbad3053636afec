// The summary of a migration, as people read it.
import { showPath } from '@anydrive/core'
import type { Summary } from '@anydrive/migrate'
import { carriedText } from './progress'
import { countText, durationText, nameText, tableText } from './text'

const most = 20

const countsText = (counts: Readonly<Record<string, number | undefined>>): string =>
  Object.entries(counts)
    .map(([name, n]) => `${name} ${n ?? 0}`)
    .join(' · ')

const listed = <A>(items: ReadonlyArray<A>, all: number, line: (item: A) => string): ReadonlyArray<string> => [
  ...items.slice(0, most).map((item) => `  ${nameText(line(item))}`),
  ...(all > most ? [`  … and ${all - most} more; --json tells up to 10,000`] : []),
]

/** What came to stand elsewhere, and what was left out: nothing of it is a failure, but somebody should know. */
export const remarksText = (s: Summary): ReadonlyArray<string> => [
  ...listed(s.renamed, s.renames, ({ from, to }) => `renamed ${showPath(from)} → ${showPath(to)}`),
  ...listed(s.encoded, s.encodings, ({ from, to }) => `respelled ${showPath(from)} → ${showPath(to)}`),
  ...listed(s.notCarried, s.others, ({ path, what }) => `not carried ${path} (${what})`),
]

/** Lines; of rows that would say nothing, none. */
export const summaryText = (s: Summary): ReadonlyArray<string> => [
  ...tableText([
    ['carried', `${carriedText(s.files, s.bytes)}, in ${durationText(s.duration)}`],
    ...(s.directories + s.merged > 0
      ? [['directories', `${s.directories} made${s.merged > 0 ? `, ${s.merged} stood already` : ''}`]]
      : []),
    ...(s.files > 0 ? [['arrived', countsText(s.arrivals)]] : []),
    ...(s.files > 0 ? [['left', countsText(s.departures)]] : []),
    ...(s.skipped > 0
      ? [['skipped', `${countText(s.skipped, 'entry', 'entries')}, ${s.identical} of them identical`]]
      : []),
    ...(s.removed > 0 ? [['removed', `${countText(s.removed, 'file')} at the source`]] : []),
    ...(s.blocked > 0
      ? [['blocked', `${countText(s.blocked, 'entry', 'entries')} below directories that failed`]]
      : []),
    ...(s.instant.files > 0
      ? [['instant', `${carriedText(s.instant.files, s.instant.bytes)} not sent: the target held the bytes`]]
      : []),
    ...(s.renames > 0 ? [['renamed', String(s.renames)]] : []),
    ...(s.encodings > 0 ? [['respelled', String(s.encodings)]] : []),
    ...(s.others > 0 ? [['not carried', String(s.others)]] : []),
    ...(s.failures > 0 ? [['failed', String(s.failures)]] : []),
  ]),
  ...remarksText(s),
  ...listed(s.failed, s.failures, ({ path, error }) => `failed ${showPath(path)}: ${error._tag}`),
]
