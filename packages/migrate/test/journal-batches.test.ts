// The durable journal writes what comes together as one batch, and answers once it is on the disk.
import { sqliteJournal, type Identity, type SqliteJournal } from '@anydrive/migrate'
import * as E from 'fp-ts/Either'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { at } from './drives'

let dir: string
let file: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'anydrive-journal-'))
  file = join(dir, 'j.db')
})
afterEach(() => {
  rmSync(dir, { recursive: true })
})

const right = <L, A>(result: E.Either<L, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
const identity: Identity = {
  from: { vendor: 'a', path: at('') },
  to: { vendor: 'b', path: at('') },
  conflict: 'ask',
  names: 'refuse',
  verify: 'stream',
  removeSource: false,
}
const begun = async (): Promise<SqliteJournal> => {
  const journal = right(sqliteJournal(file))
  right(await journal.begin(identity)())
  return journal
}
const item = (path: string) => ({ path: at(path), kind: 'file' as const, version: '1' })
/** As the seal has it. */
const batches = (): number => Number(/ (\d+) /.exec(readFileSync(`${file}-seal`, 'utf8'))?.[1])

test('what is asked for while a batch is written is the next batch, however many turns of the event loop that takes', async () => {
  const journal = await begun()
  const before = batches()
  const first = journal.claim(item('first'))()
  await setImmediate()
  const others = Array.from({ length: 50 }, (_, i) => journal.claim(item(`f${i}`))())
  await first
  expect(batches()).toBe(before + 1)
  for (const claim of await Promise.all(others)) expect(right(claim).status).toBe('leased')
  expect(batches()).toBe(before + 2)
  journal.close()
})

test('closing answers what is queued and what is being written, and all of it is kept', async () => {
  const journal = await begun()
  const claims = [journal.claim(item('a'))()]
  await setImmediate()
  claims.push(journal.claim(item('b'))())
  journal.close()
  for (const claim of await Promise.all(claims)) expect(right(claim).status).toBe('leased')
  const again = await begun()
  for (const path of ['a', 'b'])
    expect(right(await again.claim(item(path))())).toMatchObject({ status: 'leased', lease: { interrupted: true } })
  again.close()
})
