// Directories and what is asked of any path (docs/wire/tencent-smh.md, directories).
import { empty, json, type Call, type Reply, type Route } from '../common'
import { carryOut, copyShell, plan, remove, type Transfer } from './actions'
import { need } from './access'
import { recordChange } from './changes'
import { entryOf, iso, metaHeaders } from './entries'
import { fail } from './errors'
import { countNodes, isDirectory, isFile, pathOf, subtree, type Directory, type Node } from './nodes'
import {
  attributesOf,
  attributeShape,
  bodyHas,
  digits,
  isOn,
  ok,
  queryStrategy,
  spaceRoute,
  strategyQuery,
  textOf,
  trueFalse,
  wantedOf,
  zeroOne,
  type Context,
  type Operation,
} from './operation'
import { segmentsOf, type Segments } from './paths'
import { bytesOf, directoryAt, lookUp, parentOfDirectory, placeIn, shownBy } from './placing'
import { type Strategy } from './records'
import { nodeOf, recycledItem } from './recycle'
import { listDirectory } from './list-operation'
import { isBackground, startTask } from './tasks'
import { taskId } from './task-routes'

const strategies: ReadonlyArray<Strategy> = ['ask', 'rename']

const create: Operation<Context> = {
  name: 'createDirectory',
  query: { ...strategyQuery, with_inode: zeroOne },
  body: { ...attributeShape, metaData: 'object?' },
  handle: (context) => {
    const { world, call, access, space, path } = context
    need(access, 'create_directory')
    const strategy = queryStrategy(call, strategies, 'ask')
    const wanted = path.at(-1) ?? fail('RootDirectoryNotAllowed')
    const attributes = attributesOf(context)
    const { existing, make } = parentOfDirectory(world, space, path, access.userId)
    const { name } = placeIn(world, existing, wanted, 'directory', strategy)
    const made = world.tree.makeDirectory(make(), name, access.userId, attributes)
    recordChange(world, space, 'FILE.CREATE', made)
    const { localCreationTime, localModificationTime, metaData } = attributes
    return json(world.behaviour.createStatus, {
      creationTime: iso(made.createdAt),
      ...(strategy === 'rename' || world.behaviour.createPath === 'always' ? { path: pathOf(made) } : {}),
      ...(wantedOf(context).inode ? { inode: made.inode } : {}),
      ...(metaData === undefined ? {} : { metaData: metaHeaders(made) }),
      ...(localCreationTime === undefined ? {} : { localCreationTime }),
      ...(localModificationTime === undefined ? {} : { localModificationTime }),
    })
  },
}

/** The answer of a directory that is where it was to go (docs/wire/tencent-smh.md, discrepancies). */
const placed = ({ world }: Context, strategy: Strategy, path: Segments): Reply => {
  const { placedDirectory } = world.behaviour
  if (placedDirectory === 'created') return json(201, { path })
  return placedDirectory === 'strategy' && strategy === 'ask' ? empty(204) : ok({ path })
}

const transferOf = (context: Context, verb: 'move' | 'copy', from: string): Transfer => ({
  verb,
  access: context.access,
  from: { space: context.space, path: segmentsOf(from) },
  to: { space: context.space, path: context.path },
  kind: 'directory',
  strategy: queryStrategy(context.call, strategies, 'ask'),
  parents: { directory: 'create', file: 'require' },
})

const move: Operation<Context> = {
  name: 'moveDirectory',
  query: { ...strategyQuery, move_authority: trueFalse },
  body: { from: 'string' },
  handle: (context) => {
    const transfer = transferOf(context, 'move', textOf(context.body['from'], 'from'))
    return placed(context, transfer.strategy ?? 'ask', carryOut(context.world, transfer))
  },
}

const copyInBackground = (context: Context, transfer: Transfer, source: Directory): Reply => {
  const { world, access, library, space } = context
  const { target } = plan(world, transfer)
  const children = [...source.children.values()].map(({ inode }) => inode)
  const made = copyShell(world, source, target.parent(), target.name, access.userId)
  recordChange(world, space, 'FILE.COPY', made)
  const work = { kind: 'copyDirectory', userId: access.userId, target: made.inode, children } as const
  const task = startTask(world, 'copyDirectory', library.id, space.id, work)
  return json(202, { [world.behaviour.taskIdKey]: taskId(world, task) })
}

const copy: Operation<Context> = {
  name: 'copyDirectory',
  query: strategyQuery,
  body: { copyFrom: 'string' },
  handle: (context) => {
    const { world } = context
    const transfer = transferOf(context, 'copy', textOf(context.body['copyFrom'], 'copyFrom'))
    const { source } = plan(world, transfer)
    if (isDirectory(source) && isBackground(world, countNodes(source, world.behaviour.asyncThreshold + 1)))
      return copyInBackground(context, transfer, source)
    return placed(context, transfer.strategy ?? 'ask', carryOut(world, transfer))
  },
}

const notFound = ({ world, space, path }: Context): never => {
  if (world.behaviour.missingPath === 'PathNotFound') return fail('PathNotFound')
  return fail(isDirectory(lookUp(space, path.slice(0, -1))) ? 'FileNotFound' : 'DirectoryNotFound')
}

const found = (context: Context): Node => lookUp(context.space, context.path) ?? notFound(context)

