// The second half of a sync: removes from the target what the source has not, once everything has arrived.
import { nameOf, parentOf, segments, type DriveError, type DrivePath } from '@anydrive/core'
import { locate, preconditionFailed, stemOf, unavailable } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { entryOf } from './entry-lines'
import { createSorter } from './external-sort'
import { finalNameOf, type Extra, type ExtraFound } from './extras'
import type { Overlap } from './overlap'
import type { RemoveExtra } from './options'
import { createRemoval, type Removal } from './removal'
import type { Run } from './run'
import type { ScratchError } from './temp-file'

type ExtraSource = AsyncIterable<ExtraFound>

export interface ExtraRemoval {
  /** Nothing is removed unless everything arrived, nothing was skipped, and all of `found` is known and within the limit. */
  readonly finish: (found: ExtraSource) => Promise<void>
  readonly close: () => Promise<void>
}

const lines = {
  keyOf: ({ entry }: Extra) => entry.path,
  toLine: (it: Extra) => JSON.stringify(it),
  fromLine: (line: string): Extra => {
    const { entry, source } = JSON.parse(line) as Extra
    return { entry: entryOf(entry), source }
  },
}

const notArrived = (run: Run, path: DrivePath): DriveError => ({
  ...locate({ vendor: run.to.drive.vendor, operation: 'batchRemove', path })(preconditionFailed()),
  message: `/${path}: not found at the target after the transfer; source or target changed meanwhile. Run it again`,
})

const filledMeanwhile = (run: Run, path: DrivePath): DriveError => ({
  ...locate({ vendor: run.to.drive.vendor, operation: 'batchRemove', path })(preconditionFailed()),
  message: `/${path}: not removed, because something was added to it meanwhile. It was /${originalOf(path)} before a file took its place`,
})

const scratchError = ({ message }: ScratchError): DriveError =>
  locate({ vendor: 'anydrive', operation: 'source' })(unavailable({ effect: 'none', said: message }))

/** The path before the entry, or one above it, made room for an entry of another kind. */
const originalOf = (path: DrivePath): DrivePath =>
  segments(path)
    .map((name) => stemOf(name) ?? name)
    .join('/') as DrivePath

/** What a run that was killed left behind is removed, but is nothing that the target had. */
const isCounted = (path: DrivePath): boolean => finalNameOf(parentOf(path), nameOf(path)) !== undefined

/** How many entries would be removed; infinitely many where that is not known. */
export const countExtras = async (found: ExtraSource): Promise<number> => {
  let count = 0
  for await (const one of found) {
    if (one.status === 'broken' || (one.status === 'unknown' && one.side === 'source')) return Infinity
    if (one.status === 'extra' && isCounted(one.entry.path)) count += 1
  }
  return count
}

export const createExtraRemoval = (
  run: Run,
  { maxDelete = Infinity }: RemoveExtra,
  { overlap, target }: { readonly overlap: Overlap; readonly target: DrivePath },
): ExtraRemoval => {
  const files = createSorter<Extra>(lines)
  const fail = (path: DrivePath, error: DriveError, name?: string): void => {
    run.stats.fail(path, error, name)
    run.emit('failed', { path, error })
  }
  const removal: Removal = createRemoval(run, {
    drive: run.to.drive,
    isEnabled: true,
    isKept: () => false,
    onRemoved: (path, kind, to) => {
      if (!isCounted(path)) return
      run.stats.removeExtra(1)
      run.emit('removed', { path: originalOf(path), kind, ...(to === undefined ? {} : { to }) })
    },
    // A directory that was moved away for a file has a temporary name, under which users would not find what was added to it.
    onFilled: (dir) => {
      if (stemOf(nameOf(dir)) !== undefined) fail(dir, filledMeanwhile(run, dir))
    },
    moveAside: run.backup?.aside,
  })

  /** The number of extra entries; undefined where not everything is known. */
  const collected = async (found: ExtraSource): Promise<number | undefined> => {
    let [count, isComplete] = [0, true]
    for await (const one of found) {
      if (run.ending()) return undefined
      switch (one.status) {
        case 'extra': {
          if (isCounted(one.entry.path)) count += 1
          const { entry } = one
          // All of them before the first removal: an extra directory may be the source, under another name.
          const taken = await overlap.mayTake(entry.path)
          if (E.isLeft(taken)) run.stop(taken.left)
          if (entry.kind === 'directory') {
            // A source without entries could be any empty directory of the target.
            const other = overlap.isSourceEmpty() ? await overlap.isOther(entry.path) : E.right(undefined)
            if (E.isLeft(other)) run.stop(other.left)
            await removal.directory(entry.path)
          } else {
            const added = await files.add(one)
            if (added !== undefined && E.isLeft(added)) {
              fail(target, scratchError(added.left))
              return undefined
            }
          }
          break
        }
        case 'missing':
          isComplete = false
          fail(one.source.path, notArrived(run, one.source.path))
          break
        case 'unknown':
          if (one.side === 'source') isComplete = false
          fail(one.path, one.error, one.name)
          break
        case 'marker':
          overlap.onMarker(one.path)
          break
        case 'broken':
          fail(target, scratchError(one.error))
          return undefined
      }
    }
    return isComplete ? count : undefined
  }
  return {
    finish: async (found) => {
      const before = run.stats.summary()
      if (run.ending()) return
      if (before.failures + before.blocked > 0) {
        run.stats.refuseExtra('failures')
        return
      }
      const count = await collected(found)
      if (run.ending()) return
      if (count === undefined) {
        run.stats.refuseExtra('failures')
        return
      }
      run.stats.findExtra(count)
      if (count > maxDelete) {
        run.stats.refuseExtra('max-delete')
        return
      }
      for await (const next of files.sorted()) {
        if (run.ending()) return
        if (E.isLeft(next)) {
          fail(target, scratchError(next.left))
          return
        }
        if (next.right.entry.kind === 'file') await removal.file(next.right.entry)
      }
      await removal.finish()
    },
    close: async () => {
      await files.close()
      await removal.close()
    },
  }
}
