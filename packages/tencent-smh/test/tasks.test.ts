// What has become of a task: whom SMH's answer is about, what each item came to, and what is said where it tells nothing.
import {
  nameOf,
  type DrivePath,
  type Entry,
  type Fault,
  type Json,
  type ResolvedItem,
  type TaskOperation,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import type { Smh } from '../src/context'
import { copyDirTask, placingTask, removingTask, taskIdOf } from '../src/task-state'
import { task } from '../src/tasks'
import type { Task } from '../src/wire'
import { at } from './harness'

const file = (path: string): Entry => ({
  ...{ kind: 'file', path: at(path), name: nameOf(at(path)), size: 1, checksums: { crc64xz: '0000000000000001' } },
})
const dir = (path: string): Entry => ({ kind: 'directory', path: at(path), name: nameOf(at(path)) })
const call = { signal: new AbortController().signal }

/** A service with these tasks, on which these entries stand. */
const serviceOf = (tasks: ReadonlyArray<Task> | Fault, standing: ReadonlyArray<Entry> = []) => {
  const asked: Array<string> = []
  const smh = {
    api: {
      task: (id: string) => {
        asked.push(id)
        return () => Promise.resolve('_tag' in tasks ? E.left(tasks) : E.right(tasks))
      },
      recycleBin: () => () => Promise.resolve(E.right({})),
    },
    looks: {
      find: (path: DrivePath, _signal: AbortSignal, space?: string) => () => {
        asked.push(`${path}${space === undefined ? '' : ` of ${space}`}`)
        return Promise.resolve(E.right(standing.find((entry) => entry.path === path)))
      },
      blocker: () => () => Promise.resolve(E.right(undefined)),
      list: () => () => Promise.resolve(E.right({ items: standing })),
    },
  } as unknown as Smh
  return { smh, asked }
}
const look = (
  operation: TaskOperation,
  state: Json,
  tasks: ReadonlyArray<Task> | Fault,
  standing?: ReadonlyArray<Entry>,
) => task(serviceOf(tasks, standing).smh)(operation, state, call as Parameters<ReturnType<typeof task>>[2])()

const item = (from: string, to: string, conflict: ResolvedItem['conflict'] = 'ask'): ResolvedItem => ({
  ...{ from: at(from), to: at(to), conflict },
})
const once = { echo: false, repeated: false }
const again = { echo: false, repeated: true }
const items = [item('a', 'x'), item('b', 'y')]
const moving = placingTask('7', items, once)
const settled = (result: unknown) => E.right({ status: 'settled', result })
const failed = (fault: object) => E.right({ status: 'failed', fault })
const itemFailed = (fault: object) => ({ status: 'failed', attempted: true, fault })
const done = (path: string) => ({ status: 'done', path, how: 'as-asked' })
const unknownTask = E.left({ _tag: 'NotFound', what: 'task' })
const doubt = itemFailed({ _tag: 'Indeterminate', check: 'source and target of this item' })
const running = E.right({ status: 'running' })

test('a state keeps what is needed, and no more', () => {
  const elsewhere = { ...item('a', 'x', 'rename'), fromSpace: 'other' }
  const kept = { from: 'a', to: 'x', conflict: 'rename', fromSpace: 'other' }
  expect(copyDirTask('7', { ...elsewhere, more: 1 } as ResolvedItem, false)).toStrictEqual({ task: '7', item: kept })
  expect(copyDirTask('7', elsewhere, true)).toStrictEqual({ task: '7', item: kept, repeated: true })
  expect(placingTask('7', [item('a', 'x')], once)).toStrictEqual({
    task: '7',
    items: [{ from: 'a', to: 'x', conflict: 'ask' }],
  })
  expect(placingTask('7', [], { echo: true, repeated: true })).toStrictEqual({
    task: '7',
    items: [],
    echo: true,
    repeated: true,
  })
  const how = { permanent: true, repeated: false }
  expect(removingTask('7', [at('x')], how)).toStrictEqual({ task: '7', paths: ['x'], permanent: true })
  expect(removingTask('7', [], { permanent: false, repeated: true })).toStrictEqual({
    ...{ task: '7', paths: [], permanent: false, repeated: true },
  })
})

test('the id of a task by either name, as text', () => {
  const ids = [
    { taskId: 7 },
    { id: '8' },
    { taskId: '7', id: '8' },
    { taskId: null, id: 0 },
    { taskId: '' },
    { id: null },
    {},
  ]
  expect(ids.map(taskIdOf)).toStrictEqual(['7', '8', '7', '0', undefined, undefined, undefined])
})

describe('which task the answer is about', () => {
  test.each<readonly [string, ReadonlyArray<Task>, unknown]>([
    [
      'the one of this id',
      [
        { status: 400, taskId: 8 },
        { status: 202, taskId: 7 },
      ],
      running,
    ],
    ['the only one, unnamed', [{ status: 202 }], running],
    ['one of another id', [{ status: 202, taskId: 8 }], unknownTask],
    ['two unnamed', [{ status: 202 }, { status: 202 }], unknownTask],
    ['none', [], unknownTask],
  ])('%s', async (_name, tasks, told) => {
    expect(await look('batchMove', moving, tasks)).toStrictEqual(told)
    expect(await look('batchRemove', removingTask('7', [], { permanent: true, repeated: false }), tasks)).toStrictEqual(
      told,
    )
    expect(await look('copyDir', copyDirTask('7', item('a', 'x'), false), tasks)).toStrictEqual(told)
  })

  test.each([404, 400])('a refusal with %d is a task that is not known; what was said is kept', async (http) => {
    expect(await look('batchMove', moving, { _tag: 'Unavailable', http, code: 'C', said: 'S' })).toStrictEqual(
      E.left({ _tag: 'NotFound', what: 'task', http, code: 'C', said: 'S' }),
    )
  })

  test('another refusal is told as it is', async () => {
    const fault: Fault = { _tag: 'Forbidden', http: 403 }
    expect(await look('batchMove', moving, fault)).toStrictEqual(E.left(fault))
  })

  test.each<TaskOperation>(['batchMove', 'batchCopy', 'batchRemove', 'copyDir'])(
    'a state of %s that does not decode is a task that is not known, and nobody is asked',
    async (operation) => {
      const service = serviceOf([{ status: 202 }])
      expect(
        await task(service.smh)(operation, { task: 7 }, call as Parameters<ReturnType<typeof task>>[2])(),
      ).toStrictEqual(unknownTask)
      expect(service.asked).toStrictEqual([])
    },
  )
})

describe('a move or a copy of many', () => {
  test('each item by its own answer', async () => {
    const result = [{ status: 200, path: ['x (1)'] }, { status: 403 }]
    expect(await look('batchMove', moving, [{ status: 207, result }])).toStrictEqual(
      settled([{ status: 'done', path: 'x (1)', how: 'renamed' }, itemFailed({ _tag: 'Forbidden', http: 403 })]),
    )
  })

  test('permissions are told only where they were asked for', async () => {
    const result = [{ status: 204, moveAuthority: true }]
    const [only] = items
    if (only === undefined) throw new Error('an item')
    expect(await look('batchMove', placingTask('7', [only], once), [{ status: 200, result }])).toStrictEqual(
      settled([done('x')]),
    )
    expect(
      await look('batchMove', placingTask('7', [only], { ...once, echo: true }), [{ status: 200, result }]),
    ).toStrictEqual(settled([{ ...done('x'), moveAuthority: true }]))
  })

  test('a source that is gone is the first call’s work only after a repetition', async () => {
    const result = [{ status: 404, code: 'FileNotFound' }, { status: 204 }]
    const gone = itemFailed({ _tag: 'NotFound', what: 'source', http: 404, code: 'FileNotFound' })
    const standing = [file('x')]
    expect(await look('batchMove', moving, [{ status: 207, result }], standing)).toStrictEqual(
      settled([gone, done('y')]),
    )
    expect(await look('batchMove', placingTask('7', items, again), [{ status: 207, result }], standing)).toStrictEqual(
      settled([done('x'), done('y')]),
    )
    expect(await look('batchCopy', placingTask('7', items, again), [{ status: 207, result }], standing)).toStrictEqual(
      settled([gone, done('y')]),
    )
  })

  const only = placingTask('7', [item('a', 'x')], once)
  test.each<readonly [string, TaskOperation, number, ReadonlyArray<Entry>, object]>([
    ['moved', 'batchMove', 200, [file('x')], done('x')],
    ['copied, not moved', 'batchCopy', 200, [file('a'), file('x')], done('x')],
    [
      'in the way, not moved',
      'batchMove',
      200,
      [file('a'), file('x')],
      itemFailed({ _tag: 'NameConflict', existing: file('x') }),
    ],
    ['not moved although it ended well', 'batchMove', 200, [file('a')], doubt],
    ['not moved although it ended well', 'batchMove', 399, [file('a')], doubt],
    ['not moved, and it ended badly', 'batchMove', 400, [file('a')], itemFailed({ _tag: 'TaskFailed' })],
    ['not moved, and it ended badly', 'batchMove', 500, [file('a')], itemFailed({ _tag: 'TaskFailed' })],
  ])('without a result the ends tell: %s (%s, %d)', async (_name, operation, status, standing, told) => {
    expect(await look(operation, only, [{ status }], standing)).toStrictEqual(settled([told]))
    expect(await look(operation, only, [{ status, result: null }], standing)).toStrictEqual(settled([told]))
    expect(await look(operation, only, [{ status, result: [{ path: ['x'] }] }], standing)).toStrictEqual(
      settled([told]),
    )
  })

  test('a source of another space is looked for there', async () => {
    const service = serviceOf([{ status: 200 }])
    const state = placingTask('7', [{ ...item('a', 'x'), fromSpace: 'other' }], once)
    await task(service.smh)('batchMove', state, call as Parameters<ReturnType<typeof task>>[2])()
    expect(service.asked).toStrictEqual(['7', 'a of other', 'x'])
  })

  test('where the ends tell nothing either, it is in doubt', async () => {
    const renaming = placingTask('7', [item('a', 'x', 'rename')], once)
    expect(await look('batchMove', renaming, [{ status: 500 }])).toStrictEqual(settled([doubt]))
  })
})

describe('a removal of many', () => {
  const state = (repeated: boolean, permanent = false) => removingTask('7', [at('x'), at('y')], { permanent, repeated })

  test('each item by its own answer', async () => {
    const result = [{ status: 200, recycledItemId: 1 }, { status: 404 }]
    expect(await look('batchRemove', state(false), [{ status: 207, result }])).toStrictEqual(
      settled([
        { status: 'done', path: 'x', how: 'trashed' },
        itemFailed({ _tag: 'NotFound', what: 'source', http: 404 }),
      ]),
    )
    expect(await look('batchRemove', state(true), [{ status: 207, result }])).toStrictEqual(
      settled([
        { status: 'done', path: 'x', how: 'trashed' },
        { status: 'done', path: 'y', how: 'trashed' },
      ]),
    )
  })

  test('without a result, what is gone is done', async () => {
    expect(await look('batchRemove', state(false, true), [{ status: 500 }], [file('y')])).toStrictEqual(
      settled([{ status: 'done', path: 'x', how: 'erased' }, itemFailed({ _tag: 'TaskFailed' })]),
    )
    expect(await look('batchRemove', state(false, true), [{ status: 200 }], [file('y')])).toStrictEqual(
      settled([{ status: 'done', path: 'x', how: 'erased' }, doubt]),
    )
  })
})

describe('the copy of a directory', () => {
  const state = (conflict: ResolvedItem['conflict'] = 'ask', repeated = false) =>
    copyDirTask('7', item('a', 'x', conflict), repeated)
  const placed = (path: string, how: string) => settled({ path, how })
  const copied = (tasks: Task, standing?: ReadonlyArray<Entry>, of = state()) => look('copyDir', of, [tasks], standing)

  test.each<readonly [string, Task['result'], unknown]>([
    ['an object', { path: ['x (1)'] }, placed('x (1)', 'renamed')],
    ['a list of one', [{ path: ['x (1)'] }], placed('x (1)', 'renamed')],
    ['an item as of a batch', [{ status: 200, path: ['x (1)'] }], placed('x (1)', 'renamed')],
    ['an item without a path', [{ status: 204 }], placed('x', 'as-asked')],
    ['an object without a path', {}, placed('x', 'as-asked')],
    ['null', null, placed('x', 'as-asked')],
    ['nothing', undefined, placed('x', 'as-asked')],
  ])('ended with %s', async (_name, result, told) => {
    expect(await copied({ status: 200, result })).toStrictEqual(told)
    expect(await copied({ status: 299, result })).toStrictEqual(told)
  })

  test('ended with an empty list, where it is was not told', async () => {
    expect(await copied({ status: 200, result: [] })).toMatchObject({
      right: { status: 'failed', fault: { _tag: 'Indeterminate' } },
    })
  })

  test('under `rename` and without a path, it is at the name asked for unless a numbered one stands beside it', async () => {
    const renaming = state('rename')
    expect(await copied({ status: 200 }, [dir('x')], renaming)).toStrictEqual(placed('x', 'as-asked'))
    expect(await copied({ status: 200 }, [dir('x'), dir('x (1)')], renaming)).toStrictEqual(
      failed({ _tag: 'Indeterminate', check: 'the directory of /x for a copy under another name' }),
    )
    expect(await copied({ status: 200 }, [dir('x'), dir('x (1)')])).toStrictEqual(placed('x', 'as-asked'))
    expect(await copied({ status: 200, result: [{ status: 204 }] }, [dir('x'), dir('x (1)')], renaming)).toStrictEqual(
      placed('x', 'as-asked'),
    )
    expect(await copied({ status: 200, result: { path: ['x (1)'] } }, [dir('x (1)')], renaming)).toStrictEqual(
      placed('x (1)', 'renamed'),
    )
  })

  test.each([300, 400, 500])('failed with %d: what stands at the target is a part of it', async (status) => {
    expect(await copied({ status })).toStrictEqual(failed({ _tag: 'TaskFailed' }))
    expect(await copied({ status }, [dir('x')])).toStrictEqual(failed({ _tag: 'TaskFailed', partial: 'x' }))
    expect(await copied({ status }, [dir('x')], state('rename'))).toStrictEqual(failed({ _tag: 'TaskFailed' }))
  })

  test('an item that failed is told as what it is, and as partial where something stands', async () => {
    const refused: Task = { status: 200, result: [{ status: 403, code: 'NoPermission' }] }
    const said = { http: 403, code: 'NoPermission' }
    expect(await copied(refused)).toStrictEqual(failed({ _tag: 'Forbidden', ...said }))
    expect(await copied(refused, [dir('x')])).toStrictEqual(failed({ _tag: 'TaskFailed', ...said, partial: 'x' }))
    const taken: Task = { status: 200, result: [{ status: 409 }] }
    expect(await copied(taken, [dir('x')])).toStrictEqual(failed({ _tag: 'NameConflict', http: 409 }))
  })

  test('after a repetition, a copy that stands whole may be the first call’s', async () => {
    const whole = [file('a'), file('x')]
    const taken: Task = { status: 200, result: [{ status: 409 }] }
    expect(await copied(taken, whole, state('ask', true))).toStrictEqual(placed('x', 'as-asked'))
    expect(await copied(taken, whole)).toStrictEqual(failed({ _tag: 'NameConflict', http: 409 }))
    expect(await copied({ status: 500 }, [file('a')], state('ask', true))).toStrictEqual(failed({ _tag: 'TaskFailed' }))
    expect(await copied({ status: 500 }, [], state('ask', true))).toStrictEqual(failed({ _tag: 'TaskFailed' }))
  })
})
