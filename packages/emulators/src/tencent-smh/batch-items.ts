// One item of a batch, done or failed: what it does and how its result looks (docs/wire/tencent-smh.md, batches).
import { carryOut, remove } from './actions'
import { SmhError, fail } from './errors'
import { countNodes, isDirectory } from './nodes'
import { segmentsOf } from './paths'
import { lookUp } from './placing'
import { type Access, type BatchItem, type ItemResult, type Strategy, type TaskType } from './records'
import { restore } from './recycle'
import { type Space, type World } from './world'

type TransferItem = Extract<BatchItem, { verb: 'move' | 'copy' }>

export const taskTypeOf: Readonly<Record<BatchItem['verb'], TaskType>> = {
  move: 'batchMove',
  copy: 'batchCopy',
  delete: 'batchDelete',
  restore: 'batchRestoreRecycle',
}

const sourceSpace = (space: Space, item: TransferItem): Space =>
  item.fromSpaceId === undefined ? space : (space.library.spaces.get(item.fromSpaceId) ?? fail('SpaceNotFound'))

const strategyFor = (world: World, space: Space, item: TransferItem): Strategy => {
  if (item.strategy !== undefined) return item.strategy
  const { batchStrategy } = world.behaviour
  if (batchStrategy !== 'kind') return batchStrategy
  return isDirectory(lookUp(sourceSpace(space, item), segmentsOf(item.from))) ? 'ask' : 'rename'
}

const transfer = (world: World, space: Space, access: Access, item: TransferItem): ItemResult => {
  const strategy = strategyFor(world, space, item)
  const { batchParents } = world.behaviour
  const path = carryOut(world, {
    verb: item.verb,
    access,
    from: { space: sourceSpace(space, item), path: segmentsOf(item.from) },
    to: { space, path: segmentsOf(item.to) },
    strategy,
    parents: {
      directory: batchParents === 'never' ? 'require' : 'create',
      file: batchParents === 'always' ? 'create' : 'require',
    },
  })
  return strategy === 'rename' ? { status: 200, path } : { status: 204 }
}

const act = (world: World, space: Space, access: Access, item: BatchItem): ItemResult => {
  switch (item.verb) {
    case 'move':
    case 'copy':
      return transfer(world, space, access, item)
    case 'delete': {
      const recycledItemId = remove(world, { access, space, path: segmentsOf(item.path), permanent: item.permanent })
      return recycledItemId === undefined ? { status: 204 } : { status: 200, recycledItemId }
    }
    case 'restore': {
      const { id, fallbackToRoot } = item
      return { status: 200, path: restore(world, { access, space, id, strategy: 'rename', fallbackToRoot }) }
    }
  }
}

const echo = (item: BatchItem): Readonly<Record<string, unknown>> => {
  switch (item.verb) {
    case 'move':
      return { moveAuthority: item.moveAuthority, from: segmentsOf(item.from), to: segmentsOf(item.to) }
    case 'copy':
      return { copyFrom: segmentsOf(item.from), to: segmentsOf(item.to) }
    case 'delete':
      return { path: segmentsOf(item.path) }
    case 'restore':
      return { recycledItemId: item.id }
  }
}

/** Never throws for what the item asks: a failure is a result. */
export const runItem = (world: World, space: Space, access: Access, item: BatchItem): ItemResult => {
  try {
    if (world.stage.faults.strikes(taskTypeOf[item.verb], 'item')) fail('InternalServerError')
    return { ...act(world, space, access, item), ...echo(item) }
  } catch (cause) {
    if (!(cause instanceof SmhError)) throw cause
    const { status, code, message } = cause
    return { status, ...(world.behaviour.batchItemErrors === 'full' ? { code, message } : {}), ...echo(item) }
  }
}

export const isFailure = ({ status }: ItemResult): boolean => status >= 400

const nodesOf = (space: Space, item: BatchItem, limit: number): number => {
  if (item.verb === 'restore') return 1
  const from = item.verb === 'delete' ? space : space.library.spaces.get(item.fromSpaceId ?? space.id)
  const node = from === undefined ? undefined : lookUp(from, segmentsOf(item.verb === 'delete' ? item.path : item.from))
  return node === undefined ? 1 : countNodes(node, limit)
}

/** How many tree nodes the items touch, counted no further than `limit`. */
export const touchedNodes = (space: Space, items: ReadonlyArray<BatchItem>, limit: number): number => {
  let count = 0
  for (const item of items) {
    count += nodesOf(space, item, limit - count)
    if (count >= limit) return count
  }
  return count
}
