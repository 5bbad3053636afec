// The recycle bin: what is listed, restored, purged and emptied, and what is stated after a fault.
import type { BatchOutcome, Placed, TrashItem } from '@anydrive/core'
import { hold, left, p, right, startBench, tree, write, type Bench } from './bench'
import type { KooDrive } from '../src'

let bench: Bench
let drive: KooDrive
beforeEach(async () => {
  bench = await startBench()
  drive = bench.open()
})
afterEach(() => bench.close())

/** The ids that the removal told. */
const trash = async (...paths: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const { outcomes } = await right(drive.batchRemove(paths.map(p)))
  return outcomes.map((outcome) => {
    if (outcome.status !== 'done' || outcome.trashId === undefined) throw new Error('not in the bin')
    return outcome.trashId
  })
}
const stated = (outcome: BatchOutcome<TrashItem, Placed>): string =>
  outcome.status === 'done'
    ? `${outcome.path} ${outcome.how}`
    : `${outcome.error._tag}${outcome.error._tag === 'NotFound' ? ` ${outcome.error.what}` : ''}`
const restore = async (ids: ReadonlyArray<string>, conflict: 'ask' | 'rename' = 'ask') =>
  (await right(drive.restore(ids, { conflict }))).outcomes.map(stated)
const listed = async () => (await right(drive.listTrash())).items

test('it lists what was removed, with the ids that removing told, in pages', async () => {
  await write(drive, 'd/f', 'hello')
  await write(drive, 'g')
  const [file, folder] = [...(await trash('g')), ...(await trash('d'))]
  const items = await listed()
  expect(items).toEqual([
    expect.objectContaining({ trashId: folder, kind: 'directory', name: 'd' }),
    expect.objectContaining({ trashId: file, kind: 'file', name: 'g', size: 1 }),
  ])
  const first = await right(drive.listTrash({ limit: 1 }))
  const rest = await right(drive.listTrash({ limit: 1, cursor: first.next }))
  expect([...first.items, ...rest.items]).toEqual(items)
  expect(rest).not.toHaveProperty('next')
})

test.each(['ask', 'rename'] as const)(
  'restores to where it was under %s, folders that are gone included',
  async (how) => {
    await write(drive, 'd/e/f')
    await write(drive, 'd/g')
    const [g = '', f = ''] = [...(await trash('d/g')), ...(await trash('d/e/f'))]
    await right(drive.batchRemove([p('d/e')], { permanent: true }))
    expect(await restore([f, g], how)).toEqual(['d/e/f as-asked', 'd/g as-asked'])
    expect(await tree(drive)).toEqual(['d/', 'd/e/', 'd/e/f', 'd/g'])
    expect(await listed()).toEqual([])
    expect(await restore([g], how)).toEqual(['NotFound trash'])
  },
)

test('a taken name is a conflict, or the restored entry gets another', async () => {
  await write(drive, 'f', 'old')
  const [id = ''] = await trash('f')
  await write(drive, 'f', 'new')
  const { outcomes } = await right(drive.restore([id]))
  expect(outcomes).toMatchObject([{ error: { _tag: 'NameConflict', existing: { path: 'f', size: 3 } } }])
  expect(await listed()).toHaveLength(1)
  expect((await restore([id], 'rename')).join()).toMatch(/^f_\d{8}_\d{6} renamed$/)
  const refused = await left(drive.restore([id], { conflict: 'overwrite' }), 'Unsupported')
  expect(refused.feature).toBe('conflict.restore.overwrite')
})

test('a name that is taken between the check and the job sends the entry back to the bin', async () => {
  await write(drive, 'd/f', 'old')
  const [id = ''] = await trash('d/f')
  const { id: parent = '' } = await right(drive.stat(p('d')))
  // Another client takes the name right after the folder was listed.
  let isTaken: Promise<void> | undefined
  const racing = bench.openWatched('list', 1, () => {
    isTaken ??= hold(bench, 'f', parent)
  })
  const { outcomes } = await right(racing.restore([id]))
  await isTaken
  expect(outcomes.map(stated)).toEqual(['NameConflict'])
  expect((await listed()).map(({ trashId }) => trashId)).toEqual([id])
})

test('purges only what is in the bin, and empties it', async () => {
  await write(drive, 'a')
  await write(drive, 'b')
  await write(drive, 'c')
  const [a = '', b = ''] = await trash('a', 'b')
  const { id = '' } = await right(drive.stat(p('c')))
  const { outcomes } = await right(drive.purge([a, { trashId: id }, 'Fnone']))
  expect(outcomes.map((o) => (o.status === 'done' ? o.how : o.error._tag))).toEqual(['erased', 'NotFound', 'NotFound'])
  expect((await listed()).map(({ trashId }) => trashId)).toEqual([b])
  expect(await tree(drive)).toEqual(['c'])
  bench.emulator.faults.next('emptyRecycle', 'lost')
  await right(drive.emptyTrash())
  await right(drive.emptyTrash())
  expect(await listed()).toEqual([])
})

test.each(['lost', '5xx-late', 'cut', '5xx'] as const)('after %s it says the truth', async (kind) => {
  await write(drive, 'a')
  await write(drive, 'b')
  const [a = '', b = ''] = await trash('a', 'b')
  bench.emulator.faults.next('createJob', kind)
  expect(await restore([a])).toEqual(['a as-asked'])
  bench.emulator.faults.next('createJob', kind)
  expect((await right(drive.purge([b]))).outcomes).toMatchObject([{ status: 'done' }])
  expect(await listed()).toEqual([])
  expect(await tree(drive)).toEqual(['a'])
})

test('the bin of a team is its own', async () => {
  const team = bench.open({}, {}, 'koo-group')
  await write(team, 'f')
  await write(drive, 'g')
  const { outcomes } = await right(team.batchRemove([p('f')]))
  await right(drive.batchRemove([p('g')]))
  const { items } = await right(team.listTrash())
  expect(items.map(({ name }) => name)).toEqual(['f'])
  expect(outcomes).toMatchObject([{ trashId: items[0]?.trashId }])
})
