// The rules of doubt, as a table: what each outcome of a request and each finding of a lookup come to.
import { mayHaveHappened, type DirEntry, type Fault } from '@anydrive/core'
import {
  aborted,
  forbidden,
  nameConflict,
  network,
  notFound,
  rateLimited,
  taskFailed,
  timeout,
  unavailable,
  unexpectedResponse,
} from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import {
  attempt,
  attemptItems,
  neverAborted,
  timersOf,
  type Attempt,
  type Failure,
  type Finding,
  type Repeat,
  type Sent,
} from '../src'

const timers = timersOf({ now: () => 1000, random: () => 0, delay: () => Promise.resolve() })
const found: DirEntry = { kind: 'directory', path: 'a' as DirEntry['path'], name: 'a' }
const issues = [{ at: '', expected: 'JSON', got: 'string' }]

const unknowns: ReadonlyArray<readonly [string, Fault]> = [
  ['no response', network({ effect: 'unknown', code: 'ECONNRESET' })],
  ['a time-out', timeout({ effect: 'unknown' })],
  ['500', unavailable({ effect: 'unknown', http: 500 })],
  ['502', unavailable({ effect: 'unknown', http: 502 })],
  ['503', unavailable({ effect: 'unknown', http: 503 })],
  ['504', unavailable({ effect: 'unknown', http: 504 })],
  ['a cut 2xx', unexpectedResponse({ effect: 'unknown', http: 201, issues })],
]
const refusals: ReadonlyArray<readonly [string, Fault]> = [
  ['a taken name', nameConflict()],
  ['a missing source', notFound({ what: 'source' })],
  ['no permission', forbidden({ http: 403 })],
  ['too many requests', rateLimited({ http: 429 })],
  ['a connection refused', network({ effect: 'none', code: 'ECONNREFUSED' })],
  ['an abort before sending', aborted({ effect: 'none' })],
]

type Step = Failure | string

/** Sends answer these steps one after the other, lookups these findings; the rest is counted. */
const run = async (
  repeat: Repeat,
  steps: ReadonlyArray<Step>,
  findings: ReadonlyArray<Finding<string>> = [],
  options: Partial<Attempt<string, Finding<string>>> = {},
) => {
  let sends = 0
  let lookups = 0
  const known: Array<Sent> = []
  const result = await attempt<string, Finding<string>>({
    repeat,
    send: (sent) => () => {
      known.push(sent)
      const step = steps[sends++]
      if (step === undefined) throw new Error('sent once too often')
      return Promise.resolve(typeof step === 'string' ? E.right(step) : E.left(step))
    },
    lookup: () => () => {
      const finding = findings[lookups++]
      if (finding === undefined) throw new Error('looked up once too often')
      return Promise.resolve(E.right(finding))
    },
    proof: (seen) => seen,
    check: '/a',
    signal: neverAborted,
    timers,
    ...options,
  })()
  return { result, sends, lookups, known }
}
const done = (value: string): Finding<string> => ({ is: 'done', value })
const notDone: Finding<string> = { is: 'not-done' }

describe('a refusal', () => {
  test.each(refusals)('%s is final: nothing is looked up, nothing repeated', async (_, fault) => {
    for (const repeat of ['always', 'if-not-done', 'never'] as const) {
      const { result, sends, lookups } = await run(repeat, [fault])
      expect(result).toEqual(E.left(fault))
      expect([sends, lookups]).toEqual([1, 0])
    }
  })

  test.each(refusals)('%s after an unknown outcome is looked up', async (_, fault) => {
    const lost = network({ effect: 'unknown' })
    const ours = await run('if-not-done', [lost, fault], [notDone, done('first')])
    expect(ours.result).toEqual(E.right('first'))
    const older = await run(
      'if-not-done',
      [lost, fault],
      [notDone, { is: 'refused', fault: nameConflict({ existing: found }) }],
    )
    expect(older.result).toEqual(E.left(nameConflict({ existing: found })))
    const unproven = await run('if-not-done', [lost, fault], [notDone, { is: 'unproven', found, likely: 'done' }])
    expect(unproven.result).toMatchObject(E.left({ _tag: 'Indeterminate', found, likely: 'done' }))
  })

  test('after a 500 that had no effect is what it says', async () => {
    const { result } = await run(
      'if-not-done',
      [unavailable({ effect: 'unknown', http: 500 }), forbidden()],
      [notDone, notDone],
    )
    expect(result).toEqual(E.left(forbidden()))
  })

  test('after a time-out whose effect may still come is no proof', async () => {
    const { result } = await run('if-not-done', [timeout({ effect: 'unknown' }), rateLimited()], [notDone, notDone])
    expect(result).toMatchObject(E.left({ _tag: 'Indeterminate', likely: 'not-done' }))
  })
})

