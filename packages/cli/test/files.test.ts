// The commands on files and directories, over both vendors' emulators.
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { once } from 'node:events'
import { chmod, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { desk, run, type Desk } from './command'

let emulators: { readonly smh: Emulator; readonly koo: Emulator }
let here: Desk

beforeAll(async () => {
  const smh = await startTencentSmh({
    strict: true,
    config: { libraries: [{ id: 'lib1', secret: 's3cret', spaces: [{ id: 'one' }, { id: 'two' }] }] },
  })
  emulators = {
    smh,
    koo: await startKooDrive({ strict: true, config: { behaviour: { jobLife: { kind: 'at-once' } } } }),
  }
})
afterAll(async () => {
  await emulators.smh.close()
  await emulators.koo.close()
})
let drives: Record<string, unknown>
beforeEach(async () => {
  here = await desk()
  drives = { ...emulators.smh.configuration, ...emulators.koo.configuration }
  await here.configure(drives)
})
afterEach(async () => {
  for (const name of ['smh', 'smh-two', 'koo']) await here.do(`rm ${name}:t -r -f --permanent`)
  await here.clear()
})

const ok = async (line: string, stdin?: string): Promise<string> => {
  const { code, out, err } = await here.do(line, stdin === undefined ? {} : { stdin })
  expect({ line, code, err: code === 0 ? '' : err }).toEqual({ line, code: 0, err: '' })
  return out
}

describe.each(['smh', 'koo'])('on %s', (d) => {
  test('a file goes in from standard input, is shown, read in part, copied, moved, renamed and removed', async () => {
    await ok(`put - ${d}:t/报告.txt`, 'hello world')
    expect(await ok(`ls ${d}:t`)).toBe('报告.txt\n')
    expect(await ok(`ls -l ${d}:t/报告.txt`)).toContain('11 B')
    expect(await ok(`stat ${d}:t/报告.txt`)).toMatch(/path +\/t\/报告\.txt\nkind +file\n/)
    expect(JSON.parse(await ok(`stat ${d}:t/报告.txt --json`))).toMatchObject({
      kind: 'file',
      size: 11,
      path: 't/报告.txt',
    })
    expect(await ok(`cat ${d}:t/报告.txt`)).toBe('hello world')
    expect(await ok(`cat ${d}:t/报告.txt --range 6:`)).toBe('world')
    expect(await ok(`cat ${d}:t/报告.txt --range 0-4`)).toBe('hello')
    expect(await ok(`cat ${d}:t/报告.txt --range 0:4`)).toBe('hell')
    await ok(`cp ${d}:t/报告.txt ${d}:t/copy.txt`)
    await ok(`mkdir ${d}:t/dir`)
    await ok(`mv ${d}:t/copy.txt ${d}:t/dir`)
    await ok(`mv ${d}:t/报告.txt ${d}:t/report.txt`)
    expect(await ok(`tree ${d}:t`)).toBe(
      `${d}:/t\n├── dir/\n│   └── copy.txt\n└── report.txt\n\n1 directory, 2 files\n`,
    )
    expect(
      (await ok(`tree ${d}:t --json`))
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { path: string }).path),
    ).toEqual(['t/dir', 't/dir/copy.txt', 't/report.txt'])
    await ok(`rm ${d}:t/report.txt ${d}:t/dir`)
    expect(await ok(`ls ${d}:t`)).toBe('')
  })

  test('directories are copied with -r: into one that stands, else to the name given', async () => {
    await ok(`put - ${d}:t/a/b/f.txt`, '1')
    expect(await here.do(`cp ${d}:t/a ${d}:t/c`)).toMatchObject({ code: 2 })
    await ok(`cp -r ${d}:t/a ${d}:t/c`)
    await ok(`cp -r ${d}:t/a ${d}:t/c`)
    await ok(`cp -r ${d}:t/a/b ${d}:t/a/b/f.txt ${d}:t/many/`)
    expect(await ok(`cat ${d}:t/c/b/f.txt`)).toBe('1')
    expect(await ok(`cat ${d}:t/c/a/b/f.txt`)).toBe('1')
    expect(await ok(`cat ${d}:t/many/b/f.txt`)).toBe('1')
    expect(await ok(`cat ${d}:t/many/f.txt`)).toBe('1')
  })

  test('a name that is taken fails with 5, unless another strategy says what to do', async () => {
    await ok(`put - ${d}:t/f.txt`, 'old')
    await ok(`put - ${d}:t/g.txt`, 'new')
    for (const line of [
      `put - ${d}:t/f.txt`,
      `cp ${d}:t/g.txt ${d}:t/f.txt`,
      `mv ${d}:t/g.txt ${d}:t/f.txt`,
      `mkdir ${d}:t`,
    ])
      expect(await here.do(line, { stdin: 'x' })).toMatchObject({ code: 5, out: '' })
    expect(await here.do(`cp ${d}:t/g.txt ${d}:t/f.txt --conflict skip`)).toMatchObject({ code: 0 })
    expect(await ok(`cat ${d}:t/f.txt`)).toBe('old')
    const renamed = await here.do(`cp ${d}:t/g.txt ${d}:t/f.txt --conflict rename --json`)
    const [row] = JSON.parse(renamed.out) as ReadonlyArray<{ to: string; renamed: boolean }>
    expect(row).toMatchObject({ status: 'done', renamed: true })
    expect(await run(['cat', row?.to ?? ''], { cwd: here.dir })).toMatchObject({ code: 0, out: 'new' })
    await ok(`mv ${d}:t/g.txt ${d}:t/f.txt --conflict overwrite`)
    expect(await ok(`cat ${d}:t/f.txt`)).toBe('new')
    const named = await here.do(`put - ${d}:t/f.txt --conflict rename`, { stdin: 'third' })
    expect(named).toMatchObject({ code: 0 })
    expect(named.err).toMatch(/^stored as /)
  })

  test('what is missing ends with 4, and with several the rest is done', async () => {
    await ok(`put - ${d}:t/f`, '1')
    for (const line of [
      `ls ${d}:t/no`,
      `stat ${d}:t/no`,
      `cat ${d}:t/no`,
      `cp ${d}:t/no ${d}:t/x`,
      `rm ${d}:t/no`,
      `get ${d}:t/no x`,
    ])
      expect(await here.do(line)).toMatchObject({ code: 4, out: '' })
    expect(await here.do(`rm ${d}:t/no ${d}:t/f`)).toMatchObject({ code: 1 })
    expect(await ok(`ls ${d}:t`)).toBe('')
    expect(await here.do(`rm ${d}:t/no -f`)).toMatchObject({ code: 0 })
    expect(await here.do(`mkdir ${d}:t/a/b/c`)).toMatchObject({ code: 4 })
    await ok(`mkdir -p ${d}:t/a/b/c`)
    await ok(`mkdir -p ${d}:t/a/b/c`)
  })

  test.each([
    ['a link to a file', 'put link', 'link', '(symlink)'],
    ['a link to nothing', 'mv ./nothing', 'nothing', '(symlink)'],
    ['a socket, with the files beside it', 'cp -r ./socket ./file', 'socket', '(socket)'],
  ])('%s is named as what it is', async (_what, command, name, shown) => {
    await writeFile(here.path('file'), 'content')
    await symlink('file', here.path('link'))
    await symlink('nowhere', here.path('nothing'))
    const server = createServer().listen(here.path('socket'))
    try {
      await once(server, 'listening')
      await ok(`mkdir -p ${d}:t`)
      const done = await here.do(`${command} ${d}:t`)
      expect(done.code).toBe(1)
      expect(done.err).toContain(`${here.path(name)} is neither a file nor a directory ${shown}`)
      expect((await here.do(`ls ${d}:t`)).out.trim()).toBe(command.includes('./file') ? 'file' : '')
      expect(await readdir(here.path('.'))).toEqual(expect.arrayContaining(['file', 'link', 'nothing', 'socket']))
    } finally {
      server.close()
    }
  })

  test('directories go in and come out whole, and a link is not followed', async () => {
    await mkdir(here.path('in/deep/empty'), { recursive: true })
    await writeFile(here.path('in/deep/ü.bin'), Buffer.alloc(100_000, 7))
    await writeFile(here.path('in/empty file'), '')
    await symlink('/etc/passwd', here.path('in/link'))
    const put = await here.do(`put in ${d}:t/out`)
    expect(put.code).toBe(1)
    expect(put.err).toMatch(/skipped .*\/in\/link \(symlink\)/)
    await ok(`get ${d}:t/out fetched`)
    expect(await readFile(here.path('fetched/deep/ü.bin'))).toEqual(Buffer.alloc(100_000, 7))
    expect((await readdir(here.path('fetched'), { recursive: true })).sort()).toEqual([
      'deep',
      'deep/empty',
      'deep/ü.bin',
      'empty file',
    ])
    await ok(`get ${d}:t/out/deep/ü.bin`)
    expect(await readFile(here.path('ü.bin'))).toHaveLength(100_000)
    expect((await here.do(`get ${d}:t/out/deep/ü.bin`)).code).toBe(5)
    expect(await ok(`get ${d}:t/out/deep/ü.bin -`)).toHaveLength(100_000)
    const check = await here.do(`check local:in ${d}:t/out --content`)
    expect(check).toMatchObject({ code: 1, out: 'missing    /link\n' })
  })
})

