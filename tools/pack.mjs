// The tarballs that are published, packed by pnpm. `npm run pack` makes them in a directory, `tarballs` unless another is named.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { output, pnpm, root } from './run.mjs'

const manifestOf = (dir) => JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))

/** The packages that are published: their directories and manifests. */
export const publicPackages = () =>
  readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .map((dir) => ({ dir, manifest: manifestOf(dir) }))
    .filter(({ manifest }) => manifest.private !== true)

const filesBelow = (path) =>
  !existsSync(path)
    ? []
    : readdirSync(path, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))

/** Changes whenever the tarball of the package would. */
export const fingerprint = ({ dir, manifest }) => {
  const hash = createHash('sha256')
  const named = ['package.json', 'README.md', 'CHANGELOG.md'].map((name) => join(dir, name))
  const listed = manifest.files.flatMap((name) => filesBelow(join(dir, name)))
  for (const file of [join(root, 'LICENSE'), ...named, ...listed].sort())
    if (existsSync(file)) hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

const packInto = async (directory) => {
  const packages = publicPackages()
  const filters = packages.flatMap(({ manifest }) => ['--filter', manifest.name])
  const options = ['--recursive', ...filters, 'pack', '--json', '--pack-destination', directory]
  const packed = JSON.parse(await output('npx', [...pnpm, ...options]))
  const fileOf = Object.fromEntries(packed.map(({ name, filename }) => [name, filename]))
  return packages.map(({ dir, manifest: { name, version } }) => ({ name, version, dir, file: fileOf[name] }))
}

/**
 * Packs every public package as it is built now. Without a directory, the tarballs are kept in a cache and packed again only
 * when a package has changed.
 */
export const pack = async (directory) => {
  if (directory !== undefined) return packInto(resolve(directory))
  const cache = join(root, 'node_modules', '.cache', 'tarballs')
  const list = join(cache, 'list.json')
  const stamp = publicPackages().map(fingerprint).join()
  const known = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : {}
  if (known.stamp === stamp) return known.tarballs
  rmSync(cache, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  const tarballs = await packInto(cache)
  writeFileSync(list, JSON.stringify({ stamp, tarballs }))
  return tarballs
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const directory = resolve(process.env.INIT_CWD ?? '.', process.argv[2] ?? join(root, 'tarballs'))
  mkdirSync(directory, { recursive: true })
  const { length } = await pack(directory)
  console.log(
    `${length} packages in ${directory}. Install all of them in a project with: npm install ${directory}/*.tgz`,
  )
}
