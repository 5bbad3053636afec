// writeFile and abandonUpload: which way a file goes up, and what a failure leaves behind.
import {
  nameOf,
  notFound,
  sourceFailed,
  type Always,
  type Answered,
  type DriveError,
  type DrivePath,
  type Fault,
  type Json,
  type UploadSource,
  type Written,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Asked } from './api'
import type { Write } from './begin'
import type { Smh } from './context'
import { resumeParts, writeParts } from './multipart'
import { incomingName, replaceWith } from './replace'
import { uploadPlanOf } from './settings'
import { resumeSingle, writeSingle, type Leaving } from './single'
import { readState, type UploadState } from './upload-state'

type Bad = Fault | DriveError
const cleanupMs = 10_000

/** What no resuming mends. */
const isHopeless = ({ _tag }: Bad): boolean =>
  _tag === 'ChecksumMismatch' || _tag === 'Rejected' || _tag === 'SourceFailed'
const isGone = (fault: Bad): boolean =>
  (fault._tag === 'NotFound' && fault.what === 'upload') || fault.code === 'UploadComplete'

/** Under a signal of its own: the caller's may be what ended the upload. */
const free = async (smh: Smh, upload: string): Promise<void> => {
  const freed = await smh.api.abortUpload(upload, AbortSignal.timeout(cleanupMs))()
  if (E.isLeft(freed) && !isGone(freed.left)) smh.log({ name: 'upload not freed', fault: freed.left._tag })
}

/** Where the fate of the confirmation is unknown, nothing is freed: the file may stand. */
const tidied = (smh: Smh, write: Write, leaving: Leaving, run: Answered<Written>): Answered<Written> =>
  pipe(
    run,
    TE.orElse((fault) => async () => {
      const keeps = fault._tag === 'Indeterminate' || (write.how.keepsState && !isHopeless(fault))
      if (leaving.upload !== undefined && !keeps) await free(smh, leaving.upload)
      return E.left(fault)
    }),
  )

const fits = (state: UploadState, path: DrivePath, source: UploadSource): Fault | undefined => {
  if (state.path !== path) return notFound({ what: 'upload' })
  if (state.size === source.size) return undefined
  return sourceFailed({ reason: source.size < state.size ? 'shorter' : 'longer' })
}

const resumed = (smh: Smh, write: Write, json: Json, leaving: Leaving): Answered<Written> => {
  const read = readState(json)
  if (E.isLeft(read)) return TE.left(read.left)
  const misfit = fits(read.right, write.path, write.source)
  if (misfit !== undefined) return TE.left(misfit)
  return read.right.kind === 'single'
    ? resumeSingle(smh, write, read.right, leaving)
    : resumeParts(smh, write, read.right, leaving)
}

const written = (smh: Smh, write: Write): Answered<Written> => {
  const leaving: Leaving = { upload: undefined }
  const { resume } = write.how
  const anew = write.source.size <= uploadPlanOf(smh.settings).singleUpTo ? writeSingle : writeParts
  return tidied(
    smh,
    write,
    leaving,
    resume === undefined ? anew(smh, write, leaving) : resumed(smh, write, resume, leaving),
  )
}

/** SMH refuses to replace this file: it goes up under a temporary name, and takes the place by renames. */
const replacing =
  (smh: Smh, write: Write): Answered<Written> =>
  async () => {
    const { path, signal } = write
    const incoming = incomingName(path)
    const aside = { ...write, path: incoming, how: { ...write.how, conflict: 'overwrite', resume: undefined } } as const
    const uploaded = await written(smh, aside)()
    if (E.isLeft(uploaded)) return uploaded
    const placed = await replaceWith(smh, incoming, path, signal)()
    if (E.isLeft(placed)) {
      await smh.api.batchDelete([{ path: incoming, permanent: false }], AbortSignal.timeout(cleanupMs))()
      return placed
    }
    return E.right({ ...uploaded.right, path, name: nameOf(path), how: 'as-asked', replaced: true })
  }

export const writeFile =
  (smh: Smh): Always['writeFile'] =>
  (path, source, how, { signal }) => {
    const write: Write = { path, source, how, signal }
    return pipe(
      written(smh, write),
      TE.orElse((fault) =>
        fault.code === 'OverwriteFileNotAllowed' && how.conflict === 'overwrite'
          ? replacing(smh, write)
          : TE.left(fault),
      ),
    )
  }

export const abandonUpload =
  (smh: Smh): Always['abandonUpload'] =>
  (state, { signal }): Asked<void> =>
    pipe(
      TE.fromEither(readState(state)),
      TE.flatMap(({ upload }) =>
        pipe(
          smh.api.abortUpload(upload, signal),
          TE.orElse((fault): Asked<unknown> => (isGone(fault) ? TE.right(undefined) : TE.left(fault))),
        ),
      ),
      TE.map(() => undefined),
    )
