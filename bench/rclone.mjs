// The command beside rclone and a bare client: a first copy, a second one with nothing to do, and a comparison; to Apache's mod_dav and to a local directory.
// Needs apache2 and rclone. Prints a table; see docs/performance.md.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { startApache } from './small/apache.mjs'
import { keepResults } from './small/results.mjs'

const count = Number(process.argv[2] ?? 1000)
const rounds = Number(process.argv[3] ?? 5)
const perDirectory = 50
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'anydrive-rclone-'))
if (process.getuid() === 0) chmodSync(dir, 0o755)
const command = here('../packages/cli/bin/anydrive.js')

/** Processor time of the process in milliseconds for each file, and wall time in seconds. */
const measure = async (program, args) => {
  const started = performance.now()
  // The shell says what its child took.
  const child = spawn('bash', ['-c', '"$@" >/dev/null 2>err; code=$?; times; exit $code', '-', program, ...args], {
    cwd: dir,
    env: { ...process.env, RCLONE_CONFIG: join(dir, 'rclone.conf') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (text) => (said += text))
  const [code] = await once(child, 'close')
  const wall = (performance.now() - started) / 1000
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${readFileSync(join(dir, 'err'))}`)
  const [, children] = said.trim().split('\n')
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + 60 * m + Number(s), 0)
  return { cpu: (seconds * 1000) / count, wall }
}
const anydrive = (...args) => measure(process.execPath, [command, ...args])
const rclone = (...args) => measure('rclone', args)
const bare = (kind, to) => measure(process.execPath, [here('./small/bare.mjs'), kind, 'src', to])

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]

for (let i = 0; i < count; i++) {
  const at = join(dir, 'src', `d${Math.floor(i / perDirectory)}`)
  if (i % perDirectory === 0) mkdirSync(at, { recursive: true })
  writeFileSync(join(at, `f${i}.bin`), randomBytes(1024))
}

const atOnce = ['--concurrency', '16']
const its = ['--transfers', '16', '--checkers', '16']
/** Each takes the name of a target that the round before it did not use. */
const rows = {
  'local → WebDAV': {
    bare: (to) => bare('local-dav', to),
    anydrive: (to) => anydrive('migrate', './src', `dav:${to}`, ...atOnce, '--journal', `${to}.db`),
    rclone: (to) => rclone('copy', 'src', `dav:${to}`, ...its),
  },
  'the same again, local → WebDAV': {
    anydrive: () => anydrive('migrate', './src', 'dav:anydrive-0', ...atOnce, '--conflict', 'different'),
    rclone: () => rclone('copy', 'src', 'dav:rclone-0', ...its, '--size-only'),
  },
  'compare local and WebDAV, by size': {
    anydrive: () => anydrive('check', './src', 'dav:anydrive-0'),
    rclone: () => rclone('check', 'src', 'dav:rclone-0', ...its, '--size-only'),
  },
  'local → local, flushed to the disk': {
    bare: (to) => bare('local-local', to),
    anydrive: (to) => anydrive('migrate', './src', `./${to}`, ...atOnce, '--journal', `${to}-local.db`),
  },
  'local → local, left to the system': {
    anydrive: (to) => anydrive('migrate', './src', `quick:${to}`, ...atOnce),
    rclone: (to) => rclone('copy', 'src', `${to}-rclone`, ...its),
  },
  'the same again, local → local': {
    anydrive: () => anydrive('sync', './src', './same', ...atOnce),
    rclone: () => rclone('sync', 'src', 'same', ...its),
  },
  'compare two local directories, every byte': {
    anydrive: () => anydrive('check', './src', './same', '--content'),
    rclone: () => rclone('check', 'src', 'same', ...its, '--download'),
  },
}

const results = []
const apache = await startApache(dir)
try {
  mkdirSync(join(dir, 'quick'))
  cpSync(join(dir, 'src'), join(dir, 'same'), { recursive: true, preserveTimestamps: true })
  const drives = {
    dav: { type: 'webdav', url: apache.url },
    quick: { type: 'local', root: join(dir, 'quick'), fsync: false },
  }
  writeFileSync(join(dir, 'anydrive.json'), JSON.stringify({ drives }))
  writeFileSync(join(dir, 'rclone.conf'), `[dav]\ntype = webdav\nurl = ${apache.url}\nvendor = other\n`)
  for (const [row, clients] of Object.entries(rows)) {
    const measured = {}
    for (let round = 0; round < rounds; round++)
      for (const [client, run] of Object.entries(clients)) {
        apache.requests()
        const one = await run(`${client}-${round}`)
        ;(measured[client] ??= []).push({ ...one, requests: apache.requests() / count })
      }
    const medians = Object.fromEntries(
      Object.entries(measured).map(([client, runs]) => [
        client,
        Object.fromEntries(['cpu', 'wall', 'requests'].map((key) => [key, median(runs.map((run) => run[key]))])),
      ]),
    )
    results.push({ row, count, rounds, clients: medians })
  }
} finally {
  apache.stop()
  rmSync(dir, { recursive: true, maxRetries: 5 })
}

const version = spawnSync('rclone', ['version'], { encoding: 'utf8' }).stdout.split('\n')[0]
console.log(
  `${count} files of 1 KiB, ${rounds} rounds, medians; ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${version}`,
)
console.log('| what | client | requests a file | ms of processor time a file | wall time in s |')
console.log('| --- | --- | --- | --- | --- |')
for (const { row, clients } of results)
  for (const [client, { cpu, wall, requests }] of Object.entries(clients))
    console.log(`| ${[row, client, ...[requests, cpu, wall].map((n) => n.toFixed(2))].join(' | ')} |`)
keepResults('beside rclone', results)
