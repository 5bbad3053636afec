// What the laws do not cover: SMH's own shapes of answers, tasks, spaces, history, the bin, exact names of errors, and costs.
import { fromBytes, isAccepted, type Json, type LogEvent, type TaskRef } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { text } from 'node:stream/consumers'
import { at, left, library, right, startBench, type Bench } from './harness'

const benches: Array<Bench> = []
const start = async (...args: Parameters<typeof startBench>): Promise<Bench> => {
  const made = await startBench(...args)
  benches.push(made)
  return made
}
afterAll(() => Promise.all(benches.map(({ emulator }) => emulator.close())))

const put = (bench: Bench, path: string, content: string) =>
  right(bench.drive.writeFile(at(path), fromBytes(content), { conflict: 'overwrite' }))
const names = async (bench: Bench, path: string) =>
  (await right(bench.drive.list(at(path)))).items.map(({ name }) => name).sort()
const read = async (bench: Bench, path: string) => text((await right(bench.drive.readFile(at(path)))).stream)
describe.each<[string, Parameters<typeof startBench>[0]]>([
  ['as documented', {}],
  ['tasks for everything, gradual', { behaviour: { tasks: 'async' } }],
  [
    'tasks by the name id, statuses as strings, an array for a copied directory',
    { behaviour: { tasks: 'async', taskIdKey: 'id', taskStatusType: 'string', copyTaskResult: 'array' } },
  ],
  [
    'task ids as strings, no result for a copied directory, 200 although items failed',
    { behaviour: { tasks: 'async', taskIdType: 'string', copyTaskResult: 'nothing', partialTaskStatus: 200 } },
  ],
  ['paths always told', { behaviour: { createPath: 'always', createStatus: 200, placedDirectory: 'path' } }],
  ['created with 201, files with 204', { behaviour: { placedDirectory: 'created', placedFile: 'strategy' } }],
  [
    'batches without parents, items without codes',
    { behaviour: { batchParents: 'never', batchItemErrors: 'status-only' } },
  ],
  [
    'missing paths by one code, 401 for tokens',
    { behaviour: { missingPath: 'PathNotFound', invalidTokenStatus: 401 } },
  ],
  [
    'old lists closed, markers to empty pages',
    { behaviour: { closeOldList: true, markerOnFullLastPage: true, nextMarker: 'number' } },
  ],
  ['no marker as null, upload paths without a slash', { behaviour: { lastMarker: 'null', uploadPathSlash: false } }],
  [
    'no marker as empty, other codes for uploads',
    { behaviour: { lastMarker: 'empty', missingUpload: 'ConfirmKeyNotFound', uploadIncompleteStatus: 400 } },
  ],
])('%s', (_name, options) => {
  let bench: Bench
  beforeAll(async () => {
    bench = await start(options)
  })

  test('directories are made, found, listed and copied', async () => {
    const { drive } = bench
    await right(drive.createDir(at('a/b/c')))
    expect(await right(drive.createDir(at('a/b/c'), { conflict: 'rename' }))).toMatchObject({ path: 'a/b/c (1)' })
    expect(await left(drive.createDir(at('a/b/c')))).toMatchObject({
      _tag: 'NameConflict',
      existing: { kind: 'directory', path: 'a/b/c' },
    })
    await put(bench, 'a/b/f.txt', 'hello')
    expect(await left(drive.createDir(at('a/b/f.txt/d')))).toMatchObject({ _tag: 'WrongKind', at: 'a/b/f.txt' })
    expect(await right(drive.copyDir(at('a'), at('x/y/z')))).toEqual({ path: 'x/y/z', how: 'as-asked' })
    const again = await drive.copyDir(at('a'), at('x/y/z'), { conflict: 'rename' })()
    expect(E.isRight(again) ? again.right : again.left._tag).toEqual(
      options?.behaviour?.copyTaskResult === 'nothing' ? 'Indeterminate' : { path: 'x/y/z (1)', how: 'renamed' },
    )
    expect(await names(bench, 'x/y/z/b')).toEqual(['c', 'c (1)', 'f.txt'])
    expect(await left(drive.copyDir(at('a'), at('x/y/z')))).toMatchObject({ _tag: 'NameConflict' })
  })

  test('batches give each item its outcome, in order', async () => {
    const { drive } = bench
    for (const name of ['1.txt', '2.txt', '3.txt', 'taken.txt']) await put(bench, `m/${name}`, name)
    await right(drive.createDir(at('m/dir/sub')))
    const { outcomes } = await right(
      drive.batchMove([
        { from: at('m/1.txt'), to: at('n/o/1.txt') },
        { from: at('m/2.txt'), to: at('m/taken.txt') },
        { from: at('m/3.txt'), to: at('m/taken.txt'), conflict: 'rename' },
        { from: at('m/none.txt'), to: at('m/x.txt') },
        { from: at('m/dir'), to: at('p/q/dir') },
        { from: at('m/2.txt'), to: at('m/taken.txt/2.txt') },
      ]),
    )
    expect(
      outcomes.map((o) => (o.status === 'done' ? [o.path, o.how] : [o.error._tag, 'what' in o.error && o.error.what])),
    ).toEqual([
      ['n/o/1.txt', 'as-asked'],
      ['NameConflict', false],
      ['m/taken (1).txt', 'renamed'],
      ['NotFound', 'source'],
      ['p/q/dir', 'as-asked'],
      ['WrongKind', false],
    ])
    expect(await names(bench, 'm')).toEqual(['2.txt', 'taken (1).txt', 'taken.txt'])
  })

  test('copies of files and directories, over a file and not over a directory', async () => {
    const { drive } = bench
    await put(bench, 'c/src/f.txt', 'new')
    await put(bench, 'c/old.txt', 'old')
    await right(drive.createDir(at('c/dir')))
    const { outcomes } = await right(
      drive.batchCopy(
        [
          { from: at('c/src/f.txt'), to: at('c/old.txt') },
          { from: at('c/src/f.txt'), to: at('c/dir') },
          { from: at('c/src'), to: at('c/deep/src') },
        ],
        { conflict: 'overwrite' },
      ),
    )
    expect(outcomes.map((o) => (o.status === 'done' ? o.path : o.error._tag))).toEqual([
      ...['c/old.txt', 'NameConflict', 'c/deep/src'],
    ])
    expect(await read(bench, 'c/old.txt')).toBe('new')
    expect(await names(bench, 'c/deep/src')).toEqual(['f.txt'])
  })

  test('removals are told apart from the missing, and the erased from the trashed', async () => {
    const { drive } = bench
    await put(bench, 'r/a.txt', 'a')
    await put(bench, 'r/d/b.txt', 'b')
    const { outcomes } = await right(drive.batchRemove([at('r/a.txt'), at('r/none'), at('r/d')]))
    expect(outcomes.map((o) => (o.status === 'done' ? o.how : o.error._tag))).toEqual([
      'trashed',
      'NotFound',
      'trashed',
    ])
    await put(bench, 'r/e.txt', 'e')
    const gone = await right(drive.batchRemove([at('r/e.txt')], { permanent: true }))
    expect(gone.outcomes[0]).toMatchObject({ status: 'done', how: 'erased' })
  })

  test('a listing of several pages yields each entry once', async () => {
    const { drive } = bench
    for (let i = 0; i < 6; i++) await right(drive.createDir(at(`l/d${i}`)))
    const seen: Array<string> = []
    let cursor: string | undefined
    do {
      const page = await right(drive.list(at('l'), { limit: 3, cursor }))
      seen.push(...page.items.map(({ name }) => name))
      cursor = page.next
    } while (cursor !== undefined)
    expect(seen.sort()).toEqual(['d0', 'd1', 'd2', 'd3', 'd4', 'd5'])
  })

  test('files go up and come down', async () => {
    await put(bench, 'u/v/empty', '')
    await put(bench, 'u/v/f.txt', 'hello')
    await put(bench, 'u/v/f.txt', 'hello again')
    expect([await read(bench, 'u/v/empty'), await read(bench, 'u/v/f.txt')]).toEqual(['', 'hello again'])
    expect(await right(bench.drive.writeFile(at('u/v/f.txt'), fromBytes('x'), { conflict: 'rename' }))).toMatchObject({
      ...{ path: 'u/v/f (1).txt', how: 'renamed', evidence: 'vendor-checked:crc64xz' },
    })
    expect(await left(bench.drive.writeFile(at('u/v'), fromBytes('x'), { conflict: 'overwrite' }))).toMatchObject({
      _tag: 'NameConflict',
      existing: { kind: 'directory' },
    })
  })
})

