// What the repository says about itself to strangers: the packages' metadata, the links of their READMEs, and versions by changesets.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(__dirname, '..', '..')
const home = 'https://github.com/anydrive/anydrive'
const directories = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)

const manifestOf = (directory: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8')) as Readonly<Record<string, unknown>>

const published = directories.filter((directory) => manifestOf(directory)['private'] !== true)

test.each(published)('%s has the metadata that a registry shows', (directory) => {
  const manifest = manifestOf(directory)
  expect(manifest).toMatchObject({
    name: directory.replace('packages', '@anydrive'),
    license: 'MIT',
    author: 'anydrive contributors',
    homepage: `${home}/tree/main/${directory}#readme`,
    bugs: `${home}/issues`,
    repository: { type: 'git', url: `git+${home}.git`, directory },
    engines: { node: '>=20' },
    publishConfig: { access: 'public' },
  })
  expect(String(manifest['description']).length).toBeGreaterThan(20)
  expect((manifest['keywords'] as ReadonlyArray<string>).length).toBeGreaterThan(2)
  expect(manifest['files']).toContain('CHANGELOG.md')
  expect(manifest).toHaveProperty('sideEffects')
})

// docs/adapter.md: whoever copies the template leaves out just these three.
test('what a build leaves in a package is in directories that a copy of the package can do without', () => {
  const options = ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '--', 'packages']
  const ignored = execFileSync('git', options, { cwd: root, encoding: 'utf8' }).trim().split('\n')
  const names = new Set(ignored.map((path) => path.replace(/^packages\/[^/]+\//, '')))
  expect([...names].filter((name) => !['.tsc/', 'dist/', 'node_modules/'].includes(name))).toEqual([])
})

/** Targets of links and pictures outside code. */
const linksOf = (file: string): ReadonlyArray<string> => {
  const prose = readFileSync(join(root, file), 'utf8')
    .replace(/^(```|~~~)[\s\S]*?^\1/gm, '')
    .replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(\s*<?([^)\s>]+)|^\[[^\]]+\]:\s*(\S+)|(?:href|src)="([^"]+)"/gm)].map(
    ([, inline, reference, html]) => inline ?? reference ?? html ?? '',
  )
}

test.each(published)('the links of the README of %s work outside this repository', (directory) => {
  for (const link of linksOf(`${directory}/README.md`)) {
    expect(link).toMatch(/^(https:|#)/)
    const [, inside] = /^https:\/\/github\.com\/anydrive\/anydrive\/(?:blob|tree|raw)\/main\/([^#?]*)/.exec(link) ?? []
    if (inside !== undefined) expect([link, existsSync(join(root, inside))]).toEqual([link, true])
  }
})

const pages = readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : []))

test.each([
  ...pages,
  'README.md',
  'README.zh-CN.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CODE_OF_CONDUCT.md',
  '.changeset/README.md',
])('the relative links of %s lead to files', (file) => {
  const relative = linksOf(file).filter((link) => !/^(https?:|mailto:|#)/.test(link))
  for (const link of relative) {
    const [path = ''] = link.split('#')
    expect([link, existsSync(join(root, dirname(file), path))]).toEqual([link, true])
  }
})

describe('the list of what npm test leaves to the full run', () => {
  const list =
    jest.requireActual<ReadonlyArray<{ readonly pattern: string; readonly reason: string; readonly sample?: string }>>(
      '../../tools/full-only.js',
    )
  const files = ['examples', ...directories].flatMap((directory) =>
    readdirSync(join(root, directory, 'test'), { recursive: true, encoding: 'utf8' }).map((name) =>
      [directory, 'test', name].join('/'),
    ),
  )

  test('has patterns that match a test file, each with a reason', () => {
    for (const { pattern, reason } of list) {
      expect([pattern, files.some((file) => new RegExp(pattern).test(file))]).toEqual([pattern, true])
      expect(reason).not.toBe('')
    }
  })

  test('names every file of which npm test runs a sample', () => {
    const named = list.filter(({ sample }) => sample !== undefined).map(({ pattern }) => new RegExp(pattern))
    const sampled = files.filter(
      (file) => file.endsWith('.test.ts') && /env\[.ANYDRIVE_SAMPLE.\]/.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(sampled.sort()).toEqual(files.filter((file) => named.some((pattern) => pattern.test(file))).sort())
  })
})

test('a changeset gives all packages the same next version, and its text to the changelog', () => {
  const copy = mkdtempSync(join(tmpdir(), 'anydrive-changeset-'))
  try {
    for (const file of ['package.json', 'pnpm-workspace.yaml', '.changeset/config.json'])
      cpSync(join(root, file), join(copy, file))
    for (const directory of ['examples', ...directories]) {
      mkdirSync(join(copy, directory), { recursive: true })
      cpSync(join(root, directory, 'package.json'), join(copy, directory, 'package.json'))
    }
    writeFileSync(join(copy, '.changeset', 'one.md'), "---\n'@anydrive/core': patch\n---\n\nA change for users.\n")
    execFileSync(process.execPath, [join(root, 'node_modules', '@changesets', 'cli', 'bin.js'), 'version'], {
      cwd: copy,
    })
    const [major = '', minor = '', patch = ''] = String(manifestOf('packages/core')['version']).split('.')
    for (const directory of published) {
      const text = readFileSync(join(copy, directory, 'package.json'), 'utf8')
      expect(JSON.parse(text)).toMatchObject({ version: `${major}.${minor}.${Number(patch) + 1}` })
      expect(existsSync(join(copy, directory, 'CHANGELOG.md'))).toBe(true)
    }
    expect(readFileSync(join(copy, 'packages', 'core', 'CHANGELOG.md'), 'utf8')).toContain('A change for users.')
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
})
