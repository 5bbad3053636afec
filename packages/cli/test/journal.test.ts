// Migrations with a journal: killed at any moment and resumed, between the two vendors, while the services fail.
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { spawn, spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { desk, type Desk } from './command'

const bin = join(__dirname, '..', 'bin', 'anydrive.js')
const faults = 'lost=0.01,cut=0.01,5xx=0.01,5xx-late=0.01,429=0.01'
const isSample = process.env['ANYDRIVE_SAMPLE'] !== undefined
/** `npm run torture` asks for more. */
const total = Number(process.env['TORTURE_FILES'] ?? (isSample ? 60 : 160))
const kills = Number(process.env['TORTURE_KILLS'] ?? (isSample ? 1 : 4))
const standing = 20

let smh: Emulator
let koo: Emulator
let here: Desk
beforeEach(async () => {
  here = await desk()
  smh = await startTencentSmh({ seed: 5 })
  koo = await startKooDrive({ seed: 5, config: { behaviour: { jobLife: { kind: 'at-once' }, uploadLifeMs: 60_000 } } })
  await here.configure({ ...smh.configuration, ...koo.configuration })
})
afterEach(async () => {
  await smh.close()
  await koo.close()
  await here.clear()
})

const ok = async (line: string): Promise<string> => {
  const { code, out, err } = await here.do(line)
  expect({ line, code, said: code === 0 ? '' : out + err }).toEqual({ line, code: 0, said: '' })
  return out
}

/** A program of pseudo-random numbers from 0 to 1. */
const random = (seed: number) => () => {
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed / 2147483648
}

/** As a process of its own; killed once `dies` holds. Answers its exit code, undefined of one that was killed. */
const carried = (
  line: string,
  dies: () => boolean,
): Promise<{ readonly code: number | undefined; readonly err: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...line.split(' ')], {
      cwd: here.dir,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const timer = setInterval(() => {
      if (dies()) child.kill('SIGKILL')
    }, 3)
    child.once('close', (code) => {
      clearInterval(timer)
      resolve({ code: code ?? undefined, err })
    })
  })

interface Standing {
  readonly path: string
  readonly version?: string
}
const versions = async (place: string): Promise<ReadonlyMap<string, string | undefined>> => {
  const { out } = await here.do(`tree ${place} --json`)
  return new Map(
    out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Standing)
      .map(({ path, version }) => [path, version]),
  )
}

const contentsOf = async (dir: string): Promise<Array<string>> => {
  const all = await readdir(here.path(dir), { recursive: true, withFileTypes: true })
  const files = all.filter((entry) => entry.isFile())
  return (await Promise.all(files.map((f) => readFile(join(f.parentPath, f.name), 'utf8')))).sort()
}

/** Files of their own content, some of the same size; of the target, some of the same names. */
const fill = async (): Promise<void> => {
  for (let i = 0; i < total; i++) {
    const dir = here.path(`src/d${i % 7}/e${i % 3}`)
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, `f${i}.txt`), `new ${String(i).padStart(4, '0')}${'.'.repeat((i % 5) * 100)}`)
    if (i >= standing) continue
    await mkdir(dir.replace('src', 'old'), { recursive: true })
    await writeFile(join(dir.replace('src', 'old'), `f${i}.txt`), `old ${i}`)
  }
}

test.each([
  ['smh', 'koo', 'rename', 1],
  ['koo', 'smh', 'overwrite', 2],
] as const)(
  'from %s to %s under %s: nothing is lost, stands twice or is sent again',
  async (from, to, conflict, seed) => {
    const next = random(seed)
    const target = to === 'smh' ? smh : koo
    await fill()
    await ok(`migrate ./src ${from}:src`)
    await ok(`migrate ./old ${to}:dst`)
    const old = await versions(`${to}:dst`)
    const line = `migrate ${from}:src ${to}:dst --conflict ${conflict} --journal j.db`
    let before = new Map<string, string | undefined>()
    let died = 0
    for (let n = 0; n < kills * 3 && died < kills; n++) {
      for (const { faults: control } of [smh, koo]) control.set(faults)
      const begun = target.requests.count()
      const most = Math.floor((next() * total * 2) / kills) + 1
      const { code } = await carried(n === 0 ? line : `${line} --resume`, () => target.requests.count() - begun >= most)
      for (const { faults: control } of [smh, koo]) control.clear()
      if (code === undefined) died += 1
      const after = await versions(`${to}:dst`)
      for (const [path, version] of before)
        if (conflict === 'rename' || after.get(path) !== undefined)
          expect([path, after.get(path)]).toEqual([path, version])
      expect(after.size).toBeGreaterThan(0)
      before = new Map([...after].filter(([path, version]) => conflict === 'rename' || old.get(path) !== version))
    }
    expect(died).toBe(kills)
    for (const { faults: control } of [smh, koo]) control.set(faults)
    const last = await carried(`${line} --resume`, () => false)
    for (const { faults: control } of [smh, koo]) control.clear()
    expect([0, 1]).toContain(last.code)
    await ok(`${line} --retry-failed`)
    expect(JSON.parse(await ok('migrate --status --journal j.db --json'))).toMatchObject({
      state: 'complete',
      carried: total,
      claimed: 0,
      failures: 0,
    })
    await ok(`migrate ${to}:dst ./out`)
    const [source, stood] = [await contentsOf('src'), await contentsOf('old')]
    expect(await contentsOf('out')).toEqual(conflict === 'rename' ? [...source, ...stood].sort() : source)
    const sent = target.requests.count()
    await ok(`${line} --resume`)
    expect(target.requests.count() - sent).toBeLessThan(10)
  },
  600_000 + kills * 10_000,
)

