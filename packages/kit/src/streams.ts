// One Transform for bytes on their way: exact length, digests and progress in one pass.
import { bytesHeld } from '@anydrive/core/adapter'
import { Transform, pipeline, type Readable } from 'node:stream'

export interface PassOptions {
  /** Bytes that must pass, no more and no fewer; unchecked unless given. */
  readonly exactly?: number | undefined
  /** The error that the stream fails with when the length is wrong. */
  readonly onWrongLength?: ((reason: 'shorter' | 'longer') => Error) | undefined
  /** Each chunk as it passes, before it is sent: for digests. */
  readonly onChunk?: ((chunk: Buffer) => void) | undefined
  /** Bytes that have passed so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined
}

const wrong = (reason: 'shorter' | 'longer'): Error => new Error(`the stream is ${reason} than declared`)

/**
 * The same bytes; the source is destroyed with it, and its error becomes the result's. With `exactly`, the last chunk is held back until the
 * source has ended, so of a source that is too long no reader ever receives a complete content. A source that is held in memory is returned itself.
 */
export const passThrough = (
  source: Readable,
  { exactly, onWrongLength = wrong, onChunk, onProgress }: PassOptions,
): Readable => {
  const held = bytesHeld(source)
  const isExact = exactly === undefined || held?.byteLength === exactly
  if (held !== undefined && isExact) {
    if (held.byteLength > 0) {
      onChunk?.(Buffer.from(held.buffer, held.byteOffset, held.byteLength))
      onProgress?.(held.byteLength)
    }
    return source
  }
  let bytes = 0
  let last: Buffer | undefined
  const through = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length
      if (exactly !== undefined && bytes > exactly) {
        done(onWrongLength('longer'))
        return
      }
      onChunk?.(chunk)
      onProgress?.(bytes)
      if (bytes === exactly && chunk.length > 0) {
        last = chunk
        done()
      } else done(null, chunk)
    },
    flush: (done) => {
      if (exactly !== undefined && bytes < exactly) done(onWrongLength('shorter'))
      else done(null, last)
    },
  })
  return pipeline(source, through, () => undefined)
}
