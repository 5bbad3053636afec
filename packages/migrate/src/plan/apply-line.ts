// One line of a plan carried out, if everything that it was decided on still holds.
import { nameOf, type DriveError, type DriveProvider, type Entry, type FileEntry } from '@anydrive/core'
import { locate, preconditionFailed } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { Lease, Outcome } from '../journal'
import type { Policy } from '../conflict'
import { createDirectory, type Directory } from '../directories'
import { sameFile } from '../proof'
import { entryAt, type Run } from '../run'
import { transfer } from '../transfer'
import { problemError, sourceHolds, targetHolds, type PlanProblem } from './preconditions'
import type { PlanLine } from './line'

/** The source as it is now, if it is still what the plan was made of. */
const source = async (run: Run, line: PlanLine): Promise<E.Either<DriveError, Entry>> => {
  const now = await entryAt(run, run.from.drive, line.from)
  if (E.isLeft(now)) return now
  return E.mapLeft((problem: PlanProblem) => problemError(run.from.drive.vendor, problem))(sourceHolds(line, now.right))
}

/** A source that changes while it is read is not read again: it is no longer what was planned. */
const asPlanned = (drive: DriveProvider, line: PlanLine): DriveProvider => ({
  ...drive,
  stat: (path, options) => async () => {
    const now = await drive.stat(path, options)()
    return E.isRight(now) && E.isLeft(sourceHolds(line, now.right))
      ? E.left(locate({ vendor: drive.vendor, operation: 'readFile', path })(preconditionFailed()))
      : now
  },
})

/** Replaces only the file that the plan says, also where that changes at the last moment. */
const replacing = (drive: DriveProvider, { existing }: PlanLine): DriveProvider =>
  existing?.version === undefined
    ? drive
    : {
        ...drive,
        writeFile: (path, bytes, options) =>
          drive.writeFile(
            path,
            bytes,
            options?.conflict === 'overwrite' ? { ...options, ifVersion: existing.version } : options,
          ),
      }

/** A file with the same checksum was transferred before. */
const isSame = (file: FileEntry, existing: Entry): boolean => {
  const same = existing.kind === 'file' ? sameFile(file, existing) : undefined
  return same !== undefined && same !== 'size'
}

/** The decision was made with the plan; one noted by an earlier attempt does not count. */
const undecided = ({ decision: _, ...lease }: Lease): Lease => lease

const failed = (error: DriveError): Outcome => ({ status: 'failed', error })

/** Of a file. Undefined: stopped before it was settled. */
export const transferPlanned = async (run: Run, lease: Lease, line: PlanLine): Promise<Outcome | undefined> => {
  const { vendor } = run.to.drive
  const now = await source(run, line)
  if (E.isLeft(now)) return run.signal.aborted ? undefined : failed(now.left)
  if (now.right.kind !== 'file') return undefined
  const replaces = line.do === 'overwrite' || line.do === 'replace'
  const needsLookup = replaces || lease.interrupted === true
  const found = needsLookup ? await entryAt(run, run.to.drive, line.to) : E.right(undefined)
  if (E.isLeft(found)) return run.signal.aborted ? undefined : failed(found.left)
  const gone = replaces && found.right === undefined ? targetHolds(line, undefined) : E.right(undefined)
  if (E.isLeft(gone) && lease.interrupted !== true) return failed(problemError(vendor, gone.left))
  const file = now.right
  let problem: PlanProblem | undefined
  const policy: Policy = ({ existing }) => {
    const holds = targetHolds(line, existing)
    if (E.isRight(holds)) return line.do === 'replace' ? 'different' : 'overwrite'
    if (isSame(file, existing)) return 'skip'
    problem = holds.left
    return 'ask'
  }
  const guarded: Run = {
    ...run,
    from: { drive: asPlanned(run.from.drive, line) },
    to: { drive: replacing(run.to.drive, line) },
    policy,
  }
  const outcome = await transfer(guarded, undecided(lease), file, line.to, (name) =>
    Promise.resolve(name === nameOf(line.to) ? found.right : undefined),
  )
  return outcome?.status === 'failed' && problem !== undefined ? failed(problemError(vendor, problem)) : outcome
}

/** Of a directory: created, or merged into an existing one. */
export const createPlanned = async (run: Run, lease: Lease, line: PlanLine): Promise<Directory> => {
  const now = await source(run, line)
  if (E.isLeft(now)) return now
  if (now.right.kind !== 'directory') return E.right(undefined)
  const policy: Policy = ({ existing }) =>
    line.do === 'replace' && E.isRight(targetHolds(line, existing)) ? 'different' : 'ask'
  const placed = await createDirectory({ ...run, policy }, now.right, line.to, undecided(lease))
  const existing = E.isLeft(placed) && placed.left._tag === 'NameConflict' ? placed.left.existing : undefined
  const holds = existing === undefined ? E.right(undefined) : targetHolds(line, existing)
  return E.isLeft(holds) ? E.left(problemError(run.to.drive.vendor, holds.left)) : placed
}
