// Many at once, by several providers on one directory: every promise about taken names holds, and nothing half-written is seen.
import * as E from 'fp-ts/Either'
import { linkSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromBytes, type DriveError, type FileEntry } from '@anydrive/core'
import { isTemporary } from '@anydrive/core/adapter'
import { openLocal, type LocalDrive } from '../src'
import { withDir } from '../src/directories'
import { toFreeName } from '../src/place'
import { notFound } from '@anydrive/core/adapter'
import { at, entries, left, put, right, scratch, sourceOf, sweep, text, told } from './bench'

afterAll(sweep)

const several = (): { readonly inside: string; readonly drives: readonly [LocalDrive, LocalDrive] } => {
  const inside = join(scratch(), 'root')
  return { inside, drives: [openLocal({ root: inside, fsync: false }), openLocal({ root: inside, fsync: false })] }
}
const many = Array.from({ length: 24 }, (_, n) => n)
const tags = (answers: ReadonlyArray<E.Either<DriveError, unknown>>) =>
  answers.filter(E.isLeft).map((answer) => answer.left._tag)
const pick = ([a, b]: readonly [LocalDrive, LocalDrive], n: number) => (n % 2 === 0 ? a : b)

test('of many that write one name under ask exactly one wins, whole', async () => {
  const { drives, inside } = several()
  const answers = await Promise.all(
    many.map((n) => pick(drives, n).writeFile(at('p/q/f'), fromBytes(`${n}`.repeat(1000)))()),
  )
  const winners = many.filter((n) => answers[n]?._tag === 'Right')
  expect(winners).toHaveLength(1)
  expect(new Set(tags(answers))).toEqual(new Set(['NameConflict']))
  expect(readFileSync(join(inside, 'p/q/f'), 'utf8')).toBe(`${winners[0] ?? ''}`.repeat(1000))
  expect(readdirSync(join(inside, 'p/q'))).toEqual(['f'])
})

test('of many that create one directory under ask exactly one does', async () => {
  const { drives } = several()
  const answers = await Promise.all(many.map((n) => pick(drives, n).createDir(at('d'))()))
  expect(answers.filter(E.isRight)).toHaveLength(1)
  expect(new Set(tags(answers))).toEqual(new Set(['NameConflict']))
})

test.each(['file', 'directory'] as const)(
  'of many that move a %s to one name under ask exactly one does, and no source is lost',
  async (kind) => {
    const { drives, inside } = several()
    for (const n of many) {
      if (kind === 'directory') mkdirSync(join(inside, `s${n}`))
      else writeFileSync(join(inside, `s${n}`), `${n}`)
    }
    const answers = await Promise.all(
      many.map((n) => right(pick(drives, n).batchMove([{ from: at(`s${n}`), to: at('t') }]))),
    )
    const done = answers.flatMap(({ outcomes }) => outcomes).filter((o) => o.status === 'done')
    expect(done).toHaveLength(1)
    expect(readdirSync(inside)).toHaveLength(many.length)
  },
)

test('of many that copy a directory to one name under ask exactly one does, and nothing else stays', async () => {
  const { drives, inside } = several()
  await put(drives[0], 'a/b/f', '1')
  const answers = await Promise.all(many.map((n) => pick(drives, n).copyDir(at('a'), at('c'))()))
  expect(answers.filter(E.isRight)).toHaveLength(1)
  expect(readdirSync(inside).sort()).toEqual(['a', 'c'])
})

test('many that rename all find a name of their own', async () => {
  const { drives, inside } = several()
  const written = await Promise.all(
    many.map((n) => right(pick(drives, n).writeFile(at('f.txt'), fromBytes(`${n}`), { conflict: 'rename' }))),
  )
  expect(new Set(written.map(({ path }) => path)).size).toBe(many.length)
  for (const [n, { path }] of written.entries()) expect(readFileSync(join(inside, path), 'utf8')).toBe(`${n}`)
  const made = await Promise.all(many.map((n) => right(pick(drives, n).createDir(at('d.d'), { conflict: 'rename' }))))
  expect(new Set(made.map(({ path }) => path))).toEqual(new Set(['d.d', ...many.slice(1).map((n) => `d.d (${n})`)]))
})

test('who reads while others replace sees one whole content, never a part', async () => {
  const { drives } = several()
  const content = (n: number) => String(n % 10).repeat(200_000)
  await put(drives[0], 'f', content(0))
  const writes = Promise.all(
    many.map((n) => right(pick(drives, n).writeFile(at('f'), fromBytes(content(n)), { conflict: 'overwrite' }))),
  )
  for (let n = 0; n < 20; n++) {
    const { stream } = await right(drives[1].readFile(at('f')))
    const chunks: Array<Buffer> = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    const seen = Buffer.concat(chunks).toString()
    expect([seen.length, new Set(seen).size]).toEqual([200_000, 1])
  }
  await writes
})

