// Sources that change: while they are read, and between a run and the one that resumes it.
import { root, toPromises, type DriveProvider, type Entry, type FileContent } from '@anydrive/core'
import { forbidden } from '@anydrive/core/adapter'
import { openLocal } from '@anydrive/local'
import { openMemory } from '@anydrive/memory'
import { journalStatus, migrate, sqliteJournal, type MigrateOptions, type Summary } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import {
  closeSync,
  futimesSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { at, contents, errorOf, memory, run, summaryOf } from './drives'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anydrive-changed-'))
  for (const name of ['s', 't']) mkdirSync(join(dir, name))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const source = () => openLocal({ root: join(dir, 's') })
const target = () => openLocal({ root: join(dir, 't'), fsync: false })

/** Bytes pass one chunk at a time; `onChunk` is called after each, with what has passed so far. */
const watched = (drive: DriveProvider, onChunk: (bytes: number) => void): DriveProvider => ({
  ...drive,
  readFile: (path, options) => async () =>
    E.map((content: FileContent): FileContent => {
      async function* chunks() {
        let passed = 0
        for await (const chunk of content.stream as AsyncIterable<Buffer>) {
          yield chunk
          passed += chunk.byteLength
          onChunk(passed)
        }
      }
      return { ...content, stream: Readable.from(chunks(), { objectMode: false, highWaterMark: 1 }) }
    })(await drive.readFile(path, options)()),
})
/** Without versions, as many services are. */
const unversioned = (drive: DriveProvider): DriveProvider => {
  const strip = (entry: Entry): Entry => {
    const { version: _, ...rest } = entry as Entry & { readonly version?: string }
    return rest
  }
  return {
    ...drive,
    stat: (path, options) => async () => E.map(strip)(await drive.stat(path, options)()),
    list: (path, options) => async () =>
      E.map((page: { readonly items: ReadonlyArray<Entry> }) => ({ ...page, items: page.items.map(strip) }))(
        await drive.list(path, options)(),
      ),
  }
}

describe('a file that is rewritten in place while it is read', () => {
  const size = 3 * 2 ** 20
  /** 4 KiB at both ends. */
  const rewrite = (file: string, letter: string): void => {
    const fd = openSync(file, 'r+')
    writeSync(fd, Buffer.alloc(4096, letter), 0, 4096, 0)
    writeSync(fd, Buffer.alloc(4096, letter), 0, 4096, size - 4096)
    // A machine may be too fast for its own times to differ.
    futimesSync(fd, letter.charCodeAt(0), letter.charCodeAt(0))
    closeSync(fd)
  }
  test.each([
    ['once', { times: 1, verify: 'full', removeSource: false }],
    ['once, as a move', { times: 1, verify: 'stream', removeSource: true }],
    ['once, by size alone', { times: 1, verify: 'size', removeSource: false }],
    ['each time', { times: Infinity, verify: 'full', removeSource: true }],
    ['each time, by size alone', { times: Infinity, verify: 'size', removeSource: true }],
  ] as const)('%s is transferred whole or not at all', async (_, { times, ...options }) => {
    const file = join(dir, 's/f')
    writeFileSync(file, Buffer.alloc(size, 'a'))
    let left: number = times
    let letters = 0
    const from = watched(source(), (passed) => {
      if (passed < size / 3 || passed > size / 2 || left <= 0) return
      left -= 1
      rewrite(file, String.fromCharCode(98 + (letters++ % 20)))
    })
    const summary = await summaryOf({ from: { drive: from }, to: { drive: target() }, ...options })
    if (times === 1) {
      expect(summary).toMatchObject({ files: 1, failures: 0, removed: options.removeSource ? 1 : 0 })
      expect(readFileSync(join(dir, 't/f')).subarray(0, 2).toString()).toBe('bb')
      expect(readFileSync(join(dir, 't/f')).subarray(-2).toString()).toBe('bb')
    } else {
      expect(summary.failed).toMatchObject([{ path: 'f', error: { _tag: 'PreconditionFailed' } }])
      expect(readdirSync(join(dir, 't'))).toEqual([])
      expect(readdirSync(join(dir, 's'))).toEqual(['f'])
    }
  })

  test('is noticed where the drive tells only size and time', async () => {
    const store = await memory({ f: 'a'.repeat(1000), g: 'fine' }, { checksums: [] })
    let changes = 0
    const from: DriveProvider = unversioned({
      ...store,
      readFile: (path, options) => async () => {
        const content = await store.readFile(path, { ...options, ifVersion: undefined })()
        if (path === 'f' && changes++ < 5)
          await toPromises(store).writeFile('f', 'b'.repeat(1000), {
            conflict: 'overwrite',
            modifiedAt: new Date(1_000_000_000_000 + changes * 1000),
          })
        return content
      },
    })
    const to = openMemory({ checksums: [] })
    const summary = await summaryOf({ from: { drive: from }, to: { drive: to }, removeSource: true })
    expect(summary.failed).toMatchObject([{ path: 'f', error: { _tag: 'PreconditionFailed' } }])
    expect(await contents(to)).toEqual({ g: 'fine' })
    expect(await contents(store)).toEqual({ f: 'b'.repeat(1000) })
  })

  test('a source with checksums of its own needs no further request', async () => {
    const store = await memory({ f: '1', g: '2' })
    let looks = 0
    const from: DriveProvider = {
      ...store,
      stat: (path, options) => {
        if (path !== '') looks += 1
        return store.stat(path, options)
      },
    }
    expect(await summaryOf({ from: { drive: from }, to: { drive: openMemory() } })).toMatchObject({ files: 2 })
    expect(looks).toBe(0)
  })
})

describe('a file that is edited between two runs', () => {
  const migrateOnce = async (options: Omit<MigrateOptions, 'journal'>): Promise<Summary> => {
    const journal = sqliteJournal(join(dir, 'journal'))
    if (E.isLeft(journal)) throw new Error(journal.left.message)
    try {
      return await summaryOf({ ...options, journal: journal.right })
    } finally {
      journal.right.close()
    }
  }
  const state = () => {
    const status = journalStatus(join(dir, 'journal'))
    return E.isRight(status) ? status.right.state : status.left.message
  }
  const strategies = ['ask', 'skip', 'rename', 'overwrite'] as const

  test.each(strategies)('replaces its copy under %s, and nothing is doubled', async (conflict) => {
    const from = await memory({ 'd/f': 'one', 'd/g': 'same', h: 'three' })
    const to = await memory({ h: 'theirs' })
    const options = { from: { drive: from }, to: { drive: to }, conflict }
    await migrateOnce(options)
    const first = await contents(to)
    await toPromises(from).writeFile('d/f', 'edited', { conflict: 'overwrite' })
    await toPromises(from).writeFile('h', 'edited, too', { conflict: 'overwrite' })
    const second = await migrateOnce(options)
    const expected = {
      ask: { h: 'theirs' },
      skip: { h: 'theirs' },
      overwrite: { h: 'edited, too' },
      rename: { h: 'theirs', 'h (1)': 'edited, too' },
    }[conflict]
    expect(await contents(to)).toEqual({ 'd/': '', 'd/f': 'edited', 'd/g': 'same', ...expected })
    expect(Object.keys(first).sort()).toEqual(Object.keys(await contents(to)).sort())
    expect(second.failures).toBe(conflict === 'ask' ? 1 : 0)
    expect(state()).toBe(conflict === 'ask' ? 'incomplete' : 'complete')
  })

  test.each(strategies)('and only touched keeps its copy under %s', async (conflict) => {
    writeFileSync(join(dir, 's/f'), 'content')
    const options = { from: { drive: source() }, to: { drive: target() }, conflict }
    await migrateOnce(options)
    const before = await toPromises(target()).stat('f')
    utimesSync(join(dir, 's/f'), new Date(1_700_000_000_000), new Date(1_700_000_000_000))
    expect(await migrateOnce(options)).toMatchObject({ files: 1, failures: 0, renames: 0 })
    expect(await toPromises(target()).stat('f')).toEqual(before)
    expect(readdirSync(join(dir, 't'))).toEqual(['f'])
    expect(state()).toBe('complete')
  })

  test('as often as it is edited, shorter and longer, also after a failure', async () => {
    const from = await memory({ f: '1' })
    const to = openMemory()
    await migrateOnce({ from: { drive: from }, to: { drive: to } })
    for (const content of ['12', '', '1234', '2']) {
      await toPromises(from).writeFile('f', content, { conflict: 'overwrite' })
      const broken: DriveProvider = {
        ...to,
        writeFile: (path, _, options) =>
          to.writeFile(path, { size: 9, open: () => () => Promise.resolve(E.right(Readable.from([]))) }, options),
      }
      await migrateOnce({ from: { drive: from }, to: { drive: broken } })
      expect(state()).toBe('incomplete')
      const journal = sqliteJournal(join(dir, 'journal'), { retryFailed: true })
      if (E.isLeft(journal)) throw new Error(journal.left.message)
      expect(await summaryOf({ from: { drive: from }, to: { drive: to }, journal: journal.right })).toMatchObject({
        failures: 0,
      })
      journal.right.close()
      expect(await contents(to)).toEqual({ f: content })
      expect(state()).toBe('complete')
    }
  })

  test('does not replace a copy that somebody else has edited', async () => {
    const from = await memory({ f: 'one' })
    const to = openMemory()
    await migrateOnce({ from: { drive: from }, to: { drive: to } })
    await toPromises(to).writeFile('f', 'their work', { conflict: 'overwrite' })
    await toPromises(from).writeFile('f', 'edited', { conflict: 'overwrite' })
    const summary = await migrateOnce({ from: { drive: from }, to: { drive: to } })
    expect(summary.failed).toMatchObject([{ path: 'f', error: { _tag: 'NameConflict' } }])
    expect(await contents(to)).toEqual({ f: 'their work' })
    expect(state()).toBe('incomplete')
  })

  test('goes where its copy was put, and is sent again where that is gone', async () => {
    const from = await memory({ 'a.txt': 'one', 'b.txt': 'two' })
    const to = await memory({ 'a.txt': 'theirs' })
    await migrateOnce({ from: { drive: from }, to: { drive: to }, conflict: 'rename' })
    await toPromises(from).writeFile('a.txt', 'edited', { conflict: 'overwrite' })
    await toPromises(from).writeFile('b.txt', 'edited', { conflict: 'overwrite' })
    await toPromises(to).remove('b.txt')
    await migrateOnce({ from: { drive: from }, to: { drive: to }, conflict: 'rename' })
    expect(await contents(to)).toEqual({ 'a.txt': 'theirs', 'a (1).txt': 'edited', 'b.txt': 'edited' })
  })
})

describe('progress of a run that resumes', () => {
  test('starts where the last one stopped, with an estimate, and never counts backwards', async () => {
    const files = Object.fromEntries(Array.from({ length: 268 }, (_, i) => [`d${i % 11}/f${i}`, 'x'.repeat(100)]))
    const from = await memory(files, { limits: { page: 20 } })
    const to = openMemory()
    let clock = 1_000_000
    const now = () => (clock += 20)
    const seen: Array<{ settled: number; found: number; through: number; left: number | undefined }> = []
    for (const limit of [40, 150, Infinity]) {
      const journal = sqliteJournal(join(dir, 'journal'))
      if (E.isLeft(journal)) throw new Error(journal.left.message)
      const stop = new AbortController()
      let n = 0
      const writing: DriveProvider = {
        ...to,
        writeFile: (path, content, options) => {
          if (++n >= limit) stop.abort()
          return to.writeFile(path, content, options)
        },
      }
      const { migrate } = await import('@anydrive/migrate')
      const migration = migrate({
        from: { drive: from },
        to: { drive: writing },
        journal: journal.right,
        now,
        signal: stop.signal,
        concurrency: 3,
      })
      let first = true
      migration.on('progress', ({ settled, found, through, timeLeft }) => {
        if (first && limit !== 40) expect(timeLeft).toBeGreaterThan(0)
        first = false
        seen.push({ settled, found: found.files, through, left: timeLeft })
      })
      const ended = await migration.run()
      expect(ended._tag).toBe(limit === Infinity ? 'Right' : 'Left')
      journal.right.close()
    }
    for (const [i, one] of seen.entries()) {
      const before = seen[i - 1]
      expect(one.found).toBeLessThanOrEqual(268)
      expect(one.settled).toBeLessThanOrEqual(one.found)
      if (before === undefined) continue
      expect(one.settled).toBeGreaterThanOrEqual(before.settled)
      expect(one.found).toBeGreaterThanOrEqual(before.found)
    }
    expect(seen.at(-1)).toEqual({ settled: 268, found: 268, through: 26_800, left: 0 })
  })
})

test('what a run that was stopped has found is in its journal', async () => {
  const from = await memory(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, 'xy'])))
  const journal = sqliteJournal(join(dir, 'journal'))
  if (E.isLeft(journal)) throw new Error(journal.left.message)
  await run({
    from: { drive: from },
    to: { drive: openMemory() },
    journal: journal.right,
    limits: { maxBytes: 20 },
    concurrency: 1,
  })
  journal.right.close()
  const { journalRecords } = await import('@anydrive/migrate')
  const records = journalRecords(join(dir, 'journal'))
  if (E.isLeft(records)) throw new Error(records.left.message)
  expect(records.right.found).toEqual({ files: 50, bytes: 100, walked: true })
  records.right.close()
  expect(at('f')).toBe('f')
})

