// init: drives are added by flags and by answers, to a file that keeps everything else.
import { startTencentSmh, type Emulator } from '@anydrive/emulators'
import { main } from '@anydrive/cli'
import { spawn } from 'node:child_process'
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { desk, sink, type Desk } from './command'

const bin = join(__dirname, '..', 'bin', 'anydrive.js')

let here: Desk
let smh: Emulator
beforeEach(async () => {
  here = await desk()
  smh = await startTencentSmh({
    config: { libraries: [{ id: 'lib', secret: 'hush-hush', spaces: [{ id: 'docs' }] }] },
  })
})
afterEach(async () => {
  await smh.close()
  await here.clear()
})

const read = async (name = 'anydrive.json') => JSON.parse(await readFile(here.path(name), 'utf8')) as object
const smhFlags = () =>
  `--type tencent-smh --set baseUrl=${smh.url} --set libraryId=lib --set spaceId=docs --set auth.kind=secret`

describe('by flags', () => {
  test('writes a file of the user with mode 0600, which the next command finds', async () => {
    const env = { HOME: here.path('home'), SMH_SECRET: 'hush-hush' }
    const added = await here.do(`init work ${smhFlags()} --secret-env auth.librarySecret=SMH_SECRET`, { env })
    expect(added).toMatchObject({ code: 0, out: '' })
    const file = 'home/.config/anydrive/anydrive.json'
    expect(await read(file)).toEqual({
      drives: {
        work: {
          type: 'tencent-smh',
          baseUrl: smh.url,
          libraryId: 'lib',
          spaceId: 'docs',
          auth: { kind: 'secret', librarySecret: '${SMH_SECRET}' },
        },
      },
    })
    expect((await stat(here.path(file))).mode & 0o777).toBe(0o600)
    expect((await stat(here.path('home/.config/anydrive'))).mode & 0o077).toBe(0)
    expect(await here.do('ls work:', { env })).toMatchObject({ code: 0, err: '' })
  })

  test('takes paths from the working directory, wherever the file is', async () => {
    const env = { HOME: here.path('home') }
    await mkdir(here.path('work/data/reports'), { recursive: true })
    await writeFile(here.path('work/token'), 'hush')
    const how = { env, cwd: here.path('work') }
    expect(await here.do('init disk --type local --set root=data', how)).toMatchObject({ code: 0 })
    const nas = 'init nas --type webdav --set url=https://h/dav --set auth.kind=bearer --secret-file auth.token=./token'
    expect(await here.do(`${nas} --no-test`, how)).toMatchObject({
      code: 0,
      err: expect.stringContaining('added') as string,
    })
    expect(await here.do('ls disk:', { env })).toMatchObject({ code: 0, out: 'reports/\n' })
    expect(await here.do('config check', { env })).toMatchObject({ code: 0, out: 'disk  ok\nnas   ok\n' })
    await writeFile(here.path('anydrive.json'), '{ "drives": {} }')
    expect(await here.do('init disk --type local --set root=work/data', { env })).toMatchObject({ code: 0 })
    expect(await read()).toEqual({ drives: { disk: { type: 'local', root: 'work/data' } } })
  })

  test('adds to a file, behind a link too, and keeps everything else as it is written', async () => {
    await mkdir(here.path('elsewhere'))
    const text = '{\n\t"$schema": "./s.json",\n  "drives": {\n     "big": { "type": "memory", "capacity": 1e3 } }\n}\n'
    await writeFile(here.path('elsewhere/real.json'), text)
    await chmod(here.path('elsewhere/real.json'), 0o644)
    await symlink(here.path('elsewhere/real.json'), here.path('anydrive.json'))
    expect(await here.do('init one --type memory --set trash=true')).toMatchObject({ code: 0 })
    expect(await here.do('init two --type memory --set checksums=["md5"] --set limits.page=7')).toMatchObject({
      code: 0,
    })
    const after = await readFile(here.path('elsewhere/real.json'), 'utf8')
    expect(after.startsWith(text.slice(0, text.indexOf(' }\n}\n')))).toBe(true)
    expect(JSON.parse(after)).toEqual({
      $schema: './s.json',
      drives: {
        big: { type: 'memory', capacity: 1000 },
        one: { type: 'memory', trash: true },
        two: { type: 'memory', checksums: ['md5'], limits: { page: 7 } },
      },
    })
    expect((await lstat(here.path('anydrive.json'))).isSymbolicLink()).toBe(true)
    expect((await stat(here.path('anydrive.json'))).mode & 0o777).toBe(0o600)
    expect(await readdir(here.path('elsewhere'))).toEqual(['real.json'])
    expect(await here.do('config check')).toMatchObject({ code: 0, err: '' })
  })

  test('adds every drive when several processes add one at the same time', async () => {
    const names = Array.from({ length: 6 }, (_, i) => `m${i}`)
    const added = names.map(
      (name) =>
        new Promise((resolve) => {
          const argv = [bin, 'init', name, '--type', 'memory', '--config', here.path('new/anydrive.json')]
          spawn(process.execPath, argv, { stdio: 'ignore' }).once('close', resolve)
        }),
    )
    expect(await Promise.all(added)).toEqual(names.map(() => 0))
    const { drives } = (await read('new/anydrive.json')) as { readonly drives: object }
    expect(Object.keys(drives).sort()).toEqual(names)
    expect(await readdir(here.path('new'))).toEqual(['anydrive.json'])
  })

  test('takes a secret from a file or a command', async () => {
    await writeFile(here.path('secret'), 'hush-hush\n')
    await writeFile(here.path('anydrive.json'), '{ "drives": {} }')
    const byFile = await here.do(`init a ${smhFlags()} --secret-file auth.librarySecret=secret`)
    expect(byFile).toMatchObject({ code: 0 })
    const command = JSON.stringify([process.execPath, '-p', '"hush-"+"hush"'])
    expect(await here.do(`init b ${smhFlags()} --secret-command auth.librarySecret=${command}`)).toMatchObject({
      code: 0,
    })
    expect(JSON.stringify(await read())).not.toContain('hush-hush')
    expect(await here.do('ls a:')).toMatchObject({ code: 0, err: '' })
    expect(await here.do('ls b:')).toMatchObject({ code: 0, err: '' })
  })

  test.each([
    ['--set auth.librarySecret=hush', 'auth.librarySecret is a secret: use --secret-env'],
    ['--secret-env auth.librarySecret=not-a-name', 'auth.librarySecret needs the name of a variable'],
    ['--secret-command auth.librarySecret=hush', 'needs a command as a JSON array'],
    ['--secret-command auth.librarySecret=[1]', 'needs a command as a JSON array'],
    ['--secret-env auth.librarySecret=UNSET', 'the environment variable UNSET is not set'],
    ['--secret-env auth.librarySecret=WRONG', 'nothing was written, because the drive did not answer'],
    ['--secret-env auth.librarySecret=GOOD --set spaceld=x', 'spaceld: unknown key; did you mean spaceId?'],
    ['--secret-env auth.librarySecret=GOOD --set taskTimeout=soon', 'taskTimeout: expected a whole number'],
    ['--set __proto__.x=1 --secret-env auth.librarySecret=GOOD', 'unknown key'],
    ['--set hush', '--set needs KEY=VALUE'],
    ['', 'auth.librarySecret: expected Secret, got missing'],
  ])('refuses %p, shows no value and writes nothing', async (flags, said) => {
    const env = { WRONG: 'hush-wrong', GOOD: 'hush-hush', HOME: here.path('home') }
    const line = `init work ${smhFlags()} ${flags}`.trim()
    const { code, out, err } = await here.do(line, { env })
    expect(code).not.toBe(0)
    expect(out).toBe('')
    expect(err).toContain(said)
    expect(err).not.toContain('hush')
    expect(await readdir(here.dir)).toEqual([])
  })

  test.each([
    ['init', 'the name of the drive is missing'],
    ['init work', 'the type of the drive is missing'],
    ['init no/name --type memory', 'cannot be the name of a drive'],
    ['init taken --type memory', 'already has a drive taken'],
    ['init work --type dropbox', 'Allowed choices are'],
  ])('refuses %p', async (line, said) => {
    await writeFile(here.path('anydrive.json'), '{ "drives": { "taken": {} } }')
    const { code, err } = await here.do(line)
    expect(code).toBe(2)
    expect(err).toContain(said)
    expect(await read()).toEqual({ drives: { taken: {} } })
  })

  test('writes without a request where --no-test is given', async () => {
    await smh.close()
    const flags = `init work ${smhFlags()} --secret-env auth.librarySecret=UNSET --config new.json`
    expect(await here.do(flags)).toMatchObject({ code: 2 })
    expect(await here.do(`${flags} --no-test`)).toMatchObject({ code: 0 })
    expect(await read('new.json')).toMatchObject({ drives: { work: { libraryId: 'lib' } } })
  })
})

