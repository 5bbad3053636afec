// What each item of a batch came to: answers put to their items, read one by one, and told exactly.
import { parentOf, type DrivePath, type Entry, type Fault, type RawOutcome } from '@anydrive/core'
import { redact } from '@anydrive/http'
import * as E from 'fp-ts/Either'
import type { Smh } from '../src/context'
import { claimed, eachOf, namedExactly, placedOutcomes, removedOutcomes } from '../src/outcomes'
import type { BatchItem } from '../src/wire'
import { at } from './harness'

const { signal } = new AbortController()
const item = (from: string, to: string) => ({ from: at(from), to: at(to), conflict: 'ask' as const })
const items = [item('a', 'x'), item('b', 'y')]
const paths = [at('x'), at('y')]
const placed = (answers: ReadonlyArray<BatchItem>, echo = false) => placedOutcomes(items, answers, echo)
const removed = (answers: ReadonlyArray<BatchItem>) => removedOutcomes(paths, answers)
const faultsOf = (outcomes: ReadonlyArray<RawOutcome<unknown>>) =>
  outcomes.map((outcome) => (outcome.status === 'failed' ? outcome.fault : outcome.status))

describe('the status of an item', () => {
  test.each<[number, string]>([
    [199, 'UnexpectedResponse'],
    [200, 'done'],
    [299, 'done'],
    [300, 'UnexpectedResponse'],
  ])('%s is %s', (status, told) => {
    const [first] = placed([{ status }, { status: 204 }])
    expect(first?.status === 'failed' ? first.fault._tag : first?.status).toBe(told)
  })

  test('a failure was attempted, and keeps the status, the code and what was said, without secrets', () => {
    const message = 'refused https://x.example/f?access_token=hush1234567890'
    const [first] = placed([{ status: 403, code: 'NoPermission', message }, { status: 204 }])
    expect(first).toMatchObject({ status: 'failed', attempted: true })
    expect(faultsOf(first === undefined ? [] : [first])[0]).toStrictEqual({
      _tag: 'Forbidden',
      http: 403,
      code: 'NoPermission',
      said: redact(message),
    })
    expect(redact(message)).not.toContain('hush')
  })

  test.each<[string, object]>([
    ['left out', {}],
    ['null', { code: null, message: null }],
  ])('a code and a message that are %s are not told', (_how, more) => {
    expect(faultsOf(placed([{ status: 403, ...more }]))[0]).toStrictEqual({ _tag: 'Forbidden', http: 403 })
  })

  test('404 without a code is the parent of what is placed, and the source of what is removed', () => {
    expect(faultsOf(placed([{ status: 404 }]))[0]).toMatchObject({ _tag: 'NotFound', what: 'parent' })
    expect(faultsOf(removed([{ status: 404 }]))[0]).toMatchObject({ _tag: 'NotFound', what: 'source' })
  })

  test('a path that is none is a failure of its item alone', () => {
    expect(placed([{ status: 200, path: ['a/b'] }, { status: 204 }])).toMatchObject([
      { status: 'failed', attempted: true, fault: { _tag: 'UnexpectedResponse' } },
      { status: 'done', path: 'y', how: 'as-asked' },
    ])
  })

  test('items that were not answered are Indeterminate, and say where to look', () => {
    const nobody = {
      status: 'failed',
      attempted: true,
      fault: { _tag: 'Indeterminate', check: expect.stringMatching(/^source and target of this item/) as unknown },
    }
    expect(placed([])).toStrictEqual([nobody, nobody])
    expect(removed([])).toStrictEqual([nobody, nobody])
  })

  test.each<[string, boolean, object, object]>([
    ['asked for and told', true, { moveAuthority: false }, { moveAuthority: false }],
    ['asked for and not told', true, {}, {}],
    ['asked for and null', true, { moveAuthority: null }, {}],
    ['not asked for', false, { moveAuthority: true }, {}],
  ])('permissions %s', (_name, echo, more, told) => {
    expect(placed([{ status: 204, ...more }], echo)[0]).toStrictEqual({
      status: 'done',
      path: 'x',
      how: 'as-asked',
      ...told,
    })
  })
})

