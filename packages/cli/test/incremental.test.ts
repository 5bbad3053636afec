// Migrations that send only what has changed: --conflict different and --conflict newer, with every --compare.
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { desk, type Desk } from './command'

let here: Desk
beforeEach(async () => {
  here = await desk()
})
afterEach(() => here.clear())

const old = '2020-01-01T00:00:00.250Z'
const later = '2021-01-01T00:00:00.250Z'
const put = async (path: string, text: string, when = old): Promise<void> => {
  await mkdir(join(here.dir, path, '..'), { recursive: true })
  await writeFile(here.path(path), text)
  await utimes(here.path(path), new Date(when), new Date(when))
}
const text = (path: string): Promise<string> => readFile(here.path(path), 'utf8')
const summary = async (line: string) => {
  const { code, out } = await here.do(`${line} --json`)
  const last: unknown = JSON.parse(out.trim().split('\n').at(-1) ?? '')
  return { code, ...(last as { readonly files: number; readonly skipped: number }) }
}

describe('between two directories', () => {
  beforeEach(async () => {
    await put('a/equal', 'equal')
    await put('b/equal', 'equal')
    await put('a/edited', 'after!', later)
    await put('b/edited', 'before')
    await put('a/older', 'older!')
    await put('b/older', 'newer!', later)
    await put('a/touched', 'touched', later)
    await put('b/touched', 'touched')
    await put('a/longer', 'longer and older')
    await put('b/longer', 'longer', later)
    await put('a/d/new', 'new')
  })

  test('different replaces every file that is not equal, and keeps the others', async () => {
    expect(await summary('migrate ./a ./b --conflict different')).toMatchObject({
      ...{ code: 0, files: 5, skipped: 1, identical: 0, same: { time: 1 } },
    })
    for (const name of ['edited', 'older', 'longer']) expect(await text(`b/${name}`)).toBe(await text(`a/${name}`))
    expect(await summary('migrate ./a ./b --conflict different')).toMatchObject({ files: 0, skipped: 6 })
  })

  test('newer replaces only what was modified later at the source', async () => {
    expect(await summary('migrate ./a ./b --conflict newer')).toMatchObject({
      ...{ code: 0, files: 3, skipped: 3, same: { time: 1 }, kept: { 'not-newer': 2 } },
    })
    expect([await text('b/edited'), await text('b/older'), await text('b/longer')]).toEqual([
      'after!',
      'newer!',
      'longer',
    ])
    const again = await here.do('migrate ./a ./b --conflict newer')
    expect(again.code).toBe(0)
    expect(again.out).toContain('by size and time')
    expect(again.out).toContain('2 not modified later at the source')
    expect(await summary('migrate ./a ./b --conflict newer')).toMatchObject({ files: 0, skipped: 6 })
  })

  test.each([
    ['different --compare size', 2, ['before', 'newer!']],
    ['different --compare time', 5, ['after!', 'older!']],
    ['different --compare checksum', 4, ['after!', 'older!']],
    ['different --compare content', 4, ['after!', 'older!']],
    ['newer --compare size', 1, ['before', 'newer!']],
    ['newer --compare content', 2, ['after!', 'newer!']],
    ['newer --compare checksum', 2, ['after!', 'newer!']],
  ])('--conflict %s', async (how, files, [edited, older]) => {
    expect(await summary(`migrate ./a ./b --conflict ${how}`)).toMatchObject({ code: 0, files })
    expect([await text('b/edited'), await text('b/older')]).toEqual([edited, older])
  })

  test.each(['newer', 'different'])('a plan, applied, does what --conflict %s does', async (strategy) => {
    const shown = await here.do(`migrate ./a ./b --conflict ${strategy} --dry-run`)
    expect(shown.code).toBe(0)
    expect(await text('b/edited')).toBe('before')
    expect(await here.do(`migrate ./a ./b --conflict ${strategy} --plan p.jsonl`)).toMatchObject({ code: 0 })
    expect(await summary('migrate --apply p.jsonl')).toMatchObject(
      strategy === 'newer'
        ? { files: 3, skipped: 3, same: { time: 1 }, kept: { 'not-newer': 2 } }
        : { files: 5, skipped: 1, same: { time: 1 } },
    )
  })

  test('a journal is resumed only with the same comparison, and sends nothing twice', async () => {
    const line = 'migrate ./a ./b --conflict different --compare content --journal j.db'
    expect(await here.do(`${line} --max-bytes 10`)).toMatchObject({ code: 1 })
    expect(await here.do(`${line.replace('content', 'size')} --resume`)).toMatchObject({ code: 2 })
    expect(await here.do(`${line} --resume`)).toMatchObject({ code: 0 })
    expect(await text('b/edited')).toBe('after!')
    expect((await stat(here.path('b/touched'))).mtime).toEqual(new Date(old))
    const before = await stat(here.path('b/edited'))
    expect(await here.do(`${line} --resume`)).toMatchObject({ code: 0 })
    expect((await stat(here.path('b/edited'))).ino).toBe(before.ino)
  })

  test('--move removes the files that were sent, and of those that were skipped the ones that are proven to be equal', async () => {
    const line = 'migrate ./a ./b --conflict different --move --verify full'
    expect(await here.do(line)).toMatchObject({ code: 0 })
    expect(await text('a/equal')).toBe('equal')
    await expect(text('a/edited')).rejects.toThrow('ENOENT')
    expect(await here.do(`${line} --compare content`)).toMatchObject({ code: 0 })
    await expect(text('a/equal')).rejects.toThrow('ENOENT')
    expect(await text('b/equal')).toBe('equal')
  })

  test('a directory in the place of a file stays a conflict', async () => {
    await put('c/x', 'file')
    await put('e/x/y', 'below')
    for (const strategy of ['newer', 'different']) {
      expect((await here.do(`migrate ./c ./e --conflict ${strategy}`)).err).toContain(
        'the name is taken by a directory',
      )
      expect((await here.do(`migrate ./e ./c --conflict ${strategy}`)).code).not.toBe(0)
    }
    expect(await text('c/x')).toBe('file')
  })

  test('times that differ by less than the precision of a drive are equal', async () => {
    await here.configure({ seconds: { type: 'local', root: here.dir, timePrecision: 1000 } })
    await put('s/x', 'abc', '2020-01-01T00:00:00.750Z')
    await put('t/x', 'abc', '2020-01-01T00:00:00.000Z')
    await put('s/y', 'abc', '2020-01-01T00:00:00.750Z')
    await put('t/y', 'xyz', '2019-12-31T23:59:59.750Z')
    for (const strategy of ['different', 'newer'])
      expect(
        JSON.parse((await here.do(`migrate ./s seconds:t --conflict ${strategy} --dry-run --json`)).out),
      ).toMatchObject({
        todo: { skip: 1, overwrite: 1 },
      })
  })

  test.each([
    ['--compare size', '--compare needs a strategy that compares'],
    ['--compare size --conflict overwrite', '--compare needs a strategy that compares'],
    ['--compare colour --conflict newer', 'Allowed choices are size, time, checksum, content'],
    ['--conflict newest', 'Allowed choices are'],
  ])('%s is refused', async (flags, said) => {
    const ran = await here.do(`migrate ./a ./b ${flags}`)
    expect(ran.code).toBe(2)
    expect(ran.err).toContain(said)
  })
})

