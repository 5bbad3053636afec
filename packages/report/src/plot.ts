// Throughput as a drawing: bytes and files a second over time, what stood still cut short and marked.
import { clockStep, clockTicks, dayText, momentText, tickText, ticksUpTo } from './axis'
import { countText, durationText, numberText, sizeText } from './format'
import { markup, type Markup } from './markup'
import { lengthOf, ratesOf, type Rate, type Stretch } from './throughput'

/** A stretch where it stands on the page. */
interface Placed {
  readonly stretch: Stretch
  readonly rates: ReadonlyArray<Rate>
  readonly left: number
  readonly right: number
}
interface Frame {
  readonly left: number
  readonly right: number
  readonly width: number
}
interface Panel {
  readonly title: string
  readonly top: number
  readonly height: number
  readonly binary: boolean
  readonly of: (rate: Rate) => number
  readonly text: (value: number) => string
  readonly name: 'bytes' | 'files'
}

const perPart = 4
const panelHeight = 130

const placed = (stretches: ReadonlyArray<Stretch>, frame: Frame): ReadonlyArray<Placed> => {
  const active = stretches.reduce((sum, stretch) => sum + lengthOf(stretch), 0)
  const room = frame.right - frame.left
  const gaps = stretches.length - 1
  const gap = gaps === 0 ? 0 : Math.min(28, (room * 0.3) / gaps)
  const scale = (room - gap * gaps) / active
  let left = frame.left
  return stretches.map((stretch) => {
    const right = left + lengthOf(stretch) * scale
    const rates = ratesOf(stretch, Math.max(1, Math.round((right - left) / perPart)))
    const place = { stretch, rates, left, right }
    left = right + gap
    return place
  })
}

const n = (value: number): string => String(Math.round(value * 10) / 10)

const xOf = ({ stretch, left, right }: Placed, at: number): number =>
  left + ((at - (stretch[0]?.at ?? 0)) / lengthOf(stretch)) * (right - left)

const lineOf = (place: Placed, panel: Panel, y: (value: number) => number): Markup => {
  const { rates, left, right } = place
  const points = rates.map((rate) => `${n(xOf(place, (rate.from + rate.until) / 2))} ${n(y(panel.of(rate)))}`)
  const [first = rates[0]] = rates
  const last = rates.at(-1)
  const start = first === undefined ? '' : `${n(left)} ${n(y(panel.of(first)))}`
  const end = last === undefined ? '' : `${n(right)} ${n(y(panel.of(last)))}`
  const line = [start, ...points, end].join(' L')
  const bottom = n(y(0))
  return markup`<path class="area ${panel.name}" d="M${line} L${n(right)} ${bottom} L${n(left)} ${bottom} Z"/><path class="line ${panel.name}" d="M${line}"/>`
}

const panelMarkup = (places: ReadonlyArray<Placed>, panel: Panel, frame: Frame): Markup => {
  const most = Math.max(0, ...places.map(({ rates }) => rates.reduce((max, rate) => Math.max(max, panel.of(rate)), 0)))
  const ticks = ticksUpTo(most === 0 ? 1 : most, 3, panel.binary)
  const top = ticks.at(-1) ?? 1
  const y = (value: number): number => panel.top + panel.height * (1 - value / top)
  return markup`<text class="label" x="${n(frame.left)}" y="${panel.top - 10}">${panel.title}</text>${ticks.map(
    (tick) =>
      markup`<line class="rule" x1="${n(frame.left)}" x2="${n(frame.right)}" y1="${n(y(tick))}" y2="${n(y(tick))}"/><text class="tick" text-anchor="end" x="${n(frame.left - 8)}" y="${n(y(tick) + 4)}">${panel.text(tick)}</text>`,
  )}${places.map((place) => lineOf(place, panel, y))}`
}

/** The day stands below the time where it is another than before. */
const tickMarkup = (x: number, bottom: number, time: string, date: string): Markup => {
  const lines = [time, date].filter((text) => text !== '')
  return markup`${lines.map(
    (text, i) => markup`<text class="tick" text-anchor="middle" x="${n(x)}" y="${bottom + 20 + i * 15}">${text}</text>`,
  )}`
}

const timeMarkup = (places: ReadonlyArray<Placed>, frame: Frame, bottom: number): ReadonlyArray<Markup> => {
  const active = places.reduce((sum, { stretch }) => sum + lengthOf(stretch), 0)
  const step = clockStep(active, (frame.right - frame.left) / 90)
  const marks: Array<Markup> = []
  let free = -Infinity
  let day = ''
  for (const place of places) {
    for (const tick of clockTicks(place.stretch[0]?.at ?? 0, place.stretch.at(-1)?.at ?? 0, step)) {
      const x = xOf(place, tick)
      marks.push(markup`<line class="axis" x1="${n(x)}" x2="${n(x)}" y1="${bottom}" y2="${bottom + 5}"/>`)
      if (x < free || x > frame.right - 12) continue
      free = x + 60
      marks.push(tickMarkup(x, bottom, tickText(tick, step), dayText(tick) === day ? '' : dayText(tick)))
      day = dayText(tick)
    }
  }
  return marks
}

const gapMarkup = (places: ReadonlyArray<Placed>, top: number, bottom: number): ReadonlyArray<Markup> =>
  places.slice(1).map((place, i) => {
    const before = places[i]
    const from = before?.stretch.at(-1)?.at ?? 0
    const until = place.stretch[0]?.at ?? 0
    const left = before?.right ?? 0
    return markup`<rect class="gap" x="${n(left)}" y="${top}" width="${n(place.left - left)}" height="${bottom - top}"><title>stopped for ${durationText(until - from)}, from ${momentText(from)}</title></rect>`
  })

