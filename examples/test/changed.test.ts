// Which files npm test lints: those that differ from where the work on them began, or all of them where that cannot be known.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(__dirname, '..', '..')
let clone = ''

const git = (...args: ReadonlyArray<string>): void => {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com']
  expect(spawnSync('git', [...identity, ...args], { cwd: clone }).status).toBe(0)
}
const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(clone, file)), { recursive: true })
  writeFileSync(join(clone, file), text)
}
const commit = (files: Readonly<Record<string, string>>): void => {
  for (const [file, text] of Object.entries(files)) write(file, text)
  git('add', '--all')
  git('commit', '--quiet', '--message', 'one more')
}
const changed = (): unknown => {
  const script =
    "import('./tools/changed.mjs').then((m) => console.log(JSON.stringify(m.changedFiles()?.sort() ?? 'all')))"
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: clone, encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'anydrive-changed-'))
  for (const file of ['package.json', 'tools/changed.mjs', 'tools/run.mjs']) cpSync(join(root, file), join(clone, file))
  git('init', '--quiet', '--initial-branch', 'main')
})
afterEach(() => rmSync(clone, { recursive: true, force: true }))

test('everything, where there is no earlier commit', () => {
  expect(changed()).toBe('all')
  commit({ 'a.ts': '1' })
  expect(changed()).toBe('all')
})

test('on the main branch: the last commit, what is not committed, and what is untracked, but not what is deleted', () => {
  commit({ 'a.ts': '1', 'b.ts': '1', 'c.ts': '1', 'old name.ts': '1' })
  commit({ 'b.ts': '2' })
  write('c.ts', '2')
  write('new/ü x.ts', '1')
  rmSync(join(clone, 'old name.ts'))
  expect(changed()).toEqual(['b.ts', 'c.ts', 'new/ü x.ts'])
})

test('on another branch: all of its commits, but not those of the main branch since', () => {
  commit({ 'a.ts': '1', 'b.ts': '1' })
  git('switch', '--quiet', '--create', 'work')
  commit({ 'mine.ts': '1' })
  commit({ 'also-mine.ts': '1' })
  git('switch', '--quiet', 'main')
  commit({ 'a.ts': '2' })
  git('switch', '--quiet', 'work')
  expect(changed()).toEqual(['also-mine.ts', 'mine.ts'])
})

test.each(['eslint.config.js', '.prettierrc.json', 'tsconfig.base.json', 'pnpm-lock.yaml'])(
  'everything, when %s changed',
  (file) => {
    commit({ 'a.ts': '1', [file]: '{}' })
    commit({ 'b.ts': '1' })
    expect(changed()).toEqual(['b.ts'])
    write(file, '{ }')
    expect(changed()).toBe('all')
  },
)
