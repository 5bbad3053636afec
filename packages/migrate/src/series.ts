// The speed of a migration over all its runs and workers, from the samples of each.
import type { Sample } from './journal'

/** How far the migration was at a moment: `files`, `bytes` and `failures` rise over all runs. A pause between two runs is a gap in `at`. */
export type SeriesPoint = Omit<Sample, 'found'> & { readonly run: string }

export interface Series {
  /** In the order of their moments; answers the sum. `source`: what counts from 0 by itself; a run, unless several workers share one. */
  readonly add: (sample: SeriesPoint, source?: string) => SeriesPoint
  /** The last one is always the latest. */
  readonly points: () => ReadonlyArray<SeriesPoint>
}

/** Milliseconds between two points, at least, once there are too many of them. */
const firstStep = 1000

/** Keeps at most about `most` points: farther apart, the longer the migration is. */
export const createSeries = (most = 5000): Series => {
  const latest = new Map<string, SeriesPoint>()
  const sum = { files: 0, bytes: 0, failures: 0 }
  let kept: Array<SeriesPoint> = []
  let last: SeriesPoint | undefined
  let step = 0

  const spaced = (points: ReadonlyArray<SeriesPoint>): Array<SeriesPoint> => {
    const chosen: Array<SeriesPoint> = []
    points.forEach((point, i) => {
      const before = chosen.at(-1)
      const endsRun = points[i + 1]?.run !== point.run
      if (before?.run !== point.run || endsRun || point.at - before.at >= step) chosen.push(point)
    })
    return chosen
  }
  const keep = (point: SeriesPoint): void => {
    kept.push(point)
    while (kept.length > most && step < Number.MAX_SAFE_INTEGER) {
      step = Math.max(firstStep, step * 2)
      kept = spaced(kept)
    }
  }
  return {
    add: (sample, source = sample.run) => {
      const before = latest.get(source)
      for (const key of ['files', 'bytes', 'failures'] as const) sum[key] += sample[key] - (before?.[key] ?? 0)
      latest.set(source, sample)
      const point = { at: sample.at, run: sample.run, ...sum }
      const end = kept.at(-1)
      // The end of a run is kept, so that the gap after it is as long as it was.
      if (last !== undefined && last !== end && last.run !== point.run) keep(last)
      if (end?.run !== point.run || point.at - end.at >= step) keep(point)
      last = point
      return point
    },
    points: () => (last === undefined || kept.at(-1) === last ? [...kept] : [...kept, last]),
  }
}
