// Jobs: created once although responses get lost, polled until they are over, read item by item.
import { retryAdvice } from '@anydrive/core'
import { indeterminate, taskFailed, type RawResult } from '@anydrive/core/adapter'
import { attempt, unknownOutcome, type Failure, type Finding, type ServiceClock, type Timers } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { LRUCache } from 'lru-cache'
import type { Api, NewJob } from './api'
import { codes, faultOfCode } from './errors'
import type { Complete } from './settings'
import { jobDate, sameFolder } from './translate'
import type { JobDetail, JobItem, ListedJob } from './wire'

type Settled<A> = Promise<E.Either<Failure, A>>

export type ItemOutcome =
  | { readonly status: 'done'; readonly newFileId?: string | undefined }
  | { readonly status: 'failed'; readonly fault: Failure; readonly code?: string | undefined }

/** What a job that is over did to an item. The outcome of an item that the service does not mention is unknown. */
export type ItemOutcomes = (fileId: string) => ItemOutcome

export type JobState =
  | { readonly status: 'running'; readonly done: number; readonly total: number }
  | { readonly status: 'over'; readonly outcomes: ItemOutcomes }

const pending = 0
const running = 1
const cancelled = 3
const doneStatus = '1'

/** By action, or 0 for the restoring job, which has none: what a job says of an item that an earlier, lost one of this drive has done. */
const doneBefore: ReadonlyMap<number, string> = new Map([
  [0, codes.notRecycled],
  [201, codes.recycled],
  [202, codes.notFound],
])

const failureOf = (item: JobItem | undefined, wasCancelled: boolean): ItemOutcome => {
  const { resultCode: code, msg } = item ?? {}
  const fault = wasCancelled ? taskFailed({ said: 'the job was cancelled' }) : faultOfCode(code, msg)
  return { status: 'failed', fault, code }
}

/**
 * The result of the whole job holds for its items where all succeeded or all failed; otherwise each item's own status does. `repeated`: the
 * job was sent more than once, so what it found done was done by the first.
 */
