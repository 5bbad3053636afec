// What an interrupted attempt left at the destination: looked for before anything is sent again.
import {
  entries,
  indeterminate,
  locate,
  parentOf,
  under,
  type DriveError,
  type DrivePath,
  type FileEntry,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Before, Outcome } from './journal'
import { isMadeOf } from './names/made-of'
import { once } from './place'
import { sameFile, type Proof } from './proof'
import type { Run } from './run'
import { readBack, type Job } from './send'

/** No name is told of more files than these: the journal would be larger than the tree. */
const mostBefore = 1000

/** Files of one size in a directory, as they stood when it was first asked for. */
export type Bystanders = (dir: DrivePath, size: number) => Promise<E.Either<DriveError, Before>>

const listed = async (
  run: Pick<Run, 'to' | 'signal'>,
  dir: DrivePath,
): Promise<E.Either<DriveError, ReadonlyArray<FileEntry>>> => {
  const files: Array<FileEntry> = []
  for await (const entry of entries(run.to.drive, dir, { signal: run.signal })) {
    if (E.isLeft(entry)) return entry
    if (entry.right.kind === 'file') files.push(entry.right)
  }
  return E.right(files)
}

const bySize = (files: ReadonlyArray<FileEntry>): ReadonlyMap<number, ReadonlyArray<string>> => {
  const sizes = new Map<number, Array<string>>()
  for (const { size, name } of files) {
    const names = sizes.get(size)
    if (names === undefined) sizes.set(size, [name])
    else names.push(name)
  }
  return sizes
}

/** One listing for each directory; of the latest few directories, for a tree is walked one after another. */
export const createBystanders = (run: Pick<Run, 'to' | 'signal'>): Bystanders => {
  const most = 16
  const known = new Map<DrivePath, () => Promise<E.Either<DriveError, ReadonlyMap<number, ReadonlyArray<string>>>>>()
  return async (dir, size) => {
    const listing = known.get(dir) ?? once(async () => E.map(bySize)(await listed(run, dir)))
    known.delete(dir)
    known.set(dir, listing)
    for (const oldest of known.keys()) {
      if (known.size <= most) break
      known.delete(oldest)
    }
    const sizes = await listing()
    if (E.isLeft(sizes)) {
      known.delete(dir)
      return sizes
    }
    const names = sizes.right.get(size) ?? []
    return E.right(names.length > mostBefore ? null : names)
  }
}

const failed = (error: DriveError): Outcome => ({ status: 'failed', error })

const unknown = (run: Run, job: Job): Outcome =>
  failed(
    locate({ vendor: run.to.drive.vendor, operation: 'writeFile', path: job.to })(
      indeterminate({ check: `whether /${job.file.path} stands in /${parentOf(job.to)} under another name` }),
    ),
  )

/** Carried, if what stands holds the source's bytes; failed, if that cannot be found out; undefined if it does not. */
export const asOurs = async (run: Run, job: Job, standing: FileEntry): Promise<Outcome | undefined> => {
  const same = sameFile(job.file, standing)
  if (same === undefined) return undefined
  const proof: Proof = { arrival: same === 'size' ? 'read-back' : `checksum:${same}`, departure: 'none' }
  const read = same === 'size' || run.verify === 'full' ? await readBack(run, job, standing) : E.right(undefined)
  if (E.isLeft(read)) return read.left._tag === 'ChecksumMismatch' ? undefined : failed(read.left)
  return {
    status: 'carried',
    to: standing.path,
    how: standing.path === job.wanted ? 'as-asked' : 'renamed',
    bytes: standing.size,
    proof: run.verify === 'full' ? { ...proof, arrival: 'read-back' } : proof,
  }
}

/** The file to which the vendor gave a free name, although its answer was lost; undefined if there is none. */
export const renamedByVendor = async (run: Run, job: Job, before: Before): Promise<Outcome | undefined> => {
  if (before === null) return unknown(run, job)
  const dir = parentOf(job.to)
  const standing = await listed(run, dir)
  if (E.isLeft(standing)) return failed(standing.left)
  const stood = new Set(before)
  const wanted = job.to.slice(dir === '' ? 0 : dir.length + 1)
  for (const file of standing.right) {
    if (file.size !== job.file.size || stood.has(file.name) || !isMadeOf(wanted, file.name)) continue
    const source = under(parentOf(job.file.path), file.name as DrivePath)
    const accounted = await run.journal.accounts({ to: file.path, source })()
    if (E.isLeft(accounted)) {
      run.stop(accounted.left)
      return unknown(run, job)
    }
    if (accounted.right) continue
    const ours = await asOurs(run, job, file)
    if (ours !== undefined) return ours
  }
  return undefined
}
