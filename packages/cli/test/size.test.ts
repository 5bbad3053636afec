// size, about, --filter-from, and the log file.
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { startKooDrive, startTencentSmh } from '@anydrive/emulators'
import { dirname } from 'node:path'
import { desk, type Desk } from './command'

let here: Desk
beforeEach(async () => {
  here = await desk()
})
afterEach(() => here.clear())

const fill = async (files: Readonly<Record<string, number>>): Promise<void> => {
  for (const [name, size] of Object.entries(files)) {
    await mkdir(dirname(here.path(`d/${name}`)), { recursive: true })
    await writeFile(here.path(`d/${name}`), Buffer.alloc(size))
  }
}
const sizeOf = async (line: string) => {
  const { code, out, err } = await here.do(`size --json ${line}`)
  return {
    code,
    err,
    ...(JSON.parse(out) as { readonly files: number; readonly directories: number; readonly bytes: number }),
  }
}

describe('size', () => {
  beforeEach(() => fill({ 'a.txt': 10, 'b.jpg': 2000, 'sub/c.txt': 300, 'sub/deep/d.jpg': 5, 'empty/x/y.txt': 0 }))

  test('counts everything below a directory, or one file', async () => {
    expect(await sizeOf('./d')).toMatchObject({ code: 0, err: '', files: 5, directories: 4, bytes: 2315 })
    expect(await sizeOf('./d/b.jpg')).toMatchObject({ code: 0, files: 1, directories: 0, bytes: 2000 })
    const { out } = await here.do('size ./d')
    expect(out).toBe('files        5\ndirectories  4\nbytes        2315 (2.3 KiB)\n')
  })

  test.each([
    ['--include *.txt', { files: 3, directories: 0, bytes: 310 }],
    ['--exclude sub', { files: 3, directories: 2, bytes: 2010 }],
    ['--min-size 300', { files: 2, bytes: 2300 }],
    ['--max-size 5 --exclude /empty/', { files: 1, bytes: 5 }],
  ])('obeys %p', async (flags, expected) => {
    expect(await sizeOf(`./d ${flags}`)).toMatchObject({ code: 0, ...expected })
  })

  test('does not read what is excluded, and counts a directory that cannot be read as a failure', async () => {
    const smh = await startTencentSmh()
    try {
      await writeFile(here.path('anydrive.json'), JSON.stringify({ drives: smh.configuration }))
      const [name = ''] = Object.keys(smh.configuration)
      for (const directory of ['a', 'b', 'b/c'])
        expect(await here.do(`mkdir ${name}:${directory}`)).toMatchObject({ code: 0 })
      smh.requests.clear()
      expect(await sizeOf(`${name}: --exclude b`)).toMatchObject({ code: 0, directories: 1 })
      const excluding = smh.requests.list().filter(({ path }) => /\/b(?:\/|\?|$)/.test(path))
      expect(excluding).toEqual([])
    } finally {
      await smh.close()
    }
  })

  test.each(['./missing', 'local:d/missing'])('of %p ends with 4', async (place) => {
    expect(await here.do(`size ${place}`)).toMatchObject({ code: 4, out: '' })
  })
})

