// A sync of the library: places that overlap, the backup directory, and files that were renamed.
import { toPromises, type DriveProvider } from '@anydrive/core'
import { isTemporary } from '@anydrive/core/adapter'
import { openLocal } from '@anydrive/local'
import { createStore, openMemory } from '@anydrive/memory'
import {
  migrate,
  planMigration,
  sync,
  writePlan,
  readPlan,
  checkPlan,
  sqliteJournal,
  type SyncOptions,
} from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { at, atOnce, contents, failing, memory, type Files } from './drives'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'anydrive-places-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const run = (options: SyncOptions) => sync({ delay: atOnce, ...options }).run()
const put = async (drive: DriveProvider, files: Files): Promise<void> => {
  for (const [path, text] of Object.entries(files)) await toPromises(drive).writeFile(path, text)
}

describe('one place under two names', () => {
  const files = { a: 'a', 'd/b': 'b', 'd/e/f': 'f', 'p/x': 'x', 'p/d/b': 'other', z: 'z' }
  const samePlace = { left: { _tag: 'Stopped', cause: { _tag: 'NestedTarget', code: 'SamePlace' } } }
  const opened: ReadonlyArray<readonly [string, () => readonly [DriveProvider, DriveProvider]]> = [
    [
      'of a memory drive',
      () => {
        const store = createStore()
        return [openMemory({ store }), openMemory({ store })]
      },
    ],
    ['of this machine', () => [openLocal({ root: dir }), openLocal({ root: dir })]],
  ]
  test.each(opened)('is refused %s: the same directory, with nothing to change', async (_what, open) => {
    const [from, to] = open()
    await put(from, files)
    expect(await run({ from: { drive: from }, to: { drive: to } })).toMatchObject(samePlace)
    expect(Object.keys(await contents(from)).filter((path) => isTemporary(path))).toEqual([])
  })
  test.each(opened)('is refused %s: the target in the source', async (_what, open) => {
    for (const inside of ['p', 'd/e', 'p/d']) {
      const [from, to] = open()
      await put(from, files).catch(() => undefined)
      expect(await run({ from: { drive: from }, to: { drive: to, path: at(inside) } })).toMatchObject(samePlace)
      expect(await contents(from)).toMatchObject(files)
    }
  })
  test.each(opened)('is refused %s: the source in the target, with nothing changed', async (_what, open) => {
    for (const inside of ['p', 'd/e', 'p/d']) {
      const [from, to] = open()
      await put(from, files).catch(() => undefined)
      const before = await contents(from)
      expect(await run({ from: { drive: from, path: at(inside) }, to: { drive: to } })).toMatchObject(samePlace)
      expect(await contents(from)).toEqual(before)
    }
  })
  test.each(['p', 'd/e', 'p/d'])(
    'is refused under another root, before anything of the source is replaced or removed: %s',
    async (inside) => {
      const all = openLocal({ root: dir })
      await put(all, files)
      const part = openLocal({ root: join(dir, inside) })
      const before = await contents(part)
      expect(await run({ from: { drive: part }, to: { drive: all } })).toMatchObject(samePlace)
      expect(await contents(part)).toEqual(before)
      expect(Object.keys(await contents(all))).toEqual(expect.arrayContaining(Object.keys(files)))
      const whole = await contents(all)
      expect(await run({ from: { drive: all }, to: { drive: part } })).toMatchObject(samePlace)
      expect(await contents(all)).toMatchObject(whole)
      expect(Object.keys(await contents(all)).filter(isTemporary)).toEqual([])
    },
  )
  const many = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`a/${i}`, `${i}`]))
  test.each([
    ['which has only directories', 'w', { a: 'a', 'b/c': 'c' }],
    ['below another extra directory, and only directories in it', 'm/n', { 'm/f': 'f', 'a/b/c': 'c', z: 'z' }],
    ['which has a file', 'z', { ...many, 'z/last': 'x' }],
    ['which has a file, below another extra directory', 'y/z', { ...many, 'y/z/last': 'x' }],
  ])(
    'a source in the target, %s, is refused before anything that only the target has is removed',
    async (_what, inside, extra) => {
      const all = openLocal({ root: dir })
      await put(all, extra)
      await toPromises(all).ensureDir(`${inside}/empty/er`)
      const before = await contents(all)
      const ends = { from: { drive: openLocal({ root: join(dir, inside) }) }, to: { drive: all } }
      expect(await run(ends)).toMatchObject(samePlace)
      expect(await contents(all)).toMatchObject(before)
    },
  )
  test('an empty source in the target is refused before anything is removed', async () => {
    const all = openLocal({ root: dir })
    await put(all, files)
    await toPromises(all).ensureDir('q/empty')
    const empty = openLocal({ root: join(dir, 'q/empty') })
    expect(await run({ from: { drive: empty }, to: { drive: all } })).toMatchObject(samePlace)
    expect(await contents(all)).toMatchObject({ ...files, 'q/empty/': '' })
  })
  test('a target in the source that the walk meets only after the first transfer', async () => {
    const store = createStore()
    const [from, to] = [openMemory({ store, limits: { page: 100 } }), openMemory({ store })]
    const many = Array.from({ length: 1500 }, (_, i) => `a/${i}`)
    for (const path of [...many, 'z/kept']) await toPromises(from).writeFile(path, path)
    expect(await run({ from: { drive: from }, to: { drive: to, path: at('z') } })).toMatchObject(samePlace)
    expect(await toPromises(from).readText('z/kept')).toBe('z/kept')
    expect(Object.keys(await contents(from)).filter((path) => path.startsWith('z/z'))).toEqual([])
  })
  test('a directory in the place of a file is not moved aside with the source in it', async () => {
    const all = openLocal({ root: dir })
    await put(all, { 't/x/s/x': 'file', 't/x/other': 'o', 't/y': 'y' })
    const part = openLocal({ root: join(dir, 't/x/s') })
    const ends = { from: { drive: part }, to: { drive: all, path: at('t') }, backupDir: at('bak') }
    expect(await run(ends)).toMatchObject({
      right: { failed: [{ error: { code: 'SamePlace' } }], extra: { notRemoved: 'failures' } },
    })
    expect(await contents(all)).toMatchObject({ 't/x/s/x': 'file', 't/x/other': 'o', 't/y': 'y' })
  })
  test.each([
    ['p', ''],
    ['', 'p'],
    ['p', 'p'],
  ])('of one drive: %j and %j is refused without a request', async (a, b) => {
    const drive = await memory(files)
    expect(await run({ from: { drive, path: at(a) }, to: { drive, path: at(b) } })).toMatchObject({
      left: { _tag: 'NestedTarget' },
    })
    expect(await contents(drive)).toMatchObject(files)
  })
  test('two directories of one drive that do not overlap are synced', async () => {
    const drive = await memory({ ...files, 'pp/stray': 's' })
    expect(await run({ from: { drive, path: at('p') }, to: { drive, path: at('pp') } })).toMatchObject({
      right: { files: 2, extra: { removed: 1 } },
    })
  })
})

