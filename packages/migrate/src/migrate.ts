// A migration: checks both ends, runs, and reports what was done.
import {
  isInside,
  nameOf,
  parentOf,
  root,
  type DirEntry,
  type DriveError,
  type DrivePath,
  type FileEntry,
} from '@anydrive/core'
import { locate, nestedTarget, wrongKind } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { createBudget } from './budget'
import { createRun, identityOf } from './create-run'
import { control, type Control, type Why } from './control'
import { comparesFirst, createDirectory, merged, type Placed } from './directories'
import { createListeners, type Listeners } from './events'
import type { Identity, JournalError } from './journal'
import type { MigrateOptions } from './options'
import { planFeed, planIdentity } from './plan/apply'
import { createRemoval, fromSource, type Removal } from './removal'
import { withRetry, type Run } from './run'
import { createSamePlace, type SamePlace } from './same-place'
import type { Summary } from './summary'
import { createSync, syncProblem, type Sync } from './sync-parts'
import { transfer } from './transfer'
import { walkFeed } from './walk-feed'
import { createWorker, type Step, type Worker } from './worker'

/** `DriveError`: an end could not be opened, and nothing was done. `Stopped`: before its end, `failure` because of `cause`; what was done stands, and is summed up. */
export type MigrateError =
  | DriveError
  | JournalError
  | {
      readonly _tag: 'Stopped'
      readonly why: Why
      readonly message: string
      readonly summary: Summary
      readonly cause?: DriveError
    }

export interface Migration {
  /** Answers how to stop listening. */
  readonly on: Listeners['on']
  /** Files under way are finished; nothing new is begun. */
  readonly pause: () => void
  readonly resume: () => void
  /** Files under way are finished, nothing new is begun, and `run` ends as `Stopped`. */
  readonly drain: () => void
  /** Aborts what is under way; `run` ends as `Stopped`. */
  readonly cancel: () => void
  /** Rejects only with what a listener threw. Run again, it does again what the strategy leaves to do. */
  readonly run: TaskEither<MigrateError, Summary>
}

export const defaultMemory = 256 * 2 ** 20

export const nested = (options: MigrateOptions, from: DrivePath, to: DrivePath): DriveError | undefined =>
  options.from.drive === options.to.drive && (isInside(from, to) || isInside(to, from))
    ? locate({ vendor: options.to.drive.vendor, operation: 'copyDir', path: to })(nestedTarget())
    : undefined

interface Parts {
  readonly options: MigrateOptions
  readonly run: Run
  readonly worker: Worker
  readonly samePlace: SamePlace
  readonly sync: Sync | undefined
}
type Done = Promise<E.Either<DriveError, void>>

/** A file without a target path goes to the root, under its own name. */
const transferFile = async (
  { options, run, worker, samePlace }: Parts,
  file: FileEntry,
  given: DrivePath | undefined,
): Done => {
  const to = given ?? (nameOf(file.path) as DrivePath)
  const problem = file.path === to ? nested(options, file.path, to) : undefined
  if (problem !== undefined) return E.left(problem)
  const found = await withRetry(run, run.to.drive.stat(to, { signal: run.signal }))
  if (E.isLeft(found) && found.left._tag !== 'NotFound') return found
  const existing = E.isRight(found) ? found.right : undefined
  if (existing !== undefined && !(await samePlace.differs(parentOf(file.path), { path: parentOf(to) })))
    return E.right(undefined)
  const existingIn = (name: string) => Promise.resolve(name === nameOf(to) ? existing : undefined)
  async function* only(): AsyncGenerator<Step, void> {
    yield await Promise.resolve({
      file,
      run: () =>
        worker.file({
          file,
          parent: undefined,
          transfer: (lease, _, onRefresh) => transfer(run, lease, file, to, existingIn, onRefresh),
        }),
    })
  }
  await worker.all({ steps: (from) => Promise.resolve(from === undefined ? only() : undefined) })
  return E.right(undefined)
}

/** `undefined`: skipped, or stopped. */
export const targetOf = async (
  { run, worker }: Pick<Parts, 'run' | 'worker'>,
  top: DirEntry,
  to: DrivePath,
): Promise<E.Either<DriveError, Placed | undefined>> => {
  if (to === root) {
    const found = await withRetry(run, run.to.drive.stat(root, { signal: run.signal }))
    return E.map(() => merged(run, root))(found)
  }
  const at = await worker.directory({
    entry: top,
    parent: undefined,
    create: async (lease) => {
      const known = comparesFirst(run) ? await run.to.drive.stat(to, { signal: run.signal })() : undefined
      return createDirectory(run, top, to, lease, known !== undefined && E.isRight(known) ? known.right : undefined)
    },
    retryable: true,
  })
  if (at.status === 'there') return E.right(at.placed)
  return at.error === undefined ? E.right(undefined) : E.left(at.error)
}

const transferTree = async (
  parts: Parts & { readonly include: NonNullable<MigrateOptions['include']>; readonly removal: Removal },
  top: DirEntry,
  to: DrivePath,
): Done => {
  const { options, run, worker, samePlace, removal, sync } = parts
  const problem = nested(options, top.path, to)
  if (problem !== undefined) return E.left(problem)
  const at = await targetOf(parts, top, to)
  if (E.isLeft(at)) return at
  if (at.right === undefined || !(await samePlace.watch(top.path, at.right.path))) return E.right(undefined)
  await removal.directory(top.path)
  const begun = await sync?.begin()
  if (begun !== undefined && E.isLeft(begun)) return E.right(undefined)
  await worker.all(walkFeed({ ...parts, overlap: sync?.overlap }, top, at.right))
  if (!run.ending()) await sync?.finish()
  return E.right(undefined)
}

