// Files, names, times and listings of a directory of this machine.
import * as E from 'fp-ts/Either'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { createRegistry, fromBytes, readBytes, root as rootPath, walk, type WriteOptions } from '@anydrive/core'
import type { Call } from '@anydrive/core/adapter'
import { local, openLocal } from '../src'
import { withDir, withSource, withTarget } from '../src/directories'
import { lookup } from '../src/entries'
import { NotFlushed, toFault } from '../src/errors'
import { createListing } from '../src/listing'
import { moveFound } from '../src/transfer'
import { notFound } from '@anydrive/core/adapter'
import { at, entries, left, put, right, scratch, sourceOf, sweep, text, told } from './bench'

afterAll(sweep)

const fresh = () => {
  const inside = join(scratch(), 'root')
  return { inside, drive: openLocal({ root: inside }) }
}
const call: Call = { signal: new AbortController().signal, wait: true }

describe('names', () => {
  const hostile = [
    ' lead',
    'trail ',
    '.',
    'a.',
    '..a',
    '...',
    '"q"',
    "'",
    '%2F',
    '%',
    '+',
    '#',
    '?',
    '&',
    ';',
    '\\',
    '*',
    '-rf',
    '~',
    '$HOME',
    '\u{1F468}\u200D\u{1F469}',
    'e\u0301',
    '\u00e9',
    '\u202Eevil',
    'a\nb',
    '\t',
    '\u0001',
    'CON',
    '\u4e2d\u6587',
    'after:x',
  ].filter((name) => name !== '.')

  test('are kept to the byte, read back, copied, moved and removed', async () => {
    const { drive, inside } = fresh()
    for (const name of hostile) await put(drive, `d/${name}`, name)
    expect((await entries(drive, at('d'))).map((e) => e.name)).toEqual([...hostile].sort())
    expect(readdirSync(join(inside, 'd')).sort()).toEqual([...hostile].sort())
    await right(drive.copyDir(at('d'), at('e')))
    for (const name of hostile) expect(await text(drive, `e/${name}`)).toBe(name)
    const moves = hostile.map((name) => ({ from: at(`e/${name}`), to: at(`${name}/${name}`) }))
    expect(told(await right(drive.batchMove(moves)))).toEqual(moves.map(({ to }) => `as-asked ${to}`))
    expect(told(await right(drive.batchRemove(hostile.map(at))))).toEqual(hostile.map((name) => `erased ${name}`))
  })

  test('of 255 bytes are taken, longer ones refused; a numbered one is cut to fit', async () => {
    const { drive } = fresh()
    const longest = '\u4e2d'.repeat(85)
    await put(drive, longest, '1')
    expect(await left(drive.createDir(at(`${longest}x`)), 'LimitExceeded')).toMatchObject({ limit: 'name', max: 255 })
    await left(drive.stat(at(`${longest}x`)), 'NotFound')
    await left(drive.stat(at(`${longest}x/y`)), 'NotFound')
    const renamed = await right(drive.writeFile(at(longest), fromBytes('2'), { conflict: 'rename' }))
    expect(renamed).toMatchObject({ path: `${'\u4e2d'.repeat(83)} (1)`, how: 'renamed' })
  })

  test('that have no UTF-8 are refused or not there', async () => {
    const { drive, inside } = fresh()
    await left(drive.createDir(at('a\ud800')), 'InvalidPath')
    await left(drive.writeFile(at('a\ud800/b'), fromBytes('')), 'InvalidPath')
    await left(drive.stat(at('a\ud800')), 'NotFound')
    writeFileSync(join(inside, 'a\ufffd'), '')
    await left(drive.stat(at('a\ud800')), 'NotFound')
  })

  test('that are not valid UTF-8 are skipped in listings, yet copied and removed with their directory', async () => {
    const { drive, inside } = fresh()
    mkdirSync(join(inside, 'd'))
    const bad = Buffer.concat([Buffer.from(join(inside, 'd')), Buffer.from('/'), Buffer.from([0xff, 0x41])])
    mkdirSync(bad)
    writeFileSync(Buffer.concat([bad, Buffer.from('/f')]), 'x')
    writeFileSync(join(inside, 'd', 'good'), '')
    expect(await right(drive.list(at('d')))).toMatchObject({ items: [{ name: 'good' }], skipped: ['\ufffdA'] })
    await right(drive.copyDir(at('d'), at('e')))
    expect(
      readdirSync(join(inside, 'e'), { encoding: 'buffer' })
        .map((name) => name.toString('latin1'))
        .sort(),
    ).toEqual(['good', '\xffA'])
    expect(told(await right(drive.batchRemove([at('d'), at('e')])))).toEqual(['erased d', 'erased e'])
    expect(readdirSync(inside)).toEqual([])
  })
})

