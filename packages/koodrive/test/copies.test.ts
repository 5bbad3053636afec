import type { CopyItem } from '@anydrive/core'
import { counted, left, p, read, right, startBench, tags, tree, write, type Bench } from './bench'
import type { KooDrive } from '../src'

let bench: Bench
beforeEach(async () => {
  bench = await startBench()
})
afterEach(() => bench.close())

const item = (from: string, to: string, conflict?: CopyItem['conflict']): CopyItem => ({
  from: p(from),
  to: p(to),
  conflict,
})
const copy = (drive: KooDrive, ...items: ReadonlyArray<CopyItem>) => right(drive.batchCopy(items))
const fill = async (drive: KooDrive, ...paths: ReadonlyArray<string>) => {
  for (const path of paths) {
    if (path.endsWith('/')) await right(drive.createDir(p(path)))
    else await write(drive, path)
  }
}

describe('copyDir', () => {
  test('makes the folder, and copies its children by one job', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'a/2', 'a/sub/3', 'a/empty/')
    const requests = await counted(bench.emulator, async () => {
      expect(await right(drive.copyDir(p('a'), p('b')))).toMatchObject({ path: 'b', how: 'as-asked' })
    })
    expect(requests).toEqual({ createDirectory: 1, listFiles: 1, createJob: 1, jobDetail: 2 })
    expect(await tree(bench.open(), 'b')).toEqual(['b/1', 'b/2', 'b/empty/', 'b/sub/', 'b/sub/3'])
    expect(await read(drive, 'b/sub/3')).toBe('a/sub/3')
  })

  test('where jobs take no folders it copies level by level', async () => {
    bench.emulator.behave({ folderCopyByJob: false })
    const drive = bench.open()
    await fill(drive, 'a/1', 'a/x/2', 'a/x/y/3', 'a/x/y/4', 'a/empty/')
    await right(drive.copyDir(p('a'), p('b')))
    expect(await tree(bench.open(), 'b')).toEqual(['b/1', 'b/empty/', 'b/x/', 'b/x/2', 'b/x/y/', 'b/x/y/3', 'b/x/y/4'])
  })

  test('where jobs list all that they copied, and tell no reasons', async () => {
    bench.emulator.behave({ itemsOfSubtree: true, itemReasons: false })
    const drive = bench.open()
    await fill(drive, 'a/x/1')
    await right(drive.copyDir(p('a'), p('b')))
    bench.emulator.behave({ folderCopyByJob: false })
    await right(drive.copyDir(p('a'), p('c')))
    expect(await tree(bench.open(), 'c')).toEqual(['c/x/', 'c/x/1'])
  })

  test('an empty folder needs no job, more children than fit take several', async () => {
    const drive = bench.open({ jobItems: 2 })
    await fill(drive, 'e/', 'a/1', 'a/2', 'a/3', 'a/4', 'a/5')
    expect((await counted(bench.emulator, () => right(drive.copyDir(p('e'), p('f')))))['createJob']).toBeUndefined()
    expect((await counted(bench.emulator, () => right(drive.copyDir(p('a'), p('b')))))['createJob']).toBe(3)
    expect((await tree(bench.open(), 'b')).length).toBe(5)
  })

  test('never merges: ask and overwrite conflict, rename takes a free name', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'b/2', 'c')
    expect((await left(drive.copyDir(p('a'), p('b')), 'NameConflict')).existing).toMatchObject({ kind: 'directory' })
    await left(drive.copyDir(p('a'), p('b'), { conflict: 'overwrite' }), 'NameConflict')
    await left(drive.copyDir(p('a'), p('c'), { conflict: 'overwrite' }), 'NameConflict')
    const placed = await right(drive.copyDir(p('a'), p('b'), { conflict: 'rename' }))
    expect(placed.how).toBe('renamed')
    expect(await tree(bench.open(), placed.path)).toEqual([`${placed.path}/1`])
    expect(await tree(bench.open(), 'b')).toEqual(['b/2'])
  })

  test('of a file, of nothing, into itself, below a missing parent', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1')
    expect((await left(drive.copyDir(p('a/1'), p('b')), 'WrongKind')).expected).toBe('directory')
    expect((await left(drive.copyDir(p('none'), p('b')), 'NotFound')).what).toBe('source')
    await left(drive.copyDir(p('a'), p('a/b')), 'NestedTarget')
    expect((await left(drive.copyDir(p('a'), p('x/b'), { parents: 'require' }), 'NotFound')).what).toBe('parent')
    await right(drive.copyDir(p('a'), p('x/y/b')))
    expect(await tree(bench.open(), 'x')).toEqual(['x/y/', 'x/y/b/', 'x/y/b/1'])
  })

  test('a failure half-way tells what stands', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'a/2')
    bench.emulator.faults.next('createJob', 'item')
    const error = await left(drive.copyDir(p('a'), p('b')), 'TaskFailed')
    expect(error).toMatchObject({ partial: 'b', code: '13000201' })
    expect(await tree(bench.open(), 'b')).toEqual(['b/2'])
  })

  test.each(['createJob', 'jobDetail', 'listFiles'] as const)('a lost answer of %s copies once', async (endpoint) => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'a/x/2')
    bench.emulator.faults.next(endpoint, 'lost')
    await right(drive.copyDir(p('a'), p('b')))
    expect(await tree(bench.open(), 'b')).toEqual(['b/1', 'b/x/', 'b/x/2'])
    expect((await tree(bench.open())).length).toBe(8)
  })

  test('an abort says that something may stand', async () => {
    const controller = new AbortController()
    const drive = bench.openWatched('createJob', 1, () => controller.abort(), { jobItems: 1 })
    await fill(drive, 'a/1', 'a/2')
    expect(await left(drive.copyDir(p('a'), p('b'), { signal: controller.signal }), 'Aborted')).toMatchObject({
      effect: 'unknown',
    })
    expect(await tree(bench.open(), 'b')).toEqual(['b/1'])
  })
})

