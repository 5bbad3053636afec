// Reading what a service answers: a text of bounded length, or a stream that fails with a FaultError.
import type { Effect } from '@anydrive/core'
import { mostHeld, network, streamOfBytes, unexpectedResponse } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { IncomingMessage } from 'node:http'
import { Transform, type Readable } from 'node:stream'
import type { Exchange } from './exchange'
import { FaultError, type HttpFault } from './request'

const mebibyte = 1024 * 1024
/** Bytes of a text that are read at most: of a page of a listing, of any other success, and of a response that is no success. */
export const longestTexts = { listing: 64 * mebibyte, small: 8 * mebibyte, refusal: mebibyte / 4 } as const

/** The whole body, where it has arrived already: one read instead of many events. It has ended when this resolves, so that its connection is free. */
const readArrived = (response: IncomingMessage): Promise<Buffer | undefined> =>
  new Promise((resolve) => {
    const bytes = response.read() as Buffer | null
    response.once('end', () => {
      resolve(bytes ?? undefined)
    })
  })

/** Reads until `take` answers false, or to the end; then the stream is destroyed. Costs less than an asynchronous iterator. */
const eachChunk = (stream: Readable, take: (chunk: Buffer) => boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      if (take(chunk)) return
      stream.off('data', onData).destroy()
      resolve()
    }
    stream
      .on('data', onData)
      .once('end', resolve)
      .on('error', reject)
      .once('close', () => {
        // After an end or an error this has no effect.
        reject(new Error('closed before its end'))
      })
  })

const textOf = (bytes: Buffer | undefined): string => {
  const text = bytes?.toString() ?? ''
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** `faultOf` says why a read failed; a text that is longer than `longest` bytes is cut there, or is a fault. The stream is destroyed in every outcome. */
export const readText = async (
  stream: Readable,
  {
    effect,
    longest,
    cut,
    faultOf,
  }: {
    readonly effect: Effect
    readonly longest: number
    readonly cut: boolean
    readonly faultOf: (error: unknown) => HttpFault
  },
): Promise<E.Either<HttpFault, string>> => {
  const chunks: Array<Buffer> = []
  let length = 0
  if (stream instanceof IncomingMessage && stream.complete && stream.readableLength <= longest)
    return E.right(textOf(await readArrived(stream)))
  try {
    await eachChunk(stream, (chunk) => {
      chunks.push(chunk.subarray(0, longest - length))
      length += chunk.length
      return length <= longest
    })
  } catch (error) {
    return E.left(faultOf(error))
  }
  if (length > longest && !cut)
    return E.left(
      unexpectedResponse({ effect, issues: [{ at: '', expected: `at most ${longest} bytes`, got: 'more' }] }),
    )
  return E.right(textOf(Buffer.concat(chunks)))
}

interface Guard {
  readonly exchange: Exchange
  /** What content-length promised. */
  readonly length: number | undefined
  readonly faultOf: (error: unknown) => HttpFault
}

/** Ends the exchange when it closes. A few bytes that have all arrived are held in memory. */
export const guardedStream = (answer: Readable, guard: Guard): Readable => {
  const { exchange, length, faultOf } = guard
  const bytes = arrivedWhole(answer, length)
  if (bytes === undefined) return watched(answer, guard)
  const stream = streamOfBytes(bytes)
  exchange.onEnding(() => stream.destroy(new FaultError(faultOf(undefined))))
  exchange.transfer(() => 'paused')
  return stream.once('close', exchange.close)
}

/** All bytes of a response, where they have arrived already. */
const arrivedWhole = (answer: Readable, length: number | undefined): Buffer | undefined => {
  const isWhole = answer instanceof IncomingMessage && answer.complete && answer.readableLength === length
  return isWhole && length <= mostHeld ? ((answer.read() as Buffer | null) ?? Buffer.alloc(0)) : undefined
}

const watched = (answer: Readable, { exchange, length, faultOf }: Guard): Readable => {
  let passed = 0
  let ended = false
  const through = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      passed += chunk.length
      done(null, chunk)
    },
    flush: (done) => {
      done(
        length === undefined || passed === length
          ? null
          : new FaultError(network({ effect: 'none', code: 'CONTENT_LENGTH' })),
      )
    },
  })
  const fail = (error: unknown) => void through.destroy(new FaultError(faultOf(error)))
  // A failure before the stream is read is kept for its reader, and does not end the process.
  through.on('error', () => undefined)
  answer.once('end', () => (ended = true))
  answer.on('error', fail)
  answer.once('close', () => {
    if (!ended) fail(undefined)
  })
  exchange.onEnding(() => fail(undefined))
  through.once('close', () => {
    exchange.close()
    answer.destroy()
  })
  exchange.transfer(() => (through.writableNeedDrain ? 'paused' : 'moving'))
  return answer.pipe(through)
}
