// What the service's clock showed when a request was sent, from the Date headers of its responses.
import type { Entry } from '@anydrive/core'
import { nameConflict } from '@anydrive/core/adapter'
import type { Finding, Sent } from './attempt'
import { dateIn } from './time'

/** Of one exchange with the service: its Date header, and the local times in milliseconds since the epoch. */
export interface Exchanged {
  readonly header: (name: string) => string | undefined
  readonly sentAt: number
  readonly receivedAt: number
}

export interface ServiceClock {
  readonly observe: (response: Exchanged) => void
  /** Whether the service created something after a request that was sent at this local time. `unclear`: too close to tell. */
  readonly compare: (created: Date | undefined, sentAt: number) => 'after' | 'before' | 'unclear'
}

/** A Date header names the second in which it was written. */
const second = 1000

/**
 * Bounds of the difference between both clocks, which each exchange narrows. `compare` never says `after` of what existed before the request,
 * nor `before` of what came later, however coarse the header is.
 */
export const serviceClock = (): ServiceClock => {
  let bounds: { readonly low: number; readonly high: number } | undefined
  return {
    observe: ({ header, sentAt, receivedAt }) => {
      const at = dateIn(header('date'))?.getTime()
      if (at === undefined) return
      const seen = { low: at - receivedAt, high: at + second - sentAt }
      const low = Math.max(seen.low, bounds?.low ?? -Infinity)
      const high = Math.min(seen.high, bounds?.high ?? Infinity)
      // A clock was set: what was known before no longer holds.
      bounds = low <= high ? { low, high } : seen
    },
    compare: (created, sentAt) => {
      if (created === undefined || bounds === undefined || Number.isNaN(created.getTime())) return 'unclear'
      const at = created.getTime()
      const resolution = at % second === 0 ? second - 1 : 0
      if (at >= sentAt + bounds.high) return 'after'
      return at + resolution < sentAt + bounds.low ? 'before' : 'unclear'
    },
  }
}

/**
 * What an entry under the requested name proves of a creation under `ask`: ours if it was created after the request, somebody else's (the name
 * was taken) if before. `created` is the service's own creation time, never a time that the caller gave.
 */
export const findingOfCreated = <A>(
  clock: ServiceClock,
  { found, created, value }: { readonly found: Entry; readonly created: Date | undefined; readonly value: A },
  sent: Sent,
): Finding<A> => {
  switch (clock.compare(created, sent.at)) {
    case 'after':
      return { is: 'done', value }
    case 'before':
      return { is: 'refused', fault: nameConflict({ existing: found }) }
    case 'unclear':
      return { is: 'unproven', found, likely: 'done' }
  }
}
