// Reads the state once for all clients: every second while a page follows it, otherwise on request.
import { delay } from '@anydrive/core/adapter'
import type { LiveState } from '@anydrive/report'
import * as E from 'fp-ts/Either'
import type { ReadState } from './state'

export interface Feed {
  /** At most a second old. */
  readonly current: () => Promise<LiveState>
  /** Calls it with each new state, until the function is called that it answers. */
  readonly follow: (listener: (state: LiveState) => void) => () => void
}

/** Milliseconds. */
const every = 1000

/** `first`: the state that was read before. One that cannot be read any more is shown with why. */
export const createFeed = (read: ReadState, first: LiveState, signal: AbortSignal): Feed => {
  const listeners = new Set<(state: LiveState) => void>()
  let state = first
  let next = performance.now() + every
  let underWay: Promise<LiveState> | undefined
  let isFollowed = false

  const refresh = async (): Promise<LiveState> => {
    const found = await read()
    state = E.isRight(found) ? found.right : { ...state, problem: found.left.message }
    next = performance.now() + every
    underWay = undefined
    return state
  }
  const current = (): Promise<LiveState> => {
    if (performance.now() < next) return Promise.resolve(state)
    return (underWay ??= refresh())
  }
  const run = async (): Promise<void> => {
    if (isFollowed) return
    isFollowed = true
    while (listeners.size > 0 && !signal.aborted) {
      const now = await current()
      for (const listener of listeners) listener(now)
      await delay(Math.max(0, next - performance.now()), signal)
    }
    isFollowed = false
  }
  return {
    current,
    follow: (listener) => {
      listeners.add(listener)
      void run()
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
