// Batch jobs: created, pending, running, finished or cancelled; their items done one after another.
import { messageOf, Refusal } from './errors'
import { newDecimalId } from './ids'
import { type Space } from './spaces'
import { emptyBin, type Errand, type Plan, planCopy, planMove, planPurge, planRestore, planTrash } from './transfers'
import { type Job, type JobItem, type World } from './world'

export type NewJob = Readonly<{
  taskType: number
  actionType: number | undefined
  source: Space
  destination: Space
  target: string | undefined
  hidden?: true
  items: ReadonlyArray<Readonly<{ fileId: string; filePath?: string | undefined }>>
}>

type Planner = (world: World, errand: Errand) => Plan

const purgeAction = 202

const planners: Readonly<Record<number, Planner>> = {
  1: planCopy,
  2: planTrash,
  3: planMove,
  4: planRestore,
}

const plannerOf = ({ taskType, actionType }: Pick<Job, 'taskType'> & { readonly actionType?: number }): Planner =>
  taskType === 2 && actionType === purgeAction ? planPurge : (planners[taskType] ?? planCopy)

const emptiesBin = (job: Job): boolean => job.taskType === 7

const errandOf = (world: World, job: Job, item: JobItem): Errand => {
  const source = world.spaces.get(job.sourceId)
  const destination = world.spaces.get(job.destinationId)
  if (source === undefined || destination === undefined) throw new Refusal('spaceNotFound')
  const { userId, target } = job
  return { userId, source, destination, target, fileId: item.fileId, filePath: item.filePath }
}

const keep = (world: World, job: Job): void => world.journal.put('job', job.id, () => job)

const doItem = (world: World, job: Job, item: JobItem): void => {
  try {
    if (item.doomed) throw new Refusal('internalFailure')
    const newFileId = plannerOf(job)(world, errandOf(world, job, item))()
    item.status = 'done'
    if (newFileId !== undefined) item.newFileId = newFileId
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    item.status = 'failed'
    item.reason = error.reason
  }
}

const resultOf = (job: Job): 1 | 2 | 3 => {
  const failed = job.items.filter(({ status }) => status === 'failed').length
  return failed === 0 ? 1 : failed < job.items.length ? 2 : 3
}

const finish = (world: World, job: Job): void => {
  if (emptiesBin(job)) emptyBin(world, job.sourceId)
  job.status = 2
  job.result = resultOf(job)
  job.endedAt = world.now()
  world.openJobs.delete(job)
}

/** Brings a job to where it is after `fraction` of its life; it never goes back. */
const advance = (world: World, job: Job, fraction: number): void => {
  if (fraction <= 0) return
  job.beganAt ??= world.now()
  job.status = 1
  const due = fraction >= 1 ? job.items.length : Math.floor(fraction * job.items.length)
  for (const item of job.items.slice(0, due)) if (item.status === 'pending') doItem(world, job, item)
  if (fraction >= 1) finish(world, job)
  keep(world, job)
}

/** How much of its life is over by the clock. */
const elapsed = (world: World, job: Job): number => {
  const life = world.behaviour.jobLife
  const age = world.now() - job.createdAt
  if (life.kind === 'at-once') return 1
  if (life.kind === 'polls') return age >= life.atMostMs ? 1 : 0
  return age < life.delayMs / 4 ? 0 : age / life.delayMs
}

/** Does what is due by the clock; to be called before every request. */
export const settleJobs = (world: World): void => {
  for (const job of world.openJobs) advance(world, job, elapsed(world, job))
}

/** Somebody asks for the job: with a life counted in polls, time goes on by this. */
export const lookAt = (world: World, job: Job): void => {
  const life = world.behaviour.jobLife
  if (life.kind !== 'polls' || job.status > 1) return
  advance(world, job, life.polls === 0 ? 1 : job.looks / life.polls)
  job.looks += 1
}

/** The first item that fails on purpose because the whole job does: it ends half done. */
const firstDoomed = (world: World, count: number, endpoint: string): number =>
  world.faults.strikes(endpoint, 'task') ? Math.floor(count / 2) : count

const refuseAtOnce = (world: World, job: Job): void => {
  for (const item of job.items) plannerOf(job)(world, errandOf(world, job, item))
}

/** Accepts a job; what becomes of its items shows later, unless the behaviour says otherwise. */
export const createJob = (world: World, userId: string, wanted: NewJob, endpoint: string): Job => {
  const doomedFrom = firstDoomed(world, wanted.items.length, endpoint)
  const job: Job = {
    id: newDecimalId(world.random, 19),
    userId,
    taskType: wanted.taskType,
    ...(wanted.actionType === undefined ? {} : { actionType: wanted.actionType }),
    sourceId: wanted.source.containerId,
    destinationId: wanted.destination.containerId,
    ...(wanted.target === undefined ? {} : { target: wanted.target }),
    items: wanted.items.map(({ fileId, filePath }, index) => ({
      fileId,
      ...(filePath === undefined ? {} : { filePath }),
      status: 'pending',
      ...(index >= doomedFrom || world.faults.strikes(endpoint, 'item') ? { doomed: true } : {}),
    })),
    status: 0,
    ...(wanted.hidden === undefined ? {} : { hidden: true }),
    looks: 0,
    createdAt: world.now(),
  }
  if (world.behaviour.allSync) refuseAtOnce(world, job)
  world.jobs.set(job.id, job)
  world.openJobs.add(job)
  keep(world, job)
  settleJobs(world)
  return job
}

/** The user's own job; others', unknown and outdated ones are not found. */
export const jobOf = (world: World, userId: string, jobId: string): Job => {
  const job = world.jobs.get(jobId)
  const { jobRetentionMs } = world.behaviour
  const isOutdated = (at: number): boolean => jobRetentionMs !== undefined && world.now() - at > jobRetentionMs
  if (job?.userId !== userId || job.hidden === true || isOutdated(job.createdAt)) throw new Refusal('notFound')
  return job
}

/** Items that are done stay done. */
export const cancelJob = (world: World, job: Job): void => {
  if (job.status > 1) throw new Refusal('invalidParameters')
  job.status = 3
  job.endedAt = world.now()
  world.openJobs.delete(job)
  keep(world, job)
}

/** Newest first. */
export const jobsOf = (
  world: World,
  userId: string,
  filter: Readonly<{ type: number | undefined; status: number | undefined }>,
): ReadonlyArray<Job> =>
  [...world.jobs.values()]
    .reverse()
    .filter(
      (job) => job.userId === userId && job.hidden === undefined && (filter.type ?? job.taskType) === job.taskType,
    )
    .filter((job) => (filter.status ?? job.status) === job.status)

export const itemMessage = (item: JobItem): string | undefined =>
  item.reason === undefined ? undefined : messageOf(item.reason, undefined)