describe('between two drives', () => {
  test('cp and mv are proven, and mv removes what has arrived', async () => {
    await ok('put - smh:t/d/f.txt', 'content')
    await ok('cp -r smh:t/d koo:t/d')
    expect(await ok('cat koo:t/d/f.txt')).toBe('content')
    expect(await here.do('mv smh:t/d/f.txt koo:t/d/f.txt')).toMatchObject({ code: 5 })
    expect(await ok('cat smh:t/d/f.txt')).toBe('content')
    await ok('mv smh:t/d koo:t/moved')
    expect(await ok('cat koo:t/moved/f.txt')).toBe('content')
    expect(await here.do('stat smh:t/d')).toMatchObject({ code: 4 })
  })

  test('migrate sums up, check finds no difference, and then each that there is', async () => {
    await ok('put - smh:t/a/f.txt', 'one')
    await ok('put - smh:t/a/g.txt', 'two')
    await ok('mkdir smh:t/a/empty')
    const migrated = await here.do('migrate smh:t/a koo:t/b')
    expect(migrated).toMatchObject({ code: 0 })
    expect(migrated.out).toMatch(/^transferred: +2 files, 6 B, in /)
    const events = (await here.do('migrate smh:t/a smh-two:t/c --json')).out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(events.filter(({ event }) => event === 'settled').map(({ path, status }) => [path, status])).toEqual(
      expect.arrayContaining([
        ['/t/a/f.txt', 'carried'],
        ['/t/a/empty', 'made'],
      ]),
    )
    expect(events.at(-2)).toMatchObject({ event: 'progress', filesSettled: 2, bytesSettled: 6, walked: true })
    const summary = events.at(-1)
    expect(summary).toMatchObject({
      event: 'summary',
      files: 2,
      bytes: 6,
      failures: 0,
      arrivals: { 'checksum:crc64xz': 2 },
    })
    for (const other of ['koo:t/b', 'smh-two:t/c'])
      expect(await here.do(`check smh:t/a ${other}`)).toMatchObject({ code: 0, out: '' })
    await ok('rm koo:t/b/f.txt')
    await ok('put - koo:t/b/g.txt --conflict overwrite', 'two and more')
    await ok('put - koo:t/b/h.txt', 'three')
    expect(await here.do('check smh:t/a koo:t/b')).toMatchObject({
      code: 1,
      out: 'missing    /f.txt\ndifferent  /g.txt  (size: 3 B, 12 B)\nextra      /h.txt\n',
    })
    const lines = (await here.do('check smh:t/a koo:t/b --json')).out.trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { status: string }).status)).toEqual([
      'missing',
      'different',
      'extra',
    ])
  })

  test('migrate under ask goes on past names that are taken and ends with 1; skip and overwrite end with 0', async () => {
    await ok('put - smh:t/a/f.txt', 'one')
    await ok('put - smh:t/a/g.txt', 'two')
    await ok('put - koo:t/b/f.txt', 'old')
    const asked = await here.do('migrate smh:t/a koo:t/b')
    expect(asked).toMatchObject({ code: 1 })
    expect(asked.err).toContain('failed /t/a/f.txt: koodrive writeFile /t/b/f.txt')
    expect(await ok('cat koo:t/b/g.txt')).toBe('two')
    expect((await here.do('migrate smh:t/a koo:t/b --conflict skip')).code).toBe(0)
    expect(await ok('cat koo:t/b/f.txt')).toBe('old')
    expect((await here.do('migrate smh:t/a koo:t/b --conflict overwrite')).code).toBe(0)
    expect(await ok('cat koo:t/b/f.txt')).toBe('one')
  })

  test('migrate chooses by patterns', async () => {
    for (const name of ['a/x.jpg', 'a/y.txt', 'b/z.txt', 'cache/c.jpg']) await ok(`put - smh:t/${name}`, name)
    await ok('migrate smh:t koo:t --include *.jpg --exclude cache')
    expect(await ok('tree koo:t')).toContain('└── a/\n    └── x.jpg\n\n1 directory, 1 file\n')
    // "b" holds nothing that matches: it was not created, and is not missing.
    expect(await here.do('check smh:t koo:t --include *.jpg --exclude cache')).toMatchObject({ code: 0, out: '' })
  })

  test('migrate puts a file into a directory that stands', async () => {
    await ok('put - smh:t/f.txt', '1')
    await ok('mkdir -p koo:t/d')
    await ok('migrate smh:t/f.txt koo:t/d')
    expect(await ok('cat koo:t/d/f.txt')).toBe('1')
  })

  test('migrate into itself is refused', async () => {
    await ok('mkdir -p smh:t/d')
    const nested = await here.do('migrate smh:t smh:t/d')
    expect(nested).toMatchObject({ code: 1, out: '' })
    expect(nested.err).toContain('inside')
  })

  test('compare tells what would be lost', async () => {
    const { code, out } = await here.do('compare smh: koo:')
    expect(code).toBe(0)
    expect(out).toContain('checksums.given')
    expect(JSON.parse(await ok('compare smh: koo: --json'))).toEqual(
      expect.arrayContaining([expect.objectContaining({ feature: 'checksums.given' })]),
    )
  })
})

