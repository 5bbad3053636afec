// What defineDrive promises for every vendor.
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { fromBytes, isAccepted, path, root, TaskRef, type DriveError, type DrivePath, type Result } from '../src'
import { aborted, network, nameConflict, notFound, temporaryName } from '../src/adapter'
import { toy } from './toy'

const right = async <A>(task: Result<A>): Promise<A> => {
  const answer = await task()
  if (E.isLeft(answer)) throw new Error(answer.left.message)
  return answer.right
}
const left = async (task: Result<unknown>): Promise<DriveError> => {
  const answer = await task()
  if (E.isRight(answer)) throw new Error('a left was expected')
  return answer.left
}
const soon = { delay: () => Promise.resolve() }

describe('before anything is sent', () => {
  test.each([
    ['creating the root', (d: ReturnType<typeof toy>['drive']) => d.createDir(root), 'NameConflict'],
    ['copying the root', (d) => d.copyDir(root, path('x')), 'NestedTarget'],
    ['copying a directory into itself', (d) => d.copyDir(path('a'), path('a/b')), 'NestedTarget'],
    ['writing the root', (d) => d.writeFile(root, fromBytes('x')), 'NameConflict'],
    ['a forbidden character', (d) => d.createDir(path('a*b')), 'InvalidPath'],
    ['a reserved name', (d) => d.createDir(path('con')), 'InvalidPath'],
    ['a name too long', (d) => d.createDir('x'.repeat(21) as DrivePath), 'LimitExceeded'],
    ['a directory too deep', (d) => d.createDir(path('1/2/3/4/5')), 'LimitExceeded'],
    ['a file too deep', (d) => d.writeFile(path('1/2/3/4/5/6'), fromBytes('x')), 'LimitExceeded'],
    ['a file too large', (d) => d.writeFile(path('f'), fromBytes('x'.repeat(1001))), 'LimitExceeded'],
    ['trash that cannot be had', (d) => d.batchRemove([path('a')], { requireTrash: true }), 'Unsupported'],
    ['another vendor’s task', (d) => d.task({ vendor: 'x', operation: 'copyDir', state: null }), 'NotFound'],
    [
      'another vendor’s upload',
      (d) => d.writeFile(path('f'), fromBytes('x'), { resume: { vendor: 'x', state: 1 } }),
      'NotFound',
    ],
  ] as ReadonlyArray<[string, (d: ReturnType<typeof toy>['drive']) => Result<unknown>, string]>)(
    '%s is refused',
    async (_, call, tag) => {
      const { drive, calls } = toy({ a: null })
      expect((await left(call(drive)))._tag).toBe(tag)
      expect(calls).toEqual([])
    },
  )

  test('a file may lie in the deepest directory', async () => {
    const { drive } = toy()
    expect(await right(drive.writeFile(path('1/2/3/4/f'), fromBytes('x')))).toMatchObject({ path: '1/2/3/4/f' })
  })

  test('old names that break the rules stay readable', async () => {
    const { drive } = toy({ 'a*b': 'x' })
    expect(await right(drive.stat(path('a*b')))).toMatchObject({ kind: 'file' })
  })
})

describe('listing', () => {
  test('the limit is clamped to what the vendor takes', async () => {
    const { drive, calls } = toy()
    await right(drive.list(root, { limit: 50 }))
    await right(drive.list(root, { limit: 0 }))
    expect(calls).toEqual(['list  3', 'list  1'])
  })
  test('temporaries are hidden unless asked for', async () => {
    const name = temporaryName(path('a'), 'old')
    const { drive } = toy({ a: 'x', [name]: 'y' })
    expect((await right(drive.list(root))).items.map((e) => e.name)).toEqual(['a'])
    expect((await right(drive.list(root, { temporaries: 'show' }))).items).toHaveLength(2)
  })
})

