// How fast a migration is, by the samples of its runs and workers; and when it will have ended.
import {
  createEstimate,
  createSeries,
  type MigrationStatus,
  type NumberedSample,
  type SeriesPoint,
} from '@anydrive/migrate'

export interface Pace {
  readonly add: (sample: NumberedSample) => void
  /** The id of the last sample; 0 before the first. */
  readonly last: () => number
  readonly points: () => ReadonlyArray<SeriesPoint>
  /** Milliseconds until everything has its outcome; undefined before everything is found, or while nothing is known of the speed. */
  readonly timeLeft: (status: Pick<MigrationStatus, 'settled' | 'found'>) => number | undefined
}

/** Milliseconds between two points from which the speed is learned: workers write theirs at different moments. */
const shortest = 4000
/** A longer silence is a pause. */
const longest = 60_000
const mostRecent = 200

export const createPace = (): Pace => {
  const series = createSeries()
  const recent: Array<SeriesPoint> = []
  let last = 0
  return {
    add: ({ id, sample, worker = '' }) => {
      const point = series.add(sample, `${sample.run} ${worker}`)
      if (point.at - (recent.at(-1)?.at ?? -Infinity) >= shortest) recent.push(point)
      if (recent.length > mostRecent) recent.shift()
      last = id
    },
    last: () => last,
    points: series.points,
    timeLeft: ({ settled, found }) => {
      if (!found.walked) return undefined
      const estimate = createEstimate(() => 0)
      recent.forEach(({ at, files, bytes }, i) => {
        const before = recent[i - 1]
        if (before !== undefined && at - before.at <= longest)
          estimate.learn(at - before.at, { files: files - before.files, bytes: bytes - before.bytes })
      })
      return estimate.left(settled, found).timeLeft
    },
  }
}