describe('answers are put to their items', () => {
  const renamed = (outcomes: ReadonlyArray<RawOutcome<{ readonly path: string }>>) =>
    outcomes.map((outcome) => (outcome.status === 'done' ? outcome.path : outcome.fault._tag))
  const first = { status: 200, path: ['1'] }
  const second = { status: 200, path: ['2'] }

  test.each<[string, ReadonlyArray<BatchItem>, ReadonlyArray<string>]>([
    [
      'by their echoes',
      [
        { ...first, to: ['y'] },
        { ...second, to: ['x'] },
      ],
      ['2', '1'],
    ],
    ['in order where one echoes nothing', [{ ...first, to: ['y'] }, second], ['1', '2']],
    [
      'in order where null is echoed',
      [
        { ...first, to: ['y'] },
        { ...second, to: null },
      ],
      ['1', '2'],
    ],
    [
      'in order where one echo is of no item',
      [
        { ...first, to: ['y'] },
        { ...second, to: ['z'] },
      ],
      ['1', '2'],
    ],
    [
      'in order where two echo the same',
      [
        { ...first, to: ['y'] },
        { ...second, to: ['y'] },
      ],
      ['1', '2'],
    ],
    ['in order where answers are missing', [{ ...first, to: ['y'] }], ['1', 'Indeterminate']],
    [
      'in order where there are more answers than items',
      [
        { ...first, to: ['y'] },
        { ...second, to: ['x'] },
        { status: 204, to: ['z'] },
      ],
      ['1', '2'],
    ],
  ])('%s', (_name, answers, expected) => {
    expect(renamed(placed(answers))).toStrictEqual(expected)
  })

  test('an echo is the whole path', () => {
    const deep = [item('a', 'd/x'), item('b', 'd/y')]
    const answers = [
      { ...first, to: ['d', 'y'] },
      { ...second, to: ['d', 'x'] },
    ]
    expect(renamed(placedOutcomes(deep, answers, false))).toStrictEqual(['2', '1'])
  })

  test('two that are asked to go to one name are told apart by their order', () => {
    const twice = [item('a', 'x'), item('b', 'x')]
    const answers: ReadonlyArray<BatchItem> = [
      { status: 200, to: ['x'], path: ['x'] },
      { status: 200, to: ['x'], path: ['x (1)'] },
    ]
    expect(placedOutcomes(twice, answers, false)).toMatchObject([{ path: 'x' }, { path: 'x (1)' }])
  })

  test('removals echo the path that was removed', () => {
    expect(
      removed([
        { status: 204, path: ['y'] },
        { status: 200, path: ['x'], recycledItemId: 7 },
      ]),
    ).toStrictEqual([
      { status: 'done', path: 'x', how: 'trashed' },
      { status: 'done', path: 'y', how: 'erased' },
    ])
  })
})

test.each<[BatchItem, string]>([
  [{ status: 200 }, 'trashed'],
  [{ status: 200, recycledItemId: null }, 'trashed'],
  [{ status: 200, recycledItemId: 7 }, 'trashed'],
  [{ status: 204, recycledItemId: 7 }, 'trashed'],
  [{ status: 204 }, 'erased'],
  [{ status: 204, recycledItemId: null }, 'erased'],
])('of a removal answered %j the entry is %s', (answer, how) => {
  expect(removed([answer])[0]).toStrictEqual({ status: 'done', path: 'x', how })
})

describe('looks at each item', () => {
  const numbers = [...Array(20).keys()]

  test('come in order, each with its place, and at most eight at once', async () => {
    let running = 0
    let most = 0
    const looked = await eachOf(numbers, (n, i) => async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      return E.right([n, i])
    })()
    expect(looked).toStrictEqual(E.right(numbers.map((n) => [n, n])))
    expect(most).toBe(8)
  })

  test('of exactly eight items, no ninth is looked at', async () => {
    const seen: Array<unknown> = []
    await eachOf(numbers.slice(0, 8), (n) => () => {
      seen.push(n)
      return Promise.resolve(E.right(n))
    })()
    expect(seen).toStrictEqual(numbers.slice(0, 8))
  })

  test('end with the first fault', async () => {
    const seen: Array<number> = []
    const fault: Fault = { _tag: 'Forbidden' }
    const looked = await eachOf(numbers, (n) => () => {
      seen.push(n)
      return Promise.resolve(n === 3 ? E.left(fault) : E.right(n))
    })()
    expect(looked).toStrictEqual(E.left(fault))
    expect(seen).toHaveLength(8)
  })
})

