// Asking for tasks, in both versions of the call (docs/wire/tencent-smh.md, tasks).
import { type Route } from '../common'
import { isFailure } from './batch-items'
import { fail } from './errors'
import { libraryRoute, ok, spaceRoute, type Context, type LibraryContext, type Operation } from './operation'
import { type Task } from './records'
import { type World } from './world'

export const taskId = ({ behaviour }: World, task: Task): number | string =>
  behaviour.taskIdType === 'number' ? task.id : String(task.id)

const lookBackMs = 30 * 86_400_000

const find = (context: LibraryContext, id: string, spaceId: string | undefined): Task | undefined => {
  const { world, library } = context
  const task = /^\d+$/.test(id) ? world.tasks.get(Number(id)) : undefined
  if (task?.libraryId !== library.id || task.spaceId !== spaceId) return undefined
  return task.status !== 202 && world.now() - task.dueAt > lookBackMs ? undefined : task
}

const resultOf = (world: World, task: Task): unknown => {
  if (task.work.kind === 'batch') return task.results
  if (task.type !== 'copyDirectory') return task.result
  const { copyTaskResult } = world.behaviour
  return copyTaskResult === 'nothing' ? undefined : copyTaskResult === 'array' ? [task.result] : task.result
}

const statusOf = (world: World, task: Task): number => {
  if (task.type === 'copyDirectory' && task.status === 200 && world.behaviour.copyTaskResult === 'nothing') return 204
  if (task.status === 207) return world.behaviour.partialTaskStatus
  return task.status
}

const v1 = (world: World, task: Task) => {
  const status = statusOf(world, task)
  const result = task.status === 202 || task.status === 500 ? undefined : resultOf(world, task)
  return {
    [world.behaviour.taskIdKey]: taskId(world, task),
    status: world.behaviour.taskStatusType === 'number' ? status : String(status),
    ...(result === undefined ? {} : { result }),
  }
}

/** Version 2 says 400 where every item failed. */
const v2 = (task: Task) => {
  const isBatch = task.work.kind === 'batch'
  const allFailed = isBatch && task.results.length > 0 && task.results.every(isFailure)
  const over = task.status !== 202 && task.status !== 500
  return {
    taskId: String(task.id),
    taskType: task.type,
    status: task.status === 207 && allFailed ? 400 : task.status,
    ...(over ? { [`${task.type}${isBatch ? 'Results' : 'Result'}`]: isBatch ? task.results : task.result } : {}),
  }
}

const many = (context: LibraryContext, spaceId: string | undefined) => {
  const { world, call } = context
  const ids = (call.params['task'] ?? '').split(',').filter((id) => id !== '')
  const tasks = ids.map((id) => find(context, id, spaceId))
  const { unknownTask } = world.behaviour
  if (unknownTask !== 'omit' && tasks.includes(undefined)) fail('TaskNotFound', undefined, unknownTask)
  return ok(tasks.flatMap((task) => (task === undefined ? [] : [v1(world, task)])))
}

const one = (context: LibraryContext, spaceId: string | undefined) =>
  ok(v2(find(context, context.call.params['task'] ?? '', spaceId) ?? fail('TaskNotFound')))

const queryTasks: Operation<Context> = { name: 'queryTasks', handle: (context) => many(context, context.space.id) }
const queryTask: Operation<Context> = { name: 'queryTask', handle: (context) => one(context, context.space.id) }
const libraryTasks: Operation<LibraryContext> = {
  name: 'queryLibraryTasks',
  handle: (context) => many(context, undefined),
}
const libraryTask: Operation<LibraryContext> = {
  name: 'queryLibraryTask',
  handle: (context) => one(context, undefined),
}

export const taskRoutes = (world: World): ReadonlyArray<Route> => [
  spaceRoute(world, 'GET', '/api/v1/task/:library/:space/:task', () => queryTasks),
  libraryRoute(world, 'GET', '/api/v1/task/:library/:task', () => libraryTasks),
  spaceRoute(world, 'GET', '/api/v1/task-result/:library/:space/:task', () => queryTask),
  libraryRoute(world, 'GET', '/api/v1/task-result/:library/:task', () => libraryTask),
]
