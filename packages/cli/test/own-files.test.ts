// The files that a migration keeps itself: refused in time, never data, and never in place of something else.
import { execFileSync } from 'node:child_process'
import { lstat, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { desk, type Desk } from './command'

let here: Desk
beforeEach(async () => {
  here = await desk()
  await mkdir(here.path('s'))
  await writeFile(here.path('s/a'), 'a')
})
afterEach(() => here.clear())

const below = async (dir: string): Promise<ReadonlyArray<string>> => (await readdir(here.path(dir))).sort()

test.each([
  ['--report', 'no/r.html'],
  ['--journal', 'no/j.db'],
  ['--plan', 'no/p.jsonl'],
  ['--report', '/proc/r.html'],
  ['--journal', '/proc/j.db'],
  ['--plan', '/proc/p.jsonl'],
  ['--report', 'file/r.html'],
  ['--journal', 'file/j.db'],
  ['--plan', 'file/p.jsonl'],
  ['--report', 'dir'],
  ['--journal', 'dir'],
  ['--plan', 'dir'],
  ['--report', 'fifo'],
  ['--journal', 'fifo'],
  ['--plan', 'fifo'],
  ['--report', 'link-to-fifo'],
  ['--journal', 'link-to-fifo'],
  ['--plan', 'link-to-fifo'],
  ['--report', 'file'],
  ['--journal', 'file'],
  ['--plan', 'file'],
])('%s %s is refused before anything is sent, and nothing is changed', async (option, value) => {
  await writeFile(here.path('file'), 'mine')
  await mkdir(here.path('dir'))
  execFileSync('mkfifo', [here.path('fifo')])
  await symlink('fifo', here.path('link-to-fifo'))
  const before = await below('.')
  const refused = await here.do(`migrate ./s ./d ${option} ${value}`)
  expect([1, 2]).toContain(refused.code)
  expect(refused.err).toMatch(/^anydrive: .*\n {2}.*--(journal|plan|report) FILE/)
  expect(refused.err).not.toContain('backup')
  expect(await below('.')).toEqual(before)
  expect(await readFile(here.path('file'), 'utf8')).toBe('mine')
  expect((await lstat(here.path('fifo'))).isFIFO()).toBe(true)
})

test('a journal that is no file is refused with --resume as well', async () => {
  execFileSync('mkfifo', [here.path('fifo')])
  await mkdir(here.path('dir'))
  for (const place of ['fifo', 'dir', '/dev/null'])
    expect(await here.do(`migrate ./s ./d --journal ${place} --resume`)).toMatchObject({ code: 2 })
})

test.each([
  ['as named', './s', 's'],
  ['through a link to the directory', './s', 'link'],
  ['of a configured drive', 'disk:', 's'],
  ['of a configured drive, through a link', 'disk:', 'link'],
])('below the source they are not transferred: %s', async (_what, source, dir) => {
  await symlink('s', here.path('link'))
  await here.configure({ disk: { type: 'local', root: here.path('s') } })
  await writeFile(here.path('s/j.db-notes'), 'mine')
  const options = `--journal ${dir}/j.db --report ${dir}/r.html`
  expect(await here.do(`migrate ${source} ./d ${options}`)).toMatchObject({ code: 0 })
  expect(await below('d')).toEqual(['a', 'j.db-notes'])
  await writeFile(here.path('s/b'), 'b')
  expect(await here.do(`migrate ${source} ./d ${options} --resume`)).toMatchObject({ code: 0 })
  expect(await below('d')).toEqual(['a', 'b', 'j.db-notes'])
  expect(await here.do(`migrate ${source} ./e --plan ${dir}/p.jsonl --journal ${dir}/j.db`)).toMatchObject({ code: 0 })
  const plan = await readFile(here.path('s/p.jsonl'), 'utf8')
  expect(plan).not.toMatch(/j\.db"|j\.db-lock|p\.jsonl/)
  expect(plan).toContain('j.db-notes')
})

test('a report replaces only a report, and follows links', async () => {
  await writeFile(here.path('page.html'), '<!doctype html>mine')
  expect(await here.do('migrate ./s ./d --report page.html')).toMatchObject({ code: 2 })
  expect(await readFile(here.path('page.html'), 'utf8')).toBe('<!doctype html>mine')
  await mkdir(here.path('pages'))
  await symlink('pages/r.html', here.path('r.html'))
  for (const target of ['./d1', './d2'])
    expect(await here.do(`migrate ./s ${target} --report r.html`)).toMatchObject({ code: 0 })
  expect((await lstat(here.path('r.html'))).isSymbolicLink()).toBe(true)
  expect(await readFile(join(here.dir, 'pages/r.html'), 'utf8')).toContain('/d2')
})

describe('--apply beside --dry-run or --plan', () => {
  test('shows the plan of the file, and changes nothing', async () => {
    await writeFile(here.path('s/b'), 'bb')
    expect(await here.do('migrate ./s ./d --plan p.jsonl')).toMatchObject({ code: 0 })
    const text = await readFile(here.path('p.jsonl'), 'utf8')
    await writeFile(
      here.path('p.jsonl'),
      text
        .split('\n')
        .filter((line) => !line.includes('/s/b"'))
        .join('\n'),
    )
    for (const how of ['--dry-run', '--plan']) {
      const shown = await here.do(`migrate --apply p.jsonl ${how}`)
      expect(shown).toMatchObject({ code: 0 })
      expect(shown.out).toMatch(/2 entries, 1 B to transfer/)
      expect(shown.out).toMatch(/1 +files to copy/)
    }
    const json = await here.do('migrate --apply p.jsonl --dry-run --json')
    expect(JSON.parse(json.out)).toMatchObject({ entries: 2, bytes: 1, actions: { mkdir: 1, copy: 1 } })
    expect(await here.do('migrate --apply p.jsonl --plan copy.jsonl')).toMatchObject({ code: 0 })
    expect(await below('.')).not.toContain('d')
    expect(await here.do('migrate --apply copy.jsonl')).toMatchObject({ code: 0 })
    expect(await below('d')).toEqual(['a'])
  })

  test('a file that is no plan is refused, and not ignored', async () => {
    await writeFile(here.path('no.jsonl'), '{}\n')
    for (const how of ['--dry-run', '--plan', '--plan other.jsonl'])
      expect(await here.do(`migrate ./s ./d --apply no.jsonl ${how}`)).toMatchObject({ code: 2 })
    expect(await here.do('migrate ./s ./d --apply none.jsonl --dry-run')).toMatchObject({ code: 2 })
  })
})

test('the log and the list of a comparison are no data, even within the trees that they are about', async () => {
  await mkdir(here.path('d'))
  expect(await here.do('migrate ./s ./d --log-file s/log.json')).toMatchObject({ code: 0 })
  expect([await below('s'), await below('d')]).toEqual([['a', 'log.json'], ['a']])
  expect(await here.do('check ./s ./d --combined d/list.txt --log-file s/log.json')).toMatchObject({ code: 0 })
  expect(await readFile(here.path('d/list.txt'), 'utf8')).toBe('= a\n')
  expect(await here.do('check ./s ./d')).toMatchObject({ code: 1 })
  expect(await here.do('sync ./s ./d --log-file d/log.json --exclude log.json --exclude list.txt')).toMatchObject({
    code: 0,
  })
  expect(await below('d')).toEqual(['a', 'list.txt', 'log.json'])
})
