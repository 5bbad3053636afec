// What a task of SMH comes to, in every shape of its responses.
import type { TaskRef } from '@anydrive/core'
import { at, left, right } from './harness'
import { startRecorder, type Recorder, type Reply } from './recorder'

let recorder: Recorder
beforeAll(async () => {
  recorder = await startRecorder()
})
afterAll(() => recorder.close())

const missing: Reply = [404, { code: 'FileNotFound' }]
const dir: Reply = [200, { type: 'dir' }]
const file = (inode: string): Reply => [200, { type: 'file', size: 1, crc64: '7', inode }]
const started: Reply = [202, { taskId: 7 }]
const ended = (task: object): Reply => [200, [{ taskId: 7, ...task }]]

describe('the copy of a directory', () => {
  const copied = (conflict: 'ask' | 'rename', task: object, ...more: ReadonlyArray<Reply>) => {
    recorder.script(started, ended(task), ...more)
    return recorder.open().copyDir(at('a'), at('x'), { conflict })
  }

  test.each([
    ['ask', 200, { path: ['x'] }, 'x'],
    ['rename', 200, { path: ['x (1)'] }, 'x (1)'],
    ['rename', 200, [{ path: ['x (1)'] }], 'x (1)'],
    ['rename', 200, [{ status: 200, path: ['x (1)'] }], 'x (1)'],
    ['ask', 200, {}, 'x'],
    ['ask', 204, undefined, 'x'],
    ['ask', 200, null, 'x'],
    ['ask', 200, [], 'x'],
  ] as const)('under %s, %d with %j', async (conflict, status, result, path) => {
    expect(await right(copied(conflict, { status, result }))).toMatchObject({ path })
  })

  test.each([{}, null, undefined, []])('under rename without a path (%j) its name is not known', async (result) => {
    expect(await left(copied('rename', { status: 200, result }))).toMatchObject({
      _tag: 'Indeterminate',
      likely: 'done',
    })
  })

  const results = [undefined, null, {}, { path: ['x'] }, [], [{ path: ['x'] }]]
  test.each([207, 300, 400, 500].flatMap((status) => results.map((result) => [status, result] as const)))(
    '%d with %j failed; what exists at the target is a part of it',
    async (status, result) => {
      expect(await left(copied('ask', { status, result }, dir))).toMatchObject({ _tag: 'TaskFailed', partial: 'x' })
      const error = await left(copied('ask', { status, result }, missing))
      expect(error._tag).toBe('TaskFailed')
      if (JSON.stringify(result ?? {}).includes('x')) expect(error).toMatchObject({ partial: 'x' })
      else expect(error).not.toHaveProperty('partial')
    },
  )

  test.each([102, 201, 203, 206].flatMap((status) => [undefined, { path: ['x'] }].map((r) => [status, r] as const)))(
    'the undocumented state %d with %j is neither done nor failed',
    async (status, result) => {
      expect(await left(copied('ask', { status, result }))).toMatchObject({ _tag: 'Indeterminate', http: status })
    },
  )

  test('an item that was refused says why, unless a part of the copy exists', async () => {
    const item = { status: 207, result: [{ status: 404, code: 'SourceDirectoryNotFound' }] }
    expect(await left(copied('ask', item, missing))).toMatchObject({ _tag: 'NotFound', what: 'source' })
    expect(await left(copied('ask', item, dir))).toMatchObject({ _tag: 'TaskFailed', partial: 'x' })
    const taken = { status: 207, result: [{ status: 409, code: 'SameNameDirectoryOrFileExists' }] }
    expect(await left(copied('ask', taken, dir))).toMatchObject({ _tag: 'NameConflict' })
  })
})

