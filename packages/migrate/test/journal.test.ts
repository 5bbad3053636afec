// The durable journal: what it keeps, to whom it is given, and what the next run makes of it.
import { toPromises, type DrivePath, type DriveProvider } from '@anydrive/core'
import { unavailable } from '@anydrive/core/adapter'
import { openMemory } from '@anydrive/memory'
import {
  journalRecords,
  journalStatus,
  sqliteJournal,
  type Clash,
  type Decision,
  type Identity,
  type Journal,
  type MigrateOptions,
  type SqliteJournal,
  type SqliteJournalOptions,
  type Summary,
} from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { at, contents, failing, memory, run, summaryOf } from './drives'

let dir: string
let file: string
const open = new Set<SqliteJournal>()
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anydrive-journal-'))
  file = join(dir, 'j.db')
})
afterEach(() => {
  for (const journal of open) journal.close()
  open.clear()
  rmSync(dir, { recursive: true })
})

const journalOf = (options?: SqliteJournalOptions): SqliteJournal => {
  const opened = sqliteJournal(file, options)
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  open.add(opened.right)
  return opened.right
}
const close = (journal: SqliteJournal): void => {
  open.delete(journal)
  journal.close()
}
/** As another process would, after this one has gone. */
const within = async (options: Omit<MigrateOptions, 'journal'>, how?: SqliteJournalOptions): Promise<Summary> => {
  const journal = journalOf(how)
  try {
    return await summaryOf({ ...options, journal })
  } finally {
    close(journal)
  }
}
const statusOf = () => {
  const status = journalStatus(file)
  if (E.isLeft(status)) throw new Error(status.left.message)
  return status.right
}
const item = (path: string, version = '1') => ({ path: at(path), kind: 'file' as const, version })
const identity: Identity = {
  from: { vendor: 'a', path: at('') },
  to: { vendor: 'b', path: at('') },
  conflict: 'ask',
  names: 'refuse',
  verify: 'stream',
  removeSource: false,
}
const answered = async <A>(answer: Promise<E.Either<unknown, A>>): Promise<A> => {
  const it = await answer
  if (E.isLeft(it)) throw new Error(JSON.stringify(it.left))
  return it.right
}
const leased = async (journal: Journal, path: string, version?: string) => {
  const claim = await answered(journal.claim(item(path, version))())
  if (claim.status !== 'leased') throw new Error(claim.status)
  return claim.lease
}
const carried = {
  status: 'carried',
  to: at('f'),
  how: 'as-asked',
  bytes: 3,
  proof: { arrival: 'size', departure: 'none' },
} as const

/** Writes fail as if this process had been killed: the effect stands, and nothing is journalled after it. */
const killed = (
  drive: DriveProvider,
  dies: (path: DrivePath, before: boolean) => boolean,
  stop: AbortController,
): DriveProvider => ({
  ...drive,
  writeFile: (path, source, options) => async () => {
    if (dies(path, true)) {
      stop.abort()
      return drive.writeFile(path, source, { ...options, signal: stop.signal })()
    }
    const { signal: _signal, onCheckpoint: _checkpoint, ...rest } = options ?? {}
    const written = await drive.writeFile(path, source, rest)()
    if (dies(path, false)) {
      stop.abort()
      return drive.writeFile(path, source, { ...options, signal: stop.signal })()
    }
    return written
  },
})

