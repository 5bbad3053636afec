// What a command loads: only what it needs, and no package twice.
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { desk, type Desk } from './command'

const bin = join(__dirname, '..', 'bin', 'anydrive.js')
const packages = join(__dirname, '..', '..')

let here: Desk
beforeEach(async () => {
  here = await desk()
  await writeFile(
    here.path('list.cjs'),
    `process.on('exit', () => require('node:fs').writeFileSync('loaded.json', JSON.stringify(Object.keys(require.cache))))`,
  )
})
afterEach(() => here.clear())

/** The files that the command has loaded; its output is a pipe. */
const loadedBy = async (line: string): Promise<ReadonlyArray<string>> => {
  const argv = ['--require', './list.cjs', bin, ...line.split(' ')]
  expect(spawnSync(process.execPath, argv, { cwd: here.dir, encoding: 'utf8' })).toMatchObject({ status: 0 })
  return JSON.parse(await readFile(here.path('loaded.json'), 'utf8')) as ReadonlyArray<string>
}
const packagesOf = (files: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(
    files
      .filter((file) => file.startsWith(packages))
      .map((file) => file.slice(packages.length + 1).split('/')[0] ?? ''),
  ),
]

test.each([
  ['--version', ['cli', 'core'], 120],
  ['ls local:', ['checksums', 'cli', 'core', 'kit', 'local'], 150],
  ['drives --config drives.json', ['cli', 'core', 'kit', 'local', 'checksums'], 150],
])('%p loads only %p', async (line, expected, most) => {
  await writeFile(
    here.path('drives.json'),
    '{ "drives": { "koo": { "type": "koodrive" }, "nas": { "type": "webdav" } } }',
  )
  const files = await loadedBy(line)
  expect(expected).toEqual(expect.arrayContaining([...packagesOf(files)]))
  expect(files.length).toBeLessThan(most)
  expect(files.filter((file) => /\/(pino|axios|libsql)\//.test(file))).toEqual([])
})

test.each(['ls m: --config memory.json --verbose', 'size local:', 'check ./ ./'])(
  '%p loads no package twice',
  async (line) => {
    await writeFile(here.path('memory.json'), '{ "drives": { "m": { "type": "memory" } } }')
    const files = await loadedBy(line)
    const cores = files.filter((file) => /@?anydrive\/core\/|\/core\/dist\/index\.js$/.test(file))
    expect(cores).toEqual([join(packages, 'core', 'dist', 'index.js')])
  },
)

test('a program that looked up a pipe before it calls main loads no package twice', async () => {
  const program = `
    require('./list.cjs')
    const { main } = require(${JSON.stringify(join(bin, '..', '..'))})
    require('node:fs').fstatSync(1)
    const { stdin, stdout, stderr } = process
    void main(['ls', 'local:'], { stdin, stdout, stderr, env: {}, cwd: '.', signal: new AbortController().signal })`
  const ran = spawnSync(process.execPath, ['-e', program], { cwd: here.dir, encoding: 'utf8' })
  expect(ran).toMatchObject({ status: 0, stderr: '' })
  const files = JSON.parse(await readFile(here.path('loaded.json'), 'utf8')) as ReadonlyArray<string>
  expect(files.filter((file) => file.endsWith('/core/dist/index.js'))).toHaveLength(1)
})