describe('a batch', () => {
  const items = [
    { from: at('a'), to: at('x') },
    { from: at('b'), to: at('y') },
  ]
  const result = (first: object, second: object) => [
    { ...{ status: 204, from: ['a'], to: ['x'] }, ...first },
    { ...{ status: 204, from: ['b'], to: ['y'] }, ...second },
  ]

  test.each([200, 207, 400, 500])('%d with results: each item by its own', async (status) => {
    recorder.script(started, ended({ status, result: result({}, { status: 403 }).reverse() }))
    expect(await right(recorder.open().batchMove(items))).toMatchObject({
      outcomes: [
        { status: 'done', path: 'x' },
        { status: 'failed', attempted: true, error: { _tag: 'Forbidden' } },
      ],
    })
  })

  test('204 without results is done; under rename its names are not known', async () => {
    recorder.script(started, ended({ status: 204 }))
    const [first, second] = items
    if (first === undefined || second === undefined) throw new Error('two items')
    expect(await right(recorder.open().batchMove([first, { ...second, conflict: 'rename' }]))).toMatchObject({
      outcomes: [
        { status: 'done', path: 'x' },
        { status: 'failed', error: { _tag: 'Indeterminate', likely: 'done' } },
      ],
    })
  })

  test.each([200, 207, 500])('%d without results: each item is what is seen of it', async (status) => {
    recorder.script(started, ended({ status, result: null }), ...[missing, file('2'), file('1'), missing])
    expect(await right(recorder.open({ http: { concurrency: 1 } }).batchMove(items))).toMatchObject({
      outcomes: [
        { status: 'failed', error: { _tag: 'Indeterminate', likely: 'done', found: { path: 'x' } } },
        { status: 'failed', error: { _tag: 'Unavailable', effect: 'none', http: status } },
      ],
    })
  })

  test('removals', async () => {
    const paths = [at('a'), at('b')]
    recorder.script(
      started,
      ended({
        status: 207,
        result: [
          { status: 404, path: ['b'] },
          { status: 200, path: ['a'] },
        ],
      }),
    )
    expect(await right(recorder.open().batchRemove(paths))).toMatchObject({
      outcomes: [
        { status: 'done', how: 'trashed' },
        { status: 'failed', error: { _tag: 'NotFound' } },
      ],
    })
    recorder.script(started, ended({ status: 204 }), [400, { code: 'RecycleBinNotEnabled' }])
    expect(await right(recorder.open().batchRemove(paths))).toMatchObject({
      outcomes: paths.map(() => ({ status: 'done', how: 'erased' })),
    })
    recorder.script(started, ended({ status: 500 }), missing, file('2'))
    expect(await right(recorder.open({ http: { concurrency: 1 } }).batchRemove(paths))).toMatchObject({
      outcomes: [
        { status: 'failed', error: { _tag: 'Indeterminate', likely: 'done' } },
        { status: 'failed', error: { _tag: 'Unavailable', effect: 'none' } },
      ],
    })
  })

  test('after a request whose outcome is unknown, a refusal may be that request’s work', async () => {
    const refusals = result({ status: 404, code: 'SourceFileNotFound' }, { status: 403, code: 'NoPermission' })
    recorder.script(
      ...[[503, ''] as const, file('1'), file('2'), missing, missing, started],
      ...[ended({ status: 207, result: refusals }), missing, file('2'), file('1'), missing],
    )
    expect(await right(recorder.open({ http: { concurrency: 1 } }).batchMove(items))).toMatchObject({
      outcomes: [
        { status: 'failed', error: { _tag: 'Indeterminate', likely: 'done', found: { path: 'x' } } },
        { status: 'failed', error: { _tag: 'Forbidden' } },
      ],
    })
  })
})

describe('which task the response is about', () => {
  const ref: TaskRef = {
    ...{ vendor: 'tencent-smh', operation: 'copyDir' },
    state: { from: 'a', to: 'x', task: { task: '7', items: [{ from: 'a', to: 'x', conflict: 'ask' }] } },
  }
  test.each([
    [
      'the one of its id',
      [
        { taskId: 8, status: 500 },
        { id: '7', status: 202 },
      ],
      true,
    ],
    ['the only one, without an id', [{ status: 202 }], true],
    ['one of another id', [{ taskId: 8, status: 202 }], false],
    ['two without an id', [{ status: 202 }, { status: 202 }], false],
    ['none', [], false],
  ])('%s', async (_name, tasks, isKnown) => {
    recorder.script([200, tasks])
    const answer = await recorder.open().task(ref)()
    expect(answer).toMatchObject(
      isKnown ? { right: { status: 'running' } } : { left: { _tag: 'NotFound', what: 'task' } },
    )
  })

  test.each([404, 400])('a refusal with %d is a task that is not known', async (status) => {
    recorder.script([status, { code: 'SomethingNew', requestId: 'r' }])
    expect(await left(recorder.open().task(ref))).toMatchObject({
      ...{ _tag: 'NotFound', what: 'task', http: status, code: 'SomethingNew', requestId: 'r' },
    })
  })

  test.each([null, {}, { task: 7 }, { task: '7' }, { task: '7', items: [] }, 'text'])(
    'a state that is not ours: %j',
    async (task) => {
      recorder.script(ended({ status: 202 }))
      const state = { from: 'a', to: 'x', task }
      const answer = await recorder.open().task({ ...ref, state })()
      const isKnown = JSON.stringify(task).includes('items')
      expect(answer).toMatchObject(
        isKnown ? { right: { status: 'running' } } : { left: { _tag: 'NotFound', what: 'task' } },
      )
    },
  )
})
