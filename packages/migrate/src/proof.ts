// How it is known that a file arrived as it left: digests in both directions, compared.
import * as E from 'fp-ts/Either'
import type { Capabilities, ChecksumAlgorithm, Checksums, Fault, FileEntry, Written } from '@anydrive/core'
import { checksumMismatch } from '@anydrive/core/adapter'

/**
 * `stream`: checksums are computed of the bytes that pass, and compared with what both ends report. `full`: every file is read back as well;
 * `sample`: a part of the files, from 0 to 1. `size`: nothing is computed.
 */
export type Verify = 'size' | 'stream' | 'full' | { readonly sample: number }

/** Of the destination; the first that holds: its bytes were read back; it reports a checksum that is right; it checked one itself; only the size is known. */
export type Arrival = 'read-back' | `checksum:${ChecksumAlgorithm}` | `vendor-checked:${ChecksumAlgorithm}` | 'size'
export interface Proof {
  readonly arrival: Arrival
  /** The checksum reported by the source that the bytes read from it have. */
  readonly departure: ChecksumAlgorithm | 'none'
}

/** Milliseconds: times of the same file on both drives differ by less. */
export const timePrecision = (a: Capabilities, b: Capabilities): number =>
  Math.max(a.times.precision, b.times.precision)

/** The strongest first. */
export const algorithms: ReadonlyArray<ChecksumAlgorithm> = ['sha256', 'sha1', 'md5', 'crc64xz']

/** A number from 0 to 1 that belongs to the name: the same files are sampled in every run. */
const share = (text: string): number => {
  let hash = 2166136261
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619)
  return (hash >>> 0) / 2 ** 32
}

export const isReadBack = (file: FileEntry, verify: Verify): boolean =>
  verify === 'full' || (typeof verify === 'object' && share(file.path) < verify.sample)

/** What to compute of the bytes that pass: what either end reports, and CRC-64 where nothing is reported or the file is to be read back, for it can be put together of parts that pass side by side. */
export const wantedDigests = (
  file: FileEntry,
  destination: Capabilities,
  verify: Verify,
): ReadonlyArray<ChecksumAlgorithm> => {
  if (verify === 'size') return []
  const reported = algorithms.filter((a) => file.checksums[a] !== undefined || destination.checksums.given.includes(a))
  const crc: ReadonlyArray<ChecksumAlgorithm> = reported.length === 0 || isReadBack(file, verify) ? ['crc64xz'] : []
  return [...new Set([...reported, ...crc])]
}

/** The first algorithm that both know, and whether they agree on all that both know. */
const agreement = (
  a: Checksums,
  b: Checksums,
): { readonly common: ChecksumAlgorithm | undefined; readonly wrong: ChecksumAlgorithm | undefined } => {
  const shared = algorithms.filter((x) => a[x] !== undefined && b[x] !== undefined)
  return { common: shared[0], wrong: shared.find((x) => a[x] !== b[x]) }
}

/** Whether two files can be equal by what is reported of their sizes. */
export const maySameSize = (a: FileEntry, b: FileEntry): boolean =>
  a.size === undefined || b.size === undefined || a.size === b.size

/** Whether two files are equal by what is reported of them: the checksum they share, `size` where they share none, undefined where they differ, or nothing tells. */
export const sameFile = (a: FileEntry, b: FileEntry): ChecksumAlgorithm | 'size' | undefined => {
  if (!maySameSize(a, b)) return undefined
  const { common, wrong } = agreement(a.checksums, b.checksums)
  if (wrong !== undefined) return undefined
  return common ?? (a.size === undefined || b.size === undefined ? undefined : 'size')
}

/** Whether what `Outcome.same` says proves equal content: a checksum, or the bytes themselves. */
export const isProven = (same: string): boolean => same !== 'size' && same !== 'time'

/** Of a file that was written, from what the source reported, what passed, and what the destination answered. */
export const prove = (
  file: FileEntry,
  passed: Checksums,
  written: Pick<Written, 'size' | 'checksums' | 'evidence'>,
  verify: Verify,
): E.Either<Fault<'ChecksumMismatch'>, Proof> => {
  if (written.size !== file.size) return E.left(checksumMismatch({ algorithm: 'size' }))
  if (verify === 'size') return E.right({ arrival: 'size', departure: 'none' })
  const left = agreement(file.checksums, passed)
  if (left.wrong !== undefined) return E.left(checksumMismatch({ algorithm: left.wrong }))
  const arrived = agreement({ ...file.checksums, ...passed }, written.checksums)
  if (arrived.wrong !== undefined) return E.left(checksumMismatch({ algorithm: arrived.wrong }))
  const checked = written.evidence.startsWith('vendor-checked:') ? (written.evidence as Arrival) : 'size'
  return E.right({
    arrival: arrived.common === undefined ? checked : `checksum:${arrived.common}`,
    departure: left.common ?? 'none',
  })
}
