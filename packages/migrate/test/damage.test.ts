// Journals that are damaged, incomplete, on a full disk, or reached by another name.
import { journalRecords, journalStatus, sqliteJournal, type JournalError } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let dir: string
let file: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anydrive-damage-'))
  file = join(dir, 'j')
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

const hook = join(__dirname, '..', '..', 'http', 'test', 'transpile.js')
const node = (program: string, ...args: ReadonlyArray<string>) =>
  spawnSync(process.execPath, ['-r', hook, '-e', program, ...args], { encoding: 'utf8' })

/** A migration of 400 files to a directory that is killed, so that its last batches are in the write-ahead log alone. */
const killedRun = `
  const { sqliteJournal, migrate } = require('@anydrive/migrate')
  const { openMemory } = require('@anydrive/memory')
  const { openLocal } = require('@anydrive/local')
  const { toPromises } = require('@anydrive/core')
  const main = async () => {
    const from = openMemory()
    for (let i = 0; i < 400; i++) await toPromises(from).writeFile('d' + (i % 9) + '/ü' + i + '.txt', 'content ' + i)
    const journal = sqliteJournal(process.argv[1]).right
    let n = 0
    const migration = migrate({ from: { drive: from }, to: { drive: openLocal({ root: process.argv[2], fsync: false }) }, journal })
    migration.on('settled', () => { if (++n === 250) process.kill(process.pid, 'SIGKILL') })
    await migration.run()
  }
  main()`

/** Opens each journal that is named, begins a run with it as a resumed migration would, and reads all of it: one line of result each. */
const resumeEach = `
  const { sqliteJournal, journalStatus, journalRecords } = require('@anydrive/migrate')
  const say = (it) => it._tag === 'Left' ? it.left._tag : 'right'
  const main = async () => {
    for (const file of process.argv.slice(1)) {
      const status = say(journalStatus(file))
      const records = journalRecords(file)
      let read = say(records)
      if (read === 'right') {
        for (const one of records.right.records()) if (one._tag === 'Left') read = one.left._tag
        records.right.close()
      }
      const opened = sqliteJournal(file, { resume: true })
      console.log([status, read, say(opened)].join(' '))
      if (opened._tag === 'Right') opened.right.close()
    }
  }
  main()`

let random = 7
/** The same numbers in every run of the tests. */
const below = (n: number): number => {
  random = (Math.imul(random, 1103515245) + 12345) >>> 0
  return Math.floor((random / 2 ** 32) * n)
}

const companions = ['', '-wal', '-shm', '-lock', '-seal']
let original: string
beforeAll(() => {
  original = mkdtempSync(join(tmpdir(), 'anydrive-damaged-'))
  mkdirSync(join(original, 'out'))
  const run = node(killedRun, join(original, 'j'), join(original, 'out'))
  expect(run).toMatchObject({ signal: 'SIGKILL', stderr: '' })
  expect(statSync(join(original, 'j-wal')).size).toBeGreaterThan(100_000)
}, 600_000)
afterAll(() => {
  rmSync(original, { recursive: true, force: true })
})
/** What that process left, at `file`. */
const killed = (): void => {
  for (const end of companions) copyFileSync(join(original, `j${end}`), file + end)
}
const copyTo = (name: string): string => {
  const copy = join(dir, name)
  for (const end of companions) if (existsSync(file + end)) copyFileSync(file + end, copy + end)
  return copy
}
const tagOf = (opened: E.Either<JournalError, { readonly close: () => void }>): string => {
  if (E.isLeft(opened)) return opened.left._tag
  opened.right.close()
  return 'right'
}
const resumed = (at: string) => tagOf(sqliteJournal(at, { resume: true }))

