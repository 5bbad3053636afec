// The steps of an upload, whichever way the bytes go: its state, beginning it, sending bytes to the object store, confirming it.
import {
  ConflictStrategy,
  DrivePath,
  isSized,
  type Evidence,
  type Fault,
  type Json,
  type UploadSource,
  type Written,
} from '@anydrive/core'
import {
  checksumMismatch,
  defined,
  indeterminate,
  nameConflict,
  notFound,
  withoutEffect,
  type RawResult,
  type WriteHow,
} from '@anydrive/core/adapter'
import { attempt, type Failure, type Finding, type Sent } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import type { Begun } from './api'
import { sentEarlier, type Smh } from './client'
import { deploymentOf, type Generation } from './deployment'
import { findingOfContent, lookup, withExisting } from './entries'
import { blockSize, hashesOf, invisible } from './bytes'
import { answerIn } from './errors'
import { uploadPlanOf } from './settings'
import {
  callerTimes,
  fileWord,
  fromCrc64,
  known,
  generationIn,
  missing,
  toCrc64,
  toFileEntry,
  toPath,
  toSize,
  type Seen,
} from './translate'
import type { BeginBody, BegunUpload, Uploaded, UploadStatus } from './wire'

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

/** What the file of a confirmed upload must be. Of bytes that somebody else sent, not all of it is known. */
export interface Expected extends Pick<WriteHow, 'conflict' | 'createdAt' | 'modifiedAt'> {
  readonly path: DrivePath
  readonly signal: AbortSignal
  readonly size?: number
  readonly crc64?: string
}

export const expectedOf = ({ path, source: { size }, how, signal }: Write, crc64?: string): Expected => ({
  ...{ path, signal, size, conflict: how.conflict },
  ...defined({ crc64, createdAt: how.createdAt, modifiedAt: how.modifiedAt }),
})

// What was written

export const mismatch: Fault = checksumMismatch({ algorithm: 'crc64xz' })

/** What SMH says of the file must be what was sent; what it does not say is taken as sent. */
const writtenOf = (expected: Expected, file: Uploaded, evidence: Evidence): E.Either<Failure, Written> => {
  const { path: asked, crc64 } = expected
  const size = toSize(file.size) ?? expected.size
  if (size === undefined) return E.left(missing('size', 'the size of the file'))
  const reported = toCrc64(file.crc64) ?? crc64
  if (size !== (expected.size ?? size) || reported !== (crc64 ?? reported)) return E.left(mismatch)
  // The directory has been deleted meanwhile, and the file cannot be reached (docs/wire/tencent-smh.md, confirm).
  if (file.path === null) return E.left(notFound({ what: 'parent' }))
  return pipe(
    toPath(file.path),
    E.flatMap((path) => toFileEntry(path, { ...callerTimes(expected), ...known(file), size })),
    E.map((entry): Written => ({
      ...entry,
      how: entry.path === asked ? 'as-asked' : 'renamed',
      ...defined({ replaced: file.isOverwritten ?? undefined }),
      evidence,
    })),
  )
}

/** The file that a lookup found, if it holds the bytes that were sent. */
const writtenAt = ({ path, size, crc64 }: Expected, { entry }: Seen, evidence: Evidence): Written | undefined => {
  if (entry.kind !== 'file' || !isSized(entry)) return undefined
  const { crc64xz } = entry.checksums
  return entry.size === (size ?? entry.size) && crc64xz === (crc64 ?? crc64xz)
    ? { ...entry, how: entry.path === path ? 'as-asked' : 'renamed', evidence }
    : undefined
}

// Beginning

export type Beginning =
  { readonly status: 'begun'; readonly upload: BegunUpload } | { readonly status: 'placed'; readonly written: Written }
type Answer = Beginning | { readonly status: 'candidate' }

const reported: Evidence = 'vendor-reported:crc64xz'

/** The parts that an upload is begun with; undefined: in one request. */
type FirstParts = ReadonlyArray<number> | undefined

