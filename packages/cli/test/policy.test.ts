// What a migration is allowed on the command line: which entries, how fast, how long, and how it is stopped.
import { startTencentSmh, type Emulator } from '@anydrive/emulators'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { desk, type Desk } from './command'
import { durationOf, momentOf, sizeOf } from '../src/units'

let here: Desk
beforeEach(async () => {
  here = await desk()
})
afterEach(() => here.clear())

const fill = async (files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(here.dir, path, '..'), { recursive: true })
    await writeFile(join(here.dir, path), text)
  }
}
const below = async (dir: string): Promise<ReadonlyArray<string>> =>
  (await readdir(join(here.dir, dir), { recursive: true })).sort()

describe('sizes, times and moments', () => {
  test.each([
    ['0', 0],
    ['1500', 1500],
    ['100B', 100],
    ['10k', 10_240],
    ['1.5M', 1_572_864],
    ['2GiB', 2 ** 31],
    ['1TB', 2 ** 40],
  ])('%s is a size', (text, bytes) => {
    expect(sizeOf(text)).toBe(bytes)
  })
  test.each(['', '-1', '10X', 'M', '1e3', '1.5.2M', '99999999P'])('%j is none', (text) => {
    expect(() => sizeOf(text)).toThrow('It must be a size')
  })
  test.each([
    ['90', 90_000],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['250ms', 250],
  ])('%s is a length of time', (text, ms) => {
    expect(durationOf(text)).toBe(ms)
  })
  test.each(['', '0', '1x', 'h', '-5s'])('%j is none', (text) => {
    expect(() => durationOf(text)).toThrow('It must be a duration')
  })
  test('moments are dates, or ages', () => {
    const moment = momentOf(() => Date.parse('2026-03-10T00:00:00Z'))
    expect(moment('2026-01-31').toISOString()).toBe('2026-01-31T00:00:00.000Z')
    expect(moment('7d').toISOString()).toBe('2026-03-03T00:00:00.000Z')
    expect(() => moment('yesterday')).toThrow('It must be a date')
    expect(() => moment('2026-13-45')).toThrow('It must be a date')
  })
})

describe('which entries are meant', () => {
  beforeEach(() =>
    fill({ 'a/small.txt': 'x', 'a/large.txt': 'x'.repeat(5000), 'a/d/old.txt': 'old', 'a/e/deep/new.txt': 'new' }),
  )

  test('by size', async () => {
    expect(await here.do('migrate ./a ./b --max-size 1K --min-size 2')).toMatchObject({ code: 0 })
    expect(await below('b')).toEqual(['d', 'd/old.txt', 'e', 'e/deep', 'e/deep/new.txt'])
  })

  test('by age', async () => {
    await utimes(join(here.dir, 'a/d/old.txt'), new Date('2001-01-01'), new Date('2001-01-01'))
    expect(await here.do('migrate ./a ./b --newer-than 2020-01-01')).toMatchObject({ code: 0 })
    expect(await below('b')).toEqual(['e', 'e/deep', 'e/deep/new.txt', 'large.txt', 'small.txt'])
    expect(await here.do('migrate ./a ./c --max-age 1h')).toMatchObject({ code: 0 })
    expect(await below('c')).toEqual(await below('b'))
  })

  test('by list, and what is not there is told', async () => {
    await writeFile(join(here.dir, 'list'), '\n/small.txt\ne/deep\r\n')
    expect(await here.do('migrate ./a ./b --files-from list')).toMatchObject({ code: 0 })
    expect(await below('b')).toEqual(['e', 'e/deep', 'e/deep/new.txt', 'small.txt'])
    await writeFile(join(here.dir, 'list'), 'small.txt\nd/gone.txt\n')
    const partly = await here.do('migrate ./a ./c --files-from list')
    expect(partly).toMatchObject({ code: 1 })
    expect(partly.err).toContain('not found: d/gone.txt, listed in --files-from')
    expect(await below('c')).toEqual(['small.txt'])
    expect(await here.do('migrate ./a ./c --files-from nowhere')).toMatchObject({ code: 2 })
  })
})

