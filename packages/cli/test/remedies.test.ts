// What is printed as a remedy can be done: every option and command that a message names exists, and the printed commands work.
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { desk, run, type Desk, type Ran } from './command'

let emulators: ReadonlyArray<Emulator>
let here: Desk
beforeAll(async () => {
  emulators = [
    await startTencentSmh({
      seed: 4,
      config: { libraries: [{ id: 'lib', secret: 's', spaces: [{ id: 'wide' }, { id: 'small', capacity: 3000 }] }] },
    }),
    await startKooDrive({ seed: 4, config: { behaviour: { jobLife: { kind: 'at-once' } } } }),
  ]
})
afterAll(async () => {
  for (const emulator of emulators) await emulator.close()
})
beforeEach(async () => {
  here = await desk()
  await here.configure(Object.assign({}, ...emulators.map(({ configuration }) => configuration)))
  await mkdir(here.path('s'))
})
afterEach(async () => {
  for (const drive of ['smh', 'smh-small', 'koo']) await here.do(`rm ${drive}:t -r -f --permanent`)
  await here.clear()
})

const ok = async (line: string, stdin?: string): Promise<string> => {
  const { code, out, err } = await here.do(line, stdin === undefined ? {} : { stdin })
  expect({ line, code, err: code === 0 ? '' : err }).toEqual({ line, code: 0, err: '' })
  return out
}
const refused = async (line: string, code: number, stdin = 'x'): Promise<Ran> => {
  const ended = await here.do(line, { stdin })
  expect({ line, ...ended }).toMatchObject({ code })
  return ended
}

