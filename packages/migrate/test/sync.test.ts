// A sync of the library: what is removed at the target, when, and when nothing is.
import { toPromises, type DriveProvider, type Entry } from '@anydrive/core'
import { isTemporary, temporaryName } from '@anydrive/core/adapter'
import { openLocal } from '@anydrive/local'
import { createStore, openMemory } from '@anydrive/memory'
import { sqliteJournal, sync, type Summary, type SyncOptions } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { at, atOnce, contents, failing, memory, type Files } from './drives'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'anydrive-sync-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const run = (from: DriveProvider, to: DriveProvider, more: Partial<SyncOptions> = {}) =>
  sync({ from: { drive: from }, to: { drive: to }, delay: atOnce, ...more }).run()
const synced = async (from: DriveProvider, to: DriveProvider, more: Partial<SyncOptions> = {}): Promise<Summary> => {
  const ended = await run(from, to, more)
  if (E.isLeft(ended)) throw new Error(ended.left.message)
  return ended.right
}
const changing = ['createDir', 'writeFile', 'batchMove', 'batchRemove', 'batchCopy', 'copyDir'] as const
/** Counts the calls that change something. */
const counted = (drive: DriveProvider) => {
  const calls: Array<string> = []
  const it: DriveProvider = { ...drive }
  for (const name of changing)
    Object.assign(it, {
      [name]: (...all: ReadonlyArray<unknown>) => {
        calls.push(name)
        return (drive[name] as (...them: ReadonlyArray<unknown>) => unknown)(...all)
      },
    })
  return { drive: it, calls }
}

const source: Files = { a: 'another', 'd/b': 'two', 'd/e/c': 'three', 'empty/': '' }
const target: Files = { a: 'one', x: 'extra', 'd/y': 'extra', 'd/e/c': 'three', 'z/u/v': 'extra', 'hollow/w/': '' }

test.each([
  ['a memory drive', () => Promise.resolve(openMemory())],
  ['a memory drive that lists in another order', () => Promise.resolve(openMemory({ limits: { page: 2 } }))],
  ['this machine', () => Promise.resolve(openLocal({ root: dir }))],
])('the target becomes equal to the source: %s', async (_what, open) => {
  const from = await memory(source)
  const to = await open()
  for (const [path, text] of Object.entries(target))
    await (path.endsWith('/') ? toPromises(to).ensureDir(path) : toPromises(to).writeFile(path, text))
  expect(await synced(from, to)).toMatchObject({ failures: 0, extra: { found: 7, removed: 7 } })
  expect(await contents(to)).toEqual(await contents(from))
  const second = counted(to)
  expect(await synced(from, second.drive)).toMatchObject({ files: 0, failures: 0, extra: { found: 0, removed: 0 } })
  expect(second.calls).toEqual([])
})

test('an empty source empties the target, and one that does not exist is an error that removes nothing', async () => {
  const to = await memory(target)
  expect(await run(openMemory(), to, { from: { drive: openMemory(), path: at('none') } })).toMatchObject({
    left: { _tag: 'NotFound' },
  })
  expect(
    await run(await memory({ f: 'file' }), to, { from: { drive: await memory({ f: 'file' }), path: at('f') } }),
  ).toMatchObject({
    left: { _tag: 'WrongKind' },
  })
  expect(await contents(to)).toEqual(await contents(await memory(target)))
  expect(await synced(openMemory(), to)).toMatchObject({ extra: { found: 11, removed: 11 } })
  expect(await contents(to)).toEqual({})
})

