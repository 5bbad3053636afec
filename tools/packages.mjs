// Each published package as its users would get it: publint and "are the types wrong", again only when the package has changed.
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { output, root } from './setup.mjs'

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

const manifestOf = (dir) => JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))

/** What is wrong with a package, a line each. */
const faultsOf = async (tarball) => {
  const { messages, pkg } = await publint({ strict: true, pack: { tarball: tarball.buffer } })
  const types = await checkPackage(createPackageFromTarballData(tarball))
  return [
    ...messages.map((message) => formatMessage(message, pkg)),
    ...(types.types === false ? ['it has no types'] : types.problems.map((problem) => JSON.stringify(problem))),
  ]
}

export const checkPackages = async () => {
  const cache = join(root, 'node_modules', '.cache', 'packages')
  mkdirSync(cache, { recursive: true })
  const changed = readdirSync(join(root, 'packages'))
    .map((name) => ({ dir: join(root, 'packages', name), stamp: join(cache, name) }))
    .filter(({ dir }) => manifestOf(dir).private !== true)
    .map((one) => ({ ...one, now: fingerprint(one.dir) }))
    .filter(({ stamp, now }) => !existsSync(stamp) || readFileSync(stamp, 'utf8') !== now)
  if (changed.length === 0) return
  const packed = mkdtempSync(join(tmpdir(), 'anydrive-packed-'))
  try {
    const dirs = changed.map(({ dir }) => dir)
    const told = await output('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', packed, ...dirs])
    const files = Object.fromEntries(JSON.parse(told).map(({ name, filename }) => [name, filename]))
    for (const { dir, stamp, now } of changed) {
      const { name } = manifestOf(dir)
      const faults = await faultsOf(new Uint8Array(readFileSync(join(packed, files[name]))))
      if (faults.length > 0) {
        console.error(faults.map((fault) => `${name}: ${fault}`).join('\n'))
        process.exit(1)
      }
      writeFileSync(stamp, now)
    }
  } finally {
    rmSync(packed, { recursive: true, force: true })
  }
}
