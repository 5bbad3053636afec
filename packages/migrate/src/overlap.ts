// Of a sync: makes sure, before anything is changed at the target, that the target is not the source, in it or around it under another name.
import {
  isInside,
  nameOf,
  pages,
  parentOf,
  under,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Entry,
  type Page,
} from '@anydrive/core'
import { isTemporary } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { once } from './directories'
import { createMarkers, markerIn, samePlaceError } from './markers'
import type { MigrateOptions } from './options'
import type { Run } from './run'
import { withRetry } from './run'

export interface Overlap {
  /** The drive of the target. A change below the target stops the run with `NestedTarget` where it would be a change of the source. Without a change nothing is sent for that. */
  readonly drive: DriveProvider
  /** Of the source: called for each entry that the walk finds. */
  readonly onFound: () => void
  /** Called for each temporary entry of the walk. True where it is the marker, which stops the run. */
  readonly isReached: (path: DrivePath) => Promise<boolean>
  /** The walk has found nothing at the source so far. */
  readonly isSourceEmpty: () => boolean
  /** A right where this directory of the target is not the source itself. */
  readonly isOther: (dir: DrivePath) => Promise<E.Either<DriveError, void>>
  /** A right where no directory of the target that this path lies in is the source. */
  readonly mayTake: (path: DrivePath) => Promise<E.Either<DriveError, void>>
  /** Looks at both places; where they list the same, down to what a service sets by itself, the check for one place is made at once. */
  readonly start: () => Promise<E.Either<DriveError, void>>
  /** A marker that was found at the target: `close` removes it. */
  readonly onMarker: (path: DrivePath) => void
  readonly close: () => Promise<void>
}
type Checked = E.Either<DriveError, void>

const fine: Checked = E.right(undefined)
/** Directories whose result is remembered. */
const mostKnown = 1000

export interface OverlapOptions {
  readonly run: Run
  readonly source: DrivePath
  readonly target: DrivePath
  readonly include: NonNullable<MigrateOptions['include']>
  /** The walk of the source calls `onFound` and `isReached`. */
  readonly isWalked: boolean
}

