// A file's bytes on their way to the caller: resumed when the stream breaks, counted, and verified before the end.
import * as E from 'fp-ts/Either'
import { Readable } from 'node:stream'
import {
  aborted,
  locate,
  network,
  rangeNotSatisfiable,
  retryAdvice,
  unexpectedResponse,
  type DriveError,
  type Fault,
  type Where,
} from './errors'
import { DriveException, faultOf } from './exception'
import type { Opened } from './operations'
import type { Scope } from './scope'
import type { ByteRange, ByteSpan, FileContent } from './source'

const attempts = 5
const firstWait = 200

interface Reading {
  readonly where: Where
  readonly opened: Opened
  readonly range: ByteSpan
  readonly scope: Scope
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Clipped to the size; a start at or past the end is refused, but for the start of an empty file. */
const clip = (range: ByteRange, size: number): E.Either<Fault, ByteSpan> => {
  const { start, end = size } = range
  const whole = Number.isSafeInteger(start) && start >= 0 && Number.isSafeInteger(end) && end >= start
  if (!whole || (start >= size && !(start === 0 && size === 0))) return E.left(rangeNotSatisfiable({ size }))
  return E.right({ start, end: Math.min(end, size) })
}

async function* bytesOf(reading: Reading, first: Readable | undefined): AsyncGenerator<Uint8Array, void> {
  const { where, opened, range, scope, delay } = reading
  const failure = (fault: Fault | DriveError) => new DriveException(locate(where)(fault))
  const verifier = range.start === 0 && range.end === opened.entry.size ? opened.verifier?.() : undefined
  let at = range.start
  let source = first
  let failures = 0
  while (at < range.end) {
    let fault: Fault | DriveError = network({ said: 'the download ended early' })
    try {
      if (source !== undefined)
        for await (const chunk of source as AsyncIterable<Uint8Array>) {
          at += chunk.byteLength
          if (at > range.end) {
            const got = 'more bytes'
            throw failure(unexpectedResponse({ issues: [{ at: 'content', expected: 'the size told', got }] }))
          }
          verifier?.update(chunk)
          failures = 0
          yield chunk
        }
    } catch (error) {
      fault = faultOf(error)
    }
    // An adapter may find only after the last byte that the file was changed while it was read.
    if (at === range.end && retryAdvice(fault) === 'later') break
    source = undefined
    failures += 1
    if (scope.signal.aborted) throw failure(aborted({ effect: 'none' }))
    if (retryAdvice(fault) !== 'later' || failures > attempts) throw failure(fault)
    await delay(firstWait * 2 ** (failures - 1), scope.signal)
    const again = await opened.open(at, scope.signal)()
    if (E.isRight(again)) source = again.right
    else if (retryAdvice(again.left) !== 'later') throw failure(again.left)
  }
  const wrong = verifier?.verdict()
  if (wrong !== undefined) throw failure(wrong)
}

/** Opens the first stream at once, so that what can be known early is a left and not a broken stream. */
export const contentOf = async (
  where: Where,
  opened: Opened,
  asked: ByteRange,
  how: Pick<Reading, 'scope' | 'delay'>,
): Promise<E.Either<Fault | DriveError, FileContent>> => {
  const clipped = clip(asked, opened.entry.size)
  if (E.isLeft(clipped)) return clipped
  const range = clipped.right
  const first = range.start === range.end ? E.right(undefined) : await opened.open(range.start, how.scope.signal)()
  if (E.isLeft(first)) return first
  // It may fail before the caller reads, when nobody listens yet; whoever reads is told all the same.
  first.right?.on('error', () => undefined)
  const reading: Reading = { where, opened, range, ...how }
  const stream = Readable.from(bytesOf(reading, first.right), { objectMode: false, highWaterMark: 256 * 1024 })
  stream.once('close', () => {
    first.right?.destroy()
    how.scope.end()
  })
  return E.right({ stream, size: opened.entry.size, range, entry: opened.entry })
}
