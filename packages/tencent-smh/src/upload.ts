// The steps of an upload, whichever way the bytes go: its state, beginning it, sending bytes to the object store, confirming it.
import {
  ConflictStrategy,
  DrivePath,
  checksumMismatch,
  defined,
  indeterminate,
  notFound,
  withoutEffect,
  isSized,
  type RawResult,
  type Evidence,
  type Fault,
  type Json,
  type UploadSource,
  type WriteHow,
  type Written,
} from '@anydrive/core'
import { attempt, type Failure, type Finding, type Sent } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import type { Begun } from './api'
import { sentEarlier, type Smh } from './client'
import { findingOfContent, lookup, withExisting } from './entries'
import { blockSize, hashesOf, invisible } from './bytes'
import { uploadPlanOf } from './settings'
import {
  callerTimes,
  fileWord,
  fromCrc64,
  known,
  missing,
  toCrc64,
  toFileEntry,
  toPath,
  toSize,
  type Seen,
} from './translate'
import type { BeginBody, BegunUpload, Uploaded } from './wire'

/** What one call of `writeFile` is about. */
export interface Write {
  readonly path: DrivePath
  readonly source: UploadSource
  readonly how: WriteHow
  readonly signal: AbortSignal
}

// State: plain JSON, enough for another process to continue, and nothing secret

const Common = t.type({ upload: t.string, path: DrivePath, size: t.number, conflict: ConflictStrategy })
/** `crc64`: all bytes have been sent, and only the confirmation is missing. */
const Single = t.exact(t.intersection([Common, t.type({ kind: t.literal('single') }), t.partial({ crc64: t.string })]))
/** `crc64` is that of the first `through` parts; the service itself lists all parts that it has. */
const Multipart = t.exact(
  t.intersection([
    Common,
    t.type({ kind: t.literal('multipart'), partSize: t.number, through: t.number, crc64: t.string }),
  ]),
)
const State = t.union([Single, Multipart])
export type SingleState = t.TypeOf<typeof Single>
export type MultipartState = t.TypeOf<typeof Multipart>
export type UploadState = t.TypeOf<typeof State>

export const stateOf = (state: UploadState): Json => State.encode(state)

/** A state that this adapter did not write is an upload that is not known. */
export const readState = (json: Json): E.Either<Fault, UploadState> =>
  E.mapLeft((): Fault => notFound({ what: 'upload' }))(State.decode(json))

export const commonState = ({ path, source, how }: Write, upload: string) => ({
  upload,
  path,
  size: source.size,
  conflict: how.conflict,
})

// What was written

export const mismatch: Fault = checksumMismatch({ algorithm: 'crc64xz' })

/** What SMH says of the file must be what was sent; what it does not say is taken as sent. */
const writtenOf = (
  { path: asked, source, how }: Write,
  file: Uploaded,
  crc64: string,
  evidence: Evidence,
): E.Either<Failure, Written> => {
  const size = toSize(file.size) ?? source.size
  const reported = toCrc64(file.crc64)
  if (size !== source.size || (reported !== undefined && reported !== crc64)) return E.left(mismatch)
  // The directory has been deleted meanwhile, and the file cannot be reached (docs/wire/tencent-smh.md, confirm).
  if (file.path === null) return E.left(notFound({ what: 'parent' }))
  return pipe(
    toPath(file.path),
    E.flatMap((path) => toFileEntry(path, { ...callerTimes(how), ...known(file), size })),
    E.map((entry): Written => ({
      ...entry,
      how: entry.path === asked ? 'as-asked' : 'renamed',
      ...defined({ replaced: file.isOverwritten ?? undefined }),
      evidence,
    })),
  )
}

/** The file that a lookup found, if it holds the bytes that were sent. */
const writtenAt = ({ path, source }: Write, { entry }: Seen, crc64: string, evidence: Evidence): Written | undefined =>
  entry.kind === 'file' && isSized(entry) && entry.size === source.size && entry.checksums.crc64xz === crc64
    ? { ...entry, how: entry.path === path ? 'as-asked' : 'renamed', evidence }
    : undefined

// Beginning

export type Beginning =
  { readonly status: 'begun'; readonly upload: BegunUpload } | { readonly status: 'placed'; readonly written: Written }
type Answer = Beginning | { readonly status: 'candidate' }

const reported: Evidence = 'vendor-reported:crc64xz'

const begin = (smh: Smh, write: Write, multipart: boolean, hashes: BeginBody, crc64?: string): RawResult<Answer> => {
  const { path, source, how, signal } = write
  const request = {
    ...{ path, multipart, strategy: fileWord(how.conflict), size: source.size },
    body: { ...callerTimes(how), ...hashes },
  }
  const answered = (begun: Begun): E.Either<Failure, Answer> => {
    if (begun.status !== 'placed') return E.right(begun)
    const evidence = toCrc64(begun.file.crc64) === undefined ? 'size' : reported
    if (crc64 === undefined || toSize(begun.file.size) === undefined)
      return E.left(missing('size', 'the size of the file'))
    return E.map((written: Written): Answer => ({ status: 'placed', written }))(
      writtenOf(write, begun.file, crc64, evidence),
    )
  }
  const send = () => pipe(smh.api.beginUpload(request, signal), TE.flatMapEither(answered))
  if (crc64 === undefined) return invisible(smh.repeated(signal, send()))
  return attempt<Answer, Seen | undefined>({
    ...smh.how(signal),
    send,
    repeat: how.conflict === 'rename' ? 'never' : 'if-not-done',
    lookup: (its) => lookup(smh, path, its),
    proof: (found, sent) => {
      if (found === undefined) return { is: 'not-done' }
      const written = writtenAt(write, found, crc64, reported)
      const content = { kind: 'file', isSame: written !== undefined } as const
      const value: Answer = written === undefined ? { status: 'candidate' } : { status: 'placed', written }
      return findingOfContent(smh, { found, conflict: how.conflict, content, value }, sent)
    },
    check: `/${path}`,
  })
}

