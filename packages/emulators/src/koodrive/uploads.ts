// Uploads: a file announced, its parts arriving, its completion.
import { createHash } from 'node:crypto'
import { Refusal } from './errors'
import { newFileId, newObjectKey, newUploadId } from './ids'
import { mimeTypeOf } from './names'
import { type Node, without } from './nodes'
import { asParent, checkNewName, checkQuota, clashOf, folderOf, nameIn } from './placing'
import { type Space } from './spaces'
import { type Arrived, type Part, type Upload, type World } from './world'

export type NewFile = Readonly<{
  fileName: string
  fileType: string
  parent: string | undefined
  length: number
  autoRename: number
  sha256?: string | undefined
  mimeType?: string | undefined
  description?: string | undefined
  createdTime?: number | undefined
  parts: ReadonlyArray<Part>
}>

export type Started = Readonly<{ node: Node; rapid: boolean; upload?: Upload }>

const journaled = (world: World, upload: Upload): void => world.journal.put('upload', upload.fileId, () => upload)

/** An id that no node has yet. */
export const freeFileId = (world: World): string => {
  for (;;) {
    const id = newFileId(world.random)
    if (world.tree.get(id) === undefined) return id
  }
}

/** Refuses part numbers and sizes outside the limits; only the last part may be small. */
const checkParts = (world: World, parts: ReadonlyArray<Part>): void => {
  const last = parts.reduce((largest, { partNumber }) => Math.max(largest, partNumber), 0)
  for (const { partNumber, partSize } of parts) {
    const smallest = partNumber === last ? 0 : world.behaviour.minPartSize
    if (partNumber < 1 || partNumber > 10_000) throw new Refusal('invalidParameters')
    if (partSize < smallest || partSize > 5_368_709_120) throw new Refusal('invalidParameters')
  }
}

/** Takes note of parts to come, also of those announced before. */
export const announceParts = (world: World, upload: Upload, parts: ReadonlyArray<Part>): void => {
  const all = { ...upload.announced, ...Object.fromEntries(parts.map((part) => [part.partNumber, part])) }
  checkParts(world, Object.values(all))
  Object.assign(upload.announced, all)
  journaled(world, upload)
}

/** Announces a file. It holds its name, but is not listed before it is complete; a flash upload completes it at once. */
export const startUpload = (world: World, userId: string, space: Space, file: NewFile): Started => {
  checkNewName(world, file.fileName)
  const folder = folderOf(world, space, file.parent, asParent)
  checkQuota(world, space, file.length)
  checkParts(world, file.parts)
  const name = nameIn(world, folder, { name: file.fileName, isFolder: false }, clashOf(file.autoRename))
  const known = file.sha256 === undefined ? undefined : world.contents.ofSha256(file.sha256)
  const flash = world.behaviour.flashUpload && known?.size === file.length ? known : undefined
  const at = world.now()
  const common = {
    id: freeFileId(world),
    containerId: space.containerId,
    parentId: folder.id,
    name,
    fileType: file.fileType,
    mimeType: file.mimeType ?? mimeTypeOf(name),
    size: file.length,
    createdTime: file.createdTime ?? at,
    editedTime: at,
    ownerId: userId,
    editorId: userId,
    ...(file.description === undefined ? {} : { description: file.description }),
  }
  if (flash !== undefined) {
    const node: Node = { ...common, content: flash.key, sha256: flash.sha256 }
    world.contents.use(flash.key)
    world.tree.put(node)
    return { node, rapid: true }
  }
  const node: Node = { ...common, pending: true }
  world.tree.put(node)
  const upload: Upload = {
    fileId: node.id,
    uploadId: newUploadId(world.random),
    objectKey: newObjectKey(world.random),
    length: file.length,
    autoRename: file.autoRename,
    ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
    startedAt: at,
    announced: {},
    arrived: {},
  }
  world.uploads.set(node.id, upload)
  announceParts(world, upload, file.parts)
  return { node, rapid: false, upload }
}

export const uploadOf = (world: World, fileId: string): Upload => {
  const upload = world.uploads.get(fileId)
  if (upload === undefined) throw new Refusal('noUpload')
  return upload
}