describe('parents', () => {
  test('are made when the vendor misses them, and the operation tried again', async () => {
    const { drive, calls } = toy()
    await right(drive.createDir(path('a/b/c')))
    expect(calls).toEqual([
      'createDir a/b/c ask',
      'createDir a/b ask',
      'createDir a ask',
      'createDir a/b ask',
      'createDir a/b/c ask',
    ])
  })
  test('are made from the first that is missing, where the vendor says which', async () => {
    const it = toy()
    const original = it.operations.createDir
    it.operations.createDir = (p, how, call) =>
      p === 'a/b/c' && !it.nodes.has(path('a'))
        ? (it.calls.push(`createDir ${p}`), TE.left(notFound({ what: 'parent', at: path('a') })))
        : original(p, how, call)
    await right(it.drive.createDir(path('a/b/c')))
    expect(it.calls).toEqual(['createDir a/b/c', 'createDir a ask', 'createDir a/b ask', 'createDir a/b/c ask'])
  })
  test('are made in one flight however many operations want them', async () => {
    const { drive, calls } = toy()
    await Promise.all(['1', '2', '3'].map((n) => right(drive.writeFile(`a/${n}` as DrivePath, fromBytes(n)))))
    expect(calls.filter((c) => c.startsWith('createDir'))).toEqual(['createDir a ask'])
  })
  test('are required where that is asked', async () => {
    const { drive, calls } = toy()
    expect(await left(drive.writeFile(path('a/f'), fromBytes('x'), { parents: 'require' }))).toMatchObject({
      _tag: 'NotFound',
      what: 'parent',
    })
    expect(calls).toEqual(['writeFile a/f ask'])
  })
  test('are looked for first where the vendor would make them itself', async () => {
    const { drive, calls } = toy({ f: 'x' }, { impliedParents: ['createDir'] })
    expect(await left(drive.createDir(path('a/b'), { parents: 'require' }))).toMatchObject({
      _tag: 'NotFound',
      what: 'parent',
      at: 'a',
    })
    expect(await left(drive.createDir(path('f/b'), { parents: 'require' }))).toMatchObject({
      _tag: 'WrongKind',
      expected: 'directory',
      at: 'f',
    })
    expect(calls).toEqual(['stat a', 'stat f'])
  })
  test('that are files are named', async () => {
    const { drive } = toy({ a: 'x' })
    expect(await left(drive.createDir(path('a/b/c')))).toMatchObject({
      _tag: 'WrongKind',
      at: 'a',
      message: expect.stringContaining('(/a)') as string,
    })
  })
})

