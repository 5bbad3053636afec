// The durable journal in a file: what every journal must hold, the lock, and damaged files.
import { locate, rejected, unavailable } from '@anydrive/core/adapter'
import { openMemory } from '@anydrive/memory'
import {
  journalRecords,
  journalStatus,
  sqliteJournal,
  type MigrateOptions,
  type Outcome,
  type SqliteJournal,
  type SqliteJournalOptions,
  type Summary,
} from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { at, memory, run, summaryOf } from './drives'
import { answered, carried, identity, item, journalLaws, leased } from './journal-laws'

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

describe('a journal', () => {
  journalLaws({
    open: (how) => {
      const opened = sqliteJournal(file, how)
      return E.isLeft(opened) ? Promise.reject(new Error(opened.left.message)) : Promise.resolve(opened.right)
    },
    status: () => Promise.resolve(statusOf()),
    records: () => {
      const opened = journalRecords(file)
      if (E.isLeft(opened)) throw new Error(opened.left.message)
      const { records, samples, complete, identity: kept, close: end } = opened.right
      const all = [...records()].map((record) => {
        if (E.isLeft(record)) throw new Error(record.left.message)
        return record.right
      })
      end()
      return Promise.resolve({ records: all, samples, complete, identity: kept })
    },
  })
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

test.each<[string, SqliteJournalOptions, boolean, number]>([
  ['of a run that came to its end', {}, true, 1 + 20 + 300 + 4000 + 50_000],
  ['of a run that was stopped, whose failures of the service are tried again', {}, false, 1 + 20 + 300],
  ['that tries again what failed', { retryFailed: true }, true, 1 + 20],
])('counts the files that have an outcome, in a journal %s', async (_, how, complete, bytes) => {
  const first = journalOf()
  await answered(first.begin(identity)())
  const where = { vendor: 'a', operation: 'readFile' } as const
  const outcomes: ReadonlyArray<readonly [number, Outcome | undefined]> = [
    [1, { ...carried, bytes: 7 }],
    [20, { status: 'skipped' }],
    [300, { status: 'failed', error: locate(where)(rejected()) }],
    [4000, { status: 'failed', error: locate(where)(unavailable({ effect: 'none' })) }],
    [50_000, { status: 'blocked' }],
    [600_000, undefined],
  ]
  for (const [size, outcome] of outcomes) {
    const claim = await answered(first.claim({ ...item(String(size)), size })())
    if (claim.status !== 'leased') throw new Error(claim.status)
    if (outcome !== undefined) await answered(first.settle(claim.lease, outcome)())
  }
  const directory = await answered(first.claim({ path: at('dir'), kind: 'directory', size: 9 })())
  if (directory.status !== 'leased') throw new Error(directory.status)
  await answered(first.settle(directory.lease, { status: 'made', to: at('dir'), how: 'as-asked' })())
  if (complete) await answered(first.end({ complete })())
  close(first)
  const totals = await answered(journalOf(how).begin(identity)())
  expect(totals).toMatchObject({ settled: { files: String(bytes).replaceAll('0', '').length, bytes } })
  expect(totals.transferred).toEqual({ files: 1, bytes: 7 })
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