describe('listing', () => {
  test('every entry comes once and in order, however small pages and windows are', async () => {
    const { inside } = fresh()
    const names = Array.from({ length: 100 }, (_, n) => `${(n * 37) % 100}`)
    for (const name of names) writeFileSync(join(inside, name), '')
    const listing = createListing(7)
    const seen: Array<string> = []
    let cursor: string | undefined
    do {
      const page = await withDir(
        inside,
        rootPath,
        () => notFound({ what: 'source' }),
        (dir) => listing.page(dir, rootPath, { cursor, limit: 3 }),
      )
      if (E.isLeft(page)) throw new Error(page.left._tag)
      seen.push(...page.right.items.map((e) => e.name))
      cursor = page.right.next
    } while (cursor !== undefined)
    expect(seen).toEqual([...names].sort())
  })

  test('what goes between two pages is not listed, and another provider goes on from the cursor', async () => {
    const { drive, inside } = fresh()
    for (const name of ['a', 'b', 'c', 'd', 'e']) writeFileSync(join(inside, name), '')
    const first = await right(drive.list(rootPath, { limit: 2 }))
    await right(drive.batchRemove([at('a'), at('c')]))
    const rest = (await right(drive.list(rootPath, { cursor: first.next }))).items.map((e) => e.name)
    expect(rest).toEqual(['d', 'e'])
    const again = await right(openLocal({ root: inside }).list(rootPath, { cursor: first.next }))
    expect(again.items.map((e) => e.name)).toEqual(['d', 'e'])
    expect(await left(drive.list(rootPath, { cursor: 'nonsense' }), 'NotFound')).toMatchObject({ what: 'cursor' })
  })

  test('a listing from the start always shows what was just made', async () => {
    const { drive } = fresh()
    for (let n = 0; n < 50; n++) {
      await right(drive.createDir(at(`${n}`)))
      expect(await entries(drive)).toHaveLength(n + 1)
    }
  })
})