describe('errors named exactly', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await start()
    await put(bench, 'dir/f.txt', 'f')
  })

  test.each<[string, (b: Bench) => Parameters<typeof left>[0], object]>([
    ['stat of nothing', ({ drive }) => drive.stat(at('none')), { _tag: 'NotFound', what: 'source' }],
    ['list of nothing', ({ drive }) => drive.list(at('none')), { _tag: 'NotFound', what: 'source' }],
    ['list of a file', ({ drive }) => drive.list(at('dir/f.txt')), { _tag: 'WrongKind', expected: 'directory' }],
    ['read of nothing', ({ drive }) => drive.readFile(at('none')), { _tag: 'NotFound', what: 'source' }],
    ['read of a directory', ({ drive }) => drive.readFile(at('dir')), { _tag: 'WrongKind', expected: 'file' }],
    [
      'copyDir of a file',
      ({ drive }) => drive.copyDir(at('dir/f.txt'), at('x')),
      { _tag: 'WrongKind', expected: 'directory' },
    ],
    ['copyDir of nothing', ({ drive }) => drive.copyDir(at('none'), at('x')), { _tag: 'NotFound', what: 'source' }],
    ['copyDir onto a file', ({ drive }) => drive.copyDir(at('dir'), at('dir/f.txt')), { _tag: 'NestedTarget' }],
    [
      'copyDir below a file',
      ({ drive }) => drive.copyDir(at('dir'), at('g.txt/x')),
      { _tag: 'WrongKind', at: 'g.txt' },
    ],
    [
      'a file below a file',
      ({ drive }) => drive.writeFile(at('g.txt/x'), fromBytes('')),
      { _tag: 'WrongKind', at: 'g.txt' },
    ],
    [
      'a cursor that nobody gave',
      ({ drive }) => drive.list(at('dir'), { cursor: 'nonsense' }),
      { _tag: 'NotFound', what: 'cursor' },
    ],
    [
      'a space that is not there',
      ({ open }) => open({ spaceId: 'space-none' }).stat(at('/')),
      { _tag: 'NotFound', what: 'space' },
    ],
    [
      'a library that is not there',
      ({ open }) => open({ libraryId: 'smhnone' }).stat(at('/')),
      { _tag: 'Unauthenticated' },
    ],
    [
      'below a missing parent, required',
      ({ drive }) => drive.createDir(at('no/d'), { parents: 'require' }),
      { _tag: 'NotFound', what: 'parent' },
    ],
  ])('%s', async (_name, ask, expected) => {
    await put(bench, 'g.txt', 'g')
    expect(await left(ask(bench))).toMatchObject(expected)
  })
})

