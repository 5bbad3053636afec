// How many bytes a second pass, of all files together.
import type { UploadSource } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipeline, Transform, type Readable } from 'node:stream'
import type { MigrateOptions } from './options'

/** Resolves once so many bytes may pass. */
export type Throttle = (bytes: number, signal: AbortSignal) => Promise<void>

interface Clock {
  readonly now: () => number
  readonly delay: NonNullable<MigrateOptions['delay']>
}

/** Debt rather than tokens: what passes is paid for afterwards, so that a piece larger than a second's worth passes as well. */
export const createThrottle = (bytesPerSecond: number | (() => number), { now, delay }: Clock): Throttle => {
  const rate = typeof bytesPerSecond === 'number' ? () => bytesPerSecond : bytesPerSecond
  let paidUntil = now()
  return async (bytes, signal) => {
    const wait = paidUntil - now()
    paidUntil = Math.max(paidUntil, now()) + (bytes * 1000) / rate()
    if (wait > 0) await delay(wait, signal)
  }
}

/** The same bytes, no faster than the throttle lets them pass. */
export const slowed = (readable: Readable, throttle: Throttle | undefined, signal: AbortSignal): Readable => {
  if (throttle === undefined) return readable
  const slow = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      void throttle(chunk.byteLength, signal).then(() => {
        done(null, chunk)
      })
    },
  })
  pipeline(readable, slow, () => undefined)
  return slow
}

export const throttled = (source: UploadSource, throttle: Throttle | undefined): UploadSource =>
  throttle === undefined
    ? source
    : {
        ...source,
        open: (range, signal) => async () =>
          E.map((readable: Readable) => slowed(readable, throttle, signal))(await source.open(range, signal)()),
      }