const begin = (smh: Smh, write: Write, parts: FirstParts, hashes: BeginBody, crc64?: string): RawResult<Answer> => {
  const { path, source, how, signal } = write
  const multipart = parts !== undefined
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
      writtenOf(expectedOf(write, crc64), begun.file, evidence),
    )
  }
  const sendAs = (generation: Generation): RawResult<Answer> => {
    const named = generation === 'private' ? { partNumberRange: parts } : {}
    const body = { ...request.body, ...defined(named) }
    return pipe(smh.api.beginUpload({ ...request, body }, signal), TE.flatMapEither(answered))
  }
  const shows = (answer: Answer, sent: Generation) =>
    answer.status === 'begun' ? generationIn(answer.upload, sent) : undefined
  const send = () => (multipart ? smh.deployment.ask('parts', { signal, send: sendAs, shows }) : sendAs('public'))
  if (crc64 === undefined) return invisible(smh.repeated(signal, send()))
  return attempt<Answer, Seen | undefined>({
    ...smh.how(signal),
    send,
    repeat: how.conflict === 'rename' ? 'never' : 'if-not-done',
    lookup: (its) => lookup(smh, path, its),
    proof: (found, sent) => {
      if (found === undefined) return { is: 'not-done' }
      const written = writtenAt(expectedOf(write, crc64), found, reported)
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
export const beginUpload = (smh: Smh, write: Write, parts?: FirstParts): RawResult<Beginning> =>
  pipe(
    async (): Promise<E.Either<Failure, Beginning>> => {
      const { source, signal } = write
      const { size } = source
      if (!uploadPlanOf(smh.settings).instant || size < blockSize) return begunOf(await begin(smh, write, parts, {})())
      const beginning = await hashesOf(source, { start: 0, end: blockSize }, signal)
      if (E.isLeft(beginning)) return beginning
      const hashes = { beginningHash: beginning.right.beginningHash, size: String(size) }
      const begun = await begin(smh, write, parts, hashes)()
      if (E.isLeft(begun) || begun.right.status !== 'candidate') return begunOf(begun)
      const full = await hashesOf(source, { start: 0, end: size }, signal)
      if (E.isLeft(full)) return full
      const { fullHash, crc64 } = full.right
      return begunOf(await begin(smh, write, parts, { ...hashes, fullHash }, crc64)())
    },
    withExisting(smh, write.path, write.signal),
  )

/** The generation that answers, whatever the settings say. */
export const generationOf =
  (smh: Smh, path: DrivePath, signal: AbortSignal): RawResult<Generation> =>
  async () => {
    const deployment = deploymentOf({ ...smh.settings, deployment: 'auto' })
    const begin = { path, strategy: fileWord('ask'), size: 1, multipart: true }
    const send = (generation: Generation): RawResult<Begun> =>
      smh.api.beginUpload({ ...begin, body: generation === 'private' ? { partNumberRange: [1] } : {} }, signal)
    const shows = (begun: Begun, sent: Generation) =>
      begun.status === 'begun' ? generationIn(begun.upload, sent) : undefined
    // An upload that nobody knows of is forgotten by the service.
    const begun = await smh.repeated(signal, deployment.ask('parts', { signal, send, shows }))()
    if (E.isLeft(begun)) return begun
    if (begun.right.status !== 'begun') return E.left(missing('confirmKey', 'an upload'))
    const { upload } = begun.right
    const ended = await smh.repeated(signal, smh.api.abortUpload(upload.confirmKey, signal))()
    if (E.isLeft(ended) && ended.left._tag !== 'NotFound') return ended
    const isPrivate = generationIn(upload, 'public').likely === 'private' || deployment.known('parts') === 'private'
    return E.right(isPrivate ? 'private' : 'public')
  }

/** Another question of SMH's, where it has none left to ask, is no answer. */
const begunOf = (begun: E.Either<Failure, Answer>): E.Either<Failure, Beginning> =>
  E.isLeft(begun) || begun.right.status !== 'candidate'
    ? (begun as E.Either<Failure, Beginning>)
    : E.left(withoutEffect(missing('confirmKey', 'an upload, or a file')))

/**
 * A private deployment reports a taken name only when the upload is confirmed, after all bytes have been sent. So the name is looked up
 * first; where that fails, the confirmation says it.
 */
export const conflictAt = async (smh: Smh, expected: Expected): Promise<Fault | undefined> => {
  const { path, conflict, signal } = expected
  if (conflict === 'rename') return undefined
  const found = await lookup(smh, path, signal)()
  if (E.isLeft(found) || found.right === undefined) return undefined
  const { entry } = found.right
  return conflict === 'ask' || entry.kind === 'directory' ? nameConflict({ existing: entry }) : undefined
}

// Confirming

/** Without credentials where the service has none to return with it. */
export const statusOf = (smh: Smh, upload: string, signal: AbortSignal): RawResult<UploadStatus> =>
  smh.deployment.ask('status', {
    signal,
    send: (generation) => smh.api.uploadStatus(upload, generation === 'public', signal),
    shows: ({ uploadPartInfo }, sent) =>
      sent === 'private' || (uploadPartInfo !== null && uploadPartInfo !== undefined) ? { is: sent } : undefined,
  })

const checked: Evidence = 'vendor-checked:crc64xz'

/** What SMH says of an upload: whether it was confirmed, and the file at its path. Undefined: it does not know the upload. */
interface Confirmation {
  readonly confirmed: boolean | undefined
  readonly file: Seen | undefined
}

const confirmationOf =
  (smh: Smh, expected: Expected, upload: string, signal: AbortSignal): RawResult<Confirmation> =>
  async () => {
    const status = await statusOf(smh, upload, signal)()
    if (E.isLeft(status) && status.left._tag !== 'NotFound') return status
    const { confirmed, path } = E.isRight(status) ? status.right : { confirmed: undefined, path: undefined }
    if (confirmed === false) return E.right({ confirmed, file: undefined })
    const at = path === null || path === undefined ? E.right(expected.path) : toPath(path)
    if (E.isLeft(at)) return at
    return E.map((file: Seen | undefined): Confirmation => ({ confirmed, file }))(await lookup(smh, at.right, signal)())
  }

/**
 * The upload's key proves that it was confirmed; the file at its path must hold what was sent. Under `rename` that path may be the requested
 * one, where another file was before: then the file must be new as well.
 */
const confirmedProof =
  (smh: Smh, expected: Expected) =>
  ({ confirmed, file }: Confirmation, sent: Sent): Finding<Written> => {
    if (confirmed === false) return { is: 'not-done' }
    const written = file === undefined ? undefined : writtenAt(expected, file, checked)
    const isOurs = expected.conflict !== 'rename' || smh.clock.compare(file?.created, sent.at) === 'after'
    if (confirmed === true && isOurs && written !== undefined) return { is: 'done', value: written }
    const isLikely = confirmed === true || (written !== undefined && expected.crc64 !== undefined)
    const likely = isLikely ? 'done' : 'not-done'
    return { is: 'unproven', found: file?.entry, likely }
  }

const confirmCheck = ({ path }: Pick<Expected, 'path'>): string => `/${path}, and names like it beside it`

/** The file of an upload that was confirmed before, perhaps by another process. */
export const confirmedBefore = (smh: Smh, expected: Expected, upload: string): RawResult<Written> =>
  pipe(
    confirmationOf(smh, expected, upload, expected.signal),
    TE.flatMapEither((seen): E.Either<Failure, Written> => {
      const finding = confirmedProof(smh, expected)(seen, sentEarlier)
      return finding.is === 'done'
        ? E.right(finding.value)
        : E.left(indeterminate({ check: confirmCheck(expected), ...defined({ found: seen.file?.entry }) }))
    }),
  )

/**
 * What an upload that the service does not know means for its caller: it may have been confirmed all the same, and forgotten when it was
 * aborted afterwards. `crc64`: of the file, where all of it had been sent.
 */
export const forgotten = async (smh: Smh, write: Write, crc64: string, fault: Failure): Promise<Failure> => {
  const found = await lookup(smh, write.path, write.signal)()
  if (E.isLeft(found)) return indeterminate({ ...answerIn(fault), check: confirmCheck(write) })
  const isThere = found.right !== undefined && writtenAt(expectedOf(write, crc64), found.right, checked) !== undefined
  if (!isThere) return fault
  return indeterminate({ ...answerIn(fault), check: confirmCheck(write), found: found.right.entry, likely: 'done' })
}

/** Makes the bytes that were sent a file, and compares what SMH says of it with them. */
export const confirm = (smh: Smh, expected: Expected, upload: string): RawResult<Written> => {
  const { path, conflict, crc64, signal } = expected
  const body = { ...defined({ crc64: crc64 === undefined ? undefined : fromCrc64(crc64) }), ...callerTimes(expected) }
  return pipe(
    attempt<Written, Confirmation>({
      ...smh.how(signal),
      send: () =>
        pipe(
          smh.api.confirmUpload(upload, fileWord(conflict), body, signal),
          TE.flatMapEither((file) => writtenOf(expected, file, checked)),
          TE.orElse((fault) =>
            fault.code === 'UploadComplete' ? confirmedBefore(smh, expected, upload) : TE.left(fault),
          ),
        ),
      repeat: conflict === 'rename' ? 'never' : 'if-not-done',
      lookup: (its) => confirmationOf(smh, expected, upload, its),
      proof: confirmedProof(smh, expected),
      check: confirmCheck(expected),
    }),
    withExisting(smh, path, signal),
  )
}
