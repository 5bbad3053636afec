// The command sync: between directories of this machine, and to the emulators of both services.
import type { DrivePath } from '@anydrive/core'
import { temporaryName } from '@anydrive/core/adapter'
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { desk, type Desk } from './command'

let here: Desk
beforeEach(async () => {
  here = await desk()
})
afterEach(() => here.clear())

const old = '2020-01-01T00:00:00.250Z'
const put = async (path: string, text: string, when = old): Promise<void> => {
  await mkdir(join(here.dir, path, '..'), { recursive: true })
  await writeFile(here.path(path), text)
  await utimes(here.path(path), new Date(when), new Date(when))
}
/** Every path below a directory with its text; directories end with a slash. */
const tree = async (dir: string): Promise<Record<string, string>> => {
  const found: Record<string, string> = {}
  for (const entry of await readdir(here.path(dir), { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(here.path(dir).length + 1)
    if (entry.isDirectory()) found[`${name}/`] = ''
    else found[name] = entry.isSymbolicLink() ? 'a link' : await readFile(path, 'utf8')
  }
  return found
}
const summary = async (line: string) => {
  const { code, out, err } = await here.do(`${line} --json`)
  const last: unknown = JSON.parse(out.trim().split('\n').at(-1) ?? '')
  return { code, err, ...(last as { readonly files: number; readonly skipped: number }) }
}

const fill = async (): Promise<void> => {
  await put('a/equal', 'equal')
  await put('a/edited', 'after!')
  await put('a/d/new', 'new')
  await mkdir(here.path('a/empty'))
  await put('b/equal', 'equal')
  await put('b/edited', 'before', '2021-01-01T00:00:00.250Z')
  await put('b/d/extra', 'extra')
  await put('b/x/y/z', 'extra')
}

describe('between two directories', () => {
  beforeEach(fill)

  test('the target becomes equal, and the second time nothing is changed', async () => {
    const ran = await here.do('sync ./a ./b')
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.out).toMatch(/removed: +4 entries at the target/)
    expect(await tree('b')).toEqual(await tree('a'))
    const before = await stat(here.path('b'))
    expect(await summary('sync ./a ./b')).toMatchObject({
      code: 0,
      files: 0,
      skipped: 3,
      extra: { found: 0, removed: 0 },
    })
    expect((await stat(here.path('b'))).mtimeMs).toBe(before.mtimeMs)
    expect(await here.do('check ./a ./b --content')).toMatchObject({ code: 0 })
  })

  test.each(['size', 'time', 'checksum', 'content'])('--compare %s', async (compare) => {
    await put('b/edited', 'before', compare === 'time' ? '2022-01-01T00:00:00.000Z' : old)
    expect(await summary(`sync ./a ./b --compare ${compare}`)).toMatchObject({
      ...{ code: 0, files: compare === 'size' ? 1 : 2, extra: { removed: 4 } },
    })
    expect((await tree('b'))['edited']).toBe(compare === 'size' ? 'before' : 'after!')
  })

  test('--dry-run and --plan change nothing, and --apply removes what the plan says', async () => {
    const before = await tree('b')
    const dry = await here.do('sync ./a ./b --dry-run')
    expect(dry).toMatchObject({ code: 0, err: '' })
    expect(dry.out).toMatch(/removing +4 entries at the target/)
    expect(dry.out).toContain('anydrive sync --apply plan.jsonl')
    const limited = await here.do('sync ./a ./b --dry-run --max-delete 3')
    expect(limited).toMatchObject({ code: 1 })
    expect(limited.err).toContain('4 entries are extra, and --max-delete is 3')
    expect((await here.do('sync ./a ./b --plan p.jsonl')).code).toBe(0)
    expect(await tree('b')).toEqual(before)
    expect((await here.do('sync --apply p.jsonl --dry-run')).out).toContain('entries to remove at the target')
    const refused = await here.do('migrate --apply p.jsonl')
    expect(refused).toMatchObject({ code: 2 })
    expect(refused.err).toContain('anydrive sync --apply')
    const lines = (await readFile(here.path('p.jsonl'), 'utf8')).split('\n')
    await writeFile(here.path('q.jsonl'), lines.filter((line) => !/"do":"remove".*\/b\/d\/extra/.test(line)).join('\n'))
    expect(await summary('sync --apply q.jsonl')).toMatchObject({ code: 0, files: 2, extra: { removed: 3 } })
    expect(await tree('b')).toEqual({ ...(await tree('a')), 'd/extra': 'extra' })
    expect(await summary('sync ./a ./b')).toMatchObject({ code: 0, extra: { removed: 1 } })
    expect(await tree('b')).toEqual(await tree('a'))
  })

  test('--max-delete removes nothing if there is more', async () => {
    const ran = await here.do('sync ./a ./b --max-delete 3')
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toContain('nothing was removed at the target: 4 entries are extra, and --max-delete is 3')
    expect(await tree('b')).toMatchObject({ 'd/new': 'new', 'd/extra': 'extra', 'x/y/z': 'extra' })
    expect(await summary('sync ./a ./b --max-delete 4')).toMatchObject({ code: 0, extra: { removed: 4 } })
    expect(await summary('sync ./a ./b --max-delete 0')).toMatchObject({ code: 0 })
  })

  test('--backup-dir keeps what is replaced or removed', async () => {
    expect(await here.do('sync ./a ./b --backup-dir ./old')).toMatchObject({ code: 0 })
    expect(await tree('b')).toEqual(await tree('a'))
    expect(await tree('old')).toMatchObject({ edited: 'before', 'd/extra': 'extra', 'x/y/z': 'extra' })
  })

  test('--track-renames moves a renamed file', async () => {
    await put('a/renamed', 'moved text', '2019-05-05T05:05:05.000Z')
    await put('b/x/name', 'moved text', '2019-05-05T05:05:05.000Z')
    const before = await stat(here.path('b/x/name'))
    const ran = await here.do('sync ./a ./b --track-renames')
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.out).toMatch(/moved: +1 file at the target/)
    expect((await stat(here.path('b/renamed'))).ino).toBe(before.ino)
    expect(await tree('b')).toEqual(await tree('a'))
  })

  test('filters: what is excluded is neither sent nor removed', async () => {
    await put('b/x/y/kept.log', 'log')
    await put('a/one.log', 'log')
    expect(await here.do('sync ./a ./b --exclude *.log')).toMatchObject({ code: 0 })
    const { 'one.log': _, ...rest } = await tree('a')
    expect(await tree('b')).toEqual({ ...rest, 'x/': '', 'x/y/': '', 'x/y/kept.log': 'log' })
    await put('b/other', 'other')
    expect(await here.do('sync ./a ./b --include *.log')).toMatchObject({ code: 0 })
    expect(await tree('b')).toEqual({ ...rest, 'one.log': 'log', other: 'other' })
  })

  test('--files-from: only listed paths are sent and removed; --json has an event for each removal', async () => {
    await writeFile(here.path('list'), 'edited\nx\nd/new\n')
    const ran = await here.do('sync ./a ./b --files-from list --json')
    expect(ran).toMatchObject({ code: 0 })
    const events = ran.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly event: string; readonly path?: string })
    expect(
      events.filter(({ event }) => event === 'removed').map(({ path }) => path?.slice(here.path('b').length)),
    ).toEqual([...['/x/y/z', '/x/y', '/x']])
    expect(await tree('b')).toEqual({ 'd/': '', 'd/new': 'new', 'd/extra': 'extra', edited: 'after!', equal: 'equal' })
  })

  test('a link, or a name that no path can hold, at the source: nothing is removed', async () => {
    await symlink('equal', here.path('a/link'))
    const ran = await here.do('sync ./a ./b')
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toContain('nothing was removed at the target, because something failed, was skipped')
    expect(await tree('b')).toMatchObject({ 'd/new': 'new', 'd/extra': 'extra' })
    expect(await here.do('sync ./a ./b --exclude link')).toMatchObject({ code: 0 })
    await rm(here.path('a/link'))
    await writeFile(Buffer.concat([Buffer.from(`${here.path('a/d')}/`), Buffer.from([0xff, 0x41])]), 'x')
    await put('b/stray', 'stray')
    expect(await here.do('sync ./a ./b')).toMatchObject({ code: 1 })
    expect(await here.do('sync ./a ./b --dry-run')).toMatchObject({ code: 1 })
    expect((await tree('b'))['stray']).toBe('stray')
  })

  test('a link at the target is reported and stays, and everything else is removed', async () => {
    await symlink('equal', here.path('b/x/link'))
    const ran = await here.do('sync ./a ./b')
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toContain('not removed (symlink)')
    expect(Object.keys(await tree('b')).sort()).toEqual([...Object.keys(await tree('a')), 'x/', 'x/link'].sort())
  })

  test('its own files below the target are kept, and a journal is resumed', async () => {
    const line = 'sync ./a ./b --journal b/j.db --report b/r.html'
    expect(await here.do(line)).toMatchObject({ code: 0 })
    // The companions of the journal come and go.
    expect(await readdir(here.path('b'))).toEqual(expect.arrayContaining(['j.db', 'r.html', 'd', 'equal']))
    expect(await readFile(here.path('b/r.html'), 'utf8')).toContain('removed at the target')
    await put('b/stray', 'stray')
    await put('a/more', 'more')
    expect(await here.do(`${line} --resume`)).toMatchObject({ code: 0 })
    expect(await readFile(here.path('b/more'), 'utf8')).toBe('more')
    expect(await readdir(here.path('b'))).not.toContain('stray')
    expect(await here.do('migrate ./a ./b --conflict different --journal b/j.db --resume')).toMatchObject({ code: 2 })
    expect((await here.do('sync --status --journal b/j.db')).out).toContain('sync local:')
  })

  test('its own files and temporary files are not moved or removed with what is in the way', async () => {
    await rm(here.path('b/equal'))
    await mkdir(here.path('b/equal'))
    const temporary = `b/x/${temporaryName('b/x/f' as DrivePath, 'old')}`
    await put(temporary, 'old')
    const line = 'sync ./a ./b --backup-dir ./old'
    const ran = await here.do(`${line} --journal b/equal/j.db`)
    expect(ran).toMatchObject({ code: 1 })
    expect(await readdir(here.path('b/equal'))).toContain('j.db')
    await rm(here.path('b/equal'), { recursive: true })
    expect(await here.do(line)).toMatchObject({ code: 0 })
    const name = temporary.slice('b/'.length)
    expect(await tree('b')).toEqual({ ...(await tree('a')), 'x/': '', [name]: 'old' })
  })

  test.each(['', ' --backup-dir ./old'])(
    'a file in the place of a directory, and the reverse, are replaced%s',
    async (option) => {
      await put('b/empty', 'a file')
      await put('b/d/new/below', 'a directory')
      const plan = await here.do('sync ./a ./b --dry-run')
      expect(plan).toMatchObject({ code: 0 })
      expect(plan.out).toMatch(/replacing +2 entries of another kind/)
      expect(plan.out).toMatch(/removing +7 entries at the target/)
      const refused = await here.do('sync ./a ./b --max-delete 6')
      expect(refused).toMatchObject({ code: 1 })
      expect(refused.err).toContain('because more entries would be removed than is allowed')
      expect(await tree('b')).toMatchObject({ empty: 'a file', 'd/new/below': 'a directory', 'd/extra': 'extra' })
      expect(await here.do(`sync ./a ./b${option}`)).toMatchObject({ code: 0 })
      expect(await tree('b')).toEqual(await tree('a'))
      if (option !== '') expect(await tree('old')).toMatchObject({ empty: 'a file', 'd/new/below': 'a directory' })
    },
  )

  test.each([
    ['sync ./a', 2, 'Run anydrive sync SOURCE TARGET'],
    ['sync ./none ./b', 4, ''],
    ['sync ./a/equal ./b', 1, ''],
    ['sync ./a ./b/equal', 5, ''],
    ['sync ./a ./a', 1, ''],
    ['sync ./a ./a/d', 1, ''],
    ['sync ./a/d ./a', 1, ''],
    ['sync ./a disk:', 1, ''],
    ['sync ./a ./b --backup-dir ./b/old', 2, 'overlaps'],
    ['sync ./a ./b --backup-dir ./a/old --dry-run', 2, 'overlaps'],
    ['sync ./a ./b --backup-dir disk:', 2, 'is not on the drive of the target'],
    ['sync ./a ./b --max-delete -1', 2, 'whole number'],
    ['sync ./a ./b --max-delete some', 2, 'whole number'],
    ['sync ./a ./b --compare colour', 2, 'Allowed choices'],
    ['sync ./a ./b --conflict overwrite', 2, 'unknown option'],
    ['sync ./a ./b --move', 2, 'unknown option'],
    ['sync ./a ./b --resume', 2, '--journal'],
    ['sync --apply p.jsonl --track-renames', 2, '--track-renames cannot be combined'],
  ])('%s ends with %i, and removes nothing', async (line, code, said) => {
    await here.configure({ disk: { type: 'local', root: here.path('a') } })
    const before = [await tree('a'), await tree('b')]
    const ran = await here.do(line)
    expect(ran).toMatchObject({ code })
    expect(ran.err).toContain(said)
    expect([await tree('a'), await tree('b')]).toEqual(before)
  })

  test('an interrupt leaves everything extra in place', async () => {
    const stop = new AbortController()
    stop.abort()
    expect(await here.do('sync ./a ./b', { signal: stop.signal })).toMatchObject({ code: 130 })
    expect(await tree('b')).toMatchObject({ 'd/extra': 'extra', 'x/y/z': 'extra' })
  })
})