describe('tasks', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await start({ behaviour: { tasks: 'async', taskMs: 5000 } })
  })
  const stored = <A>(ref: A): A => JSON.parse(JSON.stringify(ref)) as A

  test.each(['copyDir', 'batchMove', 'batchCopy', 'batchRemove'] as const)(
    '%s: a reference kept as JSON is asked for by another drive',
    async (operation) => {
      const { drive, clock, open } = bench
      await put(bench, `${operation}/a/f.txt`, 'f')
      const from = at(`${operation}/a`)
      const to = at(`${operation}/b`)
      const started = await (
        {
          copyDir: () => right(drive.copyDir(from, to, { wait: false })),
          batchMove: () => right(drive.batchMove([{ from, to }], { wait: false })),
          batchCopy: () => right(drive.batchCopy([{ from, to }], { wait: false })),
          batchRemove: () => right(drive.batchRemove([from], { wait: false })),
        } as const
      )[operation]()
      if (!isAccepted(started)) throw new Error('a task was expected')
      const ref = stored<TaskRef>(started.task)
      expect(ref).toMatchObject({ vendor: 'tencent-smh', operation })
      expect(await right(drive.task(ref))).toEqual({ status: 'running' })
      clock.advance(6000)
      const state = await right(open().task(ref))
      const item = operation === 'batchRemove' ? from : { from, to }
      const placed = { path: to, how: 'as-asked' }
      const removed = { path: from, how: 'trashed', trashId: '1' }
      expect(state).toEqual({
        status: 'settled',
        result:
          operation === 'copyDir'
            ? placed
            : {
                outcomes: [{ status: 'done', item, ...(operation === 'batchRemove' ? removed : placed) }],
              },
      })
      expect(await right(open().task(ref))).toEqual(state)
    },
  )

  test('missing parents of files are made although nobody waits', async () => {
    const { drive, clock } = bench
    await put(bench, 'nowait/f.txt', 'f')
    const item = { from: at('nowait/f.txt'), to: at('nowait/new/dir/f.txt') }
    const started = await right(drive.batchMove([item], { wait: false }))
    if (!isAccepted(started)) throw new Error('a task was expected')
    clock.advance(6000)
    expect(await right(drive.task(started.task))).toMatchObject({
      status: 'settled',
      result: { outcomes: [{ status: 'done', path: 'nowait/new/dir/f.txt' }] },
    })
  })

  test('one that nobody knows, and a state that is not ours, are NotFound', async () => {
    const ask = (state: Json) => left(bench.drive.task({ vendor: 'tencent-smh', operation: 'copyDir', state }))
    const item = { from: at('a'), to: at('b'), conflict: 'ask' } as const
    expect(await ask({ from: 'a', to: 'b', task: { task: '987654', item } })).toMatchObject({ what: 'task' })
    expect(await ask({ from: 'a', to: 'b', task: { task: 'no-number', item } })).toMatchObject({ what: 'task' })
    expect(await ask({ from: 'a', to: 'b', task: { other: 1 } })).toMatchObject({ _tag: 'NotFound', what: 'task' })
  })

  test('a copied directory that fails half-way leaves what stands as partial', async () => {
    for (const name of ['a', 'b', 'c']) await put(bench, `half/src/${name}`, name)
    bench.emulator.faults.next('copyDirectory', 'task')
    const error = await left(bench.drive.copyDir(at('half/src'), at('half/dst')))
    expect(error).toMatchObject({ _tag: 'TaskFailed', path: 'half/src' })
    const partial = 'partial' in error ? error.partial : undefined
    expect(partial).toBe((await names(bench, 'half')).includes('dst') ? 'half/dst' : undefined)
  })

  test.each(['batchMove', 'batchCopy', 'batchDelete'])('a batch task that fails half-way: %s', async (endpoint) => {
    for (const name of ['a', 'b', 'c', 'd']) await put(bench, `${endpoint}/src/${name}`, name)
    bench.emulator.faults.next(endpoint, 'task')
    const items = ['a', 'b', 'c', 'd'].map((n) => ({ from: at(`${endpoint}/src/${n}`), to: at(`${endpoint}/to-${n}`) }))
    const { outcomes } =
      endpoint === 'batchDelete'
        ? await right(bench.drive.batchRemove(items.map(({ from }) => from)))
        : await right(bench.drive[endpoint as 'batchMove' | 'batchCopy'](items))
    const before = await names(bench, `${endpoint}/src`)
    const after = await names(bench, endpoint)
    outcomes.forEach((outcome, i) => {
      const name = ['a', 'b', 'c', 'd'][i] ?? ''
      const happened = endpoint === 'batchDelete' ? !before.includes(name) : after.includes(`to-${name}`)
      // A task that ended without results proves nothing of what is seen, except that what is not there failed.
      const stated = outcome.status === 'done' ? 'done' : outcome.error._tag
      expect([name, stated]).toEqual([
        name,
        happened ? 'Indeterminate' : expect.stringMatching(/^(Unavailable|NotFound)$/),
      ])
      if (happened) expect(outcome).toMatchObject({ error: { likely: 'done' } })
    })
    expect(outcomes.some(({ status }) => status === 'failed')).toBe(true)
  })

  test('patience ends with the task’s reference', async () => {
    await put(bench, 'slow/a', 'a')
    const error = await left(bench.open({ taskTimeout: 1000 }).copyDir(at('slow'), at('slow-copy')))
    expect(error).toMatchObject({ _tag: 'Indeterminate', task: { operation: 'copyDir' } })
    bench.clock.advance(10_000)
    if (error._tag !== 'Indeterminate' || error.task === undefined) throw new Error('a task was expected')
    expect(await right(bench.drive.task(error.task))).toMatchObject({ status: 'settled' })
  })
})

