// One attempt at one file: its bytes sent in passing through the digests, and what stands afterwards proven.
import { digestStream } from '@anydrive/checksums'
import {
  aborted,
  checksumMismatch,
  DriveException,
  fromEntry,
  locate,
  network,
  type ChecksumAlgorithm,
  type Checksums,
  type ConflictStrategy,
  type DriveError,
  type DriveProvider,
  type DrivePath,
  type FileEntry,
  type UploadRef,
  type Written,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Before, Lease } from './journal'
import { passing, type Passing } from './passing'
import { isReadBack, prove, wantedDigests, type Proof } from './proof'
import type { Run } from './run'
import { throttled } from './throttle'

/** A file on its way; changes from attempt to attempt. */
export interface Job {
  readonly lease: Lease
  file: FileEntry
  /** The path asked for, before any decision. */
  readonly wanted: DrivePath
  to: DrivePath
  conflict: ConflictStrategy
  /** Known once the vendor may have been asked to pick a free name, of a durable journal. */
  before: Before | undefined
  upload: UploadRef | undefined
  /** The source and the digests of its bytes: kept from attempt to attempt while an upload goes on. */
  tapped: Passing | undefined
}
export interface Arrived {
  readonly written: Pick<Written, 'path' | 'how' | 'size'>
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
): Promise<E.Either<DriveError, Checksums>> => {
  const content = await drive.readFile(file.path, { ifVersion: file.version, signal })()
  if (E.isLeft(content)) return content
  try {
    return E.right((await digestStream(content.right.stream, algorithms)).checksums)
  } catch (u) {
    const where = locate({ vendor: drive.vendor, operation: 'readFile', path: file.path })
    return E.left(DriveException.is(u) ? u.error : where(network()))
  }
}

/** Reads what stands at the destination and compares it with what the source held. */
export const readBack = async (
  run: Run,
  job: Job,
  standing: Pick<FileEntry, 'path' | 'version'>,
): Promise<E.Either<DriveError, void>> => {
  const known = { ...job.file.checksums, ...job.tapped?.checksums() }
  const algorithms = Object.keys(known) as Array<ChecksumAlgorithm>
  const expected =
    algorithms.length > 0 ? E.right(known) : await digestsOf(run.from.drive, job.file, ['sha256'], run.signal)
  if (E.isLeft(expected)) return expected
  const compared = algorithms.length > 0 ? algorithms : (['sha256'] as const)
  const found = await digestsOf(run.to.drive, standing, compared, run.signal)
  if (E.isLeft(found)) return found
  const wrong = compared.find((algorithm) => found.right[algorithm] !== expected.right[algorithm])
  return wrong === undefined
    ? E.right(undefined)
    : E.left(
        locate({ vendor: run.to.drive.vendor, operation: 'readFile', path: standing.path })(
          checksumMismatch({ algorithm: wrong }),
        ),
      )
}

/** A copy that is wrong does not keep its name. Not under the run's signal: it must not stand, stopped or not. */
const discard = async (run: Run, written: Written): Promise<void> => {
  const item = written.version === undefined ? written.path : { path: written.path, ifVersion: written.version }
  await run.to.drive.batchRemove([item], { timeout: 60_000 })()
}

const proven = async (run: Run, job: Job, written: Written): Promise<E.Either<DriveError, Proof>> => {
  const proof = prove(job.file, job.tapped?.checksums() ?? {}, written, run.verify)
  if (E.isLeft(proof))
    return E.left(locate({ vendor: run.to.drive.vendor, operation: 'writeFile', path: written.path })(proof.left))
  const weak = run.removeSource && proof.right.arrival === 'size'
  if (!weak && !isReadBack(job.file, run.verify)) return proof
  const same = await readBack(run, job, written)
  return E.map((): Proof => ({ ...proof.right, arrival: 'read-back' }))(same)
}

/** Left: no file that this attempt wrote stands, unless the error is `Indeterminate`, or the copy could not be looked at. */
export const send = async (run: Run, job: Job): Promise<E.Either<DriveError, Arrived>> => {
  const { file } = job
  const tapped = (job.tapped ??= passing(
    throttled(fromEntry(run.from.drive, file), run.throttle),
    wantedDigests(file, run.to.drive.capabilities, run.verify),
  ))
  let sent = job.upload === undefined ? 0 : file.size
  const written = await run.to.drive.writeFile(job.to, tapped.source, {
    conflict: job.conflict,
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
  const proof = await proven(run, job, written.right)
  if (E.isRight(proof))
    return E.right({ written: written.right, proof: proof.right, instant: sent === 0 && file.size > 0 })
  job.tapped = undefined
  if (proof.left._tag === 'ChecksumMismatch') await discard(run, written.right)
  return proof
}
