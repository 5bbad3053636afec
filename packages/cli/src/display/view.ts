// The state of a migration at one moment, collected from its events.
import type { Migration, Progress } from '@anydrive/migrate'
import { createRate } from './rate'
import type { Meter, Traffic } from './traffic'

export interface View {
  /** The source. */
  readonly base: string
  /** Undefined before the first event. */
  readonly progress: Progress | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Bytes sent a second. */
  readonly bytes: number
  /** Files finished a second. */
  readonly files: number
  /** Milliseconds; undefined while it cannot be known. */
  readonly left: number | undefined
  readonly drives: ReadonlyArray<Traffic>
  /** Failures by the tags of their errors, the most frequent first. */
  readonly failures: ReadonlyArray<readonly [tag: string, count: number]>
}

export interface Watch {
  readonly read: () => View
  readonly end: () => void
}

/** Rates are of the last ten seconds, the time left of the last thirty. */
const short = 10_000
const long = 30_000

const leftOf = ({ found, through, settled, walked }: Progress, bytes: number, files: number): number | undefined => {
  if (!walked) return undefined
  const bytesLeft = found.bytes - through
  const filesLeft = found.files - settled
  if ((bytesLeft > 0 && bytes === 0) || (filesLeft > 0 && files === 0 && bytes === 0)) return undefined
  return Math.max(bytesLeft > 0 ? bytesLeft / bytes : 0, filesLeft > 0 && files > 0 ? filesLeft / files : 0) * 1000
}

export interface Watched {
  readonly migration: Pick<Migration, 'on'>
  readonly meter: Meter
  /** The path of the source. */
  readonly base: string
}

export const createWatch = ({ migration, meter, base }: Watched, now: () => number = Date.now): Watch => {
  const rates = {
    sent: createRate(short),
    settled: createRate(short),
    through: createRate(long),
    files: createRate(long),
  }
  const failures = new Map<string, number>()
  let progress: Progress | undefined
  const grow = (event: Progress) => {
    const at = now()
    return {
      bytes: rates.sent.of(event.sent, at),
      files: rates.settled.of(event.settled, at),
      left: leftOf(event, rates.through.of(event.through, at), rates.files.of(event.settled, at)),
    }
  }
  const offs = [
    migration.on('progress', (event) => {
      // What an earlier run did is counted at once, and says nothing about the pace.
      if (progress === undefined) grow(event)
      progress = event
    }),
    migration.on('failed', ({ error }) => {
      failures.set(error._tag, (failures.get(error._tag) ?? 0) + 1)
    }),
  ]
  return {
    read: () => ({
      base,
      progress,
      now: now(),
      ...(progress === undefined ? { bytes: 0, files: 0, left: undefined } : grow(progress)),
      drives: meter.read(),
      failures: [...failures].sort(([, a], [, b]) => b - a),
    }),
    end: () => {
      for (const off of offs) off()
    },
  }
}
