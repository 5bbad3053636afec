// The transfer of one file, from the decision on its name to its outcome, with retries after failures.
import {
  child,
  leftovers,
  nameOf,
  parentOf,
  retryAdvice,
  isSized,
  spooled,
  type DriveError,
  type DrivePath,
  type Entry,
  type FileEntry,
  type Spooled,
} from '@anydrive/core'
import { locate, nameConflict } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { Decision } from './conflict'
import { courseFor, decide, type Course } from './decide'
import type { Copy, Lease, Outcome } from './journal'
import { inTheWay, type Placed } from './directories'
import { asOurs, renamedByVendor } from './reconcile'
import { maySameSize } from './proof'
import { retries, waitBefore, withRetry, type Run } from './run'
import { readBack, send, type Arrived, type Job } from './send'
import { checkUnchanged } from './source-state'
import { slowed } from './throttle'

/** How often each kind of retry was made. */
interface Tries {
  later: number
  onceMore: number
  lookup: number
  changed: number
  upload: number
  clash: number
}
/** What is known of the target directory before a file is sent. */
type Existing = Placed['existing']
type Next = 'retry' | Outcome

const mostClashes = 5
const failed = (error: DriveError): Outcome => ({ status: 'failed', error })
const skipped = ({ same, why }: Extract<Course, { readonly go: 'skip' }>): Outcome => ({
  status: 'skipped',
  ...(same === undefined ? {} : { same }),
  ...(why === undefined ? {} : { why }),
})
const replaces = (decision: Decision): boolean =>
  decision === 'overwrite' || decision === 'newer' || decision === 'different'

const decided = async (run: Run, job: Job, existing: Entry): Promise<E.Either<DriveError, Decision | undefined>> => {
  const decision = await decide(run, { source: job.file, existing, to: job.to })
  if (E.isLeft(decision) || typeof run.policy === 'string') return decision
  const noted = await run.journal.note(job.lease, { decision: decision.right })()
  if (E.isRight(noted)) return decision
  run.stop(noted.left)
  return E.right(undefined)
}

/** Before the vendor picks a free name: notes which files exist, so that the new one can be recognized if the answer is lost together with this process. */
const remember = async (run: Run, job: Job): Promise<Next | undefined> => {
  if (!run.journal.durable || job.before !== undefined) return 'retry'
  const before = await run.sameSizeSiblings(parentOf(job.to), job.file.size)
  if (E.isLeft(before)) return failed(before.left)
  const noted = await run.journal.note(job.lease, { before: before.right })()
  if (E.isRight(noted)) {
    job.before = before.right
    return 'retry'
  }
  run.stop(noted.left)
  return undefined
}

/** An interrupted attempt may have placed the existing file, unless it was to use another name. */
const isEarlier = ({ lease }: Job, { clash }: Tries, existing: Entry): existing is FileEntry =>
  lease.interrupted === true && existing.kind === 'file' && (clash > 0 || typeof lease.decision !== 'object')

/** Of a sync with a backup directory, the existing file is moved there first. */
const replaceExisting = async (run: Run, job: Job, existing: Entry): Promise<Next | undefined> => {
  job.conflict = run.backup === undefined ? 'overwrite' : 'ask'
  if (run.backup === undefined || existing.kind !== 'file') return 'retry'
  return afterMove(run, await run.backup.aside(existing))
}
const afterMove = (run: Run, moved: E.Either<DriveError, unknown>): Next | undefined => {
  if (E.isRight(moved)) return 'retry'
  return run.signal.aborted ? undefined : failed(moved.left)
}

/** A directory in the place of a file: a sync moves it away, else it is a failure. */
const replaceOtherKind = async (run: Run, job: Job, existing: Entry, error: DriveError): Promise<Next | undefined> => {
  if (existing.kind !== 'directory' || existing.name !== nameOf(job.to) || run.makeRoom === undefined)
    return failed(error)
  job.conflict = 'ask'
  const room = await run.makeRoom(job.file, existing)
  if (E.isRight(room)) job.putBack = room.right
  return afterMove(run, room)
}

/** What to do about a name that is taken. `undefined`: the run is being stopped. */
const resolve = async (
  run: Run,
  job: Job,
  tries: Tries,
  existing: Entry,
  existingIn: Existing,
): Promise<Next | undefined> => {
  const ours = isEarlier(job, tries, existing) ? await asOurs(run, job, existing) : undefined
  if (ours !== undefined) return ours
  const earlier = tries.clash === 0 ? job.lease.decision : undefined
  tries.clash += 1
  const decision = earlier === undefined ? await decided(run, job, existing) : E.right(earlier)
  if (E.isLeft(decision)) return failed(decision.left)
  if (decision.right === undefined) return undefined
  if (replaces(decision.right) && run.own.target(existing.path)) return failed(ownFileError(run, job.to))
  const found = await courseFor(run, job.file, { existing, to: job.to, name: nameOf(job.to) }, decision.right)
  if (E.isLeft(found)) return failed(found.left)
  const course = found.right
  switch (course.go) {
    case 'write':
      if (course.conflict === 'overwrite') return replaceExisting(run, job, existing)
      job.conflict = course.conflict
      return course.conflict === 'rename' ? remember(run, job) : 'retry'
    case 'skip':
      return skipped(course)
    case 'fail':
      return decision.right === 'different' ? replaceOtherKind(run, job, existing, course.error) : failed(course.error)
    case 'elsewhere': {
      const beside = child(parentOf(job.to), course.name)
      if (E.isLeft(beside)) return failed(beside.left)
      job.to = beside.right
      job.conflict = 'ask'
      const next = await existingIn(course.name)
      return next === undefined || tries.clash >= mostClashes ? 'retry' : resolve(run, job, tries, next, existingIn)
    }
  }
}

