// How nodes look on the wire.
import { type File, type Node, pathOf, sizeOf } from './nodes'

export const iso = (at: number): string => new Date(at).toISOString()

const types: ReadonlyMap<string, readonly [fileType: string, contentType: string]> = new Map([
  ['doc', ['word', 'application/msword']],
  ['docx', ['word', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document']],
  ['ppt', ['powerpoint', 'application/vnd.ms-powerpoint']],
  ['pptx', ['powerpoint', 'application/vnd.openxmlformats-officedocument.presentationml.presentation']],
  ['xls', ['excel', 'application/vnd.ms-excel']],
  ['xlsx', ['excel', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet']],
  ['pdf', ['portable', 'application/pdf']],
  ['jpg', ['image', 'image/jpeg']],
  ['jpeg', ['image', 'image/jpeg']],
  ['png', ['image', 'image/png']],
  ['gif', ['image', 'image/gif']],
  ['mp3', ['audio', 'audio/mpeg']],
  ['mp4', ['video', 'video/mp4']],
  ['mov', ['video', 'video/quicktime']],
  ['txt', ['text', 'text/plain']],
  ['md', ['text', 'text/markdown']],
  ['zip', ['archive', 'application/zip']],
  ['gz', ['archive', 'application/gzip']],
])

const extensionOf = (name: string): string => /[^.]\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''

export const contentTypeOf = (name: string): string => types.get(extensionOf(name))?.[1] ?? 'application/octet-stream'

export const fileTypeOf = (name: string): string => types.get(extensionOf(name))?.[0] ?? 'other'

const documents: ReadonlyArray<string> = ['word', 'powerpoint', 'excel', 'portable', 'text']

const previews = (name: string) => {
  const fileType = fileTypeOf(name)
  return {
    fileType,
    previewByDoc: documents.includes(fileType),
    previewByCI: fileType === 'image' || fileType === 'video',
    previewAsIcon: fileType === 'image',
  }
}

export const metaHeaders = (file: Node): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(file.attributes.metaData ?? {}).map(([key, value]) => [`x-smh-meta-${key}`, value]))

/** The caller's own times, where there are any. */
const extras = (node: Node) => {
  const { localCreationTime, localModificationTime } = node.attributes
  return {
    ...(localCreationTime === undefined ? {} : { localCreationTime }),
    ...(localModificationTime === undefined ? {} : { localModificationTime }),
  }
}

const dates = (node: Node) => ({ creationTime: iso(node.createdAt), modificationTime: iso(node.modifiedAt) })

export const contentTypeOfFile = (file: File): string => file.attributes.contentType ?? contentTypeOf(file.name)

/** Of a link, what it leads to is the caller's to find: `shown` is that file. Nothing else has no checksum but virtual files. */
const fileFields = (file: File, shown: File) => ({
  versionId: file.versionId,
  contentType: contentTypeOfFile(shown),
  size: String(sizeOf(shown)),
  ...(shown.content === undefined ? {} : { crc64: shown.content.crc64 }),
  eTag: shown.content?.eTag ?? '""',
  metaData: metaHeaders(file),
  ...previews(file.name),
  removedByQuota: false,
  ...(file.linkTo === undefined ? {} : { linkTo: file.linkTo }),
})

export interface Wanted {
  readonly inode: boolean
  readonly favorite: boolean
  readonly contentCas: boolean
}

/** An item of a list, and with `path` the answer of `?info`. */
export const entryOf = (node: Node, shown: File | undefined, wanted: Wanted) => ({
  name: node.name,
  type: node.kind,
  ...(node.kind === 'dir' ? { path: pathOf(node), eTag: String(node.eTag) } : fileFields(node, shown ?? node)),
  userId: node.userId,
  ...dates(node),
  ...extras(node),
  ...(wanted.inode ? { inode: node.inode } : {}),
  ...(wanted.favorite ? { isFavorite: false } : {}),
  ...(wanted.contentCas && node.kind !== 'dir' ? { contentCas: node.cas } : {}),
})

/** What confirm and instant upload answer. `path` is null where the file's directory is gone. */
export const confirmedOf = (file: File, reachable: boolean, isOverwritten: boolean, wanted: Wanted) => ({
  ...entryOf(file, undefined, wanted),
  path: reachable ? pathOf(file) : null,
  isOverwritten,
  virusAuditStatus: 0,
})

/** The headers of HEAD and of the download's redirect. */
export const fileHeaders = (file: File, shown: File): Readonly<Record<string, string>> => ({
  'x-smh-type': file.kind,
  'x-smh-creation-time': iso(file.createdAt),
  'x-smh-modification-time': iso(file.modifiedAt),
  'x-smh-content-type': contentTypeOfFile(shown),
  'x-smh-size': String(sizeOf(shown)),
  'x-smh-etag': shown.content?.eTag ?? '""',
  ...(shown.content === undefined ? {} : { 'x-smh-crc64': shown.content.crc64 }),
  ...metaHeaders(file),
})
