// An upload in parts: begun or resumed, sent several parts at a time with credentials that are renewed in time, then confirmed.
import { combineCrc64 } from '@anydrive/checksums'
import { checksumMismatch, onAbort, unavailable, type RawResult, type ByteSpan, type Written } from '@anydrive/core'
import { mapLimit, singleFlight, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Smh } from './client'
import { hashesOf, invisible, sendBytes } from './bytes'
import { partSizeFor, uploadPlanOf } from './settings'
import { toDate, toSize } from './translate'
import { beginUpload, commonState, confirm, confirmedBefore, stateOf, type MultipartState, type Write } from './upload'
import type { UploadStatus, UploadTarget } from './wire'

/** The key of the upload that a failure leaves behind. */
export interface Leaving {
  upload: string | undefined
}

type Step<A> = Promise<E.Either<Failure, A>>

const emptyCrc64 = '0000000000000000'
const countParts = ({ size, partSize }: MultipartState): number => Math.max(1, Math.ceil(size / partSize))
const partsOf = (state: MultipartState): ReadonlyArray<number> =>
  Array.from({ length: countParts(state) }, (_, i) => i + 1)
/** Parts are counted from 1. */
const spanOf = ({ size, partSize }: MultipartState, part: number): ByteSpan => ({
  start: (part - 1) * partSize,
  end: Math.min(size, part * partSize),
})

/** What is known before anything is sent: the checksums of parts past the checkpoint that the service has already. */
interface Known {
  readonly target: UploadTarget
  readonly checksums: ReadonlyMap<number, string>
}

// Credentials

/** Credentials are renewed this long before they expire, in milliseconds, or after three quarters of their life. */
const longestMargin = 300_000

const renew = (smh: Smh, upload: string, signal: AbortSignal): RawResult<UploadTarget> =>
  invisible(smh.repeated(signal, smh.api.renewUpload(upload, signal)))

const credentialsOf = (smh: Smh, upload: string, first: UploadTarget, signal: AbortSignal) => {
  const lifeOf = ({ expiration }: UploadTarget) => (toDate(expiration)?.getTime() ?? Infinity) - smh.timers.now()
  const renewals = singleFlight<UploadTarget>()
  let target = first
  let margin = Math.min(longestMargin, lifeOf(first) / 4)
  /** `refused`: the credentials that the store did not accept; those renewed meanwhile are used without asking again. */
  return (refused?: UploadTarget): RawResult<UploadTarget> => {
    if (target !== refused && lifeOf(target) > margin) return TE.right(target)
    return renewals(upload, signal, (its) =>
      pipe(
        renew(smh, upload, its),
        TE.map((renewed) => {
          target = { ...renewed, uploadId: renewed.uploadId ?? target.uploadId }
          margin = Math.min(longestMargin, lifeOf(target) / 4)
          return target
        }),
      ),
    )
  }
}

/** Bytes of all parts together; a part that is sent again is counted anew. */
const progressOf = (onProgress: (bytes: number) => void, already: number) => {
  let total = already
  const byPart = new Map<number, number>()
  return (part: number) => (bytes: number) => {
    total += bytes - (byPart.get(part) ?? 0)
    byPart.set(part, bytes)
    onProgress(total)
  }
}

/** The checkpoint advances over the first parts that are complete without a gap; checkpoints are written one after the other. */
const checkpointsOf = (write: Write, from: MultipartState, known: ReadonlyMap<number, string>) => {
  const checksums = new Map(known)
  let state = from
  let last: Step<void> = Promise.resolve(E.right(undefined))
  const advance = (): boolean => {
    const before = state.through
    for (let part = before + 1; ; part++) {
      const crc64 = checksums.get(part)
      if (crc64 === undefined) return state.through > before
      const { start, end } = spanOf(state, part)
      state = { ...state, through: part, crc64: combineCrc64(state.crc64, crc64, end - start) }
      checksums.delete(part)
    }
  }
  advance()
  return {
    has: (part: number): boolean => part <= state.through || checksums.has(part),
    crc64: (): string => state.crc64,
    complete: (part: number, crc64: string): Step<void> => {
      checksums.set(part, crc64)
      if (!advance()) return last
      const next = stateOf(state)
      last = last.then((before) => (E.isLeft(before) ? before : write.how.onCheckpoint(next)()))
      return last
    },
  }
}

// Sending

/** How often a part is sent again, after its credentials expired or the store reported other bytes. */
const repetitions = 3
const expiring = unavailable({
  effect: 'none',
  said: 'the signatures for the upload expire as soon as they are renewed',
})