describe('a journal of a run that was killed', () => {
  test('is whole as it is, and says so', () => {
    killed()
    expect(resumed(copyTo('copy'))).toBe('right')
    const status = journalStatus(file)
    expect(status).toMatchObject({ right: { state: 'stopped' } })
  })

  test.each([
    ['the log deleted', (it: string) => rmSync(`${it}-wal`)],
    ['the log halved', (it: string) => truncateSync(`${it}-wal`, Math.floor(statSync(`${it}-wal`).size / 2))],
    ['the log emptied', (it: string) => truncateSync(`${it}-wal`, 0)],
    ['the last batch cut off', (it: string) => truncateSync(`${it}-wal`, statSync(`${it}-wal`).size - 4000)],
    ['the database emptied', (it: string) => truncateSync(it, 0)],
    ['the database deleted', (it: string) => rmSync(it)],
    ['database and log emptied', (it: string) => [it, `${it}-wal`].forEach((one) => truncateSync(one, 0))],
    ['all but the seal deleted', (it: string) => ['', '-wal', '-shm'].forEach((end) => rmSync(it + end))],
    ['the seal deleted', (it: string) => rmSync(`${it}-seal`)],
    ['the seal emptied', (it: string) => truncateSync(`${it}-seal`, 0)],
    ['text in place of the database', (it: string) => writeFileSync(it, 'notes '.repeat(5000))],
    ['everything deleted', (it: string) => companions.forEach((end) => rmSync(it + end, { force: true }))],
  ])('%s: is not resumed, and the error says with which file and what to do', (_, damage) => {
    killed()
    const copy = copyTo('copy')
    damage(copy)
    const opened = sqliteJournal(copy, { resume: true })
    expect(opened).toMatchObject({ left: { _tag: 'JournalCorrupt' } })
    if (E.isLeft(opened)) expect(opened.left.message).toContain(copy)
    if (E.isLeft(opened)) expect(opened.left.message).toMatch(/restore it from a copy, or start again/)
  })

  test('an older state of the database with the log of another is not taken', () => {
    killed()
    const older = copyTo('older')
    expect(tagOf(sqliteJournal(file))).toBe('right')
    const journal = sqliteJournal(file)
    if (E.isRight(journal)) journal.right.close()
    copyFileSync(older, file)
    expect(resumed(file)).toBe('JournalCorrupt')
  })

  test('one bit flipped anywhere never ends the process, and is either noticed or makes no difference', () => {
    const times = process.env['ANYDRIVE_SAMPLE'] === undefined ? 5 : 1
    killed()
    const clean = copyTo('clean')
    expect(resumed(clean)).toBe('right')
    const all: Array<string> = []
    const flip = (source: string, name: string, end: string, at: number, bit = below(8)): void => {
      const copy = join(dir, name)
      for (const each of companions) if (existsSync(source + each)) copyFileSync(source + each, copy + each)
      const bytes = readFileSync(copy + end)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
      writeFileSync(copy + end, bytes)
      all.push(copy)
    }
    for (let i = 0; i < 12 * times; i++) flip(file, `w${i}`, '-wal', below(statSync(`${file}-wal`).size))
    for (let i = 0; i < 30 * times; i++) flip(clean, `d${i}`, '', below(statSync(clean).size))
    for (let i = 0; i < 8 * times; i++) flip(clean, `h${i}`, '', below(1200))
    const schema = readFileSync(clean).indexOf('CREATE TABLE entries')
    expect(schema).toBeGreaterThan(100)
    for (let i = 0; i < 5 * times; i++) flip(clean, `x${i}`, '', schema + 4 * i, 7)
    for (let i = 0; i < 4 * times; i++) flip(file, `s${i}`, '-seal', below(statSync(`${file}-seal`).size))
    const { stdout, stderr, status } = node(resumeEach, ...all)
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    const lines = stdout.trim().split('\n')
    expect(lines).toHaveLength(all.length)
    const missed = all.filter((_, i) => lines[i]?.endsWith(' right') === true)
    // A flip may hit free space, of which a database has a little; whoever is let through has all rows.
    for (const copy of missed) {
      const records = journalRecords(copy)
      if (E.isLeft(records)) throw new Error(records.left.message)
      const found = [...records.right.records()].map((it) => (E.isRight(it) ? JSON.stringify(it.right) : 'left'))
      records.right.close()
      const whole = journalRecords(clean)
      if (E.isLeft(whole)) throw new Error(whole.left.message)
      expect(found).toEqual([...whole.right.records()].map((it) => (E.isRight(it) ? JSON.stringify(it.right) : 'left')))
      whole.right.close()
    }
    for (const [i, line] of lines.entries())
      if (/\/[wsx]\d+$/.test(all[i] ?? '')) expect(line).toMatch(/ JournalCorrupt$/)
    expect(lines.filter((line) => line.endsWith('JournalCorrupt')).length).toBeGreaterThan(34 * times)
  }, 600_000)
})

