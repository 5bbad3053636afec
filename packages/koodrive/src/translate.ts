// KooDrive's values and ours, both ways; pure.
import { child, nameOf, type DrivePath, type Entry, type Fault, type Page, type TrashEntry } from '@anydrive/core'
import { asAsk, defined, emulated, native, unexpectedResponse, type StrategyMapping } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { folderMimeType, folderType, smartFolderType, type File, type FileList, type Hit, unusableSize } from './wire'

/**
 * KooDrive's `renameMode` (directories, renames) and `autoRename` (files) for each strategy: 2 appends a timestamp to a taken name, 3 refuses.
 * No value overwrites, so `overwrite` is composed for files and means `ask` for directories.
 */
export const renameMode = {
  directory: { ask: native(3), rename: native(2), overwrite: asAsk(3) },
  file: { ask: native(3), rename: native(2), overwrite: emulated('detected') },
} as const satisfies StrategyMapping

/** What `renameMode` holds: a mode to send, or `emulate` for a replacement that this package composes. */
export type Mode = 2 | 3

const splitExtension = (name: string): readonly [stem: string, extension: string] => {
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)]
}

/** Whether the service may have made this name out of the wanted one: itself, or with `_yyyyMMdd_HHmmss` and perhaps a shorter stem. */
export const mayBeNameFor = (wanted: string, name: string): boolean => {
  if (name === wanted) return true
  const timestamp = /_\d{8}_\d{6}(?=$|\.[^.]*$)/.exec(name)
  if (timestamp === null) return false
  const stem = name.slice(0, timestamp.index)
  const extension = name.slice(timestamp.index + timestamp[0].length)
  const [wantedStem, wantedExtension] = splitExtension(wanted)
  return extension === '' ? wanted.startsWith(stem) : extension === wantedExtension && wantedStem.startsWith(stem)
}

