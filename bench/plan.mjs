// A directory of a million files planned against one that holds half of them, the plan written, checked and carried out. Prints figures as JSON.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import migrate from '../packages/migrate/dist/index.js'
import { full, peakMib, sink } from './drives.mjs'

const count = Number(process.argv[2] ?? 1_000_000)
const [, , , phase, dir] = process.argv
const file = dir === undefined ? '' : join(dir, 'plan')

/** A vendor's drive: in no order, and nobody knows whether it tells case apart. */
const vendor = (held) => {
  const drive = full('big', held, { sorted: false })
  const naming = { ...drive.capabilities.naming, case: 'unknown', normalisation: 'unknown' }
  return { ...drive, capabilities: { ...drive.capabilities, naming } }
}
const opened = async () => (await migrate.readPlan(file)).right

const phases = {
  plan: async () => {
    const plan = migrate.planMigration({
      from: { drive: vendor(count) },
      to: { drive: vendor(count / 2) },
      conflict: 'skip',
    })
    await migrate.writePlan(file, plan.header, async (add) => {
      for await (const line of plan.lines) await add(line.right)
      return true
    })
    const { todo, estimate } = await plan.summary()
    return { todo, requests: estimate.requests, mib: Math.round(statSync(file).size / 2 ** 20) }
  },
  check: async () => (await migrate.checkPlan(await opened())).right.entries,
  apply: async () => {
    const journal = migrate.sqliteJournal(join(dir, 'journal')).right
    const plan = (await migrate.checkPlan(await opened())).right
    const ends = { from: { drive: vendor(count) }, to: { drive: sink() } }
    const ended = await migrate.migrate({ ...ends, journal, plan, concurrency: 16 }).run()
    journal.close()
    const { files, skipped, failures } = ended.right
    return { files, skipped, failures }
  },
  again: () => phases.apply(),
}

if (phase !== undefined) {
  const started = Date.now()
  const found = await phases[phase]()
  const { user, system } = process.cpuUsage()
  const seconds = (ms) => Number((ms / 1000).toFixed(1))
  console.log(
    JSON.stringify({
      phase,
      count,
      seconds: seconds(Date.now() - started),
      cpuSeconds: seconds((user + system) / 1000),
      peakMib: peakMib(),
      found,
    }),
  )
} else {
  const folder = mkdtempSync(join(tmpdir(), 'anydrive-bench-plan-'))
  try {
    for (const name of Object.keys(phases)) {
      const argv = [fileURLToPath(import.meta.url), String(count), name, folder]
      const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
      process.stdout.write(stdout || stderr)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
