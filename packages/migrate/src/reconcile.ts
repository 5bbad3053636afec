// Finds what an interrupted attempt left at the destination, before anything is sent again.
import { entries, parentOf, under, isSized, type DriveError, type DrivePath, type FileEntry } from '@anydrive/core'
import { indeterminate, locate } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { Before, Outcome } from './journal'
import { once } from './directories'
import { isDerivedName } from './names/derived-from'
import { maySameSize, sameFile } from './proof'
import type { Run, SameSizeSiblings } from './run'
import { readBack, type Job } from './send'
import { checkUnchanged } from './source-state'

/** Names noted at most: else the journal would grow larger than the tree. */
const mostBefore = 1000

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

const bySize = (files: ReadonlyArray<FileEntry>): ReadonlyMap<number | undefined, ReadonlyArray<string>> => {
  const sizes = new Map<number | undefined, Array<string>>()
  for (const { size, name } of files) {
    const names = sizes.get(size)
    if (names === undefined) sizes.set(size, [name])
    else names.push(name)
  }
  return sizes
}

/** Lists each directory once; keeps the latest few, because a tree is walked one directory after another. */
export const createSameSizeSiblings = (run: Pick<Run, 'to' | 'signal'>): SameSizeSiblings => {
  const most = 16
  const known = new Map<
    DrivePath,
    () => Promise<E.Either<DriveError, ReadonlyMap<number | undefined, ReadonlyArray<string>>>>
  >()
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
    const names = [size, undefined].flatMap((its) => sizes.right.get(its) ?? [])
    return E.right(names.length > mostBefore ? null : names)
  }
}

const failed = (error: DriveError): Outcome => ({ status: 'failed', error })

const unknown = (run: Run, job: Job): Outcome =>
  failed(
    locate({ vendor: run.to.drive.vendor, operation: 'writeFile', path: job.to })(
      indeterminate({ check: `whether /${job.file.path} exists in /${parentOf(job.to)} under another name` }),
    ),
  )

/** Transferred, if the existing file holds the source's bytes; failed, if that cannot be found out; undefined if it does not. */
export const asOurs = async (run: Run, job: Job, existing: FileEntry): Promise<Outcome | undefined> => {
  const same = sameFile(job.file, existing) ?? (isSized(existing) ? undefined : 'size')
  if (same === undefined) return undefined
  const isRead = same === 'size' || run.verify === 'full'
  const read = isRead ? await readBack(run, job, existing) : E.right(undefined)
  if (E.isLeft(read)) return read.left._tag === 'ChecksumMismatch' ? undefined : failed(read.left)
  const checked = same === 'size' ? await checkUnchanged(run, job.file) : E.right(undefined)
  if (E.isLeft(checked)) return failed(checked.left)
  const { path, size = job.file.size, version } = existing
  return {
    status: 'carried',
    to: path,
    how: path === job.wanted ? 'as-asked' : 'renamed',
    bytes: size,
    proof: { arrival: same === 'size' || run.verify === 'full' ? 'read-back' : `checksum:${same}`, departure: 'none' },
    ...(version === undefined ? {} : { version }),
  }
}

/** The file to which the vendor gave a free name although the response was lost; undefined if there is none. */
export const renamedByVendor = async (run: Run, job: Job, before: Before): Promise<Outcome | undefined> => {
  if (before === null) return unknown(run, job)
  const dir = parentOf(job.to)
  const files = await listed(run, dir)
  if (E.isLeft(files)) return failed(files.left)
  const existedBefore = new Set(before)
  const wanted = job.to.slice(dir === '' ? 0 : dir.length + 1)
  for (const file of files.right) {
    if (!maySameSize(file, job.file) || existedBefore.has(file.name) || !isDerivedName(wanted, file.name)) continue
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
