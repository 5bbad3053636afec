// Spaces: made, listed, measured, deleted (docs/wire/tencent-smh.md, spaces).
import { empty, json, type Route } from '../common'
import { isAdmin, need, needAdmin } from './access'
import { entryOf, iso } from './entries'
import { fail } from './errors'
import { positive } from './list-operation'
import { isFile, pathOf, subtree, type Node } from './nodes'
import {
  digits,
  isOn,
  libraryRoute,
  ok,
  spaceRoute,
  wantedOf,
  zeroOne,
  type Context,
  type LibraryContext,
  type Operation,
} from './operation'
import { recycledIn } from './recycle'
import { dropUpload } from './upload-store'
import { addSpace, type Space, type World } from './world'

const attributeShape = {
  isPublicRead: 'boolean?',
  isMultiAlbum: 'boolean?',
  allowPhoto: 'boolean?',
  allowVideo: 'boolean?',
  allowPhotoExtname: 'strings?',
  allowVideoExtname: 'strings?',
  recognizeSensitiveContent: 'boolean?',
  spaceTag: 'string?',
} as const

const setAttributes = (world: World, space: Space, body: Readonly<Record<string, unknown>>): void => {
  space.attributes = { ...space.attributes, ...body }
  if (typeof body['isPublicRead'] === 'boolean') space.publicRead = body['isPublicRead']
  world.save.space(space)
}

const create: Operation<LibraryContext> = {
  name: 'createSpace',
  query: { space_id: true },
  body: attributeShape,
  handle: ({ world, call, access, library, body }) => {
    needAdmin(access, 'create_space')
    if (!library.multiSpace) fail('NotMultiSpaceLibrary')
    const custom = call.query.get('space_id')
    if (custom !== undefined && !/^[a-z0-9][a-z0-9-]{0,30}[a-z0-9]$/.test(custom)) fail('SpaceIdInvalid')
    if (custom !== undefined && library.spaces.has(custom)) fail('SpaceIdInvalid', 'The space id is in use.')
    const space = addSpace(world, library, custom ?? `space${world.stage.random.hex(13)}`, access.userId)
    setAttributes(world, space, body)
    return json(201, { spaceId: space.id })
  },
}