describe('spaces', () => {
  test('items come from another space of the account', async () => {
    const spaces = [{ id: 'space1' }, { id: 'space2' }]
    const bench = await start(
      { config: { libraries: [{ ...library, spaces }] } },
      { spaceId: 'space1', auth: { kind: 'secret', librarySecret: library.secret, spaceIds: ['space1', 'space2'] } },
    )
    const other = bench.open({ spaceId: 'space2' })
    await right(other.writeFile(at('a/f.txt'), fromBytes('from afar')))
    await right(other.createDir(at('d')))
    const copied = await right(bench.drive.batchCopy([{ from: at('a/f.txt'), to: at('f.txt'), fromSpace: 'space2' }]))
    const moved = await right(bench.drive.batchMove([{ from: at('d'), to: at('d'), fromSpace: 'space2' }]))
    expect([copied.outcomes[0]?.status, moved.outcomes[0]?.status]).toEqual(['done', 'done'])
    expect(await names(bench, '/')).toEqual(['d', 'f.txt'])
    expect((await right(other.list(at('/')))).items.map(({ name }) => name)).toEqual(['a'])
    const restricted = { kind: 'secret', librarySecret: library.secret, spaceIds: ['space1'] } as const
    expect(await left(bench.open({ spaceId: 'space2', auth: restricted }).stat(at('/')))).toMatchObject({
      _tag: 'Forbidden',
    })
  })

  test('usage with a quota for administrators, and without one for others', async () => {
    const bench = await start({
      config: {
        libraries: [{ ...library, spaces: [{ id: '-', capacity: 1000 }], tokens: [{ token: 'reader', grant: [] }] }],
      },
    })
    await put(bench, 'f', '12345')
    expect(await right(bench.drive.usage())).toEqual({ used: 5, capacity: 1000 })
    const reader = bench.open({ auth: { kind: 'token', accessToken: 'reader' } })
    expect(await right(reader.usage())).toEqual({ used: 5 })
    expect(await left(reader.createDir(at('d')))).toMatchObject({ _tag: 'Forbidden' })
    expect(await left(bench.drive.writeFile(at('g'), fromBytes(Buffer.alloc(2000))))).toMatchObject({
      _tag: 'QuotaExceeded',
    })
  })
})