describe('files', () => {
  test('keep the time given to the millisecond, and a copy keeps it too', async () => {
    const { drive, inside } = fresh()
    for (const [n, time] of [1_700_000_000_123, 999, 0, -1, -86_400_001, 4_102_444_800_999].entries()) {
      const modifiedAt = new Date(time)
      expect(await right(drive.writeFile(at(`f${n}`), fromBytes(''), { modifiedAt }))).toMatchObject({ modifiedAt })
      await right(drive.batchCopy([{ from: at(`f${n}`), to: at(`g${n}`) }]))
      expect(await right(drive.stat(at(`g${n}`)))).toMatchObject({ modifiedAt })
    }
    mkdirSync(join(inside, 'd'))
    utimesSync(join(inside, 'd'), 1000, 1000)
    await right(drive.copyDir(at('d'), at('e')))
    expect(await right(drive.stat(at('e')))).toMatchObject({ modifiedAt: new Date(1_000_000) })
  })

  test('that take another’s place have its permissions, copies those of their source', async () => {
    const { drive, inside } = fresh()
    await put(drive, 'd/f', '1')
    chmodSync(join(inside, 'd', 'f'), 0o640)
    chmodSync(join(inside, 'd'), 0o750)
    await right(drive.writeFile(at('d/f'), fromBytes('2'), { conflict: 'overwrite' }))
    await right(drive.copyDir(at('d'), at('e')))
    for (const dir of ['d', 'e']) {
      expect(statSync(join(inside, dir, 'f')).mode & 0o777).toBe(0o640)
      expect(statSync(join(inside, dir)).mode & 0o777).toBe(0o750)
      expect(await text(drive, `${dir}/f`)).toBe('2')
    }
  })

  test.each(['shorter', 'longer', 'unreadable'] as const)(
    'whose source is %s do not appear, and leave nothing behind',
    async (reason) => {
      const { drive, inside } = fresh()
      await put(drive, 'old', 'old')
      const source = sourceOf(5, function* () {
        yield Buffer.from('abc')
        if (reason === 'longer') yield Buffer.from('defg')
        if (reason === 'unreadable') throw new Error('disk')
      })
      expect(await left(drive.writeFile(at('f'), source), 'SourceFailed')).toMatchObject({ reason })
      expect(await left(drive.writeFile(at('old'), source, { conflict: 'overwrite' }), 'SourceFailed')).toMatchObject({
        reason,
      })
      expect(readdirSync(inside)).toEqual(['old'])
      expect(readFileSync(join(inside, 'old'), 'utf8')).toBe('old')
    },
  )

  test('whose write is aborted do not appear', async () => {
    const { drive, inside } = fresh()
    const controller = new AbortController()
    const options = { signal: controller.signal, onProgress: () => controller.abort() }
    const source = sourceOf(4, function* () {
      yield Buffer.from('ab')
      yield Buffer.from('cd')
    })
    expect(await left(drive.writeFile(at('f'), source, options), 'Aborted')).toMatchObject({ effect: 'none' })
    expect(readdirSync(inside)).toEqual([])
  })

  test('are read in ranges, and no longer once they are another version', async () => {
    const { drive, inside } = fresh()
    const bytes = Buffer.alloc(1_000_000, 'x')
    await right(drive.writeFile(at('f'), fromBytes(bytes)))
    const middle = await right(drive.readFile(at('f'), { range: { start: 10, end: 600_000 } }))
    expect((await right(readBytes(middle))).byteLength).toBe(599_990)
    const { stream } = await right(drive.readFile(at('f')))
    const begun = stream[Symbol.asyncIterator]()
    await begun.next()
    writeFileSync(join(inside, 'f'), 'short')
    const rest = async () => {
      while ((await begun.next()).done !== true);
    }
    await expect(rest()).rejects.toMatchObject({ code: 'PreconditionFailed' })
  })

  test('are replaced without disturbing who reads them', async () => {
    const { drive } = fresh()
    await right(drive.writeFile(at('f'), fromBytes(Buffer.alloc(1_000_000, 'a'))))
    const content = await right(drive.readFile(at('f')))
    await right(drive.writeFile(at('f'), fromBytes('new'), { conflict: 'overwrite' }))
    expect(new Set(await right(readBytes(content)))).toEqual(new Set([97]))
  })

  test.each<readonly [string, (file: string) => void]>([
    ['longer', (file) => appendFileSync(file, 'more')],
    ['shorter', (file) => truncateSync(file, 999_990)],
    [
      'other bytes of the same length at the same time of modification',
      (file) => {
        const { atime, mtime } = statSync(file)
        const fd = openSync(file, 'r+')
        writeSync(fd, 'torn', 0)
        closeSync(fd)
        utimesSync(file, atime, mtime)
      },
    ],
  ])('that become %s while they are read end with PreconditionFailed, however little was left', async (_, change) => {
    const { drive, inside } = fresh()
    await right(drive.writeFile(at('f'), fromBytes(Buffer.alloc(1_000_000, 'a'))))
    for (const range of [undefined, { start: 10, end: 600_000 }]) {
      const { stream } = await right(drive.readFile(at('f'), { range }))
      let passed = 0
      const rest = async () => {
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          if (passed === 0) change(join(inside, 'f'))
          passed += chunk.byteLength
        }
      }
      await expect(rest()).rejects.toMatchObject({ error: { _tag: 'PreconditionFailed', path: 'f' } })
      expect(passed).toBeGreaterThan(500_000)
    }
  })

  test('find the path of a file of this machine, by whatever name it is reached', () => {
    const { drive, inside } = fresh()
    mkdirSync(join(inside, 'd'))
    symlinkSync(inside, `${inside}-link`)
    expect(drive.pathOf(join(inside, 'd', 'new'))).toBe('d/new')
    expect(drive.pathOf(join(`${inside}-link`, 'd', '..', 'x'))).toBe('x')
    expect(openLocal({ root: `${inside}-link` }).pathOf(join(inside, 'no', 'such', 'dir'))).toBe('no/such/dir')
    expect(drive.pathOf(inside)).toBeUndefined()
    expect(drive.pathOf(join(inside, '..', 'beside'))).toBeUndefined()
    expect(drive.pathOf(join(inside, '..hidden'))).toBe('..hidden')
  })

  test('of many chunks are written whole', async () => {
    const { drive, inside } = fresh()
    let progress = 0
    const source = sourceOf(3_000_000, function* () {
      for (let n = 0; n < 30; n++) yield Buffer.alloc(100_000, n)
    })
    await right(drive.writeFile(at('f'), source, { onProgress: (bytes) => (progress = bytes) }))
    expect(progress).toBe(3_000_000)
    expect(readFileSync(join(inside, 'f')).subarray(2_899_999, 2_900_001)).toEqual(Buffer.from([28, 29]))
  })
})

