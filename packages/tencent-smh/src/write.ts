// writeFile and abandonUpload: which way a file is sent, what a failure leaves behind, and replacing a file that has history.
import {
  mayHaveHappened,
  nameOf,
  parentOf,
  under,
  type DrivePath,
  type Fault,
  type Json,
  type UploadSource,
  type Written,
} from '@anydrive/core'
import {
  notFound,
  sourceFailed,
  unavailable,
  withoutEffect,
  type RequiredOperations,
  type RawResult,
} from '@anydrive/core/adapter'
import { gracePeriod, temporaryFor, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { blockSize, sendBytes } from './bytes'
import type { Smh } from './client'
import { discard } from './remove'
import { bounds, uploadPlanOf } from './settings'
import { replaceWith } from './transfer'
import { missing } from './translate'
import {
  beginUpload,
  commonState,
  confirm,
  conflictAt,
  expectedOf,
  forgotten,
  mismatch,
  readState,
  stateOf,
  type SingleState,
  type UploadState,
  type Write,
} from './upload'
import { isForgotten, resumeParts, writeParts, type Leaving } from './write-multipart'

type Result = E.Either<Failure, Written>

/** An upload in one request whose signature expires on the way is begun anew, at most this often. */
const beginnings = 3

const confirmSingle = async (smh: Smh, write: Write, state: SingleState, crc64: string): Promise<Result> => {
  const noted = await write.how.onCheckpoint(stateOf({ ...state, crc64 }))()
  return E.isLeft(noted) ? noted : confirm(smh, expectedOf(write, crc64), state.upload)()
}

const sendSingle = async (
  smh: Smh,
  write: Write,
  leaving: Leaving,
): Promise<E.Either<Failure, Written | 'expired' | 'corrupted'>> => {
  const { source, how, signal } = write
  const begun = await beginUpload(smh, write)()
  if (E.isLeft(begun)) return begun
  if (begun.right.status === 'placed') return E.right(begun.right.written)
  const { upload } = begun.right
  leaving.upload = upload.confirmKey
  const state: SingleState = { kind: 'single', ...commonState(write, upload.confirmKey) }
  const noted = await how.onCheckpoint(stateOf(state))()
  if (E.isLeft(noted)) return noted
  const { headers } = upload
  if (headers === null || headers === undefined) return E.left(withoutEffect(missing('headers', 'signed headers')))
  const span = { start: 0, end: source.size }
  const target = { ...upload, headers }
  const stored = await sendBytes(smh, { target, source, span, onBytes: how.onProgress, signal })()
  if (E.isLeft(stored)) return stored
  return stored.right.status === 'stored'
    ? confirmSingle(smh, write, state, stored.right.crc64)
    : E.right(stored.right.status)
}

const writeSingle = async (smh: Smh, write: Write, leaving: Leaving): Promise<Result> => {
  let last: Fault = mismatch
  for (let n = 1; n <= beginnings; n++) {
    const sent = await sendSingle(smh, write, leaving)
    if (E.isRight(sent)) {
      if (typeof sent.right !== 'string') return E.right(sent.right)
      last =
        sent.right === 'corrupted'
          ? mismatch
          : unavailable({ effect: 'none', said: 'the signatures expire before the bytes are sent' })
    } else if (!isForgotten(sent.left) || n === beginnings) return sent
  }
  return E.left(last)
}

/** Where all bytes have been sent, only the confirmation is repeated; otherwise the upload is begun anew. */
const resumeSingle = async (smh: Smh, write: Write, state: SingleState, leaving: Leaving): Promise<Result> => {
  if (state.crc64 !== undefined) {
    leaving.upload = state.upload
    const confirmed = await confirm(smh, expectedOf(write, state.crc64), state.upload)()
    if (E.isRight(confirmed) || !isForgotten(confirmed.left)) return confirmed
    return E.left(await forgotten(smh, write, state.crc64, confirmed.left))
  }
  await smh.repeated(write.signal, smh.api.abortUpload(state.upload, write.signal))()
  return writeSingle(smh, write, leaving)
}

// What a failure leaves behind

/** Resuming does not remedy these. */
const isHopeless = ({ _tag }: Failure): boolean =>
  _tag === 'ChecksumMismatch' || _tag === 'Rejected' || _tag === 'SourceFailed'
const isGone = (fault: Failure): boolean => isForgotten(fault) || fault.code === 'UploadComplete'

/** Frees an upload; one that is gone already is done. */
export const abort = (smh: Smh, upload: string, signal: AbortSignal): RawResult<void> =>
  pipe(
    smh.repeated(signal, smh.api.abortUpload(upload, signal)),
    TE.orElse((fault): RawResult<unknown> => (isGone(fault) ? TE.right(undefined) : TE.left(fault))),
    TE.map(() => undefined),
  )

/** An upload that will not be resumed is freed. Where the confirmation may have happened nothing is freed: the file may exist. */
const tidied = async (
  smh: Smh,
  { how }: Write,
  { upload: its, isUnknown = false }: Leaving,
  fault: Failure,
): Promise<Result> => {
  const keeps = mayHaveHappened(fault) || (how.keepsState && !isUnknown && !isHopeless(fault))
  if (its === undefined || keeps) return E.left(fault)
  // The caller's signal may be what ended the upload.
  const freed = await abort(smh, its, AbortSignal.timeout(gracePeriod))()
  if (E.isLeft(freed)) smh.log({ name: 'upload not freed', fault: freed.left._tag })
  return E.left(fault)
}

/** Only files have a content type, and only afterwards; failing to set it fails nothing. */
const withContentType = async (smh: Smh, { how, signal }: Write, written: Written): Promise<Written> => {
  const { contentType } = how
  if (contentType === undefined || contentType === written.contentType) return written
  const set = await smh.repeated(signal, smh.api.updateAttributes(written.path, { contentType }, signal))()
  if (E.isRight(set)) return { ...written, contentType }
  smh.log({ name: 'content-type not set', fault: set.left._tag })
  return written
}

const misfit = (state: UploadState, path: DrivePath, source: UploadSource): Fault | undefined => {
  if (state.path !== path) return notFound({ what: 'upload' })
  if (state.size === source.size) return undefined
  return sourceFailed({ reason: source.size < state.size ? 'shorter' : 'longer' })
}

const resume = async (smh: Smh, write: Write, json: Json, leaving: Leaving): Promise<Result> => {
  const state = readState(json)
  if (E.isLeft(state)) return state
  const fault = misfit(state.right, write.path, write.source)
  if (fault !== undefined) return E.left(fault)
  return state.right.kind === 'single'
    ? resumeSingle(smh, write, state.right, leaving)
    : resumeParts(smh, write, state.right, leaving)
}

/** An upload in one request cannot be renewed in a private deployment: there files of every size go in parts. */
const writeNew = async (smh: Smh, write: Write, leaving: Leaving): Promise<Result> => {
  const { size } = write.source
  const isPrivate = smh.deployment.known('parts') === 'private'
  if (!isPrivate && size <= uploadPlanOf(smh.settings).singleUpTo) return writeSingle(smh, write, leaving)
  const conflict = isPrivate && size >= blockSize ? await conflictAt(smh, expectedOf(write)) : undefined
  if (conflict !== undefined) return E.left(conflict)
  return writeParts(smh, write, leaving)
}

const upload = async (smh: Smh, write: Write): Promise<Result> => {
  const leaving: Leaving = { upload: undefined }
  const state = write.how.resume
  const result = await (state === undefined ? writeNew(smh, write, leaving) : resume(smh, write, state, leaving))
  return E.isRight(result)
    ? E.right(await withContentType(smh, write, result.right))
    : tidied(smh, write, leaving, result.left)
}

/** SMH refuses to replace this file: the new one is uploaded under a temporary name, and replaces it by renames. */
const replace = async (smh: Smh, write: Write): Promise<Result> => {
  const { path, how, signal } = write
  const incoming = under(parentOf(path), temporaryFor(path, 'new', bounds.name) as DrivePath)
  const uploaded = await upload(smh, {
    ...write,
    path: incoming,
    how: { ...how, conflict: 'overwrite', resume: undefined },
  })
  if (E.isLeft(uploaded)) return uploaded
  const placed = await replaceWith(smh, { path: incoming, inode: uploaded.right.id }, path, signal)()
  if (E.isRight(placed)) return E.right({ ...uploaded.right, ...placed.right, name: nameOf(path) })
  if (!mayHaveHappened(placed.left)) await discard(smh, incoming, AbortSignal.timeout(gracePeriod))()
  return placed
}

export const writeFile =
  (smh: Smh): RequiredOperations['writeFile'] =>
  (path, source, how, { signal }) =>
  async () => {
    const write: Write = { path, source, how, signal }
    const written = await upload(smh, write)
    const isForbiddenByHistory = E.isLeft(written) && written.left.code === 'OverwriteFileNotAllowed'
    return isForbiddenByHistory && how.conflict === 'overwrite' ? replace(smh, write) : written
  }

export const abandonUpload =
  (smh: Smh): RequiredOperations['abandonUpload'] =>
  (state, { signal }) =>
    pipe(
      TE.fromEither(readState(state)),
      TE.flatMap(({ upload: its }) => abort(smh, its, signal)),
    )
