// One attempt to transfer one file: its bytes are sent, digested on the way, and the copy is proven.
import { digestStream } from '@anydrive/checksums'
import {
  DriveException,
  fromEntry,
  nameOf,
  parentOf,
  under,
  type ChecksumAlgorithm,
  type Checksums,
  type ConflictStrategy,
  type DriveError,
  type DriveProvider,
  type DrivePath,
  type FileEntry,
  type UploadRef,
  type Written,
  type SizedFile,
  type UploadSource,
} from '@anydrive/core'
import { aborted, checksumMismatch, locate, network } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { randomUUID } from 'node:crypto'
import type { Before, Lease } from './journal'
import { createMarkers, markerIn, samePlaceError } from './markers'
import { uploadDigests, type UploadDigests } from './upload-digests'
import { isReadBack, prove, wantedDigests, type Proof } from './proof'
import type { Run } from './run'
import { checkUnchanged } from './source-state'
import { slowed, throttled, type Throttle } from './throttle'

/** The transfer of one file; changes from attempt to attempt. */
export interface Job {
  readonly lease: Lease
  file: SizedFile
  /** The content of a file whose size the source does not state, read before the upload begins. */
  spooled: UploadSource | undefined
  /** The path asked for, before any decision. */
  readonly wanted: DrivePath
  to: DrivePath
  conflict: ConflictStrategy
  /** Known once the vendor may have been asked to pick a free name, of a durable journal. */
  before: Before | undefined
  upload: UploadRef | undefined
  /** The source and the digests of its bytes: kept from attempt to attempt while an upload goes on. */
  digests: UploadDigests | undefined
  /** The version of the file that is to be replaced. */
  replaces: string | undefined
  /** Puts back the directory that made room for the file. */
  putBack: (() => Promise<void>) | undefined
  readonly onRefresh: (now: SizedFile) => void
}
export interface Arrived {
  readonly written: Pick<Written, 'path' | 'how' | 'size' | 'version'>
  readonly proof: Proof
  /** The destination took over what it held already, without its bytes. */
  readonly instant: boolean
}

const timesOf = (run: Run, file: FileEntry) => {
  const kept = run.to.drive.capabilities.times.file
  return {
    createdAt: kept.createdAt === 'kept' ? file.createdAt : undefined,
    modifiedAt: kept.modifiedAt === 'kept' ? file.modifiedAt : undefined,
  }
}

/** Journalled before the upload goes on. */
const checkpoint =
  (run: Run, job: Job, upload: UploadRef | undefined) => async (): Promise<E.Either<DriveError, void>> => {
    job.upload = upload
    const noted = await run.journal.note(job.lease, { upload })()
    if (E.isRight(noted)) return noted
    run.stop(noted.left)
    return E.left(
      locate({ vendor: run.to.drive.vendor, operation: 'writeFile', path: job.to })(
        aborted({ effect: 'none', said: noted.left.message }),
      ),
    )
  }

export const digestsOf = async (
  drive: DriveProvider,
  file: Pick<FileEntry, 'path' | 'version'>,
  algorithms: ReadonlyArray<ChecksumAlgorithm>,
  signal: AbortSignal,
  throttle?: Throttle,
): Promise<E.Either<DriveError, Checksums>> => {
  const content = await drive.readFile(file.path, { ifVersion: file.version, signal })()
  if (E.isLeft(content)) return content
  try {
    return E.right((await digestStream(slowed(content.right.stream, throttle, signal), algorithms)).checksums)
  } catch (u) {
    const where = locate({ vendor: drive.vendor, operation: 'readFile', path: file.path })
    return E.left(DriveException.is(u) ? u.error : where(network({ effect: 'none' })))
  }
}

/** Reads the copy and compares it with the bytes of the source. */
export const readBack = async (
  run: Run,
  job: Job,
  copy: Pick<FileEntry, 'path' | 'version'>,
): Promise<E.Either<DriveError, void>> => {
  const known = { ...job.file.checksums, ...job.digests?.checksums() }
  const algorithms = Object.keys(known) as Array<ChecksumAlgorithm>
  const expected =
    algorithms.length > 0
      ? E.right(known)
      : await digestsOf(run.from.drive, job.file, ['sha256'], run.signal, run.throttle)
  if (E.isLeft(expected)) return expected
  const compared = algorithms.length > 0 ? algorithms : (['sha256'] as const)
  const found = await digestsOf(run.to.drive, copy, compared, run.signal, run.throttle)
  if (E.isLeft(found)) return found
  const wrong = compared.find((algorithm) => found.right[algorithm] !== expected.right[algorithm])
  return wrong === undefined
    ? E.right(undefined)
    : E.left(
        locate({ vendor: run.to.drive.vendor, operation: 'readFile', path: copy.path })(
          checksumMismatch({ algorithm: wrong }),
        ),
      )
}

