// Time and chance, as given or as they are.
import { setMaxListeners } from 'node:events'
import type { HttpSurroundings } from './request'

export interface Clock {
  readonly now: () => number
  readonly random: () => number
  /** Resolves after `ms`, or as soon as the signal aborts. */
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Returns what takes the listener away again. Any number may wait on one signal: Node's warning is meant for those that stay. */
export const onAbort = (signal: AbortSignal, then: () => void): (() => void) => {
  if (signal.aborted) {
    then()
    return () => undefined
  }
  setMaxListeners(0, signal)
  signal.addEventListener('abort', then, { once: true })
  return () => signal.removeEventListener('abort', then)
}

const delay: Clock['delay'] = (ms, signal) =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      forget()
      resolve()
    }
    const timer = setTimeout(() => done(), Math.min(ms, 2 ** 31 - 1))
    const forget = onAbort(signal, () => {
      clearTimeout(timer)
      resolve()
    })
  })

export const clockOf = (surroundings: HttpSurroundings = {}): Clock => ({
  now: surroundings.now ?? Date.now,
  random: surroundings.random ?? Math.random,
  delay: surroundings.delay ?? delay,
})