describe.each(unknowns)('after %s', (_, fault) => {
  test('an idempotent request is repeated without a lookup', async () => {
    const { result, sends, lookups, known } = await run('always', [fault, 'second'])
    expect(result).toEqual(E.right('second'))
    expect([sends, lookups]).toEqual([2, 0])
    expect(known.map(({ unknown }) => unknown)).toEqual([false, true])
  })

  test('what is proved is the answer', async () => {
    for (const repeat of ['if-not-done', 'never'] as const) {
      const { result, sends } = await run(repeat, [fault], [done('ours')])
      expect(result).toEqual(E.right('ours'))
      expect(sends).toBe(1)
    }
  })

  test('what is excluded is the refusal', async () => {
    const conflict = nameConflict({ existing: found })
    const { result, sends } = await run('if-not-done', [fault], [{ is: 'refused', fault: conflict }])
    expect(result).toEqual(E.left(conflict))
    expect(sends).toBe(1)
  })

  test('what is not proved is Indeterminate, with what was found', async () => {
    const { result, sends } = await run('if-not-done', [fault], [{ is: 'unproven', found, likely: 'done' }])
    expect(result).toMatchObject(E.left({ _tag: 'Indeterminate', check: '/a', found, likely: 'done' }))
    expect(sends).toBe(1)
  })

  test('a lookup that fails leaves it Indeterminate', async () => {
    const { result, sends } = await run('if-not-done', [fault], [], {
      lookup: () => () => Promise.resolve(E.left(unavailable({ effect: 'none' }))),
    })
    expect(result).toMatchObject(E.left({ _tag: 'Indeterminate', check: '/a' }))
    expect(sends).toBe(1)
  })

  test('it is repeated where the service lets only one of two win', async () => {
    const { result, sends } = await run('if-not-done', [fault, 'second'], [notDone])
    expect(result).toEqual(E.right('second'))
    expect(sends).toBe(2)
  })

  test('it is never repeated where a second request has an effect of its own', async () => {
    const { result, sends } = await run('never', [fault], [notDone])
    expect(result).toMatchObject(E.left({ _tag: 'Indeterminate', likely: 'not-done' }))
    expect(sends).toBe(1)
  })

  test('the last failure is definite only where nothing can still come', async () => {
    const { result, sends } = await run('if-not-done', [fault, fault, fault], [notDone, notDone, notDone])
    const mayStillCome = ['Network', 'Timeout'].includes(fault._tag) || fault.http === 502 || fault.http === 504
    expect(sends).toBe(3)
    expect(E.isLeft(result) && mayHaveHappened(result.left)).toBe(mayStillCome)
    if (!mayStillCome) expect(result).toEqual(E.left({ ...fault, effect: 'none' }))
  })

  test('an abort ends it: one lookup, nothing more is sent', async () => {
    const controller = new AbortController()
    const { result, sends, lookups } = await run('if-not-done', [fault], [notDone], {
      signal: controller.signal,
      proof: (seen) => {
        controller.abort()
        return seen
      },
    })
    expect([sends, lookups]).toEqual([1, 1])
    expect(result).toMatchObject(E.left({ _tag: 'Aborted' }))
  })
})

test('what a step has found out by itself is handed on', async () => {
  for (const fault of [taskFailed(), { _tag: 'Indeterminate', check: '/b' } as const]) {
    const { result, lookups } = await run('if-not-done', [fault])
    expect(result).toEqual(E.left(fault))
    expect(lookups).toBe(0)
  }
})

describe('a request of many items', () => {
  const lost = unavailable({ effect: 'unknown', http: 504 })
  type Item = 'done' | 'not-done' | 'refused' | 'unproven'
  const items = async (
    kinds: ReadonlyArray<Item>,
    second?: ReadonlyArray<{ status: 'done' } | { status: 'failed'; fault: Fault }>,
  ) => {
    let sends = 0
    const result = await attemptItems<Item, { readonly path: string }, Item>({
      items: kinds,
      send: () => () => {
        sends++
        return Promise.resolve(
          sends === 1 || second === undefined
            ? E.left(lost)
            : E.right(second.map((o) => (o.status === 'done' ? { ...o, path: 'sent' } : o))),
        )
      },
      repeat: () => 'if-not-done',
      lookup: (item) => () => Promise.resolve(E.right(item)),
      proof: (item) =>
        item === 'done'
          ? { is: 'done', value: { path: 'found' } }
          : item === 'refused'
            ? { is: 'refused', fault: nameConflict() }
            : item === 'not-done'
              ? notDone
              : { is: 'unproven', found },
      check: 'the items',
      checkItem: (item) => `/${item}`,
      signal: neverAborted,
      timers,
      attempts: 2,
    })()
    return { result, sends }
  }

  test('is answered item by item where some were done', async () => {
    const { result, sends } = await items(['done', 'not-done', 'refused', 'unproven'])
    expect(sends).toBe(1)
    expect(result).toMatchObject(
      E.right([
        { status: 'done', path: 'found' },
        { status: 'failed', fault: { _tag: 'Indeterminate', likely: 'not-done', check: '/not-done' } },
        { status: 'failed', fault: { _tag: 'NameConflict' } },
        { status: 'failed', fault: { _tag: 'Indeterminate', found } },
      ]),
    )
  })

  test('is sent again where none was done, and its refusals are looked up', async () => {
    const { result, sends } = await items(
      ['not-done', 'refused'],
      [{ status: 'done' }, { status: 'failed', fault: notFound({ what: 'source' }) }],
    )
    expect(sends).toBe(2)
    expect(result).toMatchObject(
      E.right([
        { status: 'done', path: 'sent' },
        { status: 'failed', fault: { _tag: 'NameConflict' } },
      ]),
    )
  })

  test('is a left only where nothing can have been changed', async () => {
    const { result } = await items(['not-done', 'not-done'])
    expect(E.isLeft(result) && result.left).toMatchObject({ _tag: 'Indeterminate', likely: 'not-done' })
  })
})
