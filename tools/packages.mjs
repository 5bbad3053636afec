// Each published package as its users would get it: publint and attw, again only when the package has changed.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bin, root, runQuietly } from './setup.mjs'

const filesBelow = (dir) =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

const fingerprint = (dir) => {
  const hash = createHash('sha256').update(readFileSync(join(dir, 'package.json')))
  for (const file of filesBelow(join(dir, 'dist')))
    if (!file.endsWith('.map')) hash.update(file).update(readFileSync(file))
  return hash.digest('hex')
}

export const checkPackages = async () => {
  const cache = join(root, 'node_modules', '.cache', 'packages')
  mkdirSync(cache, { recursive: true })
  for (const name of readdirSync(join(root, 'packages'))) {
    const dir = join(root, 'packages', name)
    if (JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')).private === true) continue
    const stamp = join(cache, name)
    const now = fingerprint(dir)
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) continue
    await runQuietly(bin('publint'), ['--strict', '--pack', 'npm', dir])
    await runQuietly(bin('attw'), ['--pack', dir, '--quiet'])
    writeFileSync(stamp, now)
  }
}