describe('services that refuse', () => {
  test('credentials end with 3', async () => {
    const smh = drives['smh'] as Record<string, unknown>
    const koo = drives['koo'] as Record<string, unknown>
    await here.configure({
      smh: { ...smh, auth: { kind: 'token', accessToken: 'wrong-token' } },
      koo: { ...koo, auth: { kind: 'token', accessToken: 'wrong-token' } },
    })
    for (const name of ['smh', 'koo']) {
      const refused = await here.do(`ls ${name}:`)
      expect(refused).toMatchObject({ code: 3, out: '' })
      expect(refused.err).not.toContain('wrong-token')
    }
    const check = await here.do('drives --check')
    expect(check.code).toBe(1)
    expect(check.out).not.toContain('wrong-token')
  })

  test('that cannot be reached end with 6', async () => {
    await here.configure({
      gone: { ...(drives['smh'] as object), baseUrl: 'http://127.0.0.1:9', http: { attempts: 1 } },
    })
    expect(await here.do('ls gone:')).toMatchObject({ code: 6, out: '' })
  })

  test('lose answers, and still everything arrives once', async () => {
    for (let i = 0; i < 10; i++) await ok(`put - smh:t/a/f${i}`, `content ${i}`)
    emulators.koo.faults.set('lost=0.05,5xx=0.05,cut=0.05')
    emulators.smh.faults.set('lost=0.05,5xx=0.05,get=0.1')
    try {
      expect(await here.do('migrate smh:t/a koo:t/b')).toMatchObject({ code: 0 })
    } finally {
      emulators.koo.faults.clear()
      emulators.smh.faults.clear()
    }
    expect(await here.do('check smh:t/a koo:t/b --content')).toMatchObject({ code: 0, out: '' })
  })
})

