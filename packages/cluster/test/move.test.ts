// Moves by several workers: what is removed from the source, and what is not.
import { layer, toPromises, type DriveProvider } from '@anydrive/core'
import { aborted, locate } from '@anydrive/core/adapter'
import { clusterSummary, type ClusterMigration } from '@anydrive/cluster'
import { openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { at, contents, memory, summaryOf } from '../../migrate/test/drives'
import { startEngine, rightOf, type Engine, type Site } from './engine'
import { whereInstalled } from './postgres'

whereInstalled('a move by several workers', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await startEngine()
  })
  afterAll(() => engine.close())

  const moved = async (site: Omit<Site, 'move'>): Promise<ClusterMigration> => {
    await engine.submit({ ...site, move: true })
    return engine.workAll({ ...site, move: true })
  }
  const manyFiles = (): Record<string, string> => {
    const files: Record<string, string> = { 'empty/': '', 'keep/excluded': 'x', 'keep/f': '1' }
    for (let i = 0; i < 450; i++) files[`d${i % 3}/e${i % 5}/f${i}`] = `content ${i}`
    return files
  }

  test.each([false, true])(
    'leaves at both ends what one machine leaves, and sums it up alike (root: %s)',
    async (removeRoot) => {
      const taken = { 'd1/e1/f1': 'other' }
      const include: Site['include'] = ({ name }) => name !== 'excluded'
      const [source, alone] = [await memory(manyFiles()), await memory(manyFiles())]
      const site = { name: `moved ${removeRoot}`, from: source, to: await memory(taken), include, removeRoot }
      const migration = await moved(site)
      expect(migration.state).toBe('complete')
      const to = await memory(taken)
      const expected = await summaryOf({
        from: { drive: alone },
        to: { drive: to },
        include,
        removeRoot,
        removeSource: true,
      })
      expect(await contents(source)).toEqual(await contents(alone))
      expect(await contents(source)).toEqual({
        ...{ 'd1/': '', 'd1/e1/': '', 'd1/e1/f1': 'content 1' },
        ...{ 'keep/': '', 'keep/excluded': 'x' },
      })
      expect(await contents(site.to)).toEqual(await contents(to))
      const { removed, files, failures } = rightOf(await clusterSummary(engine.database, migration))
      expect({ removed, files, failures }).toEqual({
        removed: expected.removed,
        files: expected.files,
        failures: expected.failures,
      })
      expect(removed).toBe(450)
    },
  )

  test('removes nothing where the target is the source under another name', async () => {
    const files = { 'd/f': '1', 'd/in/g': '2', h: '3' }
    const drive = await memory(files)
    const migration = await moved({ name: 'same', from: drive, to: { ...drive }, conflict: 'skip' })
    expect(migration).toMatchObject({
      state: 'paused',
      reason: expect.stringContaining('are the same place, or one lies in the other') as string,
    })
    expect(await contents(drive)).toMatchObject(files)
  })

  test('ends, and loses nothing, where the target is in the source under another name', async () => {
    const drive = await memory({ 'd/f': '1', 'd/in/g': '2', h: '3' })
    const migration = await moved({ name: 'inner', from: drive, to: { ...drive }, toPath: 'd/in' })
    expect(migration).toMatchObject({
      state: 'paused',
      reason: expect.stringContaining('are the same place, or one lies in the other') as string,
    })
    // Files that were found before the target was are moved.
    const texts = Object.entries(await contents(drive)).filter(([path]) => /[fgh]$/.test(path))
    expect(texts.map(([, text]) => text).sort()).toEqual(['1', '2', '3'])
  })

  test('keeps a file that has changed after it was transferred', async () => {
    const source = await memory({ 'd/f': '1', 'd/g': '2' })
    const from: DriveProvider = layer(source, {
      batchRemove: (next) => (items, options) => async () => {
        await toPromises(source).writeFile(at('d/f'), 'changed', { conflict: 'overwrite' })
        return next(items, options)()
      },
    })
    const migration = await moved({ name: 'changed', from, to: openMemory() })
    expect(await contents(source)).toEqual({ 'd/': '', 'd/f': 'changed' })
    expect(rightOf(await clusterSummary(engine.database, migration))).toMatchObject({
      removed: 1,
      failures: 1,
      failed: [{ path: 'd/f' }],
    })
  })

  test('removes what is settled though the worker that settled it was paused for longer than its lease', async () => {
    const lease = 1500
    let isPaused = false
    const files = manyFiles()
    const source = await memory(files)
    const from: DriveProvider = layer(source, {
      batchRemove: (next) => (paths, options) => async () => {
        if (isPaused) return next(paths, options)()
        isPaused = true
        const until = performance.now() + 2 * lease
        while (performance.now() < until);
        return E.left(locate({ vendor: 'memory', operation: 'batchRemove' })(aborted({ effect: 'none' })))
      },
    })
    const site: Site = { name: 'taken over', from, to: openMemory(), move: true }
    await engine.submit(site)
    const stop = new AbortController()
    const worker = engine.work(site, stop, [], { lease })
    await engine.ended(site.name)
    stop.abort()
    rightOf(await worker)
    expect(isPaused).toBe(true)
    expect(await contents(source)).toEqual({})
    expect(Object.keys(await contents(site.to)).filter((path) => !path.endsWith('/'))).toHaveLength(452)
  })
})
