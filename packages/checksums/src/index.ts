/// <reference types="node" preserve="true" />
// Re-exports, nothing else.
export { combineCrc64, crc64FromDecimal, crc64ToDecimal } from './crc64-algebra'
export { algorithms, createDigests, type Algorithm, type Checksums, type Digests } from './digests'
export { digesting, digestStream, type Digested, type Digesting } from './streams'
export { verifier, type ChecksumVerifier } from './verifier'
