// The body of one attempt: opened, measured, and destroyed in every outcome.
import { aborted, bytesHeld, sourceFailed } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { Readable } from 'node:stream'
import { passThrough } from '@anydrive/kit'
import type { Exchange } from './exchange'
import { printJson } from './json'
import type { HttpBody, HttpFault, OpenBody } from './request'

export interface SentBody {
  readonly data: Buffer | Readable | undefined
  readonly length: number | undefined
  readonly type: string | false
  /** What was wrong with the source, once something was. */
  readonly failure: () => HttpFault | undefined
  readonly finished: () => boolean
  readonly destroy: () => void
}

const still = { failure: () => undefined, finished: () => true, destroy: () => undefined }
const none: SentBody = { ...still, data: undefined, length: undefined, type: false }
const buffered = (text: string, type: string | false): SentBody => {
  const data = Buffer.from(text)
  return { ...still, data, length: data.length, type }
}

type Failure = { readonly _tag: string; readonly message?: string }

/** A source's own fault of the transport's kinds stays what it is. */
const faultOfSource = (failure: Failure): HttpFault =>
  failure._tag === 'SourceFailed' || failure._tag === 'Aborted'
    ? (failure as HttpFault)
    : sourceFailed({
        reason: 'unreadable',
        code: failure._tag,
        ...(failure.message === undefined ? {} : { said: failure.message }),
      })

const unreadable = (error: unknown): HttpFault => {
  const code = (error as { readonly code?: unknown } | null)?.code
  return sourceFailed({ reason: 'unreadable', ...(typeof code === 'string' ? { code } : {}) })
}

/** Settles when the exchange ends, even if the source does not; a stream that comes too late is destroyed. */
const opened = (open: OpenBody, exchange: Pick<Exchange, 'onEnding'>): Promise<E.Either<HttpFault, Readable>> =>
  new Promise((resolve) => {
    const controller = new AbortController()
    const { signal } = controller
    const stream = async (): Promise<E.Either<HttpFault, Readable>> => {
      const source = open(signal)
      return source instanceof Readable ? E.right(source) : E.mapLeft(faultOfSource)(await source())
    }
    exchange.onEnding(() => {
      controller.abort()
      resolve(E.left(aborted({ effect: 'none' })))
    })
    const settle = (result: E.Either<HttpFault, Readable>) => {
      if (signal.aborted && E.isRight(result)) result.right.destroy()
      resolve(result)
    }
    stream().then(settle, (error: unknown) => settle(E.left(unreadable(error))))
  })

/** Bytes that are in memory and have the declared size are sent as they are. */
const given = (source: Readable, size: number, type: string | false): SentBody => {
  const held = bytesHeld(source)
  return held?.byteLength === size
    ? {
        ...still,
        data: Buffer.from(held.buffer, held.byteOffset, size),
        length: size,
        type,
        destroy: () => source.destroy(),
      }
    : streamed(source, size, type)
}

const streamed = (source: Readable, size: number, type: string | false): SentBody => {
  let failure: HttpFault | undefined
  let over = false
  const fail = (fault: HttpFault) => {
    if (!over) failure ??= fault
  }
  source.once('error', (error) => fail(unreadable(error)))
  const exact = passThrough(source, {
    exactly: size,
    onWrongLength: (reason) => {
      fail(sourceFailed({ reason }))
      return new Error(`the source is ${reason} than its declared size`)
    },
  })
  exact.once('end', () => (over = true))
  exact.on('error', (error) => fail(unreadable(error)))
  return {
    data: exact,
    length: size,
    type,
    failure: () => failure,
    finished: () => over,
    destroy: () => {
      over = true
      exact.destroy()
    },
  }
}

/** Left: the source could not be opened; nothing was sent. */
export const openBody = async (
  body: HttpBody | undefined,
  exchange: Pick<Exchange, 'onEnding'>,
): Promise<E.Either<HttpFault, SentBody>> => {
  if (body === undefined) return E.right(none)
  if ('json' in body) return E.right(buffered(printJson(body.json), 'application/json'))
  if ('text' in body) return E.right(buffered(body.text, body.type))
  return E.map((source: Readable) => given(source, body.size, body.type))(await opened(body.stream, exchange))
}
