// A plan: shown, written, edited, carried out between the vendors, and refused where it no longer holds.
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { readFile, writeFile } from 'node:fs/promises'
import { desk, type Desk } from './command'

let here: Desk
let smh: Emulator
let koo: Emulator
beforeEach(async () => {
  here = await desk()
  smh = await startTencentSmh({ seed: 7 })
  koo = await startKooDrive({ seed: 7 })
  await here.configure({ ...smh.configuration, ...koo.configuration })
  for (const [path, text] of [
    ['a/one.txt', 'one'],
    ['a/d/two.txt', 'two'],
    ['a/three.txt', 'three'],
  ] as const)
    expect(await here.do(`put - smh:${path}`, { stdin: text })).toMatchObject({ code: 0 })
})
afterEach(async () => {
  await smh.close()
  await koo.close()
  await here.clear()
})

const lines = async (): Promise<Array<string>> => (await readFile(here.path('p.jsonl'), 'utf8')).trimEnd().split('\n')

test('is shown, and nothing is done', async () => {
  const before = koo.requests.count()
  const shown = await here.do('migrate smh:a koo:b --plan --requests-per-second koo=5')
  expect(shown).toMatchObject({ code: 0 })
  expect(shown.out).toMatch(/to transfer +3 files, 11 B/)
  expect(shown.out).toContain('anydrive migrate --apply plan.jsonl')
  expect(koo.requests.count()).toBeGreaterThan(before)
  expect((await here.do('migrate --plan smh:a koo:b')).out).toMatch(/to transfer +3 files, 11 B/)
  expect(await here.do('ls koo:b')).toMatchObject({ code: 4 })
  const summary = JSON.parse((await here.do('migrate smh:a koo:b --dry-run --json')).out) as object
  expect(summary).toMatchObject({ conflict: 'ask', names: 'refuse' })
})

test('is written, edited and carried out, once', async () => {
  expect(await here.do('migrate smh:a koo:b --plan p.jsonl')).toMatchObject({ code: 0 })
  const edited = (await lines())
    .filter((line) => !line.includes('three.txt'))
    .map((line) => line.replace('"to":"/b/one.txt"', '"to":"/b/first.txt"'))
  await writeFile(here.path('p.jsonl'), `${edited.join('\n')}\n`)
  const applied = await here.do('migrate --apply p.jsonl --journal j.db --report r.html')
  expect(applied).toMatchObject({ code: 0 })
  expect(applied.out).toMatch(/transferred: +2 files/)
  const tree = (await here.do('tree koo:b')).out
  const places = ['d', 'two.txt', 'first.txt'].map((name) => tree.indexOf(name))
  expect(places).not.toContain(-1)
  expect(places).toEqual([...places].sort((a, b) => a - b))
  expect(await here.do('stat koo:b/three.txt')).toMatchObject({ code: 4 })
  expect(await readFile(here.path('r.html'), 'utf8')).toContain('two.txt')
  const sent = koo.requests.count()
  expect(await here.do('migrate smh:a koo:b --apply p.jsonl --journal j.db --resume')).toMatchObject({ code: 0 })
  expect(koo.requests.count() - sent).toBeLessThan(10)
  await writeFile(here.path('p.jsonl'), `${(await lines()).slice(0, -1).join('\n')}\n`)
  const other = await here.do('migrate smh:a koo:b --apply p.jsonl --journal j.db --resume')
  expect(other).toMatchObject({ code: 2, err: expect.stringContaining('another migration') as string })
})

test('refuses what has changed, and carries the rest', async () => {
  expect(await here.do('migrate smh:a koo:b --plan p.jsonl')).toMatchObject({ code: 0 })
  await here.do('put - smh:a/one.txt --conflict overwrite', { stdin: 'another one' })
  await here.do('put - koo:b/three.txt', { stdin: 'somebody else’s' })
  const applied = await here.do('migrate smh:a koo:b --apply p.jsonl')
  expect(applied).toMatchObject({ code: 1 })
  expect(applied.out).toMatch(/transferred: +1 file/)
  expect(applied.err).toContain('/a/one.txt has changed')
  expect((await here.do('cat koo:b/three.txt')).out).toBe('somebody else’s')
  expect(await here.do('stat koo:b/one.txt')).toMatchObject({ code: 4 })
})

test('that is damaged, or of other places, is refused before anything is done', async () => {
  expect(await here.do('migrate smh:a koo:b --plan p.jsonl')).toMatchObject({ code: 0 })
  expect(await here.do('migrate smh:a koo:c --apply p.jsonl')).toMatchObject({ code: 2 })
  await writeFile(here.path('p.jsonl'), `${(await lines()).join('\n')}\n{"do":"destroy"}\n`)
  const damaged = await here.do('migrate smh:a koo:b --apply p.jsonl')
  expect(damaged).toMatchObject({ code: 2, err: expect.stringMatching(/p\.jsonl.*6/) as string })
  expect(await here.do('migrate smh:a koo:b --apply none.jsonl')).toMatchObject({ code: 2 })
  expect(await here.do('migrate --apply none.jsonl')).toMatchObject({ code: 2 })
  expect(await here.do('ls koo:b')).toMatchObject({ code: 4 })
})
