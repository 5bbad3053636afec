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

/** Milliseconds over which the rates are measured. */
const span = 10_000

export interface Watched {
  readonly migration: Pick<Migration, 'on'>
  readonly meter: Meter
  /** The path of the source. */
  readonly base: string
}

export const createWatch = ({ migration, meter, base }: Watched, now: () => number = Date.now): Watch => {
  const rates = {
    sent: createRate(span),
    settled: createRate(span),
  }
  const failures = new Map<string, number>()
  let progress: Progress | undefined
  const grow = (event: Progress) => {
    const at = now()
    return {
      bytes: rates.sent.of(event.sent, at),
      files: rates.settled.of(event.settled, at),
      // Before everything is found, the engine's estimate covers only what is known so far.
      left: event.walked ? event.timeLeft : undefined,
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
