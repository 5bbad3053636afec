// Removal file by file, then of the directories that are empty: of the source in a move, of extra entries at the target in a sync.
import {
  isError,
  pages,
  root,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type FileEntry,
  type Placed,
  type RemoveItem,
} from '@anydrive/core'
import { locate, unavailable } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { createSorter } from './external-sort'
import type { Run } from './run'
import { checkUnchanged } from './source-state'

export interface Removal {
  /** Removed with the next hundred, or by `finish`; kept if it has changed since it was listed. */
  readonly file: (file: FileEntry) => Promise<void>
  /** `finish` removes it if it is empty by then. */
  readonly directory: (path: DrivePath) => Promise<void>
  /** Removes the files that are left, and, unless the run was ended early, the directories, the deepest first. */
  readonly finish: () => Promise<void>
  readonly close: () => Promise<void>
}

/** From where it is removed, and how. */
export interface RemovalSide {
  readonly drive: DriveProvider
  readonly isEnabled: boolean
  /** Directories that are never removed. */
  readonly isKept: (dir: DrivePath) => boolean
  /** `to`: where it was moved instead. */
  readonly onRemoved: (path: DrivePath, kind: 'file' | 'directory', to?: DrivePath) => void
  /** The directory is not removed, because it is not empty, or cannot be listed. */
  readonly onFilled?: ((dir: DrivePath) => void) | undefined
  /** Moves a file to another place instead of removing it, if it has not changed since it was listed. */
  readonly moveAside?: ((file: FileEntry) => Promise<E.Either<DriveError, Placed>>) | undefined
}

/** Of a move: what has arrived is removed from the source. */
export const fromSource = (run: Run): RemovalSide => ({
  drive: run.from.drive,
  isEnabled: run.removeSource,
  isKept: (dir) => dir === root || (dir === run.top && !run.removeRoot),
  onRemoved: (_, kind) => {
    if (kind === 'file') run.stats.remove(1)
  },
})

interface Emptied {
  /** Puts the deepest first, and those of one depth in the order of their paths. */
  readonly key: string
  readonly path: DrivePath
}
const lines = {
  keyOf: ({ key }: Emptied) => key,
  toLine: ({ path }: Emptied) => JSON.stringify(path),
  fromLine: (line: string): Emptied => emptied(JSON.parse(line) as DrivePath),
}
const mostDepth = 99_999
const emptied = (path: DrivePath): Emptied => ({
  key: `${String(mostDepth - (path === root ? 0 : path.split('/').length)).padStart(5, '0')} ${path}`,
  path,
})

const batch = 100
const listings = 8

export const createRemoval = (run: Run, side: RemovalSide): Removal => {
  const { drive, isKept, onRemoved, moveAside } = side
  const due = new Map<DrivePath, FileEntry>()
  const directories = createSorter<Emptied>(lines)

  const fail = (path: DrivePath, error: DriveError): void => {
    run.stats.fail(path, error)
    run.emit('failed', { path, error })
  }
  /** What is gone already needs no removal. */
  const pathOf = (item: RemoveItem): DrivePath => (typeof item === 'string' ? item : item.path)
  const remove = async (items: ReadonlyArray<RemoveItem>, kind: 'file' | 'directory'): Promise<void> => {
    if (items.length === 0) return
    const removed = await drive.batchRemove(items, { signal: run.signal })()
    const failures = E.isLeft(removed)
      ? items.map((item) => ({ item, error: removed.left }))
      : removed.right.outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome] : []))
    if (E.isRight(removed))
      for (const outcome of removed.right.outcomes) if (outcome.status === 'done') onRemoved(pathOf(outcome.item), kind)
    for (const { item, error } of failures)
      if (!isError('NotFound')(error) && !run.signal.aborted) fail(pathOf(item), error)
  }
  /** Drives that have no versions cannot refuse to remove a file that has changed. */
  const unchanged = async (file: FileEntry): Promise<RemoveItem | undefined> => {
    if (file.version !== undefined) return { path: file.path, ifVersion: file.version }
    const checked = await checkUnchanged(run, file, drive)
    if (E.isRight(checked)) return file.path
    if (checked.left._tag !== 'NotFound' && !run.signal.aborted) fail(file.path, checked.left)
    return undefined
  }
  const aside = async (file: FileEntry, move: NonNullable<typeof moveAside>): Promise<void> => {
    if (run.ending()) return
    const moved = await move(file)
    if (E.isRight(moved)) onRemoved(file.path, 'file', moved.right.path)
    else if (moved.left._tag !== 'NotFound' && !run.signal.aborted) fail(file.path, moved.left)
  }
  const flush = async (): Promise<void> => {
    const files = [...due.values()]
    due.clear()
    if (run.signal.aborted) return
    const items: Array<RemoveItem> = []
    for (const file of files) {
      if (moveAside !== undefined) {
        await aside(file, moveAside)
        continue
      }
      const item = await unchanged(file)
      if (item !== undefined) items.push(item)
    }
    await remove(items, 'file')
  }

  /** By a fresh listing, hidden entries and those without a path included. A directory that cannot be listed is kept. */
  const isEmpty = async (path: DrivePath): Promise<boolean> => {
    for await (const page of pages(drive, path, { signal: run.signal, temporaries: 'show' }))
      if (E.isLeft(page) || page.right.items.length > 0 || (page.right.skipped ?? []).length > 0) return false
    return true
  }
  const removeEmpty = async (paths: ReadonlyArray<DrivePath>): Promise<void> => {
    const items: Array<DrivePath> = []
    for (let i = 0; i < paths.length; i += listings) {
      const some = paths.slice(i, i + listings)
      const empty = await Promise.all(some.map(isEmpty))
      items.push(...some.filter((_, n) => empty[n]))
      if (!run.ending()) for (const dir of some.filter((_, n) => !empty[n])) side.onFilled?.(dir)
    }
    if (!run.ending()) await remove(items, 'directory')
  }
  const sweep = async (): Promise<void> => {
    let level: Array<DrivePath> = []
    let [depth, last] = ['', root]
    for await (const next of directories.sorted()) {
      if (run.ending()) return
      if (E.isLeft(next)) {
        fail(
          run.top,
          locate({ vendor: 'anydrive', operation: 'source' })(unavailable({ effect: 'none', said: next.left.message })),
        )
        return
      }
      const { key, path } = next.right
      if (path === last) continue
      last = path
      if (key.slice(0, 5) !== depth || level.length >= batch) {
        await removeEmpty(level)
        level = []
        depth = key.slice(0, 5)
      }
      level.push(path)
    }
    await removeEmpty(level)
  }

  return {
    file: async (file) => {
      due.set(file.path, file)
      if (due.size >= batch) await flush()
    },
    directory: async (path) => {
      if (side.isEnabled && !isKept(path)) await directories.add(emptied(path))
    },
    finish: async () => {
      if (!side.isEnabled) return
      await flush()
      if (!run.ending()) await sweep()
    },
    close: () => directories.close(),
  }
}
