// Which result of a batch belongs to which item, and what a result means.
import { toPromises, withSignal, type BatchSettled, type DrivePath } from '@anydrive/core'
import { defined } from '@anydrive/core/adapter'
import { at, right } from './harness'
import { startRecorder, type Recorder } from './recorder'

let recorder: Recorder
beforeAll(async () => {
  recorder = await startRecorder()
})
afterAll(() => recorder.close())

const stated = <I, A extends { readonly path: DrivePath }>({ outcomes }: BatchSettled<I, A>): ReadonlyArray<string> =>
  outcomes.map((o) => {
    if (o.status === 'done') return o.path
    expect(o.attempted).toBe(true)
    return o.error._tag
  })
const items = [
  { from: at('a'), to: at('x') },
  { from: at('b'), to: at('y') },
  { from: at('c'), to: at('z') },
]
const moved = (from: string, to: string, more: object = {}) => ({
  ...{ status: 204, from: from.split('/'), to: to.split('/') },
  ...more,
})
const refused = (from: string, to: string) => moved(from, to, { status: 403, code: 'NoPermission' })
const move = async (result: ReadonlyArray<object>, status = 207, batch = items) => {
  recorder.script([status, { result }])
  return stated(await right(recorder.open().batchMove(batch)))
}

describe('results are matched by the paths that they repeat', () => {
  test.each<readonly [string, ReadonlyArray<object>, ReadonlyArray<string>]>([
    ['in order', [moved('a', 'x'), refused('b', 'y'), moved('c', 'z')], ['x', 'Forbidden', 'z']],
    ['in another order', [moved('c', 'z'), moved('a', 'x'), refused('b', 'y')], ['x', 'Forbidden', 'z']],
    ['one is missing', [moved('c', 'z'), refused('b', 'y')], ['Indeterminate', 'Forbidden', 'z']],
    ['one comes twice', [moved('a', 'x'), moved('a', 'x'), refused('b', 'y')], ['x', 'Forbidden', 'Indeterminate']],
    ['another item', [moved('a', 'x'), moved('q', 'y'), moved('c', 'q')], ['x', 'Indeterminate', 'Indeterminate']],
    [
      'only the target',
      [
        { status: 204, to: ['z'] },
        { status: 204, to: ['x'] },
      ],
      ['x', 'Indeterminate', 'z'],
    ],
    ['one is silent', [{ status: 204 }, moved('a', 'x'), moved('c', 'z')], ['x', 'Indeterminate', 'z']],
    ['as texts', [{ status: 204, from: '/c', to: '/z/' }, moved('b', 'y')], ['Indeterminate', 'y', 'z']],
    ['none', [], ['Indeterminate', 'Indeterminate', 'Indeterminate']],
  ])('%s', async (_name, result, outcomes) => {
    expect(await move(result)).toEqual(outcomes)
  })

  test('by position only where none repeats a path, and there are as many results as items', async () => {
    const silent = [{ status: 204 }, { status: '403' }, { status: '204' }]
    expect(await move(silent, 200)).toEqual(['x', 'Forbidden', 'z'])
    expect(await move(silent.slice(0, 2))).toEqual(['Indeterminate', 'Indeterminate', 'Indeterminate'])
    expect(await move([...silent, { status: 204 }])).toEqual(['Indeterminate', 'Indeterminate', 'Indeterminate'])
  })

  test('an item of which two results say the contrary is not known', async () => {
    const contrary = [moved('a', 'x'), refused('b', 'y'), refused('a', 'x'), moved('c', 'z'), refused('c', 'z')]
    expect(await move(contrary)).toEqual(['Indeterminate', 'Forbidden', 'Indeterminate'])
    recorder.script([
      207,
      {
        result: [
          { status: 404, code: 'FileNotFound', path: ['a'] },
          { status: 200, path: ['a'] },
        ],
      },
    ])
    expect(stated(await right(recorder.open().batchRemove([at('a'), at('b')])))).toEqual([
      'Indeterminate',
      'Indeterminate',
    ])
  })

  test('a path in another Unicode form is the same path', async () => {
    const batch = [{ from: at('a'), to: at('caf\u00e9') }]
    expect(await move([moved('a', 'cafe\u0301')], 200, batch)).toEqual(['caf\u00e9'])
  })

  test('items that share a source or a target', async () => {
    const copies = [
      { from: at('a'), to: at('x') },
      { from: at('a'), to: at('y') },
    ]
    recorder.script([
      207,
      {
        result: [
          { status: 403, code: 'NoPermission', copyFrom: ['a'], to: ['y'] },
          { status: 204, copyFrom: ['a'], to: ['x'] },
        ],
      },
    ])
    expect(stated(await right(recorder.open().batchCopy(copies)))).toEqual(['x', 'Forbidden'])
  })

  test('removals, by the path', async () => {
    recorder.script([
      207,
      {
        result: [
          { status: 403, path: ['b'] },
          { status: 204, path: ['a'] },
        ],
      },
    ])
    expect(stated(await right(recorder.open().batchRemove([at('a'), at('b'), at('c')])))).toEqual([
      ...['a', 'Forbidden', 'Indeterminate'],
    ])
  })

  test('the paths may be long, and many', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => ({ from: at(`from/${i}`), to: at(`to/${i}`) }))
    const result = many.map(({ from, to }) => moved(from, to)).reverse()
    expect(await move(result, 200, many)).toEqual(many.map(({ to }) => to))
  })
})

