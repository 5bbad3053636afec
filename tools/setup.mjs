// Installs what is missing or out of date; run by itself it builds, too. Does nothing, quickly, when nothing is.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

export const run = (command, args, options = {}) => {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) throw error
  if (status !== 0) process.exit(signal ? 1 : (status ?? 1))
}

/** Its standard output; nothing is shown unless it fails. Others may run beside it. */
export const output = (command, args) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root })
    let out = ''
    let told = ''
    child.stdout.setEncoding('utf8').on('data', (text) => ((out += text), (told += text)))
    child.stderr.setEncoding('utf8').on('data', (text) => (told += text))
    child.once('error', (error) => {
      throw error
    })
    child.once('close', (status) => {
      if (status === 0) return resolve(out)
      process.stderr.write(told)
      process.exit(status ?? 1)
    })
  })

export const bin = (name) => join(root, 'node_modules', '.bin', name)

const manifests = () => [
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/package.json`),
  'examples/package.json',
]

const fingerprint = () => {
  const hash = createHash('sha256')
  for (const file of manifests())
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

const install = () => {
  const stamp = join(root, 'node_modules', '.cache', 'installed')
  const wanted = fingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const pnpm = packageManager.replace(/\+.*$/, '')
  console.error(`installing (${pnpm})`)
  run('npx', ['--yes', pnpm, 'install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn'])
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true })
  writeFileSync(stamp, wanted)
}

const major = Number(process.versions.node.split('.')[0])
if (major < 20) {
  console.error(`anydrive needs Node.js 20 or newer; this is ${process.version}`)
  process.exit(2)
}
install()

/** What is up to date already takes a moment. */
export const build = () =>
  new Promise((resolve) => {
    const child = spawn(bin('tsc'), ['-b'], { cwd: root, stdio: 'inherit' })
    child.once('close', (status) => (status === 0 ? resolve() : process.exit(status ?? 1)))
  })
if (process.argv[1] === fileURLToPath(import.meta.url)) await build()
