// Compares the bytes of a whole file with the checksum that they should have.
import { createDigests, type Algorithm } from './digests'

/** As `Verifier` of @anydrive/core, made synchronously for one download. */
export interface ChecksumVerifier {
  readonly update: (bytes: Uint8Array) => void
  /** After the last byte: what is wrong, if anything is. */
  readonly mismatch: () => { readonly _tag: 'ChecksumMismatch'; readonly algorithm: Algorithm } | undefined
}

/** `expected` in hex, of either case. */
export const verifier = (algorithm: Algorithm, expected: string): ChecksumVerifier => {
  const digests = createDigests([algorithm])
  return {
    update: digests.update,
    mismatch: () =>
      digests.digest()[algorithm] === expected.toLowerCase() ? undefined : { _tag: 'ChecksumMismatch', algorithm },
  }
}
