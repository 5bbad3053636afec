// Two directories of a million files compared: listed by name, in another order, under encoded names, and all renamed. Prints figures as JSON.
import { Buffer } from 'node:buffer'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import migrate from '../packages/migrate/dist/index.js'
import { full, peakMib } from './drives.mjs'

const count = Number(process.argv[2] ?? 1_000_000)
const only = process.argv[3]

/** Files of one byte with a checksum each, as a vendor reports them; of every thousandth the copy is another. */
const files = (options, nameOf = (name) => name) => {
  const drive = full('big', count, options)
  const told = ({ name, kind, ...rest }) => {
    if (kind !== 'file') return { name, kind, ...rest }
    const digits = Buffer.from(name).toString('hex').slice(0, 48).padEnd(63, '0')
    const sha256 = `${digits}${options.copy && name.endsWith('000.txt') ? 1 : 0}`
    return { ...rest, kind, name: nameOf(name), path: `big/${nameOf(name)}`, size: 1, checksums: { sha256 } }
  }
  return {
    ...drive,
    list: (path, call) => async () => {
      const page = await drive.list(path, call)()
      return { ...page, right: { ...page.right, items: page.right.items.map(told) } }
    },
  }
}
const cases = {
  sorted: () => [files({ sorted: true }), files({ sorted: true, copy: true })],
  unsorted: () => [files({ sorted: false }), files({ sorted: false, copy: true })],
  encoded: () => [
    files({ sorted: true }, (name) => name.replace('-', ':')),
    files({ sorted: true, copy: true }, (name) => name.replace('-', '\u201b：')),
    { namesOf: { b: migrate.encoder(full('big', 1).capabilities.naming).decode } },
  ],
  renamed: () => [
    files({ sorted: true }),
    files({ sorted: false, copy: true }, (name) => `new ${name}`),
    { renames: true },
  ],
}

const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('anydrive-sort-')).length

const measure = async (name) => {
  const [a, b, options] = cases[name]()
  const started = Date.now()
  const found = {}
  for await (const one of migrate.compareTrees({ drive: a }, { drive: b }, { same: true, ...options })) {
    const status = one._tag === 'Left' ? one.left.message : one.right.status
    found[status] = (found[status] ?? 0) + 1
  }
  const seconds = Number(((Date.now() - started) / 1000).toFixed(1))
  const { user, system } = process.cpuUsage()
  const cpuSeconds = Number(((user + system) / 1e6).toFixed(1))
  return { case: name, count, seconds, cpuSeconds, peakMib: peakMib(), found, left: left() }
}

if (only !== undefined) console.log(JSON.stringify(await measure(only)))
else
  for (const name of Object.keys(cases)) {
    const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), String(count), name], {
      encoding: 'utf8',
    })
    process.stdout.write(stdout || stderr)
  }