/** After a lost response: the file may exist. Whether it is ours shows by its bytes. */
const lookup = async (run: Run, job: Job, error: DriveError): Promise<Next> => {
  if (job.conflict === 'rename')
    return job.before === undefined ? failed(error) : ((await renamedByVendor(run, job, job.before)) ?? failed(error))
  const found = await run.to.drive.stat(job.to, { signal: run.signal })()
  if (E.isLeft(found)) return found.left._tag === 'NotFound' ? 'retry' : failed(error)
  if (found.right.kind !== 'file') return failed(error)
  const existing = found.right
  const same = maySameSize(existing, job.file) ? await readBack(run, job, existing) : undefined
  if (same === undefined || E.isLeft(same)) return job.conflict === 'overwrite' ? 'retry' : failed(error)
  const checked = await checkUnchanged(run, job.file)
  if (E.isLeft(checked)) return job.conflict === 'overwrite' ? refresh(run, job, checked.left) : failed(checked.left)
  return carried(
    {
      written: { ...existing, size: job.file.size, how: 'as-asked' },
      proof: { arrival: 'read-back', departure: 'none' },
      instant: false,
    },
    job.wanted,
  )
}

/** Frees the parts of an upload that nobody will resume, and forgets it. */
const abandonUpload = async (run: Run, job: Job): Promise<void> => {
  if (job.upload !== undefined) await run.to.drive.abandonUpload(job.upload, { timeout: 10_000 })()
  job.upload = undefined
}

/** Forgets what earlier attempts sent. */
const restart = async (run: Run, job: Job): Promise<'retry'> => {
  await abandonUpload(run, job)
  job.digests = undefined
  return 'retry'
}

/** The source is not what was listed: takes it as it is now. */
const refresh = async (run: Run, job: Job, error: DriveError): Promise<Next> => {
  const now = await run.from.drive.stat(job.file.path, { signal: run.signal })()
  if (E.isLeft(now) || now.right.kind !== 'file' || !isSized(now.right)) return failed(error)
  job.file = now.right
  job.onRefresh(job.file)
  job.spooled = undefined
  return restart(run, job)
}

const isOfSource = (error: DriveError): boolean =>
  (error._tag === 'PreconditionFailed' && error.operation === 'readFile') ||
  (error._tag === 'SourceFailed' && error.reason !== 'unreadable')

const isUploadGone = (error: DriveError): boolean => error._tag === 'NotFound' && error.what === 'upload'

const afterwards = async (
  run: Run,
  job: Job,
  tries: Tries,
  error: DriveError,
  existingIn: Existing,
): Promise<Next | undefined> => {
  if (isOfSource(error) && tries.changed++ === 0) return refresh(run, job, error)
  if (isUploadGone(error) && job.upload !== undefined && tries.upload++ === 0) {
    return restart(run, job)
  }
  if (error._tag === 'NameConflict' && job.conflict === 'ask' && tries.clash < mostClashes) {
    const existing = await inTheWay(run, job.to, error)
    return existing === undefined ? failed(error) : resolve(run, job, tries, existing, existingIn)
  }
  const advice = retryAdvice(error)
  if (advice === 'check-first' && tries.lookup++ === 0) return lookup(run, job, error)
  if (advice === 'once-more' && tries.onceMore++ === 0) {
    return restart(run, job)
  }
  if (advice !== 'later' || tries.later >= retries) return failed(error)
  tries.later += 1
  await run.delay(waitBefore(tries.later, error), run.signal)
  return 'retry'
}

const carried = ({ written, proof, instant }: Arrived, wanted: DrivePath): Outcome => ({
  status: 'carried',
  to: written.path,
  how: written.path === wanted ? 'as-asked' : 'renamed',
  bytes: written.size,
  proof,
  ...(written.version === undefined ? {} : { version: written.version }),
  ...(instant ? { instant } : {}),
})

const ownFileError = (run: Run, to: DrivePath): DriveError => ({
  ...locate({ vendor: run.to.drive.vendor, operation: 'writeFile', path: to })(nameConflict()),
  message: `/${to}: this name belongs to a file of the migration itself, such as its journal or report; keep that elsewhere`,
})

/** The file that an earlier run put there, and nobody has changed since. */
const isCopy = ({ version, bytes }: Copy, existing: FileEntry): boolean =>
  version === undefined || existing.version === undefined ? existing.size === bytes : existing.version === version