describe('every text of the sources', () => {
  const sourcesOf = (dir: string): ReadonlyArray<string> =>
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  const packages = join(__dirname, '..', '..')
  const strings = [join(packages, 'cli', 'src'), join(packages, 'migrate', 'src', 'plan')]
    .flatMap(sourcesOf)
    .flatMap(
      (source) => source.replace(/^[\t ]*(\/\/|\/?\*).*$/gm, '').match(/'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g) ?? [],
    )

  test('names only commands and options that exist', async () => {
    const main = await ok('--help')
    const commands = [...main.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name ?? '')
    const help = [main]
    for (const name of commands) if (name !== 'help') help.push(await ok(`${name} --help`))
    const options = new Set(help.join('\n').match(/--[a-z][a-z0-9-]*/g))
    // Hidden: what rclone calls the same.
    for (const alias of ['--transfers', '--bwlimit', '--tpslimit', '--max-transfer', '--max-age']) options.add(alias)
    // npm's own options aside.
    const named = strings.flatMap((text) => text.replace(/npm install .*/, '').match(/--[a-z][a-z0-9-]*/g) ?? [])
    expect(named.length).toBeGreaterThan(80)
    expect(named.filter((option) => !options.has(option))).toEqual([])
    const called = strings.flatMap((text) =>
      [...text.matchAll(/\banydrive ([a-z]+)\b(?!:)/g)].map(([, name]) => name ?? ''),
    )
    expect(called.length).toBeGreaterThan(10)
    expect(called.filter((name) => !commands.includes(name))).toEqual([])
  })
})

describe.each(['smh', 'koo'])('on %s', (drive) => {
  test('a taken name: every strategy that is named works', async () => {
    await ok(`put - ${drive}:t/f`, 'old')
    await writeFile(here.path('f'), 'new')
    const calls = [
      `put - ${drive}:t/f`,
      `put f ${drive}:t/f`,
      `cp ${drive}:t/g ${drive}:t/f`,
      `migrate ./f ${drive}:t/f`,
    ]
    await ok(`put - ${drive}:t/g`, 'g')
    for (const line of calls) {
      const { code, err } = await here.do(line, { stdin: 'x' })
      expect([1, 5]).toContain(code)
      const [, named = ''] = /--conflict ([a-z, ]+?), or choose/.exec(err) ?? []
      const strategies = named.split(/, | or /)
      expect(strategies).toEqual(['rename', 'overwrite', 'skip'])
      for (const strategy of strategies)
        expect((await here.do(`${line} --conflict ${strategy}`, { stdin: 'x' })).code).toBe(0)
    }
    await ok(`mkdir ${drive}:t/d`)
    const { err } = await refused(`mkdir ${drive}:t/d`, 5)
    expect(err).toContain('--conflict rename, or choose another name')
    expect(await here.do(`mkdir ${drive}:t/d --conflict rename`)).toMatchObject({ code: 0 })
  })

  test('a directory: --recursive, as it says', async () => {
    await ok(`put - ${drive}:t/d/f`, 'f')
    expect((await refused(`cp ${drive}:t/d ${drive}:t/e`, 2)).err).toContain('Add --recursive')
    await ok(`cp ${drive}:t/d ${drive}:t/e --recursive`)
    expect((await refused(`rm ${drive}:t/e --permanent`, 2)).err).toContain('Add --recursive')
    await ok(`rm ${drive}:t/e --permanent --recursive`)
  })

  test('a missing path: the commands that are named show what exists', async () => {
    await ok(`put - ${drive}:t/f`, 'abc')
    expect((await refused(`cat ${drive}:t/none`, 4)).err).toContain('anydrive ls')
    expect(await ok(`ls ${drive}:t`)).toBe('f\n')
    expect((await refused(`cat ${drive}:t/f --range 5:`, 1)).err).toContain('anydrive stat')
    expect(await ok(`stat ${drive}:t/f`)).toContain('3')
  })
})

test('a name that the target refuses: --names encode', async () => {
  await writeFile(here.path('s/a:b?'), 'x')
  const failed = await here.do('migrate ./s koo:t')
  expect(failed).toMatchObject({ code: 1 })
  expect(failed.err).toContain('anydrive migrate --names encode')
  expect(await here.do('migrate ./s koo:t --names encode')).toMatchObject({ code: 0 })
})

test('a stopped migration without a journal: --conflict skip transfers the rest', async () => {
  for (const name of ['a', 'b', 'c']) await writeFile(here.path(`s/${name}`), name.repeat(600))
  const { err } = await refused('migrate ./s smh:t --max-bytes 1300', 1)
  expect(err).toContain('Run it again with --conflict skip')
  await ok('migrate ./s smh:t --conflict skip')
  expect(await ok('check ./s smh:t --content')).toBe('')
})

test('journals: each remedy leads on', async () => {
  for (const name of ['a', 'b', 'c']) await writeFile(here.path(`s/${name}`), name.repeat(600))
  expect((await refused('migrate ./s smh:t --resume', 2)).err).toContain('need --journal FILE')
  expect((await refused('migrate ./s smh:t --journal j.db --resume', 2)).err).toContain('Leave --resume out')
  const stopped = await run(['migrate', './s', 'smh:t', '--journal', "it's j.db", '--max-bytes', '700'], {
    cwd: here.dir,
  })
  expect(stopped.code).toBe(1)
  const [, words = ''] = /again with (.*) to continue/.exec(stopped.err) ?? []
  const argv = JSON.parse(
    execFileSync(
      'sh',
      ['-c', `exec "$0" -e 'console.log(JSON.stringify(process.argv.slice(1)))' -- ${words}`, process.execPath],
      {
        encoding: 'utf8',
      },
    ),
  ) as ReadonlyArray<string>
  expect(argv).toEqual(['--journal', "it's j.db", '--resume'])
  expect((await run(['migrate', './s', 'smh:t', '--journal', "it's j.db"], { cwd: here.dir })).err).toContain(
    'Add --resume',
  )
  expect(await run(['migrate', './s', 'smh:t', ...argv], { cwd: here.dir })).toMatchObject({ code: 0 })
  expect(await ok('check ./s smh:t --content')).toBe('')
})

test('the commands below a plan work as printed, whatever the names', async () => {
  await mkdir(here.path("it's a dir"))
  await writeFile(here.path("it's a dir/f"), 'f')
  const anydrive = (line: string): string =>
    execFileSync(
      'sh',
      ['-c', `anydrive() { "${process.execPath}" "${join(__dirname, '..', 'bin', 'anydrive.js')}" "$@"; }\n${line}`],
      {
        cwd: here.dir,
        encoding: 'utf8',
      },
    )
  const printed = (text: string): ReadonlyArray<string> =>
    [...text.matchAll(/^ {2}(anydrive .*)$/gm)].map(([, line]) => line ?? '')
  const shown = await run(['migrate', "./it's a dir", './to', '--plan'], { cwd: here.dir })
  const [write = '', apply = ''] = printed(shown.out)
  expect(printed(anydrive(write))).toEqual([apply])
  expect(anydrive(apply)).toContain('1 file')
  expect(await readFile(here.path('to/f'), 'utf8')).toBe('f')
})

test('places, standard input and rates: what is written there instead works', async () => {
  await writeFile(here.path('s/f'), 'f')
  expect((await refused('ls s', 2)).err).toContain('./PATH')
  expect(await ok('ls ./s')).toBe('f\n')
  expect((await refused('ls nodrive:s', 2)).err).toContain('local:PATH')
  expect(await ok('ls local:s')).toBe('f\n')
  const mixed = await refused('put - s/f smh:t', 2)
  expect(mixed.err).toContain('"-" cannot be combined with other files')
  await ok('put - smh:t/in', 'in')
  expect((await refused('migrate ./s smh:t --requests-per-second shm=5', 2)).err).toContain('local and smh')
  await ok('migrate ./s smh:t --requests-per-second smh=500 --requests-per-second local=500')
  expect((await refused('migrate ./s smh:t --remove-root', 2)).err).toContain('Add --move')
  expect(await ok('drives --check')).toContain('ok')
})

test.each([
  ['cp -r', 's'],
  ['get', 's'],
  ['put', 's/inner'],
])(
  '%s of a directory with an entry that cannot be copied names the command that copies the rest',
  async (verb, top) => {
    await mkdir(here.path('s/inner'), { recursive: true })
    await writeFile(here.path('s/inner/f'), 'f')
    execFileSync('mkfifo', [here.path('s/inner/pipe')])
    const { err } = await refused(`${verb} ./${top} ./copy`, 1)
    expect(err).toContain('anydrive migrate')
    expect(err).not.toContain('the other way round')
    expect((await refused(`migrate ./${top} ./copy`, 1)).out).toMatch(/skipped .*pipe \(fifo\)/)
    expect(await ok(`find ./copy --name f`)).toContain('f')
  },
)

if (process.platform === 'linux')
  test.each(['/proc/self/status', '/proc/self/limits'])(
    '%s, which holds more than its size, is no matter of a URL',
    async (file) => {
      const { err } = await refused(`get ${file} -`, 1)
      expect(err).toContain('holds more than its size says')
      expect(err).not.toContain('URL')
    },
  )

test('a quota that is reached names what was not tried', async () => {
  for (let i = 0; i < 40; i += 1) await writeFile(here.path(`s/f${String(i).padStart(2, '0')}`), Buffer.alloc(500, i))
  const { out, err } = await here.do('migrate ./s smh-small:t --concurrency 1 --report r.html')
  expect(err).toContain('Make room in the space')
  const [, transferred = ''] = /^transferred: +(\d+) files/m.exec(out) ?? []
  const [, failed = ''] = /^failed: +(\d+)$/m.exec(out) ?? []
  const [, notTried = ''] = /^not tried: +(?:at least )?(\d+) files$/m.exec(out) ?? []
  expect(Number(transferred) + Number(failed) + Number(notTried)).toBe(40)
  expect(Number(notTried)).toBeGreaterThan(20)
  const page = await readFile(here.path('r.html'), 'utf8')
  expect(page).toContain(`${40 - Number(transferred)} items did not arrive`)
})
