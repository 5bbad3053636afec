// How fast it went: cumulative samples as rates over time, with the times when nothing ran left out.
import type { ReportSample } from './input'

type Point = Omit<ReportSample, 'run'>
/** Without a break between; at least two points, by time. */
export type Stretch = ReadonlyArray<Point>

export interface Rate {
  /** Milliseconds since the epoch, as `until`. */
  readonly from: number
  readonly until: number
  /** A second. */
  readonly bytes: number
  readonly files: number
  /** Within. */
  readonly failures: number
}

const median = (numbers: ReadonlyArray<number>): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** Silence that is no gap yet. */
const shortest = 15_000

const isGap = (before: ReportSample, next: ReportSample, usual: number): boolean =>
  next.run !== before.run ? next.at - before.at > 2 * usual : next.at - before.at > Math.max(6 * usual, shortest)

/** What came after a gap is taken to have come in the usual time before its first sample. */
export const stretchesOf = (series: ReadonlyArray<ReportSample>, startedAt: number): ReadonlyArray<Stretch> => {
  const sorted = [...series].sort((a, b) => a.at - b.at)
  const [first] = sorted
  if (first === undefined) return []
  const all =
    first.at > startedAt ? [{ at: startedAt, bytes: 0, files: 0, failures: 0, run: first.run }, ...sorted] : sorted
  const steps = all.slice(1).map((sample, i) => sample.at - (all[i]?.at ?? 0))
  const usual = median(steps.filter((step) => step > 0))
  const stretches: Array<Array<Point>> = []
  let open: Array<Point> = []
  let before: ReportSample | undefined
  for (const sample of all) {
    if (before !== undefined && isGap(before, sample, usual)) {
      stretches.push(open)
      open = [{ ...before, at: sample.at - usual }]
    }
    if (before === undefined || sample.at > before.at) open.push(sample)
    before = sample
  }
  stretches.push(open)
  return stretches.filter((stretch) => stretch.length > 1)
}

export const lengthOf = (stretch: Stretch): number => (stretch.at(-1)?.at ?? 0) - (stretch[0]?.at ?? 0)

/** At a moment within, between the two points around it. */
const valueAt = (stretch: Stretch, at: number, from: number): { readonly point: Point; readonly index: number } => {
  let index = from
  while (index < stretch.length - 2 && (stretch[index + 1]?.at ?? Infinity) < at) index += 1
  const a = stretch[index]
  const b = stretch[index + 1]
  if (a === undefined || b === undefined) return { point: { at, bytes: 0, files: 0, failures: 0 }, index }
  const share = Math.min(1, Math.max(0, (at - a.at) / (b.at - a.at)))
  const between = (from: number, to: number): number => from + (to - from) * share
  return {
    point: {
      at,
      bytes: between(a.bytes, b.bytes),
      files: between(a.files, b.files),
      failures: between(a.failures, b.failures),
    },
    index,
  }
}

const whole = (count: number): number => Math.floor(count + 1e-6)

/** In so many equal parts. */
export const ratesOf = (stretch: Stretch, parts: number): ReadonlyArray<Rate> => {
  const from = stretch[0]?.at ?? 0
  const step = lengthOf(stretch) / parts
  const rates: Array<Rate> = []
  let { point: before, index } = valueAt(stretch, from, 0)
  for (let i = 1; i <= parts; i++) {
    const next = valueAt(stretch, from + i * step, index)
    const { point } = next
    rates.push({
      from: before.at,
      until: point.at,
      bytes: ((point.bytes - before.bytes) * 1000) / step,
      files: ((point.files - before.files) * 1000) / step,
      failures: whole(point.failures) - whole(before.failures),
    })
    before = point
    index = next.index
  }
  return rates
}
