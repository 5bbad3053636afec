// The live view as lines: a pure function of the view and of the room for it.
import type { Progress } from '@anydrive/migrate'
import type { createColors } from 'picocolors'
import { clockText, countText, nameText, sizeText } from '../text'
import type { Traffic } from './traffic'
import type { View } from './view'
import { fitted, padded, widthOf } from './width'

export type Colors = ReturnType<typeof createColors>

const most = 6
const longest = 56
const separator = ' · '

const barText = (share: number, room: number): string => {
  const full = Math.round(Math.min(1, Math.max(0, share)) * room)
  return '█'.repeat(full) + '░'.repeat(room - full)
}

/** Empty files count as well, so that a tree of them moves the bar. */
const shareOf = ({ found, through, settled }: Progress): number => {
  const all = found.bytes + found.files
  return all === 0 ? 0 : Math.min(1, (through + settled) / all)
}

/** The share is only known once everything was found. */
const percentText = (progress: Progress): string =>
  progress.walked ? `${Math.floor(shareOf(progress) * 100)} %` : 'scanning'

const rateText = (perSecond: number): string => (perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond)))

/** As many of the parts, from the first on, as there is room for. */
const joined = (parts: ReadonlyArray<string>, room: number): string => {
  let text = ''
  for (const part of parts) {
    const longer = text === '' ? part : text + separator + part
    if (widthOf(longer) > room) break
    text = longer
  }
  return text === '' ? fitted(parts[0] ?? '', room) : text
}

const headLines = (
  { progress, bytes, files, left, now }: View,
  width: number,
  colors: Colors,
): ReadonlyArray<string> => {
  if (progress === undefined) return [colors.dim('scanning')]
  const { found, settled, through, walked, startedAt } = progress
  const some = walked ? '' : '+'
  const percent = percentText(progress)
  const times = joined(
    [`${clockText(now - startedAt)} elapsed`, ...(left === undefined ? [] : [`${clockText(left)} left`])],
    Math.max(0, width - widthOf(percent) - 14),
  )
  const room = Math.min(48, width - widthOf(percent) - widthOf(times) - 5)
  const bar = room < 4 ? '' : `${colors.cyan(barText(shareOf(progress), room))} `
  return [
    `${bar}${colors.bold(percent)}  ${times}`,
    joined(
      [
        `${settled}/${found.files}${some} files`,
        `${sizeText(through)}/${sizeText(found.bytes)}${some}`,
        `${sizeText(bytes)}/s`,
        `${rateText(files)} files/s`,
        ...(walked
          ? [`${countText(found.files - settled, 'file')} and ${sizeText(found.bytes - through)} remaining`]
          : []),
      ],
      width,
    ),
  ]
}

const trafficParts = (traffic: Traffic): ReadonlyArray<string> => {
  const { requests, rate, throttled, unavailable, unanswered, waiting } = traffic
  return [
    `${rateText(rate)} requests/s`,
    ...(throttled > 0 ? [`${throttled} throttled (429)`] : []),
    ...(unavailable > 0 ? [`${unavailable} unavailable (5xx)`] : []),
    ...(unanswered > 0 ? [`${unanswered} unanswered`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    `${requests} in total`,
  ]
}

/** The width of the column of names. */
const margin = 12

const driveLines = (drives: ReadonlyArray<Traffic>, width: number, colors: Colors): ReadonlyArray<string> =>
  drives.map((traffic) => {
    const name = padded(fitted(traffic.drive, margin - 2), margin)
    const text = joined(trafficParts(traffic), width - margin)
    return colors.dim(name) + (traffic.throttled + traffic.unavailable > 0 ? colors.yellow(text) : text)
  })

/** Relative to the source. */
const below = (path: string, base: string): string =>
  base !== '' && path.startsWith(`${base}/`) ? path.slice(base.length + 1) : path

const fileLines = (
  { underWay }: Progress,
  room: number,
  width: number,
  colors: Colors,
  { now, base }: View,
): ReadonlyArray<string> => {
  const rows = underWay.slice(0, room).map(({ path, bytes, size, since }) => ({
    path: nameText(below(path, base)),
    bar: width < 60 ? '' : `${barText(size === 0 ? 1 : bytes / size, 12)} `,
    figures: `${sizeText(bytes)}/${sizeText(size)} ${clockText(now - since)}`,
  }))
  const figures = Math.max(0, ...rows.map((row) => row.figures.length))
  const name = Math.min(longest, width - margin - (rows[0]?.bar.length ?? 0) - figures - 2)
  return rows.map((row, i) => {
    const label = colors.dim(padded(i === 0 ? 'in progress' : '', margin))
    return name < 8
      ? label + fitted(row.path, width - margin)
      : `${label}${padded(fitted(row.path, name), name)}  ${colors.cyan(row.bar)}${row.figures.padStart(figures)}`
  })
}

const failureLines = (failures: View['failures'], width: number, colors: Colors): ReadonlyArray<string> => {
  if (failures.length === 0) return []
  const all = failures.reduce((sum, [, count]) => sum + count, 0)
  const parts = failures.map(([tag, count]) => `${tag} ${count}`)
  return [colors.dim(padded('failed', margin)) + colors.red(joined([String(all), ...parts], width - margin))]
}

export interface Room {
  readonly width: number
  /** Lines. */
  readonly height: number
}

/** Never more lines than there is room for, nor a line wider than that. */
export const frame = (view: View, { width, height }: Room, colors: Colors): ReadonlyArray<string> => {
  const head = headLines(view, width, colors)
  const around = [...driveLines(view.drives, width, colors), ...failureLines(view.failures, width, colors)]
  const room = Math.min(most, height - head.length - around.length)
  const files = view.progress === undefined || room < 1 ? [] : fileLines(view.progress, room, width, colors, view)
  const drives = around.slice(0, view.drives.length)
  return [...head, ...drives, ...files, ...around.slice(view.drives.length)].slice(0, Math.max(1, height))
}