describe('batches', () => {
  const start = { a: '1', b: '2', c: '3', d: '4', e: '5' }
  const moves = (...pairs: ReadonlyArray<[string, string]>) =>
    pairs.map(([from, to]) => ({ from: from as DrivePath, to: to as DrivePath }))

  test('outcomes are in request order, in chunks of what the vendor takes', async () => {
    const { drive, calls } = toy(start)
    const { outcomes } = await right(drive.batchMove(moves(['a', 'x1'], ['b', 'c'], ['d', 'y1'])))
    expect(outcomes.map((o) => [o.item.from, o.status])).toEqual([
      ['a', 'done'],
      ['b', 'failed'],
      ['d', 'done'],
    ])
    expect(calls).toEqual(['batchMove a→x1 b→c', 'batchMove d→y1'])
  })
  test('items that touch each other go one after another: a swap fails twice, a chain works', async () => {
    const swap = toy(start)
    const swapped = await right(swap.drive.batchMove(moves(['a', 'b'], ['b', 'a'])))
    expect(swapped.outcomes.map((o) => (o.status === 'failed' ? o.error._tag : o.status))).toEqual([
      'NameConflict',
      'NameConflict',
    ])
    expect(swap.calls).toEqual(['batchMove a→b', 'batchMove b→a'])
    const chain = toy(start)
    expect((await right(chain.drive.batchMove(moves(['a', 'z'], ['b', 'a'])))).outcomes.map((o) => o.status)).toEqual([
      'done',
      'done',
    ])
  })
  test('copies of one source go together', async () => {
    const { drive, calls } = toy(start)
    await right(drive.batchCopy(moves(['a', 'x'], ['a', 'y'])))
    expect(calls).toEqual(['batchCopy a→x a→y'])
  })
  test('what is refused here fails alone', async () => {
    const { drive } = toy(start)
    const { outcomes } = await right(
      drive.batchMove([...moves(['a', 'x*'], ['b', 'b/c'], ['c', 'ok']), { from: root, to: path('z') }]),
    )
    expect(outcomes.map((o) => (o.status === 'failed' ? [o.error._tag, o.attempted] : o.status))).toEqual([
      ['InvalidPath', false],
      ['NestedTarget', false],
      'done',
      ['Unsupported', false],
    ])
  })
  test('moving onto itself is done if the source is there; copying onto itself conflicts', async () => {
    const { drive } = toy(start)
    const moved = await right(drive.batchMove(moves(['a', 'a'], ['q', 'q'])))
    expect(moved.outcomes.map((o) => (o.status === 'failed' ? o.error._tag : o.how))).toEqual(['as-asked', 'NotFound'])
    const copied = await right(drive.batchCopy(moves(['a', 'a'])))
    expect(copied.outcomes).toMatchObject([{ status: 'failed', error: { _tag: 'NameConflict' } }])
  })
  test('missing parents are made once, and only their items sent again', async () => {
    const { drive, calls } = toy(start)
    const { outcomes } = await right(drive.batchMove(moves(['a', 'n/a'], ['b', 'x'])))
    expect(outcomes.map((o) => o.status)).toEqual(['done', 'done'])
    expect(calls).toEqual(['batchMove a→n/a b→x', 'stat a', 'createDir n ask', 'batchMove a→n/a'])
  })
  test('a refusal before anything changed is a left, later it is the outcome of the rest', async () => {
    const early = toy(start)
    early.operations.batchMove = () => TE.left({ _tag: 'Forbidden' })
    expect((await left(early.drive.batchMove(moves(['a', 'x']))))._tag).toBe('Forbidden')
    const late = toy(start)
    const original = late.operations.batchMove
    late.operations.batchMove = (items, call) =>
      items[0]?.from === 'a' ? original(items, call) : TE.left({ _tag: 'Forbidden' })
    const { outcomes } = await right(late.drive.batchMove(moves(['a', 'x1'], ['b', 'y1'], ['c', 'z1'])))
    expect(outcomes.map((o) => (o.status === 'failed' ? [o.error._tag, o.attempted] : o.status))).toEqual([
      'done',
      'done',
      ['Forbidden', true],
    ])
  })
  test('a lost answer makes its items Indeterminate, and the rest are not tried', async () => {
    const it = toy(start)
    it.operations.batchMove = () => TE.left(network({ effect: 'unknown' }))
    const { outcomes } = await right(it.drive.batchMove(moves(['a', 'x1'], ['b', 'y1'], ['c', 'z1'])))
    expect(outcomes.map((o) => (o.status === 'failed' ? [o.error._tag, o.attempted] : o.status))).toEqual([
      ['Indeterminate', true],
      ['Indeterminate', true],
      ['Network', false],
    ])
  })
  test('one that is empty sends nothing', async () => {
    const { drive, calls } = toy()
    expect(await right(drive.batchMove([]))).toEqual({ outcomes: [] })
    expect(calls).toEqual([])
  })
  test('an abort between chunks leaves the rest untouched, and says so', async () => {
    const it = toy(start)
    const stop = new AbortController()
    const original = it.operations.batchMove
    it.operations.batchMove = (items, call) => () => {
      stop.abort()
      return original(items, call)()
    }
    const { outcomes } = await right(
      it.drive.batchMove(moves(['a', 'x1'], ['b', 'y1'], ['c', 'z1']), { signal: stop.signal }),
    )
    expect(outcomes.map((o) => (o.status === 'failed' ? o.error : o.status))).toMatchObject([
      'done',
      'done',
      { _tag: 'Aborted', effect: 'none' },
    ])
    expect(it.nodes.get(path('c'))).toBe('3')
  })
})

