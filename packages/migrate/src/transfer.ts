// One file from its decision to its outcome: sent, and after a failure sent again, resumed, looked for or given up.
import {
  child,
  nameOf,
  parentOf,
  retryAdvice,
  type DriveError,
  type DrivePath,
  type Entry,
  type FileEntry,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { courseFor, decide } from './decide'
import type { Lease, Outcome } from './journal'
import type { Decision } from './options'
import { inTheWay } from './place'
import { asOurs, renamedByVendor } from './reconcile'
import { retries, waitBefore, type Run } from './run'
import { readBack, send, type Arrived, type Job } from './send'

/** How often each way of going on was taken. */
interface Tries {
  later: number
  onceMore: number
  look: number
  fresh: number
  anew: number
  clash: number
}
/** What is known of the target before a file is sent. */
type Standing = (name: string) => Promise<Entry | undefined>
type Next = 'again' | Outcome

const mostClashes = 5
const failed = (error: DriveError): Outcome => ({ status: 'failed', error })

const decided = async (run: Run, job: Job, existing: Entry): Promise<E.Either<DriveError, Decision | undefined>> => {
  const decision = await decide(run, { source: job.file, existing, to: job.to })
  if (E.isLeft(decision) || typeof run.policy === 'string') return decision
  const noted = await run.journal.note(job.lease, { decision: decision.right })()
  if (E.isRight(noted)) return decision
  run.stop(noted.left)
  return E.right(undefined)
}

/** Before the vendor picks a free name: what would tell the file afterwards, if the answer is lost together with this process. */
const remember = async (run: Run, job: Job): Promise<Next | undefined> => {
  if (!run.journal.durable || job.before !== undefined) return 'again'
  const before = await run.bystanders(parentOf(job.to), job.file.size)
  if (E.isLeft(before)) return failed(before.left)
  const noted = await run.journal.note(job.lease, { before: before.right })()
  if (E.isRight(noted)) {
    job.before = before.right
    return 'again'
  }
  run.stop(noted.left)
  return undefined
}

/** An interrupted attempt may have placed what stands, unless it was to go elsewhere. */
const isEarlier = ({ lease }: Job, { clash }: Tries, existing: Entry): existing is FileEntry =>
  lease.interrupted === true && existing.kind === 'file' && (clash > 0 || typeof lease.decision !== 'object')

/** A name that is taken: how to go on, by the decision. `undefined`: the run is being stopped. */
const resolve = async (
  run: Run,
  job: Job,
  tries: Tries,
  existing: Entry,
  standing: Standing,
): Promise<Next | undefined> => {
  const ours = isEarlier(job, tries, existing) ? await asOurs(run, job, existing) : undefined
  if (ours !== undefined) return ours
  const earlier = tries.clash === 0 ? job.lease.decision : undefined
  tries.clash += 1
  const decision = earlier === undefined ? await decided(run, job, existing) : E.right(earlier)
  if (E.isLeft(decision)) return failed(decision.left)
  if (decision.right === undefined) return undefined
  const course = courseFor(run, job.file, { existing, to: job.to, name: nameOf(job.to) }, decision.right)
  switch (course.go) {
    case 'write':
      job.conflict = course.conflict
      return course.conflict === 'rename' ? remember(run, job) : 'again'
    case 'skip':
      return { status: 'skipped', ...(course.same === undefined ? {} : { same: course.same }) }
    case 'fail':
      return failed(course.error)
    case 'elsewhere': {
      const beside = child(parentOf(job.to), course.name)
      if (E.isLeft(beside)) return failed(beside.left)
      job.to = beside.right
      job.conflict = 'ask'
      const next = await standing(course.name)
      return next === undefined || tries.clash >= mostClashes ? 'again' : resolve(run, job, tries, next, standing)
    }
  }
}

/** After a lost answer: the file may stand. Its bytes tell whether it is ours. */
const look = async (run: Run, job: Job, error: DriveError): Promise<Next> => {
  if (job.conflict === 'rename')
    return job.before === undefined ? failed(error) : ((await renamedByVendor(run, job, job.before)) ?? failed(error))
  const found = await run.to.drive.stat(job.to, { signal: run.signal })()
  if (E.isLeft(found)) return found.left._tag === 'NotFound' ? 'again' : failed(error)
  if (found.right.kind !== 'file') return failed(error)
  const standing = found.right
  const same = standing.size === job.file.size ? await readBack(run, job, standing) : undefined
  if (same !== undefined && E.isRight(same))
    return carried(
      {
        written: { path: standing.path, size: standing.size, how: 'as-asked' },
        proof: { arrival: 'read-back', departure: 'none' },
        instant: false,
      },
      job.wanted,
    )
  return job.conflict === 'overwrite' ? 'again' : failed(error)
}

/** Nothing of earlier attempts counts any more. */
const anew = (job: Job): void => {
  job.upload = undefined
  job.tapped = undefined
}

/** The source is not what was listed: what it is now. */
const refresh = async (run: Run, job: Job, error: DriveError): Promise<Next> => {
  const now = await run.from.drive.stat(job.file.path, { signal: run.signal })()
  if (E.isLeft(now) || now.right.kind !== 'file') return failed(error)
  job.file = now.right
  anew(job)
  return 'again'
}

const isOfSource = (error: DriveError): boolean =>
  (error._tag === 'PreconditionFailed' && error.operation === 'readFile') ||
  (error._tag === 'SourceFailed' && error.reason !== 'unreadable')

const isAway = (error: DriveError): boolean => error._tag === 'NotFound' && error.what === 'upload'

const afterwards = async (
  run: Run,
  job: Job,
  tries: Tries,
  error: DriveError,
  standing: Standing,
): Promise<Next | undefined> => {
  if (isOfSource(error) && tries.fresh++ === 0) return refresh(run, job, error)
  if (isAway(error) && job.upload !== undefined && tries.anew++ === 0) {
    anew(job)
    return 'again'
  }
  if (error._tag === 'NameConflict' && job.conflict === 'ask' && tries.clash < mostClashes) {
    const existing = await inTheWay(run, job.to, error)
    return existing === undefined ? failed(error) : resolve(run, job, tries, existing, standing)
  }
  const advice = retryAdvice(error)
  if (advice === 'look-first' && tries.look++ === 0) return look(run, job, error)
  if (advice === 'once-more' && tries.onceMore++ === 0) {
    anew(job)
    return 'again'
  }
  if (advice !== 'later' || tries.later >= retries) return failed(error)
  tries.later += 1
  await run.delay(waitBefore(tries.later, error), run.signal)
  return 'again'
}

const carried = ({ written, proof, instant }: Arrived, wanted: DrivePath): Outcome => ({
  status: 'carried',
  to: written.path,
  how: written.path === wanted ? 'as-asked' : 'renamed',
  bytes: written.size,
  proof,
  ...(instant ? { instant } : {}),
})

/** Parts that nobody will resume are not left to cost their owner. */
const abandon = async (run: Run, { upload }: Job): Promise<void> => {
  if (upload !== undefined && !run.journal.durable) await run.to.drive.abandonUpload(upload, { timeout: 10_000 })()
}

/** Before anything is sent. */
const first = async (run: Run, job: Job, tries: Tries, standing: Standing): Promise<Next | undefined> => {
  if (job.before !== undefined) return (await renamedByVendor(run, job, job.before)) ?? 'again'
  if (job.conflict === 'rename' || (job.upload !== undefined && job.lease.interrupted !== true)) return 'again'
  const existing = await standing(nameOf(job.to))
  return existing === undefined ? 'again' : resolve(run, job, tries, existing, standing)
}

/** `undefined`: stopped before it was settled. */
export const transfer = async (
  run: Run,
  lease: Lease,
  file: FileEntry,
  to: DrivePath,
  standing: Standing,
): Promise<Outcome | undefined> => {
  const job: Job = {
    lease,
    file,
    to,
    wanted: to,
    // With a durable journal the name asked for is tried first: what stands there can be recognized after an interruption.
    conflict: lease.before !== undefined || (run.policy === 'rename' && !run.journal.durable) ? 'rename' : 'ask',
    before: lease.before,
    upload: lease.upload,
    tapped: undefined,
  }
  const tries: Tries = { later: 0, onceMore: 0, look: 0, fresh: 0, anew: 0, clash: 0 }
  let next = await first(run, job, tries, standing)
  while (next === 'again') {
    const sent = await send(run, job)
    if (E.isRight(sent)) return carried(sent.right, to)
    next = run.signal.aborted ? undefined : await afterwards(run, job, tries, sent.left, standing)
  }
  await abandon(run, job)
  return run.signal.aborted && next?.status === 'failed' ? undefined : next
}