test('a journal that stands is continued only with --resume, by the same migration, and needs one to continue', async () => {
  await fill()
  expect(await here.do('migrate ./old ./dst --resume')).toMatchObject({ code: 2 })
  expect(await here.do('migrate ./old ./dst --journal j.db --resume')).toMatchObject({ code: 2 })
  await ok('migrate ./old ./dst --journal j.db')
  const again = await here.do('migrate ./old ./dst --journal j.db')
  expect(again.code).toBe(2)
  expect(again.err).toContain('--resume')
  const other = await here.do('migrate ./old ./elsewhere --journal j.db --resume')
  expect(other.code).toBe(2)
  expect(other.err).toContain('another migration')
  await rm(here.path('dst'), { recursive: true })
  expect(await ok('migrate ./old ./dst --journal j.db --resume')).toContain(`${standing} files`)
  expect(await here.do('ls ./dst')).toMatchObject({ code: 4 })
  expect(await ok('migrate --status --journal j.db')).toMatch(/state +complete\n/)
  expect(await here.do('migrate --status')).toMatchObject({ code: 2 })
  expect(await here.do('migrate --status --journal none.db')).toMatchObject({ code: 2 })
})

test('a journal that is damaged, or has no place, is refused with what to do, and stays as it is', async () => {
  await fill()
  await writeFile(here.path('j.db'), 'this was a journal once, before the disk broke'.repeat(100))
  const damaged = await here.do('migrate ./old ./dst --journal j.db --resume')
  expect(damaged.code).toBe(2)
  expect(damaged.err).toContain('j.db cannot be checked, because')
  expect(damaged.err).toContain('start again with another --journal FILE')
  expect(await readFile(here.path('j.db'), 'utf8')).toContain('this was a journal once')
  const nowhere = await here.do('migrate ./old ./dst --journal no/such/j.db')
  expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('no/such does not exist') as string })
  expect(await here.do('ls ./dst')).toMatchObject({ code: 4 })
})

test('an interrupted migration says how to go on, and a running one shows how far it is', async () => {
  await fill()
  const stop = new AbortController()
  const ended = here.do('migrate ./src smh:src --journal j.db', { signal: stop.signal })
  while (smh.requests.count() < 60) await new Promise((resolve) => setTimeout(resolve, 1))
  const running = JSON.parse(await ok('migrate --status --journal j.db --json')) as { state: string; carried: number }
  expect(running.state).toBe('running')
  expect(await here.do('migrate ./src smh:src --journal j.db --resume')).toMatchObject({ code: 2 })
  stop.abort()
  const { code, err } = await ended
  expect(code).toBe(130)
  expect(err).toContain('--journal j.db --resume')
  expect(JSON.parse(await ok('migrate --status --journal j.db --json'))).toMatchObject({ state: 'stopped' })
  const resumed = await ok('migrate ./src smh:src --journal j.db --resume')
  // The duration is given with what this run transferred, and not with all.
  const [, inThisRun = ''] =
    new RegExp(`^transferred: +${total} files, .*; in this run (\\d+) files?, .*, in `).exec(resumed) ?? []
  expect(Number(inThisRun)).toBeGreaterThan(0)
  expect(Number(inThisRun)).toBeLessThan(total)
  expect(await ok('check ./src smh:src --content')).toBe('')
})

test('a disk that is full ends the migration; with room again it goes on', async () => {
  await fill()
  // No file may grow beyond 32 KiB: the source's are smaller, the journal is not.
  const limited = `ulimit -f 64; exec "$0" "$@"`
  const argv = [bin, 'migrate', './src', './dst', '--journal', 'j.db']
  const { status, stderr } = spawnSync('sh', ['-c', limited, process.execPath, ...argv], {
    cwd: here.dir,
    encoding: 'utf8',
  })
  expect(status).toBe(1)
  expect(stderr).toContain('j.db cannot be written')
  expect(await ok('migrate ./src ./dst --journal j.db --resume')).toContain(`${total} files`)
  expect(await ok('check ./src ./dst --content')).toBe('')
})
