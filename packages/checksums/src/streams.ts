// Checksums of streams: read to the end, or computed in passing.
import { Transform, type Readable } from 'node:stream'
import { createDigests, type Algorithm, type Checksums } from './digests'

export interface Digested<A extends Algorithm = Algorithm> {
  /** Bytes. */
  readonly size: number
  readonly checksums: Checksums<A>
}

/** Reads the stream to its end; rejects with the stream's own error. */
export const digestStream = async <A extends Algorithm>(
  stream: Readable,
  wanted: ReadonlyArray<A>,
): Promise<Digested<A>> => {
  const digests = createDigests(wanted)
  let size = 0
  for await (const chunk of stream as AsyncIterable<Uint8Array | string>) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    size += bytes.length
    digests.update(bytes)
  }
  return { size, checksums: digests.digest() }
}

/** Passes the bytes on unchanged; `result()` tells of those that have passed so far, of all once the stream has ended. */
export type Digesting<A extends Algorithm = Algorithm> = Transform & { readonly result: () => Digested<A> }

export const digesting = <A extends Algorithm>(wanted: ReadonlyArray<A>): Digesting<A> => {
  const digests = createDigests(wanted)
  let size = 0
  const transform = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      size += chunk.length
      digests.update(chunk)
      done(null, chunk)
    },
  })
  return Object.assign(transform, { result: () => ({ size, checksums: digests.digest() }) })
}
