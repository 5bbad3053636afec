// Uploads between begin and confirm: credentials, parts, expiry (docs/wire/tencent-smh.md, uploads).
import { contentTypeOf } from './entries'
import { fail } from './errors'
import { isDirectory, pathOf, type Attributes } from './nodes'
import { type Part } from './contents'
import { type Access, type Strategy, type Upload, type UploadedPart } from './records'
import { type Space, type World } from './world'

export const bucket = 'smhemulator-1250000000'

/** Where the bytes go: the object's path on the store. */
export const objectPath = (upload: Upload): string =>
  `/cos/${bucket}/${upload.libraryId}/${upload.confirmKey}${/\.[A-Za-z0-9]+$/.exec(upload.name)?.[0] ?? ''}`

const credentials = (world: World): { readonly expiresAt: number; readonly authorization: string } => {
  const { stage, behaviour } = world
  const now = world.now()
  const expiresAt = now + behaviour.uploadSeconds * 1000
  const times = `${Math.floor(now / 1000)};${Math.floor(expiresAt / 1000)}`
  const signature = stage.random.hex(40)
  return {
    expiresAt,
    authorization: `q-sign-algorithm=sha1&q-ak=AKIDemulator&q-sign-time=${times}&q-key-time=${times}&q-header-list=&q-url-param-list=&q-signature=${signature}`,
  }
}

export interface NewUpload {
  readonly kind: Upload['kind']
  readonly space: Space
  readonly parent: string
  readonly name: string
  readonly strategy: Strategy
  readonly userId: string
  readonly attributes: Attributes
  readonly contentCas: string | undefined
  readonly filesize: number | undefined
}

export const beginUpload = (world: World, wanted: NewUpload): Upload => {
  const { kind, space, parent, name, strategy, userId, attributes, contentCas, filesize } = wanted
  const { random } = world.stage
  const createdAt = world.now()
  const upload: Upload = {
    confirmKey: random.hex(64),
    kind,
    libraryId: space.library.id,
    spaceId: space.id,
    parent,
    name,
    strategy,
    userId,
    attributes,
    contentType: contentTypeOf(name),
    ...(contentCas === undefined ? {} : { contentCas }),
    ...(filesize === undefined ? {} : { filesize }),
    ...(kind === 'multipart' ? { uploadId: `${Math.floor(createdAt / 1000)}${random.hex(54)}` } : {}),
    createdAt,
    diesAt: createdAt + world.behaviour.uploadLifeSeconds * 1000,
    ...credentials(world),
    securityToken: random.hex(64),
    confirmed: false,
  }
  world.uploads.set(upload.confirmKey, upload)
  world.save.upload(upload)
  return upload
}

/** Fresh credentials; the old ones end at once. */
export const renewUpload = (world: World, upload: Upload): void => {
  Object.assign(upload, credentials(world))
  world.save.upload(upload)
}

export const partsOf = (world: World, upload: Upload): ReadonlyArray<UploadedPart> =>
  [...(world.parts.get(upload.confirmKey)?.values() ?? [])].sort((a, b) => a.number - b.number)

const partKey = (upload: Upload, number: number): string => `${upload.confirmKey}/${number}`

/** Takes over the hold on the part's bytes; a part sent again replaces the former. */
export const putPart = (world: World, upload: Upload, number: number, part: Part): void => {
  const parts = world.parts.get(upload.confirmKey) ?? new Map<number, UploadedPart>()
  const old = parts.get(number)
  const made: UploadedPart = { ...part, number, at: world.now() }
  world.parts.set(upload.confirmKey, parts.set(number, made))
  world.stage.journal.put('part', partKey(upload, number), () => made)
  if (old !== undefined) world.stage.blobs.release(old.id)
}

/** Forgets the parts; their bytes stay held if `keep`, for the content made of them. */
export const takeParts = (world: World, upload: Upload, keep: boolean): void => {
  for (const part of world.parts.get(upload.confirmKey)?.values() ?? []) {
    world.stage.journal.remove('part', partKey(upload, part.number))
    if (!keep) world.stage.blobs.release(part.id)
  }
  world.parts.delete(upload.confirmKey)
}

export const dropUpload = (world: World, upload: Upload): void => {
  takeParts(world, upload, false)
  world.uploads.delete(upload.confirmKey)
  world.stage.journal.remove('upload', upload.confirmKey)
}

/** Uploads are kept in the order of their begin, and all live equally long. */
export const expireUploads = (world: World): void => {
  for (const upload of world.uploads.values()) {
    if (upload.diesAt > world.now()) return
    dropUpload(world, upload)
  }
}

export const findUpload = (world: World, space: Space, access: Access, confirmKey: string | undefined): Upload => {
  const upload = world.uploads.get(confirmKey ?? '')
  if (upload?.spaceId !== space.id || upload.libraryId !== space.library.id) return fail(world.behaviour.missingUpload)
  if (upload.userId !== access.userId && !access.grants.includes('admin')) fail('UploadNotBelongYou')
  return upload
}

/** Undefined where the directory is gone (or in the recycle bin). */
export const parentOfUpload = (world: World, space: Space, upload: Pick<Upload, 'parent'>) => {
  const node = world.tree.byInode(upload.parent)
  if (!isDirectory(node)) return undefined
  let top = node
  while (top.parent !== undefined) top = top.parent
  return top === space.root ? node : undefined
}

export const pathOfUpload = (world: World, space: Space, upload: Upload): ReadonlyArray<string> => {
  const parent = parentOfUpload(world, space, upload)
  return parent === undefined ? [upload.name] : [...pathOf(parent), upload.name]
}