/** Right: the checksum of the whole. A left has ended all parts that were being sent. */
const sendParts = async (smh: Smh, write: Write, state: MultipartState, known: Known): Step<string> => {
  const { source, how } = write
  const controller = new AbortController()
  const { signal } = controller
  const stop = (): void => controller.abort()
  const forget = onAbort(write.signal, stop)
  const credentials = credentialsOf(smh, state.upload, known.target, signal)
  const checkpoints = checkpointsOf(write, state, known.checksums)
  const pending = partsOf(state).filter((part) => !checkpoints.has(part))
  const bytes = pending.reduce((sum, part) => sum + spanOf(state, part).end - spanOf(state, part).start, 0)
  const progress = progressOf(how.onProgress, state.size - bytes)
  let failure: Failure | undefined

  const sendPart = async (part: number): Step<void> => {
    let refused: UploadTarget | undefined
    let last: Failure = expiring
    for (let repetition = 0; repetition <= repetitions; repetition++) {
      const target = await credentials(refused)()
      if (E.isLeft(target)) return target
      const sending = { target: target.right, source, span: spanOf(state, part), part, onBytes: progress(part), signal }
      const stored = await sendBytes(smh, sending)()
      if (E.isLeft(stored)) return stored
      if (stored.right.status === 'stored') return checkpoints.complete(part, stored.right.crc64)
      const expired = stored.right.status === 'expired'
      last = expired ? expiring : checksumMismatch({ algorithm: 'crc64xz' })
      refused = expired ? target.right : undefined
    }
    return E.left(last)
  }
  await mapLimit(pending, uploadPlanOf(smh.settings).parallel, async (part) => {
    if (failure !== undefined) return
    const sent = await sendPart(part)
    if (E.isRight(sent)) return
    failure ??= sent.left
    stop()
  })
  forget()
  if (failure !== undefined) return E.left(failure)
  // The confirmation must come before the credentials expire.
  return E.map(() => checkpoints.crc64())(await credentials()())
}

const sendAndConfirm = async (smh: Smh, write: Write, state: MultipartState, known: Known): Step<Written> => {
  const sent = await sendParts(smh, write, state, known)
  return E.isLeft(sent) ? sent : confirm(smh, write, state.upload, sent.right)()
}

export const writeParts = async (smh: Smh, write: Write, leaving: Leaving): Step<Written> => {
  const { source, how } = write
  const begun = await beginUpload(smh, write, true)()
  if (E.isLeft(begun)) return begun
  if (begun.right.status === 'placed') return E.right(begun.right.written)
  const { upload } = begun.right
  leaving.upload = upload.confirmKey
  const state: MultipartState = {
    kind: 'multipart',
    ...commonState(write, upload.confirmKey),
    partSize: partSizeFor(source.size, uploadPlanOf(smh.settings)),
    through: 0,
    crc64: emptyCrc64,
  }
  const noted = await how.onCheckpoint(stateOf(state))()
  if (E.isLeft(noted)) return noted
  return sendAndConfirm(smh, write, state, { target: upload, checksums: new Map() })
}

// Resuming

/** Numbers of the parts that the service has completely. */
const presentIn = (status: UploadStatus, state: MultipartState): ReadonlySet<number> =>
  new Set(
    (status.parts ?? [])
      .filter(({ PartNumber: n, Size }) => {
        const { start, end } = spanOf(state, n)
        return n <= countParts(state) && toSize(Size) === end - start
      })
      .map(({ PartNumber }) => PartNumber),
  )

/** Parts whose checksum is in no checkpoint are read once more, not sent. */
const checksumsOf = async (
  { source, signal }: Write,
  state: MultipartState,
  present: ReadonlySet<number>,
): Step<ReadonlyMap<number, string>> => {
  const checksums = new Map<number, string>()
  for (const part of [...present].filter((n) => n > state.through)) {
    const hashes = await hashesOf(source, spanOf(state, part), signal)
    if (E.isLeft(hashes)) return hashes
    checksums.set(part, hashes.right.crc64)
  }
  return E.right(checksums)
}

export const resumeParts = async (smh: Smh, write: Write, noted: MultipartState, leaving: Leaving): Step<Written> => {
  const { source, signal } = write
  const status = await invisible(smh.api.uploadStatus(noted.upload, signal))()
  if (E.isLeft(status)) return status
  if (status.right.confirmed) {
    const hashes = await hashesOf(source, { start: 0, end: source.size }, signal)
    return E.isLeft(hashes) ? hashes : confirmedBefore(smh, write, noted.upload, hashes.right.crc64)()
  }
  leaving.upload = noted.upload
  const present = presentIn(status.right, noted)
  const isWhole = partsOf(noted).every((part) => part > noted.through || present.has(part))
  const state: MultipartState = isWhole ? noted : { ...noted, through: 0, crc64: emptyCrc64 }
  const checksums = await checksumsOf(write, state, present)
  if (E.isLeft(checksums)) return checksums
  const theirs = status.right.uploadPartInfo
  const target = theirs === null || theirs === undefined ? await renew(smh, noted.upload, signal)() : E.right(theirs)
  return E.isLeft(target)
    ? target
    : sendAndConfirm(smh, write, state, { target: target.right, checksums: checksums.right })
}
