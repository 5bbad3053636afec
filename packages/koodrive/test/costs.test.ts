// What the optional operations cost in requests, as docs/performance.md says, on a drive that has a token and knows the ids.
import { counted, p, right, startBench, write, type Bench } from './bench'
import type { KooDrive } from '../src'

let bench: Bench
beforeAll(async () => {
  bench = await startBench({ behaviour: { jobLife: { kind: 'at-once' } } })
})
afterAll(() => bench.close())

let count = 0
/** Files of one folder, removed. */
const withTrash = async (names: ReadonlyArray<string>) => {
  const drive = bench.open()
  const folder = `d${count++}`
  const paths = names.map((name) => p(`${folder}/${name}`))
  for (const path of paths) await write(drive, path)
  const { outcomes } = await right(drive.batchRemove(paths))
  const ids = outcomes.map((one) => (one.status === 'done' ? (one.trashId ?? '') : ''))
  return { drive, ids }
}
const names = ['a', 'b', 'c']

type Case = readonly [
  what: string,
  run: (drive: KooDrive, ids: ReadonlyArray<string>) => Promise<unknown>,
  cost: object,
]
const cases: ReadonlyArray<Case> = [
  ['a page of the trash', (drive) => right(drive.listTrash()), { listFiles: 1 }],
  [
    'restore under ask',
    (drive, ids) => right(drive.restore(ids)),
    { fileDetail: 3, fullPath: 4, listFiles: 1, createJob: 1, jobDetail: 1 },
  ],
  [
    'restore under rename',
    (drive, ids) => right(drive.restore(ids, { conflict: 'rename' })),
    { fileDetail: 3, fullPath: 3, createJob: 1, jobDetail: 1 },
  ],
  ['purge', (drive, ids) => right(drive.purge(ids)), { fileDetail: 3, createJob: 1, jobDetail: 1 }],
  ['emptyTrash', (drive) => right(drive.emptyTrash()), { emptyRecycle: 1 }],
  ['a page of a search', (drive) => right(drive.search({ name: 'f' })), { search: 1 }],
]

test.each(cases)('%s', async (_, run, cost) => {
  const { drive, ids } = await withTrash(names)
  expect(await counted(bench.emulator, () => run(drive, ids))).toEqual(cost)
})

test('a URL of a file whose id is known', async () => {
  const drive = bench.open()
  await write(drive, 'linked')
  expect(await counted(bench.emulator, () => right(drive.downloadUrl(p('linked'))))).toEqual({ downloadUrls: 1 })
})
