// Two trees side by side.
import { toPromises, type DriveProvider, type Entry, type Page } from '@anydrive/core'
import { forbidden } from '@anydrive/core/adapter'
import { openMemory, plantOther } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareTrees, encoder, namesFor, type CompareOptions, type End } from '@anydrive/migrate'
import { at, failing, memory, summaryOf } from './drives'

const differences = async (a: End | DriveProvider, b: End | DriveProvider, options?: CompareOptions) => {
  const end = (it: End | DriveProvider): End => ('drive' in it ? it : { drive: it })
  const found: Array<string> = []
  for await (const one of compareTrees(end(a), end(b), options))
    if (E.isLeft(one)) found.push('path' in one.left ? `${one.left._tag} ${one.left.path ?? ''}` : one.left._tag)
    else {
      const { status, path, ...rest } = one.right
      found.push([status, path, ...('to' in rest ? [rest.to] : []), ...('by' in rest ? [rest.by] : [])].join(' '))
    }
  return found
}

/** Lists in no order. */
const unsorted = (drive: DriveProvider): DriveProvider => ({
  ...drive,
  capabilities: { ...drive.capabilities, features: { ...drive.capabilities.features, sortedList: false } },
  list: (path, options) => async () =>
    E.map((page: { readonly items: ReadonlyArray<unknown> }) => ({ ...page, items: [...page.items].reverse() }))(
      await drive.list(path, options)(),
    ) as never,
})

const tree = { 'a/b/f': '1', 'a/c/': '', 'ü/z': '2', m: 'mmm', 'empty/': '' }

test('equal trees have no differences, and are told entry by entry if asked', async () => {
  const [a, b] = [await memory(tree), await memory(tree)]
  expect(await differences(a, b)).toEqual([])
  expect(await differences(a, b, { content: true })).toEqual([])
  expect(await differences(a, b, { same: true })).toEqual([
    'same a kind',
    'same a/b kind',
    'same a/b/f sha256',
    'same a/c kind',
    'same empty kind',
    'same m sha256',
    'same ü kind',
    'same ü/z sha256',
  ])
})

const a = { ...tree, 'gone/x/y': '1', same: 's', longer: '12', kind: 'file', content: 'abc' }
const b = { ...tree, 'new/n': '1', same: 's', longer: '123', 'kind/inner': 'x', content: 'abd' }
const expected = [
  'different content sha256',
  'missing gone',
  'missing gone/x',
  'missing gone/x/y',
  'different kind kind',
  'different longer size',
  'extra new',
  'extra new/n',
]

test('what is missing, extra or different is told once, with how it differs', async () => {
  expect(await differences(await memory(a), await memory(b))).toEqual(expected)
})

test('pages, and lists in no order, change nothing', async () => {
  const [x, y] = [await memory(a, { limits: { page: 2 } }), await memory(b, { limits: { page: 3 } })]
  expect(await differences(x, y)).toEqual(expected)
  expect(await differences(unsorted(x), y)).toEqual(expected)
  expect(await differences(unsorted(x), unsorted(y))).toEqual(expected)
})

test('subtrees and single files can be compared', async () => {
  const x = await memory({ 'd/e/f': '1', 'd/g': 'abc' })
  const y = await memory({ 'other/e/f': '1', 'other/g': 'abd' })
  expect(await differences({ drive: x, path: at('d') }, { drive: y, path: at('other') })).toEqual([
    'different g sha256',
  ])
  expect(await differences({ drive: x, path: at('d/g') }, { drive: y, path: at('other/g') })).toEqual([
    'different  sha256',
  ])
  expect(await differences({ drive: x, path: at('no') }, { drive: y })).toEqual(['NotFound no'])
})

test('without a common checksum equal sizes are all that is known, unless the contents are read', async () => {
  const x = openMemory({ checksums: ['md5'] })
  const y = openMemory({ checksums: ['sha1'] })
  await toPromises(x).writeFile('f', 'abc')
  await toPromises(y).writeFile('f', 'abd')
  expect(await differences(x, y, { same: true })).toEqual(['same f size'])
  expect(await differences(x, y, { content: true })).toEqual(['different f content'])
})

test('what is neither file nor directory on both sides is skipped, and is no silent success', async () => {
  const [x, y] = [openMemory(), openMemory()]
  plantOther(x.store, at('l'), 'link')
  plantOther(y.store, at('l'), 'link')
  plantOther(x.store, at('m'), 'link')
  expect(await differences(x, y)).toEqual(['skipped l', 'missing m'])
})

