// Batch jobs over HTTP: create, look, list, cancel.
import { Refusal as Stop, type Route } from '../common/route'
import { operation } from './endpoint'
import { gatewayUnknown } from './envelope'
import { Refusal } from './errors'
import { digits, expected, filled, integer, list, maybeEmpty, oneOf, optional, record, text } from './fields'
import { cancelJob, createJob, jobOf, jobsOf, lookAt, type NewJob } from './jobs'
import { toJob, toListedJob } from './wire'
import { type World } from './world'

const fileInfo = record({ fileId: filled(64), filePath: maybeEmpty(text()) })

const taskInfo = record({
  srcContainerId: filled(64),
  newFilePath: maybeEmpty(text()),
  fileInfo: optional(list(fileInfo)),
  uncompressFilePaths: optional(list(text())),
})

const jobBody = {
  taskType: oneOf(1, 2, 3, 4, 5, 6, 7),
  actionType: optional(integer()),
  dstContainerId: filled(64),
  password: maybeEmpty(text()),
  taskInfo,
}

type JobBody = Readonly<{
  taskType: number
  actionType: number | undefined
  dstContainerId: string
  taskInfo: Readonly<{
    srcContainerId: string
    newFilePath: string | undefined
    fileInfo: ReadonlyArray<Readonly<{ fileId: string; filePath: string | undefined }>> | undefined
  }>
}>

/** The actions of each task (docs/wire/koodrive.md, Batch jobs), of those that the adapter starts. */
const actions: Readonly<Record<number, ReadonlyArray<number>>> = { 1: [101], 2: [201, 202], 3: [301], 4: [] }

const checkAction = (world: World, body: JobBody): void => {
  const known = actions[body.taskType]
  if (known === undefined) throw new Refusal('invalidParameters')
  if (body.actionType !== undefined && !known.includes(body.actionType)) throw new Refusal('invalidParameters')
  // Without an action a deletion could mean either of two things.
  if (world.strict && body.taskType < 4 && body.actionType === undefined) throw new Refusal('invalidParameters')
}

const needsTarget = (body: JobBody): boolean => body.taskType === 1 || body.taskType === 3

const checkItems = (world: World, body: JobBody): void => {
  const { fileInfo: items = [], newFilePath } = body.taskInfo
  if (items.length === 0 || items.length > world.behaviour.maxJobItems) throw new Refusal('invalidParameters')
  if (world.strict && needsTarget(body) !== (newFilePath !== undefined)) throw new Refusal('invalidParameters')
  const needsPath = body.taskType === 2 && body.actionType !== 202
  const isPathMissing = items.some(({ fileId, filePath }) => filePath?.endsWith(`/${fileId}`) !== true)
  if (needsPath && (world.behaviour.requireFilePath ?? world.strict) && isPathMissing)
    throw new Refusal('invalidParameters')
}

const toNewJob = (world: World, userId: string, body: JobBody): NewJob => {
  const isCopy = body.taskType === 1
  const source = world.spaces.enter(body.taskInfo.srcContainerId, userId, isCopy ? 'read' : 'write')
  const destination = world.spaces.enter(body.dstContainerId, userId, 'write')
  const staysInside = !isCopy && (body.taskType !== 3 || !world.behaviour.crossSpaceMove)
  if (staysInside && source !== destination) throw new Refusal('invalidParameters')
  const { newFilePath: target, fileInfo: items = [] } = body.taskInfo
  return {
    taskType: body.taskType,
    actionType: body.actionType,
    source,
    destination,
    target: needsTarget(body) ? target : undefined,
    items: body.taskType === 7 ? [] : items,
  }
}

const newJob = operation({
  name: 'createJob',
  method: 'POST',
  path: '/v1/jobs',
  body: jobBody,
  answer: ({ world, userId, body, endpoint }) => {
    checkAction(world, body)
    checkItems(world, body)
    return { data: createJob(world, userId, toNewJob(world, userId, body), endpoint).id }
  },
})

/** Only digits are a job's id below `/v1`; any other word there is no call at all. */
const jobDetail = (path: string, documented: boolean): ((world: World) => Route) =>
  operation({
    name: 'jobDetail',
    method: 'GET',
    path,
    msg: '成功',
    answer: ({ world, userId, call }) => {
      const id = call.params['jobId'] ?? ''
      const served = world.behaviour.jobDetailUri ?? (world.strict ? 'documented' : 'both')
      const isServed = served === 'both' || (served === 'documented') === documented
      if (!isServed || !/^\d+$/.test(id)) throw new Stop(gatewayUnknown())
      const job = jobOf(world, userId, id)
      lookAt(world, job)
      return { data: toJob(world, job) }
    },
  })

const listQuery = {
  type: maybeEmpty(digits(1, 7)),
  status: maybeEmpty(digits(0, 3)),
  offset: expected(digits(0, Number.MAX_SAFE_INTEGER)),
  limit: expected(digits(1, 100)),
}

const jobList = operation({
  name: 'jobList',
  method: 'GET',
  path: '/v1/jobs',
  query: listQuery,
  answer: ({ world, userId, query }) => {
    const start = query.offset ?? 0
    const jobs = jobsOf(world, userId, query).slice(start, start + (query.limit ?? 100))
    for (const job of jobs) lookAt(world, job)
    return { data: jobs.map(toListedJob) }
  },
})

const cancel = operation({
  name: 'cancelJob',
  method: 'POST',
  path: '/v1/cancel',
  body: { jobId: filled() },
  msg: '成功',
  answer: ({ world, userId, body }) => {
    cancelJob(world, jobOf(world, userId, body.jobId))
    return {}
  },
})

export const jobRoutes: ReadonlyArray<(world: World) => Route> = [
  newJob,
  jobDetail('/v1/:jobId', true),
  jobDetail('/v1/jobs/:jobId', false),
  jobList,
  cancel,
]
