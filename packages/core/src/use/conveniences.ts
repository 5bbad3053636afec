// What programs often do with a drive, composed of its verbs.
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { BatchSettled, CopyItem, Placed, Removed, RemoveItem } from '../contract/batch'
import { has, type Capabilities, type Feature } from '../contract/capabilities'
import { defined } from '../contract/decode'
import type { DirEntry, Entry } from '../contract/entry'
import {
  aborted,
  indeterminate,
  retryAdvice,
  unsupported,
  wrongKind,
  type DriveError,
  type Operation,
} from '../contract/errors'
import { locate } from '../contract/explain'
import type { VerbsFor } from '../contract/optional'
import type { DrivePath } from '../contract/path'
import type {
  CallOptions,
  ConflictOptions,
  DriveProvider,
  RemoveOptions,
  Result,
  TaskResults,
  Times,
} from '../contract/provider'
import type { TaskOperation, TaskRef } from '../contract/task'
import { delay } from '../contract/time'
import { beginScope } from '../define/scope'

/** The drive itself, with the optional verbs that the features name, or `Unsupported` naming the first feature that it lacks. */
export const requires =
  <const F extends Feature>(...features: ReadonlyArray<F>) =>
  <D extends { readonly vendor: string; readonly capabilities: Capabilities }>(
    drive: D,
  ): E.Either<DriveError, D & VerbsFor<F>> => {
    const missing = features.find((feature) => !has(drive.capabilities, feature))
    return missing === undefined
      ? E.right(drive as D & VerbsFor<F>)
      : E.left(locate({ vendor: drive.vendor, operation: 'requires' })(unsupported({ feature: missing })))
  }

/** The directory, created with its parents if it does not exist; `WrongKind` where a file has the name. */
export const ensureDir = (
  drive: DriveProvider,
  path: DrivePath,
  options: CallOptions & Times = {},
): Result<DirEntry> => {
  const asDirectory = (entry: Entry): E.Either<DriveError, DirEntry> =>
    entry.kind === 'directory'
      ? E.right(entry)
      : E.left(locate({ vendor: drive.vendor, operation: 'createDir', path })(wrongKind({ expected: 'directory' })))
  const lookup = (): Result<DirEntry> => pipe(drive.stat(path, options), TE.flatMapEither(asDirectory))
  return pipe(
    drive.createDir(path, { ...options, conflict: 'ask' }),
    TE.map((created): DirEntry => created),
    TE.orElse((error): Result<DirEntry> => {
      if (error._tag !== 'NameConflict') return TE.left(error)
      return error.existing === undefined ? lookup() : TE.fromEither(asDirectory(error.existing))
    }),
  )
}

/** False only where the drive says so; any other failure is a left. */
export const exists = (drive: DriveProvider, path: DrivePath, options?: CallOptions): Result<boolean> =>
  pipe(
    drive.stat(path, options),
    TE.map(() => true),
    TE.orElse((error) => (error._tag === 'NotFound' && error.what !== 'space' ? TE.right(false) : TE.left(error))),
  )

const onlyOutcome =
  <I, A extends object>(drive: DriveProvider, operation: Operation) =>
  (settled: BatchSettled<I, A>): E.Either<DriveError, A> => {
    const [outcome] = settled.outcomes
    if (outcome === undefined)
      return E.left(
        locate({ vendor: drive.vendor, operation })(
          indeterminate({ check: 'the path: the service reported no outcome' }),
        ),
      )
    return outcome.status === 'done' ? E.right(outcome) : E.left(outcome.error)
  }

/** One item; a failed outcome is a left. */
export const move = (drive: DriveProvider, from: DrivePath, to: DrivePath, options?: ConflictOptions): Result<Placed> =>
  pipe(drive.batchMove([{ from, to }], options), TE.flatMapEither(onlyOutcome<CopyItem, Placed>(drive, 'batchMove')))

/** One file, or one directory with all that is below it; a failed outcome is a left. */
export const copy = (
  drive: DriveProvider,
  from: DrivePath,
  to: DrivePath,
  options?: ConflictOptions,
): Result<Placed> => {
  const one = pipe(
    drive.batchCopy([{ from, to }], options),
    TE.flatMapEither(onlyOutcome<CopyItem, Placed>(drive, 'batchCopy')),
  )
  if (drive.capabilities.features.copyDirInBatch) return one
  return pipe(
    drive.stat(from, options),
    TE.flatMap((entry) => (entry.kind === 'directory' ? drive.copyDir(from, to, options) : one)),
  )
}

export const remove = (drive: DriveProvider, item: RemoveItem, options?: RemoveOptions): Result<Removed> =>
  pipe(drive.batchRemove([item], options), TE.flatMapEither(onlyOutcome<RemoveItem, Removed>(drive, 'batchRemove')))

/** The task's result, polled until it has ended; after `timeout` milliseconds (10 minutes) it is `Indeterminate` with the reference. */
export const settled =
  <Op extends TaskOperation>(
    drive: DriveProvider,
    ref: TaskRef<Op>,
    options: CallOptions = {},
  ): Result<TaskResults[Op]> =>
  async () => {
    const here = locate({ vendor: drive.vendor, operation: ref.operation })
    const scope = beginScope({ timeout: 600_000, ...defined(options) })
    try {
      for (let wait = 300; ; wait = Math.min(5000, wait * 1.5)) {
        const polled = await drive.task(ref, options)()
        if (E.isRight(polled) && polled.right.status === 'settled') return E.right(polled.right.result)
        if (E.isRight(polled) && polled.right.status === 'failed') return E.left(polled.right.error)
        if (scope.cause() === 'abort') return E.left(here(aborted({ effect: 'unknown' })))
        if (scope.cause() === 'timeout') return E.left(here(indeterminate({ task: ref as TaskRef, check: 'the task' })))
        if (E.isLeft(polled) && retryAdvice(polled.left) !== 'later') return polled
        await delay(wait, scope.signal)
      }
    } finally {
      scope.release()
    }
  }
