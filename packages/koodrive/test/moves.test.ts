import { partition, type MoveItem } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { cancelAll, counted, hold, p, read, right, startBench, tags, tree, write, type Bench } from './bench'
import type { KooDrive } from '../src'

let bench: Bench
beforeEach(async () => {
  bench = await startBench()
})
afterEach(() => bench.close())

const item = (from: string, to: string, conflict?: MoveItem['conflict']): MoveItem => ({
  from: p(from),
  to: p(to),
  conflict,
})
const move = (drive: KooDrive, ...items: ReadonlyArray<MoveItem>) => right(drive.batchMove(items))
const fill = async (drive: KooDrive, ...paths: ReadonlyArray<string>) => {
  for (const path of paths) {
    if (path.endsWith('/')) await right(drive.createDir(p(path)))
    else await write(drive, path)
  }
}

describe('to another name', () => {
  test('a rename in place is one request', async () => {
    const drive = bench.open()
    await fill(drive, 'd/a')
    const requests = await counted(bench.emulator, async () => {
      expect((await move(drive, item('d/a', 'd/b'))).outcomes[0]).toMatchObject({
        status: 'done',
        path: 'd/b',
        how: 'as-asked',
        replaced: false,
      })
    })
    expect(requests).toEqual({ renameFile: 1 })
    expect(await tree(bench.open())).toEqual(['d/', 'd/b'])
  })

  test('rename tells the name that the service chose', async () => {
    const drive = bench.open()
    await fill(drive, 'a.txt', 'b.txt')
    const { outcomes } = await move(drive, item('a.txt', 'b.txt', 'rename'))
    expect(outcomes[0]).toMatchObject({ status: 'done', how: 'renamed' })
    expect(outcomes[0]?.status === 'done' ? outcomes[0].path : '').toMatch(/^b_\d{8}_\d{6}\.txt$/)
  })

  test('overwrite replaces a file, and no directory', async () => {
    const drive = bench.open()
    await fill(drive, 'a', 'b', 'c', 'd/', 'e/')
    expect((await move(drive, item('a', 'b', 'overwrite'))).outcomes[0]).toMatchObject({
      status: 'done',
      replaced: true,
    })
    expect(tags(await move(drive, item('c', 'd', 'overwrite')))).toEqual(['NameConflict'])
    expect(tags(await move(drive, item('e', 'd', 'overwrite')))).toEqual(['NameConflict'])
    expect(tags(await move(drive, item('e', 'b', 'overwrite')))).toEqual(['NameConflict'])
    expect(await tree(bench.open())).toEqual(['b', 'c', 'd/', 'e/'])
    expect(await read(bench.open(), 'b')).toBe('a')
  })

  test('a clash with an unfinished upload is Unavailable', async () => {
    const drive = bench.open()
    await fill(drive, 'a')
    await hold(bench, 'held')
    expect(tags(await move(drive, item('a', 'held')))).toEqual(['Unavailable'])
  })

  test('a lost answer is looked after', async () => {
    const drive = bench.open()
    await fill(drive, 'a', 'b')
    bench.emulator.faults.next('renameFile', 'lost')
    expect((await move(drive, item('a', 'c'))).outcomes[0]).toMatchObject({ status: 'done', path: 'c' })
    bench.emulator.faults.next('renameFile', 'lost')
    const { outcomes } = await move(drive, item('b', 'c', 'rename'))
    expect(outcomes[0]).toMatchObject({ status: 'done', how: 'renamed' })
    expect((await tree(bench.open())).length).toBe(2)
  })
})