/** Whether the copy that replaced a file is not the source itself under another name: false stops the run. */
const isNotSource = async (run: Run, { file }: Job, { path }: Written): Promise<boolean> => {
  const markers = createMarkers(run)
  // Of its own, because other files of the directory are checked at the same time.
  const marker = markerIn(parentOf(path), randomUUID())
  try {
    const written = await markers.mark(marker)
    const shown = E.isLeft(written)
      ? written
      : await markers.shows(under(parentOf(file.path), nameOf(marker) as DrivePath))
    if (E.isLeft(shown)) return false
    if (shown.right) run.stop(samePlaceError(run, file.path))
    return !shown.right
  } finally {
    await markers.unmark(marker)
  }
}

/** Removes a copy that is wrong. Not under the run's signal: it must not stay, even if the run is being stopped. */
const discard = async (run: Run, written: Written): Promise<void> => {
  const item = written.version === undefined ? written.path : { path: written.path, ifVersion: written.version }
  await run.to.drive.batchRemove([item], { timeout: 60_000 })()
}

const proven = async (run: Run, job: Job, written: Written): Promise<E.Either<DriveError, Proof>> => {
  const proof = prove(job.file, job.digests?.checksums() ?? {}, written, run.verify)
  if (E.isLeft(proof))
    return E.left(locate({ vendor: run.to.drive.vendor, operation: 'writeFile', path: written.path })(proof.left))
  const weak = run.removeSource && proof.right.arrival === 'size'
  if (!weak && !isReadBack(job.file, run.verify)) return proof
  const same = await readBack(run, job, written)
  return E.map((): Proof => ({ ...proof.right, arrival: 'read-back' }))(same)
}

/** What the bytes read cannot prove by a checksum of the source, they prove by the source not having changed while they were read. */
const provenSource = async (run: Run, job: Job, { departure }: Proof): Promise<E.Either<DriveError, unknown>> =>
  departure === 'none' ? checkUnchanged(run, job.file) : E.right(undefined)

/** Left: no file that this attempt wrote exists, unless the error is `Indeterminate`, or the copy could not be checked. */
export const send = async (run: Run, job: Job): Promise<E.Either<DriveError, Arrived>> => {
  const { file } = job
  const digests = (job.digests ??= uploadDigests(
    job.spooled ?? throttled(fromEntry(run.from.drive, file), run.throttle),
    wantedDigests(file, run.to.drive.capabilities, run.verify),
  ))
  let sent = job.upload === undefined ? 0 : file.size
  const written = await run.to.drive.writeFile(job.to, digests.source, {
    conflict: job.conflict,
    ...(job.conflict === 'overwrite' && job.replaces !== undefined ? { ifVersion: job.replaces } : {}),
    contentType: file.contentType,
    ...timesOf(run, file),
    signal: run.signal,
    resume: job.upload,
    onCheckpoint: (ref) => checkpoint(run, job, ref),
    onProgress: (bytes) => {
      sent = Math.max(sent, bytes)
      run.progress(file.path, bytes)
    },
  })()
  if (E.isLeft(written)) return written
  job.upload = undefined
  job.replaces = undefined
  const proof = await proven(run, job, written.right)
  const source = E.isLeft(proof) ? proof : await provenSource(run, job, proof.right)
  if (E.isRight(proof) && E.isRight(source))
    return E.right({ written: written.right, proof: proof.right, instant: sent === 0 && file.size > 0 })
  const error = E.isLeft(proof) ? proof.left : E.isLeft(source) ? source.left : undefined
  job.digests = undefined
  if (error?._tag === 'ChecksumMismatch' || (E.isLeft(source) && E.isRight(proof) && !run.signal.aborted))
    if (job.conflict !== 'overwrite' || run.signal.aborted || (await isNotSource(run, job, written.right)))
      await discard(run, written.right)
  return E.isLeft(proof) ? proof : (source as E.Left<DriveError>)
}