describe('a backup directory', () => {
  const from = () => memory({ same: '1', edited: 'new', 'd/edited': 'new' })
  const to = () =>
    memory({
      't/same': '1',
      't/edited': 'old',
      't/d/edited': 'old',
      't/gone': 'g',
      't/x/gone': 'g',
      'bak/gone': 'before',
    })
  const backup = { backupDir: at('bak') }

  test('takes what is replaced and removed, under relative paths and free names', async () => {
    const drive = await to()
    expect(await run({ from: { drive: await from() }, to: { drive, path: at('t') }, ...backup })).toMatchObject({
      right: { files: 2, failures: 0, extra: { removed: 3 } },
    })
    const now = await contents(drive)
    expect(now).toMatchObject({ 't/edited': 'new', 't/d/edited': 'new', 't/same': '1' })
    expect(now).toMatchObject({
      'bak/edited': 'old',
      'bak/d/edited': 'old',
      'bak/gone': 'before',
      'bak/gone (1)': 'g',
      'bak/x/gone': 'g',
    })
    expect(Object.keys(now).filter((path) => path.startsWith('t/x') || path === 't/gone')).toEqual([])
  })

  test('holds what was to be replaced where the transfer fails', async () => {
    const drive = await to()
    const broken = failing(await from(), 'readFile', (path) => (path === 'edited' ? { _tag: 'Forbidden' } : undefined))
    expect(await run({ from: { drive: broken }, to: { drive, path: at('t') }, ...backup })).toMatchObject({
      right: { failures: 1, extra: { notRemoved: 'failures' } },
    })
    expect(await contents(drive)).toMatchObject({ 'bak/edited': 'old', 't/gone': 'g', 't/x/gone': 'g' })
  })

  test('takes nothing that has changed since the comparison', async () => {
    const drive = await to()
    const source = await from()
    const busy: DriveProvider = {
      ...drive,
      stat: (path, options) => async () => {
        if (path === 't/edited' || path === 't/gone')
          await toPromises(drive).writeFile(path, 'changed', { conflict: 'overwrite' })
        return drive.stat(path, options)()
      },
    }
    const first = await run({ from: { drive: source }, to: { drive: busy, path: at('t') }, ...backup })
    expect(first).toMatchObject({
      right: { failures: 1, failed: [{ path: 'edited' }], extra: { notRemoved: 'failures' } },
    })
    await toPromises(source).writeFile('edited', 'changed', { conflict: 'overwrite' })
    expect(await run({ from: { drive: source }, to: { drive: busy, path: at('t') }, ...backup })).toMatchObject({
      right: { failures: 1, failed: [{ path: 't/gone' }], extra: { removed: 2 } },
    })
    expect(await contents(drive)).toMatchObject({ 't/edited': 'changed', 't/gone': 'changed', 'bak/x/gone': 'g' })
  })

  test('takes a copy of an earlier run that is replaced by a resumed one', async () => {
    const drive = await to()
    const source = await from()
    for (const text of ['first', 'second']) {
      await toPromises(source).writeFile('fresh', text, { conflict: 'overwrite' })
      const journal = sqliteJournal(join(dir, 'j'))
      if (E.isLeft(journal)) throw new Error(journal.left.message)
      const options = { from: { drive: source }, to: { drive, path: at('t') }, journal: journal.right }
      expect(await run({ ...options, ...backup })).toMatchObject({ right: { failures: 0 } })
      journal.right.close()
    }
    expect(await contents(drive)).toMatchObject({ 't/fresh': 'second', 'bak/fresh': 'first' })
  })

  test('takes a file in the place of a directory and the reverse', async () => {
    const source = await memory({ 'a/b': 'below', c: 'file', 'k/f': '1' })
    const drive = await memory({ 't/a': 'file', 't/c/d/e': 'below', 't/k/f': '1', 't/stray': 's' })
    const ends = { from: { drive: source }, to: { drive, path: at('t') } }
    // A directory that holds something excluded stays.
    const include = ({ name }: { readonly name: string }) => name !== 'e'
    expect(await run({ ...ends, ...backup, include })).toMatchObject({ right: { failures: 1 } })
    expect(await contents(drive)).toMatchObject({ 't/c/d/e': 'below', 't/a/b': 'below', 'bak/a': 'file' })
    expect(await run({ ...ends, ...backup })).toMatchObject({ right: { failures: 0, extra: { removed: 1 } } })
    expect(await contents(drive)).toMatchObject({
      't/a/b': 'below',
      't/c': 'file',
      'bak/c/d/e': 'below',
      'bak/stray': 's',
    })
  })

  test.each([
    ['the target itself', 't', 't'],
    ['in the target', 't', 't/b'],
    ['around the target', 't/u', 't'],
    ['in the source', 'u', 's/b'],
  ])('is refused: %s', async (_what, target, backupDir) => {
    const drive = await memory({ 's/f': '1', 't/g': '2' })
    const before = await contents(drive)
    const ended = await run({
      from: { drive, path: at('s') },
      to: { drive, path: at(target) },
      backupDir: at(backupDir),
    })
    expect(ended).toMatchObject({ left: { _tag: 'NestedTarget', code: 'BackupOverlaps' } })
    expect(await contents(drive)).toEqual(before)
  })
})

