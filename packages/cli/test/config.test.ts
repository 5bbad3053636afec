// The configuration file: where it is found, where its values come from, and what is said when something is wrong with it.
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { registry } from '../src/registry'
import { desk, run, type Desk } from './command'

let here: Desk
beforeEach(async () => {
  here = await desk()
})
afterEach(() => here.clear())

const put = async (name: string, text: string, mode = 0o600): Promise<string> => {
  await mkdir(dirname(here.path(name)), { recursive: true })
  await writeFile(here.path(name), text, { mode })
  return here.path(name)
}
const memory = (name: string): string => JSON.stringify({ drives: { [name]: { type: 'memory' } } })

describe('the file', () => {
  const env = () => ({
    HOME: here.path('home'),
    XDG_CONFIG_HOME: here.path('xdg'),
    ANYDRIVE_CONFIG: here.path('variable.json'),
  })
  const pathIn = async (name: string, variables: object, ...argv: ReadonlyArray<string>) =>
    (await run(['config', 'path', ...argv], { cwd: here.path(name), env: { ...variables } })).out.trim()

  test('is that of --config, of a directory above, of the variable, of the user, in this order', async () => {
    await mkdir(here.path('work/below'), { recursive: true })
    const { ANYDRIVE_CONFIG: _, ...without } = env()
    const { XDG_CONFIG_HOME: __, ...home } = without
    const inHome = await put('home/.config/anydrive/anydrive.json', memory('h'))
    expect(await pathIn('work/below', home)).toBe(inHome)
    const inXdg = await put('xdg/anydrive/anydrive.json', memory('x'))
    expect(await pathIn('work/below', without)).toBe(inXdg)
    const byVariable = await put('variable.json', memory('v'))
    expect(await pathIn('work/below', env())).toBe(byVariable)
    const above = await put('work/anydrive.json', memory('a'))
    expect(await pathIn('work/below', env())).toBe(above)
    const named = await put('named.json', memory('n'))
    expect(await pathIn('work/below', env(), '--config', named)).toBe(named)
    expect(await run(['ls', 'n:', '--config', named], { cwd: here.path('work/below') })).toMatchObject({ code: 0 })
  })

  test.each([
    ['config path', {}, 'anydrive init'],
    ['ls work:', {}, 'anydrive init'],
    ['ls work:', { ANYDRIVE_CONFIG: '/nowhere/anydrive.json' }, '/nowhere/anydrive.json cannot be read (ENOENT)'],
    ['ls work:', { XDG_CONFIG_HOME: 'relative' }, 'anydrive init'],
  ])('that does not exist is reported by %p with %p', async (line, variables, said) => {
    const { code, err } = await here.do(line, { env: variables })
    expect(code).toBe(2)
    expect(err).toContain(said)
  })
})

describe('a value', () => {
  const local = (root: unknown) => ({ here: { type: 'local', root } })
  const list = (how = {}) => here.do('ls here:', how)

  test('comes from a file, relative to the configuration, without its last line break', async () => {
    await put('d/f', '')
    await put('secrets/root', `${here.path('d')}\n`)
    await here.configure(local({ file: 'secrets/root' }))
    expect(await list()).toMatchObject({ code: 0, out: 'f\n' })
    const other = await run(['ls', 'here:', '--config', here.path('anydrive.json')], { cwd: here.path('d') })
    expect(other).toMatchObject({ code: 0, out: 'f\n' })
  })

  test.each([{ root: 'd' }, { root: './up/../d' }, { root: '${HERE}' }, { root: { file: 'relative-root' } }])(
    'that is a path of this machine is relative to the configuration, wherever the command runs: %p',
    async ({ root }) => {
      await put('d/f', '')
      await put('below/d/other', '')
      await put('relative-root', 'd')
      await here.configure(local(root))
      const env = { HERE: 'd' }
      expect(await list({ env })).toMatchObject({ code: 0, out: 'f\n' })
      expect(await list({ env, cwd: here.path('below') })).toMatchObject({ code: 0, out: 'f\n' })
    },
  )

  test('comes from a command, which runs without a shell, once for all places', async () => {
    await put('d/f', '')
    const script = `require('fs').appendFileSync('ran', 'x'); console.log(process.argv[1])`
    await here.configure(local({ command: [process.execPath, '-e', script, here.path('d')] }))
    expect(await here.do('cp here:f here:g')).toMatchObject({ code: 0, err: '' })
    expect(await here.do('cat ./ran')).toMatchObject({ out: 'x' })
    await here.configure(local({ command: [process.execPath, '-p', 'process.argv[1]', '$HOME; echo hush'] }))
    expect((await list()).err).toContain('/$HOME; echo hush]')
  })

  test.each([
    ['file', { file: 'missing' }, 'the file missing cannot be read (ENOENT)'],
    ['file', { file: 'empty' }, 'the file empty gave no value'],
    ['file', { file: 'huge' }, 'has more than 64 KiB'],
    ['command', { command: ['no-such-program', 'hush'] }, 'the command "no-such-program" could not be run (ENOENT)'],
    [
      'command',
      { command: [process.execPath, '-e', `console.log('hush'); console.error('hush'); process.exit(3)`] },
      'ended with exit code 3',
    ],
    [
      'command',
      { command: [process.execPath, '-e', `console.log('hush'); setInterval(() => 0, 1000)`] },
      'took too long',
    ],
    ['command', { command: [process.execPath, '-e', ''] }, 'gave no value'],
    ['variable', 'a/${NOT_SET}', 'the environment variable NOT_SET is not set'],
  ])('of a %s that cannot be had is reported with its position, and never shown: %p', async (_, root, said) => {
    await put('empty', '\n')
    await put('huge', 'hush'.repeat(20_000))
    await put('anydrive.json', `{ "drives": {\n  "here": { "type": "local",\n    "root": ${JSON.stringify(root)} } } }`)
    const { code, out, err } = await list({ env: { ANYDRIVE_COMMAND_TIMEOUT: '1500' } })
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(said)
    expect(err).toContain('anydrive.json:3:5: drive here')
    expect(err).not.toContain('hush')
  })
})

