// What only SMH has, on the emulator: spaces, quotas, statistics, history, links, changes, tasks, and a lost response of each kind.
import { fromBytes, toPromises } from '@anydrive/core'
import { at, left, library, right, startBench, type Bench } from './harness'

let bench: Bench
const libraries = [
  {
    ...{ ...library, history: true },
    spaces: [
      { id: 'one', capacity: 1_000_000 },
      { id: 'two', userId: 'u2' },
    ],
  },
]
beforeAll(async () => {
  const auth = { kind: 'secret', librarySecret: library.secret, grant: 'admin', spaceIds: [] } as const
  bench = await startBench({ config: { libraries } }, { spaceId: 'one', auth })
})
afterAll(() => bench.emulator.close())

const smh = () => bench.drive.smh
const write = (path: string, text: string, conflict: 'ask' | 'overwrite' = 'ask') =>
  right(bench.drive.writeFile(at(path), fromBytes(text), { conflict }))

test('spaces are listed in pages, created, changed, counted and deleted', async () => {
  const created = await right(smh().createSpace({ spaceTag: 'x' }, { id: 'new-space' }))
  expect(created).toEqual({ id: 'new-space' })
  expect(await right(smh().countSpaces())).toBe(3)
  const first = await right(smh().spaces({ limit: 2 }))
  const rest = await right(smh().spaces({ cursor: first.next }))
  expect([first.items, rest.items].map((items) => items.map(({ id }) => id))).toEqual([['new-space', 'one'], ['two']])
  expect(rest.items[0]).toMatchObject({ userId: 'u2', createdAt: expect.any(Date) as Date })
  expect(rest).not.toHaveProperty('next')
  expect((await right(smh().spaces({ prefix: 't' }))).items.map(({ id }) => id)).toEqual(['two'])
  await right(smh().setSpaceAttributes({ spaceTag: 'y' }, { space: 'new-space' }))
  expect(await right(smh().spaceAttributes({ space: 'new-space' }))).toEqual({ isPublicRead: false, spaceTag: 'y' })
  bench.emulator.faults.next('deleteSpace', 'lost')
  await right(smh().deleteSpace('new-space'))
  expect(await left(smh().deleteSpace('new-space'))).toMatchObject({ _tag: 'NotFound', what: 'space' })
})

test('a space whose creation got lost is not created twice', async () => {
  bench.emulator.faults.next('createSpace', 'lost')
  expect(await left(smh().createSpace())).toMatchObject({ _tag: 'Indeterminate' })
  const made = (await right(smh().spaces())).items.filter(({ id }) => id !== 'one' && id !== 'two')
  expect(made).toHaveLength(1)
  for (const { id } of made) await right(smh().deleteSpace(id, { force: true }))
})

test('a quota is read and changed; a space without one has none', async () => {
  const quota = await right(smh().quota())
  expect(quota).toEqual({ id: '1', capacity: 1_000_000 })
  await right(smh().updateQuota('1', { capacity: '2000000' }))
  expect(await right(smh().quotaById('1'))).toMatchObject({ capacity: 2_000_000, spaces: ['one'] })
  expect(await right(smh().quota({ space: 'two' }))).toBeUndefined()
  const more = { spaces: ['two'], capacity: '5', removeWhenExceed: false, removeAfterDays: 3 }
  const id = await right(smh().createQuota(more))
  expect(await right(smh().quotaById(id))).toMatchObject({ capacity: 5, removeAfterDays: 3 })
})

test('statistics of a directory, of the space and of the library', async () => {
  await write('stats/a/b', 'hello')
  await write('stats/c', 'you')
  expect(await right(smh().directoryStats(at('stats')))).toEqual({ size: 8, files: 2, directories: 1 })
  const task = await right(smh().calibrateStats(at('stats'), { of: 'recycle' }))
  expect(await right(smh().taskState(task))).toEqual({ status: 'running', type: 'calibrateDirectoryStats' })
  bench.clock.advance(60_000)
  expect(await right(smh().taskState(task))).toMatchObject({ status: 'done' })
  expect(await right(smh().spaceCounts())).toEqual({
    ...{ files: 2, directories: 2, recycledFiles: 0, recycledDirectories: 0, versions: 0 },
  })
  expect(await right(smh().libraryUsage())).toBe(8)
  await right(bench.drive.batchRemove([at('stats')], { permanent: true }))
})

test('the history of the library is set, and cleared by a task of the library', async () => {
  expect(await right(smh().historySettings())).toMatchObject({ enableFileHistory: true, fileHistoryCount: 100 })
  await write('versions', '1')
  await write('versions', '2', 'overwrite')
  expect(await right(smh().spaceCounts())).toMatchObject({ versions: 1 })
  await right(smh().setHistorySettings({ enableFileHistory: false, mergeInterval: 5 }))
  const task = await right(smh().clearHistory())
  bench.clock.advance(60_000)
  expect(await right(smh().taskState(task, { ofLibrary: true }))).toEqual({
    status: 'done',
    type: 'clearLibraryHistory',
  })
  expect(await right(smh().spaceCounts())).toMatchObject({ versions: 0 })
  await right(smh().setRetention(7))
})

