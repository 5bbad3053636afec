// Stopping, draining, pausing and going on.
import type { DriveError } from '@anydrive/core'
import { setMaxListeners } from 'node:events'
import type { JournalError } from './journal'

/** `failure`: its `cause` would have met everything else as well. The rest are the caller's wish, or a limit that was given. */
export type Why = 'cancelled' | 'drained' | 'failure' | 'max-errors' | 'max-bytes' | 'max-duration'

export interface Control {
  readonly signal: AbortSignal
  readonly cause: () => DriveError | JournalError | undefined
  /** Why nothing new is begun; undefined while the run goes on. */
  readonly why: () => Why | undefined
  /** Nothing new is begun, and what is under way is aborted. The first cause counts. */
  readonly stop: (cause: DriveError | JournalError) => void
  /** Nothing new is begun; what is under way is finished. */
  readonly drain: (why: Exclude<Why, 'cancelled' | 'failure'>) => void
  readonly cancel: () => void
  readonly pause: () => void
  readonly resume: () => void
  /** Resolves at once unless paused; a stop lets everything through. */
  readonly gate: () => Promise<void>
  /** Ends with the caller's signal as well; answers how to let go of it. */
  readonly follow: (signal: AbortSignal | undefined) => () => void
}

export const control = (): Control => {
  const controller = new AbortController()
  // Every call under way listens to it: their number is no leak.
  setMaxListeners(0, controller.signal)
  let cause: DriveError | JournalError | undefined
  let reason: Why | undefined
  let paused: { readonly over: Promise<void>; readonly end: () => void } | undefined
  const resume = (): void => {
    paused?.end()
    paused = undefined
  }
  const abort = (why: Why): void => {
    if (controller.signal.aborted) return
    reason = why
    controller.abort()
    resume()
  }
  const cancel = (): void => {
    abort('cancelled')
  }
  return {
    signal: controller.signal,
    cause: () => cause,
    why: () => reason,
    stop: (error) => {
      if (!controller.signal.aborted) cause = error
      abort('failure')
    },
    drain: (why) => {
      reason ??= why
      resume()
    },
    cancel,
    pause: () => {
      if (paused !== undefined || reason !== undefined) return
      let end = (): void => undefined
      const over = new Promise<void>((resolve) => {
        end = resolve
      })
      paused = { over, end }
    },
    resume,
    gate: async () => {
      while (paused !== undefined) await paused.over
    },
    follow: (signal) => {
      if (signal?.aborted === true) cancel()
      else signal?.addEventListener('abort', cancel, { once: true })
      return () => signal?.removeEventListener('abort', cancel)
    },
  }
}
