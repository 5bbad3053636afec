// Instant upload: SHA-256 chained over blocks of 1 MiB, the hash by which SMH knows contents (docs/wire/tencent-smh.md, instant upload).
import { createDigests } from '@anydrive/checksums'
import { aborted, sourceFailed, type ByteSpan, type DriveError, type Fault, type UploadSource } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { createHash } from 'node:crypto'
import type { Asked } from './api'

export const blockSize = 1024 * 1024

export interface ChainedHash {
  readonly update: (bytes: Uint8Array) => void
  /** After the last byte: lower-case hex. */
  readonly digest: () => { readonly beginningHash: string; readonly fullHash: string }
}

/** `H0 = SHA-256(block 0)`, `Hi = SHA-256(H(i-1) ‖ block i)`; the last block may be short. */
export const createChainedHash = (): ChainedHash => {
  let block = createHash('sha256')
  let room = blockSize
  let first: Buffer | undefined
  let last: Buffer | undefined
  const close = (): Buffer => {
    const hash = block.digest()
    first ??= hash
    last = hash
    block = createHash('sha256').update(hash)
    room = blockSize
    return hash
  }
  return {
    update: (bytes) => {
      for (let at = 0; at < bytes.length;) {
        const piece = bytes.subarray(at, at + room)
        block.update(piece)
        at += piece.length
        room -= piece.length
        if (room === 0) close()
      }
    },
    digest: () => {
      const full = room < blockSize || last === undefined ? close() : last
      return { beginningHash: (first ?? full).toString('hex'), fullHash: full.toString('hex') }
    },
  }
}

const unreadable = (error: unknown): Fault => {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return sourceFailed({ reason: 'unreadable', ...(typeof code === 'string' ? { code } : {}) })
}

/** Reads a span of the source to its end. */
export const readThrough =
  (
    source: UploadSource,
    span: ByteSpan,
    update: (bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): TE.TaskEither<Fault | DriveError, void> =>
  async () => {
    const opened = await source.open(span, signal)()
    if (E.isLeft(opened)) return opened
    try {
      for await (const chunk of opened.right as AsyncIterable<Uint8Array>) {
        if (signal.aborted) return E.left(aborted({ effect: 'none' }))
        update(chunk)
      }
      return E.right(undefined)
    } catch (error) {
      return E.left(signal.aborted ? aborted({ effect: 'none' }) : unreadable(error))
    } finally {
      opened.right.destroy()
    }
  }

const asFault = <A>(reading: TE.TaskEither<Fault | DriveError, A>): Asked<A> => reading

/** Of the first block: what an upload's beginning sends along. */
export const beginningHashOf =
  (source: UploadSource, signal: AbortSignal): Asked<string> =>
  async () => {
    const hash = createChainedHash()
    const span = { start: 0, end: Math.min(blockSize, source.size) }
    const read = await asFault(readThrough(source, span, hash.update, signal))()
    return E.map(() => hash.digest().beginningHash)(read)
  }

/** Of the whole, with its CRC-64: the second reading of the source, only when SMH asks for it. */
export const fullHashOf =
  (source: UploadSource, signal: AbortSignal): Asked<{ readonly fullHash: string; readonly crc64: string }> =>
  async () => {
    const hash = createChainedHash()
    const digests = createDigests(['crc64xz'])
    const update = (bytes: Uint8Array): void => {
      hash.update(bytes)
      digests.update(bytes)
    }
    const read = await asFault(readThrough(source, { start: 0, end: source.size }, update, signal))()
    return E.map(() => ({ fullHash: hash.digest().fullHash, crc64: digests.digest().crc64xz }))(read)
  }
