// Versions of a file, its download URL and its times, on both deployments.
import { fromBytes, readText, reveal } from '@anydrive/core'
import { at, left, library, right, startBench, type Bench } from './harness'

describe.each(['public', 'private'] as const)('of a %s deployment', (deployment) => {
  let bench: Bench
  beforeAll(async () => {
    bench = await startBench({ deployment, config: { libraries: [{ ...library, history: true }] } }, { history: true })
  })
  afterAll(() => bench.emulator.close())

  let count = 0
  const file = async (...texts: ReadonlyArray<string>) => {
    const path = at(`f${count++}`)
    for (const text of texts) {
      await right(bench.drive.writeFile(path, fromBytes(text), { conflict: 'overwrite' }))
      bench.clock.advance(5000)
    }
    return path
  }
  const textOf = async (path: ReturnType<typeof at>, version?: string) =>
    right(readText(await right(bench.drive.readFile(path, { version }))))
  const idsOf = async (path: ReturnType<typeof at>) =>
    (await right(bench.drive.listVersions(path))).items.map(({ versionId }) => versionId)

  if (deployment === 'public') {
    test('they are listed newest first, in pages, and each can be read', async () => {
      const path = await file('one', 'three', 'five!!')
      const { items } = await right(bench.drive.listVersions(path))
      expect(items.map(({ current, size }) => [current, size])).toEqual([
        [true, 6],
        [false, 5],
        [false, 3],
      ])
      expect(items[0]?.checksums).toEqual({ crc64xz: expect.stringMatching(/^[\da-f]{16}$/) as string })
      const first = await right(bench.drive.listVersions(path, { limit: 2 }))
      const rest = await right(bench.drive.listVersions(path, { limit: 2, cursor: first.next }))
      expect([...first.items, ...rest.items]).toEqual(items)
      expect(await textOf(path, items[1]?.versionId)).toBe('three')
      expect(await textOf(path, items[2]?.versionId)).toBe('one')
      expect(await textOf(path)).toBe('five!!')
      expect(await left(bench.drive.readFile(path, { version: '99999' }))).toMatchObject({ what: 'version' })
    })

    test('one is made current again, and what was current becomes one', async () => {
      const path = await file('one', 'two!')
      const [, old = ''] = await idsOf(path)
      expect(await right(bench.drive.restoreVersion(path, old))).toMatchObject({ kind: 'file', path, size: 3 })
      expect(await textOf(path)).toBe('one')
      const [, before] = await idsOf(path)
      expect(await textOf(path, before)).toBe('two!')
    })

    test('an id of another file is not this file’s', async () => {
      const [path, other] = [await file('a', 'b'), await file('c', 'd')]
      const [, id = ''] = await idsOf(other)
      expect(await left(bench.drive.restoreVersion(path, id))).toMatchObject({ _tag: 'NotFound', what: 'version' })
      expect(await textOf(other)).toBe('d')
    })

    test.each(['lost', '5xx-late', 'cut', '5xx'] as const)('after %s the content is the version’s', async (kind) => {
      const path = await file('one', 'two!')
      const [, id = ''] = await idsOf(path)
      bench.emulator.faults.next('setLatestVersion', kind)
      const answer = await bench.drive.restoreVersion(path, id)()
      if (answer._tag === 'Right') expect(answer.right).toMatchObject({ size: 3 })
      else expect(answer.left).toMatchObject({ _tag: 'Indeterminate' })
      expect(await textOf(path)).toBe('one')
    })

    test('some are deleted by their ids', async () => {
      const path = await file('one', 'two', 'three')
      const [, , oldest = ''] = await idsOf(path)
      await right(bench.drive.smh.deleteVersions([oldest]))
      expect(await idsOf(path)).toHaveLength(2)
    })
  } else {
    test('only the latest is listed, which can be read and needs no restoring', async () => {
      const path = await file('one', 'two!')
      const { items } = await right(bench.drive.listVersions(path))
      expect(items).toMatchObject([{ current: true, size: 4 }])
      const id = items[0]?.versionId ?? ''
      expect(await textOf(path, id)).toBe('two!')
      expect(await left(bench.drive.readFile(path, { version: '999' }))).toMatchObject({ what: 'version' })
      bench.counted()
      expect(await right(bench.drive.restoreVersion(path, id))).toMatchObject({ kind: 'file', size: 4 })
      expect(bench.counted()).not.toHaveProperty('setLatestVersion')
    })
  }

  test('of a directory, and of what does not exist', async () => {
    await right(bench.drive.createDir(at('dir')))
    expect(await left(bench.drive.listVersions(at('dir')))).toMatchObject({ _tag: 'WrongKind' })
    expect(await left(bench.drive.listVersions(at('none')))).toMatchObject({ _tag: 'NotFound', what: 'source' })
    expect(await left(bench.drive.downloadUrl(at('dir')))).toMatchObject({ _tag: 'WrongKind' })
    expect(await left(bench.drive.downloadUrl(at('none')))).toMatchObject({ _tag: 'NotFound' })
  })

  test('a URL loads the file without a header until it expires, and keeps its secret', async () => {
    const path = await file('content')
    const link = await right(bench.drive.downloadUrl(path, { expiresIn: 120_000 }))
    expect(JSON.stringify(link)).not.toContain('http')
    expect(link.expiresAt).toEqual(new Date(bench.clock.now() + 120_000))
    const answer = await fetch(reveal(link.url))
    expect(await answer.text()).toBe('content')
    expect(answer.headers.get('content-disposition')).toContain('attachment')
    bench.clock.advance(121_000)
    expect((await fetch(reveal(link.url))).status).toBe(403)
    const longest = await right(bench.drive.downloadUrl(path))
    expect(longest.expiresAt).toEqual(new Date(bench.clock.now() + 7_200_000))
  })

  test('times of a file and of a directory are set', async () => {
    const path = await file('x')
    const dir = at(`d${count++}`)
    await right(bench.drive.createDir(dir))
    const [createdAt, modifiedAt] = [new Date('2020-01-02T03:04:05.678Z'), new Date('2021-01-02T03:04:05.678Z')]
    for (const entry of [path, dir]) {
      await right(bench.drive.setTimes(entry, { createdAt, modifiedAt }))
      expect(await right(bench.drive.stat(entry))).toMatchObject({ createdAt, modifiedAt })
    }
    bench.emulator.faults.next('updateEntry', 'lost')
    await right(bench.drive.setTimes(path, { modifiedAt: createdAt }))
    expect(await right(bench.drive.stat(path))).toMatchObject({ createdAt, modifiedAt: createdAt, size: 1 })
    expect(await left(bench.drive.setTimes(at('none'), { modifiedAt }))).toMatchObject({ _tag: 'NotFound' })
  })
})
