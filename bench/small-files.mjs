// Migrations of files of 1 KiB beside a bare client that sends the same requests: processor time of the client alone, and wall time. Prints a table; see docs/performance.md.
import { fork, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { keepResults } from './small/results.mjs'

const count = Number(process.argv[2] ?? 2000)
const rounds = Number(process.argv[3] ?? 5)
const only = process.argv[4]?.split(',')
const perDirectory = 50
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'anydrive-small-'))

/** Where the bare client and the command begin, and the target of one round. */
const ends = { local: './', smh: 'smh:', koo: 'koo:' }
const rows = [
  { kind: 'local-smh', from: 'src' },
  { kind: 'smh-koo', from: 'seed' },
  { kind: 'koo-local', from: 'seed' },
  { kind: 'local-local', from: 'src' },
].filter(({ kind }) => only === undefined || only.includes(kind))

/** Processor time in milliseconds for each file, and wall time in seconds. */
const measure = async (script, args) => {
  const file = join(dir, 'usage')
  const started = performance.now()
  const child = spawn(process.execPath, ['--import', here('./small/usage.mjs'), script, ...args], {
    cwd: dir,
    env: { ...process.env, USAGE_FILE: file },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text) => (said += text))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${code}: ${said}`)
  const wall = (performance.now() - started) / 1000
  return { cpu: (Number(readFileSync(file, 'utf8')) * 1000) / count, wall }
}
const bare = (kind, from, to) => measure(here('./small/bare.mjs'), [kind, from, to])
const anydrive = (kind, from, to) => {
  const [a, b] = kind.split('-').map((name) => ends[name])
  const how = ['--concurrency', '16', '--journal', `${kind}-${to}.db`]
  return measure(here('../packages/cli/bin/anydrive.js'), ['migrate', `${a}${from}`, `${b}${to}`, ...how])
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
const medians = (runs) => ({ cpu: median(runs.map(({ cpu }) => cpu)), wall: median(runs.map(({ wall }) => wall)) })

for (let i = 0; i < count; i++) {
  const at = join(dir, 'src', `d${Math.floor(i / perDirectory)}`)
  if (i % perDirectory === 0) mkdirSync(at, { recursive: true })
  writeFileSync(join(at, `f${i}.bin`), randomBytes(1024))
}

const services = fork(here('./small/services.mjs'))
const requests = async () => {
  services.send('count')
  const [sent] = await once(services, 'message')
  return sent.requests / count
}
const results = []
try {
  const [drives] = await once(services, 'message')
  for (const name of ['smh', 'koo']) drives[name].http = { concurrency: 16 }
  writeFileSync(join(dir, 'anydrive.json'), JSON.stringify({ drives }))
  for (const [kind, need] of [
    ['local-smh', 'smh'],
    ['local-koo', 'koo'],
  ])
    if (rows.some((row) => row.kind.startsWith(need))) await bare(kind, 'src', 'seed')
  for (const { kind, from } of rows) {
    const runs = { bare: [], anydrive: [] }
    const sent = {}
    for (let round = 0; round < rounds; round++) {
      await requests()
      runs.bare.push(await bare(kind, from, `bare-${kind}-${round}`))
      sent.bare = await requests()
      runs.anydrive.push(await anydrive(kind, from, `migrated-${kind}-${round}`))
      sent.anydrive = await requests()
    }
    const [its, ours] = [medians(runs.bare), medians(runs.anydrive)]
    results.push({
      kind,
      count,
      rounds,
      sent,
      bare: its,
      anydrive: ours,
      cpuRatio: ours.cpu / its.cpu,
      wallRatio: ours.wall / its.wall,
    })
  }
} finally {
  services.kill()
  rmSync(dir, { recursive: true })
}

const shown = (n) => n.toFixed(2)
console.log(
  `${count} files of 1 KiB, ${rounds} rounds, medians; ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`,
)
console.log('| migration | requests a file, bare / anydrive | ms of processor time a file | ratio | wall, s | ratio |')
console.log('| --- | --- | --- | --- | --- | --- |')
for (const { kind, sent, bare: its, anydrive: ours, cpuRatio, wallRatio } of results)
  console.log(
    `| ${[kind.replace('-', ' → '), `${shown(sent.bare)} / ${shown(sent.anydrive)}`, `${shown(its.cpu)} / ${shown(ours.cpu)}`, shown(cpuRatio), `${shown(its.wall)} / ${shown(ours.wall)}`, shown(wallRatio)].join(' | ')} |`,
  )
keepResults('small files', results)
