// An upload in parts: begun or resumed, sent several parts at a time with credentials that are renewed in time, then confirmed.
import { combineCrc64 } from '@anydrive/checksums'
import type { ByteSpan, Written } from '@anydrive/core'
import { checksumMismatch, onAbort, unavailable, withoutEffect, type RawResult } from '@anydrive/core/adapter'
import { mapLimit, singleFlight, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Smh } from './client'
import { hashesOf, invisible, sendBytes, type Destination } from './bytes'
import { partSizeFor, uploadPlanOf } from './settings'
import { generationIn, missing, toDate, toSize } from './translate'
import {
  beginUpload,
  commonState,
  confirm,
  confirmedBefore,
  conflictAt,
  expectedOf,
  forgotten,
  stateOf,
  statusOf,
  type MultipartState,
  type Write,
} from './upload'
import type { UploadStatus, UploadTarget } from './wire'

/** The key of the upload that a failure leaves behind. */
export interface Leaving {
  upload: string | undefined
  /** No checkpoint names it, so it cannot be resumed. */
  isUnknown?: boolean
}

/** The service does not know the upload. */
export const isForgotten = (fault: Failure): boolean => fault._tag === 'NotFound' && fault.what === 'upload'

type Step<A> = Promise<E.Either<Failure, A>>

const emptyCrc64 = '0000000000000000'
type Cut = Pick<MultipartState, 'size' | 'partSize'>
const countParts = ({ size, partSize }: Cut): number => Math.max(1, Math.ceil(size / partSize))
const partsOf = (cut: Cut): ReadonlyArray<number> => Array.from({ length: countParts(cut) }, (_, i) => i + 1)
/** Parts are counted from 1. */
const spanOf = ({ size, partSize }: MultipartState, part: number): ByteSpan => ({
  start: (part - 1) * partSize,
  end: Math.min(size, part * partSize),
})

/** What is known before anything is sent: the checksums of parts past the checkpoint that the service has already. */
interface Known {
  readonly target: UploadTarget | undefined
  readonly checksums: ReadonlyMap<number, string>
}

// Credentials

/** Credentials are renewed this long before they expire, in milliseconds, or after three quarters of their life. */
const longestMargin = 300_000

/** Parts that one request asks headers for; a private deployment was seen to answer 51. */
const partsAtOnce = 50

const renew = (smh: Smh, upload: string, parts: ReadonlyArray<number>, signal: AbortSignal): RawResult<UploadTarget> =>
  invisible(
    smh.repeated(
      signal,
      smh.deployment.ask('parts', {
        signal,
        send: (generation) =>
          smh.api.renewUpload(upload, generation === 'private' ? { partNumberRange: parts } : {}, signal),
        shows: generationIn,
      }),
    ),
  )

/** What sends a part until it expires; parts with the same credentials share one object. */
interface Credentials extends Destination {
  readonly expiresAt: number
  readonly margin: number
}

