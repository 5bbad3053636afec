// The clocks of one attempt: no byte for too long, too few bytes, too long in all, aborted by the caller.
import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { onAbort } from '@anydrive/kit'
import type { defaults } from './settings'

/** Emitted by a request that is destroyed before it was answered: without a socket it emits nothing of its own. */
export const endsEarly = Symbol('ends early')

type Ending = 'aborted' | 'idle' | 'slow' | 'total'
/** A stream that is `moving` has to keep the minimum rate; `waiting` for the service is bounded by the idle time; while its reader has `paused` nothing counts. */
type Phase = 'moving' | 'waiting' | 'paused'
export type Times = Pick<
  typeof defaults | Record<keyof typeof defaults, number>,
  'idleTimeout' | 'totalTimeout' | 'minimumRate'
>

export interface Exchange {
  /** Calls `then` when the exchange ends early. Answers how to forget it. */
  readonly onEnding: (then: () => void) => () => void
  readonly ending: () => Ending | undefined
  /** Whether a byte of the request may have reached the service. */
  readonly sent: () => boolean
  /** The connection had been used before, and no byte of a response came on it. */
  readonly unansweredOnKept: () => boolean
  readonly attach: (request: ClientRequest) => void
  readonly request: () => ClientRequest | undefined
  /** From here on a stream passes. */
  readonly transfer: (phase: () => Phase) => void
  readonly close: () => void
}

const bytesOf = (socket: Socket | undefined): number =>
  socket === undefined ? 0 : socket.bytesRead + socket.bytesWritten

/** A socket of the pool is connected already; a new one is once the connection (and TLS, if any) stands. */
const whenConnected = (socket: Socket & { readonly encrypted?: boolean }, then: () => void): void => {
  if (socket.connecting) socket.once(socket.encrypted === true ? 'secureConnect' : 'connect', then)
  else then()
}

/** With `total`, the whole time of waiting is limited as well. After an upload it is not: a service may take any time as long as it sends something. */
export const startExchange = (caller: AbortSignal, times: Times, total: boolean): Exchange => {
  const endings = new Set<() => void>()
  let ending: Ending | undefined
  let sent = false
  let clientRequest: ClientRequest | undefined
  let socket: Socket | undefined
  let phase: () => Phase = () => 'waiting'
  let forget: () => void = () => undefined
  let seen = 0
  let receivedBefore = 0
  let active = performance.now()
  let waiting = active
  let window = { since: active, bytes: 0 }

  const end = (why: Ending) => {
    if (ending !== undefined) return
    ending = why
    close()
    for (const then of endings) then()
    clientRequest?.emit(endsEarly)
    clientRequest?.destroy()
  }
  const tick = (): void => {
    const now = performance.now()
    const bytes = bytesOf(socket)
    const current = phase()
    if (bytes !== seen || current === 'paused') active = now
    seen = bytes
    if (current !== 'waiting') waiting = now
    if (now - active >= times.idleTimeout) end('idle')
    else if (total && now - waiting >= times.totalTimeout) end('total')
    else if (current !== 'moving') window = { since: now, bytes }
    else if (now - window.since >= times.idleTimeout) {
      if ((bytes - window.bytes) * 1000 < times.minimumRate * (now - window.since)) end('slow')
      window = { since: now, bytes }
    }
  }
  const shorter = Math.min(times.idleTimeout, times.totalTimeout)
  const ticking = setInterval(tick, Math.min(Math.max(shorter / 10, 5), 1000)).unref()
  forget = onAbort(caller, () => end('aborted'))
  const close = () => {
    clearInterval(ticking)
    forget()
  }
  return {
    onEnding: (then) => {
      endings.add(then)
      return () => endings.delete(then)
    },
    ending: () => ending,
    sent: () => sent,
    request: () => clientRequest,
    unansweredOnKept: () => clientRequest?.reusedSocket === true && socket?.bytesRead === receivedBefore,
    attach: (request) => {
      clientRequest = request
      request.once('socket', (its: Socket) => {
        socket = its
        seen = bytesOf(its)
        receivedBefore = its.bytesRead
        whenConnected(its, () => (sent = true))
      })
    },
    transfer: (itsPhase) => {
      phase = itsPhase
      active = waiting = performance.now()
      window = { since: active, bytes: bytesOf(socket) }
    },
    close,
  }
}
