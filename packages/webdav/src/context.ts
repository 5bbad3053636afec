// What all operations of one drive share.
import { aborted, type Answered, type LogEvent, type Surroundings } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Alone } from './alone'
import type { DavApi } from './api'
import type { Listings } from './listing'
import type { Looks } from './looks'
import type { ServerTraits } from './settings'

export interface Dav {
  readonly api: DavApi
  readonly looks: Looks
  readonly listings: Listings
  readonly server: ServerTraits
  readonly surroundings: Surroundings
  readonly alone: Alone
  readonly log: (event: LogEvent) => void
}

/** Milliseconds for a step that was begun to be finished, looked at or undone after the caller gave up. */
const grace = 15_000

/** For steps that are to be done even if the caller gives up. */
export const ownSignal = (): AbortSignal => AbortSignal.timeout(grace)

/** The caller's signal, and once it has aborted a short one of our own. */
export const lasting = (signal: AbortSignal): AbortSignal => (signal.aborted ? ownSignal() : signal)

/**
 * A short request that changes something: not begun once the caller has given up, but finished once it was begun, so that what stands is known.
 */
export const committed =
  <A>(signal: AbortSignal, step: (own: AbortSignal) => Answered<A>): Answered<A> =>
  async () => {
    if (signal.aborted) return E.left(aborted({ effect: 'none' }))
    const own = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const end = () => {
      timer = setTimeout(() => own.abort(), grace)
    }
    signal.addEventListener('abort', end, { once: true })
    try {
      return await step(own.signal)()
    } finally {
      signal.removeEventListener('abort', end)
      clearTimeout(timer)
    }
  }