/** Requests that begin an upload or send bytes, at either service. */
const uploadRequests = ({ requests }: Emulator): number =>
  ['beginSimpleUpload', 'cosPut', 'createFile', 'putPart'].reduce((sum, endpoint) => sum + requests.count(endpoint), 0)

describe.each([
  ['smh', startTencentSmh],
  ['koo', startKooDrive],
] as const)('to %s', (drive, start) => {
  let service: Emulator
  beforeEach(async () => {
    service = await start({ seed: 3 })
    await here.configure(Object.fromEntries(Object.values(service.configuration).map((it) => [drive, it])))
    for (let i = 0; i < 5; i++) await put(`a/d/${i}`, `file ${i}`)
  })
  afterEach(() => service.close())

  test.each(['different', 'newer'])('a second migrate of equal trees with --conflict %s sends nothing', async (how) => {
    expect(await summary(`migrate ./a ${drive}:b --conflict ${how}`)).toMatchObject({ code: 0, files: 5 })
    const before = uploadRequests(service)
    expect(before).not.toEqual(0)
    expect(await summary(`migrate ./a ${drive}:b --conflict ${how}`)).toMatchObject({ code: 0, files: 0, skipped: 5 })
    expect(uploadRequests(service)).toBe(before)
    await put('a/d/3', 'file 3, edited', '2120-01-01T00:00:00.000Z')
    expect(await summary(`migrate ./a ${drive}:b --conflict ${how}`)).toMatchObject({ code: 0, files: 1, skipped: 4 })
    expect((await here.do(`cat ${drive}:b/d/3`)).out).toBe('file 3, edited')
    expect(await summary(`migrate ./a ${drive}:b --conflict overwrite`)).toMatchObject({ code: 0, files: 5 })
  })

  test('and an edit of the same size is found', async () => {
    expect(await summary(`migrate ./a ${drive}:b`)).toMatchObject({ code: 0, files: 5 })
    await put('a/d/3', 'edit 3', '2120-01-01T00:00:00.000Z')
    expect(await summary(`migrate ./a ${drive}:b --conflict different --compare checksum`)).toMatchObject({ files: 1 })
    await put('a/d/3', 'more 3', '2121-01-01T00:00:00.000Z')
    expect(await summary(`migrate ./a ${drive}:b --conflict newer`)).toMatchObject({ files: 1 })
    expect((await here.do(`cat ${drive}:b/d/3`)).out).toBe('more 3')
  })
})

test('--compare time is refused for a drive that does not keep times', async () => {
  const koo = await startKooDrive({ seed: 3 })
  try {
    await here.configure(Object.fromEntries(Object.values(koo.configuration).map((it) => ['koo', it])))
    await put('a/x', 'x')
    const ran = await here.do('migrate ./a koo:b --conflict different --compare time')
    expect(ran.code).toBe(2)
    expect(ran.err).toContain('does not keep modification times')
  } finally {
    await koo.close()
  }
})
