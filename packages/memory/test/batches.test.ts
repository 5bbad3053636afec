// batchMove, batchCopy, batchRemove and tasks of the reference drive.
import { isAccepted, root, type BatchSettled, type CopyItem, type DriveProvider, type Placed } from '@anydrive/core'
import { createStore, openMemory, plantOther } from '../src'
import { at, left, mkdir, put, right, text, told, tree } from './bench'

const item = (from: string, to: string): CopyItem => ({ from: at(from), to: at(to) })
type Conflict = 'ask' | 'rename' | 'overwrite'

const fresh = async (...files: ReadonlyArray<string>): Promise<DriveProvider> => {
  const drive = openMemory()
  for (const file of files) await (file.endsWith('/') ? mkdir(drive, file) : put(drive, file, file))
  return drive
}

describe.each(['batchMove', 'batchCopy'] as const)('%s', (verb) => {
  const run = (drive: DriveProvider, items: ReadonlyArray<CopyItem>, conflict?: Conflict) =>
    right<BatchSettled<CopyItem, Placed>>(drive[verb](items, { conflict }))

  test('places files and directories with what is below, and makes parents', async () => {
    const drive = await fresh('a/b/f', 'g')
    const settled = await run(drive, [item('a', 'x/y'), item('g', 'z/g')])
    expect(told(settled)).toEqual(['as-asked x/y', 'as-asked z/g'])
    expect(settled.outcomes.map((o) => o.item)).toEqual([item('a', 'x/y'), item('g', 'z/g')])
    expect(await text(drive, 'x/y/b/f')).toBe('a/b/f')
    expect((await tree(drive)).includes('a/b/f=a/b/f')).toBe(verb === 'batchCopy')
  })

  test.each([
    ['file', 'file', 'ask', 'NameConflict t.x'],
    ['file', 'file', 'overwrite', 'as-asked t.x'],
    ['file', 'file', 'rename', 'renamed t (1).x'],
    ['file', 'directory', 'ask', 'NameConflict t.x'],
    ['file', 'directory', 'overwrite', 'NameConflict t.x'],
    ['file', 'directory', 'rename', 'renamed t (1).x'],
    ['directory', 'file', 'ask', 'NameConflict t.x'],
    ['directory', 'file', 'overwrite', 'NameConflict t.x'],
    ['directory', 'file', 'rename', 'renamed t.x (1)'],
    ['directory', 'directory', 'ask', 'NameConflict t.x'],
    ['directory', 'directory', 'overwrite', 'NameConflict t.x'],
    ['directory', 'directory', 'rename', 'renamed t.x (1)'],
  ] as const)('a %s onto a %s under %s: %s', async (source, target, conflict, expected) => {
    const drive = await fresh(source === 'file' ? 's' : 's/', target === 'file' ? 't.x' : 't.x/')
    const before = await tree(drive)
    const settled = await run(drive, [item('s', 't.x')], conflict)
    expect(told(settled)).toEqual([expected])
    const [outcome] = settled.outcomes
    if (outcome?.status === 'done') expect(outcome.replaced).toBe(conflict === 'overwrite')
    else {
      expect(outcome).toMatchObject({ error: { existing: { kind: target }, operation: verb }, attempted: true })
      expect(await tree(drive)).toEqual(before)
    }
    if (conflict === 'overwrite' && source === 'file' && target === 'file') expect(await text(drive, 't.x')).toBe('s')
  })

  test('an item has its own strategy', async () => {
    const drive = await fresh('a', 'b', 'c')
    const settled = await run(drive, [{ ...item('a', 'c'), conflict: 'ask' }, item('b', 'c')], 'rename')
    expect(told(settled)).toEqual(['NameConflict c', 'renamed c (1)'])
  })

  test('the names that rename picks keep extensions, skip taken ones, and fit the longest name', async () => {
    const drive = openMemory({ naming: { maxLength: 10, lengthUnit: 'utf16' } })
    for (const name of ['.hidden', 'a.tar.gz', '123456.txt', 'x.12345678']) await put(drive, name, '')
    const again = ['.hidden', 'a.tar.gz', '123456.txt', 'x.12345678'].map((name) => item(name, name))
    const settled = await right(drive.batchCopy(again, { conflict: 'rename' }))
    expect(told(settled)).toEqual([
      'renamed .hidde (1)',
      'renamed a.t (1).gz',
      'renamed 12 (1).txt',
      'renamed x.1234 (1)',
    ])
  })

  test('the items are done in request order, whatever became of those before', async () => {
    const drive = await fresh('a', 'b')
    expect(
      told(await run(drive, [item('a', 'b'), item('b', 'a'), item('missing', 'x'), item('a', 'c'), item('c', 'd')])),
    ).toEqual(['NameConflict b', 'NameConflict a', 'NotFound missing', 'as-asked c', 'as-asked d'])
  })

  test('missing sources make no parents; missing parents are made or required', async () => {
    const drive = await fresh('a')
    const settled = await right(drive[verb]([item('x', 'p/q'), item('a', 'r/s/t')], { parents: 'require' }))
    expect(settled.outcomes).toMatchObject([
      { error: { _tag: 'NotFound', what: 'source', path: 'x' } },
      { error: { _tag: 'NotFound', what: 'parent', path: 'r/s/t', at: 'r' } },
    ])
    expect(await tree(drive)).toEqual(['a=a'])
  })

  test('a file among the parents is WrongKind naming it', async () => {
    const drive = await fresh('a', 'f')
    const settled = await run(drive, [item('a', 'f/x/a')])
    expect(settled.outcomes).toMatchObject([
      { error: { _tag: 'WrongKind', expected: 'directory', at: 'f', path: 'a' } },
    ])
  })

  test('what can never be is refused unattempted', async () => {
    const drive = await fresh('a/')
    expect(
      told(await run(drive, [item('a', 'a/b'), item('a', ''), item('', 'x'), { ...item('a', 'b'), fromSpace: 's' }])),
    ).toEqual([
      'NestedTarget a/b unattempted',
      'NameConflict  unattempted',
      verb === 'batchMove' ? 'Unsupported  unattempted' : 'NestedTarget x unattempted',
      'Unsupported a unattempted',
    ])
  })

  test('an empty batch is settled at once, even if nobody waits', async () => {
    const drive = openMemory({ background: true })
    expect(await drive[verb]([], { wait: false })()).toMatchObject({ right: { outcomes: [] } })
  })

  test('an abort between two items leaves the rest untried, before the first it is a left', async () => {
    const controller = new AbortController()
    let items = 0
    const drive = openMemory(
      { latency: 1 },
      { delay: () => (++items === 4 ? Promise.resolve(controller.abort()) : Promise.resolve()) },
    )
    await put(drive, 'a', '')
    await put(drive, 'b', '')
    const settled = await right(drive[verb]([item('a', 'c'), item('b', 'd')], { signal: controller.signal }))
    expect(told(settled)).toEqual(['as-asked c', 'Aborted b unattempted'])
    expect(await left(drive[verb]([item('a', 'c')], { signal: controller.signal }), 'Aborted')).toMatchObject({
      effect: 'none',
    })
  })
})

