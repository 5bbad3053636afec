// The events of a running migration.
import type { DriveError, DrivePath, Entry } from '@anydrive/core'
import type { Clash, Decision } from './conflict'
import type { Outcome } from './journal'

/** A file being sent. */
export interface UnderWay {
  readonly path: DrivePath
  readonly bytes: number
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly since: number
}
export interface Progress {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Transferred and proven, by this run and those before it. */
  readonly files: number
  /** Sent, those of files under way included. */
  readonly bytes: number
  /** Bytes that this run sent over the network. */
  readonly sent: number
  /** The longest under way first; at most eight. */
  readonly underWay: ReadonlyArray<UnderWay>
  /** Files that have their outcome, whatever it is. */
  readonly settled: number
  /** Bytes of those, and of what is sent of files under way: all of `found.bytes` at the end. */
  readonly through: number
  /** Known so far, those that earlier runs settled included: everything once `walked`. Never less than before while the walk goes on. */
  readonly found: { readonly files: number; readonly bytes: number }
  readonly walked: boolean
  /** Milliseconds until everything found so far has its outcome, by the time that a file and a byte have taken; absent until that is known. */
  readonly timeLeft?: number
}
export interface Events {
  readonly progress: Progress
  readonly failed: { readonly path: DrivePath; readonly error: DriveError }
  readonly decided: { readonly clash: Clash; readonly decision: Decision }
  readonly settled: { readonly source: Entry; readonly outcome: Outcome }
  /** Of a sync, at the target; `to`: where a renamed file, or one that is kept as a backup, was moved. */
  readonly removed: { readonly path: DrivePath; readonly kind: 'file' | 'directory'; readonly to?: DrivePath }
}
export type Emit = <K extends keyof Events>(name: K, event: Events[K]) => void

export interface Listeners {
  /** Answers how to stop listening. What a listener throws ends the run, and rejects it. */
  readonly on: <K extends keyof Events>(name: K, listener: (event: Events[K]) => void) => () => void
  readonly emit: Emit
}

export const createListeners = (): Listeners => {
  const all: { readonly [K in keyof Events]: Set<(event: Events[K]) => void> } = {
    progress: new Set(),
    failed: new Set(),
    decided: new Set(),
    settled: new Set(),
    removed: new Set(),
  }
  return {
    on: (name, listener) => {
      // Each call is another subscription, even of the same function.
      const own: typeof listener = (event) => {
        listener(event)
      }
      all[name].add(own)
      return () => void all[name].delete(own)
    },
    emit: (name, event) => {
      for (const listener of all[name]) listener(event)
    },
  }
}
