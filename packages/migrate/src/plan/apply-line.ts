// What one line of a plan says, done: only if all that it was decided on is still so.
import {
  locate,
  nameOf,
  preconditionFailed,
  type DriveError,
  type DrivePath,
  type DriveProvider,
  type Entry,
  type FileEntry,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Lease, Outcome } from '../journal'
import type { Policy } from '../options'
import { place, type Placed } from '../place'
import { sameFile } from '../proof'
import { patiently, type Run } from '../run'
import { transfer } from '../transfer'
import { problemError, sourceHolds, targetHolds, type PlanProblem } from './holds'
import type { PlanLine } from './line'

const look = async (
  run: Run,
  drive: DriveProvider,
  path: DrivePath,
): Promise<E.Either<DriveError, Entry | undefined>> => {
  const found = await patiently(run, drive.stat(path, { signal: run.signal }))
  return E.isLeft(found) && found.left._tag === 'NotFound' && found.left.what !== 'space' ? E.right(undefined) : found
}

/** The source as it is now, if that is what the plan was made of. */
const source = async (run: Run, line: PlanLine): Promise<E.Either<DriveError, Entry>> => {
  const now = await look(run, run.from.drive, line.from)
  if (E.isLeft(now)) return now
  return E.mapLeft((problem: PlanProblem) => problemError(run.from.drive.vendor, problem))(sourceHolds(line, now.right))
}

/** A source that changes while it is read is not read anew: it is no longer what was planned. */
const asPlanned = (drive: DriveProvider, line: PlanLine): DriveProvider => ({
  ...drive,
  stat: (path, options) => async () => {
    const now = await drive.stat(path, options)()
    return E.isRight(now) && E.isLeft(sourceHolds(line, now.right))
      ? E.left(locate({ vendor: drive.vendor, operation: 'readFile', path })(preconditionFailed()))
      : now
  },
})

/** Replaces only what was to be replaced, also where that changes between the look and the last moment. */
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

/** What is proven to be the file itself was carried before. */
const isSame = (file: FileEntry, existing: Entry): boolean => {
  const same = existing.kind === 'file' ? sameFile(file, existing) : undefined
  return same !== undefined && same !== 'size'
}

/** The decision was made when the plan was; another is not made for it. */
const afresh = ({ decision: _, ...lease }: Lease): Lease => lease

const failed = (error: DriveError): Outcome => ({ status: 'failed', error })

/** Of a file. Undefined: stopped before it was settled. */
export const carryLine = async (run: Run, lease: Lease, line: PlanLine): Promise<Outcome | undefined> => {
  const { vendor } = run.to.drive
  const now = await source(run, line)
  if (E.isLeft(now)) return run.signal.aborted ? undefined : failed(now.left)
  if (now.right.kind !== 'file') return undefined
  const file = now.right
  const isLookedAt = line.do === 'overwrite' || lease.interrupted === true
  const stands = isLookedAt ? await look(run, run.to.drive, line.to) : E.right(undefined)
  if (E.isLeft(stands)) return run.signal.aborted ? undefined : failed(stands.left)
  const gone = line.do === 'overwrite' && stands.right === undefined ? targetHolds(line, undefined) : E.right(undefined)
  if (E.isLeft(gone) && lease.interrupted !== true) return failed(problemError(vendor, gone.left))
  let problem: PlanProblem | undefined
  const policy: Policy = ({ existing }) => {
    const holds = targetHolds(line, existing)
    if (E.isRight(holds)) return 'overwrite'
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
  const outcome = await transfer(guarded, afresh(lease), file, line.to, (name) =>
    Promise.resolve(name === nameOf(line.to) ? stands.right : undefined),
  )
  return outcome?.status === 'failed' && problem !== undefined ? failed(problemError(vendor, problem)) : outcome
}

const placeOf = async (run: Run, lease: Lease, line: PlanLine): Promise<E.Either<DriveError, Placed | undefined>> => {
  const now = await source(run, line)
  if (E.isLeft(now)) return now
  if (now.right.kind !== 'directory') return E.right(undefined)
  return place({ ...run, policy: 'ask' }, now.right, line.to, afresh(lease))
}

/** Of a directory: made, or found standing. Undefined: stopped before it was settled. */
export const makeLine = async (run: Run, lease: Lease, line: PlanLine): Promise<Outcome | undefined> => {
  const made = await placeOf(run, lease, line)
  if (E.isRight(made)) {
    const at = made.right
    return at === undefined ? undefined : { status: at.status, to: at.path, how: at.how }
  }
  if (run.signal.aborted) return undefined
  const { left } = made
  const inTheWay = left._tag === 'NameConflict' ? left.existing : undefined
  const holds = inTheWay === undefined ? E.right(undefined) : targetHolds(line, inTheWay)
  return failed(E.isLeft(holds) ? problemError(run.to.drive.vendor, holds.left) : left)
}
