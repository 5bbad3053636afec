// What looks through whole subtrees: search by name, and counts of what a folder holds.
import { Refusal } from './errors'
import { suffixOf } from './names'
import { isFolder, isRoot, type Node } from './nodes'
import { compareNodes, type Order } from './ordering'
import { folderOf, asListed, nodeOf } from './placing'
import { type Space } from './spaces'
import { type World } from './world'

export type SearchWanted = Readonly<{
  spaces: ReadonlyArray<Space>
  keyWord: string | undefined
  parent: string | undefined
  recursive: boolean
  recycled: boolean
  fileType: string | undefined
  ownerId: string | undefined
  order: Order
}>

const scope = (world: World, space: Space, wanted: SearchWanted): Iterable<Node> => {
  if (wanted.recycled) return world.tree.bin(space.containerId).all()
  if (wanted.parent === undefined) return world.tree.inwards(world.tree.root(space.containerId))
  const folder = folderOf(world, space, wanted.parent, asListed)
  return wanted.recursive ? world.tree.inwards(folder) : world.tree.children(folder.id).all()
}

const matches = (node: Node, wanted: SearchWanted): boolean =>
  node.pending === undefined &&
  !isRoot(node) &&
  node.id !== wanted.parent &&
  (wanted.keyWord === undefined || node.name.toLowerCase().includes(wanted.keyWord.toLowerCase())) &&
  (wanted.fileType === undefined || node.fileType === wanted.fileType) &&
  (wanted.ownerId === undefined || node.ownerId === wanted.ownerId)

/** All that match, in order. Without a folder the whole spaces are searched. */
export const search = (world: World, wanted: SearchWanted): ReadonlyArray<Node> =>
  wanted.spaces
    .flatMap((space) => [...scope(world, space, wanted)].filter((node) => matches(node, wanted)))
    .sort(compareNodes(wanted.order))

export type Counts = { totalSize: number; subDirCount: number; subFileCount: number }

export type CountsWanted = Readonly<{
  space: Space
  fileId: string
  recursive: boolean
  /** Extensions to count; all if absent. */
  extensions: ReadonlyArray<string> | undefined
}>

/** The folder itself is not counted. */
export const countsOf = (world: World, wanted: CountsWanted): Counts => {
  const folder = nodeOf(world, wanted.space.containerId, wanted.fileId)
  if (!isFolder(folder)) throw new Refusal('invalidParameters')
  const nodes = wanted.recursive ? world.tree.inwards(folder) : world.tree.children(folder.id).all()
  const counts: Counts = { totalSize: 0, subDirCount: 0, subFileCount: 0 }
  for (const node of nodes) {
    if (node.pending === true || node.id === folder.id) continue
    if (isFolder(node)) counts.subDirCount += 1
    else if (wanted.extensions?.includes(suffixOf(node.name).toLowerCase()) ?? true) {
      counts.subFileCount += 1
      counts.totalSize += node.size
    }
  }
  return counts
}
