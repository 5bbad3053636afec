// Stopping, pausing and going on.
import type { DriveError } from '@anydrive/core'
import type { JournalError } from './journal'

export interface Control {
  readonly signal: AbortSignal
  readonly cause: () => DriveError | JournalError | undefined
  readonly stop: (cause: DriveError | JournalError) => void
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
  let cause: DriveError | JournalError | undefined
  let paused: { readonly over: Promise<void>; readonly end: () => void } | undefined
  const resume = (): void => {
    paused?.end()
    paused = undefined
  }
  const cancel = (): void => {
    controller.abort()
    resume()
  }
  return {
    signal: controller.signal,
    cause: () => cause,
    stop: (why) => {
      if (!controller.signal.aborted) cause = why
      cancel()
    },
    cancel,
    pause: () => {
      if (paused !== undefined || controller.signal.aborted) return
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

export const defaultDelay = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