describe('the progress of a resumed run counts a file once', () => {
  const ends = async (resumed: Partial<MigrateOptions>, between: (from: DriveProvider) => Promise<unknown>) => {
    const [from, to] = [await memory({ a: 'one', b: 'two', 'c/d': 'three' }), openMemory()]
    const locked: DriveProvider = {
      ...from,
      batchRemove: () => () => Promise.resolve(E.left(errorOf('memory', 'batchRemove', root, forbidden()))),
    }
    let last: { readonly files: number; readonly bytes: number } | undefined
    for (const [drive, before] of [[locked, () => Promise.resolve()] as const, [from, between] as const]) {
      await before(from)
      const journal = sqliteJournal(join(dir, 'j'))
      if (E.isLeft(journal)) throw new Error(journal.left.message)
      const migration = migrate({ from: { drive }, to: { drive: to }, journal: journal.right, ...resumed })
      migration.on('progress', ({ files, bytes }) => (last = { files, bytes }))
      await migration.run()
      journal.right.close()
    }
    return last
  }
  test('which has changed at the source', async () => {
    const edit = (from: DriveProvider) => toPromises(from).writeFile('a', 'edited', { conflict: 'overwrite' })
    expect(await ends({}, edit)).toEqual({ files: 3, bytes: 'editedtwothree'.length })
  })
  test('which a resumed move checks again', async () => {
    expect(await ends({ removeSource: true }, () => Promise.resolve())).toEqual({
      files: 3,
      bytes: 'onetwothree'.length,
    })
  })
})

test.each([
  ['overwrite', ['a', 'b', 'c']],
  ['overwrite', Array.from({ length: 60 }, (_, i) => `f${i}`)],
  [() => 'overwrite' as const, ['a', 'b', 'c', 'd']],
] as const)('a copy onto itself under another name destroys nothing: %#', async (conflict, names) => {
  for (const [i, name] of names.entries()) writeFileSync(join(dir, 's', name), i % 3 === 1 ? '' : name)
  const before = await contents(source())
  expect(await run({ from: { drive: source() }, to: { drive: source() }, conflict })).toMatchObject({
    left: { _tag: 'Stopped', cause: { _tag: 'NestedTarget', code: 'SamePlace' } },
  })
  expect(await contents(source())).toEqual(before)
  expect(readdirSync(join(dir, 's')).sort()).toEqual([...names].sort())
})
