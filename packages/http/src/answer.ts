// Reading what a service answers: a text of bounded length, or a stream that fails with a FaultError.
import { network, unexpectedResponse, type Effect } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { Transform, type Readable } from 'node:stream'
import type { Exchange } from './exchange'
import { FaultError, type HttpFault } from './request'

export const longestText = 64 * 1024 * 1024

/** `faultOf` says why a read failed; the stream is destroyed in every outcome. */
export const readText = async (
  stream: Readable,
  effect: Effect,
  faultOf: (error: unknown) => HttpFault,
): Promise<E.Either<HttpFault, string>> => {
  const chunks: Array<Buffer> = []
  let length = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > longestText)
        return E.left(
          unexpectedResponse({ effect, issues: [{ at: '', expected: `at most ${longestText} bytes`, got: 'more' }] }),
        )
      chunks.push(chunk)
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
