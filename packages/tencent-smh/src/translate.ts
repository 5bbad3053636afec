// SMH's words and ours, without I/O: strategies, paths, times, checksums, entries.
import { crc64FromDecimal, crc64ToDecimal } from '@anydrive/checksums'
import {
  child,
  nameOf,
  parsePath,
  segments,
  type Change,
  type ConflictStrategy,
  type DirEntry,
  type DrivePath,
  type Entry,
  type Fault,
  type FileVersion,
  type SizedFile,
  type Page,
  type Placed,
  type Times,
  type TrashEntry,
} from '@anydrive/core'
import {
  asAsk,
  defined,
  native,
  unexpectedResponse,
  vendorValueFor,
  type StrategyMapping,
} from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type { Generation } from './deployment'
import type * as wire from './wire'
import type {
  CallerTimes,
  Content,
  Contents,
  History,
  Info,
  RecycledItem,
  Segments,
  Strategy,
  Text,
  Uploaded,
  UploadTarget,
} from './wire'

/** What every description has in common: an item of a list, an `?info`, a confirmed upload. */
export type Described = Omit<Uploaded, 'isOverwritten' | 'path'>

// Words

/**
 * What SMH is told for each strategy. Directories have no `overwrite`: `ask` is sent for it (docs/wire/tencent-smh.md, strategies).
 */
export const smhStrategies = {
  directory: { ask: native('ask'), rename: native('rename'), overwrite: asAsk('ask') },
  file: { ask: native('ask'), rename: native('rename'), overwrite: native('overwrite') },
} as const satisfies StrategyMapping

export const directoryWord = (conflict: ConflictStrategy): Strategy => vendorValueFor(smhStrategies.directory, conflict)
export const fileWord = (conflict: ConflictStrategy): Strategy => vendorValueFor(smhStrategies.file, conflict)

/** A path of a response; the root has no segments. */
export const toPath = (path: Segments): E.Either<Fault, DrivePath> => {
  const refused = (): Fault =>
    unexpectedResponse({ effect: 'unknown', issues: [{ at: 'path', expected: 'path segments', got: 'array' }] })
  const parsed = E.mapLeft(refused)(parsePath(path.join('/')))
  return E.filterOrElse((p: DrivePath) => segments(p).length === path.length, refused)(parsed)
}

/**
 * Where an entry was placed. Under `rename` only the response's path says it; under the other strategies the final path can only be
 * the requested one.
 */
export const toPlaced = (
  to: DrivePath,
  conflict: ConflictStrategy,
  path: Segments | null | undefined,
): E.Either<Fault, Placed> =>
  pipe(
    path !== null && path !== undefined
      ? toPath(path)
      : conflict === 'rename'
        ? E.left(missing('path', 'the final path'))
        : E.right(to),
    E.map((final) => ({ path: final, how: final === to ? 'as-asked' : 'renamed' })),
  )

/** A response of success without the field that would prove it. */
export const missing = (at: string, expected: string): Fault<'UnexpectedResponse'> =>
  unexpectedResponse({ effect: 'unknown', issues: [{ at, expected, got: 'missing' }] })

/** Without the fields that are null, so that they hide nothing that is known otherwise. */
export const known = <A extends object>(value: A): A =>
  Object.fromEntries(Object.entries(value).filter(([, v]) => v !== null && v !== undefined)) as A

export const callerTimes = ({ createdAt, modifiedAt }: Times): CallerTimes =>
  defined({ localCreationTime: createdAt?.toISOString(), localModificationTime: modifiedAt?.toISOString() })

// Values

type Given<A> = A | null | undefined

/** SMH's own pages print the zone in either case. */
export const toDate = (text: Given<string>): Date | undefined => {
  const date = typeof text === 'string' ? new Date(text.toUpperCase()) : undefined
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date
}

/** Bytes. */
export const toSize = (size: Given<Text>): number | undefined => {
  const n = Number(size ?? NaN)
  return size !== '' && Number.isSafeInteger(n) && n >= 0 ? n : undefined
}

