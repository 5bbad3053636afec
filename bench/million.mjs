// A directory of a million empty files, migrated with a durable journal, interrupted in the middle, and gone on with. Prints figures as JSON.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import migrate from '../packages/migrate/dist/index.js'
import { full, peakMib, sink } from './drives.mjs'

const count = Number(process.argv[2] ?? 1_000_000)
const dir = mkdtempSync(join(tmpdir(), 'anydrive-million-'))
const file = join(dir, 'journal.db')
const seconds = (since) => Number(((Date.now() - since) / 1000).toFixed(1))

const run = async (stopAfter) => {
  const journal = migrate.sqliteJournal(file).right
  const target = sink()
  const started = Date.now()
  let firstWrite
  let written = 0
  const stop = new AbortController()
  const to = {
    ...target,
    writeFile: (path, ...rest) => {
      firstWrite ??= seconds(started)
      if (++written === stopAfter) stop.abort()
      return target.writeFile(path, ...rest)
    },
  }
  const ended = await migrate
    .migrate({
      from: { drive: full('big', count) },
      to: { drive: to },
      journal,
      concurrency: 16,
      signal: stop.signal,
    })
    .run()
  journal.close()
  const summary = ended._tag === 'Right' ? ended.right : ended.left.summary
  return {
    ended: ended._tag === 'Right' ? 'complete' : ended.left._tag,
    written,
    files: summary?.files,
    failures: summary?.failures,
    seconds: seconds(started),
    firstWrite,
  }
}

try {
  console.log(JSON.stringify({ run: 'first', ...(await run(Math.floor(count * 0.8))), peakMib: peakMib() }))
  console.log(JSON.stringify({ run: 'resumed', ...(await run(undefined)), peakMib: peakMib() }))
  console.log(JSON.stringify({ journalMib: Math.round(statSync(file).size / 2 ** 20) }))
} finally {
  rmSync(dir, { recursive: true })
}
