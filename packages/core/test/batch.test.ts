// Batches: what is sent together, what a left means, and which items are said to have been sent.
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import type { BatchSettled, CopyItem, DrivePath, Fault, Placed, Result } from '../src'
import {
  aborted,
  forbidden,
  indeterminate,
  network,
  notFound,
  rateLimited,
  timeout,
  unavailable,
  unexpectedResponse,
  type RawOutcome,
} from '../src/adapter'
import { capabilities, toy } from './toy'

const start = { a: '1', b: '2', c: '3', d: '4', e: '5', dir: null, 'dir/f': '6' }
const item = (from: string, to: string, rest: Omit<Partial<CopyItem>, 'from' | 'to'> = {}): CopyItem => ({
  from: from as DrivePath,
  to: to as DrivePath,
  ...rest,
})
const right = async <A>(task: Result<A>): Promise<A> => {
  const result = await task()
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}
const told = ({ outcomes }: BatchSettled<unknown, Placed>) =>
  outcomes.map((o) => (o.status === 'failed' ? `${o.error._tag} ${o.attempted}` : o.status))
const refusing = (fault: Fault, only: (items: ReadonlyArray<CopyItem>) => boolean = () => true) => {
  const it = toy(start)
  const original = it.operations.batchMove
  it.operations.batchMove = (items, call) => (only(items) ? TE.left(fault) : original(items, call))
  return it
}
const five = [item('a', 'v'), item('b', 'w'), item('c', 'x'), item('d', 'y'), item('e', 'z')]

describe('a left means that nothing can have happened', () => {
  test.each([
    forbidden(),
    rateLimited(),
    unavailable({ effect: 'none', http: 503 }),
    network({ effect: 'none' }),
    timeout({ effect: 'none' }),
    unexpectedResponse({ effect: 'none', issues: [] }),
  ])('$_tag without effect of the first request is the left', async (fault) => {
    expect(await refusing(fault).drive.batchMove(five)()).toMatchObject({ left: { _tag: fault._tag } })
  })
  test.each([
    unavailable({ effect: 'unknown', http: 504 }),
    unavailable({ effect: 'unknown', http: 500 }),
    network({ effect: 'unknown' }),
    timeout({ effect: 'unknown' }),
    unexpectedResponse({ effect: 'unknown', issues: [] }),
    indeterminate({ check: 'x' }),
  ])('$_tag with an unknown effect is Indeterminate for its items, and the rest were not sent', async (fault) => {
    const { outcomes } = await right(refusing(fault).drive.batchMove(five))
    expect(outcomes.slice(0, 2)).toMatchObject([
      { error: { _tag: 'Indeterminate' }, attempted: true },
      { error: { _tag: 'Indeterminate' }, attempted: true },
    ])
    for (const o of outcomes.slice(2)) {
      expect(o).toMatchObject({ status: 'failed', attempted: false })
      expect(o.status === 'failed' && ['Indeterminate', 'TaskFailed'].includes(o.error._tag)).toBe(false)
      expect(o.status === 'failed' && 'effect' in o.error && o.error.effect).toBe('none')
    }
  })
  test('parents that were created before a refused request make it outcomes', async () => {
    const it = refusing(forbidden())
    const settled = await right(
      it.drive.batchMove([item('a', 'n/a'), item('b', 'n/b'), item('c', 'x')], { wait: false }),
    )
    expect('outcomes' in settled && told(settled)).toEqual(['Forbidden true', 'Forbidden true', 'Forbidden false'])
    expect(it.nodes.has('n' as DrivePath)).toBe(true)
  })
  test('a defect of an adapter in a lookup does not lose what was done before', async () => {
    const it = toy(start)
    it.operations.stat = () => {
      throw new TypeError('defect')
    }
    const settled = await right(it.drive.batchMove([item('a', 'x'), item('x', 'y'), item('y', 'y')]))
    expect(told(settled)).toEqual(['done', 'done', 'Indeterminate false'])
  })
})

