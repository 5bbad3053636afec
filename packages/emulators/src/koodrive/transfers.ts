// What a job does to one item: copy, trash, purge, move, restore. Each is checked whole before anything changes.
import { type Clash } from './behaviour'
import { Refusal } from './errors'
import { createDirectory, purge } from './files'
import { isFolder, isRoot, type Node, without } from './nodes'
import { asTarget, checkDepth, checkQuota, folderOf, livingNodeOf, nameIn, nodeOf } from './placing'
import { type Space } from './spaces'
import { freeFileId } from './uploads'
import { type World } from './world'

/** One item of a job, with what the job says about all of them. */
export type Errand = Readonly<{
  userId: string
  source: Space
  destination: Space
  /** Id of the destination folder, or an alias of the root. */
  target: string | undefined
  fileId: string
  filePath: string | undefined
}>

/** What was checked, ready to be done; done, it tells the id of a new node. */
export type Plan = () => string | undefined

const sizeOf = (world: World, node: Node): number => {
  let size = 0
  for (const each of world.tree.inwards(node)) if (each.pending === undefined) size += each.size
  return size
}

const moverOf = (world: World, { source, fileId }: Errand): Node => {
  const node = livingNodeOf(world, source.containerId, fileId)
  if (isRoot(node)) throw new Refusal('invalidParameters')
  return node
}

/** The last segment counts where the destination is given as a path of ids. */
const targetOf = (world: World, errand: Errand): Node => {
  const { target = '' } = errand
  const isAlias = target === '' || target === 'root' || target.includes('/')
  if (isAlias && world.behaviour.jobTargetForms === 'id') throw new Refusal('badTarget')
  return folderOf(world, errand.destination, target.split('/').filter(Boolean).pop(), asTarget)
}

const checkPlace = (world: World, node: Node, folder: Node): void => {
  if (isFolder(node) && world.tree.contains(node, folder)) throw new Refusal('nested')
  checkDepth(world, folder, world.tree.height(node))
}

const copyInto = (world: World, errand: Errand, node: Node, folder: Node, name: string): string => {
  const at = world.now()
  const { content, sha256, description } = node
  const copy: Node = {
    id: freeFileId(world),
    containerId: folder.containerId,
    parentId: folder.id,
    name,
    fileType: node.fileType,
    mimeType: node.mimeType,
    size: node.size,
    createdTime: at,
    editedTime: at,
    ownerId: errand.userId,
    editorId: errand.userId,
    ...(description === undefined ? {} : { description }),
    ...(content === undefined ? {} : { content }),
    ...(sha256 === undefined ? {} : { sha256 }),
  }
  world.contents.use(content)
  world.tree.put(copy)
  if (isFolder(node))
    for (const child of [...world.tree.children(node.id).all()])
      if (child.pending === undefined) copyInto(world, errand, child, copy, child.name)
  return copy.id
}

export const planCopy = (world: World, errand: Errand): Plan => {
  const node = moverOf(world, errand)
  const folder = targetOf(world, errand)
  if (isFolder(node) && !world.behaviour.folderCopyByJob) throw new Refusal('isFolder')
  checkPlace(world, node, folder)
  checkQuota(world, errand.destination, sizeOf(world, node))
  const name = nameIn(world, folder, { name: node.name, isFolder: isFolder(node) }, world.behaviour.copyClash)
  return () => copyInto(world, errand, node, folder, name)
}

/** Puts a node elsewhere; with another space goes all that is in it. */
const put = (world: World, node: Node, folder: Node, name: string): void => {
  const inside = node.containerId === folder.containerId ? [] : [...world.tree.inwards(node)].slice(1)
  world.tree.put({ ...without(node, 'trashed'), containerId: folder.containerId, parentId: folder.id, name })
  for (const each of inside) world.tree.put({ ...each, containerId: folder.containerId })
}

const planPut = (world: World, node: Node, folder: Node, clash: Clash): Plan => {
  checkPlace(world, node, folder)
  const name = nameIn(world, folder, { id: node.id, name: node.name, isFolder: isFolder(node) }, clash)
  return () => {
    put(world, node, folder, name)
    return undefined
  }
}

export const planMove = (world: World, errand: Errand): Plan => {
  const node = moverOf(world, errand)
  const folder = targetOf(world, errand)
  if (node.parentId === folder.id) throw new Refusal('alreadyThere')
  if (node.containerId !== folder.containerId) checkQuota(world, errand.destination, sizeOf(world, node))
  return planPut(world, node, folder, world.behaviour.moveClash)
}

/** Without the right path of ids a node goes to the bin all the same, but comes back to the root. */
export const planTrash = (world: World, errand: Errand): Plan => {
  const node = moverOf(world, errand)
  const isRight = errand.filePath === world.tree.paths(node).ids
  const folders = isRight ? world.tree.foldersAround(node) : []
  return () => {
    world.tree.put({ ...node, trashed: { at: world.now(), folders } })
    return undefined
  }
}

export const planPurge = (world: World, errand: Errand): Plan => {
  const node = nodeOf(world, errand.source.containerId, errand.fileId)
  if (isRoot(node)) throw new Refusal('invalidParameters')
  if (!world.behaviour.purgeLive && !world.tree.isRecycled(node)) throw new Refusal('notRecycled')
  return () => {
    purge(world, node)
    return undefined
  }
}

/** The folder that a node was trashed from; folders that are gone are made again, under the same names. */
const restoreTarget = (world: World, errand: Errand, node: Node): Node => {
  let folder = world.tree.root(node.containerId)
  for (const { id, name } of node.trashed?.folders ?? []) {
    const known = world.tree.get(id)
    if (known !== undefined && !world.tree.isRecycled(known)) folder = known
    else
      folder =
        world.tree
          .children(folder.id)
          .named(name, true)
          .find((other) => isFolder(other)) ??
        createDirectory(world, errand.userId, errand.source, { fileName: name, parent: folder.id, renameMode: 2 })
  }
  return folder
}

export const planRestore = (world: World, errand: Errand): Plan => {
  const node = nodeOf(world, errand.source.containerId, errand.fileId)
  if (node.trashed === undefined) throw new Refusal('notRecycled')
  return () => {
    const folder = restoreTarget(world, errand, node)
    return planPut(world, node, folder, world.behaviour.restoreClash)()
  }
}

/** Removes everything in the recycle bin of a space. */
export const emptyBin = (world: World, containerId: string): void => {
  for (const node of [...world.tree.bin(containerId).all()]) purge(world, node)
}
