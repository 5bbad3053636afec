// Batches as calls: whole-request checks, then items at once or as a task (docs/wire/tencent-smh.md, batches).
import { bodyProblems, json, type Call, type Reply, type Route, type Shape } from '../common'
import { batchStatus, isBackground, startTask } from './tasks'
import { runItem, taskTypeOf, touchedNodes } from './batch-items'
import { fail } from './errors'
import { spaceRoute, strategyOf, type Context, type Operation } from './operation'
import { type BatchItem, type Strategy } from './records'
import { taskId } from './task-routes'
import { type World } from './world'

const shapes: Readonly<Record<'move' | 'copy' | 'delete', Shape>> = {
  move: {
    from: 'string',
    to: 'string',
    fromSpaceId: 'string?',
    conflictResolutionStrategy: 'string?',
    moveAuthority: 'boolean?',
  },
  copy: { copyFrom: 'string', to: 'string', copyFromSpaceId: 'string?', conflictResolutionStrategy: 'string?' },
  delete: { path: 'string', permanent: 'any?' },
}

const strategies: ReadonlyArray<Strategy> = ['ask', 'rename', 'overwrite']

/** The array of the body, with 1 to 1000 items. */
export const itemsOf = ({ world, call }: Context): ReadonlyArray<unknown> => {
  if (!Array.isArray(call.body)) return fail('ParamInvalid', 'the body must be a JSON array')
  if (call.body.length === 0) fail('NoItemsProvided')
  if (call.body.length > world.behaviour.batchMax) fail('TooManyItems')
  return call.body
}

const checkItem = (item: unknown, shape: Shape, strict: boolean): Readonly<Record<string, unknown>> => {
  const problems = bodyProblems(item, shape).filter((problem) => strict || !problem.endsWith('is not known'))
  if (problems.length > 0) fail('ParamInvalid', problems.join('; '))
  return item as Readonly<Record<string, unknown>>
}

const permanentOf = (value: unknown, strict: boolean): boolean => {
  // Android sends 0 and 1 (docs/wire/tencent-smh.md, batch delete).
  if (strict && value !== undefined && ![true, false, 0, 1].includes(value as boolean))
    fail('ParamInvalid', 'field "permanent" must be of type boolean')
  return value === true || value === 1 || value === '1' || value === 'true'
}

const toItem = (verb: 'move' | 'copy' | 'delete', given: unknown, strict: boolean): BatchItem => {
  const item = checkItem(given, shapes[verb], strict)
  if (verb === 'delete') return { verb, path: String(item['path']), permanent: permanentOf(item['permanent'], strict) }
  const from = verb === 'move' ? 'from' : 'copyFrom'
  const spaceId = item[`${from}SpaceId`]
  const strategy = item['conflictResolutionStrategy']
  return {
    verb,
    from: String(item[from]),
    to: String(item['to']),
    ...(typeof spaceId === 'string' && spaceId !== '' ? { fromSpaceId: spaceId } : {}),
    ...(strategy === undefined || strategy === ''
      ? {}
      : { strategy: strategyOf(strategy, strategies, 'ask', 'conflictResolutionStrategy') }),
    moveAuthority: item['moveAuthority'] === true,
  }
}

/** 200 where all items succeeded, 207 where any failed, 202 where there is much to do. */
export const runBatch = (context: Context, items: ReadonlyArray<BatchItem>): Reply => {
  const { world, access, library, space } = context
  const [first] = items
  const nodes = touchedNodes(space, items, world.behaviour.asyncThreshold + 1)
  if (first !== undefined && isBackground(world, nodes)) {
    const work = { kind: 'batch', access, items } as const
    const task = startTask(world, taskTypeOf[first.verb], library.id, space.id, work)
    return json(202, { [world.behaviour.taskIdKey]: taskId(world, task) })
  }
  const result = items.map((item) => runItem(world, space, access, item))
  return json(batchStatus(result), { result })
}

const batch = (verb: 'move' | 'copy' | 'delete', name: string): Operation<Context> => ({
  name,
  query: { [verb]: true, ...(verb === 'copy' ? { share_access_token: true } : {}) },
  body: 'items',
  handle: (context) =>
    runBatch(
      context,
      itemsOf(context).map((item) => toItem(verb, item, context.world.stage.strict)),
    ),
})

const move = batch('move', 'batchMove')
const copy = batch('copy', 'batchCopy')
const remove = batch('delete', 'batchDelete')
const unknown: Operation<Context> = {
  name: 'batch',
  query: {},
  body: 'items',
  handle: () => fail('ParamInvalid', 'One of "copy", "move", "delete" is needed.'),
}

const choose = ({ query }: Call): Operation<Context> =>
  query.has('move') ? move : query.has('copy') ? copy : query.has('delete') ? remove : unknown

export const batchRoutes = (world: World): ReadonlyArray<Route> => [
  spaceRoute(world, 'POST', '/api/v1/batch/:library/:space', choose),
]