describe('a right', () => {
  test('is on the disk before it is answered', async () => {
    const journal = journalOf()
    await answered(journal.begin(identity)())
    const lease = await leased(journal, 'f')
    expect(statusOf()).toMatchObject({ state: 'running', claimed: 1, carried: 0 })
    await answered(journal.settle(lease, carried)())
    expect(statusOf()).toMatchObject({ claimed: 0, carried: 1, bytes: 3 })
    await answered(journal.end({ complete: true })())
    close(journal)
    expect(statusOf()).toMatchObject({ state: 'complete', carried: 1 })
  })

  test('survives a process that is killed, with all that was noted, and its lock does not', () => {
    const program = `
      const { sqliteJournal } = require('@anydrive/migrate')
      const journal = sqliteJournal(process.argv[1]).right
      const main = async () => {
        await journal.begin(${JSON.stringify(identity)})()
        const claim = async (path) => (await journal.claim({ path, kind: 'file', version: '1' })()).right.lease
        await journal.settle(await claim('f'), ${JSON.stringify(carried)})()
        const g = await claim('g')
        await journal.note(g, { decision: { renameTo: 'h' } })()
        await journal.note(g, { upload: { vendor: 'b', state: { part: 3 } } })()
        process.kill(process.pid, 'SIGKILL')
      }
      main()`
    const hook = join(__dirname, '..', '..', 'http', 'test', 'transpile.js')
    const child = spawnSync(process.execPath, ['-r', hook, '-e', program, file], { encoding: 'utf8' })
    expect(child).toMatchObject({ signal: 'SIGKILL', stderr: '' })
    expect(statusOf()).toMatchObject({ state: 'stopped', claimed: 1, carried: 1 })
    const journal = journalOf()
    return (async () => {
      await answered(journal.begin(identity)())
      expect(await answered(journal.claim(item('f'))())).toEqual({ status: 'settled', outcome: carried })
      expect(await leased(journal, 'g')).toEqual({
        path: 'g',
        interrupted: true,
        decision: { renameTo: 'h' },
        upload: { vendor: 'b', state: { part: 3 } },
      })
      expect(await answered(journal.claim(item('g'))())).toEqual({ status: 'held' })
    })()
  })

  test('does not hold for another state of the source; its upload is not gone on with', async () => {
    const journal = journalOf()
    await answered(journal.begin(identity)())
    await answered(journal.settle(await leased(journal, 'f'), carried)())
    const g = await leased(journal, 'g')
    await answered(journal.note(g, { upload: { vendor: 'b', state: 1 } })())
    await answered(journal.release(g)())
    expect(await leased(journal, 'f', '2')).toEqual({ path: 'f', placed: { to: 'f', bytes: 3 }, counted: true })
    expect(await leased(journal, 'g', '2')).toEqual({ path: 'g', interrupted: true })
  })
})

describe('the file', () => {
  test('is held by one at a time, who is named', async () => {
    const journal = journalOf()
    await answered(journal.begin(identity)())
    expect(sqliteJournal(file)).toMatchObject({
      left: { _tag: 'JournalTaken', message: expect.stringContaining(`process ${process.pid}`) as string },
    })
    close(journal)
    journalOf()
  })

  test('of one migration is refused to another, which is told what differs', async () => {
    const drives = { from: { drive: await memory({ f: '1' }) }, to: { drive: openMemory() } }
    await within({ ...drives, conflict: 'skip' }, { label: 'one' })
    const journal = journalOf({ label: 'one' })
    expect(await run({ ...drives, conflict: 'rename', journal })).toMatchObject({
      left: { _tag: 'JournalMismatch', message: expect.stringContaining('conflict was skip, now rename') as string },
    })
    close(journal)
    expect(await run({ ...drives, conflict: 'skip', journal: journalOf({ label: 'two' }) })).toMatchObject({
      left: { message: expect.stringContaining('another migration: it was one, now two') as string },
    })
  })

  test('that is no journal, or a damaged one, is told', async () => {
    writeFileSync(file, 'something else entirely '.repeat(500))
    expect(sqliteJournal(file)).toMatchObject({ left: { _tag: 'JournalCorrupt' } })
    expect(journalStatus(file)).toMatchObject({ left: { _tag: 'JournalCorrupt' } })
    rmSync(file)
    expect(journalStatus(file)).toMatchObject({ left: { _tag: 'JournalCorrupt' } })
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, `${i}`]))
    const drives = { from: { drive: await memory(files) }, to: { drive: openMemory() } }
    await within(drives)
    const bytes = readFileSync(file)
    bytes.fill(0x5a, 8192)
    writeFileSync(file, bytes)
    const opened = sqliteJournal(file)
    const ended = E.isLeft(opened) ? opened : await run({ ...drives, journal: opened.right })
    if (E.isRight(opened)) opened.right.close()
    expect(ended).toMatchObject({ left: { _tag: 'JournalCorrupt' } })
  })
})

