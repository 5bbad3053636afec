// A body on its way in, as a source that a drive can open: it reads what is here already, and waits for the rest.
import { DriveException, type ByteSpan, type DriveError, type UploadSource } from '@anydrive/core'
import { locate, sourceFailed } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import { Readable } from 'node:stream'
import { createStore, type BodyStore, type Spool } from './body-store'
import { patience } from './patience'

export interface Arriving {
  readonly source: UploadSource
  /** Frees what was kept; call it when the upload has ended, however it did. */
  readonly dispose: () => Promise<void>
}
export interface ArrivingOptions extends Spool {
  readonly size: number
  /** The drive may open the source again, or at several places at once: what has passed is kept. */
  readonly keep: boolean
  /** Before the first byte is read; a drive that refuses early never opens its source. */
  readonly begin: () => void
}

/** Bytes that the client may be ahead of the drive. */
const ahead = 4 * 1024 * 1024
const piece = 256 * 1024
/** Bytes of a body that nobody wants any more; a client that sends more is cut off. */
const mostIgnored = 256 * 1024 * 1024

interface Bell {
  readonly ring: () => void
  readonly heard: () => Promise<void>
}
const createBell = (): Bell => {
  let waiting: Array<() => void> = []
  return {
    ring: () => {
      const all = waiting
      waiting = []
      for (const wake of all) wake()
    },
    heard: () =>
      new Promise((wake) => {
        waiting.push(wake)
      }),
  }
}

const errorOf = (reason: 'shorter' | 'longer' | 'unreadable'): DriveError =>
  locate({ vendor: 'anydrive', operation: 'source' })(sourceFailed({ reason }))
const failure = (reason: 'shorter' | 'longer' | 'unreadable'): DriveException => new DriveException(errorOf(reason))

/** The body is read only as far as the drive asks, and `ahead` beyond that. */
export const arriving = (body: Readable, { size, keep, memory, dir, begin }: ArrivingOptions): Arriving => {
  const keeps = keep || size <= memory
  const store = createStore({ memory: keeps ? memory : Number.POSITIVE_INFINITY, dir })
  const bell = createBell()
  let [wanted, pumping, closed] = [0, false, false]
  let failed: unknown

  /** What comes after the drive has given up is read all the same: the client may hear nothing before it has sent all. */
  const fill = async (): Promise<void> => {
    let ignored = 0
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      if (closed) ignored += chunk.byteLength
      else await store.append(chunk)
      bell.ring()
      while (!closed && store.end() >= wanted + ahead) await bell.heard()
      if (ignored > mostIgnored) return
    }
    if (store.end() < size) failed = failure('shorter')
  }
  const pump = (): void => {
    if (pumping) return
    pumping = true
    begin()
    void fill()
      .catch(() => {
        failed ??= failure('unreadable')
      })
      .finally(() => {
        bell.ring()
      })
  }

  const want = (at: number): void => {
    if (at <= wanted) return
    wanted = at
    bell.ring()
  }
  const more = async (): Promise<void> => {
    const timer = setTimeout(() => {
      failed ??= failure('unreadable')
      body.destroy()
      bell.ring()
    }, patience)
    await bell.heard()
    clearTimeout(timer)
  }

  async function* bytes({ start, end }: ByteSpan): AsyncGenerator<Uint8Array, void> {
    pump()
    for (let at = start; at < end;) {
      want(at)
      if (at < store.start()) throw failure('unreadable')
      const here = Math.min(end, store.end(), at + piece)
      if (here > at) {
        const chunk = await store.read(at, here)
        at += chunk.byteLength
        if (!keeps) store.drop(at)
        yield chunk
      } else if (failed !== undefined || closed) throw failed instanceof Error ? failed : failure('unreadable')
      else await more()
    }
  }

  return {
    source: {
      size,
      open: (span) => () =>
        Promise.resolve(E.right(Readable.from(bytes(span), { objectMode: false, highWaterMark: piece }))),
    },
    dispose: async () => {
      closed = true
      bell.ring()
      await store.dispose()
    },
  }
}

async function* stored(store: BodyStore, { start, end }: ByteSpan): AsyncGenerator<Uint8Array, void> {
  for (let at = start; at < end;) {
    const chunk = await store.read(at, Math.min(end, at + piece))
    if (chunk.byteLength === 0) throw failure('unreadable')
    at += chunk.byteLength
    yield chunk
  }
}

/** A body of unknown length, once it has arrived; after a failure nothing of it is kept. */
export const arrived = async (body: Readable, spool: Spool): Promise<E.Either<DriveError, Arriving>> => {
  const store = createStore(spool)
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) await store.append(chunk)
  } catch {
    await store.dispose()
    return E.left(errorOf('unreadable'))
  }
  const open: UploadSource['open'] = (span) => () =>
    Promise.resolve(E.right(Readable.from(stored(store, span), { objectMode: false, highWaterMark: piece })))
  return E.right({ source: { size: store.end(), open }, dispose: store.dispose })
}
