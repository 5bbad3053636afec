// --report: the page of a migration, whatever became of it.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { desk, type Desk } from './command'

let here: Desk
beforeEach(async () => {
  here = await desk()
  for (const [path, text] of Object.entries({
    'a/one.txt': 'one',
    'a/d/<b>two.txt': 'two',
    'a/three': '3',
    'b/three': 'x',
  })) {
    await mkdir(dirname(join(here.dir, path)), { recursive: true })
    await writeFile(join(here.dir, path), text)
  }
})
afterEach(() => here.clear())

const page = (name: string): Promise<string> => readFile(join(here.dir, name), 'utf8')

test('the page names the ends, what failed and what to do, and no journal is left behind', async () => {
  expect(await here.do('migrate ./a ./b --report r.html')).toMatchObject({ code: 1 })
  const html = await page('r.html')
  expect(html).toMatch(/^<!doctype html>/i)
  expect(html).toContain('one.txt')
  expect(html).toContain('Run it again with --conflict rename, overwrite or skip')
  expect(html).not.toContain('<b>two.txt')
  expect((await readdir(here.dir)).sort()).toEqual(['a', 'b', 'r.html'])
})

test('of a migration that was gone on with it tells of all its runs', async () => {
  const stopped = await here.do('migrate ./a ./c --journal j.db --max-bytes 3 --concurrency 1 --report r.html')
  expect(stopped).toMatchObject({ code: 1 })
  expect(await page('r.html')).toContain('the next file would exceed the bytes allowed')
  expect(await here.do('migrate ./a ./c --journal j.db --resume --report r.html')).toMatchObject({ code: 0 })
  const html = await page('r.html')
  expect(html).not.toContain('the next file would exceed')
  for (const name of ['one.txt', 'two.txt', 'three']) expect(html).toContain(name)
})

test('a page without a place is refused before anything is done', async () => {
  const refused = await here.do('migrate ./a ./c --report no/such/r.html')
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('no/such does not exist') as string })
  expect((await readdir(here.dir)).sort()).toEqual(['a', 'b'])
})
