// The summary of a plan as text.
import type { FindingName, FindingSum, PlanSummary } from '@anydrive/migrate'
import { filesText } from './progress'
import { countText, durationText, nameText, sizeText, tableText } from './text'

const titles: { readonly [F in FindingName]: string } = {
  'exists-identical': 'exist at the target, the same by checksum',
  'exists-unproven': 'exist at the target with the same size, and without a checksum in common',
  'exists-different': 'exist at the target with other content',
  'exists-kind': 'a file where a directory is needed, or the other way round',
  'exists-equal': 'skipped: the file at the target is equal',
  'exists-kept': 'skipped: the source is not known to be newer',
  'name-length': 'names too long for the target',
  'name-characters': 'names that the target refuses',
  depth: 'nested too deep for the target',
  'path-length': 'paths too long for the target',
  'file-size': 'files too large for the target',
  case: 'names that differ only in upper and lower case, which the target does not or may not distinguish',
  normalisation: 'names that differ only in their Unicode form, which the target does not or may not distinguish',
  'one-name': 'names that would become the name of another entry',
  respelled: 'renamed for the target, by --names',
  'not-a-file': 'neither file nor directory',
  unnameable: 'skipped: no path can hold these names',
  unreadable: 'cannot be read; what these directories hold is missing in the plan',
  inside: 'in a directory that is skipped',
}

const lossText: Readonly<Record<string, string>> = {
  'checksums.given': 'checksums',
  'features.etags': 'versions',
  'times.file.createdAt': 'creation times of files',
  'times.file.modifiedAt': 'modification times of files',
  'times.directory.createdAt': 'creation times of directories',
  'times.directory.modifiedAt': 'modification times of directories',
}

const findingLines = ({ what, count, refused, examples }: FindingSum): ReadonlyArray<string> => [
  `  ${what}  ${count}, ${refused === 0 ? 'all of them in the plan' : refused === count ? 'skipped' : `${refused} of them skipped`}: ${titles[what]}`,
  ...examples.map(({ from, says }) => `    ${nameText(from)}${says === '' ? '' : `  (${nameText(says)})`}`),
  ...(count > examples.length ? [`    … and ${count - examples.length} more`] : []),
]

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ['', title, ...lines]

const existingText = ({ identical, unproven, different }: PlanSummary['standing']): string => {
  const same = Object.entries(identical).map(([by, n]) => `${n} the same by ${by}`)
  const rest = [
    ...(unproven > 0 ? [`${unproven} of the same size, content unknown`] : []),
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
        ? 'no duration without --requests-per-second or --bandwidth'
        : `at least ${durationText(duration)}, limited by ${boundBy === 'bandwidth' ? '--bandwidth' : `the rate of ${boundBy ?? 'requests'}`}`,
    ],
    ['', 'from the documented cost of each call; without retries and response times'],
  ]
}

const countRows = (s: PlanSummary): ReadonlyArray<ReadonlyArray<string>> => {
  const { todo, found, space } = s
  const others = found.others > 0 ? `, ${countText(found.others, 'other entry', 'other entries')}` : ''
  const stand = existingText(s.standing)
  return [
    [
      'found',
      `${filesText(found.files, found.bytes)}, ${countText(found.directories, 'directory', 'directories')}${others}`,
    ],
    ['to transfer', filesText(s.files, s.bytes)],
    ...(todo.overwrite > 0 ? [['overwriting', countText(todo.overwrite, 'file')]] : []),
    ...(todo.replace > 0 ? [['replacing', countText(todo.replace, 'entry', 'entries') + ' of another kind']] : []),
    ...(todo.remove > 0 ? [['removing', countText(todo.remove, 'entry', 'entries') + ' at the target']] : []),
    ...(todo.rename > 0 ? [['renaming', countText(todo.rename, 'entry', 'entries')]] : []),
    ...(todo.mkdir + todo.merge > 0 ? [['directories', `${todo.mkdir} to create, ${todo.merge} exist already`]] : []),
    ...(stand === '' ? [] : [['existing', stand]]),
    ...(todo.skip > 0 ? [['kept', `${countText(todo.skip, 'entry', 'entries')} at the target`]] : []),
    ...(s.notCarried > 0 ? [['skipped', `${s.notCarried}: cannot be transferred`]] : []),
    ...(space === undefined
      ? []
      : [['room', `${sizeText(space.free)} at the target${space.isEnough ? '' : ': not enough'}`]]),
    ...estimateRows(s),
  ]
}

/** The lines; rows without content are omitted. */
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
