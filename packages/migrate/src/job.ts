// Pieces of a migration that are worked on apart from each other: one directory, its pages, single files.
import {
  root,
  type Cursor,
  type DirEntry,
  type DriveError,
  type DrivePath,
  type Entry,
  type FileEntry,
} from '@anydrive/core'
import { locate, wrongKind } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { createBudget } from './budget'
import type { Control } from './control'
import { createRun } from './create-run'
import { placedBefore, type Placed } from './directories'
import { createListeners, type Listeners } from './events'
import type { Journal, JournalError, Outcome } from './journal'
import { defaultMemory, nested, targetOf } from './migrate'
import type { MigrateOptions } from './options'
import { createMarkers, markerIn } from './markers'
import { createRemoval, fromSource, type Removal } from './removal'
import { withRetry, type ByteLimit, type Run } from './run'
import { createSamePlace, type SamePlace } from './same-place'
import { skippedError } from './skipped'
import { foundOn, walkedPage, type FoundBy, type Node } from './walk'
import { createBelow, transferBelow } from './walk-feed'
import { createWorker, type Place, type Placement } from './worker'

/** Where a directory went, or why it went nowhere. */
export type DirectoryPlace =
  | ({ readonly status: 'there' } & Pick<Placed, 'path' | 'how'> & { readonly is: Placed['status'] })
  | { readonly status: 'skipped' | 'failed' }

/** A directory of the source that is found; `ifUsed`: it is created with the first entry in it. */
export interface FoundDirectory {
  readonly entry: DirEntry
  readonly ifUsed: boolean
}
export interface FoundPage {
  readonly directories: ReadonlyArray<FoundDirectory>
  readonly files: ReadonlyArray<FileEntry>
  /** Neither files nor directories. */
  readonly others: ReadonlyArray<Extract<Entry, { readonly what: string }>>
  /** Of entries that no path can hold: their names, and the error. */
  readonly unnameable: ReadonlyArray<{ readonly name: string; readonly error: DriveError }>
  readonly next: Cursor | undefined
}

/** Each answer `undefined`: the job was stopped, or another worker has the entry; nothing is settled. */
export interface Job {
  /** The root of the source, and where it goes. `marker`: of a move, a file at the target that is there until the end, for all jobs that follow. */
  readonly start: () => Promise<
    E.Either<
      DriveError,
      { readonly top: DirEntry; readonly place: DirectoryPlace; readonly marker?: DrivePath } | undefined
    >
  >
  readonly place: (entry: DirEntry, above: DirectoryPlace) => Promise<DirectoryPlace | undefined>
  readonly list: (dir: DirEntry, cursor: Cursor | undefined) => Promise<E.Either<DriveError, FoundPage> | undefined>
  readonly file: (file: FileEntry, above: DirectoryPlace) => Promise<Outcome | undefined>
  readonly other: (entry: Entry, what: string) => Promise<Outcome | undefined>
}
export interface JobControl {
  /** Aborts what is under way. */
  readonly signal: AbortSignal
  readonly ending: () => boolean
  /** The journal failed: nothing further may be done. */
  readonly stop: (cause: DriveError | JournalError) => void
  readonly journal: Journal
  /** Of all processes together; that of this process unless given. */
  readonly bytes?: ByteLimit | undefined
  readonly move?: Move | undefined
}
/** What the jobs of one migration that moves have in common while they are worked on together. */
export interface Move {
  /** Its directories are those that the caller names: a job names none. */
  readonly removal: Removal
  readonly samePlace: SamePlace
}
export interface MoveControl extends Pick<JobControl, 'signal' | 'ending' | 'stop'> {
  /** The same for all processes. */
  readonly nonce: string
  readonly marker: DrivePath | undefined
  readonly onRemoved: (files: number) => void
  /** A file or a directory that could not be removed. */
  readonly onFailed: (path: DrivePath, error: DriveError) => void
}
/** What the jobs of one process share. */
export interface Jobs {
  readonly on: Listeners['on']
  readonly run: Run
  /** Of a move, with `move`. */
  readonly open: (control: JobControl) => Job
  /** Undefined where the migration removes nothing from its source. */
  readonly openMove: (control: MoveControl) => Move | undefined
  /** The last thing of a move. */
  readonly removeMarker: (marker: DrivePath) => Promise<void>
}

/** Directories whose listings at the target are kept. */
const mostPlaces = 8

/** A directory is placed by `place` alone. */
const notPlaced: Place = () => Promise.resolve({ status: 'stopped' })

const placeOf = (placed: Placed): DirectoryPlace => ({
  status: 'there',
  path: placed.path,
  how: placed.how,
  is: placed.status,
})