describe('an error in the file', () => {
  test.each([
    ['{ "drives": {\n  "x": { "type": "local" "root": "hush" } } }', ':2:26 is not JSON: "," or "}" is expected'],
    ['{ "drives": {\n  "x": { "secret": "hush', ':2:20 is not JSON: a string is malformed'],
    ['{ "drives": { "x": { "type": "memory", } } }', ':1:40 is not JSON: a key in double quotes is expected'],
    ['{ "drives": {}\n', ':2:1 is not JSON: the file ends too early'],
    ['{ "drives": {} } hush', ':1:18 is not JSON: the file has text after its end'],
    ['{ "drives": {\n "x": {},\n "x": {} } }', ':3:2 is not JSON: the key "x" occurs twice'],
    [`${'['.repeat(200)}`, 'nested deeper than 100 levels'],
    ['{ "drivs": {} }', ':1:3: drivs: unknown key; did you mean drives?'],
    ['{ "drives": [] }', ':1:3: it needs "drives"'],
    [
      '{ "drives": { "x": { "type": "memory",\n  "capcity": "hush" } } }',
      ':2:3: drive x: capcity: unknown key; did you mean capacity?',
    ],
    [
      '{ "drives": { "x": { "type": "koodrive", "baseUrl": "https://h",\n  "auth": { "kind": "token",\n    "accesToken": "hush" } } } }',
      ':3:5: drive x: auth.accesToken: unknown key; did you mean accessToken?',
    ],
    ['{ "drives": { "x": {\n "type": "tencent" } } }', ':2:2: drive x: no drive type "tencent"; known: tencent-smh'],
    [
      '{ "drives": { "x": { "type": "memory",\n "trash": 1,\n "limits": { "page": "hush" } } } }',
      ':3:14: drive x: limits.page: expected a positive whole number, got string; trash: expected boolean, got number (line 2, column 2)',
    ],
  ])('has a position: %j', async (text, said) => {
    await put('anydrive.json', text)
    for (const line of ['ls x:', 'ls x: --json', 'config check']) {
      const { code, out, err } = await here.do(line)
      expect(code).toBe(2)
      expect((out + err).replaceAll('\\"', '"')).toContain(said)
      expect(out + err).not.toContain('hush')
    }
  })
})

describe('config', () => {
  test('check reports every drive, and who else may read the file', async () => {
    await here.configure({
      m: { type: 'memory' },
      k: { type: 'koodrive', baseUrl: '${URL}' },
      d: { type: 'local', root: '/' },
    })
    await chmod(here.path('anydrive.json'), 0o644)
    const { code, out, err } = await here.do('config check')
    expect(code).toBe(2)
    expect(out).toMatch(/^m {2}ok\nk {2}.*URL is not set\nd {2}ok\n$/)
    expect(err).toContain('chmod 600')
    await here.configure({ m: { type: 'memory' } })
    await chmod(here.path('anydrive.json'), 0o600)
    expect(await here.do('config check --json')).toEqual({
      code: 0,
      out: `${JSON.stringify([{ name: 'm', state: 'ok' }], null, 2)}\n`,
      err: '',
    })
  })

  test('permits "$schema"', async () => {
    await put('anydrive.json', '{ "$schema": "./schema.json", "drives": { "m": { "type": "memory" } } }')
    expect(await here.do('ls m:')).toMatchObject({ code: 0, err: '' })
  })
})

