// The caller's bytes on their way into an adapter: counted exactly, their own errors remembered.
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { Transform, pipeline, type Readable, type TransformCallback } from 'node:stream'
import { sourceFailed, type DriveError, type Fault } from '../contract/errors'
import { DriveException } from '../contract/exception'
import type { UploadSource } from '../contract/source'

class SourceError extends Error {
  readonly fault: Fault
  constructor(reason: 'shorter' | 'longer' | 'unreadable') {
    super(`the source is ${reason}`)
    this.fault = sourceFailed({ reason })
  }
}

const exactly = (size: number): Transform => {
  let left = size
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done: TransformCallback) {
      left -= chunk.byteLength
      if (left < 0) done(new SourceError('longer'))
      else done(null, chunk)
    },
    flush(done: TransformCallback) {
      done(left > 0 ? new SourceError('shorter') : null)
    },
  })
}

export interface WatchedSource {
  readonly source: UploadSource
  /** The fault of the source itself, if it failed: more exact than what a transport makes of it. */
  readonly fault: () => Fault | DriveError | undefined
}

/** The same source, whose streams fail with `SourceFailed` unless they yield exactly the bytes asked for. */
export const watched = (source: UploadSource): WatchedSource => {
  let fault: Fault | DriveError | undefined
  const counted = (readable: Readable, size: number): Readable => {
    const counter = exactly(size)
    readable.once('error', (error) => {
      fault ??= DriveException.is(error) ? error.error : sourceFailed({ reason: 'unreadable' })
    })
    counter.once('error', (error) => {
      if (error instanceof SourceError) fault ??= error.fault
    })
    pipeline(readable, counter, () => undefined)
    return counter
  }
  return {
    source: {
      ...source,
      open: (range, signal) => async () =>
        pipe(
          await source.open(range, signal)(),
          E.map((readable) => counted(readable, range.end - range.start)),
          E.mapLeft((left) => {
            if (left._tag !== 'Aborted') fault ??= left
            return left
          }),
        ),
    },
    fault: () => fault,
  }
}
