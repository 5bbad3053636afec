// The tarballs as users get them: installed by npm from a registry, compiled in each module mode, and run on each version of Node.js.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileOf, manifestOf, startRegistry, type Tarball } from './published/registry'

const root = join(__dirname, '..', '..')
jest.setTimeout(20 * 60_000)

// By it the programs would find the packages of this repository.
delete process.env['NODE_PATH']

/** Its standard output. Rejects with both outputs when it fails or prints one of npm's warnings about the tree of packages. */
const run = (cwd: string, command: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    child.once('error', reject)
    child.once('close', (status) => {
      if (status === 0 && !/EBADENGINE|ERESOLVE|npm warn deprecated/i.test(err)) resolve(out)
      else reject(new Error(`${command} ${args.join(' ')}: exit code ${String(status)}\n${out}${err}`))
    })
  })

const npmInstall = (cwd: string, ...args: ReadonlyArray<string>): Promise<string> =>
  run(cwd, 'npm', ['install', '--prefer-offline', '--engine-strict', '--no-audit', '--no-fund', ...args])

/** npm's binary packages of Node.js are named for the platform. */
const nodePackage = (): string => {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  return `${platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${platform}-${process.arch}`
}

/** The directory of the executable of a major version, installed once. */
const nodeDirectory = async (major: string): Promise<string> => {
  const cache = join(root, 'node_modules', '.cache', `node-${major}`)
  const directory = join(cache, 'node_modules', nodePackage(), 'bin')
  if (existsSync(directory)) return directory
  mkdirSync(cache, { recursive: true })
  writeFileSync(join(cache, 'package.json'), '{ "private": true }')
  await npmInstall(cache, `${nodePackage()}@${major}`)
  return directory
}

const scratch = mkdtempSync(join(tmpdir(), 'anydrive-published-'))
const closers: Array<() => Promise<void>> = []
afterAll(async () => {
  for (const close of closers) await close()
  rmSync(scratch, { recursive: true, force: true })
})

let tarballs: ReadonlyArray<Tarball> = []
let registry = ''
beforeAll(async () => {
  const packed = "import { pack } from './tools/pack.mjs'; console.log(JSON.stringify(await pack()))"
  tarballs = JSON.parse(
    await run(root, process.execPath, ['--input-type=module', '--eval', packed]),
  ) as ReadonlyArray<Tarball>
  const started = await startRegistry(tarballs)
  closers.push(started.close)
  registry = started.url
})

