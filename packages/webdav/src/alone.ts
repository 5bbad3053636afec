// One step at a time at each name, of all that one drive does.
import type { Answered, DrivePath } from '@anydrive/core'

export type Alone = <A>(path: DrivePath, step: Answered<A>) => Answered<A>

/**
 * Apache looks whether a name is free, and takes it a moment later (docs/wire/webdav.md, races): steps of one drive do not meet in
 * between. Those of another program may.
 */
export const createAlone = (): Alone => {
  const last = new Map<DrivePath, Promise<unknown>>()
  return (path, step) => async () => {
    const before = last.get(path)
    const mine = before === undefined ? step() : before.then(step, step)
    last.set(path, mine)
    try {
      return await mine
    } finally {
      if (last.get(path) === mine) last.delete(path)
    }
  }
}
