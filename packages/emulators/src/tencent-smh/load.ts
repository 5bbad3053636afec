// How everything comes back after a restart.
import { isDirectory, subtree, type Node } from './nodes'
import {
  type Change,
  type Quota,
  type Recycled,
  type Task,
  type Token,
  type Upload,
  type UploadedPart,
} from './records'
import { type Library, type Space, type World } from './world'

const bytesUnder = (root: Node): number => {
  let bytes = 0
  for (const node of subtree(root))
    if (node.kind !== 'dir')
      bytes += (node.content?.size ?? 0) + node.history.reduce((sum, { content }) => sum + content.size, 0)
  return bytes
}

const loadSpaces = (world: World): void => {
  for (const [, value] of world.stage.journal.load('space')) {
    const record = value as Omit<Space, 'library' | 'root'> & { readonly library: string; readonly root: string }
    const library = world.libraries.get(record.library)
    const root = world.tree.byInode(record.root)
    if (library === undefined || !isDirectory(root)) continue
    library.spaces.set(record.id, { ...record, library, root, used: bytesUnder(root) })
  }
}

const loadUploads = (world: World): void => {
  const { journal, blobs } = world.stage
  const uploads = [...journal.load('upload')].map(([, value]) => value as Upload)
  for (const upload of uploads.sort((a, b) => a.createdAt - b.createdAt)) world.uploads.set(upload.confirmKey, upload)
  for (const [key, value] of journal.load('part')) {
    const [confirmKey = ''] = key.split('/')
    const part = value as UploadedPart
    const parts = world.parts.get(confirmKey) ?? new Map<number, UploadedPart>()
    world.parts.set(confirmKey, parts.set(part.number, part))
    blobs.retain(part.id)
  }
}

const loadRecycled = (world: World): void => {
  const items = [...world.stage.journal.load('recycled')].map(([, value]) => value as Recycled)
  for (const item of items.sort((a, b) => a.id - b.id)) {
    world.recycled.set(item.id, item)
    const space = world.libraries.get(item.libraryId)?.spaces.get(item.spaceId)
    const node = world.tree.byInode(item.inode)
    if (space !== undefined && node !== undefined) space.used += bytesUnder(node)
  }
}

const loadChanges = (world: World): void => {
  const changes = [...world.stage.journal.load('change')].map(([, value]) => value as Change)
  world.changes.push(...changes.sort((a, b) => a.id - b.id))
}

const loadTasks = (world: World): void => {
  const tasks = [...world.stage.journal.load('task')].map(([, value]) => value as Task)
  for (const task of tasks.sort((a, b) => a.id - b.id)) {
    world.tasks.set(task.id, task)
    if (task.status === 202) world.running.add(task)
  }
}

/** Before anything is configured: what an earlier run left. Bytes that nothing holds are deleted. */
export const loadWorld = (world: World): void => {
  const { journal } = world.stage
  world.contents.load()
  world.tree.load()
  for (const [id, value] of journal.load('library'))
    world.libraries.set(id, { ...(value as Library), spaces: new Map(), quotas: new Map() })
  loadSpaces(world)
  for (const [token, value] of journal.load('token')) world.tokens.set(token, value as Token)
  for (const [, value] of journal.load('quota')) {
    const { library, ...quota } = value as Quota & { readonly library: string }
    world.libraries.get(library)?.quotas.set(quota.id, quota)
  }
  loadUploads(world)
  loadRecycled(world)
  loadTasks(world)
  loadChanges(world)
  world.stage.blobs.sweep()
}
