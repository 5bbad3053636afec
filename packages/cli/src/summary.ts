// The summary of a migration as text.
import { showPath } from '@anydrive/core'
import type { Summary } from '@anydrive/migrate'
import { filesText } from './progress'
import type { Remaining } from './run-engine'
import { countText, durationText, nameText, tableText } from './text'

/** Of each list. */
const mostListed = 20

const listed = <A>(items: ReadonlyArray<A>, all: number, line: (item: A) => string): ReadonlyArray<string> => [
  ...items.slice(0, mostListed).map((item) => `  ${nameText(line(item))}`),
  ...(all > mostListed ? [`  … and ${all - mostListed} more; --json prints up to 10,000`] : []),
]

/** Entries that have another name at the target, and entries that were skipped because no drive can hold them. */
export const remarksText = (s: Summary): ReadonlyArray<string> => [
  ...listed(s.renamed, s.renames, ({ from, to }) => `renamed ${showPath(from)} → ${showPath(to)}`),
  ...listed(s.encoded, s.encodings, ({ from, to }) => `renamed for the target ${showPath(from)} → ${showPath(to)}`),
  ...listed(s.notCarried, s.others, ({ path, what }) => `skipped ${path} (${what})`),
]

const arrivalTexts: { readonly [arrival: string]: string } = {
  'read-back': 'by reading back',
  size: 'by size only',
}
const arrivalText = (arrival: string): string => {
  const [how = '', algorithm = ''] = arrival.split(':')
  if (how === 'vendor-checked') return `by ${algorithm}, checked by the target`
  return arrivalTexts[arrival] ?? `by ${algorithm}`
}

const sameText = (by: string): string => {
  if (by === 'size') return 'by size only'
  return by === 'time' ? 'by size and time' : `by ${by}`
}
const keptTexts: { readonly [why: string]: string } = {
  'not-newer': 'not modified later at the source',
  'no-time': 'without a modification time to compare',
}

type Counts = Readonly<Record<string, number | undefined>>

const countsText = (counts: Counts, label: (name: string) => string = (name) => name): string =>
  Object.entries(counts)
    .map(([name, n]) => `${n ?? 0} ${label(name)}`)
    .join(' · ')

const checksumText = (departures: Counts): string => {
  const [name, ...more] = Object.keys(departures)
  return name !== undefined && more.length === 0 ? name : countsText(departures)
}

/** All files; the duration is of this run, and is given with what this run transferred. */
const transferredText = ({ files, bytes, duration, earlier }: Summary): string => {
  const time = `in ${durationText(duration)}`
  return earlier.files === 0
    ? `${filesText(files, bytes)}, ${time}`
    : `${filesText(files, bytes)}; in this run ${filesText(files - earlier.files, bytes - earlier.bytes)}, ${time}`
}

const remainingText = ({ files, atLeast }: Remaining): string =>
  `${atLeast ? 'at least ' : ''}${countText(files, 'file')}`

const extraRows = ({ extra }: Summary): ReadonlyArray<ReadonlyArray<string>> =>
  extra === undefined
    ? []
    : [
        ...(extra.renamed > 0
          ? [['moved:', `${countText(extra.renamed, 'file')} at the target, instead of being sent`]]
          : []),
        ...(extra.removed > 0 ? [['removed:', `${countText(extra.removed, 'entry', 'entries')} at the target`]] : []),
      ]

/** Why a sync removed nothing; undefined where that is not so. */
export const notRemovedText = ({ extra }: Summary, maxDelete: number | undefined): string | undefined => {
  if (extra?.notRemoved === 'max-delete')
    return `nothing was removed at the target: ${countText(extra.found, 'entry is', 'entries are')} extra, and --max-delete is ${maxDelete ?? 0}`
  return extra?.notRemoved === 'failures'
    ? 'nothing was removed at the target, because something failed, was skipped, could not be listed or changed meanwhile'
    : undefined
}

/** The lines; rows without content are omitted. `remaining` is of a run that was stopped. */
export const summaryText = (s: Summary, remaining?: Remaining): ReadonlyArray<string> => [
  ...tableText([
    ['transferred:', transferredText(s)],
    ...(s.directories + s.merged > 0
      ? [['directories:', `${s.directories} created${s.merged > 0 ? `, ${s.merged} already existed` : ''}`]]
      : []),
    ...(s.files > 0 ? [['verified:', countsText(s.arrivals, arrivalText)]] : []),
    ...(s.files > 0 ? [['source checksum:', checksumText(s.departures)]] : []),
    ...(s.instant.files > 0
      ? [['not sent:', `${filesText(s.instant.files, s.instant.bytes)}: the target had the bytes already`]]
      : []),
    ...(s.skipped > 0 ? [['kept:', `${s.skipped} at the target, ${s.identical} of them identical`]] : []),
    ...(Object.keys(s.same).length > 0 ? [['equal:', countsText(s.same, sameText)]] : []),
    ...(Object.keys(s.kept).length > 0 ? [['not newer:', countsText(s.kept, (why) => keptTexts[why] ?? why)]] : []),
    ...(s.removed > 0 ? [['removed:', `${countText(s.removed, 'file')} at the source`]] : []),
    ...extraRows(s),
    ...(s.renames > 0 ? [['renamed:', String(s.renames)]] : []),
    ...(s.encodings > 0 ? [['renamed for the target:', String(s.encodings)]] : []),
    ...(s.others > 0 ? [['skipped:', String(s.others)]] : []),
    ...(s.failures > 0 ? [['failed:', String(s.failures)]] : []),
    ...(s.blocked > 0
      ? [['blocked:', `${countText(s.blocked, 'entry', 'entries')} below directories that failed`]]
      : []),
    ...(remaining !== undefined && (remaining.files > 0 || remaining.atLeast)
      ? [['not tried:', remainingText(remaining)]]
      : []),
  ]),
  ...remarksText(s),
  ...listed(s.failed, s.failures, ({ path, error }) => `failed ${showPath(path)}: ${error._tag}`),
]