const rateText = (rate: Rate): string =>
  `${momentText(rate.from)}, ${durationText(rate.until - rate.from)}: ${sizeText(rate.bytes)}/s, ${fileRate(rate.files)} files/s${rate.failures > 0 ? `, ${countText(rate.failures, 'failure')}` : ''}`

export const fileRate = (files: number): string =>
  files >= 10 || files === 0 ? numberText(Math.round(files)) : files.toFixed(1)

/** What is under the pointer says its figures; failures are marked below. */
const spotMarkup = (place: Placed, top: number, bottom: number): ReadonlyArray<Markup> =>
  place.rates.map((rate) => {
    const x = xOf(place, rate.from)
    const width = xOf(place, rate.until) - x
    const failed =
      rate.failures > 0
        ? markup`<rect class="failed" x="${n(x)}" y="${bottom - 5}" width="${n(Math.max(2, width))}" height="5"/>`
        : undefined
    return markup`${failed}<rect class="spot" x="${n(x)}" y="${top}" width="${n(width)}" height="${bottom - top}"><title>${rateText(rate)}</title></rect>`
  })

/** Decoration as far as a screen reader is concerned: `summaryText` and the table say the same. */
export const plotMarkup = (stretches: ReadonlyArray<Stretch>, width: number, label: string): Markup => {
  const frame: Frame = { left: 78, right: width - 10, width }
  const places = placed(stretches, frame)
  const bytes: Panel = {
    title: 'Bytes a second',
    name: 'bytes',
    top: 30,
    height: panelHeight,
    binary: true,
    of: (rate) => rate.bytes,
    text: (value) => `${sizeText(value)}/s`,
  }
  const files: Panel = {
    ...bytes,
    title: 'Files a second',
    name: 'files',
    top: bytes.top + panelHeight + 42,
    binary: false,
    of: (rate) => rate.files,
    text: (value) => `${value > 0 && value < 1 ? value.toPrecision(1) : numberText(value)}/s`,
  }
  const bottom = files.top + panelHeight
  return markup`<svg class="plot" viewBox="0 0 ${width} ${bottom + 42}" role="img" aria-label="${label}">${gapMarkup(places, bytes.top, bottom)}${panelMarkup(places, bytes, frame)}${panelMarkup(places, files, frame)}${timeMarkup(places, frame, bottom)}${places.flatMap((place) => spotMarkup(place, bytes.top, bottom))}</svg>`
}

export interface Pace {
  readonly active: number
  readonly bytes: number
  readonly files: number
  readonly fastest: Rate | undefined
  readonly gaps: ReadonlyArray<number>
}
export const paceOf = (stretches: ReadonlyArray<Stretch>): Pace => {
  const active = stretches.reduce((sum, stretch) => sum + lengthOf(stretch), 0)
  const gain = (of: 'bytes' | 'files'): number =>
    stretches.reduce((sum, stretch) => sum + (stretch.at(-1)?.[of] ?? 0) - (stretch[0]?.[of] ?? 0), 0)
  const rates = stretches.flatMap((stretch) =>
    ratesOf(stretch, Math.max(1, Math.round((lengthOf(stretch) / active) * 200))),
  )
  return {
    active,
    bytes: (gain('bytes') * 1000) / active,
    files: (gain('files') * 1000) / active,
    fastest: rates.reduce<Rate | undefined>(
      (best, rate) => (best === undefined || rate.bytes > best.bytes ? rate : best),
      undefined,
    ),
    gaps: stretches.slice(1).map((stretch, i) => (stretch[0]?.at ?? 0) - (stretches[i]?.at(-1)?.at ?? 0)),
  }
}

/** The drawing in words. */
export const paceText = ({ active, bytes, files, fastest, gaps }: Pace): string =>
  [
    `It worked for ${durationText(active)}: on average ${sizeText(bytes)} and ${fileRate(files)} files a second`,
    ...(fastest === undefined || fastest.bytes === 0
      ? []
      : [`at most ${sizeText(fastest.bytes)} a second, on ${momentText(fastest.from)}`]),
    ...(gaps.length === 0
      ? []
      : [
          `stopped ${gaps.length === 1 ? 'once' : `${gaps.length} times`}, for ${durationText(gaps.reduce((a, b) => a + b, 0))}`,
        ]),
  ].join('; ') + '.'

/** The figures of the drawing, in about so many rows. */
export const paceTable = (stretches: ReadonlyArray<Stretch>, rows: number): Markup => {
  const active = stretches.reduce((sum, stretch) => sum + lengthOf(stretch), 0)
  const rates = stretches.flatMap((stretch) =>
    ratesOf(stretch, Math.max(1, Math.round((lengthOf(stretch) / active) * rows))),
  )
  return markup`<table class="figures"><thead><tr><th scope="col">From</th><th scope="col">For</th><th scope="col">Bytes a second</th><th scope="col">Files a second</th><th scope="col">Failures</th></tr></thead><tbody>${rates.map(
    (rate) =>
      markup`<tr><th scope="row">${momentText(rate.from)}</th><td>${durationText(rate.until - rate.from)}</td><td>${sizeText(rate.bytes)}</td><td>${fileRate(rate.files)}</td><td>${rate.failures}</td></tr>`,
  )}</tbody></table>`
}
