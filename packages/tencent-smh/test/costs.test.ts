// What the optional operations cost in requests, as docs/performance.md says, on a drive that has a token.
import { fromBytes } from '@anydrive/core'
import { at, library, right, startBench, type Bench } from './harness'

let bench: Bench
beforeAll(async () => {
  const config = { libraries: [{ ...library, history: true }] }
  bench = await startBench({ config }, { history: true, changeFeed: true })
  await right(bench.drive.stat(at('')))
})
afterAll(() => bench.emulator.close())

const counted = async (work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> => {
  bench.emulator.requests.clear()
  await work()
  return bench.emulator.requests.counts()
}

const write = (path: string, text: string) =>
  right(bench.drive.writeFile(at(path), fromBytes(text), { conflict: 'overwrite' }))

let count = 0
const trashed = async (): Promise<ReadonlyArray<string>> => {
  const paths = ['a', 'b', 'c'].map((name) => at(`d${count}/${name}`))
  count++
  for (const path of paths) await write(path, path)
  const { outcomes } = await right(bench.drive.batchRemove(paths))
  return outcomes.map((one) => (one.status === 'done' ? (one.trashId ?? '') : ''))
}

type Case = readonly [what: string, run: (ids: ReadonlyArray<string>) => Promise<unknown>, cost: object]
const ofTrash: ReadonlyArray<Case> = [
  ['a page of the trash', () => right(bench.drive.listTrash()), { listRecycled: 1 }],
  ['restore under ask', (ids) => right(bench.drive.restore(ids)), { listRecycled: 1, restoreRecycled: 3 }],
  [
    'restore under rename',
    (ids) => right(bench.drive.restore(ids, { conflict: 'rename' })),
    { listRecycled: 1, restoreManyRecycled: 1 },
  ],
  ['purge', (ids) => right(bench.drive.purge(ids)), { deleteManyRecycled: 1 }],
  ['emptyTrash', () => right(bench.drive.emptyTrash()), { emptyRecycled: 1 }],
]
test.each(ofTrash)('%s', async (_, run, cost) => {
  const ids = await trashed()
  expect(await counted(() => run(ids))).toEqual(cost)
})

const ofFiles: ReadonlyArray<readonly [what: string, run: (version: string) => Promise<unknown>, cost: object]> = [
  ['a page of a search', () => right(bench.drive.search({ name: 'file' })), { searchFs: 1 }],
  ['a page of versions', () => right(bench.drive.listVersions(at('file'))), { listHistory: 1 }],
  [
    'restoreVersion',
    (id) => right(bench.drive.restoreVersion(at('file'), id)),
    { listHistory: 1, setLatestVersion: 1 },
  ],
  ['a URL', () => right(bench.drive.downloadUrl(at('file'))), { downloadInfo: 1 }],
  ['setTimes', () => right(bench.drive.setTimes(at('file'), { modifiedAt: new Date(0) })), { updateEntry: 1, info: 1 }],
  ['a cursor of the change feed', () => right(bench.drive.changes()), { changeCursor: 1 }],
]
test.each(ofFiles)('%s', async (_, run, cost) => {
  for (const text of ['one', 'three']) await write('file', text)
  const { items } = await right(bench.drive.listVersions(at('file')))
  expect(await counted(() => run(items.at(-1)?.versionId ?? ''))).toEqual(cost)
})

test('a page of the change feed', async () => {
  const { cursor } = await right(bench.drive.changes())
  expect(await counted(() => right(bench.drive.changes({ cursor })))).toEqual({ changes: 1 })
})
