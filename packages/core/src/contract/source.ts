// File contents: what is uploaded, what is downloaded, and how sure an answer makes us.
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Readable } from 'node:stream'
import type { ChecksumAlgorithm, Checksums, FileEntry } from './entry'
import type { DriveError, Fault } from './errors'
import type { Json } from './task'

/** Half-open, as `slice`: `[start, end)`, in bytes; `end` beyond the size is clipped. */
export interface ByteRange {
  /** The first byte, from 0. */
  readonly start: number
  /** The byte after the last; the end of the file unless given. */
  readonly end?: number | undefined
}

/** A range with both ends known. */
export interface ByteSpan {
  readonly start: number
  readonly end: number
}

/** May be opened any number of times, concurrently, at any range: that makes retries and parallel parts possible. */
export interface UploadSource {
  /** Bytes. */
  readonly size: number
  /** Of the whole content, where known. */
  readonly checksums?: Checksums | undefined
  /** The stream belongs to the caller of `open`, who reads it to the end or destroys it. */
  readonly open: (
    range: ByteSpan,
    signal: AbortSignal,
  ) => TaskEither<DriveError | Fault<'SourceFailed' | 'Aborted'>, Readable>
}

/** How sure the vendor's answer makes us that the bytes are those sent. */
export type Evidence = `vendor-checked:${ChecksumAlgorithm}` | `vendor-reported:${ChecksumAlgorithm}` | 'size'

/** An upload under way, as plain JSON without secrets or signed URLs: another process goes on from it. */
export interface UploadRef {
  /** The drive that began the upload; another refuses it with `NotFound`. */
  readonly vendor: string
  /** What the adapter needs to go on. */
  readonly state: Json
}

/** The stream is the caller's: read it to the end or destroy it. Its `error` is a `DriveException`. */
export interface FileContent {
  /** Yields the bytes of `range`. */
  readonly stream: Readable
  /** Of the whole file, in bytes; absent where the service does not state it. */
  readonly size?: number | undefined
  /** Without `end` to the end of a file of unknown size. */
  readonly range: ByteRange
  /** The file as it was when it was opened. */
  readonly entry: FileEntry
}