describe('each tarball', () => {
  test('has the license, a README, no version that only this repository can resolve, and no tests', async () => {
    const license = readFileSync(join(root, 'LICENSE'), 'utf8')
    expect(tarballs.length).toBeGreaterThan(10)
    for (const tarball of tarballs) {
      const files = (await run(root, 'tar', ['-tzf', tarball.file])).trim().split('\n')
      expect([tarball.name, fileOf(tarball, 'LICENSE')]).toEqual([tarball.name, license])
      expect(files).toContain('package/README.md')
      expect(files.filter((file) => /\/(test|node_modules|\.tsc)\/|\.tsbuildinfo$/.test(file))).toEqual([])
      expect(JSON.stringify(manifestOf(tarball))).not.toMatch(/"(workspace|file|link):/)
    }
  })

  test('exports only files that it contains', async () => {
    for (const tarball of tarballs) {
      const files = (await run(root, 'tar', ['-tzf', tarball.file])).trim().split('\n')
      const { main, types, bin } = manifestOf(tarball)
      const named = [main, types, ...Object.values((bin ?? {}) as Record<string, string>)]
      for (const file of named) expect(files).toContain(join('package', String(file)))
    }
  })
})

/** In the linked layout (pnpm's, too) a package can load only what it declares. */
const projects = [
  { type: 'commonjs', layout: 'hoisted', modes: ['node16/node16', 'nodenext/nodenext', 'commonjs/bundler'] },
  { type: 'module', layout: 'linked', modes: ['node16/node16', 'nodenext/nodenext', 'esnext/bundler'] },
] as const

describe.each(projects)('in an empty project of type $type, $layout', ({ type, layout, modes }) => {
  const project = join(scratch, type)
  const { devDependencies: ours } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>
  }

  beforeAll(async () => {
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'a-user', private: true, type }))
    writeFileSync(join(project, '.npmrc'), `@anydrive:registry=${registry}\n`)
    const packages = [...tarballs.map(({ name }) => name), `@types/node@${ours['@types/node'] ?? ''}`]
    await npmInstall(project, `--install-strategy=${layout}`, ...packages)
    const program = readFileSync(join(__dirname, 'published', 'program.ts'), 'utf8')
    writeFileSync(join(project, 'program.ts'), program)
    const imports = tarballs.map(({ name }, index) => `import * as package${index} from '${name}'`)
    const counts = tarballs.map(({ name }, index) => `'${name}': Object.keys(package${index}).length`)
    writeFileSync(
      join(project, 'everything.ts'),
      `${imports.join('\n')}\nconsole.log(JSON.stringify({ ${counts.join(', ')} }))\n`,
    )
  })

  test('each package was installed from its tarball', () => {
    for (const { name, version } of tarballs) {
      const manifest: unknown = JSON.parse(readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8'))
      expect(manifest).toMatchObject({ name, version })
    }
  })

  test.each(modes)('the types of all packages hold in %s, libraries checked', async (mode) => {
    const [module = '', moduleResolution = ''] = mode.split('/')
    const options = { module, moduleResolution, target: 'es2022', strict: true, skipLibCheck: false }
    const outDir = join('out', moduleResolution)
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, rootDir: '.', outDir }, include: ['*.ts'] }),
    )
    // One mode in the older version, whose rules are the same and which takes ten times as long.
    for (const version of mode === modes[0] ? ['typescript', 'typescript-native'] : ['typescript-native']) {
      const tsc = join(root, 'node_modules', version, 'bin', 'tsc')
      expect(await run(project, process.execPath, [tsc])).toBe('')
    }
  })

  test.each(['current', '22', '24'])('programs and the command run on Node.js %s', async (major) => {
    const directory = major === 'current' ? dirname(process.execPath) : await nodeDirectory(major)
    const node = join(directory, process.platform === 'win32' ? 'node.exe' : 'node')
    const env = { PATH: `${directory}${delimiter}${process.env['PATH'] ?? ''}` }
    const version = await run(project, node, ['--version'], env)
    expect(version).toMatch(major === 'current' ? process.version : `v${major}.`)

    const counts = JSON.parse(await run(project, node, ['out/nodenext/everything.js'], env)) as Record<string, number>
    expect(Object.keys(counts)).toEqual(tarballs.map(({ name }) => name))
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0)
    expect(await run(project, node, ['out/nodenext/program.js'], env)).toBe('All is well.\n')

    const command = tarballs.find(({ name }) => name === '@anydrive/cli')
    expect(await run(project, 'npx', ['--no-install', 'anydrive', '--version'], env)).toContain(command?.version)
  })
})

describe('the command alone', () => {
  const project = join(scratch, 'command')
  const anydrive = (...args: ReadonlyArray<string>) => run(project, 'npx', ['--no-install', 'anydrive', ...args])
  const installed = (name: string) => existsSync(join(project, 'node_modules', name))

  beforeAll(async () => {
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), '{ "private": true }')
    writeFileSync(join(project, '.npmrc'), `@anydrive:registry=${registry}\n`)
    await npmInstall(project, '@anydrive/cli')
    mkdirSync(join(project, 'files'))
    writeFileSync(join(project, 'files', 'a.txt'), 'content')
  })

  test('works without what only developers need', async () => {
    for (const name of ['@anydrive/emulators', '@anydrive/conformance', 'fastify', 'fast-check', 'node-forge'])
      expect([name, installed(name)]).toEqual([name, false])
    await anydrive('migrate', './files', './copy')
    expect(await anydrive('ls', './copy')).toBe('a.txt\n')
  })

  test.each([
    ['@anydrive/emulators', ['emulate', 'tencent-smh', '--port', '0']],
    ['@anydrive/conformance', ['conformance', './files', '--only', 'usage']],
  ])('says that %s is missing and how to install it', async (name, args) => {
    const failure: unknown = await anydrive(...args).catch((error: unknown) => error)
    expect(String(failure)).toContain('exit code 2')
    expect(String(failure)).toContain(`the package ${name}, which is not installed`)
    expect(String(failure)).toContain(`npm install --global ${name}`)
  })

  test('uses them once they are installed', async () => {
    await npmInstall(project, '--save-dev', '@anydrive/emulators', '@anydrive/conformance')
    expect(await anydrive('conformance', './files', '--only', 'usage')).toContain('usage')
    const child = spawn('npx', ['--no-install', 'anydrive', 'emulate', 'koodrive', '--write', 'anydrive.json'], {
      ...{ cwd: project, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    })
    const ended = once(child, 'close')
    try {
      await once(child.stdout, 'data')
      expect(await anydrive('ls', 'koo:')).toBe('')
    } finally {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
      await ended
    }
  })
})
