// Reading what a service answers: a text of bounded length, or a stream that fails with a FaultError.
import type { Effect } from '@anydrive/core'
import { network, unexpectedResponse } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { Transform, type Readable } from 'node:stream'
import type { Exchange } from './exchange'
import { FaultError, type HttpFault } from './request'

const mebibyte = 1024 * 1024
/** Bytes of a text that are read at most: of a page of a listing, of any other success, and of a response that is no success. */
export const longestTexts = { listing: 64 * mebibyte, small: 8 * mebibyte, refusal: mebibyte / 4 } as const

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
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, longest - length))
      length += chunk.length
      if (length <= longest) continue
      if (cut) break
      return E.left(
        unexpectedResponse({ effect, issues: [{ at: '', expected: `at most ${longest} bytes`, got: 'more' }] }),
      )
    }
  } catch (error) {
    return E.left(faultOf(error))
  }
  return E.right(
    Buffer.concat(chunks)
      .toString()
      .replace(/^\uFEFF/, ''),
  )
}

/** Ends the exchange when it closes. `length`: what content-length promised. */
export const guardedStream = (
  answer: Readable,
  {
    exchange,
    length,
    faultOf,
  }: { exchange: Exchange; length: number | undefined; faultOf: (error: unknown) => HttpFault },
): Readable => {
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
  answer.once('end', () => (ended = true))
  answer.on('error', fail)
  answer.once('close', () => {
    if (!ended) fail(undefined)
  })
  const early = () => fail(undefined)
  exchange.signal.addEventListener('abort', early, { once: true })
  through.once('close', () => {
    exchange.signal.removeEventListener('abort', early)
    exchange.close()
    answer.destroy()
  })
  exchange.transfer(() => (through.writableNeedDrain ? 'paused' : 'moving'))
  return answer.pipe(through)
}
