// Pieces of a migration that are worked on apart from each other: one directory, its pages, single files.
import { root, type Cursor, type DirEntry, type DriveError, type Entry, type FileEntry } from '@anydrive/core'
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
import { createRemoval, fromSource } from './removal'
import { withRetry, type Run } from './run'
import { createSamePlace } from './same-place'
import { skippedError } from './skipped'
import { foundOn, type FoundBy, type Node } from './walk'
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
  /** The root of the source, and where it goes. */
  readonly start: () => Promise<
    E.Either<DriveError, { readonly top: DirEntry; readonly place: DirectoryPlace } | undefined>
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
}
/** What the jobs of one process share. */
export interface Jobs {
  readonly on: Listeners['on']
  readonly run: Run
  readonly open: (control: JobControl) => Job
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

/** Of a migration without `plan`, `removeSource` and `removeExtra`, whose source is a directory. */
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
    open: ({ signal, ending, stop, journal }) => {
      const run: Run = { ...base, signal, ending, stop, journal }
      const worker = createWorker({
        run,
        concurrency: 1,
        removal: createRemoval(run, fromSource(run)),
        samePlace: createSamePlace(run),
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
          return E.right(at.right === undefined ? undefined : { top: entry, place: placeOf(at.right) })
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
          const page = await run.from.drive.list(dir.path, { signal, cursor })()
          if (signal.aborted) return undefined
          if (E.isLeft(page)) return page
          const node: Node = { entry: dir, place: notPlaced, ifUsed: false }
          const all = [...foundOn(found, node, page.right)]
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
            next: page.right.next,
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
