// Where a new, renamed, copied, moved or restored node may go, and under which name.
import { type Clash } from './behaviour'
import { Refusal, type Reason } from './errors'
import { rootId, safeBoxId } from './ids'
import { checkName, freeName } from './names'
import { isFolder, type Node } from './nodes'
import { type Space } from './spaces'
import { type World } from './world'

/** Why a folder that was asked for cannot be used; it depends on what it is asked for. */
type FolderReasons = Readonly<{ missing: Reason; recycled: Reason; notFolder: Reason }>

export const asParent: FolderReasons = { missing: 'badTarget', recycled: 'parentRecycled', notFolder: 'badTarget' }
export const asTarget: FolderReasons = { missing: 'badTarget', recycled: 'targetRecycled', notFolder: 'badTarget' }
export const asListed: FolderReasons = { missing: 'notFound', recycled: 'recycled', notFolder: 'badTarget' }

/** The folder that an id or alias names: absent, empty and `root` are the root, `sbox` the safe box. */
export const folderOf = (world: World, space: Space, id: string | undefined, reasons: FolderReasons): Node => {
  const containerId = space.containerId
  const real = id === undefined || id === '' || id === 'root' ? rootId(containerId) : id
  const node = world.tree.get(real === 'sbox' ? safeBoxId(containerId) : real)
  if (node === undefined) throw new Refusal(reasons.missing)
  if (node.containerId !== containerId) throw new Refusal('notInSpace')
  if (!isFolder(node)) throw new Refusal(reasons.notFolder)
  if (world.tree.isRecycled(node)) throw new Refusal(reasons.recycled)
  return node
}

/** A file or folder of the space, in the recycle bin or not; what is still being uploaded does not exist yet. */
export const nodeOf = (world: World, containerId: string, id: string): Node => {
  const node = world.tree.get(id === 'root' ? rootId(containerId) : id)
  if (node === undefined || node.pending === true) throw new Refusal('notFound')
  if (node.containerId !== containerId) throw new Refusal('notInSpace')
  return node
}

/** As `nodeOf`, but what lies in the recycle bin is refused. */
export const livingNodeOf = (world: World, containerId: string, id: string): Node => {
  const node = nodeOf(world, containerId, id)
  if (world.tree.isRecycled(node)) throw new Refusal('recycled')
  return node
}

/** Those in the folder that have the name, but for the node itself. */
const holders = (
  world: World,
  folder: Node,
  name: string,
  self: Readonly<{ id?: string; isFolder: boolean }>,
): ReadonlyArray<Node> =>
  world.tree
    .children(folder.id)
    .named(name, self.isFolder)
    .filter((node) => node.id !== self.id && (node.pending === undefined || world.behaviour.pendingHoldsName))

/** The name that a node gets in a folder. `duplicate` lets two have the same. */
export const nameIn = (
  world: World,
  folder: Node,
  wanted: Readonly<{ id?: string; name: string; isFolder: boolean }>,
  clash: Clash,
): string => {
  const taken = (name: string): boolean => holders(world, folder, name, wanted).length > 0
  if (clash === 'duplicate' || !taken(wanted.name)) return wanted.name
  if (clash === 'fail') throw new Refusal('duplicateName')
  const { suffixOffsetMinutes, nameLimit } = world.behaviour
  const { name } = wanted
  return freeName(
    { name, isFolder: wanted.isFolder, at: world.now(), offsetMinutes: suffixOffsetMinutes, limit: nameLimit },
    taken,
  )
}

/** renameMode and autoRename (docs/wire/koodrive.md, Name conflicts): 3 refuses, everything else renames. */
export const clashOf = (mode: number): Clash => (mode === 3 ? 'fail' : 'suffix')

export const checkNewName = (world: World, name: string): void => checkName(name, world.behaviour.nameLimit)

/** Refuses where `levels` of folders below the folder would be deeper than the limit. */
export const checkDepth = (world: World, folder: Node, levels: number): void => {
  if (levels > 0 && world.tree.depth(folder) + levels > world.behaviour.maxDepth) throw new Refusal('tooDeep')
}

/** Refuses where the space has no room for so many bytes more. */
export const checkQuota = (world: World, space: Space, bytes: number): void => {
  if (bytes > 0 && world.tree.used(space.containerId) + bytes > space.quotaBytes) throw new Refusal('quotaExceeded')
}
