// What programs do with a drive all the time, made of its verbs.
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import {
  aborted,
  defined,
  delay,
  indeterminate,
  locate,
  retryAdvice,
  wrongKind,
  type BatchSettled,
  type CallOptions,
  type ConflictOptions,
  type CopyItem,
  type DirEntry,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Entry,
  type Operation,
  type Placed,
  type Removed,
  type RemoveItem,
  type RemoveOptions,
  type Result,
  type TaskOperation,
  type TaskRef,
  type TaskResults,
  type Times,
} from '../contract'
import { beginScope } from '../define/scope'

/** The directory, made with its parents if it is missing; a file in its place is `WrongKind`. */
export const ensureDir = (
  drive: DriveProvider,
  path: DrivePath,
  options: CallOptions & Times = {},
): Result<DirEntry> => {
  const asDirectory = (entry: Entry): E.Either<DriveError, DirEntry> =>
    entry.kind === 'directory'
      ? E.right(entry)
      : E.left(locate({ vendor: drive.vendor, operation: 'createDir', path })(wrongKind({ expected: 'directory' })))
  const look = (): Result<DirEntry> => pipe(drive.stat(path, options), TE.flatMapEither(asDirectory))
  return pipe(
    drive.createDir(path, { ...options, conflict: 'ask' }),
    TE.map((made): DirEntry => made),
    TE.orElse((error): Result<DirEntry> => {
      if (error._tag !== 'NameConflict') return TE.left(error)
      return error.existing === undefined ? look() : TE.fromEither(asDirectory(error.existing))
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
        locate({ vendor: drive.vendor, operation })(indeterminate({ check: 'the path: no outcome was told' })),
      )
    return outcome.status === 'done' ? E.right(outcome) : E.left(outcome.error)
  }

/** One item; a failed outcome is a left. */
export const move = (drive: DriveProvider, from: DrivePath, to: DrivePath, options?: ConflictOptions): Result<Placed> =>
  pipe(drive.batchMove([{ from, to }], options), TE.flatMapEither(onlyOutcome<CopyItem, Placed>(drive, 'batchMove')))

/** A file, or a directory with all below it. */
export const copy = (
  drive: DriveProvider,
  from: DrivePath,
  to: DrivePath,
  options?: ConflictOptions,
): Result<Placed> =>
  drive.capabilities.features.copyDirInBatch
    ? pipe(
        drive.batchCopy([{ from, to }], options),
        TE.flatMapEither(onlyOutcome<CopyItem, Placed>(drive, 'batchCopy')),
      )
    : pipe(
        drive.stat(from, options),
        TE.flatMap((entry) =>
          entry.kind === 'directory'
            ? drive.copyDir(from, to, options)
            : pipe(
                drive.batchCopy([{ from, to }], options),
                TE.flatMapEither(onlyOutcome<CopyItem, Placed>(drive, 'batchCopy')),
              ),
        ),
      )

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
