// What is done to single files and folders at once: create, rename, look.
import { Refusal } from './errors'
import { folderMimeType } from './names'
import { isFolder, isRoot, type Node } from './nodes'
import { asParent, checkDepth, checkNewName, clashOf, folderOf, livingNodeOf, nameIn } from './placing'
import { type Space } from './spaces'
import { endUpload, freeFileId } from './uploads'
import { type World } from './world'

export type NewDirectory = Readonly<{
  fileName: string
  parent: string | undefined
  renameMode: number
  description?: string | undefined
  createdTime?: number | undefined
  editedTime?: number | undefined
}>

/** One level; the folders around it must be there. */
export const createDirectory = (world: World, userId: string, space: Space, wanted: NewDirectory): Node => {
  checkNewName(world, wanted.fileName)
  const folder = folderOf(world, space, wanted.parent, asParent)
  checkDepth(world, folder, 1)
  const at = world.now()
  const node: Node = {
    id: freeFileId(world),
    containerId: space.containerId,
    parentId: folder.id,
    name: nameIn(world, folder, { name: wanted.fileName, isFolder: true }, clashOf(wanted.renameMode)),
    fileType: '10',
    mimeType: folderMimeType,
    size: 0,
    createdTime: wanted.createdTime ?? at,
    editedTime: wanted.editedTime ?? at,
    ownerId: userId,
    editorId: userId,
    ...(wanted.description === undefined ? {} : { description: wanted.description }),
  }
  world.tree.put(node)
  return node
}

/** To its own name: nothing happens. */
export const renameNode = (
  world: World,
  userId: string,
  space: Space,
  wanted: Readonly<{ fileId: string; name: string; renameMode: number }>,
): Node => {
  checkNewName(world, wanted.name)
  const node = livingNodeOf(world, space.containerId, wanted.fileId)
  if (isRoot(node)) throw new Refusal('invalidParameters')
  if (node.name === wanted.name) return node
  const folder = world.tree.get(node.parentId)
  if (folder === undefined) throw new Refusal('badTarget')
  const asked = { id: node.id, name: wanted.name, isFolder: isFolder(node) }
  const name = nameIn(world, folder, asked, clashOf(wanted.renameMode))
  const renamed: Node = { ...node, name, editedTime: world.now(), editorId: userId }
  world.tree.put(renamed)
  return renamed
}

/** Removes the node and all in it, for good, with the contents that nobody else uses. */
export const purge = (world: World, node: Node): void => {
  for (const each of [...world.tree.inwards(node)].reverse()) {
    world.tree.drop(each)
    world.contents.disuse(each.content)
    const upload = world.uploads.get(each.id)
    if (upload !== undefined) endUpload(world, upload, false)
  }
}
