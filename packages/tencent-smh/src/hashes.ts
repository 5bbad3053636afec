// The hashes of an upload's source: SHA-256 chained over blocks of 1 MiB, by which SMH recognizes contents, and CRC-64.
import { createDigests } from '@anydrive/checksums'
import { aborted, defined, sourceFailed, type ByteSpan, type Fault, type UploadSource } from '@anydrive/core'
import type { Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { createHash } from 'node:crypto'

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
  return sourceFailed({ reason: 'unreadable', ...defined({ code: typeof code === 'string' ? code : undefined }) })
}

export interface Hashes {
  readonly beginningHash: string
  readonly fullHash: string
  /** CRC-64, 16 hex digits. */
  readonly crc64: string
}

/** Reads a span of the source to its end; `beginningHash` is that of its first block. */
export const hashesOf = async (
  source: UploadSource,
  span: ByteSpan,
  signal: AbortSignal,
): Promise<E.Either<Failure, Hashes>> => {
  const opened = await source.open(span, signal)()
  if (E.isLeft(opened)) return opened
  const chained = createChainedHash()
  const digests = createDigests(['crc64xz'])
  try {
    for await (const chunk of opened.right as AsyncIterable<Uint8Array>) {
      if (signal.aborted) return E.left(aborted({ effect: 'none' }))
      chained.update(chunk)
      digests.update(chunk)
    }
    return E.right({ ...chained.digest(), crc64: digests.digest().crc64xz })
  } catch (error) {
    return E.left(signal.aborted ? aborted({ effect: 'none' }) : unreadable(error))
  } finally {
    opened.right.destroy()
  }
}