describe('a process killed at any moment', () => {
  test('leaves a journal that can be resumed', () => {
    const program = killedRun.replace('=== 250', '=== Number(process.argv[3])')
    for (const n of [1, 399]) {
      const at = join(dir, `k${n}`)
      mkdirSync(`${at}-out`)
      expect(node(program, at, `${at}-out`, String(n)).signal).toBe('SIGKILL')
      expect(resumed(at)).toBe('right')
    }
  }, 600_000)
  test('before it recorded anything, too', () => {
    const fs = `const fs = require('fs'); const openSync = fs.openSync`
    const early = `${fs}; const { sqliteJournal } = require('@anydrive/migrate')
      const rm = fs.statSync
      fs.fsyncSync = () => process.kill(process.pid, 'SIGKILL')
      sqliteJournal(process.argv[1])`
    expect(node(early, file).signal).toBe('SIGKILL')
    expect(readdirSync(dir)).toContain('j-seal')
    expect(resumed(file)).toBe('right')
  }, 600_000)
})

test('a file that may not grow any more is JournalFull, and is resumed once it may', () => {
  const program = `
    const { sqliteJournal, migrate } = require('@anydrive/migrate')
    const { openMemory } = require('@anydrive/memory')
    const { toPromises } = require('@anydrive/core')
    const main = async () => {
      const from = openMemory()
      for (let i = 0; i < 400; i++) await toPromises(from).writeFile('f' + i, 'x'.repeat(i))
      const journal = sqliteJournal(process.argv[1]).right
      const ended = await migrate({ from: { drive: from }, to: { drive: openMemory() }, journal }).run()
      journal.close()
      console.log(ended.left._tag, ended.left.message)
    }
    main()`
  const limited = `trap '' XFSZ; ulimit -f 200; exec "$0" "$@"`
  const { stdout } = spawnSync('bash', ['-c', limited, process.execPath, '-r', hook, '-e', program, file], {
    encoding: 'utf8',
  })
  expect(stdout).toMatch(/^JournalFull .*j cannot be written: .*; make room on its disk, then resume\n$/)
  expect(resumed(file)).toBe('right')
}, 600_000)

test('a missing or empty file is no journal to resume; without resuming it becomes one', () => {
  expect(resumed(file)).toBe('JournalCorrupt')
  writeFileSync(file, '')
  expect(resumed(file)).toBe('JournalCorrupt')
  expect(tagOf(sqliteJournal(file))).toBe('right')
  expect(resumed(file)).toBe('right')
})

test('by a link, or another spelling of its path, it is the same journal with the same lock', () => {
  mkdirSync(join(dir, 'real'))
  symlinkSync(join(dir, 'real'), join(dir, 'way'))
  const real = join(dir, 'real', 'j')
  const held = sqliteJournal(real)
  if (E.isLeft(held)) throw new Error(held.left.message)
  symlinkSync(real, join(dir, 'link'))
  const others = [join(dir, 'link'), join(dir, 'way', 'j'), join(dir, 'real', '..', 'way', '.', 'j')]
  for (const other of others) expect(tagOf(sqliteJournal(other))).toBe('JournalTaken')
  held.right.close()
  for (const other of others) expect(resumed(other)).toBe('right')
  expect(readdirSync(dir).sort()).toEqual(['link', 'real', 'way'])
})
