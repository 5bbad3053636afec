// Moves: what is removed from the source, and what is not.
import { root, toPromises, type DrivePath, type DriveProvider, type Entry } from '@anydrive/core'
import { openLocal } from '@anydrive/local'
import { createStore, openMemory, plantOther } from '@anydrive/memory'
import {
  checkPlan,
  migrate,
  planMigration,
  readPlan,
  sqliteJournal,
  writePlan,
  type MigrateOptions,
  type Summary,
} from '@anydrive/migrate'
import { forbidden } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { at, atOnce, contents, errorOf, memory, run, summaryOf } from './drives'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anydrive-move-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const put = (path: string, content: string): void => {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), content)
}
const makeDir = (path: string): string => {
  mkdirSync(join(dir, path), { recursive: true })
  return join(dir, path)
}
/** Every path below, whatever it is. */
const tree = (path: string): ReadonlyArray<string> =>
  readdirSync(join(dir, path), { recursive: true }).map(String).sort()

describe('what a move did not transfer stays, and so do the directories around it', () => {
  test('an entry whose name no path can hold, below a directory that is emptied otherwise', async () => {
    put('s/sub/deep/b', 'b')
    put('s/other/c', 'c')
    writeFileSync(Buffer.concat([Buffer.from(join(dir, 's/sub/')), Buffer.from([0x62, 0xff, 0xfe])]), 'odd')
    const summary = await summaryOf({
      from: { drive: openLocal({ root: join(dir, 's') }) },
      to: { drive: openLocal({ root: makeDir('d') }) },
      verify: 'full',
      removeSource: true,
    })
    expect(summary).toMatchObject({ files: 2, removed: 2, failures: 1, others: 1 })
    expect(summary.failed).toMatchObject([{ path: 'sub', error: { _tag: 'InvalidPath' } }])
    expect(readdirSync(join(dir, 's'))).toEqual(['sub'])
    expect(readdirSync(join(dir, 's/sub'), { encoding: 'buffer' })).toEqual([Buffer.from([0x62, 0xff, 0xfe])])
  })

  test('what a filter excludes: a file, a whole directory, an empty one', async () => {
    const from = await memory({ 'a/keep': '1', 'a/go': '2', 'b/x/y': '3', 'b/z': '4', 'empty/': '', 'c/d/e': '5' })
    const excluded = new Set(['a/keep', 'b/x', 'empty'])
    await summaryOf({
      from: { drive: from },
      to: { drive: openMemory() },
      include: ({ path }: Entry) => !excluded.has(path),
      removeSource: true,
    })
    expect(await contents(from)).toEqual({ 'a/': '', 'a/keep': '1', 'b/': '', 'b/x/': '', 'b/x/y': '3', 'empty/': '' })
  })

  test('a directory of which nothing was chosen, and one that appeared meanwhile', async () => {
    const from = await memory({ 'a/go': '2', 'unused/inner/': '' })
    const target = openMemory()
    const to: DriveProvider = {
      ...target,
      writeFile: (path, source, options) => async () => {
        await toPromises(from).ensureDir('a/new')
        return target.writeFile(path, source, options)()
      },
    }
    await summaryOf({
      from: { drive: from },
      to: { drive: to },
      include: ({ kind }) => (kind === 'directory' ? 'if-used' : true),
      removeSource: true,
    })
    expect(await contents(from)).toEqual({ 'a/': '', 'a/new/': '', 'unused/': '', 'unused/inner/': '' })
  })

  test('a link, a failure, a clash, and the temporary that somebody’s upload is writing', async () => {
    const store = createStore()
    const from = openMemory({ store })
    const { writeFile } = toPromises(from)
    for (const path of ['l/f', 'bad/a?b', 'bad/fine', 'clash/x', 'clash/y', 't/g', 'gone/h'])
      await writeFile(path, path)
    plantOther(store, at('l/link'), 'symlink')
    await writeFile('t/up.anydrive-012345222451', 'half')
    const to = await memory({ 'clash/x': 'theirs' }, { naming: { forbidden: '?' } })
    const summary = await summaryOf({ from: { drive: from }, to: { drive: to }, removeSource: true })
    expect(summary).toMatchObject({ files: 5, removed: 5, failures: 4, others: 2 })
    expect(summary.notCarried).toContainEqual(expect.objectContaining({ what: 'temporary file of anydrive' }))
    expect(await contents(from)).toEqual({
      'bad/': '',
      'bad/a?b': 'bad/a?b',
      'clash/': '',
      'clash/x': 'clash/x',
      'l/': '',
      'l/link': '(other)',
      't/': '',
    })
    expect((await toPromises(from).stat('t/up.anydrive-012345222451')).kind).toBe('file')
  })

  test('on this machine, too: the directory of a temporary stays', async () => {
    put('s/t/f', 'f')
    put('s/t/.anydrive-012345222451', 'half')
    const drive = openLocal({ root: join(dir, 's') })
    await summaryOf({ from: { drive }, to: { drive: openMemory() }, removeSource: true })
    expect(tree('s')).toEqual(['t', 't/.anydrive-012345222451'])
  })
})

