import { isAccepted, TaskRef } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { counted, left, p, right, startBench, tags, tree, write, type Bench } from './bench'
import type { KooDrive } from '../src'

let bench: Bench
beforeEach(async () => {
  bench = await startBench()
})
afterEach(() => bench.close())

const fill = async (drive: KooDrive, ...paths: ReadonlyArray<string>) => {
  for (const path of paths) {
    if (path.endsWith('/')) await right(drive.createDir(p(path)))
    else await write(drive, path)
  }
}
const remove = (drive: KooDrive, ...paths: ReadonlyArray<string>) => right(drive.batchRemove(paths.map(p)))
const used = async (drive: KooDrive) => (await right(drive.usage())).used

test('one path a folder, one job for all, to the bin', async () => {
  const drive = bench.open()
  await fill(drive, 'a/1', 'a/2', 'b/3', 'b/d/4')
  const before = await used(drive)
  const requests = await counted(bench.emulator, async () => {
    const { outcomes } = await remove(drive, 'a/1', 'a/2', 'b/3', 'b/d')
    expect(outcomes).toMatchObject(Array.from({ length: 4 }, () => ({ status: 'done', how: 'trashed' })))
  })
  expect(requests).toEqual({ fullPath: 2, createJob: 1, jobDetail: 2 })
  expect(await tree(bench.open())).toEqual(['a/', 'b/'])
  expect(await used(drive)).toBe(before)
})

test.each([true, false])('for good, even where only the bin can be purged (purgeLive: %p)', async (purgeLive) => {
  bench.emulator.behave({ purgeLive })
  const drive = bench.open()
  await fill(drive, 'a/1', 'a/2', 'b')
  const { outcomes } = await right(drive.batchRemove([p('a'), p('b')], { permanent: true }))
  expect(outcomes).toMatchObject([{ how: 'erased' }, { how: 'erased' }])
  expect(await tree(bench.open())).toEqual([])
  expect(await used(drive)).toBe(0)
})

test('what is missing fails alone; what cannot be recovered is refused where that is asked', async () => {
  const drive = bench.open()
  await fill(drive, 'a')
  expect(tags(await remove(drive, 'none', 'a', 'a/b'))).toEqual(['NotFound', 'done', 'NotFound'])
  await left(drive.batchRemove([p('a')], { permanent: true, requireTrash: true }), 'Unsupported')
})

test('an item that the job fails is told with its reason', async () => {
  const drive = bench.open()
  await fill(drive, 'a', 'b')
  bench.emulator.faults.next('createJob', 'item')
  expect(tags(await remove(drive, 'a', 'b'))).toEqual(['Unavailable', 'done'])
  expect(await tree(bench.open())).toEqual(['a'])
})

test('only the version asked for is removed', async () => {
  const drive = bench.open()
  await fill(drive, 'a')
  const entry = await right(drive.stat(p('a')))
  const version = entry.kind === 'file' ? entry.version : undefined
  expect(tags(await right(drive.batchRemove([{ path: p('a'), ifVersion: 'another' }])))).toEqual(['PreconditionFailed'])
  expect(tags(await right(drive.batchRemove([{ path: p('a'), ifVersion: version }])))).toEqual(['done'])
})

test('what another client removed is NotFound; what it replaced is removed', async () => {
  const drive = bench.open()
  await fill(drive, 'a', 'b')
  const other = bench.open()
  await remove(other, 'a', 'b')
  await fill(other, 'b')
  expect(tags(await remove(drive, 'a', 'b'))).toEqual(['NotFound', 'done'])
  expect(await tree(bench.open())).toEqual([])
})

test('what lies in a folder that another client renamed is not removed under its old path', async () => {
  const started = Date.now()
  const drive = bench.open({}, { now: () => started })
  await fill(drive, 'a/f')
  await right(bench.open().batchMove([{ from: p('a'), to: p('moved') }]))
  expect(tags(await remove(drive, 'a/f'))).toEqual(['NotFound'])
  expect(await tree(bench.open())).toEqual(['moved/', 'moved/f'])
})

test.each(['fullPath', 'createJob', 'jobDetail'] as const)(
  'a lost answer of %s removes once, and is a success',
  async (endpoint) => {
    const drive = bench.open()
    await fill(drive, 'a', 'b')
    bench.emulator.faults.next(endpoint, 'lost')
    expect(tags(await remove(drive, 'a', 'b'))).toEqual(['done', 'done'])
  },
)

describe('in the background', () => {
  test('the reference is taken up by another drive, and settles with the outcomes', async () => {
    bench.emulator.behave({ jobLife: { kind: 'polls', polls: 2, atMostMs: 3_600_000 } })
    const drive = bench.open()
    await fill(drive, 'a', 'd/b')
    const answer = await right(drive.batchRemove([p('a'), p('d/b')], { wait: false }))
    if (!isAccepted(answer)) throw new Error('settled at once')
    const stored = TaskRef.decode(JSON.parse(JSON.stringify(answer.task)))
    if (E.isLeft(stored)) throw new Error('the reference is not JSON')
    const other = bench.open()
    expect(await right(other.task(stored.right))).toMatchObject({ status: 'running', total: 2 })
    await right(other.task(stored.right))
    const settled = await right(other.task(stored.right))
    expect(settled).toMatchObject({
      status: 'settled',
      result: {
        outcomes: [
          { status: 'done', path: 'a', how: 'trashed' },
          { status: 'done', path: 'd/b' },
        ],
      },
    })
    expect(await tree(bench.open())).toEqual(['d/'])
  })

  test('items that are missing make the answer settled', async () => {
    const drive = bench.open()
    await fill(drive, 'a')
    const answer = await right(drive.batchRemove([p('a'), p('none')], { wait: false }))
    expect(isAccepted(answer)).toBe(false)
  })

  test('an unknown reference is NotFound', async () => {
    const drive = bench.open()
    const state = { items: ['a'], task: { job: '123456789', items: [] } }
    expect((await left(drive.task({ vendor: 'koodrive', operation: 'batchRemove', state }), 'NotFound')).what).toBe(
      'task',
    )
    expect((await left(drive.task({ vendor: 'koodrive', operation: 'batchRemove', state: 7 }), 'NotFound')).what).toBe(
      'task',
    )
    expect((await left(drive.task({ vendor: 'other', operation: 'batchRemove', state }), 'NotFound')).what).toBe('task')
  })

  test('a job can be looked at and cancelled by its id', async () => {
    bench.emulator.behave({ jobLife: { kind: 'delay', delayMs: 3_600_000 } })
    const drive = bench.open()
    await fill(drive, 'a')
    const answer = await right(drive.batchRemove([p('a')], { wait: false }))
    if (!isAccepted(answer)) throw new Error('settled at once')
    const { job } = (answer.task.state as { task: { job: string } }).task
    expect((await right(drive.kooDrive.job(job))).status).toBe('running')
    await right(drive.kooDrive.cancelJob(job))
    const state = await right(drive.task(answer.task))
    expect(state).toMatchObject({
      status: 'settled',
      result: { outcomes: [{ status: 'failed', error: { _tag: 'TaskFailed' } }] },
    })
    expect(await tree(bench.open())).toEqual(['a'])
  })
})