describe('batchMove', () => {
  test('onto itself is done if the source is there, and keeps the id and the version elsewhere too', async () => {
    const drive = await fresh('a')
    const before = await right(drive.stat(at('a')))
    const settled = await right(drive.batchMove([item('a', 'a'), item('x', 'x'), item('a', 'd/b')]))
    expect(told(settled)).toEqual(['as-asked a', 'NotFound x', 'as-asked d/b'])
    expect(await right(drive.stat(at('d/b')))).toEqual({ ...before, path: 'd/b', name: 'b' })
  })

  test('entries of other kinds are moved, and never replaced', async () => {
    const drive = openMemory()
    plantOther(drive.store, at('l'), 'link')
    await put(drive, 'f', '1')
    const settled = await right(
      drive.batchMove([item('l', 'm'), item('f', 'm'), item('m', 'f')], { conflict: 'overwrite' }),
    )
    expect(told(settled)).toEqual(['as-asked m', 'NameConflict m', 'NameConflict f'])
  })
})

describe('batchCopy', () => {
  test('onto itself conflicts, or copies under rename', async () => {
    const drive = await fresh('a')
    for (const conflict of ['ask', 'overwrite'] as const)
      expect(told(await right(drive.batchCopy([item('a', 'a'), item('x', 'x')], { conflict })))).toEqual([
        'NameConflict a',
        'NotFound x',
      ])
    expect(told(await right(drive.batchCopy([item('a', 'a')], { conflict: 'rename' })))).toEqual(['renamed a (1)'])
    expect(await tree(drive)).toEqual(['a=a', 'a (1)=a'])
  })

  test('a copy has an identity of its own and keeps the content’s time', async () => {
    let now = 1000
    const drive = openMemory({}, { now: () => now })
    await put(drive, 'a', '1')
    now = 2000
    await right(drive.batchCopy([item('a', 'b')]))
    const [a, b] = [await right(drive.stat(at('a'))), await right(drive.stat(at('b')))]
    expect(b).toMatchObject({ modifiedAt: new Date(1000), createdAt: new Date(2000) })
    expect(b.id).not.toBe(a.id)
  })
})