describe('the next run', () => {
  test('does not touch what was confirmed, counts it, and retries failures only if told so', async () => {
    const source = await memory({ 'd/f': '1', 'd/g': '2', 'e/h': '3' })
    const target = openMemory()
    let broken = true
    const sent: Array<string> = []
    const to = failing(
      failing(target, 'writeFile', (path) => {
        sent.push(path)
        return broken && path === 'd/g' ? unavailable({ effect: 'none' }) : undefined
      }),
      'createDir',
      (path) => (broken && path === 'e' ? unavailable({ effect: 'none' }) : undefined),
    )
    const drives = { from: { drive: source }, to: { drive: to } }
    expect(await within(drives)).toMatchObject({ files: 1, directories: 1, failures: 2, blocked: 1 })
    expect(statusOf()).toMatchObject({ state: 'incomplete', failures: 2, blocked: 1 })
    broken = false
    sent.length = 0
    expect(await within(drives)).toMatchObject({ files: 1, directories: 1, failures: 2, blocked: 1 })
    expect(sent).toEqual([])
    expect(await within(drives, { retryFailed: true })).toMatchObject({ files: 3, failures: 0, blocked: 0 })
    expect(sent.sort()).toEqual(['d/g', 'e/h'])
    expect(statusOf()).toMatchObject({ carried: 3, directories: 2, failures: 0, blocked: 0 })
    expect(await contents(target)).toEqual({ 'd/': '', 'd/f': '1', 'd/g': '2', 'e/': '', 'e/h': '3' })
  })

  test.each(['ask', 'skip', 'overwrite', 'rename'] as const)(
    'recognizes under %s the file whose answer was lost with the process, and sends the others',
    async (conflict) => {
      const source = await memory({ a: '1', b: '2', c: '3' })
      const target = openMemory()
      const stop = new AbortController()
      const to = killed(target, (path, before) => path === 'b' && !before, stop)
      const journal = journalOf()
      const first = await run({
        from: { drive: source },
        to: { drive: to },
        conflict,
        journal,
        signal: stop.signal,
        concurrency: 1,
      })
      close(journal)
      expect(first).toMatchObject({ left: { _tag: 'Stopped' } })
      const standing = await toPromises(target).stat('b')
      const summary = await within({ from: { drive: source }, to: { drive: target }, conflict })
      expect(summary).toMatchObject({ files: 3, failures: 0, renames: 0, skipped: 0 })
      expect(await contents(target)).toEqual({ a: '1', b: '2', c: '3' })
      expect(await toPromises(target).stat('b')).toEqual(standing)
    },
  )

  test('recognizes the free name that the vendor gave, and no file that stood before or belongs to another', async () => {
    const source = await memory({ 'a.txt': 'new', 'b.txt': 'new' })
    const target = await memory({ 'a.txt': 'old', 'a (1).txt': 'new', 'a(1).txt': 'new', 'b.txt': 'old' })
    const stop = new AbortController()
    const to = killed(target, (path, before) => path === 'b.txt' && !before, stop)
    const journal = journalOf()
    await run({
      from: { drive: source },
      to: { drive: to },
      conflict: 'rename',
      journal,
      signal: stop.signal,
      concurrency: 1,
    })
    close(journal)
    const before = await contents(target)
    expect(Object.keys(before)).toHaveLength(6)
    const summary = await within({ from: { drive: source }, to: { drive: target }, conflict: 'rename' })
    expect(summary).toMatchObject({ files: 2, renames: 2, failures: 0 })
    expect(new Set(summary.renamed.map(({ to: name }) => name)).size).toBe(2)
    expect(await contents(target)).toEqual(before)
  })

  test('sends again under rename what never arrived, whatever equal files stood before or belong to other entries', async () => {
    const source = await memory({ '0.txt': 'zero', 'a (5).txt': 'new', 'a.txt': 'new' })
    const target = await memory({ '0.txt': 'old', 'a.txt': 'old', 'a (7).txt': 'new' })
    const stop = new AbortController()
    const to = killed(target, (path, before) => path === 'a.txt' && before, stop)
    const options = { from: { drive: source }, conflict: 'rename', concurrency: 1 } as const
    const journal = journalOf()
    await run({ ...options, to: { drive: to }, journal, signal: stop.signal })
    close(journal)
    const before = Object.keys(await contents(target))
    expect(before).toHaveLength(5)
    expect(await within({ ...options, to: { drive: target } })).toMatchObject({ files: 3, renames: 2 })
    const after = await contents(target)
    const added = Object.keys(after).filter((name) => !before.includes(name))
    expect(added.map((name) => after[name])).toEqual(['new'])
  })

  test('takes up the directory that was given a free name, instead of making another', async () => {
    const source = await memory({ 'd/f': 'new' })
    const target = await memory({ d: 'a file', 'd (9)/': '' })
    const stop = new AbortController()
    const to: DriveProvider = {
      ...target,
      createDir: (path, options) => async () => {
        const made = await target.createDir(path, options)()
        if (options?.conflict === 'rename') stop.abort()
        return made
      },
    }
    const options = { from: { drive: source }, conflict: 'rename' } as const
    const journal = journalOf()
    const lost: Journal = { ...journal, settle: (lease) => journal.release(lease) }
    await run({ ...options, to: { drive: to }, journal: lost, signal: stop.signal })
    close(journal)
    const made = Object.keys(await contents(target))
    expect(made).toHaveLength(3)
    expect(await within({ ...options, to: { drive: target } })).toMatchObject({ files: 1, directories: 1, renames: 1 })
    const [own] = made.filter((path) => path !== 'd' && path !== 'd (9)/')
    expect(await contents(target)).toEqual({ d: 'a file', 'd (9)/': '', [`${own}`]: '', [`${own}f`]: 'new' })
  })

  test('does not ask again what was decided', async () => {
    const source = await memory({ f: 'new' })
    const target = await memory({ f: 'old' })
    const asked: Array<Clash> = []
    const conflict = (clash: Clash): Decision => {
      asked.push(clash)
      return 'overwrite'
    }
    const stop = new AbortController()
    const to = killed(target, (_, before) => before, stop)
    const journal = journalOf()
    await run({ from: { drive: source }, to: { drive: to }, conflict, journal, signal: stop.signal })
    close(journal)
    expect(await contents(target)).toEqual({ f: 'old' })
    expect(await within({ from: { drive: source }, to: { drive: target }, conflict })).toMatchObject({ files: 1 })
    expect(asked).toHaveLength(1)
    expect(await contents(target)).toEqual({ f: 'new' })
  })

  test('removes from the source what the one before carried but did not come to remove', async () => {
    const source = await memory({ 'd/f': '1', 'd/g': '2' })
    const target = openMemory({ checksums: ['sha256'] })
    const stop = new AbortController()
    const options = { from: { drive: source }, removeSource: true, concurrency: 1 }
    const journal = journalOf()
    const to = killed(target, (path, before) => path === 'd/g' && before, stop)
    await run({ ...options, to: { drive: to }, journal, signal: stop.signal })
    close(journal)
    expect(Object.keys(await contents(source))).toHaveLength(3)
    expect(await within({ ...options, to: { drive: target } })).toMatchObject({ files: 2, removed: 2 })
    expect(await contents(source)).toEqual({})
    expect(await contents(target)).toEqual({ 'd/': '', 'd/f': '1', 'd/g': '2' })
  })
})

