// One large file from this machine to one vendor and on to the other, through the command; each service is a process of its own. Prints figures as JSON.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const gib = Number(process.argv[2] ?? 4)
const bin = fileURLToPath(new URL('../packages/cli/bin/anydrive.js', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'anydrive-large-'))
const children = []

const emulate = async (vendor) => {
  const child = spawn(process.execPath, [bin, 'emulate', vendor, '--json', '--data', join(dir, vendor)], {
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

const anydrive = async (...args) => {
  const started = Date.now()
  const child = spawn(process.execPath, [bin, ...args], { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] })
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
  const seconds = (Date.now() - started) / 1000
  console.log(
    JSON.stringify({
      command: args.join(' '),
      code,
      seconds: Number(seconds.toFixed(1)),
      mibPerSecond: Math.round((gib * 1024) / seconds),
      peakMib: Math.round(peak),
    }),
  )
}

try {
  mkdirSync(join(dir, 'src'))
  const out = createWriteStream(join(dir, 'src', 'large.bin'))
  const piece = randomBytes(16 * 2 ** 20)
  for (let i = 0; i < gib * 64; i++) {
    piece.writeUInt32LE(i, 0)
    if (!out.write(piece)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
  const drives = {}
  for (const vendor of ['tencent-smh', 'koodrive']) Object.assign(drives, (await emulate(vendor)).drives)
  writeFileSync(join(dir, 'anydrive.json'), JSON.stringify({ drives }))
  const [smh, koo] = ['smh', 'koo']
  await anydrive('migrate', './src', `${smh}:large`, '--journal', 'a.db')
  await anydrive('migrate', `${smh}:large`, `${koo}:large`, '--journal', 'b.db')
  await anydrive('migrate', `${koo}:large`, './back', '--journal', 'c.db')
  await anydrive('check', './src', './back', '--content')
} finally {
  for (const child of children) child.kill()
  rmSync(dir, { recursive: true })
}