/** Of a migration without `plan` and `removeExtra`, whose source is a directory. */
export const createJobs = (options: MigrateOptions, controls: Control): Jobs => {
  const listeners = createListeners()
  const base = createRun(options, listeners, controls)
  const budget = createBudget(options.memory ?? defaultMemory)
  const include = options.include ?? (() => true)
  const places = new Map<string, Placed>()

  const placedAt = ({ path, how, is }: Extract<DirectoryPlace, { readonly status: 'there' }>): Placed => {
    const key = `${is} ${path}`
    const placed = places.get(key) ?? placedBefore(base, { status: is, to: path, how })
    places.delete(key)
    places.set(key, placed)
    for (const oldest of places.keys()) if (places.size > mostPlaces) places.delete(oldest)
    return placed
  }
  const placementOf = (place: DirectoryPlace): Placement =>
    place.status === 'there' ? { status: 'there', placed: placedAt(place) } : place
  const parentOf = (place: DirectoryPlace) => () => Promise.resolve(placementOf(place))

  return {
    on: listeners.on,
    run: base,
    openMove: ({ signal, ending, stop, nonce, marker, onRemoved, onFailed }) => {
      if (!base.removeSource) return undefined
      const stats = { ...base.stats, remove: onRemoved, fail: onFailed }
      const run: Run = { ...base, signal, ending, stop, stats }
      return {
        removal: createRemoval(run, fromSource(run)),
        samePlace: createSamePlace(run, { nonce, watched: marker }),
      }
    },
    removeMarker: createMarkers(base).unmark,
    open: ({ signal, ending, stop, journal, bytes = base.bytes, move }) => {
      const run: Run = { ...base, signal, ending, stop, journal, bytes }
      const samePlace = move?.samePlace ?? createSamePlace(run)
      const worker = createWorker({
        run,
        concurrency: 1,
        removal: { ...(move?.removal ?? createRemoval(run, fromSource(run))), directory: () => Promise.resolve() },
        samePlace,
        budget,
        gate: () => Promise.resolve(),
      })
      const found: FoundBy = {
        include,
        own: run.own.source,
        placeBelow: () => notPlaced,
      }
      return {
        start: async () => {
          const top = await withRetry(run, run.from.drive.stat(run.top, { signal }))
          if (E.isLeft(top)) return signal.aborted ? E.right(undefined) : top
          if (top.right.kind !== 'directory')
            return E.left(
              locate({ vendor: run.from.drive.vendor, operation: 'stat', path: run.top })(
                wrongKind({ expected: 'directory' }),
              ),
            )
          const to = options.to.path ?? root
          const problem = nested(options, run.top, to)
          if (problem !== undefined) return E.left(problem)
          const entry = top.right
          const at = await targetOf({ run, worker }, entry, to)
          if (E.isLeft(at)) return signal.aborted ? E.right(undefined) : at
          if (at.right === undefined || !(await samePlace.watch(entry.path, at.right.path))) return E.right(undefined)
          const place = placeOf(at.right)
          return E.right({
            top: entry,
            place,
            ...(run.removeSource ? { marker: markerIn(at.right.path) } : {}),
          })
        },
        place: async (entry, above) => {
          const at = await worker.directory({
            entry,
            parent: parentOf(above),
            create: (lease, parent) =>
              parent === undefined ? Promise.resolve(E.right(undefined)) : createBelow(run, entry, lease, parent),
          })
          if (at.status === 'stopped') return undefined
          return at.status === 'there' ? placeOf(at.placed) : { status: at.status }
        },
        list: async (dir, cursor) => {
          const onTemporary = run.removeSource ? ({ path }: Entry) => samePlace.isReached(path) : undefined
          const temporaries = onTemporary === undefined ? 'hide' : 'show'
          const listed = await run.from.drive.list(dir.path, { signal, cursor, temporaries })()
          if (signal.aborted) return undefined
          if (E.isLeft(listed)) return listed
          const page = await walkedPage(listed.right, onTemporary)
          if (page === undefined) return undefined
          const node: Node = { entry: dir, place: notPlaced, ifUsed: false }
          const all = [...foundOn(found, node, page)]
          return E.right({
            directories: all.flatMap((it) =>
              it.kind === 'directory' ? [{ entry: it.node.entry, ifUsed: it.node.ifUsed }] : [],
            ),
            files: all.flatMap((it) => (it.kind === 'file' ? [it.file] : [])),
            others: all.flatMap((it) => (it.kind === 'other' ? [it.entry] : [])),
            unnameable: all.flatMap((it) =>
              it.kind === 'unnameable'
                ? [{ name: it.name, error: skippedError(run.from.drive.vendor, dir.path, it.name) }]
                : [],
            ),
            next: page.next,
          })
        },
        file: (file, above) =>
          worker.file({
            file,
            parent: parentOf(above),
            transfer: (lease, parent, onRefresh) =>
              parent === undefined ? Promise.resolve(undefined) : transferBelow(run, lease, file, parent, onRefresh),
          }),
        other: (entry, what) => worker.settled(entry, { status: 'other', what }),
      }
    },
  }
}
