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
    signal.addEventListener('abort', stop)
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
  /** Nobody joins it any more; another one of this key flies on. */
  const end = (key: string, flight: Flight<A>): void => {
    if (flights.get(key) === flight) flights.delete(key)
  }
  const start = (key: string, run: (signal: AbortSignal) => Answered<A>): Flight<A> => {
    const controller = new AbortController()
    const flight: Flight<A> = {
      controller,
      waiting: 0,
      result: run(controller.signal)().finally(() => end(key, flight)),
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
        end(key, flight)
        flight.controller.abort()
      })
    },
  }
}