/** ISO, with milliseconds or without, or `yyyy-MM-dd HH:mm:ss`; all in UTC. */
export const toDate = (text: string | undefined): Date | undefined => {
  if (text === undefined) return undefined
  const iso = / \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(' ', 'T')}Z` : text
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** Directories take milliseconds. */
export const directoryTime = (date: Date): string => date.toISOString()

/** Files take whole seconds, in two spellings. */
export const fileTime = (date: Date, spelling: 'standard' | 'carrier'): string => {
  const seconds = date.toISOString().slice(0, 19)
  return spelling === 'standard' ? `${seconds}Z` : seconds.replace('T', ' ')
}

const isFolder = (file: File): boolean => file.fileType === folderType || file.mimeType === folderMimeType

/** Equal where a file of this id was not edited and kept its size; a rename counts as an edit. */
const versionOf = (file: File): string | undefined =>
  file.editedTime === undefined ? undefined : [file.id, file.editedTime, file.size ?? ''].join(':')

export const toEntry = (path: DrivePath, file: File): Entry => {
  const createdAt = toDate(file.createdTime)
  const modifiedAt = toDate(file.editedTime)
  const base = {
    path,
    name: file.fileName,
    id: file.id,
    ...defined({ createdAt, modifiedAt }),
  }
  if (file.fileType === smartFolderType) return { kind: 'other', what: 'smart folder', ...base }
  if (isFolder(file)) return { kind: 'directory', ...base }
  if (file.size === unusableSize) return { kind: 'other', what: 'file without a usable size', ...base }
  const more = defined({ size: file.size, contentType: file.mimeType, version: versionOf(file) })
  return { kind: 'file', ...base, checksums: {}, ...more }
}

/** An item of the recycle bin, by its id. */
export const toTrashEntry = (file: File): TrashEntry => {
  const entry = toEntry(file.fileName as DrivePath, file)
  const size = entry.kind === 'file' ? entry.size : undefined
  return { trashId: file.id, kind: entry.kind, name: file.fileName, ...defined({ size, modifiedAt: entry.modifiedAt }) }
}

/** A hit of a search, which has no time of creation. */
export const hitEntry = (path: DrivePath, { updateTime, ...hit }: Hit): Entry =>
  toEntry(path, { ...hit, editedTime: updateTime })

const noItems = unexpectedResponse({ effect: 'none', issues: [{ at: 'files', expected: 'Files', got: 'missing' }] })

/** The items of a page, under whichever of the known keys. A page without any such key is not an empty page. */
const filesOf = ({ files, data }: FileList): E.Either<Fault, ReadonlyArray<File>> => {
  const nested = Array.isArray(data) ? data : (data as { readonly files?: ReadonlyArray<File> } | undefined)?.files
  const found = files ?? (nested as ReadonlyArray<File> | undefined)
  return found === undefined ? E.left(noItems) : E.right(found)
}

const cursorOf = (list: FileList): string | undefined =>
  list.nextCursor ?? list.nextPageCursor ?? list.pageInfo?.nextCursor

export interface FilePage {
  readonly files: ReadonlyArray<File>
  readonly next: string | undefined
}

/** With a cursor that repeats, a listing would never end. */
export const sameCursor: Fault = unexpectedResponse({
  effect: 'none',
  issues: [{ at: 'nextCursor', expected: 'another cursor', got: 'the same' }],
})

/** `isWanted`: all but what is in the recycle bin unless given. */
export const toFilePage =
  (cursor: string | undefined, isWanted = (file: File): boolean => file.recycled !== true) =>
  (list: FileList): E.Either<Fault, FilePage> => {
    const next = cursorOf(list)
    if (next !== undefined && next === cursor) return E.left(sameCursor)
    return E.map((files: ReadonlyArray<File>) => ({ files: files.filter(isWanted), next }))(filesOf(list))
  }

/** Each id once. Names that cannot be a path segment go to `skipped`. */
export const toPage =
  (dir: DrivePath) =>
  ({ files, next }: FilePage): Page<Entry> => {
    const items = new Map<string, Entry>()
    const skipped: Array<string> = []
    for (const file of files) {
      const path = child(dir, file.fileName)
      if (E.isRight(path)) items.set(file.id, toEntry(path.right, file))
      else skipped.push(file.fileName)
    }
    return {
      items: [...items.values()],
      ...defined({ next, skipped: skipped.length === 0 ? undefined : skipped }),
    }
  }

/** The ids of a chain, without the root's. */
export const idsOfPath = (fileIdPath: string): ReadonlyArray<string> =>
  fileIdPath
    .split('/')
    .filter((id) => id !== '')
    .slice(1)

/** The path below the root, whose own name is the first segment. */
export const pathOfNames = (namePath: string): string => namePath.replace(/\/?[^/]*\/?/, '')

const rootPrefix = 'DEUI7pa0C24Aroot'
/** The documented shape of the long id of a space's root. */
export const rootIdOf = (containerId: string): string => `${rootPrefix}${containerId}`
const isRootId = (id: string): boolean => id === 'root' || id.startsWith(rootPrefix)
export const sameFolder = (a: string, b: string): boolean => a === b || (isRootId(a) && isRootId(b))

/** Whether the details of an id show it under this path. A parent that the service does not state counts as the folder. */
export const isStillAt = (file: File, path: DrivePath, folderId: string): boolean =>
  file.recycled !== true && file.fileName === nameOf(path) && sameFolder(file.parentFolder?.[0] ?? folderId, folderId)

/** Neither a token's scheme nor the `+` or `%20` that a cookie has for a blank belongs to it. */
export const bareToken = (token: string): string => token.trim().replace(/^(?:bearer|at)(?: |\+|%20)+/i, '')

const quarter = 900_000
/**
 * The moment nearest to `near` that `yyyyMMddHHmmss` may mean: no page names its time zone, and zones differ by whole quarters of an hour.
 */
export const jobDate = (text: string | undefined, near: number): Date | undefined => {
  const [, minute, second] = /^\d{10}(\d\d)(\d\d)$/.exec(text ?? '') ?? []
  if (minute === undefined) return undefined
  const inQuarter = ((Number(minute) * 60 + Number(second)) * 1000) % quarter
  return new Date(Math.round((near - inQuarter) / quarter) * quarter + inQuarter)
}

const fileTypes: ReadonlyArray<readonly [type: string, extensions: string]> = [
  ['15', 'bmp ilbm png gif jpeg jpg webp'],
  ['20', 'mp4 mkv mov avi wmv flv webm m4v mpg mpeg 3gp'],
  ['26', 'doc docx rtf txt'],
  ['27', 'xls xlsx csv xml'],
  ['28', 'ppt pptx'],
  ['30', 'mp3 wav flac aac ogg m4a wma'],
  ['35', 'zip rar 7z tar gz bz2 xz'],
  ['40', 'apk exe'],
]

/** What the service calls a file of this name; `45` is any other. */
export const fileTypeOf = (name: string): string => {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  return fileTypes.find(([, extensions]) => extensions.split(' ').includes(extension))?.[0] ?? '45'
}

/** When the signature of a URL ends, as its own `X-Amz-Date` and `X-Amz-Expires` say. */
export const signedUntil = (url: string): Date | undefined => {
  const query = URL.canParse(url) ? new URL(url).searchParams : undefined
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query?.get('X-Amz-Date') ?? '') ?? []
  const seconds = query?.get('X-Amz-Expires') ?? ''
  const from = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(from) || !/^\d{1,9}$/.test(seconds) ? undefined : new Date(from + Number(seconds) * 1000)
}
