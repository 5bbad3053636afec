// Several at a time, one at a time by key, and one run shared by all who ask for the same.
import type { DriveError, Fault } from '@anydrive/core'
import { aborted, onAbort, type RawResult } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'

/** Runs `run` on every item, at most `limit` at once; the results are in the order of the items. Rejects with the first rejection. */
export const mapLimit = async <A, B>(
  items: ReadonlyArray<A>,
  limit: number,
  run: (item: A, index: number) => Promise<B>,
): Promise<ReadonlyArray<B>> => {
  const results: Array<B> = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await run(item, index)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results
}

/** As `mapLimit`, for results that can be a left: the left of the lowest index, or all values. After a left no further item is started. */
export const mapLimitEither = async <A, B, Err>(
  items: ReadonlyArray<A>,
  limit: number,
  run: (item: A, index: number) => Promise<E.Either<Err, B>>,
): Promise<E.Either<Err, ReadonlyArray<B>>> => {
  let failed = false
  const results = await mapLimit(items, limit, async (item, index) => {
    if (failed) return undefined
    const result = await run(item, index)
    failed ||= E.isLeft(result)
    return result
  })
  const values: Array<B> = []
  for (const result of results) {
    if (result === undefined) continue
    if (E.isLeft(result)) return result
    values.push(result.right)
  }
  return E.right(values)
}

/** In the order in which the keys first occur. */
export const groupBy = <A>(items: ReadonlyArray<A>, keyOf: (item: A) => string): ReadonlyArray<ReadonlyArray<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return [...groups.values()]
}

/** Tasks of one key run one after another, in the order in which they were started; those of other keys do not wait. */
export type KeyedMutex = <A>(key: string, task: RawResult<A>) => RawResult<A>

export const keyedMutex = (): KeyedMutex => {
  const last = new Map<string, Promise<unknown>>()
  return (key, task) => async () => {
    const before = last.get(key)
    const own = before === undefined ? task() : before.then(task, task)
    last.set(key, own)
    try {
      return await own
    } finally {
      if (last.get(key) === own) last.delete(key)
    }
  }
}

interface Flight<A> {
  readonly controller: AbortController
  readonly result: Promise<E.Either<Fault | DriveError, A>>
  waiting: number
}

/**
 * Joins the run of this key, or starts one. A caller whose signal aborts gets `Aborted` (effect `none`) at once; the run's own signal aborts
 * when no caller waits any more.
 */
export type SingleFlight<A> = (
  key: string,
  signal: AbortSignal,
  run: (signal: AbortSignal) => RawResult<A>,
) => RawResult<A>

export const singleFlight = <A>(): SingleFlight<A> => {
  const flights = new Map<string, Flight<A>>()
  const end = (key: string, flight: Flight<A>): void => {
    if (flights.get(key) === flight) flights.delete(key)
  }
  const start = (key: string, run: (signal: AbortSignal) => RawResult<A>): Flight<A> => {
    const controller = new AbortController()
    const flight: Flight<A> = {
      controller,
      waiting: 0,
      result: run(controller.signal)().finally(() => end(key, flight)),
    }
    flights.set(key, flight)
    return flight
  }
  return (key, signal, run) => () =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        resolve(E.left(aborted({ effect: 'none' })))
        return
      }
      const flight = flights.get(key) ?? start(key, run)
      flight.waiting += 1
      const forget = onAbort(signal, () => {
        flight.waiting -= 1
        if (flight.waiting === 0) {
          end(key, flight)
          flight.controller.abort()
        }
        resolve(E.left(aborted({ effect: 'none' })))
      })
      flight.result.then((result) => {
        forget()
        resolve(result)
      }, reject)
    })
}
