// The second half of a move: what was carried leaves the source, and nothing else does.
import { root, walk, type DriveError, type DrivePath, type FileEntry, type RemoveItem } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Run } from './run'

export interface Removal {
  /** Its copy stands and is proven. Removed with the next hundred, or at the end. */
  readonly add: (file: FileEntry) => Promise<void>
  /** What is left to remove. */
  readonly flush: () => Promise<void>
  /** The directories, if nothing but directories is left below them. */
  readonly sweep: (dir: DrivePath) => Promise<void>
}

const batch = 100

export const createRemoval = (run: Run): Removal => {
  const { drive } = run.from
  let due: Array<RemoveItem> = []

  const pathOf = (item: RemoveItem): DrivePath => (typeof item === 'string' ? item : item.path)
  const fail = (path: DrivePath, error: DriveError): void => {
    run.tally.fail(path, error)
    run.emit('failed', { path, error })
  }
  const remove = async (items: ReadonlyArray<RemoveItem>, counted: boolean): Promise<void> => {
    const removed = await drive.batchRemove(items, { signal: run.signal })()
    if (E.isLeft(removed)) {
      for (const item of items) fail(pathOf(item), removed.left)
      return
    }
    for (const outcome of removed.right.outcomes)
      if (outcome.status === 'failed') fail(pathOf(outcome.item), outcome.error)
      else if (counted) run.tally.remove(1)
  }
  const flush = async (): Promise<void> => {
    const items = due
    due = []
    if (items.length > 0) await remove(items, true)
  }
  return {
    add: async ({ path, version }) => {
      due.push(version === undefined ? path : { path, ifVersion: version })
      if (due.length >= batch) await flush()
    },
    flush,
    sweep: async (dir) => {
      const tops: Array<DrivePath> = []
      for await (const entry of walk(drive, dir, { signal: run.signal })) {
        if (E.isLeft(entry) || entry.right.kind !== 'directory') return
        const { path } = entry.right
        if (dir === root && !path.includes('/')) tops.push(path)
      }
      const items = dir === root ? tops : [dir]
      if (items.length > 0) await remove(items, false)
    },
  }
}