/** `pending`: the parts to be sent, in this order. */
const credentialsOf = (
  smh: Smh,
  upload: string,
  first: UploadTarget | undefined,
  pending: ReadonlyArray<number>,
  signal: AbortSignal,
) => {
  const { now } = smh.timers
  const renewals = singleFlight<undefined>()
  const ofPart = new Map<string, Credentials>()
  let ofAll: Credentials | undefined
  let uploadId: UploadTarget['uploadId']
  const take = (target: UploadTarget): void => {
    const { domain, path, headers, parts, expiration } = target
    const expiresAt = toDate(expiration)?.getTime() ?? Infinity
    uploadId = target.uploadId ?? uploadId
    const common = { domain, path, uploadId, expiresAt, margin: Math.min(longestMargin, (expiresAt - now()) / 4) }
    if (headers !== null && headers !== undefined) {
      ofAll = { ...common, headers }
      ofPart.clear()
    }
    for (const [part, its] of Object.entries(parts ?? {})) ofPart.set(part, { ...common, headers: its.headers })
  }
  const held = (part: number): Credentials | undefined => ofPart.get(String(part)) ?? ofAll
  /** Parts whose headers are requested together. */
  const windowOf = (part: number): ReadonlyArray<number> => {
    const start = Math.floor(pending.indexOf(part) / partsAtOnce) * partsAtOnce
    return start < 0 ? [part] : pending.slice(start, start + partsAtOnce)
  }
  if (first !== undefined) take(first)
  /** `refused`: the credentials that the store did not accept; those renewed meanwhile are used without asking again. */
  return (part: number, refused?: Credentials): RawResult<Credentials> =>
    async () => {
      const current = held(part)
      const isUsable = current !== undefined && current !== refused && current.expiresAt - now() > current.margin
      if (isUsable) return E.right(current)
      const parts = windowOf(part)
      const flight = ofAll === undefined ? String(parts[0]) : 'all'
      const renewed = await renewals(flight, signal, (its) =>
        pipe(
          renew(smh, upload, parts, its),
          TE.map((target) => {
            take(target)
            return undefined
          }),
        ),
      )()
      if (E.isLeft(renewed)) return renewed
      const fresh = held(part)
      return fresh === undefined || fresh === current
        ? E.left(withoutEffect(missing(`parts.${part}.headers`, 'signed headers')))
        : E.right(fresh)
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
  const checkpoints = checkpointsOf(write, state, known.checksums)
  const pending = partsOf(state).filter((part) => !checkpoints.has(part))
  const credentials = credentialsOf(smh, state.upload, known.target, pending, signal)
  const bytes = pending.reduce((sum, part) => sum + spanOf(state, part).end - spanOf(state, part).start, 0)
  const progress = progressOf(how.onProgress, state.size - bytes)
  let failure: Failure | undefined

  const sendPart = async (part: number): Step<void> => {
    let refused: Credentials | undefined
    let last: Failure = expiring
    for (let repetition = 0; repetition <= repetitions; repetition++) {
      const target = await credentials(part, refused)()
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
  return E.map(() => checkpoints.crc64())(await credentials(pending.at(-1) ?? 1)())
}

const sendAndConfirm = async (smh: Smh, write: Write, state: MultipartState, known: Known): Step<Written> => {
  const sent = await sendParts(smh, write, state, known)
  return E.isLeft(sent) ? sent : confirm(smh, expectedOf(write, sent.right), state.upload)()
}

export const writeParts = async (smh: Smh, write: Write, leaving: Leaving): Step<Written> => {
  const { source, how } = write
  const partSize = partSizeFor(source.size, uploadPlanOf(smh.settings))
  const parts = partsOf({ size: source.size, partSize })
  const wasPrivate = smh.deployment.known('parts') === 'private'
  const begun = await beginUpload(smh, write, parts.slice(0, partsAtOnce))()
  if (E.isLeft(begun)) return begun
  if (begun.right.status === 'placed') return E.right(begun.right.written)
  const { upload } = begun.right
  leaving.upload = upload.confirmKey
  const { headers } = upload
  const isNewlyPrivate = !wasPrivate && (headers === null || headers === undefined)
  const conflict = isNewlyPrivate ? await conflictAt(smh, expectedOf(write)) : undefined
  if (conflict !== undefined) {
    leaving.isUnknown = true
    return E.left(conflict)
  }
  const state: MultipartState = {
    kind: 'multipart',
    ...commonState(write, upload.confirmKey),
    ...{ partSize, through: 0, crc64: emptyCrc64 },
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
  const status = await invisible(statusOf(smh, noted.upload, signal))()
  if (E.isLeft(status)) {
    const wasSent = isForgotten(status.left) && noted.through === countParts(noted)
    return wasSent ? E.left(await forgotten(smh, write, noted.crc64, status.left)) : status
  }
  if (status.right.confirmed) {
    const hashes = await hashesOf(source, { start: 0, end: source.size }, signal)
    return E.isLeft(hashes) ? hashes : confirmedBefore(smh, expectedOf(write, hashes.right.crc64), noted.upload)()
  }
  leaving.upload = noted.upload
  const present = presentIn(status.right, noted)
  const isWhole = partsOf(noted).every((part) => part > noted.through || present.has(part))
  const state: MultipartState = isWhole ? noted : { ...noted, through: 0, crc64: emptyCrc64 }
  const checksums = await checksumsOf(write, state, present)
  if (E.isLeft(checksums)) return checksums
  const target = status.right.uploadPartInfo ?? undefined
  return sendAndConfirm(smh, write, state, { target, checksums: checksums.right })
}
