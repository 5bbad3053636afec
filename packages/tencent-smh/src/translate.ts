// SMH's words ↔ ours, pure: entries, times, checksums, strategies, paths.
import { crc64FromDecimal, crc64ToDecimal } from '@anydrive/checksums'
import {
  child,
  parsePath,
  segments,
  strategyWords,
  unexpectedResponse,
  wordFor,
  type Checksums,
  type ConflictStrategy,
  type DirEntry,
  type DrivePath,
  type Entry,
  type Fault,
  type FileEntry,
  type Page,
  type Times,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { CallerTimes, Content, Contents, Segments, Strategy, Text, Uploaded } from './wire'

/** What every description has in common: a list's item, an `?info`, a confirmed upload. */
export type Described = Omit<Uploaded, 'isOverwritten' | 'name' | 'type'>

// Words

/** Directories know no `overwrite`: it is sent as `ask` (docs/wire/tencent-smh.md, strategies). */
export const directoryWord = (conflict: ConflictStrategy): Strategy => wordFor(strategyWords.directory, conflict)
export const fileWord = (conflict: ConflictStrategy): Strategy => wordFor(strategyWords.file, conflict)

/** In bodies, paths are plain text; on the answer's side they are segments, and the root is none. */
export const toPath = (path: Segments): E.Either<Fault, DrivePath> => {
  const refused = (): Fault => unexpectedResponse({ issues: [{ at: 'path', expected: 'path segments', got: 'array' }] })
  const parsed = E.mapLeft(refused)(parsePath(path.join('/')))
  return E.filterOrElse((p: DrivePath) => segments(p).length === path.length, refused)(parsed)
}

export const callerTimes = ({ createdAt, modifiedAt }: Times): CallerTimes => ({
  ...(createdAt === undefined ? {} : { localCreationTime: createdAt.toISOString() }),
  ...(modifiedAt === undefined ? {} : { localModificationTime: modifiedAt.toISOString() }),
})

// Values

type Given<A> = A | null | undefined
const isGiven = <A>(value: Given<A>): value is A => value !== null && value !== undefined

/** SMH's own pages print the zone in either case. */
export const toDate = (text: Given<string>): Date | undefined => {
  const date = isGiven(text) ? new Date(text.toUpperCase()) : undefined
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date
}

/** Bytes. */
export const toSize = (size: Given<Text>): number | undefined => {
  const n = isGiven(size) && size !== '' ? Number(size) : NaN
  return Number.isSafeInteger(n) && n >= 0 ? n : undefined
}

/** SMH prints CRC-64 as an unsigned decimal; here it is 16 hex digits. */
export const toCrc64 = (crc64: Given<Text>): string | undefined =>
  isGiven(crc64) ? crc64FromDecimal(String(crc64)) : undefined
export const fromCrc64 = crc64ToDecimal

/** Only an empty marker, or none, ends a list. */
export const toCursor = (marker: Given<Text>): string | undefined =>
  isGiven(marker) && marker !== '' ? String(marker) : undefined

/** The object's tag, its checksum and its size: all three stand in every description of a file, so they can be compared. */
const versionOf = (file: Described, size: number): string | undefined => {
  const tag = file.eTag?.replace(/^(?:W\/)?"(.*)"$/s, '$1')
  const crc64 = toCrc64(file.crc64)
  return crc64 === undefined && (tag === undefined || tag === '') ? undefined : `${tag ?? ''}:${crc64 ?? ''}:${size}`
}

// Entries

const common = (path: DrivePath, name: string, of: Described) => {
  const createdAt = toDate(of.localCreationTime) ?? toDate(of.creationTime)
  const modifiedAt = toDate(of.localModificationTime) ?? toDate(of.modificationTime)
  return {
    path,
    name,
    ...(isGiven(of.inode) && of.inode !== '' ? { id: of.inode } : {}),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
  }
}

export const toDirEntry = (path: DrivePath, of: Described): DirEntry => ({
  kind: 'directory',
  ...common(path, path.slice(path.lastIndexOf('/') + 1), of),
})

export const toFileEntry = (path: DrivePath, of: Described): E.Either<Fault, FileEntry> => {
  const size = toSize(of.size)
  if (size === undefined)
    return E.left(
      unexpectedResponse({
        issues: [
          { at: 'size', expected: 'a whole number of bytes', got: isGiven(of.size) ? typeof of.size : 'missing' },
        ],
      }),
    )
  const crc64xz = toCrc64(of.crc64)
  const version = versionOf(of, size)
  const checksums: Checksums = crc64xz === undefined ? {} : { crc64xz }
  return E.right({
    kind: 'file',
    ...common(path, path.slice(path.lastIndexOf('/') + 1), of),
    size,
    checksums,
    ...(isGiven(of.contentType) && of.contentType !== '' ? { contentType: of.contentType } : {}),
    ...(version === undefined ? {} : { version }),
  })
}

/** Media libraries call their files by what they show. */
const fileTypes: ReadonlyArray<string> = ['file', 'image', 'video']

export const toEntry = (path: DrivePath, type: string, of: Described): E.Either<Fault, Entry> => {
  if (type === 'dir') return E.right(toDirEntry(path, of))
  return fileTypes.includes(type)
    ? toFileEntry(path, of)
    : E.right({ kind: 'other', what: type, ...common(path, path.slice(path.lastIndexOf('/') + 1), of) })
}

/** A name that cannot be a segment is skipped, not lost. */
export const toPage = (dir: DrivePath, { contents, nextMarker }: Contents): E.Either<Fault, Page<Entry>> => {
  const items: Array<Entry> = []
  const skipped: Array<string> = []
  const take = (content: Content): E.Either<Fault, unknown> => {
    const path = child(dir, content.name)
    if (E.isLeft(path)) return E.right(skipped.push(content.name))
    return E.map((entry: Entry) => items.push(entry))(toEntry(path.right, content.type, content))
  }
  for (const content of contents) {
    const taken = take(content)
    if (E.isLeft(taken)) return taken
  }
  const next = toCursor(nextMarker)
  return E.right({
    items,
    ...(next === undefined ? {} : { next }),
    ...(skipped.length === 0 ? {} : { skipped }),
  })
}
