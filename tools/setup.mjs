// Installs what is missing or out of date when it is imported; run by itself it builds, too. Does nothing, quickly, when nothing is.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pnpm, root, run } from './run.mjs'

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
  console.error(`installing (${pnpm[1]})`)
  run('npx', [...pnpm, 'install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn'])
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true })
  writeFileSync(stamp, wanted)
}

const major = Number(process.versions.node.split('.')[0])
if (major < 20) {
  console.error(`anydrive needs Node.js 20 or newer; this is ${process.version}`)
  process.exit(2)
}
install()

/** The compiler, which takes a quarter of the time of TypeScript 6. ts-jest and typescript-eslint need that one. */
const compiler = join(root, 'node_modules', 'typescript-native', 'bin', 'tsc')

/** What is up to date already takes a moment. */
export const build = () =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [compiler, '-b'], { cwd: root, stdio: 'inherit' })
    child.once('close', (status) => (status === 0 ? resolve() : process.exit(status ?? 1)))
  })
if (process.argv[1] === fileURLToPath(import.meta.url)) await build()
