// Begin, renew, status, abort, confirm (docs/wire/tencent-smh.md, uploads).
import { empty, json, type QueryField, type Reply } from '../common'
import { checkForce } from './actions'
import { has, need } from './access'
import { recordChange } from './changes'
import { confirmedOf, iso } from './entries'
import { fail } from './errors'
import { findInstant } from './instant'
import { isFile, type Content, type Directory, type File } from './nodes'
import { checkName } from './paths'
import {
  attributeShape,
  attributesOf,
  digits,
  isOn,
  ok,
  queryStrategy,
  strategyQuery,
  trueFalse,
  wantedOf,
  zeroOne,
  type Context,
  type Operation,
} from './operation'
import { checkCas, checkQuota, growth, parentOfFile, placeContent, placeIn, type Place } from './placing'
import { type Strategy, type Upload } from './records'
import {
  beginUpload,
  dropUpload,
  findUpload,
  parentOfUpload,
  partsOf,
  pathOfUpload,
  renewUpload,
  takeParts,
  type NewUpload,
} from './upload-store'
import { begun, target } from './upload-targets'
import { type World } from './world'

export const allStrategies: ReadonlyArray<Strategy> = ['ask', 'rename', 'overwrite']

const sizeFrom = (value: unknown): number | undefined => {
  if (value === undefined || value === null || value === '') return undefined
  const size = Number(value)
  return Number.isSafeInteger(size) && size >= 0 ? size : fail('ParamInvalid', 'the size must be a number of bytes')
}

const isPartNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 10_000

/** The parts that the caller names: required by a private deployment, not documented for the beginning of an upload elsewhere. */
const namedParts = ({ world, body }: Context, operation: 'begin' | 'renew'): ReadonlyArray<number> => {
  const { partNumberRange: range } = body
  if (world.behaviour.partCredentials === 'shared') {
    const isDocumented = range === undefined || (operation === 'renew' && typeof range === 'string')
    return isDocumented || !world.stage.strict ? [] : fail('ParamInvalid', 'field "partNumberRange" is not known')
  }
  if (range === undefined && world.behaviour.partCredentials === 'offered') return []
  if (range === undefined) fail('ParamInvalid', 'partNumberRange is required')
  return Array.isArray(range) && range.length > 0 && range.every(isPartNumber)
    ? range
    : fail('ParamInvalid', 'partNumberRange must be an array of part numbers')
}

/** Where a private deployment looks at the name only when the upload is confirmed, the place is taken as if it were free. */
const placeAtBegin = (world: World, parent: Directory, name: string, strategy: Strategy): Place => {
  if (world.behaviour.conflictAtBegin) return placeIn(world, parent, name, 'file', strategy)
  checkName(name, 'file')
  const existing = parent.children.get(name)
  return strategy === 'overwrite' && isFile(existing) ? { name, replaced: existing } : { name }
}

/** Refuses as confirm would, so that nobody sends bytes in vain. */
const wish = (context: Context, kind: Upload['kind']): NewUpload => {
  const { world, call, access, space, path, body } = context
  need(access, 'upload_file', 'upload_file_force', 'begin_upload', 'begin_upload_force')
  const strategy = queryStrategy(call, allStrategies, 'rename')
  const parent = parentOfFile(space, path)
  const name = path.at(-1) ?? fail('EmptyFileName')
  const place = placeAtBegin(world, parent, name, strategy)
  if (!has(access, 'upload_file_force')) checkForce(access, place.replaced, 'begin_upload_force')
  const contentCas = call.query.get('content_cas')
  if (strategy === 'overwrite') checkCas(world, place.replaced, contentCas)
  const filesize = sizeFrom(call.query.get('filesize') ?? body['size'])
  if (filesize !== undefined) checkQuota(space, growth(space, filesize, place.replaced))
  const { userId } = access
  const attributes = attributesOf(context)
  return { kind, space, parent: parent.inode, name, strategy, userId, attributes, contentCas, filesize }
}

const store = (
  context: Context,
  wanted: NewUpload,
  content: Content,
  strategy: Strategy,
): { file: File; isOverwritten: boolean; reachable: boolean } => {
  const { world, space } = context
  const parent = parentOfUpload(world, space, wanted)
  const { attributes, userId, name } = wanted
  // The directory vanished meanwhile: the file is made where nobody finds it, and `path` is null (docs/wire/tencent-smh.md, confirm).
  const at = parent ?? world.tree.makeRoot(userId)
  const place = placeIn(world, at, name, 'file', strategy)
  checkQuota(space, growth(space, content.size, place.replaced))
  const file = placeContent(world, space, at, place, { content, attributes, userId })
  const isOverwritten = place.replaced !== undefined
  recordChange(world, space, isOverwritten ? 'FILE.CREATE_OVERWRITE' : 'FILE.CREATE', file)
  return { file, isOverwritten, reachable: parent !== undefined }
}

const begin = (
  kind: Upload['kind'],
  name: string,
  query: Readonly<Record<string, QueryField>> = {},
): Operation<Context> => ({
  name,
  query: {
    ...strategyQuery,
    filesize: digits,
    traffic_limit: digits,
    prefer_same_origin: trueFalse,
    internal_domain: zeroOne,
    content_cas: true,
    with_content_cas: zeroOne,
    with_inode: zeroOne,
    ...query,
  },
  body: {
    ...attributeShape,
    beginningHash: 'string?',
    fullHash: 'string?',
    sampleHash: 'string?',
    size: 'string?',
    metaData: 'object?',
    ...(kind === 'multipart' ? { partNumberRange: 'any?' } : {}),
  },
  handle: async (context): Promise<Reply> => {
    const { world } = context
    const parts = kind === 'multipart' ? namedParts(context, 'begin') : []
    wish(context, kind)
    const instant = await findInstant(context)
    if (instant === 'send-full-hash') return empty(202)
    // What others did while hashes were taken counts: everything is looked at again.
    const wanted = wish(context, kind)
    if (instant !== undefined) {
      const { file, isOverwritten, reachable } = store(context, wanted, instant, wanted.strategy)
      return ok(confirmedOf(file, reachable, isOverwritten, wantedOf(context)))
    }
    return json(201, begun(world, beginUpload(world, wanted), parts))
  },
})

