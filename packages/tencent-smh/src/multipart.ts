// An upload in parts: begun or taken up again, sent, confirmed with the checksum that the parts' own combine to.
import { createDigests } from '@anydrive/checksums'
import { indeterminate, type Answered, type DriveError, type Fault, type Written } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Asked } from './api'
import { beginUpload, type Write } from './begin'
import { confirm, confirmedAt, placedInstantly } from './confirm'
import type { Smh } from './context'
import { readThrough } from './instant'
import { countParts, emptyCrc64, sendParts, spanOf, type Known } from './parts'
import { invisible } from './sending'
import { partSizeFor, uploadPlanOf } from './settings'
import type { Leaving } from './single'
import { toPath, toSize } from './translate'
import { stateOf, type MultipartState } from './upload-state'
import type { UploadStatus, UploadTarget } from './wire'

type Bad = Fault | DriveError

const sentAndConfirmed =
  (smh: Smh, write: Write, state: MultipartState, known: Known): Answered<Written> =>
  async () => {
    const sent = await invisible(sendParts(smh, write, state, known) as Asked<string>)()
    return E.isLeft(sent) ? sent : confirm(smh, write, state.upload, sent.right)()
  }

export const writeParts =
  (smh: Smh, write: Write, leaving: Leaving): Answered<Written> =>
  async () => {
    const { path, source, how } = write
    const begun = await beginUpload(smh, write, true)()
    if (E.isLeft(begun)) return begun
    if (begun.right.status === 'placed') return placedInstantly(smh, write, begun.right.file, begun.right.crc64)()
    const { upload } = begun.right
    leaving.upload = upload.confirmKey
    const state: MultipartState = {
      kind: 'multipart',
      upload: upload.confirmKey,
      path,
      size: source.size,
      conflict: how.conflict,
      partSize: partSizeFor(source.size, uploadPlanOf(smh.settings)),
      through: 0,
      crc64: emptyCrc64,
    }
    const noted = await how.onCheckpoint(stateOf(state))()
    if (E.isLeft(noted)) return noted
    return sentAndConfirmed(smh, write, state, { target: upload, checksums: new Map() })()
  }

/** Numbers of the parts that the service holds whole. */
const presentIn = (status: UploadStatus, state: MultipartState): ReadonlySet<number> =>
  new Set(
    (status.parts ?? [])
      .filter(({ PartNumber: n, Size }) => {
        const { start, end } = spanOf(state, n)
        return n <= countParts(state) && toSize(Size) === end - start
      })
      .map(({ PartNumber }) => PartNumber),
  )

/** Parts whose checksum no checkpoint noted are read once more, not sent. */
const checksumsOf = async (
  write: Write,
  state: MultipartState,
  present: ReadonlySet<number>,
): Promise<E.Either<Bad, ReadonlyMap<number, string>>> => {
  const checksums = new Map<number, string>()
  for (const part of [...present].filter((n) => n > state.through)) {
    const digests = createDigests(['crc64xz'])
    const read = await readThrough(write.source, spanOf(state, part), digests.update, write.signal)()
    if (E.isLeft(read)) return read
    checksums.set(part, digests.digest().crc64xz)
  }
  return E.right(checksums)
}

const confirmedAlready =
  (smh: Smh, write: Write, status: UploadStatus): Asked<Written> =>
  async () => {
    const at = status.path === null || status.path === undefined ? E.right(write.path) : toPath(status.path)
    if (E.isLeft(at)) return at
    const seen = await confirmedAt(smh, write, at.right, undefined)()
    if (E.isLeft(seen)) return seen
    return typeof seen.right === 'string' ? E.left(indeterminate({ check: `/${at.right}` })) : seen.right
  }

export const resumeParts =
  (smh: Smh, write: Write, noted: MultipartState, leaving: Leaving): Answered<Written> =>
  async () => {
    const { signal } = write
    const status = await invisible(smh.api.uploadStatus(noted.upload, signal))()
    if (E.isLeft(status)) return status
    if (status.right.confirmed) return confirmedAlready(smh, write, status.right)()
    leaving.upload = noted.upload
    const present = presentIn(status.right, noted)
    const whole = Array.from({ length: noted.through }, (_, i) => i + 1).every((part) => present.has(part))
    const state: MultipartState = whole ? noted : { ...noted, through: 0, crc64: emptyCrc64 }
    const checksums = await checksumsOf(write, state, present)
    if (E.isLeft(checksums)) return checksums
    const told = status.right.uploadPartInfo
    const target: E.Either<Fault, UploadTarget> =
      told === null || told === undefined ? await smh.api.renewUpload(noted.upload, signal)() : E.right(told)
    return E.isLeft(target)
      ? target
      : sentAndConfirmed(smh, write, state, { target: target.right, checksums: checksums.right })()
  }
