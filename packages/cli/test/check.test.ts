// check: what it tells of two trees, and how names that were encoded on their way are read.
import type { Naming } from '@anydrive/core'
import { nameFault } from '@anydrive/core/adapter'
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { capabilities as koodrive } from '@anydrive/koodrive'
import { encoder, namesFor } from '@anydrive/migrate'
import { capabilities as tencentSmh } from '@anydrive/tencent-smh'
import * as E from 'fp-ts/Either'
import fc from 'fast-check'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { desk, type Desk } from './command'

let smh: Emulator
let koo: Emulator
let here: Desk

beforeAll(async () => {
  smh = await startTencentSmh({
    strict: true,
    config: { libraries: [{ id: 'lib1', secret: 's3cret', spaces: [{ id: 'one' }, { id: 'two' }] }] },
  })
  koo = await startKooDrive({ strict: true, config: { behaviour: { jobLife: { kind: 'at-once' } } } })
})
afterAll(async () => {
  await smh.close()
  await koo.close()
})
beforeEach(async () => {
  here = await desk()
  await here.configure({ ...smh.configuration, ...koo.configuration })
  await mkdir(here.path('src/d'), { recursive: true })
})
afterEach(async () => {
  for (const name of ['smh', 'smh-two', 'koo']) await here.do(`rm ${name}:t -r -f --permanent`)
  await here.clear()
})

const ok = async (line: string): Promise<string> => {
  const { code, out, err } = await here.do(line)
  expect({ line, code, err: code === 0 ? '' : err }).toEqual({ line, code: 0, err: '' })
  return out
}
const put = (name: string, text: string) => writeFile(here.path(`src/${name}`), text)

test('a file that bears another name in the target is renamed, where both report its checksum', async () => {
  await put('d/f.txt', 'content')
  await put('same', 's')
  for (const space of ['smh', 'smh-two']) await ok(`migrate ./src ${space}:t`)
  await ok('mv smh-two:t/d/f.txt smh-two:t/g.txt')
  const { code, out, err } = await here.do('check smh:t smh-two:t')
  expect([code, out]).toEqual([1, 'renamed    /d/f.txt → /g.txt  (crc64xz)\n'])
  expect(err).toContain('1 file the same (1 by crc64xz), 0 missing, 0 extra, 0 different, 1 renamed\n')
  const lines = (await here.do('check smh:t smh-two:t --json')).out.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { status: 'renamed', path: 'd/f.txt', to: 'g.txt', by: 'crc64xz', a: { size: 7 }, b: { size: 7 } },
  ])
  await ok('mv smh-two:t/g.txt smh-two:t/d/f.txt')
  expect(await ok('check smh:t smh-two:t')).toBe('')
})

test('--one-way leaves out what is extra, --size-only what is of one size, --download reads', async () => {
  await put('f', 'one')
  await put('g', '1')
  await ok('migrate ./src smh:t')
  await put('f', 'two')
  await writeFile(here.path('more'), 'm')
  await ok('put more smh:t/more')
  const extra = 'extra      /more\n'
  expect(await here.do('check ./src smh:t --size-only')).toMatchObject({ code: 1, out: extra })
  expect(await ok('check ./src smh:t --size-only --one-way')).toBe('')
  for (const how of ['--download', '--content'])
    expect(await here.do(`check ./src smh:t ${how}`)).toMatchObject({
      code: 1,
      out: `different  /f  (content)\n${extra}`,
    })
  expect(await here.do('check ./src smh:t --size-only --content')).toMatchObject({ code: 2 })
})

test('--combined writes every file with its sign, to a file or to stdout', async () => {
  for (const name of ['same', 'gone', 'd/changed', 'd/moved']) await put(name, name)
  for (const space of ['smh', 'smh-two']) await ok(`migrate ./src ${space}:t`)
  await ok('rm smh-two:t/gone')
  await ok('mv smh-two:t/d/moved smh-two:t/d/new')
  await writeFile(here.path('other'), 'other')
  for (const name of ['d/changed', 'more']) await ok(`put other smh-two:t/${name} --conflict overwrite`)
  const signs = ['= same', '* d/changed', '+ d/moved', '- d/new', '+ gone', '- more']
  const differences =
    'different  /d/changed  (size: 9 B, 5 B)\nrenamed    /d/moved → /d/new  (crc64xz)\nmissing    /gone\nextra      /more\n'
  expect(await here.do('check smh:t smh-two:t --combined all.txt')).toMatchObject({ code: 1, out: differences })
  expect((await readFile(here.path('all.txt'), 'utf8')).trim().split('\n').sort()).toEqual([...signs].sort())
  const { out } = await here.do('check smh:t smh-two:t --combined -')
  expect(out.trim().split('\n').sort()).toEqual([...signs].sort())
  expect(await here.do('check smh:t smh-two:t --combined no/where')).toMatchObject({ code: 2 })
})

test('names encoded on their way there are decoded on the way back, and check reads both', async () => {
  for (const name of ['a:b', 'why?', '文件（1）：终稿', 'it‛s', 'd/x|y']) await put(name, name)
  await rename(here.path('src/d'), here.path('src/d<1>'))
  for (const copy of ['smh:t', 'koo:t']) {
    await ok(`migrate ./src ${copy} --names encode`)
    expect((await here.do(`check ./src ${copy} --content`)).code).toBe(1)
    expect(await ok(`check ./src ${copy} --content --names encode`)).toBe('')
    expect(await ok(`ls ${copy}`)).toContain('文件（1）：终稿\n')
    const back = `./back-${copy.slice(0, 3)}`
    await ok(`migrate ${copy} ${back} --names decode`)
    expect(await ok(`check ./src ${back} --content`)).toBe('')
    expect(await ok(`check ${copy} ${back} --content --names decode`)).toBe('')
  }
  await ok('migrate ./src koo:t/replaced --names replace')
  expect(await ok('check ./src koo:t/replaced --content --names replace')).toBe('')
  await put('new?', '1')
  const { out } = await here.do('check ./src koo:t/replaced --names replace')
  expect(out).toBe('missing    /new?\n')
})

test('by the rules of both vendors whatever is encoded or replaced is taken, and decoded is what it was', () => {
  const characters = Array.from('ab. ~_:/\\?*"<>|\n\u007f：？．‛␊003AFé\u0301漢😀').concat('\ud83d')
  const name = fc.array(fc.constantFrom(...characters), { minLength: 1, maxLength: 200 }).map((all) => all.join(''))
  const rules: ReadonlyArray<Naming> = [
    koodrive({ baseUrl: 'http://localhost', nameLimit: 80 } as Parameters<typeof koodrive>[0]).naming,
    tencentSmh({} as Parameters<typeof tencentSmh>[0]).naming,
  ]
  fc.assert(
    fc.property(fc.constantFrom(...rules), name, (naming, text) => {
      const { encode, decode } = encoder(naming)
      const encoded = encode(text)
      if (E.isRight(encoded))
        expect([decode(encoded.right), nameFault(naming, encoded.right)]).toEqual([text, undefined])
      else expect(encoded.left._tag === 'LimitExceeded' || /[/]|^\.\.?$/.test(text)).toBe(true)
      const replaced = namesFor('replace', naming).toDestination(text)
      if (E.isLeft(replaced)) throw new Error(JSON.stringify(replaced.left))
      expect(nameFault(naming, replaced.right)).toBeUndefined()
    }),
    { numRuns: 1000 },
  )
})
