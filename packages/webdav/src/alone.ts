// One step at a time at each name, of all that this process does on one server.
import type { Answered, DrivePath } from '@anydrive/core'

export type Alone = <A>(path: DrivePath, step: Answered<A>) => Answered<A>

/** Of all drives of the process: an entry stays only while a step is under way. */
const last = new Map<string, Promise<unknown>>()

/**
 * Apache looks whether a name is free, and takes it a moment later (docs/wire/webdav.md, races): steps of this process do not meet in
 * between, whichever drive object they are of. Those of another process may.
 */
export const createAlone = (url: string): Alone => {
  const root = url.replace(/\/$/, '')
  return (path, step) => async () => {
    const key = `${root}/${path}`
    const before = last.get(key)
    const mine = before === undefined ? step() : before.then(step, step)
    last.set(key, mine)
    try {
      return await mine
    } finally {
      if (last.get(key) === mine) last.delete(key)
    }
  }
}