describe('the bin', () => {
  test('where there is none, what is removed is erased, and recovery is refused before anything is removed', async () => {
    const bench = await start({ config: { libraries: [{ ...library, recycleBin: false }] } })
    await put(bench, 'a', 'a')
    expect(await left(bench.drive.batchRemove([at('a')], { requireTrash: true }))).toMatchObject({
      _tag: 'Unsupported',
      feature: 'features.trash',
    })
    expect(await names(bench, '/')).toEqual(['a'])
    const { outcomes } = await right(bench.drive.batchRemove([at('a')]))
    expect(outcomes[0]).toMatchObject({ status: 'done', how: 'erased' })
  })

  test('where there is one, recovery can be required', async () => {
    const bench = await start()
    await put(bench, 'a', 'a')
    const { outcomes } = await right(bench.drive.batchRemove([at('a')], { requireTrash: true }))
    expect(outcomes[0]).toMatchObject({ status: 'done', how: 'trashed' })
  })
})

describe('history', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await start({ config: { libraries: [{ ...library, history: true }] } })
  })
  beforeEach(async () => {
    await put(bench, 'h/target.txt', 'one')
    await put(bench, 'h/target.txt', 'two')
    await put(bench, 'h/incoming.txt', 'three')
  })

  test('moving over a file that has versions is composed of renames', async () => {
    const { outcomes } = await right(
      bench.drive.batchMove([{ from: at('h/incoming.txt'), to: at('h/target.txt') }], { conflict: 'overwrite' }),
    )
    expect(outcomes[0]).toMatchObject({ status: 'done', path: 'h/target.txt', how: 'as-asked', replaced: true })
    const page = await right(bench.drive.list(at('h'), { temporaries: 'show' }))
    expect(page.items.map(({ name }) => name)).toEqual(['target.txt'])
    expect(await read(bench, 'h/target.txt')).toBe('three')
  })

  test('if the new file does not get in, the old one is back in its place', async () => {
    const { faults } = bench.emulator
    let renames = 0
    const log = (event: LogEvent): void => {
      if (event['endpoint'] === 'move file' && ++renames === 1) faults.next('moveFile', '5xx', 3)
    }
    const { outcomes } = await right(
      bench
        .open({}, { log })
        .batchMove([{ from: at('h/incoming.txt'), to: at('h/target.txt') }], { conflict: 'overwrite' }),
    )
    expect(outcomes[0]).toMatchObject({ status: 'failed', error: { _tag: 'Unavailable' } })
    const page = await right(bench.drive.list(at('h'), { temporaries: 'show' }))
    expect(page.items.map(({ name }) => name).sort()).toEqual(['incoming.txt', 'target.txt'])
    expect(await read(bench, 'h/target.txt')).toBe('two')
  })
})

