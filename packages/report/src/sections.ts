// The sections of the page above the table of entries.
import { momentText, zoneText } from './axis'
import { conclusionOf, missingOf, type Conclusion } from './conclusion'
import { countText, durationText, numberText, sizeText } from './format'
import { mostListed, type Gathered, type Reason, type Respelt } from './gather'
import type { ReportInput } from './input'
import { markup, nameMarkup, type Markup } from './markup'
import { paceOf, paceTable, paceText, plotMarkup } from './plot'
import { lengthOf, stretchesOf } from './throughput'
import { titleOf } from './titles'
import { departureOf, evidenceOf, type Meaning } from './words'

type Told = Omit<ReportInput<unknown>, 'records'>

const marks = { good: '✓', fair: '!', bad: '✕', live: '…' }

interface Standing extends Omit<Conclusion, 'tone'> {
  /** `live`: it has not ended. */
  readonly tone: Conclusion['tone'] | 'live'
}

/** `role`: of its headline, where that may change. */
export const conclusionSection = ({ tone, headline, remarks }: Standing, role?: 'status'): Markup =>
  markup`<section class="conclusion ${tone}" aria-label="Conclusion"><span class="mark" aria-hidden="true">${marks[tone]}</span><div><h2${
    role === undefined ? undefined : markup` role="${role}"`
  }>${headline}</h2>${
    remarks.length === 0 ? undefined : markup`<ul>${remarks.map((remark) => markup`<li>${remark}</li>`)}</ul>`
  }</div></section>`

/** Unless the title says it. */
const routeMarkup = ({ title, from, to }: Told): Markup | undefined =>
  title.includes(from) && title.includes(to)
    ? undefined
    : markup`<p class="route">${nameMarkup(from)} <span class="arrow" role="img" aria-label="to">→</span> ${nameMarkup(to)}</p>
`

export const headSection = (told: Told): Markup => {
  const { startedAt, endedAt } = told
  return markup`<header><p class="kind">Report of a migration</p><h1>${nameMarkup(told.title)}</h1>
${routeMarkup(told)}<p class="when">${momentText(startedAt)} to ${momentText(endedAt)} (${zoneText(endedAt)}), ${durationText(endedAt - startedAt)} in all</p></header>
${conclusionSection(conclusionOf(told))}`
}

export const figure = (name: string, value: string, note?: string, tone = ''): Markup =>
  markup`<div class="figure ${tone}"><dt>${name}</dt><dd>${value}${note === undefined ? undefined : markup`<small>${note}</small>`}</dd></div>`

export const totalsSection = (told: Told): Markup => {
  const { totals, remaining } = told
  const missing = missingOf(told)
  const untried = remaining?.files ?? 0
  const { files, bytes, directories, merged, skipped, identical, blocked, renames, encodings } = totals
  const { instantFiles = 0, instantBytes = 0, others, removed } = totals
  const more: ReadonlyArray<readonly [number, string, string]> = [
    [renames, 'Under a free name', 'the name was taken'],
    [encodings, 'Renamed for the target', 'the target refuses the name'],
    [instantFiles, 'Not sent at all', `the target had the bytes already: ${sizeText(instantBytes)} saved`],
    [others, 'Skipped', 'no drive can hold them'],
    [untried, 'Not tried', 'stopped before'],
    [removed, 'Removed at the source', 'after the proof of arrival'],
  ]
  return markup`<section aria-labelledby="totals"><h2 id="totals">Totals</h2><dl class="totals">${figure('Files arrived', numberText(files), sizeText(bytes))}${figure(
    'Directories',
    numberText(directories + merged),
    merged === 0 ? 'all created' : `${numberText(merged)} already existed`,
  )}${figure('Did not arrive', `${missing.atLeast ? '≥ ' : ''}${numberText(missing.count)}`, blocked === 0 ? undefined : `${numberText(blocked)} below a directory that failed`, missing.count === 0 ? 'good' : 'bad')}${figure(
    'Kept at the target',
    numberText(skipped),
    skipped === 0 ? undefined : `${numberText(identical)} identical by checksum`,
  )}${more.filter(([n]) => n > 0).map(([n, name, note]) => figure(name, numberText(n), note))}</dl></section>`
}

/** `tooShort`: a sentence in the place of the plot. */
export const paceSection = (
  { series, startedAt, endedAt }: Pick<Told, 'series' | 'startedAt' | 'endedAt'>,
  tooShort = `It took ${durationText(endedAt - startedAt)}: too short for a plot.`,
): Markup => {
  const stretches = stretchesOf(series, startedAt)
  const active = stretches.reduce((sum, stretch) => sum + lengthOf(stretch), 0)
  if (active < 1000)
    return markup`<section aria-labelledby="pace"><h2 id="pace">Throughput</h2><p>${tooShort}</p></section>`
  const pace = paceOf(stretches)
  const label = `Throughput over time. ${paceText(pace)}`
  return markup`<section aria-labelledby="pace"><h2 id="pace">Throughput</h2><p>${paceText(pace)}</p>
<figure class="wide">${plotMarkup(stretches, 1000, label)}</figure><figure class="narrow">${plotMarkup(stretches, 360, label)}</figure>
<p class="legend">Times are ${zoneText(endedAt)}.${pace.gaps.length > 0 ? markup` <span class="key gap"></span> nothing ran; such times are drawn shorter than they were.` : undefined} <span class="key failed"></span> something failed.</p>
<details><summary>The figures as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Throughput as a table">${paceTable(stretches, 24)}</div></details></section>`
}

