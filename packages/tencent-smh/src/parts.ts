// Sending parts: several at once, each repeated as needed, with credentials that are renewed before they expire.
import { combineCrc64 } from '@anydrive/checksums'
import { checksumMismatch, unavailable, type ByteSpan, type DriveError, type Fault } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Write } from './begin'
import type { Smh } from './context'
import { sendBytes } from './sending'
import { uploadPlanOf } from './settings'
import { toDate } from './translate'
import { stateOf, type MultipartState } from './upload-state'
import type { UploadTarget } from './wire'

type Bad = Fault | DriveError

export const emptyCrc64 = '0000000000000000'
export const countParts = ({ size, partSize }: Pick<MultipartState, 'size' | 'partSize'>): number =>
  Math.max(1, Math.ceil(size / partSize))
/** Parts are counted from 1. */
export const spanOf = ({ size, partSize }: Pick<MultipartState, 'size' | 'partSize'>, part: number): ByteSpan => ({
  start: (part - 1) * partSize,
  end: Math.min(size, part * partSize),
})

/** What is known before anything is sent: of parts past the checkpoint that are there already, their checksums. */
export interface Known {
  readonly target: UploadTarget
  readonly checksums: ReadonlyMap<number, string>
}

const longestMargin = 300_000
/** Of one part, after its credentials expired or the store told of other bytes. */
const repetitions = 3
const expiring = unavailable({ said: 'the signatures for the upload expire as soon as they are renewed' })

const credentialsOf = (smh: Smh, upload: string, first: UploadTarget, signal: AbortSignal) => {
  const lifeOf = ({ expiration }: UploadTarget) => (toDate(expiration)?.getTime() ?? Infinity) - smh.now()
  let target = first
  let margin = Math.min(longestMargin, lifeOf(first) / 4)
  let flight: Promise<E.Either<Fault, UploadTarget>> | undefined
  const renew = async (): Promise<E.Either<Fault, UploadTarget>> => {
    const renewed = await smh.api.renewUpload(upload, signal)()
    flight = undefined
    if (E.isRight(renewed)) {
      target = { ...renewed.right, uploadId: renewed.right.uploadId ?? target.uploadId }
      margin = Math.min(longestMargin, lifeOf(target) / 4)
    }
    return E.map(() => target)(renewed)
  }
  /** `refused`: the target that did not do; what was renewed meanwhile is used without asking again. */
  return (refused?: UploadTarget): Promise<E.Either<Fault, UploadTarget>> => {
    const usable = target !== refused && lifeOf(target) > margin
    if (usable) return Promise.resolve(E.right(target))
    flight ??= renew()
    return flight
  }
}

/** Bytes of all parts together; a part that is sent again takes its own back first. */
const progressOf = (onProgress: (bytes: number) => void, already: number) => {
  let total = already
  const byPart = new Map<number, number>()
  return (part: number) => (bytes: number) => {
    total += bytes - (byPart.get(part) ?? 0)
    byPart.set(part, bytes)
    onProgress(total)
  }
}

/** The checkpoint moves with the first parts that are complete without a gap; notes are taken one after the other. */
const ledgerOf = (write: Write, from: MultipartState, known: ReadonlyMap<number, string>) => {
  const checksums = new Map(known)
  let state = from
  let last: Promise<E.Either<Bad, void>> = Promise.resolve(E.right(undefined))
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
    note: (part: number, crc64: string): Promise<E.Either<Bad, void>> => {
      checksums.set(part, crc64)
      if (!advance()) return last
      const noted = stateOf(state)
      last = last.then((before) => (E.isLeft(before) ? before : write.how.onCheckpoint(noted)()))
      return last
    },
  }
}

/** Right: the checksum of the whole. A left has ended all parts that were under way. */
export const sendParts =
  (smh: Smh, write: Write, state: MultipartState, known: Known): TaskEither<Bad, string> =>
  async () => {
    const { source, how } = write
    const controller = new AbortController()
    const { signal } = controller
    const stop = () => controller.abort()
    if (write.signal.aborted) stop()
    else write.signal.addEventListener('abort', stop)
    const credentials = credentialsOf(smh, state.upload, known.target, signal)
    const ledger = ledgerOf(write, state, known.checksums)
    const numbers = Array.from({ length: countParts(state) }, (_, i) => i + 1)
    const missing = numbers.filter((part) => !ledger.has(part))
    const bytesIn = (parts: ReadonlyArray<number>): number =>
      parts.reduce((sum, part) => sum + spanOf(state, part).end - spanOf(state, part).start, 0)
    const progress = progressOf(how.onProgress, state.size - bytesIn(missing))
    let failure: Bad | undefined

    const sendPart = async (part: number): Promise<E.Either<Bad, void>> => {
      let refused: UploadTarget | undefined
      let end: Fault = expiring
      for (let repetition = 0; repetition <= repetitions; repetition++) {
        const target = await credentials(refused)
        if (E.isLeft(target)) return target
        const sending = {
          target: target.right,
          source,
          span: spanOf(state, part),
          part,
          onBytes: progress(part),
          signal,
        }
        const sent = await sendBytes(smh, sending)()
        if (E.isLeft(sent)) return sent
        if (sent.right.status === 'sent') return ledger.note(part, sent.right.crc64)
        end = sent.right.status === 'spoiled' ? checksumMismatch({ algorithm: 'crc64xz' }) : expiring
        refused = sent.right.status === 'expired' ? target.right : undefined
      }
      return E.left(end)
    }
    const pending = missing.values()
    const work = async (): Promise<void> => {
      for (const part of pending) {
        if (failure !== undefined) return
        const sent = await sendPart(part)
        if (E.isLeft(sent)) {
          failure ??= sent.left
          stop()
        }
      }
    }
    const { parallel } = uploadPlanOf(smh.settings)
    await Promise.all(Array.from({ length: Math.min(parallel, missing.length) }, work))
    write.signal.removeEventListener('abort', stop)
    if (failure !== undefined) return E.left(failure)
    const fresh = await credentials()
    return E.isLeft(fresh) ? fresh : E.right(ledger.crc64())
  }