describe('on a terminal', () => {
  /** Types each answer once its question is shown. */
  const converse = async (
    argv: ReadonlyArray<string>,
    answers: ReadonlyArray<readonly [question: string, answer: string]>,
  ) => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true })
    const stderr = sink(true)
    const ending = main(argv, {
      stdin,
      stdout: sink(true),
      stderr,
      env: { NO_COLOR: '1' },
      cwd: here.dir,
      signal: new AbortController().signal,
    })
    const state = { isOver: false }
    const ended = ending.finally(() => (state.isOver = true))
    let seen = 0
    for (const [question, answer] of answers) {
      while (!state.isOver && !stderr.text().includes(question, seen))
        await new Promise((resolve) => setImmediate(resolve))
      seen = stderr.text().indexOf(question, seen) + question.length
      stdin.write(`${answer}\n`)
    }
    return { code: await ended, err: stderr.text() }
  }

  test('asks for what is needed, and does not show a secret that is typed', async () => {
    await writeFile(here.path('anydrive.json'), '{ "drives": {} }')
    const { code, err } = await converse(
      ['init'],
      [
        ['Name of the drive:', 'work'],
        ['Number or name:', 'tencent-smh'],
        ['baseUrl, an http or https URL:', smh.url],
        ['libraryId, an id:', 'lib'],
        ['Number or name:', '2'],
        ['Number or name:', '4'],
        ['auth.librarySecret:', 'hush-hush'],
      ],
    )
    // The default space does not exist in a library with spaces of its own.
    expect(err).not.toContain('hush')
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('nothing was written') as string })
    const again = await converse(
      ['init', 'work', '--type', 'tencent-smh', '--set', 'spaceId=docs', '--set', 'auth.kind=secret'],
      [
        ['baseUrl, an http or https URL:', smh.url],
        ['libraryId, an id:', 'lib'],
        ['Number or name:', '4'],
        ['auth.librarySecret:', 'hush-hush'],
      ],
    )
    expect(again.err).not.toContain('hush')
    expect(again).toMatchObject({ code: 0 })
    expect(await read()).toMatchObject({ drives: { work: { auth: { kind: 'secret', librarySecret: 'hush-hush' } } } })
    expect(await here.do('ls work:')).toMatchObject({ code: 0 })
  })

  test('offers to sign in where that is optional', async () => {
    const { code } = await converse(
      ['init', 'nas', '--no-test', '--config', 'nas.json'],
      [
        ['Number or name:', '3'],
        ['url, an http or https URL', 'https://nas.example.com/dav'],
        ['Number or name:', 'digest'],
        ['auth.user, a user name', 'mary'],
        ['Number or name:', 'a command'],
        ['Command', 'pass show nas'],
      ],
    )
    expect(code).toBe(0)
    expect(await read('nas.json')).toEqual({
      drives: {
        nas: {
          type: 'webdav',
          url: 'https://nas.example.com/dav',
          auth: { kind: 'digest', user: 'mary', password: { command: ['pass', 'show', 'nas'] } },
        },
      },
    })
  })

  test('asks nothing where the options give all that is needed', async () => {
    const disk = await converse(
      ['init', 'disk', '--type', 'local', '--set', `root=${here.dir}`, '--config', 'c.json'],
      [],
    )
    expect(disk).toMatchObject({ code: 0, err: expect.not.stringContaining('?') as string })
    const nas = ['--type', 'webdav', '--set', 'url=https://h/dav', '--no-test', '--config', 'c.json']
    expect(await converse(['init', 'nas', ...nas], [])).toMatchObject({ code: 0 })
    const koo = ['--type', 'koodrive', '--set', 'baseUrl=https://h', '--set', 'auth.kind=token', '--no-test']
    const secret = ['--secret-env', 'auth.accessToken=T', '--config', 'c.json']
    expect(await converse(['init', 'koo', ...koo, ...secret], [])).toMatchObject({ code: 0 })
    expect(Object.keys(((await read('c.json')) as { readonly drives: object }).drives)).toEqual(['disk', 'nas', 'koo'])
  })

  test('writes nothing when it is interrupted', async () => {
    const { code } = await converse(['init', '--config', 'new.json'], [['Name of the drive:', '\u0003']])
    expect(code).toBe(130)
    expect(await readdir(here.dir)).toEqual([])
  })
})
