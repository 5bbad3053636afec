// A plan, as people read it.
import type { FindingName, FindingSum, PlanSummary } from '@anydrive/migrate'
import { carriedText } from './progress'
import { countText, durationText, nameText, sizeText, tableText } from './text'

const titles: { readonly [F in FindingName]: string } = {
  'exists-identical': 'stand at the target already, the same by checksum',
  'exists-unproven': 'stand at the target with the same size, and without a checksum in common',
  'exists-different': 'stand at the target with another content',
  'exists-kind': 'a file where a directory is to go, or the other way round',
  'name-length': 'names too long for the target',
  'name-characters': 'names that the target refuses',
  depth: 'nested too deep for the target',
  'path-length': 'paths too long for the target',
  'file-size': 'files too large for the target',
  case: 'names that differ from another only in upper and lower case, which the target does not tell apart or may not',
  normalisation:
    'names that differ from another only in their Unicode form, which the target does not tell apart or may not',
  'one-name': 'names that become the name of another',
  respelled: 'carried under another spelling, by --names',
  'not-a-file': 'neither file nor directory',
  unnameable: 'names that no path can hold',
  unreadable: 'cannot be read; what is in these directories is missing in the plan',
  inside: 'in a directory that is left out',
}

const lossText: Readonly<Record<string, string>> = {
  'checksums.given': 'checksums',
  'features.versions': 'versions',
  'times.file.createdAt': 'creation times of files',
  'times.file.modifiedAt': 'modification times of files',
  'times.directory.createdAt': 'creation times of directories',
  'times.directory.modifiedAt': 'modification times of directories',
}

const findingLines = ({ what, count, refused, examples }: FindingSum): ReadonlyArray<string> => [
  `  ${what}  ${count}, ${refused === 0 ? 'all of them in the plan' : refused === count ? 'not carried' : `${refused} of them not carried`}: ${titles[what]}`,
  ...examples.map(({ from, says }) => `    ${nameText(from)}${says === '' ? '' : `  (${nameText(says)})`}`),
  ...(count > examples.length ? [`    … and ${count - examples.length} more`] : []),
]

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ['', title, ...lines]

const standingText = ({ identical, unproven, different }: PlanSummary['standing']): string => {
  const same = Object.entries(identical).map(([by, n]) => `${n} the same by ${by}`)
  const rest = [
    ...(unproven > 0 ? [`${unproven} of the same size, nothing more known`] : []),
    ...(different > 0 ? [`${different} different`] : []),
  ]
  return [...same, ...rest].join(' · ')
}

const estimateRows = ({ estimate }: PlanSummary): ReadonlyArray<ReadonlyArray<string>> => {
  const { requests, duration, boundBy } = estimate
  const all = requests.from + requests.to
  if (all === 0 && duration === undefined) return []
  return [
    ['estimate', `about ${countText(all, 'request')}: ${requests.from} to the source, ${requests.to} to the target`],
    [
      '',
      duration === undefined
        ? 'no time without --requests-per-second or --bandwidth'
        : `at least ${durationText(duration)}, bound by ${boundBy === 'bandwidth' ? '--bandwidth' : `the rate of ${boundBy ?? 'requests'}`}`,
    ],
    ['', 'by what each call is documented to cost; without what is repeated, and without waiting for answers'],
  ]
}

const countRows = (s: PlanSummary): ReadonlyArray<ReadonlyArray<string>> => {
  const { todo, found, space } = s
  const others = found.others > 0 ? `, ${countText(found.others, 'other entry', 'other entries')}` : ''
  const stand = standingText(s.standing)
  return [
    [
      'found',
      `${carriedText(found.files, found.bytes)}, ${countText(found.directories, 'directory', 'directories')}${others}`,
    ],
    ['to carry', carriedText(s.files, s.bytes)],
    ...(todo.overwrite > 0 ? [['overwriting', countText(todo.overwrite, 'file')]] : []),
    ...(todo.rename > 0 ? [['renaming', countText(todo.rename, 'entry', 'entries')]] : []),
    ...(todo.mkdir + todo.merge > 0 ? [['directories', `${todo.mkdir} to make, ${todo.merge} stand already`]] : []),
    ...(stand === '' ? [] : [['standing', stand]]),
    ...(todo.skip > 0 ? [['skipped', String(todo.skip)]] : []),
    ...(s.notCarried > 0 ? [['not carried', String(s.notCarried)]] : []),
    ...(space === undefined
      ? []
      : [['room', `${sizeText(space.free)} at the target${space.isEnough ? '' : ': not enough'}`]]),
    ...estimateRows(s),
  ]
}

/** Lines; of what would say nothing, none. */
export const planText = (s: PlanSummary): ReadonlyArray<string> => [
  ...tableText(countRows(s)),
  ...section('findings', s.findings.flatMap(findingLines)),
  ...section(
    'not kept by the target',
    tableText(
      s.losses.map(({ feature, source, destination, entries }) => [
        `  ${lossText[feature] ?? feature}`,
        countText(entries, 'entry', 'entries'),
        `${source} → ${destination}`,
      ]),
    ),
  ),
]