export const beginSimple = begin('simple', 'beginSimpleUpload')
export const beginForm = begin('form', 'beginFormUpload')
export const beginMultipart = begin('multipart', 'beginMultipartUpload', { multipart: true })

const uploadOf = (context: Context): Upload =>
  findUpload(context.world, context.space, context.access, context.path.at(-1))

export const renew: Operation<Context> = {
  name: 'renewUpload',
  query: { renew: true, traffic_limit: digits, internal_domain: zeroOne },
  body: { partNumberRange: 'any?' },
  handle: (context) => {
    const upload = uploadOf(context)
    const parts = namedParts(context, 'renew')
    const isPrivate = context.world.behaviour.partCredentials === 'each'
    if (upload.kind !== 'multipart') fail('NotMultipartUpload', undefined, isPrivate ? 404 : 400)
    if (upload.confirmed) fail('UploadComplete')
    renewUpload(context.world, upload)
    return ok(begun(context.world, upload, parts))
  },
}

export const uploadStatus: Operation<Context> = {
  name: 'uploadStatus',
  query: { upload: true, internal_domain: zeroOne, no_upload_part_info: zeroOne },
  handle: (context) => {
    const { world, space, call } = context
    const upload = uploadOf(context)
    const { uploadPartInfo } = world.behaviour
    if (!uploadPartInfo && !isOn(call, 'no_upload_part_info'))
      fail('ParamInvalid', 'uploadPartInfo is unsupported under current deployment')
    const parts = partsOf(world, upload).map(({ number, at, md5, size }) => ({
      PartNumber: number,
      LastModified: iso(at),
      ETag: `"${md5}"`,
      Size: size,
    }))
    return ok({
      confirmed: upload.confirmed,
      path: pathOfUpload(world, space, upload),
      type: 'file',
      creationTime: iso(upload.createdAt),
      conflictResolutionStrategy: upload.strategy,
      force: upload.strategy === 'overwrite',
      availableDomainNum: 1,
      ...(upload.kind === 'multipart' && !upload.confirmed ? { uploadId: upload.uploadId, parts } : {}),
      ...(upload.confirmed && !uploadPartInfo ? { uploadId: '' } : {}),
      ...(upload.kind === 'multipart' && !upload.confirmed && !isOn(call, 'no_upload_part_info')
        ? { uploadPartInfo: target(world, upload) }
        : {}),
    })
  },
}

export const abortUpload: Operation<Context> = {
  name: 'abortUpload',
  query: { upload: true },
  handle: (context) => {
    const upload = uploadOf(context)
    if (upload.confirmed && !context.world.behaviour.abortConfirmed) fail('UploadComplete')
    dropUpload(context.world, upload)
    return empty(204)
  },
}

const checkParts = (world: World, upload: Upload) => {
  const parts = partsOf(world, upload)
  if (parts.length === 0) fail('UploadIncomplete', undefined, world.behaviour.uploadIncompleteStatus)
  if (upload.kind !== 'multipart') return parts
  if (parts.some(({ number }, i) => number !== i + 1)) fail('MultipartUploadIncomplete')
  if (parts.slice(0, -1).some(({ size }) => size < world.behaviour.minPartSize)) fail('MultipartUploadPartTooSmall')
  return parts
}

export const confirm: Operation<Context> = {
  name: 'confirmUpload',
  query: { confirm: true, ...strategyQuery, with_inode: zeroOne, with_content_cas: zeroOne, content_cas: true },
  body: { ...attributeShape, crc64: 'string?' },
  handle: (context) => {
    const { world, call, access, space, body } = context
    need(access, 'upload_file', 'upload_file_force', 'confirm_upload')
    const upload = uploadOf(context)
    if (upload.confirmed) fail('UploadComplete')
    if (upload.expiresAt <= world.now()) fail(world.behaviour.missingUpload)
    const strategy = queryStrategy(call, allStrategies, upload.strategy)
    const parts = checkParts(world, upload)
    const size = parts.reduce((sum, part) => sum + part.size, 0)
    if (world.stage.strict && upload.filesize !== undefined && upload.filesize !== size) fail('IncompleteBody')
    const at = parentOfUpload(world, space, upload)
    const place = at === undefined ? undefined : placeIn(world, at, upload.name, 'file', strategy)
    if (strategy === 'overwrite') checkCas(world, place?.replaced, call.query.get('content_cas') ?? upload.contentCas)
    if (strategy !== upload.strategy) checkForce(access, place?.replaced, 'upload_file_force')
    const attributes = { ...upload.attributes, ...attributesOf(context) }
    const { kind, parent, name, userId } = upload
    const wanted = {
      kind,
      space,
      parent,
      name,
      strategy,
      userId,
      attributes,
      contentCas: undefined,
      filesize: undefined,
    }
    checkQuota(space, growth(space, size, place?.replaced))
    const content = world.contents.draft(parts, kind === 'multipart')
    if (body['crc64'] !== undefined && body['crc64'] !== content.crc64) fail('BadCrc64')
    world.contents.keep(content)
    takeParts(world, upload, true)
    upload.confirmed = true
    world.save.upload(upload)
    const { file, isOverwritten, reachable } = store(context, wanted, content, strategy)
    return ok(confirmedOf(file, reachable, isOverwritten, wantedOf(context)))
  },
}
