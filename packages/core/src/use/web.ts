// Web streams and blobs, as Node's streams. The types ask for what is used only, so that those of Node.js and of the DOM both fit.
import { Readable } from 'node:stream'

/** A `ReadableStream`, of Node.js or of a browser's library. */
export interface WebStream {
  /** Locks the stream and gives its reader. Throws a `TypeError` if the stream is locked already. */
  readonly getReader: () => {
    readonly read: () => Promise<{ readonly done: boolean; readonly value?: unknown }>
    readonly cancel: (reason?: unknown) => Promise<void>
  }
}

/** A `Blob` or a `File`, whose bytes can be read any number of times. */
export interface BlobLike {
  /** Bytes. */
  readonly size: number
  /** The bytes from `start` up to `end`, without copying them. */
  readonly slice: (start?: number, end?: number) => { readonly stream: () => WebStream }
  /** A stream of all bytes. */
  readonly stream: () => WebStream
}

const has = (u: unknown, ...methods: ReadonlyArray<string>): boolean =>
  typeof u === 'object' &&
  u !== null &&
  methods.every((name) => typeof (u as { readonly [key: string]: unknown })[name] === 'function')

export const isWebStream = (u: unknown): u is WebStream => has(u, 'getReader')
export const isBlob = (u: unknown): u is BlobLike =>
  has(u, 'slice', 'stream') && typeof (u as BlobLike).size === 'number'
export const isReadable = (u: unknown): u is Readable => has(u, 'read', 'destroy', 'on')

const errorOf = (u: unknown): Error => (u instanceof Error ? u : new Error('the web stream failed', { cause: u }))

/** Destroying the result cancels the web stream. An error of the web stream, a lock included, is the error of the result. */
export const fromWeb = (stream: WebStream): Readable => {
  let reader: ReturnType<WebStream['getReader']> | undefined
  return new Readable({
    // What the stream yields is checked by whoever reads it, as for other streams.
    objectMode: true,
    highWaterMark: 1,
    construct(done) {
      try {
        reader = stream.getReader()
        done()
      } catch (error) {
        done(errorOf(error))
      }
    },
    read() {
      reader?.read().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: unknown) => this.destroy(errorOf(error)),
      )
    },
    destroy(error, done) {
      const end = () => {
        done(error)
      }
      if (reader === undefined || this.readableEnded) end()
      else reader.cancel(error).then(end, end)
    },
  })
}