/** SMH prints CRC-64 as an unsigned decimal; here it is 16 hex digits. */
export const toCrc64 = (crc64: Given<Text>): string | undefined =>
  crc64 === null || crc64 === undefined ? undefined : crc64FromDecimal(String(crc64))
export const fromCrc64 = crc64ToDecimal

const textOf = (value: Given<Text>): string | undefined =>
  value === null || value === undefined || value === '' ? undefined : String(value)

/** Only an empty marker, or none, ends a list. */
export const toCursor = textOf

/** The copy-directory page calls it `id`, all others `taskId`; it is a number or a string. */
export const taskIdOf = ({
  taskId,
  id,
}: {
  readonly taskId?: Given<Text>
  readonly id?: Given<Text>
}): string | undefined => textOf(taskId ?? id)

/** The object's tag, its checksum and its size, which every description of a file contains, so that they can be compared. */
const versionOf = (file: Described, size: number): string | undefined => {
  const tag = file.eTag?.replace(/^(?:W\/)?"(.*)"$/s, '$1')
  const crc64 = toCrc64(file.crc64)
  return crc64 === undefined && (tag === undefined || tag === '') ? undefined : `${tag ?? ''}:${crc64 ?? ''}:${size}`
}

// Uploads

/** What credentials show of the generation of the service: those of single parts are a private deployment's. */
export const generationIn = (
  { headers, parts }: Pick<UploadTarget, 'headers' | 'parts'>,
  sent: Generation,
): { readonly is?: Generation; readonly likely?: Generation } => {
  const isShared = headers !== null && headers !== undefined
  const isEach = parts !== null && parts !== undefined
  // Whether the service also accepts the numbers of parts is not known yet.
  return isEach && !isShared && sent === 'public' ? { likely: 'private' } : { is: sent }
}

// Entries

const common = (path: DrivePath, of: Described) => ({
  path,
  name: nameOf(path),
  ...defined({
    id: textOf(of.inode),
    createdAt: toDate(of.localCreationTime) ?? toDate(of.creationTime),
    modifiedAt: toDate(of.localModificationTime) ?? toDate(of.modificationTime),
  }),
})

export const toDirEntry = (path: DrivePath, of: Described): DirEntry => ({ kind: 'directory', ...common(path, of) })

export const toFileEntry = (path: DrivePath, of: Described): E.Either<Fault, SizedFile> => {
  const size = toSize(of.size)
  if (size === undefined) {
    const got = of.size === null || of.size === undefined ? 'missing' : typeof of.size
    return E.left(
      unexpectedResponse({ effect: 'none', issues: [{ at: 'size', expected: 'a whole number of bytes', got }] }),
    )
  }
  return E.right({
    kind: 'file',
    ...common(path, of),
    size,
    checksums: defined({ crc64xz: toCrc64(of.crc64) }),
    ...defined({ contentType: textOf(of.contentType), version: versionOf(of, size) }),
  })
}

/** Media libraries call their files by what they show. */
const fileTypes: ReadonlyArray<string> = ['file', 'image', 'video']

export const toEntry = (path: DrivePath, type: string, of: Described): E.Either<Fault, Entry> => {
  if (type === 'dir') return E.right(toDirEntry(path, of))
  return fileTypes.includes(type) ? toFileEntry(path, of) : E.right({ kind: 'other', what: type, ...common(path, of) })
}

/** An entry, and the service's own times, which no caller can set. */
export interface Seen {
  readonly entry: Entry
  readonly created: Date | undefined
  readonly modified: Date | undefined
}

export const toSeen = (path: DrivePath, info: Info): E.Either<Fault, Seen> =>
  pipe(
    toEntry(path, info.type, info),
    E.map((entry) => ({ entry, created: toDate(info.creationTime), modified: toDate(info.modificationTime) })),
  )

const dayMs = 86_400_000

/** When the item will be erased: whole days are left, of a period of whole days since its removal. */
const expiryOf = (removedAt: Date | undefined, daysLeft: number | undefined, now: number): Date | undefined => {
  if (removedAt === undefined || daysLeft === undefined) return undefined
  const past = Math.max(0, Math.ceil((now - removedAt.getTime()) / dayMs))
  return new Date(removedAt.getTime() + (past + daysLeft) * dayMs)
}