test('what somebody else removed first is no failure', async () => {
  const from = await memory({ 'd/f': '1', 'd/g': '2' })
  const target = openMemory()
  const to: DriveProvider = {
    ...target,
    writeFile: (path, source, options) => async () => {
      // The one before is transferred by now, and waits to be removed with others.
      if (path === 'd/g') await toPromises(from).remove('d/f')
      return target.writeFile(path, source, options)()
    },
  }
  const summary = await summaryOf({ from: { drive: from }, to: { drive: to }, removeSource: true, concurrency: 1 })
  expect(summary).toMatchObject({ files: 2, removed: 1, failures: 0 })
  expect(await contents(from)).toEqual({})
})

describe('the root of the source', () => {
  const move = async (options: Partial<MigrateOptions> = {}) => {
    const from = await memory({ 'top/a/f': '1', 'top/g': '2', beside: '3' })
    const to = openMemory()
    await summaryOf({
      from: { drive: from, path: at('top') },
      to: { drive: to, path: at('here') },
      removeSource: true,
      ...options,
    })
    return contents(from)
  }
  test('stays unless it is to be removed', async () => {
    expect(await move()).toEqual({ 'top/': '', beside: '3' })
    expect(await move({ removeRoot: true })).toEqual({ beside: '3' })
  })
  test('stays in any case if something is left in it, or if it is that of the drive', async () => {
    expect(await move({ removeRoot: true, include: ({ name }) => name !== 'g' })).toEqual({
      'top/': '',
      'top/g': '2',
      beside: '3',
    })
    const drive = openLocal({ root: makeDir('s') })
    put('s/f', '1')
    await summaryOf({ from: { drive }, to: { drive: openMemory() }, removeSource: true, removeRoot: true })
    expect(tree('.')).toEqual(['s'])
  })
})

test('a directory tree deeper and wider than one batch goes entirely', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 260 }, (_, i) => [`${'d/'.repeat(1 + (i % 7))}w${i}/f`, `${i}`]),
  )
  const from = await memory(files)
  const summary = await summaryOf({ from: { drive: from }, to: { drive: openMemory() }, removeSource: true })
  expect(summary).toMatchObject({ removed: 260, failures: 0 })
  expect(await contents(from)).toEqual({})
})

describe('by a plan, or resumed', () => {
  const plan = async (options: MigrateOptions) => {
    const made = planMigration(options)
    await writePlan(join(dir, 'plan'), made.header, async (add) => {
      for await (const line of made.lines) if (E.isRight(line)) await add(line.right)
      return true
    })
    const read = await readPlan(join(dir, 'plan'))
    const checked = E.isRight(read) ? await checkPlan(read.right) : undefined
    if (checked === undefined || E.isLeft(checked)) throw new Error('no plan')
    return checked.right
  }
  test('the directories of the plan go, those beside it stay', async () => {
    const from = await memory({ 'a/f': '1', 'a/b/g': '2', 'kept/h': '3' })
    const options = { from: { drive: from }, to: { drive: openMemory() }, removeSource: true }
    const checked = await plan({ ...options, include: ({ path }) => !path.startsWith('kept') })
    expect(await summaryOf({ ...options, plan: checked })).toMatchObject({ files: 2, removed: 2, failures: 0 })
    expect(await contents(from)).toEqual({ 'kept/': '', 'kept/h': '3' })
  })

  test.each([1, 40, 77])('a run stopped after %i files removes with the next what both transferred', async (n) => {
    const names = Array.from({ length: 80 }, (_, i) => [`d${i % 8}/e${i % 3}/f${i}`, `${i}`] as const)
    const from = await memory({ ...Object.fromEntries<string>(names), 'd0/kept': 'k' })
    const target = openMemory()
    const stop = new AbortController()
    let written = 0
    const to: DriveProvider = {
      ...target,
      writeFile: (path, source, options) => async () => {
        if (++written === n) stop.abort()
        return target.writeFile(path, source, options)()
      },
    }
    const once = async (drive: DriveProvider, signal?: AbortSignal): Promise<Summary | undefined> => {
      const journal = sqliteJournal(join(dir, 'j'))
      if (E.isLeft(journal)) throw new Error(journal.left.message)
      const include = ({ name }: Entry) => name !== 'kept'
      const options = { from: { drive: from }, to: { drive }, journal: journal.right, include, removeSource: true }
      const ended = await run({ ...options, signal, concurrency: 2 })
      journal.right.close()
      return E.isRight(ended) ? ended.right : undefined
    }
    expect(await once(to, stop.signal)).toBeUndefined()
    expect(await once(target)).toMatchObject({ failures: 0 })
    expect(await contents(from)).toEqual({ 'd0/': '', 'd0/kept': 'k' })
    expect(Object.keys(await contents(target)).filter((path) => !path.endsWith('/'))).toHaveLength(80)
  })
})