describe('moves to another file system', () => {
  /** Where there is a file system of its own in memory, the names alone do not do. */
  const elsewhere = existsSync('/dev/shm') ? '/dev/shm' : undefined

  test('copy everything, then remove the original', async () => {
    const { inside } = fresh()
    const { inside: other } = fresh()
    const away = elsewhere === undefined ? other : join(elsewhere, `anydrive-${process.pid}`)
    mkdirSync(away, { recursive: true })
    try {
      mkdirSync(join(inside, 'd', 'e'), { recursive: true })
      writeFileSync(join(inside, 'd', 'e', 'f'), '1')
      writeFileSync(join(inside, 'g'), '2')
      const exclusively = <A>(_: string, run: () => Promise<A>) => run()
      const context = { root: inside, fsync: true, exclusively }
      const moved = (name: string) =>
        withSource(inside, at(name), (source) =>
          withTarget(away, at(name), async (dir) => {
            const stats = await lookup(source, name)
            if (stats === undefined) throw new Error('gone')
            const target = { dir, path: at(name), conflict: 'ask' } as const
            return moveFound(context, { from: { dir: source, name }, stats, target }, at(name), call)
          }),
        )
      for (const name of ['d', 'g'])
        expect(await moved(name)).toEqual(E.right({ path: name, how: 'as-asked', replaced: false }))
      expect(readdirSync(inside)).toEqual([])
      expect(readFileSync(join(away, 'd', 'e', 'f'), 'utf8')).toBe('1')
      writeFileSync(join(inside, 'g'), '3')
      expect(await moved('g')).toMatchObject({ left: { _tag: 'NameConflict' } })
      expect(readdirSync(away).sort()).toEqual(['d', 'g'])
      expect(readFileSync(join(inside, 'g'), 'utf8')).toBe('3')
    } finally {
      await right(openLocal({ root: away }).batchRemove([at('d'), at('g')]))
    }
  })
})

describe('what a program without types passes', () => {
  test.each([
    ['a strategy that does not exist', { conflict: 'merge' }],
    ['a strategy of another type', { conflict: 7 }],
    ['an invalid date', { modifiedAt: new Date(Number.NaN) }],
  ])('%s is not blamed on the file system, and leaves nothing half-done', async (_, options) => {
    const { drive, inside } = fresh()
    const written = await drive.writeFile(at('f'), fromBytes('x'), options as WriteOptions)()
    expect(written).toMatchObject({ left: { _tag: 'InvalidArgument' } })
    expect(readdirSync(inside)).toEqual([])
  })
})

