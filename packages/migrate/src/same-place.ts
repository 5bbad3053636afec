// Whether the source and the target of a move are one place under two names: a marker created at one end is looked for at the other.
import { nameOf, under, type DriveError, type DrivePath } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import type { Placed } from './directories'
import { createMarkers, markerIn, samePlaceError } from './markers'
import type { Run } from './run'

export interface SamePlace {
  /**
   * Of a move: whether what is created in the target directory does not show in the source directory. False stops the run, with `NestedTarget` where
   * it shows, else with the error that kept it from being found out. A directory that this migration created cannot be the source's.
   */
  readonly differs: (source: DrivePath, target: Pick<Placed, 'path'> & Partial<Placed>) => Promise<boolean>
  /** As `differs`; the marker stays until `close`, so that a walk that comes to the target meets it. */
  readonly watch: (source: DrivePath, target: DrivePath) => Promise<boolean>
  /** True where the walk of the source came to the marker, which stops the run. */
  readonly isReached: (path: DrivePath) => Promise<boolean>
  readonly close: () => Promise<void>
}

/** Of a move that several processes work on. */
export interface SharedMarker {
  /** The same for all of them. */
  readonly nonce: string
  /** The marker that `watch` created in one of them, if it has. */
  readonly watched: DrivePath | undefined
}

const mostKept = 64

export const createSamePlace = (run: Run, shared?: SharedMarker): SamePlace => {
  const { mark, unmark, shows, close } = createMarkers(run, run.to.drive, shared?.nonce)
  const own = shared === undefined ? undefined : randomUUID()
  /** Answers for the latest pairs of directories: files of one directory follow each other. */
  const latest = new Map<string, Promise<boolean>>()
  let watched = shared?.watched

  const stop = (error: DriveError): false => {
    run.stop(error)
    return false
  }
  const differs = async (source: DrivePath, marker: DrivePath): Promise<boolean> => {
    const written = await mark(marker)
    if (E.isLeft(written)) return stop(written.left)
    const shown = await shows(under(source, nameOf(marker) as DrivePath))
    if (E.isLeft(shown)) return stop(shown.left)
    return shown.right ? stop(samePlaceError(run, source)) : true
  }
  return {
    differs: async (source, { path, status }) => {
      if (!run.removeSource || status === 'made' || markerIn(path) === watched) return true
      const marker = markerIn(path, own)
      const pair = `${source}\0${path}`
      const answer = latest.get(pair) ?? differs(source, marker).finally(() => unmark(marker))
      latest.delete(pair)
      latest.set(pair, answer)
      for (const oldest of latest.keys()) if (latest.size > mostKept) latest.delete(oldest)
      return answer
    },
    watch: (source, target) => {
      if (!run.removeSource) return Promise.resolve(true)
      watched = markerIn(target)
      return differs(source, watched)
    },
    isReached: async (path) => {
      if (watched === undefined || nameOf(path) !== nameOf(watched)) return false
      const shown = await shows(path)
      if (E.isRight(shown) && !shown.right) return false
      stop(E.isLeft(shown) ? shown.left : samePlaceError(run, path))
      return true
    },
    close,
  }
}
