// What programs do with a drive all the time, made of its verbs.
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { BatchSettled, CopyItem, Placed, Removed, RemoveItem } from '../contract/batch'
import { delay } from '../contract/time'
import type { DirEntry, Entry } from '../contract/entry'
import { aborted, indeterminate, locate, retryAdvice, wrongKind, type DriveError, type Operation } from '../contract/errors'
import type { DrivePath } from '../contract/path'
import type { CallOptions, ConflictOptions, DriveProvider, RemoveOptions, Result, Times } from '../contract/provider'
import type { TaskOperation, TaskRef, TaskResults } from '../contract/task'

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

/** Looks until the task has ended; after `timeout` milliseconds (10 minutes) it is `Indeterminate` with the reference. */
export const settled =
  <Op extends TaskOperation>(
    drive: DriveProvider,
    ref: TaskRef<Op>,
    options: CallOptions = {},
  ): Result<TaskResults[Op]> =>
  async () => {
    const here = locate({ vendor: drive.vendor, operation: ref.operation })
    const deadline = Date.now() + (options.timeout ?? 600_000)
    const signal = options.signal ?? new AbortController().signal
    for (let wait = 300; ; wait = Math.min(5000, wait * 1.5)) {
      const looked = await drive.task(ref, { signal: options.signal })()
      if (E.isRight(looked) && looked.right.status === 'settled') return E.right(looked.right.result)
      if (E.isRight(looked) && looked.right.status === 'failed') return E.left(looked.right.error)
      if (signal.aborted) return E.left(here(aborted({ effect: 'unknown' })))
      if (E.isLeft(looked) && retryAdvice(looked.left) !== 'later') return looked
      const left = deadline - Date.now()
      if (left <= 0) return E.left(here(indeterminate({ task: ref as TaskRef, check: 'the task' })))
      await delay(Math.min(wait, left), signal)
    }
  }

const both = (
  outer: AbortSignal,
  inner: AbortSignal | undefined,
): { readonly signal: AbortSignal; readonly forget: () => void } => {
  if (inner === undefined) return { signal: outer, forget: () => undefined }
  const controller = new AbortController()
  const stop = () => {
    controller.abort()
  }
  for (const signal of [outer, inner]) {
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  }
  return {
    signal: controller.signal,
    forget: () => {
      outer.removeEventListener('abort', stop)
      inner.removeEventListener('abort', stop)
    },
  }
}

/** Every call of the drive ends when the signal does: nothing to thread through a pipeline. */
export const withSignal =
  (signal: AbortSignal) =>
  <D extends DriveProvider>(drive: D): D => {
    const joined =
      <O extends CallOptions, A>(call: (options: O) => Result<A>) =>
      (options: O | undefined): Result<A> =>
      async () => {
        const { signal: one, forget } = both(signal, options?.signal)
        try {
          return await call({ ...options, signal: one } as O)()
        } finally {
          forget()
        }
      }
    const bound: DriveProvider = {
      ...drive,
      stat: (path, options) => joined((o: CallOptions) => drive.stat(path, o))(options),
      list: (path, options) => joined((o: CallOptions) => drive.list(path, o))(options),
      createDir: (path, options) => joined((o: CallOptions) => drive.createDir(path, o))(options),
      copyDir: (from, to, options) => joined((o: NonNullable<typeof options>) => drive.copyDir(from, to, o))(options),
      batchMove: (items, options) => joined((o: NonNullable<typeof options>) => drive.batchMove(items, o))(options),
      batchCopy: (items, options) => joined((o: NonNullable<typeof options>) => drive.batchCopy(items, o))(options),
      batchRemove: (items, options) => joined((o: NonNullable<typeof options>) => drive.batchRemove(items, o))(options),
      readFile: (path, options) => readUnder(signal, drive, path, options),
      writeFile: (path, source, options) => joined((o: CallOptions) => drive.writeFile(path, source, o))(options),
      abandonUpload: (ref, options) => joined((o: CallOptions) => drive.abandonUpload(ref, o))(options),
      usage: (options) => joined((o: CallOptions) => drive.usage(o))(options),
      task: (ref, options) => joined((o: CallOptions) => drive.task(ref, o))(options),
    }
    return { ...drive, ...bound }
  }

/** The stream outlives the call, so the signals stay joined until it closes. */
const readUnder =
  (
    signal: AbortSignal,
    drive: DriveProvider,
    path: DrivePath,
    options: Parameters<DriveProvider['readFile']>[1],
  ): ReturnType<DriveProvider['readFile']> =>
  async () => {
    const { signal: one, forget } = both(signal, options?.signal)
    const content = await drive.readFile(path, { ...options, signal: one })()
    if (E.isLeft(content)) forget()
    else content.right.stream.once('close', forget)
    return content
  }