test('of many that replace one version of a file exactly one does', async () => {
  const { drives } = several()
  const { version } = await put(drives[0], 'f', 'old')
  const options = { conflict: 'overwrite', ifVersion: version } as const
  const answers = await Promise.all(many.map((n) => drives[0].writeFile(at('f'), fromBytes(`${n}`), options)()))
  expect(answers.filter(E.isRight)).toHaveLength(1)
  expect(new Set(tags(answers))).toEqual(new Set(['PreconditionFailed']))
  const removed = await right(drives[1].batchRemove([{ path: at('f'), ifVersion: version }]))
  expect(told(removed)).toEqual(['PreconditionFailed f'])
})

test('while the bytes arrive the name is free, the listing empty, and what is there is a temporary', async () => {
  const { drives, inside } = several()
  const seen: Array<unknown> = []
  const source = sourceOf(4, async function* () {
    yield Buffer.from('ab')
    seen.push((await entries(drives[1])).length, readdirSync(inside).map(isTemporary))
    await left(drives[1].stat(at('f')), 'NotFound')
    yield Buffer.from('cd')
  } as () => AsyncIterable<Buffer>)
  await right(drives[0].writeFile(at('f'), source))
  expect(seen).toEqual([0, [true]])
  expect(readdirSync(inside)).toEqual(['f'])
})

test('a name taken while the bytes arrive is a conflict, and what was put there stays', async () => {
  const { drives, inside } = several()
  const source = (path: string, put: () => void) =>
    sourceOf(2, function* () {
      put()
      yield Buffer.from(path.slice(0, 2))
    })
  const file = join(inside, 'file')
  await left(
    drives[0].writeFile(
      at('file'),
      source('file', () => writeFileSync(file, 'theirs')),
    ),
    'NameConflict',
  )
  expect(readFileSync(file, 'utf8')).toBe('theirs')
  const dir = () => mkdirSync(join(inside, 'dir'))
  await left(drives[0].writeFile(at('dir'), source('dir', dir), { conflict: 'overwrite' }), 'NameConflict')
  const link = () => symlinkSync('x', join(inside, 'link'))
  await left(drives[0].writeFile(at('link'), source('link', link), { conflict: 'overwrite' }), 'NameConflict')
  expect(readdirSync(inside).sort()).toEqual(['dir', 'file', 'link'])
})

test('what a crash left behind is hidden, unless it is asked for', async () => {
  const { drives, inside } = several()
  writeFileSync(join(inside, '.anydrive-012345222451'), 'half')
  expect(await entries(drives[0])).toEqual([])
  expect((await right(drives[0].list(at(''), { temporaries: 'show' }))).items).toHaveLength(1)
  await put(drives[0], 'd/f', '')
  writeFileSync(join(inside, 'd', '.anydrive-012345222451'), 'half')
  await right(drives[0].copyDir(at('d'), at('e')))
  // A file of somebody else may have such a name: a copy is complete.
  expect(readdirSync(join(inside, 'e')).sort()).toEqual(['.anydrive-012345222451', 'f'])
})

test('a directory is not moved over an empty one that was there before', async () => {
  const { drives, inside } = several()
  mkdirSync(join(inside, 'a'))
  mkdirSync(join(inside, 'empty'))
  const { ino } = statSync(join(inside, 'empty'))
  const settled = await right(drives[0].batchMove([{ from: at('a'), to: at('empty') }], { conflict: 'overwrite' }))
  expect(told(settled)).toEqual(['NameConflict empty'])
  expect(statSync(join(inside, 'empty')).ino).toBe(ino)
})

test('two names of one file: moving one onto the other leaves one', async () => {
  const { drives, inside } = several()
  writeFileSync(join(inside, 'a'), '1')
  linkSync(join(inside, 'a'), join(inside, 'b'))
  expect(told(await right(drives[0].batchMove([{ from: at('a'), to: at('b') }])))).toEqual(['NameConflict b'])
  expect(told(await right(drives[0].batchMove([{ from: at('a'), to: at('b') }], { conflict: 'overwrite' })))).toEqual([
    'as-asked b',
  ])
  expect(readdirSync(inside)).toEqual(['b'])
  expect(await text(drives[0], 'b')).toBe('1')
})

test('a move that fails leaves both names as they were', async () => {
  const { inside } = several()
  writeFileSync(join(inside, 'taken'), '')
  await withDir(
    inside,
    at(''),
    () => notFound({ what: 'source' }),
    async (dir) => {
      await expect(toFreeName({ dir, name: 'gone' }, { dir, name: 'x' }, 'directory')).rejects.toMatchObject({
        code: 'ENOENT',
      })
      await expect(toFreeName({ dir, name: 'gone' }, { dir, name: 'x' }, 'file')).rejects.toMatchObject({
        code: 'ENOENT',
      })
      expect(await toFreeName({ dir, name: 'gone' }, { dir, name: 'taken' }, 'directory')).toBe('taken')
      return E.right(undefined)
    },
  )
  expect(readdirSync(inside)).toEqual(['taken'])
})

test('versions tell contents apart, and stay while nothing happens', async () => {
  const { drives } = several()
  const versions = new Set<string | undefined>()
  for (const content of ['1', '2', '3']) {
    const made: FileEntry = await right(drives[0].writeFile(at('f'), fromBytes(content), { conflict: 'overwrite' }))
    versions.add(made.version)
    expect(await right(drives[1].stat(at('f')))).toMatchObject({ version: made.version })
  }
  expect(versions.size).toBe(3)
})