describe('batchRemove', () => {
  test('removes with everything below; what is missing, or the root, is told so', async () => {
    const drive = await fresh('a/b/f', 'c')
    const settled = await right(drive.batchRemove([at('a'), at('a/b'), at('x'), root, at('c')]))
    expect(told(settled)).toEqual(['erased a', 'NotFound a/b', 'NotFound x', 'Unsupported  unattempted', 'erased c'])
    expect(await tree(drive)).toEqual([])
    expect(await right(drive.usage())).toEqual({ used: 0 })
  })

  test('goes to the bin where there is one, unless it is to be permanent', async () => {
    const drive = openMemory({ trash: true })
    await put(drive, 'a', '1')
    await put(drive, 'b', '2')
    expect(told(await right(drive.batchRemove([at('a')], { requireTrash: true })))).toEqual(['trashed a'])
    expect(told(await right(drive.batchRemove([at('b')], { permanent: true })))).toEqual(['erased b'])
    expect(drive.store.bin.map(({ path }) => path)).toEqual(['a'])
  })

  test('requireTrash refuses where nothing could be recovered', async () => {
    const plain = await fresh('a')
    expect(await left(plain.batchRemove([at('a')], { requireTrash: true }), 'Unsupported')).toMatchObject({
      feature: 'features.trash',
    })
    expect(await tree(plain)).toEqual(['a=a'])
    const binned = openMemory({ trash: true })
    await put(binned, 'a', '')
    await left(binned.batchRemove([at('a')], { requireTrash: true, permanent: true }), 'Unsupported')
    expect(await tree(binned)).toEqual(['a='])
  })

  test('a version that no longer holds saves the file', async () => {
    const drive = await fresh('a', 'd/')
    const before = await right(drive.stat(at('a')))
    const version = before.kind === 'file' ? before.version : undefined
    await right(drive.batchRemove([at('a')]))
    await put(drive, 'a', 'new')
    const settled = await right(
      drive.batchRemove([
        { path: at('a'), ifVersion: version },
        { path: at('d'), ifVersion: version },
      ]),
    )
    expect(told(settled)).toEqual(['PreconditionFailed a', 'PreconditionFailed d'])
    expect(await text(drive, 'a')).toBe('new')
  })
})

describe('tasks', () => {
  test('without waiting, the answer is a task that another provider can ask for until it settles', async () => {
    const store = createStore()
    const drive = openMemory({ store, background: { looks: 2 } })
    await put(drive, 'a/f', '1')
    const answer = await right(drive.copyDir(at('a'), at('b'), { wait: false }))
    if (!isAccepted<'copyDir'>(answer)) throw new Error('not accepted')
    const ref = JSON.parse(JSON.stringify(answer.task)) as typeof answer.task
    const other = openMemory({ store, background: true })
    expect(await right(other.task(ref))).toEqual({ status: 'running', done: 0, total: 2 })
    expect(await right(drive.task(ref))).toEqual({ status: 'running', done: 1, total: 2 })
    for (let again = 0; again < 2; again++)
      expect(await right(other.task(ref))).toEqual({
        status: 'settled',
        result: { path: 'b', how: 'as-asked', replaced: false },
      })
    expect(await text(other, 'b/f')).toBe('1')
  })

  test('a batch’s task tells its outcomes', async () => {
    const drive = openMemory({ background: { looks: 0 } })
    await put(drive, 'a', '1')
    for (const answer of [
      await right(drive.batchCopy([item('a', 'b'), item('x', 'y')], { wait: false })),
      await right(drive.batchMove([item('a', 'c'), item('x', 'y')], { wait: false })),
    ]) {
      if (!isAccepted(answer)) throw new Error('not accepted')
      const state = await right(drive.task(answer.task))
      expect(state).toMatchObject({
        status: 'settled',
        result: { outcomes: [{ status: 'done' }, { error: { _tag: 'NotFound' } }] },
      })
    }
  })

  test('what cannot be is a left at once', async () => {
    const drive = openMemory({ background: true })
    await left(drive.copyDir(at('a'), at('b'), { wait: false }), 'NotFound')
  })

  test('an unknown reference, another operation’s, or another drive’s, is NotFound task', async () => {
    const drive = openMemory({ background: true })
    await put(drive, 'a', '1')
    const answer = await right(drive.batchMove([item('a', 'b')], { wait: false }))
    if (!isAccepted<'batchMove'>(answer)) throw new Error('not accepted')
    const { task } = answer
    const wrong = [
      { ...task, operation: 'batchCopy' as const },
      { ...task, vendor: 'other' },
      { ...task, state: { task: 'x' } },
      { ...task, state: null },
    ]
    for (const ref of wrong) expect(await left(drive.task(ref), 'NotFound')).toMatchObject({ what: 'task' })
    await left(openMemory({ background: true }).task(task), 'NotFound')
  })
})