describe('nothing is removed', () => {
  const skipping = (drive: DriveProvider): DriveProvider => ({
    ...drive,
    list: (path, options) => async () =>
      E.map((page: object) => ({ ...page, skipped: path === 'd' ? ['\udfff'] : [] }) as never)(
        await drive.list(path, options)(),
      ),
  })
  const withLink = (drive: DriveProvider): DriveProvider => ({
    ...drive,
    list: (path, options) => async () => {
      const page = await drive.list(path, options)()
      const link: Entry = { kind: 'other', path: at('link'), name: 'link', what: 'link' }
      return E.isRight(page) && path === '' ? E.right({ ...page.right, items: [...page.right.items, link] }) : page
    },
  })
  const forbidden = { _tag: 'Forbidden' } as const
  test.each<[string, (drive: DriveProvider) => DriveProvider]>([
    [
      'where a file cannot be read',
      (drive) => failing(drive, 'readFile', (path) => (path === 'd/b' ? forbidden : undefined)),
    ],
    [
      'where a directory cannot be listed',
      (drive) => failing(drive, 'list', (path) => (path === 'd/e' ? forbidden : undefined)),
    ],
    [
      'where the root cannot be listed',
      (drive) => failing(drive, 'list', (path) => (path === '' ? forbidden : undefined)),
    ],
    [
      'where a directory cannot be listed once more',
      (drive) => failing(drive, 'list', (path, n) => (path === 'd' && n > 1 ? forbidden : undefined)),
    ],
    ['where a name is skipped that no path can hold', skipping],
    ['where there is a link', withLink],
  ])('%s', async (_what, wrong) => {
    const to = await memory(target)
    const summary = await synced(wrong(await memory(source)), to)
    expect(summary.extra).toMatchObject({ removed: 0, notRemoved: 'failures' })
    expect(summary.failures).toBeGreaterThan(0)
    const now = await contents(to)
    for (const path of ['x', 'd/y', 'z/u/v', 'hollow/w/']) expect(now).toHaveProperty([path])
  })

  test('where the source is suddenly empty, as a disk that is no longer mounted', async () => {
    const from = await memory(source)
    let listings = 0
    const lost: DriveProvider = {
      ...from,
      list: (path, options) =>
        path === '' && ++listings > 3 ? openMemory().list(path, options) : from.list(path, options),
    }
    const to = await memory(target)
    expect((await synced(lost, to)).extra).toMatchObject({ removed: 0, notRemoved: 'failures' })
    expect(listings).toBe(4)
    expect(await contents(to)).toMatchObject({ 'd/b': 'two', x: 'extra', 'z/u/v': 'extra' })
  })

  test('where a file was added at the source after it was listed', async () => {
    const from = await memory({ ...source, 'd/late': 'late' })
    let listings = 0
    const growing: DriveProvider = {
      ...from,
      list: (path, options) => async () => {
        const page = await from.list(path, options)()
        const isFirst = path === 'd' && ++listings === 1
        return E.isRight(page) && isFirst
          ? E.right({ ...page.right, items: page.right.items.filter(({ name }) => name !== 'late') })
          : page
      },
    }
    const to = await memory(target)
    const summary = await synced(growing, to)
    expect(summary).toMatchObject({ failed: [{ path: 'd/late' }], extra: { removed: 0, notRemoved: 'failures' } })
    expect(await contents(to)).toMatchObject({ x: 'extra', 'z/u/v': 'extra' })
  })

  test('where there is more than the limit, of files and directories together', async () => {
    const to = await memory(target)
    expect((await synced(await memory(source), to, { maxDelete: 6 })).extra).toEqual({
      found: 7,
      removed: 0,
      renamed: 0,
      notRemoved: 'max-delete',
    })
    expect(Object.keys(await contents(to))).toHaveLength(13)
    expect((await synced(await memory(source), to, { maxDelete: 7 })).extra).toMatchObject({ removed: 7 })
    await toPromises(to).writeFile('x', 'extra')
    expect((await synced(await memory(source), to, { maxDelete: 0 })).extra).toMatchObject({
      found: 1,
      notRemoved: 'max-delete',
    })
  })
})

test('what the filters exclude is never removed, nor the directories above it', async () => {
  const to = await memory({ ...target, 'z/u/keep.log': 'log', 'd/e/f.log': 'log', 'logs/g': 'g' })
  const include = ({ name }: Entry): boolean | 'if-used' => !(name.endsWith('.log') || name === 'logs')
  expect(await synced(await memory(source), to, { include })).toMatchObject({ failures: 0 })
  expect(await contents(to)).toEqual({
    ...(await contents(await memory(source))),
    ...{ 'z/': '', 'z/u/': '', 'z/u/keep.log': 'log', 'd/e/f.log': 'log', 'logs/': '', 'logs/g': 'g' },
  })
  const only = ({ name, kind }: Entry): boolean | 'if-used' => (kind === 'directory' ? 'if-used' : name.startsWith('x'))
  const other = await memory({ x1: '1', 'p/x2': '2', 'q/y': 'y', 'r/': '' })
  await synced(openMemory(), other, { include: only })
  expect(await contents(other)).toEqual({ 'q/': '', 'q/y': 'y', 'r/': '' })
})

