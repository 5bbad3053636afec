// Uploads whose bytes somebody else sends, such as a browser: a URL for one PUT, and the confirmation afterwards.
import {
  nameOf,
  parentOf,
  parsePath,
  secret,
  type CallOptions,
  type ConflictOptions,
  type DrivePath,
  type FileEntry,
  type Result,
  type Secret,
} from '@anydrive/core'
import {
  defined,
  invalidArgument,
  limitExceeded,
  nameConflict,
  notFound,
  unexpectedResponse,
  unsupported,
  wrongKind,
  type MemberDrive,
  type RawResult,
} from '@anydrive/core/adapter'
import { attempt, unknownOutcome, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { clashIn, confirmedEntry } from './changes'
import { at, withoutPlacing, type Context, type Settled, type Signal } from './client'
import { pathOfNames, renameMode, signedUntil, toEntry } from './translate'
import type { CreatedFile, File } from './wire'
import { completeUpload, partLimits } from './write-multipart'

/** Where the bytes go. Whoever has the URL can send this one file, until it expires. */
export interface KooDriveBeginning {
  readonly method: 'PUT'
  /** Signed for exactly the announced number of bytes. */
  readonly url: Secret
  /** The bytes must be sent before. Absent where the URL does not say it. */
  readonly expiresAt?: Date
  /** For `confirmUpload`: the id of the file. */
  readonly confirmKey: string
}
interface BeginOptions extends CallOptions, Pick<ConflictOptions, 'conflict'> {
  /** Bytes that will be sent; at most 5 GiB. */
  readonly size: number
  /** The media type to store with the file. */
  readonly contentType?: string | undefined
}
interface ConfirmOptions extends CallOptions {
  /** The SHA-256 of the bytes, in hex: KooDrive refuses other bytes, as `ChecksumMismatch`. Nothing is compared unless given. */
  readonly sha256?: string | undefined
}

export interface KooDriveBrowserUploads {
  /**
   * Begins an upload to this path in a folder that exists; nothing is visible before it is confirmed, but the name is held until then, or until
   * KooDrive forgets the upload: no call ends it earlier. `ask` unless `conflict` says otherwise; `overwrite` is `Unsupported`.
   */
  readonly beginUpload: (path: DrivePath, options: BeginOptions) => Result<KooDriveBeginning>
  /**
   * Makes the bytes that were sent a file, which is also the result of a second confirmation. `ChecksumMismatch` while bytes are missing;
   * `NotFound` for an upload that is not known any more.
   */
  readonly confirmUpload: (confirmKey: string, options?: ConfirmOptions) => Result<FileEntry>
}

const argumentFault = ({ size, conflict }: BeginOptions): Failure | undefined => {
  if (!Number.isSafeInteger(size) || size < 0)
    return invalidArgument({ argument: 'options.size', expected: 'a number of bytes' })
  if (conflict === 'overwrite') return unsupported({ feature: 'conflict.writeFile.overwrite' })
  return size > partLimits.max ? limitExceeded({ limit: 'size', max: partLimits.max }) : undefined
}

const noUrl = unexpectedResponse({
  effect: 'none',
  issues: [{ at: 'multiParts', expected: 'a signed URL', got: 'missing' }],
})

const begin = async (
  context: Context,
  path: DrivePath,
  { size, conflict = 'ask', contentType }: BeginOptions,
  signal: Signal,
): Settled<KooDriveBeginning> => {
  const { api, ids, timers } = context
  const folder = await ids.folder(parentOf(path), signal)
  if (E.isLeft(folder)) return folder
  const existing = conflict === 'ask' ? await confirmedEntry(context, path, folder.right, signal) : undefined
  if (existing !== undefined) return E.left(nameConflict({ existing }))
  const name = nameOf(path)
  const file = {
    ...{ parent: folder.right.id, fileName: name, length: size, multiParts: [{ partNumber: 1, partSize: size }] },
    ...{
      autoRename: renameMode.file[conflict === 'rename' ? 'rename' : 'ask'].send,
      ...defined({ mimeType: contentType }),
    },
  }
  const send = () => api.createFile(file, signal)
  const created = await attempt<CreatedFile>({ send, repeat: 'always', check: at(path), signal, timers })()
  if (E.isLeft(created))
    return E.left(withoutPlacing(await clashIn(context, folder.right, { name, fault: created.left }, signal)))
  const { fileId: confirmKey, multiParts = [] } = created.right
  const url = multiParts.find(({ partNumber }) => partNumber === 1)?.uploadUrl
  if (url === undefined) return E.left(noUrl)
  return E.right({ method: 'PUT', url: secret(url), confirmKey, ...defined({ expiresAt: signedUntil(url) }) })
}

/** The complete file of this id; `NotFound` where there is none. */
const fileOf = ({ api }: Context, id: string, signal: Signal): RawResult<FileEntry> =>
  pipe(
    api.detail(id, signal),
    TE.flatMap((file: File) =>
      file.recycled === true
        ? TE.left(notFound({ what: 'source' }))
        : pipe(
            api.path(id, signal),
            TE.flatMapEither(({ namePath }): E.Either<Failure, FileEntry> =>
              pipe(
                parsePath(pathOfNames(namePath)),
                E.map((path) => toEntry(path, file)),
                E.flatMap((entry) =>
                  entry.kind === 'file' ? E.right(entry) : E.left(wrongKind({ expected: 'file' })),
                ),
              ),
            ),
          ),
    ),
  )

const confirmed = async (
  context: Context,
  fileId: string,
  sha256: string | undefined,
  signal: Signal,
): Settled<FileEntry> => {
  const check = `the file of the upload ${fileId}`
  const completed = await completeUpload(context, { fileId, ...defined({ sha256 }) }, check, signal)()
  const isGone = E.isLeft(completed) && completed.left._tag === 'NotFound'
  if (E.isLeft(completed) && !isGone) return completed
  context.cache.changed()
  const file = await fileOf(context, fileId, signal)()
  if (E.isRight(file)) return file
  // An upload that is not known any more may have been completed before.
  if (E.isLeft(completed)) return file.left._tag === 'NotFound' ? completed : file
  return E.left(unknownOutcome(check, file.left, { likely: 'done' }))
}

/** A key may come back from the browser: what is no text, or dots alone, would name another place. */
const isKey = (key: unknown): boolean => typeof key === 'string' && !/^\.{0,2}$/.test(key)

export const browserUploads = (context: Context, drive: MemberDrive): KooDriveBrowserUploads => ({
  beginUpload: (path, options) =>
    drive.vendorCall({ operation: 'kooDrive.beginUpload', changes: true, path }, options, ({ signal }) => {
      const fault = argumentFault(options)
      if (fault !== undefined) return TE.left(fault)
      return pipe(
        TE.fromEither(parsePath(path)),
        TE.flatMap((its) => () => context.ids.retrying([its], () => begin(context, its, options, signal))),
      )
    }),
  confirmUpload: (confirmKey, { sha256, ...options } = {}) =>
    drive.vendorCall({ operation: 'kooDrive.confirmUpload', changes: true }, options, ({ signal }) =>
      isKey(confirmKey) ? () => confirmed(context, confirmKey, sha256, signal) : TE.left(notFound({ what: 'upload' })),
    ),
})
