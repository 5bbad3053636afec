// Folders and files one at a time: create, upload, download links, details, rename.
import { operation } from './endpoint'
import { codeOf, messageOf, Refusal, reasonFor } from './errors'
import {
  anything,
  expected,
  filled,
  flag,
  integer,
  list,
  maybeEmpty,
  moment,
  oneOf,
  optional,
  record,
  text,
} from './fields'
import { createDirectory, renameNode } from './files'
import { isFolder, type Node } from './nodes'
import { nodeOf } from './placing'
import { presign, type Signer } from './presign'
import { type Space } from './spaces'
import { announceParts, completeUpload, startUpload, type Started, uploadOf } from './uploads'
import { toFile } from './wire'
import { type Part, type Upload, type World } from './world'
import { type Route } from '../common/route'

const parents = list(filled(64))

const smartAttribute = record({
  name: optional(integer()),
  type: optional(integer()),
  value: optional(text()),
  sort: optional(integer()),
})

const directoryBody = {
  containerId: filled(64),
  fileName: text(),
  fileType: expected(oneOf('10')),
  parentFolder: optional(parents),
  renameMode: optional(oneOf(2, 3)),
  mimeType: maybeEmpty(text()),
  description: maybeEmpty(text(512)),
  createdTime: maybeEmpty(moment),
  editedTime: maybeEmpty(moment),
  hidden: optional(flag),
  smartFolderAttr: optional(list(smartAttribute)),
}

const newDirectory = operation({
  name: 'createDirectory',
  method: 'POST',
  path: '/v1/directory',
  body: directoryBody,
  answer: ({ world, userId, body }) => {
    const space = world.spaces.enter(body.containerId, userId, 'write')
    const { id, name, mimeType } = createDirectory(world, userId, space, {
      ...body,
      parent: body.parentFolder?.[0],
      renameMode: body.renameMode ?? world.behaviour.renameModeDefault,
    })
    return { id, fileName: name, mimeType }
  },
})

const multiPart = record({
  partNumber: integer(1, 10_000),
  partSize: integer(0),
  partOffset: optional(integer(0)),
  hashCtx: optional(list(integer(0, 0xffff_ffff), 8)),
  uploadUrl: maybeEmpty(text()),
  partId: maybeEmpty(text()),
})

const fileBody = {
  fileName: text(),
  fileType: expected(filled()),
  parentFolder: expected(parents),
  length: integer(0, 200 * 1024 ** 3),
  autoRename: expected(oneOf(2, 3)),
  uploadMode: maybeEmpty(oneOf('multipart', 'put')),
  uploadType: optional(oneOf(1)),
  multiParts: optional(list(multiPart, 10_000)),
  sha256: maybeEmpty(filled(64)),
  containerId: expected(filled(64)),
  createdTime: maybeEmpty(moment),
  mimeType: maybeEmpty(text()),
  description: maybeEmpty(text(512)),
}

type WirePart = Readonly<{ partNumber: number; partSize: number; partOffset?: number | undefined }>

/** In a parallel upload every part begins at a multiple of 64 bytes. */
const toParts = (parts: ReadonlyArray<WirePart>): ReadonlyArray<Part> =>
  parts.map(({ partNumber, partSize, partOffset }) => {
    if ((partOffset ?? 0) % 64 !== 0) throw new Refusal('invalidParameters')
    return { partNumber, partSize, ...(partOffset === undefined ? {} : { partOffset }) }
  })

const toMultiPart = (signer: Signer, upload: Upload, part: Part): object => ({
  ...part,
  uploadUrl: presign(
    signer,
    'PUT',
    upload.objectKey,
    { partNumber: String(part.partNumber), uploadId: upload.uploadId },
    String(part.partSize),
  ),
})

/** Where the request names no space: that of the parent folder, or the user's own. */
const spaceFor = (world: World, userId: string, containerId: string | undefined, parent: string | undefined): Space => {
  const own = world.spaces.all().find((space) => space.kind === 'personal' && space.ownerId === userId)
  const id = containerId ?? world.tree.get(parent ?? '')?.containerId ?? own?.containerId
  return world.spaces.enter(id ?? '', userId, 'write')
}

const toStarted = (signer: Signer, started: Started, parts: ReadonlyArray<Part>): object => {
  const { node, rapid, upload } = started
  return {
    fileId: node.id,
    containerId: node.containerId,
    fileName: node.name,
    ...(upload === undefined ? {} : { uploadId: upload.uploadId }),
    parentFolder: [node.parentId],
    ...(rapid ? { rapidUpload: true } : {}),
    ...(upload === undefined || parts.length === 0
      ? {}
      : { multiParts: parts.map((part) => toMultiPart(signer, upload, part)) }),
  }
}

