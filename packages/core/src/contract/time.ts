// Waiting and aborting, when nobody injects another way of waiting.
import { setMaxListeners } from 'node:events'

/** The longest time that a timer of Node's can count, in milliseconds; longer ones are clamped to it. */
export const longestTimer = 2 ** 31 - 1

/** A signal that never aborts. */
export const neverAborted: AbortSignal = new AbortController().signal

/**
 * Calls `then` once when the signal aborts, at once if it has aborted. Returns a function that removes the listener. Any number of
 * listeners may wait on one signal without Node's warning.
 */
export const onAbort = (signal: AbortSignal, then: () => void): (() => void) => {
  if (signal.aborted) {
    then()
    return () => undefined
  }
  setMaxListeners(0, signal)
  signal.addEventListener('abort', then, { once: true })
  return () => signal.removeEventListener('abort', then)
}

/** Resolves after `ms` milliseconds, or as soon as the signal aborts. */
export const delay = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const timer = setTimeout(
      () => {
        forget()
        resolve()
      },
      Math.min(ms, longestTimer),
    )
    const forget = onAbort(signal, () => {
      clearTimeout(timer)
      resolve()
    })
  })
