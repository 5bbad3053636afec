// The recycle bin as calls (docs/wire/tencent-smh.md, recycle bin).
import { empty, type Call, type QueryField, type Route } from '../common'
import { need } from './access'
import { itemsOf, runBatch } from './batch-routes'
import { recordChange } from './changes'
import { entryOf, fileTypeOf, iso } from './entries'
import { fail } from './errors'
import { isFile, sizeOf, subtree, type Node } from './nodes'
import { linkTo } from './object-link'
import { nextMarkerField, positive } from './list-operation'
import {
  digits,
  ok,
  queryStrategy,
  spaceRoute,
  strategyQuery,
  wantedOf,
  type Context,
  type Operation,
} from './operation'
import { type Recycled } from './records'
import { nodeOf, purge, recycledIn, recycledItem, remainingDays, restore } from './recycle'
import { allStrategies } from './upload-routes'
import { type Space, type World } from './world'

const totalSize = (node: Node): number => {
  let size = 0
  for (const each of subtree(node)) if (isFile(each)) size += sizeOf(each)
  return size
}

const rendered = (world: World, space: Space, item: Recycled) => {
  const node = nodeOf(world, item)
  return {
    recycledItemId: item.id,
    name: node.name,
    type: node.kind,
    originalPath: item.originalPath,
    spaceId: item.spaceId,
    size: String(totalSize(node)),
    creationTime: iso(node.createdAt),
    modificationTime: iso(node.modifiedAt),
    removalTime: iso(item.removedAt),
    remainingTime: remainingDays(world, space.library, item),
    ...(isFile(node) ? { fileType: fileTypeOf(node.name) } : {}),
  }
}

type Rendered = ReturnType<typeof rendered>

const keys: Readonly<Record<string, (item: Rendered) => number | string>> = {
  name: (item) => item.name,
  modificationTime: (item) => item.modificationTime,
  size: (item) => Number(item.size),
  removalTime: (item) => item.removalTime,
  remainingTime: (item) => item.remainingTime,
}

const sorted = (items: ReadonlyArray<Rendered>, query: Call['query']): ReadonlyArray<Rendered> => {
  const by = query.get('order_by') ?? 'removalTime'
  const key = Object.hasOwn(keys, by) ? keys[by] : undefined
  if (key === undefined) return fail('OrderByNotAllowed')
  // What was removed last comes first, unless the request says otherwise.
  const sign = (query.get('order_by_type') ?? (query.has('order_by') ? 'asc' : 'desc')) === 'desc' ? -1 : 1
  return [...items].sort((a, b) => {
    const [x, y] = [key(a), key(b)]
    return sign * (x < y ? -1 : x > y ? 1 : a.recycledItemId - b.recycledItemId)
  })
}

const paging: Readonly<Record<string, QueryField>> = {
  'by-marker': ['1'],
  'by-page': ['1'],
  marker: digits,
  limit: digits,
  page: digits,
  page_size: digits,
  order_by: true,
  order_by_type: ['asc', 'desc'],
}

const list: Operation<Context> = {
  name: 'listRecycled',
  query: paging,
  handle: ({ world, call, space }) => {
    const { query } = call
    const all = sorted(
      recycledIn(world, space).map((item) => rendered(world, space, item)),
      query,
    )
    if (query.has('by-page') || query.has('page')) {
      const page = positive(query.get('page'), 1)
      const size = positive(query.get('page_size'), 20)
      if (page * size > 10_000) fail('ParamInvalid', 'page × page_size must not exceed 10000.')
      return ok({ totalNum: all.length, contents: all.slice((page - 1) * size, page * size) })
    }
    const limit = positive(query.get('limit'), 20)
    if (limit > 100) fail('ParamInvalid', '"limit" must not exceed 100.')
    const start = Number(query.get('marker') ?? 0)
    const next = start + limit < all.length ? String(start + limit) : undefined
    return ok({ ...nextMarkerField(world, next), contents: all.slice(start, start + limit) })
  },
}

const itemOf = ({ world, call, space }: Context): Recycled => {
  const id = call.params['item'] ?? ''
  return /^\d+$/.test(id) ? recycledItem(world, space, Number(id)) : fail('RecycledItemNotFound')
}