describe('attempted', () => {
  test('is true for a chunk that was sent and refused, false for what came after it', async () => {
    const it = refusing(forbidden(), (items) => items[0]?.from === 'c')
    expect(told(await right(it.drive.batchMove(five)))).toEqual([
      'done',
      'done',
      'Forbidden true',
      'Forbidden true',
      'Forbidden false',
    ])
  })
  test('is false for a chunk of which nothing was sent', async () => {
    const it = refusing(network({ effect: 'none' }), (items) => items[0]?.from === 'c')
    expect(told(await right(it.drive.batchMove(five))).slice(2)).toEqual(Array(3).fill('Network false'))
  })
  test('is true for items that are sent once more and refused', async () => {
    let sent = 0
    const it = refusing(forbidden(), () => ++sent === 2)
    expect(told(await right(it.drive.batchMove([item('a', 'n/a')])))).toEqual(['Forbidden true'])
  })
  test.each([
    ['a time-out', { timeout: 20 }, 'Timeout false'],
    ['an abort', {}, 'Aborted false'],
  ])('is false after %s, with the reason, for what was never sent', async (kind, options, expected) => {
    const stop = new AbortController()
    const it = toy(start)
    it.operations.batchMove =
      (_, { signal }) =>
      () =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(E.left(aborted({ effect: 'unknown' }))))
          if (kind === 'an abort') stop.abort()
        })
    const settled = await right(it.drive.batchMove(five, { ...options, signal: stop.signal }))
    const own = kind === 'an abort' ? 'Aborted true' : 'Indeterminate true'
    expect(told(settled)).toEqual([own, own, expected, expected, expected])
    for (const o of settled.outcomes.slice(2))
      expect(o.status === 'failed' && 'effect' in o.error && o.error.effect).toBe('none')
  })
  test('outcomes of items whose own effect is unknown are Indeterminate', async () => {
    const it = toy(start)
    it.operations.batchMove = () =>
      TE.right([
        { status: 'failed', fault: unavailable({ effect: 'unknown', http: 502, said: 'gateway' }) },
      ] as ReadonlyArray<RawOutcome<Placed>>)
    const { outcomes } = await right(it.drive.batchMove([item('a', 'x'), item('b', 'y')]))
    expect(outcomes).toMatchObject([
      { error: { _tag: 'Indeterminate', http: 502, said: 'gateway' } },
      { error: { _tag: 'Indeterminate' } },
    ])
  })
})

describe('items of another space', () => {
  const crossing = () => {
    const it = toy(start, { space: 'own' })
    const features = { ...capabilities.features, crossSpaceMove: true, crossSpaceCopy: true }
    Object.assign(it.drive.capabilities, { features })
    const sent: Array<ReadonlyArray<string>> = []
    it.operations.batchMove = (items) => {
      sent.push(items.map(({ from, to, fromSpace }) => `${fromSpace ?? ''}:${from}→${to}`))
      return TE.right(items.map(({ to }) => ({ status: 'done', path: to, how: 'as-asked' as const })))
    }
    return { ...it, sent }
  }
  afterAll(
    () =>
      void Object.assign(capabilities, {
        features: { ...capabilities.features, crossSpaceMove: false, crossSpaceCopy: false },
      }),
  )

  test.each([
    [[item('d/f', 'x', { fromSpace: 's2' }), item('d', 'y', { fromSpace: 's2' })], 2],
    [[item('d', 'y', { fromSpace: 's2' }), item('d/f', 'x', { fromSpace: 's2' })], 2],
    [[item('d', 'x', { fromSpace: 's2' }), item('d', 'y', { fromSpace: 's3' })], 1],
    [[item('d', 'x', { fromSpace: 's2' }), item('d', 'y')], 1],
    [[item('a', 'd', { fromSpace: 's2' }), item('d', 'y')], 2],
    [[item('d', 'x', { fromSpace: 'own' }), item('d/f', 'y')], 2],
  ])('%j go in %d requests', async (items, requests) => {
    const it = crossing()
    await right(it.drive.batchMove(items))
    expect(it.sent).toHaveLength(requests)
  })
  test('that is the drive’s own keep the rules of nesting, and the space is never sent', async () => {
    const it = crossing()
    const settled = await right(
      it.drive.batchMove([
        item('a', 'a/b', { fromSpace: 'own' }),
        item('a', 'a/b', { fromSpace: 'other' }),
        item('b', 'x', { fromSpace: 'own' }),
        item('dir', 'dir', { fromSpace: 'own' }),
      ]),
    )
    expect(told(settled)).toEqual(['NestedTarget false', 'done', 'done', 'done'])
    expect(it.sent).toEqual([['other:a→a/b', ':b→x']])
  })
})

