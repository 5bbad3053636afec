// What cannot be transferred never counts as fine: names that no path can hold, links, temporaries, unreadable directories.
import { startTencentSmh, type Emulator } from '@anydrive/emulators'
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { desk, type Desk } from './command'

let smh: Emulator
let here: Desk
beforeAll(async () => {
  smh = await startTencentSmh({ seed: 3 })
})
afterAll(() => smh.close())
beforeEach(async () => {
  here = await desk()
  await here.configure(smh.configuration)
  await mkdir(here.path('s/sub'), { recursive: true })
  await writeFile(here.path('s/a'), 'a')
  await writeFile(here.path('s/sub/b'), 'b')
})
afterEach(async () => {
  await here.do('rm smh:t smh:got -r -f --permanent')
  await here.clear()
})

const plants: ReadonlyArray<[what: string, plant: (dir: string) => Promise<void>, shown: RegExp]> = [
  [
    'a name that is not UTF-8',
    async (dir) => {
      await writeFile(join(dir, 'x'), 'x')
      await rename(join(dir, 'x'), Buffer.concat([Buffer.from(`${dir}/bad`), Buffer.from([0xff, 0xfe])]))
    },
    /bad.*no path can hold/,
  ],
  ['a link', (dir) => symlink('a', join(dir, 'link')), /link.*symlink/],
  ['a link to nowhere', (dir) => symlink('/no/where', join(dir, 'dangling')), /dangling.*symlink/],
  [
    'a temporary of anydrive',
    (dir) => writeFile(join(dir, 'mine.anydrive-012345222451'), 'mine'),
    /mine\.anydrive-012345222451.*temporary file of anydrive/,
  ],
]

describe.each(plants)('%s', (_what, plant, shown) => {
  beforeEach(() => plant(here.path('s/sub')))

  test('is listed', async () => {
    for (const line of ['ls ./s/sub', 'tree ./s']) {
      const listed = await here.do(line)
      expect(listed.out).toMatch(shown)
      expect(listed.code).toBe(listed.out.includes('(skipped') ? 1 : 0)
    }
  })

  test('makes put, cp and migrate end with 1, and is named', async () => {
    for (const line of ['put ./s smh:t', 'cp -r ./s smh:t/c', 'migrate ./s smh:t/m']) {
      const ended = await here.do(line)
      expect({ line, code: ended.code }).toEqual({ line, code: 1 })
      expect(ended.err + ended.out).toMatch(shown)
      expect((await here.do(`cat ${line.split(' ').at(-1) ?? ''}/sub/b`)).out).toBe('b')
    }
  })

  test('is a difference for check, which does not claim that nothing is missing', async () => {
    await here.do('migrate ./s smh:t')
    for (const options of ['', ' --content', ' --one-way', ' --size-only']) {
      const checked = await here.do(`check ./s smh:t${options}`)
      expect(checked.code).toBe(1)
      expect(checked.out).not.toBe('')
      expect(checked.err).not.toMatch(/, 0 missing/)
    }
  })

  test('counts on both sides', async () => {
    await mkdir(here.path('t/sub'), { recursive: true })
    await writeFile(here.path('t/a'), 'a')
    await writeFile(here.path('t/sub/b'), 'b')
    await plant(here.path('t/sub'))
    const checked = await here.do('check ./s ./t --content')
    expect(checked).toMatchObject({ code: 1 })
    expect(checked.out).toMatch(/^skipped /m)
    expect(checked.err).toContain('at least 0 missing')
    // In the target only, and asked for one way, it is no difference.
    expect((await here.do('check ./empty ./t/sub --one-way')).code).toBe(4)
    await mkdir(here.path('less/sub'), { recursive: true })
    expect(await here.do('check ./less ./t --one-way')).toMatchObject({ code: 0, out: '' })
  })
})

test('a file of the user that is only named like a temporary is a file like any other', async () => {
  const names = ['.anydrive-0123456789ab', 'b.anydrive-0123456789ab', 'c.anydrive-FFFFFFFFFFFF', 'd.anydrive-00']
  for (const name of names) await writeFile(here.path(`s/sub/${name}`), name)
  expect((await here.do('ls ./s/sub')).out).toContain('b.anydrive-0123456789ab')
  expect(await here.do('migrate ./s smh:t --move')).toMatchObject({ code: 0 })
  expect(await here.do('get smh:t ./got')).toMatchObject({ code: 0, err: '' })
  for (const name of names) expect(await readFile(here.path(`got/sub/${name}`), 'utf8')).toBe(name)
  expect(await here.do('cleanup -r ./got')).toMatchObject({ code: 0 })
  expect(await here.do('check ./got smh:t --content')).toMatchObject({ code: 0 })
})

test('what the user excludes does not count', async () => {
  await symlink('a', here.path('s/link'))
  expect(await here.do('migrate ./s smh:t --exclude link')).toMatchObject({ code: 0 })
  expect(await here.do('check ./s smh:t --exclude link')).toMatchObject({ code: 0, out: '' })
})

test('--json lists a skipped name as such, and --combined marks it', async () => {
  await rename(here.path('s/a'), Buffer.concat([Buffer.from(`${here.dir}/s/no`), Buffer.from([0xe9])]))
  const listed = await here.do('ls ./s --json')
  expect(
    listed.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toContainEqual({
    kind: 'skipped',
    name: 'no\ufffd',
    reason: 'no path can hold this name',
  })
  const combined = await here.do('check ./s ./s --combined -')
  expect(combined.out.split('\n').filter((line) => line.startsWith('!'))).toEqual(['! no\ufffd', '! no\ufffd'])
})

test('a link to a directory that is named itself is followed, and one below it is not', async () => {
  await symlink('s', here.path('way'))
  await symlink('s', here.path('t'))
  expect(await here.do('migrate ./way smh:t')).toMatchObject({ code: 0 })
  expect(await here.do('check ./way smh:t')).toMatchObject({ code: 0 })
  expect((await here.do('size ./way')).out).toMatch(/files +2\n/)
  expect((await here.do('ls ./way')).out).toBe('a\nsub/\n')
  await writeFile(here.path('s/extra'), 'extra')
  expect(await here.do('sync smh:t ./t')).toMatchObject({ code: 0 })
  expect((await readdir(here.path('s'))).sort()).toEqual(['a', 'sub'])
  await symlink('sub', here.path('s/below'))
  const ran = await here.do('migrate ./way smh:got')
  expect(ran).toMatchObject({ code: 1 })
  expect(ran.out).toContain('s/below (symlink)')
  // What removes an entry means the link.
  expect(await here.do('rm ./way')).toMatchObject({ code: 0 })
  expect((await readdir(here.path('s'))).sort()).toEqual(['a', 'below', 'sub'])
})