/**
 * The source has changed since an earlier run transferred it: the copy is kept if its content is equal, else replaced, whatever the strategy. If somebody has
 * changed the copy, its name counts as taken.
 */
const replaceCopy = async (
  run: Run,
  job: Job,
  tries: Tries,
  copy: Copy,
  existingIn: Existing,
): Promise<Next | undefined> => {
  job.conflict = 'ask'
  const found = await withRetry(run, run.to.drive.stat(copy.to, { signal: run.signal }))
  if (E.isLeft(found) && found.left._tag !== 'NotFound') return failed(found.left)
  job.to = copy.to
  if (E.isLeft(found)) return 'retry'
  const existing = found.right
  if (existing.kind !== 'file') return resolve(run, job, tries, existing, existingIn)
  const same = await asOurs(run, job, existing)
  if (same !== undefined) return same
  if (!isCopy(copy, existing)) return resolve(run, job, tries, existing, existingIn)
  job.replaces = existing.version
  return replaceExisting(run, job, existing)
}

/** Before anything is sent. */
const first = async (run: Run, job: Job, tries: Tries, existingIn: Existing): Promise<Next | undefined> => {
  if (run.own.target(job.to)) return failed(ownFileError(run, job.to))
  const { placed } = job.lease
  if (placed !== undefined) return replaceCopy(run, job, tries, placed, existingIn)
  if (job.before !== undefined) return (await renamedByVendor(run, job, job.before)) ?? 'retry'
  if (job.conflict === 'rename' || (job.upload !== undefined && job.lease.interrupted !== true)) return 'retry'
  const existing = await existingIn(nameOf(job.to))
  return existing === undefined ? 'retry' : resolve(run, job, tries, existing, existingIn)
}

/** Reads a file whose size is unknown or stated as 0, because an upload needs the size. */
const spooledContent = async (run: Run, file: FileEntry): Promise<E.Either<DriveError, Spooled>> => {
  const content = await withRetry(
    run,
    run.from.drive.readFile(file.path, { ifVersion: file.version, signal: run.signal }),
  )
  return E.isLeft(content)
    ? content
    : spooled(slowed(content.right.stream, run.throttle, run.signal), { signal: run.signal })()
}

/** As `transferSized`. A file whose size is unknown or stated as 0 is read first. */
const transferAny = async (
  run: Run,
  lease: Lease,
  file: FileEntry,
  to: DrivePath,
  existingIn: Existing,
  onRefresh: (now: FileEntry) => void = () => undefined,
): Promise<Outcome | undefined> => {
  if (isSized(file) && file.size > 0)
    return transferSized(run, { lease, file, to, spooled: undefined, existingIn, onRefresh })
  const content = await spooledContent(run, file)
  if (E.isLeft(content)) return run.signal.aborted ? undefined : failed(content.left)
  const { right: spool } = content
  try {
    const sized = { ...file, size: spool.size }
    return await transferSized(run, { lease, file: sized, to, spooled: spool, existingIn, onRefresh })
  } finally {
    await spool.dispose()
  }
}

/** As `transferAny`. What an attempt that was killed left under temporary names is repaired afterwards; what cannot be repaired stays as it is. */
export const transfer = async (
  run: Run,
  lease: Lease,
  file: FileEntry,
  to: DrivePath,
  existingIn: Existing,
  onRefresh?: (now: FileEntry) => void,
): Promise<Outcome | undefined> => {
  const outcome = await transferAny(run, lease, file, to, existingIn, onRefresh)
  if (lease.interrupted === true && outcome !== undefined)
    await leftovers(run.to.drive, parentOf(to), { targets: [to], uses: ['old', 'move', 'new'], signal: run.signal })()
  return outcome
}

interface Transfer extends Pick<Job, 'lease' | 'file' | 'to' | 'spooled' | 'onRefresh'> {
  readonly existingIn: Existing
}

/** `undefined`: stopped before it was settled. */
const transferSized = async (
  run: Run,
  { lease, file, to, spooled: content, existingIn, onRefresh }: Transfer,
): Promise<Outcome | undefined> => {
  const job: Job = {
    lease,
    file,
    spooled: content,
    to,
    wanted: to,
    // With a durable journal the wanted name is tried first: a file of that name can be recognized after an interruption.
    conflict: lease.before !== undefined || (run.policy === 'rename' && !run.journal.durable) ? 'rename' : 'ask',
    before: lease.before,
    upload: lease.upload,
    digests: undefined,
    replaces: undefined,
    putBack: undefined,
    onRefresh,
  }
  const tries: Tries = { later: 0, onceMore: 0, lookup: 0, changed: 0, upload: 0, clash: 0 }
  let next = await first(run, job, tries, existingIn)
  while (next === 'retry') {
    const sent = await send(run, job)
    if (E.isRight(sent)) return carried(sent.right, to)
    next = run.signal.aborted ? undefined : await afterwards(run, job, tries, sent.left, existingIn)
  }
  if (next?.status !== 'carried') await job.putBack?.()
  if (!run.journal.durable) await abandonUpload(run, job)
  return run.signal.aborted && next?.status === 'failed' ? undefined : next
}
