// The run itself: the walk feeds a bounded queue, workers carry what comes out of it, and each entry gets exactly one outcome.
import {
  aborted,
  locate,
  showPath,
  type DirEntry,
  type DriveError,
  type DrivePath,
  type Entry,
  type FileEntry,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { needs, type Budget } from './budget'
import { reopened } from './frontier'
import type { Frontier, Lease, Outcome } from './journal'
import { fresh, merged, once, place, type Place, type Placed } from './place'
import { drain } from './queue'
import type { Removal } from './removal'
import type { Run } from './run'
import { watchFor } from './systemic'
import { transfer } from './transfer'
import { walkTree, type Found, type Listed, type Node } from './tree'
import type { MigrateOptions } from './options'

const mostAhead = 1000
const frontierEvery = 1000

export interface Engine {
  /** What is below the directory, to where it was placed. */
  readonly tree: (top: DirEntry, at: Placed) => Promise<void>
  /** The directory itself, by `make`. A left is not kept: it is tried again by the next run. */
  readonly top: (entry: DirEntry, make: (lease: Lease) => Promise<At>) => Promise<At>
  readonly file: (file: FileEntry, to: DrivePath, standing: Placed['standing']) => Promise<void>
}
interface Parts {
  readonly run: Run
  readonly include: NonNullable<MigrateOptions['include']>
  readonly concurrency: number
  readonly removal: Removal
  readonly budget: Budget
  /** Resolves at once unless the migration is paused. */
  readonly gate: () => Promise<void>
}

type At = E.Either<DriveError, Placed | undefined>
interface Placing {
  readonly make: (lease: Lease) => Promise<At>
  readonly onError: (error: DriveError) => Promise<Outcome | undefined>
}

/** Where an earlier run put a directory; without an outcome the run is being stopped. */
const earlier = (run: Run, entry: DirEntry, outcome: Outcome | undefined): At => {
  // What stands in a directory that an earlier run made is told by the names that are taken, without listing all that was carried.
  if (outcome?.status === 'made') return E.right(fresh(outcome.to, outcome.how))
  if (outcome?.status === 'merged') return E.right(merged(run, outcome.to, outcome.how))
  if (outcome?.status === 'failed') return E.left(outcome.error)
  if (outcome?.status === 'skipped') return E.right(undefined)
  return E.left(
    locate({ vendor: run.to.drive.vendor, operation: 'createDir', path: entry.path })(aborted({ effect: 'none' })),
  )
}

/** Tells one state of a file from another: the drive's version, or its size and time where it has none. */
const versionOf = (source: Entry): string | undefined =>
  source.kind === 'file' ? (source.version ?? `${source.size}@${source.modifiedAt?.toISOString() ?? ''}`) : undefined

export const createEngine = ({ run, include, concurrency, removal, budget, gate }: Parts): Engine => {
  const watch = watchFor(run.stop)
  /** The walk began where an earlier run stopped; all that it settled is met again by the walk from the top. */
  let ahead = false
  let begun = 0

  const failed = (path: DrivePath, error: DriveError): void => {
    run.emit('failed', { path, error })
    watch({ status: 'failed', error })
    if (run.tally.failures() >= (run.limits.maxErrors ?? Infinity)) run.drain('max-errors')
  }
  const settle = async (source: Entry, lease: Lease, outcome: Outcome | undefined): Promise<void> => {
    const kept = await (outcome === undefined ? run.journal.release(lease) : run.journal.settle(lease, outcome))()
    if (E.isLeft(kept)) run.stop(kept.left)
    else if (outcome !== undefined) book(source, outcome, false)
    else run.tally.letGo(source.path)
  }
  const book = (source: Entry, outcome: Outcome, earlier: boolean): void => {
    run.tally.settle(source, outcome, earlier)
    run.emit('settled', { source, outcome })
    run.emit('progress', run.tally.progress())
    if (outcome.status === 'failed' && !earlier) failed(source.path, outcome.error)
    else if (outcome.status === 'failed') run.emit('failed', { path: source.path, error: outcome.error })
    else watch(outcome)
  }

  /** Claims the entry, works on it, and settles what became of it. An outcome of an earlier run is booked as it is, once. */
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
      if (ahead || claim.right.own === true) run.tally.unfind(source)
      else book(source, claim.right.outcome, true)
      return claim.right.outcome
    }
    if (run.ending()) {
      await settle(source, claim.right.lease, undefined)
      return undefined
    }
    const outcome = await work(claim.right.lease)
    await settle(source, claim.right.lease, outcome)
    return outcome
  }

  const placed = async (parent: Node, entry: DirEntry, lease: Lease): Promise<At> => {
    const above = await parent.place()
    if (E.isLeft(above) || above.right === undefined) return above
    const to = run.below(above.right.path, entry.name)
    return E.isLeft(to) ? to : place(run, entry, to.right, lease)
  }

  /** `onError`: undefined leaves the directory unsettled. */
  const placing = async (entry: DirEntry, { make, onError }: Placing): Promise<At> => {
    let at: At | undefined
    const outcome = await claimed(entry, async (lease): Promise<Outcome | undefined> => {
      at = await make(lease)
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
        make: (lease) => placed(parent, entry, lease),
        onError: async (error) =>
          E.isLeft(await parent.place()) ? { status: 'blocked' } : { status: 'failed', error },
      }),
    )

  /** Within the limits, and with its share of the memory. */
  const send = async (
    lease: Lease,
    file: FileEntry,
    to: DrivePath,
    standing: Placed['standing'],
  ): Promise<Outcome | undefined> => {
    const giveBack = await budget.take(needs(file, run.to.drive.capabilities))
    try {
      if (begun + file.size > (run.limits.maxBytes ?? Infinity)) run.drain('max-bytes')
      if (run.ending()) return undefined
      begun += file.size
      run.tally.begin(file)
      const outcome = await transfer(run, lease, file, to, standing)
      if (outcome?.status !== 'carried') begun -= file.size
      return outcome
    } finally {
      giveBack()
    }
  }
  const carryTo = async (file: FileEntry, work: (lease: Lease) => Promise<Outcome | undefined>): Promise<void> => {
    const outcome = await claimed(file, work)
    if (outcome?.status === 'carried' && run.removeSource) await removal.add(file)
  }
  const carry = async (file: FileEntry, parent: Node): Promise<void> => {
    const above = await parent.place()
    await carryTo(file, async (lease) => {
      if (E.isLeft(above)) return run.signal.aborted ? undefined : { status: 'blocked' }
      if (above.right === undefined) return { status: 'skipped' }
      const to = run.below(above.right.path, file.name)
      return E.isLeft(to) ? { status: 'failed', error: to.left } : send(lease, file, to.right, above.right.standing)
    })
  }

  const handle = async (found: Found): Promise<void> => {
    await gate()
    if (run.ending()) return
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
        if (ahead) return
        run.tally.leave(
          `${showPath(found.parent.entry.path)}: ${JSON.stringify(found.name)}`,
          'a name that no path can hold',
        )
        return
      case 'unreadable':
        if (ahead) return
        run.tally.fail(found.node.entry.path, found.error)
        failed(found.node.entry.path, found.error)
    }
  }

  async function* counted(all: AsyncIterable<Found>): AsyncGenerator<Found, void> {
    for await (const found of all) {
      if (run.ending()) return
      if (found.kind === 'file') run.tally.find(found.file)
      yield found
    }
    if (!ahead) run.tally.walked()
  }

  const walkFrom = (start: ReadonlyArray<Listed>, onPage?: (frontier: Frontier) => void): Promise<void> => {
    const all = walkTree({ drive: run.from.drive, include, signal: run.signal, placeBelow, onPage }, start)
    return drain(counted(all), handle, { concurrency, ahead: mostAhead })
  }
  /** Now and then; a hint that is lost costs nothing but time. */
  const noteFrontier = () => {
    let noted = -Infinity
    return (frontier: Frontier): void => {
      if (run.now() - noted < frontierEvery) return
      noted = run.now()
      void run.journal.walkedTo(frontier)()
    }
  }
  const goOn = async (top: Node): Promise<'fresh' | 'resumed'> => {
    const kept = await run.journal.frontier()()
    if (E.isLeft(kept)) run.stop(kept.left)
    if (E.isLeft(kept) || kept.right === undefined) return 'fresh'
    const start = await reopened({ drive: run.from.drive, include, signal: run.signal, placeBelow }, top, kept.right)
    if (start === undefined) return 'resumed'
    ahead = true
    await walkFrom(start, noteFrontier())
    ahead = false
    return 'resumed'
  }

  return {
    top: (entry, make) => placing(entry, { make, onError: () => Promise.resolve(undefined) }),
    tree: async (top, at) => {
      const node: Node = { entry: top, place: () => Promise.resolve(E.right(at)), ifUsed: false }
      const way = await goOn(node)
      if (!run.ending()) await walkFrom([{ node }], way === 'fresh' ? noteFrontier() : undefined)
      if (!run.removeSource) return
      await removal.flush()
      if (!run.ending()) await removal.sweep(top.path)
    },
    file: async (file, to, standing) => {
      run.tally.find(file)
      run.tally.walked()
      await gate()
      await carryTo(file, (lease) => send(lease, file, to, standing))
      await removal.flush()
    },
  }
}
