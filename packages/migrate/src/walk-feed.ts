// The walk of the source as steps of the worker.
import { nameOf, type DirEntry, type DrivePath, type Entry, type FileEntry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { comparesFirst, createDirectory, once, type Directory, type Placed } from './directories'
import type { Lease, Outcome } from './journal'
import type { MigrateOptions } from './options'
import type { Overlap } from './overlap'
import type { Run } from './run'
import type { SamePlace } from './same-place'
import { skippedError } from './skipped'
import { transfer } from './transfer'
import { reopened, walkTree, type Found, type Listed, type Node, type Walk } from './walk'
import type { Feed, Place, Step, Worker } from './worker'

export interface WalkFeedParts {
  readonly run: Run
  readonly worker: Worker
  readonly samePlace: SamePlace
  /** Of a sync. */
  readonly overlap?: Overlap | undefined
  readonly include: NonNullable<MigrateOptions['include']>
}

/** The directory below one that is placed. */
export const createBelow = async (run: Run, entry: DirEntry, lease: Lease, above: Placed): Promise<Directory> => {
  const to = run.below(above.path, entry.name)
  if (E.isLeft(to)) return to
  const known = comparesFirst(run) ? await above.existing(nameOf(to.right)) : undefined
  return createDirectory(run, entry, to.right, lease, known)
}

/** The file, to below a directory that is placed. */
export const transferBelow = async (
  run: Run,
  lease: Lease,
  file: FileEntry,
  above: Placed,
  onRefresh?: (now: FileEntry) => void,
): Promise<Outcome | undefined> => {
  const to = run.below(above.path, file.name)
  return E.isLeft(to)
    ? { status: 'failed', error: to.left }
    : transfer(run, lease, file, to.right, above.existing, onRefresh)
}

/** Everything below `top`, to below `at`. */
export const walkFeed = (
  { run, worker, samePlace, overlap, include }: WalkFeedParts,
  top: DirEntry,
  at: Placed,
): Feed => {
  const placeBelow = (parent: Node, entry: DirEntry): Place =>
    once(() =>
      worker.directory({
        entry,
        parent: parent.place,
        create: (lease, above = at) => createBelow(run, entry, lease, above),
      }),
    )
  const node: Node = { entry: top, place: () => Promise.resolve({ status: 'there', placed: at }), ifUsed: false }
  const isReached: ((path: DrivePath) => Promise<boolean>) | undefined = run.removeSource
    ? samePlace.isReached
    : overlap?.isReached
  const walk: Walk = {
    drive: run.from.drive,
    include,
    signal: run.signal,
    own: run.own.source,
    placeBelow,
    ...(isReached === undefined ? {} : { onTemporary: ({ path }: Entry) => isReached(path) }),
  }
  const handle = async (found: Found): Promise<void> => {
    switch (found.kind) {
      case 'directory':
        if (!found.node.ifUsed) await found.node.place()
        return
      case 'file':
        await worker.file({
          file: found.file,
          parent: found.parent.place,
          transfer: (lease, above = at, onRefresh) => transferBelow(run, lease, found.file, above, onRefresh),
        })
        return
      case 'other':
        await worker.settled(found.entry, { status: 'other', what: found.entry.what })
        return
      case 'unnameable': {
        const dir = found.parent.entry.path
        worker.failed(dir, skippedError(run.from.drive.vendor, dir, found.name), found.name)
        return
      }
      case 'unreadable':
        worker.failed(found.node.entry.path, found.error)
    }
  }
  async function* steps(start: ReadonlyArray<Listed>, save: Parameters<Feed['steps']>[1]): AsyncGenerator<Step, void> {
    for await (const found of walkTree(walk, start, save)) {
      overlap?.onFound()
      yield { file: found.kind === 'file' ? found.file : undefined, run: () => handle(found) }
    }
  }
  return {
    steps: async (from, save) => {
      const start = from === undefined ? [{ node }] : await reopened(walk, node, from)
      return start === undefined ? undefined : steps(start, save)
    },
  }
}
