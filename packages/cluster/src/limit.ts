// How many files a worker transfers at once.
import type { Working } from './work'

export interface Limit {
  readonly run: Working['limited']
  /** Resolves once something would run at once: a worker that is busy leaves further jobs to others. */
  readonly room: () => Promise<void>
}

export const createLimit = (most: number): Limit => {
  let running = 0
  const waiting: Array<() => void> = []
  let waitingForRoom: Array<() => void> = []
  const leave = (): void => {
    const next = waiting.shift()
    if (next !== undefined) {
      next()
      return
    }
    running -= 1
    const released = waitingForRoom
    waitingForRoom = []
    for (const resolve of released) resolve()
  }
  return {
    run: async (task) => {
      if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
      else running += 1
      try {
        return await task()
      } finally {
        leave()
      }
    },
    room: async () => {
      while (running >= most) await new Promise<void>((resolve) => waitingForRoom.push(resolve))
    },
  }
}