describe('a resumed move checks what an earlier run transferred before it removes the source', () => {
  const files = { a: 'content of a', 'd/b': 'content of b', 'd/c': '', same: 'equal', z: 'content of z' }
  const early = new Date(Date.UTC(2020, 1, 1))
  const kept = (drive: DriveProvider): DriveProvider => ({
    ...drive,
    batchRemove: () => () => Promise.resolve(E.left(errorOf('memory', 'batchRemove', root, forbidden()))),
  })
  const changes: ReadonlyArray<readonly [string, (drive: DriveProvider) => Promise<unknown>, ReadonlyArray<string>]> = [
    [
      'removed',
      async (drive) => {
        for (const path of ['a', 'd/b', 'd/c', 'same']) await toPromises(drive).remove(path)
      },
      [],
    ],
    ['moved away with its directory', (drive) => toPromises(drive).move('d', 'e'), []],
    [
      'replaced by others of their sizes',
      async (drive) => {
        for (const [path, text] of [
          ['a', 'CONTENT of a'],
          ['d/b', 'CONTENT of b'],
        ] as const)
          await toPromises(drive).writeFile(path, text, { conflict: 'overwrite' })
      },
      ['a', 'd/b'],
    ],
  ]
  const drives: ReadonlyArray<readonly [string, { readonly checksums?: [] }]> = [
    ['with checksums', {}],
    ['without checksums', { checksums: [] }],
  ]
  describe.each(drives)('%s', (_kind, settings) => {
    test.each(changes)('copies that were %s', async (what, change, clashing) => {
      const from = await memory(files, settings)
      const to = openMemory(settings)
      for (const drive of [from, to])
        await toPromises(drive).writeFile('same', 'equal', { conflict: 'overwrite', modifiedAt: early })
      const once = async (source: DriveProvider): Promise<Summary> => {
        const journal = sqliteJournal(join(dir, 'j'))
        if (E.isLeft(journal)) throw new Error(journal.left.message)
        const way = { conflict: 'newer', removeSource: true, journal: journal.right } as const
        const summary = await summaryOf({ from: { drive: source }, to: { drive: to }, ...way })
        journal.right.close()
        return summary
      }
      expect(await once(kept(from))).toMatchObject({ removed: 0 })
      expect(await contents(from)).toMatchObject(files)
      await change(to)
      await once(from)
      const [left, arrived] = [await contents(from), await contents(to)]
      // Equal by size and time only, what the target had is no reason to remove the source.
      const unproven = 'checksums' in settings && 'same' in arrived && what !== 'removed' ? ['same'] : []
      expect(Object.keys(left).filter((path) => !path.endsWith('/'))).toEqual([...clashing, ...unproven])
      for (const [path, text] of Object.entries(files)) expect({ ...arrived, ...left }[path]).toBe(text)
    })
  })
})

