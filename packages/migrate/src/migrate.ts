// A migration: opened at both ends, run, and summed up.
import {
  isInside,
  locate,
  nameOf,
  nestedTarget,
  root,
  wrongKind,
  type DirEntry,
  type DriveError,
  type DrivePath,
  type FileEntry,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import { createBudget } from './budget'
import { createRun, identityOf } from './create-run'
import { control, type Control, type Why } from './control'
import { createEngine, type Engine } from './engine'
import { createListeners, type Listeners } from './events'
import type { Identity, JournalError } from './journal'
import type { MigrateOptions } from './options'
import { merged, place, type Placed } from './place'
import { applyPlan, planIdentity } from './plan/apply'
import { createRemoval } from './removal'
import { patiently, type Run } from './run'
import type { Summary } from './tally'

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

const defaultMemory = 256 * 2 ** 20

const nested = (run: Run, from: DrivePath, to: DrivePath): DriveError | undefined =>
  run.from.drive === run.to.drive && (isInside(from, to) || isInside(to, from))
    ? locate({ vendor: run.to.drive.vendor, operation: 'copyDir', path: to })(nestedTarget())
    : undefined

/** A file without a target path goes to the root, under its own name. */
const carryFile = async (
  run: Run,
  engine: Engine,
  file: FileEntry,
  given: DrivePath | undefined,
): Promise<E.Either<DriveError, void>> => {
  const to = given ?? (nameOf(file.path) as DrivePath)
  const problem = file.path === to ? nested(run, file.path, to) : undefined
  if (problem !== undefined) return E.left(problem)
  const found = await patiently(run, run.to.drive.stat(to, { signal: run.signal }))
  if (E.isLeft(found) && found.left._tag !== 'NotFound') return found
  const standing = E.isRight(found) ? found.right : undefined
  await engine.file(file, to, (name) => Promise.resolve(name === nameOf(to) ? standing : undefined))
  return E.right(undefined)
}

const reached = async (
  run: Run,
  engine: Engine,
  top: DirEntry,
  to: DrivePath,
): Promise<E.Either<DriveError, Placed | undefined>> => {
  if (to !== root) return engine.top(top, (lease) => place(run, top, to, lease))
  const found = await patiently(run, run.to.drive.stat(root, { signal: run.signal }))
  return E.map(() => merged(run, root))(found)
}

const carryTree = async (
  run: Run,
  engine: Engine,
  top: DirEntry,
  to: DrivePath,
): Promise<E.Either<DriveError, void>> => {
  const problem = nested(run, top.path, to)
  if (problem !== undefined) return E.left(problem)
  const at = await reached(run, engine, top, to)
  if (E.isLeft(at)) return at
  if (at.right !== undefined) await engine.tree(top, at.right)
  return E.right(undefined)
}

const start = async (options: MigrateOptions, run: Run, controls: Control): Promise<E.Either<DriveError, void>> => {
  const from = options.from.path ?? root
  const parts = {
    run,
    concurrency: Math.max(1, Math.floor(options.concurrency ?? 8)),
    removal: createRemoval(run),
    budget: createBudget(options.memory ?? defaultMemory),
    gate: controls.gate,
  }
  if (options.plan !== undefined) {
    await applyPlan({ ...parts, plan: options.plan })
    return E.right(undefined)
  }
  const engine = createEngine({ ...parts, include: options.include ?? (() => true) })
  const found = await patiently(run, run.from.drive.stat(from, { signal: run.signal }))
  if (E.isLeft(found)) return found
  const source = found.right
  if (source.kind === 'file') return carryFile(run, engine, source, options.to.path)
  if (source.kind === 'directory') return carryTree(run, engine, source, options.to.path ?? root)
  return E.left(
    locate({ vendor: run.from.drive.vendor, operation: 'stat', path: from })(wrongKind({ expected: 'directory' })),
  )
}

const isOfDrive = (cause: DriveError | JournalError): cause is DriveError => 'vendor' in cause

const reasons: { readonly [W in Exclude<Why, 'failure'>]: string } = {
  cancelled: 'stopped',
  drained: 'stopped; what was under way was finished',
  'max-errors': 'stopped: as many failed as were allowed',
  'max-bytes': 'stopped: the next file would exceed the bytes allowed',
  'max-duration': 'stopped: the time allowed is over',
}

const stopped = (run: Run, why: Why, cause: DriveError | JournalError | undefined): MigrateError => {
  if (cause !== undefined && !isOfDrive(cause)) return cause
  const summary = run.tally.summary()
  return cause === undefined || why !== 'failure'
    ? {
        _tag: 'Stopped',
        why,
        message: `${why === 'failure' ? 'stopped' : reasons[why]}; what was carried stands`,
        summary,
      }
    : { _tag: 'Stopped', why, message: `stopped: ${cause.message}`, summary, cause }
}

const carryAll = async (
  options: MigrateOptions,
  run: Run,
  controls: Control,
): Promise<E.Either<MigrateError, Summary>> => {
  const done = await start(options, run, controls)
  const why = controls.why()
  if (why !== undefined) return E.left(stopped(run, why, controls.cause()))
  return E.map(() => run.tally.summary())(done)
}

const sampleEvery = 5000

/** What runs by the clock, until it is answered that the run has ended. */
const clockwork = (run: Run): (() => Promise<void>) => {
  const over = new AbortController()
  const { maxDuration } = run.limits
  if (maxDuration !== undefined)
    void run.delay(maxDuration, over.signal).then(() => {
      if (!over.signal.aborted) run.drain('max-duration')
    })
  const sample = async (): Promise<void> => {
    await run.journal.sample(run.tally.sample())()
  }
  void sample()
  const timer = setInterval(() => void sample(), sampleEvery)
  return async () => {
    clearInterval(timer)
    over.abort()
    await sample()
  }
}

/** The journal is let go of however the run ends. */
const journalled = async (
  run: Run,
  identity: Identity,
  work: () => Promise<E.Either<MigrateError, Summary>>,
): Promise<E.Either<MigrateError, Summary>> => {
  const { journal } = run
  const begun = await journal.begin(identity)()
  if (E.isLeft(begun)) return begun
  const end = clockwork(run)
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
        const done = await journalled(run, identity, () => carryAll(options, run, controls))
        if (E.isRight(done) || done.left._tag === 'Stopped') listeners.emit('progress', run.tally.progress())
        return done
      } finally {
        forget()
      }
    },
  }
}
