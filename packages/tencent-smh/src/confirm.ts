// The end of an upload: confirmed with the checksum of what was sent, once, and compared with what SMH then tells.
import {
  checksumMismatch,
  nameOf,
  notFound,
  taskFailed,
  type DrivePath,
  type Evidence,
  type Fault,
  type FileEntry,
  type Written,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Asked } from './api'
import { namedConflict, type Write } from './begin'
import type { Smh } from './context'
import { once, type Seen } from './once'
import { callerTimes, fileWord, fromCrc64, toCrc64, toFileEntry, toPath, toSize } from './translate'
import type { Segments, Uploaded } from './wire'

export const mismatch: Fault = checksumMismatch({ algorithm: 'crc64xz' })

const given = (file: Uploaded): Uploaded =>
  Object.fromEntries(Object.entries(file).filter(([, value]) => value !== null))

/** `path: null`: the directory vanished meanwhile and the file cannot be reached (docs/wire/tencent-smh.md, confirm). */
const finalPath = (asked: DrivePath, path: Segments | null | undefined): E.Either<Fault, DrivePath> => {
  if (path === null) return E.left(notFound({ what: 'parent' }))
  return path === undefined ? E.right(asked) : toPath(path)
}

/** What SMH tells of the file must be what was sent; what it does not tell is taken as sent. */
const writtenOf = (
  write: Write,
  file: Uploaded,
  crc64: string | undefined,
  evidence: Evidence,
): E.Either<Fault, Written> => {
  const size = toSize(file.size) ?? write.source.size
  const told = toCrc64(file.crc64)
  if (size !== write.source.size || (crc64 !== undefined && told !== undefined && told !== crc64))
    return E.left(mismatch)
  return pipe(
    finalPath(write.path, file.path),
    E.flatMap((path) => toFileEntry(path, { ...callerTimes(write.how), ...given(file), size })),
    E.map((entry): Written => ({
      ...entry,
      how: entry.path === write.path ? 'as-asked' : 'renamed',
      ...(typeof file.isOverwritten === 'boolean' ? { replaced: file.isOverwritten } : {}),
      evidence,
    })),
  )
}

const foundAt = (write: Write, entry: FileEntry, evidence: Evidence): Written => ({
  ...entry,
  how: entry.path === write.path ? 'as-asked' : 'renamed',
  evidence,
})

const checked: Evidence = 'vendor-checked:crc64xz'

/** Of a confirmed upload whose answer was lost: the file at its path, if it holds what was sent. */
export const confirmedAt = (smh: Smh, write: Write, path: DrivePath, crc64: string | undefined): Asked<Seen<Written>> =>
  pipe(
    smh.looks.find(path, write.signal),
    TE.map((found): Seen<Written> => {
      const same =
        found?.kind === 'file' &&
        found.size === write.source.size &&
        (crc64 === undefined || found.checksums.crc64xz === crc64)
      return same ? E.right(foundAt(write, found, checked)) : 'unknown'
    }),
  )

/** The upload's status says whether it was confirmed; once it is forgotten, the file itself does. */
const statusSeen = (smh: Smh, write: Write, upload: string, crc64: string): Asked<Seen<Written>> =>
  pipe(
    smh.api.uploadStatus(upload, write.signal),
    TE.map((status) => (status.confirmed ? (status.path ?? undefined) : 'absent')),
    TE.orElse((fault): Asked<Segments | 'absent' | undefined> =>
      fault._tag === 'NotFound' ? TE.right(undefined) : TE.left(fault),
    ),
    TE.flatMap((path): Asked<Seen<Written>> => {
      if (path === 'absent') return TE.right('absent')
      const at = path === undefined ? E.right(write.path) : toPath(path)
      return E.isLeft(at) ? TE.left(at.left) : confirmedAt(smh, write, at.right, crc64)
    }),
  )

/** 409 `UploadComplete`: it was confirmed before, by a call whose answer was lost, perhaps in another process. */
const confirmedBefore =
  (smh: Smh, write: Write, upload: string, crc64: string) =>
  (fault: Fault): Asked<Written> =>
    fault.code === 'UploadComplete'
      ? pipe(
          statusSeen(smh, write, upload, crc64),
          TE.flatMap((seen) => (typeof seen === 'string' ? TE.left(taskFailed()) : TE.fromEither(seen))),
        )
      : TE.left(fault)

/** Files alone take a content type, and only afterwards; it is a wish, whose failure fails nothing. */
const withContentType =
  (smh: Smh, { how, signal }: Write) =>
  (written: Written): Asked<Written> => {
    const { contentType } = how
    return contentType === undefined || contentType === written.contentType
      ? TE.right(written)
      : pipe(
          smh.api.setContentType(written.path, contentType, signal),
          TE.match(
            (fault) => {
              smh.log({ name: 'content-type not set', fault: fault._tag })
              return written
            },
            () => ({ ...written, contentType }),
          ),
          TE.fromTask,
        )
  }

export const confirm = (smh: Smh, write: Write, upload: string, crc64: string): Asked<Written> => {
  const { path, how, signal } = write
  const body = { crc64: fromCrc64(crc64), ...callerTimes(how) }
  return pipe(
    once<Written>(smh, {
      call: () =>
        pipe(
          smh.api.confirmUpload(upload, fileWord(how.conflict), body, signal),
          TE.flatMapEither((file) => writtenOf(write, file, crc64, checked)),
          TE.orElse(confirmedBefore(smh, write, upload, crc64)),
        ),
      look: statusSeen(smh, write, upload, crc64),
      check: `/${path}, and names like ${JSON.stringify(nameOf(path))} beside it`,
      signal,
    }),
    TE.orElseW(namedConflict(smh, path, signal)),
    TE.flatMap(withContentType(smh, write)),
  )
}

/** The content was there already: SMH compared SHA-256, and tells the checksum of what it holds. */
export const placedInstantly = (smh: Smh, write: Write, file: Uploaded, crc64: string | undefined): Asked<Written> =>
  pipe(
    TE.fromEither(writtenOf(write, file, crc64, crc64 === undefined ? 'size' : 'vendor-reported:crc64xz')),
    TE.flatMap(withContentType(smh, write)),
  )