describe('batchCopy', () => {
  test('one job and one look an item, and one rename where the name differs', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'a/2', 'b/')
    const requests = await counted(bench.emulator, async () => {
      const copied = await copy(drive, item('a/1', 'b/1'), item('a/2', 'b/two'))
      expect(copied.outcomes).toMatchObject([
        { path: 'b/1', how: 'as-asked' },
        { path: 'b/two', how: 'as-asked' },
      ])
    })
    expect(requests).toEqual({ createJob: 1, jobDetail: 2, fileDetail: 2, renameFile: 1 })
    expect(await tree(bench.open())).toEqual(['a/', 'a/1', 'a/2', 'b/', 'b/1', 'b/two'])
    expect(await read(bench.open(), 'b/two')).toBe('a/2')
  })

  test('each strategy does what it promises', async () => {
    const drive = bench.open()
    await fill(drive, 'a/ask', 'a/over', 'a/ren', 'a/dir', 'b/ask', 'b/over', 'b/ren', 'b/dir/')
    const { outcomes } = await copy(
      drive,
      item('a/ask', 'b/ask'),
      item('a/over', 'b/over', 'overwrite'),
      item('a/ren', 'b/ren', 'rename'),
      item('a/dir', 'b/dir', 'overwrite'),
    )
    expect(tags({ outcomes })).toEqual(['NameConflict', 'done', 'done', 'NameConflict'])
    expect(outcomes[1]).toMatchObject({ path: 'b/over', replaced: true })
    const renamed = outcomes[2]?.status === 'done' ? outcomes[2].path : ''
    expect(renamed).toMatch(/^b\/ren_\d{8}_\d{6}$/)
    expect(await tree(bench.open(), 'b')).toEqual(['b/ask', 'b/dir/', 'b/over', 'b/ren', renamed].sort())
    expect(await read(bench.open(), 'b/over')).toBe('a/over')
    expect(await read(bench.open(), 'b/ask')).toBe('b/ask')
  })

  test('in one folder, to another name and to a free one', async () => {
    const drive = bench.open()
    await fill(drive, 'a/f.txt')
    expect((await copy(drive, item('a/f.txt', 'a/g.txt'))).outcomes[0]).toMatchObject({ path: 'a/g.txt' })
    const { outcomes } = await copy(drive, item('a/f.txt', 'a/f.txt', 'rename'))
    expect(outcomes[0]).toMatchObject({ status: 'done', how: 'renamed' })
    expect(tags(await copy(drive, item('a/f.txt', 'a/f.txt')))).toEqual(['NameConflict'])
    expect((await tree(bench.open(), 'a')).length).toBe(3)
  })

  test('copies that would be in each other’s way for a moment are not', async () => {
    const drive = bench.open()
    await fill(drive, 'a/x', 'b/x', 'd/')
    const copied = await copy(drive, item('b/x', 'd/x1'), item('a/x', 'd/x'), item('a/x', 'd/y'), item('b/x', 'd/z'))
    expect(copied.outcomes).toMatchObject([{ path: 'd/x1' }, { path: 'd/x' }, { path: 'd/y' }, { path: 'd/z' }])
    expect(await Promise.all(['x1', 'x', 'y', 'z'].map((name) => read(bench.open(), `d/${name}`)))).toEqual([
      'b/x',
      'a/x',
      'a/x',
      'b/x',
    ])
    expect((await tree(bench.open(), 'd')).length).toBe(4)
  })

  test('directories are copied too, and what is missing fails alone', async () => {
    bench.emulator.behave({ folderCopyByJob: false })
    const drive = bench.open()
    await fill(drive, 'a/d/1', 'a/f', 'b/')
    const copied = await copy(drive, item('a/d', 'b/d'), item('a/none', 'b/none'), item('a/f', 'new/f'))
    expect(tags(copied)).toEqual(['done', 'NotFound', 'done'])
    expect(await tree(bench.open())).toEqual(['a/', 'a/d/', 'a/d/1', 'a/f', 'b/', 'b/d/', 'b/d/1', 'new/', 'new/f'])
  })

  test.each(['createJob', 'jobDetail', 'renameFile', 'fileDetail'] as const)(
    'a lost answer of %s copies once',
    async (endpoint) => {
      const drive = bench.open()
      await fill(drive, 'a/1', 'b/')
      bench.emulator.faults.next(endpoint, 'lost')
      expect(tags(await copy(drive, item('a/1', 'b/2')))).toEqual(['done'])
      expect(await tree(bench.open(), 'b')).toEqual(['b/2'])
    },
  )

  test('a second copy of the same is not mistaken for the first whose answer came', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'b/', 'c/')
    await copy(drive, item('a/1', 'b/1'))
    bench.emulator.faults.next('createJob', '5xx')
    expect(tags(await copy(drive, item('a/1', 'c/1')))).toEqual(['done'])
    expect(await tree(bench.open(), 'c')).toEqual(['c/1'])
  })

  test('a job of another client is not mistaken for the one whose answer was lost', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'a/2', 'b/', 'c/')
    await copy(bench.open(), item('a/2', 'b/2'))
    bench.emulator.faults.next('createJob', 'lost')
    const requests = await counted(bench.emulator, async () => {
      expect(tags(await copy(drive, item('a/1', 'c/1')))).toEqual(['done'])
    })
    expect(requests['createJob']).toBe(1)
    expect(await tree(bench.open(), 'c')).toEqual(['c/1'])
  })

  test('a copy of the same by another client to another folder is not ours', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'b/', 'c/')
    await copy(bench.open(), item('a/1', 'b/1'))
    bench.emulator.faults.next('createJob', '5xx')
    expect(tags(await copy(drive, item('a/1', 'c/2')))).toEqual(['done'])
    expect(await tree(bench.open())).toEqual(['a/', 'a/1', 'b/', 'b/1', 'c/', 'c/2'])
  })

  test('a job that may still come is not created again', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'b/')
    bench.emulator.faults.next('createJob', 'cut')
    const requests = await counted(bench.emulator, async () => {
      const { outcomes } = await copy(drive, item('a/1', 'b/2'))
      expect(outcomes[0]).toMatchObject({
        error: { _tag: 'Indeterminate', check: expect.stringContaining('/b/2') as string },
      })
    })
    expect(requests['createJob']).toBe(1)
  })

  test('two jobs that nobody can tell apart are Indeterminate', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'b/')
    await copy(bench.open(), item('a/1', 'b/1'))
    bench.emulator.faults.next('createJob', 'lost')
    const { outcomes } = await copy(drive, item('a/1', 'b/2'))
    expect(outcomes[0]).toMatchObject({ status: 'failed', error: { _tag: 'Indeterminate' } })
  })

  test.each([
    ['is free', []],
    ['is taken', ['b/2']],
  ] as const)('a copy whose rename may still come is taken back where the name %s', async (_what, taken) => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'b/', ...taken)
    bench.emulator.faults.next('renameFile', 'cut', 3)
    expect(tags(await copy(bench.open(), item('a/1', 'b/2')))).toEqual(['Unavailable'])
    expect(await tree(bench.open(), 'b')).toEqual(taken)
  })

  test('a copy that cannot get its name is taken back', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'b/')
    bench.emulator.faults.next('renameFile', '5xx', 3)
    expect(tags(await copy(drive, item('a/1', 'b/2')))).toEqual(['Unavailable'])
    expect(await tree(bench.open(), 'b')).toEqual([])
  })

  test('an overwrite that fails puts the old file back, and takes the copy away', async () => {
    const drive = bench.openWatched('rename', 2, () => bench.emulator.faults.next('renameFile', '5xx', 3))
    await fill(drive, 'a/f', 'b/f')
    expect(tags(await copy(drive, item('a/f', 'b/f', 'overwrite')))).toEqual(['Unavailable'])
    expect(await tree(bench.open(), 'b')).toEqual(['b/f'])
    expect(await read(bench.open(), 'b/f')).toBe('b/f')
  })

  test('a name that a copy had for a moment is free afterwards', async () => {
    const drive = bench.open()
    await fill(drive, 'c/a')
    expect(tags(await copy(drive, item('c/a', 'c')))).toEqual(['NameConflict'])
    await right(drive.createDir(p('a/x')))
    expect(await tree(bench.open())).toEqual(['a/', 'a/x/', 'c/', 'c/a'])
  })
})