describe('tasks', () => {
  test('are polled until they settle', async () => {
    const it = toy({ a: null }, soon)
    let looks = 0
    it.operations.copyDir = () => TE.right({ state: { id: 7 } })
    it.operations.task = () => () =>
      Promise.resolve(
        ++looks < 3
          ? E.right({ status: 'running' })
          : E.right({ status: 'settled', result: { path: path('b'), how: 'as-asked' } }),
      )
    expect(await right(it.drive.copyDir(path('a'), path('b')))).toEqual({ path: 'b', how: 'as-asked' })
    expect(looks).toBe(3)
  })
  test('whose looks fail in passing are looked at again; any other fault leaves the reference', async () => {
    const it = toy({ a: null }, soon)
    it.operations.copyDir = () => TE.right({ state: 1 })
    let looks = 0
    it.operations.task = () => () =>
      Promise.resolve(++looks < 3 ? E.left(network({ effect: 'none' })) : E.left({ _tag: 'Unauthenticated' as const }))
    expect(await left(it.drive.copyDir(path('a'), path('b')))).toMatchObject({
      _tag: 'Indeterminate',
      task: { vendor: 'toy', operation: 'copyDir' },
    })
    expect(looks).toBe(3)
  })
  test('that take longer than patience are Indeterminate, with the reference', async () => {
    let now = 0
    const it = toy({ a: null }, { now: () => (now += 1000), ...soon, taskTimeout: 5000 })
    it.operations.copyDir = () => TE.right({ state: 1 })
    it.operations.task = () => TE.right({ status: 'running' })
    expect(await left(it.drive.copyDir(path('a'), path('b')))).toMatchObject({
      _tag: 'Indeterminate',
      task: { operation: 'copyDir' },
    })
  })
  test('are handed out under wait: false, survive JSON, and give the whole result to another drive object', async () => {
    const it = toy({ a: '1', b: '2' }, soon)
    it.operations.batchMove = () => TE.right({ state: 'job-1' })
    const answer = await right(
      it.drive.batchMove(
        [
          { from: path('a'), to: path('x') },
          { from: path('b'), to: path('y') },
        ],
        { wait: false },
      ),
    )
    if (!isAccepted(answer)) throw new Error('accepted was expected')
    const stored = TaskRef.decode(JSON.parse(JSON.stringify(answer.task)))
    if (E.isLeft(stored)) throw new Error('a reference was expected')
    const other = toy({}, soon)
    other.operations.task = (_, state) => {
      expect(state).toBe('job-1')
      return TE.right({
        status: 'settled',
        result: [
          { status: 'done', path: path('x'), how: 'as-asked' },
          { status: 'failed', fault: nameConflict() },
        ],
      })
    }
    expect(await right(other.drive.task(stored.right))).toMatchObject({
      status: 'settled',
      result: {
        outcomes: [
          { status: 'done', item: { from: 'a', to: 'x' }, path: 'x' },
          { status: 'failed', item: { from: 'b' }, error: { _tag: 'NameConflict', path: 'y', vendor: 'toy' } },
        ],
      },
    })
  })
  test('are not handed out when steps remain: what cannot be sent at once is settled', async () => {
    const it = toy({ a: '1', b: '2', c: '3' }, soon)
    it.operations.batchMove = (items) => TE.right({ state: items.length })
    it.operations.task = (_, state) =>
      TE.right({
        status: 'settled',
        result: Array.from({ length: Number(state) }, () => ({
          status: 'done' as const,
          path: path('x'),
          how: 'as-asked' as const,
        })),
      })
    const pairs = ['a', 'b', 'c'].map((from) => ({ from: from as DrivePath, to: `to-${from}` as DrivePath }))
    const answer = await right(it.drive.batchMove(pairs, { wait: false }))
    expect('outcomes' in answer && answer.outcomes.map((o) => o.status)).toEqual(['done', 'done', 'done'])
  })
  test('a reference that no drive wrote is NotFound', async () => {
    const { drive } = toy()
    expect(await left(drive.task({ vendor: 'toy', operation: 'copyDir', state: { nonsense: true } }))).toMatchObject({
      _tag: 'NotFound',
      what: 'task',
    })
  })
})

