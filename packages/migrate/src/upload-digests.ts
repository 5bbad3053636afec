// Checksums of an upload's bytes as they pass, whatever the order in which its parts are opened.
import { combineCrc64, createDigests } from '@anydrive/checksums'
import type { ByteSpan, ChecksumAlgorithm, Checksums, UploadSource } from '@anydrive/core'
import { bytesHeld } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { pipeline, Transform, type Readable } from 'node:stream'

export interface UploadDigests {
  readonly source: UploadSource
  /** Those that could be computed: all, if the bytes passed in order at least once; of parts sent side by side only CRC-64. */
  readonly checksums: () => Checksums
}

/** CRC-64 of every stretch that passed whole, put together where they lie side by side. */
const stretches = (size: number) => {
  const byStart = new Map<number, { readonly end: number; readonly crc: string }>()
  return {
    add: ({ start, end }: ByteSpan, crc: string): void => {
      if ((byStart.get(start)?.end ?? 0) <= end) byStart.set(start, { end, crc })
    },
    whole: (): string | undefined => {
      if (size === 0) return createDigests(['crc64xz']).digest().crc64xz
      let crc: string | undefined
      for (let at = 0; at < size;) {
        const next = byStart.get(at)
        if (next === undefined || next.end === at) return undefined
        crc = crc === undefined ? next.crc : combineCrc64(crc, next.crc, next.end - at)
        at = next.end
      }
      return crc
    },
  }
}

/** Digests of the bytes in order; a stretch that passes again is left out, one that comes too early leaves a gap. */
const inOrder = (algorithms: ReadonlyArray<ChecksumAlgorithm>) => {
  const digests = createDigests(algorithms)
  let at = 0
  return {
    take: (start: number, bytes: Uint8Array): void => {
      if (start > at || start + bytes.byteLength <= at) return
      digests.update(bytes.subarray(at - start))
      at = start + bytes.byteLength
    },
    whole: (size: number): Checksums => (at === size ? digests.digest() : {}),
  }
}

export const uploadDigests = (source: UploadSource, algorithms: ReadonlyArray<ChecksumAlgorithm>): UploadDigests => {
  if (algorithms.length === 0) return { source, checksums: () => ({}) }
  const { size } = source
  const takesCrc = algorithms.includes('crc64xz')
  const ordered = inOrder(algorithms.filter((a) => a !== 'crc64xz'))
  const parts = stretches(size)
  const watched = (readable: Readable, range: ByteSpan): Readable => {
    const crc = createDigests(takesCrc ? (['crc64xz'] as const) : [])
    let at = range.start
    const take = (chunk: Uint8Array): void => {
      ordered.take(at, chunk)
      crc.update(chunk)
      at += chunk.byteLength
    }
    const end = (): void => {
      if (at === range.end && takesCrc) parts.add(range, crc.digest().crc64xz)
    }
    const held = bytesHeld(readable)
    if (held !== undefined) {
      take(held)
      end()
      return readable
    }
    const tap = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        take(chunk)
        done(null, chunk)
      },
      flush: (done) => {
        end()
        done()
      },
    })
    pipeline(readable, tap, () => undefined)
    return tap
  }
  return {
    source: {
      ...source,
      open: (range, signal) => async () =>
        E.map((readable: Readable) => watched(readable, range))(await source.open(range, signal)()),
    },
    checksums: () => {
      const crc64xz = takesCrc ? parts.whole() : undefined
      return { ...ordered.whole(size), ...(crc64xz === undefined ? {} : { crc64xz }) }
    },
  }
}
