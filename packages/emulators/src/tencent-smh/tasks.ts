// Work that takes time: it goes on whenever someone looks, as far as the clock says (docs/wire/tencent-smh.md, tasks).
import { copyInto } from './actions'
import { isFailure, runItem } from './batch-items'
import { isDirectory, pathOf } from './nodes'
import { freeName } from './paths'
import { type ItemResult, type Task, type TaskType, type Work } from './records'
import { type Space, type World } from './world'

/** Whether work on so many nodes becomes a task. */
export const isBackground = (world: World, nodes: number): boolean =>
  world.behaviour.tasks === 'auto' ? nodes > world.behaviour.asyncThreshold : world.behaviour.tasks === 'async'

const stepsOf = (work: Work): number =>
  work.kind === 'batch' ? work.items.length : work.kind === 'copyDirectory' ? work.children.length : 0

export const startTask = (
  world: World,
  type: TaskType,
  libraryId: string,
  spaceId: string | undefined,
  work: Work,
): Task => {
  const startedAt = world.now()
  const task: Task = {
    id: world.nextNumber('task'),
    libraryId,
    ...(spaceId === undefined ? {} : { spaceId }),
    type,
    work,
    startedAt,
    dueAt: startedAt + world.behaviour.taskMs,
    fails: world.stage.faults.strikes(type, 'task'),
    done: 0,
    results: [],
    status: 202,
  }
  world.tasks.set(task.id, task)
  world.running.add(task)
  world.save.task(task)
  return task
}

const copyChild = (world: World, space: Space, work: Extract<Work, { kind: 'copyDirectory' }>, step: number): void => {
  const source = world.tree.byInode(work.children[step] ?? '')
  const target = world.tree.byInode(work.target)
  if (source?.parent === undefined || !isDirectory(target)) return
  const kind = isDirectory(source) ? 'directory' : 'file'
  const isTaken = (name: string): boolean => target.children.has(name)
  const name = isTaken(source.name) ? freeName(source.name, kind, isTaken, world.behaviour.renameMax) : source.name
  copyInto(world, space, source, target, name, work.userId)
}

const step = (world: World, space: Space, task: Task): void => {
  const { work } = task
  if (work.kind === 'copyDirectory') copyChild(world, space, work, task.done)
  const item = work.kind === 'batch' ? work.items[task.done] : undefined
  if (work.kind === 'batch' && item !== undefined)
    task.results = [...task.results, runItem(world, space, work.access, item)]
  task.done += 1
}

/** 200, or 207 where an item failed. */
export const batchStatus = (results: ReadonlyArray<ItemResult>): number => (results.some(isFailure) ? 207 : 200)

const finish = (world: World, task: Task): void => {
  const { work } = task
  world.running.delete(task)
  if (task.fails) {
    task.status = 500
    return
  }
  if (work.kind === 'nothing') task.result = work.result
  if (work.kind === 'copyDirectory') {
    const target = world.tree.byInode(work.target)
    if (target?.parent === undefined) {
      task.status = 500
      return
    }
    task.result = { path: pathOf(target) }
  }
  task.status = work.kind === 'batch' ? batchStatus(task.results) : 200
}

const advance = (world: World, task: Task, now: number): void => {
  const space = world.libraries.get(task.libraryId)?.spaces.get(task.spaceId ?? '')
  const steps = task.fails ? Math.floor(stepsOf(task.work) / 2) : stepsOf(task.work)
  const share = Math.min(1, (now - task.startedAt) / Math.max(1, task.dueAt - task.startedAt))
  const isDue = now >= task.dueAt
  const reached = isDue ? steps : world.behaviour.taskProgress === 'end' ? 0 : Math.floor(steps * share)
  const before = task.done
  while (space !== undefined && task.done < reached) step(world, space, task)
  if (isDue) finish(world, task)
  if (isDue || task.done !== before) world.save.task(task)
}

/** Brings every running task to where it is by now. */
export const advanceTasks = (world: World): void => {
  const now = world.now()
  for (const task of world.running) advance(world, task, now)
}