const info: Operation<Context> = {
  name: 'info',
  publicRead: true,
  query: { info: true, with_inode: zeroOne, with_favorite_status: zeroOne, with_content_cas: zeroOne },
  handle: (context) => {
    const node = found(context)
    const shown = isFile(node) ? shownBy(context.world, node) : undefined
    return ok({ ...entryOf(node, shown, wantedOf(context)), path: pathOf(node) })
  },
}

const totals = (nodes: Iterable<Node>) => {
  const sum = { storage: 0, fileCount: 0, dirCount: 0 }
  for (const node of nodes)
    if (isFile(node)) {
      sum.fileCount += 1
      sum.storage += bytesOf(node)
    } else sum.dirCount += 1
  return sum
}

const stats: Operation<Context> = {
  name: 'directoryStats',
  query: { stats: true, stats_type: ['normal', 'recycle', 'history'], recycled_id: digits },
  handle: ({ world, call, space, path }) => {
    const statsType = call.query.get('stats_type') ?? 'normal'
    const recycledId = call.query.get('recycled_id')
    if (!['normal', 'recycle', 'history'].includes(statsType)) fail('InvalidDirectoryStatsType')
    const node =
      recycledId === undefined
        ? directoryAt(space, path)
        : nodeOf(world, recycledItem(world, space, Number(recycledId)))
    const [, ...below] = subtree(node)
    return ok({ userId: node.userId, statsType, ...totals(below) })
  },
}

const calibrate: Operation<Context> = {
  name: 'calibrateDirectory',
  query: { calibrate: true, stats_type: ['normal', 'recycle', 'history'] },
  handle: ({ world, access, library, space, path }) => {
    need(access, 'space_admin')
    const result = totals(subtree(directoryAt(space, path)))
    const task = startTask(world, 'calibrateDirectoryStats', library.id, space.id, { kind: 'nothing', result })
    return json(202, { taskId: taskId(world, task) })
  },
}

const exists: Operation<Context> = {
  name: 'headDirectory',
  publicRead: true,
  handle: ({ world, space, path }) => {
    const node = lookUp(space, path)
    return empty(isDirectory(node) ? 200 : isFile(node) ? world.behaviour.headDirectoryOfFile : 404)
  },
}

const removeDirectory: Operation<Context> = {
  name: 'deleteDirectory',
  query: { permanent: trueFalse, directory_only: trueFalse },
  handle: ({ world, call, access, space, path }) => {
    const permanent = isOn(call, 'permanent')
    const node = lookUp(space, path)
    // What becomes of the children is not documented (docs/wire/tencent-smh.md, delete directory); private deployments ignore the flag.
    const isProtected = world.behaviour.preconditions && isOn(call, 'directory_only')
    if (isProtected && isDirectory(node) && node.children.size > 0) fail('FunctionNotEnabled')
    const recycledItemId = remove(world, { access, space, path, kind: 'directory', permanent })
    return recycledItemId === undefined ? empty(204) : ok({ recycledItemId })
  },
}

const merged = (
  old: Readonly<Record<string, string>> | undefined,
  given: unknown,
  directive: unknown,
): Readonly<Record<string, string>> => {
  const changes = Object.entries((given ?? {}) as Readonly<Record<string, unknown>>)
  const kept = directive === 'replace' ? {} : { ...old }
  const all = [
    ...Object.entries<unknown>(kept),
    ...changes.map(([key, value]) => [key.toLowerCase().replace(/^x-smh-meta-/, ''), value] as const),
  ]
  return Object.fromEntries(
    [...new Map(all)].filter(([, value]) => value !== null).map(([key, value]) => [key, String(value)]),
  )
}

const update: Operation<Context> = {
  name: 'updateEntry',
  query: { update: true },
  body: { ...attributeShape, contentType: 'string?', size: 'any?', metaData: 'object?', metaDataDirective: 'string?' },
  handle: (context) => {
    const { world, access, space, body } = context
    need(access)
    const node = found(context)
    const { metaData: _, ...attributes } = attributesOf(context)
    const { contentType, size, metaData, metaDataDirective } = body
    node.attributes = {
      ...node.attributes,
      ...attributes,
      ...(contentType === undefined ? {} : { contentType: textOf(contentType, 'contentType') }),
      ...(metaData === undefined ? {} : { metaData: merged(node.attributes.metaData, metaData, metaDataDirective) }),
    }
    if (size !== undefined && node.kind === 'virtual') node.size = Number(size)
    world.tree.saved(node)
    world.tree.touch(node.parent)
    recordChange(world, space, 'FILE.MODIFY', node)
    return empty(204)
  },
}

const choosePut = (call: Call): Operation<Context> => {
  if (bodyHas(call, 'copyFrom')) return copy
  if (bodyHas(call, 'from')) return move
  return call.query.has('calibrate') ? calibrate : create
}

const chooseGet = (call: Call): Operation<Context> =>
  call.query.has('info') ? info : call.query.has('stats') ? stats : listDirectory

export const directoryRoutes = (world: Context['world']): ReadonlyArray<Route> => {
  const path = '/api/v1/directory/:library/:space/*'
  return [
    spaceRoute(world, 'PUT', path, choosePut),
    spaceRoute(world, 'GET', path, chooseGet),
    spaceRoute(world, 'HEAD', path, () => exists),
    spaceRoute(world, 'DELETE', path, () => removeDirectory),
    spaceRoute(world, 'POST', path, () => update),
  ]
}
