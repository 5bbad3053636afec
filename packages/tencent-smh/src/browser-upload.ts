// Uploads whose bytes somebody else sends, such as a browser: a URL for one PUT, and the confirmation afterwards.
import {
  ConflictStrategy,
  parsePath,
  secret,
  type CallOptions,
  type ConflictOptions,
  type DrivePath,
  type FileEntry,
  type Result,
  type Secret,
  type Times,
} from '@anydrive/core'
import {
  defined,
  invalidArgument,
  limitExceeded,
  notFound,
  withoutEffect,
  type MemberDrive,
  type RawResult,
} from '@anydrive/core/adapter'
import type { Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Begun } from './api'
import { invisible, urlOf } from './bytes'
import type { Smh } from './client'
import { withExisting } from './entries'
import { bounds } from './settings'
import { callerTimes, fileWord, missing, toDate, toPath } from './translate'
import { confirm, confirmedBefore, conflictAt, statusOf, type Expected } from './upload'
import type { UploadStatus } from './wire'
import { abort } from './write'

/** Where the bytes go. Whoever has the URL and the headers can send this one file, until they expire. */
export interface SmhBeginning {
  readonly method: 'PUT'
  readonly url: Secret
  /** To be sent exactly so. */
  readonly headers: Readonly<Record<string, Secret>>
  /** The bytes must be sent and the upload confirmed before. Absent where SMH says no time. */
  readonly expiresAt?: Date
  /** For `confirmUpload` and `abortUpload`. */
  readonly confirmKey: string
}
interface BeginOptions extends CallOptions, Times, Pick<ConflictOptions, 'conflict'> {
  /** Bytes that will be sent; at most 5 GiB. */
  readonly size: number
}
interface ConfirmOptions extends CallOptions {
  /** The CRC-64/XZ of the bytes, 16 hex digits: SMH refuses other bytes, as `ChecksumMismatch`. Nothing is compared unless given. */
  readonly crc64?: string | undefined
}

export interface SmhBrowserUploads {
  /**
   * Begins an upload to this path in a directory that exists; nothing is visible before it is confirmed. `ask` unless `conflict` says otherwise:
   * `NameConflict` now, or, if the name is taken later, from `confirmUpload`.
   */
  readonly beginUpload: (path: DrivePath, options: BeginOptions) => Result<SmhBeginning>
  /**
   * Makes the bytes that were sent a file, which is also the result of a second confirmation, while SMH knows the upload. `Unavailable` while the
   * bytes are missing; `NotFound` for an upload that has expired, was aborted, or is no longer known.
   */
  readonly confirmUpload: (confirmKey: string, options?: ConfirmOptions) => Result<FileEntry>
  /** Ends an upload that will not be confirmed. The file of one that was confirmed stays. */
  readonly abortUpload: (confirmKey: string, options?: CallOptions) => Result<void>
}

const sizeFault = (size: number): Failure | undefined => {
  if (!Number.isSafeInteger(size) || size < 0)
    return invalidArgument({ argument: 'options.size', expected: 'a number of bytes' })
  return size > bounds.partMax ? limitExceeded({ limit: 'size', max: bounds.partMax }) : undefined
}

const beginningOf = (smh: Smh, begun: Begun): E.Either<Failure, SmhBeginning> => {
  if (begun.status !== 'begun') return E.left(withoutEffect(missing('confirmKey', 'an upload')))
  const { headers, expiration, confirmKey, ...target } = begun.upload
  if (headers === null || headers === undefined) return E.left(withoutEffect(missing('headers', 'signed headers')))
  return E.right({
    method: 'PUT',
    url: secret(urlOf(smh, target)),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === '' ? secret(value) : value]),
    ),
    ...defined({ expiresAt: toDate(expiration) }),
    confirmKey,
  })
}

const begin =
  (
    smh: Smh,
    path: DrivePath,
    { size, conflict = 'ask', ...times }: BeginOptions,
    signal: AbortSignal,
  ): RawResult<SmhBeginning> =>
  async () => {
    const isPrivate = smh.deployment.known('parts') === 'private'
    const taken = isPrivate ? await conflictAt(smh, { path, conflict, signal }) : undefined
    if (taken !== undefined) return E.left(taken)
    const request = { path, strategy: fileWord(conflict), size, multipart: false, body: callerTimes(times) }
    return pipe(
      invisible(smh.repeated(signal, smh.api.beginUpload(request, signal))),
      TE.flatMapEither((begun) => beginningOf(smh, begun)),
      withExisting(smh, path, signal),
    )()
  }

/** What SMH keeps of the upload says where the file is to be, and what happens if the name is taken. */
const expectedBy = (
  { path, conflictResolutionStrategy: conflict }: UploadStatus,
  crc64: string | undefined,
  signal: AbortSignal,
): E.Either<Failure, Expected> => {
  if (path === null || path === undefined) return E.left(withoutEffect(missing('path', 'the path of the upload')))
  if (!ConflictStrategy.is(conflict))
    return E.left(withoutEffect(missing('conflictResolutionStrategy', ConflictStrategy.name)))
  return E.map((at: DrivePath): Expected => ({ path: at, conflict, signal, ...defined({ crc64 }) }))(toPath(path))
}

const confirmed = (
  smh: Smh,
  confirmKey: string,
  crc64: string | undefined,
  signal: AbortSignal,
): RawResult<FileEntry> =>
  pipe(
    statusOf(smh, confirmKey, signal),
    TE.flatMap((status) =>
      pipe(
        TE.fromEither(expectedBy(status, crc64, signal)),
        TE.flatMap((expected) =>
          status.confirmed ? confirmedBefore(smh, expected, confirmKey) : confirm(smh, expected, confirmKey),
        ),
      ),
    ),
    TE.map(({ how: _, replaced: __, evidence: ___, ...file }): FileEntry => file),
  )

/** A key may come back from the browser: what is no text, or dots alone, would name another place. */
const withKey = <A>(key: unknown, run: RawResult<A>): RawResult<A> =>
  typeof key === 'string' && !/^\.{0,2}$/.test(key) ? run : TE.left(notFound({ what: 'upload' }))

export const browserUploads = (smh: Smh, drive: MemberDrive): SmhBrowserUploads => ({
  beginUpload: (path, options) =>
    drive.vendorCall({ operation: 'smh.beginUpload', changes: true, path }, options, ({ signal }) => {
      const fault = sizeFault(options.size)
      if (fault !== undefined) return TE.left(fault)
      return pipe(
        TE.fromEither(parsePath(path)),
        TE.flatMap((at) => begin(smh, at, options, signal)),
      )
    }),
  confirmUpload: (confirmKey, { crc64, ...options } = {}) =>
    drive.vendorCall({ operation: 'smh.confirmUpload', changes: true }, options, ({ signal }) =>
      crc64 === undefined || /^[\da-f]{16}$/.test(crc64)
        ? withKey(confirmKey, confirmed(smh, confirmKey, crc64, signal))
        : TE.left(invalidArgument({ argument: 'options.crc64', expected: '16 hex digits in lower case' })),
    ),
  abortUpload: (confirmKey, options) =>
    drive.vendorCall({ operation: 'smh.abortUpload', changes: true }, options, ({ signal }) =>
      withKey(confirmKey, abort(smh, confirmKey, signal)),
    ),
})