describe.each([
  ['smh', startTencentSmh],
  ['koo', startKooDrive],
] as const)('to %s', (drive, start) => {
  let service: Emulator
  beforeEach(async () => {
    service = await start({ seed: 3 })
    const [settings] = Object.values(service.configuration)
    await here.configure({ [drive]: settings, again: settings })
    await fill()
    expect(await here.do(`put ./b ${drive}:b`)).toMatchObject({ code: 0 })
  })
  afterEach(() => service.close())

  const changes = (): number =>
    service.requests
      .list()
      .filter(
        ({ method, endpoint }) =>
          method !== 'GET' && method !== 'HEAD' && !/token|list|info|query|search|detail/i.test(endpoint),
      ).length
  const fetched = async (place: string): Promise<Record<string, string>> => {
    const out = await mkdtemp(here.path('out-'))
    expect(await here.do(`get ${place} ${out}/got`)).toMatchObject({ code: 0 })
    return tree(`${out.slice(here.dir.length + 1)}/got`)
  }

  test('the target becomes equal, and a second sync sends no request that changes anything', async () => {
    expect(await summary(`sync ./a ${drive}:b --compare checksum`)).toMatchObject({ code: 0, extra: { removed: 4 } })
    expect(await fetched(`${drive}:b`)).toEqual(await tree('a'))
    const before = changes()
    expect(before).toBeGreaterThan(0)
    expect(await summary(`sync ./a ${drive}:b`)).toMatchObject({ code: 0, files: 0, extra: { found: 0 } })
    expect(await summary(`sync ./a ${drive}:b --track-renames --backup-dir ${drive}:old`)).toMatchObject({
      code: 0,
      files: 0,
    })
    expect(changes()).toBe(before)
  })

  test('from there to this machine and back with --backup-dir', async () => {
    expect(await here.do(`sync ${drive}:b ./c`)).toMatchObject({ code: 0 })
    expect(await tree('c')).toEqual(await tree('b'))
    await put('c/edited', 'again, longer')
    await rm(here.path('c/x'), { recursive: true })
    expect(await summary(`sync ./c ${drive}:b --backup-dir ${drive}:old/1`)).toMatchObject({
      code: 0,
      files: 1,
      extra: { removed: 3 },
    })
    expect(await fetched(`${drive}:b`)).toEqual(await tree('c'))
    expect(await fetched(`${drive}:old/1`)).toEqual({ edited: 'before', 'x/': '', 'x/y/': '', 'x/y/z': 'extra' })
  })

  test('within one space, under two names: overlapping places are refused', async () => {
    for (const [from, to] of [
      ['b', 'b'],
      ['b', 'b/x'],
      ['b/x', 'b'],
    ] as const) {
      const ran = await here.do(`sync ${drive}:${from} again:${to}`)
      expect(ran).toMatchObject({ code: 1 })
      expect(ran.err).toContain('the same place')
      expect(await fetched(`${drive}:b`)).toEqual(await tree('b'))
    }
  })

  test('killed again and again, it ends equal', async () => {
    for (let i = 0; i < 60; i++) {
      await put(`a/many/${i % 7}/${i}`, `file ${i}`)
      await put(`b/gone/${i % 5}/${i}`, `gone ${i}`)
    }
    expect(await here.do(`sync ./b ${drive}:b`)).toMatchObject({ code: 0 })
    const bin = join(__dirname, '..', 'bin', 'anydrive.js')
    let kills = 0
    const most = process.env['ANYDRIVE_SAMPLE'] === undefined ? 6 : 1
    for (let after = 15; kills < most; after += 45) {
      const begun = service.requests.count()
      const argv = [
        'sync',
        './a',
        `${drive}:b`,
        '--compare',
        'checksum',
        '--journal',
        'j.db',
        ...(kills > 0 ? ['--resume'] : []),
      ]
      const child = spawn(process.execPath, [bin, ...argv], { cwd: here.dir, stdio: 'ignore' })
      const closed = once(child, 'close')
      while (child.exitCode === null && service.requests.count() - begun < after)
        await new Promise((resolve) => setTimeout(resolve, 5))
      child.kill('SIGKILL')
      await closed
      kills += 1
      if (child.exitCode === 0) break
    }
    expect(await here.do(`sync ./a ${drive}:b --compare checksum --journal j.db --resume`)).toMatchObject({ code: 0 })
    expect(await fetched(`${drive}:b`)).toEqual(await tree('a'))
  })
})
