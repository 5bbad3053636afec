// Streams of a few bytes that are in memory already: whoever passes them on can take the bytes at once and needs no stream of its own.
import { Readable } from 'node:stream'

/** More bytes than this are passed on in pieces, so that their progress shows. */
export const mostHeld = 64 * 1024

const held = new WeakMap<Readable, Uint8Array>()

/** A stream of these bytes, which nobody may change until it has ended. */
export const streamOfBytes = (bytes: Uint8Array): Readable => {
  const stream = new Readable({
    read: () => {
      if (bytes.byteLength > 0) stream.push(bytes)
      stream.push(null)
    },
  })
  if (bytes.byteLength <= mostHeld) held.set(stream, bytes)
  return stream
}

/**
 * All bytes of a stream that `streamOfBytes` made and nobody has read from; undefined of any other. The stream stays the caller's: it is read all the
 * same, or destroyed.
 */
export const bytesHeld = (stream: Readable): Uint8Array | undefined =>
  stream.readableDidRead || stream.destroyed ? undefined : held.get(stream)
