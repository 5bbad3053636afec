// Filters: patterns by gitignore's rules, lists of literal paths, and what is refused or warned of.
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as E from 'fp-ts/Either'
import { patternsOf } from '../src/patterns'
import { desk, run, type Desk, type Ran } from './command'

let here: Desk
beforeEach(async () => {
  here = await desk()
})
afterEach(() => here.clear())

const fill = async (...paths: ReadonlyArray<string>): Promise<void> => {
  for (const path of paths) {
    await mkdir(join(here.dir, 's', dirname(path)), { recursive: true })
    await writeFile(join(here.dir, 's', path), path)
  }
}
const migrate = (...options: ReadonlyArray<string>): Promise<Ran> =>
  run(['migrate', './s', './d', ...options], { cwd: here.dir })
const arrived = async (): Promise<ReadonlyArray<string>> => {
  const all = await readdir(join(here.dir, 'd'), { recursive: true, withFileTypes: true })
  return all
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(here.dir.length + 3))
    .sort()
}

/** Whether a walk that enters no excluded directory excludes the path; as `git check-ignore` answers. */
const excludes = (patterns: ReadonlyArray<string>, path: string, isDirectory = false): boolean => {
  const made = patternsOf('--exclude', patterns)
  if (E.isLeft(made)) throw new Error(made.left.message)
  const parts = path.split('/')
  return parts.some((_, i) => made.right.matches(parts.slice(0, i + 1).join('/'), isDirectory || i < parts.length - 1))
}

test.each<[patterns: ReadonlyArray<string>, excluded: ReadonlyArray<string>, kept: ReadonlyArray<string>]>([
  [['node_modules/'], ['node_modules/x', 'a/node_modules/y/z'], ['node_modules', 'node_modules.txt']],
  [['/build'], ['build', 'build/x'], ['a/build']],
  [['a/*.log'], ['a/x.log'], ['x.log', 'b/a/x.log', 'a/b/x.log']],
  [['**/cache'], ['cache', 'a/b/cache/x'], ['caches']],
  [['a/**/z'], ['a/z', 'a/b/c/z'], ['z', 'b/a/z']],
  [['logs/**'], ['logs/a', 'logs/a/b'], ['x/logs/a']],
  [
    ['*.txt', '!keep.txt'],
    ['a.txt', 'd/a.txt'],
    ['keep.txt', 'd/keep.txt'],
  ],
  [['!keep.txt', '*.txt'], ['keep.txt'], ['keep.md']],
  [['d/', '!d/keep'], ['d/keep', 'd/x'], ['keep']],
  [['d/*', '!d/keep'], ['d/x'], ['d/keep']],
  [['Photo (1).jpg'], ['Photo (1).jpg', 'x/Photo (1).jpg'], ['Photo 1.jpg', 'Photo (2).jpg']],
  [['IMG[0-9].png'], ['IMG7.png'], ['IMG[0-9].png', 'IMGx.png']],
  [['IMG\\[0-9\\].png'], ['IMG[0-9].png'], ['IMG7.png']],
  [['a[!x]c'], ['abc'], ['axc', 'a/c']],
  [['[[:digit:]]x'], ['5x'], ['ax']],
  [['[]]'], [']'], ['[', '[]']],
  [['{a,b}.txt'], ['{a,b}.txt'], ['a.txt', 'b.txt']],
  [['#recycle'], ['#recycle', 'x/#recycle'], ['recycle']],
  [['\\!x'], ['!x'], ['x']],
  [['trail '], ['trail '], ['trail', 'trail  ']],
  [['two  '], ['two  '], ['two', 'two ']],
  [['escaped\\ '], ['escaped '], ['escaped', 'escaped\\ ']],
  [['both\\  '], ['both  '], ['both', 'both ']],
  [['+(a|b)'], ['+(a|b)'], ['a', 'b']],
  [['a?c'], ['abc'], ['a/c', 'ac']],
  [['*'], ['...', '.hidden', 'a'], []],
  [['README'], ['README'], ['readme', 'ReadMe']],
  [['a\\b'], ['ab'], ['a\\b']],
])('%j excludes %j and keeps %j', (patterns, excluded, kept) => {
  for (const path of excluded) expect([path, excludes(patterns, path)]).toEqual([path, true])
  for (const path of kept) expect([path, excludes(patterns, path)]).toEqual([path, false])
})

test('a pattern is asked about more paths than the package remembers', () => {
  const made = patternsOf('--exclude', ['*.tmp', '!7*.tmp'])
  if (E.isLeft(made)) throw new Error(made.left.message)
  let excluded = 0
  for (let i = 0; i < 25_000; i += 1) if (made.right.matches(`d/${i}.tmp`, false)) excluded += 1
  expect(excluded).toBe(25_000 - 1 - 10 - 100 - 1000)
  expect(made.right.unmatched()).toEqual([])
})