/**
 * One request; for a file of at least 1 MiB whose beginning SMH recognizes, a second reading of the source and one more request, after
 * which the file may be placed already.
 */
export const beginUpload = (smh: Smh, write: Write, multipart: boolean): RawResult<Beginning> =>
  pipe(
    async (): Promise<E.Either<Failure, Beginning>> => {
      const { source, signal } = write
      const { size } = source
      if (!uploadPlanOf(smh.settings).instant || size < blockSize)
        return begunOf(await begin(smh, write, multipart, {})())
      const beginning = await hashesOf(source, { start: 0, end: blockSize }, signal)
      if (E.isLeft(beginning)) return beginning
      const hashes = { beginningHash: beginning.right.beginningHash, size: String(size) }
      const begun = await begin(smh, write, multipart, hashes)()
      if (E.isLeft(begun) || begun.right.status !== 'candidate') return begunOf(begun)
      const full = await hashesOf(source, { start: 0, end: size }, signal)
      if (E.isLeft(full)) return full
      const { fullHash, crc64 } = full.right
      return begunOf(await begin(smh, write, multipart, { ...hashes, fullHash }, crc64)())
    },
    withExisting(smh, write.path, write.signal),
  )

/** Another question of SMH's, where it has none left to ask, is no answer. */
const begunOf = (begun: E.Either<Failure, Answer>): E.Either<Failure, Beginning> =>
  E.isLeft(begun) || begun.right.status !== 'candidate'
    ? (begun as E.Either<Failure, Beginning>)
    : E.left(withoutEffect(missing('confirmKey', 'an upload, or a file')))

// Confirming

const checked: Evidence = 'vendor-checked:crc64xz'

/** What SMH says of an upload: whether it was confirmed, and the file at its path. Undefined: it does not know the upload. */
interface Confirmation {
  readonly confirmed: boolean | undefined
  readonly file: Seen | undefined
}

const confirmationOf =
  (smh: Smh, write: Write, upload: string, signal: AbortSignal): RawResult<Confirmation> =>
  async () => {
    const status = await smh.api.uploadStatus(upload, signal)()
    if (E.isLeft(status) && status.left._tag !== 'NotFound') return status
    const { confirmed, path } = E.isRight(status) ? status.right : { confirmed: undefined, path: undefined }
    if (confirmed === false) return E.right({ confirmed, file: undefined })
    const at = path === null || path === undefined ? E.right(write.path) : toPath(path)
    if (E.isLeft(at)) return at
    return E.map((file: Seen | undefined): Confirmation => ({ confirmed, file }))(await lookup(smh, at.right, signal)())
  }

/**
 * The upload's key proves that it was confirmed; the file at its path must hold what was sent. Under `rename` that path may be the requested
 * one, where another file was before: then the file must be new as well.
 */
const confirmedProof =
  (smh: Smh, write: Write, crc64: string) =>
  ({ confirmed, file }: Confirmation, sent: Sent): Finding<Written> => {
    if (confirmed === false) return { is: 'not-done' }
    const written = file === undefined ? undefined : writtenAt(write, file, crc64, checked)
    const isOurs = write.how.conflict !== 'rename' || smh.clock.compare(file?.created, sent.at) === 'after'
    if (confirmed === true && isOurs && written !== undefined) return { is: 'done', value: written }
    const likely = confirmed === true || written !== undefined ? 'done' : 'not-done'
    return { is: 'unproven', found: file?.entry, likely }
  }

const confirmCheck = ({ path }: Write): string => `/${path}, and names like it beside it`

/** The file of an upload that was confirmed before, perhaps by another process. */
export const confirmedBefore = (smh: Smh, write: Write, upload: string, crc64: string): RawResult<Written> =>
  pipe(
    confirmationOf(smh, write, upload, write.signal),
    TE.flatMapEither((seen): E.Either<Failure, Written> => {
      const finding = confirmedProof(smh, write, crc64)(seen, sentEarlier)
      return finding.is === 'done'
        ? E.right(finding.value)
        : E.left(indeterminate({ check: confirmCheck(write), ...defined({ found: seen.file?.entry }) }))
    }),
  )

/** Makes the bytes that were sent a file, and compares what SMH says of it with them. */
export const confirm = (smh: Smh, write: Write, upload: string, crc64: string): RawResult<Written> => {
  const { path, how, signal } = write
  const body = { crc64: fromCrc64(crc64), ...callerTimes(how) }
  return pipe(
    attempt<Written, Confirmation>({
      ...smh.how(signal),
      send: () =>
        pipe(
          smh.api.confirmUpload(upload, fileWord(how.conflict), body, signal),
          TE.flatMapEither((file) => writtenOf(write, file, crc64, checked)),
          TE.orElse((fault) =>
            fault.code === 'UploadComplete' ? confirmedBefore(smh, write, upload, crc64) : TE.left(fault),
          ),
        ),
      repeat: how.conflict === 'rename' ? 'never' : 'if-not-done',
      lookup: (its) => confirmationOf(smh, write, upload, its),
      proof: confirmedProof(smh, write, crc64),
      check: confirmCheck(write),
    }),
    withExisting(smh, path, signal),
  )
}
