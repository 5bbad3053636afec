// Several checksums of the same bytes, in one pass.
import { createHash } from 'node:crypto'
import { createCrc64 } from './crc64'

export type Algorithm = 'crc64xz' | 'md5' | 'sha1' | 'sha256'
export const algorithms: ReadonlyArray<Algorithm> = ['crc64xz', 'md5', 'sha1', 'sha256']

/** Lower-case hex; `crc64xz` as 16 digits. */
export type Checksums<A extends Algorithm = Algorithm> = Readonly<Record<A, string>>

export interface Digests<A extends Algorithm = Algorithm> {
  readonly update: (bytes: Uint8Array) => void
  /** Of the bytes so far; may be asked more than once, and more bytes may follow. */
  readonly digest: () => Checksums<A>
}

interface Hasher {
  readonly update: (bytes: Uint8Array) => void
  readonly digest: () => string
}

const native = (algorithm: Exclude<Algorithm, 'crc64xz'>): Hasher => {
  const hash = createHash(algorithm)
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.copy().digest('hex') }
}

const hasherOf = (algorithm: Algorithm): Hasher => (algorithm === 'crc64xz' ? createCrc64() : native(algorithm))

/** Synchronous: nothing has to be loaded first. */
export const createDigests = <A extends Algorithm>(wanted: ReadonlyArray<A>): Digests<A> => {
  const hashers = [...new Set(wanted)].map((algorithm) => [algorithm, hasherOf(algorithm)] as const)
  return {
    update: (bytes) => {
      for (const [, hasher] of hashers) hasher.update(bytes)
    },
    digest: () =>
      Object.fromEntries(hashers.map(([algorithm, hasher]) => [algorithm, hasher.digest()])) as unknown as Checksums<A>,
  }
}