test('a directory that cannot be read is told, and the rest is still compared', async () => {
  const x = failing(await memory({ 'a/f': '1', z: '1' }), 'list', (path) => (path === 'a' ? forbidden() : undefined))
  expect(await differences(x, await memory({ 'a/f': '1', z: '2' }))).toEqual(['Forbidden a', 'different z sha256'])
})

test('what is not included is not compared', async () => {
  const [x, y] = [await memory({ 'a/f': '1', b: '1' }), await memory({ c: '1' })]
  expect(await differences(x, y, { include: ({ name }) => name === 'b' })).toEqual(['missing b'])
})

test('of one way, what is extra is not told; of sizes alone, checksums do not count', async () => {
  const [x, y] = [await memory({ 'a/f': '1', g: 'abc', h: '1' }), await memory({ 'b/f': '1', g: 'abd', h: '12' })]
  expect(await differences(x, y, { oneWay: true })).toEqual([
    'missing a',
    'missing a/f',
    'different g sha256',
    'different h size',
  ])
  expect(await differences(x, y, { oneWay: true, sizeOnly: true, same: true })).toEqual([
    'missing a',
    'missing a/f',
    'same g size',
    'different h size',
  ])
  const unlisted = failing(y, 'list', (path) => (path === 'b' ? forbidden() : undefined))
  expect(await differences(x, unlisted, { oneWay: true })).toHaveLength(4)
})

describe('renamed files', () => {
  test('are told with both names, last, in the order of paths; directories, empty files and the rest keep their status', async () => {
    const x = await memory({
      'old/f': 'moved',
      'old/empty': '',
      only: 'here',
      same: 's',
      changed: '1',
      'z/twice': 'two',
    })
    const y = await memory({
      'new/g': 'moved',
      'new/nothing': '',
      added: 'there',
      same: 's',
      changed: '2',
      y1: 'two',
      y2: 'two',
    })
    const told = [
      'extra new',
      'missing old',
      'different changed sha256',
      'missing z',
      'extra new/nothing',
      'missing old/empty',
      'extra added',
      'renamed old/f new/g sha256',
      'missing only',
      'extra y2',
      'renamed z/twice y1 sha256',
    ]
    const found = await differences(x, y, { renames: true })
    expect([...found].sort()).toEqual([...told].sort())
    expect(found.slice(-5)).toEqual(told.slice(-5))
    expect(await differences(x, y, { renames: true, scratch: { limit: 1 } })).toEqual(found)
    const oneWay = await differences(x, y, { renames: true, oneWay: true })
    expect(oneWay).toEqual(found.filter((line) => !line.startsWith('extra')))
  })

  test('are not guessed: without a common checksum they are missing and extra', async () => {
    const x = openMemory({ checksums: ['md5'] })
    const y = openMemory({ checksums: ['sha1'] })
    await toPromises(x).writeFile('f', 'abc')
    await toPromises(y).writeFile('g', 'abc')
    expect(await differences(x, y, { renames: true })).toEqual(['missing f', 'extra g'])
  })

  test('of which two checksums disagree are not one file', async () => {
    const x = openMemory({ checksums: ['sha1', 'md5'] })
    const y = openMemory({ checksums: ['sha1', 'md5'] })
    await toPromises(x).writeFile('f', 'abc')
    await toPromises(y).writeFile('g', 'abc')
    const lying: DriveProvider = {
      ...y,
      list: (path, options) => async () =>
        E.map((page: Page<Entry>) => ({
          ...page,
          items: page.items.map((it) =>
            it.kind === 'file' ? { ...it, checksums: { ...it.checksums, md5: '0' } } : it,
          ),
        }))(await y.list(path, options)()),
    }
    expect(await differences(x, y, { renames: true })).toEqual(['renamed f g sha1'])
    expect(await differences(x, lying, { renames: true })).toEqual(['missing f', 'extra g'])
  })
})