describe('--filter-from', () => {
  beforeEach(() => fill({ 'a.txt': 1, 'b.jpg': 2, 'sub/c.txt': 4, 'sub/d.jpg': 8, 'private/e.txt': 16 }))

  test.each([
    ['+ *.txt\n- *\n', 21],
    ['- /private/\n+ *.txt\n- *', 5],
    ['# a comment\n\n; another\r\n- *.jpg', 21],
    ['- sub', 19],
    ['+ /sub/\n- *', 12],
    ['- *\n+ *.txt', 0],
  ])('%j takes what the first matching rule includes', async (rules, bytes) => {
    await writeFile(here.path('rules'), rules)
    expect(await sizeOf('./d --filter-from rules')).toMatchObject({ code: 0, bytes })
  })

  test('is obeyed by check and migrate, together with other filters', async () => {
    await writeFile(here.path('rules'), '+ *.txt\n- *\n')
    expect(await here.do('migrate ./d ./to --filter-from rules --exclude private')).toMatchObject({ code: 0 })
    expect(await sizeOf('./to')).toMatchObject({ files: 2, bytes: 5 })
    expect(await here.do('check ./d ./to --filter-from rules --exclude private')).toMatchObject({ code: 0 })
    expect(await here.do('check ./d ./to --filter-from rules')).toMatchObject({ code: 1 })
  })

  test('keeps a sync from removing what it excludes', async () => {
    await mkdir(here.path('to/sub'), { recursive: true })
    for (const name of ['old.txt', 'old.jpg', 'sub/old.jpg']) await writeFile(here.path(`to/${name}`), 'x')
    await writeFile(here.path('rules'), '+ *.txt\n- *\n')
    expect(await here.do('sync ./d ./to --filter-from rules')).toMatchObject({ code: 0 })
    expect((await here.do('ls ./to')).out).toBe('a.txt\nold.jpg\nprivate/\nsub/\n')
    expect((await here.do('ls ./to/sub')).out).toBe('c.txt\nold.jpg\n')
  })

  test('belongs to a migration: a journal and a plan refuse another', async () => {
    await writeFile(here.path('rules'), '- *.jpg')
    expect(await here.do('migrate ./d ./to --filter-from rules --journal j')).toMatchObject({ code: 0 })
    expect(await here.do('migrate ./d ./to --filter-from rules --journal j --resume')).toMatchObject({ code: 0 })
    expect(await here.do('migrate ./d ./to --journal j --resume')).toMatchObject({ code: 2 })
    expect(await here.do('migrate ./d ./other --filter-from rules --plan p')).toMatchObject({ code: 0 })
    const applied = await here.do('migrate --apply p --filter-from rules')
    expect(applied.code).toBe(2)
    expect(applied.err).toContain('--filter-from')
  })

  test.each([
    ['*.txt', 'line 1 of rules is no rule'],
    ['+ *.txt\n-*.jpg', 'line 2 of rules is no rule'],
    ['+ !a', 'begins with "!"'],
    ['- [a', 'is never closed'],
    ['+ ', 'line 1 of rules is no rule'],
  ])('refuses %j', async (rules, said) => {
    await writeFile(here.path('rules'), rules)
    const { code, err } = await here.do('size ./d --filter-from rules')
    expect(code).toBe(2)
    expect(err).toContain(said)
  })

  test('reports a file that cannot be read, and a rule that matched nothing', async () => {
    expect((await here.do('size ./d --filter-from nothing')).err).toContain(
      '--filter-from: nothing cannot be read (ENOENT)',
    )
    await writeFile(here.path('rules'), '- *.png')
    expect((await here.do('size ./d --filter-from rules')).err).toContain('--filter-from "*.png" matched nothing')
  })
})

describe('about', () => {
  test('shows the space of a drive, and what it can do', async () => {
    await here.configure({ m: { type: 'memory', capacity: 5000, trash: true } })
    for (const place of ['m:', 'm']) {
      const { code, out } = await here.do(`about ${place}`)
      expect(code).toBe(0)
      expect(out).toMatch(/^type +memory\nused +0 \(0 B\)\nfree +5000 \(4\.9 KiB\)\ncapacity +5000/)
      expect(out).toMatch(/^bin +yes$/m)
    }
  })

  test('of a service shows what the service reports', async () => {
    const koo = await startKooDrive()
    try {
      await writeFile(here.path('anydrive.json'), JSON.stringify({ drives: koo.configuration }))
      const [name = ''] = Object.keys(koo.configuration)
      const { code, out } = await here.do(`about --json ${name}:`)
      expect(code).toBe(0)
      const about = JSON.parse(out) as { readonly used: number; readonly free: number; readonly capacity: number }
      expect(about).toMatchObject({ type: 'koodrive', capabilities: { operations: { usage: true } } })
      expect(about.free).toBe(about.capacity - about.used)
    } finally {
      await koo.close()
    }
  })

  test('of a drive that does not exist ends with 2', async () => {
    expect(await here.do('about nothing')).toMatchObject({ code: 2, out: '' })
  })
})

