// The bytes of files: small ones in memory, others on disk; digests are taken on the way in.
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { makeCrc64 } from './crc64'

/** `crc64` is CRC-64/XZ as an unsigned decimal string, the others are lower-case hex. */
export type Digest = 'crc64' | 'md5' | 'sha256'

export interface Segment {
  readonly id: string
  readonly size: number
}

interface StoredBlob<D extends Digest = Digest> extends Segment {
  readonly digests: Readonly<Record<D, string>>
}

/** A blob lives while someone holds it: `write` gives the first hold, `retain` another, `release` gives one back. */
export interface BlobStore<D extends Digest> {
  /** Fails as the source fails, and then keeps nothing. */
  readonly write: (source: AsyncIterable<Uint8Array>) => Promise<StoredBlob<D>>
  /** The bytes from `start` to before `end` of the segments in a row. */
  readonly read: (segments: ReadonlyArray<Segment>, start: number, end: number) => Readable
  readonly retain: (id: string) => void
  readonly release: (id: string) => void
  /** Deletes what nobody holds any more. Call it after the journal's commit. */
  readonly collect: () => void
  /** After a start: deletes the files that no `retain` has claimed. */
  readonly sweep: () => void
}

const memoryLimit = 1024 * 1024

const digester = (digest: Digest): { update: (bytes: Uint8Array) => void; value: () => string } => {
  if (digest === 'crc64') {
    const sum = makeCrc64()
    return { update: sum.update, value: () => sum.value().toString() }
  }
  const hash = createHash(digest)
  return { update: (bytes) => void hash.update(bytes), value: () => hash.digest('hex') }
}

/** Gathers bytes and moves to a file as soon as they are too many for memory (or at once, if they must be kept). */
const makeSink = (file: string, limit: number) => {
  const chunks: Array<Uint8Array> = []
  let held = 0
  let handle: Awaited<ReturnType<typeof open>> | undefined
  const spill = async (): Promise<void> => {
    handle ??= await open(file, 'w')
    for (const chunk of chunks.splice(0)) await handle.writeFile(chunk)
    held = 0
  }
  return {
    add: async (chunk: Uint8Array): Promise<void> => {
      chunks.push(chunk)
      held += chunk.byteLength
      if (held > (handle === undefined ? limit : memoryLimit)) await spill()
    },
    /** The bytes, or undefined where they went to the file. */
    end: async (): Promise<Buffer | undefined> => {
      if (handle === undefined && limit > 0) return Buffer.concat(chunks)
      await spill()
      await handle?.close()
      return undefined
    },
    drop: async (): Promise<void> => {
      await handle?.close().catch(() => undefined)
      await rm(file, { force: true })
    },
  }
}

/** `keep`: every body goes to `directory` and is found there after a restart. Else only bodies over 1 MiB do. */
export const makeBlobs = <D extends Digest>(options: {
  readonly directory: string
  readonly keep: boolean
  readonly digests: ReadonlyArray<D>
  readonly newId: () => string
}): BlobStore<D> => {
  const { directory, keep, digests, newId } = options
  const memory = new Map<string, Buffer>()
  const holds = new Map<string, number>()
  const unheld = new Set<string>()
  const shelf = (id: string): string => join(directory, id.slice(0, 2))
  const place = (id: string): string => join(shelf(id), id)
  mkdirSync(directory, { recursive: true })

  const write = async (source: AsyncIterable<Uint8Array>): Promise<StoredBlob<D>> => {
    const id = newId()
    const temporary = join(directory, `${id}.part`)
    const sink = makeSink(temporary, keep ? 0 : memoryLimit)
    const sums = digests.map((digest) => [digest, digester(digest)] as const)
    let size = 0
    try {
      for await (const chunk of source) {
        for (const [, sum] of sums) sum.update(chunk)
        size += chunk.byteLength
        await sink.add(chunk)
      }
      const bytes = await sink.end()
      if (bytes !== undefined) memory.set(id, bytes)
      else {
        mkdirSync(shelf(id), { recursive: true })
        renameSync(temporary, place(id))
      }
    } catch (cause) {
      await sink.drop()
      throw cause
    }
    holds.set(id, 1)
    const values = Object.fromEntries(sums.map(([digest, sum]) => [digest, sum.value()])) as Record<D, string>
    return { id, size, digests: values }
  }

  async function* bytesOf(segments: ReadonlyArray<Segment>, start: number, end: number): AsyncGenerator<Uint8Array> {
    let offset = 0
    for (const { id, size } of segments) {
      const from = Math.max(start - offset, 0)
      const to = Math.min(end - offset, size)
      offset += size
      if (from >= to) continue
      const bytes = memory.get(id)
      if (bytes !== undefined) yield bytes.subarray(from, to)
      else
        yield* createReadStream(place(id), {
          start: from,
          end: to - 1,
          highWaterMark: 256 * 1024,
        }) as AsyncIterable<Uint8Array>
    }
  }

  const release = (id: string): void => {
    const left = (holds.get(id) ?? 0) - 1
    if (left > 0) holds.set(id, left)
    else {
      holds.delete(id)
      unheld.add(id)
    }
  }

  return {
    write,
    read: (segments, start, end) => Readable.from(bytesOf(segments, start, end), { objectMode: false }),
    retain: (id) => void holds.set(id, (holds.get(id) ?? 0) + 1),
    release,
    collect: () => {
      for (const id of unheld) {
        if (holds.has(id)) continue
        if (!memory.delete(id)) rmSync(place(id), { force: true })
      }
      unheld.clear()
    },
    sweep: () => {
      for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true }))
        if (entry.isFile() && !holds.has(entry.name)) rmSync(join(entry.parentPath, entry.name), { force: true })
    },
  }
}