describe('files that were renamed', () => {
  const written = (drive: DriveProvider) => {
    const paths: Array<string> = []
    return {
      paths,
      drive: {
        ...drive,
        writeFile: (path, content, options) => {
          if (!isTemporary(path)) paths.push(path)
          return drive.writeFile(path, content, options)
        },
      } satisfies DriveProvider,
    }
  }
  test.each(['checksums', 'times'])('are moved at the target, if there is one match: by %s', async (by) => {
    const settings = by === 'times' ? { checksums: [] } : {}
    const [from, target] = [await memory({}, settings), await memory({}, settings)]
    const add = (drive: DriveProvider, path: string, text: string, day: number) =>
      toPromises(drive).writeFile(path, text, { modifiedAt: new Date(Date.UTC(2020, 1, day)) })
    await add(from, 'new/deep/one', 'unique', 1)
    await add(from, 'two', 'twice', 2)
    await add(from, 'fresh', 'fresh', 3)
    await add(from, 'empty', '', 4)
    await add(target, 'old/one', 'unique', 1)
    await add(target, 'two-a', 'twice', 2)
    await add(target, 'two-b', 'twice', 2)
    await add(target, 'void', '', 4)
    const { drive, paths } = written(target)
    expect(await run({ from: { drive: from }, to: { drive }, trackRenames: true })).toMatchObject({
      right: { files: 3, skipped: 1, failures: 0, extra: { renamed: 1, removed: 4 } },
    })
    expect([...paths].sort()).toEqual(['empty', 'fresh', 'two'])
    expect(await contents(target)).toEqual(await contents(from))
  })

  test('are sent where the source cannot be listed in full', async () => {
    const from = failing(await memory({ b: 'same', 'd/f': 'x' }), 'list', (path) =>
      path === 'd' ? { _tag: 'Forbidden' } : undefined,
    )
    const to = await memory({ a: 'same' })
    expect(await run({ from: { drive: from }, to: { drive: to }, trackRenames: true })).toMatchObject({
      right: { files: 1, extra: { notRemoved: 'failures' } },
    })
    expect(await contents(to)).toMatchObject({ a: 'same', b: 'same' })
  })
})