export const createOverlap = ({ run, source, target, include, isWalked }: OverlapOptions): Overlap => {
  const { drive } = run.to
  const markers = createMarkers(run)
  const rootMarker = markerIn(target)
  const known = new Map<DrivePath, Promise<Checked>>()
  let found = 0

  const refused = <A>(error: DriveError): E.Either<DriveError, A> => {
    run.stop(error)
    return E.left(error)
  }
  const shownAt = async (path: DrivePath): Promise<Checked> => {
    const shown = await markers.shows(path)
    if (E.isLeft(shown)) return shown
    return shown.right ? E.left(samePlaceError(run, source)) : fine
  }
  const isOther = async (dir: DrivePath): Promise<Checked> => {
    const marker = markerIn(dir)
    try {
      const written = await markers.mark(marker)
      if (E.isLeft(written)) return written
      return await shownAt(under(source, nameOf(marker) as DrivePath))
    } finally {
      await markers.unmark(marker)
    }
  }
  /**
   * What the walk has listed before the marker was created is listed once more, in the same order: as many entries as it has found meanwhile, and the directory
   * after them, whose listing may have been under way.
   */
  const searchSource = async (): Promise<Checked> => {
    if (isWalked && found === 0) return fine
    let seen = 0
    let isPast = false
    const open = [source]
    for (let dir = open.pop(); dir !== undefined && !isPast; dir = open.pop()) {
      isPast = isWalked && seen >= found
      for await (const page of pages(run.from.drive, dir, { signal: run.signal, temporaries: 'show' })) {
        // The walk itself reports a directory that cannot be listed.
        if (E.isLeft(page)) break
        for (const { name, path } of page.right.items)
          if (isTemporary(name) && name === nameOf(rootMarker)) {
            const shown = await shownAt(path)
            if (E.isLeft(shown)) return shown
          }
        const walked = page.right.items.filter((it) => !isTemporary(it.name) && include(it) !== false)
        seen += walked.length
        open.push(
          ...walked
            .filter((it) => it.kind === 'directory')
            .map((it) => it.path)
            .reverse(),
        )
      }
    }
    return fine
  }
  /** Two names of one space have the same paths; where they have not, the source in the target shows before anything is removed. */
  const isPathInTarget = async (): Promise<Checked> => {
    if (!isInside(target, source) || source === target) return fine
    const there = await drive.stat(source, { signal: run.signal })()
    return E.isRight(there) && there.right.kind === 'directory' ? isOther(source) : fine
  }
  const begin = once(async (): Promise<Checked> => {
    const written = await markers.mark(rootMarker)
    if (E.isLeft(written)) return written
    const shown = await shownAt(under(source, nameOf(rootMarker) as DrivePath))
    if (E.isLeft(shown)) return shown
    const inTarget = await isPathInTarget()
    return E.isLeft(inTarget) ? inTarget : searchSource()
  })

  /** If `dir` were the source, the source would have an entry of the name that the entry in `dir` has. */
  const suspected = async (dir: DrivePath, name: string): Promise<Checked> => {
    const there = await withRetry(run, run.from.drive.stat(under(source, name as DrivePath), { signal: run.signal }))
    if (E.isLeft(there) && there.left._tag === 'NotFound') return fine
    return isOther(dir)
  }
  const notSource = (dir: DrivePath, name: string): Promise<Checked> => {
    const result = known.get(dir) ?? suspected(dir, name)
    known.delete(dir)
    known.set(dir, result)
    for (const oldest of known.keys()) if (known.size > mostKnown) known.delete(oldest)
    return result
  }
  /** Before an existing entry is replaced, moved or removed: neither the directory that it lies in nor one above it is the source. */
  const mayTake = async (path: DrivePath): Promise<Checked> => {
    for (let at = path; at !== target && parentOf(at) !== target && at !== parentOf(at); at = parentOf(at)) {
      const checked = await notSource(parentOf(at), nameOf(at))
      if (E.isLeft(checked)) return checked
    }
    return fine
  }
  const isBelow = (path: DrivePath): boolean => path !== target && isInside(target, path)
  /** `taken`: existing entries; `created`: new ones. */
  const allowed = async (taken: ReadonlyArray<DrivePath>, created: ReadonlyArray<DrivePath>): Promise<Checked> => {
    if (![...taken, ...created].some(isBelow)) return fine
    const begun = await begin()
    if (E.isLeft(begun)) return refused(begun.left)
    for (const path of taken.filter(isBelow)) {
      const checked = await mayTake(path)
      if (E.isLeft(checked)) return refused(checked.left)
    }
    return fine
  }

  const guarded: DriveProvider = {
    ...drive,
    createDir: (path, options) => async () => {
      const checked = await allowed([], [path])
      return E.isLeft(checked) ? checked : drive.createDir(path, options)()
    },
    writeFile: (path, content, options) => async () => {
      const checked = options?.conflict === 'overwrite' ? await allowed([path], []) : await allowed([], [path])
      return E.isLeft(checked) ? checked : drive.writeFile(path, content, options)()
    },
    batchMove: (items, options) => async () => {
      const checked = await allowed(
        items.map(({ from }) => from),
        items.map(({ to }) => to),
      )
      return E.isLeft(checked) ? checked : drive.batchMove(items, options)()
    },
    batchRemove: (items, options) => async () => {
      const paths = items.map((item) => (typeof item === 'string' ? item : item.path))
      const checked = await allowed(paths, [])
      return E.isLeft(checked) ? checked : drive.batchRemove(items, options)()
    },
  }

  const firstPage = async (one: DriveProvider, dir: DrivePath): Promise<ReadonlyArray<string> | undefined> => {
    const page: E.Either<DriveError, Page<Entry>> = await one.list(dir, { signal: run.signal })()
    if (E.isLeft(page)) return undefined
    const stamped = page.right.items.some(
      (it) => it.createdAt !== undefined || (it.kind === 'file' && it.version !== undefined),
    )
    if (!stamped) return undefined
    return page.right.items
      .map((it) =>
        JSON.stringify(
          it.kind === 'file' ? [it.name, it.createdAt, it.modifiedAt, it.version] : [it.name, it.kind, it.createdAt],
        ),
      )
      .sort()
  }
  return {
    drive: guarded,
    onFound: () => {
      found += 1
    },
    isReached: async (path) => {
      if (nameOf(path) !== nameOf(rootMarker)) return false
      const shown = await shownAt(path)
      if (E.isRight(shown)) return false
      run.stop(shown.left)
      return true
    },
    isSourceEmpty: () => isWalked && found === 0,
    isOther,
    mayTake,
    start: async () => {
      const [a, b] = await Promise.all([firstPage(run.from.drive, source), firstPage(drive, target)])
      if (a === undefined || b === undefined || a.length === 0 || a.join('\0') !== b.join('\0')) return fine
      return begin()
    },
    onMarker: markers.adopt,
    close: markers.close,
  }
}