describe('the drive', () => {
  test('keeps nothing open', async () => {
    const { drive, inside } = fresh()
    const open = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0)
    await put(drive, 'warm/up', '')
    const before = open()
    for (let n = 0; n < 20; n++) {
      await put(drive, `a/b/f${n}`, 'x')
      await drive.stat(at('missing/x'))()
      await drive.writeFile(at(`a/b/f${n}/x`), fromBytes('x'))()
      await drive.copyDir(at('a'), at('c'), { conflict: 'rename' })()
      await drive.copyDir(at('a'), at('warm'))()
      await drive.list(at('a/b'))()
      const content = await right(drive.readFile(at(`a/b/f${n}`)))
      if (n % 2 === 0) await right(readBytes(content))
      else {
        content.stream.destroy()
        await new Promise((resolve) => content.stream.once('close', resolve))
      }
      await drive.readFile(at('a/b'))()
      await drive.readFile(at(`a/b/f${n}`), { range: { start: 5 } })()
      await drive.batchMove([{ from: at(`a/b/f${n}`), to: at(`z${n}`) }])()
      await drive.batchRemove([at('c'), at('missing')])()
    }
    expect(open()).toBeLessThanOrEqual(before + 1)
    expect(existsSync(inside)).toBe(true)
  })

  test('goes as deep as directories go, beyond the longest path of the system', async () => {
    const { drive } = fresh()
    const deep = Array.from({ length: 60 }, () => 'x'.repeat(100)).join('/')
    await put(drive, `${deep}/f`, 'deep')
    expect(await text(drive, `${deep}/f`)).toBe('deep')
    await right(drive.copyDir(at('x'.repeat(100)), at('copy')))
    let files = 0
    for await (const found of walk(drive, rootPath)) if (E.isRight(found) && found.right.kind === 'file') files += 1
    expect(files).toBe(2)
    await right(drive.batchRemove([at('copy'), at('x'.repeat(100))]))
  })

  test('stops between two items when the caller aborts, and an aborted copy leaves nothing', async () => {
    const { drive, inside } = fresh()
    for (let n = 0; n < 50; n++) writeFileSync(join(inside, `f${n}`), '')
    mkdirSync(join(inside, 'd'))
    for (let n = 0; n < 200; n++) writeFileSync(join(inside, 'd', `f${n}`), 'x'.repeat(1000))
    const controller = new AbortController()
    const copying = drive.copyDir(at('d'), at('e'), { signal: controller.signal })()
    controller.abort()
    expect(await copying).toMatchObject({ left: { _tag: 'Aborted', effect: 'none' } })
    expect(readdirSync(inside)).toHaveLength(51)
    const moving = new AbortController()
    const items = Array.from({ length: 50 }, (_, n) => ({ from: at(`f${n}`), to: at(`m/f${n}`) }))
    const batch = drive.batchMove(items, { signal: moving.signal })()
    while (!existsSync(join(inside, 'm', 'f0'))) await new Promise(setImmediate)
    moving.abort()
    const answer = await batch
    if (E.isLeft(answer)) throw new Error(answer.left.message)
    const done = answer.right.outcomes.filter((o) => o.status === 'done').length
    expect(readdirSync(join(inside, 'm'))).toHaveLength(done)
    expect(answer.right.outcomes).toHaveLength(50)
  })

  test('tells how full its file system is', async () => {
    const { used = 0, capacity = 0 } = await right(fresh().drive.usage())
    expect(used).toBeGreaterThan(0)
    expect(capacity).toBeGreaterThanOrEqual(used)
  })

  test('is opened from JSON, and a root that is no path is refused', () => {
    const registry = createRegistry([local])
    expect(E.isRight(registry.openUnknown({ type: 'local', root: '/tmp', fsync: false }))).toBe(true)
    for (const root of ['', 5, undefined])
      expect(registry.openUnknown({ type: 'local', root })).toMatchObject({ left: { issues: [{ at: 'root' }] } })
  })
})

describe('the system’s codes', () => {
  test.each([
    ['ENOENT', 'NotFound'],
    ['EEXIST', 'NameConflict'],
    ['ENOSPC', 'QuotaExceeded'],
    ['EDQUOT', 'QuotaExceeded'],
    ['EACCES', 'Forbidden'],
    ['EPERM', 'Forbidden'],
    ['EROFS', 'Forbidden'],
    ['ENAMETOOLONG', 'LimitExceeded'],
    ['EFBIG', 'LimitExceeded'],
    ['EISDIR', 'WrongKind'],
    ['ENOTDIR', 'WrongKind'],
    ['EINVAL', 'InvalidPath'],
    ['EMFILE', 'Unavailable'],
    ['EIO', 'Unavailable'],
    ['ESOMETHING', 'Unavailable'],
  ])('%s is %s, and the code is told', (code, _tag) => {
    const fault = toFault(Object.assign(new Error('/secret/path'), { code }))
    expect(fault).toMatchObject({ _tag, code })
    expect(JSON.stringify(fault)).not.toContain('/secret')
  })

  test('what has none is a mistake of ours', () => {})

  test('of a change that was done but not flushed says that it may have happened', () => {
    expect(toFault(new NotFlushed('EIO'))).toMatchObject({ _tag: 'Unavailable', effect: 'unknown', code: 'EIO' })
  })

  test.each([
    ['an exception of a program', new TypeError('x')],
    ['a refusal by Node of what it was given', Object.assign(new RangeError('x'), { code: 'ERR_OUT_OF_RANGE' })],
    ['no error at all', 'x'],
  ])('is thrown again where it is %s, which is no fault of the file system', (_, error) => {
    let thrown: unknown
    try {
      toFault(error)
    } catch (u) {
      thrown = u
    }
    expect(thrown).toBe(error)
  })
})

if (process.platform === 'linux')
  test('a file that holds more than its size says, as those of /proc, is an error and not empty', async () => {
    const content = await right(openLocal({ root: '/proc/self' }).readFile(at('status')))
    expect(await readBytes(content)()).toMatchObject({ left: { _tag: 'UnexpectedResponse' } })
  })