describe('after a repetition', () => {
  const done = { status: 'done', path: at('x'), how: 'as-asked' } as const
  const failed = (fault: Fault): RawOutcome<never> => ({ status: 'failed', attempted: true, fault })
  const claim = async (outcome: RawOutcome<object>, verdict: RawOutcome<object> | 'absent' | 'unknown') => {
    let looks = 0
    const verdictOf = () => () => {
      looks++
      return Promise.resolve(E.right(verdict))
    }
    return { told: await claimed(['x'], [outcome], verdictOf)(), looks }
  }

  test.each<[string, Fault]>([
    ['a name that is taken', { _tag: 'NameConflict' }],
    ['a source that is gone', { _tag: 'NotFound', what: 'source' }],
  ])('%s is ours where the look says so', async (_name, fault) => {
    expect(await claim(failed(fault), done)).toStrictEqual({ told: E.right([done]), looks: 1 })
    for (const verdict of ['absent', 'unknown', failed({ _tag: 'Forbidden' })] as const)
      expect((await claim(failed(fault), verdict)).told).toStrictEqual(E.right([failed(fault)]))
  })

  test('what is done, and what failed for another reason, is not looked at', async () => {
    expect(await claim(done, 'absent')).toStrictEqual({ told: E.right([done]), looks: 0 })
    const refused = failed({ _tag: 'Forbidden' })
    expect(await claim(refused, done)).toStrictEqual({ told: E.right([refused]), looks: 0 })
  })
})

describe('what exactly an item failed of', () => {
  const file: Entry = { kind: 'file', path: at('p'), name: 'p', size: 1, checksums: {} }
  const smhWith = (sources: Readonly<Record<string, Entry>>, blocking: E.Either<Fault, Fault | undefined>) => {
    const asked: Array<string> = []
    const looks = {
      find: (path: DrivePath, _signal: AbortSignal, space = 'own') => {
        asked.push(`find ${space} ${path}`)
        return () => Promise.resolve(E.right(sources[path]))
      },
      blocker: (path: DrivePath) => {
        asked.push(`blocker ${parentOf(path)}`)
        return () => Promise.resolve(blocking)
      },
    }
    return { smh: { looks } as unknown as Smh, asked }
  }
  const failing = (fault: Fault) => ({ status: 'failed', attempted: true, fault }) as const
  const conflict = failing({ _tag: 'NameConflict', http: 409 })
  const parentGone = failing({ _tag: 'NotFound', what: 'parent', http: 404 })
  const wrong: Fault = { _tag: 'WrongKind', expected: 'directory', at: at('p') }
  const told = async (
    { smh }: ReturnType<typeof smhWith>,
    outcomes: Parameters<ReturnType<typeof namedExactly>>[0],
    of: Parameters<typeof namedExactly>[1] = [item('a', 'p/x'), item('b', 'p/y')],
  ) => namedExactly(smh, of, signal)(outcomes)()

  test('a file among the parents is told, after one look a directory', async () => {
    const world = smhWith({}, E.right(wrong))
    expect(await told(world, [conflict, conflict])).toStrictEqual(E.right([failing(wrong), failing(wrong)]))
    expect(world.asked).toStrictEqual(['blocker p'])
  })

  test('a name that is taken stays one, where nothing blocks and where nobody can tell', async () => {
    expect(await told(smhWith({}, E.right(undefined)), [conflict])).toStrictEqual(E.right([conflict]))
    expect(await told(smhWith({}, E.left({ _tag: 'Forbidden' })), [conflict])).toStrictEqual(E.right([conflict]))
  })

  test('404 without a code is the source, if that is gone', async () => {
    const world = smhWith({ b: file }, E.right(undefined))
    expect(await told(world, [parentGone, parentGone])).toStrictEqual(
      E.right([failing({ _tag: 'NotFound', what: 'source', http: 404 }), parentGone]),
    )
    expect(world.asked).toStrictEqual(['find own a', 'find own b'])
  })

  test('the source is looked for where it is', async () => {
    const world = smhWith({}, E.right(undefined))
    await told(world, [parentGone], [{ ...item('a', 'x'), fromSpace: 'other' }])
    expect(world.asked).toStrictEqual(['find other a'])
  })

  test('a code decides, and nothing is looked for; nor for what is done or failed otherwise', async () => {
    const world = smhWith({}, E.right(wrong))
    const outcomes = [
      failing({ _tag: 'NotFound', what: 'parent', code: 'DirectoryNotFound' }),
      failing({ _tag: 'NotFound', what: 'source' }),
      failing({ _tag: 'Forbidden' }),
      { status: 'done', path: at('x'), how: 'as-asked' } as const,
    ]
    const of = ['1', '2', '3', '4'].map((name) => item(name, `p/${name}`))
    expect(await told(world, outcomes, of)).toStrictEqual(E.right(outcomes))
    expect(world.asked).toStrictEqual([])
  })
})
