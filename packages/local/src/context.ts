// What the operations of one local drive share.
import type { DrivePath } from '@anydrive/core'

export interface Context {
  /** Absolute. */
  readonly root: string
  readonly fsync: boolean
  /** One at a time for each path, within this drive: a look and the change that rests on it are not parted. */
  readonly alone: <A>(path: DrivePath, run: () => Promise<A>) => Promise<A>
}

export const createAlone = (): Context['alone'] => {
  const last = new Map<DrivePath, Promise<unknown>>()
  return async (path, run) => {
    const before = last.get(path) ?? Promise.resolve()
    const mine = before.then(run, run)
    last.set(path, mine)
    try {
      return await mine
    } finally {
      if (last.get(path) === mine) last.delete(path)
    }
  }
}
