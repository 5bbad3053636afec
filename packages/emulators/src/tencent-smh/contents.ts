// The bytes behind files: shared by copies, found by size for instant uploads, gone when no file holds them.
import { createHash } from 'node:crypto'
import { combineCrc64, type BlobStore, type Journal, type Segment } from '../common'
import { type Content } from './nodes'

export interface Part extends Segment {
  readonly crc64: string
  readonly md5: string
}

export interface Contents {
  /** Of one body (its ETag is the MD5) or of parts (`hash-N`); not kept yet. */
  readonly draft: (parts: ReadonlyArray<Part>, multipart: boolean) => Content
  /** Takes over the caller's hold on the blobs. Some file must hold the content from now on. */
  readonly keep: (content: Content) => void
  /** One more file holds it. */
  readonly hold: (content: Content) => void
  readonly drop: (content: Content) => void
  readonly find: (id: string) => Content | undefined
  readonly ofSize: (size: number) => Iterable<Content>
  readonly hashesOf: (content: Content) => Promise<{ readonly beginning: string; readonly full: string }>
  readonly load: () => void
}

const blockSize = 1024 * 1024
type ContentBlobs = BlobStore<'crc64' | 'md5'>

/** `H0 = SHA256(block 0)`, `Hi = SHA256(H(i-1) ‖ block i)` over blocks of 1 MiB. */
export const chainedHashes = async (
  source: AsyncIterable<Uint8Array>,
): Promise<{ readonly beginning: string; readonly full: string }> => {
  let hash = createHash('sha256')
  let room = blockSize
  let beginning: Buffer | undefined
  let last: Buffer | undefined
  const close = (): void => {
    last = hash.digest()
    beginning ??= last
    hash = createHash('sha256').update(last)
    room = blockSize
  }
  for await (const chunk of source)
    for (let at = 0; at < chunk.byteLength;) {
      const piece = chunk.subarray(at, at + room)
      hash.update(piece)
      at += piece.byteLength
      room -= piece.byteLength
      if (room === 0) close()
    }
  if (room < blockSize || last === undefined) close()
  return { beginning: beginning?.toString('hex') ?? '', full: last?.toString('hex') ?? '' }
}

const eTagOf = (parts: ReadonlyArray<Part>, multipart: boolean): string => {
  const [first] = parts
  if (!multipart) return `"${first?.md5 ?? ''}"`
  const joined = createHash('md5')
  for (const part of parts) joined.update(Buffer.from(part.md5, 'hex'))
  return `"${joined.digest('hex')}-${parts.length}"`
}

export const makeContents = (blobs: ContentBlobs, journal: Journal, newId: () => string): Contents => {
  const all = new Map<string, Content>()
  const holds = new Map<string, number>()
  const sizes = new Map<number, Set<Content>>()
  const add = (content: Content): void => {
    all.set(content.id, content)
    sizes.set(content.size, (sizes.get(content.size) ?? new Set()).add(content))
  }
  const save = (content: Content): void => journal.put('content', content.id, () => content)
  const remove = (content: Content): void => {
    all.delete(content.id)
    const same = sizes.get(content.size)
    same?.delete(content)
    if (same?.size === 0) sizes.delete(content.size)
    for (const { id } of content.segments) blobs.release(id)
    journal.remove('content', content.id)
  }
  return {
    draft: (parts, multipart) => {
      const crc = parts.reduce((sum, part) => combineCrc64(sum, BigInt(part.crc64), part.size), 0n)
      return {
        id: newId(),
        size: parts.reduce((sum, part) => sum + part.size, 0),
        crc64: crc.toString(),
        eTag: eTagOf(parts, multipart),
        segments: parts.map(({ id, size }) => ({ id, size })),
      }
    },
    keep: (content) => {
      add(content)
      save(content)
    },
    hold: (content) => void holds.set(content.id, (holds.get(content.id) ?? 0) + 1),
    drop: (content) => {
      const left = (holds.get(content.id) ?? 0) - 1
      holds.set(content.id, left)
      if (left > 0) return
      holds.delete(content.id)
      remove(content)
    },
    find: (id) => all.get(id),
    ofSize: (size) => sizes.get(size) ?? [],
    hashesOf: async (content) => {
      if (content.hashes === undefined) {
        content.hashes = await chainedHashes(blobs.read(content.segments, 0, content.size) as AsyncIterable<Uint8Array>)
        if (all.has(content.id)) save(content)
      }
      return content.hashes
    },
    load: () => {
      for (const [, value] of journal.load('content')) {
        const content = value as Content
        add(content)
        for (const { id } of content.segments) blobs.retain(id)
      }
    },
  }
}
