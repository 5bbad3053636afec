// An upload of one request: begin, put, confirm.
import { unavailable, type Answered, type DriveError, type Fault, type Written } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { beginUpload, type Write } from './begin'
import { confirm, mismatch, placedInstantly } from './confirm'
import type { Smh } from './context'
import { invisible, sendBytes } from './sending'
import { stateOf, type SingleState } from './upload-state'

/** Signatures that expire while the bytes are on their way are replaced by a new upload, so often. */
const beginnings = 3

/** What a failure leaves behind. */
export interface Leaving {
  upload: string | undefined
}

const sentAnew =
  (smh: Smh, write: Write, leaving: Leaving): Answered<Written | 'expired' | 'spoiled'> =>
  async () => {
    const { path, source, how, signal } = write
    const begun = await beginUpload(smh, write, false)()
    if (E.isLeft(begun)) return begun
    if (begun.right.status === 'placed') return placedInstantly(smh, write, begun.right.file, begun.right.crc64)()
    const { upload } = begun.right
    leaving.upload = upload.confirmKey
    const state: SingleState = {
      kind: 'single',
      upload: upload.confirmKey,
      path,
      size: source.size,
      conflict: how.conflict,
    }
    const noted = await how.onCheckpoint(stateOf(state))()
    if (E.isLeft(noted)) return noted
    const span = { start: 0, end: source.size }
    const sent = await invisible(sendBytes(smh, { target: upload, source, span, onBytes: how.onProgress, signal }))()
    if (E.isLeft(sent)) return sent
    if (sent.right.status !== 'sent') return E.right(sent.right.status)
    return confirmed(smh, write, { ...state, crc64: sent.right.crc64 })()
  }

/** The bytes are there. */
const confirmed =
  (smh: Smh, write: Write, state: SingleState & { readonly crc64: string }): Answered<Written> =>
  async () => {
    const noted = await write.how.onCheckpoint(stateOf(state))()
    return E.isLeft(noted) ? noted : confirm(smh, write, state.upload, state.crc64)()
  }

type Result = E.Either<Fault | DriveError, Written>

/** SMH forgets an upload whose time is over before it is confirmed. */
const isForgotten = (fault: Fault | DriveError): boolean => fault._tag === 'NotFound' && fault.what === 'upload'

export const writeSingle =
  (smh: Smh, write: Write, leaving: Leaving): Answered<Written> =>
  async (): Promise<Result> => {
    let end: Fault = unavailable()
    for (let beginning = 1; beginning <= beginnings; beginning++) {
      const written = await sentAnew(smh, write, leaving)()
      if (E.isRight(written)) {
        if (typeof written.right !== 'string') return E.right(written.right)
        end = written.right === 'spoiled' ? mismatch : unavailable({ said: 'the signatures expire before it is done' })
      } else if (!isForgotten(written.left) || beginning === beginnings) return written
    }
    return E.left(end)
  }

/** With the bytes there, only the confirmation is made up for; else it begins anew. */
export const resumeSingle = (smh: Smh, write: Write, state: SingleState, leaving: Leaving): Answered<Written> => {
  const { crc64 } = state
  if (crc64 !== undefined) {
    leaving.upload = state.upload
    return confirm(smh, write, state.upload, crc64)
  }
  return async () => {
    await smh.api.abortUpload(state.upload, write.signal)()
    return writeSingle(smh, write, leaving)()
  }
}