const kindOf = (type: string): Entry['kind'] =>
  type === 'dir' ? 'directory' : fileTypes.includes(type) ? 'file' : 'other'

/** `now`: milliseconds since the epoch. */
export const toTrashEntry = (item: RecycledItem, now: number): TrashEntry => {
  const { recycledItemId, name, type, originalPath } = item
  const kind = kindOf(type)
  const path = originalPath === null || originalPath === undefined ? undefined : toPath(originalPath)
  const removedAt = toDate(item.removalTime)
  return {
    ...{ trashId: String(recycledItemId), kind, name },
    ...defined({
      path: path !== undefined && E.isRight(path) ? path.right : undefined,
      size: kind === 'file' ? toSize(item.size) : undefined,
      modifiedAt: toDate(item.localModificationTime) ?? toDate(item.modificationTime),
      removedAt,
      expiresAt: expiryOf(removedAt, toSize(item.remainingTime), now),
    }),
  }
}

/** The location is the entry's own path, or that of its directory: the SDKs, which alone name the field, do not say which. */
export const changedPath = ({ location, name }: Pick<wire.Change, 'location' | 'name'>): DrivePath | undefined => {
  if (location === null || location === undefined) return undefined
  const above = typeof location === 'string' ? location.split('/').filter((segment) => segment !== '') : location
  const whole = name === null || name === undefined || above.at(-1) === name ? above : [...above, name]
  const path = toPath(whole)
  return E.isRight(path) ? path.right : undefined
}

const changeWords: Readonly<Record<string, Change['what']>> = {
  ...{
    CREATE: 'created',
    COPY: 'created',
    COPY_OVERWRITE: 'created',
    RESTORE: 'created',
    RESTORE_OVERWRITE: 'created',
  },
  ...{ CREATE_OVERWRITE: 'modified', MODIFY: 'modified', MOVE: 'moved', MOVE_OVERWRITE: 'moved' },
  ...{ DELETE: 'removed', TRASH: 'removed' },
}

/** `FILE.MOVE` and `TASK.FILE.TRASH` are of entries; `RECYCLE.…` is of the bin. A version that is made current is the file's content. */
const changeWord = (type: string): Change['what'] =>
  type === 'HISTORY.LATEST' ? 'modified' : (changeWords[/(?:^|\.)FILE\.(\w+)$/.exec(type)?.[1] ?? ''] ?? 'other')

export const toChange = ({ eventType, eventTime, inode, ...where }: wire.Change): Change => ({
  what: changeWord(eventType),
  ...defined({ path: changedPath(where), id: inode ?? undefined, at: toDate(eventTime) }),
})

export const toVersions = ({ contents, hasMore, nextMarker }: History): Page<FileVersion> => ({
  items: contents.map((version): FileVersion => ({
    current: version.isLatestVersion,
    checksums: defined({ crc64xz: toCrc64(version.crc64) }),
    ...defined({
      versionId: textOf(version.id),
      size: toSize(version.size),
      createdAt: toDate(version.creationTime),
    }),
  })),
  ...defined({ next: hasMore === false ? undefined : toCursor(nextMarker) }),
})

/** A name that cannot be a segment of a path is listed in `skipped`, and so is a file without a usable size. */
export const toPage = (dir: DrivePath, { contents, nextMarker }: Contents): Page<Entry> => {
  const items: Array<Entry> = []
  const skipped: Array<string> = []
  const take = (content: Content): void => {
    const entry = pipe(
      child(dir, content.name),
      E.mapLeft(() => undefined),
      E.flatMap((path) => E.mapLeft(() => undefined)(toEntry(path, content.type, content))),
    )
    if (E.isRight(entry)) items.push(entry.right)
    else skipped.push(content.name)
  }
  contents.forEach(take)
  return { items, ...defined({ next: toCursor(nextMarker), skipped: skipped.length === 0 ? undefined : skipped }) }
}
