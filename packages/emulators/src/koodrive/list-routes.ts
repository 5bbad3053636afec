// What shows many files: lists of spaces and bins, search, statistics, paths; and emptying a bin.
import { Refusal as Stop, type Route } from '../common/route'
import { operation } from './endpoint'
import { gatewayUnknown } from './envelope'
import { Refusal } from './errors'
import {
  anything,
  expected,
  filled,
  flag,
  integer,
  maybeEmpty,
  oneOf,
  optional,
  queryFlag,
  record,
  text,
} from './fields'
import { emptyBin } from './transfers'
import { createJob } from './jobs'
import { pageOf, type Page } from './lists'
import { type Order } from './ordering'
import { nodeOf } from './placing'
import { countsOf, search } from './search'
import { type Space, typeOf } from './spaces'
import { toFile, toHit } from './wire'
import { type World } from './world'

const pageInfo = record({ pageSize: optional(integer(1)), pageCursor: maybeEmpty(text()) })

const sortInfo = record({
  sortType: optional(oneOf(1, 2, 3, 4, 5, 6)),
  sortDirection: optional(oneOf(1, 2)),
})

type SortInfo = Readonly<{ sortType: Order['sortType'] | undefined; sortDirection: 1 | 2 | undefined }>

const orderOf = (info: SortInfo | undefined): Order => ({
  sortType: info?.sortType ?? 1,
  descending: info?.sortDirection === 2,
})

const listBody = {
  containerId: filled(64),
  parentFileId: expected(filled(64)),
  pageInfo: optional(pageInfo),
  sortInfo: optional(sortInfo),
  fileType: maybeEmpty(filled()),
  imageProcess: maybeEmpty(anything),
  hidden: optional(flag),
  fileName: maybeEmpty(text()),
}

const lastCursor = { absent: undefined, empty: '', null: null } as const

/** The page in the shape that the behaviour asks for; the documents leave it open (docs/wire/koodrive.md, Lists). */
const toListed = (world: World, page: Page): object => {
  const { listItems, listCursor } = world.behaviour
  const files = page.nodes.map((node) => toFile(world, node))
  const items = listItems === 'files' ? { files } : { data: listItems === 'data' ? files : { files } }
  const cursor = page.cursor ?? lastCursor[world.behaviour.lastCursor]
  const next = cursor === undefined ? {} : { nextCursor: cursor }
  if (listCursor === 'nextPageCursor' && cursor !== undefined)
    return { category: 'drive#fileList', ...items, nextPageCursor: cursor }
  return { category: 'drive#fileList', ...items, ...(listCursor === 'nextCursor' ? next : { pageInfo: next }) }
}

type ListBody = Readonly<{
  parentFileId: string | undefined
  pageInfo: Readonly<{ pageSize: number | undefined; pageCursor: string | undefined }> | undefined
  sortInfo: SortInfo | undefined
  fileType: string | undefined
}>

/** `type` of the URI: 0 the space, 1 its recycle bin. */
const listed = (world: World, space: Space, type: string | undefined, body: ListBody, endpoint: string): object => {
  if (!/^\d+$/.test(type ?? '')) throw new Stop(gatewayUnknown())
  if (type !== '0' && type !== '1') throw new Refusal('invalidParameters')
  const order = orderOf(body.sortInfo)
  if (order.sortType === 5 && type === '0' && world.strict) throw new Refusal('invalidParameters')
  const wanted = {
    space,
    recycled: type === '1',
    parent: body.parentFileId,
    pageSize: body.pageInfo?.pageSize ?? 100,
    cursor: body.pageInfo?.pageCursor,
    order,
    fileType: body.fileType,
  }
  return toListed(world, pageOf(world, wanted, endpoint))
}

const listFiles = operation({
  name: 'listFiles',
  method: 'POST',
  path: '/v1/files/:type',
  body: listBody,
  answer: ({ world, userId, call, body, endpoint }) => {
    const space = world.spaces.enter(body.containerId, userId, 'read')
    if (space.kind !== 'personal') throw new Refusal('teamMismatch')
    return listed(world, space, call.params['type'], body, endpoint)
  },
})

const teamQuery = { team_type: optional(text()) }

const listTeamFiles = operation({
  name: 'listTeamFiles',
  method: 'POST',
  path: '/v1/files/:groupId/:type',
  query: teamQuery,
  body: listBody,
  answer: ({ world, userId, call, query, body, endpoint }) => {
    const space = world.spaces.enter(body.containerId, userId, 'read')
    const teamType = query.team_type ?? '0'
    if (teamType !== '0' && teamType !== '2') throw new Refusal('invalidParameters')
    if (space.ownerId !== call.params['groupId'] || String(typeOf(space.kind)) !== teamType)
      throw new Refusal('teamMismatch')
    return listed(world, space, call.params['type'], body, endpoint)
  },
})