const start = async (options: MigrateOptions, base: Run, controls: Control): Done => {
  const problem = syncProblem(options)
  if (problem !== undefined) return E.left(problem)
  const sync = createSync(options, base)
  const run = sync?.run ?? base
  const removal = createRemoval(run, fromSource(run))
  const samePlace = createSamePlace(run)
  const worker = createWorker({
    run,
    concurrency: Math.max(1, Math.floor(options.concurrency ?? 8)),
    removal,
    samePlace,
    budget: createBudget(options.memory ?? defaultMemory),
    gate: controls.gate,
  })
  const parts = { options, run, worker, samePlace, sync, removal, include: options.include ?? (() => true) }
  try {
    if (options.plan !== undefined) {
      await worker.all(planFeed(run, options.plan, worker))
      if (!run.ending()) await sync?.finish()
      return E.right(undefined)
    }
    const found = await withRetry(run, run.from.drive.stat(run.top, { signal: run.signal }))
    if (E.isLeft(found)) return found
    const source = found.right
    if (source.kind === 'file' && sync === undefined) return await transferFile(parts, source, options.to.path)
    if (source.kind === 'directory') return await transferTree(parts, source, options.to.path ?? root)
    return E.left(
      locate({ vendor: run.from.drive.vendor, operation: 'stat', path: run.top })(wrongKind({ expected: 'directory' })),
    )
  } finally {
    await samePlace.close()
    await removal.close()
    await sync?.close()
  }
}

const isOfDrive = (cause: DriveError | JournalError): cause is DriveError => 'vendor' in cause

export const stopReasons: { readonly [W in Exclude<Why, 'failure'>]: string } = {
  cancelled: 'stopped',
  drained: 'stopped; transfers under way were finished',
  'max-errors': 'stopped: as many failed as were allowed',
  'max-bytes': 'stopped: the next file would exceed the bytes allowed',
  'max-duration': 'stopped: the time allowed is over',
}

const stopped = (run: Run, why: Why, cause: DriveError | JournalError | undefined): MigrateError => {
  if (cause !== undefined && !isOfDrive(cause)) return cause
  const summary = run.stats.summary()
  return cause === undefined || why !== 'failure'
    ? {
        _tag: 'Stopped',
        why,
        message: `${why === 'failure' ? 'stopped' : stopReasons[why]}; what was transferred stays`,
        summary,
      }
    : { _tag: 'Stopped', why, message: `stopped: ${cause.message}`, summary, cause }
}

const runAll = async (
  options: MigrateOptions,
  run: Run,
  controls: Control,
): Promise<E.Either<MigrateError, Summary>> => {
  const done = await start(options, run, controls)
  const why = controls.why()
  if (why !== undefined) return E.left(stopped(run, why, controls.cause()))
  return E.map(() => run.stats.summary())(done)
}

const sampleEvery = 5000

/** The time limit and the samples of speed; answers how to end them. */
const startTimers = (run: Run): (() => Promise<void>) => {
  const over = new AbortController()
  const { maxDuration } = run.limits
  if (maxDuration !== undefined)
    void run.delay(maxDuration, over.signal).then(() => {
      if (!over.signal.aborted) run.drain('max-duration')
    })
  const sample = async (): Promise<void> => {
    await run.journal.sample(run.stats.sample())()
  }
  void sample()
  const timer = setInterval(() => void sample(), sampleEvery)
  return async () => {
    clearInterval(timer)
    over.abort()
    await sample()
  }
}

/** The journal is released however the run ends. */
const journalled = async (
  run: Run,
  identity: Identity,
  work: () => Promise<E.Either<MigrateError, Summary>>,
): Promise<E.Either<MigrateError, Summary>> => {
  const { journal } = run
  const begun = await journal.begin(identity)()
  if (E.isLeft(begun)) return begun
  run.stats.resume(begun.right)
  const end = startTimers(run)
  let complete = false
  let done: E.Either<MigrateError, Summary> | undefined
  try {
    done = await work()
    complete = E.isRight(done)
  } finally {
    await end()
    const ended = await journal.end({ complete })()
    if (E.isLeft(ended) && (done === undefined || E.isRight(done))) done = ended
  }
  return done
}

export const migrate = (options: MigrateOptions): Migration => {
  const listeners = createListeners()
  const controls = control()
  return {
    on: listeners.on,
    pause: controls.pause,
    resume: controls.resume,
    drain: () => {
      controls.drain('drained')
    },
    cancel: controls.cancel,
    run: async () => {
      const forget = controls.follow(options.signal)
      const run = createRun(options, listeners, controls)
      const own = identityOf(run, options)
      const identity = options.plan === undefined ? own : planIdentity(own, options.plan)
      try {
        const done = await journalled(run, identity, () => runAll(options, run, controls))
        if (E.isRight(done) || done.left._tag === 'Stopped') listeners.emit('progress', run.stats.progress())
        return done
      } finally {
        forget()
      }
    },
  }
}
