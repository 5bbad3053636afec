// A journal is read by other processes, and by its own, while a migration writes it: nothing of it may be lost by that.
import { journalRecords, journalSamples, journalStatus, sqliteJournal, type SqliteJournal } from '@anydrive/migrate'
import { type DrivePath } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let dir: string
let file: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anydrive-reading-'))
  // What a URL would take for its end.
  file = join(dir, 'a ?b#c%20d ü')
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

const rightOf = <A>(found: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(found)) throw new Error(found.left.message)
  return found.right
}
const identity = {
  from: { vendor: 'a', path: '' as DrivePath },
  to: { vendor: 'b', path: '' as DrivePath },
  conflict: 'ask',
  names: 'refuse',
  verify: 'stream',
  removeSource: false,
}
const settled = async (journal: SqliteJournal, path: string): Promise<void> => {
  const claim = rightOf(await journal.claim({ path: path as DrivePath, kind: 'file', size: 3 })())
  if (claim.status !== 'leased') throw new Error(claim.status)
  const to = path as DrivePath
  const proof = { arrival: 'size', departure: 'none' } as const
  rightOf(await journal.settle(claim.lease, { status: 'carried', to, how: 'as-asked', bytes: 3, proof })())
}

const hook = join(__dirname, '..', '..', 'http', 'test', 'transpile.js')
/** What another process reads: the state and the number of entries. */
const readElsewhere = (): string => {
  const program = `
    const { journalStatus, journalRecords } = require('@anydrive/migrate')
    const status = journalStatus(process.argv[1])
    const records = journalRecords(process.argv[1])
    let n = 0
    for (const record of records.right.records()) n += 1
    records.right.close()
    console.log(status.right.state, status.right.carried, n)`
  const { stdout, stderr } = spawnSync(process.execPath, ['-r', hook, '-e', program, file], { encoding: 'utf8' })
  return stdout.trim() + stderr
}
/** What a run of another process would find if this one were killed now. */
const kept = (): number => {
  const copy = join(dir, 'copy')
  for (const end of ['', '-wal', '-seal']) if (existsSync(file + end)) copyFileSync(file + end, copy + end)
  const opened = sqliteJournal(copy, { resume: true })
  rightOf(opened).close()
  return rightOf(journalStatus(copy)).carried
}

test.each(['created', 'opened again'])('one that was %s keeps everything while others read it', async (how) => {
  if (how === 'opened again') rightOf(sqliteJournal(file)).close()
  const journal = rightOf(sqliteJournal(file))
  rightOf(await journal.begin(identity)())
  await settled(journal, 'a')
  const log = statSync(`${file}-wal`).ino
  expect(readElsewhere()).toBe('running 1 1')
  await settled(journal, 'b')
  // By this process, too, and one piece within another.
  const records = rightOf(journalRecords(file))
  expect(rightOf(journalStatus(file))).toMatchObject({ state: 'running', carried: 2, settled: { files: 2, bytes: 6 } })
  records.close()
  expect(E.isLeft(sqliteJournal(file))).toBe(true)
  expect(readElsewhere()).toBe('running 2 2')
  await settled(journal, 'c')
  expect(statSync(`${file}-wal`).ino).toBe(log)
  expect(kept()).toBe(3)
  journal.close()
})

test('reading one that nobody writes leaves nothing beside it, and changes nothing of it', async () => {
  const journal = rightOf(sqliteJournal(file))
  rightOf(await journal.begin(identity)())
  await settled(journal, 'a')
  rightOf(await journal.end({ complete: true })())
  journal.close()
  const before = readdirSync(dir).map((name) => [name, statSync(join(dir, name)).mtimeMs])
  expect(readElsewhere()).toBe('complete 1 1')
  expect(readdirSync(dir).map((name) => [name, statSync(join(dir, name)).mtimeMs])).toEqual(before)
})

test('samples are read from where one stopped', async () => {
  const journal = rightOf(sqliteJournal(file))
  rightOf(await journal.begin(identity)())
  const found = { files: 9, bytes: 90, walked: false }
  for (const files of [1, 2, 3])
    rightOf(await journal.sample({ at: files, files, bytes: 10 * files, failures: 0, found })())
  const all = rightOf(journalSamples(file, 0))
  expect(all.map(({ sample }) => sample.files)).toEqual([1, 2, 3])
  expect(rightOf(journalSamples(file, all[1]?.id ?? 0)).map(({ sample }) => sample.bytes)).toEqual([30])
  expect(rightOf(journalStatus(file)).found).toEqual(found)
  journal.close()
})
