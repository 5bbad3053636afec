// The sections of the page of a migration under way.
import { dayText, momentText, tickText, zoneText } from './axis'
import { conclusionOf } from './conclusion'
import { countText, durationText, numberText, sizeText } from './format'
import type { LiveState, LiveWorker } from './live-state'
import { markup, nameMarkup, type Markup } from './markup'
import { fileRate } from './plot'
import {
  conclusionSection,
  evidenceSection,
  failuresSection,
  figure,
  paceSection,
  percentText,
  shareMarkup,
  totalsSection,
} from './sections'

const nothing = markup``

/** The time of day, to the second. */
const clockText = (at: number): string => tickText(at, 1000)

const headSection = ({ title, state, startedAt, at }: LiveState): Markup => {
  const isOver = state === 'ended'
  const when = isOver
    ? `${momentText(startedAt)} to ${momentText(at)} (${zoneText(at)}), ${durationText(at - startedAt)} in all`
    : `Since ${momentText(startedAt)} (${zoneText(at)}), for ${durationText(at - startedAt)}; figures of ${clockText(at)}`
  return markup`<header><p class="kind">${isOver ? 'A migration that has ended' : 'A migration under way'}</p><h1>${nameMarkup(title)}</h1><p class="when">${when}</p></header>`
}

const headlines = {
  running: { tone: 'live', headline: 'Running' },
  waiting: { tone: 'fair', headline: 'Waiting: no worker is running' },
  paused: { tone: 'fair', headline: 'Paused' },
  ended: { tone: 'fair', headline: 'Ended' },
} as const

const stateSection = ({ state, remarks, ended, problem }: LiveState): Markup => {
  const own = ended === undefined ? { ...headlines[state], remarks: [] } : conclusionOf(ended)
  const old =
    problem === undefined
      ? undefined
      : conclusionSection({ tone: 'bad', headline: 'These figures are not the latest', remarks: [problem] }, 'status')
  return markup`${old}${conclusionSection({ ...own, remarks: [...own.remarks, ...remarks] }, 'status')}`
}

/** Empty files count as well, so that a tree of them moves the bar. */
const progressMarkup = ({ settled, found }: LiveState): Markup => {
  const all = found.files + found.bytes
  if (!found.walked || all === 0)
    return markup`<p class="muted">The source is still being searched: ${countText(found.files, 'file')} found so far, ${sizeText(found.bytes)}.</p>`
  const done = Math.min(all, settled.files + settled.bytes)
  return markup`<p class="progress"><span>${done === 0 ? '0 %' : percentText(done, all)}</span> of ${countText(found.files, 'file')}, ${sizeText(found.bytes)}</p>${shareMarkup(done, all)}`
}

/** Milliseconds over which the present speed is measured. */
const span = 60_000

/** A second, over the last minute; undefined where nothing was recorded in it. */
const speedOf = ({ series, at }: LiveState): { readonly files: number; readonly bytes: number } | undefined => {
  const last = series.at(-1)
  const from = series.findLast((point) => point.at <= at - span) ?? series[0]
  if (last === undefined || from === undefined || last.at - from.at < 1000 || at - last.at > span) return undefined
  const rate = (key: 'files' | 'bytes'): number => ((last[key] - from[key]) * 1000) / (last.at - from.at)
  return { files: rate('files'), bytes: rate('bytes') }
}

const endFigure = ({ state, at, found, timeLeft }: LiveState): Markup => {
  if (state !== 'running') return figure('Estimated end', '–', 'nothing is being transferred')
  if (timeLeft === undefined)
    return figure('Estimated end', '–', found.walked ? 'too early to say' : 'known once the source is searched')
  const end = at + timeLeft
  const day = dayText(end) === dayText(at) ? '' : `, on ${dayText(end)}`
  return figure('Estimated end', clockText(end).slice(0, 5), `in ${durationText(timeLeft)}${day}`)
}

