// Checks the tarballs that are published with publint and "are the types wrong"; a package that has not changed is not checked again.
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { fingerprint, pack, publicPackages } from './pack.mjs'
import { root } from './run.mjs'

/** What is wrong with a package, one line for each fault. */
const faultsOf = async (tarball) => {
  const { messages, pkg } = await publint({ strict: true, pack: { tarball: tarball.buffer } })
  const types = await checkPackage(createPackageFromTarballData(tarball))
  return [
    ...messages.map((message) => formatMessage(message, pkg)),
    ...(types.types === false ? ['it has no types'] : types.problems.map((problem) => JSON.stringify(problem))),
  ]
}

/** Ends the process with exit code 1 when a package has a fault. */
export const checkPackages = async () => {
  const cache = join(root, 'node_modules', '.cache', 'packages')
  mkdirSync(cache, { recursive: true })
  const changed = publicPackages()
    .map((one) => ({ name: one.manifest.name, stamp: join(cache, basename(one.dir)), now: fingerprint(one) }))
    .filter(({ stamp, now }) => !existsSync(stamp) || readFileSync(stamp, 'utf8') !== now)
  if (changed.length === 0) return
  const fileOf = Object.fromEntries((await pack()).map(({ name, file }) => [name, file]))
  for (const { name, stamp, now } of changed) {
    const faults = await faultsOf(new Uint8Array(readFileSync(fileOf[name])))
    if (faults.length > 0) {
      console.error(faults.map((fault) => `${name}: ${fault}`).join('\n'))
      process.exit(1)
    }
    writeFileSync(stamp, now)
  }
}
