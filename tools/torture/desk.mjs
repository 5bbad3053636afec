// A directory with both vendors as processes, whose data survives their end, and the command as a process.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { root } from '../run.mjs'

const command = join(root, 'packages', 'cli', 'bin', 'anydrive.js')
const vendors = { smh: 'tencent-smh', koo: 'koodrive' }
/** Jobs end at once, and an upload that is not completed is forgotten soon, so that no round waits for either. */
const koodrive = { behaviour: { jobLife: { kind: 'at-once' }, uploadLifeMs: 20_000 } }
/** A service that does not answer is given up soon, so that no round waits for it. */
const http = { idleTimeout: 2000, attempts: 3 }

/** Pseudo-random numbers from 0 to 1 by seed. */
export const random = (seed) => () => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
  return seed / 0x80000000
}

const service = (dir, name) => {
  const data = join(dir, `data-${name}`)
  let child
  let port = 0
  const start = async () => {
    const options = ['--data', data, '--seed', '5', ...(port === 0 ? [] : ['--port', String(port)])]
    if (name === 'koo') options.push('--config', join(dir, 'koodrive.json'))
    child = spawn(process.execPath, [command, 'emulate', vendors[name], ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let printed = ''
    child.stderr.on('data', (chunk) => (printed += chunk))
    const [url] = await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'close').then(() => Promise.reject(new Error(`${name} did not start: ${printed}`))),
    ])
    port = Number(new URL(String(url).trim()).port)
    while (!printed.endsWith('}\n')) await delay(10)
    return JSON.parse(printed).drives
  }
  return {
    start,
    signal: (signal) => child.kill(signal),
    kill: async () => {
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    },
  }
}

export const openDesk = async () => {
  const dir = mkdtempSync(join(tmpdir(), 'anydrive-torture-'))
  writeFileSync(join(dir, 'koodrive.json'), JSON.stringify(koodrive))
  const services = { smh: service(dir, 'smh'), koo: service(dir, 'koo') }
  const drives = { ...(await services.smh.start()), ...(await services.koo.start()) }
  const of = (name) => ({ ...drives[name], http })
  const configure = (others = {}) =>
    writeFileSync(join(dir, 'anydrive.json'), JSON.stringify({ drives: { smh: of('smh'), koo: of('koo'), ...others } }))
  configure()

  /** Runs the command to its end. */
  const run = (...argv) =>
    spawnSync(process.execPath, [command, ...argv], { cwd: dir, encoding: 'utf8', maxBuffer: Infinity })
  return {
    dir,
    services,
    path: (name) => join(dir, name),
    of,
    /** Adds drives to those of the two services. */
    configure,
    run,
    /** The command with its output; `line` is the first of it. */
    serve: async (...argv) => {
      const child = spawn(process.execPath, [command, ...argv], { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'] })
      const [line] = await once(child.stdout, 'data')
      return { child, line: String(line).trim() }
    },
    /** The command, begun; `ended` gives its exit code, its signal and what it wrote to standard error. */
    begin: (...argv) => {
      const child = spawn(process.execPath, [command, ...argv], { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
      let err = ''
      child.stderr.on('data', (chunk) => (err += chunk))
      const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, err }))
      return { child, ended }
    },
    write: (name, content) => {
      const file = join(dir, name)
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, content)
    },
    read: (name) => (existsSync(join(dir, name)) ? readFileSync(join(dir, name)) : undefined),
    close: async () => {
      await services.smh.kill()
      await services.koo.kill()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
