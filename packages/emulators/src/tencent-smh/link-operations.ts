// Entries without bytes of their own: symlinks and virtual files (docs/wire/tencent-smh.md, less common file operations).
import { json } from '../common'
import { checkForce } from './actions'
import { need } from './access'
import { recordChange } from './changes'
import { fail } from './errors'
import { isDirectory, isFile, pathOf, type File } from './nodes'
import {
  attributesOf,
  attributeShape,
  ok,
  queryStrategy,
  strategyQuery,
  textOf,
  type Context,
  type Operation,
} from './operation'
import { segmentsOf } from './paths'
import { erase, lookUp, parentOfFile, placeIn } from './placing'
import { allStrategies } from './upload-routes'
import { type World } from './world'

/** Room for a new entry without bytes: what gives way is gone, whatever it was. */
const makeRoom = (context: Context, force: string) => {
  const { world, call, access, space, path } = context
  const parent = parentOfFile(space, path)
  const name = path.at(-1) ?? fail('EmptyFileName')
  const place = placeIn(world, parent, name, 'file', queryStrategy(call, allStrategies, 'rename'))
  checkForce(access, place.replaced, force)
  return { parent, name: place.name, clear: () => place.replaced && erase(world, space, place.replaced) }
}

const depthOf = (world: World, file: File): number => {
  let depth = 0
  for (
    let at = world.tree.byInode(file.inode);
    isFile(at) && at.linkTo !== undefined;
    at = world.tree.byInode(at.linkTo)
  )
    depth += 1
  return depth
}

export const symlink: Operation<Context> = {
  name: 'createSymlink',
  query: strategyQuery,
  body: { linkTo: 'string' },
  handle: (context) => {
    const { world, access, space, body } = context
    need(access, 'create_symlink', 'create_symlink_force')
    const target = lookUp(space, segmentsOf(textOf(body['linkTo'], 'linkTo')))
    if (isDirectory(target)) return fail('SymlinkToDirectoryNotAllowed')
    if (target === undefined) return fail('SourceFileNotFound')
    if (depthOf(world, target) >= 5) fail('SymlinkDepthLimitExceeded')
    const { parent, name, clear } = makeRoom(context, 'create_symlink_force')
    if (parent.children.get(name) === target) fail('CircleSymlink')
    clear()
    const made = world.tree.makeFile(parent, name, access.userId, { kind: 'symlink', linkTo: target.inode })
    recordChange(world, space, 'FILE.CREATE', made)
    return ok({ path: pathOf(made) })
  },
}

export const virtual: Operation<Context> = {
  name: 'createVirtualFile',
  query: { virtual_file: true, ...strategyQuery },
  body: { ...attributeShape, contentType: 'string?', metaData: 'object?', size: 'any?' },
  handle: (context) => {
    const { world, access, space, body } = context
    need(access, 'create_virtual', 'upload_file')
    const { contentType } = body
    const attributes = {
      ...attributesOf(context),
      ...(contentType === undefined ? {} : { contentType: textOf(contentType, 'contentType') }),
    }
    const size = Number(body['size'] ?? 0)
    const { parent, name, clear } = makeRoom(context, 'upload_file_force')
    clear()
    const made = world.tree.makeFile(parent, name, access.userId, { kind: 'virtual', attributes, size })
    recordChange(world, space, 'FILE.CREATE', made)
    return json(201, { path: pathOf(made), type: 'virtual' })
  },
}