describe('to another folder', () => {
  test('one job a folder, two renames an item', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'a/2', 'a/3', 'b/', 'c/')
    const requests = await counted(bench.emulator, async () => {
      const moved = await move(drive, item('a/1', 'b/1'), item('a/2', 'b/two'), item('a/3', 'c/3'))
      expect(tags(moved)).toEqual(['done', 'done', 'done'])
    })
    expect(requests).toEqual({ renameFile: 6, createJob: 2, jobDetail: 4 })
    expect(await tree(bench.open())).toEqual(['a/', 'b/', 'b/1', 'b/two', 'c/', 'c/3'])
  })

  test('directories move with all below them, and are known under their new path', async () => {
    const drive = bench.open()
    await fill(drive, 'a/d/x/f', 'b/')
    expect(tags(await move(drive, item('a/d', 'b/e')))).toEqual(['done'])
    expect(await tree(bench.open())).toEqual(['a/', 'b/', 'b/e/', 'b/e/x/', 'b/e/x/f'])
    expect(await read(drive, 'b/e/x/f')).toBe('a/d/x/f')
    expect(E.isLeft(await drive.stat(p('a/d/x/f'))())).toBe(true)
  })

  test('to the root and from it', async () => {
    bench.emulator.behave({ jobTargetForms: 'id' })
    const drive = bench.open()
    await fill(drive, 'a/f', 'g')
    expect(tags(await move(drive, item('a/f', 'f'), item('g', 'a/g')))).toEqual(['done', 'done'])
    expect(await tree(bench.open())).toEqual(['a/', 'a/g', 'f'])
  })

  test('missing parents of a target are made; a file among them is told', async () => {
    const drive = bench.open()
    await fill(drive, 'a', 'b', 'file')
    expect(tags(await move(drive, item('a', 'x/y/a'), item('b', 'file/b')))).toEqual(['done', 'WrongKind'])
    expect(await tree(bench.open())).toEqual(['b', 'file', 'x/', 'x/y/', 'x/y/a'])
  })

  describe.each(['suffix', 'fail', 'duplicate'] as const)('where a job answers a clash with %s', (moveClash) => {
    beforeEach(() => bench.emulator.behave({ moveClash }))

    test.each(['temporary-names', 'listing'])('each strategy does what it promises (%s)', async (moves) => {
      const drive = bench.open({ moves })
      await fill(drive, 'a/ask', 'a/over', 'a/ren', 'a/free', 'b/ask', 'b/over', 'b/ren', 'b/dir/')
      await write(drive, 'a/dir')
      const { outcomes } = await move(
        bench.open({ moves }),
        item('a/ask', 'b/ask'),
        item('a/over', 'b/over', 'overwrite'),
        item('a/ren', 'b/ren', 'rename'),
        item('a/free', 'b/free'),
        item('a/dir', 'b/dir', 'overwrite'),
      )
      expect(tags({ outcomes })).toEqual(['NameConflict', 'done', 'done', 'done', 'NameConflict'])
      expect(outcomes[1]).toMatchObject({ path: 'b/over', replaced: true })
      expect(outcomes[2]).toMatchObject({ how: 'renamed' })
      const renamed = outcomes[2]?.status === 'done' ? outcomes[2].path : ''
      expect(await tree(bench.open())).toEqual(
        ['a/', 'a/ask', 'a/dir', 'b/', 'b/ask', 'b/dir/', 'b/free', 'b/over', 'b/ren', renamed].sort(),
      )
      expect(await read(bench.open(), 'b/over')).toBe('a/over')
      expect(await read(bench.open(), 'b/ask')).toBe('b/ask')
      expect(await read(bench.open(), renamed)).toBe('a/ren')
    })
  })

  test('looking first spares the renames', async () => {
    const drive = bench.open({ moves: 'listing' })
    await fill(drive, 'a/1', 'b/')
    const requests = await counted(bench.emulator, () => move(drive, item('a/1', 'b/1')))
    expect(requests['renameFile']).toBeUndefined()
    expect(drive.capabilities.conflict.moveFile.ask.support).toBe('emulated-open')
    expect(bench.open().capabilities.conflict.moveFile.ask.support).toBe('emulated')
  })

  test('a swap fails twice under ask, item by item as if one after another', async () => {
    const drive = bench.open()
    await fill(drive, 'a/x', 'b/x')
    expect(tags(await move(drive, item('a/x', 'b/x'), item('b/x', 'a/x')))).toEqual(['NameConflict', 'NameConflict'])
    expect(tags(await move(drive, item('a/x', 'c'), item('b/x', 'a/x'), item('c', 'b/x')))).toEqual([
      'done',
      'done',
      'done',
    ])
    expect(await read(bench.open(), 'a/x')).toBe('b/x')
    expect(await read(bench.open(), 'b/x')).toBe('a/x')
  })

  test('what is missing fails alone', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'b/')
    const batch = await move(drive, item('a/none', 'b/none'), item('a/1', 'b/1'))
    expect(tags(batch)).toEqual(['NotFound', 'done'])
    expect(partition(batch).failed[0]).toMatchObject({ attempted: false, error: { what: 'source', path: 'a/none' } })
  })

  test('a known clash is found before anything is moved', async () => {
    const drive = bench.open()
    await fill(drive, 'a/x', 'b/x')
    const requests = await counted(bench.emulator, () => move(drive, item('a/x', 'b/x')))
    expect(requests).toEqual({ fileDetail: 1 })
  })
})

