// Removing an entry, a directory with all below it; links are removed, never followed.
import * as E from 'fp-ts/Either'
import { rmdir, unlink } from 'node:fs/promises'
import type { DrivePath } from '@anydrive/core'
import { aborted, taskFailed, unavailable } from '@anydrive/core/adapter'
import { openChild, type Dir } from './directories'
import { lookup } from './entries'
import { codeOf, toFault, trying, type Result } from './errors'
import { namesIn } from './copying'
import type { Location } from './place'

/** Counts what is gone already, so that a failure can say whether anything changed. */
interface Progress {
  removed: number
}

const empty = async (dir: Dir, progress: Progress, signal: AbortSignal): Promise<boolean> => {
  for await (const name of namesIn(dir)) {
    if (signal.aborted) return false
    if (!(await removeOne({ dir, name }, progress, signal))) return false
  }
  return true
}

const triesToEmpty = 3

/** False: the signal aborted. */
const removeOne = async (spot: Location, progress: Progress, signal: AbortSignal): Promise<boolean> => {
  const at = spot.dir.at(spot.name)
  const stats = await lookup(spot.dir, spot.name)
  if (stats === undefined) return true
  if (!stats.isDirectory()) await trying(unlink(at), 'ENOENT')
  else
    for (let tries = 0; ; tries++) {
      const child = await openChild(spot.dir, spot.name)
      if (E.isLeft(child)) break
      try {
        if (!(await empty(child.right, progress, signal))) return false
      } finally {
        await child.right.close()
      }
      // Some file systems skip names while others are removed, and another program may add some.
      const gone = await trying(rmdir(at), 'ENOENT', ...(tries < triesToEmpty ? (['ENOTEMPTY'] as const) : []))
      if (E.isRight(gone) || gone.left === 'ENOENT') break
    }
  progress.removed += 1
  return true
}

/** Half-way failures are `TaskFailed`: what is left is at `path`. */
export const removeTree = async (spot: Location, path: DrivePath, signal: AbortSignal): Result<void> => {
  const progress: Progress = { removed: 0 }
  try {
    if (await removeOne(spot, progress, signal)) return E.right(undefined)
    return E.left(progress.removed === 0 ? aborted({ effect: 'none' }) : taskFailed({ partial: path, said: 'aborted' }))
  } catch (error) {
    const code = codeOf(error)
    if (progress.removed > 0) return E.left(taskFailed({ partial: path, code }))
    return E.left(code === 'ENOTEMPTY' ? unavailable({ effect: 'none', code }) : toFault(error))
  }
}

const never = new AbortController().signal

/** A temporary of ours, whatever it has become. */
export const discard = async (spot: Location): Promise<boolean> => {
  try {
    return await removeOne(spot, { removed: 0 }, never)
  } catch {
    return false
  }
}
