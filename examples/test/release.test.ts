// npm run release refuses before it builds, and says everything that is missing.
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(__dirname, '..', '..')
const clone = mkdtempSync(join(tmpdir(), 'anydrive-release-'))

const git = (...args: ReadonlyArray<string>): void => {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com']
  const { status, stderr } = spawnSync('git', [...identity, ...args], { cwd: clone, encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, expect.anything()])
}

const inCi = { NPM_TOKEN: 'npm_secret', ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:9/' }
const release = (env: NodeJS.ProcessEnv, ...options: ReadonlyArray<string>): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, ['tools/release.mjs', ...options], {
    cwd: clone,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  })

beforeAll(() => {
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.gitignore', '.changeset', 'tools']
  for (const file of files) cpSync(join(root, file), join(clone, file), { recursive: true })
  for (const directory of ['examples', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)]) {
    mkdirSync(join(clone, directory), { recursive: true })
    cpSync(join(root, directory, 'package.json'), join(clone, directory, 'package.json'))
  }
  // The full run is replaced by a command that says that it was reached.
  writeFileSync(
    join(clone, 'tools', 'test.mjs'),
    "console.log('the full run', process.env.NPM_TOKEN ?? 'without token')\nprocess.exit(7)\n",
  )
  git('init', '--quiet')
  git('add', '--all')
  git('commit', '--quiet', '-m', 'first')
})
afterAll(() => rmSync(clone, { recursive: true, force: true }))

test('without tag, token and identity it names all three, and does nothing', () => {
  const { status, stdout, stderr } = release({})
  expect(status).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toContain('Nothing was published')
  expect(stderr).toMatch(/does not have the tag v\d+\.\d+\.\d+/)
  expect(stderr).toContain('NPM_TOKEN is not set')
  expect(stderr).toContain('No identity for provenance')
  expect(stderr).not.toContain('not committed')
})

test('a dirty tree is refused, with the files', () => {
  writeFileSync(join(clone, 'left-over.txt'), '')
  const { status, stderr } = release(inCi)
  rmSync(join(clone, 'left-over.txt'))
  expect(status).toBe(1)
  expect(stderr).toMatch(/not committed[^]*left-over\.txt/)
  expect(stderr).not.toContain('npm_secret')
})

test('a changeset that no version contains is refused', () => {
  writeFileSync(join(clone, '.changeset', 'brave-cats.md'), "---\n'@anydrive/core': patch\n---\n\nA change.\n")
  git('add', '--all')
  const { status, stderr } = release(inCi)
  git('rm', '--quiet', '--force', '.changeset/brave-cats.md')
  expect(status).toBe(1)
  expect(stderr).toContain('.changeset/brave-cats.md')
})

test('when nothing is missing, and in a dry run, the full run decides', () => {
  const dry = release({}, '--dry-run')
  expect(dry).toMatchObject({ status: 7, stdout: 'the full run without token\n' })
  // As the version does that contains them.
  git('rm', '--quiet', '--force', '--ignore-unmatch', '.changeset/*.md', ':!.changeset/README.md')
  git('commit', '--quiet', '--allow-empty', '-m', 'version')
  const { version } = jest.requireActual<{ readonly version: string }>('../../packages/core/package.json')
  git('tag', `v${version}`)
  expect(release(inCi)).toMatchObject({ status: 7, stdout: 'the full run without token\n' })
})

test('an unknown option is refused', () => {
  const { status, stderr } = release(inCi, '--dryrun')
  expect(status).toBe(2)
  expect(stderr).toContain('--dryrun')
})