test('drives lists what is configured, without anything secret, and whether it answers', async () => {
  const listed = await here.do('drives')
  expect(listed.code).toBe(0)
  expect(listed.out).toMatch(/^smh +tencent-smh +http:\/\/127\.0\.0\.1:\d+ lib1 one$/m)
  expect(listed.out).not.toContain('s3cret')
  expect(await here.do('drives --check')).toMatchObject({ code: 0 })
  expect(JSON.parse((await here.do('drives --check --json')).out)).toEqual(
    expect.arrayContaining([expect.objectContaining({ name: 'koo', type: 'koodrive', state: 'ok' })]),
  )
})

test('--json tells errors as JSON on stderr', async () => {
  const { out, err } = await here.do('stat smh:t/no --json')
  expect(out).toBe('')
  expect(JSON.parse(err)).toMatchObject({ error: { _tag: 'NotFound', exit: 4, path: 't/no', vendor: 'tencent-smh' } })
})

test('--verbose tells what the drives do, and nothing secret', async () => {
  await ok('put - smh:t/f', '1')
  const { err } = await here.do('cat smh:t/f --verbose')
  expect(err).not.toContain('s3cret')
  expect(err).not.toMatch(/access_token=[^…[&]/)
})

test('a directory that could not be recovered is removed only if that is said', async () => {
  await mkdir(here.path('d'))
  await writeFile(here.path('d/f'), '1')
  expect(await here.do('rm local:d')).toMatchObject({ code: 2 })
  await ok('rm -r local:d')
  expect(await here.do('stat local:d')).toMatchObject({ code: 4 })
})

test('a file of this machine that cannot be read fails alone', async () => {
  if (process.getuid?.() === 0) return
  await mkdir(here.path('in'))
  await writeFile(here.path('in/f'), '1')
  await writeFile(here.path('in/g'), '2')
  await chmod(here.path('in/f'), 0)
  expect((await here.do('put in smh:t/in')).code).toBe(1)
  expect(await ok('ls smh:t/in')).toBe('g\n')
})
