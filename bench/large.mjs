// Large files through the command, beside a bare client that sends the same bytes and computes the same checksums: wall time and peak memory. Needs apache2.
// Prints a table; see docs/performance.md.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startApache } from './small/apache.mjs'
import { keepResults } from './small/results.mjs'

const gib = Number(process.argv[2] ?? 4)
const rounds = Number(process.argv[3] ?? 5)
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const command = here('../packages/cli/bin/anydrive.js')
const dir = mkdtempSync(join(tmpdir(), 'anydrive-large-'))
if (process.getuid() === 0) chmodSync(dir, 0o755)
const children = []

const emulate = async (vendor) => {
  const child = spawn(process.execPath, [command, 'emulate', vendor, '--json', '--data', join(dir, vendor)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  children.push(child)
  let text = ''
  for await (const line of createInterface(child.stderr)) {
    text += line
    if (line === '}') return JSON.parse(text)
  }
  throw new Error(`${vendor} did not start`)
}

const peakOf = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

/** Seconds, and MiB of memory at the most. */
const measure = async (script, ...args) => {
  const started = performance.now()
  const child = spawn(process.execPath, [script, ...args], { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text) => (said += text))
  let peak = 0
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, peakOf(child.pid))
    } catch {
      // It has ended.
    }
  }, 100)
  const [code] = await once(child, 'close')
  clearInterval(timer)
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${code}: ${said}`)
  return { seconds: (performance.now() - started) / 1000, peak }
}
const atOnce = ['--concurrency', '4']
let runs = 0
const clients = {
  bare: (kind, from, to) => measure(here('./small/bare.mjs'), kind, from, to, 'large'),
  anydrive: (kind, from, to) => {
    const [a, b] = kind.split('-').map((name) => (name === 'local' ? './' : `${name}:`))
    return measure(command, 'migrate', a + from, b + to, ...atOnce, '--journal', `${++runs}.db`)
  },
}

const fill = async (name, count) => {
  mkdirSync(join(dir, name))
  const piece = randomBytes(16 * 2 ** 20)
  for (let file = 0; file < count; file++) {
    const out = createWriteStream(join(dir, name, `${file}.bin`))
    for (let i = 0; i < (gib * 64) / count; i++) {
      piece.writeUInt32LE(i, 0)
      piece.writeUInt32LE(file, 4)
      if (!out.write(piece)) await once(out, 'drain')
    }
    out.end()
    await once(out, 'finish')
  }
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
const results = []
const apache = await startApache(dir)
try {
  const drives = { dav: { type: 'webdav', url: apache.url } }
  for (const vendor of ['tencent-smh', 'koodrive']) Object.assign(drives, (await emulate(vendor)).drives)
  writeFileSync(join(dir, 'anydrive.json'), JSON.stringify({ drives }))
  for (const [name, count] of [
    ['one', 1],
    ['sixteen', 16],
  ]) {
    await fill(name, count)
    await measure(command, 'migrate', `./${name}`, `smh:${name}`)
    for (const kind of ['local-dav', 'smh-koo']) {
      const measured = { bare: [], anydrive: [] }
      for (let round = 0; round < rounds; round++)
        for (const [client, run] of Object.entries(clients)) {
          const target = `${client}-${name}-${round}`
          measured[client].push(await run(kind, name, target))
          await measure(command, 'rm', '-r', '--permanent', `${kind.split('-')[1]}:${target}`)
        }
      const [its, ours] = [measured.bare, measured.anydrive].map((all) => median(all.map(({ seconds }) => seconds)))
      const peakMib = Math.max(...measured.anydrive.map(({ peak }) => peak))
      results.push({ kind, count, gib, rounds, bare: its, anydrive: ours, ratio: ours / its, peakMib })
    }
  }
} finally {
  apache.stop()
  for (const child of children) child.kill()
  rmSync(dir, { recursive: true, maxRetries: 5 })
}

console.log(`${gib} GiB, ${rounds} rounds, medians; ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`)
console.log('| what | files | wall time in s, bare / anydrive | ratio | peak memory in MiB |')
console.log('| --- | --- | --- | --- | --- |')
for (const { kind, count, bare, anydrive, ratio, peakMib } of results)
  console.log(
    `| ${[kind.replace('-', ' → '), count, `${bare.toFixed(1)} / ${anydrive.toFixed(1)}`, ratio.toFixed(2), Math.round(peakMib)].join(' | ')} |`,
  )
keepResults('large files', results)
