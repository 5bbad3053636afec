// What is said when a command cannot be understood, or its drive not opened; nothing of it is secret.
import { mkdir, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { desk, run, sink, type Desk } from './command'
import { main } from '@anydrive/cli'
import { Readable } from 'node:stream'

let here: Desk
beforeEach(async () => {
  here = await desk()
})
afterEach(() => here.clear())

describe('usage', () => {
  test.each([
    ['', 'Usage: anydrive'],
    ['nonsense', "unknown command 'nonsense'"],
    ['migrat a: b:', 'Did you mean migrate?'],
    ['ls', "missing required argument 'place'"],
    ['ls local: more', 'too many arguments'],
    ['ls local: --nonsense', "unknown option '--nonsense'"],
    ['cp local:a local:b --conflict perhaps', 'Allowed choices are ask, rename, overwrite, skip'],
    ['migrate local:a local:b --verify some', 'size, stream, full, or sample:N%'],
    ['migrate local:a local:b --concurrency 0', 'a whole number, 1 or more'],
    ['cat local:a --range x', 'START:END'],
    ['cp local:a', 'a source and a target are needed'],
    ['put file', 'a file and a target are needed'],
    ['ls nodrive', 'names no drive'],
    ['emulate dropbox', 'Allowed choices are tencent-smh, koodrive'],
  ])('of %p ends with 2 and says what is wrong', async (line, said) => {
    const { code, out, err } = await here.do(line)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(said)
    expect(err).not.toMatch(/\n[\t ]{1,16}at /)
  })

  test('help and version are results', async () => {
    const help = await here.do('--help')
    expect(help).toMatchObject({ code: 0, err: '' })
    expect(help.out).toContain('migrate')
    expect(await here.do('ls --help')).toMatchObject({ code: 0, err: '' })
    const version = await here.do('--version')
    expect(version.code).toBe(0)
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('the configuration', () => {
  test('is found upward', async () => {
    await here.configure({ m: { type: 'memory' } })
    await mkdir(here.path('a/b'), { recursive: true })
    expect(await run(['ls', 'm:'], { cwd: here.path('a/b') })).toMatchObject({ code: 0 })
  })

  test('is named with --config, before or after the command', async () => {
    await writeFile(here.path('other.json'), JSON.stringify({ drives: { m: { type: 'memory' } } }))
    expect(await here.do('--config other.json ls m:')).toMatchObject({ code: 0 })
    expect(await here.do('ls m: --config other.json')).toMatchObject({ code: 0 })
    expect(await here.do('ls m:')).toMatchObject({ code: 2 })
  })

  test('takes values from the environment, and only those that its drive needs', async () => {
    await here.configure({ here: { type: 'local', root: '${ROOT}' }, other: { type: 'local', root: '${NEVER_SET}' } })
    await writeFile(here.path('f'), '1')
    expect(await here.do('ls here:', { env: { ROOT: here.dir } })).toMatchObject({ code: 0, out: 'anydrive.json\nf\n' })
    const missing = await here.do('ls other:', { env: { ROOT: here.dir } })
    expect(missing.code).toBe(2)
    expect(missing.err).toContain('NEVER_SET')
  })

  test.each([
    ['{ "drives": {', 'is not JSON'],
    ['[]', 'needs "drives"'],
    ['{ "drives": { "x": { "type": "dropbox" } } }', 'known: tencent-smh, koodrive, webdav, local, memory'],
    ['{ "drives": { "x": { "type": "tencent-smh", "baseUrl": 7 } } }', 'baseUrl: expected'],
    ['{ "drives": { "y": {} } }', 'It has y'],
  ])('that reads %p ends with 2 and says so', async (text, said) => {
    await writeFile(here.path('anydrive.json'), text)
    const { code, err } = await here.do('ls x:')
    expect(code).toBe(2)
    expect(err).toContain(said)
  })

  test('that is broken is never quoted', async () => {
    await writeFile(here.path('anydrive.json'), '{ "drives": { "x": { "accessToken": "hush-hush" oops')
    const { err } = await here.do('ls x:')
    expect(err).not.toContain('hush')
    await here.configure({
      x: { type: 'tencent-smh', baseUrl: 'https://u:hush-hush@h', auth: { kind: 'token', accessToken: ['hush-hush'] } },
    })
    for (const line of ['ls x:', 'drives', 'drives --check --json', 'ls x: --json --verbose']) {
      const { out, err: said } = await here.do(line)
      expect(out + said).not.toContain('hush')
    }
  })
})

describe('local', () => {
  test('needs no entry, and takes paths as they are written', async () => {
    await mkdir(here.path('d'))
    await writeFile(here.path('d/f.txt'), 'hello')
    for (const place of [`local:${here.dir}/d`, 'local:d', './d', here.path('d'), `../${basename(here.dir)}/d`])
      expect(await here.do(`ls ${place}`)).toMatchObject({ code: 0, out: 'f.txt\n' })
    expect(await here.do('cat local:d/f.txt')).toMatchObject({ code: 0, out: 'hello' })
    expect(await here.do('ls local:no')).toMatchObject({ code: 4 })
  })

  test('is the configured one where there is an entry of that name', async () => {
    await mkdir(here.path('d'))
    await writeFile(here.path('d/f.txt'), 'hello')
    await here.configure({ local: { type: 'local', root: here.path('d') } })
    expect(await here.do('ls local:')).toMatchObject({ code: 0, out: 'f.txt\n' })
  })
})

test('a reader that goes away ends the command quietly, as done', async () => {
  await here.configure({ here: { type: 'local', root: here.dir } })
  await Promise.all(Array.from({ length: 50 }, (_, i) => writeFile(here.path(`f${i}`), '')))
  const stdout = sink()
  stdout.write = (() => {
    stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    return false
  }) as typeof stdout.write
  const stderr = sink()
  const code = await main(['ls', 'here:'], {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: {},
    cwd: here.dir,
    signal: new AbortController().signal,
  })
  expect(code).toBe(0)
  expect(stderr.text()).toBe('')
})

test('--timeout ends what takes longer, as unavailable', async () => {
  await here.configure({ slow: { type: 'memory', latency: 60_000 } })
  const { code, err } = await here.do('ls slow: --timeout 0.05')
  expect(code).toBe(6)
  expect(err).toContain('--timeout')
})

test('an interrupt ends with 130', async () => {
  await here.configure({ slow: { type: 'memory', latency: 60_000 } })
  const stop = new AbortController()
  const ending = here.do('ls slow:', { signal: stop.signal })
  setImmediate(() => stop.abort())
  expect(await ending).toMatchObject({ code: 130 })
  expect(await here.do('ls slow:', { signal: AbortSignal.abort() })).toMatchObject({ code: 130 })
})

test('names that would break the line are escaped', async () => {
  await mkdir(here.path('d'))
  await writeFile(here.path('d/a\nb\u001b[31m'), '')
  expect((await here.do('ls local:d')).out).toBe('a\\nb\\u001b[31m\n')
  expect((await here.do('tree local:d')).out).toContain('└── a\\nb\\u001b[31m\n')
  expect(JSON.parse((await here.do('ls local:d --json')).out)).toMatchObject({ name: 'a\nb\u001b[31m' })
})
