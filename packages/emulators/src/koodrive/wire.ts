// How nodes, spaces and jobs look in answers, in the vendor's spelling.
import { safeBoxId, rootId } from './ids'
import { codeOf } from './errors'
import { itemMessage } from './jobs'
import { jobTime, suffixOf } from './names'
import { isFolder, type Node } from './nodes'
import { type Space, typeOf } from './spaces'
import { type Job, type JobItem, type World } from './world'

const iso = (at: number): string => new Date(at).toISOString()

/** HMS Drive's shape of a user (docs/wire/koodrive.md, File details). */
const toUser = (world: World, id: string): object => ({
  displayName: world.population.users.find((user) => user.id === id)?.name ?? id,
  permissionId: id,
})

/** As details and lists show a file or folder. */
export const toFile = (world: World, node: Node): Record<string, unknown> => ({
  category: 'drive#file',
  id: node.id,
  fileName: node.name,
  fileType: node.fileType,
  mimeType: node.mimeType,
  favorite: false,
  recycled: world.tree.isRecycled(node),
  parentFolder: node.parentId === '' ? [] : [node.parentId],
  containers: [node.containerId],
  createdTime: iso(node.createdTime),
  editedTime: iso(node.editedTime),
  size: node.size,
  ...(node.description === undefined ? {} : { description: node.description }),
  ...(isFolder(node) ? {} : { fileSuffix: suffixOf(node.name) }),
  ...(world.behaviour.showSha256 && node.sha256 !== undefined ? { sha256: node.sha256 } : {}),
  ...(node.trashed === undefined ? {} : { recycledTime: iso(node.trashed.at) }),
  owners: [toUser(world, node.ownerId)],
  lastEditor: toUser(world, node.editorId),
})

/** As search shows it: `size` is a string here. */
export const toHit = (world: World, node: Node): object => {
  const space = world.spaces.get(node.containerId)
  const paths = world.tree.paths(node)
  return {
    id: node.id,
    fileName: node.name,
    fileSuffix: isFolder(node) ? '' : suffixOf(node.name),
    fileType: node.fileType,
    size: String(node.size),
    updateTime: iso(node.editedTime),
    namePath: paths.names,
    idPath: paths.ids,
    downloadLinks: [],
    containerId: node.containerId,
    containerType: space === undefined ? '' : String(typeOf(space.kind)),
    favorite: false,
    owner: toUser(world, node.ownerId),
    ...(space === undefined || space.kind === 'personal' ? {} : { teamName: space.title, teamId: space.ownerId }),
  }
}

/** As the space calls show it: numbers as text, but for the version-1 calls. */
export const toSpace = (world: World, space: Space): Record<string, unknown> => ({
  type: String(typeOf(space.kind)),
  status: space.active ? '0' : '1',
  ownerId: space.ownerId,
  containerId: space.containerId,
  rootFileId: space.spaceRootId,
  bizRootFileId: rootId(space.containerId),
  bizSboxFileId: safeBoxId(space.containerId),
  capacity: String(space.capacityGb),
  spaceUsed: String(world.tree.used(space.containerId)),
  tenantId: world.population.tenantId,
})

export const toTeam = (world: World, space: Space): object => ({
  id: space.ownerId,
  name: space.title,
  status: space.active ? 0 : 1,
  capacity: space.capacityGb,
  spaceUsed: world.tree.used(space.containerId),
  containerId: space.containerId,
  userNum: space.members.length,
  ownerId: space.members[0]?.userId ?? '',
  ownerName: world.population.users.find(({ id }) => id === space.members[0]?.userId)?.name ?? '',
})

const toItem = (world: World, job: Job, item: JobItem): object => ({
  fileId: item.fileId,
  status: world.behaviour.itemStatus[item.status],
  ...(item.newFileId === undefined ? {} : { newFileId: item.newFileId }),
  srcContainerId: job.sourceId,
  ...(item.reason === undefined || !world.behaviour.itemReasons
    ? {}
    : { resultCode: codeOf(item.reason), msg: itemMessage(item) }),
})

/** What a copied folder holds, where `taskInfos` lists it all. */
const subtreeItems = (world: World, job: Job, item: JobItem): ReadonlyArray<object> => {
  const copy = item.newFileId === undefined ? undefined : world.tree.get(item.newFileId)
  if (!world.behaviour.itemsOfSubtree || copy === undefined) return []
  return [...world.tree.inwards(copy)]
    .slice(1)
    .map((node) => ({ ...toItem(world, job, item), fileId: node.id, newFileId: node.id }))
}

/** As the list shows a job. */
export const toListedJob = (job: Job): Record<string, unknown> => ({
  taskId: job.id,
  taskType: job.taskType,
  ...(job.actionType === undefined ? {} : { actionType: job.actionType }),
  status: job.status,
  ...(job.result === undefined ? {} : { taskResultCode: job.result }),
  contentNum: job.items.length,
  containerId: job.destinationId,
  ...(job.beganAt === undefined ? {} : { beginTime: jobTime(job.beganAt) }),
  ...(job.endedAt === undefined ? {} : { endTime: jobTime(job.endedAt) }),
  createTime: jobTime(job.createdAt),
})

const progressOf = (job: Job): number => {
  if (job.status === 2) return 100
  const over = job.items.filter(({ status }) => status !== 'pending').length
  return Math.floor((100 * over) / Math.max(1, job.items.length))
}

export const toJob = (world: World, job: Job): object => ({
  jobInfo: {
    ...toListedJob(job),
    userId: `${world.population.tenantId}-${job.userId}`,
    tenantId: world.population.tenantId,
    progress: progressOf(job),
  },
  taskInfos: job.items.flatMap((item) => [toItem(world, job, item), ...subtreeItems(world, job, item)]),
})
