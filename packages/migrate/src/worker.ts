// The one worker of a migration: claims an entry, does what its feed says, settles the outcome in the journal, and counts it.
import { parentOf, type DirEntry, type DriveError, type DrivePath, type Entry, type FileEntry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { needs, type Budget } from './budget'
import { placedBefore, type Directory, type Placed } from './directories'
import type { Lease, Outcome, WalkCheckpoint } from './journal'
import { isProven } from './proof'
import { drain } from './queue'
import type { Removal } from './removal'
import type { Run } from './run'
import type { SamePlace } from './same-place'
import { versionOf } from './source-state'
import { watchFor } from './systemic'

/** Where the directory above an entry went. `stopped`: the run ended before that was known. */
export type Placement =
  { readonly status: 'there'; readonly placed: Placed } | { readonly status: 'skipped' | 'failed' | 'stopped' }
/** Runs once, however often it is called. */
export type Place = () => Promise<Placement>

/** One step of a migration; `file` is counted as found. */
export interface Step {
  readonly file?: FileEntry | undefined
  readonly run: () => Promise<unknown>
}
/** Where the steps come from: a walk of the source, or a plan. */
export interface Feed {
  /** From a checkpoint of an earlier run on, else from the beginning; `undefined` where that checkpoint no longer applies. */
  readonly steps: (
    from: WalkCheckpoint | undefined,
    save: (checkpoint: WalkCheckpoint) => void,
  ) => Promise<AsyncIterable<Step> | undefined>
}

interface FileWork {
  readonly file: FileEntry
  /** Undefined: the feed has no directory for what is above the file. */
  readonly parent: Place | undefined
  /** An outcome without any effect. */
  readonly decided?: Outcome | undefined
  /** `onRefresh`: called where the file has changed since it was listed, with the state that is transferred instead. */
  readonly transfer: (
    lease: Lease,
    above: Placed | undefined,
    onRefresh: (now: FileEntry) => void,
  ) => Promise<Outcome | undefined>
}
interface DirectoryWork {
  readonly entry: DirEntry
  readonly parent: Place | undefined
  readonly decided?: Outcome | undefined
  readonly create: (lease: Lease, above: Placed | undefined) => Promise<Directory>
  /** True: a failure is left unsettled, so that the next run tries it again. */
  readonly retryable?: boolean | undefined
}
export interface Worker {
  /** The outcome; undefined where the entry is not settled: another worker has it, or the run is ending. */
  readonly file: (work: FileWork) => Promise<Outcome | undefined>
  /** Creates the directory, or finds where an earlier run put it. */
  readonly directory: (work: DirectoryWork) => Promise<Placement & { readonly error?: DriveError }>
  /** An entry that has its outcome without any effect. */
  readonly settled: (source: Entry, outcome: Outcome) => Promise<Outcome | undefined>
  /** Something that has no path of its own and so is not in the journal; counted once, by the pass that begins at the top. */
  readonly failed: (path: DrivePath, error: DriveError, shownAs?: string) => void
  /** All steps of the feed: first from the checkpoint of an earlier run on, so that new work starts at once, then from the beginning. */
  readonly all: (feed: Feed) => Promise<void>
}
export interface WorkerParts {
  readonly run: Run
  readonly concurrency: number
  readonly removal: Removal
  readonly samePlace: SamePlace
  readonly budget: Budget
  /** Resolves at once unless the migration is paused. */
  readonly gate: () => Promise<void>
}

const mostAhead = 1000
/** Milliseconds between two checkpoints. */
const checkpointEvery = 1000

const noEffect = (above: Placement | undefined, decided: Outcome | undefined): Outcome | undefined => {
  if (above?.status === 'skipped') return { status: 'skipped' }
  if (decided !== undefined && decided.status !== 'skipped') return decided
  return above?.status === 'failed' ? { status: 'blocked' } : decided
}

/** Of a move: kept because the target has the very same bytes, by a checksum or read. The strategy `skip` leaves both files as they are. */
const isEqualCopy = ({ policy }: Run, { same }: Extract<Outcome, { readonly status: 'skipped' }>): boolean =>
  (policy === 'different' || policy === 'newer' || policy === 'overwrite') && same !== undefined && isProven(same)

export const createWorker = ({ run, concurrency, removal, samePlace, budget, gate }: WorkerParts): Worker => {
  const watch = watchFor(run.stop)
  /** The pass began at a checkpoint; all that was settled before is met again by the pass from the beginning. */
  let fromCheckpoint = false

  const reportFailure = (path: DrivePath, error: DriveError): void => {
    run.emit('failed', { path, error })
    watch({ status: 'failed', error })
    if (run.stats.failures() >= (run.limits.maxErrors ?? Infinity)) run.drain('max-errors')
  }
  const record = (source: Entry, outcome: Outcome, earlier: boolean): void => {
    run.stats.settle(source, outcome, earlier)
    run.emit('settled', { source, outcome })
    run.emit('progress', run.stats.progress())
    if (outcome.status === 'failed' && !earlier) reportFailure(source.path, outcome.error)
    else if (outcome.status === 'failed') run.emit('failed', { path: source.path, error: outcome.error })
    else watch(outcome)
  }
  const settle = async (source: Entry, lease: Lease, outcome: Outcome | undefined): Promise<void> => {
    const kept = await (outcome === undefined ? run.journal.release(lease) : run.journal.settle(lease, outcome))()
    if (E.isLeft(kept)) run.stop(kept.left)
    else if (outcome !== undefined) record(source, outcome, false)
    else run.stats.release(source)
  }

  /** An outcome of an earlier run is recorded as it is, once. Undefined: not settled; the run is ending. */
  const claimed = async (
    source: Entry,
    effect: (lease: Lease) => Promise<Outcome | undefined>,
  ): Promise<Outcome | undefined> => {
    const { path, kind } = source
    const size = source.kind === 'file' ? source.size : undefined
    const claim = await run.journal.claim({ path, kind, version: versionOf(source), size })()
    if (E.isLeft(claim)) {
      run.stop(claim.left)
      return undefined
    }
    if (claim.right.status === 'held') return undefined
    if (claim.right.status === 'settled') {
      run.stats.metAgain(source)
      if (!fromCheckpoint && claim.right.own !== true) record(source, claim.right.outcome, true)
      return claim.right.outcome
    }
    const { lease } = claim.right
    if (lease.counted === true) run.stats.reopen(source, lease.interrupted === true ? undefined : lease.placed)
    const outcome = run.ending() ? undefined : await effect(lease)
    await settle(source, lease, outcome)
    return outcome
  }

  /** Within the limits, and with its share of the memory. */
  const limited = async (
    file: FileEntry,
    transfer: () => Promise<Outcome | undefined>,
  ): Promise<Outcome | undefined> => {
    const giveBack = await budget.take(needs(file, run.to.drive.capabilities))
    try {
      const { size = 0 } = file
      if (run.ending()) return undefined
      if (!(await run.bytes.take(size))) {
        run.drain('max-bytes')
        return undefined
      }
      run.stats.begin(file)
      const outcome = await transfer()
      if (outcome?.status !== 'carried') await run.bytes.giveBack(size)
      return outcome
    } finally {
      giveBack()
    }
  }

  const pass = async (steps: AsyncIterable<Step>): Promise<void> => {
    async function* counted(): AsyncGenerator<Step, void> {
      for await (const step of steps) {
        if (run.ending()) return
        if (step.file !== undefined) run.stats.find(step.file)
        yield step
      }
      if (!fromCheckpoint && !run.ending()) run.stats.walked()
    }
    const work = async (step: Step): Promise<void> => {
      await gate()
      if (!run.ending()) await step.run()
    }
    await drain(counted(), work, { concurrency, ahead: mostAhead })
  }
  /** Now and then; a checkpoint that is lost costs nothing but time. */
  const saver = () => {
    let saved = -Infinity
    return (checkpoint: WalkCheckpoint): void => {
      if (run.now() - saved < checkpointEvery) return
      saved = run.now()
      void run.journal.saveWalkCheckpoint(checkpoint)()
    }
  }

  const directory: Worker['directory'] = async ({ entry, parent, decided, create, retryable = false }) => {
    const above = await parent?.()
    if (above?.status === 'stopped') return above
    let placed: Placed | undefined
    let error: DriveError | undefined
    const outcome = await claimed(entry, async (lease): Promise<Outcome | undefined> => {
      const idle = noEffect(above, decided)
      if (idle !== undefined) return idle
      const created = await create(lease, above?.status === 'there' ? above.placed : undefined)
      if (E.isLeft(created)) {
        error = created.left
        return run.signal.aborted || retryable ? undefined : { status: 'failed', error }
      }
      placed = created.right
      return placed === undefined ? { status: 'skipped' } : { status: placed.status, to: placed.path, how: placed.how }
    })
    if (error !== undefined && outcome === undefined) return { status: 'stopped', error }
    if (outcome?.status === 'made' || outcome?.status === 'merged') {
      // What an earlier run created holds only what that run put there; a clash shows when a name turns out to be taken.
      const at = placed ?? placedBefore(run, outcome)
      if (!(await samePlace.differs(entry.path, at))) return { status: 'stopped' }
      await removal.directory(entry.path)
      return { status: 'there', placed: at }
    }
    if (outcome === undefined) return { status: 'stopped' }
    return { status: outcome.status === 'skipped' ? 'skipped' : 'failed' }
  }

  return {
    directory,
    file: async ({ file, parent, decided, transfer }) => {
      const above = await parent?.()
      if (above?.status === 'stopped') return undefined
      const placed = above?.status === 'there' ? above.placed : undefined
      let current = file
      const onRefresh = (now: FileEntry): void => {
        current = now
      }
      const outcome = await claimed(
        file,
        async (lease) => noEffect(above, decided) ?? limited(file, () => transfer(lease, placed, onRefresh)),
      )
      if (outcome === undefined || !run.removeSource) return outcome
      if (outcome.status === 'skipped' && placed !== undefined && isEqualCopy(run, outcome)) await removal.file(current)
      if (outcome.status !== 'carried') return outcome
      if (placed !== undefined || (await samePlace.differs(parentOf(file.path), { path: parentOf(outcome.to) })))
        await removal.file(current)
      return outcome
    },
    settled: (source, outcome) => claimed(source, () => Promise.resolve(outcome)),
    failed: (path, error, shownAs) => {
      if (fromCheckpoint) return
      run.stats.fail(path, error, shownAs)
      reportFailure(path, error)
    },
    all: async (feed) => {
      const saved = await run.journal.walkCheckpoint()()
      if (E.isLeft(saved)) run.stop(saved.left)
      const checkpoint = E.isRight(saved) ? saved.right : undefined
      const resumed = checkpoint === undefined ? undefined : await feed.steps(checkpoint, saver())
      if (resumed !== undefined && !run.ending()) {
        fromCheckpoint = true
        await pass(resumed)
        fromCheckpoint = false
        run.stats.restart()
      }
      const steps = run.ending()
        ? undefined
        : await feed.steps(undefined, checkpoint === undefined ? saver() : () => undefined)
      if (steps !== undefined) await pass(steps)
      await removal.finish()
    },
  }
}