test('a file that changes after the comparison is kept, and so is an entry that appears in an extra directory', async () => {
  const store = createStore()
  const to = openMemory({ store })
  for (const [path, text] of Object.entries({ x: 'extra', 'y/z': 'extra', 'w/v': 'extra' }))
    await toPromises(to).writeFile(path, text)
  const busy: DriveProvider = {
    ...to,
    batchRemove: (items, options) => async () => {
      const first = items[0]
      if (typeof first === 'object' && !isTemporary(first.path)) {
        await toPromises(to).writeFile('x', 'new!!', { conflict: 'overwrite' })
        await toPromises(to).writeFile('y/new', 'new')
      }
      return to.batchRemove(items, options)()
    },
  }
  const summary = await synced(openMemory(), busy)
  expect(summary).toMatchObject({
    failures: 1,
    failed: [{ path: 'x', error: { _tag: 'PreconditionFailed' } }],
    extra: { removed: 3 },
  })
  expect(await contents(to)).toEqual({ x: 'new!!', 'y/': '', 'y/new': 'new' })
})

test('temporary files of anydrive are neither removed nor counted', async () => {
  const store = createStore()
  const to = openMemory({ store })
  const scratch = `p/${temporaryName(at('p/f'), 'old')}`
  await toPromises(to).writeFile(scratch, 'old')
  await toPromises(to).writeFile('p/q', 'extra')
  expect((await synced(openMemory(), to)).extra).toMatchObject({ found: 2, removed: 1 })
  expect(await toPromises(to).readText(scratch)).toBe('old')
})

describe('names', () => {
  test.each([
    ['case', { case: 'insensitive' } as const, 'readme', 'README'],
    ['Unicode form', { normalisation: 'nfc' } as const, 'cafe\u0301', 'caf\u00e9'],
  ])('an entry that the target spells otherwise is not extra: %s', async (_what, naming, name, existing) => {
    const from = await memory({ [name]: 'same', [`${name}.d/f`]: 'x' })
    const to = await memory({ [existing]: 'same' }, { naming })
    for (let n = 0; n < 2; n++) {
      const summary = await synced(from, to)
      expect(summary).toMatchObject({ failures: 0, extra: { removed: 0 } })
      expect(Object.values(await contents(to))).toEqual(expect.arrayContaining(['same', 'x']))
    }
  })

  test.each(['encode', 'replace'] as const)('an entry that was renamed by %s is not extra', async (names) => {
    const from = await memory({ 'a:b': '1', 'c:d/e:f': '2', plain: '3' })
    const to = await memory({ stray: 's' }, { naming: { forbidden: ':' } })
    expect(await synced(from, to, { names })).toMatchObject({ files: 3, extra: { removed: 1 } })
    const before = await contents(to)
    expect(await synced(from, to, { names })).toMatchObject({ files: 0, extra: { found: 0 } })
    expect(await contents(to)).toEqual(before)
    await toPromises(from).remove('c:d')
    expect(await synced(from, to, { names })).toMatchObject({ extra: { removed: 2 } })
    expect(Object.values(await contents(to))).toEqual(expect.arrayContaining(['1', '3']))
    expect(Object.keys(await contents(to))).toHaveLength(2)
  })
})

describe('resumed', () => {
  test.each([1, 3, 12])('a sync that is stopped at its change %i ends equal', async (n) => {
    const from = await memory({
      ...source,
      ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`m/${i}`, `${i}`])),
    })
    const to = await memory({
      ...target,
      ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`o/${i}`, `${i}`])),
    })
    const stop = new AbortController()
    let changes = 0
    const stopping: DriveProvider = { ...to }
    for (const name of ['writeFile', 'batchRemove'] as const)
      Object.assign(stopping, {
        [name]: (...all: ReadonlyArray<unknown>) => {
          if (++changes >= n) stop.abort()
          return (to[name] as (...them: ReadonlyArray<unknown>) => unknown)(...all)
        },
      })
    const once = async (drive: DriveProvider, signal?: AbortSignal) => {
      const journal = sqliteJournal(join(dir, 'j'))
      if (E.isLeft(journal)) throw new Error(journal.left.message)
      const ended = await run(from, drive, { journal: journal.right, signal, concurrency: 2 })
      journal.right.close()
      return ended
    }
    expect(await once(stopping, stop.signal)).toMatchObject({ left: { _tag: 'Stopped' } })
    expect(await once(to)).toMatchObject({ right: { failures: 0 } })
    expect(await contents(to)).toEqual(await contents(from))
  })
})
