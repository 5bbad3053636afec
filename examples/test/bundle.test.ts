// The recipe for bundles, as docs/recipes.md shows it: each form of bundle runs a migration between both vendors.
import { startKooDrive, startTencentSmh } from '@anydrive/emulators'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { blocksOf, root } from './blocks'

const run = promisify(execFile)
const recipe = blocksOf('docs/recipes.md').find(({ code }) => code.includes("from 'esbuild'"))?.code ?? ''

const program = `
import { createRegistry, path, toPromises } from '@anydrive/core'
import { kooDrive } from '@anydrive/koodrive'
import { migrate, sqliteJournal } from '@anydrive/migrate'
import { tencentSmh } from '@anydrive/tencent-smh'

const registry = createRegistry([kooDrive, tencentSmh])
const open = (configuration) => {
  const opened = registry.openUnknown(configuration)
  if (opened._tag === 'Left') throw new Error(opened.left.message)
  return opened.right
}
const [from, to] = JSON.parse(process.argv[2]).map(open)
const main = async () => {
  await toPromises(from).writeFile(process.argv[3] + '/b.txt', 'All is well.')
  const ended = await migrate({ from: { drive: from, path: path(process.argv[3]) }, to: { drive: to, path: path(process.argv[3]) } }).run()
  if (ended._tag === 'Left') throw new Error(ended.left.message)
  console.log(ended.right.files, typeof sqliteJournal, await toPromises(to).readText(process.argv[3] + '/b.txt'))
}
main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
`

let directory: string
const closers: Array<() => Promise<void>> = []
let drives = ''
beforeAll(async () => {
  // Below a package that has all of these packages in its node_modules.
  directory = mkdtempSync(join(root, 'examples', '.bundle-'))
  writeFileSync(join(directory, 'program.mjs'), program)
  writeFileSync(join(directory, 'build.mjs'), recipe)
  const smh = await startTencentSmh()
  const koo = await startKooDrive()
  closers.push(smh.close, koo.close)
  drives = JSON.stringify([...Object.values(smh.configuration), ...Object.values(koo.configuration)])
})
afterAll(async () => {
  for (const close of closers) await close()
  rmSync(directory, { recursive: true, force: true })
})

const node = (...args: ReadonlyArray<string>) =>
  // pnpm puts libsql beside the package that depends on it, npm beside the program.
  run(process.execPath, args, {
    cwd: directory,
    env: { ...process.env, NODE_PATH: join(root, 'packages', 'migrate', 'node_modules') },
  })

test.each([
  ['esm', 'bundle.mjs'],
  ['cjs', 'bundle.cjs'],
])('a bundle of format %s runs a migration', async (format, bundle) => {
  await node('build.mjs', format)
  expect(existsSync(join(directory, bundle))).toBe(true)
  const { stdout } = await node(bundle, drives, format)
  expect(stdout.trim()).toMatch(/^1 function All is well\.$/)
})

test('without the recipe’s `require`, a bundle of format esm does not start', async () => {
  writeFileSync(join(directory, 'bare.mjs'), recipe.replace(/banner: .*$/m, ''))
  await node('bare.mjs', 'esm')
  await expect(node('bundle.mjs', drives, 'bare')).rejects.toMatchObject({
    stderr: expect.stringContaining('Dynamic require of') as unknown,
  })
})