describe('a plan', () => {
  const planned = async (ends: Pick<SyncOptions, 'from' | 'to'>, edit: (text: string) => string = (text) => text) => {
    const file = join(dir, 'plan')
    const plan = planMigration({ ...ends, conflict: 'different', removeExtra: {} })
    const lines: Array<string> = []
    const whole = await writePlan(file, plan.header, async (add) => {
      for await (const line of plan.lines) {
        if (E.isLeft(line)) return false
        if (line.right.do !== 'remove' || edit(line.right.to) !== '') await add(line.right)
        lines.push(`${line.right.do} /${line.right.to}`)
      }
      return true
    })
    if (E.isLeft(whole)) throw new Error(whole.left.message)
    const read = await readPlan(file)
    if (E.isLeft(read)) throw new Error(read.left.message)
    const checked = await checkPlan(read.right)
    if (E.isLeft(checked)) throw new Error('the plan has wrong lines')
    return { plan: checked.right, lines, summary: await plan.summary() }
  }
  const ends = async () => ({
    from: { drive: await memory({ a: 'new', 'd/b': 'b' }) },
    to: { drive: await memory({ a: 'old', x: 'x', 'y/z': 'z', w: 'w' }) },
  })

  test('has a line for each removal at its end, and removes exactly those', async () => {
    const both = await ends()
    const { plan, lines, summary } = await planned(both, (to) => (to === 'w' ? '' : to))
    expect(lines.slice(-4)).toEqual(['remove /w', 'remove /x', 'remove /y', 'remove /y/z'])
    expect(summary).toMatchObject({ todo: { remove: 4, overwrite: 1 } })
    expect(await contents(both.to.drive)).toMatchObject({ a: 'old', x: 'x' })
    expect(await migrate({ ...both, plan }).run()).toMatchObject({ left: { _tag: 'InvalidArgument' } })
    expect(await run({ ...both, plan, maxDelete: 2 })).toMatchObject({ right: { extra: { notRemoved: 'max-delete' } } })
    expect(await run({ ...both, plan })).toMatchObject({ right: { failures: 0, extra: { removed: 3 } } })
    expect(await contents(both.to.drive)).toEqual({ a: 'new', 'd/': '', 'd/b': 'b', w: 'w' })
  })

  test('does not remove what has changed, or what has appeared at the source', async () => {
    const both = await ends()
    const { plan } = await planned(both)
    await toPromises(both.to.drive).writeFile('x', 'changed', { conflict: 'overwrite' })
    await toPromises(both.from.drive).writeFile('y/z', 'here')
    await toPromises(both.to.drive).remove('w')
    expect(await run({ ...both, plan })).toMatchObject({
      right: {
        failures: 3,
        failed: [
          { error: { code: 'TargetChanged' } },
          { error: { code: 'SourceAppeared' } },
          { error: { code: 'SourceAppeared' } },
        ],
        extra: { removed: 0 },
      },
    })
    expect(await contents(both.to.drive)).toMatchObject({ a: 'new', x: 'changed', 'y/z': 'z' })
  })

  test('removes nothing outside the target, whatever its lines say', async () => {
    const drive = await memory({ 's/a': '1', 't/x': 'x', other: 'o' })
    const both = { from: { drive, path: at('s') }, to: { drive, path: at('t') } }
    const { plan } = await planned(both)
    const edited = (line: string): string => {
      if (!line.includes('"do":"remove"')) return line
      return JSON.stringify({
        ...(JSON.parse(line) as object),
        to: '/other',
        existing: { path: '/other', kind: 'file' },
      })
    }
    const lines = (await readFile(plan.file, 'utf8')).split('\n')
    await writeFile(plan.file, lines.map(edited).join('\n'))
    expect(await run({ ...both, plan })).toMatchObject({
      right: { failures: 1, failed: [{ error: { _tag: 'InvalidPath' } }] },
    })
    expect(await contents(drive)).toMatchObject({ other: 'o', 't/x': 'x' })
  })

  test('plans no removal where something cannot be transferred', async () => {
    const both = {
      from: { drive: await memory({ a: '1', c: '2' }) },
      to: { drive: await memory({ 'a/kept': 'file', x: 'x' }) },
      include: ({ name }: { readonly name: string }) => name !== 'kept',
    }
    const { lines, summary } = await planned(both)
    expect(lines).toEqual(['refuse /a', 'copy /c'])
    expect(summary.notCarried).toBe(1)
  })
})

test.each([
  [{ maxDelete: -1 }, 'removeExtra.maxDelete'],
  [{ maxDelete: Number.NaN }, 'removeExtra.maxDelete'],
])('%j is refused', async (options, argument) => {
  expect(await run({ from: { drive: await memory() }, to: { drive: await memory() }, ...options })).toMatchObject({
    left: { _tag: 'InvalidArgument', argument },
  })
})

test('a move that removes what is extra is refused', async () => {
  const [from, to] = [await memory({ a: '1' }), await memory({ b: '2' })]
  expect(
    await migrate({ from: { drive: from }, to: { drive: to }, removeSource: true, removeExtra: {} }).run(),
  ).toMatchObject({
    left: { _tag: 'InvalidArgument', argument: 'removeSource' },
  })
  expect([await contents(from), await contents(to)]).toEqual([{ a: '1' }, { b: '2' }])
})