export const shareMarkup = (count: number, all: number): Markup =>
  markup`<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="all" width="100" height="8" rx="2"/><rect class="part" width="${Math.max(1, Math.round((count / all) * 1000) / 10)}" height="8" rx="2"/></svg>`

export const percentText = (count: number, all: number): string =>
  count === all ? '100 %' : count / all > 0.999 ? '> 99.9 %' : `${((count / all) * 100).toFixed(1)} %`

const meaningsMarkup = (
  title: string,
  counts: Told['arrivals'],
  meaningOf: (name: string) => Meaning,
  unit: string,
): Markup | undefined => {
  const rows = Object.entries(counts)
    .map(([name, count = 0]) => ({ ...meaningOf(name), count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.rank - b.rank || b.count - a.count)
  const all = rows.reduce((sum, { count }) => sum + count, 0)
  if (all === 0) return undefined
  return markup`<h3>${title}</h3><dl class="meanings">${rows.map(
    ({ name, meaning, count }) =>
      markup`<div><dt>${name}</dt><dd class="count">${countText(count, unit)}, ${percentText(count, all)}${shareMarkup(count, all)}</dd><dd class="meaning">${meaning}</dd></div>`,
  )}</dl>`
}

export const evidenceSection = ({ arrivals, departures }: Told): Markup => {
  const arrived = meaningsMarkup('That the target holds what left the source', arrivals, evidenceOf, 'file')
  const left = meaningsMarkup('That what was read is what the source stores', departures, departureOf, 'file')
  if (arrived === undefined && left === undefined) return markup``
  return markup`<section aria-labelledby="evidence-of"><h2 id="evidence-of">How it was verified</h2>${arrived}${left}</section>`
}

const reasonMarkup = ({ reason, remedy, count, examples }: Reason, at: number, listed: string): Markup => {
  const rest = count - examples.length
  return markup`<details class="reason" data-key="${reason} ${remedy}"${at === 0 ? markup` open` : undefined}><summary><strong>${nameMarkup(titleOf(reason))}</strong> <span class="badge">${numberText(count)}</span></summary>${
    remedy === '' ? undefined : markup`<p class="remedy">${nameMarkup(remedy)}</p>`
  }<ul class="names">${examples.map(
    ({ path, why }) =>
      markup`<li>${nameMarkup(path)}${why === reason ? undefined : markup`<small>${nameMarkup(why)}</small>`}</li>`,
  )}</ul>${rest > 0 ? markup`<p class="muted">… and ${numberText(rest)} more, ${listed}.</p>` : undefined}</details>`
}

/** `listed`: where all of them are. */
export const failuresSection = (
  { reasons, otherReasons }: Pick<Gathered, 'reasons' | 'otherReasons'>,
  listed = 'in the table below',
): Markup => {
  if (reasons.length === 0) return markup``
  return markup`<section aria-labelledby="failures"><h2 id="failures">What failed, and what to do</h2>${reasons.map((reason, at) => reasonMarkup(reason, at, listed))}${
    otherReasons > 0
      ? markup`<p class="muted">… and ${countText(otherReasons, 'item')} for further reasons.</p>`
      : undefined
  }</section>`
}

const respeltMarkup = (title: string, note: string, list: ReadonlyArray<Respelt>, all: number): Markup | undefined =>
  list.length === 0
    ? undefined
    : markup`<details class="reason"><summary><strong>${title}</strong> <span class="badge">${numberText(Math.max(all, list.length))}</span></summary><p class="remedy">${note}</p><ul class="names">${list.map(
        ({ path, to }) =>
          markup`<li>${nameMarkup(path)}<small><span role="img" aria-label="at the target">→</span> ${nameMarkup(to)}</small></li>`,
      )}</ul>${all > mostListed ? markup`<p class="muted">… and ${numberText(all - mostListed)} more, in the table below.</p>` : undefined}</details>`

export const namesSection = ({ renamed, encoded }: Gathered, { totals }: Told): Markup => {
  if (renamed.length + encoded.length === 0) return markup``
  return markup`<section aria-labelledby="names-of"><h2 id="names-of">Under another name</h2>${respeltMarkup(
    'Under a free name',
    'Something with that name already existed at the target, and both were kept.',
    renamed,
    totals.renames,
  )}${respeltMarkup(
    'Renamed for the target',
    'The target does not accept these names as they are.',
    encoded,
    totals.encodings,
  )}</section>`
}

export const optionsSection = ({ options }: Told): Markup => {
  const rows = Object.entries(options)
  if (rows.length === 0) return markup``
  return markup`<section aria-labelledby="options"><h2 id="options">Options</h2><dl class="options">${rows.map(
    ([name, value]) => markup`<div><dt>${nameMarkup(name)}</dt><dd>${nameMarkup(value)}</dd></div>`,
  )}</dl></section>`
}
