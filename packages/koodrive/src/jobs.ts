// Jobs: created once although answers get lost, looked at until they are over, read item by item.
import {
  indeterminate,
  retryAdvice,
  taskFailed,
  type Answered,
  type DriveError,
  type Fault,
  type TaskRef,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { LRUCache } from 'lru-cache'
import type { Api, NewJob } from './api'
import { lookedFor, type Bad, type Clock } from './context'
import type { Complete } from './settings'
import { codes, faultOfCode, mayBeOf, sameFolder } from './translate'
import type { JobDetail, JobItem, ListedJob } from './wire'

export type ItemOutcome =
  | { readonly status: 'done'; readonly newFileId?: string | undefined }
  | { readonly status: 'failed'; readonly fault: Fault | DriveError; readonly code?: string | undefined }

/** What a job that is over did to an item; one that the answer does not mention is in doubt. */
export type ItemOutcomes = (fileId: string) => ItemOutcome

export type JobState =
  | { readonly status: 'running'; readonly done: number; readonly total: number }
  | { readonly status: 'over'; readonly outcomes: ItemOutcomes }

export interface Jobs {
  /** The id of the job, however often the request had to be sent. */
  readonly start: (job: NewJob, signal: AbortSignal) => Answered<string>
  readonly look: (jobId: string, signal: AbortSignal) => Answered<JobState>
  /** Looks until it is over; `Indeterminate` after `taskTimeout`. */
  readonly wait: (jobId: string, signal: AbortSignal, task?: TaskRef) => Answered<ItemOutcomes>
  readonly run: (job: NewJob, signal: AbortSignal) => Answered<ItemOutcomes>
}

const pending = 0
const running = 1
const cancelled = 3
const doneStatus = '1'

/** What a job that was sent twice says of an item that the first one has done. */
const doneBefore: Readonly<Record<number, string>> = { 201: codes.recycled, 202: codes.notFound }

const failureOf = (item: JobItem | undefined, wasCancelled: boolean): ItemOutcome => {
  const { resultCode: code, msg } = item ?? {}
  const fault = wasCancelled ? taskFailed({ said: 'the job was cancelled' }) : faultOfCode(code, msg)
  return { status: 'failed', fault, code }
}

/**
 * Items are believed where the whole job is told to have succeeded or failed; else each by its own status. `repeated`: the
 * job was sent more than once, so that what it found done already was done by us.
 */
export const outcomesOf = ({ jobInfo, taskInfos = [] }: JobDetail, repeated = false): ItemOutcomes => {
  const items = new Map(taskInfos.map((item) => [item.fileId, item]))
  return (fileId) => {
    const item = items.get(fileId)
    if (jobInfo.taskResultCode === 1) return { status: 'done', newFileId: item?.newFileId }
    const succeeded = jobInfo.taskResultCode !== 3 && item?.status === doneStatus
    if (succeeded) return { status: 'done', newFileId: item.newFileId }
    if (item === undefined && jobInfo.taskResultCode !== 3)
      return { status: 'failed', fault: indeterminate({ check: 'the item: the job does not tell of it' }) }
    const code = item?.resultCode
    const isDone = code === codes.alreadyThere || (repeated && code === doneBefore[jobInfo.actionType ?? 0])
    return code !== undefined && isDone ? { status: 'done' } : failureOf(item, jobInfo.status === cancelled)
  }
}

const stateOf = (detail: JobDetail, repeated: boolean): JobState => {
  const { jobInfo, taskInfos = [] } = detail
  if (jobInfo.status !== pending && jobInfo.status !== running)
    return { status: 'over', outcomes: outcomesOf(detail, repeated) }
  const done = taskInfos.filter(({ status }) => status === doneStatus).length
  return { status: 'running', done, total: jobInfo.contentNum ?? taskInfos.length }
}

const sameIds = (job: NewJob, { taskInfos = [] }: JobDetail): boolean => {
  const ours = new Set(job.items.map(({ fileId }) => fileId))
  const theirs = new Set(taskInfos.map(({ fileId }) => fileId))
  return ours.size === theirs.size && [...ours].every((id) => theirs.has(id))
}

/** A job, by its id. */
interface Found {
  readonly id: string
}

const candidates = 20
/** Between the clocks of the two sides, in milliseconds. */
const slack = 120_000

export const createJobs = (api: Api, settings: Complete, clock: Clock): Jobs => {
  /** Jobs whose id was answered: none of them is one whose answer was lost. */
  const known = new LRUCache<string, { readonly repeated: boolean }>({ max: 10_000 })

  const isLike =
    (job: NewJob, since: number) =>
    (listed: ListedJob): boolean =>
      !known.has(listed.taskId) &&
      (listed.taskType ?? job.taskType) === job.taskType &&
      (listed.actionType ?? job.actionType) === job.actionType &&
      (listed.contentNum ?? job.items.length) === job.items.length &&
      mayBeOf(listed.createTime, since - slack, clock.now() + slack)

  /** Whether the copies are where ours were to go, as far as the job tells them already; jobs do not tell their target. */
  const goesElsewhere = async (
    job: NewJob,
    detail: JobDetail,
    signal: AbortSignal,
  ): Promise<E.Either<Bad, boolean>> => {
    const copy = detail.taskInfos?.find(({ newFileId }) => newFileId !== undefined)?.newFileId
    if (copy === undefined || job.newFilePath === undefined) return E.right(false)
    const target = job.newFilePath
    const seen = await api.detail(copy, signal)()
    if (E.isLeft(seen)) return seen.left._tag === 'NotFound' ? E.right(true) : seen
    const parent = seen.right.parentFolder?.[0]
    return E.right(parent !== undefined && !sameFolder(parent, target))
  }

  /** The one newer job that lists exactly our ids; two of them cannot be told apart. */
  const findLost =
    (job: NewJob, since: number, signal: AbortSignal): Answered<Found | 'absent' | 'unknown'> =>
    async () => {
      const page = { type: job.taskType, offset: settings.jobListOffset, limit: candidates }
      const listed = await api.jobList(page, signal)()
      if (E.isLeft(listed)) return listed
      const matches: Array<string> = []
      for (const { taskId } of listed.right.filter(isLike(job, since))) {
        const detail = await api.jobDetail(taskId, signal)()
        if (E.isLeft(detail)) return detail
        if (!sameIds(job, detail.right)) continue
        const elsewhere = await goesElsewhere(job, detail.right, signal)
        if (E.isLeft(elsewhere)) return elsewhere
        if (!elsewhere.right) matches.push(taskId)
      }
      const [only] = matches
      if (only === undefined) return E.right('absent')
      return E.right(matches.length === 1 ? { id: only } : 'unknown')
    }

  const start: Jobs['start'] = (job, signal) => async () => {
    const since = clock.now()
    let calls = 0
    const created = await lookedFor<Found>(clock, {
      call: async () => {
        calls += 1
        return E.map(({ data }: { readonly data: string }) => ({ id: data }))(await api.createJob(job, signal)())
      },
      look: findLost(job, since, signal),
      check: 'the list of jobs, and the items of this operation',
      signal,
    })()
    if (E.isLeft(created)) return created
    known.set(created.right.id, { repeated: calls > 1 })
    return E.right(created.right.id)
  }

  const look: Jobs['look'] = (jobId, signal) => async () =>
    E.map((detail: JobDetail) => stateOf(detail, known.get(jobId)?.repeated === true))(
      await api.jobDetail(jobId, signal)(),
    )

  const wait: Jobs['wait'] = (jobId, signal, task) => async () => {
    const deadline = clock.now() + settings.taskTimeout
    const unknown = (fault?: Bad): E.Either<Bad, never> =>
      E.left(
        indeterminate({
          check: `the job ${jobId}, and the items of this operation`,
          ...(task === undefined ? {} : { task }),
          ...(fault?.code === undefined ? {} : { code: fault.code }),
          ...(fault?.http === undefined ? {} : { http: fault.http }),
          ...(fault?.said === undefined ? {} : { said: fault.said }),
        }),
      )
    for (let pause = settings.polling.first; ; pause = Math.min(settings.polling.longest, pause * 1.5)) {
      const seen = await look(jobId, signal)()
      if (E.isRight(seen) && seen.right.status === 'over') return E.right(seen.right.outcomes)
      if (E.isLeft(seen) && retryAdvice(seen.left) !== 'later') return unknown(seen.left)
      if (signal.aborted || clock.now() >= deadline) return unknown()
      await clock.delay(pause, signal)
    }
  }

  return {
    start,
    look,
    wait,
    run: (job, signal) => async () => {
      const started = await start(job, signal)()
      return E.isLeft(started) ? started : wait(started.right, signal)()
    },
  }
}