test.each([
  ['', 'it is empty'],
  ['[', 'the "[" at character 1 is never closed'],
  ['ab[c', 'the "[" at character 3 is never closed'],
  ['[]', 'the "[" at character 1 is never closed'],
  ['[[:alpha:]', 'the "[" at character 1 is never closed'],
  ['{a,b', 'the "{" at character 1 is never closed'],
  ['x{a,{b}', 'the "{" at character 2 is never closed'],
  ['a\\', 'escapes nothing'],
  ['!', 'names nothing'],
  ['/', 'names nothing'],
  ['a//b', 'names nothing'],
  ['./build', 'no path has a segment "."'],
  ['a/../b', 'no path has a segment "."'],
])('%j is refused by name and position, before anything is done', async (pattern, why) => {
  await fill('a')
  for (const option of ['--exclude', '--include'])
    for (const command of ['migrate', 'check']) {
      await mkdir(join(here.dir, 'd'), { recursive: true })
      const refused = await run([command, './s', './d', option, 'fine', option, pattern], { cwd: here.dir })
      expect(refused.code).toBe(2)
      expect(refused.err).toContain(`${option} "${pattern}", pattern 2 of 2: `)
      expect(refused.err).toContain(why)
    }
  expect(await arrived()).toEqual([])
})

test('only negations as --include would take nothing, and are refused', async () => {
  await fill('a')
  expect(await migrate('--include', '!x')).toMatchObject({ code: 2 })
})

test('what matched nothing is warned of at the end, and braces at the start', async () => {
  await fill('a.txt', 'b/c.txt')
  const options = ['--exclude', 'a.txt', '--exclude', '*.{jpg,png}', '--exclude', '!b', '--include', '*.txt']
  const { code, err } = await migrate(...options, '--include', 'cc')
  expect(code).toBe(0)
  expect(err).toContain('warning: --exclude "*.{jpg,png}", pattern 2 of 3: braces are literal')
  expect(err).toContain('warning: --exclude "*.{jpg,png}" matched nothing')
  expect(err).toContain('warning: --include "cc" matched nothing')
  expect(err).not.toMatch(/"(a\.txt|!b|\*\.txt)" matched nothing/)
  expect(await arrived()).toEqual(['b/c.txt'])
})

test('--include takes what matches and what is below it; --exclude prevails, wherever it is given', async () => {
  await fill('docs/a.md', 'docs/deep/b.txt', 'docs/deep/secret.txt', 'other/c.txt', 'other/d.md', 'top.txt')
  const { code } = await migrate(
    '--exclude',
    'secret.txt',
    '--include',
    'docs/',
    '--include',
    '*.txt',
    '--include',
    '!top.txt',
  )
  expect(code).toBe(0)
  expect(await arrived()).toEqual(['docs/a.md', 'docs/deep/b.txt', 'other/c.txt'])
})

test('check applies the patterns below each of its two places, also where one is inside the other', async () => {
  await fill('x/a', 'x/tmp/b')
  await mkdir(join(here.dir, 's/x/copy'), { recursive: true })
  await writeFile(join(here.dir, 's/x/copy/a'), 'x/a')
  const checked = await run(['check', './s/x', './s/x/copy', '--exclude', '/tmp', '--exclude', '/copy'], {
    cwd: here.dir,
  })
  expect(checked).toMatchObject({ code: 0, out: '' })
})

describe('lists of paths', () => {
  const names = ['#recycle/z', ' lead', 'trail ', ';semi', 'a*b', 'quo"te', 'd/e/f']

  test.each([
    ['LF', '\n', '--files-from'],
    ['CRLF', '\r\n', '--files-from'],
    ['NUL', '\0', '--files-from0'],
  ])('every path is taken literally, with %s', async (_name, separator, option) => {
    await fill(...names, 'aXb', 'recycle', 'lead', 'trail')
    const listed = ['#recycle', ...names.slice(1)]
    await writeFile(join(here.dir, 'list'), `\ufeff${listed.join(separator)}${separator}`)
    expect(await migrate(option, 'list')).toMatchObject({ code: 0, err: '' })
    expect(await arrived()).toEqual([...names].sort())
  })

  test('with NUL bytes a name may hold line breaks, and both lists may be given', async () => {
    await fill('a\nb', 'c\r', 'd', 'e')
    await writeFile(join(here.dir, 'list0'), 'a\nb\0c\r\0')
    await writeFile(join(here.dir, 'list'), 'd\n\n\n')
    expect(await migrate('--files-from0', 'list0', '--files-from', 'list')).toMatchObject({ code: 0, err: '' })
    expect(await arrived()).toEqual(['a\nb', 'c\r', 'd'].sort())
  })

  test('a path that does not exist is named, with exit code 1; a list that is not text is refused', async () => {
    await fill('a')
    await writeFile(join(here.dir, 'list'), 'a\n# no comment\n')
    const partly = await migrate('--files-from', 'list')
    expect(partly).toMatchObject({ code: 1 })
    expect(partly.err).toContain('not found: # no comment, listed in --files-from')
    await writeFile(join(here.dir, 'list'), Buffer.from([0xff, 0xfe, 0x61, 0x00]))
    const refused = await migrate('--files-from', 'list')
    expect(refused).toMatchObject({ code: 2 })
    expect(refused.err).toContain('is not UTF-8')
  })
})

test('filters beside --apply are refused, since the plan says what is transferred', async () => {
  await fill('a', 'b')
  expect(await migrate('--plan', 'p.jsonl')).toMatchObject({ code: 0 })
  for (const filter of ['--exclude', '--include', '--files-from', '--files-from0']) {
    const refused = await run(['migrate', '--apply', 'p.jsonl', filter, 'b'], { cwd: here.dir })
    expect(refused).toMatchObject({ code: 2 })
    expect(refused.err).toContain(`${filter} cannot be combined with --apply`)
  }
})