describe('what a result means', () => {
  const only = [{ from: at('a'), to: at('d/x') }]

  test.each([
    ['ask', { status: 204 }, 'd/x'],
    ['ask', { status: 200 }, 'd/x'],
    ['rename', { status: 200, path: ['d', 'x (1)'] }, 'd/x (1)'],
    ['rename', { status: 200 }, 'Indeterminate'],
    ['rename', { status: 204 }, 'Indeterminate'],
    ['rename', { status: 200, path: null }, 'Indeterminate'],
    ['ask', { status: 202 }, 'Indeterminate'],
    ['ask', { status: 207 }, 'Indeterminate'],
    ['ask', { status: 302 }, 'Indeterminate'],
  ] as const)('under %s, %j', async (conflict, result, outcome) => {
    const batch = only.map((item) => ({ ...item, conflict }))
    expect(await move([{ ...moved('a', 'd/x'), ...result }], 200, batch)).toEqual([outcome])
  })

  test.each(['DirectoryNotFound', undefined])('404 %s for a missing source: no parent is created', async (code) => {
    recorder.script([207, { result: [moved('a', 'd/x', { status: 404, code })] }], [404, { code: 'FileNotFound' }])
    const { outcomes } = await right(recorder.open().batchMove(only))
    expect(outcomes).toMatchObject([{ status: 'failed', attempted: true, error: { _tag: 'NotFound', what: 'source' } }])
    expect(recorder.seen()).toHaveLength(2)
  })

  test.each(['DirectoryNotFound', undefined])('404 %s for a missing parent: it is created', async (code) => {
    recorder.script(
      [207, { result: [moved('a', 'd/x', { status: 404, code })] }],
      [200, { type: 'file', size: 1 }],
      [200, { type: 'file', size: 1 }],
      [201, { creationTime: '2025-09-29T02:53:09.000Z' }],
      [200, { result: [moved('a', 'd/x')] }],
    )
    expect(stated(await right(recorder.open().batchMove(only)))).toEqual(['d/x'])
    expect(recorder.seen()).toHaveLength(5)
  })

  test('a source of another space is looked up there, and the drive’s own space is never named', async () => {
    recorder.script([207, { result: [moved('a', 'd/x', { status: 404 })] }], [404, {}])
    await right(recorder.open().batchMove([{ from: at('a'), to: at('d/x'), fromSpace: 'other' }]))
    expect(recorder.seen()[0]?.body).toContain('"fromSpaceId":"other"')
    expect(recorder.seen()[1]?.line).toContain('/directory/smhxxxxxxxxxxxx/other/a?')
    for (const [spaceId, fromSpace] of [
      ['space1', 'space1'],
      ['-', '-'],
    ]) {
      recorder.script([200, { result: [moved('a', 'x')] }], [200, { result: [moved('a', 'y')] }])
      const drive = recorder.open(defined({ spaceId }))
      await right(drive.batchMove([{ from: at('a'), to: at('x'), fromSpace }]))
      await right(drive.batchCopy([{ from: at('a'), to: at('y'), fromSpace }]))
      for (const { body } of recorder.seen()) expect(body).not.toContain('Space')
    }
  })
})

