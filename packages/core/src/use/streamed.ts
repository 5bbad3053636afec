// An upload source that is read while its stream still arrives.
import * as E from 'fp-ts/Either'
import { Readable } from 'node:stream'
import { aborted, sourceFailed, type DriveError } from '../contract/errors'
import { DriveException } from '../contract/exception'
import type { ByteSpan, UploadSource } from '../contract/source'
import { onAbort } from '../contract/time'
import { bytesOf, here, unreadable, type Spooled } from './sources'
import { createTempFile, type TempFile } from './temp-file'

const pieceSize = 256 * 1024

/** How far a stream has arrived, and who waits for more of it. */
const createArrival = (size: number) => {
  const waiting = new Set<() => void>()
  let received = 0
  let complete = false
  let failure: DriveError | undefined
  const wake = () => {
    for (const resume of [...waiting]) resume()
  }
  // The last byte is withheld until the stream has ended, so that no upload is completed of a stream that turns out longer.
  const available = () => (complete ? size : Math.min(received, size - 1))
  return {
    received: () => received,
    available,
    failure: () => failure,
    add: (bytes: number) => {
      received += bytes
      wake()
    },
    complete: () => {
      complete = true
      wake()
    },
    fail: (error: DriveError) => {
      failure ??= error
      wake()
    },
    /** Resolves to undefined once this many bytes are available, else to what prevents it. */
    until: (bytes: number, signal: AbortSignal): Promise<DriveError | undefined> =>
      new Promise((resolve) => {
        const check = () => {
          const ended = failure ?? (signal.aborted ? here(aborted({ effect: 'none' })) : undefined)
          if (ended === undefined && available() < bytes) return
          waiting.delete(check)
          forget()
          resolve(ended)
        }
        waiting.add(check)
        let forget = (): void => undefined
        if (!signal.aborted) forget = onAbort(signal, check)
        check()
      }),
  }
}
type Arrival = ReturnType<typeof createArrival>

const receive = async (readable: Readable, size: number, file: TempFile, arrival: Arrival): Promise<void> => {
  try {
    for await (const chunk of readable as AsyncIterable<unknown>) {
      const bytes = bytesOf(chunk)
      if (arrival.received() + bytes.byteLength > size) {
        arrival.fail(here(sourceFailed({ reason: 'longer' })))
        return
      }
      await file.append(bytes)
      arrival.add(bytes.byteLength)
    }
    if (arrival.received() < size) arrival.fail(here(sourceFailed({ reason: 'shorter' })))
    else arrival.complete()
  } catch (error) {
    arrival.fail(DriveException.is(error) ? error.error : unreadable(error))
    readable.destroy()
  }
}

async function* bytesIn({ start, end }: ByteSpan, file: TempFile, arrival: Arrival, signal: AbortSignal) {
  let at = start
  while (at < end) {
    const ended = await arrival.until(at + 1, signal)
    if (ended !== undefined) throw new DriveException(ended)
    const piece = await file.read(at, Math.min(end, arrival.available(), at + pieceSize))
    if (piece.byteLength === 0) throw new DriveException(unreadable(undefined))
    at += piece.byteLength
    yield piece
  }
}

/**
 * A source of a stream of `size` bytes (1 or more) that is read while the stream arrives. What has arrived is kept in a temporary file, so
 * that any range of it can be read again. The whole content opens with its first byte; a part of it opens when all its bytes are there, so
 * that no request of an upload in parts waits for the stream. A stream that is longer or shorter than `size`, or that fails, fails every
 * reader with `SourceFailed` before the last byte is handed out. `dispose` destroys the stream and removes the temporary file.
 */
export const streamed = async (
  readable: Readable,
  size: number,
  dir: string,
): Promise<E.Either<DriveError, Spooled>> => {
  // An error before the file exists is found by the loop that reads the stream.
  readable.on('error', () => undefined)
  let file: TempFile
  try {
    file = await createTempFile(dir)
  } catch (error) {
    readable.destroy()
    return E.left(unreadable(error))
  }
  const arrival = createArrival(size)
  void receive(readable, size, file, arrival)
  const open: UploadSource['open'] = (span, signal) => async () => {
    if (span.start >= span.end) return E.right(Readable.from([]))
    const isWhole = span.start === 0 && span.end === size
    const ended = await arrival.until(isWhole ? 1 : span.end, signal)
    if (ended !== undefined) return E.left(ended)
    const bytes = bytesIn(span, file, arrival, signal)
    return E.right(Readable.from(bytes, { objectMode: false, highWaterMark: pieceSize }))
  }
  const dispose = async () => {
    arrival.fail(here(aborted({ effect: 'none' })))
    readable.destroy()
    await file.dispose()
  }
  return E.right({ size, open, dispose })
}