describe('when something fails on the way', () => {
  test('an item that the job fails gets its name back, and says why', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'a/2', 'b/')
    bench.emulator.faults.next('createJob', 'item')
    expect(tags(await move(drive, item('a/1', 'b/1'), item('a/2', 'b/2')))).toEqual(['Unavailable', 'done'])
    expect(await tree(bench.open())).toEqual(['a/', 'a/1', 'b/', 'b/2'])
  })

  test('a job that tells no reason is believed all the same', async () => {
    bench.emulator.behave({ itemReasons: false })
    const drive = bench.open()
    await fill(drive, 'a/1', 'b/')
    bench.emulator.faults.next('createJob', 'item')
    expect(tags(await move(drive, item('a/1', 'b/1')))).toEqual(['Unavailable'])
    expect(await tree(bench.open())).toEqual(['a/', 'a/1', 'b/'])
  })

  test('a job that is cancelled leaves all names as they were', async () => {
    bench.emulator.behave({ jobLife: { kind: 'delay', delayMs: 3_600_000 } })
    const other = bench.open()
    const jobs: Array<Promise<unknown>> = []
    const log = (event: object) => {
      if ('endpoint' in event && event.endpoint === 'jobDetail' && jobs.length === 0) jobs.push(cancelAll(bench, other))
    }
    const drive = bench.open({}, { log })
    await fill(drive, 'a/1', 'b/')
    expect(tags(await move(drive, item('a/1', 'b/1')))).toEqual(['TaskFailed'])
    await Promise.all(jobs)
    expect(await tree(bench.open())).toEqual(['a/', 'a/1', 'b/'])
  })

  test('a job that is refused leaves all names as they were', async () => {
    const drive = bench.open({ http: { attempts: 1 } })
    await fill(drive, 'a/1', 'a/2', 'b/')
    bench.emulator.faults.next('createJob', '5xx', 9)
    expect(tags(await move(drive, item('a/1', 'b/1'), item('a/2', 'b/2')))).toEqual(['Unavailable', 'Unavailable'])
    bench.emulator.faults.clear()
    expect(await tree(bench.open())).toEqual(['a/', 'a/1', 'a/2', 'b/'])
  })

  test('an item that cannot get its name goes back', async () => {
    const drive = bench.openWatched('createJob', 1, () => bench.emulator.faults.next('renameFile', '5xx', 3))
    await fill(drive, 'a/1', 'b/')
    expect(tags(await move(drive, item('a/1', 'b/2')))).toEqual(['Unavailable'])
    expect(await tree(bench.open())).toEqual(['a/', 'a/1', 'b/'])
  })

  test('an item that cannot go back either says where it stands', async () => {
    const drive = bench.openWatched('createJob', 1, () => {
      bench.emulator.faults.next('renameFile', '5xx', 3)
      bench.emulator.faults.next('createJob', 'item')
    })
    await fill(drive, 'a/1', 'b/')
    const { outcomes } = await move(drive, item('a/1', 'b/2'))
    expect(outcomes[0]).toMatchObject({ status: 'failed', error: { _tag: 'TaskFailed' } })
    const partial =
      outcomes[0]?.status === 'failed' && outcomes[0].error._tag === 'TaskFailed' ? outcomes[0].error.partial : ''
    expect(await tree(bench.open())).toContain(partial)
    expect(await read(bench.open(), String(partial))).toBe('a/1')
  })

  test('a clash that is found at the end goes all the way back', async () => {
    await fill(bench.open(), 'a/x', 'b/x')
    expect(tags(await move(bench.open(), item('a/x', 'b/x')))).toEqual(['NameConflict'])
    expect(await tree(bench.open())).toEqual(['a/', 'a/x', 'b/', 'b/x'])
    expect(await read(bench.open(), 'a/x')).toBe('a/x')
  })

  test.each(['renameFile', 'createJob', 'jobDetail'] as const)('a lost answer of %s moves once', async (endpoint) => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'a/2', 'b/')
    bench.emulator.faults.next(endpoint, 'lost')
    expect(tags(await move(drive, item('a/1', 'b/one'), item('a/2', 'b/two')))).toEqual(['done', 'done'])
    expect(await tree(bench.open())).toEqual(['a/', 'b/', 'b/one', 'b/two'])
  })

  test('a job whose answer was lost is found among the newer ones, and not sent again', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'a/2', 'b/')
    await move(drive, item('a/1', 'b/1'))
    bench.emulator.faults.next('createJob', 'lost')
    const requests = await counted(bench.emulator, () => move(drive, item('a/2', 'b/2')))
    expect(requests).toMatchObject({ createJob: 1, jobList: 1 })
  })

  test('a job that takes longer than anybody waits is Indeterminate, and says where to look', async () => {
    bench.emulator.behave({ jobLife: { kind: 'delay', delayMs: 3_600_000 } })
    const drive = bench.open({ taskTimeout: 0 })
    await fill(drive, 'a/1', 'b/')
    const { outcomes } = await move(drive, item('a/1', 'b/1'))
    expect(outcomes[0]).toMatchObject({ status: 'failed', error: { _tag: 'Indeterminate' } })
    const error = outcomes[0]?.status === 'failed' ? outcomes[0].error : undefined
    expect(error?._tag === 'Indeterminate' ? error.check : '').toMatch(/\/a\/1\.anydrive-.* and \/b\/1\.anydrive-/)
  })

  test('an abort before the job leaves everything as it was', async () => {
    const controller = new AbortController()
    const drive = bench.openWatched('rename', 1, () => controller.abort())
    await fill(drive, 'a/1', 'b/')
    const answer = await drive.batchMove([item('a/1', 'b/1')], { signal: controller.signal })()
    expect(JSON.stringify(answer)).toContain('Aborted')
    expect(await tree(bench.open())).toEqual(['a/', 'a/1', 'b/'])
  })

  test('an abort during the job is followed by its end', async () => {
    const controller = new AbortController()
    const drive = bench.openWatched('createJob', 1, () => controller.abort())
    await fill(drive, 'a/1', 'b/')
    await drive.batchMove([item('a/1', 'b/2')], { signal: controller.signal })()
    expect(await tree(bench.open())).toEqual(['a/', 'b/', 'b/2'])
  })

  test('an id that another client has made stale is found again', async () => {
    const drive = bench.open()
    await fill(drive, 'a/1', 'b/')
    const other = bench.open()
    await right(other.batchRemove([p('a/1'), p('b')]))
    await fill(other, 'a/1', 'b/')
    expect(tags(await move(drive, item('a/1', 'b/1')))).toEqual(['done'])
    expect(await tree(bench.open())).toEqual(['a/', 'b/', 'b/1'])
  })

  test('a leftover of another move is not touched', async () => {
    const drive = bench.open({ http: { attempts: 1 }, taskTimeout: 0 })
    await fill(drive, 'a/1', 'b/')
    bench.emulator.behave({ jobLife: { kind: 'delay', delayMs: 3_600_000 } })
    await move(drive, item('a/1', 'b/1'))
    bench.emulator.behave({ jobLife: { kind: 'at-once' } })
    await write(bench.open(), 'a/1', 'second')
    expect(tags(await move(bench.open(), item('a/1', 'b/1')))).toEqual(['done'])
    expect(await read(bench.open(), 'b/1')).toBe('second')
  })
})

test('many items into three folders cost three jobs', async () => {
  const drive = bench.open({ http: { concurrency: 16 } })
  const names = Array.from({ length: 60 }, (_, i) => `f${i}`)
  await Promise.all(['a/', 'x/', 'y/', 'z/'].map((dir) => right(drive.createDir(p(dir)))))
  await Promise.all(names.map((name) => write(drive, `a/${name}`)))
  const requests = await counted(bench.emulator, async () => {
    const moved = await move(drive, ...names.map((name, i) => item(`a/${name}`, `${'xyz'[i % 3] ?? ''}/${name}`)))
    expect(new Set(tags(moved))).toEqual(new Set(['done']))
  })
  expect(requests).toEqual({ renameFile: 120, createJob: 3, jobDetail: 6 })
})