describe('moveAuthority', () => {
  test('is each item’s own, also of one pair that comes twice', async () => {
    recorder.script(
      [200, { result: [moved('a', 'x', { moveAuthority: true })] }],
      [200, { result: [moved('a', 'x', { moveAuthority: false })] }],
    )
    const pair = { from: at('a'), to: at('x') }
    const { outcomes } = await right(
      recorder.open().smh.batchMove([
        { ...pair, moveAuthority: true },
        { ...pair, moveAuthority: false },
      ]),
    )
    expect(recorder.seen().map(({ body }) => /"moveAuthority":(\w+)/.exec(body)?.[1])).toEqual(['true', 'false'])
    expect(outcomes).toMatchObject([
      { status: 'done', moveAuthority: true, item: { moveAuthority: true } },
      { status: 'done', moveAuthority: false, item: { moveAuthority: false } },
    ])
  })

  test('is sent for the items that have it alone', async () => {
    recorder.script([200, { result: [moved('a', 'x'), moved('b', 'y'), moved('c', 'z')] }])
    await right(
      recorder.open().smh.batchMove(items.map((item, i) => (i === 1 ? { ...item, moveAuthority: true } : item))),
    )
    expect(JSON.parse(recorder.seen()[0]?.body ?? '')).toEqual([
      ...[{ from: 'a', to: 'x', conflictResolutionStrategy: 'ask' }],
      ...[{ from: 'b', to: 'y', conflictResolutionStrategy: 'ask', moveAuthority: true }],
      ...[{ from: 'c', to: 'z', conflictResolutionStrategy: 'ask' }],
    ])
  })

  test('is kept by a task’s outcomes', async () => {
    const drive = recorder.open()
    recorder.script([202, { taskId: 7 }])
    const answer = await right(
      drive.smh.batchMove([{ from: at('a'), to: at('x'), moveAuthority: true }], { wait: false, parents: 'require' }),
    )
    if (!('task' in answer)) throw new Error('a task was expected')
    const stored = JSON.parse(JSON.stringify(answer.task)) as typeof answer.task
    recorder.script([200, [{ taskId: 7, status: 200, result: [moved('a', 'x', { moveAuthority: true })] }]])
    expect(await right(drive.task(stored))).toMatchObject({
      ...{ status: 'settled' },
      result: { outcomes: [{ status: 'done', moveAuthority: true, item: { from: 'a', moveAuthority: true } }] },
    })
  })

  test('goes through whatever wraps the drive', async () => {
    const item = { from: at('a'), to: at('x'), moveAuthority: true }
    recorder.script()
    const stopped = withSignal(AbortSignal.abort())(recorder.open())
    expect(await stopped.smh.batchMove([item])()).toMatchObject({ left: { _tag: 'Aborted', effect: 'none' } })
    expect(await stopped.smh.renewToken()()).toMatchObject({ left: { _tag: 'Aborted', effect: 'none' } })
    expect(recorder.seen()).toEqual([])
    recorder.script([200, { result: [moved('a', 'x', { moveAuthority: true })] }])
    const { outcomes } = await toPromises(recorder.open()).smh.batchMove([item])
    expect(outcomes).toMatchObject([{ status: 'done', moveAuthority: true }])
  })
})
