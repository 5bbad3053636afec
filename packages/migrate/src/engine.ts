// The run itself: the walk feeds a bounded queue, workers carry what comes out of it, and each entry gets exactly one outcome.
import {
  aborted,
  child,
  locate,
  retryAdvice,
  showPath,
  type DirEntry,
  type DriveError,
  type DrivePath,
  type Entry,
  type FileEntry,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Lease, Outcome } from './journal'
import { merged, once, place, type Place, type Placed } from './place'
import { drain } from './queue'
import type { Removal } from './removal'
import type { Run } from './run'
import { transfer } from './transfer'
import { walkTree, type Found, type Node } from './tree'
import type { MigrateOptions } from './options'

/** After so many failures in a row for want of the service, the rest would fare no better. */
const mostFailures = 20
const ahead = 1000

export interface Engine {
  /** What is below the directory, to where it was placed. */
  readonly tree: (top: DirEntry, at: Placed) => Promise<void>
  /** The directory itself, by `make`. A left is not kept: it is tried again by the next run. */
  readonly top: (entry: DirEntry, make: () => Promise<At>) => Promise<At>
  readonly file: (file: FileEntry, to: DrivePath, standing: Placed['standing']) => Promise<void>
}
interface Parts {
  readonly run: Run
  readonly include: NonNullable<MigrateOptions['include']>
  readonly concurrency: number
  readonly removal: Removal
  /** Resolves at once unless the migration is paused. */
  readonly gate: () => Promise<void>
}

type At = E.Either<DriveError, Placed | undefined>
interface Placing {
  readonly make: () => Promise<At>
  readonly onError: (error: DriveError) => Promise<Outcome | undefined>
}

/** Where an earlier run put a directory; without an outcome the run is being stopped. */
const earlier = (run: Run, entry: DirEntry, outcome: Outcome | undefined): At => {
  if (outcome?.status === 'made' || outcome?.status === 'merged') return E.right(merged(run, outcome.to, outcome.how))
  if (outcome?.status === 'failed') return E.left(outcome.error)
  if (outcome?.status === 'skipped') return E.right(undefined)
  return E.left(
    locate({ vendor: run.to.drive.vendor, operation: 'createDir', path: entry.path })(aborted({ effect: 'none' })),
  )
}

/** Tells one state of a file from another: the drive's version, or its size and time where it has none. */
const versionOf = (source: Entry): string | undefined =>
  source.kind === 'file' ? (source.version ?? `${source.size}@${source.modifiedAt?.toISOString() ?? ''}`) : undefined