const filter = record({
  keyWord: maybeEmpty(text(255)),
  containerId: maybeEmpty(filled(64)),
  parentFolder: maybeEmpty(filled(64)),
  fileType: maybeEmpty(filled()),
  updateTimeRange: optional(anything),
  ownerId: maybeEmpty(filled()),
})

const searchBody = {
  searchType: maybeEmpty(text()),
  pageInfo: expected(pageInfo),
  filter: optional(filter),
  sortInfo: optional(sortInfo),
  recycled: optional(flag),
  recursived: optional(flag),
  imageProcess: maybeEmpty(anything),
}

const searchedSpaces = (
  world: World,
  userId: string,
  type: string,
  containerId: string | undefined,
): ReadonlyArray<Space> =>
  containerId === undefined
    ? world.spaces.visibleTo(userId).filter((space) => (space.kind === 'personal') === (type === 'personal'))
    : [world.spaces.enter(containerId, userId, 'read')]

const searchFiles = operation({
  name: 'search',
  method: 'POST',
  path: '/v1/files/search',
  body: searchBody,
  answer: ({ world, userId, body }) => {
    const { searchType, filter: by } = body
    if (searchType === undefined) throw new Refusal('noSearchType')
    if (searchType !== 'personal' && searchType !== 'team') throw new Refusal('badSearchType')
    if (by?.parentFolder !== undefined && by.containerId === undefined) throw new Refusal('invalidParameters')
    const hits = search(world, {
      spaces: searchedSpaces(world, userId, searchType, by?.containerId),
      keyWord: by?.keyWord,
      parent: by?.parentFolder,
      recursive: body.recursived ?? false,
      recycled: body.recycled ?? false,
      fileType: by?.fileType,
      ownerId: by?.ownerId,
      order: orderOf(body.sortInfo),
    })
    const size = Math.min(body.pageInfo?.pageSize ?? 100, 100)
    const start = Number(body.pageInfo?.pageCursor ?? 0)
    if (!Number.isSafeInteger(start)) throw new Refusal('invalidParameters')
    const files = hits.slice(start, start + size).map((node) => toHit(world, node))
    return { total: hits.length, nextPageCursor: start + size < hits.length ? String(start + size) : '', files }
  },
})

const statsQuery = {
  fileId: filled(64),
  containerId: filled(64),
  recursive: maybeEmpty(queryFlag),
  includeDirCount: maybeEmpty(queryFlag),
  includeFileCount: maybeEmpty(queryFlag),
  includeTotalSize: maybeEmpty(queryFlag),
  type: maybeEmpty(text()),
  extensions: maybeEmpty(text()),
  categorys: maybeEmpty(text()),
  hidden: maybeEmpty(queryFlag),
  isRecycled: maybeEmpty(queryFlag),
}

/** The URI says GET, the example POST; strict: GET. */
const statsDir = (world: World): Route =>
  operation({
    name: 'statsDir',
    method: world.strict ? 'GET' : ['GET', 'POST'],
    path: '/v1/files/statsDir',
    query: statsQuery,
    answer: ({ userId, query }) => {
      const space = world.spaces.enter(query.containerId, userId, 'read')
      const { totalSize, subDirCount, subFileCount } = countsOf(world, {
        space,
        fileId: query.fileId,
        recursive: query.recursive ?? true,
        extensions: query.extensions?.toLowerCase().split(','),
      })
      const data = {
        ...(query.includeTotalSize === false ? {} : { totalSize }),
        ...(query.includeDirCount === false ? {} : { subDirCount }),
        ...(query.includeFileCount === false ? {} : { subFileCount }),
      }
      return { data }
    },
  })(world)

const fullPath = operation({
  name: 'fullPath',
  method: 'GET',
  path: '/v1/files/path',
  query: { fileId: filled(64), containerId: filled(64) },
  msg: 'OK',
  answer: ({ world, userId, query }) => {
    world.spaces.enter(query.containerId, userId, 'read')
    const paths = world.tree.paths(nodeOf(world, query.containerId, query.fileId))
    return { fileIdPath: paths.ids, namePath: paths.names }
  },
})

const emptyRecycle = operation({
  name: 'emptyRecycle',
  method: 'POST',
  path: '/v1/files/recycle',
  body: { containerId: filled(64) },
  answer: ({ world, userId, body, endpoint }) => {
    const space = world.spaces.enter(body.containerId, userId, 'write')
    const job = { taskType: 7, actionType: 701, source: space, destination: space, target: undefined, items: [] }
    if (world.behaviour.recycleByHiddenJob) createJob(world, userId, { ...job, hidden: true }, endpoint)
    else emptyBin(world, space.containerId)
    return {}
  },
})

export const listRoutes: ReadonlyArray<(world: World) => Route> = [
  listFiles,
  listTeamFiles,
  searchFiles,
  statsDir,
  fullPath,
  emptyRecycle,
]
