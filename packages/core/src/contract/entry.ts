// What a drive holds: entries, and pages of them.
import type { DrivePath } from './path'

export type ChecksumAlgorithm = 'crc64xz' | 'md5' | 'sha1' | 'sha256'
/** Lower-case hex; `crc64xz` as 16 hex digits, whatever the vendor's spelling. */
export type Checksums = { readonly [A in ChecksumAlgorithm]?: string }

interface EntryBase {
  /** From the root of the drive. */
  readonly path: DrivePath
  /** The last name of the path; empty for the root. */
  readonly name: string
  /** The vendor's, given whenever it costs no request. */
  readonly id?: string
  /** The caller's time where the vendor kept one, else the vendor's; absent where it is not reported. */
  readonly createdAt?: Date
  /** The caller's time where the vendor kept one, else the vendor's. */
  readonly modifiedAt?: Date
}
export interface DirEntry extends EntryBase {
  /** Tells the kinds of entries apart. */
  readonly kind: 'directory'
}
/** A link, a virtual file, a device: listed, never dropped. */
export interface OtherEntry extends EntryBase {
  /** Tells the kinds of entries apart. */
  readonly kind: 'other'
  /** What it is, in the vendor's words. */
  readonly what: string
}
export interface FileEntry extends EntryBase {
  /** Tells the kinds of entries apart. */
  readonly kind: 'file'
  /** Bytes. Absent where the service does not state it: the size is unknown then, not 0. */
  readonly size?: number
  /** What the vendor reported; nothing computed here. */
  readonly checksums: Checksums
  /** The media type; absent where the vendor reports none. */
  readonly contentType?: string
  /** Opaque: equal versions mean equal bytes. */
  readonly version?: string
}
/** A file whose size is known. */
export interface SizedFile extends FileEntry {
  /** Bytes. */
  readonly size: number
}
/** Whether the size of the file is known. */
export const isSized = (file: FileEntry): file is SizedFile => file.size !== undefined
export type Entry = DirEntry | FileEntry | OtherEntry
export type EntryKind = Entry['kind']

/** An entry in the trash. Only its `trashId` identifies it: several entries may have had the same path. */
export interface TrashEntry {
  /** For `restore` and `purge`. */
  readonly trashId: string
  readonly kind: EntryKind
  /** The last name of the path that it had. */
  readonly name: string
  /** The path that it had; absent where the service does not say. */
  readonly path?: DrivePath
  /** Bytes of a file; absent where the service does not state it. */
  readonly size?: number
  /** As of an entry. */
  readonly modifiedAt?: Date
  /** When it was removed. */
  readonly removedAt?: Date
  /** When the service will erase it. */
  readonly expiresAt?: Date
}

/** One content that a file has or had. */
export interface FileVersion {
  /** For `restoreVersion` and `readFile({ version })`; absent for the current content where the service gives that none. */
  readonly versionId?: string
  /** Whether it is the content that the file has now. */
  readonly current: boolean
  /** Bytes; absent where the service does not state it. */
  readonly size?: number
  /** What the vendor reported. */
  readonly checksums: Checksums
  /** When it was written. */
  readonly createdAt?: Date
}

/** One change of a drive's change feed. */
export interface Change {
  /**
   * What became of the entry. `created`: it appeared at `path`, as a copy or from the trash as well. `modified`: its content, times or attributes.
   * `moved`: it is at `path` now. `removed`: erased, or put into the trash. `other`: a change of the trash or of versions, or one that the drive does not name.
   */
  readonly what: 'created' | 'modified' | 'moved' | 'removed' | 'other'
  /** Where the entry is after the change; where it was, if it was removed. Absent where the service does not say. */
  readonly path?: DrivePath
  /** As of the entry. */
  readonly id?: string
  /** When it happened, by the service's clock. */
  readonly at?: Date
}

/** A part of a change feed. */
export interface Changes {
  /** In the order in which they happened, perhaps none. */
  readonly items: ReadonlyArray<Change>
  /** For the changes that come next. Plain text, good in any process for as long as the service keeps it. */
  readonly cursor: string
  /** Whether there are more changes already. */
  readonly more: boolean
}

/** Opaque, good for the next page of the same listing. */
export type Cursor = string

/** May be short or empty: the listing ends only where `next` is absent. `skipped`: names that cannot be a path segment. */
export interface Page<A> {
  /** Entries, perhaps none. */
  readonly items: ReadonlyArray<A>
  /** The `cursor` of the next page; absent at the end of the listing. */
  readonly next?: Cursor
  /** Names that cannot be a path segment. */
  readonly skipped?: ReadonlyArray<string>
}
