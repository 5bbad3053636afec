// The recycle bin's contents: what goes in, what comes out, what is gone for good.
import { has } from './access'
import { recordChange } from './changes'
import { fail } from './errors'
import { isDirectory, pathOf, type Node } from './nodes'
import { type Access, type Recycled, type Strategy } from './records'
import { directoryAt, erase, placeIn, type Place } from './placing'
import { type Library, type Space, type World } from './world'

const dayMs = 86_400_000

/** The item's number. The bytes stay in use. */
export const recycle = (world: World, space: Space, node: Node): number => {
  const item: Recycled = {
    id: world.nextNumber('recycled'),
    libraryId: space.library.id,
    spaceId: space.id,
    inode: node.inode,
    originalPath: pathOf(node),
    removedAt: world.now(),
  }
  world.tree.detach(node)
  world.recycled.set(item.id, item)
  world.stage.journal.put('recycled', String(item.id), () => item)
  return item.id
}

const takeOut = (world: World, item: Recycled): void => {
  world.recycled.delete(item.id)
  world.stage.journal.remove('recycled', String(item.id))
}

export const nodeOf = (world: World, item: Recycled): Node =>
  world.tree.byInode(item.inode) ?? fail('RecycledItemNotFound')

/** Whole days until the item is gone for good. */
export const remainingDays = (world: World, library: Library, item: Recycled): number =>
  Math.max(0, Math.floor((item.removedAt + library.retentionDays * dayMs - world.now()) / dayMs))

export const purge = (world: World, space: Space, item: Recycled): void => {
  takeOut(world, item)
  const node = world.tree.byInode(item.inode)
  if (node !== undefined) erase(world, space, node)
}

export const recycledIn = (world: World, space: Space): ReadonlyArray<Recycled> =>
  [...world.recycled.values()].filter((item) => item.spaceId === space.id && item.libraryId === space.library.id)

export const recycledItem = (world: World, space: Space, id: number): Recycled => {
  const item = world.recycled.get(id)
  return item?.spaceId === space.id && item.libraryId === space.library.id ? item : fail('RecycledItemNotFound')
}

export interface Restoration {
  readonly access: Access
  readonly space: Space
  readonly id: number
  /** Undefined: the default of the kind. */
  readonly strategy: Strategy | undefined
  readonly fallbackToRoot: boolean
}

const parentFor = (space: Space, item: Recycled, fallbackToRoot: boolean) => {
  const path = item.originalPath.slice(0, -1)
  if (!fallbackToRoot) return directoryAt(space, path)
  let at: Node | undefined = space.root
  for (const segment of path) at = isDirectory(at) ? at.children.get(segment) : undefined
  return isDirectory(at) ? at : space.root
}

/** Gives the final path. A missing parent is an error unless the item may fall back to the root. */
export const restore = (world: World, restoration: Restoration): ReadonlyArray<string> => {
  const { access, space, id, strategy, fallbackToRoot } = restoration
  if (!has(access, 'restore_recycled')) fail('NoPermission')
  const item = recycledItem(world, space, id)
  const node = nodeOf(world, item)
  const kind = isDirectory(node) ? 'directory' : 'file'
  const parent = parentFor(space, item, fallbackToRoot)
  const place: Place = placeIn(world, parent, node.name, kind, strategy ?? (kind === 'directory' ? 'ask' : 'rename'))
  if (place.replaced !== undefined) erase(world, space, place.replaced)
  takeOut(world, item)
  world.tree.move(node, parent, place.name)
  recordChange(world, space, place.replaced === undefined ? 'FILE.RESTORE' : 'FILE.RESTORE_OVERWRITE', node)
  return pathOf(node)
}

/** Items past their library's retention go. They are kept in the order of removal, so the first ones tell. */
export const expireRecycled = (world: World): void => {
  for (const item of world.recycled.values()) {
    const library = world.libraries.get(item.libraryId)
    const space = library?.spaces.get(item.spaceId)
    if (library !== undefined && item.removedAt + library.retentionDays * dayMs > world.now()) return
    if (space === undefined) takeOut(world, item)
    else purge(world, space, item)
  }
}