export const outcomesOf = ({ jobInfo, taskInfos = [] }: JobDetail, repeated = false): ItemOutcomes => {
  const items = new Map(taskInfos.map((item) => [item.fileId, item]))
  const isKnown = jobInfo.status === cancelled || jobInfo.taskResultCode === 2 || jobInfo.taskResultCode === 3
  return (fileId) => {
    const item = items.get(fileId)
    if (jobInfo.taskResultCode === 1) return { status: 'done', newFileId: item?.newFileId }
    const succeeded = jobInfo.taskResultCode !== 3 && item?.status === doneStatus
    if (succeeded) return { status: 'done', newFileId: item.newFileId }
    if (item === undefined && jobInfo.taskResultCode !== 3)
      return { status: 'failed', fault: indeterminate({ check: 'the item, which the job does not list' }) }
    const { resultCode: code } = item ?? {}
    if (code === undefined && !isKnown)
      return {
        status: 'failed',
        fault: indeterminate({ check: 'the item, of which the job does not say how it ended' }),
      }
    const isDone = code === codes.alreadyThere || (repeated && code === doneBefore.get(jobInfo.actionType ?? 0))
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

/** Jobs of the list that may be the lost one. */
const candidates = 20
/** Between both clocks, in milliseconds, where nothing is known of the service's. */
const slack = 120_000

/** `onChange` is called with the ids of a job's items once it may have changed them. */
export const createJobs = (
  api: Api,
  settings: Complete,
  {
    timers,
    clock,
    onChange,
  }: {
    readonly timers: Timers
    readonly clock: ServiceClock
    readonly onChange: (...ids: ReadonlyArray<string>) => void
  },
) => {
  /** A copy leaves its sources as they are. */
  const changes = ({ taskType, items }: NewJob): void =>
    onChange(...(taskType === 1 ? [] : items.map(({ fileId }) => fileId)))

  /** Jobs whose ids this drive knows: none of them is one whose response was lost. */
  const known = new LRUCache<string, { readonly repeated: boolean }>({ maxSize: 10_000, sizeCalculation: () => 1 })

  /** Whether a job of the list may have been created by a request that was sent at this time. */
  const isLike =
    (job: NewJob, since: number) =>
    (listed: ListedJob): boolean => {
      const created = jobDate(listed.createTime, timers.now())
      return (
        !known.has(listed.taskId) &&
        (listed.taskType ?? job.taskType) === job.taskType &&
        (listed.actionType ?? job.actionType) === job.actionType &&
        (listed.contentNum ?? job.items.length) === job.items.length &&
        (created === undefined || created.getTime() >= since - slack) &&
        clock.compare(created, since) !== 'before'
      )
    }

  /** Whether what the job has copied or moved so far is elsewhere than ours was to go. Jobs do not name their target. */
  const goesElsewhere = async (job: NewJob, detail: JobDetail, signal: AbortSignal): Settled<boolean> => {
    const target = job.newFilePath
    const { taskInfos = [] } = detail
    const placed =
      job.taskType === 3
        ? taskInfos.find(({ status }) => status === doneStatus)?.fileId
        : taskInfos.find(({ newFileId }) => newFileId !== undefined)?.newFileId
    if (placed === undefined || target === undefined) return E.right(false)
    const seen = await api.detail(placed, signal)()
    if (E.isLeft(seen)) return seen.left._tag === 'NotFound' ? E.right(true) : seen
    const parent = seen.right.parentFolder?.[0]
    return E.right(parent !== undefined && !sameFolder(parent, target))
  }

  /** The newer jobs that list exactly our ids. */
  const lookup =
    (job: NewJob, since: number) =>
    (signal: AbortSignal): RawResult<ReadonlyArray<string>> =>
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
      return E.right(matches)
    }

  /** One match is the job: its ids were known before. Several cannot be told apart. */
  const proof = ([id, ...more]: ReadonlyArray<string>): Finding<string> => {
    if (id === undefined) return { is: 'not-done' }
    return more.length === 0 ? { is: 'done', value: id } : { is: 'unproven', likely: 'done' }
  }

  /** Creates the job once, and answers with its id. */
  const start = async (job: NewJob, signal: AbortSignal): Settled<string> => {
    let sent = 0
    const created = await attempt<string, ReadonlyArray<string>>({
      send: () => async () => {
        sent += 1
        return E.map(({ data }: { readonly data: string }) => data)(await api.createJob(job, signal)())
      },
      // A second copy job would copy twice if the first comes late; all other jobs find their work done.
      repeat: job.taskType === 1 ? 'if-answered' : 'if-not-done',
      lookup: lookup(job, timers.now()),
      proof,
      check: 'the list of jobs, and the items of this operation',
      signal,
      timers,
    })()
    changes(job)
    if (E.isRight(created)) known.set(created.right, { repeated: sent > 1 })
    return created
  }

  const state = async (jobId: string, signal: AbortSignal): Settled<JobState> => {
    const detail = await api.jobDetail(jobId, signal)()
    return E.isLeft(detail) ? detail : E.right(stateOf(detail.right, known.get(jobId)?.repeated === true))
  }

  const wait = async (jobId: string, signal: AbortSignal): Settled<ItemOutcomes> => {
    const deadline = timers.now() + settings.taskTimeout
    const unknown = (fault?: Failure) =>
      E.left(unknownOutcome(`the job ${jobId}, and the items of this operation`, fault))
    for (let pause = settings.polling.first; ; pause = Math.min(settings.polling.longest, pause * 1.5)) {
      const seen = await state(jobId, signal)
      if (E.isRight(seen) && seen.right.status === 'over') return E.right(seen.right.outcomes)
      if (E.isLeft(seen) && retryAdvice(seen.left) !== 'later') return unknown(seen.left)
      if (signal.aborted || timers.now() >= deadline) return unknown()
      await timers.delay(pause, signal)
    }
  }

  return {
    start,
    state,
    /** Starts the job and polls it until it is over; `Indeterminate` after `taskTimeout`. */
    run: async (job: NewJob, signal: AbortSignal): Settled<ItemOutcomes> => {
      const started = await start(job, signal)
      const outcomes = E.isLeft(started) ? started : await wait(started.right, signal)
      changes(job)
      return outcomes
    },
  }
}
export type Jobs = ReturnType<typeof createJobs>
