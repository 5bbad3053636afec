// The walk of the source as steps of the worker.
import { nameOf, type DirEntry, type DrivePath, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { comparesFirst, createDirectory, once, type Placed } from './directories'
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
        create: async (lease, above) => {
          const parentAt = above ?? at
          const to = run.below(parentAt.path, entry.name)
          if (E.isLeft(to)) return to
          const known = comparesFirst(run) ? await parentAt.existing(nameOf(to.right)) : undefined
          return createDirectory(run, entry, to.right, lease, known)
        },
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
        return worker.file({
          file: found.file,
          parent: found.parent.place,
          transfer: async (lease, above = at, onRefresh) => {
            const to = run.below(above.path, found.file.name)
            return E.isLeft(to)
              ? { status: 'failed', error: to.left }
              : transfer(run, lease, found.file, to.right, above.existing, onRefresh)
          },
        })
      case 'other':
        return worker.settled(found.entry, { status: 'other', what: found.entry.what })
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