describe('parents', () => {
  const many = ['a', 'b', 'c', 'd', 'e'].map((name) => item(name, `dir/${name}`))
  test('that are required are looked up once each, however many items need them', async () => {
    const it = toy(start, { impliedParents: ['batchMove', 'batchCopy'] })
    const settled = await right(
      it.drive.batchCopy([...many, item('a', 'none/a'), item('b', 'none/b')], { parents: 'require' }),
    )
    expect(told(settled)).toEqual([...Array<string>(5).fill('done'), 'NotFound false', 'NotFound false'])
    expect(it.calls.filter((call) => call.startsWith('stat'))).toEqual(['stat dir', 'stat none'])
  })
  test('are looked up again once an earlier item may have changed them', async () => {
    const it = toy(start, { impliedParents: ['batchMove'] })
    const items = [item('a', 'dir/a'), item('dir', 'moved'), item('b', 'dir/b'), item('c', 'moved/c')]
    expect(told(await right(it.drive.batchMove(items, { parents: 'require' })))).toEqual([
      'done',
      'done',
      'NotFound false',
      'done',
    ])
  })

  /** A service that says the same of a missing source and of a missing parent. */
  const vague = () => {
    const it = toy(start)
    const parent = { status: 'failed', fault: notFound({ what: 'parent' }) } as const
    const { batchMove, copyDir } = it.operations
    it.operations.batchMove = (items, call) =>
      TE.map((outcomes: ReadonlyArray<RawOutcome<Placed>>) =>
        outcomes.map((o) => (o.status === 'failed' && o.fault._tag === 'NotFound' ? parent : o)),
      )(batchMove(items, call) as never)
    it.operations.copyDir = (...args) =>
      TE.mapLeft((f: Fault) => (f._tag === 'NotFound' ? parent.fault : f))(copyDir(...args) as never)
    return it
  }
  test('are not created for a source that is missing', async () => {
    const it = vague()
    const settled = await right(it.drive.batchMove([item('none', 'n/x'), item('gone', 'n/y')]))
    expect(settled.outcomes).toMatchObject([
      { error: { _tag: 'NotFound', what: 'source', path: 'none' } },
      { error: { _tag: 'NotFound', what: 'source', path: 'gone' } },
    ])
    expect(await it.drive.copyDir('none' as DrivePath, 'm/x' as DrivePath)()).toMatchObject({
      left: { _tag: 'NotFound', what: 'source' },
    })
    expect(it.calls.filter((call) => call.startsWith('createDir'))).toEqual([])
  })
  test('are created for the items whose sources exist, with one lookup', async () => {
    const it = vague()
    expect(told(await right(it.drive.batchMove([item('none', 'n/x'), item('a', 'n/a')])))).toEqual([
      'NotFound true',
      'done',
    ])
    expect(told(await right(it.drive.batchMove([item('b', 'm/b'), item('c', 'm/c')])))).toEqual(['done', 'done'])
    expect(it.calls.filter((call) => call.startsWith('stat'))).toEqual(['stat none', 'stat a', 'stat b'])
    const mixed = await right(it.drive.batchMove([item('d', 'o/d'), item('nothing', 'o/n')]))
    expect(mixed.outcomes).toMatchObject([
      { status: 'done' },
      { error: { _tag: 'NotFound', what: 'source' }, attempted: true },
    ])
  })
  test('are created before a chunk that may become a task, and items without a source are not sent', async () => {
    const it = toy(start)
    const settled = await right(it.drive.batchMove([item('none', 'n/x'), item('a', 'n/a')], { wait: false }))
    expect('outcomes' in settled && told(settled)).toEqual(['NotFound false', 'done'])
    expect(it.calls).toEqual(['stat n', 'stat none', 'stat a', 'createDir n ask', 'batchMove a→n/a'])
    const none = await right(it.drive.batchMove([item('none', 'm/x')], { wait: false }))
    expect('outcomes' in none && told(none)).toEqual(['NotFound false'])
    expect(it.nodes.has('m' as DrivePath)).toBe(false)
  })
})