/** Enough of JSON Schema for what `config schema` prints; an unknown keyword is an error. */
const accepts = (schema: Record<string, unknown>, value: unknown, top: Record<string, unknown>): boolean =>
  Object.entries(schema).every(([keyword, rule]) => {
    const object = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
    const list = rule as ReadonlyArray<Record<string, unknown>>
    const properties = (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>
    switch (keyword) {
      case '$schema':
      case 'title':
      case 'description':
      case 'definitions':
        return true
      case '$ref':
        return accepts(
          (top['definitions'] as typeof properties)[String(rule).split('/').at(-1) ?? ''] ?? {},
          value,
          top,
        )
      case 'anyOf':
        return list.some((one) => accepts(one, value, top))
      case 'enum':
        return (rule as ReadonlyArray<unknown>).includes(value)
      case 'const':
        return value === rule
      case 'type':
        if (rule === 'integer') return Number.isInteger(value)
        if (rule === 'array') return Array.isArray(value)
        return rule === 'object'
          ? typeof value === 'object' && value !== null && !Array.isArray(value)
          : typeof value === rule
      case 'pattern':
        return typeof value !== 'string' || new RegExp(String(rule)).test(value)
      case 'minimum':
        return typeof value !== 'number' || value >= Number(rule)
      case 'minLength':
        return typeof value !== 'string' || value.length >= Number(rule)
      case 'minItems':
        return !Array.isArray(value) || value.length >= Number(rule)
      case 'items':
        return !Array.isArray(value) || value.every((one) => accepts(rule as Record<string, unknown>, one, top))
      case 'required':
        return (rule as ReadonlyArray<string>).every((key) => object.some(([own]) => own === key))
      case 'properties':
        return object.every(([key, own]) => properties[key] === undefined || accepts(properties[key], own, top))
      case 'additionalProperties':
        return object.every(
          ([key, own]) =>
            key in properties ||
            (typeof rule === 'boolean' ? rule : accepts(rule as Record<string, unknown>, own, top)),
        )
      default:
        throw new Error(`unknown keyword ${keyword}`)
    }
  })

describe('the schema', () => {
  const smh = {
    type: 'tencent-smh',
    baseUrl: 'https://h',
    libraryId: 'l',
    auth: { kind: 'secret', librarySecret: 's' },
  }
  const koo = { type: 'koodrive', baseUrl: 'https://h', auth: { kind: 'token', accessToken: 't' } }
  const nas = { type: 'webdav', url: 'https://h/dav' }

  test.each<readonly [object, boolean]>([
    [smh, true],
    [{ ...smh, auth: { kind: 'secret', librarySecret: '' } }, false],
    [{ ...smh, auth: { kind: 'secret', librarySecret: 's', grant: ['a', 'b'], spaceIds: ['x'], period: 60 } }, true],
    [{ ...smh, auth: { kind: 'token', librarySecret: 's' } }, false],
    [{ ...smh, upload: { partSize: 2 ** 24, instant: false }, taskTimeout: 0 }, true],
    [{ ...smh, taskTimeout: 1.5 }, false],
    [{ ...smh, taskTimeout: -1 }, false],
    [{ ...smh, uploadScheme: 'ftp' }, false],
    [koo, true],
    [{ ...koo, space: { kind: 'team', groupId: 'g', teamType: 'group' } }, true],
    [{ ...koo, space: { kind: 'team', groupId: 'g', teamType: 'other' } }, false],
    [{ ...koo, nameLimit: 250, http: { attempts: 3 } }, true],
    [{ ...koo, nameLimit: 100 }, false],
    [{ ...koo, http: { attempts: 0 } }, false],
    [{ ...koo, http: { attemps: 3 } }, false],
    [nas, true],
    [{ ...nas, auth: { kind: 'basic', user: 'mary', password: 'p' }, server: { etags: false } }, true],
    [{ ...nas, auth: { kind: 'basic', user: 'mary' } }, false],
    [{ type: 'webdav' }, false],
    [{ type: 'local', root: '/' }, true],
    [{ type: 'local', root: 7 }, false],
    [{ type: 'memory', background: { looks: 2 }, checksums: ['md5'] }, true],
    [{ type: 'memory', checksums: ['crc32'] }, false],
    [{ type: 'memory', background: 2 }, false],
    [{ type: 'dropbox' }, false],
  ])('says of %j what the adapter says: %p', async (settings, isValid) => {
    const { code, out } = await here.do('config schema')
    expect(code).toBe(0)
    const schema = JSON.parse(out) as Record<string, unknown>
    await here.configure({ x: settings })
    expect(accepts(schema, { $schema: './s.json', drives: { x: settings } }, schema)).toBe(isValid)
    expect(await here.do('config check')).toMatchObject({ code: isValid ? 0 : 2 })
  })

  test('takes text from variables, files and commands, and knows every type', async () => {
    const schema = JSON.parse((await here.do('config schema')).out) as Record<string, unknown>
    const file = (drive: object) => ({ drives: { x: drive } })
    for (const accessToken of ['${TOKEN}', { file: 'token' }, { command: ['pass', 'koo'] }])
      expect(accepts(schema, file({ ...koo, auth: { kind: 'token', accessToken } }), schema)).toBe(true)
    for (const accessToken of [{ file: 7 }, { command: [] }, { command: 'pass' }, { other: 'x' }])
      expect(accepts(schema, file({ ...koo, auth: { kind: 'token', accessToken } }), schema)).toBe(false)
    for (const { type } of registry.adapters) expect(JSON.stringify(schema)).toContain(`{"const":"${type}"}`)
  })
})
