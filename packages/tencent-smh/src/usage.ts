// usage: what the space holds, and may hold.
import type { Optional, Usage } from '@anydrive/core'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Asked } from './api'
import type { Smh } from './context'
import { toSize } from './translate'
import type { Text } from './wire'

const usageOf = (size: Text | null | undefined, capacity: Text | null | undefined): Usage => {
  const used = toSize(size)
  const most = toSize(capacity)
  return { ...(used === undefined ? {} : { used }), ...(most === undefined ? {} : { capacity: most }) }
}

/** The quota is for administrators to see; the size of the space is for everybody. */
export const usage =
  (smh: Smh): Optional['usage'] =>
  ({ signal }) =>
    pipe(
      smh.api.usage(signal),
      TE.map((spaces) => {
        const own = spaces.find(({ spaceId }) => spaceId === (smh.settings.spaceId ?? '-')) ?? spaces[0]
        return usageOf(own?.size, own?.capacity)
      }),
      TE.orElse((fault): Asked<Usage> =>
        fault._tag === 'Forbidden'
          ? pipe(
              smh.api.spaceSize(signal),
              TE.map(({ size }) => usageOf(size, undefined)),
            )
          : TE.left(fault),
      ),
    )