describe('--stats', () => {
  const files = () => Promise.all(Array.from({ length: 20 }, (_, i) => writeFile(here.path(`d/f${i}`), 'x')))
  beforeEach(async () => {
    await mkdir(here.path('d'))
    await files()
    await here.configure({ slow: { type: 'memory', latency: 100 } })
  })

  test.each([
    ['put ./d slow:', /^\d+\/\d+\+? files · \d+ B\/\d+ B\+? · .*\/s/],
    ['migrate ./d slow:', /^\d+\/\d+\+? files · \d+ B\/\d+ B\+? · .*\/s/],
    ['size slow:', /^0 files, 0 B so far$/],
  ])('makes %p say how far it is, in lines without control characters', async (line, expected) => {
    const often = await here.do(`${line} --stats 20ms`)
    expect(often.code).toBe(0)
    expect(often.err.split('\n')).toContainEqual(expect.stringMatching(expected))
    // eslint-disable-next-line no-control-regex -- control characters are what must not occur
    expect(often.err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    const { err } = await here.do(`${line} --json --stats 20ms`)
    expect(err).not.toMatch(/so far|files ·/)
  })

  test('must be a duration', async () => {
    expect(await here.do('size slow: --stats often')).toMatchObject({ code: 2 })
  })
})

describe('--log-file', () => {
  const withDrive = async (work: (name: string) => Promise<void>): Promise<void> => {
    const smh = await startTencentSmh({ config: { libraries: [{ id: 'lib', secret: 'hush-hush' }] } })
    try {
      await here.configure(smh.configuration)
      await work(Object.keys(smh.configuration)[0] ?? '')
    } finally {
      await smh.close()
    }
  }
  const log = async (): Promise<ReadonlyArray<string>> =>
    (await readFile(here.path('log'), 'utf8')).trimEnd().split('\n')

  test('gets a line of JSON for each event, with mode 0600, and is appended to', async () => {
    await withDrive(async (name) => {
      expect(await here.do(`ls ${name}: --log-file log`)).toMatchObject({ code: 0, err: '' })
      const first = (await log()).map((line) => JSON.parse(line) as Record<string, unknown>)
      expect(first).toContainEqual(expect.objectContaining({ msg: 'request', status: 200 }))
      expect(first.at(-1)).toMatchObject({ msg: 'end', exit: 0 })
      expect((await stat(here.path('log'))).mode & 0o777).toBe(0o600)
      expect(await here.do(`ls ${name}:missing --log-file log`)).toMatchObject({ code: 4 })
      const lines = await log()
      expect(lines.slice(0, first.length).map((line) => JSON.parse(line) as object)).toEqual(first)
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
        msg: 'end',
        exit: 4,
        problem: expect.stringContaining('missing') as string,
      })
      expect(lines.join()).not.toContain('hush')
    })
  })

  test('is plain text with --log-format text, a line for each event', async () => {
    await withDrive(async (name) => {
      await writeFile(here.path('f'), '1')
      expect(await here.do(`put f ${name}: --log-file log --log-format text`)).toMatchObject({ code: 0 })
      for (const line of await log())
        expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z [a-z-]+( \w+=("[^"]*"|[\w.]+))*$/i)
      expect((await log()).at(-1)).toMatch(/ end exit=0$/)
      const verbose = await here.do(`--log-format text --verbose ls ${name}:`)
      expect(verbose.err).toMatch(/^\S+Z request endpoint="/m)
      expect(verbose.err + (await log()).join()).not.toContain('hush')
    })
  })

  test.each(['no/such/directory/log', '.'])(
    'that cannot be written (%p) is refused before anything is done',
    async (file) => {
      const { code, err } = await here.do(`mkdir local:new --log-file ${file}`)
      expect(code).toBe(2)
      expect(err).toContain(`--log-file: ${file} cannot be written (E`)
      expect(await here.do('stat local:new')).toMatchObject({ code: 4 })
    },
  )
})