describe('limits', () => {
  test('stop the run with what was allowed, and say so', async () => {
    await fill({ 'a/1': 'x'.repeat(600), 'a/2': 'x'.repeat(600), 'a/3': 'x'.repeat(600) })
    const stopped = await here.do('migrate ./a ./b --max-bytes 1500 --journal j.db')
    expect(stopped).toMatchObject({ code: 1 })
    expect(stopped.err).toContain('the next file would exceed the bytes allowed')
    expect(stopped.err).toContain('--journal j.db --resume')
    expect(await below('b')).toHaveLength(2)
    expect(await here.do('migrate ./a ./b --max-transfer 1500 --journal j.db --resume')).toMatchObject({ code: 0 })
    expect(await below('b')).toHaveLength(3)
  })

  test('--move leaves what failed and the root, and removes the directories that it emptied', async () => {
    await fill({ 'a/1': 'one', 'a/d/2': 'two', 'a/3': 'three', 'b/3': 'another' })
    expect(await here.do('migrate ./a ./b --move')).toMatchObject({ code: 1 })
    expect(await below('a')).toEqual(['3'])
    expect(await below('b')).toEqual(['1', '3', 'd', 'd/2'])
  })

  test('--move names a temporary that it keeps, once, and ends with 1', async () => {
    await fill({ 'a/d/1': 'one', 'a/d/.anydrive-012345222451': 'half' })
    const moved = await here.do('migrate ./a ./b --move --verify full')
    expect(moved).toMatchObject({ code: 1 })
    expect(`${moved.out}${moved.err}`.match(/\.anydrive-012345222451/g)).toHaveLength(1)
    expect(moved.out).toMatch(/skipped \S*\/a\/d\/\.anydrive-012345222451 \(temporary file/)
    expect(moved.out).not.toContain('failed')
    expect(await below('a')).toEqual(['d', 'd/.anydrive-012345222451'])
    expect(await below('b')).toEqual(['d', 'd/1'])
  })

  test.each([
    ['--bandwidth 0', 'more than 0'],
    ['--max-duration soon', 'a duration'],
    ['--requests-per-second fast', 'a positive number, or DRIVE=NUMBER'],
    ['--requests-per-second work=0', 'a positive number, or DRIVE=NUMBER'],
    ['--max-size big', 'a size such as'],
    ['--newer-than then', 'a date such as'],
    ['--max-errors 0', 'a whole number, 1 or more'],
  ])('%s is refused', async (flag, said) => {
    expect(await here.do(`migrate ./a ./b ${flag}`)).toMatchObject({
      code: 2,
      err: expect.stringContaining(said) as string,
    })
  })
})

describe('against a service', () => {
  let smh: Emulator
  beforeEach(async () => {
    smh = await startTencentSmh({ seed: 3 })
    await here.configure(smh.configuration)
    await fill(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`a/${i}`, `${i}`])))
  })
  afterEach(() => smh.close())

  test('requests are paced, of all drives or of one', async () => {
    const started = Date.now()
    expect(await here.do('mkdir smh:first')).toMatchObject({ code: 0 })
    expect(await here.do('migrate ./a smh:b --requests-per-second smh=100')).toMatchObject({ code: 0 })
    // At least three requests for each file, of which one second's worth may go at once.
    expect(Date.now() - started).toBeGreaterThan(700)
  })

  test('what the service holds already is taken over without its bytes, and told', async () => {
    await writeFile(join(here.dir, 'large'), 'x'.repeat(3 * 2 ** 20))
    expect(await here.do('migrate ./large smh:one')).toMatchObject({ code: 0 })
    const again = await here.do('migrate ./large smh:two')
    expect(again.out).toContain('1 file, 3.0 MiB: the target had the bytes already')
    expect(await here.do('check ./large smh:two --content')).toMatchObject({ code: 0 })
  })

  test('an interrupt finishes what is under way and says how to go on; a second one stops at once', async () => {
    const bin = join(__dirname, '..', 'bin', 'anydrive.js')
    const interrupted = (line: string, times: number) =>
      new Promise<{ readonly code: number | null; readonly err: string }>((resolve) => {
        const child = spawn(process.execPath, [bin, ...line.split(' ')], { cwd: here.dir })
        let [out, err] = ['', '']
        let sent = 0
        const before = smh.requests.count()
        child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
        child.stderr.on('data', (chunk: Buffer) => {
          err += chunk.toString()
          if (sent < times && err.includes('finishing')) {
            sent += 1
            child.kill('SIGINT')
          }
        })
        const begun = setInterval(() => {
          if (smh.requests.count() > before + 30 && sent === 0) {
            sent = 1
            child.kill('SIGINT')
          }
        }, 5)
        child.once('close', (code) => {
          clearInterval(begun)
          resolve({ code, err: err + out })
        })
      })
    const once = await interrupted('migrate ./a smh:b --requests-per-second 40 --journal j.db', 1)
    expect(once.code).toBe(130)
    expect(once.err).toContain('--journal j.db --resume')
    expect(once.err).not.toContain('failed')
    expect(await here.do('migrate ./a smh:b --journal j.db --resume')).toMatchObject({ code: 0 })
    expect(await here.do('check ./a smh:b')).toMatchObject({ code: 0 })
    const twice = await interrupted('migrate ./a smh:c --requests-per-second 40 --journal k.db', 2)
    expect(twice.code).toBe(130)
    expect(await here.do('migrate ./a smh:c --journal k.db --resume')).toMatchObject({ code: 0 })
    expect(await here.do('check ./a smh:c')).toMatchObject({ code: 0 })
  })
})
