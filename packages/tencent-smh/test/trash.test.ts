// The recycle bin of both deployments: what is listed, restored, purged and emptied, and what is stated after a fault.
import { fromBytes, type BatchOutcome, type Placed, type TrashItem } from '@anydrive/core'
import { at, left, right, startBench, type Bench } from './harness'

const stated = (outcome: BatchOutcome<TrashItem, Placed> | undefined): string =>
  outcome === undefined
    ? 'none'
    : outcome.status === 'done'
      ? `${outcome.path} ${outcome.how}`
      : `${outcome.error._tag}${outcome.error._tag === 'NotFound' ? ` ${outcome.error.what}` : ''}`

describe.each(['public', 'private'] as const)('of a %s deployment', (deployment) => {
  let bench: Bench
  beforeAll(async () => {
    bench = await startBench({ deployment })
  })
  afterAll(() => bench.emulator.close())
  beforeEach(async () => {
    await right(bench.drive.emptyTrash())
  })

  let count = 0
  const fresh = () => {
    const dir = `t${count++}`
    return (name: string) => at(`${dir}/${name}`)
  }
  const write = (path: ReturnType<typeof at>, text: string) => right(bench.drive.writeFile(path, fromBytes(text)))
  /** The id in the bin that the removal told. */
  const trash = async (path: ReturnType<typeof at>): Promise<string> => {
    const { outcomes } = await right(bench.drive.batchRemove([path]))
    const [outcome] = outcomes
    if (outcome?.status !== 'done' || outcome.trashId === undefined) throw new Error('not in the bin')
    return outcome.trashId
  }
  const restore = async (ids: ReadonlyArray<string>, conflict: 'ask' | 'rename' | 'overwrite' = 'ask') => {
    const { outcomes } = await right(bench.drive.restore(ids, { conflict }))
    return outcomes.map(stated)
  }
  const listed = async () => (await right(bench.drive.listTrash())).items

  test('it lists what was removed, newest first, with where it was and when it will be erased', async () => {
    const inside = fresh()
    await write(inside('f'), 'hello')
    await right(bench.drive.createDir(inside('d')))
    const file = await trash(inside('f'))
    const removedAt = new Date(bench.clock.now())
    bench.clock.advance(3_600_000)
    const directory = await trash(inside('d'))
    bench.clock.advance(3_600_000)
    const expiresAt = new Date(removedAt.getTime() + 30 * 86_400_000)
    expect(await listed()).toEqual([
      expect.objectContaining({ trashId: directory, kind: 'directory', name: 'd', path: inside('d') }),
      expect.objectContaining({ trashId: file, kind: 'file', path: inside('f'), size: 5, removedAt, expiresAt }),
    ])
    const first = await right(bench.drive.listTrash({ limit: 1 }))
    const second = await right(bench.drive.listTrash({ limit: 1, cursor: first.next }))
    expect([first, second].map(({ items }) => items.map(({ trashId }) => trashId))).toEqual([[directory], [file]])
    expect(second).not.toHaveProperty('next')
  })

  test.each(['ask', 'rename', 'overwrite'] as const)('restores to a free name under %s', async (conflict) => {
    const inside = fresh()
    await write(inside('f'), 'x')
    await right(bench.drive.createDir(inside('d/e')))
    const ids = [await trash(inside('f')), await trash(inside('d'))]
    expect(await restore(ids, conflict)).toEqual([`${inside('f')} as-asked`, `${inside('d')} as-asked`])
    expect((await right(bench.drive.stat(inside('d/e')))).kind).toBe('directory')
    expect(await listed()).toEqual([])
    expect(await restore([ids[0] ?? ''], conflict)).toEqual(['NotFound trash'])
  })

  test('a taken name is a conflict, chosen anew, or replaced', async () => {
    const inside = fresh()
    const ids: Array<string> = []
    for (const text of ['one', 'two', 'three']) {
      await write(inside('f'), text)
      ids.push(await trash(inside('f')))
    }
    await write(inside('f'), 'now')
    const [one = '', two = '', three = ''] = ids
    expect(await restore([one])).toEqual(['NameConflict'])
    expect(await listed()).toHaveLength(3)
    expect(await restore([two], 'rename')).toEqual([`${inside('f (1)')} renamed`])
    expect(await restore([three], 'overwrite')).toEqual([`${inside('f')} as-asked`])
    expect(await right(bench.drive.stat(inside('f')))).toMatchObject({ size: 5 })
  })

  test('a missing parent is NotFound, and the item stays', async () => {
    const inside = fresh()
    await write(inside('d/f'), 'x')
    const id = await trash(inside('d/f'))
    await right(bench.drive.batchRemove([inside('d')], { permanent: true }))
    expect(await restore([id])).toEqual(['NotFound parent'])
    expect(await restore([id], 'rename')).toEqual(['NotFound parent'])
    expect(await listed()).toHaveLength(1)
  })

  test('an id that is none of its own is told without sending it', async () => {
    bench.counted()
    expect(await restore(['none', '999999'])).toEqual(['NotFound trash', 'NotFound trash'])
    const purged = await right(bench.drive.purge([{ trashId: '../x' }]))
    expect(purged.outcomes).toMatchObject([{ status: 'failed', attempted: false, error: { what: 'trash' } }])
    expect(bench.counted()).toEqual({ listRecycled: 1 })
  })

  test('purges by id, and empties', async () => {
    const inside = fresh()
    const ids: Array<string> = []
    for (const name of ['a', 'b', 'c']) {
      await write(inside(name), name)
      ids.push(await trash(inside(name)))
    }
    const [a = '', b = ''] = ids
    const { outcomes } = await right(bench.drive.purge([a, { trashId: b }, 'none']))
    expect(outcomes.map((o) => (o.status === 'done' ? o.how : o.error._tag))).toEqual(['erased', 'erased', 'NotFound'])
    expect((await listed()).map(({ name }) => name)).toEqual(['c'])
    await right(bench.drive.emptyTrash())
    expect(await listed()).toEqual([])
    await right(bench.drive.emptyTrash())
  })

  test('many are restored by a task, which a reference leads to', async () => {
    const inside = fresh()
    await write(inside('f'), 'x')
    const id = await trash(inside('f'))
    bench.emulator.behave({ tasks: 'async', taskMs: 60_000 })
    const started = await right(bench.drive.restore([id], { conflict: 'rename', wait: false }))
    if (!('task' in started)) throw new Error('a task was expected')
    expect(await right(bench.drive.task(started.task))).toEqual({ status: 'running' })
    bench.clock.advance(120_000)
    bench.emulator.behave({ tasks: 'auto', taskMs: 200 })
    expect(await right(bench.drive.task(started.task))).toMatchObject({
      ...{ status: 'settled', result: { outcomes: [{ status: 'done', path: inside('f'), how: 'as-asked' }] } },
    })
  })

  test.each(['lost', '5xx-late', 'cut', '5xx'] as const)('after %s it says the truth', async (kind) => {
    const inside = fresh()
    const ids: Array<string> = []
    for (const name of ['a', 'b', 'c', 'd']) {
      await write(inside(name), name)
      bench.clock.advance(5000)
      ids.push(await trash(inside(name)))
    }
    const [a = '', b = '', c = '', d = ''] = ids
    bench.emulator.faults.next('restoreRecycled', kind)
    expect(await restore([a])).toEqual([`${inside('a')} as-asked`])
    bench.emulator.faults.next('restoreManyRecycled', kind)
    expect(await restore([b, c], 'rename')).toEqual([`${inside('b')} as-asked`, `${inside('c')} as-asked`])
    bench.emulator.faults.next('deleteManyRecycled', kind)
    expect((await right(bench.drive.purge([d]))).outcomes).toMatchObject([{ status: 'done' }])
    expect(await listed()).toEqual([])
    expect((await right(bench.drive.list(inside('')))).items.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })
})

test('a library without a bin has none of it', async () => {
  const bench = await startBench({
    config: { libraries: [{ id: 'smhlibrary0000001', secret: 'very-secret-library-secret', recycleBin: false }] },
  })
  try {
    expect(await left(bench.drive.listTrash())).toMatchObject({ _tag: 'Unsupported', feature: 'features.trash' })
    const told = bench.open({ recycleBin: false })
    bench.counted()
    expect(await left(told.listTrash())).toMatchObject({ _tag: 'Unsupported', feature: 'operations.listTrash' })
    expect(bench.counted()).toEqual({})
  } finally {
    await bench.emulator.close()
  }
})