const visible = ({ library, access }: LibraryContext): ReadonlyArray<Space> => {
  const all = [...library.spaces.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return isAdmin(access) ? all : all.filter(({ userId }) => userId === access.userId)
}

const list: Operation<LibraryContext> = {
  name: 'listSpaces',
  query: { marker: true, limit: digits, ordered: zeroOne, prefix: true, start_name: true },
  handle: (context) => {
    const { world, call } = context
    const { query } = call
    const limit = positive(query.get('limit'), 1000)
    if (limit > 1000) fail('ParamInvalid', '"limit" must not exceed 1000.')
    const after = query.get('marker') ?? query.get('start_name') ?? ''
    const prefix = query.get('prefix') ?? ''
    const rest = visible(context).filter(({ id }) => id > after && id.startsWith(prefix))
    const page = rest.slice(0, limit)
    const next = rest.length > limit ? page.at(-1)?.id : undefined
    const { spaceListKey } = world.behaviour
    return ok({
      list: page.map(({ id, userId, createdAt }) => ({ spaceId: id, userId, creationTime: iso(createdAt) })),
      ...(next === undefined || spaceListKey === 'nextMarker' ? {} : { marker: next }),
      ...(next === undefined || spaceListKey === 'marker' ? {} : { nextMarker: next }),
    })
  },
}

const count: Operation<LibraryContext> = {
  name: 'countSpaces',
  handle: (context) => ok({ total: visible(context).length }),
}

const readAttributes: Operation<Context> = {
  name: 'readSpace',
  handle: ({ space }) => ok({ isPublicRead: space.publicRead, ...space.attributes }),
}

const writeAttributes: Operation<Context> = {
  name: 'updateSpace',
  body: attributeShape,
  handle: ({ world, access, space, body }) => {
    need(access)
    setAttributes(world, space, body)
    return empty(204)
  },
}

const size: Operation<Context> = { name: 'spaceSize', handle: ({ space }) => ok({ size: String(space.used) }) }

const counted = (nodes: Iterable<Node>) => {
  let files = 0
  let directories = 0
  let versions = 0
  for (const node of nodes)
    if (isFile(node)) {
      files += 1
      versions += node.history.length
    } else directories += 1
  return { files, directories, versions }
}

const fileCount: Operation<Context> = {
  name: 'spaceFileCount',
  handle: ({ world, access, space }) => {
    need(access)
    const [, ...live] = subtree(space.root)
    const here = counted(live)
    const bin = counted(
      recycledIn(world, space).flatMap(({ inode }) => {
        const node = world.tree.byInode(inode)
        return node === undefined ? [] : [...subtree(node)]
      }),
    )
    return ok({
      fileNum: String(here.files + bin.files + here.versions),
      dirNum: String(here.directories),
      recycledFileNum: String(bin.files),
      recycledDirNum: String(bin.directories),
      historyFileNum: String(here.versions),
    })
  },
}

const contentsView: Operation<Context> = {
  name: 'spaceContentsView',
  query: {
    filter: ['onlyFile', 'onlyDir'],
    marker: digits,
    limit: digits,
    order_by: true,
    order_by_type: true,
    with_path: ['true', 'false', '0', '1'],
    category: true,
  },
  handle: ({ world, call, space }) => {
    const { query } = call
    const filter = query.get('filter')
    const [, ...all] = subtree(space.root)
    const nodes = all
      .filter((node) => filter === undefined || (filter === 'onlyFile') === isFile(node))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    const start = Number(query.get('marker') ?? 0)
    const limit = positive(query.get('limit'), world.behaviour.listDefault)
    const contents = nodes.slice(start, start + limit).map((node) => ({
      ...entryOf(node, undefined, wantedOf({ world, call })),
      ...(isOn(call, 'with_path') ? { path: pathOf(node) } : {}),
    }))
    return ok({ ...(start + limit < nodes.length ? { nextMarker: String(start + limit) } : {}), contents })
  },
}

const remove: Operation<Context> = {
  name: 'deleteSpace',
  query: { force: zeroOne },
  handle: ({ world, call, access, library, space }) => {
    needAdmin(access, 'delete_space')
    if (!library.multiSpace) fail('NotMultiSpaceLibrary')
    if (space.root.children.size > 0 && !isOn(call, 'force')) fail('SpaceNotEmpty')
    for (const item of recycledIn(world, space)) {
      const node = world.tree.byInode(item.inode)
      if (node !== undefined) world.tree.forget(node)
      world.recycled.delete(item.id)
      world.stage.journal.remove('recycled', String(item.id))
    }
    for (const upload of [...world.uploads.values()])
      if (upload.spaceId === space.id && upload.libraryId === library.id) dropUpload(world, upload)
    world.tree.forget(space.root)
    library.spaces.delete(space.id)
    world.stage.journal.remove('space', `${library.id}/${space.id}`)
    return empty(204)
  },
}

export const spaceRoutes = (world: World): ReadonlyArray<Route> => {
  const base = '/api/v1/space/:library'
  return [
    libraryRoute(world, 'POST', base, () => create),
    libraryRoute(world, 'GET', `${base}/list`, () => list),
    libraryRoute(world, 'GET', `${base}/count`, () => count),
    spaceRoute(world, 'GET', `${base}/:space/extension`, () => readAttributes),
    spaceRoute(world, 'POST', `${base}/:space/extension`, () => writeAttributes),
    spaceRoute(world, 'GET', `${base}/:space/size`, () => size),
    spaceRoute(world, 'GET', `${base}/:space/file-count`, () => fileCount),
    spaceRoute(world, 'GET', `${base}/:space/contents-view`, () => contentsView),
    spaceRoute(world, 'DELETE', `${base}/:space`, () => remove),
  ]
}