describe('costs, in requests', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await start()
    await right(bench.drive.createDir(at('d/sub')))
    for (let i = 0; i < 5; i++) await put(bench, `d/${i}.txt`, String(i))
  })
  beforeEach(() => void bench.counted())

  test('stat, also of the root', async () => {
    await right(bench.drive.stat(at('d')))
    await right(bench.drive.stat(at('/')))
    expect(bench.counted()).toEqual({ info: 1, listDirectory: 1 })
  })

  test('a directory, with any number of missing parents', async () => {
    await right(bench.drive.createDir(at('d/new')))
    await right(bench.drive.createDir(at('k/l/m/n')))
    expect(bench.counted()).toEqual({ createDirectory: 2 })
  })

  test('a copied directory', async () => {
    await right(bench.drive.copyDir(at('d'), at('e/f')))
    expect(bench.counted()).toEqual({ copyDirectory: 1 })
  })

  test('batches', async () => {
    await right(bench.drive.batchCopy([0, 1].map((i) => ({ from: at(`d/${i}.txt`), to: at(`d/c${i}.txt`) }))))
    await right(bench.drive.batchMove([0, 1].map((i) => ({ from: at(`d/c${i}.txt`), to: at(`d/m${i}.txt`) }))))
    await right(bench.drive.batchRemove([0, 1].map((i) => at(`d/m${i}.txt`))))
    expect(bench.counted()).toEqual({ batchCopy: 1, batchMove: 1, batchDelete: 1 })
  })

  test('a file of one part, new or replacing', async () => {
    await right(bench.drive.writeFile(at('d/one'), fromBytes('1')))
    await right(bench.drive.writeFile(at('d/one'), fromBytes('2'), { conflict: 'overwrite' }))
    expect(bench.counted()).toEqual({ beginSimpleUpload: 2, cosPut: 2, confirmUpload: 2 })
  })

  test('a download', async () => {
    await read(bench, 'd/1.txt')
    expect(bench.counted()).toEqual({ downloadInfo: 1, cosGet: 1 })
  })

  test('a listing', async () => {
    await right(bench.drive.list(at('d')))
    expect(bench.counted()).toEqual({ listDirectory: 1 })
  })
})