test('records of all runs are told by path, with how fast they came', async () => {
  const from = await memory({ b: 'bb', a: 'a', 'd/c': 'ccc' })
  const target = openMemory()
  let clock = 1000
  const now = () => (clock += 10)
  const refusing = failing(target, 'writeFile', (path) =>
    path === at('b') ? unavailable({ effect: 'none' }) : undefined,
  )
  await run({ from: { drive: from }, to: { drive: refusing }, journal: journalOf(), now })
  for (const journal of open) close(journal)
  await within({ from: { drive: from }, to: { drive: target }, now }, { retryFailed: true })
  const opened = journalRecords(file)
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  const { records, samples, complete, identity: kept } = opened.right
  expect([...records()].map((record) => (E.isRight(record) ? record.right : record.left))).toMatchObject([
    { path: 'a', kind: 'file', outcome: { status: 'carried', bytes: 1 } },
    { path: 'b', kind: 'file', outcome: { status: 'carried', bytes: 2 } },
    { path: 'd', kind: 'directory', outcome: { status: 'made' } },
    { path: 'd/c', kind: 'file', outcome: { status: 'carried', bytes: 3 } },
  ])
  expect({ complete, conflict: kept.conflict }).toEqual({ complete: true, conflict: 'ask' })
  expect(samples.map(({ files, bytes, failures }) => ({ files, bytes, failures }))).toEqual([
    { files: 0, bytes: 0, failures: 0 },
    { files: 2, bytes: 4, failures: 1 },
    { files: 2, bytes: 4, failures: 1 },
    { files: 3, bytes: 6, failures: 1 },
  ])
  expect(new Set(samples.map(({ run: id }) => id)).size).toBe(2)
  opened.right.close()
})

test('a migration of a whole drive into a directory continues, and its records begin with the root', async () => {
  const from = await memory({ a: 'one', 'd/b': 'two' })
  const to = openMemory()
  const ends = { from: { drive: from }, to: { drive: to, path: at('copy') } }
  expect(await within(ends)).toMatchObject({ files: 2, earlier: { files: 0, bytes: 0 } })
  await toPromises(from).writeFile('d/c', new TextEncoder().encode('three'))
  expect(await within(ends, { resume: true })).toMatchObject({ files: 3, bytes: 11, earlier: { files: 2, bytes: 6 } })
  const found = journalRecords(file)
  if (E.isLeft(found)) throw new Error(found.left.message)
  const paths = [...found.right.records()].map((record) =>
    E.isRight(record) ? record.right.path : record.left.message,
  )
  found.right.close()
  expect(paths).toEqual(['', 'a', 'd', 'd/b', 'd/c'])
})
