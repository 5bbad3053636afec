// Decides for a file that exists at the target whether the source replaces it: the strategies `newer` and `different`.
import * as E from 'fp-ts/Either'
import type { ChecksumAlgorithm, DriveError, FileEntry } from '@anydrive/core'
import type { CompareBy, Incremental } from './conflict'
import type { KeptBecause } from './journal'
import { algorithms, isProven, maySameSize, sameFile, timePrecision } from './proof'
import type { Run } from './run'
import { digestsOf } from './send'

export type Replacement =
  | { readonly replace: true }
  /** `same`: by what the two are equal. */
  | { readonly replace: false; readonly same?: string; readonly why?: KeptBecause }
type Drives = Pick<Run, 'from' | 'to' | 'compare' | 'signal' | 'throttle'>
type Equality = E.Either<DriveError, string | undefined>

/** Milliseconds from the target's modification time to the source's; 0 within the precision of the two drives, undefined where one is missing. */
const laterBy = ({ from, to }: Drives, source: FileEntry, existing: FileEntry): number | undefined => {
  const [a, b] = [source.modifiedAt, existing.modifiedAt]
  if (a === undefined || b === undefined) return undefined
  const difference = a.getTime() - b.getTime()
  return Math.abs(difference) < timePrecision(from.drive.capabilities, to.drive.capabilities) ? 0 : difference
}

const bytesEqual = async (
  { from, to, signal, throttle }: Drives,
  [source, existing]: readonly [FileEntry, FileEntry],
  wanted: ChecksumAlgorithm | 'content',
): Promise<Equality> => {
  const algorithm = wanted === 'content' ? 'sha256' : wanted
  const sumOf = async (drive: Drives['to']['drive'], file: FileEntry): Promise<Equality> => {
    const reported = file.checksums[algorithm]
    if (wanted !== 'content' && reported !== undefined) return E.right(reported)
    return E.map((sums: FileEntry['checksums']) => sums[algorithm])(
      await digestsOf(drive, file, [algorithm], signal, throttle),
    )
  }
  const a = await sumOf(from.drive, source)
  if (E.isLeft(a)) return a
  const b = await sumOf(to.drive, existing)
  return E.map((sum: string | undefined) => (sum === a.right ? wanted : undefined))(b)
}

/** Where only one side reports a checksum, the other is read for it; where neither does, both are. */
const byChecksum = (run: Drives, source: FileEntry, existing: FileEntry): Promise<Equality> =>
  bytesEqual(
    run,
    [source, existing],
    algorithms.find((it) => source.checksums[it] !== undefined || existing.checksums[it] !== undefined) ?? 'content',
  )

/** Whether the target takes over the modification times of what is sent to it, so that equal times mean that nothing has changed since. */
const keepsTimes = ({ to }: Drives): boolean => to.drive.capabilities.times.file.modifiedAt === 'kept'

/** By what the two files are equal, where that shows without reading them. */
const equalByReport = (run: Drives, source: FileEntry, existing: FileEntry, by: CompareBy | undefined) => {
  if (by === 'size' && source.size !== undefined && source.size === existing.size) return 'size'
  // Files of unknown size have nothing in common but a checksum.
  const same = sameFile(source, existing)
  if (same !== 'size') return same
  const later = keepsTimes(run) ? laterBy(run, source, existing) : undefined
  if (later === 0 && (by === undefined || by === 'time')) return 'time'
  return by === undefined && later === undefined ? 'size' : undefined
}

/** By what the two files are equal; undefined where they differ, or where it cannot be told in the way that was asked for. */
const equalBy = async (run: Drives, source: FileEntry, existing: FileEntry): Promise<Equality> => {
  if (!maySameSize(source, existing)) return E.right(undefined)
  if (run.compare === 'content') return bytesEqual(run, [source, existing], 'content')
  const same = equalByReport(run, source, existing, run.compare)
  if (run.compare !== 'checksum' || same !== undefined) return E.right(same)
  return sameFile(source, existing) === undefined && source.size !== undefined && existing.size !== undefined
    ? E.right(undefined)
    : byChecksum(run, source, existing)
}

const kept = (same: string): Replacement => ({ replace: false, same })

/** A left where a file that has to be read for the comparison cannot be. */
export const decideReplacement = async (
  run: Drives,
  strategy: Incremental,
  source: FileEntry,
  existing: FileEntry,
): Promise<E.Either<DriveError, Replacement>> => {
  const later = laterBy(run, source, existing)
  if (strategy === 'newer' && (later === undefined || later <= 0)) {
    // It is kept in any case: nothing is read only to say that it is equal.
    const same = equalByReport(run, source, existing, run.compare)
    const why = later === undefined ? 'no-time' : 'not-newer'
    return E.right(same === undefined || same === 'size' ? { replace: false, why } : kept(same))
  }
  const same = await equalBy(run, source, existing)
  return E.map((by: string | undefined): Replacement => {
    // Of a source that is newer, an equal size proves nothing unless the caller says so.
    const isEnough = strategy === 'different' || run.compare === 'size' || (by !== undefined && isProven(by))
    return by !== undefined && isEnough ? kept(by) : { replace: true }
  })(same)
}
