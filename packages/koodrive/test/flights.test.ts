// One run for all who ask at the same time, and leaving it.
import * as E from 'fp-ts/Either'
import { createFlights, unlessAborted } from '../src/flights'

const never = new AbortController().signal
const gone = E.left({ _tag: 'Aborted', effect: 'none' })

/** Flights that land only when told to, whatever becomes of their signals. */
const airport = () => {
  const flights = createFlights<string>()
  const started: Array<{ readonly signal: AbortSignal; readonly land: (text: string) => void }> = []
  const join = (signal: AbortSignal, key = 'k') =>
    flights.join(key, signal, (own) => () => {
      let land: (text: string) => void = () => undefined
      const landed = new Promise<E.Either<never, string>>((resolve) => {
        land = (text) => resolve(E.right(text))
      })
      started.push({ signal: own, land })
      return landed
    })()
  return { join, started }
}

test('all who ask while one flies share it, and one who leaves does not end it', async () => {
  const { join, started } = airport()
  const leaving = new AbortController()
  const [first, second] = [join(leaving.signal), join(never)]
  leaving.abort()
  expect(await first).toStrictEqual(gone)
  expect(started[0]?.signal.aborted).toBe(false)
  started[0]?.land('here')
  expect(await second).toEqual(E.right('here'))
  expect(started).toHaveLength(1)
})

test('another key is another flight, and after the landing there is a new one', async () => {
  const { join, started } = airport()
  const both = [join(never), join(never, 'other')]
  started.forEach(({ land }, i) => land(String(i)))
  expect(await Promise.all(both)).toEqual([E.right('0'), E.right('1')])
  void join(never)
  expect(started).toHaveLength(3)
})

test('when all have gone it is ended, and the next one starts anew, however long the first one goes on', async () => {
  const { join, started } = airport()
  const leaving = [new AbortController(), new AbortController()]
  const first = Promise.all(leaving.map(({ signal }) => join(signal)))
  for (const one of leaving) one.abort()
  expect(await first).toStrictEqual([gone, gone])
  expect(started[0]?.signal.aborted).toBe(true)
  const second = join(never)
  expect(started).toHaveLength(2)
  started[0]?.land('late')
  await new Promise(setImmediate)
  const third = join(never)
  expect(started).toHaveLength(2)
  started[1]?.land('new')
  expect(await Promise.all([second, third])).toEqual([E.right('new'), E.right('new')])
})

test('who has left before does not wait, and gets nothing', async () => {
  expect(await unlessAborted(AbortSignal.abort(), Promise.resolve(E.right('here')))).toStrictEqual(gone)
})

test('who leaves later does not wait either', async () => {
  const leaving = new AbortController()
  const waiting = unlessAborted(leaving.signal, new Promise<E.Either<never, string>>(() => undefined))
  leaving.abort()
  expect(await waiting).toStrictEqual(gone)
})

test('who has what was waited for does not leave any more', async () => {
  const { join, started } = airport()
  const late = new AbortController()
  const first = join(late.signal)
  started[0]?.land('here')
  expect(await first).toEqual(E.right('here'))
  void join(never)
  late.abort()
  expect(started.map(({ signal }) => signal.aborted)).toEqual([false, false])
})