describe('links', () => {
  test('are entries of their own, whose target is found by its id', async () => {
    await write('target', 'content')
    expect(await right(smh().createLink(at('target'), at('link')))).toEqual({ path: 'link', how: 'as-asked' })
    expect(await right(bench.drive.stat(at('link')))).toMatchObject({ kind: 'other', what: 'symlink' })
    expect(await left(smh().createLink(at('target'), at('link')))).toMatchObject({ _tag: 'NameConflict' })
    const renamed = await right(smh().createLink(at('target'), at('link'), { conflict: 'rename' }))
    expect(renamed).toEqual({ path: 'link (1)', how: 'renamed' })
    const { id = '' } = await right(bench.drive.stat(at('target')))
    await right(bench.drive.batchMove([{ from: at('target'), to: at('moved') }]))
    expect(await right(smh().entryOf(id))).toMatchObject({ kind: 'file', path: 'moved', id })
    expect(await left(smh().entryOf('none'))).toMatchObject({ _tag: 'NotFound' })
  })

  test('one whose response got lost is never created twice, and one that existed before is a conflict', async () => {
    const indeterminate = { _tag: 'Indeterminate', likely: 'done' }
    bench.emulator.faults.next('createSymlink', 'lost')
    expect(await left(smh().createLink(at('moved'), at('lost-link')))).toMatchObject(indeterminate)
    bench.clock.advance(60_000)
    bench.emulator.faults.next('createSymlink', 'lost')
    expect(await left(smh().createLink(at('moved'), at('lost-link')))).toMatchObject({ _tag: 'NameConflict' })
    bench.emulator.faults.next('createSymlink', 'lost')
    expect(await left(smh().createLink(at('moved'), at('lost-link'), { conflict: 'rename' }))).toMatchObject({
      _tag: 'Indeterminate',
    })
    const names = (await right(bench.drive.list(at('')))).items.map(({ name }) => name)
    expect(names.filter((name) => name.startsWith('lost-link'))).toEqual(['lost-link', 'lost-link (1)'])
  })
})

test('what changed since a cursor', async () => {
  const now = await right(smh().changes())
  expect(now).toMatchObject({ changes: [], hasMore: false })
  await right(bench.drive.createDir(at('changed')))
  await write('changed/f', 'x')
  const first = await right(smh().changes({ cursor: now.cursor, limit: 1 }))
  expect(first).toMatchObject({ hasMore: true, changes: [{ type: 'FILE.CREATE', path: 'changed', name: 'changed' }] })
  const rest = await right(smh().changes({ cursor: first.cursor }))
  expect(rest.changes.map(({ type, path }) => [type, path])).toEqual([['FILE.CREATE', 'changed/f']])
  const [change] = rest.changes
  expect(change?.at).toEqual(new Date(bench.clock.now()))
})

test('tokens are revoked, and the drive takes another', async () => {
  await right(bench.drive.stat(at('')))
  await right(smh().revokeToken())
  bench.emulator.requests.clear()
  await right(bench.drive.stat(at('')))
  expect(bench.emulator.requests.count('createToken')).toBe(1)
  await right(smh().revokeTokensOf('u1'))
  const given = bench.open({ auth: { kind: 'token', accessToken: 't' } })
  expect(await left(given.smh.revokeTokensOf('u1'))).toMatchObject({ _tag: 'Forbidden' })
})

test('a strategy that is none is refused before anything is sent', async () => {
  bench.emulator.requests.clear()
  const conflict = 'merge' as 'ask'
  expect(await left(smh().createLink(at('a'), at('b'), { conflict }))).toMatchObject({
    ...{ _tag: 'InvalidArgument', argument: 'options.conflict' },
  })
  expect(bench.emulator.requests.list()).toEqual([])
})

test('the members take plain strings as promises, and a path that is none is refused', async () => {
  const promised = toPromises(bench.drive).smh
  expect(await promised.directoryStats('changed')).toMatchObject({ files: 1 })
  await expect(promised.directoryStats('a/../b')).rejects.toMatchObject({ error: { _tag: 'InvalidPath' } })
})

test('a cursor that SMH no longer keeps, and one that was never its own', async () => {
  const drive = bench.open({ changeFeed: true })
  const { cursor } = await right(drive.changes())
  await write('later', 'x')
  expect((await right(drive.changes({ cursor }))).items).toMatchObject([{ what: 'created', path: 'later' }])
  bench.clock.advance(181 * 86_400_000)
  for (const old of [cursor, 'x'])
    expect(await left(drive.changes({ cursor: old }))).toMatchObject({ _tag: 'NotFound', what: 'cursor', http: 400 })
})

test('a private deployment has no change feed', async () => {
  const other = await startBench({ deployment: 'private' })
  try {
    expect(await left(other.drive.smh.changes())).toMatchObject({ _tag: 'NotFound' })
    const feature = 'operations.changes'
    expect(await left(other.open({ changeFeed: true }).changes())).toMatchObject({ _tag: 'Unsupported', feature })
  } finally {
    await other.emulator.close()
  }
})