const figuresSection = (state: LiveState): Markup => {
  const { totals, settled, found } = state
  const { files, bytes, directories, merged, skipped, others, failures, blocked } = totals
  const speed = speedOf(state)
  const remaining = Math.max(0, found.files - settled.files)
  const more: ReadonlyArray<readonly [number, string, string]> = [
    [skipped, 'Kept at the target', 'by the strategy'],
    [others, 'Skipped', 'no drive can hold them'],
  ]
  return markup`<section aria-labelledby="progress"><h2 id="progress">Progress</h2>${progressMarkup(state)}<dl class="totals">${figure('Files arrived', numberText(files), sizeText(bytes))}${figure(
    'Remaining',
    `${found.walked ? '' : '≥ '}${numberText(remaining)}`,
    sizeText(Math.max(0, found.bytes - settled.bytes)),
  )}${figure('Failed', numberText(failures), blocked === 0 ? undefined : `${numberText(blocked)} more below a directory that failed`, failures + blocked === 0 ? 'good' : 'bad')}${endFigure(state)}${figure(
    'Speed',
    speed === undefined ? '–' : `${sizeText(speed.bytes)}/s`,
    speed === undefined ? undefined : `${fileRate(speed.files)} files/s, over the last minute`,
  )}${figure(
    'Directories',
    numberText(directories + merged),
    merged === 0 ? 'all created' : `${numberText(merged)} already existed`,
  )}${more.filter(([n]) => n > 0).map(([n, name, note]) => figure(name, numberText(n), note))}</dl></section>`
}

const signText = ({ isAlive, silence }: LiveWorker): string => {
  const seconds = Math.round(silence / 1000)
  const ago = seconds < 10 ? `${seconds} s ago` : `${durationText(silence)} ago`
  return isAlive ? `last sign of life ${ago}` : `does not work any more; last sign of life ${ago}`
}

/** Its share of the bytes; of files where all are empty. */
const workerMarkup = (worker: LiveWorker, all: { readonly files: number; readonly bytes: number }): Markup => {
  const { id, name, concurrency, done, underWay, isAlive, refusal } = worker
  const key = all.bytes > 0 ? 'bytes' : 'files'
  const share = all[key] === 0 || done[key] === 0 ? '0 %' : percentText(done[key], all[key])
  return markup`<div data-key="${id}" class="${isAlive ? 'alive' : 'gone'}"><dt>${nameMarkup(name)}</dt><dd class="count">${countText(done.files, 'file')}, ${sizeText(done.bytes)}: ${share}${shareMarkup(done[key], Math.max(1, all[key]))}</dd><dd class="meaning">${
    isAlive
      ? `${countText(underWay, 'entry', 'entries')} under way, at most ${numberText(concurrency)} files at once; `
      : ''
  }${signText(worker)}${refusal === undefined ? undefined : markup`<span class="refusal">refuses ${nameMarkup(refusal)}</span>`}</dd></div>`
}

const workersSection = ({ workers }: LiveState): Markup => {
  if (workers === undefined) return nothing
  const sum = (key: 'files' | 'bytes'): number => workers.reduce((total, { done }) => total + done[key], 0)
  const all = { files: sum('files'), bytes: sum('bytes') }
  return markup`<section aria-labelledby="workers"><h2 id="workers">Workers</h2>${
    workers.length === 0
      ? markup`<p>No worker has been seen yet.</p>`
      : markup`<dl class="meanings workers">${workers.map((worker) => workerMarkup(worker, all))}</dl>`
  }</section>`
}

const underWaySection = ({ state, underWay, begun }: LiveState): Markup => {
  if (state === 'ended' || underWay.length === 0) return nothing
  const rest = begun - underWay.length
  return markup`<section aria-labelledby="under-way"><h2 id="under-way">Under way</h2><ul class="names">${underWay.map(
    ({ path, bytes, worker }) =>
      markup`<li>${nameMarkup(path)}<small>${bytes === undefined ? 'directory' : sizeText(bytes)}${worker === undefined ? undefined : markup`, ${nameMarkup(worker)}`}</small></li>`,
  )}</ul>${rest > 0 ? markup`<p class="muted">… and ${numberText(rest)} more.</p>` : undefined}</section>`
}

/** By the id of the element that holds each, in the order of the page. */
export const liveSections = (state: LiveState): ReadonlyMap<string, Markup> => {
  const { ended, startedAt, at, series, failures } = state
  return new Map([
    ['head', headSection(state)],
    ['state', stateSection(state)],
    ['figures', ended === undefined ? figuresSection(state) : totalsSection(ended)],
    ['worker-list', workersSection(state)],
    ['under-way-list', underWaySection(state)],
    ['failure-list', failuresSection({ reasons: failures, otherReasons: 0 }, 'in the report')],
    ['throughput', paceSection({ series, startedAt, endedAt: at }, 'Too early for a plot.')],
    ['verification', ended === undefined ? nothing : evidenceSection(ended)],
  ])
}