describe('one place under two names', () => {
  /** Another drive object of the same store, as a server that states no versions shows it. */
  const unversioned = (drive: DriveProvider): DriveProvider => {
    const strip = <A extends Entry>(entry: A): A => {
      const { version: _, modifiedAt: __, ...rest } = entry as A & { readonly version?: string }
      return rest as unknown as A
    }
    return {
      ...drive,
      stat: (path, options) => async () => E.map((entry: Entry) => strip(entry))(await drive.stat(path, options)()),
      list: (path, options) => async () =>
        E.map((page: { readonly items: ReadonlyArray<Entry> }) => ({ ...page, items: page.items.map(strip) }))(
          await drive.list(path, options)(),
        ),
    }
  }
  test.each(['overwrite', 'rename', 'ask', 'skip'] as const)(
    'is refused under %s before anything is done',
    async (conflict) => {
      const store = createStore()
      const from = openMemory({ store })
      for (const path of ['a', 'd/b', 'd/e/c']) await toPromises(from).writeFile(path, path)
      const before = await contents(from)
      const to = unversioned(openMemory({ store }))
      const ended = await run({ from: { drive: unversioned(from) }, to: { drive: to }, conflict, removeSource: true })
      expect(ended).toMatchObject({ left: { _tag: 'Stopped', cause: { _tag: 'NestedTarget', code: 'SamePlace' } } })
      expect(await contents(from)).toEqual(before)
    },
  )

  test('of a single file, too, and below paths of both', async () => {
    const store = createStore()
    const [from, to] = [openMemory({ store }), unversioned(openMemory({ store }))]
    await toPromises(from).writeFile('p/q/f', 'precious')
    for (const options of [
      { from: { drive: from, path: at('p/q/f') }, to: { drive: to, path: at('p/q/f') } },
      { from: { drive: from, path: at('p/q') }, to: { drive: to, path: at('p/q') } },
    ]) {
      const ended = await run({ ...options, conflict: 'overwrite', removeSource: true })
      expect(ended).toMatchObject({ left: { cause: { _tag: 'NestedTarget' } } })
      expect(await contents(from)).toEqual({ 'p/': '', 'p/q/': '', 'p/q/f': 'precious' })
    }
  })

  test('roots of this machine that are spelled differently', async () => {
    put('real/d/f', 'precious')
    symlinkSync(join(dir, 'real'), join(dir, 'link'))
    const [from, to] = [openLocal({ root: join(dir, 'real') }), openLocal({ root: join(dir, 'link') })]
    const ended = await run({ from: { drive: from }, to: { drive: to }, conflict: 'overwrite', removeSource: true })
    expect(ended).toMatchObject({ left: { cause: { code: 'SamePlace' } } })
    expect(tree('real')).toEqual(['d', 'd/f'])
    expect(readFileSync(join(dir, 'real/d/f'), 'utf8')).toBe('precious')
  })

  test('a target inside the source, existing or new', async () => {
    for (const inside of ['d', 'new/one']) {
      const store = createStore()
      const from = openMemory({ store })
      for (const path of ['a', 'd/b', 'z/c']) await toPromises(from).writeFile(path, path)
      const to = openMemory({ store })
      const ended = await run({ from: { drive: from }, to: { drive: to, path: at(inside) }, removeSource: true })
      expect(ended).toMatchObject({ left: { cause: { _tag: 'NestedTarget' } } })
      const left = Object.values(await contents(from))
      for (const content of ['a', 'd/b', 'z/c']) expect(left).toContain(content)
    }
  })

  test('a directory of the target that is one of the source, deep below', async () => {
    put('s/x/y/f', 'precious')
    put('s/g', 'fine')
    makeDir('t')
    const alias = openLocal({ root: join(dir, 's') })
    const target = openLocal({ root: join(dir, 't') })
    await toPromises(target).ensureDir('x')
    /** A server that follows a link: `x` of the target is `x` of the source. */
    const pick = (path: DrivePath): DriveProvider => (path === 'x' || path.startsWith('x/') ? alias : target)
    const to: DriveProvider = {
      ...target,
      stat: (path, options) => pick(path).stat(path, options),
      list: (path, options) => pick(path).list(path, options),
      createDir: (path, options) => pick(path).createDir(path, options),
      writeFile: (path, source, options) => pick(path).writeFile(path, source, options),
      readFile: (path, options) => pick(path).readFile(path, options),
      batchRemove: (items, options) =>
        pick(typeof items[0] === 'string' ? items[0] : (items[0]?.path ?? at(''))).batchRemove(items, options),
    }
    const ended = await run({ from: { drive: alias }, to: { drive: to }, conflict: 'overwrite', removeSource: true })
    expect(ended).toMatchObject({ left: { cause: { code: 'SamePlace' } } })
    expect(readFileSync(join(dir, 's/x/y/f'), 'utf8')).toBe('precious')
    expect(tree('s').filter((name) => name.includes('anydrive'))).toEqual([])
  })

  test('another place of equal content is no such place, and no marker stays', async () => {
    const from = await memory({ 'd/f': '1', g: '2' })
    put('t/d/h', '3')
    const migration = migrate({
      from: { drive: from },
      to: { drive: openLocal({ root: join(dir, 't') }) },
      removeSource: true,
      delay: atOnce,
    })
    expect(await migration.run()).toMatchObject({ right: { files: 2, removed: 2, failures: 0 } })
    expect(tree('t')).toEqual(['d', 'd/f', 'd/h', 'g'])
    expect(existsSync(join(dir, 't/d/f'))).toBe(true)
  })
})