const info: Operation<Context> = {
  name: 'recycledInfo',
  query: { info: true },
  handle: (context) => {
    const { world, library } = context
    const item = itemOf(context)
    const node = nodeOf(world, item)
    const content = isFile(node) ? node.content : undefined
    const entry = { ...entryOf(node, undefined, wantedOf(context)), path: item.originalPath }
    if (content === undefined) return ok(entry)
    return ok({
      ...entry,
      cosUrl: linkTo(world, library, content, { name: node.name }),
      cosUrlExpiration: iso(world.now() + world.behaviour.downloadSeconds * 1000),
    })
  },
}

const pathStrategies: QueryField = ['originalPath', 'fallbackToRoot']

const restoreOne: Operation<Context> = {
  name: 'restoreRecycled',
  query: { restore: true, ...strategyQuery, restore_path_strategy: pathStrategies },
  handle: (context) => {
    const { world, call, access, space } = context
    const { restoreStrategy } = world.behaviour
    const given = call.query.get('conflict_resolution_strategy')
    const strategy =
      given === undefined && restoreStrategy === 'kind'
        ? undefined
        : queryStrategy(call, allStrategies, restoreStrategy === 'kind' ? 'rename' : restoreStrategy)
    const fallbackToRoot = call.query.get('restore_path_strategy') === 'fallbackToRoot'
    return ok({ path: restore(world, { access, space, id: itemOf(context).id, strategy, fallbackToRoot }) })
  },
}

const idsOf = (context: Context): ReadonlyArray<number> =>
  itemsOf(context).map((id) =>
    Number.isInteger(Number(id)) ? Number(id) : fail('ParamInvalid', 'ids must be numbers'),
  )

const restoreMany: Operation<Context> = {
  name: 'restoreManyRecycled',
  query: { restore: true, restore_path_strategy: pathStrategies },
  body: 'items',
  handle: (context) => {
    const fallbackToRoot = context.call.query.get('restore_path_strategy') === 'fallbackToRoot'
    return runBatch(
      context,
      idsOf(context).map((id) => ({ verb: 'restore', id, fallbackToRoot })),
    )
  },
}

const purgeAll = ({ world, space, access }: Context, items: ReadonlyArray<Recycled>) => {
  need(access, 'delete_recycled')
  for (const item of items) {
    recordChange(world, space, 'RECYCLE.DELETE', nodeOf(world, item))
    purge(world, space, item)
  }
  return empty(204)
}

const deleteOne: Operation<Context> = {
  name: 'deleteRecycled',
  handle: (context) => purgeAll(context, [itemOf(context)]),
}

const deleteMany: Operation<Context> = {
  name: 'deleteManyRecycled',
  query: { delete: true },
  body: 'items',
  handle: (context) => {
    const ids = new Set(idsOf(context))
    return purgeAll(
      context,
      recycledIn(context.world, context.space).filter(({ id }) => ids.has(id)),
    )
  },
}

const clear: Operation<Context> = {
  name: 'emptyRecycled',
  handle: (context) => purgeAll(context, recycledIn(context.world, context.space)),
}

const lifecycle: Operation<Context> = {
  name: 'setRecycledLifecycle',
  query: { lifecycle: true },
  body: { retentionDays: 'integer' },
  handle: ({ world, access, library, body }) => {
    need(access)
    const days = Number(body['retentionDays'])
    if (!Number.isInteger(days) || days < 1 || days > 10_000) fail('ParamInvalid', '"retentionDays" is out of range.')
    library.retentionDays = days
    world.save.library(library)
    return empty(204)
  },
}

/** Every call of a library without a recycle bin is refused. */
const whereEnabled = (operation: Operation<Context>): Operation<Context> => ({
  ...operation,
  handle: (context) => {
    if (!context.library.recycleBin) fail('RecycleBinNotEnabled')
    return operation.handle(context)
  },
})

const choosePost = ({ query }: Call): Operation<Context> =>
  whereEnabled(query.has('restore') ? restoreMany : query.has('lifecycle') ? lifecycle : deleteMany)

export const recycleRoutes = (world: World): ReadonlyArray<Route> => {
  const base = '/api/v1/recycled/:library/:space'
  return [
    spaceRoute(world, 'GET', base, () => whereEnabled(list)),
    spaceRoute(world, 'POST', base, choosePost),
    spaceRoute(world, 'DELETE', base, () => whereEnabled(clear)),
    spaceRoute(world, 'GET', `${base}/:item`, () => whereEnabled(info)),
    spaceRoute(world, 'POST', `${base}/:item`, () => whereEnabled(restoreOne)),
    spaceRoute(world, 'DELETE', `${base}/:item`, () => whereEnabled(deleteOne)),
  ]
}