const newFile = (signer: Signer): ((world: World) => Route) =>
  operation({
    name: 'createFile',
    method: 'POST',
    path: '/v1/files/create',
    body: fileBody,
    msg: 'Success.',
    answer: ({ world, userId, body }) => {
      if (world.strict && body.uploadMode === 'put') throw new Refusal('invalidParameters')
      const parent = body.parentFolder?.[0]
      const space = spaceFor(world, userId, body.containerId, parent)
      const whole = body.uploadMode === 'put' ? [{ partNumber: 1, partSize: body.length }] : []
      const parts = toParts(body.multiParts ?? whole)
      const autoRename = body.autoRename ?? 2
      const { fileName, fileType = '45', length, sha256, mimeType, description, createdTime } = body
      const file = { fileName, fileType, parent, length, autoRename, mimeType, description, createdTime, parts }
      const started = startUpload(world, userId, space, { ...file, sha256: sha256?.toLowerCase() })
      return toStarted(signer, started, parts)
    },
  })

/** The upload, if the user may write where it goes. */
const ownUpload = (world: World, userId: string, fileId: string): Upload => {
  const upload = uploadOf(world, fileId)
  world.spaces.enter(world.tree.get(fileId)?.containerId ?? '', userId, 'write')
  return upload
}

const urlBody = { fileId: filled(64), multiParts: list(multiPart, 10_000) }

const uploadUrl = (signer: Signer): ((world: World) => Route) =>
  operation({
    name: 'uploadUrl',
    method: 'POST',
    path: '/v1/files/multipart/uploadUrl',
    body: urlBody,
    answer: ({ world, userId, body }) => {
      const upload = ownUpload(world, userId, body.fileId)
      const parts = toParts(body.multiParts)
      announceParts(world, upload, parts)
      return { multiParts: parts.map((part) => toMultiPart(signer, upload, part)) }
    },
  })

const completeBody = { fileId: filled(64), sha256: maybeEmpty(filled(64)) }

const completeFile = operation({
  name: 'completeFile',
  method: 'POST',
  path: '/v1/files/complete',
  body: completeBody,
  msg: 'success.',
  answer: async ({ world, userId, body }) => {
    const upload = ownUpload(world, userId, body.fileId)
    await completeUpload(world, upload.fileId, body.sha256)
    return {}
  },
})

const linkTo = (signer: Signer, node: Node): string => {
  const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(node.name)}`
  return presign(signer, 'GET', node.content ?? '', { 'response-content-disposition': disposition })
}

const download = (world: World, signer: Signer, containerId: string, fileId: string, fails: boolean): object => {
  let link = {}
  const reason = reasonFor(() => {
    if (fails) throw new Refusal('downloadFailed')
    const node = nodeOf(world, containerId, fileId)
    if (world.tree.isRecycled(node)) throw new Refusal('recycled')
    if (isFolder(node)) throw new Refusal('isFolder')
    link = { fileName: node.name, url: linkTo(signer, node) }
  })
  return reason === undefined
    ? { fileId, ...link }
    : { fileId, code: codeOf(reason), msg: messageOf(reason, undefined) }
}

const downloadBody = { containerId: filled(64), fileIds: list(filled(64), 100) }

/** `batchCode`: 1 all, 0 some, 2 none (docs/wire/koodrive.md, Download links). */
const downloadUrls = (signer: Signer): ((world: World) => Route) =>
  operation({
    name: 'downloadUrls',
    method: 'POST',
    path: '/v1/files/download',
    body: downloadBody,
    answer: ({ world, userId, body, endpoint }) => {
      world.spaces.enter(body.containerId, userId, 'read')
      if (body.fileIds.length === 0) throw new Refusal('invalidParameters')
      const downloads = body.fileIds.map((fileId) =>
        download(world, signer, body.containerId, fileId, world.faults.strikes(endpoint, 'item')),
      )
      const succeeded = downloads.filter((each) => 'url' in each).length
      return { batchCode: succeeded === downloads.length ? 1 : succeeded > 0 ? 0 : 2, downloads }
    },
  })

const fileDetail = operation({
  name: 'fileDetail',
  method: 'POST',
  path: '/v1/files/:fileId/detail',
  body: { containerId: filled(64), imageProcess: maybeEmpty(anything) },
  answer: ({ world, userId, body, call }) => {
    world.spaces.enter(body.containerId, userId, 'read')
    return toFile(world, nodeOf(world, body.containerId, call.params['fileId'] ?? ''))
  },
})

const renameBody = { containerId: filled(64), name: text(), renameMode: oneOf(2, 3) }

const renameFile = operation({
  name: 'renameFile',
  method: 'POST',
  path: '/v1/files/rename/:fileId',
  body: renameBody,
  answer: ({ world, userId, body, call }) => {
    const space = world.spaces.enter(body.containerId, userId, 'write')
    const { name, renameMode } = body
    renameNode(world, userId, space, { fileId: call.params['fileId'] ?? '', name, renameMode })
    return {}
  },
})

export const fileRoutes = (signer: Signer): ReadonlyArray<(world: World) => Route> => [
  newDirectory,
  newFile(signer),
  uploadUrl(signer),
  completeFile,
  downloadUrls(signer),
  fileDetail,
  renameFile,
]