describe('signals and time-outs', () => {
  const hanging = (signal: AbortSignal) =>
    new Promise<E.Either<ReturnType<typeof aborted>, never>>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve(E.left(aborted({ effect: 'unknown' })))
      })
    })

  test('an aborted signal sends nothing', async () => {
    const { drive, calls } = toy({ a: 'x' })
    const signal = AbortSignal.abort()
    for (const task of [
      drive.stat(path('a'), { signal }),
      drive.readFile(path('a'), { signal }),
      drive.createDir(path('b'), { signal }),
      drive.batchMove([{ from: path('a'), to: path('b') }], { signal }),
    ])
      expect(await left(task as Result<unknown>)).toMatchObject({ _tag: 'Aborted', effect: 'none' })
    expect(calls).toEqual([])
  })
  test('a look that is aborted had no effect, a change may have had one', async () => {
    const it = toy()
    it.operations.stat =
      (_, { signal }) =>
      () =>
        hanging(signal)
    it.operations.createDir =
      (_p, _h, { signal }) =>
      () =>
        hanging(signal)
    for (const [task, effect] of [
      [(signal: AbortSignal) => it.drive.stat(path('a'), { signal }), 'none'],
      [(signal: AbortSignal) => it.drive.createDir(path('a'), { signal }), 'unknown'],
    ] as const) {
      const stop = new AbortController()
      const failing = left(task(stop.signal))
      stop.abort()
      expect(await failing).toMatchObject({ _tag: 'Aborted', effect })
    }
  })
  test('time-outs are Timeout for looks, and Indeterminate for changes that may have happened', async () => {
    const it = toy()
    it.operations.stat =
      (_, { signal }) =>
      () =>
        hanging(signal)
    it.operations.createDir =
      (_p, _h, { signal }) =>
      () =>
        hanging(signal)
    expect((await left(it.drive.stat(path('a'), { timeout: 5 })))._tag).toBe('Timeout')
    expect((await left(it.drive.createDir(path('a'), { timeout: 5 })))._tag).toBe('Indeterminate')
  })
  test('time-outs are told as such by each item of a batch that was under way', async () => {
    const it = toy({ a: 'x', b: 'x' })
    it.operations.batchRemove =
      (_items, _how, { signal }) =>
      async () => {
        await hanging(signal)
        const cut = (effect: 'none' | 'unknown') => ({ status: 'failed', fault: aborted({ effect }) }) as const
        return E.right([cut('none'), cut('unknown')])
      }
    const batch = await right(it.drive.batchRemove([path('a'), path('b')], { timeout: 5 }))
    expect(batch.outcomes).toMatchObject([{ error: { _tag: 'Timeout' } }, { error: { _tag: 'Indeterminate' } }])
  })
  test('leave no listeners behind', async () => {
    const { drive } = toy({ a: 'x' })
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...a: Parameters<typeof add>) => (listeners++, add(...a))
    signal.removeEventListener = (...a: Parameters<typeof remove>) => (listeners--, remove(...a))
    await right(drive.stat(path('a'), { signal }))
    const content = await right(drive.readFile(path('a'), { signal }))
    for await (const _ of content.stream) void _
    expect(listeners).toBe(0)
  })
  test('a defect of the adapter is an error, never an exception', async () => {
    const it = toy()
    it.operations.stat = () => {
      throw new TypeError('hush')
    }
    const error = await left(it.drive.stat(path('a')))
    expect(error._tag).toBe('UnexpectedResponse')
    expect(error.message).not.toContain('hush')
  })
})

test('ifVersion is looked at first where the vendor does not check it', async () => {
  const { drive, calls } = toy({ a: 'one' })
  expect(
    (await left(drive.writeFile(path('a'), fromBytes('two'), { ifVersion: 'other', conflict: 'overwrite' })))._tag,
  ).toBe('PreconditionFailed')
  await right(drive.writeFile(path('a'), fromBytes('two'), { ifVersion: 'one', conflict: 'overwrite' }))
  const removed = await right(drive.batchRemove([{ path: path('a'), ifVersion: 'one' }]))
  expect(removed.outcomes).toMatchObject([
    { status: 'failed', error: { _tag: 'PreconditionFailed' }, attempted: false },
  ])
  expect(calls.filter((c) => c.startsWith('writeFile'))).toHaveLength(1)
})