test('an encoded, replaced or decoded copy has the names of its source', async () => {
  const files = { 'a:b/c?d': '1', 'x：y': '2', z: '3' }
  const source = await memory(files)
  const other = { naming: { forbidden: ':?' } }
  for (const names of ['encode', 'replace'] as const) {
    const copy = openMemory(other)
    await summaryOf({ from: { drive: source }, to: { drive: copy }, names })
    expect(await differences(source, copy)).not.toEqual([])
    const { naming } = copy.capabilities
    const namesOf =
      names === 'encode'
        ? { b: encoder(naming).decode }
        : { a: (name: string) => E.getOrElse(() => name)(namesFor(names, naming).toDestination(name)) }
    expect(await differences(source, copy, { namesOf })).toEqual([])
    await toPromises(copy).writeFile('new', '4')
    await toPromises(source).writeFile('a:b/new?', '5')
    expect(await differences(source, copy, { namesOf })).toEqual(['missing a:b/new?', 'extra new'])
    await toPromises(source).batchRemove(['a:b/new?'])
  }
})

describe('where little fits into memory', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`d/${(i * 7919) % 1000}`, String(i % 3)]))
  const scratch = { limit: 2000 }
  const left = async (folder: string) =>
    (
      await Promise.all((await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
    ).filter((link) => link.startsWith(folder))
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'anydrive-comparing-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('the answer is the same', async () => {
    const [x, y] = [unsorted(await memory(many)), unsorted(await memory({ ...many, 'd/5000': '1', 'd/1': 'xyz' }))]
    expect(await differences(x, y, { scratch: { ...scratch, folder } })).toEqual(await differences(x, y))
    expect([await readdir(folder), await left(folder)]).toEqual([[], []])
  })

  test.each([
    ['the reader leaves early', {}, undefined],
    ['it is aborted', { signal: true }, 'Aborted'],
    ['a listing fails', { fault: true }, 'Forbidden d'],
  ])('nothing stays open when %s', async (_, { signal, fault }: { signal?: boolean; fault?: boolean }, expected) => {
    const stop = new AbortController()
    const full = await memory(many, { limits: { page: 400 } })
    const x = unsorted(
      fault === true ? failing(full, 'list', (path, n) => (path === 'd' && n > 1 ? forbidden() : undefined)) : full,
    )
    const told: Array<string> = []
    const options = { same: true, renames: true, scratch: { ...scratch, folder }, signal: stop.signal }
    for await (const one of compareTrees({ drive: x }, { drive: unsorted(await memory(many)) }, options)) {
      if (E.isLeft(one)) told.push('path' in one.left ? `${one.left._tag} ${one.left.path ?? ''}` : one.left._tag)
      else if (one.right.path !== 'd') {
        if (signal !== true) break
        stop.abort()
      }
    }
    expect(told).toEqual(expected === undefined ? [] : [expected])
    expect([await readdir(folder), await left(folder)]).toEqual([[], []])
  })

  test('nothing stays open when the reader leaves among the renamed', async () => {
    const [x, y] = [await memory(many), openMemory()]
    for (const [path, text] of Object.entries(many)) await toPromises(y).writeFile(`${path}.new`, text)
    const told: Array<string> = []
    for await (const one of compareTrees(
      { drive: x },
      { drive: y },
      { renames: true, scratch: { ...scratch, folder } },
    )) {
      told.push(E.isLeft(one) ? one.left.message : one.right.status)
      expect(await left(folder)).not.toEqual([])
      if (told.length === 2) break
    }
    expect(told).toEqual(['renamed', 'renamed'])
    expect(await left(folder)).toEqual([])
  })

  test('no room on the disk ends it with one left', async () => {
    const [x, y] = [unsorted(await memory(many)), unsorted(await memory(many))]
    expect(
      await differences(x, y, { same: true, renames: true, scratch: { ...scratch, folder: join(folder, 'no') } }),
    ).toEqual(['same d kind', 'ScratchFailed'])
  })
})

const thousands = process.env['ANYDRIVE_SAMPLE'] === undefined ? 100 : 10
test.each([
  [
    'files in one directory are compared, listed in no order,',
    'unsorted',
    { same: thousands * 999 + 1, different: thousands },
  ],
  [
    'files that all were renamed are found',
    'renamed',
    { same: 1, missing: thousands, extra: thousands, renamed: thousands * 999 },
  ],
])('many %s in little memory', (_, kind, found) => {
  const count = thousands * 1000
  const bench = join(__dirname, '../../../bench/check.mjs')
  const { stdout } = spawnSync(process.execPath, [bench, String(count), kind], { encoding: 'utf8' })
  const figures = JSON.parse(stdout) as { readonly found: unknown; readonly peakMib: number }
  expect(figures.found).toEqual(found)
  expect(figures.peakMib).toBeLessThan(180)
})
