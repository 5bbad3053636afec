// One run for all who ask for the same thing while it runs; it is ended when all of them have gone.
import { aborted, type Answered, type DriveError, type Fault } from '@anydrive/core'
import * as E from 'fp-ts/Either'

type Outcome<A> = E.Either<Fault | DriveError, A>

interface Flight<A> {
  readonly controller: AbortController
  readonly result: Promise<Outcome<A>>
  waiting: number
}

/** `Aborted` as soon as the signal aborts, whatever becomes of the promise. */
export const unlessAborted = <A>(
  signal: AbortSignal,
  promise: Promise<Outcome<A>>,
  left?: () => void,
): Promise<Outcome<A>> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      left?.()
      resolve(E.left(aborted({ effect: 'none' })))
    }
    if (signal.aborted) {
      stop()
      return
    }
    signal.addEventListener('abort', stop, { once: true })
    promise.then((outcome) => {
      signal.removeEventListener('abort', stop)
      resolve(outcome)
    }, reject)
  })

export interface Flights<A> {
  /** Joins the flight of this key, or starts one. */
  readonly join: (key: string, signal: AbortSignal, run: (signal: AbortSignal) => Answered<A>) => Answered<A>
}

export const createFlights = <A>(): Flights<A> => {
  const flights = new Map<string, Flight<A>>()
  const start = (key: string, run: (signal: AbortSignal) => Answered<A>): Flight<A> => {
    const controller = new AbortController()
    const flight: Flight<A> = {
      controller,
      waiting: 0,
      result: run(controller.signal)().finally(() => {
        if (flights.get(key) === flight) flights.delete(key)
      }),
    }
    flights.set(key, flight)
    return flight
  }
  return {
    join: (key, signal, run) => () => {
      const flight = flights.get(key) ?? start(key, run)
      flight.waiting += 1
      return unlessAborted(signal, flight.result, () => {
        flight.waiting -= 1
        if (flight.waiting > 0) return
        if (flights.get(key) === flight) flights.delete(key)
        flight.controller.abort()
      })
    },
  }
}