export const createEngine = ({ run, include, concurrency, removal, gate }: Parts): Engine => {
  let inARow = 0

  /** A service that is gone, or credentials that are refused, end the run. */
  const watch = (outcome: Outcome): void => {
    if (outcome.status !== 'failed') inARow = 0
    else if (outcome.error._tag === 'Unauthenticated') run.stop(outcome.error)
    else if (retryAdvice(outcome.error) === 'later' && ++inARow >= mostFailures) run.stop(outcome.error)
  }
  const settle = async (source: Entry, lease: Lease, outcome: Outcome | undefined): Promise<void> => {
    const kept = await (outcome === undefined ? run.journal.release(lease) : run.journal.settle(lease, outcome))()
    if (E.isLeft(kept)) run.stop(kept.left)
    else if (outcome !== undefined) book(source, outcome)
  }
  const book = (source: Entry, outcome: Outcome): void => {
    run.tally.settle(source, outcome)
    run.emit('settled', { source, outcome })
    if (outcome.status === 'failed') run.emit('failed', { path: source.path, error: outcome.error })
    run.emit('progress', run.tally.progress())
    watch(outcome)
  }

  /** Claims the entry, works on it, and settles what became of it. An outcome of an earlier run is booked as it is. */
  const claimed = async (
    source: Entry,
    work: (lease: Lease) => Promise<Outcome | undefined>,
  ): Promise<Outcome | undefined> => {
    const claim = await run.journal.claim({ path: source.path, kind: source.kind, version: versionOf(source) })()
    if (E.isLeft(claim)) {
      run.stop(claim.left)
      return undefined
    }
    if (claim.right.status === 'held') return undefined
    if (claim.right.status === 'settled') {
      book(source, claim.right.outcome)
      return claim.right.outcome
    }
    const outcome = await work(claim.right.lease)
    await settle(source, claim.right.lease, outcome)
    return outcome
  }

  const placed = async (parent: Node, entry: DirEntry): Promise<E.Either<DriveError, Placed | undefined>> => {
    const above = await parent.place()
    if (E.isLeft(above) || above.right === undefined) return above
    const to = child(above.right.path, entry.name)
    return E.isLeft(to) ? to : place(run, entry, to.right)
  }

  /** `onError`: undefined leaves the directory unsettled. */
  const placing = async (entry: DirEntry, { make, onError }: Placing): Promise<At> => {
    let at: At | undefined
    const outcome = await claimed(entry, async (): Promise<Outcome | undefined> => {
      at = await make()
      if (E.isLeft(at)) return run.signal.aborted ? undefined : onError(at.left)
      return at.right === undefined
        ? { status: 'skipped' }
        : { status: at.right.status, to: at.right.path, how: at.right.how }
    })
    return at ?? earlier(run, entry, outcome)
  }
  const placeBelow = (parent: Node, entry: DirEntry): Place =>
    once(() =>
      placing(entry, {
        make: () => placed(parent, entry),
        onError: async (error) =>
          E.isLeft(await parent.place()) ? { status: 'blocked' } : { status: 'failed', error },
      }),
    )

  const carry = async (file: FileEntry, parent: Node): Promise<void> => {
    const above = await parent.place()
    const outcome = await claimed(file, async (lease) => {
      if (E.isLeft(above)) return run.signal.aborted ? undefined : { status: 'blocked' }
      if (above.right === undefined) return { status: 'skipped' }
      const to = child(above.right.path, file.name)
      return E.isLeft(to)
        ? { status: 'failed', error: to.left }
        : transfer(run, lease, file, to.right, above.right.standing)
    })
    if (outcome?.status === 'carried' && run.removeSource) await removal.add(file)
  }

  const handle = async (found: Found): Promise<void> => {
    await gate()
    if (run.signal.aborted) return
    switch (found.kind) {
      case 'directory':
        if (!found.node.ifUsed) await found.node.place()
        return
      case 'file':
        return carry(found.file, found.parent)
      case 'other':
        await claimed(found.entry, () => Promise.resolve({ status: 'other', what: found.entry.what }))
        return
      case 'unnameable':
        run.tally.leave(
          `${showPath(found.parent.entry.path)}: ${JSON.stringify(found.name)}`,
          'a name that no path can hold',
        )
        return
      case 'unreadable':
        run.tally.fail(found.node.entry.path, found.error)
        run.emit('failed', { path: found.node.entry.path, error: found.error })
        watch({ status: 'failed', error: found.error })
    }
  }

  async function* counted(all: AsyncIterable<Found>): AsyncGenerator<Found, void> {
    for await (const found of all) {
      if (found.kind === 'file') run.tally.find(found.file)
      yield found
    }
    run.tally.walked()
  }

  return {
    top: (entry, make) => placing(entry, { make, onError: () => Promise.resolve(undefined) }),
    tree: async (top, at) => {
      const node: Node = { entry: top, place: () => Promise.resolve(E.right(at)), ifUsed: false }
      const all = walkTree({ drive: run.from.drive, include, signal: run.signal, placeBelow }, node)
      await drain(counted(all), handle, { concurrency, ahead })
      if (!run.removeSource) return
      await removal.flush()
      if (!run.signal.aborted) await removal.sweep(top.path)
    },
    file: async (file, to, standing) => {
      run.tally.find(file)
      run.tally.walked()
      await gate()
      const outcome = await claimed(file, (lease) => transfer(run, lease, file, to, standing))
      if (outcome?.status === 'carried' && run.removeSource) await removal.add(file)
      await removal.flush()
    },
  }
}