/** Keeps the bytes of a part, instead of those that came before under its number. */
export const keepPart = (world: World, upload: Upload, partNumber: number, arrived: Arrived): void => {
  const before = upload.arrived[partNumber]
  if (before !== undefined) world.blobs.release(before.blob.id)
  upload.arrived[partNumber] = arrived
  journaled(world, upload)
}

/** Forgets an upload; the parts are given back unless a content took them over. */
export const endUpload = (world: World, upload: Upload, keepParts: boolean): void => {
  if (!keepParts) for (const { blob } of Object.values(upload.arrived)) world.blobs.release(blob.id)
  world.uploads.delete(upload.fileId)
  world.journal.remove('upload', upload.fileId)
}

/** Drops the uploads that nobody completed in time. */
export const expireUploads = (world: World): void => {
  for (const upload of world.uploads.values()) {
    if (world.now() - upload.startedAt < world.behaviour.uploadLifeMs) return
    const node = world.tree.get(upload.fileId)
    if (node !== undefined) world.tree.drop(node)
    endUpload(world, upload, false)
  }
}

/** The parts in order; refused where one is missing, or sizes or offsets do not add up. */
const partsInOrder = (upload: Upload): ReadonlyArray<Arrived> => {
  const numbers = Object.keys(upload.announced).map(Number)
  let offset = 0
  const parts: Array<Arrived> = []
  for (const number of numbers.sort((left, right) => left - right)) {
    const arrived = upload.arrived[number]
    const announced = upload.announced[number]
    if (arrived === undefined || number !== parts.length + 1) throw new Refusal('incomplete')
    if (announced?.partOffset !== undefined && announced.partOffset !== offset) throw new Refusal('incomplete')
    offset += arrived.blob.size
    parts.push(arrived)
  }
  if (offset !== upload.length) throw new Refusal('incomplete')
  return parts
}

const sha256Of = async (world: World, parts: ReadonlyArray<Arrived>): Promise<string> => {
  const [only, second] = parts
  if (only !== undefined && second === undefined) return only.sha256
  const size = parts.reduce((sum, { blob }) => sum + blob.size, 0)
  const hash = createHash('sha256')
  const segments = parts.map(({ blob }) => blob)
  for await (const chunk of world.blobs.read(segments, 0, size) as AsyncIterable<Uint8Array>) hash.update(chunk)
  return hash.digest('hex')
}

/** Joins the parts and lists the file, if everything arrived and the digests agree; else the upload stays as it was. */
export const completeUpload = async (world: World, fileId: string, sha256: string | undefined): Promise<Node> => {
  const upload = uploadOf(world, fileId)
  const parts = partsInOrder(upload)
  const actual = await sha256Of(world, parts)
  const expected = [sha256, upload.sha256].filter((digest) => digest !== undefined && digest !== '')
  if (expected.some((digest) => digest?.toLowerCase() !== actual)) throw new Refusal('incomplete')
  const pending = world.tree.get(fileId)
  if (pending === undefined || uploadOf(world, fileId) !== upload) throw new Refusal('noUpload')
  if (partsInOrder(upload).some((part, index) => part !== parts[index])) throw new Refusal('incomplete')
  const folder = world.tree.get(pending.parentId)
  if (folder === undefined) throw new Refusal('badTarget')
  if (world.tree.isRecycled(folder)) throw new Refusal('parentRecycled')
  const wanted = { id: fileId, name: pending.name, isFolder: false }
  const name = nameIn(world, folder, wanted, clashOf(upload.autoRename))
  const segments = parts.map(({ blob }) => ({ id: blob.id, size: blob.size }))
  world.contents.add({ key: upload.objectKey, segments, size: upload.length, sha256: actual })
  world.contents.use(upload.objectKey)
  endUpload(world, upload, true)
  const node: Node = {
    ...without(pending, 'pending'),
    name,
    editedTime: world.now(),
    content: upload.objectKey,
    sha256: actual,
  }
  world.tree.put(node)
  return node
}
